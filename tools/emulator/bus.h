/* SPDX-License-Identifier: GPL-2.0-only */
/* The plug: the peripheral side of /dev/uspi. */
#ifndef EMULATOR_BUS_H
#define EMULATOR_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/uspi.h>

enum bus_line { LINE_DATA_READY, LINE_RESET, LINE_WAKEUP, LINES };

/**
 * struct bus_options - what the peripheral looks like
 * @device: path of the uspi device
 * @modalias: driver that shall bind
 * @bytes_only: the controller has no 16-bit words
 * @interrupt: data-ready is the interrupt of the SPI device, too
 */
struct bus_options {
	const char *device;
	const char *modalias;
	bool bytes_only;
	bool interrupt;
};

struct plug;

struct bus {
	struct plug *plug;		/* in place of all the rest */
	int fd;
	char device[USPI_NAME_SIZE];
	char label[USPI_NAME_SIZE];
	struct uspi_event *event;
	struct uspi_reply *reply;
};

int bus_open(struct bus *bus, const struct bus_options *options);
void bus_close(struct bus *bus);
int bus_read(struct bus *bus);
void bus_reply(struct bus *bus, uint32_t id, const uint8_t *data, size_t len);
void bus_drive(struct bus *bus, enum bus_line line, int value);

#endif
