// SPDX-License-Identifier: GPL-2.0-only
/* Certificate slots, and frames that are no command, as they were seen on firmware. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define PEM	"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
#define MATCH	"\r\n[CERTS   ] Match\r\nOK\r\n> "
#define USED	"\r\n[CERTS   ] Selected item unavailable (used)\r\nERROR\r\n> "
#define IFLASH	"\r\n[CERTS  ] Failed to write to iFlash: 4\r\n" \
		"[CERTS  ] Failed to write to iFlash: -1\r\n\r\n\r\nERROR\r\n> "

static struct module *seen(const char *firmware)
{
	struct module *m = host_start(firmware, NULL);

	boot(m);
	expect(m, "MT=1", OK);
	return m;
}

/* PG with a payload of n bytes that is said to have len. */
static void program(struct module *m, int set, int type, const char *len, const char *data,
		    size_t n, const char *reply)
{
	static char frame[8192];
	int header = snprintf(frame, sizeof(frame), "PG=%d,%d,%s\r", set, type, len);

	memcpy(frame + header, data, n);
	expect_bytes(m, frame, header + n, reply, strlen(reply), len);
}

static void no_reply(struct module *m, const char *frame, size_t len, const char *name)
{
	unsigned int before = m->forbidden;

	host_wait(m, 1, 1000);
	if (len)
		host_send(m, frame, len);
	else
		host_pulse(m);
	test_ok(!host_wait(m, 1, 50), name);
	test_ok(m->forbidden == before + 1, "and it is counted");
	host_reset(m, true);
	host_reset(m, false);
	host_wait(m, 1, 1000);
	host_read(m, (uint8_t[16]){ 0 }, 16);
}

static void test_frames(void)
{
	static char longest[2050];
	struct module *m = seen("C3.5.2.5.STM");

	no_reply(m, "", 0, "chip select alone");
	no_reply(m, "\n\n", 2, "a read where a command is wanted");
	no_reply(m, "I?", 2, "half a command");
	no_reply(m, "\nI?\r", 4, "LF first");
	no_reply(m, "\rI?\r", 4, "CR first");
	no_reply(m, "\0I?\r", 4, "NUL first");
	no_reply(m, "P\n0\r", 4, "LF inside");
	no_reply(m, "\xc3\xa9\r\n", 4, "nothing but bytes that are dropped");
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "P0=1", 4);
	longest[2048] = '\r';
	no_reply(m, longest, 2050, "a CR behind byte 2048");
	longest[2047] = '\r';
	expect_bytes(m, longest, 2048, OK, 10, "a CR as byte 2048");
	test_ok(m->forbidden == 9, "nine frames were none");
	host_stop(m);
}

static void test_pad(void)
{
	struct module *m = seen("C3.5.2.5.STM");
	char len[8];
	int n = strlen(PEM);

	/* Odd: the host's pad, which is LF here, becomes part of the item. */
	snprintf(len, sizeof(len), "%0*d", n % 2 ? 2 : 3, n);
	program(m, 0, 0, len, PEM, n, OK);
	test_ok(m->flash.item[0][0].len == strlen(PEM) + 1, "the pad is in the slot");
	program(m, 0, 0, len, PEM, n, MATCH);
	/* Even by the digits of the length. */
	snprintf(len, sizeof(len), "%0*d", n % 2 ? 3 : 2, n);
	program(m, 0, 0, len, PEM, n, USED);
	program(m, 1, 0, len, PEM, n, OK);
	test_ok(m->flash.item[1][0].len == strlen(PEM), "no pad is in the slot");
	/* Two bytes too many: nothing ends the item, and comparing it is the end. */
	program(m, 2, 0, "10", "-----BEGINxx", 12, OK);
	host_wait(m, 1, 1000);
	host_send(m, "PG=2,0,10\r-----BEGINxx", 22);
	test_ok(!host_wait(m, 1, 50), "an item without an end is never compared");
	host_stop(m);
}

static void test_short(void)
{
	static char big[2100];
	struct module *m = seen("C3.5.2.5.STM");

	program(m, 0, 1, "0100", "-----BEGIN", 10,
		"\r\nData mismatch, 10 bytes received!\r\n> " OK);
	expect(m, "PE=0", "\r\n1,0,1\r\nOK\r\n> ");
	program(m, 0, 1, "0100", "-----BEGIN", 10,
		"\r\nData mismatch, 10 bytes received!\r\n> " MATCH);
	memset(big, 'x', sizeof(big));
	memcpy(big, "-----BEGIN", 10);
	program(m, 1, 1, "2100", big, sizeof(big),
		"\r\nData mismatch, 2036 bytes received!\r\n> " OK);
	test_ok(m->flash.item[1][1].burns == 1, "and it is burnt");
	host_wait(m, 1, 1000);
	host_send(m, "PG=2,1,\r\n", 9);
	test_ok(!host_wait(m, 1, 50), "a length that is none is never answered");
	host_stop(m);
}

static void test_begin(void)
{
	struct module *m = seen("C3.5.2.5.STM");

	program(m, 0, 0, "04", "text", 4, OK);
	expect(m, "PE=0", "\r\n1,1,1\r\nOK\r\n> ");
	program(m, 0, 0, "04", "text", 4, OK);
	program(m, 0, 0, "04", "word", 4, IFLASH);
	expect(m, "PE", "\r\n1,1,1,1\r\nOK\r\n> ");
	program(m, 2, 0, "10", "-----BEGIN", 10, OK);
	program(m, 2, 1, "10", "-----BEGIN", 10, OK);
	expect(m, "PE", "\r\n1,1,1,1\r\nOK\r\n> ");
	program(m, 2, 2, "10", "-----BEGIN", 10, OK);
	expect(m, "PE", "\r\n1,1,0,1\r\nOK\r\n> ");
	program(m, 3, 0, "10", "-----BEGIN", 10, OK);
	program(m, 3, 0, "11", "-----BEGINx", 11, OK);
	test_ok(m->flash.item[3][0].burns == 2, "set 3 is written again");
	host_stop(m);
}

static void test_spill(void)
{
	static char big[4096];
	struct module *m = host_start("C6.2.1.11", NULL);

	memset(big, 'x', sizeof(big));
	memcpy(big, "-----BEGIN", 10);
	boot(m);
	program(m, 0, 0, "4094", big, 4094, OK);
	test_ok(!m->flash.item[1][0].data, "4094 bytes are clean");
	program(m, 0, 1, "4095", big, 4095, OK);
	test_ok(m->flash.item[0][2].len == 1, "4095 bytes spoil the slot behind");
	expect(m, "PE=0", "\r\n0,0,1\r\nOK\r\n> ");
	program(m, 0, 2, "10", "-----BEGIN", 10, IFLASH);
	host_stop(m);
}

static void test_torn(void)
{
	struct module *m = seen("C3.5.2.5.STM");

	program(m, 0, 0, "0058", PEM, 58, OK);
	flash_tear(&m->flash, 0, 0, 30);
	expect(m, "PE=0", "\r\n0,1,1\r\nOK\r\n> ");
	host_wait(m, 1, 1000);
	host_send(m, "PG=0,0,0058\r" PEM, 12 + 58);
	test_ok(!host_wait(m, 1, 50), "a torn item is never compared");
	host_stop(m);
}

void test_slots(void)
{
	test_frames();
	test_pad();
	test_short();
	test_begin();
	test_spill();
	test_torn();
}
