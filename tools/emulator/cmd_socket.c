// SPDX-License-Identifier: GPL-2.0-only
/* Sockets: the P commands, but for certificates. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "at.h"

static struct sock *selected(struct module *m)
{
	return &m->sock[m->set.socket];
}

static bool is_udp(enum protocol protocol)
{
	return protocol == PROTO_UDP || protocol == PROTO_UDPLITE;
}

/* A client's start failed: say so in its protocol's words. */
static void connect_failed(struct module *m)
{
	struct sock *s = m->op.sock;
	char ip[INET_ADDRSTRLEN];
	bool tls = s->protocol == PROTO_TLS;

	inet_ntop(AF_INET, &s->set.remote, ip, sizeof(ip));
	net_close(m, s);
	if (tls)
		at_failf(m, "[TCP SSL] Connecting to %s\r\n[TCP SSL] %s context, failed to connect",
			 ip, m->set.verify == 2 ? "Advanced" : "Simple");
	else
		at_failf(m, "[TCP  RC] Connecting to %s\r\n[TCP  RC] Failed to connect", ip);
}

static void handshake_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;
	char ip[INET_ADDRSTRLEN];
	int err = expired ? -ETIMEDOUT : tls_handshake(s);

	if (err == -EAGAIN) {
		module_wait(m, s->fd, s->want, m->op.deadline, handshake_step);
		return;
	}
	if (err) {
		connect_failed(m);
		return;
	}
	inet_ntop(AF_INET, &s->set.remote, ip, sizeof(ip));
	at_okf(m, "[TCP SSL] Connecting to %s%s", ip,
	       m->set.verify == 2 ? "\r\n[TCP SSL] Advanced context, Connected" : "");
}

static void connect_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;
	char ip[INET_ADDRSTRLEN];

	if (expired || net_connected(m, s)) {
		connect_failed(m);
		return;
	}
	if (s->ssl) {
		handshake_step(m, false);
		return;
	}
	inet_ntop(AF_INET, &s->set.remote, ip, sizeof(ip));
	at_okf(m, "[TCP  RC] Connecting to %s", ip);
}

static void start_stream(struct module *m, struct sock *s)
{
	const char *text;
	int err, i;

	if (s->set.protocol == PROTO_TLS) {
		for (i = 0; i < SOCKETS; i++) {
			if (m->sock[i].ssl) {
				at_failf(m, "[TCP SSL] In use by socket %d", i);
				return;
			}
		}
	}
	s->protocol = s->set.protocol;
	m->op.sock = s;
	m->op.deadline = loop_now() + m->set.tcp_timeout * 1000ULL;
	if (s->protocol == PROTO_TLS && tls_start(m, s, &text)) {
		at_failf(m, "%s", text);
		return;
	}
	if (!m->joined || fault_strikes(&m->faults, FAULT_CONNECT_FAIL)) {
		connect_failed(m);
		return;
	}
	err = net_connect(m, s);
	if (err && err != -EINPROGRESS)
		connect_failed(m);
	else
		module_wait(m, s->fd, EPOLLOUT, m->op.deadline, connect_step);
}

static void start_datagrams(struct module *m, struct sock *s)
{
	s->protocol = s->set.protocol;
	if (!m->joined || net_open_udp(m, s, false))
		at_failf(m, "[UDP  RC] Error connecting");
	else
		at_okf(m, "[UDP  RC] Socket opened on port %d", s->set.remote_port);
}

/* P6: stop or start a client. */
static void run_client(struct module *m)
{
	struct sock *s = selected(m);
	int start;

	if (!at_get_int(m, 0, 1, &start))
		return;
	if (!start) {
		if (s->role == ROLE_CLIENT)
			net_close(m, s);
		at_ok(m);
	} else if (s->role != ROLE_NONE) {
		at_failf(m, "[TCP  RC] Already Connected");
	} else if (!net_address_usable(m, s->set.remote)) {
		at_failf(m, "[P6     ] Invalid IP Address");
	} else if (is_udp(s->set.protocol)) {
		start_datagrams(m, s);
	} else if (s->set.protocol == PROTO_MQTT) {
		/* No broker is spoken to here. */
		at_error(m, UNKNOWN_ERROR);
	} else {
		start_stream(m, s);
	}
}

static void start_server(struct module *m, struct sock *s, bool multi)
{
	if (s->role != ROLE_NONE) {
		at_failf(m, "[TCP SVR] Already Connected");
		return;
	}
	s->protocol = s->set.protocol;
	if (is_udp(s->protocol)) {
		if (!m->joined || net_open_udp(m, s, true))
			at_failf(m, "[UDP SVR] Error binding UDP socket to port %d",
				 s->set.local_port);
		else
			at_ok(m);
	} else if (s->protocol != PROTO_TCP || !m->joined || net_listen(m, s, multi)) {
		at_failf(m, "[TCP SVR] Error connecting");
	} else {
		at_ok(m);
	}
}

/* P5: stop, start, close and get the next client, start for many. */
static void run_server(struct module *m)
{
	struct sock *s = selected(m);
	int what;

	if (!at_get_int(m, 0, 11, &what))
		return;
	switch (what) {
	case 0:
		if (s->role == ROLE_SERVER)
			net_close(m, s);
		at_ok(m);
		break;
	case 1:
	case 11:
		start_server(m, s, what == 11);
		break;
	case 10:
		if (s->listen_fd < 0 || !s->multi) {
			at_error(m, UNKNOWN_ERROR);
			break;
		}
		net_drop_client(m, s);
		net_accept_next(m, s);
		at_ok(m);
		break;
	default:
		at_error(m, BAD_ARGUMENT);
	}
}

/* P7: the accept loop of C3.5; later firmware takes the command and does nothing. */
static void run_accept_loop(struct module *m)
{
	struct sock *s = selected(m);
	int what;

	if (!at_get_int(m, 0, 3, &what))
		return;
	if (m->profile->line == FW_62) {
		at_ok(m);
		return;
	}
	if (s->listen_fd < 0) {
		at_error(m, UNKNOWN_ERROR);
		return;
	}
	if (what < 2)
		s->multi = what;
	else if (what == 2)
		net_drop_client(m, s);
	else
		net_accept_next(m, s);
	at_ok(m);
}

static void run_backlog(struct module *m)
{
	if (at_get_int(m, 1, m->profile->line == FW_62 ? 16 : 6, &selected(m)->set.backlog))
		at_ok(m);
}

static void run_keepalive(struct module *m)
{
	char *field[2];
	long on, ms;

	if (at_split(m, field, 2, 2) < 0)
		return;
	if (!at_number(field[0], 0, 1, &on) || !at_number(field[1], 250, 7200000, &ms)) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	m->set.keepalive = on;
	m->set.keepalive_ms = ms;
	at_ok(m);
}

static void run_timeout(struct module *m)
{
	if (m->request.args && (!strcmp(m->request.args, "?") || !strcmp(m->request.args, "#")))
		at_okf(m, "%d", m->set.tcp_timeout);
	else if (at_get_int(m, 0, 65535, &m->set.tcp_timeout))
		at_ok(m);
}

/* PM: seven MQTT fields, read back in their order. PM=1 may name a topic's index. */
static void run_mqtt(struct module *m)
{
	static const size_t longest[] = { 64, 64, 1, 32, 32, 24, 5 };
	char *field[3];
	long which;
	int n;

	if (!m->request.args) {
		at_okf(m, "%s,%s,%s,%s,%s,%s,%s", m->set.mqtt[0], m->set.mqtt[1], m->set.mqtt[2],
		       m->set.mqtt[3], m->set.mqtt[4], m->set.mqtt[5], m->set.mqtt[6]);
		return;
	}
	n = at_split(m, field, 2, 3);
	if (n < 0)
		return;
	if (!at_number(field[0], 0, 6, &which) || (n == 3 && which != 1) ||
	    strlen(field[n - 1]) > longest[which]) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	strcpy(m->set.mqtt[which], strcmp(field[n - 1], "''") ? field[n - 1] : "");
	at_ok(m);
}

static void run_settings(struct module *m)
{
	const struct sock *s = selected(m);
	char own[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];
	struct in_addr address = { 0 }, host = s->set.remote;
	int port = s->set.remote_port;
	bool udp = is_udp(s->protocol) && s->role != ROLE_NONE;

	if (s->role == ROLE_CLIENT)
		address = m->address;
	else if (s->role == ROLE_SERVER)
		address = s->peer.sin_addr;
	if (s->peer.sin_port && (udp || s->role == ROLE_SERVER)) {
		port = ntohs(s->peer.sin_port);
		if (udp)
			host = s->peer.sin_addr;
	}
	inet_ntop(AF_INET, &address, own, sizeof(own));
	inet_ntop(AF_INET, &host, remote, sizeof(remote));
	if (m->profile->line == FW_35)
		at_okf(m, "%d,%s,%d,%s,%d,%d,%d,%d,%d,%d", s->set.protocol, own,
		       s->set.local_port, remote, port, s->listen_fd >= 0,
		       udp && s->role == ROLE_SERVER, s->set.backlog, s->multi, m->set.read_mode);
	else
		at_okf(m, "%d,%s,%d,%s,%d,%d,%d,%d,%d,%d,%d,%d", s->set.protocol, own,
		       s->set.local_port, remote, port, s->listen_fd >= 0,
		       udp && s->role == ROLE_SERVER, s->set.backlog, s->multi, m->set.read_mode,
		       m->set.keepalive, m->set.keepalive_ms);
}

#define SOCK_FIELD(type, cmd, what, field, low, high)				\
	{ .name = cmd, .run = at_set_##type, .help = what, .flags = AT_SOCKET,	\
	  .offset = offsetof(struct sock_settings, field), .min = low, .max = high }

const struct at_command at_socket[] = {
	AT_INT("P0", "<socket 0-3>", AT_READABLE, socket, 0, SOCKETS - 1),
	SOCK_FIELD(int, "P1", "<protocol 0-4>", protocol, PROTO_TCP, PROTO_MQTT),
	SOCK_FIELD(int, "P2", "<local port>", local_port, 0, 65535),
	SOCK_FIELD(address, "P3", "<address>", remote, 0, 0),
	SOCK_FIELD(int, "P4", "<remote port>", remote_port, 0, 65535),
	{ .name = "P5", .run = run_server, .help = "<0|1|10|11>" },
	{ .name = "P6", .run = run_client, .help = "<0 stop, 1 start>" },
	{ .name = "P7", .run = run_accept_loop, .help = "<0-3>" },
	{ .name = "P8", .run = run_backlog, .help = "<clients>" },
	{ .name = "PK", .run = run_keepalive, .help = "<0|1>,<ms 250-7200000>" },
	{ .name = "PM", .run = run_mqtt, .help = "<0-6>,<value>", .flags = AT_SECRET },
	{ .name = "PR", .run = at_accept, .help = "<0>" },
	{ .name = "PY", .run = run_timeout, .help = "<ms 0-65535>" },
	{ .name = "P?", .run = run_settings },
	{ 0 }
};
