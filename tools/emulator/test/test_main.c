// SPDX-License-Identifier: GPL-2.0-only
/* Checks the emulator byte for byte against what is known of the module; prints TAP. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define RECORD	"#001,\"ap\",08:86:3B:2B:7E:2E,-51,54.0,Infrastructure,WPA2 AES,2.4GHz,1"

static int tests, failures;
static char directory[] = "/tmp/emulator-test-XXXXXX";

void test_ok(bool ok, const char *name)
{
	struct buf text = { 0 };

	buf_escape(&text, name, strlen(name));
	failures += !ok;
	printf("%sok %d - %.*s\n", ok ? "" : "not ", ++tests, (int)text.len, (char *)text.data);
	fflush(stdout);
	buf_free(&text);
}

const char *scratch(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void diagnose(const char *what, const void *data, size_t len)
{
	struct buf text = { 0 };

	buf_escape(&text, data, len);
	printf("# %s: %zu bytes: %.*s\n", what, len, (int)text.len, (char *)text.data);
	buf_free(&text);
}

/* The reply must be those bytes, and a stuffing byte if they are odd in number. */
void expect_bytes(struct module *m, const void *command, size_t len, const void *reply,
		  size_t reply_len, const char *name)
{
	uint8_t got[8192];
	size_t n = host_command(m, command, len, got, sizeof(got));
	bool ok = n == reply_len + reply_len % 2 && !memcmp(got, reply, reply_len) &&
		  (n == reply_len || got[n - 1] == NAK);

	test_ok(ok, name);
	if (!ok) {
		diagnose("got", got, n);
		diagnose("expected", reply, reply_len);
	}
}

/* command has no CR at its end. */
void expect(struct module *m, const char *command, const char *reply)
{
	char line[256];

	snprintf(line, sizeof(line), "%s\r", command);
	expect_bytes(m, line, strlen(line), reply, strlen(reply), command);
}

void expect_payload(struct module *m, const char *header, const char *payload,
		    const char *reply)
{
	char line[4096];

	snprintf(line, sizeof(line), "%s\r%s", header, payload);
	expect_bytes(m, line, strlen(line), reply, strlen(reply), header);
}

static void add_ap(struct module *m, const char *ssid, enum security security)
{
	struct ap *ap = &m->config.ap[m->config.aps++];

	*ap = (struct ap){
		.passphrase = "secret-secret", .security = security, .channel = 1, .rssi = -51,
		.bssid = { 0x08, 0x86, 0x3b, 0x2b, 0x7e, 0x2e },
		.address.s_addr = htonl(0x7f004d0a),	/* 127.0.77.10 */
	};
	strcpy(ap->ssid, ssid);
}

void boot(struct module *m)
{
	uint8_t prompt[16];
	size_t n;

	wire_power_on(m);
	if (!host_wait(m, 1, 1000))
		abort();
	n = host_read(m, prompt, sizeof(prompt));
	if (n != 6 && n != 4)
		abort();
}

void join(struct module *m)
{
	add_ap(m, "drogue", SEC_WPA2);
	boot(m);
	expect(m, "MT=1", OK);
	expect(m, "C1=drogue", OK);
	expect(m, "C2=secret-secret", OK);
	expect(m, "C3=3", OK);
	expect(m, "C0", "\r\n[JOIN   ] drogue,127.0.77.10,0,0\r\nOK\r\n> ");
}

static int bound(int type, int *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, len) ||
	    getsockname(fd, (struct sockaddr *)&name, &len))
		abort();
	if (type == SOCK_STREAM && listen(fd, 4))
		abort();
	*port = ntohs(name.sin_port);
	return fd;
}

int free_port(void)
{
	int port, fd = bound(SOCK_STREAM, &port);

	close(fd);
	return port;
}

static void test_wire(void)
{
	struct module *m = host_start("documented", NULL);
	uint8_t word[16], reply[64];
	size_t n;

	wire_power_on(m);
	test_ok(!test_ready, "data-ready is low while booting");
	test_ok(host_wait(m, 1, 1000), "data-ready rises for the prompt");
	memset(word, '\n', sizeof(word));
	host_clock(m, word, 6, true);
	test_ok(!memcmp(word, "\x15\x15\n\r >", 6), "prompt, as it is on the wire");
	test_ok(host_wait(m, 1, 100) && m->wire.state == WIRE_COMMAND, "then a command is wanted");

	memcpy(word, "?I\n\r", 4);
	host_clock(m, word, 4, true);
	test_ok(!memcmp(word, "\x15\x15\x15\x15", 4), "stuffing while a command is sent");
	test_ok(host_wait(m, 1, 100), "data-ready rises for the reply");
	memset(word, '\n', sizeof(word));
	host_clock(m, word, 4, true);
	test_ok(!memcmp(word, "\n\rSI", 4), "first words of the reply");
	test_ok(test_ready, "data-ready stays high: the rest is kept");
	n = host_read(m, reply, sizeof(reply));
	test_ok(n == 64 && !memcmp(reply, "M43362", 6), "the rest, with another chip select");
	while (test_ready && m->wire.state == WIRE_DATA)
		n = host_read(m, reply, sizeof(reply));
	test_ok(!memcmp(reply + n - 2, "> ", 2) || !memcmp(reply + n - 4, "> \x15", 3) ||
		reply[n - 1] == NAK, "the end of the reply");

	expect_bytes(m, "P4=80\r\n", 7, OK, 10, "a line feed and a pad behind a command");
	expect_bytes(m, "P0=1\rX", 6, OK, 10, "one byte behind a command");
	expect_bytes(m, "P0\rXXX", 6, "\r\n1\r\nERROR: Too Many Arguments\r\n"
		     "Usage: P0 <socket 0-3>\r\n> ", 58, "three bytes are an error");

	host_wait(m, 1, 100);
	host_send(m, "P0", 2);
	test_ok(!host_wait(m, 1, 50), "no reply to a command without CR");
	host_reset(m, true);
	test_ok(!test_ready, "reset");
	host_reset(m, false);
	test_ok(host_wait(m, 1, 1000) && host_read(m, reply, sizeof(reply)) == 6 &&
		!memcmp(reply, "\x15\x15\r\n> ", 6), "prompt after reset");
	host_wait(m, 1, 100);
	host_send(m, "S3=4\rab", 7);
	test_ok(!host_wait(m, 1, 50), "no reply to a short payload");
	host_reset(m, true);
	host_reset(m, false);
	host_wait(m, 1, 1000);
	memset(word, '\n', sizeof(word));
	host_clock(m, word, 12, true);
	test_ok(!memcmp(word, "\x15\x15\n\r >\x15\x15\x15\x15\x15\x15", 12), "over-reading");
	expect(m, "P0", "\r\n0\r\nOK\r\n> ");
	expect(m, "ZR", "\r\n[MODULE ] Resetting...\r\nOK\r\n> ");
	test_ok(host_wait(m, 1, 1000) && host_read(m, reply, sizeof(reply)) == 6, "ZR boots again");
	host_stop(m);
}

static void test_grammar(void)
{
	struct module *m = host_start("documented", NULL);
	uint8_t prompt[16];

	add_ap(m, "NETGEAR_MBED", SEC_WPA2);
	add_ap(m, "ap", SEC_WPA2);
	boot(m);
	expect(m, "I?", "\r\nISM43362-M3G-L44-SPI,C3.5.2.9.DOC,v3.5.2,v1.4.0.rc1,v8.2.1,120000000,"
	       "Inventek eS-WiFi\r\nOK\r\n> ");
	expect(m, "P1=0", OK);
	expect(m, "P0=1", OK);
	expect(m, "P0", "\r\n1\r\nOK\r\n> ");
	expect(m, "C1=NETGEAR_MBED", OK);
	expect(m, "C0", "\r\n[JOIN   ] NETGEAR_MBED\r\n[JOIN   ] Failed\r\nERROR: Unknown Error\r\n"
	       "Usage: C0 \r\n> ");
	expect(m, "P0=4", "\r\n\r\nERROR: Bad Argument\r\nUsage: P0 <socket 0-3>\r\n> ");
	expect(m, "P3=1.2.3", "\r\n\r\nERROR: Bad Address Value\r\nUsage: P3 <address>\r\n> ");
	expect(m, "PK=1", "\r\n\r\nERROR: Insufficient Arguments\r\n"
	       "Usage: PK <0|1>,<ms 250-7200000>\r\n> ");
	expect(m, "QQ", "\r\n\r\nERROR: Unknown Command\r\n> ");
	expect(m, "p0", "\r\n\r\nERROR: Unknown Command\r\n> ");
	expect(m, "", "\r\n\r\nERROR: No Command Entered\r\n> ");
	expect(m, "MT=1", OK);
	expect(m, "QQ", ERROR);
	expect(m, "C0", "\r\n[JOIN   ] NETGEAR_MBED\r\n[JOIN   ] Failed\r\nERROR\r\n> ");
	expect(m, "MR", "\r\n[SOMA][EOMA]\r\nOK\r\n> ");
	expect(m, "F5=ap", OK);
	expect(m, "F0=2", "\r\n[SOMA]" RECORD "[EOMA]\r");
	expect(m, "MR", OK);
	expect(m, "F0", "\r\n" RECORD "\r\nOK\r\n> ");
	expect(m, "P8=7", ERROR);
	expect(m, "CN=XX", "\r\n[CN     ] XX Country is not supported by firmware\r\nERROR\r\n> ");
	expect(m, "CN=FR/1", OK);
	expect(m, "CN", "\r\nFR/1\r\nOK\r\n> ");
	expect(m, "P?", "\r\n0,0.0.0.0,5024,0.0.0.0,5025,0,0,1,0,0\r\nOK\r\n> ");
	expect(m, "P6=1", "\r\n[P6     ] Invalid IP Address\r\nERROR\r\n> ");
	expect(m, "D0=x.invalid", "\r\n[DNS  LU] Host not found x.invalid:-1\r\nERROR\r\n> ");
	expect(m, "CS", "\r\n0\r\nOK\r\n> ");
	expect(m, "F5=ap", OK);
	expect(m, "CR", "\r\n0\r\nOK\r\n> ");
	expect(m, "A7=1.1.1.1", ERROR);
	host_stop(m);

	m = host_start("C6.2.1.11", NULL);
	fault_parse(&m->faults, "boot-no-nak");
	wire_power_on(m);
	host_wait(m, 1, 1000);
	test_ok(host_read(m, prompt, sizeof(prompt)) == 4 && !memcmp(prompt, "\r\n> ", 4),
		"prompt without stuffing");
	expect(m, "I?", "\r\nISM43362-M3G-L44-SPI,C6.2.1.11,v006.002.001.0002,v2.0.3,v9.0.0,"
	       "120000000,Inventek eS-WiFi\r\nOK\r\n> ");
	expect(m, "P8=16", OK);
	expect(m, "A7=255.255.0.0", OK);
	expect(m, "P?", "\r\n0,0.0.0.0,0,0.0.0.0,0,0,0,16,0,0,0,7200000\r\nOK\r\n> ");
	host_stop(m);

	m = host_start("C6.2.1.8", NULL);
	boot(m);
	expect(m, "P1=0", "\r\n\r\n\r\nOK\r\n> ");
	host_stop(m);
}

static void test_data(void)
{
	static const char eager[] = "\x01\x02\r\nOK\r\n> \x03\x04";
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f004d0a) };
	struct linger reset = { .l_onoff = 1 };
	struct module *m = host_start("documented", NULL);
	int port, server, fd;
	char text[128], got[64];

	join(m);
	expect(m, "C0", "\r\nAlready connected!\r\nERROR\r\n> ");
	expect(m, "CR", "\r\n-51\r\nOK\r\n> ");
	expect(m, "R0", "\r\n[TCP  RX] Endpoint not connected\r\nERROR\r\n> ");
	server = bound(SOCK_STREAM, &port);
	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, OK);
	expect(m, "D0=127.0.0.1", "\r\n127.0.0.1\r\nOK\r\n> ");
	expect(m, "R2=50", OK);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	expect(m, "P6=1", "\r\n[TCP  RC] Already Connected\r\nERROR\r\n> ");
	fd = accept(server, NULL, NULL);
	expect_payload(m, "S3=10", "0123456789", "\r\n10\r\nOK\r\n> ");
	test_ok(read(fd, got, sizeof(got)) == 10 && !memcmp(got, "0123456789", 10), "peer got it");
	expect_payload(m, "S3=0010", "012345678\r", "\r\n10\r\nOK\r\n> ");
	test_ok(read(fd, got, sizeof(got)) == 10, "peer got that, too");
	expect(m, "R0", OK);
	if (write(fd, "\x01\x02", 2) != 2)
		abort();
	expect(m, "R0", "\r\n\x01\x02\r\nOK\r\n> ");
	if (write(fd, eager, 12) != 12)
		abort();
	expect_bytes(m, "R0\r", 3, "\r\n\x01\x02\r\nOK\r\n> \x03\x04\r\nOK\r\n> ", 22,
		     "payload that contains a terminator");
	if (write(fd, "hello", 5) != 5)
		abort();
	expect(m, "R4", "\r\n0005hello\r\nOK\r\n> ");
	close(fd);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	expect_payload(m, "S3=1", "x", "\r\n-1\r\nOK\r\n> ");
	expect(m, "P6=0", OK);
	expect(m, "P6=0", OK);

	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	fd = accept(server, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	expect(m, "P6=0", OK);
	close(server);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\n[TCP  RC] Failed to connect\r\n"
	       "ERROR\r\n> ");

	/* A TCP server, with a client that comes and goes. */
	port = free_port();
	snprintf(text, sizeof(text), "P2=%d", port);
	expect(m, "P0=2", OK);
	expect(m, text, OK);
	expect(m, "P5=11", OK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	to.sin_port = htons(port);
	test_ok(!connect(fd, (struct sockaddr *)&to, sizeof(to)), "a client comes");
	snprintf(text, sizeof(text), "\r\n[SOMA][TCP SVR] Accepted 127.0.0.1:%d[EOMA]\r\nOK\r\n> ",
		 port);
	while (!m->messages)
		loop_step(&m->loop, 1000);
	expect(m, "MR", text);
	if (write(fd, "hi", 2) != 2)
		abort();
	expect(m, "R0", "\r\nhi\r\nOK\r\n> ");
	close(fd);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	expect(m, "P5=10", OK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) || write(fd, "yo", 2) != 2)
		abort();
	while (!m->messages)
		loop_step(&m->loop, 1000);
	snprintf(text, sizeof(text),
		 "\r\n[SOMA][TCP SVR] Accepted 127.0.0.1:%d[EOMA]yo\r\nOK\r\n> ", port);
	expect(m, "R0", text);
	expect(m, "P5=0", OK);
	test_ok(read(fd, got, 1) == 0, "the client sees the end");
	close(fd);

	/* R0 that waits, and a reset while it does. */
	server = bound(SOCK_STREAM, &port);
	expect(m, "P0=0", OK);
	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, OK);
	expect(m, "R2=30000", OK);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	host_wait(m, 1, 100);
	host_send(m, "R0\r", 3);
	test_ok(!host_wait(m, 1, 50), "R0 waits");
	host_reset(m, true);
	host_reset(m, false);
	test_ok(host_wait(m, 1, 1000) && host_read(m, (uint8_t *)got, sizeof(got)) == 6,
		"reset ends its wait");
	fd = accept(server, NULL, NULL);
	test_ok(read(fd, got, 1) < 0 && errno == ECONNRESET, "and the connection");
	close(fd);
	close(server);
	host_stop(m);
}

static void test_udp(void)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	struct module *m = host_start("C6.2.1.8", NULL);
	char text[64], got[64];
	int port, fd;

	add_ap(m, "open", SEC_OPEN);
	boot(m);
	expect(m, "C1=open", "\r\n\r\n\r\nOK\r\n> ");
	expect(m, "C0", "\r\n[JOIN   ] open,127.0.77.10,0,0\r\nOK\r\n> ");
	fd = bound(SOCK_DGRAM, &port);
	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, "\r\n\r\n\r\nOK\r\n> ");
	expect(m, "P3=127.0.0.1", "\r\n\r\n\r\nOK\r\n> ");
	expect(m, "P1=1", "\r\n\r\n\r\nOK\r\n> ");
	snprintf(text, sizeof(text), "\r\n[UDP  RC] Socket opened on port %d\r\nOK\r\n> ", port);
	expect(m, "P6=1", text);
	expect_payload(m, "S3=2", "ab", "\r\n2\r\nOK\r\n> ");
	test_ok(recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&from, &len) == 2 &&
		from.sin_addr.s_addr == htonl(0x7f004d0a), "datagram from the module's address");
	sendto(fd, "xyz", 3, 0, (struct sockaddr *)&from, len);
	expect(m, "R0", "\r\nxyz\r\n\r\nOK\r\n> ");
	sendto(fd, "x", 1, 0, (struct sockaddr *)&from, len);
	expect(m, "R0", "\r\n\r\n\r\nOK\r\n> ");
	close(fd);
	host_stop(m);
}

static void write_config(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		abort();
}

/* The access point goes, with a connection open, and comes back. */
/* Not every machine lets an ordinary user ping. */
static int may_ping(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

	if (fd < 0)
		fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (fd < 0)
		return 0;
	close(fd);
	return 1;
}

static void test_link(void)
{
	static const char home[] = "[ap]\nssid = home\naddress = 127.0.77.10\n"
				   "[hosts]\nserver.example = 127.0.0.1\n";
	struct module *m = host_start("C6.2.1.11", NULL);
	int port, server = bound(SOCK_STREAM, &port), i;
	char path[256], text[32];
	uint8_t reply[128];
	uint64_t start;
	size_t n;

	strcpy(path, scratch("link"));
	write_config(path, home);
	if (config_read(&m->config, path))
		abort();
	boot(m);
	expect(m, "MT=1", OK);
	expect(m, "CC=2", OK);
	expect(m, "C1=home", OK);
	expect(m, "D0=server.example", "\r\n[DNS  LU] Host not found server.example:9\r\n"
	       "ERROR\r\n> ");
	expect(m, "T0", "\r\n0.0.0.0,Not connected\r\nERROR\r\n> ");
	expect(m, "C0", "\r\n[JOIN   ] home,127.0.77.10,0,0\r\nOK\r\n> ");
	expect(m, "D0=server.example", "\r\n127.0.0.1\r\nOK\r\n> ");
	expect(m, "D0=localhost", "\r\n127.0.0.1\r\nOK\r\n> ");
	expect(m, "D0=host.invalid", "\r\n[DNS  LU] Host not found host.invalid:4\r\n"
	       "ERROR\r\n> ");
	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, OK);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	expect(m, "R2=80", OK);
	start = loop_now();
	expect(m, "R0", OK);
	test_ok(loop_now() - start >= 80000, "R0 took the time of R2");
	expect(m, "T1=127.0.0.1", OK);
	expect(m, "T2=1", OK);
	n = host_command(m, "T0\r", 3, reply, sizeof(reply) - 1);
	reply[n] = 0;
	if (may_ping())
		test_ok(sscanf((char *)reply, "\r\n127.0.0.1,%d\r\n127.0.0.1,%d\r\nOK", &i,
			       &i) == 2, "two pings");
	else
		test_ok(strstr((char *)reply, "ERROR"), "no right to ping is an error");

	write_config(path, "");
	module_reload(m, path);
	expect(m, "MR", "\r\n[SOMA][INFO   ] Link Down[EOMA]\r\nOK\r\n> ");
	expect(m, "CS", "\r\n0\r\nOK\r\n> ");
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	expect(m, "P6=0", OK);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1"
	       "[TCP  RC] Failed to connect\r\nERROR\r\n> ");
	write_config(path, home);
	module_reload(m, path);
	expect(m, "MR", "\r\n[SOMA][INFO   ] Link Up[EOMA]\r\nOK\r\n> ");
	expect(m, "CS", "\r\n1\r\nOK\r\n> ");
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");

	for (i = 0; i < 20; i++)
		m->config.ap[m->config.aps++] = m->config.ap[0];
	host_wait(m, 1, 100);
	host_send(m, "F0\r", 3);
	test_ok(!host_wait(m, 1, 100), "no reply to a scan of more than 20 networks");
	close(server);
	host_stop(m);
}

static void test_faults(void)
{
	struct module *m = host_start("documented", NULL);
	struct fault_plan plan = { 0 };
	uint8_t data[64], reply[64];

	test_ok(fault_parse(&plan, "nonsense") == -ENOENT &&
		fault_parse(&plan, "lie=x") == -EINVAL && fault_parse(&plan, "lie@0") == -EINVAL, "faults that are none");
	fault_parse(&m->faults, "no-boot@1");
	fault_parse(&m->faults, "endless-stuffing@2");
	fault_parse(&m->faults, "stuck-low@3");
	boot(m);
	host_reset(m, true);
	host_reset(m, false);
	test_ok(!host_wait(m, 1, 50), "no-boot@1 is about the first reset");
	host_reset(m, true);
	host_reset(m, false);
	test_ok(host_wait(m, 1, 1000), "it boots the next time");
	host_read(m, data, sizeof(data));
	expect(m, "P1=0", OK);
	host_wait(m, 1, 100);
	host_send(m, "P1=0\r", 5);
	host_wait(m, 1, 100);
	test_ok(host_read(m, data, sizeof(data)) == 64 && test_ready && data[63] == NAK,
		"endless-stuffing@2");
	host_reset(m, true);
	host_reset(m, false);
	host_wait(m, 1, 1000);
	host_read(m, data, sizeof(data));
	host_wait(m, 1, 100);
	host_send(m, "P1=0\r", 5);
	test_ok(!host_wait(m, 1, 50), "stuck-low@3");
	host_reset(m, true);
	host_reset(m, false);
	host_wait(m, 1, 1000);
	host_read(m, data, sizeof(data));
	fault_parse(&m->faults, "late-drdy=2000");
	host_wait(m, 1, 100);
	host_send(m, "P1=0\r", 5);
	host_wait(m, 1, 100);
	memset(reply, '\n', sizeof(reply));
	host_clock(m, reply, 12, false);
	test_ok(test_ready && reply[11] == NAK, "late-drdy: still high after the last word");
	test_ok(host_wait(m, 0, 100), "late-drdy: low in the end");
	host_stop(m);
}

static void test_config(void)
{
	static struct config config;
	char path[256];
	FILE *file;

	strcpy(path, scratch("config"));
	file = fopen(path, "w");
	fputs("# two networks\n[ap]\nssid = a \"b\", c\nsecurity = mixed\n"
	      "passphrase =  two blanks\nchannel = 36\naddress = 10.0.0.2\n[ap]\nssid = hid\nhidden = yes\n\n[hosts]\n"
	      "server.example = 127.0.0.1\n", file);
	fclose(file);
	test_ok(!config_read(&config, path) && config.aps == 2 && config.hosts == 1, "config");
	test_ok(config_find_ap(&config, "a \"b\", c") == &config.ap[0] &&
		!strcmp(config.ap[0].passphrase, " two blanks") && config.ap[1].hidden &&
		config.ap[0].channel == 36, "config values");
	file = fopen(path, "a");
	fputs("[ap]\nchannel = many\n", file);
	fclose(file);
	test_ok(config_read(&config, path) == -EINVAL && config.aps == 2, "bad config is refused");
}

int main(void)
{
	char command[64];

	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(directory))
		abort();
	test_wire();
	test_grammar();
	test_data();
	test_udp();
	test_link();
	test_flash();
	test_faults();
	test_quirk();
	test_slots();
	test_config();
	test_sweep("C3.5.2.5.STM");
	test_sweep("C6.2.1.11");
	test_network();
	test_tls();
	test_seen_tls();
	printf("1..%d\n", tests);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command))
		failures++;
	return failures ? 1 : 0;
}
