// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the PEM checker: what passes, what does not and with which
 * words, and that no cut, lost, doubled or damaged line gets through.
 */
#include <kunit/test.h>
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
	static const char key[] = BEGIN_EC "MAICAA==\n" END_EC;
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
	{}
};

static struct kunit_suite pem_suite = {
	.name = "eswifi_pem",
	.test_cases = pem_cases,
};

kunit_test_suite(pem_suite);
