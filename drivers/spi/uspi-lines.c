// SPDX-License-Identifier: GPL-2.0-only
/* uspi: the lines between host and peripheral, as a GPIO chip. */
#include <linux/device.h>
#include <linux/err.h>
#include <linux/gpio/driver.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "uspi-internal.h"

/**
 * struct uspi_wire - one line
 * @irq: of an input: its interrupt, which has its level too; constant
 * @rest: level of an output that the host does not drive; constant
 * @level: level of an output; under &uspi_lines.lock
 * @driven: the host drives the output; under &uspi_lines.lock
 */
struct uspi_wire {
	struct uspi_irq *irq;
	bool rest;
	bool level;
	bool driven;
};

/**
 * struct uspi_lines - the lines of one peripheral
 * @bus: where the host's changes go
 * @gc: GPIO chip
 * @lock: guards the outputs, and keeps their events in order
 * @wires: the lines
 */
struct uspi_lines {
	struct uspi_bus *bus;
	struct gpio_chip gc;
	spinlock_t lock;	/* guards the outputs */
	struct uspi_wire wires[USPI_MAX_LINES];
};

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
	struct uspi_wire *wire = &lines->wires[offset];

	/* A driver that is being unbound need not wait for what nobody drives. */
	if (READ_ONCE(lines->bus->gone))
		return -ENODEV;
	return wire->irq ? uspi_irq_level(wire->irq) : READ_ONCE(wire->level);
}

static int uspi_gpio_output(struct gpio_chip *gc, unsigned int offset, bool driven, bool level)
{
	struct uspi_lines *lines = to_lines(gc);
	struct uspi_wire *wire = &lines->wires[offset];
	unsigned long flags;

	if (wire->irq)
		return driven ? -EPERM : 0;
	spin_lock_irqsave(&lines->lock, flags);
	WRITE_ONCE(wire->driven, driven);
	if (wire->level != level) {
		WRITE_ONCE(wire->level, level);
		uspi_bus_line(lines->bus, offset, level);
	}
	spin_unlock_irqrestore(&lines->lock, flags);
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

static int uspi_gpio_set(struct gpio_chip *gc, unsigned int offset, int value)
{
	return uspi_gpio_output(gc, offset, true, value);
}

static int uspi_gpio_to_irq(struct gpio_chip *gc, unsigned int offset)
{
	return uspi_lines_irq(to_lines(gc), offset) ?: -ENXIO;
}

/* Life */

static void uspi_lines_free(struct uspi_lines *lines)
{
	unsigned int i;

	for (i = 0; i < lines->gc.ngpio; i++)
		uspi_irq_unplug(lines->wires[i].irq);
	kfree(lines);
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
	spin_lock_init(&lines->lock);
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

	for (i = 0; i < num; i++) {
		struct uspi_wire *wire = &lines->wires[i];

		wire->rest = config[i].value;
		wire->level = config[i].value;
		if (config[i].flags & USPI_LINE_OUTPUT)
			continue;
		wire->irq = uspi_irq_plug(config[i].value);
		if (!wire->irq) {
			ret = -ENOMEM;
			goto err_free;
		}
	}
	ret = gpiochip_add_data(gc, lines);
	if (ret)
		goto err_free;
	return lines;

err_free:
	uspi_lines_free(lines);
	return ERR_PTR(ret);
}

/**
 * uspi_lines_remove() - unregister the lines
 * @lines: the lines; not to be used again
 */
void uspi_lines_remove(struct uspi_lines *lines)
{
	gpiochip_remove(&lines->gc);
	uspi_lines_free(lines);
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
	if (line >= lines->gc.ngpio || !lines->wires[line].irq)
		return -EINVAL;
	uspi_irq_drive(lines->wires[line].irq, level);
	return 0;
}

/**
 * uspi_lines_irq() - Linux interrupt of a line
 * @lines: the lines
 * @line: index of a line
 *
 * Return: the interrupt; 0 if the host drives the line.
 */
int uspi_lines_irq(struct uspi_lines *lines, u32 line)
{
	struct uspi_irq *irq = lines->wires[line].irq;

	return irq ? uspi_irq_number(irq) : 0;
}
