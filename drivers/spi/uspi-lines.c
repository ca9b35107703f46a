// SPDX-License-Identifier: GPL-2.0-only
/*
 * uspi: the lines between host and peripheral, as a GPIO and interrupt chip.
 *
 * The interrupt domain is not gpiolib's: a program may still wait for edges of
 * a line when the peripheral is unplugged, and gpiolib would take the interrupt
 * away from under it. Each requested interrupt holds a reference on the lines;
 * the domain goes with the last one.
 */
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/gpio/driver.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/kref.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "uspi-internal.h"

/* How long free_irq() may still look at the descriptor after it released the line. */
#define USPI_IRQ_GRACE_MS	100

/**
 * struct uspi_wire - one line
 * @output: the host drives it, the peripheral otherwise; constant
 * @rest: level of an output that the host does not drive; constant
 * @level: level now; of an output under &uspi_lines.output_lock, of an input
 *	under &uspi_lines.irq_lock
 * @driven: the host drives the output; under &uspi_lines.output_lock
 * @type: trigger, IRQ_TYPE_*; under &uspi_lines.irq_lock like all below
 * @masked: the interrupt must not be delivered
 * @pending: an edge came that was not delivered
 */
struct uspi_wire {
	bool output;
	bool rest;
	bool level;
	bool driven;
	bool masked;
	bool pending;
	unsigned int type;
};

/**
 * struct uspi_lines - the lines of one peripheral
 * @kref: one of the peripheral, one of each requested interrupt
 * @bus: where the host's changes go; valid while the GPIO chip is registered
 * @gc: GPIO chip
 * @domain: interrupts of the inputs
 * @replay: delivers what became deliverable on unmask
 * @free: ends the life of all this
 * @output_lock: guards the outputs, and keeps their events in order
 * @irq_lock: guards the inputs and @dead; taken inside descriptor locks
 * @dead: unplugged: nothing is delivered any more
 * @wires: the lines
 */
struct uspi_lines {
	struct kref kref;
	struct uspi_bus *bus;
	struct gpio_chip gc;
	struct irq_domain *domain;
	struct work_struct replay;
	struct work_struct free;
	spinlock_t output_lock;		/* guards the outputs */
	raw_spinlock_t irq_lock;	/* guards the inputs */
	bool dead;
	struct uspi_wire wires[USPI_MAX_LINES];
};

/* Module-wide so that unloading can wait for the last @free. */
static struct workqueue_struct *uspi_lines_wq;

static struct uspi_lines *to_lines(struct gpio_chip *gc)
{
	return container_of(gc, struct uspi_lines, gc);
}

/* The GPIO chip */

static int uspi_gpio_get_direction(struct gpio_chip *gc, unsigned int offset)
{
	struct uspi_wire *wire = &to_lines(gc)->wires[offset];

	return READ_ONCE(wire->driven) ? GPIO_LINE_DIRECTION_OUT : GPIO_LINE_DIRECTION_IN;
}

static int uspi_gpio_get(struct gpio_chip *gc, unsigned int offset)
{
	struct uspi_lines *lines = to_lines(gc);

	/* A driver that is being unbound need not wait for what nobody drives. */
	if (READ_ONCE(lines->bus->gone))
		return -ENODEV;
	return READ_ONCE(lines->wires[offset].level);
}

static int uspi_gpio_output(struct gpio_chip *gc, unsigned int offset, bool driven, bool level)
{
	struct uspi_lines *lines = to_lines(gc);
	struct uspi_wire *wire = &lines->wires[offset];
	unsigned long flags;

	if (!wire->output)
		return driven ? -EPERM : 0;
	spin_lock_irqsave(&lines->output_lock, flags);
	WRITE_ONCE(wire->driven, driven);
	if (wire->level != level) {
		WRITE_ONCE(wire->level, level);
		uspi_bus_line(lines->bus, offset, level);
	}
	spin_unlock_irqrestore(&lines->output_lock, flags);
	return 0;
}

static int uspi_gpio_direction_input(struct gpio_chip *gc, unsigned int offset)
{
	return uspi_gpio_output(gc, offset, false, to_lines(gc)->wires[offset].rest);
}

static int uspi_gpio_direction_output(struct gpio_chip *gc, unsigned int offset, int value)
{
	return uspi_gpio_output(gc, offset, true, value);
}

COMPAT_GPIO_CHIP_SET(uspi_gpio_set, uspi_gpio_direction_output)

static int uspi_gpio_to_irq(struct gpio_chip *gc, unsigned int offset)
{
	return irq_find_mapping(to_lines(gc)->domain, offset) ?: -ENXIO;
}

/* The interrupt chip */

static bool uspi_wire_active(const struct uspi_wire *wire)
{
	return wire->type == (wire->level ? IRQ_TYPE_LEVEL_HIGH : IRQ_TYPE_LEVEL_LOW);
}

/* Is an interrupt to be delivered now? Takes the pending edge: it is delivered once. */
static bool uspi_wire_take(struct uspi_lines *lines, struct uspi_wire *wire)
{
	bool due;

	lockdep_assert_held(&lines->irq_lock);
	if (lines->dead || wire->masked)
		return false;
	due = wire->pending || uspi_wire_active(wire);
	wire->pending = false;
	return due;
}

static void uspi_lines_replay(struct work_struct *work)
{
	struct uspi_lines *lines = container_of(work, struct uspi_lines, replay);
	unsigned int i;
	bool due;

	for (i = 0; i < lines->gc.ngpio; i++) {
		raw_spin_lock_irq(&lines->irq_lock);
		due = uspi_wire_take(lines, &lines->wires[i]);
		raw_spin_unlock_irq(&lines->irq_lock);
		if (due)
			generic_handle_domain_irq_safe(lines->domain, i);
	}
}

static struct uspi_lines *irqd_to_lines(struct irq_data *d)
{
	return irq_data_get_irq_chip_data(d);
}

static void uspi_irq_ack(struct irq_data *d)
{
	/* The edge was taken when it was delivered. */
}

static void uspi_irq_mask(struct irq_data *d)
{
	struct uspi_lines *lines = irqd_to_lines(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&lines->irq_lock, flags);
	lines->wires[d->hwirq].masked = true;
	raw_spin_unlock_irqrestore(&lines->irq_lock, flags);
	gpiochip_disable_irq(&lines->gc, d->hwirq);
}

static void uspi_irq_unmask(struct irq_data *d)
{
	struct uspi_lines *lines = irqd_to_lines(d);
	struct uspi_wire *wire = &lines->wires[d->hwirq];
	unsigned long flags;

	gpiochip_enable_irq(&lines->gc, d->hwirq);
	raw_spin_lock_irqsave(&lines->irq_lock, flags);
	wire->masked = false;
	if (!lines->dead && (wire->pending || uspi_wire_active(wire)))
		queue_work(uspi_lines_wq, &lines->replay);
	raw_spin_unlock_irqrestore(&lines->irq_lock, flags);
}

/* An edge that came just when the interrupt was being disabled comes back here. */
static int uspi_irq_retrigger(struct irq_data *d)
{
	struct uspi_lines *lines = irqd_to_lines(d);
	unsigned long flags;

	raw_spin_lock_irqsave(&lines->irq_lock, flags);
	lines->wires[d->hwirq].pending = true;
	if (!lines->dead)
		queue_work(uspi_lines_wq, &lines->replay);
	raw_spin_unlock_irqrestore(&lines->irq_lock, flags);
	return 1;
}

static int uspi_irq_set_type(struct irq_data *d, unsigned int type)
{
	struct uspi_lines *lines = irqd_to_lines(d);
	struct uspi_wire *wire = &lines->wires[d->hwirq];
	unsigned long flags;

	if ((type & IRQ_TYPE_LEVEL_MASK) == IRQ_TYPE_LEVEL_MASK ||
	    ((type & IRQ_TYPE_LEVEL_MASK) && (type & IRQ_TYPE_EDGE_BOTH)))
		return -EINVAL;

	irq_set_handler_locked(d, type & IRQ_TYPE_LEVEL_MASK ? handle_level_irq : handle_edge_irq);
	raw_spin_lock_irqsave(&lines->irq_lock, flags);
	wire->type = type;
	wire->pending = false;
	raw_spin_unlock_irqrestore(&lines->irq_lock, flags);
	return 0;
}

static int uspi_irq_request_resources(struct irq_data *d)
{
	struct uspi_lines *lines = irqd_to_lines(d);
	struct uspi_wire *wire = &lines->wires[d->hwirq];
	int ret;

	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	ret = gpiochip_reqres_irq(&lines->gc, d->hwirq);
	if (ret) {
		module_put(THIS_MODULE);
		return ret;
	}
	kref_get(&lines->kref);
	/* What happened before is not this consumer's. */
	raw_spin_lock_irq(&lines->irq_lock);
	wire->pending = false;
	raw_spin_unlock_irq(&lines->irq_lock);
	return 0;
}

static void uspi_lines_release(struct kref *kref)
{
	struct uspi_lines *lines = container_of(kref, struct uspi_lines, kref);

	queue_work(uspi_lines_wq, &lines->free);
}

static void uspi_irq_release_resources(struct irq_data *d)
{
	struct uspi_lines *lines = irqd_to_lines(d);

	gpiochip_relres_irq(&lines->gc, d->hwirq);
	/* In this order: unloading waits for the work that this may queue. */
	kref_put(&lines->kref, uspi_lines_release);
	module_put(THIS_MODULE);
}

static const struct irq_chip uspi_irq_chip = {
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
	.flags = IRQCHIP_IMMUTABLE | IRQCHIP_SET_TYPE_MASKED | IRQCHIP_SKIP_SET_WAKE,
};

static int uspi_irq_map(struct irq_domain *domain, unsigned int irq, irq_hw_number_t hwirq)
{
	irq_set_chip_data(irq, domain->host_data);
	irq_set_chip_and_handler(irq, &uspi_irq_chip, handle_edge_irq);
	irq_set_noprobe(irq);
	return 0;
}

static const struct irq_domain_ops uspi_irq_domain_ops = {
	.map = uspi_irq_map,
};

/* Life */

static void uspi_lines_destroy(struct uspi_lines *lines)
{
	unsigned int i;

	for (i = 0; i < lines->gc.ngpio; i++)
		irq_dispose_mapping(irq_find_mapping(lines->domain, i));
	irq_domain_remove(lines->domain);
	kfree(lines);
}

static void uspi_lines_free(struct work_struct *work)
{
	struct uspi_lines *lines = container_of(work, struct uspi_lines, free);

	msleep(USPI_IRQ_GRACE_MS);
	uspi_lines_destroy(lines);
}

/**
 * uspi_lines_add() - register the lines of a peripheral
 * @bus: where the host's changes go
 * @parent: device of the GPIO chip, whose label is that device's name
 * @config: the lines, checked
 * @num: entries at @config, at least 1
 *
 * Return: the lines or an ERR_PTR().
 */
struct uspi_lines *uspi_lines_add(struct uspi_bus *bus, struct device *parent,
				  const struct uspi_line *config, u32 num)
{
	struct uspi_lines *lines;
	struct gpio_chip *gc;
	int ret;
	u32 i;

	lines = kzalloc(sizeof(*lines), GFP_KERNEL);
	if (!lines)
		return ERR_PTR(-ENOMEM);
	kref_init(&lines->kref);
	spin_lock_init(&lines->output_lock);
	raw_spin_lock_init(&lines->irq_lock);
	INIT_WORK(&lines->replay, uspi_lines_replay);
	INIT_WORK(&lines->free, uspi_lines_free);
	lines->bus = bus;

	/*
	 * No owner: the open file keeps the module while the chip exists, and
	 * gpiolib would lose the reference of a line that outlives the chip.
	 */
	gc = &lines->gc;
	gc->label = dev_name(parent);
	gc->parent = parent;
	gc->base = -1;
	gc->ngpio = num;
	gc->get_direction = uspi_gpio_get_direction;
	gc->direction_input = uspi_gpio_direction_input;
	gc->direction_output = uspi_gpio_direction_output;
	gc->get = uspi_gpio_get;
	gc->set = uspi_gpio_set;
	gc->to_irq = uspi_gpio_to_irq;

	lines->domain = irq_domain_create_linear(NULL, num, &uspi_irq_domain_ops, lines);
	if (!lines->domain) {
		kfree(lines);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < num; i++) {
		struct uspi_wire *wire = &lines->wires[i];

		wire->output = config[i].flags & USPI_LINE_OUTPUT;
		wire->rest = config[i].value;
		wire->level = config[i].value;
		wire->masked = true;
		if (!wire->output && !irq_create_mapping(lines->domain, i)) {
			ret = -ENOMEM;
			goto err_destroy;
		}
	}
	ret = gpiochip_add_data(gc, lines);
	if (ret)
		goto err_destroy;
	return lines;

err_destroy:
	uspi_lines_destroy(lines);
	return ERR_PTR(ret);
}

/**
 * uspi_lines_remove() - unregister the lines
 * @lines: the lines; not to be used again
 */
void uspi_lines_remove(struct uspi_lines *lines)
{
	gpiochip_remove(&lines->gc);
	raw_spin_lock_irq(&lines->irq_lock);
	lines->dead = true;
	raw_spin_unlock_irq(&lines->irq_lock);
	cancel_work_sync(&lines->replay);
	kref_put(&lines->kref, uspi_lines_release);
}

/**
 * uspi_lines_drive() - the peripheral drives a line
 * @lines: the lines
 * @line: index of the line
 * @level: physical level
 *
 * Return: 0, or -EINVAL if there is no such line or the host drives it.
 */
int uspi_lines_drive(struct uspi_lines *lines, u32 line, bool level)
{
	struct uspi_wire *wire;
	bool due = false;

	if (line >= lines->gc.ngpio || lines->wires[line].output)
		return -EINVAL;

	wire = &lines->wires[line];
	raw_spin_lock_irq(&lines->irq_lock);
	if (wire->level != level) {
		WRITE_ONCE(wire->level, level);
		if (wire->type & (level ? IRQ_TYPE_EDGE_RISING : IRQ_TYPE_EDGE_FALLING))
			wire->pending = true;
		due = uspi_wire_take(lines, wire);
	}
	raw_spin_unlock_irq(&lines->irq_lock);
	if (due)
		generic_handle_domain_irq_safe(lines->domain, line);
	return 0;
}

/**
 * uspi_lines_irq() - Linux interrupt of a line
 * @lines: the lines
 * @line: index of a line that the peripheral drives
 *
 * Return: the interrupt.
 */
int uspi_lines_irq(struct uspi_lines *lines, u32 line)
{
	return irq_find_mapping(lines->domain, line);
}

/**
 * uspi_lines_init() - make ready for uspi_lines_add()
 *
 * Return: 0 or -ENOMEM.
 */
int uspi_lines_init(void)
{
	uspi_lines_wq = alloc_workqueue("uspi", WQ_UNBOUND, 0);
	return uspi_lines_wq ? 0 : -ENOMEM;
}

/** uspi_lines_exit() - wait until all removed lines are freed */
void uspi_lines_exit(void)
{
	destroy_workqueue(uspi_lines_wq);
}
