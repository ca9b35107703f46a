/* SPDX-License-Identifier: GPL-2.0-only */
/* How the rows of a table of forms are written. */
#ifndef EMULATOR_FORM_ROWS_H
#define EMULATOR_FORM_ROWS_H

#include "form.h"

#define ADDRESS	"<xxx.xxx.xxx.xxx> "

/* Short rows: an argument that is a number, a text, or is no matter. */
#define NUMBER(n, u, f, low, high)	{ .name = n, .usage = u, .flags = f, .min = low, .max = high }
#define TEXT(n, u, f, longest)		{ .name = n, .usage = u, .flags = f, .max = longest }
#define ANY(n)				{ .name = n, .usage = "" }
#define FIXED(n, f, t)			{ .name = n, .usage = "", .flags = f, .text = t }
/* A number from 0 on; a wrong one leaves something behind. */
#define LEAVES(n, u, f, high, left)	\
	{ .name = n, .usage = u, .flags = (f) | FORM_LEAVES, .max = high, .refused = left }

#endif
