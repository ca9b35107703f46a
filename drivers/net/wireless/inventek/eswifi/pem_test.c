// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the PEM checker: what passes, what does not and with which
 * words, and that no cut, lost, doubled or damaged line gets through.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cert.h"
#include "test_pem.h"

/* A copy of exactly @len bytes, so that KASAN sees one byte read too many. */
static u8 *pem_copy(struct kunit *test, const void *data, size_t len)
{
	u8 *copy = kunit_kmalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	memcpy(copy, data, len);
	return copy;
}

static int pem_check(struct kunit *test, unsigned int item, const void *data,
		     size_t len, struct eswifi_pem_fault *fault)
{
	u8 *copy = pem_copy(test, data, len);
	int ret;

	fault->line = ~0;
	ret = eswifi_pem_check(item, copy, len, fault);
	kunit_kfree(test, copy);
	if (ret)
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, fault->what);
	else
		KUNIT_EXPECT_NULL(test, fault->what);
	/* Tests look into it also when they did not get what they expect. */
	if (!fault->what)
		fault->what = "";
	return ret;
}

/* ------------------------------------------------------------ what passes */

struct pem_good {
	const char *name;
	unsigned int item;
	const char *text;
	bool single;		/* one block and nothing else */
};

static const struct pem_good pem_good[] = {
	{ "ca", ESWIFI_CERT_CA, TEST_PEM_CA, true },
	{ "cert", ESWIFI_CERT_CERT, TEST_PEM_CERT, true },
	{ "chain in cert", ESWIFI_CERT_CERT, TEST_PEM_CERT TEST_PEM_CA },
	{ "several in ca", ESWIFI_CERT_CA, TEST_PEM_CA TEST_PEM_OTHER_CA TEST_PEM_CA },
	{ "text before", ESWIFI_CERT_CA,
	  "subject=x\n\n" TEST_PEM_CA "issuer=y\n" TEST_PEM_OTHER_CA },
	{ "blank lines behind", ESWIFI_CERT_CA, TEST_PEM_CA "\n \t\r\n" },
	{ "PKCS8 EC key", ESWIFI_CERT_KEY, TEST_PEM_KEY, true },
	{ "SEC1 key with parameters", ESWIFI_CERT_KEY, TEST_PEM_KEY_SEC1 },
	{ "PKCS1 RSA key", ESWIFI_CERT_KEY, TEST_PEM_KEY_RSA, true },
};

static void pem_name(const struct pem_good *good, char *desc)
{
	strscpy(desc, good->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pem_good, pem_good, pem_name);

static void pem_passes(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	size_t len = strlen(good->text);
	struct eswifi_pem_fault fault;

	KUNIT_EXPECT_EQ(test, pem_check(test, good->item, good->text, len, &fault), 0);
	/* The NUL that some tools count, but no more than one. */
	KUNIT_EXPECT_EQ(test, pem_check(test, good->item, good->text, len + 1, &fault), 0);
	/* No line end at the end of the file. */
	if (good->single)
		KUNIT_EXPECT_EQ(test, pem_check(test, good->item, good->text, len - 1, &fault),
				0);
}

static void pem_passes_with_crlf(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	struct eswifi_pem_fault fault;
	const char *p;
	size_t n = 0;
	u8 *text;

	text = kunit_kmalloc(test, 2 * strlen(good->text), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	for (p = good->text; *p; p++) {
		if (*p == '\n')
			text[n++] = '\r';
		text[n++] = *p;
	}
	KUNIT_EXPECT_EQ(test, pem_check(test, good->item, text, n, &fault), 0);
}

/* A key is no certificate, a certificate no key. */
static void pem_kinds_are_told_apart(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	bool key = good->item == ESWIFI_CERT_KEY;
	size_t len = strlen(good->text);
	struct eswifi_pem_fault fault;

	KUNIT_EXPECT_EQ(test, pem_check(test, key ? ESWIFI_CERT_CERT : ESWIFI_CERT_KEY,
					good->text, len, &fault), -EINVAL);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(fault.what, key ? "a private key where" :
								    "a certificate where"));
	if (key)
		KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, good->text, len, &fault),
				-EINVAL);
}

/* ---------------------------------------------------- what does not pass */

static void pem_cut_anywhere_is_refused(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	size_t len = strlen(good->text), k;
	struct eswifi_pem_fault fault;

	if (!good->single)
		return;
	/* All but its last line end. */
	for (k = 0; k < len - 1; k++) {
		KUNIT_ASSERT_EQ_MSG(test, pem_check(test, good->item, good->text, k, &fault),
				    -EBADMSG, "cut at %zu", k);
		if (k > strlen("-----BEGIN "))
			KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, strstr(fault.what, "cut off"),
							 "cut at %zu: %s", k, fault.what);
	}
}

static void pem_lost_or_doubled_line_is_refused(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	size_t len = strlen(good->text);
	struct eswifi_pem_fault fault;
	const char *line, *next;
	u8 *text;

	if (!good->single)
		return;
	text = kunit_kmalloc(test, 2 * len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	for (line = good->text; *line; line = next) {
		size_t before = line - good->text, size;

		next = strchr(line, '\n') + 1;
		size = next - line;

		memcpy(text, good->text, before);
		strcpy(text + before, next);
		KUNIT_EXPECT_EQ_MSG(test, pem_check(test, good->item, text, len - size, &fault),
				    -EBADMSG, "without %s", line);

		memcpy(text, good->text, before + size);
		strcpy(text + before + size, line);
		KUNIT_EXPECT_EQ_MSG(test, pem_check(test, good->item, text, len + size, &fault),
				    -EBADMSG, "twice %s", line);
	}
}

/* Every byte in turn becomes one that base64 has not; the line must be named. */
static void pem_damaged_byte_is_refused(struct kunit *test)
{
	const struct pem_good *good = test->param_value;
	size_t len = strlen(good->text), k;
	struct eswifi_pem_fault fault;
	unsigned int line = 1;
	u8 *text;

	if (!good->single)
		return;
	text = pem_copy(test, good->text, len);
	for (k = 0; k < len - 1; k++) {
		text[k] = '!';
		KUNIT_ASSERT_NE_MSG(test, pem_check(test, good->item, text, len, &fault), 0,
				    "byte %zu", k);
		if (line > 1)
			KUNIT_ASSERT_EQ_MSG(test, fault.line, line, "byte %zu", k);
		text[k] = 0;
		KUNIT_ASSERT_EQ_MSG(test, pem_check(test, good->item, text, len, &fault),
				    -EBADMSG, "NUL at byte %zu", k);
		KUNIT_ASSERT_EQ_MSG(test, fault.line, line, "NUL at byte %zu", k);
		text[k] = good->text[k];
		line += text[k] == '\n';
	}
}

struct pem_bad {
	const char *name;
	unsigned int item;
	const char *text;
	int error;
	unsigned int line;
	const char *says;	/* part of the message */
};

#define BEGIN_CERT	"-----BEGIN CERTIFICATE-----\n"
#define END_CERT	"-----END CERTIFICATE-----\n"
#define BEGIN_EC	"-----BEGIN EC PRIVATE KEY-----\n"
#define END_EC		"-----END EC PRIVATE KEY-----\n"
#define BEGIN_RSA	"-----BEGIN RSA PRIVATE KEY-----\n"
#define END_RSA		"-----END RSA PRIVATE KEY-----\n"
#define BEGIN_KEY	"-----BEGIN PRIVATE KEY-----\n"
#define END_KEY		"-----END PRIVATE KEY-----\n"

static const struct pem_bad pem_bad[] = {
	{ "encrypted PKCS8", ESWIFI_CERT_KEY, TEST_PEM_KEY_ENCRYPTED, -EINVAL, 1, "encrypted" },
	{ "Proc-Type", ESWIFI_CERT_KEY, TEST_PEM_KEY_PROC_TYPE, -EINVAL, 2, "encrypted" },
	{ "Ed25519", ESWIFI_CERT_KEY, TEST_PEM_KEY_ED25519, -EBADMSG, 1, "neither RSA nor EC" },
	{ "public key", ESWIFI_CERT_KEY, TEST_PEM_PUBLIC, -EINVAL, 1, "public key" },
	{ "request as cert", ESWIFI_CERT_CERT, TEST_PEM_REQUEST, -EINVAL, 1, "signing request" },
	{ "request as key", ESWIFI_CERT_KEY, TEST_PEM_REQUEST, -EINVAL, 1, "signing request" },
	{ "unknown label", ESWIFI_CERT_CA, "\n-----BEGIN X509 CRL-----\n", -EINVAL, 2, "label" },
	{ "two keys", ESWIFI_CERT_KEY, TEST_PEM_KEY TEST_PEM_KEY, -EINVAL, 6, "second" },
	{ "key behind certificate", ESWIFI_CERT_CERT, TEST_PEM_CA TEST_PEM_KEY, -EINVAL, 12,
	  "a private key where" },
	{ "certificate behind key", ESWIFI_CERT_KEY, TEST_PEM_KEY TEST_PEM_CA, -EINVAL, 6,
	  "a certificate where" },
	{ "labels differ", ESWIFI_CERT_KEY, BEGIN_EC "AAAA\n" END_KEY, -EBADMSG, 3,
	  "another kind" },
	{ "parameters alone", ESWIFI_CERT_KEY,
	  "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
	  -EBADMSG, 3, "cut off" },
	{ "parameters before PKCS8", ESWIFI_CERT_KEY,
	  "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	  TEST_PEM_KEY, -EINVAL, 4, "EC PARAMETERS" },
	{ "text behind", ESWIFI_CERT_CA, TEST_PEM_CA "bye\n", -EBADMSG, 12, "behind" },
	{ "END alone", ESWIFI_CERT_CA, END_CERT TEST_PEM_CA, -EBADMSG, 1, "without its BEGIN" },
	{ "byte order mark", ESWIFI_CERT_CA, "\xef\xbb\xbf" TEST_PEM_CA, -EBADMSG, 1,
	  "byte order mark" },
	{ "BEGIN indented", ESWIFI_CERT_CA, " " TEST_PEM_CA, -EBADMSG, 1, "BEGIN line" },
	{ "no block", ESWIFI_CERT_CA, "hello\n", -EBADMSG, 0, "no PEM block" },
	{ "blank line inside", ESWIFI_CERT_CA, BEGIN_CERT "MAAA\n\n" END_CERT, -EBADMSG, 3,
	  "blank line" },
	{ "blank inside", ESWIFI_CERT_CA, BEGIN_CERT "MA AA\n" END_CERT, -EBADMSG, 2, "base64" },
	{ "empty block", ESWIFI_CERT_CA, BEGIN_CERT END_CERT, -EBADMSG, 1, "label says" },
	/* 30 02 30 00 is the least that looks like a certificate. */
	{ "one = too few", ESWIFI_CERT_CA, BEGIN_CERT "MAIwAA=\n" END_CERT, -EBADMSG, 3, "even" },
	{ "one = too many", ESWIFI_CERT_CA, BEGIN_CERT "MAIwAA===\n" END_CERT, -EBADMSG, 2,
	  "base64" },
	{ "data behind =", ESWIFI_CERT_CA, BEGIN_CERT "MAIwAA==\nMAIw\n" END_CERT, -EBADMSG, 3,
	  "base64" },
	{ "= too early", ESWIFI_CERT_CA, BEGIN_CERT "MAIwA===\n" END_CERT, -EBADMSG, 2, "base64" },
	{ "loose bits", ESWIFI_CERT_CA, BEGIN_CERT "MAIwAB==\n" END_CERT, -EBADMSG, 3,
	  "last base64" },
	{ "loose bits before one =", ESWIFI_CERT_CA, BEGIN_CERT "MAMwAQB=\n" END_CERT, -EBADMSG, 3,
	  "last base64" },
	{ "DER longer", ESWIFI_CERT_CA, BEGIN_CERT "MAEwAA==\n" END_CERT, -EBADMSG, 1, "longer" },
	{ "DER shorter", ESWIFI_CERT_CA, BEGIN_CERT "MAMwAA==\n" END_CERT, -EBADMSG, 1,
	  "shorter" },
	{ "DER of 64 KiB", ESWIFI_CERT_CA, BEGIN_CERT "MIMBAAA=\n" END_CERT, -EBADMSG, 1,
	  "label says" },
	{ "DER without length", ESWIFI_CERT_CA, BEGIN_CERT "MIAwAA==\n" END_CERT, -EBADMSG, 1,
	  "label says" },
	{ "no SEQUENCE", ESWIFI_CERT_CA, BEGIN_CERT "MQIwAA==\n" END_CERT, -EBADMSG, 1,
	  "label says" },
	{ "key under a certificate's label", ESWIFI_CERT_CA, BEGIN_CERT "MAICAA==\n" END_CERT,
	  -EBADMSG, 1, "label says" },
	{ "PKCS1 under PKCS8's label", ESWIFI_CERT_KEY, BEGIN_KEY "MAQCAQAC\n" END_KEY,
	  -EBADMSG, 1, "another form" },
	{ "SEC1 under PKCS1's label", ESWIFI_CERT_KEY, BEGIN_RSA "MAQCAQEE\n" END_RSA,
	  -EBADMSG, 1, "another form" },
	{ "PKCS8 under PKCS1's label", ESWIFI_CERT_KEY, BEGIN_RSA "MAQCAQAw\n" END_RSA,
	  -EBADMSG, 1, "another form" },
	{ "PKCS1 under SEC1's label", ESWIFI_CERT_KEY, BEGIN_EC "MAQCAQAC\n" END_EC,
	  -EBADMSG, 1, "another form" },
	{ "certificate under a key's label", ESWIFI_CERT_KEY, BEGIN_KEY "MAIwAA==\n" END_KEY,
	  -EBADMSG, 1, "label says" },
};

static void pem_bad_name(const struct pem_bad *bad, char *desc)
{
	strscpy(desc, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pem_bad, pem_bad, pem_bad_name);

static void pem_fault_is_named(struct kunit *test)
{
	const struct pem_bad *bad = test->param_value;
	struct eswifi_pem_fault fault;

	KUNIT_EXPECT_EQ(test, pem_check(test, bad->item, bad->text, strlen(bad->text), &fault),
			bad->error);
	KUNIT_EXPECT_EQ(test, fault.line, bad->line);
	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, strstr(fault.what, bad->says), "says: %s",
					 fault.what);
}

/* ------------------------------------------------------------- borders */

/* The least that passes, so that the faults above are faults of one thing. */
static void pem_smallest_passes(struct kunit *test)
{
	static const char cert[] = BEGIN_CERT "MAIwAA==\n" END_CERT;
	static const char one[] = BEGIN_CERT "MAMwAQA=\n" END_CERT;
	static const char key[] = BEGIN_EC "MAQCAQEE\n" END_EC;
	struct eswifi_pem_fault fault;

	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, cert, strlen(cert), &fault), 0);
	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, one, strlen(one), &fault), 0);
	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_KEY, key, strlen(key), &fault), 0);
}

static void pem_size_has_borders(struct kunit *test)
{
	size_t len = strlen(TEST_PEM_CA);
	struct eswifi_pem_fault fault;
	u8 *text;

	text = kunit_kmalloc(test, ESWIFI_CERT_MAX + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, '\n', ESWIFI_CERT_MAX + 1);
	memcpy(text, TEST_PEM_CA, len);
	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, text, ESWIFI_CERT_MAX, &fault), 0);
	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, text, ESWIFI_CERT_MAX + 1, &fault),
			-EFBIG);
	KUNIT_EXPECT_EQ(test, fault.line, 0);
	KUNIT_EXPECT_EQ(test, eswifi_pem_check(ESWIFI_CERT_CA, text, 0, &fault), -EBADMSG);
	KUNIT_EXPECT_EQ(test, fault.line, 0);
}

static void pem_second_nul_is_refused(struct kunit *test)
{
	static const char text[] = TEST_PEM_CA "\0";
	struct eswifi_pem_fault fault;

	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, text, sizeof(text), &fault),
			-EBADMSG);
	KUNIT_EXPECT_EQ(test, fault.line, 12);
	KUNIT_EXPECT_EQ(test, pem_check(test, ESWIFI_CERT_CA, "\0", 1, &fault), -EBADMSG);
}

/* What is sent: from the first BEGIN line to the last END line and its line end. */
static void pem_trim_leaves_the_blocks(struct kunit *test)
{
	static const struct {
		const char *text;
		const char *left;
	} cases[] = {
		{ TEST_PEM_CA, TEST_PEM_CA },
		{ "\n" TEST_PEM_CA, TEST_PEM_CA },
		{ "subject=x\r\n\r\n" TEST_PEM_CA "\n\n", TEST_PEM_CA },
		{ TEST_PEM_CA "issuer\n" TEST_PEM_OTHER_CA " \t\r\n",
		  TEST_PEM_CA "issuer\n" TEST_PEM_OTHER_CA },
		{ TEST_PEM_KEY_SEC1 "\r\n", TEST_PEM_KEY_SEC1 },
	};
	struct eswifi_bytes part;
	size_t len;
	u8 *copy;
	int i, cut;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		len = strlen(cases[i].text);
		/* With a NUL, without. */
		for (cut = 0; cut < 2; cut++) {
			copy = pem_copy(test, cases[i].text, len + 1 - cut);
			part = (struct eswifi_bytes){ copy, len + 1 - cut };
			eswifi_pem_trim(&part);
			KUNIT_EXPECT_EQ_MSG(test, part.len, strlen(cases[i].left), "case %d", i);
			KUNIT_EXPECT_EQ_MSG(test, memcmp(part.data, cases[i].left, part.len), 0,
					    "case %d", i);
		}
	}
	/* A file without a last line end stays one. */
	part = (struct eswifi_bytes){ TEST_PEM_CA, strlen(TEST_PEM_CA) - 1 };
	eswifi_pem_trim(&part);
	KUNIT_EXPECT_EQ(test, part.len, strlen(TEST_PEM_CA) - 1);
}

static void pem_blocks_come_one_by_one(struct kunit *test)
{
	static const char text[] = "x\n" TEST_PEM_CA "y\n" TEST_PEM_OTHER_CA "\n";
	struct eswifi_bytes rest = { text, sizeof(text) }, block;
	struct eswifi_public_key first, second;
	unsigned int line = 1, begin;
	u8 *buf;

	buf = kunit_kmalloc(test, sizeof(text), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, buf, sizeof(text)), 0);
	KUNIT_EXPECT_EQ(test, begin, 2);
	KUNIT_EXPECT_EQ(test, eswifi_der_certificate(block, &first), 0);
	KUNIT_EXPECT_EQ(test, first.kind, ESWIFI_KEY_EC);
	KUNIT_EXPECT_EQ(test, first.number.len, 65);
	KUNIT_ASSERT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, buf, sizeof(text)), 0);
	KUNIT_EXPECT_EQ(test, begin, 14);
	KUNIT_EXPECT_EQ(test, eswifi_der_certificate(block, &second), 0);
	KUNIT_EXPECT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, buf, sizeof(text)),
			-ENOENT);
}

/* The same key in all its forms has one public half, that of its certificate. */
static void pem_keys_are_taken_apart(struct kunit *test)
{
	static const struct {
		const char *cert;
		const char *key;
		enum eswifi_key_form form;
		enum eswifi_key_kind kind;
		bool same;
	} cases[] = {
		{ TEST_RSA_CERT, TEST_RSA_KEY, ESWIFI_KEY_PKCS1, ESWIFI_KEY_RSA, true },
		{ TEST_RSA_CERT, TEST_RSA_KEY_PKCS8, ESWIFI_KEY_PKCS8, ESWIFI_KEY_RSA, true },
		{ TEST_PEM_CERT, TEST_PEM_KEY, ESWIFI_KEY_PKCS8, ESWIFI_KEY_EC, true },
		{ TEST_PEM_CERT, TEST_PEM_KEY_SEC1, ESWIFI_KEY_SEC1, ESWIFI_KEY_EC, true },
		{ TEST_RSA_CA, TEST_RSA_KEY, ESWIFI_KEY_PKCS1, ESWIFI_KEY_RSA, false },
		{ TEST_PEM_CA, TEST_PEM_KEY, ESWIFI_KEY_PKCS8, ESWIFI_KEY_EC, false },
		{ TEST_PEM_CERT, TEST_RSA_KEY, ESWIFI_KEY_PKCS1, ESWIFI_KEY_RSA, false },
	};
	u8 *cert_buf = kunit_kmalloc(test, ESWIFI_CERT_MAX, GFP_KERNEL);
	u8 *key_buf = kunit_kmalloc(test, ESWIFI_CERT_MAX, GFP_KERNEL);
	struct eswifi_private_key key;
	struct eswifi_public_key cert;
	struct eswifi_bytes rest, block;
	unsigned int line, begin;
	int i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cert_buf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, key_buf);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		line = 1;
		rest = (struct eswifi_bytes){ cases[i].cert, strlen(cases[i].cert) };
		KUNIT_ASSERT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, cert_buf,
						      ESWIFI_CERT_MAX), 0);
		KUNIT_ASSERT_EQ(test, eswifi_der_certificate(block, &cert), 0);
		line = 1;
		rest = (struct eswifi_bytes){ cases[i].key, strlen(cases[i].key) };
		KUNIT_ASSERT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, key_buf,
						      ESWIFI_CERT_MAX), 0);
		KUNIT_ASSERT_EQ_MSG(test, eswifi_der_private_key(block, &key), 0, "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, key.form, cases[i].form, "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, key.public.kind, cases[i].kind, "case %d", i);
		KUNIT_EXPECT_GT(test, key.public.number.len, 0);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_der_same_key(&cert, &key.public), cases[i].same,
				    "case %d", i);
	}
}

/* However a block is cut, nothing is read beyond it (KASAN), and no number is made up. */
static void pem_der_cut_anywhere(struct kunit *test)
{
	struct eswifi_bytes rest = { TEST_RSA_KEY, strlen(TEST_RSA_KEY) }, block;
	u8 *buf = kunit_kmalloc(test, ESWIFI_CERT_MAX, GFP_KERNEL), *copy;
	struct eswifi_private_key key;
	struct eswifi_public_key cert;
	unsigned int line = 1, begin;
	size_t k;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, buf);
	KUNIT_ASSERT_EQ(test, eswifi_pem_next(&rest, &line, &block, &begin, buf, ESWIFI_CERT_MAX),
			0);
	for (k = 1; k < block.len; k++) {
		copy = pem_copy(test, block.data, k);
		KUNIT_EXPECT_EQ(test, eswifi_der_private_key((struct eswifi_bytes){ copy, k },
							     &key), -EBADMSG);
		KUNIT_EXPECT_EQ(test, eswifi_der_certificate((struct eswifi_bytes){ copy, k },
							     &cert), -EBADMSG);
		kunit_kfree(test, copy);
	}
}

static struct kunit_case pem_cases[] = {
	KUNIT_CASE_PARAM(pem_passes, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_passes_with_crlf, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_kinds_are_told_apart, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_cut_anywhere_is_refused, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_lost_or_doubled_line_is_refused, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_damaged_byte_is_refused, pem_good_gen_params),
	KUNIT_CASE_PARAM(pem_fault_is_named, pem_bad_gen_params),
	KUNIT_CASE(pem_smallest_passes),
	KUNIT_CASE(pem_size_has_borders),
	KUNIT_CASE(pem_second_nul_is_refused),
	KUNIT_CASE(pem_trim_leaves_the_blocks),
	KUNIT_CASE(pem_blocks_come_one_by_one),
	KUNIT_CASE(pem_keys_are_taken_apart),
	KUNIT_CASE(pem_der_cut_anywhere),
	{}
};

static struct kunit_suite pem_suite = {
	.name = "eswifi_pem",
	.test_cases = pem_cases,
};

kunit_test_suite(pem_suite);
