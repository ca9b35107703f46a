// SPDX-License-Identifier: GPL-2.0-only
/*
 * One connection and standard input and output: bytes go both ways until the
 * peer ends, or nobody takes the output any more.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eswifictl.h"

#define CHUNK		1460	/* what the module takes at once, and one datagram */
#define UDP_LINGER_MS	2000	/* silence that ends a UDP session after its input */

static int explain_broken(int conn)
{
	struct eswifi_conn_info info = { .size = sizeof(info) };
	int err = errno;

	if (ioctl(conn, ESWIFI_IOC_CONN_INFO, &info))
		info.text[0] = 0;
	return complain(err == ENODEV ? EXIT_DEVICE : EXIT_REFUSED,
			"the connection broke: %s%s%s", strerror(err),
			info.text[0] ? "; the module said: " : "", info.text);
}

/* Standard output may be somebody's non-blocking pipe. */
static int write_all(int fd, const char *data, size_t len)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	ssize_t done;

	while (len) {
		done = write(fd, data, len);
		if (done < 0 && errno == EAGAIN) {
			poll(&room, 1, -1);
			continue;
		}
		if (done < 0)
			return -1;
		data += done;
		len -= done;
	}
	return 0;
}

/**
 * relay_run() - copy both ways until the peer ends
 * @relay: the connection; what became of standard input is kept in it, so that
 *	the next connection can go on
 *
 * Return: an exit code.
 */
int relay_run(struct relay *relay)
{
	char out[CHUNK], in[CHUNK];
	size_t start = 0, len = 0;
	bool heard = !relay->hears_first;
	ssize_t got;
	int ready;

	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = relay->input && heard && !len ? STDIN_FILENO : -1,
			  .events = POLLIN },
			{ .fd = relay->conn, .events = POLLIN | (len ? POLLOUT : 0) },
			{ .fd = STDOUT_FILENO },	/* only to hear of its end */
		};
		bool ending = relay->datagrams && !relay->endless && heard && !relay->input && !len;

		ready = poll(fds, 3, ending ? UDP_LINGER_MS : -1);
		if (ready < 0)
			return complain(EXIT_DEVICE, "poll: %m");
		if (!ready)
			return EXIT_DONE;
		if (fds[2].revents & (POLLERR | POLLNVAL))
			return complain(EXIT_DEVICE, "nobody takes the output any more");
		if (fds[0].revents) {
			got = read(STDIN_FILENO, out, sizeof(out));
			if (got < 0 && errno != EAGAIN)
				return complain(EXIT_DEVICE, "standard input: %m");
			if (!got)
				relay->input = false;
			start = 0;
			len = got > 0 ? got : 0;
		}
		if (len && fds[1].revents & POLLOUT) {
			got = write(relay->conn, out + start, len);
			if (got < 0 && errno != EAGAIN && errno != EPIPE)
				return explain_broken(relay->conn);
			if (got < 0 && errno == EPIPE)
				got = len;	/* the peer has ended: read what it left */
			if (got > 0) {
				start += got;
				len -= got;
			}
		}
		if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) {
			got = read(relay->conn, in, sizeof(in));
			if (!got && !relay->datagrams)
				return EXIT_DONE;
			if (got < 0 && errno != EAGAIN)
				return explain_broken(relay->conn);
			if (got > 0) {
				heard = true;
				if (write_all(STDOUT_FILENO, in, got))
					return complain(EXIT_DEVICE, "standard output: %m");
			}
		}
	}
}
