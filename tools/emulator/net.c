// SPDX-License-Identifier: GPL-2.0-only
/* The module's four sockets, made of the host's. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "module.h"

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE	136
#endif

/* Whether there is a network: one that was joined, or the module's own. */
bool net_up(const struct module *m)
{
	return m->joined || (m->ap_running && observed(m));
}

/* Which remote addresses a firmware refuses without need. */
bool net_address_usable(const struct module *m, struct in_addr address)
{
	const uint8_t *octet = (const uint8_t *)&address.s_addr;
	int i;

	if (observed(m))
		return address.s_addr;
	if (m->profile->line == FW_62)
		return octet[0] && octet[3] && octet[0] != 255;
	for (i = 0; i < 4; i++)
		if (octet[i] == 255)
			return false;
	return octet[0] && octet[3];
}

static struct sockaddr_in name_of(struct in_addr address, int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port),
	};
}

static bool is_loopback(struct in_addr address)
{
	return (ntohl(address.s_addr) >> 24) == 127;
}

/*
 * Let the socket have the module's address, if that is one of this host's too.
 * A loopback address can't reach out: it is no use towards another kind.
 */
static int bind_own(const struct module *m, int fd, struct in_addr towards, int port)
{
	struct sockaddr_in own = name_of(m->address, port);
	struct sockaddr_in any = name_of((struct in_addr){ INADDR_ANY }, port);

	if ((!is_loopback(m->address) || is_loopback(towards) || !towards.s_addr) &&
	    !bind(fd, (struct sockaddr *)&own, sizeof(own)))
		return 0;
	return bind(fd, (struct sockaddr *)&any, sizeof(any)) ? -errno : 0;
}

static void set_options(const struct module *m, int fd)
{
	int on = 1, idle = m->set.keepalive_ms / 1000;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (!m->set.keepalive)
		return;
	if (idle < 1)
		idle = 1;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
}

void net_init(struct module *m)
{
	int i;

	for (i = 0; i < SOCKETS; i++)
		m->sock[i] = (struct sock){
			.index = i, .module = m, .fd = -1, .listen_fd = -1,
		};
}

/* What a server took of ours ends for both, whichever of them ends it. */
static void end_own(struct module *m, struct sock *s)
{
	int i;

	for (i = 0; i < SOCKETS; i++) {
		struct sock *server = &m->sock[i];

		if (!server->owner || (server != s && server->owner != s))
			continue;
		shutdown(server->fd, SHUT_RDWR);
		server->owner->ended = true;
		server->ended = true;
		server->owner = NULL;
	}
}

/* Close the connection, keep a server listening. */
void net_drop_client(struct module *m, struct sock *s)
{
	end_own(m, s);
	tls_stop(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->ended = false;
	s->silent = false;
	s->lost = false;
	s->farewell = 0;
	s->told = false;
	s->overrun = false;
	s->stalled = false;
	s->accepting = false;
	s->peer = (struct sockaddr_in){ 0 };
	if (s->role == ROLE_SERVER && s->protocol == PROTO_TCP) {
		s->shown.s_addr = 0;
		if (observed(m))
			s->set.remote_port = 0;
	}
}

/* Whether the peer has said that it will send no more. */
bool net_peer_ended(const struct sock *s)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (s->fd < 0 || s->protocol != PROTO_TCP ||
	    getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		return false;
	return info.tcpi_state == TCP_CLOSE_WAIT;
}

/* The network is gone: its connections are, but firmware that was seen keeps its sockets. */
void net_lose(struct module *m)
{
	int i;

	for (i = 0; i < SOCKETS; i++) {
		struct sock *s = &m->sock[i];

		if (!observed(m) && s->role == ROLE_CLIENT && s->protocol != PROTO_UDP)
			s->ended = true;
		else if (!observed(m) && s->role == ROLE_SERVER)
			net_close(m, s);
		if (!observed(m) || (s->protocol != PROTO_TCP && s->protocol != PROTO_TLS))
			continue;
		if (s->listen_fd >= 0) {
			watch_stop(&m->loop, &s->watch);
			close(s->listen_fd);
			s->listen_fd = -1;
			s->accepting = false;
		}
		if (s->fd < 0)
			continue;
		s->lost = quirk(m, QUIRK_RST_SILENT);
		s->silent = s->lost;
		s->ended = s->ended || !s->lost;
	}
}

/* There is a network again: servers that wait go on waiting. */
void net_resume(struct module *m)
{
	int i;

	for (i = 0; i < SOCKETS; i++) {
		struct sock *s = &m->sock[i];

		if (s->role == ROLE_SERVER && s->protocol == PROTO_TCP && s->listen_fd < 0 &&
		    net_listen(m, s, s->multi))
			log_note(&m->log, "socket %d can't listen any more", i);
	}
}

void net_close(struct module *m, struct sock *s)
{
	watch_stop(&m->loop, &s->watch);
	net_drop_client(m, s);
	if (s->listen_fd >= 0)
		close(s->listen_fd);
	s->listen_fd = -1;
	s->role = ROLE_NONE;
	s->multi = false;
	s->served = false;
	s->port = 0;
}

/*
 * As a module does that loses its power: no farewell to any peer. They get a
 * reset, as they would from a module that is back and knows nothing of them.
 */
void net_close_all(struct module *m)
{
	const struct linger reset = { .l_onoff = 1 };
	int i;

	for (i = 0; i < SOCKETS; i++) {
		struct sock *s = &m->sock[i];

		if (s->fd >= 0)
			setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		s->ended = true;
		net_close(m, s);
	}
}

/* Start to connect; -EINPROGRESS is the usual good answer. */
int net_connect(struct module *m, struct sock *s)
{
	struct sockaddr_in to = name_of(s->set.remote, s->set.remote_port);
	int err = 0;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	set_options(m, s->fd);
	bind_own(m, s->fd, s->set.remote, 0);
	if (connect(s->fd, (struct sockaddr *)&to, sizeof(to)))
		err = -errno;
	s->role = ROLE_CLIENT;
	s->used = true;
	s->peer = to;
	s->shown.s_addr = observed(m) ? 0 : m->address.s_addr;
	return err;
}

/* Whether net_connect() went well, once the socket is writable. */
int net_connected(struct module *m, struct sock *s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	(void)m;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

static void first_datagram(void *data, uint32_t events)
{
	struct sock *s = data;
	struct module *m = s->module;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char ip[INET_ADDRSTRLEN];
	uint8_t byte;

	(void)events;
	watch_stop(&m->loop, &s->watch);
	if (recvfrom(s->fd, &byte, 1, MSG_PEEK, (struct sockaddr *)&from, &len) < 0)
		return;
	if (observed(m))
		return;			/* R0 will tell of it */
	s->peer = from;
	s->shown = from.sin_addr;
	if (!(m->set.quiet & 2) && !fault_strikes(&m->faults, FAULT_ACCEPT_SILENT))
		module_message(m, "[UDP SVR] Accepted %s:%d",
			       inet_ntop(AF_INET, &from.sin_addr, ip, sizeof(ip)),
			       s->set.local_port);
}

/* Whether another client has that port already, or this very one. */
static bool port_taken(const struct module *m, int port)
{
	int i;

	for (i = 0; i < SOCKETS; i++)
		if (port && m->sock[i].fd >= 0 && m->sock[i].port == port)
			return true;
	return false;
}

/*
 * A UDP socket; it is never connected, as P3 and P4 may change while it runs.
 * A client of most firmware sends from the port number it sends to.
 */
int net_open_udp(struct module *m, struct sock *s, bool server)
{
	struct in_addr towards = { 0 };
	int err, port = 0;

	if (!server && quirk(m, QUIRK_UDP_PORT) && port_taken(m, s->set.remote_port))
		return -EADDRINUSE;
	s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
		       s->set.protocol == PROTO_UDPLITE ? IPPROTO_UDPLITE : 0);
	if (s->fd < 0)
		return -errno;
	if (server)
		port = s->set.local_port;
	else if (quirk(m, QUIRK_UDP_PORT) || m->profile->line == FW_35)
		port = s->set.remote_port;
	if (!server)
		towards = s->set.remote;
	err = bind_own(m, s->fd, towards, port);
	/* The peer may live on this very host, and have the port already. */
	if (err && !server)
		err = bind_own(m, s->fd, towards, 0);
	if (err) {
		close(s->fd);
		s->fd = -1;
		return err;
	}
	s->role = server ? ROLE_SERVER : ROLE_CLIENT;
	s->used = true;
	s->port = server ? 0 : port;
	if (!observed(m))
		s->shown.s_addr = server ? 0 : m->address.s_addr;
	if (server) {
		s->watch.fn = first_datagram;
		s->watch.data = s;
		watch_start(&m->loop, &s->watch, s->fd, EPOLLIN);
	}
	return 0;
}

static void client_waits(void *data, uint32_t events)
{
	struct sock *s = data;
	struct module *m = s->module;
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	char ip[INET_ADDRSTRLEN];
	int fd;

	(void)events;
	fd = accept4(s->listen_fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	/* One connection at a time: the others stay in the backlog. */
	watch_stop(&m->loop, &s->watch);
	set_options(m, fd);
	s->accepting = false;
	s->served = true;
	s->fd = fd;
	s->peer = from;
	s->shown = from.sin_addr;
	s->accepted_at = loop_now();
	/* One field of the firmware holds P4 and the client's port. */
	if (observed(m))
		s->set.remote_port = ntohs(from.sin_port);
	if (m->set.quiet & 2 || fault_strikes(&m->faults, FAULT_ACCEPT_SILENT))
		return;
	module_message(m, "[TCP SVR] Accepted %s:%d",
		       inet_ntop(AF_INET, &from.sin_addr, ip, sizeof(ip)),
		       observed(m) && s->multi ? s->set.remote_port : s->set.local_port);
}

void net_accept_next(struct module *m, struct sock *s)
{
	if (s->accepting || s->fd >= 0 || s->listen_fd < 0)
		return;
	/* Others get as far as the backlog, and no further. */
	if (quirk(m, QUIRK_P5_ONCE) && s->served && !s->multi)
		return;
	s->accepting = true;
	s->watch.fn = client_waits;
	s->watch.data = s;
	watch_start(&m->loop, &s->watch, s->listen_fd, EPOLLIN);
}

/*
 * A server that was told to wait for its next client takes a connection that the
 * module itself has opened for that client, without a word: both can use it then.
 */
void net_accept_own(struct module *m, struct sock *own)
{
	int i;

	if (!quirk(m, QUIRK_ACCEPT_ASTRAY) || own->protocol != PROTO_TCP)
		return;
	for (i = 0; i < SOCKETS; i++) {
		struct sock *server = &m->sock[i];

		if (!server->accepting || !server->multi || !server->served || server->fd >= 0)
			continue;
		watch_stop(&m->loop, &server->watch);
		server->accepting = false;
		server->owner = own;
		server->fd = dup(own->fd);
		server->shown = own->set.remote;
		server->set.remote_port = own->set.remote_port;
		return;
	}
}

/* A TCP server. Without a network it waits for one. */
int net_listen(struct module *m, struct sock *s, bool multi)
{
	int on = 1, err;

	s->role = ROLE_SERVER;
	s->used = true;
	s->multi = multi;
	if (!net_up(m))
		return 0;
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->listen_fd < 0)
		return -errno;
	setsockopt(s->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	err = bind_own(m, s->listen_fd, (struct in_addr){ 0 }, s->set.local_port);
	if (!err && listen(s->listen_fd, s->set.backlog))
		err = -errno;
	if (err) {
		close(s->listen_fd);
		s->listen_fd = -1;
		s->role = ROLE_NONE;
		return err;
	}
	net_accept_next(m, s);
	return 0;
}

/* Bytes received; 0 at the end of the stream; -EAGAIN: wait for s->want. */
ssize_t net_receive(struct sock *s, void *data, size_t len, size_t enough)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t n;

	if (s->ssl)
		return tls_receive(s, data, len, enough);
	s->want = EPOLLIN;
	if (s->protocol == PROTO_TCP) {
		n = recv(s->fd, data, len, 0);
		return n < 0 ? -errno : n;
	}
	n = recvfrom(s->fd, data, len, 0, (struct sockaddr *)&from, &size);
	if (n < 0)
		return -errno;
	s->peer = from;
	s->shown = from.sin_addr;
	/* What is sent next goes to the port where this came from, whoever it was. */
	if (observed(s->module))
		s->set.remote_port = ntohs(from.sin_port);
	return n;
}

/* Bytes sent; -EAGAIN: wait for s->want. */
ssize_t net_send(struct sock *s, const void *data, size_t len)
{
	struct sockaddr_in to = name_of(s->set.remote, s->set.remote_port);
	ssize_t n;

	if (s->ssl)
		return tls_send(s, data, len);
	s->want = EPOLLOUT;
	if (s->protocol == PROTO_TCP) {
		n = send(s->fd, data, len, MSG_NOSIGNAL);
		return n < 0 ? -errno : n;
	}
	if (s->role == ROLE_SERVER)
		to = s->peer;
	n = sendto(s->fd, data, len, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof(to));
	return n < 0 ? -errno : n;
}
