// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of certificate sets: what is asked of the module and how often,
 * and what a set must hold for a connection.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
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
 * @no_pf: says ERROR to PF with a set
 * @no_pf_read: does not tell which set is selected
 * @any_set: takes any number for a set, and goes on with the one before
 * @no_pb: says ERROR to PB
 * @selected: the set
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
	bool no_pf_read;
	bool any_set;
	bool no_pb;
	unsigned int selected;
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
	if (!strcmp(text, "PF"))
		return ctx->no_pf_read ? scnprintf(reply, size, ERROR) :
					 scnprintf(reply, size, OK("%u,2"), ctx->selected);
	if (!strncmp(text, "PB", 2))
		return scnprintf(reply, size, ctx->no_pb ? ERROR : OK(""));
	if (sscanf(text, "PF=0,%u", &set) == 1) {
		if (ctx->no_pf || (set >= ctx->sets && !ctx->any_set))
			return scnprintf(reply, size, ERROR);
		if (!ctx->any_set)
			ctx->selected = set;
	} else if (!strncmp(text, "PF=", 3)) {
		return scnprintf(reply, size, ERROR);
	}
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

/* For cert_query.mode: select the set; tell the module that its number is a mode */
#define SELECT	(-1)
#define VERIFY	(-2)

/**
 * struct cert_query - a question asked on the module's thread
 * @job: the job
 * @set: the set it is about
 * @mode: for eswifi_cert_usable(), or SELECT or VERIFY
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

	if (q->mode == SELECT)
		return eswifi_cert_select(job->ew, q->set);
	if (q->mode == VERIFY)
		ret = eswifi_cert_verify(job->ew, q->set);
	else
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

	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 3, SELECT, false, NULL, NULL), -EINVAL);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF;PF=0,1;PF;");
	/* A reset forgets it. */
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF;PF=0,1;PF;" QUESTIONS "PF=0,1;PF;");
}

/* An ERROR may leave the module with either set: the next one is told again. */
static void cert_failed_select_is_not_trusted(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, SELECT, false, NULL, NULL), 0);
	ctx->no_pf = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), -EREMOTEIO);
	ctx->no_pf = false;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,0;PF;PF=0,1;PF=1;PF=0,0;PF;");
}

/* A module that does not tell which set it uses must at least refuse what is not one. */
static void cert_select_believes_no_deaf_module(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->any_set = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,1;PF;");

	ctx->no_pf_read = true;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	ctx->seen[0] = '\0';
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,9;PF=0,0;");

	ctx->any_set = false;
	ctx->seen[0] = '\0';
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, SELECT, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PF=0,9;PF=0,1;");
}

/* Behind each P9 comes PB=0, and without it nothing that is to be verified is opened. */
static void cert_verify_shuts_the_back_door(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	KUNIT_EXPECT_EQ(test, cert_ask(test, 2, VERIFY, false, NULL, NULL), 0);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "P9=2;PB=0;");
	ctx->no_pb = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 2, VERIFY, false, NULL, text), -EOPNOTSUPP);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(text, "refuses PB=0"));
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, VERIFY, false, NULL, NULL), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, VERIFY, false, NULL, text), 0);
	KUNIT_EXPECT_STREQ(test, text, "");
}

static void cert_be(struct kunit *test, const char *firmware)
{
	struct cert_ctx *ctx = test->priv;

	ctx->firmware = firmware;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	ctx->seen[0] = '\0';
}

/* All that a set may hold, in all modes, on firmware of which nothing is known. */
static void cert_usable_says_what_is_missing(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified, ca, all;
	int held, i;

	for (held = 0; held < 8; held++) {
		ctx->held[0] = held;
		cert_be(test, "C3.5.2.9");
		ca = held & BIT(ESWIFI_CERT_CA);
		all = held == 7;

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_NONE, false, &verified,
					       NULL), 0);
		KUNIT_EXPECT_FALSE(test, verified);

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false,
					       &verified, text), ca ? 0 : -ENOKEY);
		KUNIT_EXPECT_FALSE(test, verified);
		KUNIT_EXPECT_STREQ(test, text,
				   ca ? "" : "verify mode optional, but set 0 lacks ca");

		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, true,
					       &verified, NULL), 0);
		KUNIT_EXPECT_FALSE(test, verified);

		/* The flag is for optional: required stays what it says. */
		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, true,
					       &verified, text), all ? 0 : -ENOKEY);
		KUNIT_EXPECT_FALSE(test, verified);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
			char item[8];

			snprintf(item, sizeof(item), " %s", eswifi_cert_item_names[i]);
			KUNIT_EXPECT_EQ_MSG(test, !!strstr(text, item), !(held & BIT(i)),
					    "held %d: %s", held, text);
		}
	}
}

/* What is lost is as good as not there. */
static void cert_usable_counts_no_lost_item(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified;

	ctx->held[0] = 7;
	ctx->ew->cert.loss[0][ESWIFI_CERT_KEY] = ESWIFI_LOSS_TORN;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified, text),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, text, "verify mode required, but set 0 lacks key");
}

/* Who says that a peer is verified must know that it is. */
static void cert_verified_is_what_is_known(struct kunit *test)
{
	static const struct {
		const char *firmware;
		enum eswifi_ca ca;
		int ret;
		bool verified;
	} cases[] = {
		{ "C3.5.2.5.STM", ESWIFI_CA_UNKNOWN, 0, false },
		{ "C3.5.2.5.STM", ESWIFI_CA_OTHER, -EOPNOTSUPP, false },
		{ "C3.5.2.5.STM", ESWIFI_CA_RSA, 0, true },
		{ "C3.5.2.9", ESWIFI_CA_UNKNOWN, 0, false },
		{ "C3.5.2.9", ESWIFI_CA_OTHER, -EOPNOTSUPP, false },
		{ "C3.5.2.9", ESWIFI_CA_RSA, 0, true },
		{ "C6.2.1.11", ESWIFI_CA_UNKNOWN, 0, true },
		{ "C6.2.1.11", ESWIFI_CA_OTHER, 0, true },
		{ "C6.2.1.11", ESWIFI_CA_RSA, 0, true },
	};
	struct cert_ctx *ctx = test->priv;
	bool verified;
	int i;

	ctx->held[0] = 7;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		cert_be(test, cases[i].firmware);
		ctx->ew->cert.ca[0] = cases[i].ca;
		KUNIT_EXPECT_EQ_MSG(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false,
						   &verified, NULL), cases[i].ret, "case %d", i);
		KUNIT_EXPECT_EQ_MSG(test, verified, cases[i].verified, "case %d", i);
	}
}

/* Where P9=1 is known not to use the CA of the set, only who insists gets it. */
static void cert_optional_is_refused_where_it_fails(struct kunit *test)
{
	static const char * const known[] = { "C3.5.2.5.STM", "C6.2.1.11" };
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified;
	int i;

	ctx->held[0] = 7;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		cert_be(test, known[i]);
		KUNIT_EXPECT_FALSE(test, eswifi_cert_mode_works(ctx->ew, ESWIFI_VERIFY_OPTIONAL));
		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, false, &verified,
					       text), -EOPNOTSUPP);
		KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(text, "use required"));
		KUNIT_EXPECT_STREQ(test, ctx->seen, "");
		KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_OPTIONAL, true, &verified,
					       NULL), 0);
		KUNIT_EXPECT_FALSE(test, verified);
	}
	cert_be(test, "C3.5.2.9");
	KUNIT_EXPECT_TRUE(test, eswifi_cert_mode_works(ctx->ew, ESWIFI_VERIFY_OPTIONAL));
}

static void cert_usable_asks_once(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	bool verified;

	ctx->held[0] = 7;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified, NULL),
			0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified, NULL),
			0);
	KUNIT_EXPECT_EQ(test, cert_ask(test, 1, ESWIFI_VERIFY_REQUIRED, false, &verified, NULL),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PE=0;PE=1;");
	/* A reset forgets it. */
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	ctx->held[0] = 0;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified, NULL),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PE=0;PE=1;" QUESTIONS "PE=0;");
}

static void cert_usable_trusts_no_unknown_set(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	bool verified;

	ctx->no_pe = true;
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified,
				       text), -ENOKEY);
	KUNIT_EXPECT_STREQ(test, text,
			   "verify mode required, but set 0 is not known to have ca, cert, key");
	KUNIT_EXPECT_STREQ(test, ctx->seen, "PE=0;");

	/* Known from boot on, it is not even asked. */
	cert_be(test, "C3.5.2.5.STM");
	KUNIT_EXPECT_EQ(test, cert_ask(test, 0, ESWIFI_VERIFY_REQUIRED, false, &verified, text),
			-ENOKEY);
	KUNIT_EXPECT_STREQ(test, ctx->seen, "");
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
	KUNIT_CASE(cert_select_believes_no_deaf_module),
	KUNIT_CASE(cert_verify_shuts_the_back_door),
	KUNIT_CASE(cert_usable_says_what_is_missing),
	KUNIT_CASE(cert_usable_counts_no_lost_item),
	KUNIT_CASE(cert_verified_is_what_is_known),
	KUNIT_CASE(cert_optional_is_refused_where_it_fails),
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
