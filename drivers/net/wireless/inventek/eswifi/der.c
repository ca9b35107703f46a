// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds keys in DER: the public key of a certificate, and of a private key its form
 * and its numbers.
 *
 * Walks along tags and lengths, never beyond what it was given, and understands no
 * more than it needs: a certificate that is taken here may still be of no use to a
 * TLS library, but of none that a library would use is the key mistaken.
 *
 * Pure: compiles in user space too.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif

#include "cert.h"

#define DER_INTEGER		0x02
#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_SEQUENCE		0x30
#define DER_EXPLICIT_0		0xa0
#define DER_EXPLICIT_1		0xa1

/* Takes the next element off @in; false if there is none that fits. */
static bool der_take(struct eswifi_bytes *in, u8 *tag, struct eswifi_bytes *value)
{
	size_t len, head = 2;

	if (in->len < 2)
		return false;
	len = in->data[1];
	if (len == 0x81 && in->len > 2) {
		len = in->data[2];
		head = 3;
	} else if (len == 0x82 && in->len > 3) {
		len = in->data[2] << 8 | in->data[3];
		head = 4;
	} else if (len >= 0x80) {
		/* A longer form is longer than any file taken. */
		return false;
	}
	if (len > in->len - head)
		return false;
	*tag = in->data[0];
	value->data = in->data + head;
	value->len = len;
	in->data += head + len;
	in->len -= head + len;
	return true;
}

/* Takes the next element if it has this tag; @value may be NULL. */
static bool der_expect(struct eswifi_bytes *in, u8 tag, struct eswifi_bytes *value)
{
	struct eswifi_bytes rest = *in, found;
	u8 got;

	if (!der_take(&rest, &got, &found) || got != tag)
		return false;
	*in = rest;
	if (value)
		*value = found;
	return true;
}

/* A number without the zeros in front, which tell that it is not negative. */
static bool der_number(struct eswifi_bytes *in, struct eswifi_bytes *number)
{
	if (!der_expect(in, DER_INTEGER, number))
		return false;
	while (number->len && !*number->data) {
		number->data++;
		number->len--;
	}
	return true;
}

/* Which algorithm an AlgorithmIdentifier begins with. */
static enum eswifi_key_kind der_algorithm(struct eswifi_bytes id)
{
	/* rsaEncryption and id-ecPublicKey */
	static const u8 rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01 };
	static const u8 ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	struct eswifi_bytes oid;

	if (!der_expect(&id, DER_OID, &oid))
		return ESWIFI_KEY_OTHER;
	if (oid.len == sizeof(rsa) && !memcmp(oid.data, rsa, sizeof(rsa)))
		return ESWIFI_KEY_RSA;
	if (oid.len == sizeof(ec) && !memcmp(oid.data, ec, sizeof(ec)))
		return ESWIFI_KEY_EC;
	return ESWIFI_KEY_OTHER;
}

/* A BIT STRING of whole bytes, as all keys are. */
static bool der_bits(struct eswifi_bytes *in, struct eswifi_bytes *bits)
{
	if (!der_expect(in, DER_BIT_STRING, bits) || !bits->len || *bits->data)
		return false;
	bits->data++;
	bits->len--;
	return true;
}

/**
 * eswifi_der_certificate() - the public key of a certificate
 * @der: the certificate
 * @key: out: the key; undefined on failure
 *
 * Return: 0; -EBADMSG it is no certificate.
 */
int eswifi_der_certificate(struct eswifi_bytes der, struct eswifi_public_key *key)
{
	struct eswifi_bytes outer, tbs, info, algorithm, bits, numbers;

	memset(key, 0, sizeof(*key));
	if (!der_expect(&der, DER_SEQUENCE, &outer) || !der_expect(&outer, DER_SEQUENCE, &tbs))
		return -EBADMSG;
	/* The version may be left out; then come serial number, algorithm, issuer,
	 * validity and subject.
	 */
	der_expect(&tbs, DER_EXPLICIT_0, NULL);
	if (!der_expect(&tbs, DER_INTEGER, NULL) || !der_expect(&tbs, DER_SEQUENCE, NULL) ||
	    !der_expect(&tbs, DER_SEQUENCE, NULL) || !der_expect(&tbs, DER_SEQUENCE, NULL) ||
	    !der_expect(&tbs, DER_SEQUENCE, NULL) || !der_expect(&tbs, DER_SEQUENCE, &info) ||
	    !der_expect(&info, DER_SEQUENCE, &algorithm) || !der_bits(&info, &bits))
		return -EBADMSG;
	key->kind = der_algorithm(algorithm);
	if (key->kind == ESWIFI_KEY_EC)
		key->number = bits;
	if (key->kind == ESWIFI_KEY_RSA &&
	    (!der_expect(&bits, DER_SEQUENCE, &numbers) || !der_number(&numbers, &key->number)))
		return -EBADMSG;
	return 0;
}

/* What follows the version of a PKCS#1 key */
static int der_pkcs1(struct eswifi_bytes in, struct eswifi_private_key *key)
{
	key->public.kind = ESWIFI_KEY_RSA;
	if (!der_number(&in, &key->n) || !der_number(&in, &key->e) ||
	    !der_number(&in, &key->d) || !der_number(&in, &key->p) || !der_number(&in, &key->q))
		return -EBADMSG;
	key->public.number = key->n;
	return 0;
}

/* What follows the version of a SEC1 key; its point may be left out. */
static int der_sec1(struct eswifi_bytes in, struct eswifi_private_key *key)
{
	struct eswifi_bytes point;

	key->public.kind = ESWIFI_KEY_EC;
	if (!der_expect(&in, DER_OCTET_STRING, NULL))
		return -EBADMSG;
	der_expect(&in, DER_EXPLICIT_0, NULL);
	if (der_expect(&in, DER_EXPLICIT_1, &point))
		der_bits(&point, &key->public.number);
	return 0;
}

/* What follows the version of a PKCS#8 key, in which is one of the others */
static int der_pkcs8(struct eswifi_bytes in, struct eswifi_private_key *key)
{
	struct eswifi_bytes algorithm, octets, inner;

	if (!der_expect(&in, DER_SEQUENCE, &algorithm) ||
	    !der_expect(&in, DER_OCTET_STRING, &octets))
		return -EBADMSG;
	key->public.kind = der_algorithm(algorithm);
	if (key->public.kind == ESWIFI_KEY_OTHER)
		return 0;
	if (!der_expect(&octets, DER_SEQUENCE, &inner) || !der_expect(&inner, DER_INTEGER, NULL))
		return -EBADMSG;
	return key->public.kind == ESWIFI_KEY_RSA ? der_pkcs1(inner, key) :
						    der_sec1(inner, key);
}

/**
 * eswifi_der_private_key() - what there is in a private key
 * @der: the key
 * @key: out: its form and numbers, which point into @der; undefined on failure
 *
 * The form is told by what is in it, whatever it was called.
 *
 * Return: 0; -EBADMSG it is no private key.
 */
int eswifi_der_private_key(struct eswifi_bytes der, struct eswifi_private_key *key)
{
	struct eswifi_bytes outer;

	memset(key, 0, sizeof(*key));
	if (!der_expect(&der, DER_SEQUENCE, &outer) || !der_expect(&outer, DER_INTEGER, NULL) ||
	    !outer.len)
		return -EBADMSG;
	switch (*outer.data) {
	case DER_INTEGER:
		key->form = ESWIFI_KEY_PKCS1;
		return der_pkcs1(outer, key);
	case DER_OCTET_STRING:
		key->form = ESWIFI_KEY_SEC1;
		return der_sec1(outer, key);
	case DER_SEQUENCE:
		key->form = ESWIFI_KEY_PKCS8;
		return der_pkcs8(outer, key);
	default:
		return -EBADMSG;
	}
}

/**
 * eswifi_der_same_key() - do a certificate and a private key belong together?
 * @a: public key of one
 * @b: public key of the other
 *
 * Return: false if not; true if so, or if one of them does not tell.
 */
bool eswifi_der_same_key(const struct eswifi_public_key *a, const struct eswifi_public_key *b)
{
	if (a->kind != b->kind)
		return false;
	if (!a->number.len || !b->number.len)
		return true;
	/* A point may be written in two ways. */
	if (a->number.len != b->number.len)
		return a->kind != ESWIFI_KEY_RSA;
	return !memcmp(a->number.data, b->number.data, a->number.len);
}
