// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS as C3.5.2.5.STM was seen to have it, against a server that does what it is told:
 * records, farewells, and what the module says when it refuses a server. The
 * certificates are test_tls.c's.
 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define SEEN	"C3.5.2.5.STM"
#define FAILED	"\r\n[TCP SSL] Packet reception failed: 5003\r\nERROR\r\n> "

/**
 * struct script - what the server does once it has read a byte
 * @sizes: of the records that it sends, up to the first 0
 * @farewell: says good-bye behind them
 * @stays: and leaves TCP open
 */
struct script {
	int sizes[4];
	bool farewell;
	bool stays;
};

/* One write: what is behind it does not come in a segment of its own. */
static void play(SSL *ssl, int fd, const struct script *script)
{
	BIO *all = BIO_new(BIO_s_mem());
	uint8_t data[16384];
	char *bytes;
	long len;
	int i;

	memset(data, 'x', sizeof(data));
	BIO_up_ref(all);
	SSL_set0_wbio(ssl, all);
	for (i = 0; script->sizes[i]; i++)
		if (SSL_write(ssl, data, script->sizes[i]) != script->sizes[i])
			abort();
	if (script->farewell)
		SSL_shutdown(ssl);
	len = BIO_get_mem_data(all, &bytes);
	if (send(fd, bytes, len, MSG_NOSIGNAL) != len)
		abort();
	BIO_free(all);
}

/* What becomes of each client is told as a letter: done, alert or end. */
static void serve(int listener, const char *who, const struct script *script, int told)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	char path[256], byte;
	int fd;

	SSL_CTX_set_security_level(ctx, 0);
	/* How long a record is on the wire is this one's. */
	SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-SHA256");
	snprintf(path, sizeof(path), "%s-server.pem", who);
	if (SSL_CTX_use_certificate_chain_file(ctx, scratch(path)) != 1)
		abort();
	snprintf(path, sizeof(path), "%s-server.key", who);
	if (SSL_CTX_use_PrivateKey_file(ctx, scratch(path), SSL_FILETYPE_PEM) != 1)
		abort();
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		SSL *ssl = SSL_new(ctx);

		ERR_clear_error();
		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1)
			byte = 'd';
		else
			byte = ERR_GET_REASON(ERR_peek_error()) >= SSL_AD_REASON_OFFSET ? 'a' : 'e';
		if (write(told, &byte, 1) != 1)
			abort();
		if (byte == 'd' && SSL_read(ssl, &byte, 1) == 1)
			play(ssl, fd, script);
		/* It ends when the module does. */
		if (script->stays)
			while (recv(fd, path, sizeof(path), 0) > 0)
				;
		SSL_free(ssl);
		close(fd);
	}
}

struct server {
	pid_t child;
	int told;
};

static struct server start_server(int *port, const char *who, const struct script *script)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), ends[2];
	socklen_t len = sizeof(name);
	struct server server;

	if (bind(fd, (struct sockaddr *)&name, len) || listen(fd, 4) ||
	    getsockname(fd, (struct sockaddr *)&name, &len) || pipe(ends))
		abort();
	*port = ntohs(name.sin_port);
	server.child = fork();
	if (!server.child) {
		close(ends[0]);
		serve(fd, who, script, ends[1]);
		_exit(0);
	}
	close(fd);
	close(ends[1]);
	server.told = ends[0];
	return server;
}

static void stop_server(struct server *server)
{
	kill(server->child, SIGTERM);
	waitpid(server->child, NULL, 0);
	close(server->told);
}

/* Whether it told just that, in the end. */
static bool told(struct server *server, const char *want)
{
	struct pollfd pollfd = { .fd = server->told, .events = POLLIN };
	char text[8] = "";
	size_t n = 0;

	while (n < strlen(want) && poll(&pollfd, 1, 10000) > 0 && read(server->told, text + n, 1) == 1)
		n++;
	/* And no more than that. */
	n += poll(&pollfd, 1, 50) > 0 && read(server->told, text + n, 1) == 1;
	return n == strlen(want) && !strcmp(text, want);
}

static struct module *start(int port, int verify)
{
	struct module *m = host_start(SEEN, NULL);
	char text[32];

	join(m);
	expect(m, "P1=3", OK);
	expect(m, "P3=127.0.0.1", OK);
	snprintf(text, sizeof(text), "P4=%d", port);
	expect(m, text, OK);
	snprintf(text, sizeof(text), "P9=%d", verify);
	expect(m, text, OK);
	return m;
}

/* Connect and wait until all has come that the server sends. */
static struct module *connect_and_wait(int port, int all)
{
	struct module *m = start(port, 0);
	int waiting = 0, i;
	uint8_t bytes[32768];

	expect(m, "P6=1", "\r\n[TCP SSL] Connecting to 127.0.0.1\r\nOK\r\n> ");
	expect(m, "R2=20", OK);
	expect_bytes(m, "S3=1\rx", 6, "\r\n1\r\nOK\r\n> ", 11, "the server is told to speak");
	for (i = 0; i < 2000 && waiting < all; i++) {
		waiting = recv(m->sock[0].fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
		usleep(1000);
	}
	return m;
}

/* R0 or R4 gives so many bytes of data, and these behind them. */
static void gives(struct module *m, const char *command, int data, const char *tail, size_t len,
		  const char *name)
{
	uint8_t want[2048] = "\r\n";
	size_t n = 2;

	if (!strncmp(command, "R4", 2))
		n += sprintf((char *)want + n, "%04zu", data + len);
	memset(want + n, 'x', data);
	n += data;
	memcpy(want + n, tail, len);
	n += len;
	memcpy(want + n, "\r\nOK\r\n> ", 8);
	expect_bytes(m, command, strlen(command), want, n + 8, name);
}

static void test_farewell(void)
{
	const struct script near = { .sizes = { 5 }, .farewell = true, .stays = true };
	const struct script ends = { .sizes = { 1000 }, .farewell = true };
	const struct script far = { .sizes = { 1340 }, .farewell = true, .stays = true };
	struct server server;
	struct module *m;
	int port;

	server = start_server(&port, "good", &near);
	m = connect_and_wait(port, 60);
	gives(m, "R4\r", 5, "\x01\x00", 2, "a farewell right behind data is data, too");
	expect(m, "R4", OK);
	expect(m, "R0", OK);
	host_stop(m);
	m = connect_and_wait(port, 60);
	expect(m, "R1=6", OK);
	gives(m, "R0\r", 5, "\x01", 1, "as much of it as there is room for");
	gives(m, "R0\r", 0, "\x00", 1, "and the rest");
	host_stop(m);
	stop_server(&server);

	server = start_server(&port, "good", &ends);
	m = connect_and_wait(port, 1000);
	gives(m, "R0\r", 1000, "\x01\x00", 2, "the same with the end of TCP behind it");
	expect(m, "R4", "\r\n-1\r\nERROR\r\n> ");
	expect(m, "P6=0", OK);
	expect(m, "R4", "\r\n-1\r\nERROR\r\n> ");
	host_stop(m);
	stop_server(&server);

	server = start_server(&port, "good", &far);
	m = connect_and_wait(port, 1400);
	gives(m, "R0\r", 1340, "", 0, "the farewell is in the next segment");
	gives(m, "R4\r", 0, "\x01\x00", 2, "and comes alone");
	host_stop(m);
	stop_server(&server);
}

static void test_records(void)
{
	const struct script two = { .sizes = { 3, 4 }, .stays = true };
	const struct script long_one = { .sizes = { 3000 }, .stays = true };
	struct server server;
	struct module *m;
	int port;

	server = start_server(&port, "good", &two);
	m = connect_and_wait(port, 100);
	gives(m, "R0\r", 7, "", 0, "two records of a segment in one R0");
	host_stop(m);
	m = connect_and_wait(port, 100);
	expect(m, "R1=2", OK);
	gives(m, "R4\r", 3, "", 0, "R4 gives a whole record, whatever R1 is");
	gives(m, "R4\r", 4, "", 0, "and no more than that");
	host_stop(m);
	stop_server(&server);

	server = start_server(&port, "good", &long_one);
	m = connect_and_wait(port, 3000);
	expect(m, "R1=100", OK);
	gives(m, "R4\r", 1359, "", 0, "R4 of a long record");
	gives(m, "R0\r", 100, "", 0, "R0 does as R1 says");
	host_stop(m);
	stop_server(&server);
}

static void test_longest(void)
{
	const struct script fits = { .sizes = { 16303 }, .stays = true };
	const struct script too_long = { .sizes = { 16304 }, .stays = true };
	struct server server;
	struct module *m;
	int port, i;

	server = start_server(&port, "good", &fits);
	m = connect_and_wait(port, 16303);
	for (i = 0; i < 11; i++)
		gives(m, "R0\r", 1359, "", 0, "a long record");
	gives(m, "R0\r", 16303 - 11 * 1359, "", 0, "all of a record of 16303 bytes");
	host_stop(m);
	/* In required there is less room. */
	m = connect_and_wait(port, 16303);
	m->sock[0].record_most = 10304;
	expect(m, "R0", FAILED);
	host_stop(m);
	stop_server(&server);

	server = start_server(&port, "good", &too_long);
	m = connect_and_wait(port, 16304);
	expect(m, "R0", FAILED);
	expect(m, "R4", FAILED);
	expect_bytes(m, "S3=1\rx", 6, "\r\n1\r\nOK\r\n> ", 11, "one can still send");
	expect(m, "P6=0", OK);
	expect(m, "R0", "\r\n-1\r\nERROR\r\n> ");
	host_stop(m);
	stop_server(&server);
}

/* Without a word, and with P9=2 a second time. */
static void test_refusal(void)
{
	const struct script none = { .stays = true };
	struct server server;
	struct module *m;
	int port;

	server = start_server(&port, "bad", &none);
	m = start(port, 1);
	expect(m, "P6=1", "\r\n[TCP SSL] Connecting to 127.0.0.1\r\n"
	       "[TCP SSL] Simple context, failed to connect\r\nERROR\r\n> ");
	host_stop(m);
	test_ok(told(&server, "e"), "P9=1: the server gets no alert, only the end");
	stop_server(&server);

	server = start_server(&port, "bad", &none);
	m = start(port, 2);
	m->quirks.on[QUIRK_KEY_FORM] = false;
	tls_program(m, FLASH_CA, "good-ca.pem");
	tls_program(m, FLASH_CERT, "good-client.pem");
	tls_program(m, FLASH_KEY, "good-client.key");
	expect(m, "P6=1", "\r\n[TCP SSL] Connecting to 127.0.0.1\r\n"
	       "[TCP SSL] Advanced context, failed to connect\r\nERROR\r\n> ");
	host_stop(m);
	test_ok(told(&server, "ee"), "P9=2: it is tried twice, and no alert comes either");
	stop_server(&server);
}

void test_seen_tls(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_farewell();
	test_records();
	test_longest();
	test_refusal();
}
