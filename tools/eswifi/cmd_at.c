// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl at: one AT command, and the reply as text. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eswifictl.h"

#define REPLY_SIZE	16384	/* more than the longest reply that the driver takes */

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char **command = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*command)
			argp_error(state, "one command at a time; quote it if it has blanks");
		*command = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which AT command? For example: I?");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Whether the reply ends in OK; *text and *len become what stands before the prompt. */
static bool reply_text(char **text, size_t *len)
{
	static const char prompt[] = "\r\n> ", ok[] = "\r\nOK";
	bool good;

	if (*len >= strlen(prompt) &&
	    !memcmp(*text + *len - strlen(prompt), prompt, strlen(prompt)))
		*len -= strlen(prompt);
	good = *len >= strlen(ok) && !memcmp(*text + *len - strlen(ok), ok, strlen(ok));
	while (*len && (**text == '\r' || **text == '\n')) {
		(*text)++;
		(*len)--;
	}
	return good;
}

static int answer_reply(const char *command, const char *text, size_t len, bool good)
{
	struct json_object *object = json_object_new_object();

	json_text(object, "command", command, strlen(command));
	json_text(object, "reply", text, len);
	json_object_object_add(object, "ok", json_object_new_boolean(good));
	return json_answer(object);
}

/* Lines end in CR LF, sometimes in CR alone; either becomes one newline. */
static void print_reply(char *text, size_t len)
{
	char *end = text + len, *line = text, *p;

	for (p = text; p < end; p++) {
		if (*p != '\r' && *p != '\n')
			continue;
		if (p > line) {
			print_safely(line, p - line);
			putchar('\n');
		}
		line = p + 1;
	}
	if (end > line) {
		print_safely(line, end - line);
		putchar('\n');
	}
}

int cmd_at(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse, "COMMAND",
		"Send one AT command and print the reply, with its OK or ERROR.\n"
		"\vThe exit code is 0 if the reply ends in OK, and 1 if it does not.\n"
		"Control characters are printed as \\xNN. Needs CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	char *command = NULL, *line, *reply, *text;
	ssize_t len;
	size_t size;
	bool good;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &command);
	code = device_open(device);
	if (code)
		return code;
	len = asprintf(&line, "%s\r", command);
	if (len < 0)
		return complain(EXIT_DEVICE, "out of memory");
	len = write(device->fd, line, len);
	free(line);
	if (len < 0 && (errno == EINVAL || errno == EMSGSIZE))
		return complain(EXIT_USAGE, "'%s' can't be sent: %s", command, errno == EINVAL ?
				"two characters, '=' and arguments, all printable" : "too long");
	if (len < 0 && errno == EPERM && !geteuid())
		return complain(EXIT_USAGE, "'%s' is not let through: %s", command,
				"it would end the dialogue, or harm the module");
	if (len < 0)
		return device_failed(device, command);

	reply = malloc(REPLY_SIZE);
	if (!reply)
		return complain(EXIT_DEVICE, "out of memory");
	len = read(device->fd, reply, REPLY_SIZE);
	if (len < 0) {
		code = device_failed(device, command);
	} else {
		text = reply;
		size = len;
		good = reply_text(&text, &size);
		if (json_wanted())
			answer_reply(command, text, size, good);
		else
			print_reply(text, size);
		code = good ? EXIT_DONE : EXIT_REFUSED;
	}
	free(reply);
	return code;
}
