/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of eswifi-proxy share: options, the event loop, clients' requests. */
#ifndef ESWIFI_PROXY_H
#define ESWIFI_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <linux/eswifi.h>

#define HOST_SIZE	256	/* the longest name that SOCKS5 can carry, and NUL */
#define LISTENERS_MAX	8
#define CLIENTS_MAX	64	/* more of them wait to be accepted */

/* proxy_request.c: what a client asks for, and what it is told. Knows no descriptors. */

enum dialect { DIALECT_UNKNOWN, DIALECT_SOCKS5, DIALECT_HTTP };

/**
 * struct request - what a client asks for, as far as it has been read
 * @dialect: which of the two languages it speaks
 * @greeted: SOCKS5: the methods have been agreed on
 * @host: whom it wants to reach, "" while that is not known
 * @port: on which port
 */
struct request {
	enum dialect dialect;
	bool greeted;
	char host[HOST_SIZE];
	uint16_t port;
};

/**
 * struct answer - bytes for the client
 * @len: how many
 * @data: the bytes
 */
struct answer {
	size_t len;
	unsigned char data[512];
};

enum request_state {
	REQUEST_MORE,	/* it has not ended; the answer may have something to say already */
	REQUEST_DONE,	/* it is known whom to connect to */
	REQUEST_WRONG,	/* it cannot be served, see the fault; the answer is the last */
};

enum request_state request_parse(struct request *request, const unsigned char *data, size_t len,
				 size_t *used, struct answer *answer, const char **fault);
void request_answer(const struct request *request, int error, const char *why,
		    struct answer *answer);

/* proxy_loop.c: descriptors that are waited for. */

/**
 * struct watch - a descriptor in the event loop
 * @fd: the descriptor, -1 for none
 * @added: it is in the loop
 * @events: what it waits for; errors are always told
 * @ready: what to do then
 * @owner: whose it is: for @ready
 */
struct watch {
	int fd;
	bool added;
	uint32_t events;
	void (*ready)(struct watch *watch, uint32_t events);
	void *owner;
};

int64_t loop_now_ms(void);
bool loop_init(void);
bool watch_for(struct watch *watch, uint32_t events);
void watch_stop(struct watch *watch);
void watch_close(struct watch *watch);
bool loop_turn(int64_t until_ms);

/* proxy_buffer.c: bytes on their way. */

#define BUFFER_SIZE	16384

/**
 * struct buffer - bytes on their way in one direction
 * @start: the first of them
 * @len: how many
 * @data: the place for them
 */
struct buffer {
	size_t start;
	size_t len;
	unsigned char data[BUFFER_SIZE];
};

ssize_t buffer_fill(struct buffer *b, int fd);
void buffer_used(struct buffer *b, size_t len);
ssize_t buffer_drain(struct buffer *b, int fd);
void buffer_put(struct buffer *b, const struct answer *answer);

/* What all the rest shares. */

TAILQ_HEAD(clients, client);

/**
 * struct proxy - the whole program
 * @device: name of the module in /dev
 * @module_tls: the module does TLS with the peers
 * @verify: ESWIFI_VERIFY_* of that
 * @cert_set: certificate set of that
 * @idle_ms: silence that ends a connection
 * @wait_ms: how long a client waits until a connection of the module is free
 * @listeners: where clients come from
 * @listener_count: entries of @listeners
 * @clients: in the order of their coming
 * @gone: ended; freed after the turn of the loop, which may know them still
 * @client_count: clients that are not gone
 * @retry_ms: when the first waiting client may ask the module again
 */
struct proxy {
	const char *device;
	bool module_tls;
	uint8_t verify;
	uint8_t cert_set;
	int64_t idle_ms;
	int64_t wait_ms;
	struct watch listeners[LISTENERS_MAX];
	int listener_count;
	struct clients clients;
	struct clients gone;
	int client_count;
	int64_t retry_ms;
};

/* proxy_module.c: connections of the module. */

int module_connect(const struct proxy *proxy, const struct request *request, int *conn,
		   char text[ESWIFI_TEXT_SIZE]);
int module_result(int conn, char text[ESWIFI_TEXT_SIZE]);
uint64_t module_sent(int conn);
void module_explain(const struct proxy *proxy, int error, const char *text, char *why,
		    size_t size);

/* proxy_client.c: one client from its first byte to its last. */

bool client_new(struct proxy *proxy, int fd, const char *name);
int64_t clients_deadline(const struct proxy *proxy);
void clients_check_time(struct proxy *proxy);
void clients_free_gone(struct proxy *proxy);
void clients_end_all(struct proxy *proxy, const char *why);

/* proxy_listen.c: where clients come in. */

int listen_start(struct proxy *proxy, const char *address);
void listen_resume(struct proxy *proxy);
void listen_stop(struct proxy *proxy);

/* proxy.c: one line for the log. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* ESWIFI_PROXY_H */
