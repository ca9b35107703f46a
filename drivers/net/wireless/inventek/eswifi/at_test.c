// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the AT language: replies as modules were seen to send them,
 * ambiguous ones, broken ones; and which commands may be sent.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <uapi/linux/eswifi.h>

#include "at.h"

#define OK(body)	"\r\n" body "\r\nOK\r\n> "

struct reply_case {
	const char *name;
	const char *in;
	size_t len;
	int ret;
	bool ok;
	const char *body;	/* up to a NUL, which none has inside */
	const char *error;
	const char *text;
};

#define NO_CA		"[TCP SSL] Root CA certificate failed to initialize: 4"
#define NO_IDENTITY	"[TCP SSL] Initialize Identity failed"

#define REPLY(name, in, ...)	{ name, in, sizeof(in) - 1, __VA_ARGS__ }

static const struct reply_case reply_cases[] = {
	REPLY("empty OK", "\r\n\r\nOK\r\n> ", 0, true, "", NULL, ""),
	REPLY("empty OK, further CR LF", "\r\n\r\n\r\nOK\r\n> ", 0, true, "\r\n", NULL, ""),
	REPLY("OK without a body's CR LF", "\r\nOK\r\n> ", 0, true, "", NULL, ""),
	REPLY("value", "\r\n1\r\nOK\r\n> \x15", 0, true, "1", NULL, "1"),
	REPLY("payload", "\r\n\x01\x02\r\nOK\r\n> ", 0, true, "\x01\x02", NULL, ".."),
	REPLY("payload, its own CR LF or not",
	      "\r\nab\r\n\r\nOK\r\n> ", 0, true, "ab\r\n", NULL, "ab"),
	REPLY("payload with a terminator", "\r\n\x01\x02\r\nOK\r\n> \x03\x04\r\nOK\r\n> ", 0, true,
	      "\x01\x02\r\nOK\r\n> \x03\x04", NULL, "..; OK; > .."),
	REPLY("payload with an error", "\r\n\r\nERROR\r\n> \r\nOK\r\n> ", 0, true,
	      "\r\nERROR\r\n> ", NULL, "ERROR; > "),
	REPLY("payload that ends in CR", "\r\nab\r\r\nOK\r\n> ", 0, true, "ab\r", NULL, "ab"),
	REPLY("payload of stuffing", "\x15\r\n\x15\x15\r\nOK\r\n> \x15", 0, true, "\x15\x15", NULL,
	      ".."),
	REPLY("connection ended", "\r\n-1\r\nERROR\r\n> ", 0, false, "-1", "-1", "-1"),
	REPLY("-1 with OK", "\r\n-1\r\nOK\r\n> ", 0, true, "-1", NULL, "-1"),
	REPLY("simple error", "\r\n\r\nERROR\r\n> ", 0, false, "", "", ""),
	REPLY("verbose error behind text",
	      "\r\n[JOIN   ] NETGEAR_MBED\r\n[JOIN   ] Failed\r\nERROR: Unknown Error\r\nUsage: C0 \r\n> ",
	      0, false, "[JOIN   ] NETGEAR_MBED\r\n[JOIN   ] Failed", "Unknown Error",
	      "[JOIN   ] NETGEAR_MBED; [JOIN   ] Failed; Unknown Error"),
	REPLY("verbose error", "\r\n\r\nERROR: Bad Argument\r\nUsage: P1=<n> protocol\r\n> ", 0,
	      false, "", "Bad Argument", "Bad Argument"),
	REPLY("verbose error without usage", "\r\n\r\nERROR: Unknown Command\r\n> ", 0, false, "",
	      "Unknown Command", "Unknown Command"),
	REPLY("simple error behind text", "\r\n[JOIN   ] drogue\r\n[JOIN   ] Failed\r\nERROR\r\n> ",
	      0, false, "[JOIN   ] drogue\r\n[JOIN   ] Failed",
	      "[JOIN   ] drogue\r\n[JOIN   ] Failed", "[JOIN   ] drogue; [JOIN   ] Failed"),
	REPLY("no message", OK("[SOMA][EOMA]"), 0, true, "[SOMA][EOMA]", NULL, "[SOMA][EOMA]"),
	REPLY("message", OK("[SOMA][TCP SVR] Accepted 192.168.2.2:5024[EOMA]"), 0, true,
	      "[SOMA][TCP SVR] Accepted 192.168.2.2:5024[EOMA]", NULL,
	      "[SOMA][TCP SVR] Accepted 192.168.2.2:5024[EOMA]"),
	REPLY("payload behind a message", OK("[SOMA]x[EOMA]data"), 0, true, "[SOMA]x[EOMA]data",
	      NULL, "[SOMA]x[EOMA]data"),
	REPLY("a scan record is no OK", "\r\n[SOMA]#001,\"ap\",08:86:3B:2B:7E:2E,-51[EOMA]\r", 0,
	      false, "#001,\"ap\",08:86:3B:2B:7E:2E,-51", "#001,\"ap\",08:86:3B:2B:7E:2E,-51",
	      "#001,\"ap\",08:86:3B:2B:7E:2E,-51"),
	REPLY("a prompt says nothing", "\x15\x15\r\n> ", -EBADMSG, false, "", "", ""),
	REPLY("joined", OK("[JOIN   ] drogue,192.168.1.174,0,0"), 0, true,
	      "[JOIN   ] drogue,192.168.1.174,0,0", NULL, "[JOIN   ] drogue,192.168.1.174,0,0"),
	REPLY("connecting", OK("[TCP  RC] Connecting to 192.168.1.2"), 0, true,
	      "[TCP  RC] Connecting to 192.168.1.2", NULL, "[TCP  RC] Connecting to 192.168.1.2"),
	REPLY("sent", OK("10"), 0, true, "10", NULL, "10"),
	REPLY("bare prompt inside", OK("[WEB SVR] Server started\r\n> "), 0, true,
	      "[WEB SVR] Server started\r\n> ", NULL, "[WEB SVR] Server started; > "),
	REPLY("lone CR between lines", OK("a\rb"), 0, true, "a\rb", NULL, "a; b"),

	/* seen: words without a CR LF before them, or glued together */
	REPLY("OK without any CR LF", "OK\r\n> ", 0, true, "", NULL, ""),
	REPLY("error without any CR LF", "ERROR\r\n> ", 0, false, "", "", ""),
	REPLY("verbose error without any CR LF",
	      "ERROR: Unknown Error\r\nUsage: PK <0>\r\n> ", 0, false, "", "Unknown Error",
	      "Unknown Error"),
	REPLY("text without a CR LF before it",
	      NO_CA "\r\n" NO_IDENTITY "\r\nERROR\r\n> ", 0, false, NO_CA "\r\n" NO_IDENTITY,
	      NO_CA "\r\n" NO_IDENTITY, NO_CA "; " NO_IDENTITY),
	REPLY("error glued to a text",
	      "\r\n[AP     ] SSID: home  MAC: C4:7F:51:01:02:03,1ERROR: Unknown Error\r\nUsage: AD\r\n> ",
	      0, false, "[AP     ] SSID: home  MAC: C4:7F:51:01:02:03,1", "Unknown Error",
	      "[AP     ] SSID: home  MAC: C4:7F:51:01:02:03,1; Unknown Error"),
	REPLY("plain error glued to a text", "\r\nfailedERROR\r\n> ", 0, false, "failed",
	      "failed", "failed"),
	REPLY("two lines of usage",
	      "\r\n\r\nERROR: Unknown Error\r\nUsage: C3 <0 = OPEN,\r\n 4 = MIXED>\r\n> ", 0,
	      false, "", "Unknown Error", "Unknown Error"),
	REPLY("echo of control bytes", "[15][08]\r\n1\r\nOK\r\n> ", 0, true, "1", NULL, "1"),
	REPLY("prompt inside an error",
	      "\r\nTX Data mismatch, 4 bytes received!\r\n> ERROR\r\n> ", 0, false,
	      "TX Data mismatch, 4 bytes received!\r\n> ",
	      "TX Data mismatch, 4 bytes received!\r\n> ",
	      "TX Data mismatch, 4 bytes received!; > "),
	REPLY("prompt inside an OK",
	      "\r\nData mismatch, 2036 bytes received!\r\n> \r\n\r\nOK\r\n> ", 0, true,
	      "Data mismatch, 2036 bytes received!\r\n> \r\n", NULL,
	      "Data mismatch, 2036 bytes received!; > "),
	REPLY("the LF of the record before", "\n\r\n\r\nOK\r\n> ", 0, true, "", NULL, ""),
	REPLY("a record and the LF of the one before",
	      "\n\r\n[SOMA]#002,\"a\",08:86:3B:2B:7E:2E,-51[EOMA]\r", 0, false,
	      "#002,\"a\",08:86:3B:2B:7E:2E,-51", NULL, "#002,\"a\",08:86:3B:2B:7E:2E,-51"),
	REPLY("a record without marks", "\r\n#002,\"a\",08:86:3B:2B:7E:2E,-51\r\n", 0, false,
	      "#002,\"a\",08:86:3B:2B:7E:2E,-51", NULL, "#002,\"a\",08:86:3B:2B:7E:2E,-51"),

	/* in step, but nobody knows what it means */
	REPLY("no terminator", "\r\nhello\r\n> ", -EBADMSG, false, "\r\nhello", NULL, "hello"),
	REPLY("OK is no whole line", "\r\nOKAY\r\n> ", -EBADMSG, false, "\r\nOKAY", NULL, "OKAY"),
	REPLY("text before OK", "\r\nNOK\r\n> ", -EBADMSG, false, "\r\nNOK", NULL, "NOK"),
	REPLY("usage alone", "\r\nUsage: C0\r\n> ", -EBADMSG, false, "\r\nUsage: C0", NULL,
	      "Usage: C0"),
	REPLY("usage behind OK", "\r\n\r\nOK\r\nUsage: C0\r\n> ", -EBADMSG, false,
	      "\r\n\r\nOK\r\nUsage: C0", NULL, "OK; Usage: C0"),
	REPLY("error in the middle", "\r\nERROR\r\nand more\r\n> ", -EBADMSG, false,
	      "\r\nERROR\r\nand more", NULL, "ERROR; and more"),

	/* out of step */
	REPLY("nothing", "", -EPROTO, false, NULL, NULL, NULL),
	REPLY("nothing but stuffing", "\x15\x15\x15\x15", -EPROTO, false, NULL, NULL, NULL),
	REPLY("a lone LF", "\n", -EPROTO, false, NULL, NULL, NULL),
	REPLY("no prompt", "\r\n\r\nOK\r\n", -EPROTO, false, NULL, NULL, NULL),
	REPLY("prompt cut short", "\r\n\r\nOK\r\n>", -EPROTO, false, NULL, NULL, NULL),
	REPLY("junk behind the prompt", "\r\n\r\nOK\r\n> x", -EPROTO, false, NULL, NULL, NULL),
};

static void reply_desc(const struct reply_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reply, reply_cases, reply_desc);

static void at_parse(struct kunit *test)
{
	const struct reply_case *c = test->param_value;
	struct eswifi_reply reply;
	char text[ESWIFI_TEXT_SIZE];
	u8 *in;

	/* Alone in its memory: whoever reads beyond it is seen. */
	in = kunit_kzalloc(test, max_t(size_t, c->len, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, in);
	memcpy(in, c->in, c->len);

	KUNIT_ASSERT_EQ(test, eswifi_at_parse(in, c->len, &reply), c->ret);
	if (!c->body)
		return;
	KUNIT_EXPECT_EQ(test, reply.ok, c->ok);
	KUNIT_ASSERT_EQ(test, reply.body_len, strlen(c->body));
	KUNIT_EXPECT_EQ(test, memcmp(reply.body, c->body, reply.body_len), 0);
	if (c->error) {
		KUNIT_ASSERT_EQ(test, reply.error_len, strlen(c->error));
		KUNIT_EXPECT_EQ(test, memcmp(reply.error, c->error, reply.error_len), 0);
	}
	KUNIT_EXPECT_EQ(test, eswifi_at_text(&reply, text, sizeof(text)), strlen(c->text));
	KUNIT_EXPECT_STREQ(test, text, c->text);
}

/* Every way to cut a good reply short is an error, not a shorter reply. */
static void at_parse_cut_short(struct kunit *test)
{
	static const char in[] = "\r\n[JOIN   ] x\r\nERROR: Unknown Error\r\nUsage: C0 \r\n> ";
	struct eswifi_reply reply;
	size_t len;

	for (len = 0; len < sizeof(in) - 1; len++) {
		u8 *copy = kunit_kzalloc(test, max_t(size_t, len, 1), GFP_KERNEL);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
		memcpy(copy, in, len);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_parse(copy, len, &reply), -EPROTO, "%zu", len);
		kunit_kfree(test, copy);
	}
}

struct message_case {
	const char *name;
	const char *in;
	size_t len;
	size_t used;
	const char *text;
	enum eswifi_message_place place;
};

#define ACCEPTED	"\r\n[SOMA][TCP SVR] Accepted 10.0.2.2:5024[EOMA]\r\n"
#define MESSAGE(name, in, ...)	{ name, in, sizeof(in) - 1, __VA_ARGS__ }

static const struct message_case message_cases[] = {
	MESSAGE("before a reply", ACCEPTED "\r\n4\r\nOK\r\n> ", sizeof(ACCEPTED) - 1,
		"[TCP SVR] Accepted 10.0.2.2:5024"),
	MESSAGE("before a reply without CR LF", ACCEPTED "ERROR\r\n> ", sizeof(ACCEPTED) - 1,
		"[TCP SVR] Accepted 10.0.2.2:5024"),
	MESSAGE("before another", ACCEPTED ACCEPTED "OK\r\n> ", sizeof(ACCEPTED) - 1,
		"[TCP SVR] Accepted 10.0.2.2:5024"),
	MESSAGE("of the access point",
		"\r\n[SOMA][AP DHCP] Assigned 02:00:00:00:00:01 has 192.168.10.2[EOMA]\r\n", 69,
		"[AP DHCP] Assigned 02:00:00:00:00:01 has 192.168.10.2"),
	MESSAGE("of the link", "\r\n[SOMA][INFO   ] Link Up[EOMA]\r\n", 33, "[INFO   ] Link Up"),
	MESSAGE("before a payload", ACCEPTED "\r\ndata\r\nOK\r\n> ", sizeof(ACCEPTED) - 1,
		"[TCP SVR] Accepted 10.0.2.2:5024", ESWIFI_MESSAGE_BEFORE_PAYLOAD),
	MESSAGE("in one line with a payload", "\r\n[SOMA][TCP SVR] x[EOMA]data\r\nOK\r\n> ", 25,
		"[TCP SVR] x", ESWIFI_MESSAGE_BEFORE_PAYLOAD),
	MESSAGE("in one line with a payload that begins with CR LF",
		"\r\n[SOMA][TCP SVR] x[EOMA]\r\ndata\r\nOK\r\n> ", 25, "[TCP SVR] x",
		ESWIFI_MESSAGE_BEFORE_PAYLOAD),
	MESSAGE("none", "\r\n[SOMA][EOMA]\r\nOK\r\n> ", 0, NULL),
	MESSAGE("a record of a scan",
		"\r\n[SOMA]#001,\"[TCP SVR]\",02:00:00:00:00:01,-51[EOMA]\r\n", 0, NULL),
	MESSAGE("a tag that nobody knows", "\r\n[SOMA][MINE] x[EOMA]\r\n", 0, NULL),
	MESSAGE("no end", "\r\n[SOMA][TCP SVR] Accepted", 0, NULL),
	MESSAGE("no CR LF behind it", "\r\n[SOMA][TCP SVR] x[EOMA]data\r\nOK\r\n> ", 0, NULL),
	MESSAGE("not at the start", "\r\n1" ACCEPTED, 0, NULL),
	MESSAGE("nothing", "", 0, NULL),
};

static void message_desc(const struct message_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(message, message_cases, message_desc);

static void at_message(struct kunit *test)
{
	const struct message_case *c = test->param_value;
	const u8 *text;
	size_t len;
	u8 *in;

	in = kunit_kzalloc(test, max_t(size_t, c->len, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, in);
	memcpy(in, c->in, c->len);
	KUNIT_ASSERT_EQ(test, eswifi_at_message(in, c->len, c->place, &text, &len), c->used);
	if (!c->text)
		return;
	KUNIT_ASSERT_EQ(test, len, strlen(c->text));
	KUNIT_EXPECT_EQ(test, memcmp(text, c->text, len), 0);
}

static void at_message_places(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("R0\r", 3), ESWIFI_MESSAGE_BEFORE_PAYLOAD);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("R4\r", 3), ESWIFI_MESSAGE_FRONT);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("H0\r", 3), ESWIFI_MESSAGE_BEFORE_PAYLOAD);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("T0\r", 3), ESWIFI_MESSAGE_ANYWHERE);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("R1=1\r", 5), ESWIFI_MESSAGE_FRONT);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("S3=1\ra", 6), ESWIFI_MESSAGE_FRONT);
	KUNIT_EXPECT_EQ(test, eswifi_at_message_place("F0\r", 3), ESWIFI_MESSAGE_FRONT);
	KUNIT_EXPECT_TRUE(test, eswifi_at_serves("P5=11\r", 6));
	KUNIT_EXPECT_TRUE(test, eswifi_at_serves("AD\r", 3));
	KUNIT_EXPECT_FALSE(test, eswifi_at_serves("P5=0\r", 5));
}

static void at_prompt(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\x15\x15\r\n> ", 6), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\r\n> ", 4), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\r\n> \x15\x15", 6), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\r\n>", 3), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("> ", 2), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\r\n\r\n> ", 6), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\x15\x15", 2), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("", 0), -EPROTO);
	/* swapped bytes, all ones, all zeros: a wrong mode or a missing module */
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\x15\x15\n\r >", 6), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\xff\xff\xff\xff\xff\xff", 6), -EPROTO);
	KUNIT_EXPECT_EQ(test, eswifi_at_parse_prompt("\0\0\0\0\0\0", 6), -EPROTO);
}

static struct eswifi_reply body(const char *text)
{
	struct eswifi_reply reply = { .ok = true, .body = text, .body_len = strlen(text) };

	return reply;
}

static void at_lines(struct kunit *test)
{
	struct eswifi_reply reply = body("\r\none\rtwo\n\n\r\nthree");
	static const char * const want[] = { "one", "two", "three" };
	size_t pos = 0, len, i;
	const u8 *line;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		KUNIT_ASSERT_TRUE(test, eswifi_at_line(&reply, &pos, &line, &len));
		KUNIT_ASSERT_EQ(test, len, strlen(want[i]));
		KUNIT_EXPECT_EQ(test, memcmp(line, want[i], len), 0);
	}
	KUNIT_EXPECT_FALSE(test, eswifi_at_line(&reply, &pos, &line, &len));
	KUNIT_EXPECT_FALSE(test, eswifi_at_line(&reply, &pos, &line, &len));
}

static void at_text_is_bounded(struct kunit *test)
{
	struct eswifi_reply reply = body("abc\r\ndef");
	char text[9];
	size_t size;

	for (size = 1; size <= sizeof(text); size++) {
		memset(text, '#', sizeof(text));
		KUNIT_EXPECT_EQ(test, eswifi_at_text(&reply, text, size), size - 1);
		KUNIT_EXPECT_EQ(test, memcmp(text, "abc; def", size - 1), 0);
		KUNIT_EXPECT_EQ(test, text[size - 1], '\0');
		if (size < sizeof(text))
			KUNIT_EXPECT_EQ(test, text[size], '#');
	}
}

static void at_printable(struct kunit *test)
{
	static const u8 bytes[] = { 0x1f, ' ', '~', 0x7f, 0x80, 0xff, 0, '\n', 'a' };
	char text[16];

	KUNIT_EXPECT_EQ(test, eswifi_at_printable(text, sizeof(text), bytes, sizeof(bytes)), 9);
	KUNIT_EXPECT_STREQ(test, text, ". ~.....a");
	KUNIT_EXPECT_EQ(test, eswifi_at_printable(text, 1, bytes, sizeof(bytes)), 0);
	KUNIT_EXPECT_STREQ(test, text, "");
	text[0] = '#';
	KUNIT_EXPECT_EQ(test, eswifi_at_printable(text, 0, bytes, sizeof(bytes)), 0);
	KUNIT_EXPECT_EQ(test, text[0], '#');
}

static unsigned int timeout(const char *cmd)
{
	return eswifi_at_timeout_ms(cmd, strlen(cmd));
}

static void at_timeouts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, timeout("I?\r"), 5000);
	KUNIT_EXPECT_EQ(test, timeout(""), 5000);
	KUNIT_EXPECT_EQ(test, timeout("C"), 5000);
	/* a wrong passphrase was seen to take 21.3 s */
	KUNIT_EXPECT_GE(test, timeout("C0\r"), 40000);
	/* PY and a handshake */
	KUNIT_EXPECT_GT(test, timeout("P6=1\r"), 10000);
	KUNIT_EXPECT_LT(test, timeout("P6=0\r"), timeout("P6=1\r"));
	/* R2 may be 30 s */
	KUNIT_EXPECT_GT(test, timeout("R0\r"), 30000);
	KUNIT_EXPECT_EQ(test, timeout("R1=1460\r"), 5000);
	KUNIT_EXPECT_GT(test, timeout("PG=0,0,3\rabc"), 5000);
	/* a radio that does not start */
	KUNIT_EXPECT_GE(test, timeout("AD\r"), 30000);
	/* the moment of an accept */
	KUNIT_EXPECT_GE(test, timeout("P?\r"), 30000);
	KUNIT_EXPECT_GE(test, timeout("P5=10\r"), 30000);
	KUNIT_EXPECT_GE(test, timeout("S3=1\ra"), 30000);
	KUNIT_EXPECT_GT(test, timeout("D0=example.com\r"), 5000);
	KUNIT_EXPECT_GT(test, timeout("T0\r"), 5000);
	KUNIT_EXPECT_GT(test, timeout("F0\r"), 5000);
}

static void at_secrets(struct kunit *test)
{
	static const char * const yes[] = {
		"C2=pass\r", "c2=pass", " C2=pass", "\r\nC2=pass", "C2",
		"A2=key", "a2=key", "C?\r", "A?",
		"PG=0,2,5\rkey", "pg=0,2,5\r", "PC=0,1\r", "PD=0,1\r", "PM=4,password", "PM\r",
		"Z7=12345678", "Z8", "Z?", "ZD", "S3=3\rabc", "S0\rabc", "R0\r", "R4",
	};
	static const char * const no[] = {
		"", "C", "C1=net", "P6=1", "I?", "PE=0", "PF=0,0", "CV?", "MR",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(yes); i++)
		KUNIT_EXPECT_TRUE_MSG(test, eswifi_at_secret(yes[i], strlen(yes[i])), "%s", yes[i]);
	for (i = 0; i < ARRAY_SIZE(no); i++)
		KUNIT_EXPECT_FALSE_MSG(test, eswifi_at_secret(no[i], strlen(no[i])), "%s", no[i]);
}

static void at_values(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("a", 1, 32), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("", 0, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("abc", 3, 3), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("abcd", 4, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("a,\" b~", 6, 32), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("caf\xc3\xa9", 5, 32), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("a\rb", 3, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("a\n", 2, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("a\0b", 3, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("\x1f", 1, 32), -EINVAL);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value(" ", 1, 32), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_value("\x7f", 1, 32), -EINVAL);
}

static void at_hosts(struct kunit *test)
{
	static const char * const bad[] = {
		"", "a,b", "a b", "a\r", "a/b", "a:1", "caf\xc3\xa9", "a\"", "x234567890123456",
	};
	size_t i;

	KUNIT_EXPECT_EQ(test, eswifi_at_check_host("my_host-1.Ex.com", 16, 16), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_host("1.2.3.4", 7, 16), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_check_host(bad[i], strlen(bad[i]), 15), -EINVAL,
				    "%s", bad[i]);
}

struct user_case {
	const char *name;
	const char *in;
	size_t len;
	int ret;
	size_t used;
};

#define USER(in, ...)		{ #in, in, sizeof(in) - 1, __VA_ARGS__ }

static const struct user_case user_cases[] = {
	USER("I?", 0, 2),
	USER("I?\r", 0, 2),
	USER("I?\n", 0, 2),
	USER("I?\r\n", 0, 2),
	USER("I?\n\r", -EINVAL, 0),
	USER("I?\r\r", -EINVAL, 0),
	USER("I?\n\n", -EINVAL, 0),
	USER("I?\rC0\r", -EINVAL, 0),
	USER("", -EINVAL, 0),
	USER("\r\n", -EINVAL, 0),
	USER("\n", -EINVAL, 0),
	USER("I", -EINVAL, 0),
	USER("?", 0, 1),
	USER("---\r\n", 0, 3),
	USER("--", -EINVAL, 0),
	USER("i?", -EINVAL, 0),
	USER("P0=1", 0, 4),
	USER("p0=1", -EINVAL, 0),
	USER("cR", -EINVAL, 0),
	USER("Cr", -EINVAL, 0),
	USER(" I?", -EINVAL, 0),
	USER("I? ", -EINVAL, 0),
	USER("P01", -EINVAL, 0),
	USER("P0=\t", -EINVAL, 0),
	USER("P0=\x7f", -EINVAL, 0),
	USER("P0=\0", -EINVAL, 0),
	USER("C1=caf\xc3\xa9", -EINVAL, 0),
	USER("C1=my net, \"x\"~", 0, 15),
	USER("T0=\r", 0, 3),
	USER("ZR", 0, 2),
	USER("Z0", 0, 2),

	USER("$$$", -EPERM, 0),
	USER("$$$\r", -EPERM, 0),
	USER("A0", -EPERM, 0),
	USER("A0=1", -EPERM, 0),
	USER("A1=0", 0, 4),
	USER("B2=1", -EPERM, 0),
	USER("B2", -EPERM, 0),
	USER("B?", 0, 2),
	USER("ZF", -EPERM, 0),
	USER("ZU\r\n", -EPERM, 0),
	USER("PG=0,0,3\rabc", -EPERM, 0),
	USER("PC=0,3\rabc", -EPERM, 0),
	USER("PD=0,3\rabc", -EPERM, 0),
	USER("ZO=3\rabc", -EPERM, 0),
	USER("S0\rabc", -EPERM, 0),
	USER("T2=65534", 0, 8),
	USER("T2=65535", -EPERM, 0),
	USER("T2=65535\r\n", -EPERM, 0),
	USER("T2=0065535", -EPERM, 0),
	USER("T2=131071", -EPERM, 0),
	USER("T2=18446744073709551616", -EPERM, 0),
	USER("T2= 65535", -EINVAL, 0),
	USER("T2=-1", -EINVAL, 0),
	USER("T2=", -EINVAL, 0),
	USER("T2", 0, 2),
	USER("R2=1", 0, 4),
	USER("R2", 0, 2),
	USER("R2=0", -EPERM, 0),
	USER("R2=000\r\n", -EPERM, 0),
	USER("R2=0x0", -EINVAL, 0),
	USER("R2=", -EINVAL, 0),
	USER("C1=01234567890123456789012345678901", 0, 35),
	USER("C1=012345678901234567890123456789012", -EINVAL, 0),
	/* dead frames */
	USER("\nI?\r", -EINVAL, 0),
	USER("\rI?\r", -EINVAL, 0),
	USER("\0I?\r", -EINVAL, 0),
	USER("\x80\xff\r", -EINVAL, 0),
	USER("PG\r", -EPERM, 0),
	USER("PC=0", -EPERM, 0),
	USER("PD=1", -EPERM, 0),

	USER("S3=5\rhello", 0, 10),
	USER("S3=0005\rhello", 0, 13),
	USER("S3=2\r\r\n", 0, 7),
	USER("S3=1\r\0", 0, 6),
	USER("S3=5\rhell", -EINVAL, 0),
	USER("S3=5\rhello\n", -EINVAL, 0),
	USER("S3=5\r", -EINVAL, 0),
	USER("S3=5", -EINVAL, 0),
	USER("S3=0\r", -EINVAL, 0),
	USER("S3=\r", -EINVAL, 0),
	USER("S3=x\rx", -EINVAL, 0),
	USER("S3\r", -EINVAL, 0),
	USER("S3=1461\rx", -EMSGSIZE, 0),
	USER("S3=18446744073709551617\rx", -EMSGSIZE, 0),
};

static void user_desc(const struct user_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(user, user_cases, user_desc);

static void at_user(struct kunit *test)
{
	const struct user_case *c = test->param_value;
	size_t used = 99;
	u8 *in;

	in = kunit_kzalloc(test, max_t(size_t, c->len, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, in);
	memcpy(in, c->in, c->len);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(in, c->len, false, &used), c->ret);
	KUNIT_EXPECT_EQ(test, used, c->used);
}

static void at_user_lengths(struct kunit *test)
{
	static const char head[] = "S3=1460\r";
	size_t n = strlen(head), used;
	u8 *cmd = kunit_kzalloc(test, n + ESWIFI_PAYLOAD_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, cmd);
	memcpy(cmd, head, n);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(cmd, n + ESWIFI_PAYLOAD_MAX, false, &used), 0);
	KUNIT_EXPECT_EQ(test, used, n + ESWIFI_PAYLOAD_MAX);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(cmd, n + ESWIFI_PAYLOAD_MAX - 1, false, &used),
			-EINVAL);

	/* the longest command, with and without a line end, and one more */
	memset(cmd, 'A', ESWIFI_CMD_MAX);
	memcpy(cmd, "D0=", 3);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(cmd, ESWIFI_CMD_MAX - 2, false, &used), 0);
	KUNIT_EXPECT_EQ(test, used, ESWIFI_CMD_MAX - 2);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(cmd, ESWIFI_CMD_MAX - 1, false, &used),
			-EMSGSIZE);
	memcpy(cmd + ESWIFI_CMD_MAX - 2, "\r\n", 2);
	KUNIT_EXPECT_EQ(test, eswifi_at_check_user(cmd, ESWIFI_CMD_MAX, false, &used), 0);
	KUNIT_EXPECT_EQ(test, used, ESWIFI_CMD_MAX - 2);
}

static struct kunit_case at_cases[] = {
	KUNIT_CASE_PARAM(at_parse, reply_gen_params),
	KUNIT_CASE(at_parse_cut_short),
	KUNIT_CASE_PARAM(at_message, message_gen_params),
	KUNIT_CASE(at_message_places),
	KUNIT_CASE(at_prompt),
	KUNIT_CASE(at_lines),
	KUNIT_CASE(at_text_is_bounded),
	KUNIT_CASE(at_printable),
	KUNIT_CASE(at_timeouts),
	KUNIT_CASE(at_secrets),
	KUNIT_CASE(at_values),
	KUNIT_CASE(at_hosts),
	KUNIT_CASE_PARAM(at_user, user_gen_params),
	KUNIT_CASE(at_user_lengths),
	{}
};

static struct kunit_suite at_suite = {
	.name = "eswifi_at",
	.test_cases = at_cases,
};

kunit_test_suite(at_suite);
