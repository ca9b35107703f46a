/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * uspi: SPI peripherals in user space.
 *
 * A program opens /dev/uspi, describes one SPI peripheral and its lines with
 * USPI_IOC_CREATE, and then plays it: it reads events, answers each transfer
 * with a reply, and drives the lines that lead to the host. Closing the file
 * unplugs the peripheral.
 */
#ifndef _UAPI_LINUX_USPI_H
#define _UAPI_LINUX_USPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define USPI_NAME_SIZE		32
#define USPI_STRING_SIZE	64
#define USPI_MAX_LINES		16
#define USPI_MAX_PROPERTIES	32
#define USPI_MAX_TRANSFER	65536

/* Flags of a line. Without USPI_LINE_OUTPUT the peripheral drives it. */
#define USPI_LINE_OUTPUT	(1U << 0)	/* the host drives it */
#define USPI_LINE_ACTIVE_LOW	(1U << 1)	/* the host sees it inverted */
#define USPI_LINE_INTERRUPT	(1U << 2)	/* it is the interrupt of the SPI device too */

/**
 * struct uspi_line - one GPIO line between host and peripheral
 * @name: function as the host's driver asks for it ("reset" is found as
 *	"reset-gpios" would be); NUL-terminated, not empty
 * @flags: USPI_LINE_* flags
 * @value: physical level at the start, 0 or 1; for a line that the host
 *	drives, the level while the host does not drive it
 */
struct uspi_line {
	char name[USPI_NAME_SIZE];
	__u32 flags;
	__u32 value;
};

#define USPI_PROPERTY_BOOL	0	/* present, no value */
#define USPI_PROPERTY_U32	1	/* @value */
#define USPI_PROPERTY_STRING	2	/* @string */

/**
 * struct uspi_property - one firmware property of the SPI device
 * @name: name, as in a device tree; NUL-terminated, not empty
 * @type: USPI_PROPERTY_*
 * @value: value of a USPI_PROPERTY_U32, else 0
 * @string: value of a USPI_PROPERTY_STRING, NUL-terminated, else all zero
 */
struct uspi_property {
	char name[USPI_NAME_SIZE];
	__u32 type;
	__u32 value;
	char string[USPI_STRING_SIZE];
};

/**
 * struct uspi_create - a peripheral to create
 * @size: sizeof(struct uspi_create), set by the caller
 * @flags: must be 0
 * @modalias: which driver may bind: an entry of its SPI id table
 * @max_speed_hz: highest clock rate of the peripheral, in Hz; not 0
 * @mode: SPI mode bits as in <linux/spi/spi.h>; SPI_CPHA, SPI_CPOL and
 *	SPI_CS_HIGH are known
 * @word_mask: word sizes that the controller offers: bit n-1 for n bits;
 *	8, 16 and 32 bits are known, 8 must be among them
 * @max_transfer: longest single transfer in bytes, 1 to USPI_MAX_TRANSFER
 * @timeout_ms: how long a transfer waits for its reply before it fails with
 *	-ETIMEDOUT; 1 to 60000
 * @num_lines: entries at @lines, at most USPI_MAX_LINES
 * @num_properties: entries at @properties, at most USPI_MAX_PROPERTIES
 * @lines: address of an array of struct uspi_line
 * @properties: address of an array of struct uspi_property
 * @bus: out: SPI bus number
 * @reserved: must be 0
 * @label: out: label of the GPIO chip that carries the lines, line i at
 *	offset i
 */
struct uspi_create {
	__u32 size;
	__u32 flags;
	char modalias[USPI_NAME_SIZE];
	__u32 max_speed_hz;
	__u32 mode;
	__u32 word_mask;
	__u32 max_transfer;
	__u32 timeout_ms;
	__u32 num_lines;
	__u32 num_properties;
	__s32 bus;
	__aligned_u64 lines;
	__aligned_u64 properties;
	__aligned_u64 reserved;
	char label[USPI_NAME_SIZE];
};

/**
 * struct uspi_device - the SPI device of the peripheral
 * @name: out: its name, as in /sys/bus/spi/devices
 */
struct uspi_device {
	char name[USPI_NAME_SIZE];
};

/**
 * struct uspi_set_line - drive a line that leads to the host
 * @line: index into the lines given at creation
 * @value: physical level, 0 or 1
 */
struct uspi_set_line {
	__u32 line;
	__u32 value;
};

#define USPI_EVENT_CS		0	/* chip select: value 1 selected, 0 released */
#define USPI_EVENT_TRANSFER	1	/* a transfer to answer */
#define USPI_EVENT_LINE		2	/* the host changed line to value */

/**
 * struct uspi_event - what read() returns: one event a call
 * @type: USPI_EVENT_*
 * @id: of a transfer: what its reply must name; never 0
 * @line: of a line event: index of the line
 * @value: of a chip select or line event: the new state; a line's physical
 *	level, a chip select's meaning (1 is selected whatever the polarity)
 * @speed_hz: of a transfer: its clock rate
 * @len: of a transfer: bytes in @data, and bytes that the reply must have
 * @data: of a transfer: what the host sends, in the order on the wire,
 *	most significant byte of a word first. Zeros if the host only reads.
 *
 * read() with a buffer that is too small for the next event fails with
 * -EMSGSIZE and loses nothing. A buffer of sizeof(struct uspi_event) plus the
 * @max_transfer given at creation always suffices.
 */
struct uspi_event {
	__u32 type;
	__u32 id;
	__u32 line;
	__u32 value;
	__u32 speed_hz;
	__u32 len;
	__u8 data[];
};

/**
 * struct uspi_reply - what write() takes: the answer to one transfer
 * @id: the transfer's id
 * @len: bytes in @data: exactly the transfer's length, or 0 with an error
 * @error: 0, or a positive errno, below 512, with which the host's transfer
 *	fails
 * @reserved: must be 0
 * @data: what the peripheral sends, in the order on the wire
 *
 * write() of anything but one whole reply fails with -EINVAL; a reply to a
 * transfer that is not waiting any more fails with -ESTALE.
 */
struct uspi_reply {
	__u32 id;
	__u32 len;
	__u32 error;
	__u32 reserved;
	__u8 data[];
};

#define USPI_IOC_CREATE		_IOWR('u', 0xa0, struct uspi_create)
#define USPI_IOC_SET_LINE	_IOW('u', 0xa1, struct uspi_set_line)
#define USPI_IOC_GET_DEVICE	_IOR('u', 0xa2, struct uspi_device)

#endif /* _UAPI_LINUX_USPI_H */
