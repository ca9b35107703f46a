// SPDX-License-Identifier: GPL-2.0-only
/* The module itself: identity, modes, messages, GPIOs, saved settings, reset. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "at.h"

#define PRODUCT		"ISM43362-M3G-L44-SPI"
#define OEM_PRODUCT	"SENSOR-BOX"	/* a maker's own name */
#define CPU_HZ		120000000
#define SERIAL		"0029001F-33334707-30353834"

static void run_machine_mode(struct module *m)
{
	at_okf(m, "Exiting CMD mode...");
}

/* Human mode would change every reply; no host program can want it. */
static void run_human_mode(struct module *m)
{
	at_okf(m, "Entering CMD mode...");
}

static void run_identity(struct module *m)
{
	if (fault_strikes(&m->faults, FAULT_NO_IDENTIFY)) {
		log_note(&m->log, "fault: I? is not answered");
		return;
	}
	at_okf(m, "%s,%s,%s,%d,%s%s", quirk(m, QUIRK_OEM_NAME) ? OEM_PRODUCT : PRODUCT,
	       m->profile->version, m->profile->versions, CPU_HZ, m->set.name,
	       quirk(m, QUIRK_OEM_NAME) ? ",R2" : "");
}

static void run_compare_identity(struct module *m)
{
	const char *args = m->request.args;

	if (!args || strlen(args) > 64)
		at_error(m, args ? BAD_ARGUMENT : TOO_FEW);
	else
		at_okf(m, "%d", !strcmp(args, PRODUCT));
}

static void run_interface(struct module *m)
{
	at_okf(m, "1,%d,%d", m->set.spi_mode, m->set.ready_pins);
}

/* MR: the next scan record, if a scan is being read, else the next message. */
static void run_message(struct module *m)
{
	char *text;

	if (m->scan_next >= 0) {
		station_next_record(m);
		return;
	}
	text = module_next_message(m);
	at_okf(m, "[SOMA]%s[EOMA]", text ?: "");
	free(text);
}

static void run_time(struct module *m)
{
	if (m->joined)
		at_okf(m, "%lld", (long long)time(NULL));
	else
		at_okf(m, "%llu", (unsigned long long)((loop_now() - m->powered) / 1000));
}

static void run_pins(struct module *m)
{
	at_okf(m, "0,0,0,0,0,0,0,0,0,0,0,0,0");
}

/* G2 reads a pin; nothing is connected to any. */
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

static void run_led(struct module *m)
{
	const char *args = m->request.args;
	char *field[3];
	long value[3];
	int i;

	if (args && (!strcmp(args, "?") || !strcmp(args, "#"))) {
		at_okf(m, "%d,%d,%d", m->set.led[0], m->set.led[1], m->set.led[2]);
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

static void run_factory(struct module *m)
{
	if (m->joined || m->ap_running) {
		at_failf(m, "Please shutdown network before resetting");
		return;
	}
	module_defaults(m);
	at_okf(m, "Resetting to Factory Mode...");
}

static void run_save(struct module *m)
{
	if (!m->set.space)
		at_failf(m, "Factory space is locked!");
	else if (at_save(m))
		at_failf(m, "[EEPROM ] Error Writing User Data!");
	else
		at_ok(m);
}

static void run_erase(struct module *m)
{
	if (!m->set.space) {
		at_failf(m, "Factory space is locked!");
		return;
	}
	flash_clear_settings(&m->flash);
	if (flash_sync(&m->flash))
		at_failf(m, "Erase not performed!");
	else
		at_okf(m, "[EEPROM ] Erasing\r\nComplete");
}

static void run_set_mac(struct module *m)
{
	uint8_t mac[6];

	if (!m->request.args || !parse_mac(m->request.args, mac)) {
		at_error(m, m->request.args ? BAD_ADDRESS : TOO_FEW);
		return;
	}
	memcpy(m->set.mac, mac, sizeof(mac));
	at_ok(m);
}

static void run_get_mac(struct module *m)
{
	const uint8_t *mac = m->set.mac;

	at_okf(m, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void run_get_pin(struct module *m)
{
	at_okf(m, "%s", m->set.wps_pin);
}

static void run_serial(struct module *m)
{
	at_okf(m, "%s", m->serial ?: SERIAL);
}

/* ZP=function[,value] */
static void run_power(struct module *m)
{
	static const long most[] = { 0, 1, 60, 1, 0, 0, 3600000 };
	char *field[2];
	long what, value = 0;
	int n;

	n = at_split(m, field, 1, 2);
	if (n < 0)
		return;
	if (!at_number(field[0], 0, 6, &what) ||
	    (n == 2 && !at_number(field[1], 0, most[what], &value))) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	if (what == 1)
		m->set.power_save = value;
	else if (what == 2)
		m->set.beacon = value;
	else if (what == 3)
		m->set.radio_on = value;
	if (what == 3 && !value)
		station_leave(m);
	at_ok(m);
}

static void run_reset(struct module *m)
{
	at_okf(m, "[MODULE ] Resetting...");
	m->rebooting = true;
}

static void run_settings(struct module *m)
{
	const uint8_t *mac = m->set.mac;
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	at_okf(m, "%d,%s,0x2FEF,0x4321,%02X:%02X:%02X:%02X:%02X:%02X,%s,%d,%d,%d,%d,%s",
	       m->set.space, m->set.wps_pin, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], ip,
	       m->set.power_save, m->set.radio_on, m->set.beacon, m->set.beacon, m->set.name);
}

const struct at_command at_system[] = {
	{ .name = "---", .run = run_machine_mode },
	{ .name = "$$$", .run = run_human_mode },
	AT_INT("B2", "<mode 0-3>", 0, spi_mode, 0, 3),
	AT_INT("B3", "<0|1>", 0, ready_pins, 0, 1),
	{ .name = "B?", .run = run_interface },
	{ .name = "G2", .run = run_read_pin, .help = "<pin 0-4>,<type 2|3|5>" },
	{ .name = "G3", .run = at_accept, .help = "<pin 0-4>,<type 1|4>,<0|1>" },
	{ .name = "G4", .run = at_accept, .help = "<pin 0-4>,<type>" },
	{ .name = "G5", .run = at_accept, .help = "<pin>,...", .flags = AT_62 },
	{ .name = "GT", .run = run_time },
	{ .name = "G?", .run = run_pins },
	{ .name = "H0", .run = at_accept, .help = "<comment>", .flags = AT_62 },
	{ .name = "I?", .run = run_identity },
	{ .name = "IC", .run = run_compare_identity, .help = "<text>" },
	{ .name = "MR", .run = run_message },
	AT_INT("MS", "<0-3>", 0, quiet, 0, 3),
	AT_INT("MT", "<0 normal, 1 simple>", 0, terse_errors, 0, 1),
	{ .name = "WL", .run = run_led, .help = "<link>,<activity>,<polarity>" },
	{ .name = "Z0", .run = run_factory },
	{ .name = "Z1", .run = run_save },
	{ .name = "Z2", .run = run_erase },
	AT_INT("Z3", "<0 factory, 1 user>", 0, space, 0, 1),
	{ .name = "Z4", .run = run_set_mac, .help = "<mac>" },
	{ .name = "Z5", .run = run_get_mac },
	AT_ADDRESS("Z6", "<address>", AT_SAVED, ap_address),
	AT_TEXT("Z7", "<WPS PIN>", 0, wps_pin, 8, 8),
	{ .name = "Z8", .run = run_get_pin },
	AT_TEXT("ZN", "<name>", AT_SAVED, name, 1, 40),
	{ .name = "ZP", .run = run_power, .help = "<0-6>[,<value>]" },
	{ .name = "ZR", .run = run_reset },
	{ .name = "ZS", .run = run_serial },
	{ .name = "Z?", .run = run_settings },
	{ 0 }
};
