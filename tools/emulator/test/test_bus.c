// SPDX-License-Identifier: GPL-2.0-only
/* A bus without a kernel: the test is the host, and calls the wire directly. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

int test_ready, test_rises;
unsigned int test_speed_hz;	/* of transfers; 0 takes no time */
static uint8_t answer[USPI_MAX_TRANSFER];
static size_t answered;

void bus_reply(struct bus *bus, uint32_t id, const uint8_t *data, size_t len)
{
	(void)bus;
	(void)id;
	memcpy(answer, data, len);
	answered = len;
}

void bus_drive(struct bus *bus, enum bus_line line, int value)
{
	(void)bus;
	if (line != LINE_DATA_READY || value == test_ready)
		abort();
	test_ready = value;
	test_rises += value;
}

struct module *host_start(const char *firmware, const char *flash)
{
	struct module *m = calloc(1, sizeof(*m));

	if (!profile_find(firmware))
		abort();
	module_firmware(m, profile_find(firmware));
	m->timing = timing_fast;
	m->mac[0] = 2;
	test_ready = 0;
	test_rises = 0;
	if (getenv("VERBOSE"))
		m->log.file = stderr;
	if (flash_open(&m->flash, flash) || module_init(m))
		abort();
	return m;
}

void host_stop(struct module *m)
{
	module_exit(m);
	free(m);
}

static void event(struct module *m, uint32_t type, uint32_t line, uint32_t value)
{
	const struct uspi_event ev = { .type = type, .line = line, .value = value };

	wire_event(m, &ev);
}

void host_reset(struct module *m, bool asserted)
{
	event(m, USPI_EVENT_LINE, LINE_RESET, !asserted);
}

/* Let the module run until data-ready has that level; false if it never gets it. */
bool host_wait(struct module *m, int level, int ms)
{
	uint64_t end = loop_now() + ms * 1000ULL;

	while (test_ready != level && loop_now() < end)
		loop_step(&m->loop, end - loop_now());
	return test_ready == level;
}

/* One transfer with chip select low; data is on the wire as given. */
size_t host_clock(struct module *m, uint8_t *data, size_t len, bool release)
{
	struct uspi_event *ev = calloc(1, sizeof(*ev) + len);

	if (!m->wire.selected)
		event(m, USPI_EVENT_CS, 0, 1);
	ev->type = USPI_EVENT_TRANSFER;
	ev->id = 1;
	ev->len = len;
	ev->speed_hz = test_speed_hz;
	memcpy(ev->data, data, len);
	answered = 0;
	wire_event(m, ev);
	free(ev);
	while (!answered)
		loop_step(&m->loop, -1);
	memcpy(data, answer, answered);
	if (release)
		event(m, USPI_EVENT_CS, 0, 0);
	return answered;
}

static void swap(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 2) {
		uint8_t low = data[i];

		data[i] = data[i + 1];
		data[i + 1] = low;
	}
}

void host_send(struct module *m, const void *data, size_t len)
{
	uint8_t *wire = malloc(len + 1);
	size_t even = len + len % 2, i;

	memcpy(wire, data, len);
	wire[even - 1] = len % 2 ? '\n' : wire[even - 1];
	swap(wire, even);
	host_clock(m, wire, even, true);
	for (i = 0; i < even; i++)
		if (wire[i] != NAK)
			abort();
	free(wire);
}

/* Chip select, and no word. */
void host_pulse(struct module *m)
{
	event(m, USPI_EVENT_CS, 0, 1);
	event(m, USPI_EVENT_CS, 0, 0);
}

/* Read word by word until data-ready falls, then release chip select. */
size_t host_read(struct module *m, uint8_t *data, size_t size)
{
	size_t n = 0;

	while (test_ready && n + 2 <= size) {
		data[n] = '\n';
		data[n + 1] = '\n';
		host_clock(m, data + n, 2, false);
		n += 2;
	}
	event(m, USPI_EVENT_CS, 0, 0);
	swap(data, n);
	return n;
}

/* A whole exchange; 0 if there is no reply within 20 s. */
size_t host_command(struct module *m, const void *data, size_t len, uint8_t *reply, size_t size)
{
	int rises;

	if (!host_wait(m, 1, 1000))
		return 0;
	rises = test_rises;
	host_send(m, data, len);
	while (test_rises == rises) {
		if (!test_ready && !host_wait(m, 1, 20000))
			return 0;
		if (test_rises == rises)
			loop_step(&m->loop, 1000);
	}
	return host_read(m, reply, size);
}
