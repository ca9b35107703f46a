// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hardware under an exchange: SPI, the data-ready line and its interrupt, reset,
 * wakeup and supply.
 */
#include <linux/err.h>
#include <linux/gpio/consumer.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/minmax.h>
#include <linux/regulator/consumer.h>
#include <linux/spi/spi.h>

#include "eswifi.h"

/* The slowest clock that is tried. */
#define CLOCK_MIN_HZ	2000000

/* One message; chip select stays as @hold says. */
static int eswifi_spi_message(struct spi_device *spi, const void *tx, void *rx,
			      size_t len, bool hold)
{
	struct spi_transfer xfer = {
		.tx_buf = tx,
		.rx_buf = rx,
		.len = len,
		.cs_change = hold,	/* of the last transfer: do not release */
	};
	struct spi_message msg;

	spi_message_init_with_transfers(&msg, &xfer, 1);
	return spi_sync_locked(spi, &msg);
}

/* The bus is locked from the first transfer that holds chip select until it is
 * released, so that no other device's transfer comes in between.
 */
static int eswifi_spi_transfer(struct eswifi_bus *bus, const void *tx, void *rx,
			       size_t len, bool hold)
{
	struct spi_device *spi = bus->spi;
	size_t max = spi_max_transfer_size(spi), n;
	int ret;

	/* Not even a pulse of chip select. */
	if (!bus->held && !len && !hold)
		return 0;
	if (!bus->held) {
		spi_bus_lock(spi->controller);
		bus->held = true;
	}
	do {
		n = min(len, max);
		len -= n;
		ret = eswifi_spi_message(spi, tx, rx, n, hold || len);
		tx = tx ? tx + n : NULL;
		rx = rx ? rx + n : NULL;
	} while (!ret && len);

	/* Not every way to fail releases what a message before held. A pulse does no
	 * more harm: the module is reset next.
	 */
	if (ret)
		eswifi_spi_message(spi, NULL, NULL, 0, false);
	if (ret || !hold) {
		bus->held = false;
		spi_bus_unlock(spi->controller);
	}
	/* The other errnos of an exchange speak of replies, and -ETIMEDOUT of the module. */
	return ret && ret != -ENODEV ? -EIO : ret;
}

static int eswifi_spi_data_ready(struct eswifi_bus *bus)
{
	return gpiod_get_value_cansleep(bus->drdy);
}

static void eswifi_spi_set_reset(struct eswifi_bus *bus, bool hold)
{
	gpiod_set_value_cansleep(bus->reset, hold);
}

static void eswifi_spi_arm(struct eswifi_bus *bus)
{
	if (READ_ONCE(bus->masked)) {
		WRITE_ONCE(bus->masked, false);
		enable_irq(bus->irq);
	}
}

static void eswifi_spi_set_power(struct eswifi_bus *bus, bool on)
{
	int ret;

	if (!bus->vcc || bus->powered == on)
		return;
	ret = on ? regulator_enable(bus->vcc) : regulator_disable(bus->vcc);
	if (ret)
		dev_err(&bus->spi->dev, "vcc-supply: cannot be switched %s (%d)\n",
			on ? "on" : "off", ret);
	else
		bus->powered = on;
}

static bool eswifi_spi_slower(struct eswifi_bus *bus)
{
	u32 hz = bus->spi->max_speed_hz;

	if (hz <= CLOCK_MIN_HZ)
		return false;
	bus->spi->max_speed_hz = max_t(u32, hz / 2, CLOCK_MIN_HZ);
	if (!bus->slowed)
		dev_warn(&bus->spi->dev,
			 "answers come damaged at %u kHz: trying with half the clock and less; set spi-max-frequency to what the board can do\n",
			 hz / 1000);
	bus->slowed = true;
	return !spi_setup(bus->spi);
}

static const struct eswifi_bus_ops eswifi_spi_ops = {
	.transfer = eswifi_spi_transfer,
	.data_ready = eswifi_spi_data_ready,
	.set_reset = eswifi_spi_set_reset,
	.arm = eswifi_spi_arm,
	.set_power = eswifi_spi_set_power,
	.slower = eswifi_spi_slower,
};

static irqreturn_t eswifi_spi_edge_irq(int irq, void *data)
{
	eswifi_bus_edge(data);
	return IRQ_HANDLED;
}

/* The line idles high: a level is of interest only once, after it was low. */
static irqreturn_t eswifi_spi_level_irq(int irq, void *data)
{
	struct eswifi_bus *bus = data;

	disable_irq_nosync(irq);
	WRITE_ONCE(bus->masked, true);
	eswifi_bus_edge(bus);
	return IRQ_HANDLED;
}

/**
 * eswifi_spi_attach - get hold of the hardware, touch nothing but the lines
 * @bus: the bus
 * @spi: its SPI device, whose devres frees the lines
 *
 * The module is in reset afterwards if its reset line is known.
 *
 * Return: 0 or a negative errno, reported.
 */
int eswifi_spi_attach(struct eswifi_bus *bus, struct spi_device *spi)
{
	struct device *dev = &spi->dev;
	int ret;

	bus->spi = spi;
	bus->ops = &eswifi_spi_ops;

	bus->drdy = devm_gpiod_get(dev, "data-ready", GPIOD_IN);
	if (IS_ERR(bus->drdy))
		return dev_err_probe(dev, PTR_ERR(bus->drdy), "no data-ready line\n");
	bus->reset = devm_gpiod_get_optional(dev, "reset", GPIOD_OUT_HIGH);
	if (IS_ERR(bus->reset))
		return dev_err_probe(dev, PTR_ERR(bus->reset), "no reset line\n");
	bus->wakeup = devm_gpiod_get_optional(dev, "wakeup", GPIOD_OUT_HIGH);
	if (IS_ERR(bus->wakeup))
		return dev_err_probe(dev, PTR_ERR(bus->wakeup), "no wakeup line\n");

	bus->vcc = devm_regulator_get_optional(dev, "vcc");
	if (bus->vcc == ERR_PTR(-ENODEV))
		bus->vcc = NULL;
	if (IS_ERR(bus->vcc))
		return dev_err_probe(dev, PTR_ERR(bus->vcc), "no vcc-supply\n");

	bus->irq = spi->irq > 0 ? spi->irq : gpiod_to_irq(bus->drdy);
	if (bus->irq < 0)
		return dev_err_probe(dev, bus->irq, "no interrupt for the data-ready line\n");

	spi->mode &= ~SPI_MODE_X_MASK;
	spi->bits_per_word = 8;		/* many controllers know no other */
	if (!spi->max_speed_hz)
		spi->max_speed_hz = 20000000;
	if (!spi->cs_setup.value) {
		spi->cs_setup.value = 15;
		spi->cs_setup.unit = SPI_DELAY_UNIT_USECS;
	}
	if (!spi->cs_hold.value) {
		spi->cs_hold.value = 3;
		spi->cs_hold.unit = SPI_DELAY_UNIT_USECS;
	}
	ret = spi_setup(spi);
	if (ret)
		return dev_err_probe(dev, ret, "SPI controller refuses mode 0 with 8 bits\n");
	return 0;
}

/**
 * eswifi_spi_start - let the data-ready line's interrupt come
 * @bus: the bus
 *
 * An interrupt from the device tree keeps the trigger that stands there.
 *
 * Return: 0 or a negative errno, reported.
 */
int eswifi_spi_start(struct eswifi_bus *bus)
{
	struct device *dev = &bus->spi->dev;
	irq_handler_t handler = eswifi_spi_edge_irq;
	unsigned long flags = 0;
	int ret;

	if (bus->spi->irq <= 0 || irq_get_trigger_type(bus->irq) == IRQ_TYPE_NONE) {
		flags = gpiod_is_active_low(bus->drdy) ? IRQF_TRIGGER_FALLING :
							 IRQF_TRIGGER_RISING;
	} else if (irq_get_trigger_type(bus->irq) & IRQ_TYPE_LEVEL_MASK) {
		handler = eswifi_spi_level_irq;
		flags = IRQF_NO_AUTOEN;
		bus->level = true;
		bus->masked = true;
	}
	eswifi_spi_set_power(bus, true);
	/* The line may be on an expander whose interrupts come in a thread. */
	ret = request_any_context_irq(bus->irq, handler, flags, dev_name(dev), bus);
	if (ret < 0) {
		eswifi_spi_set_power(bus, false);
		return dev_err_probe(dev, ret, "interrupt %d refused\n", bus->irq);
	}
	return 0;
}

/**
 * eswifi_spi_stop - undo eswifi_spi_start(): the module is in reset, and without power
 * @bus: the bus
 *
 * A module that nobody drives shall not go on talking to the network.
 */
void eswifi_spi_stop(struct eswifi_bus *bus)
{
	free_irq(bus->irq, bus);
	eswifi_spi_set_reset(bus, true);
	eswifi_spi_set_power(bus, false);
}
