// SPDX-License-Identifier: GPL-2.0-only
/* The module itself: identity, modes, messages, saved settings, reset. */
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

	if (!args || (m->request.form && strpbrk(args, "=,")))
		at_error(m, TOO_FEW);
	else if (strlen(args) > 64)
		at_error(m, m->request.form ? TOO_MANY : BAD_ARGUMENT);
	else
		/* The firmware that was seen knows some other name. */
		at_okf(m, "%d", !m->request.form && !strcmp(args, PRODUCT));
}

static void run_interface(struct module *m)
{
	m->interface_told = true;
	at_okf(m, "1,%d,%d", m->set.spi_mode, m->set.ready_pins);
}

/* The prompt of the interface comes first, whatever becomes of it. */
static void run_spi_mode(struct module *m)
{
	if (!m->request.form) {
		at_set_int(m);
	} else if (!at_get_int(m, 0, 3, &m->set.spi_mode)) {
		return;
	} else if (m->profile->line == FW_62) {
		at_ok(m);
	} else {
		at_raw(m, "\x15\0\r\n\r\nOK\r\n> ", 12);
	}
}

/* The UART, which this module has not got. */
static void run_uart(struct module *m)
{
	at_okf(m, "%d,115200,8,0,1,1", m->interface_told ? 2 : 0);
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
		at_okf(m, "%llu", (unsigned long long)((loop_now() - m->powered) /
						       (m->profile->forms ? 1000000 : 1000)));
}

static void run_factory(struct module *m)
{
	if (m->joined || m->ap_running) {
		at_failf(m, "Please shutdown network before resetting");
		return;
	}
	module_defaults(m);
	if (m->request.form)
		at_ok(m);
	else
		at_okf(m, "Resetting to Factory Mode...");
}

static void run_save(struct module *m)
{
	if (!m->set.space && m->request.form)
		at_okf(m, m->profile->line == FW_62 ? "[EEPROM ] Complete\r\n" :
		       "[EEPROM ] Complete\r\n\r\n");
	else if (!m->set.space)
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
		at_okf(m, observed(m) ? "[EEPROM ] Erasing user sections\r\n[EEPROM ] Complete" :
				       "[EEPROM ] Erasing\r\nComplete");
}

static void run_set_mac(struct module *m)
{
	uint8_t mac[6];

	if (!m->request.args || !parse_mac(m->request.args, mac)) {
		at_error(m, m->request.args ? BAD_ADDRESS : TOO_FEW);
		return;
	}
	/* What is told stays as it is until the next boot. */
	if (!m->request.form)
		memcpy(m->set.mac, mac, sizeof(mac));
	at_ok(m);
}

static void run_get_mac(struct module *m)
{
	const uint8_t *mac = m->set.mac;

	at_okf(m, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

/* Digits, which are kept as a number. */
static void run_set_pin(struct module *m)
{
	char *field[1];
	long pin;

	if (!m->request.form) {
		at_set_text(m);
		return;
	}
	if (at_split(m, field, 1, 1) < 0)
		return;
	if (strlen(field[0]) > 8) {
		at_error(m, TOO_MANY);
	} else if (!at_form_number(m, field[0], 0, 99999999, &pin)) {
		at_error(m, BAD_ARGUMENT);
	} else {
		snprintf(m->set.wps_pin, sizeof(m->set.wps_pin), "%08ld", pin);
		at_ok(m);
	}
}

/* Z9 never succeeded. */
static void run_vendor(struct module *m)
{
	char *field[2];

	if (!m->request.args || at_split(m, field, 1, 2) < 2)
		at_error(m, TOO_FEW);
	else
		at_error(m, BAD_ARGUMENT);
}

static void run_locked(struct module *m)
{
	at_okf(m, "%d", m->form_value[form_find(m->profile->forms, "ZF", 2) - m->profile->forms]);
}

static void run_get_pin(struct module *m)
{
	at_okf(m, "%s", m->set.wps_pin);
}

static void run_serial(struct module *m)
{
	static const char rubbish_35[] = "d\xf1\x01 \xa9\x05", rubbish_62[] = "\xb4\xdc\x01 \xb5\x05";

	if (m->serial_lost)
		at_okf(m, "%s", m->profile->line == FW_62 ? rubbish_62 : rubbish_35);
	else
		at_okf(m, "%s", m->serial ?: SERIAL);
}

/* ZT uses the memory that ZS reads. */
static void run_table(struct module *m)
{
	m->serial_lost = true;
	at_ok(m);
}

/* ZP=function[,value] */
static void run_power(struct module *m)
{
	const long most[] = { 1, 1, 60, 1, 1, 0, 3600000 };
	char *field[2];
	long what, value = 0;
	int n;

	if (m->request.form && !m->request.args && m->profile->line == FW_62) {
		at_ok(m);
		return;
	}
	n = at_split(m, field, 1, 2);
	if (n < 0)
		return;
	if (m->request.form && m->profile->line == FW_62 &&
	    !at_form_number(m, field[0], 0, 6, &what)) {
		at_bare(m, "unknown...\r\n\r\n", UNKNOWN_ERROR);
		return;
	}
	if (!at_form_number(m, field[0], 0, 6, &what) ||
	    (observed_as(m, FW_35) && what && what != 5 && n < 2) ||
	    (n == 2 && !at_number(field[1], 0, most[what], &value))) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	if (m->request.form && what > 4) {
		log_note(&m->log, "sleeps: no reply until reset");
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
	if (observed_as(m, FW_35)) {
		/* No word; the prompt of the boot that follows is the reply. */
		m->rebooting = true;
		wire_reboot(m);
		return;
	}
	at_okf(m, "[MODULE ] Resetting...");
	m->rebooting = true;
}

/* What Z? has more to say, if it is given one argument: where things are in its flash. */
static const char flash_table_35[] =
	"\r\n\r\nPCT:\r\nRevision:   INVT\r\nHeader:     0000\r\nAddress:    0010\r\n"
	"Mfg:        0048\r\nCK01:       02A8\r\nRCK2:       32A8\r\nImages:     5AA8\r\n"
	"Strings:    92BE\r\nAttributes: 970F\r\nPages:      9737\r\nR01:        BF37\r\n"
	"End:        DF37";
static const char flash_table_62[] =
	"\r\nPCT:\r\nRevision:   INV1\r\nHeader:     0000\r\nAddress:    0010\r\n"
	"Mfg:        0048\r\nCK01:       02A8\r\nRCK2:       32A8\r\nImages:     5AA8\r\n"
	"Strings:    72E2\r\nAttributes: 7733\r\nPages:      775B\r\nR01:        7767\r\n"
	"End:        9767\r\n";

static void run_settings(struct module *m)
{
	const uint8_t *mac = m->set.mac;
	char ip[INET_ADDRSTRLEN];
	const char *more = "";

	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	if (!observed(m)) {
		at_okf(m, "%d,%s,0x2FEF,0x4321,%02X:%02X:%02X:%02X:%02X:%02X,%s,%d,%d,%d,%d,%s",
		       m->set.space, m->set.wps_pin, mac[0], mac[1], mac[2], mac[3], mac[4],
		       mac[5], ip, m->set.power_save, m->set.radio_on, m->set.beacon,
		       m->set.beacon, m->set.name);
		return;
	}
	if (m->request.args && !strpbrk(m->request.args, "=,"))
		more = m->profile->line == FW_62 ? flash_table_62 : flash_table_35;
	at_okf(m, "%d,%s,0000,0000,%02X:%02X:%02X:%02X:%02X:%02X,%s,%d,%d,%d,%d,%s%s",
	       m->set.space, m->set.wps_pin, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], ip,
	       m->set.power_save, 0, 0, 0, m->set.name, more);
}

const struct at_command at_system[] = {
	{ .name = "---", .run = run_machine_mode },
	{ .name = "$$$", .run = run_human_mode },
	{ .name = "B2", .run = run_spi_mode, .help = "<mode 0-3>",
	  .offset = offsetof(struct settings, spi_mode), .max = 3 },
	AT_INT("B3", "<0|1>", 0, ready_pins, 0, 1),
	{ .name = "B?", .run = run_interface },
	{ .name = "GT", .run = run_time },
	{ .name = "H0", .run = at_accept, .help = "<comment>", .flags = AT_62 },
	{ .name = "I?", .run = run_identity },
	{ .name = "IC", .run = run_compare_identity, .help = "<text>" },
	{ .name = "MR", .run = run_message },
	AT_INT("MS", "<0-3>", 0, quiet, 0, 3),
	AT_INT("MT", "<0 normal, 1 simple>", 0, terse_errors, 0, 1),
	{ .name = "U?", .run = run_uart, .flags = AT_OBSERVED },
	{ .name = "Z0", .run = run_factory },
	{ .name = "Z1", .run = run_save },
	{ .name = "Z2", .run = run_erase },
	AT_INT("Z3", "<0 factory, 1 user>", 0, space, 0, 1),
	{ .name = "Z4", .run = run_set_mac, .help = "<mac>" },
	{ .name = "Z5", .run = run_get_mac },
	AT_ADDRESS("Z6", "<address>", AT_SAVED, ap_address),
	{ .name = "Z7", .run = run_set_pin, .help = "<WPS PIN>",
	  .offset = offsetof(struct settings, wps_pin), .min = 8, .max = 8 },
	{ .name = "Z9", .run = run_vendor, .flags = AT_OBSERVED },
	{ .name = "ZL", .run = run_locked, .flags = AT_OBSERVED },
	{ .name = "Z8", .run = run_get_pin },
	{ .name = "ZN", .run = at_set_word, .help = "<name>", .flags = AT_SAVED,
	  .offset = offsetof(struct settings, name), .min = 1, .max = 40 },
	{ .name = "ZP", .run = run_power, .help = "<0-6>[,<value>]" },
	{ .name = "ZR", .run = run_reset },
	{ .name = "ZS", .run = run_serial },
	{ .name = "ZT", .run = run_table, .flags = AT_OBSERVED },
	{ .name = "Z?", .run = run_settings },
	{ 0 }
};
