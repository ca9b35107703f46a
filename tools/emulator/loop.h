/* SPDX-License-Identifier: GPL-2.0-only */
/* The event loop: timers and file descriptors, one callback each. */
#ifndef EMULATOR_LOOP_H
#define EMULATOR_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/**
 * struct timer - a callback at a time
 * @fn: called once, with the timer already disarmed
 * @data: its argument
 * @deadline: when, in microseconds of loop_now()
 * @armed: whether it is in the loop's list
 * @next: the loop's list, soonest first
 */
struct timer {
	void (*fn)(void *data);
	void *data;
	uint64_t deadline;
	bool armed;
	struct timer *next;
};

/**
 * struct watch - a callback when a file descriptor is ready
 * @fn: called with the EPOLL* bits that are set
 * @data: its first argument
 * @fd: the watched descriptor
 * @active: whether the loop watches it
 */
struct watch {
	void (*fn)(void *data, uint32_t events);
	void *data;
	int fd;
	bool active;
};

struct loop {
	int epoll;
	bool stop;
	struct timer *timers;
};

int loop_init(struct loop *loop);
void loop_exit(struct loop *loop);
uint64_t loop_now(void);
int loop_step(struct loop *loop, int64_t max_us);
int loop_run(struct loop *loop);

void timer_start(struct loop *loop, struct timer *timer, uint64_t deadline);
void timer_stop(struct loop *loop, struct timer *timer);
int watch_start(struct loop *loop, struct watch *watch, int fd, uint32_t events);
void watch_stop(struct loop *loop, struct watch *watch);

#endif
