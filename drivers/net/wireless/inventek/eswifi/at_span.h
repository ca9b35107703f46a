/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pieces of a reply that are cut off one after the other. Pure: compiles in user
 * space too.
 */
#ifndef ESWIFI_AT_SPAN_H
#define ESWIFI_AT_SPAN_H

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include "at.h"

struct span {
	const u8 *data;
	size_t len;
};

/* Cuts the text before the first @separator, and that, from @rest. */
static inline struct span take_first(struct span *rest, u8 separator)
{
	const u8 *cut = rest->len ? memchr(rest->data, separator, rest->len) : NULL;
	struct span field = *rest;

	if (cut) {
		field.len = cut - rest->data;
		rest->data = cut + 1;
		rest->len -= field.len + 1;
	} else {
		rest->data += rest->len;
		rest->len = 0;
	}
	return field;
}

/* Cuts the text behind the last comma, and that, from @rest; false: no comma. */
static inline bool take_last(struct span *rest, struct span *field)
{
	size_t at = rest->len;

	while (at && rest->data[at - 1] != ',')
		at--;
	if (!at)
		return false;
	field->data = rest->data + at;
	field->len = rest->len - at;
	rest->len = at - 1;
	return true;
}

/* Digits at the start of @rest as a number up to @max, cut from it. */
static inline bool take_number(struct span *rest, unsigned long max, unsigned long *value)
{
	size_t n = 0;

	*value = 0;
	while (n < rest->len && rest->data[n] >= '0' && rest->data[n] <= '9') {
		unsigned int digit = rest->data[n] - '0';

		if (*value > (max - digit) / 10)
			return false;
		*value = *value * 10 + digit;
		n++;
	}
	rest->data += n;
	rest->len -= n;
	return n > 0;
}

static inline bool take_byte(struct span *rest, u8 c)
{
	if (!rest->len || *rest->data != c)
		return false;
	rest->data++;
	rest->len--;
	return true;
}

static inline int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six pairs of hex digits with colons between them, cut from @rest; if there are
 * none, nothing is changed.
 */
static inline bool take_mac(struct span *rest, u8 mac[6])
{
	struct span left = *rest;
	u8 got[6];
	int i;

	for (i = 0; i < 6; i++) {
		int high, low;

		if ((i && !take_byte(&left, ':')) || left.len < 2)
			return false;
		high = hex_digit(left.data[0]);
		low = hex_digit(left.data[1]);
		if (high < 0 || low < 0)
			return false;
		got[i] = high << 4 | low;
		left.data += 2;
		left.len -= 2;
	}
	*rest = left;
	memcpy(mac, got, sizeof(got));
	return true;
}

/* A number of dBm, cut from @rest. */
static inline bool take_signal(struct span *rest, int *dbm)
{
	bool negative = take_byte(rest, '-');
	unsigned long number;

	if (!take_number(rest, 200, &number))
		return false;
	*dbm = negative ? -(int)number : (int)number;
	return true;
}

#endif /* ESWIFI_AT_SPAN_H */
