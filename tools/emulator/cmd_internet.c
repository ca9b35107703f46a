// SPDX-License-Identifier: GPL-2.0-only
/* Names and pings: D commands and T commands. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "at.h"

#define PING_TIMEOUT_US	1000000

/*
 * A look-up in its own thread, as getaddrinfo() blocks. The answer comes
 * through a pipe; whoever does not want it any more closes the pipe.
 */
struct lookup {
	int fd;
	char name[65];
};

static void *lookup_thread(void *data)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *found;
	struct in_addr address = { 0 };
	struct lookup *lookup = data;

	if (!getaddrinfo(lookup->name, NULL, &hints, &found)) {
		address = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
		freeaddrinfo(found);
	}
	/* Nobody may be there to read it, which is fine. */
	if (write(lookup->fd, &address, sizeof(address)) < 0)
		address.s_addr = 0;
	close(lookup->fd);
	free(lookup);
	return NULL;
}

/* The end of the pipe that will tell the address, 0.0.0.0 if there is none. */
static int lookup_start(const char *name)
{
	struct lookup *lookup = calloc(1, sizeof(*lookup));
	pthread_t thread;
	int ends[2];

	if (!lookup || pipe2(ends, O_CLOEXEC)) {
		free(lookup);
		return -ENOMEM;
	}
	lookup->fd = ends[1];
	snprintf(lookup->name, sizeof(lookup->name), "%s", name);
	if (pthread_create(&thread, NULL, lookup_thread, lookup)) {
		close(ends[0]);
		close(ends[1]);
		free(lookup);
		return -ENOMEM;
	}
	pthread_detach(thread);
	return ends[0];
}

static void resolved(struct module *m, struct in_addr address)
{
	char ip[INET_ADDRSTRLEN];

	if (!address.s_addr && m->last_dns.s_addr && fault_strikes(&m->faults, FAULT_STALE_DNS))
		address = m->last_dns;
	if (!address.s_addr && observed_as(m, FW_35)) {
		at_failf(m, "[DNS  LU] Host not found %s", m->op.name);
		return;
	}
	if (!address.s_addr) {
		at_failf(m, "[DNS  LU] Host not found %s:%d", m->op.name,
			 !observed(m) ? -1 : m->joined ? 4 : 9);
		return;
	}
	m->last_dns = address;
	m->found[m->set.socket] = address;
	if (quirk(m, QUIRK_D0_SETS_P3))
		m->sock[m->set.socket].set.remote = address;
	at_okf(m, "%s", inet_ntop(AF_INET, &address, ip, sizeof(ip)));
}

/* D0 alone: what was found for each socket. */
static void show_found(struct module *m)
{
	char ip[SOCKETS][INET_ADDRSTRLEN] = { "null" };
	int i;

	for (i = 0; i < SOCKETS; i++)
		if (m->found[i].s_addr)
			inet_ntop(AF_INET, &m->found[i], ip[i], sizeof(ip[i]));
	at_okf(m, "%s,%s,%s,%s", ip[0], ip[1], ip[2], ip[3]);
}

static void lookup_done(struct module *m, bool expired)
{
	struct in_addr address = { 0 };

	if (expired || read(m->op.fd, &address, sizeof(address)) != sizeof(address))
		address.s_addr = 0;
	close(m->op.fd);
	m->op.fd = -1;
	resolved(m, address);
}

static void run_lookup(struct module *m)
{
	const char *name = m->request.args;
	struct in_addr address = { 0 };
	const struct host *host;

	if (!name || !*name) {
		if (observed(m))
			show_found(m);
		else
			at_error(m, TOO_FEW);
		return;
	}
	if (strlen(name) >= sizeof(m->op.name)) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	strcpy(m->op.name, name);
	host = config_find_host(&m->config, name);
	if (at_address(name, &address) || !m->joined) {
		resolved(m, address);
		return;
	}
	if (host) {
		resolved(m, host->address);
		return;
	}
	m->op.fd = lookup_start(name);
	if (m->op.fd < 0)
		resolved(m, address);
	else
		module_wait(m, m->op.fd, EPOLLIN, loop_now() + m->set.tcp_timeout * 1000ULL,
			    lookup_done);
}

static uint16_t checksum(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < len; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static uint16_t ping_id(void)
{
	return getpid();
}

static void ping_next(struct module *m, bool expired);

static void pinged(struct module *m, bool expired)
{
	(void)expired;
	close(m->op.fd);
	m->op.fd = -1;
	at_ok_bytes(m, m->op.text.data, m->op.text.len);
	buf_free(&m->op.text);
}

/* One ping is over: its line, and the next one or the reply. */
static void ping_over(struct module *m, bool answered)
{
	uint64_t start = m->op.deadline - PING_TIMEOUT_US;
	char ip[INET_ADDRSTRLEN], *message;

	inet_ntop(AF_INET, &m->set.ping_address, ip, sizeof(ip));
	if (m->op.text.len)
		buf_printf(&m->op.text, "\r\n");
	/* A message comes where it comes. */
	while (quirk(m, QUIRK_SOMA_ANYWHERE) && m->op.text.len &&
	       (message = module_next_message(m))) {
		buf_printf(&m->op.text, "[SOMA]%s[EOMA]\r\n\r\n", message);
		free(message);
	}
	if (answered)
		buf_printf(&m->op.text, "%s,%d", ip, (int)((loop_now() - start) / 1000));
	else
		buf_printf(&m->op.text, "%s,Timeout", ip);
	/* 65535 repeats are endless ones. */
	if (m->set.ping_repeat == 65535 || m->op.left--) {
		module_sleep(m, m->set.ping_delay * 1000, ping_next);
		return;
	}
	/* Firmware that was seen keeps the pause behind the last one, too. */
	module_sleep(m, observed(m) ? m->set.ping_delay * 1000 : 0, pinged);
}

static void ping_answer(struct module *m, bool expired)
{
	struct icmphdr *icmp;
	uint8_t packet[256];
	ssize_t n, skip = 0;

	while (!expired) {
		n = recv(m->op.fd, packet, sizeof(packet), MSG_DONTWAIT);
		if (n < 0)
			break;
		/* A raw socket gives the IP header, too; a ping socket does not. */
		if (n && packet[0] >> 4 == 4)
			skip = (packet[0] & 0xf) * 4;
		if (n < skip + (ssize_t)sizeof(*icmp))
			continue;
		icmp = (struct icmphdr *)(packet + skip);
		if (skip && ntohs(icmp->un.echo.id) != ping_id())
			continue;
		if (icmp->type == ICMP_ECHOREPLY && ntohs(icmp->un.echo.sequence) == m->op.done) {
			ping_over(m, true);
			return;
		}
	}
	if (expired)
		ping_over(m, false);
	else
		module_wait(m, m->op.fd, EPOLLIN, m->op.deadline, ping_answer);
}

static void ping_next(struct module *m, bool expired)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr = m->set.ping_address };
	struct icmphdr icmp = { .type = ICMP_ECHO, .un.echo.id = htons(ping_id()) };

	(void)expired;
	m->op.done = (m->op.done + 1) & 0xffff;
	icmp.un.echo.sequence = htons(m->op.done);
	icmp.checksum = checksum(&icmp, sizeof(icmp));
	m->op.deadline = loop_now() + PING_TIMEOUT_US;
	if (sendto(m->op.fd, &icmp, sizeof(icmp), 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		log_note(&m->log, "ping: %s", strerror(errno));
	module_wait(m, m->op.fd, EPOLLIN, m->op.deadline, ping_answer);
}

static void run_ping(struct module *m)
{
	char ip[INET_ADDRSTRLEN];
	int fd = -1;

	if (!net_up(m) && observed(m)) {
		inet_ntop(AF_INET, &m->set.ping_address, ip, sizeof(ip));
		at_failf(m, "%s,Not connected", ip);
		return;
	}
	if (net_up(m)) {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
		if (fd < 0)
			fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
		if (fd < 0)
			log_note(&m->log, "this host allows no pings: %s", strerror(errno));
	}
	if (fd < 0) {
		at_error(m, UNKNOWN_ERROR);
		return;
	}
	m->op.fd = fd;
	m->op.done = 0;
	m->op.left = m->set.ping_repeat;
	ping_next(m, false);
}

static void run_ping_settings(struct module *m)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &m->set.ping_address, ip, sizeof(ip));
	at_okf(m, "%s,%d,%d", ip, m->set.ping_repeat, m->set.ping_delay);
}

const struct at_command at_internet[] = {
	{ .name = "D0", .run = run_lookup, .help = "<host>" },
	{ .name = "D1", .run = at_accept, .help = "<0|1>,<name>" },
	{ .name = "D2", .run = at_accept,
	  .help = "<service>,<0|1>,<instance>,<name>,<port>,<ttl>" },
	{ .name = "T0", .run = run_ping },
	AT_ADDRESS("T1", "<address>", 0, ping_address),
	AT_INT("T2", "<repeats 0-65535>", 0, ping_repeat, 0, 65535),
	AT_INT("T3", "<ms 0-5000>", 0, ping_delay, 0, 5000),
	{ .name = "T?", .run = run_ping_settings },
	{ 0 }
};
