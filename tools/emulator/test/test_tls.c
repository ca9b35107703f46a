// SPDX-License-Identifier: GPL-2.0-only
/* TLS against servers that are not ours: openssl s_server, in every verification mode. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define SIMPLE_FAILED	"\r\n[TCP SSL] Connecting to 127.0.0.1\r\n" \
	"[TCP SSL] Simple context, failed to connect\r\nERROR\r\n> "
#define ADVANCED_FAILED	"\r\n[TCP SSL] Connecting to 127.0.0.1\r\n" \
	"[TCP SSL] Advanced context, failed to connect\r\nERROR\r\n> "
#define SIMPLE	"\r\n[TCP SSL] Connecting to 127.0.0.1\r\nOK\r\n> "
#define ADVANCED	"\r\n[TCP SSL] Connecting to 127.0.0.1\r\n" \
	"[TCP SSL] Advanced context, Connected\r\nOK\r\n> "

/* A server's certificate by the good CA, one by another CA, and a client's. */
static const char make_keys[] =
	"cd '%s' && exec >/dev/null 2>&1 && for ca in good bad; do"
	" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650"
	" -subj /CN=$ca -keyout $ca-ca.key -out $ca-ca.pem &&"
	" for who in server client; do"
	" openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$who"
	" -keyout $ca-$who.key -out $ca-$who.csr &&"
	" openssl x509 -req -in $ca-$who.csr -CA $ca-ca.pem -CAkey $ca-ca.key -CAcreateserial"
	" -days 3650 -out $ca-$who.pem || exit 1; done || exit 1; done";

static pid_t start_server(int port, const char *who, const char *options)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001),
		.sin_port = htons(port),
	};
	char command[1024];
	pid_t child;
	int fd, i;

	snprintf(command, sizeof(command), "cd '%s' && exec openssl s_server -accept 127.0.0.1:%d "
		 "-cert %s-server.pem -key %s-server.key -rev -quiet %s >/dev/null 2>&1 </dev/null",
		 scratch(""), port, who, who, options);
	child = fork();
	if (!child) {
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	for (i = 0; i < 500; i++) {
		int no;

		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		no = connect(fd, (struct sockaddr *)&to, sizeof(to));
		close(fd);
		if (!no)
			return child;
		usleep(10000);
	}
	abort();
}

static void stop_server(pid_t child)
{
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
}

static void program_cut(struct module *m, int type, const char *name, size_t cut)
{
	static char line[8192];
	size_t len, header;
	FILE *file = fopen(scratch(name), "r");
	char pem[4096];

	if (!file)
		abort();
	len = fread(pem, 1, sizeof(pem), file) - cut;
	fclose(file);
	/* An even frame: a pad would become a part of the item. */
	header = sprintf(line, "PG=0,%d,%04zu\r", type, len);
	if ((header + len) % 2)
		header = sprintf(line, "PG=0,%d,%05zu\r", type, len);
	memcpy(line + header, pem, len);
	expect_bytes(m, line, header + len, OK, 10, name);
}

void tls_program(struct module *m, int type, const char *name)
{
	program_cut(m, type, name, 0);
}

/* Connect with P9=verify, expect that reply; if it is good, exchange a line. */
static void try(struct module *m, int verify, bool good, const char *reply, const char *name)
{
	char text[32];

	printf("# %s\n", name);
	snprintf(text, sizeof(text), "P9=%d", verify);
	expect(m, text, OK);
	expect(m, "P6=1", reply);
	if (good) {
		expect_bytes(m, "S3=6\rabcde\n", 11, "\r\n6\r\nOK\r\n> ", 11, "S3 over TLS");
		expect(m, "R0", "\r\nedcba\n\r\nOK\r\n> ");
	}
	expect(m, "P6=0", OK);
}

static struct module *start(const char *name)
{
	struct module *m = host_start("documented", name ? scratch(name) : NULL);

	join(m);
	expect(m, "P1=3", OK);
	expect(m, "P3=127.0.0.1", OK);
	expect(m, "R2=5000", OK);
	return m;
}

static void set_port(struct module *m, int port)
{
	char text[32];

	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, OK);
}

void test_tls(void)
{
	int good = free_port(), bad = free_port(), mutual = free_port(), new = free_port();
	pid_t servers[4];
	char command[2048];
	struct module *m;
	int i;

	snprintf(command, sizeof(command), make_keys, scratch(""));
	if (system(command))
		abort();
	servers[0] = start_server(good, "good", "");
	servers[1] = start_server(bad, "bad", "");
	servers[2] = start_server(mutual, "good", "-Verify 1 -verify_return_error -CAfile "
				  "good-ca.pem -tls1_2");
	servers[3] = start_server(new, "good", "-tls1_3");

	m = start(NULL);
	set_port(m, bad);
	try(m, 0, true, SIMPLE, "none: no verification");
	try(m, 1, true, SIMPLE, "optional without a CA: no verification either");
	try(m, 2, false, "\r\n[TCP SSL] No cert and/or key found.\r\nERROR\r\n> ",
	    "required with an empty set");
	tls_program(m, FLASH_CA, "good-ca.pem");
	try(m, 1, false, SIMPLE_FAILED, "optional: a server of another CA");
	expect(m, "PB=1", OK);
	try(m, 1, true, SIMPLE, "optional with PB=1: reported only");
	expect(m, "PB=0", OK);
	set_port(m, good);
	try(m, 1, true, SIMPLE, "optional: a server of the CA");
	try(m, 2, false, "\r\n[TCP SSL] No cert and/or key found.\r\nERROR\r\n> ",
	    "required with a CA only");
	set_port(m, mutual);
	try(m, 1, false, SIMPLE_FAILED, "optional sends no client certificate");
	tls_program(m, FLASH_CERT, "good-client.pem");
	tls_program(m, FLASH_KEY, "good-client.key");
	try(m, 1, false, SIMPLE_FAILED, "nor with a complete set");
	try(m, 0, false, SIMPLE_FAILED, "nor does none");
	try(m, 2, true, ADVANCED, "required: mutual");
	set_port(m, bad);
	try(m, 2, false, ADVANCED_FAILED, "required: a server of another CA");
	set_port(m, new);
	try(m, 0, false, SIMPLE_FAILED, "TLS 1.3 is not spoken");
	set_port(m, free_port());
	try(m, 0, false, SIMPLE_FAILED, "nobody listens");

	set_port(m, good);
	expect(m, "P6=1", SIMPLE);
	expect(m, "P0=3", OK);
	expect(m, "P1=3", OK);
	expect(m, "P3=127.0.0.1", OK);
	set_port(m, good);
	expect(m, "P6=1", "\r\n[TCP SSL] In use by socket 0\r\nERROR\r\n> ");
	expect(m, "P0=0", OK);
	stop_server(servers[0]);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	host_stop(m);

	m = start(NULL);
	program_cut(m, FLASH_CA, "good-ca.pem", 100);
	set_port(m, bad);
	try(m, 1, false,
	    "\r\n[TCP SSL] Root CA certificate failed to initialize: -1\r\nERROR\r\n> ",
	    "a CA that is cut short");
	tls_program(m, FLASH_CERT, "good-client.pem");
	tls_program(m, FLASH_KEY, "bad-client.key");
	host_stop(m);

	m = start(NULL);
	tls_program(m, FLASH_CA, "good-ca.pem");
	tls_program(m, FLASH_CERT, "good-client.pem");
	tls_program(m, FLASH_KEY, "bad-client.key");
	set_port(m, mutual);
	try(m, 2, false, "\r\n[TCP SSL] Initialize Identity failed\r\nERROR\r\n> ",
	    "a key that is not the certificate's");
	host_stop(m);
	for (i = 1; i < 4; i++)
		stop_server(servers[i]);
}
