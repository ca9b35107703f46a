// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one module does and another does not. Each quirk stands alone, so that
 * a host can be tried under one that its own module does not have.
 */
#include <errno.h>
#include <string.h>

#include "quirk.h"

static const struct {
	const char *name;
	const char *help;
} quirk_table[QUIRKS] = {
	[QUIRK_DEAD_FRAME] = { "dead-frame",
		"a command frame without a command is the end until reset" },
	[QUIRK_SHORT_LOW] = { "short-low",
		"data-ready is low for 11 us only before a reply and before a command" },
	[QUIRK_LATE_EXECUTION] = { "late-execution",
		"a line without CR is executed all the same, 4 s later" },
	[QUIRK_DRDY_FLOAT] = { "drdy-float",
		"data-ready is high while the module boots, and means nothing" },
	[QUIRK_RESET_DEAF] = { "reset-deaf",
		"a module that runs ignores a reset pulse of less than half a second" },
	[QUIRK_CMD_LATE] = { "cmd-late", "the command phase comes 2 s after the reply" },
	[QUIRK_CRLF_EMPTY] = { "crlf-empty",
		"one more CRLF in an empty OK and behind UDP data" },
	[QUIRK_MT_DEFAULT] = { "mt-default", "MT is 1, simple errors, after boot" },
	[QUIRK_HIGH_BYTES] = { "high-bytes",
		"bytes from 0x80 on are dropped from a command line, which is then executed" },
	[QUIRK_OEM_NAME] = { "oem-name", "I? has a maker's own product name, and one more field" },
	[QUIRK_PG_PAD] = { "pg-pad", "PG stores two bytes more than it was told: the frame's pad" },
	[QUIRK_PG_FRAME] = { "pg-frame",
		"a frame has 2048 bytes: PG burns what came, and says so and OK" },
	[QUIRK_PG_SPILL] = { "pg-spill", "PG writes two bytes more, into the next slot if need be" },
	[QUIRK_PG_SHORT] = { "pg-short", "PG of a frame that is too short burns what came" },
	[QUIRK_PG_BEGIN] = { "pg-begin",
		"PG burns what does not begin with -----BEGIN, which PE calls free" },
	[QUIRK_PG_DAMAGED] = { "pg-damaged", "what PE calls free need not be erased" },
	[QUIRK_PG_COMPARE] = { "pg-compare", "PG compares up to the first NUL" },
	[QUIRK_PG_DEAD] = { "pg-dead", "PG of a bad length is never answered" },
	[QUIRK_TORN] = { "torn", "comparing an item that was cut short is never answered" },
	[QUIRK_PE_ANY] = { "pe-any", "PE counts a set as used when any item is, and three sets" },
	[QUIRK_PF_FORM] = { "pf-form", "PF=SET is taken, too, and PF is not told" },
	[QUIRK_JOIN_SELF] = { "join-self",
		"the module joins the first network of the configuration by itself at boot" },
};

/* NAME turns a quirk on, no-NAME turns it off. */
int quirk_parse(struct quirks *quirks, const char *text)
{
	bool on = strncmp(text, "no-", 3);
	const char *name = on ? text : text + 3;
	int id;

	/* Whole names first: one may begin with "no-" itself. */
	for (id = 0; id < QUIRKS; id++) {
		if (!strcmp(quirk_table[id].name, text)) {
			quirks->on[id] = true;
			return 0;
		}
	}
	for (id = 0; id < QUIRKS; id++) {
		if (!strcmp(quirk_table[id].name, name)) {
			quirks->on[id] = on;
			return 0;
		}
	}
	return -ENOENT;
}

const char *quirk_name(enum quirk id)
{
	return quirk_table[id].name;
}

void quirk_list(FILE *out)
{
	int id;

	for (id = 0; id < QUIRKS; id++)
		fprintf(out, "%-18s %s\n", quirk_table[id].name, quirk_table[id].help);
}
