// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what is learnt of a firmware when it boots: from each answer that
 * firmware was seen or is said to give, and from answers that come damaged.
 */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_module.h"

#define OK(body)	"\r\n" body "\r\nOK\r\n> "
#define ERROR		"\r\n\r\nERROR: Unknown Error\r\nUsage: x\r\n> "
#define UNKNOWN		"\r\n\r\nERROR: Unknown Command\r\n> "

struct firmware_case {
	const char *name;
	const char *version;
	/* answers; NULL for the usual one */
	const char *pe_0, *pe_3, *pe_9, *pf, *p0, *cs, *r4;
	const char *features;
};

#define C35_GUARDS "key-form ec-ca-name optional-builtin high-bytes tls-slow tls-request " \
		   "tls-ecdsa close-notify-data send-stall tls-chance\n"
#define UNION_GUARDS "key-form ec-ca-name high-bytes tls-slow tls-request tls-ecdsa minus-one " \
		     "close-notify-data send-stall\n"

static const struct firmware_case firmware_cases[] = {
	{ "C3.5.2.5.STM", "C3.5.2.5.STM", .pf = OK("0,2"),
	  .features = "known sets=4 slots set-readback counted-reads guarded: " C35_GUARDS },
	{ "C6.2.1.11", "C6.2.1.11", .pf = OK("0,3"),
	  .features = "known sets=4 slots set-readback counted-reads guarded: optional-builtin\n" },
	{ "another version", "C3.5.2.5", .pf = OK("0,2"),
	  .features = "unknown sets=4 slots set-readback counted-reads guarded: " UNION_GUARDS },
	{ "no PE, no R4", "C3.5.2.3.BETA9", .pe_0 = UNKNOWN, .pe_3 = UNKNOWN, .pf = OK("0,0"),
	  .r4 = UNKNOWN,
	  .features = "unknown sets=3 set-readback guarded: " UNION_GUARDS },
	{ "PE that ignores its argument", "C9", .pe_9 = OK("1,1,1"), .pf = OK("0,2"),
	  .features = "unknown sets=3 set-readback counted-reads guarded: " UNION_GUARDS },
	{ "PE=0 tells the sets", "C9", .pe_0 = OK("1,1,1,1"), .pe_3 = OK("1,1,1,1"),
	  .pf = OK("0,2"),
	  .features = "unknown sets=3 set-readback counted-reads guarded: " UNION_GUARDS },
	{ "no set 3", "C9", .pe_3 = ERROR, .pf = OK("0,2"),
	  .features = "unknown sets=3 slots set-readback counted-reads guarded: " UNION_GUARDS },
	{ "PF is not readable", "C9", .pf = ERROR,
	  .features = "unknown sets=4 slots counted-reads guarded: " UNION_GUARDS },
	{ "PF tells nothing", "C9", .pf = OK(""),
	  .features = "unknown sets=4 slots counted-reads guarded: " UNION_GUARDS },
	{ "an empty OK is padded", "C6.2.1.8", .pf = OK("0,2"), .p0 = OK("\r\n"),
	  .features = "unknown sets=4 slots set-readback pads-empty counted-reads guarded: "
		      UNION_GUARDS },
	{ "words that nobody knows", "C9", .pe_0 = "hm\r\n> ", .pe_3 = "\r\n> ", .pe_9 = "hm\r\n> ",
	  .pf = "PF 0\r\n> ", .p0 = "\r\nP0\r\n> ", .cs = "\r\nno\r\n> ",
	  .features = "unknown sets=3 counted-reads guarded: " UNION_GUARDS },
	{ "in a network by itself", "C3.5.2.5.STM", .pf = OK("0,2"), .cs = OK("1"),
	  .features = "known sets=4 slots set-readback counted-reads guarded: " C35_GUARDS },
};

struct firmware_ctx {
	struct eswifi_fake fake;
	const struct firmware_case *c;
	unsigned int asked;	/* beside I?, Z5 and ZS */
	bool other_each_time;	/* I? */
	unsigned int identity;	/* I? asked */
	struct eswifi *ew;
};

static int firmware_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			    size_t size)
{
	struct firmware_ctx *ctx = fake->priv;
	const struct firmware_case *c = ctx->c;
	const char *answer = NULL;
	char text[16] = {};

	memcpy(text, cmd, min(len, sizeof(text) - 1));
	strim(text);
	if (!strcmp(text, "I?")) {
		ctx->identity++;
		return scnprintf(reply, size,
				 OK("ISM43362-M3G-L44-SPI,%s,v1,v1.4.0,v8.2.1,%u,eS-WiFi"),
				 c->version, ctx->other_each_time ? ctx->identity : 120000000);
	}
	if (!strcmp(text, "Z5"))
		return scnprintf(reply, size, OK("C4:7F:51:01:02:03"));
	if (!strcmp(text, "ZS"))
		return scnprintf(reply, size, OK("0029001F"));
	ctx->asked++;
	if (!strcmp(text, "PE=0"))
		answer = c->pe_0 ?: OK("1,1,1");
	else if (!strcmp(text, "PE=3"))
		answer = c->pe_3 ?: OK("1,1,1");
	else if (!strcmp(text, "PE=9"))
		answer = c->pe_9 ?: ERROR;
	else if (!strcmp(text, "PF"))
		answer = c->pf;
	else if (!strcmp(text, "P0=0"))
		answer = c->p0 ?: OK("");
	else if (!strcmp(text, "CS"))
		answer = c->cs ?: OK("0");
	else if (!strcmp(text, "R4"))
		answer = c->r4 ?: ERROR;
	/* It may ask for nothing else: whatever else it were might change something. */
	KUNIT_EXPECT_NOT_NULL_MSG(fake->test, answer, "%s", text);
	return scnprintf(reply, size, "%s", answer ?: UNKNOWN);
}

static void firmware_desc(const struct firmware_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(firmware, firmware_cases, firmware_desc);

static struct eswifi *firmware_boot(struct kunit *test, struct firmware_ctx *ctx,
				    const struct firmware_case *c)
{
	ctx->c = c;
	ctx->fake.command = firmware_command;
	ctx->fake.priv = ctx;
	return eswifi_fake_create(test, &ctx->fake);
}

static void firmware_is_learnt(struct kunit *test)
{
	const struct firmware_case *c = test->param_value;
	struct firmware_ctx *ctx;
	char *page;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	page = (char *)get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	ctx->ew = firmware_boot(test, ctx, c);
	if (IS_ERR(ctx->ew)) {
		KUNIT_FAIL(test, "does not boot: %ld", PTR_ERR(ctx->ew));
	} else {
		eswifi_firmware_show(ctx->ew, page);
		KUNIT_EXPECT_STREQ(test, page, c->features);
		KUNIT_EXPECT_EQ(test, ctx->ew->firmware.joined, c->cs && !strcmp(c->cs, OK("1")));
		KUNIT_EXPECT_LE(test, ctx->asked, 8);
		KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
		eswifi_fake_destroy(&ctx->fake);
	}
	free_page((unsigned long)page);
}

/* A clock that is too fast damages some of what comes: it is halved until nothing is. */
static void firmware_slow_board(struct kunit *test)
{
	struct firmware_ctx *ctx;
	unsigned int i;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	for (i = 1; i <= 4; i++) {
		memset(ctx, 0, sizeof(*ctx));
		ctx->fake.too_fast = i;
		ctx->ew = firmware_boot(test, ctx, &firmware_cases[0]);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
		KUNIT_EXPECT_EQ(test, ctx->fake.too_fast, 0);
		KUNIT_EXPECT_EQ(test, ctx->fake.resets, i + 1);
		KUNIT_EXPECT_STREQ(test, ctx->ew->identity.firmware, "C3.5.2.5.STM");
		eswifi_fake_destroy(&ctx->fake);
	}
}

/* At the slowest clock there is, it is not taken for a module that can be used. */
static void firmware_that_differs_is_refused(struct kunit *test)
{
	struct firmware_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	ctx->other_each_time = true;
	ctx->ew = firmware_boot(test, ctx, &firmware_cases[0]);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(ctx->ew), -EBADMSG);
	if (!IS_ERR(ctx->ew))
		eswifi_fake_destroy(&ctx->fake);
}

/* Some modules ignore a short reset; some any but that of their power. */
static void firmware_reset_is_tried_longer(struct kunit *test)
{
	struct firmware_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	ctx->ew = firmware_boot(test, ctx, &firmware_cases[0]);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	ctx->fake.deaf_ms = 500;
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 3);
	KUNIT_EXPECT_EQ(test, ctx->fake.boots, 2);
	/* It runs on: better than no module. */
	ctx->fake.deaf = true;
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 5);
	KUNIT_EXPECT_EQ(test, ctx->fake.boots, 2);
	eswifi_fake_destroy(&ctx->fake);
}

/* What has no such numbers is taken for newer than all of them. */
static void firmware_too_old_to_compare(struct kunit *test)
{
	static const char * const old[] = { "C3.5.2.0", "C3.5.2.0.STM", "C3.4.99.9", "C2.9.9.9" };
	static const char * const other[] = {
		"C3.5.2.1", "C3.5.2.1.BETA4", "C3.5.2.5.STM", "C3.5.3.0", "C3.6.0.0", "C4.0.0.0",
		"C6.2.1.8", "C6.2.1.11", "C10.0.0.0", "C3.5.2", "C3.5.2.", "3.5.2.0", "v3.5.2.0",
		"C3.5.x.0", "",
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(old); i++) {
		KUNIT_EXPECT_FALSE_MSG(test, eswifi_firmware_find(old[i])->compares, "%s", old[i]);
		KUNIT_EXPECT_NULL(test, eswifi_firmware_find(old[i])->version);
		KUNIT_EXPECT_EQ(test, eswifi_firmware_find(old[i])->guards,
				eswifi_firmware_find("")->guards);
	}
	for (i = 0; i < ARRAY_SIZE(other); i++)
		KUNIT_EXPECT_TRUE_MSG(test, eswifi_firmware_find(other[i])->compares, "%s",
				      other[i]);
}

static struct kunit_case firmware_test_cases[] = {
	KUNIT_CASE_PARAM(firmware_is_learnt, firmware_gen_params),
	KUNIT_CASE(firmware_slow_board),
	KUNIT_CASE(firmware_that_differs_is_refused),
	KUNIT_CASE(firmware_reset_is_tried_longer),
	KUNIT_CASE(firmware_too_old_to_compare),
	{}
};

static struct kunit_suite firmware_suite = {
	.name = "eswifi_firmware",
	.test_cases = firmware_test_cases,
};

kunit_test_suite(firmware_suite);
