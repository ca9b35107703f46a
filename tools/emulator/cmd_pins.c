// SPDX-License-Identifier: GPL-2.0-only
/* Pins and lamps. Nothing is connected to any; but what each is for can be asked. */
#include <string.h>

#include "at.h"

/* What G? says of a pin that some command has taken. */
#define PIN_LAMP	8	/* PL */
#define PIN_CLOUD	10	/* K7 */

#define PINS_TOLD_35	7
#define PINS_TOLD_62	11

static int pins_told(const struct module *m)
{
	return m->profile->line == FW_62 ? PINS_TOLD_62 : PINS_TOLD_35;
}

/* What a pin is that nobody has taken. C3.5 has two that are others at first. */
static int idle(int pin)
{
	return pin < 5 || pin == 10 ? 3 : 5;
}

void pins_defaults(struct module *m)
{
	int i;

	for (i = 0; i < PINS; i++)
		m->pin[i] = idle(i);
	if (m->profile->line == FW_35) {
		m->pin[5] = 4;
		m->pin[6] = 3;
	}
	m->lamp_pin = -1;
	m->cloud_pin = -1;
}

/* The pin that was taken before is idle again, and another one is taken. */
static void take(struct module *m, int *taken, int pin, int what)
{
	if (*taken >= 0)
		m->pin[*taken] = idle(*taken);
	*taken = pin < PINS ? pin : -1;
	if (*taken >= 0)
		m->pin[*taken] = what;
}

static void run_lamp(struct module *m)
{
	int pin;

	if (at_get_int(m, m->request.form->min, m->request.form->max, &pin)) {
		take(m, &m->lamp_pin, pin, PIN_LAMP);
		at_ok(m);
	}
}

static void run_cloud(struct module *m)
{
	int pin;

	if (at_get_int(m, m->request.form->min, m->request.form->max, &pin)) {
		take(m, &m->cloud_pin, pin, PIN_CLOUD);
		at_ok(m);
	}
}

static void run_pins(struct module *m)
{
	struct buf text = { 0 };
	int i;

	if (!observed(m)) {
		at_okf(m, "0,0,0,0,0,0,0,0,0,0,0,0,0");
		return;
	}
	for (i = 0; i < pins_told(m); i++)
		buf_printf(&text, "%s%d", i ? "," : "", m->pin[i]);
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

/* G2 reads a pin. */
static void run_read_pin(struct module *m)
{
	char *field[2];
	long pin, type;

	if (at_split(m, field, 2, 2) < 0)
		return;
	if (!at_number(field[0], 0, 4, &pin) || !at_number(field[1], 2, 5, &type) || type == 4)
		at_error(m, BAD_ARGUMENT);
	else
		at_okf(m, "0");
}

static bool is_led(const char *text, long *value)
{
	return at_number(text, 0, 9, value) || at_number(text, 255, 255, value);
}

/* As firmware does it that was seen: link and activity, or neither of them. */
static void run_led_form(struct module *m)
{
	char *field[3];
	long value[3];
	int n, i;

	if (m->request.args && !strcmp(m->request.args, "#")) {
		memcpy(m->set.led, (int[]){ 255, 255, 1 }, sizeof(m->set.led));
		at_ok(m);
		return;
	}
	n = at_split(m, field, 1, 3);
	if (n < 0)
		return;
	for (i = 0; i < n; i++) {
		if (!is_led(field[i], &value[i]) || (n == 1 && value[i] != 255)) {
			at_error(m, BAD_ARGUMENT);
			return;
		}
	}
	for (i = 0; i < n; i++)
		m->set.led[i] = value[i];
	at_ok(m);
}

static void run_led(struct module *m)
{
	const char *args = m->request.args;
	char *field[3];
	long value[3];
	int i;

	if (m->request.form && args && strcmp(args, "?")) {
		run_led_form(m);
		return;
	}
	if (args && (!strcmp(args, "?") || !strcmp(args, "#"))) {
		at_okf(m, "%d,%d,%d%s", m->set.led[0], m->set.led[1], m->set.led[2],
		       m->request.form && m->request.form->flags & FORM_BLANK ? "\r\n" : "");
		return;
	}
	if (at_split(m, field, 3, 3) < 0)
		return;
	for (i = 0; i < 3; i++) {
		if (!at_number(field[i], 0, 255, &value[i])) {
			at_error(m, BAD_ARGUMENT);
			return;
		}
	}
	for (i = 0; i < 3; i++)
		m->set.led[i] = value[i];
	at_ok(m);
}

const struct at_command at_pins[] = {
	{ .name = "G2", .run = run_read_pin, .help = "<pin 0-4>,<type 2|3|5>" },
	{ .name = "G3", .run = at_accept, .help = "<pin 0-4>,<type 1|4>,<0|1>" },
	{ .name = "G4", .run = at_accept, .help = "<pin 0-4>,<type>" },
	{ .name = "G5", .run = at_accept, .help = "<pin>,...", .flags = AT_62 },
	{ .name = "G?", .run = run_pins },
	{ .name = "K7", .run = run_cloud, .flags = AT_OBSERVED },
	{ .name = "PL", .run = run_lamp, .flags = AT_OBSERVED },
	{ .name = "WL", .run = run_led, .help = "<link>,<activity>,<polarity>" },
	{ 0 }
};
