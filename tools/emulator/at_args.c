// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: the arguments of a command. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

/* As at_split(), but there are no empty fields, and nobody minds too many. */
static int at_split_form(struct module *m, char *field[], int min, int max)
{
	char *rest = m->request.args;
	int n = 0;

	while (rest && n < max) {
		rest += strspn(rest, AT_CUTS);
		if (!*rest)
			break;
		field[n++] = rest;
		rest += strcspn(rest, AT_CUTS);
		if (*rest)
			*rest++ = 0;
	}
	if (n < min) {
		at_error(m, n && !(m->request.form->flags & FORM_COUNT) ? BAD_ARGUMENT : TOO_FEW);
		return -1;
	}
	return n;
}

/* Split the arguments at commas; replies and returns -1 if their number is wrong. */
int at_split(struct module *m, char *field[], int min, int max)
{
	char *rest = m->request.args;
	int n = 0;

	if (m->request.form)
		return at_split_form(m, field, min, max);
	while (rest && n < max)
		field[n++] = strsep(&rest, ",");
	if (rest) {
		at_error(m, TOO_MANY);
		return -1;
	}
	if (n < min || (min && !*field[0])) {
		at_error(m, TOO_FEW);
		return -1;
	}
	return n;
}

/* A decimal number; leading blanks and zeros are fine. */
bool at_number(const char *text, long min, long max, long *value)
{
	char *end;
	long n;

	text += strspn(text, " ");
	if (strspn(text, "0123456789") == 0)
		return false;
	n = strtol(text, &end, 10);
	if (*end || n < min || n > max)
		return false;
	*value = n;
	return true;
}

/* A number as the firmware reads the command's. */
bool at_form_number(const struct module *m, const char *text, long min, long max, long *value)
{
	unsigned int flags = m->request.form ? m->request.form->flags : 0;
	size_t digits = strspn(text, "0123456789");
	long n;

	if (!m->request.form)
		return at_number(text, min, max, value);
	if (!(flags & FORM_LOOSE) && (!digits || (!(flags & FORM_LEADING) && text[digits])))
		return false;
	n = strtol(text, NULL, 10);
	if (flags & FORM_BYTE)
		n &= 0xff;
	if ((n < min || n > max) && !(n && n == m->request.form->also))
		return false;
	*value = n;
	return true;
}

/* Four numbers with dots between, whatever comes behind. */
static bool at_loose_address(const char *text, struct in_addr *address)
{
	unsigned int n[4], i;

	if (sscanf(text, "%3u.%3u.%3u.%u", &n[0], &n[1], &n[2], &n[3]) != 4)
		return false;
	for (i = 0; i < 4; i++)
		if (n[i] > 255)
			return false;
	address->s_addr = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
	return true;
}

bool at_address(const char *text, struct in_addr *address)
{
	return inet_pton(AF_INET, text, address) == 1;
}

/* An address as the firmware reads it. */
bool at_form_address(const struct module *m, const char *text, struct in_addr *address)
{
	return m->request.form ? at_loose_address(text, address) : at_address(text, address);
}

/* The only argument, a number; replies and returns false if it is not one. */
bool at_get_int(struct module *m, long min, long max, int *value)
{
	char *field[1], zero[] = "0";
	long n;

	if (!m->request.args && m->request.form && m->request.form->flags & FORM_ZERO)
		field[0] = zero;
	else if (at_split(m, field, 1, 1) < 0)
		return false;
	if (!at_form_number(m, field[0], min, max, &n)) {
		at_error(m, BAD_ARGUMENT);
		return false;
	}
	*value = n;
	return true;
}
