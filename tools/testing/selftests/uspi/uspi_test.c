// SPDX-License-Identifier: GPL-2.0-only
/*
 * Self-test of uspi: /dev/uspi is played by one thread, and used as a host does
 * by another, through spidev and the GPIO character device. Needs root, uspi.ko
 * and spidev. Prints TAP; exit code 0 if all passed, 1 if not, 4 if there is no
 * /dev/uspi to test.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/gpio.h>
#include <linux/spi/spi.h>
#include <linux/spi/spidev.h>
#include <linux/uspi.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define WORDS(bits)	(1U << ((bits) - 1))
#define TIMEOUT_MS	300
#define MAX_TRANSFER	4096

enum { READY, RESET, IRQ, LINES };

static int tests, failures;

[[gnu::format(printf, 2, 3)]]
static bool check(bool ok, const char *format, ...)
{
	va_list args;

	printf("%sok %d - ", ok ? "" : "not ", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	failures += !ok;
	return ok;
}

static bool failed_with(int ret, int error)
{
	return ret < 0 && errno == error;
}

/* One peripheral and the device files by which the host sees it. */
struct peripheral {
	struct uspi_line lines[LINES];
	struct uspi_property properties[3];
	struct uspi_create create;
	struct uspi_device device;
	int fd;
	int gpio;
	int spi;
};

static void describe(struct peripheral *p)
{
	memset(p, 0, sizeof(*p));
	p->fd = -1;
	p->gpio = -1;
	p->spi = -1;
	strcpy(p->lines[READY].name, "data-ready");
	strcpy(p->lines[RESET].name, "reset");
	p->lines[RESET].flags = USPI_LINE_OUTPUT | USPI_LINE_ACTIVE_LOW;
	p->lines[RESET].value = 1;
	strcpy(p->lines[IRQ].name, "irq");
	p->lines[IRQ].flags = USPI_LINE_INTERRUPT;
	strcpy(p->properties[0].name, "is-there");
	p->properties[0].type = USPI_PROPERTY_BOOL;
	strcpy(p->properties[1].name, "number");
	p->properties[1].type = USPI_PROPERTY_U32;
	p->properties[1].value = 42;
	strcpy(p->properties[2].name, "label");
	p->properties[2].type = USPI_PROPERTY_STRING;
	strcpy(p->properties[2].string, "test");
	p->create = (struct uspi_create) {
		.size = sizeof(p->create),
		.modalias = "uspi-selftest",
		.max_speed_hz = 1000000,
		.word_mask = WORDS(8) | WORDS(16) | WORDS(32),
		.max_transfer = MAX_TRANSFER,
		.timeout_ms = TIMEOUT_MS,
		.num_lines = LINES,
		.num_properties = ARRAY_SIZE(p->properties),
		.lines = (uintptr_t)p->lines,
		.properties = (uintptr_t)p->properties,
	};
}

static int create(struct peripheral *p)
{
	p->fd = open("/dev/uspi", O_RDWR | O_CLOEXEC);
	if (p->fd < 0)
		return -1;
	if (ioctl(p->fd, USPI_IOC_CREATE, &p->create))
		return -1;
	return ioctl(p->fd, USPI_IOC_GET_DEVICE, &p->device);
}

static void destroy(struct peripheral *p)
{
	if (p->spi >= 0)
		close(p->spi);
	if (p->gpio >= 0)
		close(p->gpio);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->gpio = -1;
	p->spi = -1;
}

/* Creation with what must not be */

struct wrong {
	const char *what;
	void (*spoil)(struct peripheral *p);
	int error;
};

#define WRONG(name, statement) \
	static void wrong_##name(struct peripheral *p) { statement; }

WRONG(size, p->create.size--)
WRONG(flags, p->create.flags = 1)
WRONG(reserved, p->create.reserved = 1)
WRONG(modalias, p->create.modalias[0] = 0)
WRONG(modalias_end, memset(p->create.modalias, 'a', USPI_NAME_SIZE))
WRONG(speed, p->create.max_speed_hz = 0)
WRONG(mode, p->create.mode = SPI_LOOP)
WRONG(no_words, p->create.word_mask = 0)
WRONG(no_bytes, p->create.word_mask = WORDS(16))
WRONG(words, p->create.word_mask |= WORDS(9))
WRONG(no_transfer, p->create.max_transfer = 0)
WRONG(transfer, p->create.max_transfer = USPI_MAX_TRANSFER + 1)
WRONG(no_timeout, p->create.timeout_ms = 0)
WRONG(timeout, p->create.timeout_ms = 60001)
WRONG(lines, p->create.num_lines = USPI_MAX_LINES + 1)
WRONG(properties, p->create.num_properties = USPI_MAX_PROPERTIES + 1)
WRONG(lines_address, p->create.lines = 8)
WRONG(properties_address, p->create.properties = 8)
WRONG(line_name, p->lines[0].name[0] = 0)
WRONG(line_name_end, memset(p->lines[0].name, 'a', USPI_NAME_SIZE))
WRONG(line_flags, p->lines[0].flags = 8)
WRONG(line_value, p->lines[0].value = 2)
WRONG(two_irqs, p->lines[READY].flags |= USPI_LINE_INTERRUPT)
WRONG(output_irq, p->lines[IRQ].flags |= USPI_LINE_OUTPUT)
WRONG(property_name, p->properties[0].name[0] = 0)
WRONG(property_name_end, memset(p->properties[0].name, 'a', USPI_NAME_SIZE))
WRONG(property_type, p->properties[0].type = 3)
WRONG(property_value, p->properties[0].value = 1)
WRONG(property_string, p->properties[1].string[5] = 'a')
WRONG(string_value, p->properties[2].value = 1)
WRONG(string_end, memset(p->properties[2].string, 'a', USPI_STRING_SIZE))

static const struct wrong wrongs[] = {
	{ "size", wrong_size, EINVAL },
	{ "flags", wrong_flags, EINVAL },
	{ "reserved", wrong_reserved, EINVAL },
	{ "empty modalias", wrong_modalias, EINVAL },
	{ "endless modalias", wrong_modalias_end, EINVAL },
	{ "speed 0", wrong_speed, EINVAL },
	{ "unknown mode", wrong_mode, EINVAL },
	{ "no words", wrong_no_words, EINVAL },
	{ "no bytes", wrong_no_bytes, EINVAL },
	{ "unknown words", wrong_words, EINVAL },
	{ "transfer 0", wrong_no_transfer, EINVAL },
	{ "transfer too long", wrong_transfer, EINVAL },
	{ "timeout 0", wrong_no_timeout, EINVAL },
	{ "timeout too long", wrong_timeout, EINVAL },
	{ "too many lines", wrong_lines, EINVAL },
	{ "too many properties", wrong_properties, EINVAL },
	{ "address of lines", wrong_lines_address, EFAULT },
	{ "address of properties", wrong_properties_address, EFAULT },
	{ "empty line name", wrong_line_name, EINVAL },
	{ "endless line name", wrong_line_name_end, EINVAL },
	{ "unknown line flags", wrong_line_flags, EINVAL },
	{ "line value 2", wrong_line_value, EINVAL },
	{ "two interrupts", wrong_two_irqs, EINVAL },
	{ "interrupt on an output", wrong_output_irq, EINVAL },
	{ "empty property name", wrong_property_name, EINVAL },
	{ "endless property name", wrong_property_name_end, EINVAL },
	{ "unknown property type", wrong_property_type, EINVAL },
	{ "value of a bool", wrong_property_value, EINVAL },
	{ "string of a number", wrong_property_string, EINVAL },
	{ "value of a string", wrong_string_value, EINVAL },
	{ "endless string", wrong_string_end, EINVAL },
};

static void test_wrong(void)
{
	struct uspi_set_line set = { 0 };
	struct peripheral p;
	uint8_t byte;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrongs); i++) {
		describe(&p);
		wrongs[i].spoil(&p);
		check(failed_with(create(&p), wrongs[i].error), "create refused: %s",
		      wrongs[i].what);
		destroy(&p);
	}

	describe(&p);
	p.create.flags = 1;
	create(&p);
	check(failed_with(read(p.fd, &byte, 1), ENXIO), "read before creation");
	check(failed_with(write(p.fd, &byte, 1), ENXIO), "write before creation");
	check(failed_with(ioctl(p.fd, USPI_IOC_SET_LINE, &set), ENXIO), "set before creation");
	check(failed_with(ioctl(p.fd, USPI_IOC_GET_DEVICE, &p.device), ENXIO),
	      "name before creation");
	check(failed_with(ioctl(p.fd, _IO('u', 0xaf)), ENOTTY), "unknown ioctl");
	p.create.flags = 0;
	check(!ioctl(p.fd, USPI_IOC_CREATE, &p.create), "create after a refusal");
	check(failed_with(ioctl(p.fd, USPI_IOC_CREATE, &p.create), EBUSY), "create twice");
	destroy(&p);
}

/* The program's side */

static union {
	struct uspi_event head;
	uint8_t bytes[sizeof(struct uspi_event) + MAX_TRANSFER];
} event;

/* The next event within a second; its type, or -1. */
static int next_event(struct peripheral *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, 1000) != 1)
		return -1;
	n = read(p->fd, &event, sizeof(event));
	if (n < (ssize_t)sizeof(event.head) || n != (ssize_t)sizeof(event.head) + event.head.len)
		return -1;
	return event.head.type;
}

static bool is_event(struct peripheral *p, uint32_t type, uint32_t line, uint32_t value)
{
	return next_event(p) == (int)type && event.head.line == line && event.head.value == value;
}

static bool is_silent(struct peripheral *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	return poll(&fd, 1, 50) == 0;
}

static int reply(struct peripheral *p, uint32_t id, uint32_t error, const void *data, size_t len)
{
	struct uspi_reply head = { .id = id, .len = len, .error = error };
	struct iovec iov[] = { { &head, sizeof(head) }, { (void *)data, len } };

	return writev(p->fd, iov, 2);
}

static int set_line(struct peripheral *p, uint32_t line, uint32_t value)
{
	struct uspi_set_line set = { .line = line, .value = value };

	return ioctl(p->fd, USPI_IOC_SET_LINE, &set);
}

/* The host's side: GPIO */

static int open_gpio(struct peripheral *p)
{
	struct gpiochip_info info;
	char path[32];
	int i, fd;

	for (i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/dev/gpiochip%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (!ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) &&
		    !strcmp(info.label, p->create.label) && info.lines == LINES) {
			p->gpio = fd;
			return fd;
		}
		close(fd);
	}
	return -1;
}

static int request_line(struct peripheral *p, uint32_t line, uint64_t flags, int value)
{
	struct gpio_v2_line_request request = {
		.offsets = { line },
		.consumer = "uspi_test",
		.config.flags = flags,
		.num_lines = 1,
	};

	if (flags & GPIO_V2_LINE_FLAG_OUTPUT) {
		request.config.num_attrs = 1;
		request.config.attrs[0].mask = 1;
		request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
		request.config.attrs[0].attr.values = value;
	}
	return ioctl(p->gpio, GPIO_V2_GET_LINE_IOCTL, &request) ? -1 : request.fd;
}

static int get_value(int fd)
{
	struct gpio_v2_line_values values = { .mask = 1 };

	return ioctl(fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) ? -1 : (int)values.bits;
}

static int set_value(int fd, int value)
{
	struct gpio_v2_line_values values = { .mask = 1, .bits = value };

	return ioctl(fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
}

/* Id of the next edge event within @ms, or 0. */
static int next_edge(int fd, int ms)
{
	struct gpio_v2_line_event edge;
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	if (poll(&poller, 1, ms) != 1 || read(fd, &edge, sizeof(edge)) != sizeof(edge))
		return 0;
	return edge.id;
}

static void test_lines(void)
{
	struct peripheral p;
	char path[64];
	int fd, next, i;

	describe(&p);
	if (!check(!create(&p), "create"))
		return;
	snprintf(path, sizeof(path), "/sys/bus/spi/devices/%s", p.device.name);
	for (i = 0; i < 1000 && access(path, F_OK); i++)
		usleep(10000);
	check(!access(path, F_OK), "SPI device is there");
	if (!check(open_gpio(&p) >= 0, "GPIO chip is there"))
		goto out;

	fd = request_line(&p, READY, GPIO_V2_LINE_FLAG_INPUT, 0);
	check(get_value(fd) == 0, "input is 0");
	check(!set_line(&p, READY, 1) && get_value(fd) == 1, "input is 1");
	check(!set_line(&p, READY, 0) && get_value(fd) == 0, "input is 0 again");
	close(fd);
	check(failed_with(set_line(&p, RESET, 0), EINVAL), "host's line can't be set");
	check(failed_with(set_line(&p, LINES, 0), EINVAL), "no line can't be set");
	check(failed_with(set_line(&p, READY, 2), EINVAL), "line can't be 2");
	check(request_line(&p, READY, GPIO_V2_LINE_FLAG_OUTPUT, 0) < 0, "input can't be driven");

	check(is_silent(&p), "no event yet");
	fd = request_line(&p, RESET, GPIO_V2_LINE_FLAG_OUTPUT, 0);
	check(is_event(&p, USPI_EVENT_LINE, RESET, 0), "event of a driven line");
	set_value(fd, 1);
	check(is_event(&p, USPI_EVENT_LINE, RESET, 1), "event of a set line");
	set_value(fd, 1);
	check(is_silent(&p), "no event without a change");
	set_value(fd, 0);
	check(is_event(&p, USPI_EVENT_LINE, RESET, 0) && get_value(fd) == 0, "output reads back");
	close(fd);
	fd = request_line(&p, RESET, GPIO_V2_LINE_FLAG_INPUT, 0);
	check(is_event(&p, USPI_EVENT_LINE, RESET, 1), "output that is let go comes to rest");
	close(fd);

	fd = request_line(&p, IRQ, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING, 0);
	set_line(&p, IRQ, 1);
	check(next_edge(fd, 1000) == GPIO_V2_LINE_EVENT_RISING_EDGE, "rising edge");
	set_line(&p, IRQ, 0);
	check(next_edge(fd, 50) == 0, "no falling edge if not asked for");
	close(fd);
	set_line(&p, IRQ, 1);
	fd = request_line(&p, IRQ, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_FALLING, 0);
	set_line(&p, IRQ, 0);
	set_line(&p, IRQ, 1);
	check(next_edge(fd, 1000) == GPIO_V2_LINE_EVENT_FALLING_EDGE, "falling edge");
	check(next_edge(fd, 50) == 0, "only that");
	close(fd);
	fd = request_line(&p, IRQ, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
			  GPIO_V2_LINE_FLAG_EDGE_FALLING, 0);
	set_line(&p, IRQ, 0);
	check(next_edge(fd, 1000) == GPIO_V2_LINE_EVENT_FALLING_EDGE, "both edges: falling");
	set_line(&p, IRQ, 1);
	check(next_edge(fd, 1000) == GPIO_V2_LINE_EVENT_RISING_EDGE, "both edges: rising");

	/* The file that waits for edges outlives the peripheral, and the next one as well. */
	destroy(&p);
	check(next_edge(fd, 50) == 0, "unplugged under an edge request");
	if (!check(!create(&p) && open_gpio(&p) >= 0, "another one meanwhile"))
		goto out;
	next = request_line(&p, IRQ, GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING, 0);
	set_line(&p, IRQ, 1);
	check(next_edge(next, 1000) == GPIO_V2_LINE_EVENT_RISING_EDGE, "its edges are its own");
	check(next_edge(fd, 50) == 0, "the first hears nothing of them");
	close(fd);
	set_line(&p, IRQ, 0);
	set_line(&p, IRQ, 1);
	check(next_edge(next, 1000) == GPIO_V2_LINE_EVENT_RISING_EDGE, "nor matters its end");
	close(next);
out:
	destroy(&p);
}

/* The host's side: SPI */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -1;
	close(fd);
	return ret;
}

static int open_spidev(struct peripheral *p)
{
	const char *name = p->device.name;
	char path[96];
	int i;

	snprintf(path, sizeof(path), "/sys/bus/spi/devices/%s/driver_override", name);
	for (i = 0; i < 1000 && access(path, F_OK); i++)
		usleep(10000);
	if (write_file(path, "spidev") || write_file("/sys/bus/spi/drivers/spidev/bind", name))
		return -1;
	snprintf(path, sizeof(path), "/dev/spidev%d.0", p->create.bus);
	for (i = 0; i < 1000 && access(path, F_OK); i++)
		usleep(10000);
	p->spi = open(path, O_RDWR | O_CLOEXEC);
	return p->spi;
}

/* A message that a thread sends, as its caller has to play the peripheral meanwhile. */
struct message {
	struct peripheral *p;
	struct spi_ioc_transfer transfers[2];
	int num;
	int ret;
	int error;
	pthread_t thread;
};

static void *send_message(void *arg)
{
	struct message *m = arg;

	m->ret = ioctl(m->p->spi, SPI_IOC_MESSAGE(m->num), m->transfers);
	m->error = errno;
	return NULL;
}

static void start_message(struct message *m)
{
	if (pthread_create(&m->thread, NULL, send_message, m)) {
		printf("Bail out! no thread\n");
		exit(1);
	}
}

static int end_message(struct message *m)
{
	pthread_join(m->thread, NULL);
	errno = m->error;
	return m->ret;
}

/* One transfer of @len bytes with @bits a word: the bytes on the wire are 1, 2, 3 and so on. */
static void test_words(struct peripheral *p, unsigned int bits)
{
	uint8_t wire[8], answer[8], tx[8], rx[8];
	struct message m = {
		.p = p,
		.num = 1,
		.transfers[0] = {
			.tx_buf = (uintptr_t)tx, .rx_buf = (uintptr_t)rx, .len = sizeof(tx),
			.bits_per_word = bits,
		},
	};
	unsigned int i, bytes = bits / 8;
	bool ok;

	for (i = 0; i < sizeof(tx); i++) {
		wire[i] = i + 1;
		answer[i] = 0xa0 + i;
	}
	/* Words in memory are the CPU's. */
	for (i = 0; i < sizeof(tx); i += bytes) {
		uint32_t word = 0;
		unsigned int k;

		for (k = 0; k < bytes; k++)
			word = word << 8 | wire[i + k];
		if (bytes == 1)
			tx[i] = word;
		else if (bytes == 2)
			memcpy(tx + i, &(uint16_t){ word }, 2);
		else
			memcpy(tx + i, &word, 4);
	}

	start_message(&m);
	ok = is_event(p, USPI_EVENT_CS, 0, 1);
	ok = ok && next_event(p) == USPI_EVENT_TRANSFER && event.head.id;
	check(ok && event.head.len == sizeof(wire) && !memcmp(event.head.data, wire, sizeof(wire)),
	      "%u bits: what the host sends", bits);
	check(event.head.speed_hz == 1000000, "%u bits: speed", bits);
	reply(p, event.head.id, 0, answer, sizeof(answer));
	check(end_message(&m) == sizeof(tx) && is_event(p, USPI_EVENT_CS, 0, 0),
	      "%u bits: transfer is done", bits);
	for (i = 0, ok = true; i < sizeof(rx); i += bytes) {
		uint32_t word = 0, got;
		uint16_t got16;
		unsigned int k;

		for (k = 0; k < bytes; k++)
			word = word << 8 | answer[i + k];
		memcpy(&got16, rx + i, 2);
		memcpy(&got, rx + (bytes == 4 ? i : 0), 4);
		ok = ok && word == (bytes == 1 ? rx[i] : bytes == 2 ? got16 : got);
	}
	check(ok, "%u bits: what the host gets", bits);
}

static void test_replies(struct peripheral *p)
{
	uint8_t tx[4] = { 1, 2, 3, 4 }, rx[4] = { 0 }, zero[4] = { 0 }, answer[4] = { 5, 6, 7, 8 };
	struct message m = { .p = p, .num = 2 };
	struct uspi_reply head = { 0 };
	uint32_t id;

	/* Half duplex, chip select released between. */
	m.transfers[0] = (struct spi_ioc_transfer) {
		.tx_buf = (uintptr_t)tx, .len = sizeof(tx), .cs_change = 1,
	};
	m.transfers[1] = (struct spi_ioc_transfer) { .rx_buf = (uintptr_t)rx, .len = sizeof(rx) };
	start_message(&m);
	check(is_event(p, USPI_EVENT_CS, 0, 1), "cs_change: selected");
	check(failed_with(read(p->fd, &event, sizeof(event.head)), EMSGSIZE), "buffer too small");
	check(failed_with(read(p->fd, &event, sizeof(event.head) + 3), EMSGSIZE),
	      "buffer one byte too small");
	check(next_event(p) == USPI_EVENT_TRANSFER && !memcmp(event.head.data, tx, sizeof(tx)),
	      "which loses nothing");
	id = event.head.id;
	check(failed_with(reply(p, id, 0, answer, 3), EINVAL), "reply too short");
	check(failed_with(reply(p, id, 5, answer, 4), EINVAL), "reply with error and data");
	check(failed_with(reply(p, id, 512, answer, 0), EINVAL), "reply with a kernel's error");
	check(failed_with(reply(p, id + 1, 0, answer, 4), ESTALE), "reply to no transfer");
	check(failed_with(write(p->fd, &head, sizeof(head) - 1), EINVAL), "half a reply");
	head = (struct uspi_reply) { .id = id, .len = 4, .reserved = 1 };
	check(failed_with(write(p->fd, &head, sizeof(head)), EINVAL), "reply without its data");
	check(reply(p, id, 0, answer, 4) == sizeof(head) + 4, "reply");
	check(is_event(p, USPI_EVENT_CS, 0, 0), "cs_change: released");
	check(is_event(p, USPI_EVENT_CS, 0, 1), "cs_change: selected again");
	check(next_event(p) == USPI_EVENT_TRANSFER && event.head.id != id &&
	      !memcmp(event.head.data, zero, sizeof(zero)), "zeros if the host only reads");
	check(failed_with(reply(p, id, 0, answer, 4), ESTALE), "second reply to the first");
	reply(p, event.head.id, 0, answer, 4);
	check(end_message(&m) == 8 && !memcmp(rx, answer, 4), "message is done");
	check(is_event(p, USPI_EVENT_CS, 0, 0), "released at its end");

	/* An error of the peripheral's own. */
	m.num = 1;
	start_message(&m);
	check(is_event(p, USPI_EVENT_CS, 0, 1) && next_event(p) == USPI_EVENT_TRANSFER &&
	      reply(p, event.head.id, EREMOTEIO, NULL, 0) == sizeof(head), "reply with an error");
	check(failed_with(end_message(&m), EREMOTEIO), "is the host's error");
	check(is_event(p, USPI_EVENT_CS, 0, 0), "released after it");

	/* No answer in time, with the event read and with it unread. */
	start_message(&m);
	check(is_event(p, USPI_EVENT_CS, 0, 1) && next_event(p) == USPI_EVENT_TRANSFER,
	      "transfer that nobody answers");
	id = event.head.id;
	check(failed_with(end_message(&m), ETIMEDOUT), "times out");
	check(failed_with(reply(p, id, 0, answer, 4), ESTALE), "late reply");
	check(is_event(p, USPI_EVENT_CS, 0, 0), "released after it");
	start_message(&m);
	check(failed_with(end_message(&m), ETIMEDOUT), "transfer that nobody reads times out");
	check(is_event(p, USPI_EVENT_CS, 0, 1) && is_event(p, USPI_EVENT_CS, 0, 0),
	      "and is withdrawn");
	test_words(p, 8);
}

/* A queue that nobody reads runs full; the host must not stay. */
static void test_overflow(struct peripheral *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	uint8_t tx[1] = { 0 };
	struct message m = { .p = p, .num = 1 };
	int i, n = 0, line;

	line = request_line(p, RESET, GPIO_V2_LINE_FLAG_OUTPUT, 0);
	for (i = 0; i < 2000; i++)
		set_value(line, i & 1);
	close(line);
	check(poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR) && (fd.revents & POLLIN),
	      "full queue is an error");
	m.transfers[0] = (struct spi_ioc_transfer) { .tx_buf = (uintptr_t)tx, .len = 1 };
	start_message(&m);
	check(failed_with(end_message(&m), EIO), "transfer fails then");
	while (next_event(p) == USPI_EVENT_LINE)
		n++;
	check(n == 1024, "queue holds 1024 events");
	check(failed_with(read(p->fd, &event, sizeof(event)), EIO), "read fails at its end");
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void test_spi(void)
{
	uint8_t tx[4] = { 0 };
	struct peripheral p, q;
	struct message m = { .p = &p, .num = 1 };
	double start;
	char path[64];
	int i;

	describe(&p);
	describe(&q);
	q.create.mode = SPI_CS_HIGH;
	p.create.timeout_ms = TIMEOUT_MS;
	if (!check(!create(&p) && !create(&q) && p.create.bus != q.create.bus &&
		   strcmp(p.create.label, q.create.label), "two peripherals"))
		goto out;
	if (!check(open_spidev(&p) >= 0 && open_spidev(&q) >= 0, "spidev on both"))
		goto out;
	test_words(&p, 8);
	test_words(&q, 16);
	test_words(&p, 16);
	test_words(&q, 32);
	test_replies(&p);
	check(open_gpio(&q) >= 0, "GPIO chip of the second");
	test_overflow(&q);
	destroy(&q);
	check(is_silent(&p), "the first heard nothing of that");

	/* The longest wait possible, and the program leaves during it. */
	destroy(&p);
	p.create.timeout_ms = 60000;
	check(!create(&p) && open_spidev(&p) >= 0, "create with a long timeout");
	m.transfers[0] = (struct spi_ioc_transfer) { .tx_buf = (uintptr_t)tx, .len = sizeof(tx) };
	start_message(&m);
	check(is_event(&p, USPI_EVENT_CS, 0, 1) && next_event(&p) == USPI_EVENT_TRANSFER,
	      "transfer in flight");
	start = now();
	close(p.fd);
	p.fd = -1;
	check(failed_with(end_message(&m), ENODEV), "close ends it");
	check(now() - start < 5, "at once");
	snprintf(path, sizeof(path), "/sys/bus/spi/devices/%s", p.device.name);
	check(access(path, F_OK) < 0, "SPI device is gone");
	check(failed_with(ioctl(p.spi, SPI_IOC_MESSAGE(1), m.transfers), ESHUTDOWN),
	      "spidev knows");
	destroy(&p);

	/* Bind and unplug, again and again. */
	for (i = 0; i < 20; i++) {
		if (create(&p) || open_spidev(&p) < 0)
			break;
		destroy(&p);
	}
	check(i == 20, "plug and unplug");
	for (i = 0; i < 100; i++) {
		if (create(&p)) {
			printf("# create %d: %s\n", i, strerror(errno));
			break;
		}
		destroy(&p);
	}
	check(i == 100, "unplug while plugging");

	describe(&p);
	p.create.num_lines = 0;
	p.create.num_properties = 0;
	check(!create(&p) && !p.create.label[0], "peripheral without lines");
	check(failed_with(set_line(&p, 0, 0), EINVAL), "has none to set");
out:
	destroy(&p);
	destroy(&q);
}

int main(void)
{
	printf("TAP version 13\n");
	if (access("/dev/uspi", R_OK | W_OK)) {
		printf("1..0 # SKIP no /dev/uspi\n");
		return 4;
	}
	test_wrong();
	test_lines();
	test_spi();
	printf("1..%d\n", tests);
	return failures ? 1 : 0;
}
