// SPDX-License-Identifier: GPL-2.0-only
/* How long the module takes. */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"

const struct timing timing_default = {
	.boot = 16000,
	.command = 110,
	.busy = 2,
	.gap = 6,
	.join = 1300000,
	.refusal = 21300000,
	.scan = 1500000,
	.rssi = 300000,
	.burn = 30000,
	.stop = 530000,
	.accept = 2000,
	.block = 10700000,
	.tls_slow = 57000000,
	.wire = 1,
};

const struct timing timing_fast = { .boot = 1000, .join = 1000, .refusal = 1000, .scan = 1000 };

/* NAME=MICROSECONDS */
int timing_parse(struct timing *timing, const char *text)
{
	static const struct {
		const char *name;
		size_t offset;
	} fields[] = {
		{ "boot=", offsetof(struct timing, boot) },
		{ "command=", offsetof(struct timing, command) },
		{ "busy=", offsetof(struct timing, busy) },
		{ "gap=", offsetof(struct timing, gap) },
		{ "join=", offsetof(struct timing, join) },
		{ "refusal=", offsetof(struct timing, refusal) },
		{ "scan=", offsetof(struct timing, scan) },
		{ "rssi=", offsetof(struct timing, rssi) },
		{ "burn=", offsetof(struct timing, burn) },
		{ "stop=", offsetof(struct timing, stop) },
		{ "accept=", offsetof(struct timing, accept) },
		{ "block=", offsetof(struct timing, block) },
		{ "tls_slow=", offsetof(struct timing, tls_slow) },
		{ "wire=", offsetof(struct timing, wire) },
	};
	unsigned long us;
	char *end;
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		size_t len = strlen(fields[i].name);

		if (strncmp(text, fields[i].name, len))
			continue;
		us = strtoul(text + len, &end, 10);
		if (end == text + len || *end || us > 600000000)
			return -EINVAL;
		*(unsigned int *)((char *)timing + fields[i].offset) = us;
		return 0;
	}
	return -ENOENT;
}
