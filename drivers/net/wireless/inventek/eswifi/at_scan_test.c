// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what replies tell of networks and clients around, and of the
 * replies of the module's own access point and of pings.
 */
#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <uapi/linux/eswifi.h>

#include "at.h"

static struct eswifi_reply body(const char *text)
{
	struct eswifi_reply reply = { .ok = true, .body = text, .body_len = strlen(text) };

	return reply;
}

/* ---------------------------------------------------------------- records */

static void scan_record_is_no_ok(struct kunit *test)
{
	static const char * const good[] = {
		"\r\n[SOMA]#001,\"ap\",08:86:3B:2B:7E:2E,-51[EOMA]\r",
		"\r\n[SOMA]#001,\"ap\",08:86:3B:2B:7E:2E,-51[EOMA]\r\n",
		"\x15\x15\r\n[SOMA]#001,\"ap\",08:86:3B:2B:7E:2E,-51[EOMA]\r\x15\x15\x15",
	};
	static const char want[] = "#001,\"ap\",08:86:3B:2B:7E:2E,-51";
	struct eswifi_reply reply;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_ASSERT_EQ(test, eswifi_at_parse(good[i], strlen(good[i]), &reply), 0);
		KUNIT_EXPECT_TRUE(test, reply.record);
		KUNIT_EXPECT_FALSE(test, reply.ok);
		KUNIT_ASSERT_EQ(test, reply.body_len, strlen(want));
		KUNIT_EXPECT_EQ(test, memcmp(reply.body, want, strlen(want)), 0);
	}
	/* The same with a terminator is a message like any other. */
	KUNIT_ASSERT_EQ(test, eswifi_at_parse("\r\n[SOMA]#1[EOMA]\r\nOK\r\n> ", 24, &reply), 0);
	KUNIT_EXPECT_FALSE(test, reply.record);
	KUNIT_EXPECT_TRUE(test, reply.ok);
}

/* Its first bytes decide; how it ends differs. */
static void scan_record_forms(struct kunit *test)
{
	static const char * const good[] = {
		"\r\n[SOMA]#001,\"ap\"[EOMA]", "\r\n[SOMA]#001,\"ap\"[EOMA]\n",
		"\r\n[SOMA]#001,\"ap\"[EOMA]\r\r", "\r\n[SOMA]#001,\"ap\"\r",
		"\r\n#001,\"ap\"[EOMA]\r", "\r\n#001,\"ap\"\r\n", "\n\r\n#001,\"ap\"\r",
	};
	static const char want[] = "#001,\"ap\"";
	struct eswifi_reply reply;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		KUNIT_ASSERT_EQ_MSG(test, eswifi_at_parse(good[i], strlen(good[i]), &reply), 0,
				    "%s", good[i]);
		KUNIT_EXPECT_TRUE(test, reply.record);
		KUNIT_EXPECT_FALSE(test, reply.ok);
		KUNIT_ASSERT_EQ(test, reply.body_len, strlen(want));
		KUNIT_EXPECT_EQ(test, memcmp(reply.body, want, strlen(want)), 0);
	}
}

static void scan_record_broken(struct kunit *test)
{
	static const char * const bad[] = {
		"[SOMA]#001,\"ap\"[EOMA]\r", "\r\n[SOMA]001,\"ap\"[EOMA]\r",
		"\r\n[SOMA][TCP SVR] Accepted[EOMA]\r", "\r\n[SOMA]#[EOMA", "\r\n[EOMA]\r",
		"\r\n#", "\r\n[SOMA]#", "\r\n[SOMA]#\"ap\"",
	};
	struct eswifi_reply reply;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_parse(bad[i], strlen(bad[i]), &reply), -EPROTO,
				    "%s", bad[i]);
}

struct bss_case {
	const char *line;
	const char *ssid;
	s16 rssi;
	u16 rate;
	u8 security;
	u8 band;
	u8 channel;
	u8 adhoc;
};

static const struct bss_case bss_cases[] = {
	{ "#001,\"ap\",08:86:3B:2B:7E:2E,-51,54.0,Infrastructure,WPA2 AES,2.4GHz,1",
	  "ap", -51, 540, ESWIFI_SECURITY_WPA2, 2, 1, 0 },
	{ "#002,\"\",08:86:3b:2b:7e:2e,-9,6.5,Ad hoc,Open,5GHz,165",
	  "", -9, 65, ESWIFI_SECURITY_OPEN, 5, 165, 1 },
	/* no channel; no band; nothing at all */
	{ "#003,\"a\",08:86:3B:2B:7E:2E,-51,54.0,Infrastructure,WEP,2.4GHz",
	  "a", -51, 540, ESWIFI_SECURITY_WEP, 2, 0, 0 },
	{ "#004,\"a\",08:86:3B:2B:7E:2E,-51,54,Unknown,WPA",
	  "a", -51, 540, ESWIFI_SECURITY_WPA, 0, 0, 0 },
	{ "#005,\"a\",08:86:3B:2B:7E:2E,-51", "a", -51, 0, ESWIFI_SECURITY_OTHER, 0, 0, 0 },
	/* blanks; other words; marks; no quotes */
	{ "#011, \"a b\" , 08:86:3B:2B:7E:2E, -51, 54.0 , Infrastructure, WPA2 AES, 2.4GHz, 6",
	  "a b", -51, 540, ESWIFI_SECURITY_WPA2, 2, 6, 0 },
	{ "[SOMA]#012,\"a\",08:86:3B:2B:7E:2E,-51,54.0,Ad hoc,WPA2,2.4GHz,6[EOMA]",
	  "a", -51, 540, ESWIFI_SECURITY_WPA2, 2, 6, 1 },
	{ "#013,a,b\"c,08:86:3B:2B:7E:2E,-51,1.0,Infrastructure,Open,5GHz,36",
	  "a,b\"c", -51, 10, ESWIFI_SECURITY_OPEN, 5, 36, 0 },
	/* names that look like something else */
	{ "#006,\"a,b\",c\",08:86:3B:2B:7E:2E,-51,1.0,x,WPA2 Mixed,,", "a,b\",c", -51, 10,
	  ESWIFI_SECURITY_WPA_WPA2, 0, 0, 0 },
	{ "#007,\"\",08:86:3B:2B:7E:2E,-1\",08:86:3B:2B:7E:2E,-51,1.0,x,WPA WPA2,?,x",
	  "\",08:86:3B:2B:7E:2E,-1", -51, 10, ESWIFI_SECURITY_WPA_WPA2, 0, 0, 0 },
	{ "#008,\"\r\n#009,\"x\",08:86:3B:2B:7E:2E,-51,1.0,x,WPA2 TKIP,5GHz,36",
	  "\r\n#009,\"x", -51, 10, ESWIFI_SECURITY_WPA_WPA2, 5, 36, 0 },
	{ "#010,\"01234567890123456789012345678901\",08:86:3B:2B:7E:2E,-51,1.0,x,WPA2 FBT,5GHz,36",
	  "01234567890123456789012345678901", -51, 10, ESWIFI_SECURITY_OTHER, 5, 36, 0 },
};

static void bss_desc(const struct bss_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "record %.3s", c->line + 1);
}

KUNIT_ARRAY_PARAM(bss, bss_cases, bss_desc);

static void scan_bss(struct kunit *test)
{
	static const u8 bssid[] = { 0x08, 0x86, 0x3b, 0x2b, 0x7e, 0x2e };
	const struct bss_case *c = test->param_value;
	struct eswifi_reply reply = body(c->line);
	struct eswifi_bss bss;
	size_t pos = 0;

	KUNIT_ASSERT_TRUE(test, eswifi_at_bss(&reply, &pos, &bss));
	KUNIT_EXPECT_EQ(test, memcmp(bss.bssid, bssid, sizeof(bssid)), 0);
	KUNIT_ASSERT_EQ(test, bss.ssid_len, strlen(c->ssid));
	KUNIT_EXPECT_EQ(test, memcmp(bss.ssid, c->ssid, bss.ssid_len), 0);
	KUNIT_EXPECT_EQ(test, bss.rssi, c->rssi);
	KUNIT_EXPECT_EQ(test, bss.rate, c->rate);
	KUNIT_EXPECT_EQ(test, bss.security, c->security);
	KUNIT_EXPECT_EQ(test, bss.band, c->band);
	KUNIT_EXPECT_EQ(test, bss.channel, c->channel);
	KUNIT_EXPECT_EQ(test, bss.adhoc, c->adhoc);
	KUNIT_EXPECT_FALSE(test, eswifi_at_bss(&reply, &pos, &bss));
}

static void scan_list(struct kunit *test)
{
	struct eswifi_reply reply =
		body("#001,\"one\",00:00:00:00:00:01,-51,54.0,Infrastructure,WPA2 AES,2.4GHz,1\r\n"
		     "\r\n#002,\"odd\",00:00:00:00:00:0,-51,54.0,Infrastructure,Open,2.4GHz,1\r\n"
		     "[F0     ] something else\r\n"
		     "#003,\"three\",00:00:00:00:00:03,-53,54.0,Infrastructure,Open,2.4GHz,1\r");
	struct eswifi_bss bss;
	size_t pos = 0;

	KUNIT_ASSERT_TRUE(test, eswifi_at_bss(&reply, &pos, &bss));
	KUNIT_EXPECT_EQ(test, bss.bssid[5], 1);
	KUNIT_ASSERT_TRUE(test, eswifi_at_bss(&reply, &pos, &bss));
	KUNIT_EXPECT_EQ(test, bss.bssid[5], 3);
	KUNIT_EXPECT_FALSE(test, eswifi_at_bss(&reply, &pos, &bss));
	KUNIT_EXPECT_FALSE(test, eswifi_at_bss(&reply, &pos, &bss));
}

static void scan_bss_broken(struct kunit *test)
{
	static const char * const bad[] = {
		"", "#", "#001", "#001,", "#001,\"", "#001,\"a", "#001,\"a\"", "#001,\"a\",",
		"#001,\"a\",08:86:3B:2B:7E:2E", "#001,\"a\",08:86:3B:2B:7E:2E,",
		"#001,\"a\",08:86:3B:2B:7E:2E,x", "#001,\"a\",08:86:3B:2B:7E:2E,-",
		"#001,\"a\",08:86:3B:2B:7E:2E,-999", "#001,\"a\",08-86-3B-2B-7E-2E,-51",
		"#1000,\"a\",08:86:3B:2B:7E:2E,-51", "001,\"a\",08:86:3B:2B:7E:2E,-51",
		/* a name of 33 bytes */
		"#001,\"012345678901234567890123456789012\",08:86:3B:2B:7E:2E,-51",
	};
	struct eswifi_reply reply;
	struct eswifi_bss bss;
	size_t pos, i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		pos = 0;
		KUNIT_EXPECT_FALSE_MSG(test, eswifi_at_bss(&reply, &pos, &bss), "%s", bad[i]);
		KUNIT_EXPECT_EQ(test, pos, reply.body_len);
	}
}

/* ----------------------------------------------------- the module's own AP */

static void ap_clients(struct kunit *test)
{
	struct eswifi_reply reply = body("02:00:5E:00:54:01,192.168.10.2\r\n"
					 "1, 02:00:5e:00:54:02 192.168.10.3\r\n"
					 "nobody\r\n[AA     ] 192.168.10.9 02:00:5E:00:54:03\r\n");
	static const u8 ip[][4] = { { 192, 168, 10, 2 }, { 192, 168, 10, 3 }, { 192, 168, 10, 9 } };
	struct eswifi_ap_client client[4];
	size_t count, i;

	count = eswifi_at_clients(&reply, client, ARRAY_SIZE(client));
	KUNIT_ASSERT_EQ(test, count, 3);
	for (i = 0; i < count; i++) {
		KUNIT_EXPECT_EQ(test, client[i].mac[0], 2);
		KUNIT_EXPECT_EQ(test, client[i].mac[5], i + 1);
		KUNIT_EXPECT_EQ(test, memcmp(&client[i].ip, ip[i], 4), 0);
		KUNIT_EXPECT_EQ(test, client[i].rssi, 0);
	}
	KUNIT_EXPECT_EQ(test, eswifi_at_clients(&reply, client, 2), 2);

	reply = body("0");
	eswifi_at_client_signals(&reply, client, count);
	KUNIT_EXPECT_EQ(test, client[0].rssi, 0);
	reply = body("0,02:00:5E:00:54:02,-61\r\n1,02:00:5E:00:54:09,-1\r\n"
		     "2,02:00:5E:00:54:01,x\r\n3,02:00:5E:00:54:01,-42");
	eswifi_at_client_signals(&reply, client, 2);
	KUNIT_EXPECT_EQ(test, client[0].rssi, -42);
	KUNIT_EXPECT_EQ(test, client[1].rssi, -61);
	reply = body("");
	KUNIT_EXPECT_EQ(test, eswifi_at_clients(&reply, client, 4), 0);
}

static void ap_address(struct kunit *test)
{
	static const char * const good[] = {
		"[AP     ] SSID: n  MAC: C4:7F:51:01:02:03  ,11,192.168.10.1\r\n"
		"[WEB SVR] CSO Server started",
		"[AP     ] SSID: a,b,1.2.3.4,c MAC: C4:7F:51:01:02:03 ,11,192.168.10.1",
		/* with the mask behind it */
		"[AP     ] SSID: n  MAC: C4:7F:51:01:02:03  ,11,192.168.10.1,255.255.255.0",
	};
	static const char * const bad[] = {
		"", "[WEB SVR] CSO Server started", "[AP     ] Already running",
		"n,11,192.168.10.1",
		"[AP     ] SSID: n  MAC: C4:7F:51:01:02:03  ,11,192.168.10.",
	};
	static const u8 want[] = { 192, 168, 10, 1 };
	struct eswifi_reply reply;
	u8 ip[4] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		reply = body(good[i]);
		KUNIT_EXPECT_EQ(test, eswifi_at_ap_address(&reply, ip), 0);
		KUNIT_EXPECT_EQ(test, memcmp(ip, want, 4), 0);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		reply = body(bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_ap_address(&reply, ip), -EPROTO, "%s", bad[i]);
	}
}

static void ap_state(struct kunit *test)
{
	static const struct {
		const char *line;
		int ret;
	} cases[] = {
		{ "a,b,192.168.10.1,1,3,key, with commas,1,24,1", 0 },
		{ "a,b,192.168.10.1,1,3,key,1,24,0", -ENOTCONN },
		{ "a,b,192.168.10.1,1,3,key,1,24,2", -EPROTO },
		{ "a,b,192.168.10,1,3,key,1,24,1", -EPROTO },
		{ "other,192.168.10.1,1,3,key,1,24,1", -EPROTO },
		{ "a,b", -EPROTO }, { "a,b,", -EPROTO }, { "", -EPROTO },
	};
	static const u8 want[] = { 192, 168, 10, 1 };
	struct eswifi_reply reply;
	u8 ip[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		reply = body(cases[i].line);
		memset(ip, 0, sizeof(ip));
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_ap_state(&reply, "a,b", 3, ip), cases[i].ret,
				    "%s", cases[i].line);
		if (!cases[i].ret)
			KUNIT_EXPECT_EQ(test, memcmp(ip, want, 4), 0);
	}
}

/* -------------------------------------------------------- radio, questions */

static void radio_power_save(struct kunit *test)
{
	struct eswifi_reply reply =
		body("1,12345678,0x2FEF,0x4321,C4:7F:51:01:02:03,192.168.10.1,1,0,100,100,Name");
	bool on = false;

	KUNIT_EXPECT_EQ(test, eswifi_at_power_save(&reply, &on), 0);
	KUNIT_EXPECT_TRUE(test, on);
	reply = body("1,12345678,0x2FEF,0x4321,C4:7F:51:01:02:03,192.168.10.1,0,1,100,100,Name");
	KUNIT_EXPECT_EQ(test, eswifi_at_power_save(&reply, &on), 0);
	KUNIT_EXPECT_FALSE(test, on);
	reply = body("1,12345678,0x2FEF,0x4321,C4:7F:51:01:02:03,192.168.10.1");
	KUNIT_EXPECT_EQ(test, eswifi_at_power_save(&reply, &on), -EPROTO);
	reply = body("");
	KUNIT_EXPECT_EQ(test, eswifi_at_power_save(&reply, &on), -EPROTO);
}

static void ping_replies(struct kunit *test)
{
	static const struct {
		const char *line;
		int ret;
	} cases[] = {
		{ "192.168.1.1,17", 0 }, { "\r\n192.168.1.1,17\r\n", 0 },
		{ "192.168.1.1,Timeout", -ETIMEDOUT },
		{ "192.168.1.1,", -EPROTO }, { "192.168.1.1", -EPROTO }, { "", -EPROTO },
		{ "192.168.1.1,17ms", -EPROTO }, { "192.168.1.1,-17", -EPROTO },
		{ "192.168.1.1,99999999999999999999", -EPROTO },
	};
	struct eswifi_reply reply;
	size_t i;
	u32 ms;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		reply = body(cases[i].line);
		ms = 0;
		KUNIT_EXPECT_EQ_MSG(test, eswifi_at_ping(&reply, &ms), cases[i].ret, "%s",
				    cases[i].line);
		if (!cases[i].ret)
			KUNIT_EXPECT_EQ(test, ms, 17);
	}
}

static struct kunit_case scan_cases[] = {
	KUNIT_CASE(scan_record_is_no_ok),
	KUNIT_CASE(scan_record_forms),
	KUNIT_CASE(scan_record_broken),
	KUNIT_CASE_PARAM(scan_bss, bss_gen_params),
	KUNIT_CASE(scan_list),
	KUNIT_CASE(scan_bss_broken),
	KUNIT_CASE(ap_clients),
	KUNIT_CASE(ap_address),
	KUNIT_CASE(ap_state),
	KUNIT_CASE(radio_power_save),
	KUNIT_CASE(ping_replies),
	{}
};

static struct kunit_suite scan_suite = {
	.name = "eswifi_at_scan",
	.test_cases = scan_cases,
};

kunit_test_suite(scan_suite);
