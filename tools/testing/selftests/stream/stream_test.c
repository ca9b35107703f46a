// SPDX-License-Identifier: GPL-2.0-only
/*
 * Much data through four connections at once, both ways: written in mixed sizes
 * and echoed by a server in this program, read by epoll in edge-triggered mode
 * or by io_uring, and compared byte by byte.
 *
 * usage: stream_test DEVICE MEGABYTES [epoll|uring]
 *	MEGABYTES in each direction, over all four connections
 *
 * Prints TAP: both readers are tried, one after the other, or the one named.
 *
 * libraries: -luring
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <linux/eswifi.h>

#define CONNECTIONS	4
#define BLOCK_MAX	65536
/* Nothing for so long is a failure. */
#define PATIENCE_MS	30000

/* One direction of a connection: bytes that follow from their position. */
struct stream {
	uint64_t seed;
	uint64_t pos;
};

struct connection {
	int fd;
	uint64_t total;
	struct stream out;
	struct stream in;
	pthread_t writer;
	char fault[160];
};

struct server {
	int fd;
	unsigned short port;
	pthread_t thread;
};

static unsigned char stream_byte(const struct stream *s, uint64_t pos)
{
	uint64_t x = (pos / 8 + 1) * 0x9e3779b97f4a7c15ull ^ s->seed;

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ull;
	x ^= x >> 32;
	return x >> (pos % 8 * 8);
}

static void stream_fill(struct stream *s, unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = stream_byte(s, s->pos++);
}

static bool stream_check(struct connection *c, const unsigned char *buf, size_t len)
{
	for (size_t i = 0; i < len; i++, c->in.pos++) {
		if (buf[i] == stream_byte(&c->in, c->in.pos))
			continue;
		snprintf(c->fault, sizeof(c->fault), "byte %llu differs",
			 (unsigned long long)c->in.pos);
		return false;
	}
	return true;
}

static bool fail(struct connection *c, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (!c->fault[0])
		vsnprintf(c->fault, sizeof(c->fault), fmt, args);
	va_end(args);
	return false;
}

/* ------------------------------------------------------------- the server */

/* Copies one connection back; buffers what the peer does not take yet. */
static void *echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	unsigned char buf[16384];
	ssize_t n, done, put;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (done = 0; done < n; done += put) {
			put = write(fd, buf + done, n - done);
			if (put <= 0)
				goto out;
		}
out:
	close(fd);
	return NULL;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	pthread_t thread;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		if (pthread_create(&thread, NULL, echo, (void *)(intptr_t)fd))
			abort();
		pthread_detach(thread);
	}
	return NULL;
}

static void server_start(struct server *server)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);

	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->fd, (struct sockaddr *)&address, len) || listen(server->fd, 8) ||
	    getsockname(server->fd, (struct sockaddr *)&address, &len)) {
		perror("server");
		exit(1);
	}
	server->port = ntohs(address.sin_port);
	pthread_create(&server->thread, NULL, serve, server);
}

/* ------------------------------------------------------------- the writer */

static void *write_all(void *arg)
{
	struct connection *c = arg;
	unsigned int random = c->out.seed;
	unsigned char *buf = malloc(BLOCK_MAX);

	while (c->out.pos < c->total && !c->fault[0]) {
		struct pollfd pfd = { .fd = c->fd, .events = POLLOUT };
		size_t len, done = 0;
		ssize_t n;

		/* As many small ones as large ones. */
		random = random * 1103515245 + 12345;
		len = 1 + (random >> 8) % (1u << (random >> 24) % 17);
		if (len > c->total - c->out.pos)
			len = c->total - c->out.pos;
		stream_fill(&c->out, buf, len);
		while (done < len) {
			n = write(c->fd, buf + done, len - done);
			if (n > 0) {
				done += n;
			} else if (n < 0 && errno == EAGAIN) {
				if (poll(&pfd, 1, PATIENCE_MS) == 1)
					continue;
				fail(c, "no room to write after %llu bytes",
				     (unsigned long long)c->out.pos);
				goto out;
			} else {
				fail(c, "write: %s", strerror(errno));
				goto out;
			}
		}
	}
out:
	free(buf);
	return NULL;
}

/* ------------------------------------------------------------ the readers */

static bool read_by_epoll(struct connection *connections)
{
	int left = CONNECTIONS, ep = epoll_create1(EPOLL_CLOEXEC);
	unsigned char *buf = malloc(BLOCK_MAX);
	struct epoll_event events[CONNECTIONS];
	bool good = true;

	for (int i = 0; i < CONNECTIONS; i++) {
		struct epoll_event event = {
			.events = EPOLLIN | EPOLLET, .data.ptr = &connections[i],
		};

		epoll_ctl(ep, EPOLL_CTL_ADD, connections[i].fd, &event);
	}
	while (left && good) {
		int n = epoll_wait(ep, events, CONNECTIONS, PATIENCE_MS);

		if (n <= 0)
			good = fail(&connections[0], "nothing more is told by epoll");
		for (int i = 0; i < n && good; i++) {
			struct connection *c = events[i].data.ptr;
			ssize_t got;

			/* Edge-triggered: only EAGAIN ends it. */
			while ((got = read(c->fd, buf, BLOCK_MAX)) > 0) {
				good = stream_check(c, buf, got);
				if (!good)
					break;
				if (c->in.pos == c->total) {
					left--;
					break;
				}
			}
			if (got == 0)
				good = fail(c, "the stream ended after %llu bytes",
					    (unsigned long long)c->in.pos);
			else if (got < 0 && errno != EAGAIN)
				good = fail(c, "read: %s", strerror(errno));
		}
	}
	free(buf);
	close(ep);
	return good;
}

static bool read_by_uring(struct connection *connections)
{
	static unsigned char buf[CONNECTIONS][BLOCK_MAX];
	struct __kernel_timespec patience = { .tv_sec = PATIENCE_MS / 1000 };
	int left = CONNECTIONS;
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	bool good = true;

	if (io_uring_queue_init(2 * CONNECTIONS, &ring, 0))
		return fail(&connections[0], "io_uring: %s", strerror(errno));
	for (int i = 0; i < CONNECTIONS; i++) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

		io_uring_prep_read(sqe, connections[i].fd, buf[i], BLOCK_MAX, 0);
		io_uring_sqe_set_data64(sqe, i);
	}
	io_uring_submit(&ring);
	while (left && good) {
		if (io_uring_wait_cqe_timeout(&ring, &cqe, &patience)) {
			good = fail(&connections[0], "no read completes any more");
			break;
		}

		int i = cqe->user_data;
		struct connection *c = &connections[i];
		int got = cqe->res;

		io_uring_cqe_seen(&ring, cqe);
		if (got == 0) {
			good = fail(c, "the stream ended after %llu bytes",
				    (unsigned long long)c->in.pos);
		} else if (got < 0 && got != -EAGAIN) {
			good = fail(c, "read: %s", strerror(-got));
		} else {
			if (got > 0)
				good = stream_check(c, buf[i], got);
			if (c->in.pos == c->total) {
				left--;
				continue;
			}
			struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

			io_uring_prep_read(sqe, c->fd, buf[i], BLOCK_MAX, 0);
			io_uring_sqe_set_data64(sqe, i);
			io_uring_submit(&ring);
		}
	}
	io_uring_queue_exit(&ring);
	return good;
}

/* ---------------------------------------------------------------- the test */

static bool transfer(const char *device, struct server *server, uint64_t total, bool nonblock,
		     bool (*reader)(struct connection *connections))
{
	struct connection connections[CONNECTIONS] = {};
	int control = open(device, O_RDWR | O_CLOEXEC);
	struct timespec begin, end;
	bool good = true;

	if (control < 0) {
		printf("# %s: %s\n", device, strerror(errno));
		return false;
	}
	for (int i = 0; i < CONNECTIONS; i++) {
		struct eswifi_connect arg = {
			.size = sizeof(arg),
			.protocol = ESWIFI_PROTO_TCP,
			.port = server->port,
			.verify = ESWIFI_VERIFY_DEFAULT,
			.cert_set = ESWIFI_CERT_SET_DEFAULT,
			.fd_flags = O_CLOEXEC,
			.host = "127.0.0.1",
		};

		/* The sockets of the reader before are being closed still. */
		for (int tries = 0; ioctl(control, ESWIFI_IOC_CONNECT, &arg); tries++) {
			if (errno == EBUSY && tries < 300) {
				usleep(100000);
				continue;
			}
			printf("# connect: %s\n", strerror(errno));
			return false;
		}
		if (nonblock)
			fcntl(arg.fd, F_SETFL, O_NONBLOCK);
		connections[i] = (struct connection){
			.fd = arg.fd, .total = total / CONNECTIONS,
			.out.seed = i + 1, .in.seed = i + 1,
		};
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < CONNECTIONS; i++)
		pthread_create(&connections[i].writer, NULL, write_all, &connections[i]);
	good = reader(connections);
	clock_gettime(CLOCK_MONOTONIC, &end);
	for (int i = 0; i < CONNECTIONS; i++) {
		if (!good)
			fail(&connections[i], "the reader stopped");
		pthread_join(connections[i].writer, NULL);
		if (connections[i].fault[0]) {
			printf("# connection %d: %s\n", i, connections[i].fault);
			good = false;
		}
		close(connections[i].fd);
	}
	close(control);
	printf("# %llu bytes each way in %.1f s\n", (unsigned long long)total,
	       end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9);
	return good;
}

int main(int argc, char **argv)
{
	struct server server = {};
	uint64_t total;
	bool only = argc == 4, epoll = true, uring = true;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: stream_test DEVICE MEGABYTES [epoll|uring]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	total = strtoull(argv[2], NULL, 10) << 20;
	server_start(&server);
	printf("TAP version 13\n1..%d\n", only ? 1 : 2);
	if (!only || !strcmp(argv[3], "epoll")) {
		epoll = transfer(argv[1], &server, total, true, read_by_epoll);
		printf("%sok - epoll, edge-triggered: every byte, in order, on four connections\n",
		       epoll ? "" : "not ");
	}
	if (!only || !strcmp(argv[3], "uring")) {
		uring = transfer(argv[1], &server, total, false, read_by_uring);
		printf("%sok - io_uring: every byte, in order, on four connections\n",
		       uring ? "" : "not ");
	}
	return epoll && uring ? 0 : 1;
}
