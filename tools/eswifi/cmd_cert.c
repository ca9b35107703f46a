// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl cert status, select and mode: sets and verification of a module. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

static int attribute_failed(const struct device *device, const char *name, int err)
{
	switch (err) {
	case -ENOENT:
	case -ENODEV:
		return complain(EXIT_DEVICE, "there is no device %s; 'eswifictl doctor' tells why",
				device->name);
	case -EACCES:
	case -EPERM:
		return complain(EXIT_DEVICE, "%s: needs root", name);
	case -EINVAL:
		return complain(EXIT_REFUSED, "%s: the firmware has no such set or mode", name);
	case -EOPNOTSUPP:
		return complain(EXIT_REFUSED,
				"%s: this firmware does not use the set's CA in that mode, and never connects: take required, and a complete set",
				name);
	}
	return complain(EXIT_DEVICE, "%s: %s", name, strerror(-err));
}

/* --------------------------------------------------------------- status */

static void print_slots(char *slots, long active)
{
	char *line, *word, *rewritable, *rest = slots;
	long set;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		set = strtol(line, &word, 10);
		rewritable = strstr(word, " rewritable");
		if (rewritable)
			*rewritable = 0;
		printf("  set %ld%s  can be %s %s\n", set, set == active ? " (active)" : "         ",
		       cert_is_rewritable(set) ? "rewritten:   " : "written once:", word + 1);
	}
}

int cmd_cert_status(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "",
		"Show what each certificate set of the module holds, which one is used, and how\n"
		"servers are verified.", json_child, NULL, NULL
	};
	char slots[VALUE_SIZE], set[VALUE_SIZE], mode[VALUE_SIZE], status[VALUE_SIZE];
	struct json_object *object;
	int err;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	err = device_read_attribute(device, "cert_slots", slots, sizeof(slots));
	if (!err)
		err = device_read_attribute(device, "cert_set", set, sizeof(set));
	if (!err)
		err = device_read_attribute(device, "verify_mode", mode, sizeof(mode));
	if (!err)
		err = device_read_attribute(device, "cert_status", status, sizeof(status));
	if (err)
		return attribute_failed(device, "cert_slots", err);
	if (json_wanted()) {
		object = json_object_new_object();
		json_string(object, "device", device->name);
		json_object_object_add(object, "sets", cert_slots_json(slots));
		json_number(object, "cert_set", strtol(set, NULL, 10));
		json_string(object, "verify_mode", mode);
		json_text(object, "cert_status", status, strlen(status));
		return json_answer(object);
	}
	printf("%s\n", device->name);
	print_slots(slots, strtol(set, NULL, 10));
	printf("  verification: %s\n  last provisioning: ", mode);
	print_safely(status, strlen(status));
	printf("\n");
	return EXIT_DONE;
}

/* ------------------------------------------------------- select and mode */

struct choice_arguments {
	const char *value;
	const char *what;
};

static error_t parse_choice(int key, char *arg, struct argp_state *state)
{
	struct choice_arguments *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case ARGP_KEY_ARG:
		if (args->value)
			argp_error(state, "one %s", args->what);
		args->value = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which %s?", args->what);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Writes, and tells what is there then. */
static int choose(struct device *device, const char *attribute, const char *value)
{
	struct json_object *object;
	char now[VALUE_SIZE];
	int err;

	err = device_write_attribute(device, attribute, value);
	if (!err)
		err = device_read_attribute(device, attribute, now, sizeof(now));
	if (err)
		return attribute_failed(device, attribute, err);
	if (!json_wanted()) {
		printf("%s: %s\n", attribute, now);
		return EXIT_DONE;
	}
	object = json_object_new_object();
	json_string(object, attribute, now);
	return json_answer(object);
}

int cmd_cert_select(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse_choice, "SET",
		"Choose the certificate set that is used by TLS connections that do not name\n"
		"their own, and by provisioning.\n"
		"\vIt is 0 again after a restart.", json_child, NULL, NULL
	};
	struct choice_arguments args = { .what = "set" };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (parse_number(args.value, 0, 3) < 0)
		return complain(EXIT_USAGE, "'%s' is no set: 0 to 2, or 3 where the firmware has it",
				args.value);
	return choose(device, "cert_set", args.value);
}

int cmd_cert_mode(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse_choice, "MODE",
		"Choose how servers are verified by TLS connections that do not say it themselves.\n"
		"\vnone: not at all. required: their chain, against the CA of the set, and the\n"
		"module shows its own certificate. optional: the chain only; refused where the\n"
		"firmware is known not to use the set's CA for it. It is required again after a\n"
		"restart.", json_child, NULL, NULL
	};
	struct choice_arguments args = { .what = "mode" };

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (strcmp(args.value, "none") && strcmp(args.value, "optional") &&
	    strcmp(args.value, "required"))
		return complain(EXIT_USAGE, "'%s' is no mode: none, optional or required",
				args.value);
	return choose(device, "verify_mode", args.value);
}
