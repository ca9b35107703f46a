// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can this firmware use what is in these files? Asked before anything is sent, because
 * it stores, and calls equal, much that it can never use.
 */
#include <linux/kernel.h>
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

/* Arithmetic on long numbers, highest byte first. Not lib/mpi: up to 6.12 at least its
 * multiplication and division do not survive an allocation that fails. The exponent is
 * short, so that a few lines do.
 */

/**
 * struct eswifi_rsa - room for the arithmetic; wiped when freed
 * @product: d * e - 1
 * @modulus: p - 1, q - 1, or (p - 1) * (q - 1)
 * @rest: remainder of a division, and one byte more
 */
struct eswifi_rsa {
	u8 product[ESWIFI_RSA_MAX + sizeof(u32)];
	u8 modulus[ESWIFI_RSA_MAX];
	u8 rest[ESWIFI_RSA_MAX + 1];
};

/* The same number without zeros in front */
static struct eswifi_bytes eswifi_rsa_number(struct eswifi_bytes number)
{
	while (number.len && !*number.data) {
		number.data++;
		number.len--;
	}
	return number;
}

/* @from -= @number, which is no longer; the difference is not negative. */
static void eswifi_rsa_subtract(u8 *from, size_t len, const u8 *number, size_t number_len)
{
	int borrow = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		int digit = from[len - 1 - i] - borrow;

		if (i < number_len)
			digit -= number[number_len - 1 - i];
		borrow = digit < 0;
		from[len - 1 - i] = digit;
	}
}

/* Is @number a multiple of @modulus? Bit by bit. */
static bool eswifi_rsa_is_multiple(struct eswifi_rsa *rsa, const u8 *number, size_t number_len,
				   const u8 *modulus, size_t len)
{
	u8 *rest = rsa->rest;
	size_t bit, i;

	memset(rest, 0, len + 1);
	for (bit = 0; bit < 8 * number_len; bit++) {
		unsigned int carry = number[bit / 8] >> (7 - bit % 8) & 1;

		for (i = len + 1; i--; carry >>= 8) {
			carry |= rest[i] << 1;
			rest[i] = carry;
		}
		if (*rest || memcmp(rest + 1, modulus, len) >= 0)
			eswifi_rsa_subtract(rest, len + 1, modulus, len);
	}
	return !memchr_inv(rest, 0, len + 1);
}

/* product = d * e - 1 */
static void eswifi_rsa_multiply(struct eswifi_rsa *rsa, struct eswifi_bytes d, u32 e)
{
	static const u8 one[] = { 1 };
	size_t len = d.len + sizeof(e), i;
	u64 carry = 0;

	for (i = 0; i < len; i++, carry >>= 8) {
		if (i < d.len)
			carry += (u64)d.data[d.len - 1 - i] * e;
		rsa->product[len - 1 - i] = carry;
	}
	eswifi_rsa_subtract(rsa->product, len, one, sizeof(one));
}

/* Is d the inverse of e modulo @prime - 1? */
static bool eswifi_rsa_is_inverse(struct eswifi_rsa *rsa, size_t product_len,
				  struct eswifi_bytes prime)
{
	static const u8 one[] = { 1 };

	memcpy(rsa->modulus, prime.data, prime.len);
	eswifi_rsa_subtract(rsa->modulus, prime.len, one, sizeof(one));
	return eswifi_rsa_is_multiple(rsa, rsa->product, product_len, rsa->modulus, prime.len);
}

/* 0: fit; -EKEYREJECTED: a good key, but d is not modulo (p-1)(q-1); -EBADMSG: no key. */
static int eswifi_rsa_judge(struct eswifi_rsa *rsa, const struct eswifi_private_key *key)
{
	struct eswifi_bytes n = eswifi_rsa_number(key->n), d = eswifi_rsa_number(key->d);
	struct eswifi_bytes p = eswifi_rsa_number(key->p), q = eswifi_rsa_number(key->q);
	struct eswifi_bytes e = eswifi_rsa_number(key->e);
	size_t product_len = d.len + sizeof(u32), i;
	u32 exponent = 0;

	if (n.len > ESWIFI_RSA_MAX || !d.len || d.len > n.len || !e.len || e.len > sizeof(exponent))
		return -EBADMSG;
	/* Of p * q = n neither is long, and neither is short. */
	if (p.len < 2 || q.len < 2 || p.len + q.len < n.len || p.len + q.len > n.len + 1)
		return -EBADMSG;
	if (!eswifi_rsa_is_multiple(rsa, n.data, n.len, p.data, p.len) ||
	    !eswifi_rsa_is_multiple(rsa, n.data, n.len, q.data, q.len))
		return -EBADMSG;
	for (i = 0; i < e.len; i++)
		exponent = exponent << 8 | e.data[i];
	eswifi_rsa_multiply(rsa, d, exponent);
	if (!eswifi_rsa_is_inverse(rsa, product_len, p) ||
	    !eswifi_rsa_is_inverse(rsa, product_len, q))
		return -EBADMSG;

	/* (p - 1) * (q - 1) = n - p + 1 - q; n and p are odd, so one more has no carry. */
	memcpy(rsa->modulus, n.data, n.len);
	eswifi_rsa_subtract(rsa->modulus, n.len, p.data, p.len);
	rsa->modulus[n.len - 1] |= 1;
	eswifi_rsa_subtract(rsa->modulus, n.len, q.data, q.len);
	return eswifi_rsa_is_multiple(rsa, rsa->product, product_len, rsa->modulus, n.len) ?
	       0 : -EKEYREJECTED;
}

static int eswifi_rsa_check(const struct eswifi_private_key *key)
{
	struct eswifi_rsa *rsa;
	int ret;

	rsa = kmalloc(sizeof(*rsa), GFP_KERNEL);
	if (!rsa)
		return -ENOMEM;
	ret = eswifi_rsa_judge(rsa, key);
	kfree_sensitive(rsa);
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
