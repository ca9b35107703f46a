/* SPDX-License-Identifier: GPL-2.0-only */
/* The other plug: a socket in place of /dev/uspi. */
#ifndef EMULATOR_PLUG_H
#define EMULATOR_PLUG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "loop.h"

struct module;

/**
 * struct plug - the host at the far end of a socket
 * @listen_fd: where hosts come; -1 if one was inherited, and is the only one
 * @fd: the host; -1 while there is none
 * @in: messages of the host that are not done yet
 * @transfer: a transfer is on the wire: what follows waits for its end
 * @paused: the message at the head of @in waits for @timer
 * @last: when the message before was done
 * @gap: how long the next one has to wait from there, in microseconds
 */
struct plug {
	struct module *module;
	int listen_fd;
	int fd;
	struct watch watch;
	struct timer timer;
	struct buf in;
	bool transfer;
	bool paused;
	uint64_t last;
	uint64_t gap;
};

int plug_open(struct plug *plug, struct module *m, const char *where);
void plug_close(struct plug *plug);
void plug_reply(struct plug *plug, const uint8_t *data, size_t len);
void plug_drive(struct plug *plug, int level);

#endif
