// SPDX-License-Identifier: GPL-2.0-only
/* Quirks of connections, one by one: what a module does with each, and does not without. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define SEEN	"C3.5.2.5.STM"

static int serve(int *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t len = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, len) || listen(fd, 4) ||
	    getsockname(fd, (struct sockaddr *)&name, &len))
		abort();
	*port = ntohs(name.sin_port);
	return fd;
}

static void set_port(struct module *m, const char *command, int port)
{
	char text[32];

	snprintf(text, sizeof(text), "%s=%d", command, port);
	expect(m, text, OK);
}

static struct module *start(enum quirk id, bool on)
{
	struct module *m = host_start(SEEN, NULL);

	m->quirks.on[id] = on;
	join(m);
	expect(m, "P3=127.0.0.1", OK);
	expect(m, "R2=20", OK);
	return m;
}

/* A server of the module and a client that came to it, not yet asked about. */
static int come(struct module *m, const char *how, int port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f004d0a),
		.sin_port = htons(port),
	};
	uint64_t end = loop_now() + 2000000;
	uint8_t reply[256];
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (how)
		host_command(m, how, strlen(how), reply, sizeof(reply));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		abort();
	while (m->sock[0].fd < 0 && m->sock[0].accepting && loop_now() < end)
		loop_step(&m->loop, 1000);
	return fd;
}

static void test_messages(void)
{
	struct module *m = start(QUIRK_SOMA_ANYWHERE, true);
	uint8_t reply[256];
	int port = free_port(), fd;
	size_t n;

	set_port(m, "P2", port);
	fd = come(m, "P5=11\r", port);
	n = host_command(m, "P0=0\r", 5, reply, sizeof(reply));
	test_ok(n > 30 && !memcmp(reply, "\r\n[SOMA][TCP SVR] Accepted ", 27) &&
		memmem(reply, n, "[EOMA]\r\n\r\n\r\nOK\r\n> ", 18),
		"soma-anywhere: in front of a reply of another command");
	expect(m, "MR", "\r\n[SOMA][EOMA]\r\nOK\r\n> ");
	close(fd);
	host_stop(m);
	m = start(QUIRK_SOMA_ANYWHERE, false);
	port = free_port();
	set_port(m, "P2", port);
	fd = come(m, "P5=11\r", port);
	expect(m, "P0=0", OK);
	n = host_command(m, "MR\r", 3, reply, sizeof(reply));
	test_ok(n > 30 && !memcmp(reply, "\r\n[SOMA][TCP SVR] Accepted ", 27),
		"no-soma-anywhere: it waits for MR");
	close(fd);
	host_stop(m);
}

static void test_once(void)
{
	struct module *m = start(QUIRK_P5_ONCE, true);
	int port = free_port(), fd;
	char text[128];

	set_port(m, "P2", port);
	close(come(m, "P5=1\r", port));
	snprintf(text, sizeof(text), "\r\n[SOMA][TCP SVR] Accepted 127.0.0.1:%d[EOMA]\r\nOK\r\n> ",
		 port);
	expect(m, "MR", text);
	expect(m, "P5=10", "\r\n[TCP SVR] Waiting on connection ...\r\nOK\r\n> ");
	fd = come(m, NULL, port);
	expect(m, "MR", "\r\n[SOMA][EOMA]\r\nOK\r\n> ");
	test_ok(m->sock[0].fd < 0, "p5-once: the second client is never shown");
	close(fd);
	host_stop(m);
}

static void test_block(void)
{
	struct module *m = start(QUIRK_ACCEPT_BLOCK, true);
	int port = free_port(), fd;
	uint8_t reply[256];
	uint64_t before;
	size_t n;

	m->timing.accept = 10000000;
	m->timing.block = 50000;
	set_port(m, "P2", port);
	fd = come(m, "P5=11\r", port);
	host_command(m, "MR\r", 3, reply, sizeof(reply));
	before = loop_now();
	n = host_command(m, "P?\r", 3, reply, sizeof(reply));
	test_ok(n && loop_now() - before >= 50000 && memmem(reply, n, ",0.0.0.0,", 9),
		"accept-block: P? takes long, and shows nobody");
	before = loop_now();
	host_command(m, "I?\r", 3, reply, sizeof(reply));
	test_ok(loop_now() - before < 50000, "accept-block: I? does not");
	close(fd);
	host_stop(m);
}

static void test_reset(void)
{
	const struct linger reset = { .l_onoff = 1 };
	int port, server = serve(&port), fd, on;

	for (on = 0; on < 2; on++) {
		struct module *m = start(QUIRK_RST_SILENT, on);

		set_port(m, "P4", port);
		expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
		fd = accept(server, NULL, NULL);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
		expect(m, "R0", on ? OK : "\r\n-1\r\nERROR\r\n> ");
		expect_payload(m, "S3=1", "x", "\r\n-1\r\nERROR\r\n> ");
		host_stop(m);
	}
	close(server);
}

/* Behind P5=10 a server takes what the module itself opens; both sockets have it then. */
static void test_own(void)
{
	int port, own = free_port(), server = serve(&port), fd;
	struct module *m = start(QUIRK_ACCEPT_ASTRAY, true);
	const struct timeval patience = { .tv_sec = 5 };
	char text[128];

	set_port(m, "P2", own);
	fd = come(m, "P5=11\r", own);
	close(fd);
	host_command(m, "MR\r", 3, (uint8_t *)text, sizeof(text));
	expect(m, "P5=10", "\r\n[TCP SVR] Waiting on connection ...\r\nOK\r\n> ");
	expect(m, "P0=1", OK);
	expect(m, "P3=127.0.0.1", OK);
	set_port(m, "P4", port);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	fd = accept(server, NULL, NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	expect(m, "MR", "\r\n[SOMA][EOMA]\r\nOK\r\n> ");
	expect(m, "P0=0", OK);
	snprintf(text, sizeof(text), "\r\n0,127.0.0.1,%d,127.0.0.1,%d,1,0,1,1,0,0,7200000\r\nOK\r\n> ",
		 own, port);
	expect(m, "P?", text);
	if (send(fd, "hello", 5, 0) != 5)
		abort();
	expect(m, "R0", "\r\nhello\r\nOK\r\n> ");
	expect(m, "P5=10", "\r\n[TCP SVR] Waiting on connection ...\r\nOK\r\n> ");
	test_ok(recv(fd, text, 1, 0) == 0, "accept-astray: P5=10 ends the module's own connection");
	expect(m, "P0=1", OK);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	expect_payload(m, "S3=1", "x", "\r\n-1\r\nERROR\r\n> ");
	close(fd);
	host_stop(m);
	close(server);
}

/* A peer that does not read costs the time of PY, not of S2. */
static void test_stall(void)
{
	int port, server = serve(&port), fd, i;
	struct module *m = start(QUIRK_SEND_STALL, true);
	static char line[8 + 1460] = "S3=1460\r";
	uint8_t reply[64];
	uint64_t before;

	memset(line + 8, 'x', 1460);
	set_port(m, "P4", port);
	expect(m, "PY=200", OK);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	fd = accept(server, NULL, NULL);
	for (i = 0; i < 20000; i++) {
		before = loop_now();
		host_command(m, line, sizeof(line), reply, sizeof(reply));
		if (memcmp(reply, "\r\n1460", 6))
			break;
	}
	test_ok(!memcmp(reply, "\r\n-1\r\nERROR", 11) && loop_now() - before >= 200000 &&
		loop_now() - before < 5000000, "send-stall: as long as PY says");
	expect(m, "R0", OK);
	expect_payload(m, "S3=1", "x", "\r\n-1\r\nERROR\r\n> ");
	close(fd);
	host_stop(m);
	close(server);
}

static void test_small(void)
{
	int port, server = serve(&port), fd;
	struct module *m = start(QUIRK_MINUS_ONE, true);

	set_port(m, "P4", port);
	expect(m, "P6=1", "\r\n[TCP  RC] Connecting to 127.0.0.1\r\nOK\r\n> ");
	fd = accept(server, NULL, NULL);
	close(fd);
	expect(m, "R0", "\r\n-1\r\nOK\r\n> ");
	host_stop(m);

	m = start(QUIRK_R_PER_SOCKET, false);
	expect(m, "P0=1", OK);
	expect(m, "R?", "\r\n1460,20,0\r\nOK\r\n> ");
	host_stop(m);

	m = start(QUIRK_D0_SETS_P3, false);
	expect(m, "D0=1.2.3.4", "\r\n1.2.3.4\r\nOK\r\n> ");
	expect(m, "P?", "\r\n0,0.0.0.0,0,127.0.0.1,0,0,0,1,0,0,0,7200000\r\nOK\r\n> ");
	host_stop(m);

	m = start(QUIRK_AD_FORM, true);
	expect(m, "AS=0,home", OK);
	expect(m, "AD", "\r\n[AP     ] SSID: home,1ERROR\r\n> ");
	host_stop(m);

	m = start(QUIRK_CN_HOLDS, false);
	expect(m, "CN=FR/0", "\r\nFR/0\r\nOK\r\n> ");
	host_stop(m);
	close(server);
}

void test_network(void)
{
	test_messages();
	test_once();
	test_block();
	test_reset();
	test_own();
	test_stall();
	test_small();
}
