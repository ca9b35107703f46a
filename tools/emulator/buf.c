// SPDX-License-Identifier: GPL-2.0-only
/* A byte string that grows. */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

static void buf_room(struct buf *buf, size_t more)
{
	if (buf->size - buf->len >= more)
		return;
	buf->size = (buf->len + more) * 2;
	buf->data = realloc(buf->data, buf->size);
	if (!buf->data)
		err(1, "out of memory");
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	if (!len)
		return;
	buf_room(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n < 0)
		err(1, "cannot format");
	buf_room(buf, n + 1);
	vsnprintf((char *)buf->data + buf->len, n + 1, format, again);
	va_end(again);
	buf->len += n;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

/* Append bytes as a person can read them in a log. */
void buf_escape(struct buf *buf, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (; len--; p++) {
		if (*p == '\r')
			buf_add(buf, "\\r", 2);
		else if (*p == '\n')
			buf_add(buf, "\\n", 2);
		else if (*p == '\\')
			buf_add(buf, "\\\\", 2);
		else if (*p < 0x20 || *p > 0x7e)
			buf_printf(buf, "\\x%02x", *p);
		else
			buf_add(buf, p, 1);
	}
}

/* Append what buf_escape() made readable. */
int buf_unescape(struct buf *buf, const char *text)
{
	while (*text) {
		unsigned int byte = (unsigned char)*text++;
		uint8_t c;
		int n = 0;

		if (byte == '\\') {
			byte = (unsigned char)*text++;
			if (byte == 'r')
				byte = '\r';
			else if (byte == 'n')
				byte = '\n';
			else if (byte == 'x' && sscanf(text, "%2x%n", &byte, &n) == 1 && n == 2)
				text += n;
			else if (byte != '\\')
				return -EINVAL;
		}
		c = byte;
		buf_add(buf, &c, 1);
	}
	return 0;
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ 0 };
}
