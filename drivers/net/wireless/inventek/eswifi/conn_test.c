// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of connections: what the module says and does not mean, and what it must
 * never be told.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conn.h"
#include "fake_module.h"

#define CONN_ANSWERS	8

/* What one R4, or R0, gives: so many bytes, or the end. */
struct conn_answer {
	const char *data;
	int len;		/* -1: the end; -2: an error with @data; 0: nothing */
	const char *from;	/* what P? says then; NULL for the peer of these tests */
};

/* The module of these tests. */
struct conn_script {
	struct conn_answer answer[CONN_ANSWERS];
	unsigned int answers;	/* given so far; what follows is nothing */
	const char *from;	/* of the last one */
	unsigned int refuse;	/* so many S3 get -1 */
	unsigned int refuse_ms;	/* after so long */
	unsigned int fail;	/* so many P6=1 fail */
	unsigned int fail_ms;	/* after so long */
	const char *silent;	/* command that is never answered */
	const char *refused;	/* command that is an error */
	const char *mute;	/* command behind which no further one is wanted */
	bool no_network;	/* CS says 0 */
	char seen[1024];	/* commands, without payload, with ';' between */
};

struct conn_ctx {
	struct eswifi_fake fake;
	struct conn_script script;
	struct eswifi *ew;
};

static int conn_answer(struct conn_script *script, bool counts, u8 *reply, size_t size)
{
	const struct conn_answer *a = NULL;
	int n;

	if (script->answers < CONN_ANSWERS)
		a = &script->answer[script->answers++];
	script->from = a ? a->from : NULL;
	if (!a || !a->len)
		return scnprintf(reply, size, "\r\n\r\nOK\r\n> ");
	if (a->len == -2)
		return scnprintf(reply, size, "\r\n%s\r\nERROR: Unknown Error\r\nUsage: R4 \r\n> ",
				 a->data);
	if (a->len < 0)
		return scnprintf(reply, size, "\r\n-1\r\nERROR\r\n> ");
	n = counts ? scnprintf(reply, size, "\r\n%04d", a->len) : scnprintf(reply, size, "\r\n");
	memcpy(reply + n, a->data, a->len);
	return n + a->len + scnprintf(reply + n + a->len, size - n - a->len, "\r\nOK\r\n> ");
}

static int conn_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			size_t size)
{
	struct conn_script *script = fake->priv;
	const u8 *cr = memchr(cmd, '\r', len);
	const char *body = "";
	char text[64] = {};
	unsigned int sent;

	memcpy(text, cmd, min_t(size_t, cr ? cr - cmd : len, sizeof(text) - 1));
	fake->reply_ms = 0;
	if (!strcmp(text, "R4") || !strcmp(text, "R0"))
		return conn_answer(script, text[1] == '4', reply, size);
	strlcat(script->seen, text, sizeof(script->seen));
	strlcat(script->seen, ";", sizeof(script->seen));
	fake->mute = script->mute && !strcmp(text, script->mute);
	if (script->silent && !strcmp(text, script->silent))
		return -1;
	if (script->refused && !strcmp(text, script->refused))
		return scnprintf(reply, size, "\r\n\r\nERROR\r\n> ");
	if (!strcmp(text, "I?")) {
		body = "ISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0,v8.2.1,120000000,eS-WiFi";
	} else if (!strcmp(text, "Z5")) {
		body = "C4:7F:51:01:02:03";
	} else if (!strcmp(text, "P?")) {
		body = script->from ?: "1,10.1.2.3,0,10.1.2.3,7000,0,0,1,0,0,0,7200000";
	} else if (!strcmp(text, "CS")) {
		body = script->no_network ? "0" : "1";
	} else if (!strcmp(text, "P6=1") && script->fail) {
		script->fail--;
		fake->reply_ms = script->fail_ms;
		return scnprintf(reply, size, "\r\n[TCP SSL] Failed\r\nERROR\r\n> ");
	} else if (!strncmp(text, "S3=", 3) && script->refuse) {
		script->refuse--;
		fake->reply_ms = script->refuse_ms;
		return scnprintf(reply, size, "\r\n-1\r\nERROR\r\n> ");
	} else if (!strncmp(text, "S3=", 3)) {
		if (kstrtouint(text + 3, 10, &sent))
			return scnprintf(reply, size, "\r\n-1\r\nERROR\r\n> ");
		return scnprintf(reply, size, "\r\n%u\r\nOK\r\n> ", sent);
	}
	return scnprintf(reply, size, "\r\n%s\r\nOK\r\n> ", body);
}

static int conn_test_init(struct kunit *test)
{
	struct conn_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->fake.command = conn_command;
	ctx->fake.priv = &ctx->script;
	ctx->ew = eswifi_fake_create(test, &ctx->fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	ctx->ew->link.info.state = ESWIFI_LINK_UP;
	ctx->script.seen[0] = '\0';
	ctx->script.answers = 0;
	return 0;
}

static void conn_test_exit(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;

	if (ctx && !IS_ERR_OR_NULL(ctx->ew))
		eswifi_fake_destroy(&ctx->fake);
}

static struct file *conn_begin(struct kunit *test, unsigned int protocol, char *text)
{
	struct eswifi_connect arg = {
		.protocol = protocol,
		.port = 7000,
		.verify = ESWIFI_VERIFY_NONE,
		.cert_set = ESWIFI_CERT_SET_DEFAULT,
		.host = "10.1.2.3",
	};
	struct conn_ctx *ctx = test->priv;

	return eswifi_conn_open(ctx->ew, &arg, 1, text);
}

static struct file *conn_try(struct kunit *test, unsigned int protocol)
{
	char text[ESWIFI_TEXT_SIZE];

	return conn_begin(test, protocol, text);
}

/* One that fails; @text: out: why */
static int conn_try_text(struct kunit *test, unsigned int protocol, char *text)
{
	struct file *file = conn_begin(test, protocol, text);

	if (IS_ERR(file))
		return PTR_ERR(file);
	fput(file);
	flush_delayed_fput();
	return 0;
}

static struct file *conn_open(struct kunit *test, unsigned int protocol)
{
	struct file *file = conn_try(test, protocol);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	return file;
}

static void conn_expect(struct kunit *test, struct file *file, const char *data, ssize_t len)
{
	char got[16] = {};

	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, got, sizeof(got)), len);
	KUNIT_EXPECT_EQ(test, memcmp(got, data, len), 0);
}

static void conn_close_notify_is_the_end(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.answer[0] = (struct conn_answer){ "hello", 5 };
	ctx->script.answer[1] = (struct conn_answer){ "\1\0", 2 };
	conn_expect(test, file, "hello", 5);
	/* The peer leaves TCP open, and nothing more comes. */
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

static void conn_close_notify_and_the_end(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.answer[0] = (struct conn_answer){ "\1\0", 2 };
	ctx->script.answer[1].len = -1;
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

static void conn_close_notify_in_halves(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.answer[0] = (struct conn_answer){ "\1", 1 };
	ctx->script.answer[1] = (struct conn_answer){ "\0", 1 };
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

/* In one answer with what the peer sent last */
static void conn_close_notify_behind_data(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.answer[0] = (struct conn_answer){ "hello\1\0", 7 };
	ctx->script.answer[1].len = 0;
	ctx->script.answer[2].len = -1;
	conn_expect(test, file, "hello", 5);
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);

	/* The answer took no more than the first half. */
	file = conn_open(test, ESWIFI_PROTO_TLS);
	ctx->script.answer[0] = (struct conn_answer){ "hello\1", 6 };
	ctx->script.answer[1] = (struct conn_answer){ "\0", 1 };
	ctx->script.answers = 0;
	conn_expect(test, file, "hello", 5);
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

/* A message may end like that, and its peer wait for an answer. */
static void conn_message_like_close_notify(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.answer[0] = (struct conn_answer){ "one\1\0", 5 };
	ctx->script.answer[1] = (struct conn_answer){ "two\1\0", 5 };
	conn_expect(test, file, "one", 3);
	msleep(100);
	conn_expect(test, file, "\1\0two", 5);
	/* Nothing more comes. */
	conn_expect(test, file, "\1\0", 2);
	/* It goes on. */
	ctx->script.answer[0] = (struct conn_answer){ "three\1", 6 };
	ctx->script.answer[1].len = 0;
	ctx->script.answers = 0;
	msleep(500);
	conn_expect(test, file, "three\1", 6);
	eswifi_fake_close(file);
}

static void conn_bytes_like_close_notify(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	/* More data: it was data, too. The second of two is the one in doubt. */
	ctx->script.answer[1] = (struct conn_answer){ "\1\0", 2 };
	ctx->script.answer[2] = (struct conn_answer){ "\1\0", 2 };
	ctx->script.answer[3].len = 0;
	ctx->script.answer[4] = (struct conn_answer){ "abc", 3 };
	conn_expect(test, file, "\1\0", 2);
	msleep(500);
	conn_expect(test, file, "\1\0abc", 5);
	/* Half of it, and nothing more */
	ctx->script.answer[0] = (struct conn_answer){ "\1", 1 };
	ctx->script.answer[1].len = 0;
	ctx->script.answers = 0;
	conn_expect(test, file, "\1", 1);
	eswifi_fake_close(file);

	/* Without TLS nothing is in doubt. */
	file = conn_open(test, ESWIFI_PROTO_TCP);
	ctx->script.answer[0] = (struct conn_answer){ "\1\0", 2 };
	ctx->script.answer[1] = (struct conn_answer){ "-1", 2 };
	ctx->script.answer[2].len = -1;
	ctx->script.answers = 0;
	msleep(100);
	conn_expect(test, file, "\1\0-1", 2);
	conn_expect(test, file, "-1", 2);
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

/* Firmware that may say -1 in place of an error, and does not count what it gives: what
 * looks like it is data, unless the same comes again.
 */
static void conn_minus_one_is_held(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file;

	ctx->ew->firmware.counts = false;
	ctx->ew->firmware.kind = eswifi_firmware_find("");
	file = conn_open(test, ESWIFI_PROTO_TCP);
	ctx->script.answer[0] = (struct conn_answer){ "-1", 2 };
	ctx->script.answer[1].len = 0;
	ctx->script.answer[2] = (struct conn_answer){ "-1", 2 };
	ctx->script.answer[3] = (struct conn_answer){ "abc", 3 };
	conn_expect(test, file, "-1", 2);
	msleep(100);
	conn_expect(test, file, "-1abc", 5);
	/* The peer's last words: this firmware has an error for the end. */
	ctx->script.answer[0] = (struct conn_answer){ "-1", 2 };
	ctx->script.answer[1] = (struct conn_answer){ NULL, -1 };
	ctx->script.answers = 0;
	conn_expect(test, file, "-1", 2);
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);

	file = conn_open(test, ESWIFI_PROTO_TCP);
	ctx->script.answer[1] = (struct conn_answer){ "-1", 2 };
	ctx->script.answers = 0;
	conn_expect(test, file, "", 0);
	eswifi_fake_close(file);
}

static void conn_end_or_no_network(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TCP);
	struct eswifi_conn *conn = file->private_data;
	char byte;

	ctx->script.no_network = true;
	ctx->script.answer[0].len = -1;
	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, &byte, 1), -ENETDOWN);
	KUNIT_EXPECT_STREQ(test, conn->text, "the network was lost");
	eswifi_fake_close(file);
}

static int conn_write(struct file *file, size_t len)
{
	char *data = kzalloc(len, GFP_KERNEL);
	loff_t pos = 0;
	ssize_t ret;

	if (!data)
		return -ENOMEM;
	ret = kernel_write(file, data, len, &pos);
	kfree(data);
	return ret;
}

static void conn_stalled_peer_is_given_up(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TCP);
	struct eswifi_conn *conn = file->private_data;

	ctx->script.seen[0] = '\0';
	ctx->script.refuse = 5;
	ctx->script.refuse_ms = ESWIFI_SEND_PATIENCE_MS;
	KUNIT_EXPECT_EQ(test, conn_write(file, 10), 10);
	msleep(2 * ESWIFI_SEND_PATIENCE_MS);
	KUNIT_EXPECT_EQ(test, conn->error, -ETIMEDOUT);
	/* No second try, and the module forgets it at once. */
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "PY=3000;S3=0010;P6=0;");
	eswifi_fake_close(file);
}

static void conn_busy_module_is_asked_again(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TCP);
	struct eswifi_conn *conn = file->private_data;

	ctx->script.refuse = 2;
	KUNIT_EXPECT_EQ(test, conn_write(file, 10), 10);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, conn->state, ESWIFI_CONN_OPEN);
	KUNIT_EXPECT_EQ(test, atomic64_read(&conn->tx_bytes), 10);
	/* Not for ever, */
	ctx->script.refuse = 100;
	KUNIT_EXPECT_EQ(test, conn_write(file, 10), 10);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, conn->error, -ECONNRESET);
	KUNIT_EXPECT_EQ(test, ctx->script.refuse, 97);
	eswifi_fake_close(file);

	/* and never over TLS, whose records cannot be sent twice. */
	file = conn_open(test, ESWIFI_PROTO_TLS);
	conn = file->private_data;
	ctx->script.refuse = 1;
	KUNIT_EXPECT_EQ(test, conn_write(file, 10), 10);
	msleep(1000);
	KUNIT_EXPECT_EQ(test, conn->error, -ECONNRESET);
	eswifi_fake_close(file);
}

/* Whatever else wakes the connection meanwhile, the module gets its pause. */
static void conn_busy_module_is_not_hurried(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TCP);
	unsigned long begun = jiffies;
	int i;

	ctx->script.refuse = 100;
	for (i = 0; i < 5; i++) {
		conn_write(file, 10);
		usleep_range(5000, 6000);
	}
	/* A machine that is late shows nothing. */
	if (time_before(jiffies, begun + msecs_to_jiffies(90)))
		KUNIT_EXPECT_GE(test, ctx->script.refuse, 98);
	eswifi_fake_close(file);
}

static void conn_tls_in_small_pieces(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);

	ctx->script.seen[0] = '\0';
	KUNIT_EXPECT_EQ(test, conn_write(file, 3000), 3000);
	msleep(1000);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "PY=3000;S3=1200;S3=1200;S3=0600;");
	eswifi_fake_close(file);
}

static void conn_record_too_long_is_explained(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file = conn_open(test, ESWIFI_PROTO_TLS);
	struct eswifi_conn *conn = file->private_data;
	char byte;

	ctx->script.answer[0].data = "[TCP SSL] Packet reception failed: 5003";
	ctx->script.answer[0].len = -2;
	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, &byte, 1), -ECONNRESET);
	KUNIT_EXPECT_NOT_NULL(test, strstr(conn->text, "a TLS record longer than this firmware"));
	eswifi_fake_close(file);
	/* Of anything else these are the module's own words. */
	file = conn_open(test, ESWIFI_PROTO_TLS);
	conn = file->private_data;
	ctx->script.answer[0].data = "[TCP SSL] Packet reception failed: 5004";
	ctx->script.answers = 0;
	KUNIT_EXPECT_EQ(test, eswifi_fake_read(file, &byte, 1), -ECONNRESET);
	KUNIT_EXPECT_NOT_NULL(test, strstr(conn->text, "reception failed: 5004"));
	eswifi_fake_close(file);
}

static void conn_tls_start_is_tried_again(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *file;

	ctx->script.fail = 1;
	file = conn_open(test, ESWIFI_PROTO_TLS);
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen,
					   "P4=7000;R1=1460;R2=1;PY=10000;P9=0;PB=0;P6=1;"
					   "P1=0;P6=0;P1=3;P9=0;PB=0;P6=1;"));
	eswifi_fake_close(file);
	/* Once */
	ctx->script.fail = 2;
	KUNIT_EXPECT_EQ(test, PTR_ERR(conn_try(test, ESWIFI_PROTO_TLS)), -ECONNREFUSED);
	flush_delayed_fput();
	KUNIT_EXPECT_EQ(test, ctx->script.fail, 0);
}

/* What was not started is not tried again. */
static void conn_tls_start_that_was_none(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;

	ctx->script.refused = "P9=0";
	KUNIT_EXPECT_EQ(test, PTR_ERR(conn_try(test, ESWIFI_PROTO_TLS)), -ECONNREFUSED);
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "PY=10000;P9=0;P"));
	KUNIT_EXPECT_NULL(test, strstr(ctx->script.seen, "P6=1"));
	KUNIT_EXPECT_NULL(test, strstr(ctx->script.seen, "P9=0;P1"));
}

/* Where nobody answers a TLS start some firmware takes a minute to say so. */
static void conn_tls_start_may_be_slow(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;

	ctx->script.fail = 1;
	ctx->script.fail_ms = 60000;
	KUNIT_EXPECT_EQ(test, PTR_ERR(conn_try(test, ESWIFI_PROTO_TLS)), -ECONNREFUSED);
	flush_delayed_fput();
	/* Nor is it tried again. */
	KUNIT_EXPECT_EQ(test, ctx->script.fail, 0);
	KUNIT_EXPECT_EQ(test, ctx->fake.lost, 0);
	/* The next one is not waited for as long. */
	ctx->script.fail = 1;
	KUNIT_EXPECT_EQ(test, PTR_ERR(conn_try(test, ESWIFI_PROTO_TCP)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, ctx->fake.lost, 1);
}

/* A server that asks for a client certificate may crash the module: whoever lost a
 * connection by that is told.
 */
static void conn_silent_tls_start_is_explained(struct kunit *test)
{
	static const char needs[] = "want a client certificate need `required`";
	struct conn_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	ctx->script.silent = "P6=1";
	KUNIT_EXPECT_EQ(test, conn_try_text(test, ESWIFI_PROTO_TLS, text), -ETIMEDOUT);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, needs), "%s", text);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, "for 75 s"), "%s", text);
	msleep(10000);
	KUNIT_EXPECT_EQ(test, ctx->fake.lost, 1);

	/* Firmware that is known not to */
	ctx->ew->firmware.kind = eswifi_firmware_find("C6.2.1.11");
	KUNIT_EXPECT_EQ(test, conn_try_text(test, ESWIFI_PROTO_TLS, text), -ETIMEDOUT);
	KUNIT_EXPECT_NULL_MSG(test, strstr(text, needs), "%s", text);
}

/* Nor has it crashed before it was asked. */
static void conn_unsent_tls_start_is_not_explained(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];

	ctx->script.mute = "PB=0";
	KUNIT_EXPECT_EQ(test, conn_try_text(test, ESWIFI_PROTO_TLS, text), -ETIMEDOUT);
	KUNIT_EXPECT_NULL(test, strstr(ctx->script.seen, "P6=1"));
	KUNIT_EXPECT_NULL_MSG(test, strstr(text, "TLS"), "%s", text);
}

static void conn_two_tls_at_a_time(struct kunit *test)
{
	struct file *a = conn_open(test, ESWIFI_PROTO_TLS);
	struct file *b = conn_open(test, ESWIFI_PROTO_TLS);
	struct file *c;

	KUNIT_EXPECT_EQ(test, PTR_ERR(conn_try(test, ESWIFI_PROTO_TLS)), -EBUSY);
	c = conn_open(test, ESWIFI_PROTO_TCP);
	eswifi_fake_close(a);
	a = conn_open(test, ESWIFI_PROTO_TLS);
	eswifi_fake_close(a);
	eswifi_fake_close(b);
	eswifi_fake_close(c);
}

/* R1 to R3 are of the socket that is selected; to look up a name sets its P3. */
static void conn_sockets_have_settings_of_their_own(struct kunit *test)
{
	struct eswifi_resolve name = { .host = "broker.example" };
	struct conn_ctx *ctx = test->priv;
	char text[ESWIFI_TEXT_SIZE];
	struct file *a, *b;

	a = conn_open(test, ESWIFI_PROTO_UDP);
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "R1=1460;R2=1;"));
	ctx->script.seen[0] = '\0';
	b = conn_open(test, ESWIFI_PROTO_TCP);
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "R1=1460;R2=1;"));
	ctx->ew->shadow.socket = 0;
	ctx->script.seen[0] = '\0';
	eswifi_resolve(ctx->ew, &name, 0, text);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "P0=1;D0=broker.example;");
	eswifi_fake_close(a);
	eswifi_fake_close(b);
}

static void conn_datagrams_from_a_port_of_their_own(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	struct file *a, *b;

	ctx->ew->udp_port = 1 << 14; /* not 0: chosen already */
	a = conn_open(test, ESWIFI_PROTO_UDP);
	b = conn_open(test, ESWIFI_PROTO_UDP);
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen,
					   "P4=49152;P6=1;P3=10.1.2.3;P4=7000;"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen,
					   "P4=49153;P6=1;P3=10.1.2.3;P4=7000;"));
	/* What a user or D0 has changed is put right before the next one goes. */
	ctx->ew->shadow.peer[1] = -1;
	ctx->script.seen[0] = '\0';
	KUNIT_EXPECT_EQ(test, conn_write(b, 10), 10);
	msleep(100);
	KUNIT_EXPECT_STREQ(test, ctx->script.seen, "P3=10.1.2.3;P4=7000;PY=3000;S3=0010;");
	eswifi_fake_close(a);
	eswifi_fake_close(b);
}

/* Whoever finds out the port can send to it: what comes is not heard, and what we send
 * still goes to our peer.
 */
static void conn_datagrams_of_strangers(struct kunit *test)
{
	static const char * const strangers[] = {
		"1,10.6.6.6,0,10.1.2.3,666,0,0,1,0,0,0,7200000",
		"1,10.6.6.6,0,10.1.2.3,7000,0,0,1,0,0,0,7200000",
		"1,10.1.2.3,0,10.1.2.3,666,0,0,1,0,0,0,7200000",
		/* As documents have it: in front is the module */
		"1,10.0.0.1,0,10.6.6.6,666,0,0,1,0,0",
	};
	struct conn_ctx *ctx = test->priv;
	u8 us[4] = { 10, 0, 0, 1 };
	struct file *file;
	unsigned int i;

	memcpy(&ctx->ew->link.info.ip, us, sizeof(us));
	file = conn_open(test, ESWIFI_PROTO_UDP);
	for (i = 0; i < ARRAY_SIZE(strangers); i++) {
		atomic64_t *stat = &ctx->ew->stats[ESWIFI_STAT_RX_DROPPED];
		s64 dropped = atomic64_read(stat);

		ctx->script.answer[0] = (struct conn_answer){ "evil!", 5, strangers[i] };
		ctx->script.answer[1] = (struct conn_answer){ "hello", 5 };
		ctx->script.answers = 0;
		conn_expect(test, file, "hello", 5);
		KUNIT_EXPECT_EQ(test, atomic64_read(stat), dropped + 1);
		msleep(100);

		/* It may have been an empty one, which looks like none. */
		ctx->script.seen[0] = '\0';
		KUNIT_EXPECT_EQ(test, conn_write(file, 10), 10);
		msleep(100);
		KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "P3=10.1.2.3;P4=7000;"));
		KUNIT_EXPECT_NOT_NULL(test, strstr(ctx->script.seen, "S3=0010;"));
	}
	eswifi_fake_close(file);
}

static void conn_datagrams_of_many(struct kunit *test)
{
	struct conn_ctx *ctx = test->priv;
	u8 us[4] = { 10, 1, 2, 2 }, mask[4] = { 255, 255, 255, 254 };
	struct file *file;

	memcpy(&ctx->ew->link.info.ip, us, sizeof(us));
	memcpy(&ctx->ew->link.info.mask, mask, sizeof(mask));
	/* 10.1.2.3 stands for all of that network. */
	file = conn_open(test, ESWIFI_PROTO_UDP);
	ctx->script.answer[0].data = "hello";
	ctx->script.answer[0].len = 5;
	ctx->script.answer[0].from = "1,10.1.2.4,0,10.1.2.3,666,0,0,1,0,0,0,7200000";
	ctx->script.answers = 0;
	conn_expect(test, file, "hello", 5);
	eswifi_fake_close(file);
}

static struct kunit_case conn_cases[] = {
	KUNIT_CASE(conn_close_notify_is_the_end),
	KUNIT_CASE(conn_close_notify_and_the_end),
	KUNIT_CASE(conn_close_notify_in_halves),
	KUNIT_CASE(conn_close_notify_behind_data),
	KUNIT_CASE(conn_message_like_close_notify),
	KUNIT_CASE(conn_bytes_like_close_notify),
	KUNIT_CASE(conn_minus_one_is_held),
	KUNIT_CASE(conn_end_or_no_network),
	KUNIT_CASE(conn_stalled_peer_is_given_up),
	KUNIT_CASE(conn_busy_module_is_asked_again),
	KUNIT_CASE(conn_busy_module_is_not_hurried),
	KUNIT_CASE(conn_tls_in_small_pieces),
	KUNIT_CASE(conn_record_too_long_is_explained),
	KUNIT_CASE(conn_tls_start_is_tried_again),
	KUNIT_CASE(conn_tls_start_that_was_none),
	KUNIT_CASE(conn_tls_start_may_be_slow),
	KUNIT_CASE(conn_silent_tls_start_is_explained),
	KUNIT_CASE(conn_unsent_tls_start_is_not_explained),
	KUNIT_CASE(conn_two_tls_at_a_time),
	KUNIT_CASE(conn_sockets_have_settings_of_their_own),
	KUNIT_CASE(conn_datagrams_from_a_port_of_their_own),
	KUNIT_CASE(conn_datagrams_of_strangers),
	KUNIT_CASE(conn_datagrams_of_many),
	{}
};

static struct kunit_suite conn_suite = {
	.name = "eswifi_conn",
	.init = conn_test_init,
	.exit = conn_test_exit,
	.test_cases = conn_cases,
};

kunit_test_suite(conn_suite);
