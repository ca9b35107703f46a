// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what the replies to single commands mean.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "at.h"

static struct eswifi_reply body(const char *text)
{
	struct eswifi_reply reply = { .ok = true, .body = text, .body_len = strlen(text) };

	return reply;
}

static struct eswifi_reply error_body(const char *text)
{
	struct eswifi_reply reply = body(text);

	reply.ok = false;
	reply.error = reply.body;
	reply.error_len = reply.body_len;
	return reply;
}

static void at_identity(struct kunit *test)
{
	struct eswifi_reply reply =
		body("ISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0.rc1,v8.2.1,120000000,Me");
	struct eswifi_identity id = { .mac = { 1, 2, 3, 4, 5, 6 } };

	KUNIT_EXPECT_EQ(test, eswifi_at_identity(&reply, &id), 0);
	KUNIT_EXPECT_STREQ(test, id.model, "ISM43362-M3G-L44-SPI");
	KUNIT_EXPECT_STREQ(test, id.firmware, "C3.5.2.5.STM");
	KUNIT_EXPECT_EQ(test, id.mac[5], 6);

	reply = body("\r\nM,C6.2.1.11\r\n");
	KUNIT_EXPECT_EQ(test, eswifi_at_identity(&reply, &id), 0);
	KUNIT_EXPECT_STREQ(test, id.model, "M");
	KUNIT_EXPECT_STREQ(test, id.firmware, "C6.2.1.11");
}

static void at_identity_broken(struct kunit *test)
{
	static const char * const bad[] = { "", "\r\n", "ISM43362", ",C3.5.2.5", "M,", "M,,x" };
	struct eswifi_identity id;
	struct eswifi_reply reply;
	char text[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_identity(&reply, &id), -EPROTO, "%s", bad[i]);
	}
	/* Too long is cut, and what no log should see is replaced. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[1] = 0x1b;
	text[64] = ',';
	reply = body(text);
	KUNIT_EXPECT_EQ(test, eswifi_at_identity(&reply, &id), 0);
	KUNIT_EXPECT_EQ(test, strlen(id.model), sizeof(id.model) - 1);
	KUNIT_EXPECT_EQ(test, strlen(id.firmware), sizeof(id.firmware) - 1);
	KUNIT_EXPECT_EQ(test, id.model[1], '.');
}

static void at_mac(struct kunit *test)
{
	static const u8 want[] = { 0xc4, 0x7f, 0x51, 0x01, 0x02, 0x03 };
	static const char * const good[] = { "C4:7F:51:01:02:03", "c4:7f:51:1:2:3\r\n" };
	static const char * const bad[] = {
		"", "C4:7F:51:01:02", "C4:7F:51:01:02:", "C4:7F:51:01:02:03:04",
		"C4:7F:51:01:02:G3",
		"C47F51010203", "C4:7F:51:01:02:003", "C4::51:01:02:03", "C4-7F-51-01-02-03",
	};
	struct eswifi_reply reply;
	u8 mac[6];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		reply = body(good[i]);
		memset(mac, 0, sizeof(mac));
		KUNIT_EXPECT_EQ(test, eswifi_at_mac(&reply, mac), 0);
		KUNIT_EXPECT_EQ(test, memcmp(mac, want, sizeof(mac)), 0);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_mac(&reply, mac), -EPROTO, "%s", bad[i]);
	}
	KUNIT_EXPECT_EQ(test, memcmp(mac, want, sizeof(mac)), 0);
}

static void at_ipv4(struct kunit *test)
{
	static const char * const bad[] = {
		"", "1", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5",
		"256.1.1.1",
		"1.2.3.256", "1.2.3.999999999999999999999", "01.2.3.4", "00.0.0.0", "1.2.3.-4",
		"1.2.3.4 ", " 1.2.3.4", "a.b.c.d", "1,2,3,4",
	};
	u8 ip[4] = { 9, 9, 9, 9 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_ipv4(bad[i], strlen(bad[i]), ip), -EINVAL,
				    "%s", bad[i]);
	KUNIT_EXPECT_EQ(test, memcmp(ip, "\x09\x09\x09\x09", 4), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_ipv4("192.168.1.174", 13, ip), 0);
	KUNIT_EXPECT_EQ(test, memcmp(ip, "\xc0\xa8\x01\xae", 4), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_ipv4("0.0.0.0", 7, ip), 0);
	KUNIT_EXPECT_EQ(test, memcmp(ip, "\0\0\0\0", 4), 0);
	KUNIT_EXPECT_EQ(test, eswifi_at_ipv4("255.255.255.255", 15, ip), 0);
	KUNIT_EXPECT_EQ(test, memcmp(ip, "\xff\xff\xff\xff", 4), 0);
	/* not terminated */
	KUNIT_EXPECT_EQ(test, eswifi_at_ipv4("1.2.3.45", 7, ip), 0);
	KUNIT_EXPECT_EQ(test, ip[3], 4);
}

static void at_number(struct kunit *test)
{
	static const char * const bad[] = {
		"", "-", "--1", "1x", "x1", "+1", " 1", "1 ", "1.0", "99999999999999999999999",
	};
	struct eswifi_reply reply;
	char text[32];
	long n = 7;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_number(&reply, &n), -EPROTO, "%s", bad[i]);
	}
	KUNIT_EXPECT_EQ(test, n, 7);
	reply = body("-51");
	KUNIT_EXPECT_EQ(test, eswifi_at_number(&reply, &n), 0);
	KUNIT_EXPECT_EQ(test, n, -51);
	reply = error_body("-1");
	KUNIT_EXPECT_EQ(test, eswifi_at_number(&reply, &n), 0);
	KUNIT_EXPECT_EQ(test, n, -1);
	reply = body("\r\n0010\r\n");
	KUNIT_EXPECT_EQ(test, eswifi_at_number(&reply, &n), 0);
	KUNIT_EXPECT_EQ(test, n, 10);
	snprintf(text, sizeof(text), "%ld", LONG_MAX);
	reply = body(text);
	KUNIT_EXPECT_EQ(test, eswifi_at_number(&reply, &n), 0);
	KUNIT_EXPECT_EQ(test, n, LONG_MAX);
	text[strlen(text) - 1]++;
	KUNIT_EXPECT_EQ(test, eswifi_at_number(&reply, &n), -EPROTO);
}

static void at_slots(struct kunit *test)
{
	static const char * const bad[] = {
		"", "1", "1,1", "1,1,", "1,1,2", "1,1,0,1", "11,1,0", "1 1 0",
	};
	struct eswifi_reply reply = body("0,1,1");
	bool used[3];
	size_t i;

	KUNIT_EXPECT_EQ(test, eswifi_at_slots(&reply, used), 0);
	KUNIT_EXPECT_TRUE(test, used[0]);
	KUNIT_EXPECT_FALSE(test, used[1]);
	KUNIT_EXPECT_FALSE(test, used[2]);
	reply = body("1,1,0");
	KUNIT_EXPECT_EQ(test, eswifi_at_slots(&reply, used), 0);
	KUNIT_EXPECT_FALSE(test, used[0]);
	KUNIT_EXPECT_TRUE(test, used[2]);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_slots(&reply, used), -EPROTO, "%s", bad[i]);
	}
	KUNIT_EXPECT_TRUE(test, used[2]);
}

static void at_match(struct kunit *test)
{
	static const char * const no[] = {
		"", "No Match", "Mismatch", "Match failed", "[CERTS   ] No Match",
		"[CERTS   ] Matched", "[CERTS   ] Selected item unavailable (used)",
		"[OTHER   ] Match",
	};
	struct eswifi_reply reply;
	size_t i;

	reply = body("[CERTS   ] Match");
	KUNIT_EXPECT_TRUE(test, eswifi_at_match(&reply));
	reply = body("[CERTS  ] Match\r\n");
	KUNIT_EXPECT_TRUE(test, eswifi_at_match(&reply));
	reply = body("Match");
	KUNIT_EXPECT_TRUE(test, eswifi_at_match(&reply));
	reply = error_body("[CERTS   ] Match");
	KUNIT_EXPECT_FALSE(test, eswifi_at_match(&reply));
	for (i = 0; i < ARRAY_SIZE(no); i++) {
		reply = body(no[i]);
		KUNIT_EXPECT_FALSE_MSG(test, eswifi_at_match(&reply), "%s", no[i]);
	}
}

struct join_case {
	const char *name;
	const char *ssid;
	const char *body;
	int ret;
	u8 last;	/* number of the address */
};

static const struct join_case join_cases[] = {
	{ "plain", "drogue", "[JOIN   ] drogue,192.168.1.174,0,0", 0, 174 },
	{ "lines before", "n",
	  "[JOIN   ] Re-joining\r\n[JOIN   ] rv=3\r\n[JOIN   ] n,1.2.3.4,0,0", 0, 4 },
	{ "comma in the name", "a,b", "[JOIN   ] a,b,1.2.3.4,0,0", 0, 4 },
	{ "an address in the name", "n,9.9.9.9,0,0", "[JOIN   ] n,9.9.9.9,0,0,1.2.3.4,0,0", 0, 4 },
	{ "an address as the name", "9.9.9.9", "[JOIN   ] 9.9.9.9,1.2.3.4,0,0", 0, 4 },
	{ "quote in the name", "a\"b", "[JOIN   ] a\"b,1.2.3.4,0,0", 0, 4 },
	{ "blank before the name", " n", "[JOIN   ]  n,1.2.3.4,0,0", 0, 4 },
	{ "name in quotes", "a,b", "[JOIN   ] \"a,b\",1.2.3.4,0,0", 0, 4 },
	{ "other name", "x", "[JOIN   ] a,b,1.2.3.4,1,1", 0, 4 },
	{ "no mDNS states", "n", "[JOIN   ] n,1.2.3.4", 0, 4 },
	{ "no address", "n", "[JOIN   ] n,0.0.0.0,0,0", -ENOTCONN, 0 },
	{ "nothing said", "n", "", -EPROTO, 0 },
	{ "no line of a join", "n", "n,1.2.3.4,0,0", -EPROTO, 0 },
	{ "broken address", "n", "[JOIN   ] n,1.2.3,0,0", -EPROTO, 0 },
	{ "failed", "n", "[JOIN   ] n\r\n[JOIN   ] Failed", -EPROTO, 0 },
};

static void join_desc(const struct join_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(join, join_cases, join_desc);

static void at_join(struct kunit *test)
{
	const struct join_case *c = test->param_value;
	u8 ip[4] = { 7, 7, 7, 7 };
	struct eswifi_reply reply = body(c->body);

	KUNIT_EXPECT_EQ(test, eswifi_at_join(&reply, c->ssid, strlen(c->ssid), ip), c->ret);
	KUNIT_EXPECT_EQ(test, ip[3], c->ret ? 7 : c->last);
	reply.ok = false;
	KUNIT_EXPECT_EQ(test, eswifi_at_join(&reply, c->ssid, strlen(c->ssid), ip), -EREMOTEIO);
}

static void at_station(struct kunit *test)
{
	static const char * const good[] = {
		"net,pass,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,,2,0,0,US,1",
		"a,b\",pa,ss,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,0.0.0.0,2,0,0,US,1",
		"\"net\",*RESTRICTED*,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,0.0.0.0,2,0,0,US/0,1",
		",,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,0.0.0.0,2,0,0,,1",
	};
	static const char * const bad[] = {
		"",
		"pass,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,0.0.0.0,2,0,0,US,1",
		"net,pass,3,1,0,1.2.3,255.255.255.0,1.2.3.1,8.8.8.8,0.0.0.0,2,0,0,US,1",
	};
	struct eswifi_station st;
	struct eswifi_reply reply;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		reply = body(good[i]);
		memset(&st, 0, sizeof(st));
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_station(&reply, &st), 0, "%s", good[i]);
		KUNIT_EXPECT_EQ(test, memcmp(st.ip, "\x01\x02\x03\x04", 4), 0);
		KUNIT_EXPECT_EQ(test, memcmp(st.mask, "\xff\xff\xff\x00", 4), 0);
		KUNIT_EXPECT_EQ(test, memcmp(st.gateway, "\x01\x02\x03\x01", 4), 0);
		KUNIT_EXPECT_EQ(test, memcmp(st.dns[0], "\x08\x08\x08\x08", 4), 0);
		KUNIT_EXPECT_EQ(test, memcmp(st.dns[1], "\0\0\0\0", 4), 0);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_station(&reply, &st), -EPROTO, "%s", bad[i]);
	}
	reply = body(",,0,0,0,,,,255.255.255.255,255.255.255.255,5,0,0,US,0");
	KUNIT_EXPECT_EQ(test, eswifi_at_station(&reply, &st), 0);
	KUNIT_EXPECT_EQ(test, memcmp(st.ip, "\0\0\0\0", 4), 0);
}

/* The passphrase stands right behind the name, and nothing is escaped. */
static void at_station_shows_no_passphrase(struct kunit *test)
{
	static const char rest[] = ",3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,,,2,0,0,US,1";
	static const struct {
		const char *line, *ssid;
	} c[] = {
		{ "net,SECRETPASS", "net" },
		{ "\"net\",SECRETPASS", "net" },
		{ "\"net,SECRETPASS", "\"net" },
		{ "net\",SECRETPASS", "net\"" },
		{ "\",SECRETPASS", "\"" },
		{ "\"\",SECRETPASS", "" },
		{ ",SECRETPASS", "" },
		{ "\"net,SECRET\"PASS", "\"net" },
		{ "\"net,SECRET\",PASS", "\"net" },
		{ "net,SECRET,PASS", "net" },
		{ "net,\"SECRETPASS\"", "net" },
		/* A comma may be the name's. */
		{ "a,b,SECRETPASS", "a" },
		{ "\"a,b\",SECRETPASS", "\"a" },
	};
	struct eswifi_station st;
	struct eswifi_reply reply;
	char line[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c); i++) {
		snprintf(line, sizeof(line), "%s%s", c[i].line, rest);
		reply = body(line);
		KUNIT_ASSERT_EQ_MSG(test, eswifi_at_station(&reply, &st), 0, "%s", line);
		KUNIT_EXPECT_EQ_MSG(test, st.ssid_len, strlen(c[i].ssid), "%s", line);
		KUNIT_EXPECT_EQ_MSG(test, memcmp(st.ssid, c[i].ssid, strlen(c[i].ssid)), 0,
				    "%s", line);
	}
}

static struct kunit_case at_reply_cases[] = {
	KUNIT_CASE(at_identity),
	KUNIT_CASE(at_identity_broken),
	KUNIT_CASE(at_mac),
	KUNIT_CASE(at_ipv4),
	KUNIT_CASE(at_number),
	KUNIT_CASE(at_slots),
	KUNIT_CASE(at_match),
	KUNIT_CASE_PARAM(at_join, join_gen_params),
	KUNIT_CASE(at_station),
	KUNIT_CASE(at_station_shows_no_passphrase),
	{}
};

static struct kunit_suite at_reply_suite = {
	.name = "eswifi_at_reply",
	.test_cases = at_reply_cases,
};

kunit_test_suite(at_reply_suite);
