// SPDX-License-Identifier: GPL-2.0-only
/*
 * uspi: the interrupts of the lines that a peripheral drives.
 *
 * Who requested an interrupt may free it long after the peripheral was unplugged:
 * a program that waits for edges of a GPIO line does so when it closes its file.
 * Therefore an interrupt is not its peripheral's but the module's, which lends it
 * to one peripheral after the other, and takes it back when it is neither plugged
 * in nor requested. The interrupt core holds the module from a request until the
 * last step of free_irq(), so no interrupt goes while anybody can come back to it.
 *
 * gpiolib is not told which lines are requested as interrupts. All it would do is
 * to keep them from becoming outputs, which these lines never do; and newer kernels
 * free the interrupts of such lines when the chip goes, their owners once more.
 *
 * This is not the kernel's irq_sim because that knows no levels, forgets edges
 * that come while an interrupt is disabled, delivers at some later time, and goes
 * with its device.
 */
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "uspi-internal.h"

/**
 * struct uspi_irq - one interrupt and the line that raises it
 * @node: in the list of all
 * @irq: its number; constant
 * @replay: delivers what became deliverable on unmask
 * @plugged: a peripheral has it; changes under uspi_irqs_lock and @lock
 * @requested: somebody requested it; under uspi_irqs_lock
 * @lock: guards all below; taken inside the descriptor's lock
 * @level: level of the line
 * @type: trigger, IRQ_TYPE_*
 * @masked: the interrupt must not be delivered
 * @pending: an edge came that was not delivered
 */
struct uspi_irq {
	struct list_head node;
	unsigned int irq;
	struct work_struct replay;
	bool plugged;
	bool requested;
	raw_spinlock_t lock;	/* guards all below */
	bool level;
	bool masked;
	bool pending;
	unsigned int type;
};

/* All interrupts that were ever needed at once; there is no other way to them. */
static LIST_HEAD(uspi_irqs);
static DEFINE_MUTEX(uspi_irqs_lock);
static struct workqueue_struct *uspi_irq_wq;

/* Delivery */

static bool uspi_irq_active(const struct uspi_irq *irq)
{
	return irq->type == (irq->level ? IRQ_TYPE_LEVEL_HIGH : IRQ_TYPE_LEVEL_LOW);
}

static bool uspi_irq_due(const struct uspi_irq *irq)
{
	lockdep_assert_held(&irq->lock);
	return irq->plugged && !irq->masked && (irq->pending || uspi_irq_active(irq));
}

/* Deliver what is due; a pending edge is delivered once. */
static void uspi_irq_deliver(struct uspi_irq *irq)
{
	unsigned long flags;
	bool due;

	raw_spin_lock_irqsave(&irq->lock, flags);
	due = uspi_irq_due(irq);
	if (due)
		irq->pending = false;
	raw_spin_unlock_irqrestore(&irq->lock, flags);
	if (due)
		generic_handle_irq_safe(irq->irq);
}

static void uspi_irq_replay(struct work_struct *work)
{
	uspi_irq_deliver(container_of(work, struct uspi_irq, replay));
}

/**
 * uspi_irq_drive() - the peripheral drives the line
 * @irq: the interrupt
 * @level: physical level
 *
 * The handler has run when this returns, unless the interrupt is masked.
 */
void uspi_irq_drive(struct uspi_irq *irq, bool level)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&irq->lock, flags);
	if (irq->level != level) {
		WRITE_ONCE(irq->level, level);
		if (irq->type & (level ? IRQ_TYPE_EDGE_RISING : IRQ_TYPE_EDGE_FALLING))
			irq->pending = true;
	}
	raw_spin_unlock_irqrestore(&irq->lock, flags);
	uspi_irq_deliver(irq);
}

/**
 * uspi_irq_level() - level of the line
 * @irq: the interrupt
 *
 * Return: the physical level.
 */
bool uspi_irq_level(const struct uspi_irq *irq)
{
	return READ_ONCE(irq->level);
}

/**
 * uspi_irq_number() - what Linux calls the interrupt
 * @irq: the interrupt
 *
 * Return: its number.
 */
unsigned int uspi_irq_number(const struct uspi_irq *irq)
{
	return irq->irq;
}

/* The interrupt chip */

static void uspi_irq_ack(struct irq_data *d)
{
	/* The edge was taken when it was delivered. */
}

static void uspi_irq_mask(struct irq_data *d)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&irq->lock, flags);
	irq->masked = true;
	raw_spin_unlock_irqrestore(&irq->lock, flags);
}

static void uspi_irq_unmask(struct irq_data *d)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&irq->lock, flags);
	irq->masked = false;
	if (uspi_irq_due(irq))
		queue_work(uspi_irq_wq, &irq->replay);
	raw_spin_unlock_irqrestore(&irq->lock, flags);
}

/* An edge that came just when the interrupt was being disabled comes back here. */
static int uspi_irq_retrigger(struct irq_data *d)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&irq->lock, flags);
	irq->pending = true;
	queue_work(uspi_irq_wq, &irq->replay);
	raw_spin_unlock_irqrestore(&irq->lock, flags);
	return 1;
}

static int uspi_irq_set_type(struct irq_data *d, unsigned int type)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);
	unsigned long flags;

	if ((type & IRQ_TYPE_LEVEL_MASK) == IRQ_TYPE_LEVEL_MASK ||
	    ((type & IRQ_TYPE_LEVEL_MASK) && (type & IRQ_TYPE_EDGE_BOTH)))
		return -EINVAL;

	irq_set_handler_locked(d, type & IRQ_TYPE_LEVEL_MASK ? handle_level_irq : handle_edge_irq);
	raw_spin_lock_irqsave(&irq->lock, flags);
	irq->type = type;
	irq->pending = false;
	raw_spin_unlock_irqrestore(&irq->lock, flags);
	return 0;
}

static int uspi_irq_request_resources(struct irq_data *d)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);
	bool plugged;

	mutex_lock(&uspi_irqs_lock);
	plugged = irq->plugged;
	irq->requested = plugged;
	mutex_unlock(&uspi_irqs_lock);
	if (!plugged)
		return -ENODEV;
	/* What happened before is not this consumer's. */
	raw_spin_lock_irq(&irq->lock);
	irq->pending = false;
	raw_spin_unlock_irq(&irq->lock);
	return 0;
}

static void uspi_irq_release_resources(struct irq_data *d)
{
	struct uspi_irq *irq = irq_data_get_irq_chip_data(d);

	mutex_lock(&uspi_irqs_lock);
	irq->requested = false;
	mutex_unlock(&uspi_irqs_lock);
}

static struct irq_chip uspi_irq_chip = {
	.name = "uspi",
	.irq_ack = uspi_irq_ack,
	.irq_mask = uspi_irq_mask,
	.irq_unmask = uspi_irq_unmask,
	/* Not lazily: what comes while disabled is kept here, not in the interrupt core. */
	.irq_disable = uspi_irq_mask,
	.irq_retrigger = uspi_irq_retrigger,
	.irq_set_type = uspi_irq_set_type,
	.irq_request_resources = uspi_irq_request_resources,
	.irq_release_resources = uspi_irq_release_resources,
	.flags = IRQCHIP_SET_TYPE_MASKED | IRQCHIP_SKIP_SET_WAKE,
};

/* Life */

static struct uspi_irq *uspi_irq_find(void)
{
	struct uspi_irq *irq;

	lockdep_assert_held(&uspi_irqs_lock);
	list_for_each_entry(irq, &uspi_irqs, node)
		if (!irq->plugged && !irq->requested)
			return irq;
	return NULL;
}

static struct uspi_irq *uspi_irq_create(void)
{
	struct uspi_irq *irq;
	int number;

	lockdep_assert_held(&uspi_irqs_lock);
	irq = kzalloc(sizeof(*irq), GFP_KERNEL);
	if (!irq)
		return NULL;
	/* This names us as the owner of the descriptor. */
	number = irq_alloc_desc(NUMA_NO_NODE);
	if (number < 0) {
		kfree(irq);
		return NULL;
	}
	irq->irq = number;
	irq->masked = true;
	raw_spin_lock_init(&irq->lock);
	INIT_WORK(&irq->replay, uspi_irq_replay);
	list_add_tail(&irq->node, &uspi_irqs);
	irq_set_chip_data(number, irq);
	irq_set_chip_and_handler(number, &uspi_irq_chip, handle_edge_irq);
	irq_modify_status(number, IRQ_NOREQUEST, IRQ_NOPROBE);
	return irq;
}

static void uspi_irq_destroy(struct uspi_irq *irq)
{
	cancel_work_sync(&irq->replay);
	irq_set_chip_and_handler(irq->irq, NULL, NULL);
	irq_free_desc(irq->irq);
	list_del(&irq->node);
	kfree(irq);
}

/**
 * uspi_irq_plug() - lend an interrupt to a line
 * @level: physical level of the line at the start
 *
 * Return: the interrupt, to be given back by uspi_irq_unplug(); NULL if there is none.
 */
struct uspi_irq *uspi_irq_plug(bool level)
{
	struct uspi_irq *irq;

	mutex_lock(&uspi_irqs_lock);
	irq = uspi_irq_find() ?: uspi_irq_create();
	if (irq) {
		/* The trigger of the line that had it before is not this one's. */
		irq_set_irq_type(irq->irq, IRQ_TYPE_NONE);
		raw_spin_lock_irq(&irq->lock);
		WRITE_ONCE(irq->level, level);
		irq->plugged = true;
		raw_spin_unlock_irq(&irq->lock);
	}
	mutex_unlock(&uspi_irqs_lock);
	return irq;
}

/**
 * uspi_irq_unplug() - nothing is delivered any more
 * @irq: the interrupt, not to be used again; NULL is none
 */
void uspi_irq_unplug(struct uspi_irq *irq)
{
	if (!irq)
		return;
	mutex_lock(&uspi_irqs_lock);
	raw_spin_lock_irq(&irq->lock);
	irq->plugged = false;
	raw_spin_unlock_irq(&irq->lock);
	mutex_unlock(&uspi_irqs_lock);
}

/**
 * uspi_irq_init() - make ready for uspi_irq_plug()
 *
 * Return: 0 or -ENOMEM.
 */
int uspi_irq_init(void)
{
	uspi_irq_wq = alloc_workqueue("uspi", WQ_UNBOUND, 0);
	return uspi_irq_wq ? 0 : -ENOMEM;
}

/** uspi_irq_exit() - the module goes: nothing is plugged in or requested */
void uspi_irq_exit(void)
{
	struct uspi_irq *irq, *next;

	mutex_lock(&uspi_irqs_lock);
	list_for_each_entry_safe(irq, next, &uspi_irqs, node)
		uspi_irq_destroy(irq);
	mutex_unlock(&uspi_irqs_lock);
	destroy_workqueue(uspi_irq_wq);
}
