/* SPDX-License-Identifier: GPL-2.0-only */
/* What one module does and another does not: a profile is a set of quirks. */
#ifndef EMULATOR_QUIRK_H
#define EMULATOR_QUIRK_H

#include <stdbool.h>
#include <stdio.h>

enum quirk {
	/* wire and boot */
	QUIRK_DEAD_FRAME,
	QUIRK_SHORT_LOW,
	QUIRK_LATE_EXECUTION,
	QUIRK_DRDY_FLOAT,
	QUIRK_RESET_DEAF,
	QUIRK_CMD_LATE,
	/* forms */
	QUIRK_CRLF_EMPTY,
	QUIRK_MT_DEFAULT,
	QUIRK_HIGH_BYTES,
	QUIRK_OEM_NAME,
	/* certificates */
	QUIRK_PG_PAD,
	QUIRK_PG_FRAME,
	QUIRK_PG_SPILL,
	QUIRK_PG_SHORT,
	QUIRK_PG_BEGIN,
	QUIRK_PG_DAMAGED,
	QUIRK_PG_COMPARE,
	QUIRK_PG_DEAD,
	QUIRK_TORN,
	QUIRK_PE_ANY,
	QUIRK_PF_FORM,
	/* network */
	QUIRK_JOIN_SELF,
	QUIRKS
};

struct quirks {
	bool on[QUIRKS];
};

int quirk_parse(struct quirks *quirks, const char *text);
const char *quirk_name(enum quirk id);
void quirk_list(FILE *out);

#endif
