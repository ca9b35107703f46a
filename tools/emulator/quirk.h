/* SPDX-License-Identifier: GPL-2.0-only */
/* What one module does and another does not: a profile is a set of quirks. */
#ifndef EMULATOR_QUIRK_H
#define EMULATOR_QUIRK_H

#include <stdbool.h>
#include <stdio.h>

enum quirk {
	/* wire and boot */
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
