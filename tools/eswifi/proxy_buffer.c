// SPDX-License-Identifier: GPL-2.0-only
/* Bytes on their way in one direction through eswifi-proxy. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "proxy.h"

/* Bytes read; 0 not now; -ENODATA the end; another negative errno. */
ssize_t buffer_fill(struct buffer *b, int fd)
{
	ssize_t got;

	if (b->start && b->start + b->len == BUFFER_SIZE) {
		memmove(b->data, b->data + b->start, b->len);
		b->start = 0;
	}
	if (b->len == BUFFER_SIZE)
		return 0;
	got = read(fd, b->data + b->start + b->len, BUFFER_SIZE - b->start - b->len);
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!got)
		return -ENODATA;
	b->len += got;
	return got;
}

void buffer_used(struct buffer *b, size_t len)
{
	b->start += len;
	b->len -= len;
	if (!b->len)
		b->start = 0;
}

/* Bytes written; 0 not now; or a negative errno. */
ssize_t buffer_drain(struct buffer *b, int fd)
{
	ssize_t put;

	if (!b->len)
		return 0;
	put = write(fd, b->data + b->start, b->len);
	if (put < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	buffer_used(b, put);
	return put;
}

/* The answers come before all else, so there is room. */
void buffer_put(struct buffer *b, const struct answer *answer)
{
	memcpy(b->data + b->start + b->len, answer->data, answer->len);
	b->len += answer->len;
}
