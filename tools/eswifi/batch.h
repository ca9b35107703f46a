/* SPDX-License-Identifier: GPL-2.0-only */
/* The parts of cert batch: its manifest, its report. */
#ifndef ESWIFICTL_BATCH_H
#define ESWIFICTL_BATCH_H

#include <stdio.h>

#include "cert.h"

#define ADDRESS_SIZE	sizeof("00:11:22:33:44:55")

/**
 * struct manifest_line - what one module, or every other one, shall hold
 * @address: MAC address in small letters; "*" for modules that no line names
 * @name: name of the files
 * @set: certificate set
 * @number: of the line
 */
struct manifest_line {
	char address[ADDRESS_SIZE];
	char name[ESWIFI_CERT_NAME_MAX + 1];
	unsigned int set;
	unsigned int number;
};

/**
 * struct manifest - a list of modules
 * @line: the lines that say something
 * @lines: their number
 * @digest: SHA-256 of the file, in hexadecimal
 */
struct manifest {
	struct manifest_line *line;
	size_t lines;
	char digest[65];
};

/* cert_manifest.c */
int manifest_read(struct manifest *manifest, const char *path);
const struct manifest_line *manifest_find(const struct manifest *manifest, const char *address);
void manifest_free(struct manifest *manifest);

/**
 * struct report - what a batch did, a JSON object a line, safe from power cuts
 * @fd: the file, locked
 * @path: its name
 * @broken: writing failed; what was done since is not in it
 */
struct report {
	int fd;
	const char *path;
	bool broken;
};

/* cert_report.c */
int report_open(struct report *report, const char *path);
struct json_object *report_record(const char *type);
void report_add(struct report *report, struct json_object *record);
void report_sign_off(struct report *report, struct json_object *record);
void report_close(struct report *report);
int report_check(const char *path);

#endif /* ESWIFICTL_BATCH_H */
