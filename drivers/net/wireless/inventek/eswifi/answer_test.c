// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what a command leaves behind that is answered, but not with OK: one that
 * is refused, and one whose answer nobody understands; and of answers that mean nothing.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conn.h"
#include "fake_module.h"
#include "link.h"
#include "trace.h"

#define ODD		"SECRETPASS and other words\r\n> "
#define ERROR		"\r\n[AT] No\r\nERROR\r\n> "

/* The module of these tests. */
struct answer_script {
	const char *command;	/* what gets this answer, so many times */
	const char *answer;
	unsigned int times;
	bool joined;
	bool ended;		/* R4 tells the end of a stream */
	const char *data;	/* R4 gives this, once */
	const char *client;	/* P? tells this client */
	char seen[1024];	/* commands, with ';' between */
};

struct answer_ctx {
	struct eswifi_fake fake;
	struct answer_script script;
	struct eswifi *ew;
};

static const char *answer_body(struct answer_script *script, const char *text)
{
	if (!strcmp(text, "I?"))
		return "ISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0,v8.2.1,120000000,eS-WiFi";
	if (!strcmp(text, "Z5"))
		return "C4:7F:51:01:02:03";
	if (!strcmp(text, "CD"))
		script->joined = false;
	else if (!strcmp(text, "CS"))
		return script->joined ? "1" : "0";
	else if (!strcmp(text, "C?"))
		return "net,SECRETPASS,3,1,0,10.0.0.2,255.0.0.0,10.0.0.1,,,3,1,0,US,1";
	else if (!strcmp(text, "AD"))
		return "[AP     ] SSID: me  MAC: C4:7F:51:01:02:03  ,11,192.168.10.1";
	else if (!strcmp(text, "AA"))
		return "c4:7f:51:00:00:01,192.168.10.2";
	else if (!strcmp(text, "AR"))
		return "1,c4:7f:51:00:00:01,-40";
	else if (!strcmp(text, "CN"))
		return "US/0";
	else if (!strcmp(text, "P?"))
		return script->client ?: "1,0.0.0.0,0,0.0.0.0,0,0,0,1,0,0,0,7200000";
	if (!strcmp(text, "C0")) {
		script->joined = true;
		return "[JOIN   ] net,192.168.1.2,0,0";
	}
	return "";
}

static int answer_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			  size_t size)
{
	struct answer_script *script = fake->priv;
	const u8 *cr = memchr(cmd, '\r', len);
	char text[64] = {};
	int n;

	memcpy(text, cmd, min_t(size_t, cr ? cr - cmd : len, sizeof(text) - 1));
	strlcat(script->seen, text, sizeof(script->seen));
	strlcat(script->seen, ";", sizeof(script->seen));
	if (script->times && !strcmp(text, script->command)) {
		script->times--;
		return scnprintf(reply, size, "%s", script->answer);
	}
	if (!strcmp(text, "R4") && script->ended)
		return scnprintf(reply, size, "\r\n-1\r\nERROR\r\n> ");
	if (!strcmp(text, "R4") && script->data) {
		n = scnprintf(reply, size, "\r\n%04zu%s\r\nOK\r\n> ", strlen(script->data),
			      script->data);
		script->data = NULL;
		return n;
	}
	return scnprintf(reply, size, "\r\n%s\r\nOK\r\n> ", answer_body(script, text));
}

static int answer_test_init(struct kunit *test)
{
	struct answer_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->fake.command = answer_command;
	ctx->fake.priv = &ctx->script;
	ctx->ew = eswifi_fake_create(test, &ctx->fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	KUNIT_ASSERT_EQ(test, eswifi_link_start(ctx->ew), 0);
	return 0;
}

static void answer_test_exit(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;

	if (!ctx || IS_ERR_OR_NULL(ctx->ew))
		return;
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
	eswifi_engine_stop(ctx->ew);
	eswifi_link_stop(ctx->ew);
	eswifi_fake_destroy(&ctx->fake);
}

static void answer_next(struct answer_ctx *ctx, const char *command, const char *answer,
			unsigned int times)
{
	ctx->script.seen[0] = '\0';
	ctx->script.command = command;
	ctx->script.answer = answer;
	ctx->script.times = times;
}

static int answer_join(struct answer_ctx *ctx)
{
	static const struct eswifi_join net = { .ssid_len = 3, .ssid = "net" };
	char text[ESWIFI_TEXT_SIZE];

	return eswifi_link_join(ctx->ew, &net, 0, text);
}

static struct file *answer_connect(struct kunit *test)
{
	struct eswifi_connect arg = {
		.protocol = ESWIFI_PROTO_TCP,
		.port = 7000,
		.verify = ESWIFI_VERIFY_NONE,
		.cert_set = ESWIFI_CERT_SET_DEFAULT,
		.host = "10.1.2.3",
	};
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct file *file;

	file = eswifi_conn_open(ctx->ew, &arg, 1, text);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	return file;
}

static struct file *answer_listen(struct answer_ctx *ctx, unsigned int protocol, char *text)
{
	struct eswifi_listen arg = {
		.protocol = protocol,
		.port = 80,
		.backlog = protocol == ESWIFI_PROTO_TCP,
	};

	return eswifi_listen(ctx->ew, &arg, 1, text);
}

/* Waits for a client. */
static __poll_t answer_await(struct file *file, unsigned int ms)
{
	struct poll_wqueues table;
	__poll_t events;

	poll_initwait(&table);
	vfs_poll(file, &table.pt);
	msleep(ms);
	events = vfs_poll(file, NULL);
	poll_freewait(&table);
	return events;
}

/* ---------------------------------------------------------- not understood */

static void answer_odd_when_leaving(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	struct eswifi_conn *conn;
	struct file *file;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	file = answer_connect(test);
	conn = file->private_data;
	answer_next(ctx, "CD", ODD, 1);
	KUNIT_EXPECT_EQ(test, eswifi_link_leave(ctx->ew, 0), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.wish.ssid_len, 0);
	KUNIT_EXPECT_EQ(test, conn->error, -ENETDOWN);
	eswifi_fake_close(file);
}

static void answer_odd_when_joined(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;

	answer_next(ctx, "C?", ODD, 1);
	KUNIT_EXPECT_EQ(test, answer_join(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_NULL(test, strstr(ctx->ew->text, "SECRET"));
}

static void answer_odd_when_found(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;

	ctx->ew->firmware.joined = true;
	answer_next(ctx, "C?", ODD, 1);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(ctx->ew->link.watch, 0), 0);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_NULL(test, strstr(ctx->ew->text, "SECRET"));
}

/* The end of a stream, which would be no end if the network were gone. */
static void answer_odd_at_the_end(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	struct file *file;
	char byte;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	file = answer_connect(test);
	answer_next(ctx, "CS", ODD, 1);
	ctx->script.ended = true;
	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, &byte, 1), 0);
	KUNIT_EXPECT_EQ(test, ctx->script.times, 0);
	eswifi_fake_close(file);
}

static void answer_odd_of_the_signal(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	struct eswifi_link_info info;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	answer_next(ctx, "CR", ODD, 1);
	KUNIT_EXPECT_EQ(test, eswifi_link_info(ctx->ew, &info, 0), 0);
	KUNIT_EXPECT_EQ(test, info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_EQ(test, info.rssi, 0);
	/* It may have lost its network. */
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "CR;CS;"));
}

static void answer_odd_of_the_access_point(struct kunit *test)
{
	struct eswifi_ap ap = { .ssid_len = 2, .ssid = "me", .max_clients = 1 };
	struct eswifi_ap_info info = {};
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	KUNIT_ASSERT_EQ(test, eswifi_ap_start(ctx->ew, &ap, 0, text), 0);
	answer_next(ctx, "AR", ODD, 1);
	KUNIT_EXPECT_EQ(test, eswifi_ap_info(ctx->ew, &info, 0, text), 0);
	KUNIT_EXPECT_EQ(test, info.count, 1);
	KUNIT_EXPECT_EQ(test, ctx->script.times, 0);
	answer_next(ctx, "AE", ODD, 1);
	KUNIT_EXPECT_EQ(test, eswifi_ap_stop(ctx->ew, 0, text), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.ap.ssid_len, 0);
}

static int answer_radio_run(struct eswifi_job *job)
{
	return eswifi_radio_replay(job->ew);
}

/* One setting that cannot be put back is no reason to give the next one up. */
static void answer_odd_of_the_radio(struct kunit *test)
{
	static const char * const command[] = { "CN=US", "ZP=1,1" };
	static const char * const answer[] = { ODD, ERROR };
	struct answer_ctx *ctx = test->priv;
	struct eswifi_job *job;
	int c, a;

	KUNIT_ASSERT_EQ(test, eswifi_country_set(ctx->ew, "US"), 0);
	KUNIT_ASSERT_EQ(test, eswifi_power_save_set(ctx->ew, true), 0);
	for (c = 0; c < ARRAY_SIZE(command); c++) {
		for (a = 0; a < ARRAY_SIZE(answer); a++) {
			job = kzalloc(sizeof(*job), GFP_KERNEL);
			KUNIT_ASSERT_NOT_ERR_OR_NULL(test, job);
			eswifi_job_init(job, ctx->ew, answer_radio_run, eswifi_job_kfree);
			answer_next(ctx, command[c], answer[a], 1);
			KUNIT_EXPECT_EQ(test, eswifi_job_call(job), 0);
			KUNIT_EXPECT_STREQ(test, ctx->script.seen, "CN=US;ZP=1,1;");
			eswifi_job_put(job);
		}
	}
}

/* Whoever waits for a client gets it, whatever was said meanwhile, and however often. */
static void answer_odd_to_a_server(struct kunit *test)
{
	static const char client[] = "1,10.1.2.3,80,0.0.0.0,5024,0,0,1,0,0,0,7200000";
	static const struct {
		const char *command;
		unsigned int times;
	} c[] = { { "P?", 3 }, { "MR", UINT_MAX } };
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct file *file;
	int i;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		file = answer_listen(ctx, ESWIFI_PROTO_TCP, text);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
		answer_next(ctx, c[i].command, ODD, c[i].times);
		ctx->script.client = client;
		KUNIT_EXPECT_EQ_MSG(test, answer_await(file, 10000), EPOLLIN | EPOLLRDNORM, "%s",
				    c[i].command);
		KUNIT_EXPECT_LT(test, ctx->script.times, c[i].times);
		ctx->script.client = NULL;
		eswifi_fake_close(file);
	}
}

/* Nobody tells who has sent it, which is no reason to lose it. */
static void answer_odd_of_the_sender(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE], data[8];
	struct eswifi_conn *conn;
	struct file *file;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	file = answer_listen(ctx, ESWIFI_PROTO_UDP, text);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	conn = file->private_data;
	answer_next(ctx, "P?", ODD, 1);
	ctx->script.data = "hello";
	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, data, sizeof(data)), 5);
	KUNIT_EXPECT_EQ(test, ctx->script.times, 0);
	KUNIT_EXPECT_EQ(test, conn->state, ESWIFI_CONN_OPEN);
	eswifi_fake_close(file);
}

struct answer_traced {
	int id;
	char all[256];
};

static void answer_probe(void *data, int id, const char *command, const char *text)
{
	struct answer_traced *traced = data;
	size_t len = strlen(traced->all);

	traced->id = id;
	scnprintf(traced->all + len, sizeof(traced->all) - len, "%s: %s;", command, text);
}

static void answer_odd_is_counted_and_traced(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	atomic64_t *odd = &ctx->ew->stats[ESWIFI_STAT_ODD_REPLIES];
	struct answer_traced traced = { .id = -1 };
	char text[ESWIFI_TEXT_SIZE];
	struct file *file;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "a kernel without trace events");
	KUNIT_ASSERT_EQ(test, register_trace_eswifi_odd_reply(answer_probe, &traced), 0);
	KUNIT_EXPECT_EQ(test, answer_join(ctx), 0);
	KUNIT_EXPECT_STREQ(test, traced.all, "");
	answer_next(ctx, "CD", "\r\nhm\r\nwell\r\n> ", 1);
	KUNIT_EXPECT_EQ(test, eswifi_link_leave(ctx->ew, 0), 0);
	/* This reply shows a passphrase. */
	answer_next(ctx, "C?", ODD, 1);
	KUNIT_EXPECT_EQ(test, answer_join(ctx), 0);
	KUNIT_EXPECT_STREQ(test, traced.all, "CD: hm; well;C?: neither OK nor ERROR came;");
	KUNIT_EXPECT_EQ(test, traced.id, ctx->ew->id);
	KUNIT_EXPECT_EQ(test, atomic64_read(odd), 2);

	/* A message that is none; and none, which is no message. */
	traced.all[0] = '\0';
	file = answer_listen(ctx, ESWIFI_PROTO_TCP, text);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, file);
	answer_next(ctx, "MR", "\r\nSOMA?\r\nOK\r\n> ", 1);
	if (!IS_ERR(file)) {
		answer_await(file, 3000);
		eswifi_fake_close(file);
	}
	KUNIT_EXPECT_STREQ(test, traced.all, "MR: SOMA?;");
	KUNIT_EXPECT_EQ(test, atomic64_read(odd), 3);
	unregister_trace_eswifi_odd_reply(answer_probe, &traced);
	tracepoint_synchronize_unregister();
}

/* ----------------------------------------------------------------- country */

/* Some firmware says OK and keeps the country it has; some knows one with the revision of
 * its rules only.
 */
static void answer_country_that_does_not_hold(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;

	answer_next(ctx, NULL, NULL, 0);
	KUNIT_EXPECT_EQ(test, eswifi_country_set(ctx->ew, "DE"), -EINVAL);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "CN=DE;CN;");
	KUNIT_EXPECT_STREQ(test, ctx->ew->radio.country, "");

	answer_next(ctx, "CN=US", ERROR, 1);
	KUNIT_EXPECT_EQ(test, eswifi_country_set(ctx->ew, "US"), 0);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "CN=US;CN=US/0;CN;");
	KUNIT_EXPECT_STREQ(test, ctx->ew->radio.country, "US/0");
}

/* ------------------------------------------------------------------ clients */

static unsigned int answer_count(const struct answer_ctx *ctx, const char *what)
{
	const char *p = ctx->script.seen;
	unsigned int n = 0;

	while ((p = strstr(p, what))) {
		p += strlen(what);
		n++;
	}
	return n;
}

/* To ask who is there may block the module in the moment in which somebody comes: it is
 * asked for messages first, and seldom for this. No address is nobody's.
 */
static void answer_nobody_is_no_client(struct kunit *test)
{
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct file *file;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	file = answer_listen(ctx, ESWIFI_PROTO_TCP, text);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	ctx->script.client = "1,0.0.0.0,80,0.0.0.0,260,0,0,1,0,0,0,7200000";
	answer_next(ctx, NULL, NULL, 0);
	KUNIT_EXPECT_EQ(test, answer_await(file, 5000), 0);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(ctx->script.seen, "MR;"), "%s", ctx->script.seen);
	KUNIT_EXPECT_GE(test, answer_count(ctx, "MR;"), 20);
	KUNIT_EXPECT_GE(test, answer_count(ctx, "P?;"), 2);
	KUNIT_EXPECT_LE(test, answer_count(ctx, "P?;"), 12);
	eswifi_fake_close(file);
}

/* ----------------------------------------------------------------- refused */

static bool answer_serves(struct answer_ctx *ctx)
{
	int i;

	for (i = 0; i < ESWIFI_SOCKETS; i++)
		if (ctx->ew->sockets[i].serving)
			return true;
	return false;
}

/* A server that was not started, or that nobody knows of, is none. */
static void answer_server_that_is_refused(struct kunit *test)
{
	static const struct {
		unsigned int protocol;
		const char *command;
	} c[] = { { ESWIFI_PROTO_TCP, "P5=11" }, { ESWIFI_PROTO_UDP, "P5=1" } };
	static const struct {
		const char *answer;
		int ret;
		const char *text;
	} a[] = {
		{ ERROR, -EREMOTEIO, "[AT] No" },
		{ ODD, -EBADMSG, "SECRETPASS and other words" },
	};
	struct answer_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct file *file;
	int i, k;

	KUNIT_ASSERT_EQ(test, answer_join(ctx), 0);
	for (i = 0; i < ARRAY_SIZE(c); i++) {
		for (k = 0; k < ARRAY_SIZE(a); k++) {
			answer_next(ctx, c[i].command, a[k].answer, 1);
			file = answer_listen(ctx, c[i].protocol, text);
			KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(file), a[k].ret);
			KUNIT_EXPECT_STREQ(test, text, a[k].text);
			KUNIT_EXPECT_FALSE_MSG(test, answer_serves(ctx), "%s", c[i].command);
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(ctx->script.seen, "P5=0;"), "%s",
						  ctx->script.seen);
			if (IS_ERR(file))
				flush_delayed_fput();
			else
				eswifi_fake_close(file);
		}
	}
}

static struct kunit_case answer_cases[] = {
	KUNIT_CASE(answer_odd_when_leaving),
	KUNIT_CASE(answer_odd_when_joined),
	KUNIT_CASE(answer_odd_when_found),
	KUNIT_CASE(answer_odd_at_the_end),
	KUNIT_CASE(answer_odd_of_the_signal),
	KUNIT_CASE(answer_odd_of_the_access_point),
	KUNIT_CASE(answer_odd_of_the_radio),
	KUNIT_CASE(answer_odd_to_a_server),
	KUNIT_CASE(answer_odd_of_the_sender),
	KUNIT_CASE(answer_odd_is_counted_and_traced),
	KUNIT_CASE(answer_country_that_does_not_hold),
	KUNIT_CASE(answer_nobody_is_no_client),
	KUNIT_CASE(answer_server_that_is_refused),
	{}
};

static struct kunit_suite answer_suite = {
	.name = "eswifi_answer",
	.init = answer_test_init,
	.exit = answer_test_exit,
	.test_cases = answer_cases,
};

kunit_test_suite(answer_suite);
