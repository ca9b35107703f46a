/* SPDX-License-Identifier: GPL-2.0-only */
/* How a firmware that was seen takes its commands apart, and what it says of wrong ones. */
#ifndef EMULATOR_FORM_H
#define EMULATOR_FORM_H

#include <stddef.h>

/* How a number is read: digits only, if nothing else is said. */
#define FORM_LEADING	(1U << 0)	/* digits, and anything behind them */
#define FORM_LOOSE	(1U << 1)	/* anything: what is no number is 0 */
#define FORM_BYTE	(1U << 2)	/* modulo 256 */
/* Without an argument, which is an error of too few otherwise. */
#define FORM_READ	(1U << 3)	/* the value is told */
#define FORM_NONE_OK	(1U << 4)	/* fine */
#define FORM_NONE_WRONG	(1U << 5)	/* as wrong as a wrong one */
/* A wrong argument, which is an unknown error otherwise. */
#define FORM_BAD	(1U << 6)	/* a bad argument */
#define FORM_FEW	(1U << 7)	/* too few */
#define FORM_BARE	(1U << 8)	/* and no line break in front of the error */
#define FORM_COUNT	(1U << 14)	/* too few are too few, not wrong */
#define FORM_ZERO	(1U << 15)	/* without an argument: 0 */
#define FORM_BLANK	(1U << 16)	/* what is told has a blank line behind it */
#define FORM_LEAVES	(1U << 17)	/* a wrong number is refused, and leaves @refused behind */
/* Commands that are nothing beside their form. */
#define FORM_VALUE	(1U << 9)	/* a number that nothing depends on */
#define FORM_FIXED	(1U << 10)	/* the body is always @text; with FORM_READ, without arguments */
#define FORM_RAW	(1U << 11)	/* the reply is always @text */
#define FORM_FAILS	(1U << 12)	/* an error behind @text, all of it on one line */
#define FORM_SILENT	(1U << 13)	/* never answered */

/**
 * struct form - one command of a firmware
 * @name: the command
 * @usage: what the firmware says of its arguments
 * @flags: FORM_*
 * @min: smallest number
 * @max: greatest number, or longest text
 * @also: a number beyond those that is fine, too; 0 if there is none
 * @refused: what a wrong number makes of the setting, with FORM_LEAVES
 * @text: of FORM_FIXED, FORM_RAW and FORM_FAILS
 */
struct form {
	const char *name;
	const char *usage;
	unsigned int flags;
	long min;
	long max;
	long also;
	long refused;
	const char *text;
};

#define FORMS_MAX	200

extern const struct form forms_35[], forms_62[];

const struct form *form_find(const struct form *forms, const char *name, size_t len);

#endif
