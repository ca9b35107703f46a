// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of provisioning when things go wrong: power that fails, modules that
 * lie, firmware that cannot do all, and people who do not wait.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "fake_cert.h"
#include "test_pem.h"

/* The same command finishes what a loss of power broke off, wherever it was. */
static void cert_power_may_go_at_any_exchange(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int first, cut, all;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	all = m->exchanges;
	KUNIT_ASSERT_EQ(test, all, 10);

	for (first = 0; first < 2; first++) {
		for (cut = 1; cut <= all; cut++) {
			cert_erase(m);
			/* As a reset finds it; also so that PF is sent every time. */
			KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
			m->cut_first = first;
			m->cut_at = cut;
			KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), -EPROTO, "cut %d", cut);
			KUNIT_EXPECT_EQ_MSG(test, m->exchanges, cut, "cut %d", cut);
			cert_expect_status(test, "failed site-a: ");

			m->cut_at = 0;
			KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), 0, "cut %d", cut);
			KUNIT_EXPECT_EQ_MSG(test, m->burns, 3, "cut %d", cut);
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 0, TEST_RSA_CA));
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 1, TEST_RSA_CERT));
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 2, TEST_RSA_KEY));
			cert_expect_status(test, "done site-a");
		}
	}
}

/* Which lie, what comes of it, and what of a second run by an honest module */
struct cert_lie_case {
	const char *name;
	enum cert_lie lie;
	int error, again;
};

static const struct cert_lie_case cert_lies[] = {
	{ "OK without storing", LIE_NOT_STORED, -EIO, 0 },
	{ "a flipped bit", LIE_FLIPPED, -EIO, -EEXIST },
	{ "error in flash", LIE_FLASH_ERROR, -EIO, 0 },
	{ "error, yet stored", LIE_LATE_ERROR, -EIO, 0 },
	{ "no Match", LIE_NO_MATCH, -EIO, 0 },
	{ "Match to everything", LIE_MATCH_ALL, -EIO, 0 },
	{ "PE calls it free", LIE_PE, -EIO, 0 },
	{ "PE calls it used", LIE_PE_USED, -EIO, 0 },
};

static void cert_lie_name(const struct cert_lie_case *lie, char *desc)
{
	strscpy(desc, lie->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cert_lies, cert_lies, cert_lie_name);

static void cert_lie_is_found_out(struct kunit *test)
{
	const struct cert_lie_case *lie = test->param_value;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;

	for (m->liar = 0; m->liar < ESWIFI_CERT_ITEMS; m->liar++) {
		cert_erase(m);
		m->lie = lie->lie;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), lie->error);
		cert_expect_status(test, eswifi_cert_item_names[m->liar]);
		/* What comes behind the liar was not touched; keys come first. */
		if (lie->lie != LIE_PE && lie->lie != LIE_MATCH_ALL)
			KUNIT_EXPECT_LE(test, m->burns, ESWIFI_CERT_ITEMS - (int)m->liar);

		m->lie = HONEST;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), lie->again);
		if (!lie->again)
			KUNIT_EXPECT_EQ(test, m->burns, 3);
	}
}

static void cert_used_item_must_answer_match(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_CA);
	ctx->module.lie = LIE_NO_MATCH;
	ctx->module.liar = ESWIFI_CERT_CA;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CA], ESWIFI_ITEM_FAILED);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

/* Nothing tells a module that answers Match to everything, and keeps its PE in step,
 * from one that has stored: what a plan says of used items is worth what the
 * module is worth.
 */
static void cert_consistent_liar_cannot_be_found_out(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_RSA_OTHER_CA);
	ctx->files.text[ESWIFI_CERT_CERT] = NULL;
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	ctx->module.lie = LIE_MATCH_ALL;
	ctx->module.liar = ESWIFI_CERT_CA;
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

/* ---------------------------------------------- firmware that cannot do all */

static void cert_blind_without_pe_writes_and_proves(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;

	m->no_pe = true;
	ctx->flags = ESWIFI_PROVISION_VERIFY;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	ctx->flags = ESWIFI_PROVISION_DRY_RUN;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, m->burns + m->compares, 0);

	ctx->flags = ESWIFI_PROVISION_BLIND;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, m->burns, 3);
	KUNIT_EXPECT_EQ(test, m->compares, 3);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_KEY], ESWIFI_ITEM_PROGRAMMED);
	/* What was proved is known, and stays so when the module is reset. */
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->cert.proved[0], 7);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_KEY], ESWIFI_ITEM_MATCH);
	KUNIT_EXPECT_EQ(test, m->burns, 3);
}

static void cert_blind_stops_at_the_first_error(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;

	m->no_pe = true;
	ctx->flags = ESWIFI_PROVISION_BLIND;
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_RSA_OTHER_CA);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_EQ(test, m->burns, 1);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_KEY], ESWIFI_ITEM_PROGRAMMED);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CERT], ESWIFI_ITEM_FAILED);
	KUNIT_EXPECT_EQ(test, ctx->p.state[ESWIFI_CERT_CA], ESWIFI_ITEM_UNKNOWN);
	cert_expect_status(test, "set 0 may hold another one");
}

static void cert_old_firmware_cannot_compare(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;

	cert_update_firmware(test, "C3.5.2.0");
	m->no_match = true;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	cert_expect_status(test, "firmware before C3.5.2.1 cannot compare");
	KUNIT_EXPECT_EQ(test, m->burns, 0);

	ctx->flags = ESWIFI_PROVISION_BLIND;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, m->burns, 3);
	KUNIT_EXPECT_EQ(test, m->compares, 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->cert.proved[0], 0);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EOPNOTSUPP);
	cert_expect_status(test, "set 0 holds a key, and firmware before C3.5.2.1");
	KUNIT_EXPECT_EQ(test, m->burns, 3);
}

struct cert_writer {
	struct cert_ctx *ctx;
	int ret;
};

static int cert_writer(void *arg)
{
	struct cert_writer *writer = arg;
	struct cert_ctx *ctx = writer->ctx;

	allow_signal(SIGINT);
	ctx->module.interrupt = current;
	writer->ret = cert_provision(ctx);
	complete(&ctx->module.interrupted);
	/* So that its task is there for as long as a signal may come. */
	while (!kthread_should_stop()) {
		flush_signals(current);
		msleep_interruptible(1);
	}
	return 0;
}

/* Who leaves while an item is written stops what is next, not its proof. */
static void cert_writer_may_leave_between_items_only(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_writer writer = { .ctx = ctx };
	struct task_struct *task;
	char expect[128];
	int i;

	task = kthread_run(cert_writer, &writer, "eswifi-cert-test");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 1000 && !strstarts(ctx->ew->cert.status, "failed"); i++)
		msleep(20);
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, writer.ret, -EINTR);
	cert_expect_status(test, "failed site-a: interrupted");
	snprintf(expect, sizeof(expect), "PF=0,0;PF;PE=0;PG=0,2,0%zu;PG=0,2,0%zu;",
		 strlen(TEST_RSA_KEY), strlen(TEST_RSA_KEY));
	KUNIT_EXPECT_STREQ(test, ctx->module.seen, expect);

	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
}

static struct kunit_case cert_fault_cases[] = {
	KUNIT_CASE(cert_power_may_go_at_any_exchange),
	KUNIT_CASE_PARAM(cert_lie_is_found_out, cert_lies_gen_params),
	KUNIT_CASE(cert_used_item_must_answer_match),
	KUNIT_CASE(cert_consistent_liar_cannot_be_found_out),
	KUNIT_CASE(cert_blind_without_pe_writes_and_proves),
	KUNIT_CASE(cert_blind_stops_at_the_first_error),
	KUNIT_CASE(cert_old_firmware_cannot_compare),
	KUNIT_CASE(cert_writer_may_leave_between_items_only),
	{}
};

static struct kunit_suite cert_fault_suite = {
	.name = "eswifi_cert_fault",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_fault_cases,
};

kunit_test_suite(cert_fault_suite);
