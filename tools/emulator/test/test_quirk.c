// SPDX-License-Identifier: GPL-2.0-only
/* Quirks that stand alone, and replies that are given. */
#include <string.h>

#include "test.h"

static struct module *with(const char *name)
{
	struct module *m = host_start("documented", NULL);

	test_ok(!quirk_parse(&m->quirks, name), name);
	return m;
}

static void test_names(void)
{
	struct quirks quirks = { 0 };
	bool ok = true;
	char off[64];
	int id;

	for (id = 0; id < QUIRKS; id++) {
		snprintf(off, sizeof(off), "no-%s", quirk_name(id));
		ok = ok && !quirk_parse(&quirks, quirk_name(id)) && quirks.on[id] &&
		     !quirk_parse(&quirks, off) && !quirks.on[id];
	}
	test_ok(ok, "every quirk can be turned on and off");
	test_ok(quirk_parse(&quirks, "nonsense") < 0, "a quirk that is none");
}

static void test_wire_quirks(void)
{
	struct module *m;
	uint8_t reply[64];
	uint64_t start;

	m = with("cmd-late");
	boot(m);
	host_wait(m, 1, 20000);
	start = loop_now();
	expect(m, "P0=1", OK);
	host_wait(m, 1, 20000);
	test_ok(loop_now() - start >= 2000000, "the next command phase comes late");
	host_stop(m);

	m = with("late-execution");
	boot(m);
	host_wait(m, 1, 1000);
	start = loop_now();
	host_send(m, "P0=2", 4);
	test_ok(host_wait(m, 1, 20000) && loop_now() - start >= 4000000 &&
		host_read(m, reply, sizeof(reply)) == 10, "executed without CR");
	expect(m, "P0", "\r\n2\r\nOK\r\n> ");
	host_stop(m);

	m = with("drdy-float");
	m->timing.boot = 50000;
	wire_power_on(m);
	memset(reply, '\n', 4);
	test_ok(test_ready && host_clock(m, reply, 4, true) == 4 &&
		!memcmp(reply, "\xff\xff\xff\xff", 4), "high while it boots, and nothing to read");
	test_ok(host_wait(m, 0, 1000) && host_wait(m, 1, 1000) &&
		host_read(m, reply, sizeof(reply)) == 6, "then the prompt");
	host_stop(m);

	m = with("reset-deaf");
	boot(m);
	expect(m, "P0=1", OK);
	host_reset(m, true);
	host_reset(m, false);
	expect(m, "P0", "\r\n1\r\nOK\r\n> ");
	host_wait(m, 1, 1000);
	host_reset(m, true);
	test_ok(host_wait(m, 0, 2000), "a long pulse resets");
	host_reset(m, false);
	test_ok(host_wait(m, 1, 1000) && host_read(m, reply, sizeof(reply)) == 6, "and it boots");
	host_stop(m);
}

/* Read the reply to P0 and so many bytes beyond; whether there is a command phase then. */
static bool goes_on(struct module *m, size_t beyond)
{
	uint8_t data[64];

	if (!host_wait(m, 1, 100))
		return false;
	host_send(m, "P0=1\r", 5);
	host_wait(m, 1, 1000);
	host_clock(m, data, 10 + beyond, true);
	return host_wait(m, 1, 100);
}

static void test_over_read(void)
{
	struct module *m = with("over-read");

	boot(m);
	test_ok(goes_on(m, 0) && goes_on(m, 32), "32 bytes beyond a reply are fine");
	test_ok(!goes_on(m, 34), "more are the end");
	host_reset(m, true);
	host_reset(m, false);
	test_ok(host_wait(m, 1, 1000), "until reset");
	host_stop(m);

	m = with("no-over-read");
	boot(m);
	test_ok(goes_on(m, 34) && goes_on(m, 0), "or not");
	host_stop(m);
}

static void test_clock(void)
{
	struct module *m = with("clock");
	uint8_t reply[3][256];
	size_t n[3];
	int i;

	boot(m);
	test_speed_hz = 10000000;
	for (i = 0; i < 3; i++)
		n[i] = host_command(m, "I?\r", 3, reply[i], sizeof(reply[i]));
	test_ok(n[0] && n[0] == n[1] && n[1] == n[2] && memcmp(reply[0], reply[1], n[0]) &&
		memcmp(reply[1], reply[2], n[0]), "clock: I? is another one each time");
	test_speed_hz = 5000000;
	expect(m, "P0", "\r\n0\r\nOK\r\n> ");
	test_speed_hz = 0;
	host_stop(m);
}

static void test_form_quirks(void)
{
	struct module *m;

	m = with("no-crlf");
	boot(m);
	expect(m, "MT=1", OK);
	expect(m, "P0=9", "ERROR\r\n> ");
	expect(m, "R0", "[TCP  RX] Endpoint not connectedERROR\r\n> ");
	expect(m, "P0", "\r\n0\r\nOK\r\n> ");
	host_stop(m);

	m = with("mt-default");
	boot(m);
	expect(m, "QQ", ERROR);
	host_stop(m);

	m = with("high-bytes");
	boot(m);
	expect(m, "C1=caf\xc3\xa9", OK);
	test_ok(!strcmp(m->set.ssid, "caf"), "two bytes are gone");
	host_stop(m);

	m = with("oem-name");
	boot(m);
	expect(m, "I?", "\r\nSENSOR-BOX,C3.5.2.9.DOC,v3.5.2,v1.4.0.rc1,v8.2.1,120000000,"
	       "Inventek eS-WiFi,R2\r\nOK\r\n> ");
	host_stop(m);

	m = with("crlf-empty");
	boot(m);
	expect(m, "P0=1", "\r\n\r\n\r\nOK\r\n> ");
	host_stop(m);

	m = with("join-self");
	strcpy(m->config.ap[0].ssid, "home");
	m->config.aps = 1;
	boot(m);
	expect(m, "CS", "\r\n1\r\nOK\r\n> ");
	host_stop(m);
}

static void test_replies(void)
{
	struct module *m = host_start("documented", NULL);
	const char *path = scratch("dialogue");
	FILE *file = fopen(path, "w");

	fputs("     1.000000 > P0=3\n     1.000100 < \\r\\nfirst\\r\\nOK\\r\\n> \n"
	      "> P0=3\n< \\r\\nthen\\x21\\r\\nOK\\r\\n> \n", file);
	fclose(file);
	test_ok(!replies_add(&m->replies, "C0=OK\\r\\n> ") &&
		!replies_add(&m->replies, "P0=1=\\r\\nwell\\r\\nOK\\r\\n> ") &&
		!replies_read(&m->replies, path), "replies are taken");
	test_ok(replies_add(&m->replies, "C0") < 0 &&
		replies_add(&m->replies, "C0=\\q") < 0, "what is no reply is not");
	boot(m);
	expect(m, "C0", "OK\r\n> ");
	expect(m, "P0=1", "\r\nwell\r\nOK\r\n> ");
	expect(m, "P0", "\r\n0\r\nOK\r\n> ");
	expect(m, "P0=3", "\r\nfirst\r\nOK\r\n> ");
	expect(m, "P0=3", "\r\nthen!\r\nOK\r\n> ");
	expect(m, "P0=3", "\r\nthen!\r\nOK\r\n> ");
	host_stop(m);
}

void test_quirk(void)
{
	test_names();
	test_wire_quirks();
	test_over_read();
	test_clock();
	test_form_quirks();
	test_replies();
}
