/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One provisioning, between its whole (cert_provision.c) and its items (cert_item.c).
 */
#ifndef ESWIFI_CERT_ORDER_H
#define ESWIFI_CERT_ORDER_H

#include "eswifi.h"

/**
 * struct eswifi_cert_order - one provisioning
 * @job: its job, which lasts from the first file to the last PE
 * @p: what was asked, and what came of it
 * @file: what is meant for each item
 * @ca: what kind of CA is meant
 * @told: the module answers PE
 * @left: whoever waited has left: stop before the next item
 */
struct eswifi_cert_order {
	struct eswifi_job job;
	struct eswifi_provision p;
	struct eswifi_cert_file file[ESWIFI_CERT_ITEMS];
	enum eswifi_ca ca;
	bool told;
	bool left;
};

/* cert_item.c */
__printf(3, 4)
int eswifi_cert_fail(struct eswifi_cert_order *order, int error, const char *fmt, ...);
const char *eswifi_cert_why(struct eswifi *ew, int error);
bool eswifi_cert_can_compare(struct eswifi *ew);
int eswifi_cert_check_loss(struct eswifi_cert_order *order, int item);
int eswifi_cert_compare(struct eswifi_cert_order *order, int item);
int eswifi_cert_program(struct eswifi_cert_order *order, int item);

#endif /* ESWIFI_CERT_ORDER_H */
