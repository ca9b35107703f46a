// SPDX-License-Identifier: GPL-2.0-only
/* The event loop: timers and file descriptors, one callback each. */
#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"

int loop_init(struct loop *loop)
{
	*loop = (struct loop){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return loop->epoll < 0 ? -errno : 0;
}

void loop_exit(struct loop *loop)
{
	close(loop->epoll);
}

/* Microseconds of a clock that nobody sets. */
uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void timer_stop(struct loop *loop, struct timer *timer)
{
	struct timer **at;

	if (!timer->armed)
		return;
	for (at = &loop->timers; *at; at = &(*at)->next) {
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	}
	timer->armed = false;
}

void timer_start(struct loop *loop, struct timer *timer, uint64_t deadline)
{
	struct timer **at = &loop->timers;

	timer_stop(loop, timer);
	while (*at && (*at)->deadline <= deadline)
		at = &(*at)->next;
	timer->deadline = deadline;
	timer->next = *at;
	timer->armed = true;
	*at = timer;
}

int watch_start(struct loop *loop, struct watch *watch, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = watch };

	watch_stop(loop, watch);
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &ev))
		return -errno;
	watch->fd = fd;
	watch->active = true;
	return 0;
}

void watch_stop(struct loop *loop, struct watch *watch)
{
	if (!watch->active)
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->active = false;
}

/*
 * Wait for one event, for at most max_us (for ever if negative), and handle
 * it. One only: its callback may stop any other watch, and an event that was
 * already fetched for that one would then be stale.
 */
int loop_step(struct loop *loop, int64_t max_us)
{
	struct timer *timer = loop->timers;
	struct timespec ts, *timeout = NULL;
	struct epoll_event ev;
	int64_t left = max_us;
	int n;

	if (timer) {
		uint64_t now = loop_now();
		int64_t due = timer->deadline > now ? (int64_t)(timer->deadline - now) : 0;

		if (left < 0 || due < left)
			left = due;
	}
	if (left >= 0) {
		ts.tv_sec = left / 1000000;
		ts.tv_nsec = left % 1000000 * 1000;
		timeout = &ts;
	}
	n = epoll_pwait2(loop->epoll, &ev, 1, timeout, NULL);
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n == 1) {
		struct watch *watch = ev.data.ptr;

		watch->fn(watch->data, ev.events);
	}
	timer = loop->timers;
	if (timer && timer->deadline <= loop_now()) {
		timer_stop(loop, timer);
		timer->fn(timer->data);
	}
	return 0;
}

int loop_run(struct loop *loop)
{
	int err = 0;

	while (!loop->stop && !err)
		err = loop_step(loop, -1);
	return err;
}
