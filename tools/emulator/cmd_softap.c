// SPDX-License-Identifier: GPL-2.0-only
/*
 * The access point: A commands. Its clients are those of the configuration, as
 * many as may come; they send nothing.
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

static int clients(const struct module *m)
{
	if (!m->ap_running)
		return 0;
	return m->config.clients < m->set.ap_clients ? m->config.clients : m->set.ap_clients;
}

/* As the MAC addresses stand in every reply: "C4:7F:51:01:02:03" */
static const char *mac_text(const uint8_t *mac, char text[18])
{
	snprintf(text, 18, "%02X:%02X:%02X:%02X:%02X:%02X", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return text;
}

static void welcome(struct module *m)
{
	char ip[INET_ADDRSTRLEN], mac[18];
	int i;

	for (i = 0; i < clients(m); i++) {
		const struct client *client = &m->config.client[i];

		inet_ntop(AF_INET, &client->address, ip, sizeof(ip));
		module_message(m, "[AP DHCP] Assigned %s %s", mac_text(client->mac, mac), ip);
	}
}

/* The module's own network, in the words of firmware that was seen. */
static void started(struct module *m, const char *name, const char *ip)
{
	char mac[18], mask[INET_ADDRSTRLEN], identity[96];
	int channel = m->set.ap_channel ?: 1;

	if (m->set.ap_append)
		snprintf(identity, sizeof(identity), "%s", name);
	else
		snprintf(identity, sizeof(identity), "%s  MAC: %s", name, mac_text(m->set.mac, mac));
	inet_ntop(AF_INET, &m->set.ap_mask, mask, sizeof(mask));
	at_okf(m, "[AP     ] SSID: %s,%d,%s%s%s\r\n[WEB SVR] CSO Server started\r\n"
	       "[JOIN   ] !DIRECTCONNECT,%s", identity, channel, ip,
	       m->profile->line == FW_62 ? "," : "", m->profile->line == FW_62 ? mask : "", ip);
}

/* It is a station no more, and its settings are not what they were. */
static void become_ap(struct module *m)
{
	net_lose(m);
	strcpy(m->set.ssid, "!DIRECTCONNECT");
	m->set.security = 0;
	m->address = m->set.ap_address;
	m->set.address = m->set.ap_address;
	m->set.mask = m->set.ap_mask;
	m->set.gateway = m->set.ap_address;
	m->link_down = false;
	net_resume(m);
}

/* The radio did not start, and the reply was begun. */
static void start_failed(struct module *m, bool expired)
{
	char name[64];

	(void)expired;
	ap_name(m, name, sizeof(name));
	at_exactly(m, UNKNOWN_ERROR, "\r\n[AP     ] SSID: %s,%d", name, m->set.ap_channel ?: 1);
}

static void run_start(struct module *m)
{
	char ip[INET_ADDRSTRLEN], mac[18], name[64];

	if (m->ap_running) {
		at_failf(m, "[AP     ] Already running");
		return;
	}
	if (quirk(m, QUIRK_AD_FORM)) {
		module_sleep(m, m->timing.refusal / 2, start_failed);
		return;
	}
	m->ap_running = true;
	m->ap_measured = false;
	ap_name(m, name, sizeof(name));
	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	if (observed(m)) {
		become_ap(m);
		started(m, name, ip);
	} else {
		at_okf(m, "[AP     ] SSID: %s  MAC: %s  ,%d,%s\r\n"
		       "[WEB SVR] CSO Server started", name, mac_text(m->set.mac, mac),
		       m->set.ap_channel ?: AP_AUTO_CHANNEL, ip);
	}
	welcome(m);
}

static void run_stop(struct module *m)
{
	if (m->ap_running && observed(m)) {
		*m->set.ssid = 0;
		*m->set.passphrase = 0;
		m->joined = false;
		m->address.s_addr = 0;
		m->ap_running = false;
		net_lose(m);
	}
	m->ap_running = false;
	at_ok(m);
}

static void run_clients(struct module *m)
{
	char ip[INET_ADDRSTRLEN], mac[18];
	struct buf text = { 0 };
	int i;

	for (i = 0; i < clients(m); i++) {
		const struct client *client = &m->config.client[i];

		inet_ntop(AF_INET, &client->address, ip, sizeof(ip));
		buf_printf(&text, "%s%s,%s", i ? "\r\n" : "", mac_text(client->mac, mac), ip);
	}
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

/* The first call makes it measure. */
static void run_client_rssi(struct module *m)
{
	struct buf text = { 0 };
	char mac[18];
	int i;

	if (!m->ap_measured || !clients(m)) {
		m->ap_measured = true;
		at_okf(m, "0");
		return;
	}
	for (i = 0; i < clients(m); i++)
		buf_printf(&text, "%s%d,%s,%d", i ? "\r\n" : "", i,
			   mac_text(m->config.client[i].mac, mac), m->config.client[i].rssi);
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

static void run_security(struct module *m)
{
	const char *args = m->request.args;

	/* Digits that are 1, however many zeros are in front of them. */
	if (args && *args && (args += strspn(args, "0")) && *args == '1' &&
	    !strchr("0123456789", args[1] ?: 'x')) {
		at_error(m, BAD_ARGUMENT);
		if (m->request.form)
			m->set.ap_security = m->request.form->refused;
	} else {
		at_set_int(m);
	}
}

/* Eight characters at least, once a kind of security is set that needs them. */
static void run_key(struct module *m)
{
	if (m->request.form && m->request.args && m->set.ap_security &&
	    strcspn(m->request.args, "=,") < 8)
		at_error(m, BAD_ARGUMENT);
	else
		at_set_word(m);
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
	char ip[INET_ADDRSTRLEN], name[64];

	ap_name(m, name, sizeof(name));
	inet_ntop(AF_INET, &m->set.ap_address, ip, sizeof(ip));
	at_okf(m, "%s,%s,%d,%d,%s,%d,%d,%d", observed(m) ? name : m->set.ap_ssid, ip,
	       m->set.ap_channel,
	       m->set.ap_security, m->set.ap_key, 1, m->set.ap_lease, m->ap_running);
}

const struct at_command at_softap[] = {
	{ .name = "A0", .run = run_wizard },
	{ .name = "A1", .run = run_security, .help = "<security 0, 2-4>",
	  .offset = offsetof(struct settings, ap_security), .max = 4 },
	{ .name = "A2", .run = run_key, .help = "<key>", .flags = AT_SECRET,
	  .offset = offsetof(struct settings, ap_key), .max = 32 },
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
