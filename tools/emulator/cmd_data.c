// SPDX-License-Identifier: GPL-2.0-only
/* Data: R commands receive, S commands send. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "at.h"

#define MOST_SENT	1512		/* S3=1520 is refused, whatever the usage says */
#define NEVER_US	(365 * 86400 * 1000000ULL)
#define BUSY_US		50000

static struct sock *selected(struct module *m)
{
	return &m->sock[m->set.socket];
}

static bool is_stream(const struct sock *s)
{
	return s->protocol == PROTO_TCP || s->protocol == PROTO_TLS;
}

/* R4 tells the length, but not of nothing. */
static bool tells_length(struct module *m, size_t len)
{
	if (strcmp(m->request.command->name, "R4"))
		return false;
	return !observed(m) || len;
}

/* Answer R0 or R4 with what came. */
static void received(struct module *m, const uint8_t *data, size_t len)
{
	struct sock *s = m->op.sock;
	struct buf body = { 0 };
	char *message = NULL;

	if (len == 1 && m->profile->loses_single)
		len = 0;
	/* A server's pending message travels in front of its data. */
	if (s->role == ROLE_SERVER && !quirk(m, QUIRK_SOMA_ANYWHERE))
		message = module_next_message(m);
	if (message)
		buf_printf(&body, "[SOMA]%s[EOMA]", message);
	free(message);
	if (tells_length(m, len))
		buf_printf(&body, "%04zu", len);
	buf_add(&body, data, len);
	if (quirk(m, QUIRK_CRLF_EMPTY) && len && s->protocol == PROTO_UDP)
		buf_add(&body, "\r\n", 2);
	at_ok_bytes(m, body.data, body.len);
	buf_free(&body);
}

/* The end of the stream, or no stream at all. */
static void receive_failed(struct module *m)
{
	if (quirk(m, QUIRK_MINUS_ONE))
		at_okf(m, "-1");
	else
		at_failf(m, "-1");
}

/* The bytes of the peer's farewell, if the firmware takes them for data. */
static size_t farewell(struct sock *s, uint8_t *data, size_t size)
{
	static const uint8_t close_notify[] = { 1, 0 };
	size_t n = s->farewell < size ? s->farewell : size;

	memcpy(data, close_notify + sizeof(close_notify) - s->farewell, n);
	s->farewell -= n;
	return n;
}

/* Whether R0 fails at once, though there is a socket. */
static bool unreachable(const struct module *m, const struct sock *s)
{
	if (!observed(m))
		return false;
	return m->link_down || (!net_up(m) && !s->lost) || (s->ended && !is_stream(s));
}

static void stream_ended(struct module *m, struct sock *s)
{
	s->ended = true;
	if (!quirk(m, QUIRK_ACCEPT_STALE))
		s->shown.s_addr = 0;
	receive_failed(m);
}

/* R4 over TLS gives what a record has, whatever R1 says. */
static size_t most_wanted(struct module *m, const struct sock *s)
{
	size_t most = at_data_settings(m)->read_size;

	if (most && s->ssl && observed_as(m, FW_35) && !strcmp(m->request.command->name, "R4"))
		return MAX_PAYLOAD;
	return most;
}

static void receive_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;
	size_t most = most_wanted(m, s);
	uint8_t data[MAX_PAYLOAD];
	ssize_t n;

	if (s->fd < 0 || unreachable(m, s)) {
		/* Also when the link went down while R0 waited, and closed a server. */
		receive_failed(m);
		return;
	}
	if (s->farewell)
		n = farewell(s, data, most);
	else if (s->ended)
		n = 0;
	else if (s->silent)
		n = -EAGAIN;
	else
		n = net_receive(s, data, most, at_data_settings(m)->read_size);
	if (n < 0 && n != -EAGAIN && s->protocol == PROTO_TCP && quirk(m, QUIRK_RST_SILENT)) {
		s->silent = true;
		n = -EAGAIN;
	}
	if (n == -EMSGSIZE)
		/* A record that there is no room for: what is behind it is taken for another. */
		at_failf(m, "[TCP SSL] Packet reception failed: 5003");
	else if (n == -EAGAIN && (expired || loop_now() >= m->op.deadline))
		received(m, NULL, 0);
	else if (n == -EAGAIN)
		module_wait(m, s->silent ? -1 : s->fd, s->want ?: EPOLLIN, m->op.deadline,
			    receive_step);
	else if (n > 0 || (n == 0 && !is_stream(s)) || !most)
		received(m, data, n);
	else
		stream_ended(m, s);
}

static void receive_nothing(struct module *m, bool expired)
{
	(void)expired;
	received(m, NULL, 0);
}

/* A server without a client: there is nothing to receive, until R2 has passed. */
static void nobody_came(struct module *m, bool expired)
{
	(void)expired;
	if (m->op.sock->fd >= 0)
		receive_step(m, true);
	else
		receive_nothing(m, true);
}

/* Whether R0 of a server without a client waits for one, or fails at once. */
static bool waits_for_client(struct module *m, const struct sock *s)
{
	if (s->role != ROLE_SERVER || (observed(m) && !net_up(m)))
		return false;
	if (!observed_as(m, FW_35))
		return true;
	return s->multi && !s->served;
}

/* R4 of C3.5 looks at what is not there in a way of its own for each protocol. */
static void no_packet(struct module *m)
{
	const struct sock *s = m->op.sock;

	if (s->set.protocol == PROTO_TLS)
		receive_failed(m);
	else if (s->set.protocol == PROTO_TCP && (s->used || (m->joined && !s->index)))
		at_failf(m, "RX Unhandled Socket EC = -1515870811");
	else
		received(m, NULL, 0);
}

static void nothing_to_receive_from(struct module *m)
{
	if (!observed(m))
		at_failf(m, "[TCP  RX] Endpoint not connected");
	else if (m->profile->line == FW_62 || strcmp(m->request.command->name, "R4"))
		receive_failed(m);
	else
		no_packet(m);
}

static void run_receive(struct module *m)
{
	uint64_t ms = at_data_settings(m)->read_ms;
	struct sock *s = selected(m);

	m->op.sock = s;
	if (!ms && quirk(m, QUIRK_R2_ZERO))
		ms = NEVER_US / 1000;
	m->op.deadline = loop_now() + ms * 1000;
	if (s->ssl && fault_strikes(&m->faults, FAULT_TLS_STALL))
		s->stalled = true;
	if (s->stalled)
		module_wait(m, -1, 0, m->op.deadline, receive_nothing);
	else if (s->fd >= 0)
		receive_step(m, false);
	else if (waits_for_client(m, s))
		module_wait(m, -1, 0, m->op.deadline, nobody_came);
	else
		nothing_to_receive_from(m);
}

static void run_read_settings(struct module *m)
{
	const struct sock_settings *set = at_data_settings(m);

	at_okf(m, "%d,%d,%d", set->read_size, set->read_ms, set->read_mode);
}

static void send_failed(struct module *m)
{
	const struct sock *s = selected(m);

	if (observed_as(m, FW_62) && s->ended)
		at_failf(m, "-1");
	else if (observed_as(m, FW_62))
		at_exactly(m, UNKNOWN_ERROR, "\r\n-1\r\n\r\n");
	else if (observed(m) && s->used && (s->fd < 0 || s->ended) &&
		 s->protocol == PROTO_UDP)
		at_failf(m, "[UDP  RC] rv= -1\r\n-1");
	else if (observed(m))
		at_failf(m, "-1");
	else if (s->multi && m->profile->line == FW_62)
		at_failf(m, "0");
	else if (m->profile->line == FW_62)
		at_failf(m, "-1");
	else
		at_okf(m, "-1");
}

static void sent(struct module *m, size_t len)
{
	m->sent_at = loop_now();
	if (observed_as(m, FW_62) && m->op.sock->ssl)
		at_exactly(m, NULL, "\r\n%zu\r\n\r\n", len);
	else
		at_okf(m, "%zu", len);
}

/* Send the rest; what could not be sent in time is not counted. */
static void send_step(struct module *m, bool expired)
{
	const struct request *rq = &m->request;
	struct sock *s = m->op.sock;
	ssize_t n = 0;

	while (m->op.done < rq->payload_len) {
		n = net_send(s, rq->payload + m->op.done, rq->payload_len - m->op.done);
		if (n < 0)
			break;
		m->op.done += n;
	}
	/* R0 will never see it. */
	if (n < 0 && n != -EAGAIN && s->protocol == PROTO_TCP && quirk(m, QUIRK_RST_SILENT))
		s->silent = true;
	/* A peer that does not read is given up, which R0 does not see either. */
	if (n == -EAGAIN && expired && quirk(m, QUIRK_SEND_STALL)) {
		s->silent = true;
		m->op.done = 0;
	}
	if (n == -EAGAIN && !expired)
		module_wait(m, s->fd, s->want, m->op.deadline, send_step);
	else if (m->op.done || !rq->payload_len)
		sent(m, m->op.done);
	else
		send_failed(m);
}

/* More bytes over TLS than the firmware has room for. */
static bool outgrows_record(struct module *m, const struct sock *s)
{
	size_t most = m->profile->line == FW_62 ? 1396 : 1439;

	return s->ssl && quirk(m, QUIRK_TLS_S3) && m->request.payload_len > most;
}

/* It says OK: the line before it has damaged its memory, or the record is a bad one. */
static void send_outgrown(struct module *m, struct sock *s)
{
	if (m->profile->line == FW_62) {
		tls_break(s, m->request.payload_len);
		sent(m, m->request.payload_len);
	} else if (m->damage++) {
		module_hang(m, "a second long payload over TLS");
	} else {
		sent(m, m->request.payload_len);
	}
}

static bool is_busy(struct module *m, const struct request *rq)
{
	return quirk(m, QUIRK_SEND_BUSY) && rq->payload_len >= MAX_PAYLOAD && m->sent_at &&
	       loop_now() - m->sent_at < BUSY_US;
}

/* Whether there is anybody to send to. */
static bool can_send(struct module *m, struct sock *s)
{
	if (s->fd < 0 || s->ended)
		return false;
	if (!observed(m))
		return true;
	if (!net_up(m) && !s->silent)
		return false;
	return !net_peer_ended(s) && !m->link_down;
}

static void start_send(struct module *m)
{
	uint64_t ms = at_data_settings(m)->send_ms;
	struct request *rq = &m->request;
	struct sock *s = selected(m);

	m->op.sock = s;
	m->op.done = 0;
	if (quirk(m, QUIRK_SEND_STALL))
		ms = module_tcp_timeout(m);
	m->op.deadline = loop_now() + ms * 1000;
	if (fault_strikes(&m->faults, FAULT_SEND_SHORT) && rq->payload_len > 1)
		rq->payload_len /= 2;
	if (!can_send(m, s) || is_busy(m, rq) || fault_strikes(&m->faults, FAULT_SEND_FAIL))
		send_failed(m);
	else if (s->silent && s->lost)
		/* Into nothing. */
		sent(m, rq->payload_len);
	else if (s->silent)
		send_failed(m);
	else if (outgrows_record(m, s))
		send_outgrown(m, s);
	else
		send_step(m, false);
}

/* S0: as many bytes as S1 says, or those that are there when S2 has passed. */
static void send_late(struct module *m, bool expired)
{
	(void)expired;
	start_send(m);
}

static void too_short(struct module *m)
{
	at_exactly(m, UNKNOWN_ERROR, "\r\nTX Data mismatch, %zu bytes received!\r\n> ",
		   m->request.payload_len);
}

static void run_send_old(struct module *m)
{
	const struct sock_settings *set = at_data_settings(m);
	struct request *rq = &m->request;

	if (rq->payload_len >= (size_t)set->send_size) {
		rq->payload_len = set->send_size;
		start_send(m);
	} else if (quirk(m, QUIRK_TX_MISMATCH)) {
		too_short(m);
	} else {
		module_sleep(m, set->send_ms * 1000, send_late);
	}
}

static void run_send(struct module *m)
{
	char *field[1];
	long len;

	if (observed(m)) {
		/* What is behind the payload is dropped. */
		m->request.excess = false;
		if (!m->request.args ||
		    !at_number(m->request.args, 0, MOST_SENT, &len)) {
			at_error(m, UNKNOWN_ERROR);
			return;
		}
		at_data_settings(m)->send_size = len;
		if (m->request.payload_len < (size_t)len) {
			too_short(m);
			return;
		}
	} else {
		if (at_split(m, field, 1, 1) < 0)
			return;
		if (!at_number(field[0], 1, MAX_PAYLOAD, &len)) {
			at_error(m, BAD_ARGUMENT);
			return;
		}
	}
	socket_after_accept(m, selected(m), start_send);
}

static void run_send_settings(struct module *m)
{
	const struct sock_settings *set = at_data_settings(m);

	at_okf(m, "%d,%d", set->send_size, set->send_ms);
}

#define DATA_FIELD(cmd, what, field, low, high)					\
	{ .name = cmd, .run = at_set_int, .help = what, .flags = AT_DATA,	\
	  .offset = offsetof(struct sock_settings, field), .min = low, .max = high }

const struct at_command at_data[] = {
	{ .name = "R0", .run = run_receive },
	DATA_FIELD("R1", "<bytes 1-1460>", read_size, 0, MAX_PAYLOAD),
	DATA_FIELD("R2", "<ms 0-30000>", read_ms, 0, 30000),
	DATA_FIELD("R3", "<0|1>", read_mode, 0, 1),
	{ .name = "R4", .run = run_receive },
	{ .name = "R?", .run = run_read_settings },
	{ .name = "S0", .run = run_send_old },
	DATA_FIELD("S1", "<bytes 1-1460>", send_size, 0, MAX_PAYLOAD),
	DATA_FIELD("S2", "<ms 0-30000>", send_ms, 0, 30000),
	{ .name = "S3", .run = run_send, .help = "<bytes 1-1460>",
	  .flags = AT_PAYLOAD(0), .max = MOST_SENT },
	{ .name = "S?", .run = run_send_settings },
	{ 0 }
};
