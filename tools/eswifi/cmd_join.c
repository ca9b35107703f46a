// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl join and leave: the network that the module is in. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "eswifictl.h"

struct join_arguments {
	const char *ssid;
	const char *file;
	unsigned int security;
	struct eswifi_join *join;
};

enum { KEY_STATIC = 256, KEY_GATEWAY, KEY_DNS };

static const struct argp_option join_options[] = {
	{ "security", 's', "NAME", 0, "open, wep, wpa, wpa2 (default) or wpa-wpa2", 0 },
	{ "passphrase-file", 'f', "FILE", 0, "Read the passphrase from FILE (first line)", 0 },
	{ "static", KEY_STATIC, "IP/MASK", 0,
	  "Use this address instead of asking by DHCP; MASK is dotted or a number of bits", 0 },
	{ "gateway", KEY_GATEWAY, "IP", 0, "With --static: the gateway", 0 },
	{ "dns", KEY_DNS, "IP", 0, "With --static: a name server; twice for two", 0 },
	{ 0 }
};

static void parse_dns(char *arg, struct argp_state *state, struct eswifi_join *join)
{
	int n = join->dns[0] ? 1 : 0;

	if (join->dns[1])
		argp_error(state, "two name servers at most");
	if (parse_address(arg, &join->dns[n]) || !join->dns[n])
		argp_error(state, "'%s' is no address of a name server", arg);
}

static error_t parse_join(int key, char *arg, struct argp_state *state)
{
	struct join_arguments *args = state->input;
	struct eswifi_join *join = args->join;

	switch (key) {
	case 's':
		if (parse_security(arg, &args->security))
			argp_error(state, "'%s' is no security: %s", arg, security_words);
		return 0;
	case 'f':
		args->file = arg;
		return 0;
	case KEY_STATIC:
		if (parse_network(arg, &join->ip, &join->mask) || !join->ip)
			argp_error(state, "'%s' is no address and mask: 192.168.1.20/24", arg);
		join->flags |= ESWIFI_JOIN_STATIC;
		return 0;
	case KEY_GATEWAY:
		if (parse_address(arg, &join->gateway) || !join->gateway)
			argp_error(state, "'%s' is no address of a gateway", arg);
		return 0;
	case KEY_DNS:
		parse_dns(arg, state, join);
		return 0;
	case ARGP_KEY_ARG:
		if (args->ssid)
			argp_error(state, "one SSID; quote it if it has blanks");
		if (!*arg || strlen(arg) > ESWIFI_SSID_MAX)
			argp_error(state, "an SSID has 1 to %d bytes", ESWIFI_SSID_MAX);
		args->ssid = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which network?");
		return 0;
	case ARGP_KEY_END:
		if (!(join->flags & ESWIFI_JOIN_STATIC) && (join->gateway || join->dns[0]))
			argp_error(state, "--gateway and --dns belong to --static");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static int report_joined(struct device *device, const char *ssid)
{
	struct eswifi_link_info info = { .size = sizeof(info) };
	struct json_object *object;

	if (ioctl(device->fd, ESWIFI_IOC_LINK_INFO, &info))
		return device_failed(device, "joined, but its state");
	if (!json_wanted()) {
		printf("joined %s, address %s, %d dBm\n", ssid, address_text(info.ip), info.rssi);
		return EXIT_DONE;
	}
	object = json_object_new_object();
	json_name(object, info.ssid, info.ssid_len);
	json_address(object, "ip", info.ip);
	json_address(object, "mask", info.mask);
	json_address(object, "gateway", info.gateway);
	json_number(object, "rssi", info.rssi);
	return json_answer(object);
}

int cmd_join(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		join_options, parse_join, "SSID",
		"Join a network; its DHCP server gives the address, unless --static does.\n"
		"\vThe passphrase is asked for on the terminal; if standard input is none,\n"
		"its first line is taken. It never stands on the command line, where\n"
		"others could see it. Needs CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	struct eswifi_join join = { .size = sizeof(join) };
	struct join_arguments args = { .security = ESWIFI_SECURITY_WPA2, .join = &join };
	struct progress progress;
	int code, failed, err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (code)
		return code;
	code = passphrase_get(args.file, args.ssid, args.security, ESWIFI_PASSPHRASE_MAX,
			      join.passphrase, &join.passphrase_len);
	if (code)
		return code;
	join.security = args.security;
	join.ssid_len = strlen(args.ssid);
	memcpy(join.ssid, args.ssid, join.ssid_len);
	progress_start(&progress, "joining");
	failed = ioctl(device->fd, ESWIFI_IOC_JOIN, &join);
	err = errno;
	explicit_bzero(&join, sizeof(join));
	progress_stop(&progress);
	errno = err;
	if (failed && errno == ECONNREFUSED)
		return complain(EXIT_REFUSED,
				"could not join '%s'. The module does not say why:\n"
				"out of reach, a wrong passphrase, or another --security.",
				args.ssid);
	if (failed && errno == EINVAL)
		return complain(EXIT_USAGE,
				"the module can't be told this SSID, passphrase or address:\n"
				"no control characters, a gateway in the network of its address");
	if (failed)
		return device_failed(device, "join");
	return report_joined(device, args.ssid);
}

int cmd_leave(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "",
		"Leave the network, and forget its passphrase. Needs CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	struct json_object *object;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	code = device_open(device);
	if (code)
		return code;
	if (ioctl(device->fd, ESWIFI_IOC_LEAVE))
		return device_failed(device, "leave");
	if (!json_wanted())
		return EXIT_DONE;
	object = json_object_new_object();
	json_string(object, "state", "down");
	return json_answer(object);
}
