// SPDX-License-Identifier: GPL-2.0-only
/*
 * The access point: A commands. Nobody ever comes: the radio of this module
 * reaches the configured access points, and no stations.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "at.h"

#define AP_AUTO_CHANNEL	11

static void run_wizard(struct module *m)
{
	/* Answered once a person has used its web page, so never. */
	log_note(&m->log, "A0 waits for a web browser: no reply until reset");
}

static void ap_name(const struct module *m, char *text, size_t size)
{
	const uint8_t *mac = m->set.mac;

	if (m->set.ap_append)
		snprintf(text, size, "%s_%02X%02X%02X%02X%02X%02X", m->set.ap_ssid, mac[0], mac[1],
			 mac[2], mac[3], mac[4], mac[5]);
	else
		snprintf(text, size, "%s", m->set.ap_ssid);
}

static void run_start(struct module *m)
{
	const uint8_t *mac = m->set.mac;
	char ip[INET_ADDRSTRLEN], name[64];

	if (m->ap_running) {
		at_failf(m, "[AP     ] Already running");
		return;
	}
	m->ap_running = true;
	ap_name(m, name, sizeof(name));
	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	at_okf(m, "[AP     ] SSID: %s  MAC: %02X:%02X:%02X:%02X:%02X:%02X  ,%d,%s\r\n"
	       "[WEB SVR] CSO Server started", name, mac[0], mac[1], mac[2], mac[3], mac[4],
	       mac[5], m->set.ap_channel ?: AP_AUTO_CHANNEL, ip);
}

static void run_stop(struct module *m)
{
	m->ap_running = false;
	at_ok(m);
}

static void run_clients(struct module *m)
{
	at_ok(m);
}

static void run_client_rssi(struct module *m)
{
	at_okf(m, "0");
}

static void run_security(struct module *m)
{
	if (m->request.args && !strcmp(m->request.args, "1"))
		at_error(m, BAD_ARGUMENT);
	else
		at_set_int(m);
}

/* AS=0|1,ssid: whether the MAC address is appended, and to what. */
static void run_ssid(struct module *m)
{
	char *comma = m->request.args ? strchr(m->request.args, ',') : NULL;
	long append;

	if (!comma) {
		at_error(m, TOO_FEW);
		return;
	}
	*comma++ = 0;
	comma += strspn(comma, " ");
	if (!at_number(m->request.args, 0, 1, &append) || strlen(comma) > 32) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	m->set.ap_append = append;
	strcpy(m->set.ap_ssid, comma);
	at_ok(m);
}

static void run_settings(struct module *m)
{
	char ip[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	at_okf(m, "%s,%s,%d,%d,%s,%d,%d,%d", m->set.ap_ssid, ip, m->set.ap_channel,
	       m->set.ap_security, m->set.ap_key, 1, m->set.ap_lease, m->ap_running);
}

const struct at_command at_softap[] = {
	{ .name = "A0", .run = run_wizard },
	{ .name = "A1", .run = run_security, .help = "<security 0, 2-4>",
	  .offset = offsetof(struct settings, ap_security), .max = 4 },
	AT_TEXT("A2", "<key>", AT_SECRET, ap_key, 0, 32),
	AT_ADDRESS("A7", "<mask>", AT_62, ap_mask),
	{ .name = "AA", .run = run_clients },
	AT_INT("AC", "<channel>", 0, ap_channel, 0, 165),
	{ .name = "AD", .run = run_start },
	{ .name = "AE", .run = run_stop },
	AT_INT("AL", "<hours 0-255>", 0, ap_lease, 0, 255),
	AT_INT("AM", "<0|1>", AT_62, ap_messages, 0, 1),
	{ .name = "AR", .run = run_client_rssi },
	{ .name = "AS", .run = run_ssid, .help = "<0|1>,<ssid>" },
	AT_INT("AT", "<clients 1-4>", 0, ap_clients, 1, 4),
	{ .name = "A?", .run = run_settings, .flags = AT_SECRET },
	{ 0 }
};
