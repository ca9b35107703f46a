// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl ping and resolve: whether a host is there, and where. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eswifictl.h"

struct host_arguments {
	const char *host;
	long count;
};

static const struct argp_option ping_options[] = {
	{ "count", 'c', "N", 0, "So many requests, a second apart (4)", 0 },
	{ 0 }
};

static error_t parse_host(int key, char *arg, struct argp_state *state)
{
	struct host_arguments *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (args->host)
			argp_error(state, "one HOST");
		if (!*arg || strlen(arg) > ESWIFI_HOST_MAX)
			argp_error(state, "a host name has 1 to %d characters", ESWIFI_HOST_MAX);
		args->host = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which HOST?");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_ping(int key, char *arg, struct argp_state *state)
{
	struct host_arguments *args = state->input;

	if (key != 'c')
		return parse_host(key, arg, state);
	args->count = parse_number(arg, 1, 1000000);
	if (args->count < 0)
		argp_error(state, "'%s' is no number of requests: 1 to 1000000", arg);
	return 0;
}

int cmd_resolve(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse_host, "HOST", "Ask the module's name server for an IPv4 address.",
		json_child, NULL, NULL
	};
	struct host_arguments args = { 0 };
	struct json_object *object;
	uint32_t ip;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (!code)
		code = device_resolve(device, args.host, &ip);
	if (code)
		return code;
	if (!json_wanted()) {
		printf("%s\n", address_text(ip));
		return EXIT_DONE;
	}
	object = json_object_new_object();
	json_text(object, "host", args.host, strlen(args.host));
	json_address(object, "ip", ip);
	return json_answer(object);
}

/* Milliseconds, -1 without a reply, -2 with errno if it could not be tried. */
static long ping_once(struct device *device, uint32_t ip)
{
	struct eswifi_ping ping = { .size = sizeof(ping), .ip = ip };

	if (!ioctl(device->fd, ESWIFI_IOC_PING, &ping))
		return ping.rtt_ms;
	return errno == ETIMEDOUT ? -1 : -2;
}

int cmd_ping(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		ping_options, parse_ping, "HOST", "Send echo requests to a host.\n"
		"\vThe exit code is 0 if there was a reply, and 1 if there was none.",
		json_child, NULL, NULL
	};
	struct host_arguments args = { .count = 4 };
	struct json_object *object, *replies;
	long i, ms, received = 0;
	uint32_t ip;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (!code)
		code = device_resolve(device, args.host, &ip);
	if (code)
		return code;
	replies = json_object_new_array();
	for (i = 0; i < args.count; i++) {
		if (i)
			sleep(1);
		ms = ping_once(device, ip);
		if (ms < -1) {
			json_object_put(replies);
			return device_failed(device, "ping");
		}
		received += ms >= 0;
		json_object_array_add(replies, ms < 0 ? NULL : json_object_new_int64(ms));
		if (json_wanted())
			continue;
		if (ms < 0)
			printf("%s: no reply\n", address_text(ip));
		else
			printf("%s: %ld ms\n", address_text(ip), ms);
		fflush(stdout);
	}
	if (json_wanted()) {
		object = json_object_new_object();
		json_text(object, "host", args.host, strlen(args.host));
		json_address(object, "ip", ip);
		json_number(object, "sent", args.count);
		json_number(object, "received", received);
		json_object_object_add(object, "ms", replies);
		json_answer(object);
	} else {
		json_object_put(replies);
	}
	return received ? EXIT_DONE : EXIT_REFUSED;
}
