/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Certificate sets: checking PEM files (pure, compiles in user space too), and
 * provisioning them into the module without ever gambling with a one-time slot.
 */
#ifndef ESWIFI_CERT_H
#define ESWIFI_CERT_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "at.h"
#endif

/* Longest PEM file taken. The module's limit is not documented; the header
 * that ST sends holds four digits.
 */
#define ESWIFI_CERT_MAX		8192
#define ESWIFI_CERT_SETS	4	/* 0 to 2 one-time programmable, 3 rewritable */
#define ESWIFI_CERT_NAME_MAX	64	/* characters of a provisioning name */

/* Items of a set: the values of PG's second field */
enum eswifi_cert_item {
	ESWIFI_CERT_CA,
	ESWIFI_CERT_CERT,
	ESWIFI_CERT_KEY,
	ESWIFI_CERT_ITEMS
};

/**
 * struct eswifi_pem_fault - why a PEM file was refused
 * @line: line of the file, from 1; 0 if the fault is of the whole file
 * @what: what is wrong and what to do, a constant string
 */
struct eswifi_pem_fault {
	unsigned int line;
	const char *what;
};

/* pem.c */
int eswifi_pem_check(enum eswifi_cert_item item, const u8 *data, size_t len,
		     struct eswifi_pem_fault *fault);

#ifdef __KERNEL__

#define ESWIFI_CERT_STATUS_SIZE	256

/**
 * struct eswifi_cert - certificates and verification of one module
 * @set: active set, 0 to 3
 * @mode: ESWIFI_VERIFY_* of connections that do not name their own
 * @used: as PE last told, for sets in @known
 * @known: bit n: @used[n] is what the module said and nothing has changed it
 * @busy: bit 0: a provisioning runs; taken with test_and_set_bit()
 * @selected: BIT(n) if PF last selected set n, 0 if nothing is known of it
 * @status: text of cert_status, one line without its newline: a word (idle,
 *	receiving, preparing, transferring, programming, done, failed), and
 *	but for idle what it is about
 *
 * @set, @mode and @status are guarded by eswifi.config_lock; @used, @known and
 * @selected are the worker's.
 */
struct eswifi_cert {
	unsigned int set;
	unsigned int mode;
	bool used[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	unsigned long known;
	unsigned long busy;
	unsigned long selected;
	char status[ESWIFI_CERT_STATUS_SIZE];
};

struct eswifi;

/**
 * struct eswifi_cert_source - where provisioning takes its files from
 * @load: put file @path into @buf, of @size bytes. Called in the context of
 *	whoever asked. Returns the size of the file, -ENOENT if there is none,
 *	-EFBIG if it is longer than @size, or another negative errno
 */
struct eswifi_cert_source {
	ssize_t (*load)(const struct eswifi_cert_source *source, struct eswifi *ew,
			const char *path, void *buf, size_t size);
};

/* cert.c */
extern const char * const eswifi_cert_item_names[ESWIFI_CERT_ITEMS];
unsigned int eswifi_cert_sets(struct eswifi *ew);
ssize_t eswifi_cert_show_slots(struct eswifi *ew, char *buf);
int eswifi_cert_slots(struct eswifi *ew, unsigned int set, bool used[ESWIFI_CERT_ITEMS]);
int eswifi_cert_select(struct eswifi *ew, unsigned int set);
int eswifi_cert_usable(struct eswifi *ew, unsigned int set, unsigned int mode,
		       bool unverified_ok, bool *verified);
void eswifi_cert_forget(struct eswifi *ew);

/* cert_provision.c */
int eswifi_cert_provision(struct eswifi *ew, const char *name);
int eswifi_cert_provision_from(struct eswifi *ew, const char *name,
			       const struct eswifi_cert_source *source);

#endif /* __KERNEL__ */
#endif /* ESWIFI_CERT_H */
