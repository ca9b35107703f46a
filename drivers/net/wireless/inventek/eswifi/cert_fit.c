// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can this firmware use what is in these files? Asked before anything is sent, because
 * it stores, and calls equal, much that it can never use.
 */
#include <linux/mpi.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/* Bytes of the longest number of an RSA key that is looked at: 4096 bits */
#define ESWIFI_RSA_MAX	512

/**
 * struct eswifi_fit - files being looked at
 * @ew: the module
 * @name: what they are called
 * @file: the files; sound
 * @buf: room for one of them decoded
 * @text: out: why they do not fit
 * @size: room at @text
 */
struct eswifi_fit {
	struct eswifi *ew;
	const char *name;
	const struct eswifi_cert_file *file;
	u8 *buf;
	char *text;
	size_t size;
};

static __printf(3, 4)
int eswifi_fit_fail(struct eswifi_fit *fit, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(fit->text, fit->size, fmt, args);
	va_end(args);
	return error;
}

/* The numbers of an RSA key, and what is made of them */
enum { N, E, D, P, Q, P_LESS_1, Q_LESS_1, PRODUCT, REST, NUMBERS };

/* Is d the inverse of e modulo @modulus? Negative on failure. */
static int eswifi_rsa_inverse(MPI *m, MPI modulus)
{
	int ret = mpi_mulm(m[REST], m[D], m[E], modulus);

	return ret ?: mpi_cmp_ui(m[REST], 1) == 0;
}

/* 0: fit; -EKEYREJECTED: a good key, but d is not modulo (p-1)(q-1); -EBADMSG: no key. */
static int eswifi_rsa_judge(MPI *m)
{
	int ret;

	if (mpi_cmp_ui(m[P], 2) <= 0 || mpi_cmp_ui(m[Q], 2) <= 0)
		return -EBADMSG;
	ret = mpi_mul(m[PRODUCT], m[P], m[Q]);
	if (ret || mpi_cmp(m[PRODUCT], m[N]))
		return ret ?: -EBADMSG;
	ret = mpi_sub_ui(m[P_LESS_1], m[P], 1);
	ret = ret ?: mpi_sub_ui(m[Q_LESS_1], m[Q], 1);
	ret = ret ?: mpi_mul(m[PRODUCT], m[P_LESS_1], m[Q_LESS_1]);
	if (ret)
		return ret;
	ret = eswifi_rsa_inverse(m, m[P_LESS_1]);
	if (ret > 0)
		ret = eswifi_rsa_inverse(m, m[Q_LESS_1]);
	if (ret <= 0)
		return ret ?: -EBADMSG;
	ret = eswifi_rsa_inverse(m, m[PRODUCT]);
	return ret ? min(ret, 0) : -EKEYREJECTED;
}

static int eswifi_rsa_check(const struct eswifi_private_key *key)
{
	const struct eswifi_bytes * const from[] = {
		[N] = &key->n, [E] = &key->e, [D] = &key->d, [P] = &key->p, [Q] = &key->q,
	};
	MPI m[NUMBERS] = {};
	int i, ret = 0;

	for (i = 0; i < ARRAY_SIZE(from); i++)
		if (!from[i]->len || from[i]->len > ESWIFI_RSA_MAX)
			return -EBADMSG;
	for (i = 0; i < NUMBERS && !ret; i++) {
		m[i] = i < ARRAY_SIZE(from) ? mpi_read_raw_data(from[i]->data, from[i]->len) :
					      mpi_alloc(0);
		if (!m[i])
			ret = -ENOMEM;
	}
	if (!ret)
		ret = eswifi_rsa_judge(m);
	/* It wipes. */
	for (i = 0; i < NUMBERS; i++)
		mpi_free(m[i]);
	return ret;
}

/* Decodes the next block; -EBADMSG cannot be: the file is sound. */
static int eswifi_fit_next(struct eswifi_fit *fit, struct eswifi_bytes *rest, unsigned int *line,
			   struct eswifi_bytes *block, unsigned int *begin)
{
	return eswifi_pem_next(rest, line, block, begin, fit->buf, ESWIFI_CERT_BUF_SIZE);
}

/* All CAs in the file: with one that is not RSA, none is verified against for sure. */
static int eswifi_fit_ca(struct eswifi_fit *fit, enum eswifi_ca *ca)
{
	const struct eswifi_cert_file *file = &fit->file[ESWIFI_CERT_CA];
	struct eswifi_bytes rest = { file->data, file->len }, block;
	unsigned int line = 1, begin;
	struct eswifi_public_key key;
	int ret;

	*ca = ESWIFI_CA_RSA;
	while (!(ret = eswifi_fit_next(fit, &rest, &line, &block, &begin))) {
		if (eswifi_der_certificate(block, &key))
			return eswifi_fit_fail(fit, -EBADMSG,
					       "ca.pem line %u: no certificate is in that block: make the file anew",
					       begin);
		if (key.kind == ESWIFI_KEY_RSA)
			continue;
		*ca = ESWIFI_CA_OTHER;
		if (eswifi_firmware_guards(fit->ew, ESWIFI_GUARD_CA_RSA))
			return eswifi_fit_fail(fit, -EINVAL,
					       "ca.pem line %u: not an RSA CA: of any other this firmware compares the name only, and anybody can take that: have certificates issued by an RSA CA",
					       begin);
	}
	return ret == -ENOENT ? 0 : ret;
}

/* The certificate, the first of its file, and its key; in @cert nothing of @fit->buf. */
static int eswifi_fit_certificate(struct eswifi_fit *fit, struct eswifi_public_key *cert)
{
	const struct eswifi_cert_file *file = &fit->file[ESWIFI_CERT_CERT];
	struct eswifi_bytes rest = { file->data, file->len }, block;
	unsigned int line = 1, begin;
	int ret;

	ret = eswifi_fit_next(fit, &rest, &line, &block, &begin);
	if (!ret)
		ret = eswifi_der_certificate(block, cert);
	if (ret)
		return eswifi_fit_fail(fit, ret,
				       "cert.pem: no certificate is in its first block: make the file anew");
	if (cert->kind != ESWIFI_KEY_RSA &&
	    eswifi_firmware_guards(fit->ew, ESWIFI_GUARD_KEY_RSA))
		return eswifi_fit_fail(fit, -EINVAL,
				       "cert.pem line %u: not an RSA certificate, and this firmware can use no other: make an RSA key of 2048 bits and have a certificate issued for that",
				       begin);
	return 0;
}

static int eswifi_fit_key_form(struct eswifi_fit *fit, const struct eswifi_private_key *key,
			       unsigned int line)
{
	int ret;

	if (key->public.kind != ESWIFI_KEY_RSA)
		return eswifi_fit_fail(fit, -EINVAL,
				       "key.pem line %u: not an RSA key, and this firmware can use no other: make one of 2048 bits and have a certificate issued for that",
				       line);
	ret = eswifi_rsa_check(key);
	if (ret == -EBADMSG)
		return eswifi_fit_fail(fit, ret,
				       "key.pem line %u: the numbers of the key do not belong together, it is damaged: copy it again",
				       line);
	if (key->form != ESWIFI_KEY_PKCS1 && (!ret || ret == -EKEYREJECTED))
		return eswifi_fit_fail(fit, -EINVAL,
				       "key.pem line %u: a key in PKCS#8, which this firmware cannot use: 'eswifictl cert convert %s' writes the same key as it must be",
				       line, fit->name);
	if (ret == -EKEYREJECTED)
		return eswifi_fit_fail(fit, -EINVAL,
				       "key.pem line %u: its private exponent is not modulo (p-1)(q-1), so this firmware cannot use it: 'eswifictl cert convert %s' writes the same key as it must be",
				       line, fit->name);
	return ret;
}

static int eswifi_fit_pair(struct eswifi_fit *fit)
{
	const struct eswifi_cert_file *file = &fit->file[ESWIFI_CERT_KEY];
	struct eswifi_bytes rest = { file->data, file->len }, block;
	unsigned int line = 1, begin;
	struct eswifi_private_key key;
	struct eswifi_public_key cert;
	u8 *number;
	int ret;

	ret = eswifi_fit_certificate(fit, &cert);
	if (ret)
		return ret;
	number = kmemdup(cert.number.data, cert.number.len, GFP_KERNEL);
	if (!number)
		return -ENOMEM;
	cert.number.data = number;

	ret = eswifi_fit_next(fit, &rest, &line, &block, &begin);
	if (!ret)
		ret = eswifi_der_private_key(block, &key);
	if (ret)
		ret = eswifi_fit_fail(fit, ret,
				      "key.pem: no key is in its block: make the file anew");
	else if (!eswifi_der_same_key(&cert, &key.public))
		ret = eswifi_fit_fail(fit, -EINVAL,
				      "key.pem line %u: not the key of the first certificate in cert.pem: are files of two devices mixed up?",
				      begin);
	else if (eswifi_firmware_guards(fit->ew, ESWIFI_GUARD_KEY_RSA))
		ret = eswifi_fit_key_form(fit, &key, begin);
	kfree(number);
	memzero_explicit(&key, sizeof(key));
	return ret;
}

/**
 * eswifi_cert_fit() - can this firmware use what is in these files?
 * @ew: the module
 * @name: what they are called
 * @file: the files; sound, there is a CA, and a certificate and its key or neither
 * @ca: out: what kind of CA it is; also if it is refused for that
 * @text: out, on failure: what is wrong and what to do
 * @size: room at @text
 *
 * The module is not asked. Return: 0; -EINVAL a sound file of a kind that is of no use;
 * -EBADMSG one that does not hold what it says; -ENOMEM.
 */
int eswifi_cert_fit(struct eswifi *ew, const char *name,
		    const struct eswifi_cert_file file[ESWIFI_CERT_ITEMS], enum eswifi_ca *ca,
		    char *text, size_t size)
{
	struct eswifi_fit fit = {
		.ew = ew, .name = name, .file = file, .text = text, .size = size,
	};
	int ret;

	fit.buf = kvmalloc(ESWIFI_CERT_BUF_SIZE, GFP_KERNEL);
	ret = fit.buf ? eswifi_fit_ca(&fit, ca) : -ENOMEM;
	if (!ret && file[ESWIFI_CERT_CERT].data)
		ret = eswifi_fit_pair(&fit);
	/* A key lies in it. */
	kvfree_sensitive(fit.buf, ESWIFI_CERT_BUF_SIZE);
	if (ret == -ENOMEM)
		scnprintf(text, size, "out of memory");
	return ret;
}
