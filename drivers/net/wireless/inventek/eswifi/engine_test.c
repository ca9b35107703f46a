// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the thread that owns the module: order, cancelling, deadlines,
 * recovery and its end; and of the tables by which the driver is found.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_module.h"

/* What the module of these tests answers; anything else is answered OK. */
struct engine_script {
	const char *silent;	/* command without its CR that is never answered */
	const char *error;	/* command that gets an ERROR */
	const char *odd;	/* command that gets @odd_reply */
	const char *odd_reply;
	char seen[512];		/* commands that came, with ';' between */
};

/* What a boot asks stands between. */
#define ENGINE_SEEN(before, after) \
	before "I?;I?;I?;Z5;ZS;PE=9;PE=0;PE=3;PF;P0=0;CS;R4;" after

struct engine_ctx {
	struct eswifi_fake fake;
	struct engine_script script;
	struct eswifi *ew;
};

static int engine_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			  size_t size)
{
	struct engine_script *script = fake->priv;
	const char *body = "";
	char text[32] = {};

	memcpy(text, cmd, min(len, sizeof(text) - 1));
	strim(text);
	strlcat(script->seen, text, sizeof(script->seen));
	strlcat(script->seen, ";", sizeof(script->seen));
	if (script->silent && !strcmp(text, script->silent))
		return -1;
	if (script->error && !strcmp(text, script->error))
		return scnprintf(reply, size, "\r\n[P6     ] No\r\nERROR: Bad Argument\r\n> ");
	if (script->odd && !strcmp(text, script->odd))
		return scnprintf(reply, size, "%s", script->odd_reply);
	if (!strcmp(text, "I?"))
		body = "ISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0,v8.2.1,120000000,eS-WiFi";
	else if (!strcmp(text, "Z5"))
		body = "C4:7F:51:01:02:03";
	else if (!strcmp(text, "ZS"))
		body = "0029001F-33334707-30353834";
	return scnprintf(reply, size, "\r\n%s\r\nOK\r\n> ", body);
}

static int engine_test_init(struct kunit *test)
{
	struct engine_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->fake.command = engine_command;
	ctx->fake.priv = &ctx->script;
	ctx->ew = eswifi_fake_create(test, &ctx->fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	ctx->script.seen[0] = '\0';
	return 0;
}

static void engine_test_exit(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;

	if (ctx && !IS_ERR_OR_NULL(ctx->ew))
		eswifi_fake_destroy(&ctx->fake);
}

/* A job of these tests: sends up to two commands, maybe after being let go. */
struct engine_job {
	struct eswifi_job job;
	const char *first, *second;
	struct completion *started, *go;
	struct eswifi_job *cancel;
	int first_ret;
	bool *freed;
	struct kunit *test;
	unsigned int messages;
	char body[ESWIFI_TEXT_SIZE];
};

static int engine_job_run(struct eswifi_job *job)
{
	struct engine_job *j = container_of(job, struct engine_job, job);
	struct eswifi_reply reply;
	int ret = 0;

	if (j->started)
		complete(j->started);
	if (j->go)
		wait_for_completion(j->go);
	if (j->first)
		ret = eswifi_at(job->ew, &reply, "%s", j->first);
	j->first_ret = ret;
	if (j->cancel)
		WRITE_ONCE(j->cancel->cancelled, true);
	if (j->second)
		ret = eswifi_at(job->ew, &reply, "%s", j->second);
	return ret;
}

static void engine_job_release(struct eswifi_job *job)
{
	struct engine_job *j = container_of(job, struct engine_job, job);

	if (j->freed)
		*j->freed = true;
	kfree(j);
}

static struct engine_job *engine_job(struct kunit *test, const char *first, const char *second)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j;

	j = kzalloc(sizeof(*j), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, j);
	j->first = first;
	j->second = second;
	eswifi_job_init(&j->job, ctx->ew, engine_job_run, engine_job_release);
	return j;
}

static int engine_call(struct kunit *test, const char *first)
{
	struct engine_job *j = engine_job(test, first, NULL);
	int ret = eswifi_job_call(&j->job);

	eswifi_job_put(&j->job);
	return ret;
}

static void engine_boot_learns_identity(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	static const u8 mac[] = { 0xc4, 0x7f, 0x51, 0x01, 0x02, 0x03 };

	KUNIT_EXPECT_STREQ(test, ctx->ew->identity.model, "ISM43362-M3G-L44-SPI");
	KUNIT_EXPECT_STREQ(test, ctx->ew->identity.firmware, "C3.5.2.5.STM");
	KUNIT_EXPECT_EQ(test, memcmp(ctx->ew->identity.mac, mac, sizeof(mac)), 0);
	KUNIT_EXPECT_STREQ(test, ctx->ew->serial, "0029001F-33334707-30353834");
}

static void engine_jobs_keep_their_order(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *a = engine_job(test, "A1=0", "A1=2");
	struct engine_job *b = engine_job(test, "B?", NULL);

	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&a->job, 0), 0);
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&b->job), 0);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "A1=0;A1=2;B?;");
	eswifi_job_put(&a->job);
	eswifi_job_put(&b->job);
}

static void engine_error_has_its_text(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, "P6=1", NULL);

	ctx->script.error = "P6=1";
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&j->job), -EREMOTEIO);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(j->job.text, "Bad Argument"));
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_RESETS]), 0);
	eswifi_job_put(&j->job);
}

/* Whatever the module says, as long as it is a whole reply, is no reason to reset it. */
static void engine_words_are_no_reset(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	static const char * const odd[] = {
		"\r\n> ", "\r\nhello\r\n> ", "hello\r\n> ", "\r\n> \r\n> ", "NOK\r\n> ",
		"\r\nUsage: B?\r\n> ",
	};
	struct engine_job *j;
	size_t i;

	ctx->script.odd = "B?";
	for (i = 0; i < ARRAY_SIZE(odd); i++) {
		ctx->script.odd_reply = odd[i];
		j = engine_job(test, "B?", NULL);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_job_call(&j->job), -EBADMSG, "%zu", i);
		if (strstr(odd[i], "hello"))
			KUNIT_EXPECT_STREQ(test, j->job.text, "hello");
		eswifi_job_put(&j->job);
		KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), 0);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_ODD_REPLIES]), i);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_RESETS]), 0);

	/* Without a prompt nobody knows whether more comes. */
	ctx->script.odd_reply = "\r\nhello\r\n";
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), -EPROTO);
	KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_RESETS]), 1);

	/* The prompt of a module that has lost its power */
	ctx->script.odd_reply = "\x15\x15\r\n> ";
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), -EPROTO);
	KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_RESETS]), 2);
}

#define ENGINE_MESSAGE(n)	"\r\n[SOMA][TCP SVR] Accepted 10.0.2.2:" #n "[EOMA]\r\n"

struct engine_message_case {
	const char *command;
	const char *reply;
	const char *body;
	int ret;
	bool server;
	unsigned int messages;
};

static const struct engine_message_case engine_message_cases[] = {
	{ "S3=4\rabcd", ENGINE_MESSAGE(1) "\r\n4\r\nOK\r\n> ", "4", 0, false, 1 },
	{ "P0=1", ENGINE_MESSAGE(1) ENGINE_MESSAGE(2) "\r\n\r\nOK\r\n> ", "", 0, false, 2 },
	{ "PK=0", ENGINE_MESSAGE(1) "ERROR\r\n> ", "", -EREMOTEIO, false, 1 },
	{ "PC=0", ENGINE_MESSAGE(1) "OK\r\n> ", "", 0, false, 1 },
	{ "MR", ENGINE_MESSAGE(1) ENGINE_MESSAGE(2) "OK\r\n> ", "", 0, false, 2 },
	{ "MR", "\r\n[SOMA][EOMA]\r\nOK\r\n> ", "[SOMA][EOMA]", 0, false, 0 },
	{ "MR", "\n" ENGINE_MESSAGE(1) "\r\n[SOMA]#002,\"a\"[EOMA]\r", "#002,\"a\"", -EREMOTEIO,
	  false, 1 },
	{ "T0", "\r\n1.2.3.4,1\r\n1.2.3.4,2" ENGINE_MESSAGE(1) "\r\n1.2.3.4,3\r\nOK\r\n> ",
	  "1.2.3.4,1\r\n1.2.3.4,2\r\n1.2.3.4,3", 0, false, 1 },
	/* what a peer writes: taken for the module's own only if there is a server */
	{ "R0", ENGINE_MESSAGE(1) "\r\ndata\r\nOK\r\n> ", "data", 0, true, 1 },
	{ "R0", ENGINE_MESSAGE(1) "\r\ndata\r\nOK\r\n> ",
	  "[SOMA][TCP SVR] Accepted 10.0.2.2:1[EOMA]\r\n\r\ndata", 0, false, 0 },
	{ "R0", "\r\n[SOMA][TCP SVR] x[EOMA]data\r\nOK\r\n> ", "data", 0, true, 1 },
	{ "R0", "\r\n[SOMA][TCP SVR] x[EOMA]\r\nOK\r\n> ", "", 0, true, 1 },
	{ "R0", "\r\n[SOMA][TCP SVR] x[EOMA]\r\ndata\r\nOK\r\n> ", "\r\ndata", 0, true, 1 },
	{ "R0", ENGINE_MESSAGE(1) ENGINE_MESSAGE(2) "\r\ndata\r\nOK\r\n> ", "data", 0, true, 2 },
	{ "R0", "\r\ndata" ENGINE_MESSAGE(1) "\r\nOK\r\n> ",
	  "data\r\n[SOMA][TCP SVR] Accepted 10.0.2.2:1[EOMA]\r\n", 0, true, 0 },
};

static int engine_message_run(struct eswifi_job *job)
{
	struct engine_job *j = container_of(job, struct engine_job, job);
	const struct engine_message_case *c = j->test->param_value;
	struct eswifi_reply reply;

	j->first_ret = eswifi_at(job->ew, &reply, "%s", c->command);
	j->messages = reply.messages;
	eswifi_at_printable(j->body, sizeof(j->body), reply.body, reply.body_len);
	return 0;
}

static void engine_message_desc(const struct engine_message_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%.2s %s%u", c->command, c->server ? "server " : "",
		 c->messages);
}

KUNIT_ARRAY_PARAM(engine_message, engine_message_cases, engine_message_desc);

static void engine_messages_are_cut_off(struct kunit *test)
{
	const struct engine_message_case *c = test->param_value;
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, NULL, NULL);
	char body[ESWIFI_TEXT_SIZE];

	ctx->script.odd = c->command;
	ctx->script.odd_reply = c->reply;
	ctx->ew->user_serves = c->server;
	j->job.run = engine_message_run;
	j->test = test;
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&j->job), 0);
	KUNIT_EXPECT_EQ(test, j->first_ret, c->ret);
	KUNIT_EXPECT_EQ(test, j->messages, c->messages);
	eswifi_at_printable(body, sizeof(body), c->body, strlen(c->body));
	KUNIT_EXPECT_STREQ(test, j->body, body);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_MESSAGES]), c->messages);
	eswifi_job_put(&j->job);
	KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), 0);
}

static void engine_queued_job_is_cancelled(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *a = engine_job(test, "A1=0", NULL);
	struct engine_job *b = engine_job(test, "B?", NULL);
	DECLARE_COMPLETION_ONSTACK(started);
	DECLARE_COMPLETION_ONSTACK(go);

	a->started = &started;
	a->go = &go;
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&a->job, 0), 0);
	wait_for_completion(&started);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&b->job, 0), 0);
	WRITE_ONCE(b->job.cancelled, true);
	complete(&go);
	wait_for_completion(&b->job.done);
	KUNIT_EXPECT_EQ(test, b->job.result, -ECANCELED);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "A1=0;");
	eswifi_job_put(&a->job);
	eswifi_job_put(&b->job);
}

static void engine_running_job_stops_at_its_next_exchange(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, "A1=0", "A1=2");

	j->cancel = &j->job;
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&j->job, 0), 0);
	wait_for_completion(&j->job.done);
	KUNIT_EXPECT_EQ(test, j->first_ret, 0);
	KUNIT_EXPECT_EQ(test, j->job.result, -ECANCELED);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "A1=0;");
	eswifi_job_put(&j->job);
}

/* The waiter leaves, the job goes on: what it owns must live until its end. */
static void engine_abandoned_job_frees_itself(struct kunit *test)
{
	struct engine_job *a = engine_job(test, "A1=0", NULL);
	DECLARE_COMPLETION_ONSTACK(started);
	DECLARE_COMPLETION_ONSTACK(go);
	bool freed = false;

	a->started = &started;
	a->go = &go;
	a->freed = &freed;
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&a->job, 0), 0);
	wait_for_completion(&started);
	eswifi_job_put(&a->job);
	KUNIT_EXPECT_FALSE(test, freed);
	complete(&go);
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), 0);
	KUNIT_EXPECT_TRUE(test, freed);
}

static void engine_silence_ends_in_a_reset(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, "A1=0", "A1=2");

	ctx->script.silent = "A1=0";
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&j->job), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, j->first_ret, -ETIMEDOUT);
	eswifi_job_put(&j->job);

	/* The next job comes after the recovery. */
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), 0);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, ENGINE_SEEN("A1=0;", "B?;"));
	KUNIT_EXPECT_EQ(test, ctx->fake.lost, 1);
	KUNIT_EXPECT_EQ(test, ctx->fake.replayed, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_TIMEOUTS]), 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_RESETS]), 1);
}

static int engine_patient_run(struct eswifi_job *job)
{
	struct eswifi_reply reply;

	job->ew->patience_ms = 3600 * MSEC_PER_SEC;
	return eswifi_at(job->ew, &reply, "A1=0");
}

/* What one job needed is not for the recovery behind it. */
static void engine_patience_ends_with_its_job(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, NULL, NULL);
	ktime_t begun;

	ctx->script.odd = "A1=0";
	ctx->script.odd_reply = "\x15\x15\r\n> ";
	ctx->script.silent = "I?";
	j->job.run = engine_patient_run;
	begun = ktime_get();
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&j->job), -EPROTO);
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), -ESHUTDOWN);
	KUNIT_EXPECT_LT(test, ktime_ms_delta(ktime_get(), begun), 60 * MSEC_PER_SEC);
	ctx->script.silent = NULL;
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	eswifi_job_put(&j->job);
}

static void engine_dead_module_fails_at_once_until_it_is_back(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;

	ctx->script.silent = "A1=0";
	ctx->fake.no_boot = true;
	KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), -ESHUTDOWN);
	KUNIT_EXPECT_EQ(test, ctx->ew->state, ESWIFI_STATE_DOWN);

	ctx->fake.no_boot = false;
	/* The first pause is a second, and a failed boot takes seconds too. */
	msleep(30000);
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), 0);
}

static void engine_reset_by_hand_brings_it_back(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;

	ctx->script.silent = "A1=0";
	ctx->fake.no_boot = true;
	KUNIT_EXPECT_EQ(test, engine_call(test, "A1=0"), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), -EIO);
	ctx->fake.no_boot = false;
	KUNIT_EXPECT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, engine_call(test, "B?"), 0);
}

static int engine_select_run(struct eswifi_job *job)
{
	struct eswifi *ew = job->ew;
	int ret;

	ret = eswifi_select(ew, 2);
	if (!ret)
		ret = eswifi_select(ew, 2);
	eswifi_forget(ew);
	if (!ret)
		ret = eswifi_select(ew, 2);
	return ret;
}

static void engine_shadow_saves_the_wire(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *j = engine_job(test, NULL, NULL);

	j->job.run = engine_select_run;
	KUNIT_EXPECT_EQ(test, eswifi_job_call(&j->job), 0);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "P0=2;P0=2;");
	eswifi_job_put(&j->job);
}

static void engine_leaves_no_command_behind(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, engine_call(test, "C2=correct horse"), 0);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->ew->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
	ctx->script.silent = "C2=battery staple";
	KUNIT_EXPECT_EQ(test, engine_call(test, "C2=battery staple"), -ETIMEDOUT);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->ew->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
}

static void engine_long_command_is_refused(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	char *text = kunit_kzalloc(test, ESWIFI_CMD_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, text);
	memset(text, 'A', ESWIFI_CMD_MAX - 1);
	KUNIT_EXPECT_EQ(test, engine_call(test, text), -EMSGSIZE);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "");
}

static void engine_stop_ends_what_waits(struct kunit *test)
{
	struct engine_ctx *ctx = test->priv;
	struct engine_job *late = engine_job(test, "A1=0", NULL);
	struct engine_job *hangs = engine_job(test, "B?", NULL);
	DECLARE_COMPLETION_ONSTACK(started);

	ctx->script.silent = "B?";
	hangs->started = &started;
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&late->job, 3600 * MSEC_PER_SEC), 0);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&hangs->job, 0), 0);
	wait_for_completion(&started);
	eswifi_engine_stop(ctx->ew);

	KUNIT_EXPECT_TRUE(test, completion_done(&late->job.done));
	KUNIT_EXPECT_EQ(test, late->job.result, -ENODEV);
	KUNIT_EXPECT_TRUE(test, completion_done(&hangs->job.done));
	KUNIT_EXPECT_EQ(test, hangs->job.result, -ENODEV);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(&late->job, 0), -ENODEV);
	eswifi_job_put(&late->job);
	eswifi_job_put(&hangs->job);
}

/* The SPI core makes the modalias of the compatible's second half. */
static void engine_tables_agree(struct kunit *test)
{
	const struct of_device_id *of;
	const struct spi_device_id *id;
	const char *name;
	int n = 0;

	for (of = eswifi_of_match; of->compatible[0]; of++, n++) {
		name = strchr(of->compatible, ',');
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, name);
		for (id = eswifi_spi_ids; id->name[0] && strcmp(id->name, name + 1); id++)
			;
		KUNIT_EXPECT_STREQ(test, id->name, name + 1);
	}
	for (id = eswifi_spi_ids; id->name[0]; id++)
		n--;
	KUNIT_EXPECT_EQ(test, n, 0);
}

static struct kunit_case engine_cases[] = {
	KUNIT_CASE(engine_boot_learns_identity),
	KUNIT_CASE(engine_jobs_keep_their_order),
	KUNIT_CASE(engine_error_has_its_text),
	KUNIT_CASE(engine_words_are_no_reset),
	KUNIT_CASE_PARAM(engine_messages_are_cut_off, engine_message_gen_params),
	KUNIT_CASE(engine_queued_job_is_cancelled),
	KUNIT_CASE(engine_running_job_stops_at_its_next_exchange),
	KUNIT_CASE(engine_abandoned_job_frees_itself),
	KUNIT_CASE(engine_silence_ends_in_a_reset),
	KUNIT_CASE(engine_patience_ends_with_its_job),
	KUNIT_CASE(engine_dead_module_fails_at_once_until_it_is_back),
	KUNIT_CASE(engine_reset_by_hand_brings_it_back),
	KUNIT_CASE(engine_shadow_saves_the_wire),
	KUNIT_CASE(engine_leaves_no_command_behind),
	KUNIT_CASE(engine_long_command_is_refused),
	KUNIT_CASE(engine_stop_ends_what_waits),
	KUNIT_CASE(engine_tables_agree),
	{}
};

static struct kunit_suite engine_suite = {
	.name = "eswifi_engine",
	.init = engine_test_init,
	.exit = engine_test_exit,
	.test_cases = engine_cases,
};

kunit_test_suite(engine_suite);
