// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the link: that a lost network is noticed and joined again, how
 * often and how long that is tried; and of scans that the emulator does not play.
 */
#include <kunit/test.h>
#include <linux/container_of.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "fake_module.h"

/* What the module of these tests is, and what it was asked. */
struct link_script {
	bool network;		/* there is one to join */
	bool joined;
	bool ap;
	bool terse_ap;		/* AD just says OK */
	bool echo;		/* C2 is refused, and told again */
	unsigned int asked;	/* CS */
	unsigned int tries;	/* C0 */
	unsigned int records;	/* of a scan, one by one; the rest is not told */
	const char *list;	/* answer to F0 */
	const char *no_single;	/* answer to F0=2, where it tells none by itself */
	bool shifted;		/* a record's LF comes with the next reply */
	unsigned int told;	/* records since the beginning */
	char last[64];
};

struct link_ctx {
	struct eswifi_fake fake;
	struct link_script script;
	struct eswifi *ew;

	/* The watch's time, in ms; it passes when a test says so. */
	spinlock_t lock;	/* guards what follows */
	unsigned int now;
	unsigned int due;	/* when the watch shall run; 0 if not */
	unsigned int at_once;	/* how often it was to run without a delay */
};

/* As eswifi_job_submit(): a job that is queued already runs no later than it would have. */
static int link_submit(struct eswifi_job *job, unsigned int delay_ms)
{
	struct eswifi_fake *fake = container_of(job->ew->bus.ops, struct eswifi_fake, ops);
	struct link_ctx *ctx = container_of(fake, struct link_ctx, fake);

	spin_lock(&ctx->lock);
	if (!delay_ms) {
		ctx->due = 0;
		ctx->at_once++;
	} else if (!ctx->due) {
		ctx->due = ctx->now + delay_ms;
	}
	spin_unlock(&ctx->lock);
	return delay_ms ? 0 : eswifi_job_submit(job, 0);
}

/* The worker has done all that it had to, and what came of that. */
static void link_settle(struct link_ctx *ctx)
{
	unsigned int seen;

	do {
		seen = READ_ONCE(ctx->at_once);
		kthread_flush_worker(ctx->ew->worker);
	} while (READ_ONCE(ctx->at_once) != seen);
}

/* Is the watch to run before @end? Then that is the time now. */
static bool link_due(struct link_ctx *ctx, unsigned int end)
{
	bool due;

	spin_lock(&ctx->lock);
	due = ctx->due && ctx->due <= end;
	ctx->now = due ? ctx->due : end;
	if (due)
		ctx->due = 0;
	spin_unlock(&ctx->lock);
	return due;
}

static void link_pass(struct link_ctx *ctx, unsigned int ms)
{
	unsigned int end = ctx->now + ms;

	link_settle(ctx);
	while (link_due(ctx, end)) {
		eswifi_job_submit(ctx->ew->link.watch, 0);
		link_settle(ctx);
	}
}

static int link_record(struct link_script *script, u8 *reply, size_t size)
{
	const char *lf = script->shifted && script->told ? "\n" : "";
	const char *message = "";

	if (!script->records) {
		script->told = 0;
		return scnprintf(reply, size, "%s\r\n%sOK\r\n> ", lf,
				 script->shifted ? "" : "\r\n");
	}
	script->records--;
	if (script->shifted && ++script->told % 4 == 0)
		message = "\r\n[SOMA][TCP SVR] Accepted 10.0.2.2:5024[EOMA]\r\n";
	return scnprintf(reply, size,
			 "%s%s\r\n[SOMA]#%03u,\"n\",00:00:00:00:00:01,-51,54.0,x,Open,5GHz,36[EOMA]\r",
			 lf, message, script->records % 1000);
}

static int link_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			size_t size)
{
	struct link_script *script = fake->priv;
	char text[64] = {};
	const char *body = "";

	memcpy(text, cmd, min(len, sizeof(text) - 1));
	strim(text);
	strscpy(script->last, text, sizeof(script->last));
	if (!strcmp(text, "I?")) {
		body = "ISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0,v8.2.1,120000000,eS-WiFi";
	} else if (!strcmp(text, "Z5")) {
		body = "C4:7F:51:01:02:03";
	} else if (!strncmp(text, "C2=", 3) && script->echo) {
		return scnprintf(reply, size, "\r\nERROR: Bad Argument %s\r\n> ", text);
	} else if (!strcmp(text, "CS")) {
		script->asked++;
		body = script->joined ? "1" : "0";
	} else if (!strcmp(text, "CR")) {
		body = script->joined ? "-51" : "0";
	} else if (!strcmp(text, "CD")) {
		script->joined = false;
	} else if (!strcmp(text, "C0")) {
		script->tries++;
		script->joined = script->network;
		if (!script->network)
			return scnprintf(reply, size,
					 "\r\n[JOIN   ] net\r\n[JOIN   ] Failed\r\nERROR\r\n> ");
		body = "[JOIN   ] net,192.168.1.2,0,0";
	} else if (!strcmp(text, "AD")) {
		if (script->ap)
			return scnprintf(reply, size,
					 "\r\n[AP     ] Already running\r\nERROR\r\n> ");
		script->ap = true;
		if (!script->terse_ap)
			body = "[AP     ] SSID: me  MAC: C4:7F:51:01:02:03  ,11,192.168.10.1";
	} else if (!strcmp(text, "AE")) {
		script->ap = false;
	} else if (!strcmp(text, "A?")) {
		body = script->ap ? "me,192.168.10.1,11,0,,1,24,1" : "me,192.168.10.1,11,0,,1,24,0";
	} else if (!strcmp(text, "F0")) {
		body = script->list;
	} else if (!strcmp(text, "F0=2") && script->no_single) {
		return scnprintf(reply, size, "%s", script->no_single);
	} else if (!strcmp(text, "C?")) {
		body = "own,key,3,1,0,10.0.0.2,255.0.0.0,10.0.0.1,,,3,1,0,US,1";
	} else if (!strcmp(text, "F0=2") || !strcmp(text, "MR")) {
		return link_record(script, reply, size);
	}
	return scnprintf(reply, size, "\r\n%s\r\nOK\r\n> ", body);
}

static int link_test_init(struct kunit *test)
{
	struct link_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	spin_lock_init(&ctx->lock);
	ctx->script.network = true;
	ctx->fake.command = link_command;
	ctx->fake.priv = &ctx->script;
	ctx->ew = eswifi_fake_create(test, &ctx->fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	KUNIT_ASSERT_EQ(test, eswifi_link_start(ctx->ew), 0);
	ctx->ew->link.watch_submit = link_submit;
	return 0;
}

static void link_test_exit(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	if (!ctx || IS_ERR_OR_NULL(ctx->ew))
		return;
	eswifi_engine_stop(ctx->ew);
	eswifi_link_stop(ctx->ew);
	eswifi_fake_destroy(&ctx->fake);
}

static void link_join(struct kunit *test)
{
	static const struct eswifi_join net = { .ssid_len = 3, .ssid = "net" };
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	KUNIT_ASSERT_EQ(test, eswifi_link_join(ctx->ew, &net, 0, text), 0);
	KUNIT_ASSERT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	ctx->script.asked = 0;
	ctx->script.tries = 0;
}

static void link_lose(struct link_ctx *ctx)
{
	ctx->script.network = false;
	ctx->script.joined = false;
}

/* It would join another network, with another passphrase, and say OK. */
static void link_needs_ascii_where_it_is_cut(struct kunit *test)
{
	static const struct eswifi_join join[] = {
		{ .ssid_len = 5, .ssid = "caf\xc3\xa9" },
		{ .ssid_len = 3, .ssid = "net", .security = ESWIFI_SECURITY_WPA2,
		  .passphrase_len = 10, .passphrase = "caf\xc3\xa9 noir" },
	};
	struct link_ctx *ctx = test->priv;
	struct eswifi_ap ap = { .ssid_len = 5, .ssid = "caf\xc3\xa9", .max_clients = 1 };
	char text[ESWIFI_TEXT_SIZE];
	int i;

	ctx->script.last[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(join); i++) {
		KUNIT_EXPECT_EQ(test, eswifi_link_join(ctx->ew, &join[i], 0, text), -EINVAL);
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "must be ASCII"), "%s", text);
	}
	KUNIT_EXPECT_EQ(test, eswifi_ap_start(ctx->ew, &ap, 0, text), -EINVAL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "must be ASCII"), "%s", text);
	KUNIT_EXPECT_STREQ(test, ctx->script.last, "");
	/* Firmware that takes them as they are */
	ctx->ew->firmware.kind = eswifi_firmware_find("C6.2.1.11");
	for (i = 0; i < ARRAY_SIZE(join); i++)
		KUNIT_EXPECT_EQ(test, eswifi_link_join(ctx->ew, &join[i], 0, text), 0);
}

static void link_is_watched(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	link_join(test);
	link_pass(ctx, 35000);
	KUNIT_EXPECT_EQ(test, ctx->script.asked, 3);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_EQ(test, eswifi_link_leave(ctx->ew, 0), 0);
	link_pass(ctx, 60000);
	KUNIT_EXPECT_EQ(test, ctx->script.asked, 3);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 0);
}

static void link_lost_is_tried_ever_more_rarely(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	link_join(test);
	link_lose(ctx);
	link_pass(ctx, 10500);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_JOINING);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.ssid_len, 3);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 1);
	/* 0, 1, 3, 7, 15, 31 s after it was noticed; then 63 and 127 */
	link_pass(ctx, 50000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 6);
	link_pass(ctx, 60000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 7);
	ctx->script.network = true;
	link_pass(ctx, 30000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 8);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	/* It is watched again, and the next loss begins anew. */
	link_lose(ctx);
	link_pass(ctx, 15000);
	KUNIT_EXPECT_GE(test, ctx->script.tries, 10);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
}

static void link_lost_is_never_given_up(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	link_join(test);
	link_lose(ctx);
	link_pass(ctx, 10500);
	/* As if it had been away for long: the pause behind the next try, at 1 s */
	ctx->ew->link.rejoin_ms = 100000;
	link_pass(ctx, 1000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 2);
	ctx->script.network = true;
	link_pass(ctx, 120000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 2);
	link_pass(ctx, 20000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 3);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
}

static void link_lost_and_left(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;
	unsigned int tries;

	link_join(test);
	link_lose(ctx);
	link_pass(ctx, 10500);
	KUNIT_EXPECT_EQ(test, eswifi_link_leave(ctx->ew, 0), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
	tries = ctx->script.tries;
	link_pass(ctx, 200000);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, tries);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.wish.ssid_len, 0);
}

static void link_measured_signal_tells_too(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;
	struct eswifi_link_info info;

	link_join(test);
	KUNIT_EXPECT_EQ(test, eswifi_link_info(ctx->ew, &info, 0), 0);
	KUNIT_EXPECT_EQ(test, info.rssi, -51);
	link_lose(ctx);
	/* One measurement is good for a second. */
	msleep(1100);
	KUNIT_EXPECT_EQ(test, eswifi_link_info(ctx->ew, &info, 0), 0);
	KUNIT_EXPECT_EQ(test, info.state, ESWIFI_LINK_JOINING);
	KUNIT_EXPECT_EQ(test, info.rssi, 0);
	ctx->script.network = true;
	link_pass(ctx, 1500);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
}

static void link_rests_while_one_file_has_the_module(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	link_join(test);
	ctx->ew->exclusive = 7;
	link_pass(ctx, 35000);
	KUNIT_EXPECT_EQ(test, ctx->script.asked, 0);
	ctx->ew->exclusive = 0;
	link_pass(ctx, 11000);
	KUNIT_EXPECT_GE(test, ctx->script.asked, 1);
}

static void link_access_point_needs_no_watch(struct kunit *test)
{
	struct eswifi_ap ap = { .ssid_len = 2, .ssid = "me", .max_clients = 1 };
	static const u8 ip[] = { 192, 168, 10, 1 };
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	link_join(test);
	ctx->script.ap = true;
	ctx->script.terse_ap = true;
	KUNIT_ASSERT_EQ(test, eswifi_ap_start(ctx->ew, &ap, 0, text), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&ap.ip, ip, sizeof(ip)), 0);
	KUNIT_EXPECT_FALSE(test, ctx->script.joined);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.wish.ssid_len, 0);
	link_pass(ctx, 60000);
	KUNIT_EXPECT_EQ(test, ctx->script.asked, 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_EQ(test, eswifi_ap_stop(ctx->ew, 0, text), 0);
	KUNIT_EXPECT_FALSE(test, ctx->script.ap);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
}

/* One whose start failed is not left on the air. */
static void link_access_point_that_tells_nothing(struct kunit *test)
{
	struct eswifi_ap ap = { .ssid_len = 5, .ssid = "other", .max_clients = 1 };
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	ctx->script.terse_ap = true;
	KUNIT_EXPECT_EQ(test, eswifi_ap_start(ctx->ew, &ap, 0, text), -EREMOTEIO);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, strstr(text, "no address"));
	KUNIT_EXPECT_STREQ(test, ctx->script.last, "AE");
	KUNIT_EXPECT_FALSE(test, ctx->script.ap);
}

/* Whatever an error says of it. */
static void link_passphrase_is_not_told(struct kunit *test)
{
	struct eswifi_join net = {
		.ssid_len = 3, .ssid = "net", .security = ESWIFI_SECURITY_WPA2,
		.passphrase_len = 10, .passphrase = "open sesam",
	};
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	ctx->script.echo = true;
	KUNIT_EXPECT_EQ(test, eswifi_link_join(ctx->ew, &net, 0, text), -EREMOTEIO);
	KUNIT_EXPECT_STREQ(test, text, "it refused the passphrase");
}

static struct eswifi_bss *link_scan(struct kunit *test, u32 *count)
{
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct eswifi_bss *bss;

	bss = kunit_kcalloc(test, ESWIFI_SCAN_MAX, sizeof(*bss), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bss);
	KUNIT_ASSERT_EQ(test, eswifi_scan(ctx->ew, bss, ESWIFI_SCAN_MAX, count, 0, text), 0);
	return bss;
}

static void link_scan_all_at_once(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;
	struct eswifi_bss *bss;
	u32 count;

	ctx->script.no_single = "\r\n\r\nERROR: Unknown Error\r\nUsage: F0\r\n> ";
	ctx->script.list = "#001,\"a\",00:00:00:00:00:01,-51,54.0,Infrastructure,Open,2.4GHz,1\r\n"
			   "#002,\"b\",00:00:00:00:00:02,-52,54.0,Infrastructure,Open,2.4GHz,1";
	bss = link_scan(test, &count);
	KUNIT_EXPECT_STREQ(test, ctx->script.last, "F0");
	KUNIT_ASSERT_EQ(test, count, 2);
	KUNIT_EXPECT_EQ(test, bss[1].rssi, -52);

	/* Words that nobody knows, and no list, are no answer to F0=2 either. */
	ctx->script.no_single = "hm\r\n> ";
	link_scan(test, &count);
	KUNIT_EXPECT_EQ(test, count, 2);
	/* All in the answer to F0=2 */
	ctx->script.no_single =
		"\r\n#001,\"a\",00:00:00:00:00:01,-51,54.0,Infrastructure,Open,2.4GHz,1\r\n"
		"#002,\"b\",00:00:00:00:00:02,-53,54.0,Infrastructure,Open,2.4GHz,1\r\nOK\r\n> ";
	bss = link_scan(test, &count);
	KUNIT_ASSERT_EQ(test, count, 2);
	KUNIT_EXPECT_EQ(test, bss[1].rssi, -53);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
}

/* The LF of each network comes before the next; a message may come in between. */
static void link_scan_is_shifted(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;
	u32 count;

	ctx->script.shifted = true;
	ctx->script.records = 20;
	link_scan(test, &count);
	KUNIT_EXPECT_EQ(test, count, 20);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_MESSAGES]), 5);
	KUNIT_EXPECT_EQ(test, atomic64_read(&ctx->ew->stats[ESWIFI_STAT_ODD_REPLIES]), 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
}

/* A module whose own settings make it join is in that network, wished for or not. */
static void link_joined_by_itself(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	ctx->script.joined = true;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(ctx->ew->link.watch, 0), 0);
	link_pass(ctx, 1000);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_UP);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.ssid_len, 3);
	KUNIT_EXPECT_EQ(test, memcmp(ctx->ew->link.info.ssid, "own", 3), 0);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.security, ESWIFI_SECURITY_WPA2);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.wish.ssid_len, 0);
	ctx->script.joined = false;
	link_pass(ctx, 11000);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
	KUNIT_EXPECT_EQ(test, ctx->script.tries, 0);
}

/* Who leaves it before it was looked at has left it. */
static void link_joined_by_itself_and_left(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;

	ctx->script.joined = true;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_EXPECT_EQ(test, eswifi_job_submit(ctx->ew->link.watch, 500), 0);
	KUNIT_EXPECT_EQ(test, eswifi_link_leave(ctx->ew, 0), 0);
	KUNIT_EXPECT_FALSE(test, ctx->script.joined);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, ctx->ew->link.info.state, ESWIFI_LINK_DOWN);
}

/* The module is one or the other, also if nobody has looked at it yet. */
static void link_joined_by_itself_and_access_point(struct kunit *test)
{
	struct eswifi_ap ap = { .ssid_len = 2, .ssid = "me", .max_clients = 1 };
	struct link_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	ctx->script.joined = true;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	KUNIT_ASSERT_EQ(test, eswifi_ap_start(ctx->ew, &ap, 0, text), 0);
	KUNIT_EXPECT_FALSE(test, ctx->script.joined);
	KUNIT_EXPECT_EQ(test, eswifi_ap_stop(ctx->ew, 0, text), 0);
}

static void link_scan_has_an_end(struct kunit *test)
{
	struct link_ctx *ctx = test->priv;
	struct eswifi_bss *bss;
	u32 count;

	ctx->script.records = 100;
	bss = link_scan(test, &count);
	KUNIT_EXPECT_EQ(test, count, 100);
	KUNIT_EXPECT_EQ(test, bss[ESWIFI_SCAN_MAX - 1].rssi, -51);
	ctx->script.records = UINT_MAX;
	link_scan(test, &count);
	KUNIT_EXPECT_EQ(test, count, 999);
	KUNIT_EXPECT_EQ(test, ctx->fake.resets, 1);
}

static struct kunit_case link_cases[] = {
	KUNIT_CASE(link_needs_ascii_where_it_is_cut),
	KUNIT_CASE(link_is_watched),
	KUNIT_CASE(link_lost_is_tried_ever_more_rarely),
	KUNIT_CASE(link_lost_is_never_given_up),
	KUNIT_CASE(link_lost_and_left),
	KUNIT_CASE(link_measured_signal_tells_too),
	KUNIT_CASE(link_rests_while_one_file_has_the_module),
	KUNIT_CASE(link_access_point_needs_no_watch),
	KUNIT_CASE(link_access_point_that_tells_nothing),
	KUNIT_CASE(link_passphrase_is_not_told),
	KUNIT_CASE(link_scan_all_at_once),
	KUNIT_CASE(link_scan_is_shifted),
	KUNIT_CASE(link_joined_by_itself),
	KUNIT_CASE(link_joined_by_itself_and_left),
	KUNIT_CASE(link_joined_by_itself_and_access_point),
	KUNIT_CASE(link_scan_has_an_end),
	{}
};

static struct kunit_suite link_suite = {
	.name = "eswifi_link",
	.init = link_test_init,
	.exit = link_test_exit,
	.test_cases = link_cases,
};

kunit_test_suite(link_suite);
