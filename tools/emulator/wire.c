// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SPI side: chip select, words and the data-ready line.
 *
 * States, and data-ready in them:
 *   RESET    0  reset is asserted
 *   BOOT     0  booting
 *   COMMAND  1  wants a command, collects its bytes
 *   ENDING   1  chip select rose behind a command; data-ready is about to fall
 *   BUSY     0  executes it (for ever, if it was cut short)
 *   DATA     1  has a reply, until its last word is out; then 0, and when chip
 *               select has risen, the next COMMAND
 * All words are 16 bits, first byte in the low half, most significant bit first:
 * of each pair of bytes, the second one is on the wire first.
 */
#include <err.h>
#include <string.h>

#include "at.h"
#include "module.h"

#define WIRE_PAD	NAK
#define WIRE_FLOATING	0xff		/* nobody drives MISO: it is pulled up */
#define WIRE_MAX_COMMAND (16 * 1024)
#define WIRE_REBOOT_US	500000
#define WIRE_SHORT_US	11		/* quirk: how long data-ready is low between two phases */
#define WIRE_LATE_US	4000000		/* quirk: when a line without CR is executed */
#define WIRE_DEAF_US	500000		/* quirk: shorter pulses do not reset */
#define WIRE_FLOAT_US	1000		/* quirk: low again before the prompt */
#define WIRE_GAP_US	2000000		/* quirk: from a reply to the next command phase */

#define WIRE_OVER_READ	32		/* quirk: bytes beyond a reply that no host reads */
#define WIRE_CLOCK_HZ	5000000		/* quirk: beyond that, bits are lost */
#define WIRE_LOST	61		/* quirk: one in so many bytes */

#define WIRE_FRAME	2048		/* quirk: as many bytes of a command are seen */

static const uint8_t boot_prompt[] = "\x15\x15\r\n> ";

static void set_ready(struct module *m, bool ready)
{
	if (m->wire.ready == ready)
		return;
	m->wire.ready = ready;
	bus_drive(&m->bus, LINE_DATA_READY, ready);
}

static void after(struct module *m, unsigned int us, void (*fn)(void *))
{
	m->wire.timer.fn = fn;
	m->wire.timer.data = m;
	if (us)
		timer_start(&m->loop, &m->wire.timer, loop_now() + us);
	else
		fn(m);
}

/* From the end of a reply to the next command phase. */
static unsigned int gap(const struct module *m)
{
	if (quirk(m, QUIRK_CMD_LATE))
		return WIRE_GAP_US;
	if (quirk(m, QUIRK_SHORT_LOW))
		return WIRE_SHORT_US;
	return m->timing.gap;
}

/* Bytes as they are meant, from or to bytes as they are on the wire. */
static void swap_pairs(uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2) {
		uint8_t byte = data[i];

		data[i] = data[i + 1];
		data[i + 1] = byte;
	}
}

/* BUSY to DATA: the reply is there. */
void wire_reply(struct module *m, const void *data, size_t len)
{
	struct wire *wire = &m->wire;
	uint8_t pad = WIRE_PAD;

	wire->out.len = 0;
	buf_add(&wire->out, data, len);
	if (len % 2)
		buf_add(&wire->out, &pad, 1);
	swap_pairs(wire->out.data, wire->out.len);
	wire->out_at = 0;
	wire->beyond = 0;
	wire->stuffing = m->request.command && fault_strikes(&m->faults, FAULT_ENDLESS_STUFFING);
	wire->state = WIRE_DATA;
	set_ready(m, true);
}

/* Occasions are counted from the first reset: power-up is no host's doing. */
static bool boot_fault(struct module *m, enum fault_id id)
{
	return m->wire.cold ? fault_always(&m->faults, id) : fault_strikes(&m->faults, id);
}

static void booted(void *data)
{
	struct module *m = data;
	size_t skip = 0;

	if (boot_fault(m, FAULT_NO_BOOT))
		return;
	m->request.command = NULL;
	if (boot_fault(m, FAULT_NO_PROMPT)) {
		wire_reply(m, "\x7f\x00\x55\xaa", 4);
		return;
	}
	if (boot_fault(m, FAULT_BOOT_NO_NAK))
		skip = 2;
	wire_reply(m, boot_prompt + skip, sizeof(boot_prompt) - 1 - skip);
}

/* The line meant nothing so far; now it falls, and rises for the prompt. */
static void float_ends(void *data)
{
	struct module *m = data;

	set_ready(m, false);
	after(m, WIRE_FLOAT_US, booted);
}

static void power_off(struct module *m)
{
	timer_stop(&m->loop, &m->wire.timer);
	timer_stop(&m->loop, &m->reboot_timer);
	timer_stop(&m->loop, &m->wire.deaf);
	m->rebooting = false;
	m->wire.in.len = 0;
	m->wire.out.len = 0;
	m->wire.stuffing = false;
	m->wire.dead = false;
	m->wire.cold = false;
	m->wire.state = WIRE_RESET;
	set_ready(m, false);
	module_power(m, false);
}

static void start(struct module *m)
{
	m->wire.state = WIRE_BOOT;
	module_power(m, true);
	if (!quirk(m, QUIRK_DRDY_FLOAT)) {
		after(m, m->timing.boot, booted);
		return;
	}
	set_ready(m, true);
	after(m, m->timing.boot ?: 1, float_ends);
}

/* Power comes; from then on, reset and ZR are what boots the module. */
void wire_power_on(struct module *m)
{
	m->wire.cold = true;
	start(m);
}

static void reboot(void *data)
{
	struct module *m = data;

	power_off(m);
	start(m);
}

/* At once, as seen: the reply to ZR is the prompt. */
void wire_reboot(struct module *m)
{
	m->reboot_timer.fn = reboot;
	m->reboot_timer.data = m;
	timer_start(&m->loop, &m->reboot_timer, loop_now() + (m->timing.boot ? WIRE_REBOOT_US : 0));
}

static void execute(void *data)
{
	struct module *m = data;

	if (fault_strikes(&m->faults, FAULT_STUCK_LOW)) {
		log_note(&m->log, "fault: data-ready stays low");
		return;
	}
	at_execute(m, m->wire.in.data, m->wire.in.len);
	/* A host need not read the reply to ZR. */
	if (m->rebooting && !m->reboot_timer.armed) {
		m->reboot_timer.fn = reboot;
		m->reboot_timer.data = m;
		timer_start(&m->loop, &m->reboot_timer, loop_now() + WIRE_REBOOT_US);
	}
}

/* What no host may do where a command is wanted, whether this module minds or not. */
static void forbidden(struct module *m, const char *why)
{
	m->forbidden++;
	log_note(&m->log, "forbidden frame: %s", why);
	warnx("forbidden frame: %s", why);
}

/* What is wrong with a frame as a command; NULL if nothing is. */
static const char *fault_of_frame(const uint8_t *data, size_t len)
{
	size_t seen = len < WIRE_FRAME ? len : WIRE_FRAME, i, text = 0;
	const uint8_t *cr = memchr(data, '\r', seen);

	if (!len)
		return "chip select without a word";
	if (!cr)
		return memchr(data, '\r', len) ? "a CR behind byte 2048" : "no CR";
	if (cr == data)
		return "it begins with CR";
	for (i = 0; data + i < cr; i++) {
		if (!data[i] || data[i] == '\n')
			return i ? "LF or NUL inside a command" : "it begins with LF or NUL";
		text += data[i] >= 0x20 && data[i] < 0x80 && data[i] != '=' && data[i] != ',';
	}
	return text ? NULL : "no byte that counts";
}

/* True if the frame is none: dead, where the firmware is like that. */
static bool is_no_command(struct module *m)
{
	const char *why = fault_of_frame(m->wire.in.data, m->wire.in.len);

	if (why)
		forbidden(m, why);
	if (!why || !quirk(m, QUIRK_DEAD_FRAME))
		return false;
	log_note(&m->log, "a frame of %zu bytes is no command: no reply until reset",
		 m->wire.in.len);
	return true;
}

static void busy(void *data)
{
	struct module *m = data;
	struct wire *wire = &m->wire;

	if (fault_strikes(&m->faults, FAULT_STUCK_HIGH)) {
		log_note(&m->log, "fault: data-ready stays high");
		return;
	}
	wire->state = WIRE_BUSY;
	set_ready(m, false);
	swap_pairs(wire->in.data, wire->in.len);
	if (is_no_command(m) && !quirk(m, QUIRK_LATE_EXECUTION))
		return;
	if (at_complete(m, wire->in.data, wire->in.len)) {
		after(m, quirk(m, QUIRK_SHORT_LOW) ? WIRE_SHORT_US : m->timing.command, execute);
		return;
	}
	if (quirk(m, QUIRK_LATE_EXECUTION) && !memchr(wire->in.data, '\r', wire->in.len)) {
		log_note(&m->log, "no CR: executed all the same, later");
		buf_add(&wire->in, "\r", 1);
		after(m, WIRE_LATE_US, execute);
		return;
	}
	log_note(&m->log, "a command of %zu bytes is cut short: no reply until reset",
		 wire->in.len);
}

static void next_command(void *data)
{
	struct module *m = data;

	if (m->rebooting) {
		reboot(m);
		return;
	}
	if (m->wire.dead)
		return;
	m->wire.state = WIRE_COMMAND;
	m->wire.in.len = 0;
	set_ready(m, true);
}

static void late_fall(void *data)
{
	struct module *m = data;

	set_ready(m, false);
	if (!m->wire.selected)
		after(m, gap(m), next_command);
}

static void select_changed(struct module *m, bool selected)
{
	struct wire *wire = &m->wire;

	wire->selected = selected;
	if (selected)
		return;
	switch (wire->state) {
	case WIRE_COMMAND:
		/* Half a word never reached the module's register. */
		wire->in.len &= ~(size_t)1;
		if (wire->in.len || quirk(m, QUIRK_DEAD_FRAME)) {
			wire->state = WIRE_ENDING;
			after(m, m->timing.busy, busy);
		} else {
			forbidden(m, "chip select without a word");
		}
		break;
	case WIRE_DATA:
		/* A word that was begun is gone, the rest stays for the next time. */
		wire->out_at += wire->out_at % 2;
		if (!wire->ready && !wire->timer.armed)
			after(m, gap(m), next_command);
		break;
	default:
		break;
	}
}

static void drained(struct module *m)
{
	struct wire *wire = &m->wire;

	if (!wire->ready || wire->stuffing || wire->timer.armed)
		return;
	if (fault_strikes(&m->faults, FAULT_LATE_DRDY))
		after(m, m->faults.fault[FAULT_LATE_DRDY].arg, late_fall);
	else
		set_ready(m, false);
}

/* What a host reads beyond the end of a reply. */
static void read_beyond(struct module *m, size_t len)
{
	m->wire.beyond += len;
	if (m->wire.beyond <= WIRE_OVER_READ || !quirk(m, QUIRK_OVER_READ) || m->wire.dead)
		return;
	m->wire.dead = true;
	log_note(&m->log, "%zu bytes read beyond a reply: no command phase until reset",
		 m->wire.beyond);
}

/* Now and then a bit of what was said is another. */
static void lose_bits(struct module *m, uint8_t *data, size_t len)
{
	size_t i;

	if (!quirk(m, QUIRK_CLOCK) || m->wire.transfer.speed_hz <= WIRE_CLOCK_HZ)
		return;
	for (i = 0; i < len; i++)
		if (m->wire.fast++ % WIRE_LOST == 0)
			data[i] ^= 4;
}

/* The bits of a transfer have passed: data holds MOSI, and gets MISO. */
static void exchange(struct module *m, uint8_t *data, size_t len)
{
	struct wire *wire = &m->wire;
	size_t n;

	/* Of no concern to a module that is not selected. */
	if (!wire->selected) {
		memset(data, WIRE_FLOATING, len);
		return;
	}
	switch (wire->state) {
	case WIRE_RESET:
	case WIRE_BOOT:
		memset(data, WIRE_FLOATING, len);
		break;
	case WIRE_COMMAND:
		if (wire->in.len + len <= WIRE_MAX_COMMAND)
			buf_add(&wire->in, data, len);
		memset(data, WIRE_PAD, len);
		break;
	case WIRE_DATA:
		n = wire->out.len - wire->out_at;
		if (n > len)
			n = len;
		memcpy(data, wire->out.data + wire->out_at, n);
		memset(data + n, WIRE_PAD, len - n);
		lose_bits(m, data, n);
		read_beyond(m, len - n);
		wire->out_at += n;
		if (wire->out_at >= wire->out.len)
			drained(m);
		break;
	default:
		memset(data, WIRE_PAD, len);
		break;
	}
}

static void transferred(void *data)
{
	struct module *m = data;
	struct buf *bytes = &m->wire.transfer.data;

	exchange(m, bytes->data, bytes->len);
	bus_reply(&m->bus, m->wire.transfer.id, bytes->data, bytes->len);
}

static void transfer(struct module *m, const struct uspi_event *event)
{
	struct wire *wire = &m->wire;
	unsigned int us = 0;

	wire->transfer.id = event->id;
	wire->transfer.speed_hz = event->speed_hz;
	wire->transfer.data.len = 0;
	buf_add(&wire->transfer.data, event->data, event->len);
	if (m->timing.wire && event->speed_hz)
		us = event->len * 8ULL * 1000000 / event->speed_hz;
	wire->transfer.timer.fn = transferred;
	wire->transfer.timer.data = m;
	if (us)
		timer_start(&m->loop, &wire->transfer.timer, loop_now() + us);
	else
		transferred(m);
}

static void asserted_long_enough(void *data)
{
	power_off(data);
}

/* The reset line. A deaf module that runs wants it low for a while. */
static void reset_changed(struct module *m, bool released)
{
	struct timer *deaf = &m->wire.deaf;

	log_note(&m->log, "reset %s", released ? "released" : "asserted");
	if (released && deaf->armed) {
		timer_stop(&m->loop, deaf);
		log_note(&m->log, "too short a pulse: ignored");
	} else if (released && m->wire.state == WIRE_RESET) {
		start(m);
	} else if (!released && quirk(m, QUIRK_RESET_DEAF) && m->wire.state != WIRE_RESET) {
		deaf->fn = asserted_long_enough;
		deaf->data = m;
		timer_start(&m->loop, deaf, loop_now() + WIRE_DEAF_US);
	} else if (!released) {
		power_off(m);
	}
}

/* Take one event from the host. */
void wire_event(struct module *m, const struct uspi_event *event)
{
	switch (event->type) {
	case USPI_EVENT_CS:
		select_changed(m, event->value);
		break;
	case USPI_EVENT_TRANSFER:
		transfer(m, event);
		break;
	case USPI_EVENT_LINE:
		if (event->line == LINE_RESET)
			reset_changed(m, event->value);
		break;
	}
}

void wire_power_off(struct module *m)
{
	power_off(m);
	timer_stop(&m->loop, &m->wire.transfer.timer);
}

void wire_exit(struct module *m)
{
	wire_power_off(m);
	buf_free(&m->wire.in);
	buf_free(&m->wire.out);
	buf_free(&m->wire.transfer.data);
}
