/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of uspi know of each other: core, conversation (bus), lines and interrupts. */
#ifndef _USPI_INTERNAL_H
#define _USPI_INTERNAL_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uspi.h>
#include <linux/wait.h>

struct device;
struct iov_iter;
struct kiocb;
struct spi_controller;
struct uspi_irq;
struct uspi_lines;
struct uspi_record;

/**
 * struct uspi_bus - the conversation between controller and program
 * @ready: the peripheral exists; all before @wait is set by then
 * @dev: for the log
 * @timeout: how long a transfer waits for its reply, in jiffies
 * @max_transfer: longest transfer in bytes
 * @wait: the program waits for events here
 * @answered: the transfer in flight waits for its end here
 * @lock: guards all below; taken in any context
 * @gone: the program left
 * @failed: an event was lost or the SPI device could not be registered
 * @selected: the chip select as last told
 * @events: queue of struct uspi_record
 * @num_events: entries in @events
 * @last_id: id of the newest transfer
 * @waiting: id of the transfer in flight, or 0
 * @waiting_len: its length
 * @unread: its record while that is in the queue, or NULL
 * @reply: data of its reply, until it is picked up
 * @error: error of its reply
 */
struct uspi_bus {
	bool ready;
	struct device *dev;
	unsigned long timeout;
	u32 max_transfer;
	wait_queue_head_t wait;
	struct completion answered;
	spinlock_t lock;	/* guards all below */
	bool gone;
	bool failed;
	bool selected;
	struct list_head events;
	unsigned int num_events;
	u32 last_id;
	u32 waiting;
	u32 waiting_len;
	struct uspi_record *unread;
	void *reply;
	int error;
};

/* Who sees it may use what creation set up. */
static inline bool uspi_bus_is_ready(struct uspi_bus *bus)
{
	/* Pairs with uspi_bus_set_ready(). */
	return smp_load_acquire(&bus->ready);
}

static inline void uspi_bus_set_ready(struct uspi_bus *bus)
{
	/* Pairs with uspi_bus_is_ready(). */
	smp_store_release(&bus->ready, true);
}

void uspi_bus_init(struct uspi_bus *bus);
void uspi_bus_attach(struct uspi_bus *bus, struct spi_controller *ctlr);
void uspi_bus_detach(struct spi_controller *ctlr);
void uspi_bus_fail(struct uspi_bus *bus, const char *why);
void uspi_bus_line(struct uspi_bus *bus, u32 line, bool level);
void uspi_bus_leave(struct uspi_bus *bus);
void uspi_bus_clear(struct uspi_bus *bus);

ssize_t uspi_bus_read_iter(struct kiocb *iocb, struct iov_iter *to);
ssize_t uspi_bus_write_iter(struct kiocb *iocb, struct iov_iter *from);
__poll_t uspi_bus_poll(struct file *file, poll_table *table);

struct uspi_lines *uspi_lines_add(struct uspi_bus *bus, struct device *parent,
				  const struct uspi_line *config, u32 num);
void uspi_lines_remove(struct uspi_lines *lines);
int uspi_lines_drive(struct uspi_lines *lines, u32 line, bool level);
int uspi_lines_irq(struct uspi_lines *lines, u32 line);

struct uspi_irq *uspi_irq_plug(bool level);
void uspi_irq_unplug(struct uspi_irq *irq);
void uspi_irq_drive(struct uspi_irq *irq, bool level);
bool uspi_irq_level(const struct uspi_irq *irq);
unsigned int uspi_irq_number(const struct uspi_irq *irq);

int uspi_irq_init(void);
void uspi_irq_exit(void);

#endif /* _USPI_INTERNAL_H */
