/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Certificate sets: checking PEM files (pure, compiles in user space too), and
 * provisioning them into the module without ever gambling with a one-time slot.
 */
#ifndef ESWIFI_CERT_H
#define ESWIFI_CERT_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <uapi/linux/eswifi.h>
#else
#include <linux/eswifi.h>
#include "at.h"
#endif

/* Longest PEM file read. What is safe to send is less, by firmware and set:
 * eswifi_firmware_item_max().
 */
#define ESWIFI_CERT_MAX		8192
#define ESWIFI_CERT_SETS	4	/* 0 to 2 one-time programmable, 3 rewritable */
#define ESWIFI_CERT_OTP_SETS	3

/* ESWIFI_CERT_CA and so on are also the values of PG's second field. */

/**
 * struct eswifi_pem_fault - why a PEM file was refused
 * @line: line of the file, from 1; 0 if the fault is of the whole file
 * @what: what is wrong and what to do, a constant string
 */
struct eswifi_pem_fault {
	unsigned int line;
	const char *what;
};

/**
 * struct eswifi_bytes - a part of something
 * @data: its first byte
 * @len: bytes of it, 0 for nothing
 */
struct eswifi_bytes {
	const u8 *data;
	size_t len;
};

enum eswifi_key_kind {
	ESWIFI_KEY_OTHER,
	ESWIFI_KEY_RSA,
	ESWIFI_KEY_EC,
};

enum eswifi_key_form {
	ESWIFI_KEY_PKCS1,	/* RSA only */
	ESWIFI_KEY_PKCS8,
	ESWIFI_KEY_SEC1,	/* EC only */
};

/**
 * struct eswifi_public_key - what tells one key from another
 * @kind: its kind
 * @number: the modulus of an RSA key, the point of an EC key; of other kinds, and of
 *	an EC key that leaves it out, nothing
 */
struct eswifi_public_key {
	enum eswifi_key_kind kind;
	struct eswifi_bytes number;
};

/**
 * struct eswifi_private_key - a private key taken apart
 * @form: how it is written
 * @public: its public half
 * @n: of an RSA key: modulus
 * @e: public exponent
 * @d: private exponent
 * @p: one prime
 * @q: the other
 */
struct eswifi_private_key {
	enum eswifi_key_form form;
	struct eswifi_public_key public;
	struct eswifi_bytes n;
	struct eswifi_bytes e;
	struct eswifi_bytes d;
	struct eswifi_bytes p;
	struct eswifi_bytes q;
};

/* pem.c */
int eswifi_pem_check(unsigned int item, const u8 *data, size_t len,
		     struct eswifi_pem_fault *fault);
void eswifi_pem_trim(struct eswifi_bytes *file);
int eswifi_pem_next(struct eswifi_bytes *file, unsigned int *line, struct eswifi_bytes *block,
		    unsigned int *begin, u8 *buf, size_t size);

/* der.c */
int eswifi_der_certificate(struct eswifi_bytes der, struct eswifi_public_key *key);
int eswifi_der_private_key(struct eswifi_bytes der, struct eswifi_private_key *key);
bool eswifi_der_same_key(const struct eswifi_public_key *a, const struct eswifi_public_key *b);

#ifdef __KERNEL__

/* A word, a name, a set and ESWIFI_CERT_TEXT_SIZE */
#define ESWIFI_CERT_STATUS_SIZE	(ESWIFI_CERT_TEXT_SIZE + ESWIFI_CERT_NAME_MAX + 32)

/**
 * enum eswifi_ca - what is known of the CA that a set holds
 * @ESWIFI_CA_UNKNOWN: nothing
 * @ESWIFI_CA_RSA: it is RSA, and if there are several, all are
 * @ESWIFI_CA_OTHER: it is not
 */
enum eswifi_ca {
	ESWIFI_CA_UNKNOWN,
	ESWIFI_CA_RSA,
	ESWIFI_CA_OTHER,
};

/**
 * enum eswifi_loss - why an item that can be written once is lost
 * @ESWIFI_LOSS_NONE: it is not known to be
 * @ESWIFI_LOSS_TORN: a comparison with it was never answered, or lost the module
 *	twice: power failed while it was written, seemingly
 * @ESWIFI_LOSS_DAMAGED: it was free, and did not take what it was given
 */
enum eswifi_loss {
	ESWIFI_LOSS_NONE,
	ESWIFI_LOSS_TORN,
	ESWIFI_LOSS_DAMAGED,
};

/**
 * struct eswifi_cert - certificates and verification of one module
 * @set: active set, 0 to 3
 * @mode: ESWIFI_VERIFY_* of connections that do not name their own
 * @used: as PE last told, for sets in @known
 * @known: bit n: @used[n] is what the module said and nothing has changed it
 * @proved: items of each set that were seen to hold something by comparing it, a
 *	bit for each; what is known where the firmware has no PE
 * @doubted: items of each set at whose comparison the module was lost, once, a bit for each;
 *	those that were proved since are not among them
 * @loss: items that are lost, which is remembered for as long as the driver has the
 *	module
 * @ca: what was found out of the CA of each set, by writing or comparing it
 * @busy: bit 0: a provisioning runs; taken with test_and_set_bit()
 * @selected: BIT(n) if PF last selected set n, 0 if nothing is known of it
 * @status: text of cert_status, one line without its newline: a word (idle,
 *	receiving, preparing, transferring, programming, done, verified, planned,
 *	failed), and but for idle what it is about
 *
 * @set, @mode and @status are guarded by eswifi.config_lock; @used, @known,
 * @proved, @doubted, @loss, @ca and @selected are the worker's.
 */
struct eswifi_cert {
	unsigned int set;
	unsigned int mode;
	bool used[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	unsigned long known;
	unsigned long proved[ESWIFI_CERT_SETS];
	unsigned long doubted[ESWIFI_CERT_SETS];
	enum eswifi_loss loss[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	enum eswifi_ca ca[ESWIFI_CERT_SETS];
	unsigned long busy;
	unsigned long selected;
	char status[ESWIFI_CERT_STATUS_SIZE];
};

struct eswifi;

/**
 * struct eswifi_cert_file - what is meant for one item of a set
 * @data: its bytes, NULL if there are none; ESWIFI_CERT_BUF_SIZE of them are
 *	allocated
 * @len: their number
 * @cut: how many there were around its blocks, which are not sent
 * @from: ESWIFI_FROM_*
 */
struct eswifi_cert_file {
	u8 *data;
	size_t len;
	size_t cut;
	u8 from;
};

/* One byte more than may be, so that a file too long is seen to be so. */
#define ESWIFI_CERT_BUF_SIZE	(ESWIFI_CERT_MAX + 1)

/**
 * struct eswifi_cert_source - a place where provisioning finds its files
 * @from: ESWIFI_FROM_*, without ESWIFI_FROM_OWN
 * @load: put what is called @item, of the files called @name, into @buf, of
 *	@size bytes. @name may have a second part behind a slash, the module's
 *	address. Called in the context of whoever asked. Returns the number of
 *	bytes, -ENOENT if there are none, -EFBIG if they are more than @size, or
 *	another negative errno
 */
struct eswifi_cert_source {
	u8 from;
	ssize_t (*load)(const struct eswifi_cert_source *source, struct eswifi *ew,
			const char *name, unsigned int item, void *buf, size_t size);
};

/* cert.c */
extern const char * const eswifi_cert_item_names[ESWIFI_CERT_ITEMS];
unsigned int eswifi_cert_sets(struct eswifi *ew);
ssize_t eswifi_cert_show_slots(struct eswifi *ew, char *buf);
int eswifi_cert_slots(struct eswifi *ew, unsigned int set, bool used[ESWIFI_CERT_ITEMS]);
int eswifi_cert_select(struct eswifi *ew, unsigned int set);
int eswifi_cert_usable(struct eswifi *ew, unsigned int set, unsigned int mode,
		       bool unverified_ok, bool *verified);
int eswifi_cert_verify(struct eswifi *ew, unsigned int mode);
bool eswifi_cert_mode_works(struct eswifi *ew, unsigned int mode);
void eswifi_cert_forget(struct eswifi *ew);
void eswifi_cert_forget_module(struct eswifi *ew);

/* cert_source.c */
extern const struct eswifi_cert_source * const eswifi_cert_sources[];
int eswifi_cert_load(struct eswifi *ew, const char *name,
		     const struct eswifi_cert_source * const *sources,
		     struct eswifi_cert_file file[ESWIFI_CERT_ITEMS], char *text, size_t size);
void eswifi_cert_wipe(struct eswifi_cert_file *file);

/* cert_fit.c */
int eswifi_cert_fit(struct eswifi *ew, const char *name,
		    const struct eswifi_cert_file file[ESWIFI_CERT_ITEMS], enum eswifi_ca *ca,
		    char *text, size_t size);

/* cert_provision.c */
int eswifi_cert_provision(struct eswifi *ew, struct eswifi_provision *p, u64 owner);
int eswifi_cert_provision_from(struct eswifi *ew, struct eswifi_provision *p, u64 owner,
			       const struct eswifi_cert_source * const *sources);

#endif /* __KERNEL__ */
#endif /* ESWIFI_CERT_H */
