// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives any bytes to everything in the driver that reads what a module, a user
 * or a file wrote, and checks what must hold whatever they are. The sanitizers
 * see what is read or written outside of its memory.
 *
 * Built with STANDALONE it makes its inputs itself, from a fixed seed: good
 * ones, mutated. Otherwise libFuzzer makes them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uapi/linux/eswifi.h>

#include "cert.h"
#include "test_pem.h"

#define REQUIRE(condition)						\
	do {								\
		if (!(condition)) {					\
			printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();					\
		}							\
	} while (0)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static bool begins(const u8 *data, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(data, with, strlen(with));
}

static void require_printable(const char *text, size_t len, size_t size)
{
	size_t i;

	REQUIRE(len < size && strlen(text) == len);
	for (i = 0; i < len; i++)
		REQUIRE(text[i] >= ' ' && text[i] <= '~');
}

static void require_inside(const u8 *part, size_t part_len, const u8 *buf, size_t len)
{
	REQUIRE(part >= buf && part_len <= len && part - buf <= (ptrdiff_t)(len - part_len));
}

static void fuzz_frame(const u8 *data, size_t len)
{
	u8 *buf = malloc(len + 1);
	const u8 *start;
	size_t left, even;

	REQUIRE(buf);
	memcpy(buf, data, len);
	left = eswifi_frame_strip(buf, len, &start);
	require_inside(start, left, buf, len);
	REQUIRE(!left || (start[0] != ESWIFI_NAK && start[left - 1] != ESWIFI_NAK));

	even = eswifi_frame_encode(buf, len);
	REQUIRE(even == len + len % 2);
	eswifi_frame_swap(buf, even);
	REQUIRE(!memcmp(buf, data, len));
	REQUIRE(even == len || buf[len] == ESWIFI_PAD);
	free(buf);
}

static void fuzz_body(const struct eswifi_reply *reply)
{
	struct eswifi_identity id = { 0 };
	struct eswifi_station station;
	size_t pos = 0, len, n;
	const u8 *line;
	bool used[3];
	char text[48];
	long number;
	u8 ip[4];

	while (eswifi_at_line(reply, &pos, &line, &len)) {
		REQUIRE(len > 0);
		require_inside(line, len, reply->body, reply->body_len);
		eswifi_at_ipv4(line, len, ip);
	}
	n = eswifi_at_text(reply, text, sizeof(text));
	require_printable(text, n, sizeof(text));
	if (!eswifi_at_identity(reply, &id)) {
		require_printable(id.model, strlen(id.model), sizeof(id.model));
		require_printable(id.firmware, strlen(id.firmware), sizeof(id.firmware));
	}
	eswifi_at_mac(reply, id.mac);
	eswifi_at_number(reply, &number);
	eswifi_at_slots(reply, used);
	REQUIRE(!eswifi_at_match(reply) || reply->ok);
	eswifi_at_join(reply, (const u8 *)"a,b", 3, ip);
	eswifi_at_station(reply, &station);
}

static void fuzz_radio(const struct eswifi_reply *reply)
{
	struct eswifi_ap_client client[ESWIFI_AP_CLIENTS];
	struct eswifi_bss bss;
	size_t pos = 0, last = 0, count;
	bool on;
	u8 ip[4];
	u32 ms;

	while (eswifi_at_bss(reply, &pos, &bss)) {
		REQUIRE(pos > last && pos <= reply->body_len && bss.ssid_len <= ESWIFI_SSID_MAX);
		last = pos;
	}
	count = eswifi_at_clients(reply, client, ESWIFI_AP_CLIENTS);
	REQUIRE(count <= ESWIFI_AP_CLIENTS);
	eswifi_at_client_signals(reply, client, count);
	eswifi_at_ap_address(reply, ip);
	eswifi_at_ap_state(reply, (const u8 *)"a,b", 3, ip);
	eswifi_at_power_save(reply, &on);
	eswifi_at_ping(reply, &ms);
}

static void fuzz_message(const u8 *data, size_t len)
{
	const u8 *start, *text;
	size_t left = eswifi_at_begin(data, len, &start), text_len, used;

	require_inside(start, left, data, len);
	if (eswifi_at_message(start, left, ESWIFI_MESSAGE_BEFORE_PAYLOAD, &text, &text_len))
		require_inside(text, text_len, start, left);
	used = eswifi_at_message(start, left, ESWIFI_MESSAGE_FRONT, &text, &text_len);
	REQUIRE(used <= left);
	if (!used)
		return;
	require_inside(text, text_len, start + 8, used - 8);
	REQUIRE(*text == '[' && !memcmp(start + used - 8, "[EOMA]\r\n", 8));
}

static void fuzz_reply(const u8 *data, size_t len)
{
	struct eswifi_reply reply;
	const u8 *start;
	size_t left = eswifi_at_begin(data, len, &start);
	int ret = eswifi_at_parse(data, len, &reply);

	if (ret == -EPROTO) {
		/* Taken as a body, it must not hurt either. */
		reply.ok = true;
		reply.body = data;
		reply.body_len = len;
	} else if (reply.record) {
		/* No success, whatever it was the answer to */
		REQUIRE(!ret && !reply.ok);
		require_inside(reply.body, reply.body_len, start + 2, left - 2);
	} else {
		REQUIRE(left >= 4 && !memcmp(start + left - 4, "\r\n> ", 4));
		REQUIRE(ret == 0 || (ret == -EBADMSG && !reply.ok));
		REQUIRE(!reply.ok || (left >= 6 && !memcmp(start + left - 6, "OK", 2)));
		require_inside(reply.body, reply.body_len, start, left);
		if (!reply.ok)
			require_inside(reply.error, reply.error_len, start, left);
	}
	fuzz_body(&reply);
	fuzz_radio(&reply);
	fuzz_message(data, len);
	eswifi_frame_counted(data, len);
	eswifi_at_message_place(data, len);
	eswifi_at_serves(data, len);
	left = eswifi_frame_strip(data, len, &start);
	if (!eswifi_at_parse_prompt(data, len))
		REQUIRE(left == 4);
}

static void fuzz_command(const u8 *data, size_t len)
{
	size_t used;

	if (!eswifi_at_check_user(data, len, true, &used))
		REQUIRE(used && used <= len && !begins(data, len, "A0"));
	if (!eswifi_at_check_user(data, len, false, &used)) {
		REQUIRE(used && used <= len && len - used <= 2);
		REQUIRE(!begins(data, len, "A0") && !begins(data, len, "PG"));
		/* One CR is the end of the command, whoever adds it. */
		REQUIRE(!memchr(data, '\r', used) || begins(data, len, "S3="));
	} else {
		REQUIRE(!used);
	}
	REQUIRE(eswifi_at_timeout_ms(data, len) >= 5000);
	REQUIRE(eswifi_at_secret(data, len) || !begins(data, len, "C2"));
	if (!eswifi_at_check_value(data, len, 32))
		REQUIRE(len && len <= 32 && !memchr(data, '\r', len));
	if (!eswifi_at_check_host(data, len, 63))
		REQUIRE(len && len <= 63 && !memchr(data, ',', len));
}

static void require_part(struct eswifi_bytes part, const u8 *data, size_t len)
{
	if (part.len)
		require_inside(part.data, part.len, data, len);
}

static void fuzz_der(const u8 *data, size_t len)
{
	struct eswifi_bytes der = { data, len };
	struct eswifi_private_key key;
	struct eswifi_public_key cert;

	if (!eswifi_der_certificate(der, &cert)) {
		require_part(cert.number, data, len);
		REQUIRE(eswifi_der_same_key(&cert, &cert));
	}
	if (!eswifi_der_private_key(der, &key)) {
		require_part(key.public.number, data, len);
		require_part(key.n, data, len);
		require_part(key.e, data, len);
		require_part(key.d, data, len);
		require_part(key.p, data, len);
		require_part(key.q, data, len);
	}
}

static void fuzz_pem(const u8 *data, size_t len)
{
	struct eswifi_bytes part = { data, len }, rest = part, block;
	u8 *buf = malloc(len + 16);
	struct eswifi_pem_fault fault;
	unsigned int line = 1, begin;
	bool sound = false;
	int item, ret;

	REQUIRE(buf);
	for (item = 0; item < ESWIFI_CERT_ITEMS; item++) {
		memset(&fault, 0, sizeof(fault));
		if (eswifi_pem_check(item, data, len, &fault))
			REQUIRE(fault.what && fault.line <= len + 1);
		else
			sound = true;
	}
	eswifi_pem_trim(&part);
	REQUIRE(part.data >= data && part.data + part.len <= data + len);
	if (sound)
		REQUIRE(begins(part.data, part.len, "-----BEGIN "));
	do {
		ret = eswifi_pem_next(&rest, &line, &block, &begin, buf, len + 16);
		if (!ret) {
			REQUIRE(begin < line && rest.data + rest.len <= data + len);
			fuzz_der(block.data, block.len);
		}
		REQUIRE(!sound || !ret || ret == -ENOENT);
	} while (!ret);
	free(buf);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	/* Of just this size, so that the sanitizer knows where it ends. */
	u8 *copy = malloc(len ? len : 1);

	REQUIRE(copy);
	memcpy(copy, data, len);
	fuzz_frame(copy, len);
	fuzz_reply(copy, len);
	fuzz_command(copy, len);
	fuzz_pem(copy, len);
	fuzz_der(copy, len);
	free(copy);
	return 0;
}

#ifdef STANDALONE

static const char * const seeds[] = {
	"",
	"\r\n\r\nOK\r\n> ",
	"\x15\x15\r\n> ",
	"\r\n-1\r\nERROR\r\n> \x15",
	"\r\n\r\nERROR: Bad Argument\r\nUsage: P1=<n>\r\n> ",
	"\r\nab\r\nOK\r\n> cd\r\nOK\r\n> ",
	"\r\nISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0,v8.2.1,120000000,x\r\nOK\r\n> ",
	"\r\nC4:7F:51:01:02:03\r\nOK\r\n> ",
	"\r\n[JOIN   ] a,b,192.168.1.174,0,0\r\nOK\r\n> ",
	"\r\nnet,pass,3,1,0,1.2.3.4,255.255.255.0,1.2.3.1,8.8.8.8,,2,0,0,US,1\r\nOK\r\n> ",
	"\r\n1,1,0\r\nOK\r\n> ",
	"\r\n[CERTS   ] Match\r\nOK\r\n> ",
	"\r\n-51\r\nOK\r\n> ",
	"\r\n[SOMA]#001,\"ap\",08:86:3B:2B:7E:2E,-51,54.0,Ad hoc,WPA2 AES,2.4GHz,1[EOMA]\r",
	"\r\n#001,\"a\",08:86:3B:2B:7E:2E,-51,54.0,Infrastructure,Open,5GHz,36\r\n"
	"#002,\"\",08:86:3B:2B:7E:2F,-52\r\nOK\r\n> ",
	"\r\n02:00:5E:00:54:01,192.168.10.2\r\n0,02:00:5E:00:54:01,-42\r\nOK\r\n> ",
	"\r\n[AP     ] SSID: a,b MAC: C4:7F:51:01:02:03  ,11,192.168.10.1\r\nOK\r\n> ",
	"\r\na,b,192.168.10.1,1,3,key,1,24,1\r\nOK\r\n> ",
	"\r\n1.2.3.4,Timeout\r\nOK\r\n> ",
	"S3=5\rhello",
	"T2=65535\r\n",
	"C1=my net\r",
	"PG=0,0,3\rabc",
	"-----BEGIN CERTIFICATE-----\nMAMCAQA=\n-----END CERTIFICATE-----\n",
	TEST_PEM_CA, TEST_PEM_KEY, TEST_RSA_CERT, TEST_RSA_KEY,
	"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
	"-----BEGIN EC PRIVATE KEY-----\r\nMAMCAQA=\r\n-----END EC PRIVATE KEY-----\r\n",
};

static u32 pick(u32 below)
{
	static unsigned long long state = 0x9e3779b97f4a7c15;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 32) % below;
}

static size_t mutate(u8 *buf, size_t len, size_t size)
{
	static const u8 special[] = "\r\n> \x15OKER,=.:-0123\x00\xff";
	size_t at = len ? pick(len) : 0, n;
	const char *other;

	switch (pick(5)) {
	case 0:		/* other byte */
		if (len)
			buf[at] = pick(2) ? special[pick(sizeof(special))] : (u8)pick(256);
		return len;
	case 1:		/* one more */
		if (len == size)
			return len;
		memmove(buf + at + 1, buf + at, len - at);
		buf[at] = special[pick(sizeof(special))];
		return len + 1;
	case 2:		/* a few less */
		n = len - at < 4 ? len - at : 4;
		memmove(buf + at, buf + at + n, len - at - n);
		return len - n;
	case 3:		/* cut off */
		return at;
	default:	/* another input from here on */
		other = seeds[pick(ARRAY_SIZE(seeds))];
		n = strlen(other);
		if (n > size - at)
			n = size - at;
		memcpy(buf + at, other, n);
		return at + n;
	}
}

int main(int argc, char **argv)
{
	long runs = argc > 1 ? atol(argv[1]) : 100000, i;
	u8 buf[2048];

	for (i = 0; i < runs; i++) {
		const char *seed = seeds[i % ARRAY_SIZE(seeds)];
		size_t len = strlen(seed);
		int changes = i < (long)ARRAY_SIZE(seeds) ? 0 : pick(6);

		memcpy(buf, seed, len);
		while (changes--)
			len = mutate(buf, len, sizeof(buf));
		LLVMFuzzerTestOneInput(buf, len);
	}
	/* Whatever fails does not come here. */
	printf("1..1\nok 1 %ld inputs\n", runs);
	return 0;
}

#endif /* STANDALONE */
