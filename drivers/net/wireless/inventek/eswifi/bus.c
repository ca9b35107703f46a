// SPDX-License-Identifier: GPL-2.0-only
/*
 * One exchange with the module: a command out, its reply in, by chip select and the
 * data-ready line; and the module's reset. What hardware is under it does not matter.
 *
 * Data-ready is high when the module wants a command (CMD phase) and when it
 * has a reply (DATA phase); that both look the same is what most of the care
 * below is about. Between the two it is low: after a command because chip select
 * rose, after a reply because the last word was read.
 *
 * Firmware was seen (C3.5.2.5.STM) that is dead until its reset after anything in
 * the CMD phase that is not one whole command: a read, half a command, a pulse of
 * chip select. So the module is selected for two things only. One is a command, all
 * of it at once. The other is a reply, which is known to be there, and is read to its
 * end while the module stays selected, but not much further. Nothing is read a
 * second time.
 */
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "eswifi.h"

/* First look at a high line after a command; doubled up to the longest sleep. */
#define LOOK_MIN_US	100
/* Longest sleep without a look at the line. */
#define LOOK_MAX_US	20000
/* Until the module has seen that chip select rose a high line says nothing, whatever
 * edge came late. It takes 1 to 2 us, and 11 at the most.
 */
#define SETTLE_US	100
/* A line that is high at all looks for so long was low between two of them: for 11 us
 * only, it may be. A level's interrupt misses that now and then, an edge's hardly ever.
 */
#define HIGH_LEVEL_US	15000
#define HIGH_EDGE_US	500000
/* From the end of a reply to the next CMD phase: 12 us, or some seconds. */
#define CMD_PHASE_MS	10000
/* Every known driver gets along with 500 ms or less; some modules take 3 s. */
#define BOOT_MS		5000
/* The first reset, and those that follow it if it was not heard. */
#define RESET_MS	50
#define RESET_LONG_MS	1000
/* Without power, until it can be taken for gone. */
#define POWER_OFF_MS	1000
/* Pause between looks at a line that floats while the module boots. */
#define FLOAT_MS	100
/* More than this is no prompt. */
#define PROMPT_MAX	64

/* Bytes read between two looks at the line: so many may be read beyond the end. */
#define RUN		32
/* So much stuffing without a break is no end of a reply but a module that has
 * lost its way. A payload may be nothing but bytes that look like stuffing.
 */
#define STUFFING_MAX	2048
static_assert(STUFFING_MAX > ESWIFI_PAYLOAD_MAX);
/* How long the line may take to fall behind a reply before more is read. */
#define FALL_US		10000
#define FALL_LOOK_US	20
/* So much may come beyond what the buffer takes until it is no reply either. */
#define EXCESS_MAX	(4 * ESWIFI_RX_SIZE)

/**
 * eswifi_bus_alloc - get a bus's buffers and ready what interrupts touch
 * @bus: the bus
 *
 * Return: 0 or -ENOMEM.
 */
int eswifi_bus_alloc(struct eswifi_bus *bus)
{
	init_waitqueue_head(&bus->wait);
	bus->tx = kzalloc(ESWIFI_TX_SIZE, GFP_KERNEL);
	bus->rx = kzalloc(ESWIFI_RX_SIZE + RUN, GFP_KERNEL);
	if (bus->tx && bus->rx)
		return 0;
	eswifi_bus_free(bus);
	return -ENOMEM;
}

/**
 * eswifi_bus_free - give a bus's buffers back
 * @bus: the bus; may have none
 */
void eswifi_bus_free(struct eswifi_bus *bus)
{
	kfree_sensitive(bus->tx);
	kfree_sensitive(bus->rx);
	bus->tx = NULL;
	bus->rx = NULL;
}

/**
 * eswifi_bus_edge - the data-ready line has risen
 * @bus: the bus
 *
 * Context: any.
 */
void eswifi_bus_edge(struct eswifi_bus *bus)
{
	WRITE_ONCE(bus->edge, true);
	wake_up(&bus->wait);
}

/**
 * eswifi_bus_stop - end every wait, now and from now on
 * @bus: the bus
 *
 * Context: any.
 */
void eswifi_bus_stop(struct eswifi_bus *bus)
{
	WRITE_ONCE(bus->stopped, true);
	wake_up_all(&bus->wait);
}

static bool eswifi_bus_left(struct eswifi_bus *bus)
{
	return READ_ONCE(bus->stopped) && !bus->patient;
}

/* Waits for a phase to begin. With @was_low the line was low since the phase
 * before, and being high is enough. Without it a command has just ended, and a high
 * line may be the end of the CMD phase: then an edge counts, or a low line that rises
 * later. As edges get lost, and the line may be low for too short a time to be seen, a
 * line that stays high is the reply too.
 */
static int eswifi_bus_wait(struct eswifi_bus *bus, bool was_low, ktime_t deadline)
{
	ktime_t settled = ktime_add_us(ktime_get(), was_low ? 0 : SETTLE_US);
	unsigned int high_us = bus->level ? HIGH_LEVEL_US : HIGH_EDGE_US;
	unsigned int look_us = LOOK_MIN_US, looked_us = 0;

	for (;;) {
		/* Read before the line: whoever is scheduled late looks once more. */
		ktime_t now = ktime_get();
		bool late = !ktime_before(now, deadline);
		bool edge = READ_ONCE(bus->edge);
		ktime_t sleep;
		int level;

		if (eswifi_bus_left(bus))
			return -ENODEV;
		if (edge) {
			/* Forgotten before the line is looked at: an edge that
			 * comes later is not lost with this one.
			 */
			smp_store_mb(bus->edge, false);
			if (!was_low && ktime_before(now, settled))
				fsleep(SETTLE_US);
		}
		level = bus->ops->data_ready(bus);
		if (level < 0)
			return level;
		if (level && (was_low || edge || looked_us >= high_us))
			return 0;
		if (late)
			return -ETIMEDOUT;
		if (!level) {
			was_low = true;
			if (edge)
				bus->spurious++;
			if (bus->ops->arm)
				bus->ops->arm(bus);
		}

		/* Once low, the interrupt is what ends the sleep. */
		if (was_low)
			look_us = LOOK_MAX_US;
		sleep = min_t(ktime_t, look_us * NSEC_PER_USEC, ktime_sub(deadline, now));
		/* A kernel thread gets no signals; interruptible is not counted as load. */
		wait_event_interruptible_hrtimeout(bus->wait, READ_ONCE(bus->edge) ||
						   eswifi_bus_left(bus), sleep);
		looked_us += look_us;
		look_us = min(2 * look_us, (unsigned int)LOOK_MAX_US);
	}
}

/* Bytes of stuffing at the end of @buf. */
static size_t stuffing_at_end(const u8 *buf, size_t len)
{
	size_t n = 0;

	while (n < len && buf[len - n - 1] == ESWIFI_NAK)
		n++;
	return n;
}

/* Waits until the line falls, without clocking anything: what came ends in stuffing,
 * and so does every reply. @patience_us: in and out: how long that may take.
 */
static int eswifi_bus_fall(struct eswifi_bus *bus, unsigned int *patience_us)
{
	unsigned int look_us = FALL_LOOK_US;
	int level = 1;

	while (level > 0 && *patience_us) {
		look_us = min(look_us, *patience_us);
		fsleep(look_us);
		*patience_us -= look_us;
		look_us *= 2;
		level = bus->ops->data_ready(bus);
	}
	return level;
}

/* What is there to read. */
enum eswifi_read {
	ESWIFI_READ_REPLY,
	ESWIFI_READ_COUNTED,	/* it begins with its length */
	ESWIFI_READ_BOOT,	/* a prompt; or nobody knows, and it may be a CMD phase */
};

/* Bytes to read next, when there are @got already. */
static size_t eswifi_bus_run(struct eswifi_bus *bus, size_t got, enum eswifi_read what)
{
	size_t run = RUN, total;

	if (what == ESWIFI_READ_COUNTED && got >= RUN) {
		/* One word of stuffing ends it. */
		total = round_up(eswifi_frame_counted(bus->rx, got), 2) + 2;
		if (total > got + RUN)
			run = total - got;
	}
	return got < ESWIFI_RX_SIZE ? min_t(size_t, run, ESWIFI_RX_SIZE - got) : RUN;
}

/* Reads while the line is high. Returns the bytes of bus->rx without the stuffing
 * behind them: 0 if nothing else came before the line fell; -EPROTO if it does not.
 */
static ssize_t eswifi_bus_read(struct eswifi_bus *bus, enum eswifi_read what)
{
	size_t limit = what == ESWIFI_READ_BOOT ? PROMPT_MAX : ESWIFI_RX_SIZE + EXCESS_MAX;
	unsigned int patience_us = FALL_US;
	size_t got = 0, stuffing = 0, run, tail;
	int ret, level;

	for (;;) {
		/* What does not fit lands behind the reply, again and again. */
		u8 *rx = bus->rx + min_t(size_t, got, ESWIFI_RX_SIZE);

		run = eswifi_bus_run(bus, got, what);
		memset(bus->tx, ESWIFI_PAD, run);
		/* What is sent does not matter in a DATA phase. In a CMD phase this is
		 * one whole command, "I?", and what follows its CR is ignored.
		 */
		if (what == ESWIFI_READ_BOOT && !got)
			memcpy(bus->tx, "?I\n\r", 4);
		ret = bus->ops->transfer(bus, bus->tx, rx, run, true);
		memset(bus->tx, 0, run);
		if (ret)
			return ret;
		eswifi_frame_swap(rx, run);
		got += run;
		tail = stuffing_at_end(rx, run);
		stuffing = tail == run ? stuffing + run : tail;

		level = bus->ops->data_ready(bus);
		if (level > 0 && stuffing >= 2)
			level = eswifi_bus_fall(bus, &patience_us);
		if (level <= 0) {
			ret = level;
			break;
		}
		if (stuffing >= STUFFING_MAX || got >= limit) {
			ret = -EPROTO;
			break;
		}
	}
	bus->stuffing += stuffing;

	level = bus->ops->transfer(bus, NULL, NULL, 0, false);
	if (!ret)
		ret = level;
	if (ret)
		return ret;
	got -= stuffing;
	return got > ESWIFI_RX_SIZE ? -EMSGSIZE : got;
}

/* It took what was sent for a command, so it runs: its answer is read and dropped. */
static int eswifi_bus_runs(struct eswifi_bus *bus, ktime_t deadline)
{
	struct eswifi_reply reply;
	ssize_t len;
	int ret;

	ret = eswifi_bus_wait(bus, false, deadline);
	if (ret)
		return ret;
	len = eswifi_bus_read(bus, ESWIFI_READ_REPLY);
	if (len < 0)
		return len;
	return eswifi_at_parse(bus->rx, len, &reply) == -EPROTO ? -EPROTO : -EALREADY;
}

/* The prompt of a module that boots. Until it is there data-ready may float, and what
 * is read be anything. A module that did not notice its reset may want a command.
 */
static int eswifi_bus_boot(struct eswifi_bus *bus)
{
	struct eswifi_reply reply;
	ktime_t deadline = ktime_add_ms(ktime_get(), BOOT_MS);
	bool floats = false;
	ssize_t len;
	int ret;

	for (;;) {
		ret = eswifi_bus_wait(bus, true, deadline);
		if (ret)
			return ret == -ETIMEDOUT && floats ? -EPROTO : ret;
		WRITE_ONCE(bus->edge, false);
		len = eswifi_bus_read(bus, ESWIFI_READ_BOOT);
		if (!len)
			return -EPROTO;
		/* The line fell behind it: a module has sent it. */
		if (len > 0 && !eswifi_at_parse_prompt(bus->rx, len))
			return 0;
		/* It may be a reply that nobody has read before. */
		if (len > 0)
			return eswifi_at_parse(bus->rx, len, &reply) == -EPROTO ? -EBADMSG :
										  -EALREADY;
		if (len != -EPROTO)
			return len;
		if (!memchr_inv(bus->rx, ESWIFI_NAK, PROMPT_MAX))
			return eswifi_bus_runs(bus, deadline);
		if (!ktime_before(ktime_get(), deadline))
			return -EPROTO;
		floats = true;
		wait_event_interruptible_timeout(bus->wait, eswifi_bus_left(bus),
						 msecs_to_jiffies(FLOAT_MS));
	}
}

/**
 * eswifi_bus_reset - reset the module and wait until it wants a command
 * @bus: the bus
 * @try: 0 the first time; then the reset is a longer one, and from 2 on the power is
 *	switched off too, if the board can do that
 *
 * Return: 0, or what tells apart why there is no module to talk to: -ETIMEDOUT
 * if data-ready never rose, -EBADMSG if a module sent a prompt that is damaged, -EPROTO
 * if what came is no prompt, -EALREADY if it wants a command, but was not reset;
 * -ENODEV if the bus was stopped; or what the SPI transfer failed with.
 */
int eswifi_bus_reset(struct eswifi_bus *bus, unsigned int try)
{
	bus->ops->set_reset(bus, true);
	if (try > 1 && bus->ops->set_power) {
		bus->ops->set_power(bus, false);
		msleep(POWER_OFF_MS);
		bus->ops->set_power(bus, true);
	}
	msleep(try ? RESET_LONG_MS : RESET_MS);
	bus->ops->set_reset(bus, false);
	return eswifi_bus_boot(bus);
}

/**
 * eswifi_bus_exchange - send the command in bus->tx, receive its reply
 * @bus: the bus
 * @cmd_len: bytes of the command with its CR and payload, in logical order;
 *	they are gone afterwards, as they may hold secrets
 * @timeout_ms: how long the module may take until it answers
 *
 * Return: bytes of the reply in bus->rx, in logical order, without the stuffing
 * behind it; -ETIMEDOUT if the module wants no command or does not answer;
 * -EMSGSIZE if the reply was longer than ESWIFI_RX_SIZE, and has been read to its end,
 * so that the module can be talked to; -EPROTO if that end did not come, or if nothing
 * but stuffing came; -ENODEV if the bus was stopped; or what the SPI transfer failed
 * with. The module is never left selected.
 */
int eswifi_bus_exchange(struct eswifi_bus *bus, size_t cmd_len, unsigned int timeout_ms)
{
	enum eswifi_read what = ESWIFI_READ_REPLY;
	ssize_t got;
	size_t len;
	int ret;

	BUILD_BUG_ON(ESWIFI_TX_SIZE % 2 || ESWIFI_TX_SIZE < ESWIFI_RX_SIZE);
	if (WARN_ON_ONCE(!cmd_len || cmd_len > ESWIFI_TX_SIZE))
		return -EINVAL;

	if (cmd_len > 2 && !memcmp(bus->tx, "R4", 2))
		what = ESWIFI_READ_COUNTED;
	len = eswifi_frame_encode(bus->tx, cmd_len);
	bus->sent = false;
	ret = eswifi_bus_wait(bus, true, ktime_add_ms(ktime_get(), CMD_PHASE_MS));
	if (!ret) {
		/* The DATA phase may begin as soon as chip select rises. */
		WRITE_ONCE(bus->edge, false);
		bus->sent = true;
		ret = bus->ops->transfer(bus, bus->tx, NULL, len, false);
	}
	memzero_explicit(bus->tx, len);
	if (!ret)
		ret = eswifi_bus_wait(bus, false, ktime_add_ms(ktime_get(), timeout_ms));
	if (ret)
		return ret;
	got = eswifi_bus_read(bus, what);
	return got ?: -EPROTO;
}
