// SPDX-License-Identifier: GPL-2.0-only
/* The plug: the peripheral side of /dev/uspi. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bus.h"
#include "plug.h"

/* Longer than the longest command that a host may wait for inside one transfer. */
#define BUS_TIMEOUT_MS	5000
#define BUS_SPEED_HZ	20000000
#define WORDS(bits)	(1U << ((bits) - 1))

int bus_open(struct bus *bus, const struct bus_options *options)
{
	struct uspi_line lines[LINES] = {
		[LINE_DATA_READY] = { .name = "data-ready" },
		[LINE_RESET] = {
			.name = "reset",
			.flags = USPI_LINE_OUTPUT | USPI_LINE_ACTIVE_LOW,
			.value = 1,	/* a host that does not drive it lets the module run */
		},
		[LINE_WAKEUP] = { .name = "wakeup", .flags = USPI_LINE_OUTPUT },
	};
	struct uspi_create create = {
		.size = sizeof(create),
		.max_speed_hz = BUS_SPEED_HZ,
		.word_mask = WORDS(8),
		.max_transfer = USPI_MAX_TRANSFER,
		.timeout_ms = BUS_TIMEOUT_MS,
		.num_lines = LINES,
		.lines = (uintptr_t)lines,
	};
	struct uspi_device device;

	if (strlen(options->modalias) >= sizeof(create.modalias))
		return -ENAMETOOLONG;
	strcpy(create.modalias, options->modalias);
	if (!options->bytes_only)
		create.word_mask |= WORDS(16);
	if (options->interrupt)
		lines[LINE_DATA_READY].flags |= USPI_LINE_INTERRUPT;

	bus->event = malloc(sizeof(*bus->event) + USPI_MAX_TRANSFER);
	bus->reply = malloc(sizeof(*bus->reply) + USPI_MAX_TRANSFER);
	if (!bus->event || !bus->reply)
		err(1, "out of memory");
	bus->fd = open(options->device, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (bus->fd < 0 || ioctl(bus->fd, USPI_IOC_CREATE, &create) ||
	    ioctl(bus->fd, USPI_IOC_GET_DEVICE, &device)) {
		int error = -errno;

		bus_close(bus);
		return error;
	}
	memcpy(bus->device, device.name, sizeof(bus->device));
	memcpy(bus->label, create.label, sizeof(bus->label));
	return 0;
}

void bus_close(struct bus *bus)
{
	if (bus->fd >= 0)
		close(bus->fd);
	free(bus->event);
	free(bus->reply);
}

/* Fetch the next event into bus->event; -EAGAIN if there is none. */
int bus_read(struct bus *bus)
{
	ssize_t n = read(bus->fd, bus->event, sizeof(*bus->event) + USPI_MAX_TRANSFER);

	if (n < 0)
		return -errno;
	return n < (ssize_t)sizeof(*bus->event) ? -EPROTO : 0;
}

void bus_reply(struct bus *bus, uint32_t id, const uint8_t *data, size_t len)
{
	if (bus->plug) {
		plug_reply(bus->plug, data, len);
		return;
	}
	*bus->reply = (struct uspi_reply){ .id = id, .len = len };
	memcpy(bus->reply->data, data, len);
	/* ESTALE: the host gave up waiting, which is its affair. */
	if (write(bus->fd, bus->reply, sizeof(*bus->reply) + len) < 0 && errno != ESTALE)
		warn("cannot answer a transfer");
}

void bus_drive(struct bus *bus, enum bus_line line, int value)
{
	struct uspi_set_line set = { .line = line, .value = value };

	if (bus->plug) {
		plug_drive(bus->plug, value);
		return;
	}
	if (ioctl(bus->fd, USPI_IOC_SET_LINE, &set))
		warn("cannot drive line %d", line);
}
