// SPDX-License-Identifier: GPL-2.0-only
/* Where clients of eswifi-proxy come in: its own socket, or those of systemd. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "proxy.h"

#define BACKLOG		16
#define NAME_SIZE	64

static void name_of(const struct sockaddr *address, socklen_t len, char name[NAME_SIZE])
{
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(name, NAME_SIZE, "?");
	else
		snprintf(name, NAME_SIZE, strchr(host, ':') ? "[%.48s]:%.6s" : "%.48s:%.6s",
			 host, port);
}

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

static void accept_ready(struct watch *watch, uint32_t events)
{
	struct proxy *proxy = watch->owner;
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char name[NAME_SIZE];
	int fd, on = 1, i;

	(void)events;
	fd = accept4(watch->fd, (struct sockaddr *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;		/* it has left again */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	name_of((struct sockaddr *)&address, len, name);
	if (!client_new(proxy, fd, name)) {
		say("%s turned away: out of memory", name);
		close(fd);
	}
	/* The others wait in the backlog until one is gone. */
	if (proxy->client_count >= CLIENTS_MAX)
		for (i = 0; i < proxy->listener_count; i++)
			watch_stop(&proxy->listeners[i]);
}

static int listen_add(struct proxy *proxy, int fd)
{
	struct watch *watch = &proxy->listeners[proxy->listener_count];
	struct sockaddr_storage address = {};
	socklen_t len = sizeof(address);
	char name[NAME_SIZE];

	*watch = (struct watch){ .fd = fd, .ready = accept_ready, .owner = proxy };
	proxy->listener_count++;
	/* accept() must not wait for a client that has left again. */
	if (getsockname(fd, (struct sockaddr *)&address, &len) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK) || !watch_for(watch, EPOLLIN)) {
		say("cannot listen: %m");
		return -1;
	}
	name_of((struct sockaddr *)&address, len, name);
	say("listening on %s", name);
	if (!is_loopback(&address))
		say("mind that whoever reaches %s can use the module, nobody is asked who he is",
		    name);
	return 0;
}

static int listen_own(struct proxy *proxy, const char *address)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	const char *colon = strrchr(address, ':');
	struct addrinfo *found;
	char host[NAME_SIZE];
	int fd, on = 1, err;

	/* [::1]:1080 */
	if (address[0] == '[' && colon && colon[-1] == ']')
		snprintf(host, sizeof(host), "%.*s", (int)(colon - address - 2), address + 1);
	else
		snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - address) : 0, address);
	err = host[0] && colon[1] ? getaddrinfo(host, colon + 1, &hints, &found) : EAI_NONAME;
	if (err) {
		say("'%s' is no address to listen on; it looks like 127.0.0.1:1080", address);
		return -1;
	}
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, found->ai_addr, found->ai_addrlen) || listen(fd, BACKLOG)) {
		say("cannot listen on %s: %m", address);
		if (fd >= 0)
			close(fd);
		freeaddrinfo(found);
		return -1;
	}
	freeaddrinfo(found);
	return listen_add(proxy, fd);
}

/* 0, or -1 after a message. */
int listen_start(struct proxy *proxy, const char *address)
{
	int given = sd_listen_fds(1);
	int i;

	if (given < 0 || given > LISTENERS_MAX) {
		say("cannot take the sockets of systemd; at most %d", LISTENERS_MAX);
		return -1;
	}
	for (i = 0; i < given; i++) {
		int fd = SD_LISTEN_FDS_START + i;

		if (sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
			say("what systemd passed is no stream socket that listens");
			return -1;
		}
		if (listen_add(proxy, fd))
			return -1;
	}
	return given ? 0 : listen_own(proxy, address);
}

/* There is room for a client again. */
void listen_resume(struct proxy *proxy)
{
	int i;

	for (i = 0; i < proxy->listener_count; i++)
		if (proxy->listeners[i].fd >= 0)
			watch_for(&proxy->listeners[i], EPOLLIN);
}

void listen_stop(struct proxy *proxy)
{
	int i;

	for (i = 0; i < proxy->listener_count; i++)
		watch_close(&proxy->listeners[i]);
	proxy->listener_count = 0;
}
