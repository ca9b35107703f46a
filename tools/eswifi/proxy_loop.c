// SPDX-License-Identifier: GPL-2.0-only
/* The event loop of eswifi-proxy: epoll, and a clock. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "proxy.h"

#define EVENTS_A_TURN	16

static int epoll_fd = -1;

int64_t loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

bool loop_init(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd >= 0;
}

/* Wait for these events from now on. False only if there is no memory. */
bool watch_for(struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch->added && watch->events == events)
		return true;
	if (epoll_ctl(epoll_fd, watch->added ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, watch->fd, &event))
		return false;
	watch->added = true;
	watch->events = events;
	return true;
}

void watch_stop(struct watch *watch)
{
	if (watch->added)
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->added = false;
}

void watch_close(struct watch *watch)
{
	watch_stop(watch);
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
}

/* Wait for events until then, and handle them. False if the loop is broken. */
bool loop_turn(int64_t until_ms)
{
	struct epoll_event events[EVENTS_A_TURN];
	int64_t left = until_ms - loop_now_ms();
	int i, count;

	if (left < 0)
		left = 0;
	if (left > 60 * 1000)
		left = 60 * 1000;
	count = epoll_wait(epoll_fd, events, EVENTS_A_TURN, left);
	if (count < 0)
		return errno == EINTR;
	for (i = 0; i < count; i++) {
		struct watch *watch = events[i].data.ptr;

		/* An earlier event of this turn may have closed it. */
		if (watch->added)
			watch->ready(watch, events[i].events);
	}
	return true;
}
