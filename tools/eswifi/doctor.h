/* SPDX-License-Identifier: GPL-2.0-only */
/* What the checks of eswifictl doctor share: where they look, how they report. */
#ifndef ESWIFI_DOCTOR_H
#define ESWIFI_DOCTOR_H

#include "eswifictl.h"

enum verdict { VERDICT_OK, VERDICT_WARN, VERDICT_FAIL };

/**
 * struct doctor - one examination
 * @device: the module
 * @root: what stands before every path; "" for this machine
 * @host: name to be resolved
 * @release: of the running kernel
 * @findings: all so far, as --json shows them
 * @count: of each verdict
 * @bound: a driver has the module: /sys/class/eswifi/NAME is there
 */
struct doctor {
	struct device *device;
	const char *root;
	const char *host;
	char release[128];
	struct json_object *findings;
	int count[3];
	bool bound;
};

/* doctor.c */
void report(struct doctor *d, enum verdict verdict, const char *check, const char *advice,
	    const char *format, ...) __attribute__((format(printf, 5, 6)));
ssize_t peek(const struct doctor *d, char *value, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
bool exists(const struct doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *rooted(const struct doctor *d, const char *path);

/* doctor_host.c, doctor_tree.c, doctor_device.c */
void check_module(struct doctor *d);
void check_headers(struct doctor *d);
void check_log(struct doctor *d);
void check_tree(struct doctor *d);
void check_spi(struct doctor *d);
void check_node(struct doctor *d);
void check_answer(struct doctor *d);
void check_firmware(struct doctor *d);
void check_link(struct doctor *d);
void check_names(struct doctor *d);
void check_clock(struct doctor *d);
void check_certificates(struct doctor *d);

#endif /* ESWIFI_DOCTOR_H */
