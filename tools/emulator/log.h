/* SPDX-License-Identifier: GPL-2.0-only */
/* The dialogue log: one line for each command and each reply. */
#ifndef EMULATOR_LOG_H
#define EMULATOR_LOG_H

#include <stddef.h>
#include <stdio.h>

struct log {
	FILE *file;
};

void log_note(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_bytes(struct log *log, const char *mark, const void *data, size_t len,
	       size_t hidden);

#endif
