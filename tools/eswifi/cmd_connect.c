// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl connect: standard input and output over one connection of the module. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eswifictl.h"
#include "features.h"

static const char *const verify_names[] = {
	[ESWIFI_VERIFY_NONE] = "none",
	[ESWIFI_VERIFY_OPTIONAL] = "optional",
	[ESWIFI_VERIFY_REQUIRED] = "required",
};

enum { KEY_TLS = 256, KEY_UDP, KEY_VERIFY, KEY_SET };

static const struct argp_option options[] = {
	{ "tls", KEY_TLS, NULL, 0, "TLS instead of plain TCP", 0 },
	{ "verify", KEY_VERIFY, "MODE", 0,
	  "With --tls: none, optional or required; not given: verify_mode", 0 },
	{ "set", KEY_SET, "N", 0, "With --tls: certificate set, 0 to 3; not given: cert_set", 0 },
	{ "udp", KEY_UDP, NULL, 0, "Datagrams: one for each read of standard input", 0 },
	{ 0 }
};

static void parse_host_port(char *arg, struct argp_state *state, struct eswifi_connect *request)
{
	long port;

	switch (state->arg_num) {
	case 0:
		if (!*arg || strlen(arg) > ESWIFI_HOST_MAX)
			argp_error(state, "a host name has 1 to %d characters", ESWIFI_HOST_MAX);
		strcpy(request->host, arg);
		break;
	case 1:
		port = parse_number(arg, 1, 65535);
		if (port < 0)
			argp_error(state, "'%s' is no port: 1 to 65535", arg);
		request->port = port;
		break;
	default:
		argp_error(state, "only HOST and PORT");
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct eswifi_connect *request = state->input;
	size_t i;
	long set;

	switch (key) {
	case KEY_TLS:
	case KEY_UDP:
		if (request->protocol != ESWIFI_PROTO_TCP)
			argp_error(state, "--tls or --udp, once");
		request->protocol = key == KEY_TLS ? ESWIFI_PROTO_TLS : ESWIFI_PROTO_UDP;
		return 0;
	case KEY_VERIFY:
		for (i = 0; i < sizeof(verify_names) / sizeof(*verify_names); i++) {
			if (!strcmp(arg, verify_names[i])) {
				request->verify = i;
				return 0;
			}
		}
		argp_error(state, "'%s' is no mode: none, optional or required", arg);
		return 0;
	case KEY_SET:
		set = parse_number(arg, 0, 3);
		if (set < 0)
			argp_error(state, "'%s' is no certificate set: 0 to 3", arg);
		request->cert_set = set;
		return 0;
	case ARGP_KEY_ARG:
		parse_host_port(arg, state, request);
		return 0;
	case ARGP_KEY_END:
		if (!request->host[0] || !request->port)
			argp_error(state, "which HOST and PORT?");
		if (request->protocol != ESWIFI_PROTO_TLS &&
		    (request->verify != ESWIFI_VERIFY_DEFAULT ||
		     request->cert_set != ESWIFI_CERT_SET_DEFAULT))
			argp_error(state, "--verify and --set belong to --tls");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Is the module told to show its certificate? */
static bool is_required(const struct device *device, const struct eswifi_connect *request)
{
	char mode[VALUE_SIZE];

	if (request->verify != ESWIFI_VERIFY_DEFAULT)
		return request->verify == ESWIFI_VERIFY_REQUIRED;
	return !device_read_attribute(device, "verify_mode", mode, sizeof(mode)) &&
	       !strcmp(mode, "required");
}

/* What a handshake may have failed of, by what is known of the firmware. */
static void explain_handshake(const struct device *device, const struct eswifi_connect *request)
{
	bool required = is_required(device, request);
	struct features features;

	features_read(&features, device);
	if (required)
		complain(EXIT_REFUSED,
			 "Is the server's certificate signed by the CA of this set?\n"
			 "Does the server trust the CA of the module's own certificate?");
	else if (features_guard(&features, "tls-request"))
		complain(EXIT_REFUSED,
			 "Does it ask for a client certificate? This firmware crashes of that\n"
			 "unless the mode is required, with a complete set (--verify required).");
	else
		complain(EXIT_REFUSED,
			 "Does it want a client certificate (--verify required)?");
	if (features_guard(&features, "tls-ecdsa"))
		complain(EXIT_REFUSED,
			 "Has the server an EC P-256 certificate? With an RSA one most refuse this\n"
			 "firmware at TLS 1.2.");
	complain(EXIT_REFUSED,
		 "Does it offer TLS 1.2? The module sends no server name (SNI): a server\n"
		 "of several names may show the certificate of another.");
}

/*
 * The module has one answer for an unreachable server, a failed handshake and
 * a certificate that it did not accept. Plain TCP to the same port tells the
 * first from the others.
 */
static int explain_refused_tls(struct device *device, const struct eswifi_connect *tls)
{
	struct eswifi_connect tcp = *tls;
	char text[ESWIFI_TEXT_SIZE];

	device_last_text(device, text);
	complain(EXIT_REFUSED, "no TLS connection to %s port %u%s%s", tls->host, tls->port,
		 *text ? "; the module said: " : "", text);
	tcp.flags = 0;
	tcp.protocol = ESWIFI_PROTO_TCP;
	tcp.verify = ESWIFI_VERIFY_DEFAULT;
	tcp.cert_set = ESWIFI_CERT_SET_DEFAULT;
	if (!ioctl(device->fd, ESWIFI_IOC_CONNECT, &tcp)) {
		close(tcp.fd);
		complain(EXIT_REFUSED,
			 "plain TCP to the same port works: the server is there,\n"
			 "so TLS or the verification failed.");
		explain_handshake(device, tls);
		return EXIT_REFUSED;
	}
	if (errno == ECONNREFUSED)
		return complain(EXIT_REFUSED,
				"plain TCP to the same port fails too: the server can't\n"
				"be reached. Is it running, and is the way to it open?");
	return complain(EXIT_REFUSED, "plain TCP, tried to find out whether it is there: %m");
}

static int explain_connect(struct device *device, const struct eswifi_connect *request)
{
	char text[ESWIFI_TEXT_SIZE];
	int code;

	switch (errno) {
	case ECONNREFUSED:
		if (request->protocol == ESWIFI_PROTO_TLS)
			return explain_refused_tls(device, request);
		break;
	case ESHUTDOWN:
	case ECONNRESET:
	case ETIMEDOUT:
		code = device_failed(device, "connect");
		if (request->protocol == ESWIFI_PROTO_TLS)
			explain_handshake(device, request);
		return code;
	case ENOENT:
		return complain(EXIT_REFUSED, "the name '%s' was not found", request->host);
	case ENOKEY:
		device_last_text(device, text);
		return complain(EXIT_REFUSED,
				"not tried, certificates are missing%s%s\n"
				"'eswifictl cert status' shows the sets. 'eswifictl cert program NAME'\n"
				"writes the files from inventek/NAME/ below /lib/firmware into %s.",
				*text ? ": " : "", text, device->name);
	}
	return device_failed(device, "connect");
}

int cmd_connect(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "HOST PORT",
		"Send standard input over a connection, and print what comes back.\n"
		"\vWhen standard input ends it goes on printing until the peer ends the\n"
		"connection: the module can't close one direction only. With --udp, two\n"
		"seconds without a datagram are the end.\n"
		"\n"
		"It serves as a ProxyCommand of ssh:\n"
		"  ssh -o ProxyCommand='eswifictl connect %h %p' HOST\n"
		"\n"
		"Verification: 'none' takes any server; 'required' one whose certificate the\n"
		"CA of the set has signed, and the module shows its own; 'optional' the\n"
		"same without showing one, where the firmware does that. The defaults stand in sysfs. The server's name is\n"
		"never compared with its certificate: the module can't.",
		NULL, NULL, NULL
	};
	struct eswifi_connect request = {
		.size = sizeof(request),
		.verify = ESWIFI_VERIFY_DEFAULT,
		.cert_set = ESWIFI_CERT_SET_DEFAULT,
		.fd_flags = O_CLOEXEC,
	};
	struct relay relay = { .input = true };
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &request);
	code = device_open(device);
	if (code)
		return code;
	if (ioctl(device->fd, ESWIFI_IOC_CONNECT, &request))
		return explain_connect(device, &request);
	/* A peer that sends without reading must not stop us from reading. */
	if (fcntl(request.fd, F_SETFL, O_NONBLOCK))
		return complain(EXIT_DEVICE, "O_NONBLOCK: %m");
	relay.conn = request.fd;
	relay.datagrams = request.protocol == ESWIFI_PROTO_UDP;
	code = relay_run(&relay);
	close(request.fd);
	return code;
}
