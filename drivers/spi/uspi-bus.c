// SPDX-License-Identifier: GPL-2.0-only
/*
 * uspi: the conversation between an SPI controller and the program that plays
 * the peripheral on its only chip select.
 *
 * What the host does becomes events in a queue that the program reads. Only a
 * transfer waits for the program, and never longer than the program said at
 * creation; a program that lets the queue run full has failed for good.
 */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/string.h>
#include <linux/uio.h>

#include "uspi-internal.h"

/* Events that a program may leave unread. */
#define USPI_MAX_EVENTS		1024

/**
 * struct uspi_record - one event in the queue
 * @node: in &uspi_bus.events
 * @event: what read() returns, with its data
 */
struct uspi_record {
	struct list_head node;
	struct uspi_event event;
};

/* What goes over a bus may be a secret. */
static void uspi_record_free(struct uspi_record *record)
{
	if (record)
		kvfree_sensitive(record, struct_size(record, event.data, record->event.len));
}

/* The queue of events */

static void uspi_bus_fail_locked(struct uspi_bus *bus, const char *why)
{
	lockdep_assert_held(&bus->lock);
	if (bus->failed)
		return;
	bus->failed = true;
	dev_err(bus->dev, "peripheral failed: %s\n", why);
	complete(&bus->answered);
	wake_up_interruptible_poll(&bus->wait, EPOLLIN | EPOLLERR);
}

static int uspi_bus_queue(struct uspi_bus *bus, struct uspi_record *record)
{
	lockdep_assert_held(&bus->lock);
	if (bus->gone)
		return -ENODEV;
	if (bus->num_events >= USPI_MAX_EVENTS)
		uspi_bus_fail_locked(bus, "events not read");
	if (bus->failed)
		return -EIO;
	list_add_tail(&record->node, &bus->events);
	bus->num_events++;
	wake_up_interruptible_poll(&bus->wait, EPOLLIN | EPOLLRDNORM);
	return 0;
}

/* Tell the program of something that needs no answer. */
static void uspi_bus_tell_locked(struct uspi_bus *bus, u32 type, u32 line, u32 value)
{
	struct uspi_record *record;

	lockdep_assert_held(&bus->lock);
	record = kzalloc(sizeof(*record), GFP_ATOMIC);
	if (!record) {
		uspi_bus_fail_locked(bus, "no memory for an event");
		return;
	}
	record->event.type = type;
	record->event.line = line;
	record->event.value = value;
	if (uspi_bus_queue(bus, record))
		kfree(record);
}

/**
 * uspi_bus_line() - tell the program that the host changed the level of a line
 * @bus: the conversation
 * @line: index of the line
 * @level: its new level
 *
 * Context: any.
 */
void uspi_bus_line(struct uspi_bus *bus, u32 line, bool level)
{
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	uspi_bus_tell_locked(bus, USPI_EVENT_LINE, line, level);
	spin_unlock_irqrestore(&bus->lock, flags);
}

static bool uspi_bus_readable(struct uspi_bus *bus)
{
	bool readable;

	spin_lock_irq(&bus->lock);
	readable = bus->num_events || bus->failed;
	spin_unlock_irq(&bus->lock);
	return readable;
}

/* Take the first event if @space suffices for it. */
static struct uspi_record *uspi_bus_take(struct uspi_bus *bus, size_t space)
{
	struct uspi_record *record;

	spin_lock_irq(&bus->lock);
	record = list_first_entry_or_null(&bus->events, struct uspi_record, node);
	if (!record) {
		record = ERR_PTR(bus->failed ? -EIO : -EAGAIN);
	} else if (struct_size(&record->event, data, record->event.len) > space) {
		record = ERR_PTR(-EMSGSIZE);
	} else {
		list_del(&record->node);
		bus->num_events--;
		if (bus->unread == record)
			bus->unread = NULL;
	}
	spin_unlock_irq(&bus->lock);
	return record;
}

/** uspi_bus_read_iter() - read() of the open file: one event */
ssize_t uspi_bus_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct file *file = iocb->ki_filp;
	struct uspi_bus *bus = file->private_data;
	struct uspi_record *record;
	ssize_t ret;

	if (!uspi_bus_is_ready(bus))
		return -ENXIO;
	for (;;) {
		record = uspi_bus_take(bus, iov_iter_count(to));
		if (!IS_ERR(record))
			break;
		if (record != ERR_PTR(-EAGAIN) || (file->f_flags & O_NONBLOCK) ||
		    (iocb->ki_flags & IOCB_NOWAIT))
			return PTR_ERR(record);
		ret = wait_event_interruptible(bus->wait, uspi_bus_readable(bus));
		if (ret)
			return ret;
	}

	ret = struct_size(&record->event, data, record->event.len);
	if (copy_to_iter(&record->event, ret, to) != ret)
		ret = -EFAULT;
	uspi_record_free(record);
	return ret;
}

/** uspi_bus_poll() - poll() of the open file */
__poll_t uspi_bus_poll(struct file *file, poll_table *table)
{
	struct uspi_bus *bus = file->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &bus->wait, table);
	if (!uspi_bus_is_ready(bus))
		return 0;
	spin_lock_irq(&bus->lock);
	if (bus->num_events)
		mask |= EPOLLIN | EPOLLRDNORM;
	if (bus->failed)
		mask |= EPOLLERR;
	spin_unlock_irq(&bus->lock);
	return mask;
}

/* Transfers and their replies */

/** uspi_bus_write_iter() - write() of the open file: one reply */
ssize_t uspi_bus_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct uspi_bus *bus = iocb->ki_filp->private_data;
	size_t size = iov_iter_count(from);
	struct uspi_reply head;
	void *data = NULL;
	ssize_t ret = size;

	if (!uspi_bus_is_ready(bus))
		return -ENXIO;
	if (size < sizeof(head))
		return -EINVAL;
	if (!copy_from_iter_full(&head, sizeof(head), from))
		return -EFAULT;
	/* From ERESTARTSYS on, errors are the kernel's own. */
	if (head.len != size - sizeof(head) || head.len > bus->max_transfer || head.reserved ||
	    head.error >= ERESTARTSYS || (head.error && head.len))
		return -EINVAL;
	if (head.len) {
		data = kvmalloc(head.len, GFP_KERNEL_ACCOUNT);
		if (!data)
			return -ENOMEM;
		if (!copy_from_iter_full(data, head.len, from)) {
			kvfree_sensitive(data, head.len);
			return -EFAULT;
		}
	}

	spin_lock_irq(&bus->lock);
	if (!head.id || head.id != bus->waiting) {
		ret = -ESTALE;
	} else if (!head.error && head.len != bus->waiting_len) {
		ret = -EINVAL;
	} else {
		bus->waiting = 0;
		bus->error = -(int)head.error;
		swap(bus->reply, data);
		complete(&bus->answered);
	}
	spin_unlock_irq(&bus->lock);
	kvfree_sensitive(data, head.len);
	return ret;
}

/* Between memory, where words are the CPU's, and the wire, where they are not. */
static void uspi_bus_swap_words(void *data, size_t len, unsigned int bits)
{
	size_t i;

	if (bits == 16) {
		for (i = 0; i < len / 2; i++)
			cpu_to_be16s((u16 *)data + i);
	} else if (bits == 32) {
		for (i = 0; i < len / 4; i++)
			cpu_to_be32s((u32 *)data + i);
	}
}

/* Queue the event and make it the transfer in flight. */
static int uspi_bus_transfer_start(struct uspi_bus *bus, struct uspi_record *record)
{
	int ret;

	spin_lock_irq(&bus->lock);
	ret = uspi_bus_queue(bus, record);
	if (!ret) {
		bus->last_id = bus->last_id + 1 ?: 1;
		record->event.id = bus->last_id;
		bus->waiting = record->event.id;
		bus->waiting_len = record->event.len;
		bus->unread = record;
		reinit_completion(&bus->answered);
	}
	spin_unlock_irq(&bus->lock);
	return ret;
}

/* End the transfer in flight: its reply's data in @reply, or why there is none. */
static int uspi_bus_transfer_end(struct uspi_bus *bus, void **reply)
{
	struct uspi_record *unread;
	int ret;

	spin_lock_irq(&bus->lock);
	*reply = bus->reply;
	bus->reply = NULL;
	unread = bus->unread;
	bus->unread = NULL;
	if (unread) {
		list_del(&unread->node);
		bus->num_events--;
	}
	if (!bus->waiting)
		ret = bus->error;
	else if (bus->gone)
		ret = -ENODEV;
	else if (bus->failed)
		ret = -EIO;
	else
		ret = -ETIMEDOUT;
	bus->waiting = 0;
	spin_unlock_irq(&bus->lock);
	uspi_record_free(unread);
	return ret;
}

static int uspi_bus_transfer_one(struct spi_controller *ctlr, struct spi_device *spi,
				 struct spi_transfer *xfer)
{
	struct uspi_bus *bus = spi_controller_get_devdata(ctlr);
	struct uspi_record *record;
	void *reply;
	int ret;

	if (xfer->len > bus->max_transfer)
		return -EMSGSIZE;
	record = kvzalloc(struct_size(record, event.data, xfer->len), GFP_KERNEL);
	if (!record)
		return -ENOMEM;
	record->event.type = USPI_EVENT_TRANSFER;
	record->event.speed_hz = xfer->speed_hz;
	record->event.len = xfer->len;
	if (xfer->tx_buf) {
		memcpy(record->event.data, xfer->tx_buf, xfer->len);
		uspi_bus_swap_words(record->event.data, xfer->len, xfer->bits_per_word);
	}
	xfer->effective_speed_hz = xfer->speed_hz;

	ret = uspi_bus_transfer_start(bus, record);
	if (ret) {
		uspi_record_free(record);
		return ret;
	}
	wait_for_completion_timeout(&bus->answered, bus->timeout);
	ret = uspi_bus_transfer_end(bus, &reply);
	if (!ret && xfer->rx_buf) {
		uspi_bus_swap_words(reply, xfer->len, xfer->bits_per_word);
		memcpy(xfer->rx_buf, reply, xfer->len);
	}
	kvfree_sensitive(reply, reply ? xfer->len : 0);
	return ret;
}

/* The SPI core gives the level of the chip select; the program is told its meaning, once. */
static void uspi_bus_set_cs(struct spi_device *spi, bool level)
{
	struct uspi_bus *bus = spi_controller_get_devdata(spi->controller);
	bool selected = level == !!(spi->mode & SPI_CS_HIGH);

	spin_lock_irq(&bus->lock);
	if (bus->selected != selected) {
		bus->selected = selected;
		uspi_bus_tell_locked(bus, USPI_EVENT_CS, 0, selected);
	}
	spin_unlock_irq(&bus->lock);
}

static size_t uspi_bus_max_transfer_size(struct spi_device *spi)
{
	struct uspi_bus *bus = spi_controller_get_devdata(spi->controller);

	return bus->max_transfer;
}

/* Life */

/**
 * uspi_bus_init() - begin with a file on which nothing was created yet
 * @bus: the conversation, zeroed
 */
void uspi_bus_init(struct uspi_bus *bus)
{
	init_waitqueue_head(&bus->wait);
	init_completion(&bus->answered);
	spin_lock_init(&bus->lock);
	INIT_LIST_HEAD(&bus->events);
}

/**
 * uspi_bus_attach() - let a controller's transfers become events
 * @bus: the conversation
 * @ctlr: the controller, not registered yet
 */
void uspi_bus_attach(struct uspi_bus *bus, struct spi_controller *ctlr)
{
	spi_controller_set_devdata(ctlr, bus);
	ctlr->set_cs = uspi_bus_set_cs;
	ctlr->transfer_one = uspi_bus_transfer_one;
	ctlr->max_transfer_size = uspi_bus_max_transfer_size;
}

/**
 * uspi_bus_detach() - keep a controller from ever calling again
 * @ctlr: the controller, already unregistered
 *
 * Who used the SPI device at that time, such as a program in the middle of an
 * ioctl of spidev, still holds it and with it the controller, and may come here
 * until told that the controller is suspended.
 */
void uspi_bus_detach(struct spi_controller *ctlr)
{
	spi_controller_suspend(ctlr);
	/* The mode of a suspended controller's device can still be set. */
	mutex_lock(&ctlr->io_mutex);
	ctlr->setup = NULL;
	ctlr->set_cs = NULL;
	mutex_unlock(&ctlr->io_mutex);
}

/**
 * uspi_bus_fail() - the peripheral can't work any more
 * @bus: the conversation
 * @why: for the log
 */
void uspi_bus_fail(struct uspi_bus *bus, const char *why)
{
	spin_lock_irq(&bus->lock);
	uspi_bus_fail_locked(bus, why);
	spin_unlock_irq(&bus->lock);
}

/**
 * uspi_bus_leave() - the program is gone: transfers fail from now on
 * @bus: the conversation
 */
void uspi_bus_leave(struct uspi_bus *bus)
{
	spin_lock_irq(&bus->lock);
	WRITE_ONCE(bus->gone, true);
	complete(&bus->answered);
	spin_unlock_irq(&bus->lock);
}

/**
 * uspi_bus_clear() - forget the events that were not read
 * @bus: the conversation; controller and lines are unregistered
 */
void uspi_bus_clear(struct uspi_bus *bus)
{
	struct uspi_record *record, *next;

	list_for_each_entry_safe(record, next, &bus->events, node)
		uspi_record_free(record);
	INIT_LIST_HEAD(&bus->events);
	bus->num_events = 0;
	bus->failed = false;
}
