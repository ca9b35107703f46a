// SPDX-License-Identifier: GPL-2.0-only
/* The dialogue log: one line for each command and each reply. */
#include <inttypes.h>
#include <stdarg.h>

#include "buf.h"
#include "log.h"
#include "loop.h"

static void log_time(struct log *log)
{
	uint64_t now = loop_now();

	fprintf(log->file, "%6" PRIu64 ".%06" PRIu64 " ", now / 1000000, now % 1000000);
}

void log_note(struct log *log, const char *format, ...)
{
	va_list args;

	if (!log->file)
		return;
	log_time(log);
	fputs("- ", log->file);
	va_start(args, format);
	vfprintf(log->file, format, args);
	va_end(args);
	fputc('\n', log->file);
	fflush(log->file);
}

/* Log len bytes; of the hidden ones behind them, only how many they are. */
void log_bytes(struct log *log, const char *mark, const void *data, size_t len, size_t hidden)
{
	struct buf text = { 0 };

	if (!log->file)
		return;
	buf_escape(&text, data, len);
	if (hidden)
		buf_printf(&text, "[%zu bytes]", hidden);
	log_time(log);
	fprintf(log->file, "%s %.*s\n", mark, (int)text.len, (char *)text.data);
	fflush(log->file);
	buf_free(&text);
}
