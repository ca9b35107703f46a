// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl: the command line of eS-WiFi modules. This file finds the command. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eswifictl.h"

static const struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	int (*run)(struct device *device, int argc, char **argv);
} commands[] = {
	{ "status", "", "what it is, its link, its certificates", cmd_status },
	{ "scan", "", "networks in reach", cmd_scan },
	{ "join", "SSID", "join a network", cmd_join },
	{ "leave", "", "leave it", cmd_leave },
	{ "ap", "SSID", "be an access point", cmd_ap },
	{ "cert status", "", "what each set of certificates holds", cmd_cert_status },
	{ "cert check", "[NAME]", "whether files are fit to be written", cmd_cert_check },
	{ "cert convert", "[NAME]", "make of files what the firmware reads", cmd_cert_convert },
	{ "cert plan", "NAME", "what would be written into a set", cmd_cert_plan },
	{ "cert program", "NAME", "write it", cmd_cert_program },
	{ "cert verify", "NAME", "prove that a set holds these files", cmd_cert_verify },
	{ "cert batch", "MANIFEST", "program many modules at once", cmd_cert_batch },
	{ "cert select", "SET", "the set that is used", cmd_cert_select },
	{ "cert mode", "MODE", "how servers are verified", cmd_cert_mode },
	{ "connect", "HOST PORT", "standard input and output over a connection", cmd_connect },
	{ "listen", "PORT", "the same for clients that come, or a command for each", cmd_listen },
	{ "ping", "HOST", "whether a host answers", cmd_ping },
	{ "resolve", "HOST", "the address of a name", cmd_resolve },
	{ "at", "COMMAND", "one AT command and its reply", cmd_at },
	{ "monitor", "", "events as they happen", cmd_monitor },
	{ "doctor", "", "what is wrong, and what to do about it", cmd_doctor },
};

#define COMMANDS	(sizeof(commands) / sizeof(*commands))

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
	"\v"
	"Exit codes: 0 done; 1 the module, the network or the peer refused;\n"
	"2 wrong usage; 3 no device, no permission or no answer. Commands of cert:\n"
	"0 all is there; 1 refused, nothing was written; 4 programmed, or would be;\n"
	"5 failed, something may have been written: run the same again.";

static const struct argp_option options[] = {
	{ "device", 'd', "eswifiN", 0, "Which module (eswifi0)", 0 },
	{ 0 }
};

/* Puts the list of commands before the text on exit codes. */
static char *help_filter(int key, const char *text, void *input)
{
	size_t i, size;
	char *help;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC || !text)
		return (char *)text;
	out = open_memstream(&help, &size);
	if (!out)
		return (char *)text;
	fprintf(out, "Commands (each has its own --help):\n");
	for (i = 0; i < COMMANDS; i++)
		fprintf(out, "  %s%s%-*s %s\n", commands[i].name, *commands[i].arguments ? " " : "",
			(int)(20 - strlen(commands[i].name) - !!*commands[i].arguments),
			commands[i].arguments, commands[i].summary);
	fprintf(out, "\n%s", text);
	fclose(out);
	return help;
}

/* Is this the command that the next words name? Its number of words, or 0. */
static int command_words(const struct command *command, const char *arg,
			 const struct argp_state *state)
{
	const char *second = strchr(command->name, ' ');
	size_t len = second ? (size_t)(second - command->name) : strlen(command->name);

	if (strlen(arg) != len || memcmp(arg, command->name, len))
		return 0;
	if (!second)
		return 1;
	return state->next < state->argc && !strcmp(state->argv[state->next], second + 1) ? 2 : 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct choice *choice = state->input;
	int words = 0;
	size_t i;

	switch (key) {
	case 'd':
		if (!*arg || strchr(arg, '/') || arg[0] == '.')
			argp_error(state, "'%s' is no device name; it looks like eswifi0", arg);
		choice->device.name = arg;
		return 0;
	case ARGP_KEY_ARG:
		for (i = 0; i < COMMANDS && !words; i++) {
			choice->command = &commands[i];
			words = command_words(&commands[i], arg, state);
		}
		if (!words && !strcmp(arg, "cert"))
			argp_error(state, "cert what? One of status, check, convert, plan, program, verify, batch, select, mode");
		if (!words)
			argp_error(state, "there is no command '%s'", arg);
		/* What follows is the command's. */
		choice->at = state->next - 2 + words;
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
					  NULL, help_filter, NULL };
	struct choice choice = { .device = { .name = "eswifi0", .fd = -1 } };
	int code;

	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &choice);

	argv += choice.at;
	if (asprintf(&argv[0], "eswifictl %s", choice.command->name) < 0)
		return complain(EXIT_DEVICE, "out of memory");
	code = choice.command->run(&choice.device, argc - choice.at, argv);
	free(argv[0]);
	json_failure(code);
	if (fflush(stdout))
		return complain(EXIT_DEVICE, "cannot write the output: %m");
	return code;
}
