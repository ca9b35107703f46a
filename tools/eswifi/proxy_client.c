// SPDX-License-Identifier: GPL-2.0-only
/* One client of eswifi-proxy: its request, its connection of the module, its end. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy.h"

#define ASKING_MS	10000	/* from the first byte to the end of a request */
#define CONNECTING_MS	90000	/* the driver's own limits are shorter */
#define RETRY_MS	250	/* a connection of others may have ended meanwhile */

/*
 * The module cannot end one direction only. A client that has sent its last
 * byte may still want an answer, or may be gone, which looks the same: after
 * this much silence it is taken as gone. And what it sends after the peer's
 * end is read, and dropped, no longer than this.
 */
#define LINGER_MS	3000

enum stage {
	STAGE_ASKING,		/* its request is being read */
	STAGE_WAITING,		/* no connection of the module is free */
	STAGE_CONNECTING,	/* the module is connecting */
	STAGE_RELAYING,		/* bytes go both ways */
	STAGE_PARTING,		/* it gets what is left for it, then the end */
};

/**
 * struct client - one client
 * @entry: in the list of the proxy
 * @proxy: the proxy
 * @stage: how far it has come
 * @socket: to the client
 * @conn: the module's connection
 * @name: the client's address
 * @request: what it asked for
 * @up: bytes for the peer
 * @down: bytes for the client
 * @client_ended: the client has sent its last byte
 * @peer_deaf: the peer takes no more
 * @conn_over: the connection has ended; what it left can be read
 * @reset: the client shall see a broken connection, not an end
 * @shut: its end was sent to the client
 * @deadline: when the stage is over
 * @wait_until: how long it may wait for a free connection
 * @sent: bytes that went to the peer
 * @received: bytes that came from it
 * @linger_sent: bytes that the module had sent when the linger began
 * @started: when the client came
 * @outcome: how it went, for the log
 */
struct client {
	TAILQ_ENTRY(client) entry;
	struct proxy *proxy;
	enum stage stage;
	struct watch socket;
	struct watch conn;
	char name[64];
	struct request request;
	struct buffer up;
	struct buffer down;
	bool client_ended;
	bool peer_deaf;
	bool conn_over;
	bool reset;
	bool shut;
	int64_t deadline;
	int64_t wait_until;
	uint64_t sent;
	uint64_t received;
	uint64_t linger_sent;
	int64_t started;
	char outcome[320];
};

/* ------------------------------------------------------------------- ends */

__attribute__((format(printf, 2, 3)))
static void set_outcome(struct client *c, const char *format, ...)
{
	va_list args;

	if (c->outcome[0])
		return;
	va_start(args, format);
	vsnprintf(c->outcome, sizeof(c->outcome), format, args);
	va_end(args);
}

static void conn_close(struct client *c)
{
	if (c->conn.fd < 0)
		return;
	watch_close(&c->conn);
	/* The next in the queue may have it. */
	c->proxy->retry_ms = loop_now_ms();
}

/* What a client calls a host is not for a terminal as it is. */
static void printable(char *text, size_t size, const char *from)
{
	size_t i;

	for (i = 0; from[i] && i + 1 < size; i++)
		text[i] = from[i] > ' ' && from[i] < 0x7f ? from[i] : '?';
	text[i] = 0;
}

static void client_finish(struct client *c)
{
	static const char *const dialects[] = {
		[DIALECT_UNKNOWN] = "", [DIALECT_SOCKS5] = " SOCKS5", [DIALECT_HTTP] = " HTTP",
	};
	const struct linger abort = { .l_onoff = 1 };
	char host[HOST_SIZE];

	if (c->reset)
		setsockopt(c->socket.fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	watch_close(&c->socket);
	conn_close(c);
	if (c->request.port) {
		printable(host, sizeof(host), c->request.host);
		say("%s%s %s:%u: %llu bytes there, %llu back, %.1f s: %s", c->name,
		    dialects[c->request.dialect], host, c->request.port,
		    (unsigned long long)c->sent, (unsigned long long)c->received,
		    (loop_now_ms() - c->started) / 1000.0, c->outcome);
	} else {
		say("%s%s: %s", c->name, dialects[c->request.dialect], c->outcome);
	}
	TAILQ_REMOVE(&c->proxy->clients, c, entry);
	TAILQ_INSERT_TAIL(&c->proxy->gone, c, entry);
	c->proxy->client_count--;
	listen_resume(c->proxy);
}

/* Nothing more from the peer: the client gets what is left, and the end. */
static void client_part(struct client *c)
{
	conn_close(c);
	c->stage = STAGE_PARTING;
	c->deadline = loop_now_ms() + c->proxy->idle_ms;
}

/* ------------------------------------------------------------- connecting */

static void client_wait(struct client *c)
{
	watch_close(&c->conn);
	c->stage = STAGE_WAITING;
	c->deadline = c->wait_until;
}

/* All connections are in use, ours or those of others. */
static void client_retry(struct client *c)
{
	c->proxy->retry_ms = loop_now_ms() + RETRY_MS;
	client_wait(c);
}

static void client_refuse(struct client *c, int error, const char *text)
{
	struct answer answer;
	char why[256];

	module_explain(c->proxy, error, text, why, sizeof(why));
	set_outcome(c, "not connected: %s", why);
	request_answer(&c->request, error, why, &answer);
	buffer_put(&c->down, &answer);
	client_part(c);
}

static void conn_ready(struct watch *watch, uint32_t events);

static void client_connect(struct client *c)
{
	char text[ESWIFI_TEXT_SIZE];
	int conn, err;

	err = module_connect(c->proxy, &c->request, &conn, text);
	if (!err) {
		c->conn = (struct watch){ .fd = conn, .ready = conn_ready, .owner = c };
		/* A peer that has ended it already is no longer writable. */
		if (!watch_for(&c->conn, EPOLLOUT | EPOLLRDHUP))
			err = errno;
	}
	if (err == EBUSY) {
		client_retry(c);
	} else if (err) {
		client_refuse(c, err, text);
	} else {
		c->stage = STAGE_CONNECTING;
		c->deadline = loop_now_ms() + CONNECTING_MS;
	}
}

static bool someone_waits(const struct proxy *proxy)
{
	const struct client *c;

	TAILQ_FOREACH(c, &proxy->clients, entry)
		if (c->stage == STAGE_WAITING)
			return true;
	return false;
}

/* The module has connected, or not. */
static void client_connected(struct client *c)
{
	char text[ESWIFI_TEXT_SIZE];
	struct answer answer;
	int err;

	err = module_result(c->conn.fd, text);
	if (err == EINPROGRESS)
		return;
	if (err == EBUSY) {
		client_retry(c);
		return;
	}
	if (err) {
		client_refuse(c, err, text);
		return;
	}
	request_answer(&c->request, 0, "", &answer);
	buffer_put(&c->down, &answer);
	c->stage = STAGE_RELAYING;
	c->deadline = loop_now_ms() + c->proxy->idle_ms;
}

/* ----------------------------------------------------------------- stages */

static void client_ask(struct client *c)
{
	enum request_state state;
	struct answer answer;
	const char *fault;
	ssize_t got;
	size_t used;

	got = buffer_fill(&c->up, c->socket.fd);
	do {
		state = request_parse(&c->request, c->up.data + c->up.start, c->up.len, &used,
				      &answer, &fault);
		buffer_used(&c->up, used);
		buffer_put(&c->down, &answer);
	} while (state == REQUEST_MORE && used);
	buffer_drain(&c->down, c->socket.fd);

	if (state == REQUEST_DONE) {
		c->wait_until = loop_now_ms() + c->proxy->wait_ms;
		if (someone_waits(c->proxy))
			client_wait(c);
		else
			client_connect(c);
	} else if (state == REQUEST_WRONG) {
		set_outcome(c, "%s", fault);
		c->request.port = 0;
		client_part(c);
	} else if (got < 0) {
		set_outcome(c, "left without a request");
		client_part(c);
	} else if (c->up.len == BUFFER_SIZE) {
		set_outcome(c, "sends a request without end");
		client_part(c);
	}
}

static void conn_broken(struct client *c, int error)
{
	char text[ESWIFI_TEXT_SIZE];

	module_result(c->conn.fd, text);
	set_outcome(c, "the module's connection broke: %s%s%s", strerror(error),
		    *text ? ", it said: " : "", text);
	c->reset = true;
	client_part(c);
}

/* All that it sent is on its way: there may be an answer yet, or nobody to take it. */
static bool client_lingers(const struct client *c)
{
	return c->client_ended && !c->up.len && !c->down.len;
}

/* One round of bytes in both directions. */
static void client_relay(struct client *c)
{
	ssize_t got = 0, sent = 0, received, put;

	if (!c->client_ended && !c->peer_deaf)
		got = buffer_fill(&c->up, c->socket.fd);
	if (got == -ENODATA)
		c->client_ended = true;
	else if (got >= 0 && !c->peer_deaf)
		sent = buffer_drain(&c->up, c->conn.fd);
	if (sent < 0) {
		/* Why, the read below tells, behind what the peer has sent before. */
		c->peer_deaf = true;
		buffer_used(&c->up, c->up.len);
		sent = 0;
	}
	received = buffer_fill(&c->down, c->conn.fd);
	put = buffer_drain(&c->down, c->socket.fd);

	c->sent += sent;
	if (received > 0)
		c->received += received;
	if ((got < 0 && got != -ENODATA) || put < 0) {
		set_outcome(c, "the client is gone: %s", strerror(put < 0 ? -put : -got));
		client_finish(c);
	} else if (received == -ENODATA) {
		set_outcome(c, "the peer ended it");
		client_part(c);
	} else if (received < 0) {
		conn_broken(c, -received);
	} else if (got || sent || received || put) {
		c->deadline = loop_now_ms() + (client_lingers(c) ? LINGER_MS : c->proxy->idle_ms);
	}
}

static void client_parting(struct client *c)
{
	unsigned char dropped[4096];
	ssize_t put, got;

	put = buffer_drain(&c->down, c->socket.fd);
	if (put < 0) {
		client_finish(c);
		return;
	}
	if (put > 0)
		c->deadline = loop_now_ms() + c->proxy->idle_ms;
	if (c->down.len)
		return;
	if (c->reset || c->client_ended) {
		client_finish(c);
		return;
	}
	/* What it sent and was not read would make its kernel drop what we sent. */
	if (!c->shut) {
		shutdown(c->socket.fd, SHUT_WR);
		c->shut = true;
		c->deadline = loop_now_ms() + LINGER_MS;
	}
	got = read(c->socket.fd, dropped, sizeof(dropped));
	if (!got || (got < 0 && errno != EAGAIN && errno != EINTR))
		client_finish(c);
}

/* ----------------------------------------------------------------- events */

/* What the client's next step is waiting for. */
static bool client_watch(struct client *c)
{
	uint32_t socket = c->down.len ? EPOLLOUT : 0;

	switch (c->stage) {
	case STAGE_ASKING:
		return watch_for(&c->socket, socket | EPOLLIN);
	case STAGE_WAITING:
	case STAGE_CONNECTING:
		return watch_for(&c->socket, socket | EPOLLRDHUP);
	case STAGE_RELAYING:
		if (!c->client_ended && !c->peer_deaf && c->up.len < BUFFER_SIZE)
			socket |= EPOLLIN;
		if (!watch_for(&c->socket, socket))
			return false;
		if (c->conn_over) {
			watch_stop(&c->conn);
			return true;
		}
		return watch_for(&c->conn, (c->up.len ? EPOLLOUT : 0) |
				 (c->down.len < BUFFER_SIZE ? EPOLLIN : 0));
	case STAGE_PARTING:
		return watch_for(&c->socket, socket ? socket : EPOLLIN);
	}
	return false;
}

static void client_step(struct client *c)
{
	enum stage stage;

	/* A stage may hand over to the next at once. */
	do {
		stage = c->stage;
		switch (c->stage) {
		case STAGE_ASKING:
			client_ask(c);
			break;
		case STAGE_WAITING:
		case STAGE_CONNECTING:
			buffer_drain(&c->down, c->socket.fd);
			break;
		case STAGE_RELAYING:
			client_relay(c);
			break;
		case STAGE_PARTING:
			client_parting(c);
			break;
		}
	} while (c->socket.fd >= 0 && stage != c->stage);

	if (c->socket.fd >= 0 && !client_watch(c)) {
		set_outcome(c, "out of memory");
		client_finish(c);
	}
}

static void socket_ready(struct watch *watch, uint32_t events)
{
	struct client *c = watch->owner;

	if (c->stage != STAGE_ASKING && c->stage != STAGE_PARTING &&
	    events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
		set_outcome(c, c->stage == STAGE_RELAYING ? "the client is gone" :
			    "the client did not wait for the connection");
		client_finish(c);
		return;
	}
	client_step(c);
}

static void conn_ready(struct watch *watch, uint32_t events)
{
	struct client *c = watch->owner;

	if (c->stage == STAGE_CONNECTING)
		client_connected(c);
	if (c->stage == STAGE_RELAYING && events & (EPOLLERR | EPOLLHUP))
		c->conn_over = true;
	client_step(c);
}

/* False, and nothing has changed, if there is no memory. */
bool client_new(struct proxy *proxy, int fd, const char *name)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c)
		return false;
	c->proxy = proxy;
	c->socket = (struct watch){ .fd = fd, .ready = socket_ready, .owner = c };
	c->conn.fd = -1;
	c->started = loop_now_ms();
	c->deadline = c->started + ASKING_MS;
	snprintf(c->name, sizeof(c->name), "%s", name);
	if (!watch_for(&c->socket, EPOLLIN)) {
		free(c);
		return false;
	}
	TAILQ_INSERT_TAIL(&proxy->clients, c, entry);
	proxy->client_count++;
	return true;
}

/* ------------------------------------------------------------------- time */

/* When clients_check_time() has something to do. */
int64_t clients_deadline(const struct proxy *proxy)
{
	const struct client *c;
	int64_t first = INT64_MAX;

	TAILQ_FOREACH(c, &proxy->clients, entry) {
		if (c->deadline < first)
			first = c->deadline;
		if (c->stage == STAGE_WAITING && proxy->retry_ms < first)
			first = proxy->retry_ms;
	}
	return first;
}

/* The module may still be sending what the client left. */
static bool lingers_on(struct client *c)
{
	uint64_t sent = module_sent(c->conn.fd);

	if (sent == c->linger_sent)
		return false;
	c->linger_sent = sent;
	c->deadline = loop_now_ms() + LINGER_MS;
	return true;
}

static void client_late(struct client *c)
{
	switch (c->stage) {
	case STAGE_ASKING:
		set_outcome(c, "made no request in time");
		break;
	case STAGE_WAITING:
		client_refuse(c, EBUSY, "");
		client_step(c);
		return;
	case STAGE_CONNECTING:
		client_refuse(c, ETIMEDOUT, "");
		client_step(c);
		return;
	case STAGE_RELAYING:
		if (client_lingers(c)) {
			if (lingers_on(c))
				return;
			set_outcome(c, "the client ended it");
		} else {
			set_outcome(c, "idle for too long");
			c->reset = true;
		}
		break;
	case STAGE_PARTING:
		break;
	}
	client_finish(c);
}

void clients_check_time(struct proxy *proxy)
{
	int64_t now = loop_now_ms();
	struct client *c, *next;

	for (c = TAILQ_FIRST(&proxy->clients); c; c = next) {
		next = TAILQ_NEXT(c, entry);
		if (c->deadline <= now)
			client_late(c);
	}
	if (proxy->retry_ms > now)
		return;
	/* One at a time, the first that came. */
	TAILQ_FOREACH(c, &proxy->clients, entry) {
		if (c->stage == STAGE_WAITING) {
			proxy->retry_ms = now + RETRY_MS;
			client_connect(c);
			client_step(c);
			return;
		}
	}
}

void clients_free_gone(struct proxy *proxy)
{
	struct client *c;

	while ((c = TAILQ_FIRST(&proxy->gone))) {
		TAILQ_REMOVE(&proxy->gone, c, entry);
		free(c);
	}
}

/* Their streams are cut, which they shall be able to tell from an end. */
void clients_end_all(struct proxy *proxy, const char *why)
{
	struct client *c;

	while ((c = TAILQ_FIRST(&proxy->clients))) {
		set_outcome(c, "%s", why);
		c->reset = true;
		client_finish(c);
	}
}
