// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl ap: the module as an access point, and who is in it. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "eswifictl.h"

enum { KEY_CLIENTS = 256, KEY_STOP, KEY_MAX };

struct ap_arguments {
	int other;	/* KEY_CLIENTS or KEY_STOP instead of starting */
	const char *file;
	const char *ssid;
	struct eswifi_ap *ap;
};

static const struct argp_option options[] = {
	{ "security", 's', "NAME", 0, "open, wpa, wpa2 (default) or wpa-wpa2", 0 },
	{ "passphrase-file", 'f', "FILE", 0, "Read the passphrase from FILE (first line)", 0 },
	{ "channel", 'c', "N", 0, "1 to 13, 36 to 165; not given: the module's choice", 0 },
	{ "max-clients", KEY_MAX, "N", 0, "1 to 4 (default)", 0 },
	{ "clients", KEY_CLIENTS, NULL, 0, "Instead: show who is in it", 0 },
	{ "stop", KEY_STOP, NULL, 0, "Instead: be no access point any more", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct ap_arguments *args = state->input;
	struct eswifi_ap *ap = args->ap;
	long n;

	switch (key) {
	case 's':
		if (parse_security(arg, &ap->security) || ap->security == ESWIFI_SECURITY_WEP)
			argp_error(state, "'%s' is no security: open, wpa, wpa2 or wpa-wpa2", arg);
		return 0;
	case 'f':
		args->file = arg;
		return 0;
	case 'c':
		n = parse_number(arg, 1, 165);
		if (n < 0 || (n > 13 && n < 36))
			argp_error(state, "'%s' is no channel: 1 to 13, 36 to 165", arg);
		ap->channel = n;
		return 0;
	case KEY_MAX:
		n = parse_number(arg, 1, ESWIFI_AP_CLIENTS);
		if (n < 0)
			argp_error(state, "1 to %d clients", ESWIFI_AP_CLIENTS);
		ap->max_clients = n;
		return 0;
	case KEY_CLIENTS:
	case KEY_STOP:
		if (args->other && args->other != key)
			argp_error(state, "--clients or --stop");
		args->other = key;
		return 0;
	case ARGP_KEY_ARG:
		if (args->ssid)
			argp_error(state, "one SSID; quote it if it has blanks");
		if (!*arg || strlen(arg) >= ESWIFI_SSID_MAX)
			argp_error(state, "this SSID has 1 to %d bytes", ESWIFI_SSID_MAX - 1);
		args->ssid = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->ssid == !args->other)
			argp_error(state, "an SSID, or --clients, or --stop");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int start(struct device *device, const struct ap_arguments *args)
{
	struct eswifi_ap *ap = args->ap;
	struct json_object *object;
	struct progress progress;
	int code, failed, err;

	code = passphrase_get(args->file, args->ssid, ap->security, ESWIFI_AP_PASSPHRASE_MAX - 1,
			      ap->passphrase, &ap->passphrase_len);
	if (code)
		return code;
	ap->ssid_len = strlen(args->ssid);
	memcpy(ap->ssid, args->ssid, ap->ssid_len);
	progress_start(&progress, "starting the access point");
	failed = ioctl(device->fd, ESWIFI_IOC_AP_START, ap);
	err = errno;
	explicit_bzero(ap->passphrase, sizeof(ap->passphrase));
	progress_stop(&progress);
	errno = err;
	if (failed && errno == EINVAL)
		return complain(EXIT_USAGE,
				"the module can't be told this SSID or passphrase: %s",
				"no control characters");
	if (failed)
		return device_failed(device, "ap");
	if (!json_wanted()) {
		printf("access point %s, address %s\n", args->ssid, address_text(ap->ip));
		return EXIT_DONE;
	}
	object = json_object_new_object();
	json_name(object, ap->ssid, ap->ssid_len);
	json_address(object, "ip", ap->ip);
	return json_answer(object);
}

static int show_clients(struct device *device)
{
	struct eswifi_ap_info info = { .size = sizeof(info) };
	struct json_object *array = json_object_new_array(), *object;
	char mac[18];
	unsigned int i;

	if (ioctl(device->fd, ESWIFI_IOC_AP_INFO, &info)) {
		json_object_put(array);
		if (errno == ENETDOWN)
			return complain(EXIT_REFUSED, "the module is no access point");
		return device_failed(device, "ap");
	}
	for (i = 0; i < info.count && i < ESWIFI_AP_CLIENTS; i++) {
		const struct eswifi_ap_client *client = &info.client[i];
		const unsigned char *m = client->mac;

		sprintf(mac, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
		object = json_object_new_object();
		json_string(object, "mac", mac);
		json_address(object, "ip", client->ip);
		json_number(object, "rssi", client->rssi);
		json_object_array_add(array, object);
		if (!json_wanted())
			printf("%s  %-15s  %d dBm\n", mac, address_text(client->ip), client->rssi);
	}
	if (json_wanted())
		return json_answer(array);
	if (!info.count)
		printf("nobody is in it\n");
	json_object_put(array);
	return EXIT_DONE;
}

static int stop(struct device *device)
{
	struct json_object *object;

	if (ioctl(device->fd, ESWIFI_IOC_AP_STOP))
		return device_failed(device, "ap --stop");
	if (!json_wanted())
		return EXIT_DONE;
	object = json_object_new_object();
	json_string(object, "state", "down");
	return json_answer(object);
}

int cmd_ap(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "SSID\n--clients\n--stop",
		"Make the module an access point, which leaves the network that it is in.\n"
		"\vThe passphrase, of 8 to 31 characters, is asked for as in join.\n"
		"Needs CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	struct eswifi_ap ap = {
		.size = sizeof(ap),
		.security = ESWIFI_SECURITY_WPA2,
		.max_clients = ESWIFI_AP_CLIENTS,
	};
	struct ap_arguments args = { .ap = &ap };
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (code)
		return code;
	switch (args.other) {
	case KEY_CLIENTS:
		return show_clients(device);
	case KEY_STOP:
		return stop(device);
	}
	return start(device, &args);
}
