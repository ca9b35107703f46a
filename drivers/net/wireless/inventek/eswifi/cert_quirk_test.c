// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of provisioning against what firmware was seen to do with slots that can
 * be written once: it stores what pads a frame, takes what it can never use, cuts what is
 * too long and says OK, and hangs over torn items.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_cert.h"
#include "test_pem.h"

#define CUT_STATUS	"key=programmed; only the PEM blocks are sent of ca, cert, key"
#define ITEM_TEXTS	{ TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY }

static int cert_count(const struct cert_ctx *ctx, const char *what)
{
	const char *p = ctx->module.seen;
	int n = 0;

	while ((p = strstr(p, what))) {
		p += strlen(what);
		n++;
	}
	return n;
}

static void cert_slots_show(struct kunit *test, const char *line)
{
	struct cert_ctx *ctx = test->priv;
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, page);
	eswifi_cert_show_slots(ctx->ew, page);
	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, strstr(page, line), "%s", page);
	free_page((unsigned long)page);
}

/* ------------------------------------------------------------ what is sent */

/* The module stores what pads a frame: none may, whatever the file's length. */
static void cert_frames_need_no_pad(struct kunit *test)
{
	static const char * const behind[] = { "", "\n", "\r\n", "\n\n\n", " \t\n" };
	static const char * const before[] = { "", "\n", "CA of the site\n", "odd\n\n" };
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	char *file[ESWIFI_CERT_ITEMS];
	int b, e, i;

	for (b = 0; b < ARRAY_SIZE(before); b++) {
		for (e = 0; e < ARRAY_SIZE(behind); e++) {
			cert_erase(&ctx->module);
			for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
				file[i] = kasprintf(GFP_KERNEL, "%s%s%s", before[b], text[i],
						    behind[e]);
				KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file[i]);
				ctx->files.text[i] = file[i];
			}
			KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
			for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
				KUNIT_EXPECT_TRUE_MSG(test,
						      cert_holds(&ctx->module, 0, i, text[i]),
						      "before %d, behind %d, item %d", b, e, i);
				KUNIT_EXPECT_EQ(test, ctx->p.len[i], strlen(text[i]));
				kfree(file[i]);
			}
			cert_expect_status(test, b || e ? CUT_STATUS : "key=programmed");
			KUNIT_EXPECT_EQ(test, !strchr(ctx->p.text, ';'), !b && !e);
		}
	}
}

/* A certificate file of just this length, of two certificates and text between them */
static char *cert_of_length(struct kunit *test, size_t len)
{
	size_t fixed = strlen(TEST_RSA_CERT) + strlen(TEST_PEM_CA);
	char *file = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_GT(test, len, fixed);
	strcpy(file, TEST_RSA_CERT);
	memset(file + strlen(file), '-', len - fixed - 1);
	strcat(file, "\n" TEST_PEM_CA);
	return file;
}

static void cert_frame_has_a_border(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	char *file;
	int len;

	ctx->module.frame_max = 2048;
	for (len = 2033; len <= 2036; len++) {
		cert_erase(&ctx->module);
		file = cert_of_length(test, len);
		ctx->files.text[ESWIFI_CERT_CERT] = file;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
		KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 0, 1, file));
	}
	cert_erase(&ctx->module);
	ctx->files.text[ESWIFI_CERT_CERT] = cert_of_length(test, 2037);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EFBIG);
	cert_expect_status(test, "cert.pem: 2037 bytes, but");
	KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);

	/* Set 3 has less room, other firmware more. */
	ctx->files.text[ESWIFI_CERT_CERT] = cert_of_length(test, 1800);
	cert_update_firmware(test, "C3.5.2.5.STM");
	ctx->ew->cert.set = 3;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EFBIG);
	KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
	ctx->ew->cert.set = 0;
	ctx->module.frame_max = 0;
	cert_update_firmware(test, "C6.2.1.11");
	ctx->files.text[ESWIFI_CERT_CERT] = cert_of_length(test, 4094);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	cert_erase(&ctx->module);
	ctx->files.text[ESWIFI_CERT_CERT] = cert_of_length(test, 4095);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EFBIG);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

/* ------------------------------------------------------- what is of no use */

struct cert_unfit {
	const char *name;
	const char *text[ESWIFI_CERT_ITEMS];
	const char *says;
	bool else_taken;	/* by firmware that has no such wish */
};

#define CONVERT		"'eswifictl cert convert site-a'"

static const struct cert_unfit cert_unfit[] = {
	{ "EC CA", { TEST_PEM_CA, TEST_RSA_CERT, TEST_RSA_KEY },
	  "ca.pem line 1: not an RSA CA", true },
	{ "EC CA behind an RSA one", { TEST_RSA_CA TEST_PEM_CA, TEST_RSA_CERT, TEST_RSA_KEY },
	  "not an RSA CA", true },
	{ "EC key and certificate", { TEST_RSA_CA, TEST_PEM_CERT, TEST_PEM_KEY_SEC1 },
	  "cert.pem line 1: not an RSA certificate", true },
	{ "EC key in PKCS8", { TEST_RSA_CA, TEST_PEM_CERT, TEST_PEM_KEY },
	  "not an RSA certificate", true },
	{ "RSA key in PKCS8", { TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY_PKCS8 }, CONVERT, true },
	{ "d modulo lcm", { TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY_LCM },
	  "key.pem line 1: its private exponent", true },
	{ "d modulo lcm is mended", { TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY_LCM }, CONVERT,
	  true },
	{ "numbers of two keys", { TEST_RSA_CA, TEST_RSA_CERT, TEST_RSA_KEY_BROKEN },
	  "do not belong together", true },
	{ "key of another certificate", { TEST_RSA_CA, TEST_RSA_CA, TEST_RSA_KEY },
	  "not the key of the first certificate" },
	{ "kinds mixed up", { TEST_RSA_CA, TEST_RSA_CERT, TEST_PEM_KEY },
	  "not the key of the first certificate" },
};

static void cert_unfit_name(const struct cert_unfit *unfit, char *desc)
{
	strscpy(desc, unfit->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cert_unfit, cert_unfit, cert_unfit_name);

static void cert_of_no_use_is_refused_unsent(struct kunit *test)
{
	static const char * const guarded[] = { "C3.5.2.5.STM", "C3.5.2.9", "X" };
	const struct cert_unfit *unfit = test->param_value;
	struct cert_ctx *ctx = test->priv;
	int i, ret;

	memcpy(ctx->files.text, unfit->text, sizeof(unfit->text));
	for (i = 0; i < ARRAY_SIZE(guarded); i++) {
		cert_update_firmware(test, guarded[i]);
		ret = cert_provision(ctx);
		KUNIT_EXPECT_TRUE_MSG(test, ret == -EINVAL || ret == -EBADMSG, "%d", ret);
		cert_expect_status(test, unfit->says);
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
		/* What is there already may be compared. */
		cert_fill(test, 0, ESWIFI_CERT_CA, unfit->text[ESWIFI_CERT_CA]);
		cert_fill(test, 0, ESWIFI_CERT_CERT, unfit->text[ESWIFI_CERT_CERT]);
		cert_fill(test, 0, ESWIFI_CERT_KEY, unfit->text[ESWIFI_CERT_KEY]);
		ctx->flags = ESWIFI_PROVISION_VERIFY;
		if (ret == -EINVAL)
			KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
		KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
		ctx->flags = 0;
		cert_erase(&ctx->module);
	}
	cert_update_firmware(test, "C6.2.1.11");
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), unfit->else_taken ? 0 : -EINVAL);
}

/* ----------------------------------------------------- answers that tell it */

/* A refused key costs neither certificate nor CA. */
static void cert_keys_come_first(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.lie = LIE_FLASH_ERROR;
	ctx->module.liar = ESWIFI_CERT_KEY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
	KUNIT_EXPECT_EQ(test, cert_count(ctx, "PG="), 1);
}

static void cert_lost_slot_is_remembered(struct kunit *test)
{
	static const enum cert_lie lies[] = { LIE_FLASH_DAMAGED, LIE_CUT };
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int i, set;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		for (m->liar = 0; m->liar < ESWIFI_CERT_ITEMS; m->liar++) {
			cert_erase(m);
			eswifi_cert_forget_module(ctx->ew);
			m->lie = lies[i];
			KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
			cert_expect_status(test,
					   "is damaged, although reported free: choose another set");
			KUNIT_EXPECT_EQ(test, ctx->p.state[m->liar], ESWIFI_ITEM_DAMAGED);

			/* Also over a reset, and for who would compare. */
			KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
			KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
			KUNIT_EXPECT_EQ(test, cert_count(ctx, "PG="), 0);
			cert_slots_show(test, "=damaged");
		}
	}
	/* Another set is another matter. */
	m->lie = HONEST;
	set = ctx->ew->cert.set;
	ctx->ew->cert.set = 1;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	ctx->ew->cert.set = set;
}

/* "Data mismatch" and Match in one answer: of what was cut off, also the second time */
static void cert_match_beside_a_mismatch_is_not_believed(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_CA);
	ctx->module.lie = LIE_CUT;
	ctx->module.liar = ESWIFI_CERT_CA;
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_RSA_CERT);
	cert_fill(test, 0, ESWIFI_CERT_KEY, TEST_RSA_KEY);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CA], ESWIFI_ITEM_FAILED);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

/* ------------------------------------------------------------- torn items */

static void cert_torn_item_is_tried_once(struct kunit *test)
{
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(m);
		eswifi_cert_forget_module(ctx->ew);
		m->torn[0] = BIT(i);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
		cert_expect_status(test, "seems torn by a loss of power: choose another set");
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_TORN);
		KUNIT_EXPECT_EQ(test, m->burns, 0);

		/* It has been reset, and is not asked again, whoever asks. */
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
		ctx->flags = ESWIFI_PROVISION_DRY_RUN;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
		ctx->flags = 0;
		KUNIT_EXPECT_EQ(test, cert_count(ctx, "PG="), 0);
		KUNIT_EXPECT_EQ(test, m->burns, 0);
		cert_slots_show(test, "=torn");

		/* An item that is not lost is not in the way of another's loss. */
		m->torn[0] = 0;
		cert_fill(test, 0, i, text[i]);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
	}
}

/* A module that is lost once may have lost its power; not twice at the same item. */
static void cert_torn_item_that_crashes_is_tried_twice(struct kunit *test)
{
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int i;

	m->torn_crashes = true;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(m);
		eswifi_cert_forget_module(ctx->ew);
		m->torn[0] = BIT(i);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EPROTO);
		cert_expect_status(test, "the module was lost while it compared");
		cert_expect_status(test, "run the same command again");
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_FAILED);

		/* It had another cause, */
		m->torn[0] = 0;
		cert_fill(test, 0, i, text[i]);
		ctx->flags = ESWIFI_PROVISION_DRY_RUN;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
		ctx->flags = 0;

		/* or had not. */
		cert_erase(m);
		eswifi_cert_forget_module(ctx->ew);
		m->torn[0] = BIT(i);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EPROTO);
		KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
		cert_expect_status(test, "seems torn by a loss of power: choose another set");
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_TORN);
		cert_slots_show(test, "=torn");
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
		KUNIT_EXPECT_EQ(test, cert_count(ctx, "PG="), 0);
		KUNIT_EXPECT_EQ(test, m->burns, 0);
	}
	m->torn_crashes = false;
}

/* What this driver has proved is not torn: silence has another cause. */
static void cert_proved_item_is_not_torn(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	ctx->module.torn[0] = BIT(ESWIFI_CERT_CERT);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -ETIMEDOUT);
	cert_expect_status(test, "run the same command again, it compares first");
	ctx->module.torn[0] = 0;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
}

/* Silence before the comparison was sent says nothing of the item. */
static void cert_unsent_comparison_tells_nothing(struct kunit *test)
{
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int i;

	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(m);
		cert_fill(test, 0, i, text[i]);
		KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
		m->mute_at = 3;	/* PF=0,0;PF;PE=0; */
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -ETIMEDOUT);
		KUNIT_EXPECT_STREQ(test, m->seen, "PF=0,0;PF;PE=0;");
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_FAILED);
		KUNIT_EXPECT_EQ(test, ctx->ew->cert.loss[0][i], ESWIFI_LOSS_NONE);
		cert_expect_status(test, "run the same command again");
		m->mute_at = 0;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_MATCH);
	}
}

/* An item that has answered one comparison is not torn, whatever comes of the next. */
static void cert_answered_comparison_is_not_torn(struct kunit *test)
{
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int i, silent, form, again;

	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(m);
		cert_fill(test, 0, i, text[!i]);
		for (silent = 0; silent < 2; silent++) {
			/* The second form, and the third; twice each */
			for (form = 5; form <= 6; form++) {
				for (again = 0; again < 2; again++) {
					KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
					m->cut_first = true;
					m->cut_silent = silent;
					m->cut_at = form;
					KUNIT_EXPECT_EQ(test, cert_provision(ctx),
							silent ? -ETIMEDOUT : -EPROTO);
					KUNIT_EXPECT_EQ(test, ctx->ew->cert.loss[0][i],
							ESWIFI_LOSS_NONE);
					cert_expect_status(test, "run the same command again");
				}
			}
		}
		m->cut_at = 0;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
		KUNIT_EXPECT_EQ(test, ctx->p.state[i], ESWIFI_ITEM_DIFFERS);
		eswifi_cert_forget_module(ctx->ew);
	}
	KUNIT_EXPECT_EQ(test, m->burns, 0);
}

/* ------------------------------------- items that somebody else has written */

static void cert_foreign_forms_are_known(struct kunit *test)
{
	static const char * const text[] = ITEM_TEXTS;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	bool useless;
	int i, lf;

	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		for (lf = 0; lf < 2; lf++) {
			char *foreign = kasprintf(GFP_KERNEL, "%s%s", text[i], lf ? "\n" : "");

			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, foreign);
			cert_erase(m);
			cert_fill(test, 0, i, foreign);
			/* With the NUL behind the string, as C programs count it. */
			m->len[0][i]++;
			/* A line feed behind its end makes anything but a key useless. */
			useless = lf && i != ESWIFI_CERT_KEY;
			KUNIT_EXPECT_EQ(test, cert_provision(ctx), useless ? -EEXIST : 0);
			KUNIT_EXPECT_EQ(test, ctx->p.state[i],
					useless ? ESWIFI_ITEM_DIFFERS : ESWIFI_ITEM_MATCH);
			KUNIT_EXPECT_EQ(test, m->burns, 0);
			kfree(foreign);
		}
	}
	/* A plain run says why. */
	ctx->flags = 0;
	cert_erase(m);
	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_CA "\n");
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
	cert_expect_status(test, "with a byte behind its end, which makes it useless");
	KUNIT_EXPECT_EQ(test, m->burns, 0);
}

/* Where a comparison that differs writes, there is none. */
static void cert_rewritable_set_is_never_compared(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_update_firmware(test, "C3.5.2.5.STM");
	ctx->ew->cert.set = 3;
	cert_fill(test, 3, ESWIFI_CERT_CA, TEST_RSA_CA "\n");
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, cert_count(ctx, "PG="), 6);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 3, 0, TEST_RSA_CA));
}

/* ------------------------------------------------- what is known of the CA */

static void cert_kind_of_the_ca_is_learnt(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	enum eswifi_ca *ca = ctx->ew->cert.ca;

	/* By writing it, and over a reset. */
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_UNKNOWN);
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_RSA);
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_RSA);

	/* Another module is another module. */
	ctx->module.mac = "C4:7F:51:01:02:04";
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_UNKNOWN);
	ctx->module.mac = "C4:7F:51:01:02:03";
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);

	/* By comparing it, also one that would not be written. */
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_RSA);
	cert_erase(&ctx->module);
	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_PEM_CA);
	ctx->files.text[ESWIFI_CERT_CA] = TEST_PEM_CA;
	ctx->files.text[ESWIFI_CERT_CERT] = NULL;
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_OTHER);

	/* What can be rewritten may have been. */
	ctx->flags = 0;
	cert_update_firmware(test, "C3.5.2.5.STM");
	ctx->files.text[ESWIFI_CERT_CA] = TEST_RSA_CA;
	ctx->ew->cert.set = 3;
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ca[3], ESWIFI_CA_RSA);
	eswifi_cert_forget(ctx->ew);
	KUNIT_EXPECT_EQ(test, ca[3], ESWIFI_CA_UNKNOWN);
	KUNIT_EXPECT_EQ(test, ca[0], ESWIFI_CA_OTHER);
}

static struct kunit_case cert_quirk_cases[] = {
	KUNIT_CASE(cert_frames_need_no_pad),
	KUNIT_CASE(cert_frame_has_a_border),
	KUNIT_CASE_PARAM(cert_of_no_use_is_refused_unsent, cert_unfit_gen_params),
	KUNIT_CASE(cert_keys_come_first),
	KUNIT_CASE(cert_lost_slot_is_remembered),
	KUNIT_CASE(cert_match_beside_a_mismatch_is_not_believed),
	KUNIT_CASE(cert_torn_item_is_tried_once),
	KUNIT_CASE(cert_torn_item_that_crashes_is_tried_twice),
	KUNIT_CASE(cert_proved_item_is_not_torn),
	KUNIT_CASE(cert_unsent_comparison_tells_nothing),
	KUNIT_CASE(cert_answered_comparison_is_not_torn),
	KUNIT_CASE(cert_foreign_forms_are_known),
	KUNIT_CASE(cert_rewritable_set_is_never_compared),
	KUNIT_CASE(cert_kind_of_the_ca_is_learnt),
	{}
};

static struct kunit_suite cert_quirk_suite = {
	.name = "eswifi_cert_quirk",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_quirk_cases,
};

kunit_test_suite(cert_quirk_suite);
