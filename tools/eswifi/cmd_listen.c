// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl listen: a server on the module, for standard input and output or a command. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eswifictl.h"

#define BACKLOG		6	/* clients that may wait: as many as the module lets */

enum { KEY_UDP = 256, KEY_ONE, KEY_EXEC };

struct listen_arguments {
	bool udp;
	bool one;
	const char *command;
	long port;
};

static const struct argp_option options[] = {
	{ "udp", KEY_UDP, NULL, 0, "Datagrams; answers go to where the last one came from", 0 },
	{ "one", KEY_ONE, NULL, 0,
	  "End after the first client; with --udp, after two silent seconds", 0 },
	{ "exec", KEY_EXEC, "COMMAND", 0,
	  "Run a shell command for each client, its standard input and output the client", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct listen_arguments *args = state->input;

	switch (key) {
	case KEY_UDP:
		args->udp = true;
		return 0;
	case KEY_ONE:
		args->one = true;
		return 0;
	case KEY_EXEC:
		args->command = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->port)
			argp_error(state, "one PORT");
		args->port = parse_number(arg, 1, 65535);
		if (args->port < 0)
			argp_error(state, "'%s' is no port: 1 to 65535", arg);
		return 0;
	case ARGP_KEY_END:
		if (!args->port)
			argp_error(state, "which PORT?");
		if (args->udp && args->command)
			argp_error(state, "--exec needs a stream: not with --udp");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* The client is the command's input and output; its exit code is its own affair. */
static int run_command(const char *command, int conn, const struct eswifi_accept *client)
{
	char port[8];
	pid_t pid;

	pid = fork();
	if (pid < 0)
		return complain(EXIT_DEVICE, "fork: %m");
	if (!pid) {
		snprintf(port, sizeof(port), "%u", client->peer_port);
		setenv("TCPREMOTEIP", address_text(client->peer_ip), 1);
		setenv("TCPREMOTEPORT", port, 1);
		dup2(conn, STDIN_FILENO);
		dup2(conn, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(conn);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return EXIT_DONE;
}

/* One client from its arrival to its end. */
static int serve_one(int server, const struct listen_arguments *args, struct relay *relay)
{
	struct eswifi_accept client = {
		.size = sizeof(client),
		/* A command expects reads that wait, we must not be stopped by writes. */
		.fd_flags = O_CLOEXEC | (args->command ? 0 : O_NONBLOCK),
	};
	int code;

	if (ioctl(server, ESWIFI_IOC_ACCEPT, &client))
		return complain(errno == ENODEV ? EXIT_DEVICE : EXIT_REFUSED, "accept: %m");
	fprintf(stderr, "client %s port %u\n", address_text(client.peer_ip), client.peer_port);
	if (args->command)
		return run_command(args->command, client.fd, &client);
	relay->conn = client.fd;
	code = relay_run(relay);
	close(client.fd);
	/* That one client broke off is no reason to serve no other. */
	return code == EXIT_REFUSED && !args->one ? EXIT_DONE : code;
}

int cmd_listen(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "PORT",
		"Be a server: print what clients send, and send them standard input.\n"
		"\vClients are served one after another, until interrupted. Where it listens\n"
		"and who comes is told on standard error.\n"
		"\n"
		"With --exec, TCPREMOTEIP and TCPREMOTEPORT tell the command who the client\n"
		"is; the connection ends with the command.",
		NULL, NULL, NULL
	};
	struct listen_arguments args = { 0 };
	struct eswifi_listen request = { .size = sizeof(request), .fd_flags = O_CLOEXEC };
	struct eswifi_link_info info = { .size = sizeof(info) };
	struct relay relay = { .input = true };
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (code)
		return code;
	request.protocol = args.udp ? ESWIFI_PROTO_UDP : ESWIFI_PROTO_TCP;
	request.port = args.port;
	request.backlog = args.udp ? 0 : BACKLOG;
	request.fd_flags |= args.udp ? O_NONBLOCK : 0;
	if (ioctl(device->fd, ESWIFI_IOC_LISTEN, &request))
		return device_failed(device, "listen");
	if (ioctl(device->fd, ESWIFI_IOC_LINK_INFO, &info))
		info.ip = 0;
	fprintf(stderr, "listening on %s port %ld\n", address_text(info.ip), args.port);
	if (args.udp) {
		relay.conn = request.fd;
		relay.datagrams = true;
		relay.hears_first = true;
		relay.endless = !args.one;
		code = relay_run(&relay);
	} else {
		do {
			code = serve_one(request.fd, &args, &relay);
		} while (!code && !args.one);
	}
	close(request.fd);
	return code;
}
