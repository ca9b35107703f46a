// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of an exchange on the wire: phases, data-ready in all the ways
 * that it fails, lengths, and that the module is never left selected.
 *
 * Times are checked only so far as they tell one way of ending a wait from
 * another: seconds from milliseconds.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fake_module.h"

#define TIMEOUT_MS	4000
/* Whatever ends before the timeout has ended by then, on a busy host too. */
#define SOON_MS		2000

static const char answer[] = "\r\nhello\r\nOK\r\n> ";

struct spi_ctx {
	struct eswifi_fake fake;
	struct eswifi_bus bus;
	struct delayed_work stop;
	const u8 *reply;	/* what every command is answered */
	size_t reply_len;
	bool silent;
	u8 cmd[64];		/* the last command, as far as it fits */
	size_t cmd_len;
	bool reads_on;		/* it has to: the line falls late, or never */
	unsigned int ms;	/* how long the last exchange or reset took */
};

static int spi_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
		       size_t size)
{
	struct spi_ctx *ctx = fake->priv;

	ctx->cmd_len = len;
	memcpy(ctx->cmd, cmd, min(len, sizeof(ctx->cmd)));
	if (ctx->silent || ctx->reply_len > size)
		return -1;
	memcpy(reply, ctx->reply, ctx->reply_len);
	return ctx->reply_len;
}

static void spi_stop_work(struct work_struct *work)
{
	eswifi_bus_stop(&container_of(work, struct spi_ctx, stop.work)->bus);
}

static int reset(struct spi_ctx *ctx)
{
	ktime_t start = ktime_get();
	int ret = eswifi_bus_reset(&ctx->bus, 0);

	ctx->ms = ktime_ms_delta(ktime_get(), start);
	return ret;
}

static int exchange_len(struct spi_ctx *ctx, const char *cmd, size_t len)
{
	ktime_t start;
	int ret;

	memcpy(ctx->bus.tx, cmd, len);
	start = ktime_get();
	ret = eswifi_bus_exchange(&ctx->bus, len, TIMEOUT_MS);
	ctx->ms = ktime_ms_delta(ktime_get(), start);
	return ret;
}

static int exchange(struct spi_ctx *ctx)
{
	return exchange_len(ctx, "I?\r", 3);
}

static int spi_test_init(struct kunit *test)
{
	struct spi_ctx *ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	KUNIT_ASSERT_EQ(test, eswifi_bus_alloc(&ctx->bus), 0);
	test->priv = ctx;
	INIT_DELAYED_WORK(&ctx->stop, spi_stop_work);
	ctx->reply = answer;
	ctx->reply_len = strlen(answer);
	ctx->fake.command = spi_command;
	ctx->fake.priv = ctx;
	KUNIT_ASSERT_EQ(test, eswifi_fake_attach(test, &ctx->fake, &ctx->bus), 0);
	KUNIT_ASSERT_EQ(test, eswifi_bus_reset(&ctx->bus, 0), 0);
	ctx->bus.stuffing = 0;
	ctx->fake.read_bytes = 0;
	return 0;
}

static void spi_test_exit(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	if (!ctx)
		return;
	cancel_delayed_work_sync(&ctx->stop);
	if (ctx->fake.bus) {
		KUNIT_EXPECT_FALSE(test, ctx->fake.selected);
		KUNIT_EXPECT_EQ(test, ctx->fake.forbidden, 0);
		KUNIT_EXPECT_EQ(test, ctx->fake.reselected, 0);
		if (!ctx->reads_on)
			KUNIT_EXPECT_LE(test, ctx->fake.over_read, 32);
		eswifi_fake_detach(&ctx->fake);
	}
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
	eswifi_bus_free(&ctx->bus);
}

static void expect_answer(struct kunit *test, int ret)
{
	struct spi_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, ret, (int)ctx->reply_len);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->bus.rx, ctx->reply, ctx->reply_len), 0);
	KUNIT_EXPECT_FALSE(test, ctx->fake.selected);
}

/* An exchange that works, and one behind it that shows that all is in step. */
static void expect_works(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	expect_answer(test, exchange(ctx));
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
	expect_answer(test, exchange(ctx));
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
}

/* Was nothing read but replies? Only for tests in which all exchanges work. */
static void expect_no_premature_read(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	KUNIT_EXPECT_EQ(test, ctx->fake.commands * ctx->reply_len + ctx->bus.stuffing,
			ctx->fake.read_bytes);
}

/* After a fault: a reset makes it good again. */
static void expect_recovers(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	KUNIT_EXPECT_FALSE(test, ctx->fake.selected);
	KUNIT_ASSERT_EQ(test, eswifi_bus_reset(&ctx->bus, 0), 0);
	expect_answer(test, exchange(ctx));
}

/* ---------------------------------------------------------------- healthy */

static void spi_command_arrives_whole(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	expect_answer(test, exchange_len(ctx, "S3=4\rab\0\r", 9));
	KUNIT_ASSERT_EQ(test, ctx->cmd_len, 9);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->cmd, "S3=4\rab\0\r", 9), 0);
	expect_answer(test, exchange_len(ctx, "P4=8883\r", 8));
	KUNIT_ASSERT_EQ(test, ctx->cmd_len, 8);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->cmd, "P4=8883\r", 8), 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.commands, 2);
}

static void spi_command_is_wiped(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	expect_answer(test, exchange_len(ctx, "C2=secret\r", 10));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
	expect_answer(test, exchange_len(ctx, "C2=secrets\r", 11));
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
	ctx->fake.stuck = ESWIFI_FAKE_STUCK_LOW;
	KUNIT_EXPECT_EQ(test, exchange_len(ctx, "C2=secrets\r", 11), -ETIMEDOUT);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(ctx->bus.tx, 0, ESWIFI_TX_SIZE), NULL);
}

/* With all delays 0 the edge comes while chip select rises, and no low is seen. */
static void spi_edge_within_release_is_seen(struct kunit *test)
{
	expect_works(test);
	expect_no_premature_read(test);
}

static void spi_late_reply(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.reply_ms = 100;
	expect_works(test);
	KUNIT_EXPECT_GE(test, ctx->ms, 90);
	KUNIT_EXPECT_EQ(test, ctx->bus.spurious, 0);
	expect_no_premature_read(test);
}

static void spi_late_command_phase(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.pause_ms = 5000;
	expect_answer(test, exchange(ctx));
	expect_answer(test, exchange(ctx));
	KUNIT_EXPECT_GE(test, ctx->ms, 5000);
}

static void spi_high_long_after_the_command(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.high_looks = 4;
	ctx->fake.lose_edges = true;
	expect_works(test);
	ctx->fake.reply_ms = 100;
	expect_works(test);
	ctx->fake.lose_edges = false;
	expect_works(test);
	expect_no_premature_read(test);
}

static void fill_reply(struct kunit *test, size_t len)
{
	struct spi_ctx *ctx = test->priv;
	u8 *reply = kunit_kzalloc(test, len, GFP_KERNEL);
	size_t i;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reply);
	for (i = 0; i < len; i++)
		reply[i] = 'a' + i % 23;
	ctx->reply = reply;
	ctx->reply_len = len;
}

static void spi_reply_lengths(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	static const size_t len[] = {
		1, 2, 3, 10, 11, 12, 31, 32, 33, 63, 64, 65, 1470, 1471, 1472, 4095, 4096,
		ESWIFI_RX_SIZE - 1, ESWIFI_RX_SIZE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		fill_reply(test, len[i]);
		expect_answer(test, exchange(ctx));
		/* This begins with no length: no harm is done. */
		expect_answer(test, exchange_len(ctx, "R4\r", 3));
	}
}

/* What tells its length is read in a few transfers. */
static void spi_counted_reply(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	unsigned int before, len;
	char *reply;

	for (len = 0; len <= ESWIFI_PAYLOAD_MAX; len += 73) {
		fill_reply(test, 6 + len + 8);
		reply = (char *)ctx->reply;
		memcpy(reply + 6 + len, "\r\nOK\r\n> ", 8);
		snprintf(reply, 7, "\r\n%04u", len);
		reply[6] = len ? 'a' : '\r';
		before = ctx->fake.transfers;
		expect_answer(test, exchange_len(ctx, "R4\r", 3));
		/* command, begin, rest, release */
		KUNIT_EXPECT_LE(test, ctx->fake.transfers - before, 4);
	}
	/* A message in front of it takes the length away. */
	fill_reply(test, 1000);
	memcpy((u8 *)ctx->reply, "\r\n[SOMA]", 8);
	expect_answer(test, exchange_len(ctx, "R4\r", 3));
}

static void spi_payload_of_stuffing_is_kept(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	static const char tail[] = "\r\nOK\r\n> ";
	size_t len = 2 + ESWIFI_PAYLOAD_MAX + strlen(tail);
	u8 *reply = kunit_kzalloc(test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, reply);
	memset(reply, ESWIFI_NAK, len);
	memcpy(reply, "\r\n", 2);
	memcpy(reply + len - strlen(tail), tail, strlen(tail));
	ctx->reply = reply;
	ctx->reply_len = len;
	expect_works(test);
	expect_answer(test, exchange_len(ctx, "R0\r", 3));
}

static void spi_line_falls_late(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.late_fall = 50;
	ctx->reads_on = true;
	expect_works(test);
	KUNIT_EXPECT_GE(test, ctx->bus.stuffing, 100);
	/* also behind a reply that fills the buffer */
	fill_reply(test, ESWIFI_RX_SIZE);
	expect_works(test);
}

static void spi_stuffing_before_the_reply(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	const u8 *start;
	int len;

	ctx->fake.early_stuffing = 100;
	len = exchange(ctx);
	KUNIT_ASSERT_EQ(test, len, (int)ctx->reply_len + 100);
	KUNIT_EXPECT_EQ(test, eswifi_frame_strip(ctx->bus.rx, len, &start), ctx->reply_len);
	KUNIT_EXPECT_EQ(test, memcmp(start, ctx->reply, ctx->reply_len), 0);
}

/* ------------------------------------------------------------- data-ready */

static void spi_no_edges_at_all(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.lose_edges = true;
	ctx->fake.reply_ms = 100;
	ctx->fake.pause_ms = 100;
	expect_works(test);
	KUNIT_EXPECT_EQ(test, reset(ctx), 0);
}

/* Low for too short a time to be seen, and the edge is lost: it stays high. */
static void spi_no_edge_and_no_low(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.lose_edges = true;
	expect_works(test);
	expect_no_premature_read(test);
}

/* A level's interrupt is armed when the line is seen low, and not before. */
static void spi_level_interrupt(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.level = true;
	ctx->bus.level = true;
	expect_works(test);
	KUNIT_EXPECT_LT(test, ctx->ms, 200);
	ctx->fake.high_looks = 2;
	expect_works(test);
	ctx->fake.reply_ms = 50;
	ctx->fake.pause_ms = 50;
	expect_works(test);
	expect_no_premature_read(test);
	KUNIT_EXPECT_EQ(test, reset(ctx), 0);
}

/* The edge of the CMD phase comes while the command ends, the line being high still. */
static void spi_edge_that_comes_late(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.late_edge = true;
	ctx->fake.fall_us = 60;
	expect_works(test);
	ctx->fake.reply_ms = 50;
	expect_works(test);
	expect_no_premature_read(test);
}

static void spi_spurious_edge_while_busy(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.spurious_edge = true;
	ctx->fake.reply_ms = 200;
	expect_works(test);
	KUNIT_EXPECT_GE(test, ctx->ms, 190);
	KUNIT_EXPECT_EQ(test, ctx->bus.spurious, 2);
	expect_no_premature_read(test);
}

/* The line rises, and there is nothing to read: nobody knows what it wants now. */
static void spi_glitch_is_no_reply(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.glitches = 1;
	KUNIT_EXPECT_EQ(test, exchange(ctx), -EPROTO);
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
	ctx->fake.glitches = 0;
	expect_recovers(test);
}

static void spi_stuck_low(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.stuck = ESWIFI_FAKE_STUCK_LOW;
	KUNIT_EXPECT_EQ(test, exchange(ctx), -ETIMEDOUT);
	/* nothing was sent into the void */
	KUNIT_EXPECT_EQ(test, ctx->fake.commands, 0);
	KUNIT_EXPECT_EQ(test, reset(ctx), -ETIMEDOUT);
	ctx->fake.stuck = ESWIFI_FAKE_FREE;
	expect_recovers(test);
}

static void spi_stuck_high(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.stuck = ESWIFI_FAKE_STUCK_HIGH;
	ctx->silent = true;
	ctx->reads_on = true;
	KUNIT_EXPECT_EQ(test, exchange(ctx), -EPROTO);
	KUNIT_EXPECT_LT(test, ctx->fake.read_bytes, 2 * ESWIFI_RX_SIZE);
	ctx->fake.no_boot = true;
	KUNIT_EXPECT_EQ(test, reset(ctx), -EPROTO);
	ctx->silent = false;
	ctx->fake.no_boot = false;
	ctx->fake.stuck = ESWIFI_FAKE_FREE;
	expect_recovers(test);
}

static void spi_never_answers(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->silent = true;
	KUNIT_EXPECT_EQ(test, exchange(ctx), -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, ctx->ms, TIMEOUT_MS - 100);
	KUNIT_EXPECT_LT(test, ctx->ms, TIMEOUT_MS + SOON_MS);
	ctx->silent = false;
	expect_recovers(test);
}

static void spi_endless_stuffing(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	size_t bytes = ctx->fake.read_bytes;

	ctx->reads_on = true;
	ctx->fake.endless = true;
	KUNIT_EXPECT_EQ(test, exchange(ctx), -EPROTO);
	KUNIT_EXPECT_LT(test, ctx->fake.read_bytes - bytes, ESWIFI_RX_SIZE);
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
	ctx->fake.endless = false;
	expect_recovers(test);
	/* the same behind a reply that fills the buffer */
	ctx->fake.endless = true;
	fill_reply(test, ESWIFI_RX_SIZE);
	KUNIT_EXPECT_EQ(test, exchange(ctx), -EPROTO);
	ctx->fake.endless = false;
	expect_recovers(test);
}

/* ----------------------------------------------------------------- lengths */

static void spi_reply_too_long(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	static const size_t len[] = {
		ESWIFI_RX_SIZE + 1, ESWIFI_RX_SIZE + 2, ESWIFI_RX_SIZE + 513, 3 * ESWIFI_RX_SIZE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(len); i++) {
		fill_reply(test, len[i]);
		KUNIT_EXPECT_EQ_MSG(test, exchange(ctx), -EMSGSIZE, "%zu", len[i]);
		KUNIT_EXPECT_FALSE(test, ctx->fake.selected);
		/* it was read to its end: no reset is needed */
		ctx->reply = answer;
		ctx->reply_len = strlen(answer);
		expect_works(test);
	}
}

static void spi_reply_without_end(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	fill_reply(test, ESWIFI_FAKE_REPLY_SIZE);
	KUNIT_EXPECT_EQ(test, exchange(ctx), -EPROTO);
	ctx->reply = answer;
	ctx->reply_len = strlen(answer);
	expect_recovers(test);
}

static void spi_longest_command(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	char *cmd = kunit_kzalloc(test, ESWIFI_TX_SIZE, GFP_KERNEL);
	int head;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cmd);
	head = sprintf(cmd, "PG=0,0,%u\r", ESWIFI_TX_SIZE - 13);
	KUNIT_ASSERT_EQ(test, head, 12);
	memset(cmd + head, 'x', ESWIFI_TX_SIZE - head);
	/* odd: the pad takes the last byte of the buffer */
	expect_answer(test, exchange_len(ctx, cmd, ESWIFI_TX_SIZE - 1));
	KUNIT_EXPECT_EQ(test, ctx->cmd_len, ESWIFI_TX_SIZE - 1);
}

/* ----------------------------------------------------------------- ending */

static void spi_stop_ends_a_wait(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->silent = true;
	schedule_delayed_work(&ctx->stop, msecs_to_jiffies(100));
	KUNIT_EXPECT_EQ(test, exchange(ctx), -ENODEV);
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
	/* and every one from then on */
	KUNIT_EXPECT_EQ(test, exchange(ctx), -ENODEV);
	KUNIT_EXPECT_EQ(test, reset(ctx), -ENODEV);
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
}

static void spi_stop_ends_a_wait_for_the_command_phase(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.stuck = ESWIFI_FAKE_STUCK_LOW;
	schedule_delayed_work(&ctx->stop, msecs_to_jiffies(50));
	KUNIT_EXPECT_EQ(test, exchange(ctx), -ENODEV);
	KUNIT_EXPECT_EQ(test, ctx->fake.commands, 0);
}

static void spi_stop_ends_a_boot(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.no_boot = true;
	schedule_delayed_work(&ctx->stop, msecs_to_jiffies(100));
	KUNIT_EXPECT_EQ(test, reset(ctx), -ENODEV);
	KUNIT_EXPECT_LT(test, ctx->ms, SOON_MS);
}

static void spi_transfer_faults(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	unsigned int before, n, i;

	/* command, several runs, release */
	fill_reply(test, 1000);
	before = ctx->fake.transfers;
	expect_answer(test, exchange(ctx));
	n = ctx->fake.transfers - before;
	KUNIT_ASSERT_GT(test, n, 4);
	for (i = 1; i <= n; i++) {
		ctx->fake.fault_at = ctx->fake.transfers + i;
		KUNIT_EXPECT_EQ_MSG(test, exchange(ctx), -EIO, "transfer %u", i);
		ctx->fake.fault_at = 0;
		expect_recovers(test);
	}

	/* a reset: prompt, release */
	for (i = 1; i <= 2; i++) {
		ctx->fake.fault_at = ctx->fake.transfers + i;
		KUNIT_EXPECT_EQ(test, reset(ctx), -EIO);
		ctx->fake.fault_at = 0;
		expect_recovers(test);
	}
}

/* ------------------------------------------------------------------ reset */

static void spi_boots_late(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.boot_ms = 700;
	KUNIT_EXPECT_EQ(test, reset(ctx), 0);
	KUNIT_EXPECT_GE(test, ctx->ms, 700);
	expect_works(test);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 2);
}

static void spi_prompt_without_stuffing(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.prompt = "\r\n> ";
	ctx->fake.prompt_len = 4;
	KUNIT_EXPECT_EQ(test, reset(ctx), 0);
	expect_works(test);
}

static void spi_never_boots(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.no_boot = true;
	KUNIT_EXPECT_EQ(test, reset(ctx), -ETIMEDOUT);
	ctx->fake.no_boot = false;
	expect_recovers(test);
}

static void spi_no_prompt(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;
	static const u8 zeros[ESWIFI_RX_SIZE + 2];
	static const u8 stuffing[] = { ESWIFI_NAK, ESWIFI_NAK };
	static const struct {
		const u8 *bytes;
		size_t len;
		int ret;
	} bad[] = {
		/* a module has sent it */
		{ "\x15\x15\n\r >", 6, -EBADMSG }, { "> ", 2, -EBADMSG },
		{ "\r\nx\r\n>", 6, -EBADMSG }, { zeros, 6, -EBADMSG },
		/* the answer to a question from before */
		{ "\r\nx\r\nOK\r\n> ", 11, -EALREADY },
		/* nobody has: it goes on and on */
		{ zeros, sizeof(zeros), -EPROTO },
		{ stuffing, sizeof(stuffing), -EPROTO },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ctx->fake.prompt = bad[i].bytes;
		ctx->fake.prompt_len = bad[i].len;
		KUNIT_EXPECT_EQ_MSG(test, reset(ctx), bad[i].ret, "%zu", i);
		KUNIT_EXPECT_FALSE(test, ctx->fake.selected);
	}
	ctx->fake.reselected = 0;
	ctx->fake.prompt = NULL;
	expect_recovers(test);
}

static void spi_prompt_without_end(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->reads_on = true;
	ctx->fake.endless = true;
	KUNIT_EXPECT_EQ(test, reset(ctx), -EPROTO);
	ctx->fake.endless = false;
	ctx->fake.reselected = 0;
	expect_recovers(test);
}

static void spi_line_floats_until_the_prompt(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.floats = true;
	ctx->fake.boot_ms = 1000;
	KUNIT_EXPECT_EQ(test, reset(ctx), 0);
	expect_works(test);
}

/* A module that runs on takes no harm, and is known for what it is. */
static void spi_reset_is_not_noticed(struct kunit *test)
{
	struct spi_ctx *ctx = test->priv;

	ctx->fake.deaf_ms = 500;
	KUNIT_EXPECT_EQ(test, reset(ctx), -EALREADY);
	expect_works(test);
	KUNIT_EXPECT_EQ(test, eswifi_bus_reset(&ctx->bus, 1), 0);
	expect_works(test);
	ctx->fake.deaf = true;
	KUNIT_EXPECT_EQ(test, eswifi_bus_reset(&ctx->bus, 1), -EALREADY);
	KUNIT_EXPECT_EQ(test, eswifi_bus_reset(&ctx->bus, 2), 0);
	expect_works(test);
}

static struct kunit_case spi_cases[] = {
	KUNIT_CASE(spi_command_arrives_whole),
	KUNIT_CASE(spi_command_is_wiped),
	KUNIT_CASE(spi_edge_within_release_is_seen),
	KUNIT_CASE(spi_late_reply),
	KUNIT_CASE(spi_late_command_phase),
	KUNIT_CASE(spi_high_long_after_the_command),
	KUNIT_CASE(spi_reply_lengths),
	KUNIT_CASE(spi_counted_reply),
	KUNIT_CASE(spi_payload_of_stuffing_is_kept),
	KUNIT_CASE(spi_line_falls_late),
	KUNIT_CASE(spi_stuffing_before_the_reply),
	KUNIT_CASE(spi_no_edges_at_all),
	KUNIT_CASE(spi_no_edge_and_no_low),
	KUNIT_CASE(spi_level_interrupt),
	KUNIT_CASE(spi_edge_that_comes_late),
	KUNIT_CASE(spi_spurious_edge_while_busy),
	KUNIT_CASE(spi_glitch_is_no_reply),
	KUNIT_CASE(spi_stuck_low),
	KUNIT_CASE(spi_stuck_high),
	KUNIT_CASE(spi_never_answers),
	KUNIT_CASE(spi_endless_stuffing),
	KUNIT_CASE(spi_reply_too_long),
	KUNIT_CASE(spi_reply_without_end),
	KUNIT_CASE(spi_longest_command),
	KUNIT_CASE(spi_stop_ends_a_wait),
	KUNIT_CASE(spi_stop_ends_a_wait_for_the_command_phase),
	KUNIT_CASE(spi_stop_ends_a_boot),
	KUNIT_CASE(spi_transfer_faults),
	KUNIT_CASE(spi_boots_late),
	KUNIT_CASE(spi_prompt_without_stuffing),
	KUNIT_CASE(spi_never_boots),
	KUNIT_CASE(spi_no_prompt),
	KUNIT_CASE(spi_prompt_without_end),
	KUNIT_CASE(spi_line_floats_until_the_prompt),
	KUNIT_CASE(spi_reset_is_not_noticed),
	{}
};

static struct kunit_suite spi_suite = {
	.name = "eswifi_spi",
	.init = spi_test_init,
	.exit = spi_test_exit,
	.test_cases = spi_cases,
};

kunit_test_suite(spi_suite);
