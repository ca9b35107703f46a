// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of dry runs and verifications, which must never write what was not
 * there, and of the places where files are found.
 */
#include <crypto/sha2.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/string.h>

#include "fake_cert.h"
#include "test_pem.h"

static void cert_expect_states(struct kunit *test, u8 ca, u8 cert, u8 key)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CA], ca);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CERT], cert);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_KEY], key);
}

/* ------------------------------------------------------------- dry runs */

static void cert_plan_burns_nothing(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns + ctx->module.compares, 0);
	KUNIT_EXPECT_STREQ(test, ctx->module.seen, "PF=0,0;PF;PE=0;");
	cert_expect_states(test, ESWIFI_ITEM_PROGRAM, ESWIFI_ITEM_PROGRAM, ESWIFI_ITEM_PROGRAM);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "planned site-a set 0: ca=program cert=program key=program");
	KUNIT_EXPECT_STREQ(test, ctx->p.text, "set 0: ca=program cert=program key=program");
}

/* A plan looks at every item, also behind one that differs. */
static void cert_plan_compares_what_is_used(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_OTHER_CA);
	cert_fill(test, 0, ESWIFI_CERT_KEY, TEST_RSA_KEY);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
	cert_expect_states(test, ESWIFI_ITEM_DIFFERS, ESWIFI_ITEM_PROGRAM, ESWIFI_ITEM_MATCH);
	cert_expect_status(test, "failed site-a: set 0 holds another ca");
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
	/* What differs is compared in three forms. */
	KUNIT_EXPECT_EQ(test, ctx->module.compares, 4);
}

static void cert_plan_of_a_rewritable_set_compares_nothing(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_update_firmware(test, "C6.2.1.11");
	cert_fill(test, 3, ESWIFI_CERT_CA, TEST_RSA_OTHER_CA);
	ctx->ew->cert.set = 3;
	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	cert_expect_states(test, ESWIFI_ITEM_REPLACE, ESWIFI_ITEM_REPLACE, ESWIFI_ITEM_REPLACE);
	KUNIT_EXPECT_EQ(test, ctx->module.burns + ctx->module.compares, 0);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 3, 0, TEST_RSA_OTHER_CA));
}

/* -------------------------------------------------------- verifications */

static void cert_verification_proves(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_CA);
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_RSA_CERT);
	cert_fill(test, 0, ESWIFI_CERT_KEY, TEST_RSA_KEY);
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	cert_expect_states(test, ESWIFI_ITEM_MATCH, ESWIFI_ITEM_MATCH, ESWIFI_ITEM_MATCH);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "verified site-a set 0: ca=match cert=match key=match");
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
	KUNIT_EXPECT_EQ(test, ctx->module.compares, 3);
}

/* The comparison with a free item would burn it. */
static void cert_verification_never_writes_a_free_item(struct kunit *test)
{
	static const char * const text[] = { TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY };
	struct cert_ctx *ctx = test->priv;
	int held, i;

	ctx->flags = ESWIFI_PROVISION_VERIFY;
	for (held = 0; held < 7; held++) {
		cert_erase(&ctx->module);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
			if (held & BIT(i))
				cert_fill(test, 0, i, text[i]);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -ENODATA);
		KUNIT_EXPECT_EQ(test, ctx->module.burns + ctx->module.compares, 0);
		cert_expect_status(test, "failed site-a: set 0 holds no ");
	}
}

static void cert_verification_refuses_other_data(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_CA);
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_RSA_OTHER_CA);
	cert_fill(test, 0, ESWIFI_CERT_KEY, TEST_RSA_KEY);
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
	cert_expect_states(test, ESWIFI_ITEM_UNKNOWN, ESWIFI_ITEM_DIFFERS, ESWIFI_ITEM_MATCH);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

/* Where a write replaces, a comparison does as well. */
static void cert_verification_leaves_a_rewritable_set_alone(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_update_firmware(test, "C6.2.1.11");
	cert_fill(test, 3, ESWIFI_CERT_CA, TEST_RSA_OTHER_CA);
	cert_fill(test, 3, ESWIFI_CERT_CERT, TEST_RSA_CERT);
	cert_fill(test, 3, ESWIFI_CERT_KEY, TEST_RSA_KEY);
	ctx->ew->cert.set = 3;
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, ctx->module.burns + ctx->module.compares, 0);
	cert_expect_status(test, "would replace what differs");
}

static void cert_only_known_flags_and_sets_are_taken(struct kunit *test)
{
	static const struct {
		u32 flags, set;
	} bad[] = {
		{ BIT(3), 0 }, { BIT(31), 0 },
		{ ESWIFI_PROVISION_DRY_RUN | ESWIFI_PROVISION_VERIFY, 0 },
		{ ESWIFI_PROVISION_VERIFY | ESWIFI_PROVISION_BLIND, 0 },
		{ 0, 3 }, { 0, 4 }, { 0, 254 }, { 0, 256 }, { 0, U32_MAX },
	};
	struct cert_ctx *ctx = test->priv;
	struct eswifi_provision p = { .name = "site-a" };
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		p.flags = bad[i].flags;
		p.set = bad[i].set;
		KUNIT_EXPECT_EQ_MSG(test, eswifi_cert_provision_from(ctx->ew, &p, 0,
								     ctx->files.sources),
				    -EINVAL, "case %d", i);
	}
	KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
}

/* ---------------------------------------------------- where files come from */

static void cert_digests_are_of_what_was_sent(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	u8 digest[SHA256_DIGEST_SIZE];

	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	sha256(TEST_RSA_KEY, strlen(TEST_RSA_KEY), digest);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->p.sha256[ESWIFI_CERT_KEY], digest, sizeof(digest)), 0);
	KUNIT_EXPECT_EQ(test, ctx->p.len[ESWIFI_CERT_KEY], strlen(TEST_RSA_KEY));
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_KEY], ESWIFI_FROM_FILE);

	cert_erase(&ctx->module);
	ctx->files.text[ESWIFI_CERT_CERT] = NULL;
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(ctx->p.sha256[ESWIFI_CERT_KEY], 0, sizeof(digest)));
	KUNIT_EXPECT_EQ(test, ctx->p.len[ESWIFI_CERT_KEY], 0);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_KEY], ESWIFI_FROM_NOWHERE);
}

/* Its own certificate and key, and the CA of all. */
static void cert_own_files_come_before_general_ones(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.text[ESWIFI_CERT_CERT] = TEST_RSA_OTHER_CA;
	ctx->files.text[ESWIFI_CERT_KEY] = "not looked at";
	ctx->files.own[ESWIFI_CERT_CERT] = TEST_RSA_CERT;
	ctx->files.own[ESWIFI_CERT_KEY] = TEST_RSA_KEY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 0, 1, TEST_RSA_CERT));
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_CA], ESWIFI_FROM_FILE);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_KEY], ESWIFI_FROM_FILE | ESWIFI_FROM_OWN);

	ctx->files.own[ESWIFI_CERT_CA] = TEST_RSA_OTHER_CA;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_CA], ESWIFI_FROM_FILE | ESWIFI_FROM_OWN);
}

/* Half a pair is no reason to take the other half from somewhere else. */
static void cert_pairs_are_not_mixed(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = ESWIFI_CERT_CERT; i <= ESWIFI_CERT_KEY; i++) {
		memset(ctx->files.own, 0, sizeof(ctx->files.own));
		ctx->files.own[i] = ctx->files.text[i];
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -ENOENT);
		cert_expect_status(test, "in inventek/site-a/c4:7f:51:01:02:03 where");
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
	}
}

static void cert_key_may_come_from_another_source(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	ctx->files.keyring[ESWIFI_CERT_KEY] = TEST_RSA_KEY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_CERT], ESWIFI_FROM_FILE);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_KEY], ESWIFI_FROM_KEYRING);
	/* The first that has it counts. */
	ctx->files.text[ESWIFI_CERT_KEY] = TEST_RSA_KEY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->p.from[ESWIFI_CERT_KEY], ESWIFI_FROM_FILE);
	/* A source that fails is not passed over. */
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	ctx->files.error[ESWIFI_CERT_KEY] = -EACCES;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EACCES);
}

static struct kunit_case cert_prove_cases[] = {
	KUNIT_CASE(cert_plan_burns_nothing),
	KUNIT_CASE(cert_plan_compares_what_is_used),
	KUNIT_CASE(cert_plan_of_a_rewritable_set_compares_nothing),
	KUNIT_CASE(cert_verification_proves),
	KUNIT_CASE(cert_verification_never_writes_a_free_item),
	KUNIT_CASE(cert_verification_refuses_other_data),
	KUNIT_CASE(cert_verification_leaves_a_rewritable_set_alone),
	KUNIT_CASE(cert_only_known_flags_and_sets_are_taken),
	KUNIT_CASE(cert_digests_are_of_what_was_sent),
	KUNIT_CASE(cert_own_files_come_before_general_ones),
	KUNIT_CASE(cert_pairs_are_not_mixed),
	KUNIT_CASE(cert_key_may_come_from_another_source),
	{}
};

static struct kunit_suite cert_prove_suite = {
	.name = "eswifi_cert_prove",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_prove_cases,
};

kunit_test_suite(cert_prove_suite);
