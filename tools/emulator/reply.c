// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replies that are given: a user's log becomes a module. Several replies to one
 * command are given in turn, the last one from then on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"

static int add(struct replies *replies, const char *command, size_t len, const char *reply)
{
	struct given *more = realloc(replies->given, (replies->n + 1) * sizeof(*more));
	struct given *given;

	if (!more)
		return -ENOMEM;
	replies->given = more;
	given = &more[replies->n];
	*given = (struct given){ .command = strndup(command, len) };
	if (!given->command)
		return -ENOMEM;
	if (buf_unescape(&given->reply, reply)) {
		free(given->command);
		buf_free(&given->reply);
		return -EINVAL;
	}
	replies->n++;
	return 0;
}

/* COMMAND=REPLY: a reply begins behind the first '=' that an escape follows, if any does. */
int replies_add(struct replies *replies, const char *text)
{
	const char *end = strstr(text, "=\\") ?: strchr(text, '=');

	return end ? add(replies, text, end - text, end + 1) : -EINVAL;
}

/*
 * A dialogue as --log writes it: a line "> COMMAND", and behind it "< REPLY".
 * Whatever stands in front of the marks, and all other lines, are no matter.
 */
int replies_read(struct replies *replies, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL, *command = NULL;
	size_t size = 0;
	int err = 0;

	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) >= 0) {
		char *text = line + strspn(line, " .0123456789");

		text[strcspn(text, "\n")] = 0;
		if (!strncmp(text, "> ", 2)) {
			free(command);
			command = strdup(text + 2);
			/* Behind the command's own CR comes a payload. */
			if (command)
				command[strcspn(command, "\\")] = 0;
		} else if (!strncmp(text, "< ", 2) && command) {
			err = add(replies, command, strlen(command), text + 2);
			free(command);
			command = NULL;
		}
	}
	if (!err && !replies->n)
		err = -ENODATA;
	free(command);
	free(line);
	fclose(file);
	return err;
}

/* The reply that is given to a command, NULL if none is. */
const struct buf *replies_find(struct replies *replies, const char *command)
{
	struct given *last = NULL;
	size_t i;

	for (i = 0; i < replies->n; i++) {
		struct given *given = &replies->given[i];

		if (strcmp(given->command, command))
			continue;
		last = given;
		if (!given->used)
			break;
	}
	if (!last)
		return NULL;
	last->used = 1;
	return &last->reply;
}

void replies_free(struct replies *replies)
{
	while (replies->n) {
		struct given *given = &replies->given[--replies->n];

		free(given->command);
		buf_free(&given->reply);
	}
	free(replies->given);
	replies->given = NULL;
}
