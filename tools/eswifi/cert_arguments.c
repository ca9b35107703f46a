// SPDX-License-Identifier: GPL-2.0-only
/* The command lines of the cert commands that take the name of files. */
#include "cert.h"

/*
 * A command gets those keys only that are among its options. Where it takes files one by
 * one, they stand for a name.
 */
static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct cert_arguments *args = state->input;

	switch (key) {
	case CERT_KEY_CA:
	case CERT_KEY_CERT:
	case CERT_KEY_KEY:
		args->file[key - CERT_KEY_CA] = arg;
		args->files++;
		return 0;
	case CERT_KEY_FIRMWARE:
		args->firmware = arg;
		return 0;
	case CERT_KEY_SET:
		args->set = parse_number(arg, 0, 3);
		if (args->set < 0)
			argp_error(state, "'%s' is no set: 0 to 2, or 3 where the firmware has it",
				   arg);
		return 0;
	case CERT_KEY_BLIND:
		args->blind = true;
		return 0;
	case 'y':
		args->yes = true;
		return 0;
	case 'n':
		args->dry_run = true;
		return 0;
	case ARGP_KEY_INIT:
		args->set = ESWIFI_CERT_SET_DEFAULT;
		return 0;
	case ARGP_KEY_ARG:
		if (args->name)
			argp_error(state, "one name");
		args->name = cert_name_argument(arg, state);
		return 0;
	case ARGP_KEY_END:
		if (args->name && args->files)
			argp_error(state, "a name, or files, but not both");
		if (!args->name && !args->files)
			argp_error(state, "which files? A name, as of the folder inventek/NAME%s",
				   args->by_file ? ", or --ca, --cert and --key" : "");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Reads a command line into @args, which says whether files can be named one by one. */
void cert_arguments(struct cert_arguments *args, const struct argp_option *options,
		    const char *text, int argc, char **argv)
{
	struct argp argp = {
		options, parse, args->by_file ? "[NAME]" : "NAME", text, json_child, NULL, NULL
	};

	argp_parse(&argp, argc, argv, 0, NULL, args);
}
