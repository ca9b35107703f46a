// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other plug: a socket in place of /dev/uspi, for hosts that are no kernel.
 * The module has power while a host is connected; what lies in the socket when it goes is lost.
 *
 * From the host:  'S' level        chip select goes to that level (0 selects)
 *                 'X' n(2) bytes   n bytes are clocked, n even, in the order of the wire
 *                 'W' n(4)         n ns pass
 *                 'D' n(4)         the next message comes no sooner than n ns after the last
 *                 'T'              asks for a 'T'
 *                 'Z' level        the reset line goes to that level (0 resets)
 * To the host:    'R' level        data-ready changed
 *                 'X' n(2) bytes   what came back
 *                 'W' level t(8)   they have passed: data-ready's level, the time in ns
 *                 'T'              everything before it has been taken
 * Numbers are little endian. Messages are taken one at a time, in their order.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "module.h"
#include "plug.h"

#define SPEED_HZ	10000000
#define SELECT_US	5	/* from an edge of chip select to whatever comes next */

static void take(void *data);

static uint32_t number(const uint8_t *data, size_t bytes)
{
	uint32_t n = 0;

	while (bytes--)
		n = n << 8 | data[bytes];
	return n;
}

static void put(struct plug *plug, const void *data, size_t len)
{
	const uint8_t *at = data;

	while (len && plug->fd >= 0) {
		ssize_t n = send(plug->fd, at, len, MSG_NOSIGNAL);

		/* Who has left learns nothing any more; reading will tell us, too. */
		if (n < 0)
			return;
		at += n;
		len -= n;
	}
}

static void later(struct plug *plug, uint64_t when)
{
	plug->timer.fn = take;
	plug->timer.data = plug;
	timer_start(&plug->module->loop, &plug->timer, when);
}

static void done(struct plug *plug, size_t len)
{
	plug->in.len -= len;
	memmove(plug->in.data, plug->in.data + len, plug->in.len);
	plug->last = loop_now();
}

static void line_event(struct plug *plug, uint32_t type, uint32_t line, uint32_t value)
{
	const struct uspi_event event = { .type = type, .line = line, .value = value };

	wire_event(plug->module, &event);
}

static void clock_bytes(struct plug *plug, size_t len)
{
	struct uspi_event *event = calloc(1, sizeof(*event) + len);

	if (!event)
		return;
	event->type = USPI_EVENT_TRANSFER;
	event->speed_hz = SPEED_HZ;
	event->len = len;
	memcpy(event->data, plug->in.data + 3, len);
	done(plug, 3 + len);
	plug->transfer = true;
	wire_event(plug->module, event);
	free(event);
}

static void tell_time(struct plug *plug)
{
	uint64_t now = loop_now() * 1000;
	uint8_t answer[10] = { 'W', plug->module->wire.ready };
	size_t i;

	for (i = 0; i < 8; i++)
		answer[2 + i] = now >> 8 * i;
	put(plug, answer, sizeof(answer));
}

/* Take the message at the head; false if it is not all there, or has to wait. */
static bool take_one(struct plug *plug)
{
	const uint8_t *in = plug->in.data;
	size_t have = plug->in.len;

	if (!have)
		return false;
	if (in[0] == 'D') {
		if (have < 5)
			return false;
		plug->gap = number(in + 1, 4) / 1000;
		plug->in.len -= 5;
		memmove(plug->in.data, plug->in.data + 5, plug->in.len);
		return true;
	}
	if (plug->gap && loop_now() < plug->last + plug->gap) {
		later(plug, plug->last + plug->gap);
		return false;
	}
	plug->gap = 0;
	switch (in[0]) {
	case 'S':
	case 'Z':
		if (have < 2)
			return false;
		if (in[0] == 'S')
			line_event(plug, USPI_EVENT_CS, 0, !(in[1] & 1));
		else
			line_event(plug, USPI_EVENT_LINE, LINE_RESET, in[1] & 1);
		done(plug, 2);
		plug->gap = SELECT_US;
		return true;
	case 'X':
		if (have < 3 || have < 3 + number(in + 1, 2))
			return false;
		clock_bytes(plug, number(in + 1, 2));
		return true;
	case 'W':
		if (have < 5)
			return false;
		if (!plug->paused) {
			plug->paused = true;
			later(plug, loop_now() + number(in + 1, 4) / 1000);
			return false;
		}
		plug->paused = false;
		tell_time(plug);
		done(plug, 5);
		return true;
	case 'T':
		put(plug, "T", 1);
		done(plug, 1);
		return true;
	default:
		log_note(&plug->module->log, "the host says %02x, which is no message", in[0]);
		done(plug, 1);
		return true;
	}
}

static void take(void *data)
{
	struct plug *plug = data;

	while (!plug->transfer && !plug->timer.armed && take_one(plug))
		;
}

void plug_reply(struct plug *plug, const uint8_t *data, size_t len)
{
	uint8_t head[3] = { 'X', len, len >> 8 };

	put(plug, head, sizeof(head));
	put(plug, data, len);
	plug->transfer = false;
	plug->last = loop_now();
	/* The wire is still in the middle of this transfer: the next message comes later. */
	if (!plug->timer.armed)
		later(plug, loop_now());
}

void plug_drive(struct plug *plug, int level)
{
	const uint8_t message[2] = { 'R', level };

	put(plug, message, sizeof(message));
}

static void wait_for_host(struct plug *plug);

static void host_left(struct plug *plug)
{
	struct module *m = plug->module;

	watch_stop(&m->loop, &plug->watch);
	timer_stop(&m->loop, &plug->timer);
	close(plug->fd);
	plug->fd = -1;
	plug->in.len = 0;
	plug->transfer = false;
	plug->paused = false;
	plug->gap = 0;
	wire_power_off(m);
	if (plug->listen_fd < 0)
		m->loop.stop = true;
	else
		wait_for_host(plug);
}

static void host_speaks(void *data, uint32_t events)
{
	struct plug *plug = data;
	uint8_t bytes[65536];
	ssize_t n;

	/* Whatever it has said before it left: the module has no power to take it. */
	if (events & (EPOLLHUP | EPOLLRDHUP)) {
		host_left(plug);
		return;
	}
	n = recv(plug->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		host_left(plug);
		return;
	}
	buf_add(&plug->in, bytes, n);
	take(plug);
}

static int serve_host(struct plug *plug)
{
	plug->watch.fn = host_speaks;
	plug->watch.data = plug;
	wire_power_on(plug->module);
	return watch_start(&plug->module->loop, &plug->watch, plug->fd, EPOLLIN | EPOLLRDHUP);
}

static void host_comes(void *data, uint32_t events)
{
	struct plug *plug = data;

	(void)events;
	plug->fd = accept4(plug->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (plug->fd < 0)
		return;
	watch_stop(&plug->module->loop, &plug->watch);
	serve_host(plug);
}

static void wait_for_host(struct plug *plug)
{
	plug->watch.fn = host_comes;
	plug->watch.data = plug;
	watch_start(&plug->module->loop, &plug->watch, plug->listen_fd, EPOLLIN);
}

/* where: the path of a socket, or "fd:N" for a connection that was inherited. */
int plug_open(struct plug *plug, struct module *m, const char *where)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	*plug = (struct plug){ .module = m, .listen_fd = -1, .fd = -1 };
	if (!strncmp(where, "fd:", 3)) {
		plug->fd = atoi(where + 3);
		return serve_host(plug);
	}
	if (strlen(where) >= sizeof(name.sun_path))
		return -ENAMETOOLONG;
	strcpy(name.sun_path, where);
	plug->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (plug->listen_fd < 0)
		return -errno;
	unlink(where);
	if (bind(plug->listen_fd, (struct sockaddr *)&name, sizeof(name)) ||
	    listen(plug->listen_fd, 1))
		return -errno;
	wait_for_host(plug);
	return 0;
}

void plug_close(struct plug *plug)
{
	watch_stop(&plug->module->loop, &plug->watch);
	timer_stop(&plug->module->loop, &plug->timer);
	if (plug->fd >= 0)
		close(plug->fd);
	plug->fd = -1;
	if (plug->listen_fd >= 0)
		close(plug->listen_fd);
	buf_free(&plug->in);
}
