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

/*
 * In the moment when a client comes, what touches that server blocks for long,
 * and finds rubbish.
 */
static void blocked(struct module *m, bool expired)
{
	(void)expired;
	m->op.then(m);
	m->op.blocked = false;
}

void socket_after_accept(struct module *m, struct sock *s, void (*fn)(struct module *m))
{
	if (!quirk(m, QUIRK_ACCEPT_BLOCK) || !s->multi || !s->accepted_at ||
	    loop_now() - s->accepted_at >= m->timing.accept) {
		fn(m);
		return;
	}
	log_note(&m->log, "in the moment of an accept: blocked");
	m->op.then = fn;
	m->op.blocked = true;
	module_sleep(m, m->timing.block, blocked);
}

/* A client's start failed: say so in its protocol's words. */
static void connect_failed(struct module *m)
{
	struct sock *s = m->op.sock;
	bool tls = s->protocol == PROTO_TLS, glued = observed_as(m, FW_62);
	const char *context = m->set.verify == 2 ? "Advanced" : "Simple";
	char ip[INET_ADDRSTRLEN];

	m->bad_handshakes += tls;
	inet_ntop(AF_INET, &s->set.remote, ip, sizeof(ip));
	net_close(m, s);
	if (!tls)
		at_failf(m, "[TCP  RC] Connecting to %s%s[TCP  RC] Failed to connect", ip,
			 glued ? "" : "\r\n");
	else if (glued)
		at_exactly(m, UNKNOWN_ERROR, "\r\n[TCP SSL] Connecting to %s%s"
			   "[TCP SSL] %s context, failed to connect\r\n\r\n", ip,
			   m->set.verify == 2 ? "" : "\r\n", context);
	else
		at_failf(m, "[TCP SSL] Connecting to %s\r\n%s"
			 "[TCP SSL] %s context, failed to connect", ip, observed(m) && !net_up(m) ?
			 "[TCP SSL] Socket creation failed\r\n" : "", context);
}

static void connect_failed_late(struct module *m, bool expired)
{
	(void)expired;
	connect_failed(m);
}

/* TCP is refused at once; TLS has to find out by itself. */
static void refused(struct module *m)
{
	if (m->op.sock->protocol != PROTO_TLS || !net_up(m)) {
		connect_failed(m);
		return;
	}
	m->unreached = true;
	module_sleep(m, quirk(m, QUIRK_TLS_SLOW) ? m->timing.tls_slow : 0, connect_failed_late);
}

static void connected(struct module *m)
{
	struct sock *s = m->op.sock;
	char ip[INET_ADDRSTRLEN];

	net_accept_own(m, s);

	inet_ntop(AF_INET, &s->set.remote, ip, sizeof(ip));
	if (s->protocol != PROTO_TLS)
		at_okf(m, "[TCP  RC] Connecting to %s", ip);
	else if (observed_as(m, FW_62) && m->set.verify < 2)
		at_exactly(m, NULL, "\r\n[TCP SSL] Connecting to %s\r\n\r\n", ip);
	else
		at_okf(m, "[TCP SSL] Connecting to %s%s", ip, !observed(m) && m->set.verify == 2 ?
		       "\r\n[TCP SSL] Advanced context, Connected" : "");
}

static void connect_stream(struct module *m);

/* C3.5 tries once more what failed with P9=2, from the start. */
static bool try_again(struct module *m)
{
	struct sock *s = m->op.sock;
	const char *text;

	if (m->op.again || m->set.verify != 2 || !observed_as(m, FW_35))
		return false;
	m->op.again = true;
	net_close(m, s);
	if (tls_start(m, s, &text))
		return false;
	connect_stream(m);
	return true;
}

static void handshake_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;
	int err = expired ? -ETIMEDOUT : tls_handshake(s);

	if (quirk(m, QUIRK_TLS_REQUEST) && m->set.verify < 2 && tls_client_wanted(s))
		module_hang(m, "the server asks for a client certificate");
	else if (err == -EAGAIN)
		module_wait(m, s->fd, s->want, m->op.deadline, handshake_step);
	else if (!err && !(quirk(m, QUIRK_TLS_CHANCE) && m->handshakes++ % 128 == 0))
		connected(m);
	else if (!try_again(m))
		connect_failed(m);
}

static void connect_step(struct module *m, bool expired)
{
	struct sock *s = m->op.sock;

	if (expired || net_connected(m, s))
		refused(m);
	else if (s->ssl)
		handshake_step(m, false);
	else
		connected(m);
}

/* What TLS cannot even begin; true if that is so, and it was said. */
static bool tls_refused(struct module *m, struct sock *s, const char *text)
{
	const char *context = m->set.verify == 2 ? "Advanced" : "Simple";

	if (!text)
		return false;
	s->protocol = PROTO_TLS;
	s->used = true;
	if (!observed(m))
		at_failf(m, "%s", text);
	else if (m->profile->line == FW_62)
		at_exactly(m, UNKNOWN_ERROR, "\r\n%s[TCP SSL] %s context, failed to connect"
			   "\r\n\r\n", text, context);
	else
		/* One of the texts comes without CRLF in front. */
		at_exactly(m, UNKNOWN_ERROR, "%s%s\r\n[TCP SSL] %s context, failed to connect\r\n",
			   strstr(text, "Root CA") ? "" : "\r\n", text, context);
	return true;
}

/* Whether another TLS connection is one too many; that is said, or never. */
static bool too_many(struct module *m, struct sock *s)
{
	static const uint8_t nulls[36] = { 0 };
	struct buf reply = { 0 };
	int i, used = 0, last = 0;

	for (i = 0; i < SOCKETS; i++) {
		if (i == s->index || !m->sock[i].ssl)
			continue;
		last = i;
		used++;
	}
	if (!observed(m) && used) {
		at_failf(m, "[TCP SSL] In use by socket %d", last);
		return true;
	}
	if (!quirk(m, QUIRK_TLS_TWO) || used < 2)
		return false;
	if (m->damage++) {
		module_hang(m, "too many TLS connections");
		return true;
	}
	buf_add(&reply, nulls, sizeof(nulls));
	buf_printf(&reply, "OK\r\n> ");
	at_raw(m, reply.data, reply.len);
	buf_free(&reply);
	return true;
}

static void connect_stream(struct module *m)
{
	struct sock *s = m->op.sock;
	int err;

	m->op.deadline = loop_now() + module_tcp_timeout(m) * 1000ULL;
	err = net_connect(m, s);
	if (err && err != -EINPROGRESS)
		refused(m);
	else
		module_wait(m, s->fd, EPOLLOUT, m->op.deadline, connect_step);
}

static void start_stream(struct module *m, struct sock *s)
{
	const char *text = NULL;

	if (s->set.protocol == PROTO_TLS) {
		if (too_many(m, s))
			return;
		if (quirk(m, QUIRK_P6_HANG) && m->bad_handshakes >= 2) {
			module_hang(m, "too many handshakes failed");
			return;
		}
	}
	s->protocol = s->set.protocol;
	m->op.sock = s;
	m->op.again = false;
	if (s->protocol == PROTO_TLS && tls_start(m, s, &text) && tls_refused(m, s, text))
		return;
	if (!net_up(m) || fault_strikes(&m->faults, FAULT_CONNECT_FAIL)) {
		s->used = true;
		connect_failed(m);
		return;
	}
	connect_stream(m);
}

static void datagrams_failed(struct module *m, struct sock *s)
{
	const char *seam = m->profile->line == FW_62 ? "" : "\r\n";

	if (observed(m))
		at_exactly(m, UNKNOWN_ERROR, "\r\n[UDP  RC] Socket opened on port %d\r\n%s"
			   "[UDP  RC] Error binding UDP socket to port %d\r\n\r\n"
			   "[UDP  RC] Error connecting\r\n%s", s->set.remote_port, seam,
			   s->set.local_port, *seam ? "" : "\r\n");
	else
		at_failf(m, "[UDP  RC] Error connecting");
}

static void start_datagrams(struct module *m, struct sock *s)
{
	s->protocol = s->set.protocol;
	if ((!net_up(m) && !observed(m)) || net_open_udp(m, s, false))
		datagrams_failed(m, s);
	else
		at_okf(m, "[UDP  RC] Socket opened on port %d", s->set.remote_port);
}

static void stop_client(struct module *m)
{
	struct sock *s = selected(m);

	if (quirk(m, QUIRK_P6_ZERO) && m->unreached) {
		module_hang(m, "P6=0 after a server that was not reached");
		return;
	}
	if (s->role == ROLE_CLIENT)
		net_close(m, s);
	at_ok(m);
}

/* Texts that end in a blank line with C6.2. */
static void failed_apart(struct module *m, const char *text)
{
	at_exactly(m, UNKNOWN_ERROR, "\r\n%s\r\n%s", text,
		   observed_as(m, FW_62) ? "\r\n" : "");
}

static void said_apart(struct module *m, const char *text)
{
	at_exactly(m, NULL, "\r\n%s\r\n%s", text, observed_as(m, FW_62) ? "\r\n" : "");
}

static void start_client(struct module *m, struct sock *s)
{
	if (observed(m) && !net_address_usable(m, s->set.remote)) {
		failed_apart(m, "[P6     ] Invalid IP Address");
		return;
	}
	/* A second TLS connection is opened without a word, and so is another UDP socket. */
	if (observed(m) && s->role == ROLE_CLIENT && s->set.protocol == PROTO_TLS)
		net_close(m, s);
	if (observed(m) && s->role == ROLE_CLIENT && is_udp(s->set.protocol)) {
		/* And the one that there was is of no use any more. */
		s->ended = true;
		datagrams_failed(m, s);
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

/* P6: stop or start a client. */
static void run_client(struct module *m)
{
	struct sock *s = selected(m);
	int start;

	if (!m->request.args && observed_as(m, FW_62)) {
		stop_client(m);
		return;
	}
	if (observed(m) && (!m->request.args || !*m->request.args)) {
		at_error(m, UNKNOWN_ERROR);
		return;
	}
	if (!at_get_int(m, 0, 1, &start))
		return;
	if (start)
		start_client(m, s);
	else
		socket_after_accept(m, s, stop_client);
}

/* As documents have it: no words about what goes on. */
static void start_documented_server(struct module *m, struct sock *s, bool multi)
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

static void start_server(struct module *m, struct sock *s, bool multi)
{
	bool udp = is_udp(s->set.protocol);

	if ((!udp && s->set.protocol != PROTO_TCP) || (udp && multi)) {
		at_error(m, UNKNOWN_ERROR);
	} else if (s->role != ROLE_NONE) {
		failed_apart(m, observed_as(m, FW_62) && !multi && !udp ?
			     "[TCP SVR] Already Connected" : "[TCP  RC] Already Connected");
	} else if (udp) {
		s->protocol = s->set.protocol;
		if (net_open_udp(m, s, true))
			at_failf(m, "[UDP SVR] Error binding UDP socket to port %d",
				 s->set.local_port);
		else
			said_apart(m, "[UDP TSK] Setup\r\n[UDP SVR] Waiting on connection ...");
	} else {
		s->protocol = PROTO_TCP;
		if (net_listen(m, s, multi)) {
			at_failf(m, "[TCP SVR] Error connecting");
			return;
		}
		/* One field of the firmware holds P4 and more. */
		if (multi)
			s->set.remote_port = m->profile->line == FW_62 ? 0 : s->set.backlog;
		said_apart(m, multi ? "[TCP TSK] Multi-Accept Setup\r\n"
			   "[TCP SVR] Waiting on connection ..." :
			   "[TCP TSK] Setup\r\n[TCP SVR] Waiting on connection ...");
	}
}

static void server_stopped(struct module *m, bool expired)
{
	struct sock *s = selected(m);
	bool udp = is_udp(s->set.protocol);

	(void)expired;
	if (s->role != ROLE_NONE)
		net_close(m, s);
	if (!udp) {
		s->set.remote_port = 0;
		s->shown.s_addr = 0;
	}
	said_apart(m, udp ? "[UDP TSK] Killed" : "[TCP TSK] Killed");
}

static void stop_server(struct module *m)
{
	struct sock *s = selected(m);

	if (observed(m)) {
		module_sleep(m, m->timing.stop, server_stopped);
		return;
	}
	if (s->role == ROLE_SERVER)
		net_close(m, s);
	at_ok(m);
}

static void next_client(struct module *m)
{
	struct sock *s = selected(m);
	bool stream = s->set.protocol == PROTO_TCP;

	if (!observed(m) && (s->listen_fd < 0 || !s->multi)) {
		at_error(m, UNKNOWN_ERROR);
		return;
	}
	if (observed(m) && !stream) {
		at_exactly(m, NULL, m->profile->line == FW_62 ? "\r\n" : "");
		return;
	}
	if (s->role == ROLE_SERVER) {
		net_drop_client(m, s);
		s->served = s->served || observed(m);
		net_accept_next(m, s);
	}
	if (observed(m))
		said_apart(m, "[TCP SVR] Waiting on connection ...");
	else
		at_ok(m);
}

/* P5: stop, start, close and get the next client, start for many. */
static void run_server(struct module *m)
{
	struct sock *s = selected(m);
	int what = 0;

	if ((m->request.args || !observed_as(m, FW_62)) && !at_get_int(m, 0, 11, &what))
		return;
	if (what == 0)
		socket_after_accept(m, s, stop_server);
	else if (what == 10)
		socket_after_accept(m, s, next_client);
	else if (what != 1 && what != 11)
		at_error(m, observed(m) ? UNKNOWN_ERROR : BAD_ARGUMENT);
	else if (observed(m))
		start_server(m, s, what == 11);
	else
		start_documented_server(m, s, what == 11);
}

/* P7: the accept loop of C3.5, another way to say P5. */
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
	if (observed(m) && what == 1) {
		start_server(m, s, true);
		return;
	}
	if (observed(m) && what == 3) {
		next_client(m);
		return;
	}
	if (observed(m)) {
		if (what == 2 && s->role == ROLE_SERVER)
			net_drop_client(m, s);
		else if (!what)
			net_close(m, s);
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
	bool seen = observed(m);

	if (at_get_int(m, !seen, seen || m->profile->line == FW_62 ? 16 : 6,
		       &selected(m)->set.backlog))
		at_ok(m);
}

static void run_keepalive(struct module *m)
{
	const char *crlf = m->profile->line == FW_62 ? "\r\n" : "";
	char *field[2];
	long on, ms;

	if (observed(m) && m->request.args && !strchr(m->request.args, ',')) {
		at_exactly(m, UNKNOWN_ERROR, "%s", crlf);
		return;
	}
	if (at_split(m, field, 2, 2) < 0)
		return;
	if (!at_number(field[0], 0, 1, &on) ||
	    !at_number(field[1], observed(m) ? 0 : 250, 7200000, &ms)) {
		if (observed(m))
			at_exactly(m, UNKNOWN_ERROR, "%s", crlf);
		else
			at_error(m, BAD_ARGUMENT);
		return;
	}
	m->set.keepalive = on;
	if (on || !observed(m))
		m->set.keepalive_ms = ms;
	at_ok(m);
}

static void run_timeout(struct module *m)
{
	const char *args = m->request.args;

	if (args && !strcmp(args, "#") && observed(m))
		m->set.tcp_timeout = 10000;
	if (args && (!strcmp(args, "?") || !strcmp(args, "#")))
		at_okf(m, "%d", m->set.tcp_timeout);
	else if (at_get_int(m, 0, 65535, &m->set.tcp_timeout))
		at_ok(m);
}

/* Zero is within the range that the usage names, and refused. */
static void run_remote_port(struct module *m)
{
	long zero;

	if (observed(m) && m->request.args && at_number(m->request.args, 0, 0, &zero))
		at_error(m, UNKNOWN_ERROR);
	else
		at_set_int(m);
}

static void run_push(struct module *m)
{
	int what;

	if (!observed(m)) {
		at_ok(m);
		return;
	}
	if (!at_get_int(m, 0, 4, &what))
		return;
	selected(m)->set.push = what ? what - 1 : 0;
	at_ok(m);
}

/* What documents promise: the module's own address, and fewer fields. */
static void documented_settings(struct module *m)
{
	const struct sock *s = selected(m);
	char shown[INET_ADDRSTRLEN], remote[INET_ADDRSTRLEN];
	bool udp = is_udp(s->protocol) && s->role != ROLE_NONE;
	struct in_addr host = s->set.remote, address = s->shown;
	int port = s->set.remote_port;

	if (s->role == ROLE_NONE)
		address.s_addr = 0;
	else if (s->role == ROLE_CLIENT)
		address = m->address;
	if (s->peer.sin_port && (udp || s->role == ROLE_SERVER)) {
		port = ntohs(s->peer.sin_port);
		if (udp)
			host = s->peer.sin_addr;
	}
	inet_ntop(AF_INET, &address, shown, sizeof(shown));
	inet_ntop(AF_INET, &host, remote, sizeof(remote));
	at_okf(m, "%d,%s,%d,%s,%d,%d,%d,%d,%d,%d", s->set.protocol, shown, s->set.local_port,
	       remote, port, s->listen_fd >= 0, udp && s->role == ROLE_SERVER, s->set.backlog,
	       s->multi, at_data_settings(m)->read_mode);
}

static void show_settings(struct module *m)
{
	const struct sock *s = selected(m);
	char shown[INET_ADDRSTRLEN] = "0.0.0.0", remote[INET_ADDRSTRLEN];
	bool udp = is_udp(s->protocol), server = s->role == ROLE_SERVER;
	int port = s->set.remote_port;

	if (!m->op.blocked)
		inet_ntop(AF_INET, &s->shown, shown, sizeof(shown));
	else
		port = 260;
	inet_ntop(AF_INET, &s->set.remote, remote, sizeof(remote));
	at_okf(m, "%d,%s,%d,%s,%d,%d,%d,%d,%d,%d,%d,%d", s->set.protocol, shown,
	       s->set.local_port, remote, port, server && !udp, server && udp, s->set.backlog,
	       s->multi, s->set.push, m->set.keepalive, m->set.keepalive_ms);
}

static void run_settings(struct module *m)
{
	if (observed(m))
		socket_after_accept(m, selected(m), show_settings);
	else
		documented_settings(m);
}

#define SOCK_FIELD(type, cmd, what, field, low, high)				\
	{ .name = cmd, .run = at_set_##type, .help = what, .flags = AT_SOCKET,	\
	  .offset = offsetof(struct sock_settings, field), .min = low, .max = high }

const struct at_command at_socket[] = {
	AT_INT("P0", "<socket 0-3>", AT_READABLE, socket, 0, SOCKETS - 1),
	SOCK_FIELD(int, "P1", "<protocol 0-4>", protocol, PROTO_TCP, PROTO_MQTT),
	SOCK_FIELD(int, "P2", "<local port>", local_port, 0, 65535),
	SOCK_FIELD(address, "P3", "<address>", remote, 0, 0),
	{ .name = "P4", .run = run_remote_port, .help = "<remote port>", .flags = AT_SOCKET,
	  .offset = offsetof(struct sock_settings, remote_port), .max = 65535 },
	{ .name = "P5", .run = run_server, .help = "<0|1|10|11>" },
	{ .name = "P6", .run = run_client, .help = "<0 stop, 1 start>" },
	{ .name = "P7", .run = run_accept_loop, .help = "<0-3>" },
	{ .name = "P8", .run = run_backlog, .help = "<clients>" },
	{ .name = "PK", .run = run_keepalive, .help = "<0|1>,<ms 250-7200000>" },
	{ .name = "PR", .run = run_push, .help = "<0>" },
	{ .name = "PY", .run = run_timeout, .help = "<ms 0-65535>" },
	{ .name = "P?", .run = run_settings },
	{ 0 }
};
