// SPDX-License-Identifier: GPL-2.0-only
/* Data: R commands receive, S commands send. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "at.h"

static struct sock *selected(struct module *m)
{
	return &m->sock[m->set.socket];
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
	if (s->role == ROLE_SERVER)
		message = module_next_message(m);
	if (message)
		buf_printf(&body, "[SOMA]%s[EOMA]", message);
	free(message);
	if (!strcmp(m->request.command->name, "R4"))
		buf_printf(&body, "%04zu", len);
	buf_add(&body, data, len);
	if (quirk(m, QUIRK_CRLF_EMPTY) && len && s->protocol == PROTO_UDP)
		buf_add(&body, "\r\n", 2);
	at_ok_bytes(m, body.data, body.len);
	buf_free(&body);
}

static void receive_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;
	uint8_t data[MAX_PAYLOAD];
	ssize_t n;

	if (s->fd < 0) {
		/* The link went down while R0 waited, and closed a server. */
		at_failf(m, "-1");
		return;
	}
	if (s->ended)
		n = 0;
	else
		n = net_receive(s, data, m->set.read_size);
	if (n == -EAGAIN && (expired || loop_now() >= m->op.deadline)) {
		received(m, NULL, 0);
	} else if (n == -EAGAIN) {
		module_wait(m, s->fd, s->want ?: EPOLLIN, m->op.deadline, receive_step);
	} else if (n > 0 || (n == 0 && s->protocol != PROTO_TCP && s->protocol != PROTO_TLS)) {
		received(m, data, n);
	} else {
		s->ended = true;
		at_failf(m, "-1");
	}
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

static void run_receive(struct module *m)
{
	struct sock *s = selected(m);

	m->op.sock = s;
	m->op.deadline = loop_now() + m->set.read_ms * 1000ULL;
	if (s->ssl && fault_strikes(&m->faults, FAULT_TLS_STALL))
		s->stalled = true;
	if (s->stalled)
		module_sleep(m, m->set.read_ms * 1000, receive_nothing);
	else if (s->fd >= 0)
		receive_step(m, false);
	else if (s->role == ROLE_SERVER)
		module_sleep(m, m->set.read_ms * 1000, nobody_came);
	else
		at_failf(m, "[TCP  RX] Endpoint not connected");
}

static void run_read_settings(struct module *m)
{
	at_okf(m, "%d,%d,%d", m->set.read_size, m->set.read_ms, m->set.read_mode);
}

static void send_failed(struct module *m)
{
	if (selected(m)->multi && m->profile->line == FW_62)
		at_failf(m, "0");
	else if (m->profile->line == FW_62)
		at_failf(m, "-1");
	else
		at_okf(m, "-1");
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
	if (n == -EAGAIN && !expired)
		module_wait(m, s->fd, s->want, m->op.deadline, send_step);
	else if (m->op.done || !rq->payload_len)
		at_okf(m, "%zu", m->op.done);
	else
		send_failed(m);
}

static void start_send(struct module *m)
{
	struct sock *s = selected(m);

	m->op.sock = s;
	m->op.done = 0;
	m->op.deadline = loop_now() + m->set.send_ms * 1000ULL;
	if (fault_strikes(&m->faults, FAULT_SEND_SHORT) && m->request.payload_len > 1)
		m->request.payload_len /= 2;
	if (s->fd < 0 || s->ended || fault_strikes(&m->faults, FAULT_SEND_FAIL))
		send_failed(m);
	else
		send_step(m, false);
}

/* S0: as many bytes as S1 says, or those that are there when S2 has passed. */
static void send_late(struct module *m, bool expired)
{
	(void)expired;
	start_send(m);
}

static void run_send_old(struct module *m)
{
	struct request *rq = &m->request;

	if (rq->payload_len >= (size_t)m->set.send_size) {
		rq->payload_len = m->set.send_size;
		start_send(m);
	} else {
		module_sleep(m, m->set.send_ms * 1000, send_late);
	}
}

static void run_send(struct module *m)
{
	char *field[1];
	long len;

	if (at_split(m, field, 1, 1) < 0)
		return;
	if (!at_number(field[0], 1, MAX_PAYLOAD, &len))
		at_error(m, BAD_ARGUMENT);
	else
		start_send(m);
}

static void run_send_settings(struct module *m)
{
	at_okf(m, "%d,%d", m->set.send_size, m->set.send_ms);
}

const struct at_command at_data[] = {
	{ .name = "R0", .run = run_receive },
	AT_INT("R1", "<bytes 1-1460>", 0, read_size, 1, MAX_PAYLOAD),
	AT_INT("R2", "<ms 0-30000>", 0, read_ms, 0, 30000),
	AT_INT("R3", "<0|1>", 0, read_mode, 0, 1),
	{ .name = "R4", .run = run_receive },
	{ .name = "R?", .run = run_read_settings },
	{ .name = "S0", .run = run_send_old },
	AT_INT("S1", "<bytes 1-1460>", 0, send_size, 1, MAX_PAYLOAD),
	AT_INT("S2", "<ms 0-30000>", 0, send_ms, 0, 30000),
	{ .name = "S3", .run = run_send, .help = "<bytes 1-1460>",
	  .flags = AT_PAYLOAD(0), .max = MAX_PAYLOAD },
	{ .name = "S?", .run = run_send_settings },
	{ 0 }
};
