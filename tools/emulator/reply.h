/* SPDX-License-Identifier: GPL-2.0-only */
/* Replies that are given: a user's log becomes a module. */
#ifndef EMULATOR_REPLY_H
#define EMULATOR_REPLY_H

#include <stddef.h>

#include "buf.h"

/**
 * struct given - a reply to a command
 * @command: the command's line, without its CR and what follows
 * @reply: what is answered, byte for byte
 * @used: it was given already
 */
struct given {
	char *command;
	struct buf reply;
	int used;
};

struct replies {
	struct given *given;
	size_t n;
};

int replies_add(struct replies *replies, const char *text);
int replies_read(struct replies *replies, const char *path);
const struct buf *replies_find(struct replies *replies, const char *command);
void replies_free(struct replies *replies);

#endif
