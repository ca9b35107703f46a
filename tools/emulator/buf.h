/* SPDX-License-Identifier: GPL-2.0-only */
/* A byte string that grows. */
#ifndef EMULATOR_BUF_H
#define EMULATOR_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len;
	size_t size;
};

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_vprintf(struct buf *buf, const char *format, va_list args);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_escape(struct buf *buf, const void *data, size_t len);
int buf_unescape(struct buf *buf, const char *text);
void buf_free(struct buf *buf);

#endif
