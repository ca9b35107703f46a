// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl: the command line of eS-WiFi modules. This file finds the command. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eswifictl.h"

static const struct command {
	const char *name;
	int (*run)(struct device *device, int argc, char **argv);
} commands[] = {
	{ "status", cmd_status },
	{ "join", cmd_join },
	{ "leave", cmd_leave },
	{ "connect", cmd_connect },
	{ "at", cmd_at },
};

/**
 * struct choice - what stands before the command's own arguments
 * @device: the module
 * @command: the command
 * @at: index in argv of the command's name
 */
struct choice {
	struct device device;
	const struct command *command;
	int at;
};

static const char doc[] =
	"Look after an eS-WiFi module and connect through it.\n"
	"\vCommands (each has its own --help):\n"
	"  status                 what it is, its link, its certificates\n"
	"  join SSID              join a network, address by DHCP\n"
	"  leave                  leave it\n"
	"  connect HOST PORT      standard input and output over a connection\n"
	"  at COMMAND             one AT command and its reply\n"
	"\n"
	"Exit codes: 0 done; 1 the module, the network or the peer refused;\n"
	"2 wrong usage; 3 no device, no permission or no answer.";

static const struct argp_option options[] = {
	{ "device", 'd', "eswifiN", 0, "Which module (eswifi0)", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct choice *choice = state->input;
	size_t i;

	switch (key) {
	case 'd':
		if (!*arg || strchr(arg, '/') || arg[0] == '.')
			argp_error(state, "'%s' is no device name; it looks like eswifi0", arg);
		choice->device.name = arg;
		return 0;
	case ARGP_KEY_ARG:
		for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
			if (!strcmp(arg, commands[i].name))
				choice->command = &commands[i];
		if (!choice->command)
			argp_error(state, "there is no command '%s'", arg);
		/* What follows is the command's. */
		choice->at = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "COMMAND [ARGUMENT...]", doc,
					  NULL, NULL, NULL };
	struct choice choice = { .device = { .name = "eswifi0", .fd = -1 } };
	int code;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice);

	argv += choice.at;
	if (asprintf(&argv[0], "eswifictl %s", choice.command->name) < 0)
		return complain(EXIT_DEVICE, "out of memory");
	code = choice.command->run(&choice.device, argc - choice.at, argv);
	free(argv[0]);
	if (fflush(stdout))
		return complain(EXIT_DEVICE, "cannot write the output: %m");
	return code;
}
