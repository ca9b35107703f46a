// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of provisioning: the way it should go, and what keeps slots from being
 * burnt for nothing.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "fake_cert.h"
#include "test_pem.h"

/* --------------------------------------------------- the way it should go */

static void cert_fresh_set_is_programmed_and_proved(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	char expect[256];

	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, m->burns, 3);
	KUNIT_EXPECT_EQ(test, m->compares, 3);
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 0, TEST_RSA_CA));
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 1, TEST_RSA_CERT));
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 2, TEST_RSA_KEY));
	snprintf(expect, sizeof(expect),
		 "PF=0,0;PF;PE=0;PG=0,2,0%zu;PG=0,2,0%zu;PG=0,1,00%zu;PG=0,1,00%zu;PG=0,0,0%zu;PG=0,0,0%zu;PE=0;",
		 strlen(TEST_RSA_KEY), strlen(TEST_RSA_KEY), strlen(TEST_RSA_CERT),
		 strlen(TEST_RSA_CERT), strlen(TEST_RSA_CA), strlen(TEST_RSA_CA));
	KUNIT_EXPECT_STREQ(test, m->seen, expect);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=programmed cert=programmed key=programmed");
	/* Nothing of the key stays behind in what went over the wire. */
	KUNIT_EXPECT_NULL(test, memchr_inv(ctx->ew->bus.tx, 0, ESWIFI_TX_SIZE));
}

static void cert_second_run_only_compares(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
	KUNIT_EXPECT_EQ(test, ctx->module.compares, 6);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=match cert=match key=match");
}

/* What connections are judged by is what the set holds now. */
static void cert_new_slots_are_known_at_once(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_TRUE(test, ctx->ew->cert.known & BIT(0));
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		KUNIT_EXPECT_TRUE(test, ctx->ew->cert.used[0][i]);

	/* What a failure leaves is not known. */
	cert_erase(&ctx->module);
	ctx->module.lie = LIE_FLASH_ERROR;
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_FALSE(test, ctx->ew->cert.known & BIT(0));
}

static void cert_ca_alone_leaves_the_rest(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.text[ESWIFI_CERT_CERT] = NULL;
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_RSA_CERT);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 1);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=programmed cert=kept key=free");
}

static void cert_active_set_is_meant(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->ew->cert.set = 2;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.selected, 2);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 2, 2, TEST_RSA_KEY));
	KUNIT_EXPECT_NULL(test, ctx->module.stored[0][0]);
}

static void cert_short_form_of_pf_is_tried(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.one_argument = true;
	ctx->ew->cert.set = 1;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.selected, 1);
	KUNIT_EXPECT_EQ(test, strncmp(ctx->module.seen, "PF=0,1;PF=1;PF;PE=1;", 20), 0);
}

/* Set 3 can be written anew: other data are replaced, not refused. */
static void cert_rewritable_set_is_rewritten(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_update_firmware(test, "C6.2.1.11");
	ctx->ew->cert.set = 3;
	cert_fill(test, 3, ESWIFI_CERT_CA, TEST_RSA_OTHER_CA);
	cert_fill(test, 3, ESWIFI_CERT_CERT, TEST_RSA_CERT);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 3, 0, TEST_RSA_CA));
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 2);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 3: ca=programmed cert=match key=programmed");
}

static void cert_set_the_firmware_lacks_is_refused(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->ew->cert.set = 3;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EINVAL);
	KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
}

/* -------------------------------------------- nothing is burnt for nothing */

static void cert_other_data_stop_before_anything_is_burnt(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(&ctx->module);
		cert_fill(test, 0, i, TEST_RSA_OTHER_CA);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
		KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
		/* In the three ways in which somebody may have written it. */
		KUNIT_EXPECT_EQ(test, ctx->module.compares, 3);
		cert_expect_status(test, "failed site-a: set 0 holds another ");
		cert_expect_status(test, eswifi_cert_item_names[i]);
	}
}

static void cert_unknown_slots_stop_before_anything_is_burnt(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.no_pe = true;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, ctx->module.seen, "PF=0,0;PF;PE=0;");
	cert_expect_status(test, "cannot tell what set 0 holds");
}

/* Each file in turn is unsound, missing, too long or not to be read. */
static void cert_unsound_files_never_reach_the_module(struct kunit *test)
{
	static const struct {
		const char *text[ESWIFI_CERT_ITEMS];
		int error[ESWIFI_CERT_ITEMS];
		int ret;
		const char *status;
	} cases[] = {
		{ { TEST_RSA_CA "x\n", TEST_RSA_CERT, TEST_RSA_KEY }, {}, -EBADMSG,
		  "failed site-a: ca.pem line 20: text behind" },
		{ { TEST_RSA_CA, TEST_RSA_KEY, TEST_RSA_CERT }, {}, -EINVAL,
		  "failed site-a: cert.pem line 1: a private key where" },
		{ { TEST_RSA_CA, TEST_RSA_CERT, TEST_PEM_KEY_ENCRYPTED }, {}, -EINVAL,
		  "failed site-a: key.pem line 1: an encrypted key" },
		{ { "no\n", TEST_RSA_CERT, TEST_RSA_KEY }, {}, -EBADMSG,
		  "failed site-a: ca.pem: no PEM block" },
		{ { NULL, TEST_RSA_CERT, TEST_RSA_KEY }, {}, -ENOENT, "ca.pem not found" },
		{ { NULL, NULL, NULL }, {}, -ENOENT, "ca.pem not found" },
		{ { TEST_RSA_CA, NULL, TEST_RSA_KEY }, {}, -ENOENT, "cert.pem not found" },
		{ { TEST_RSA_CA, TEST_RSA_CERT, NULL }, {}, -ENOENT, "key.pem not found" },
		{ { TEST_RSA_CA }, { 0, -EFBIG }, -EFBIG, "cert.pem of site-a: longer than 8192" },
		{ { TEST_RSA_CA }, { 0, 0, -EINVAL }, -EINVAL,
		  "key.pem of site-a: cannot be read (-22)" },
	};
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(ctx->files.text, cases[i].text, sizeof(cases[i].text));
		memcpy(ctx->files.error, cases[i].error, sizeof(cases[i].error));
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), cases[i].ret, "case %d", i);
		cert_expect_status(test, cases[i].status);
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
	}
}

static void cert_names_that_lead_elsewhere_are_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"", ".", "..", ".hidden", "a/b", "../a", "a b", "a\n", "a\xc3\xa4", "a%s",
	};
	static const char * const good[] = {
		"a", "Site_1.b-c", "-", "a..b",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ctx->files.name = bad[i];
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), -EINVAL, "name '%s'", bad[i]);
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
		cert_expect_status(test, "failed ?: a name");
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ctx->files.name = good[i];
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), 0, "name '%s'", good[i]);
	}
}

static void cert_only_one_runs_at_a_time(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.again = eswifi_cert_provision_from;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->files.again_ret, -EBUSY);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
	cert_expect_status(test, "done site-a");
}

static struct kunit_case cert_provision_cases[] = {
	KUNIT_CASE(cert_fresh_set_is_programmed_and_proved),
	KUNIT_CASE(cert_second_run_only_compares),
	KUNIT_CASE(cert_new_slots_are_known_at_once),
	KUNIT_CASE(cert_ca_alone_leaves_the_rest),
	KUNIT_CASE(cert_active_set_is_meant),
	KUNIT_CASE(cert_short_form_of_pf_is_tried),
	KUNIT_CASE(cert_rewritable_set_is_rewritten),
	KUNIT_CASE(cert_set_the_firmware_lacks_is_refused),
	KUNIT_CASE(cert_other_data_stop_before_anything_is_burnt),
	KUNIT_CASE(cert_unknown_slots_stop_before_anything_is_burnt),
	KUNIT_CASE(cert_unsound_files_never_reach_the_module),
	KUNIT_CASE(cert_names_that_lead_elsewhere_are_refused),
	KUNIT_CASE(cert_only_one_runs_at_a_time),
	{}
};

static struct kunit_suite cert_provision_suite = {
	.name = "eswifi_cert_provision",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_provision_cases,
};

kunit_test_suite(cert_provision_suite);
