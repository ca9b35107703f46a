// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of certificate sets: what is asked of the module and how often,
 * and what a set must hold for a connection.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_module.h"

#define OK(body)	"\r\n" body "\r\nOK\r\n> "
#define ERROR		"\r\n\r\nERROR\r\n> "

/* What is asked after each reset */
#define QUESTIONS	"PE=9;PE=0;PE=3;PF;P0=0;"

/**
 * struct cert_ctx - a module that knows PE and PF, and the driver over it
 * @fake: how the driver is connected to it
 * @ew: the driver
 * @firmware: version that it tells
 * @held: items that its sets hold, a bit each
 * @sets: how many sets it has
 * @no_pe: has no PE
 * @no_pf: says ERROR to PF
 * @seen: the commands about certificates, with ';' between
 */
struct cert_ctx {
	struct eswifi_fake fake;
	struct eswifi *ew;
	const char *firmware;
	unsigned int held[ESWIFI_CERT_SETS];
	unsigned int sets;
	bool no_pe;
	bool no_pf;
	char seen[256];
};

static int cert_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			size_t size)
{
	struct cert_ctx *ctx = fake->priv;
	unsigned int set, held;
	char text[32] = {};

	memcpy(text, cmd, min(len, sizeof(text)) - 1);
	if (!strcmp(text, "I?"))
		return scnprintf(reply, size,
				 OK("ISM43362-M3G-L44-SPI,%s,v3,v1,v8,120000000,Inventek eS-WiFi"),
				 ctx->firmware);
	if (!strcmp(text, "Z5"))
		return scnprintf(reply, size, OK("C4:7F:51:01:02:03"));
	if (text[0] != 'P')
		return scnprintf(reply, size, OK(""));

	strlcat(ctx->seen, text, sizeof(ctx->seen));
	strlcat(ctx->seen, ";", sizeof(ctx->seen));
	if (sscanf(text, "PE=%u", &set) == 1) {
		if (ctx->no_pe || set >= ctx->sets)
			return scnprintf(reply, size, ERROR);
		held = ctx->held[set];
		return scnprintf(reply, size, OK("%d,%d,%d"), !(held & 1), !(held & 2),
				 !(held & 4));
	}
	if (ctx->no_pf)
		return scnprintf(reply, size, ERROR);
	return scnprintf(reply, size, OK(""));
}

static int cert_test_init(struct kunit *test)
{
	struct cert_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->firmware = "C3.5.2.5.STM";
	ctx->sets = 3;
	ctx->fake.command = cert_command;
	ctx->fake.priv = ctx;
	ctx->ew = eswifi_fake_create(test, &ctx->fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	/* What was asked at boot. */
	ctx->seen[0] = '\0';
	return 0;
}

static void cert_test_exit(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	if (ctx && !IS_ERR_OR_NULL(ctx->ew))
		eswifi_fake_destroy(&ctx->fake);
}

/**
 * struct cert_query - a question asked on the module's thread
 * @job: the job
 * @set: the set it is about
 * @mode: for eswifi_cert_usable(); -1 to select the set instead
 * @unverified_ok: for eswifi_cert_usable()
 * @verified: what it said
 * @text: the module's text afterwards
 */
struct cert_query {
	struct eswifi_job job;
	unsigned int set;
	int mode;
	bool unverified_ok;
	bool verified;
	char text[ESWIFI_TEXT_SIZE];
};

static int cert_query_run(struct eswifi_job *job)
{
	struct cert_query *q = container_of(job, struct cert_query, job);
	int ret;

	if (q->mode < 0)
		return eswifi_cert_select(job->ew, q->set);
	ret = eswifi_cert_usable(job->ew, q->set, q->mode, q->unverified_ok, &q->verified);
	strscpy(q->text, job->ew->text, sizeof(q->text));
	return ret;
}

static int cert_ask(struct kunit *test, unsigned int set, int mode, bool unverified_ok,
		    bool *verified, char *text)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_query *q;
	int ret;

	q = kzalloc(sizeof(*q), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, q);
	eswifi_job_init(&q->job, ctx->ew, cert_query_run, eswifi_job_kfree);
	q->set = set;
	q->mode = mode;
	q->unverified_ok = unverified_ok;
	q->verified = true;
	ret = eswifi_job_call(&q->job);
	if (verified)
		*verified = q->verified;
	if (text)
		memcpy(text, q->text, sizeof(q->text));
	eswifi_job_put(&q->job);
	return ret;
}

static void cert_select_is_told_once(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, -1, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, -1, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, -1, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 3, -1, false, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF=0,1;");
	/* A reset forgets it. */
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, -1, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF=0,1;" QUESTIONS "PF=0,1;");
}

/* An ERROR may leave the module with either set: the next one is told again. */
static void cert_failed_select_is_not_trusted(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, -1, false, NULL, NULL), 0);
	ctx->no_pf = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, -1, false, NULL, NULL), -EREMOTEIO);
	ctx->no_pf = false;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, -1, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF=0,1;PF=1;PF=0,0;");
}

/* All that a set may hold, in all modes. */
static void cert_usable_says_what_is_missing(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified, ca, all;
	int held, i;

	for (held = 0; held < 8; held++) {
		ctx->held[0] = held;
		KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
		ca = held & BIT(ESWIFI_CERT_CA);
		all = held == 7;

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_NONE, false, &verified,
					       NULL), 0);
		KUNIT_EXPECT_FALSE(test, verified);

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false,
					       &verified, text), ca ? 0 : -ENOKEY);
		KUNIT_EXPECT_EQ(test, verified, ca);
		KUNIT_EXPECT_STREQ(test, text,
				   ca ? "" : "verify mode optional, but set 0 lacks ca");

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, true,
					       &verified, NULL), 0);
		KUNIT_EXPECT_EQ(test, verified, ca);

		/* The flag is for optional: required stays what it says. */
		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, true,
					       &verified, text), all ? 0 : -ENOKEY);
		KUNIT_EXPECT_EQ(test, verified, all);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
			char item[8];

			snprintf(item, sizeof(item), " %s", eswifi_cert_item_names[i]);
			KUNIT_EXPECT_EQ_MSG(test, !!strstr(text, item), !(held & BIT(i)),
					    "held %d: %s", held, text);
		}
	}
}

static void cert_usable_asks_once(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	bool verified;

	ctx->held[0] = BIT(ESWIFI_CERT_CA);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false, &verified, NULL),
			0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false, &verified, NULL),
			0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, ESWIFI_VERIFY_OPTIONAL, false, &verified, NULL),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PE=0;PE=1;");
	/* A reset forgets it. */
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	ctx->held[0] = 0;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false, &verified, NULL),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PE=0;PE=1;" QUESTIONS "PE=0;");
}

static void cert_usable_trusts_no_unknown_set(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified;

	ctx->no_pe = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false, &verified,
				       text), -ENOKEY);
	KUNIT_EXPECT_STREQ(test, text, "verify mode optional, but set 0 is not known to have ca");
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, true, &verified, NULL),
			0);
	KUNIT_EXPECT_FALSE(test, verified);
}

static void cert_slots_are_shown(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	ctx->held[1] = BIT(ESWIFI_CERT_CA);
	ctx->held[2] = BIT(ESWIFI_CERT_KEY);
	KUNIT_EXPECT_EQ(test, eswifi_cert_show_slots(ctx->ew, page), strlen(page));
	KUNIT_EXPECT_STREQ(test, page,
			   "0 ca=free cert=free key=free\n1 ca=used cert=free key=free\n2 ca=free cert=free key=used\n");

	/* As after an update: the module tells when it is reset. */
	ctx->firmware = "C6.2.1.11";
	ctx->sets = 4;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, eswifi_cert_show_slots(ctx->ew, page), strlen(page));
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(page,
						  "\n3 ca=free cert=free key=free rewritable\n"));

	ctx->no_pe = true;
	KUNIT_EXPECT_EQ(test, eswifi_cert_show_slots(ctx->ew, page), strlen(page));
	KUNIT_EXPECT_STREQ(test, page,
			   "0 ca=unknown cert=unknown key=unknown\n1 ca=unknown cert=unknown key=unknown\n2 ca=unknown cert=unknown key=unknown\n3 ca=unknown cert=unknown key=unknown rewritable\n");
	free_page((unsigned long)page);
}

static struct kunit_case cert_cases[] = {
	KUNIT_CASE(cert_select_is_told_once),
	KUNIT_CASE(cert_failed_select_is_not_trusted),
	KUNIT_CASE(cert_usable_says_what_is_missing),
	KUNIT_CASE(cert_usable_asks_once),
	KUNIT_CASE(cert_usable_trusts_no_unknown_set),
	KUNIT_CASE(cert_slots_are_shown),
	{}
};

static struct kunit_suite cert_suite = {
	.name = "eswifi_cert",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_cases,
};

kunit_test_suite(cert_suite);
