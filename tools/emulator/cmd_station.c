// SPDX-License-Identifier: GPL-2.0-only
/* The station: C commands (join) and F commands (scan). */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

#define SCAN_MAX	20	/* longer lists are never answered */

/* Whether a station set to one kind of security may talk to an access point of another. */
static bool security_fits(int station, enum security ap)
{
	if (ap == SEC_MIXED)
		return station >= SEC_WPA;
	if (station == SEC_MIXED)
		return ap >= SEC_WPA;
	return station == (int)ap;
}

/* The access point that the settings can join, if there is one. */
const struct ap *station_find(const struct module *m)
{
	const struct ap *ap = config_find_ap(&m->config, m->set.ssid);

	if (!*m->set.ssid || !ap || !security_fits(m->set.security, ap->security))
		return NULL;
	if (ap->security != SEC_OPEN && strcmp(ap->passphrase, m->set.passphrase))
		return NULL;
	return ap;
}

void station_join(struct module *m, const struct ap *ap)
{
	m->joined = true;
	m->link_down = false;
	strcpy(m->joined_ssid, ap->ssid);
	m->rssi = ap->rssi;
	m->address = m->set.address;
	if (!m->set.dhcp) {
		net_resume(m);
		return;
	}
	/* What a DHCP server would say, by habit. */
	m->address = ap->address;
	m->set.address = ap->address;
	m->set.mask.s_addr = htonl(0xffffff00);
	m->set.gateway.s_addr = htonl((ntohl(ap->address.s_addr) & 0xffffff00) | 1);
	m->set.dns1 = m->set.gateway;
	/* Where the DHCP server names one only, the firmware has another. */
	if (observed(m))
		m->set.dns2.s_addr = htonl(0x08080808);
	net_resume(m);
}

/* Somebody's settings were saved in it, long ago. */
void station_join_saved(struct module *m, const struct ap *ap)
{
	strcpy(m->set.ssid, ap->ssid);
	strcpy(m->set.passphrase, ap->passphrase);
	m->set.security = ap->security;
	station_join(m, ap);
}

/* Connections die with the link: their sockets learn it from their next R0. */
void station_leave(struct module *m)
{
	m->link_down = m->link_down || m->joined;
	if (m->joined && m->set.dhcp && observed(m)) {
		m->set.address.s_addr = 0;
		m->set.mask.s_addr = 0;
		m->set.gateway.s_addr = 0;
	}
	m->joined = false;
	m->address.s_addr = 0;
	m->rssi = 0;
	net_lose(m);
}

static void join_done(struct module *m, bool expired)
{
	struct in_addr shown;
	const struct ap *ap = station_find(m);
	char ip[INET_ADDRSTRLEN];

	(void)expired;
	if (!ap && observed_as(m, FW_62)) {
		at_exactly(m, UNKNOWN_ERROR, "\r\n[JOIN   ] %s\r\n[JOIN   ] Failed\r\n\r\n",
			   m->set.ssid);
		return;
	}
	if (!ap) {
		at_failf(m, "[JOIN   ] %s\r\n[JOIN   ] Failed", m->set.ssid);
		return;
	}
	station_join(m, ap);
	shown = m->address;
	if (fault_strikes(&m->faults, FAULT_ZERO_IP)) {
		station_leave(m);
		shown.s_addr = 0;
	}
	inet_ntop(AF_INET, &shown, ip, sizeof(ip));
	at_okf(m, "[JOIN   ] %s,%s,0,0", m->set.ssid, ip);
}

static void run_join(struct module *m)
{
	if (m->joined && observed_as(m, FW_62))
		at_exactly(m, UNKNOWN_ERROR, "\r\nAlready connected!\r\n\r\n");
	else if (m->joined)
		at_failf(m, "Already connected!");
	else
		module_sleep(m, station_find(m) ? m->timing.join : m->timing.refusal, join_done);
}

static void run_leave(struct module *m)
{
	station_leave(m);
	if (observed(m)) {
		m->set.address.s_addr = 0;
		m->set.mask.s_addr = 0;
		m->set.gateway.s_addr = 0;
	}
	at_ok(m);
}

static void run_status(struct module *m)
{
	at_okf(m, "%d", m->joined);
}

static void rssi_done(struct module *m, bool expired)
{
	(void)expired;
	at_okf(m, "%d", m->rssi);
}

static void run_rssi(struct module *m)
{
	module_sleep(m, m->timing.rssi, rssi_done);
}

/* All countries with their revision, as CN=? lists them. */
static void list_countries(struct module *m)
{
	const char *p = m->profile->countries;
	struct buf text = { 0 };

	for (; *p; p += 3)
		buf_printf(&text, "%s%.2s/0", text.len ? "," : "", p);
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

static void country_refused(struct module *m, const char *code)
{
	if (observed(m))
		at_error(m, UNKNOWN_ERROR);
	else
		at_failf(m, "[CN     ] %.2s Country is not supported by firmware", code);
}

/* CN=XX or CN=XX/r */
static void run_country(struct module *m)
{
	const char *args = m->request.args;
	int n = 0, revision = 0;
	char code[4] = "";
	bool bare;

	if (!args || (!*args && observed(m))) {
		at_okf(m, "%s", m->set.country);
		return;
	}
	if (!strcmp(args, "?") && observed(m)) {
		list_countries(m);
		return;
	}
	if (sscanf(args, "%2[A-Z0-9]%n/%d%n", code, &n, &revision, &n) < 1 || args[n] ||
	    strlen(code) != 2 || revision < 0 || revision > 999) {
		at_error(m, observed(m) ? UNKNOWN_ERROR : BAD_ARGUMENT);
		return;
	}
	bare = n == 2;
	strcat(code, " ");
	if (!strstr(m->profile->countries, code) ||
	    (quirk(m, QUIRK_CN_FORM) && (bare || revision))) {
		country_refused(m, code);
		return;
	}
	if (!quirk(m, QUIRK_CN_HOLDS))
		snprintf(m->set.country, sizeof(m->set.country), "%.2s/%d", code, revision);
	if (observed(m))
		at_okf(m, "%s", m->set.country);
	else
		at_ok(m);
}

static void run_ip_version(struct module *m)
{
	int version;

	if (!m->request.form)
		at_set_int(m);
	else if (!at_get_int(m, 0, 1, &version))
		return;
	else if (version)
		at_failf(m, "Currently not supported.\r\n");
	else
		at_ok(m);
}

/* Not taken for a readable setting: 64 digits are fine only if all are hexadecimal. */
static void run_passphrase(struct module *m)
{
	const char *args = m->request.args;

	if (!m->request.form && args && strlen(args) == 64 && strspn(args, "0123456789abcdefABCDEF") != 64)
		at_error(m, BAD_ARGUMENT);
	else
		at_set_text(m);
}

static void run_multicast(struct module *m)
{
	struct in_addr address;
	uint8_t mac[6];
	char *field[2];

	if (at_split(m, field, 2, 2) < 0)
		return;
	/* Not so in the documents, where anything goes. */
	if (m->request.form && !at_address(field[1], &address) && !parse_mac(field[1], mac))
		at_error(m, BAD_ARGUMENT);
	else
		at_ok(m);
}

/* C? with an argument, which is the number of a field. Others than these two were refused. */
static void run_one_setting(struct module *m)
{
	char *field[1], *comma = strpbrk(m->request.args, "=,");
	long which;

	if (at_split(m, field, 1, 1) < 0)
		return;
	if (comma || !at_form_number(m, field[0], 0, 1, &which))
		at_error(m, BAD_ARGUMENT);
	else
		at_okf(m, "%s", which ? m->set.passphrase : m->set.ssid);
}

static void run_settings(struct module *m)
{
	const struct settings *set = &m->set;
	char ip[5][INET_ADDRSTRLEN], security[12] = "?";
	const char *quote;

	if (m->request.form && m->request.args) {
		run_one_setting(m);
		return;
	}
	if (set->security >= 0)
		snprintf(security, sizeof(security), "%d", set->security);
	inet_ntop(AF_INET, &set->address, ip[0], sizeof(ip[0]));
	inet_ntop(AF_INET, &set->mask, ip[1], sizeof(ip[1]));
	inet_ntop(AF_INET, &set->gateway, ip[2], sizeof(ip[2]));
	inet_ntop(AF_INET, &set->dns1, ip[3], sizeof(ip[3]));
	inet_ntop(AF_INET, &set->dns2, ip[4], sizeof(ip[4]));
	quote = observed(m) && strchr(set->ssid, ',') ? "\"" : "";
	at_okf(m, "%s%s%s,%s,%s,%d,%d,%s,%s,%s,%s,%s,%d,%d,%d,%.*s,%d", quote, set->ssid, quote,
	       set->hide_key ? "*RESTRICTED*" : set->passphrase, security, set->dhcp,
	       set->ip_version, ip[0], ip[1], ip[2], ip[3], ip[4], set->retries, set->auto_join,
	       set->wep_auth, observed(m) ? 2 : 7, set->country, m->joined);
}

/* One scan record, without the line end. */
static void add_record(struct module *m, struct buf *text, const struct ap *ap, int number)
{
	static const char *const security[] = {
		[SEC_OPEN] = "Open", [SEC_WEP] = "WEP", [SEC_WPA] = "WPA",
		[SEC_WPA2] = "WPA2 AES", [SEC_MIXED] = "WPA2 Mixed",
		[SEC_WPA2_TKIP] = "WPA2 TKIP",
	};
	bool odd = quirk(m, QUIRK_SCAN_FORMS);

	if (odd) {
		buf_printf(text, "#%03d, \"%s\", %02X:%02X:%02X:%02X:%02X:%02X, %d, %.1f, "
			   "Infrastructure, %.4s, %s", number, ap->hidden ? "" : ap->ssid,
			   ap->bssid[0], ap->bssid[1], ap->bssid[2], ap->bssid[3], ap->bssid[4],
			   ap->bssid[5], ap->rssi, 54.0, security[ap->security],
			   ap->channel <= 14 ? "2.4GHz" : "5GHz");
		return;
	}
	buf_printf(text, "#%03d,\"%s\",%02X:%02X:%02X:%02X:%02X:%02X,%d,%.1f,Infrastructure,%s,%s",
		   number, ap->hidden ? "" : ap->ssid, ap->bssid[0], ap->bssid[1], ap->bssid[2],
		   ap->bssid[3], ap->bssid[4], ap->bssid[5], ap->rssi, 54.0,
		   security[ap->security], ap->channel <= 14 ? "2.4GHz" : "5GHz");
	if (!fault_strikes(&m->faults, FAULT_NO_CHANNEL))
		buf_printf(text, ",%d", ap->channel);
}

/* F5 asks for one network, "#" and nothing for all. */
static bool scan_wants(const struct module *m, const struct ap *ap)
{
	return !*m->set.scan_ssid || !strcmp(m->set.scan_ssid, "#") ||
	       !strcmp(m->set.scan_ssid, ap->ssid);
}

static void scan_done(struct module *m, bool expired)
{
	struct buf text = { 0 };
	int i, n = 0;

	(void)expired;
	for (i = 0; i < m->config.aps; i++) {
		if (!scan_wants(m, &m->config.ap[i]))
			continue;
		if (n++)
			buf_printf(&text, "\r\n");
		add_record(m, &text, &m->config.ap[i], n);
	}
	if (n > SCAN_MAX)
		log_note(&m->log, "the scan list is too long: no reply until reset");
	else
		at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

/* The next record of F0=2, or the end. Also what MR does while a scan is read. */
void station_next_record(struct module *m)
{
	bool shift = quirk(m, QUIRK_SCAN_SHIFT);
	const char *lf = shift && m->scan_next ? "\n" : "";
	struct buf text = { 0 };
	const struct ap *ap;
	int number = 0, i;

	/* Count again each time: records are numbered among those that are wanted. */
	for (i = 0; i < m->config.aps; i++) {
		ap = &m->config.ap[i];
		if (!scan_wants(m, ap) || number++ < m->scan_next)
			continue;
		m->scan_next = number;
		buf_printf(&text, "%s\r\n[SOMA]", lf);
		add_record(m, &text, ap, number);
		buf_printf(&text, "[EOMA]\r");
		at_raw(m, text.data, text.len);
		buf_free(&text);
		return;
	}
	m->scan_next = -1;
	if (*lf)
		at_exactly(m, NULL, "\n\r\n");
	else
		at_ok(m);
}

/* All records at once, a message each. */
static void scan_messages(struct module *m)
{
	struct buf text = { 0 };
	int i, n = 0;

	for (i = 0; i < m->config.aps; i++) {
		if (!scan_wants(m, &m->config.ap[i]))
			continue;
		buf_printf(&text, "%s[SOMA]", n++ ? "\r\n" : "");
		add_record(m, &text, &m->config.ap[i], n);
		buf_printf(&text, "[EOMA]");
	}
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

static void scan_first(struct module *m, bool expired)
{
	(void)expired;
	if (quirk(m, QUIRK_SCAN_FORMS)) {
		scan_messages(m);
		return;
	}
	m->scan_next = 0;
	station_next_record(m);
}

static void run_scan(struct module *m)
{
	int mode = 0;

	if (observed(m)) {
		if (m->request.args && *m->request.args && !at_get_int(m, 0, 3, &mode))
			return;
		if (mode == 1) {
			at_error(m, UNKNOWN_COMMAND);
			return;
		}
	} else if (m->request.args &&
		   !at_get_int(m, 2, m->profile->line == FW_62 ? 3 : 2, &mode)) {
		return;
	}
	module_sleep(m, m->timing.scan, mode == 2 ? scan_first : scan_done);
}

static void run_scan_bssid(struct module *m)
{
	uint8_t mac[6];

	if (m->request.form && m->request.args &&
	    (strlen(m->request.args) > 17 || !parse_mac(m->request.args, mac)))
		at_error(m, BAD_ARGUMENT);
	else
		at_set_word(m);
}

static void run_scan_ssid(struct module *m)
{
	const char *args = m->request.args;

	if (m->request.form && args && !strcmp(args, "?")) {
		at_okf(m, "%s", m->set.scan_ssid);
	} else if (m->request.form && args && !strcmp(args, "#")) {
		*m->set.scan_ssid = 0;
		at_ok(m);
	} else {
		at_set_word(m);
	}
}

static void run_scan_settings(struct module *m)
{
	at_okf(m, "%d,%d", m->set.scan_repeat, m->set.scan_delay);
}

const struct at_command at_station[] = {
	{ .name = "C0", .run = run_join },
	AT_TEXT("C1", "<ssid>", AT_SAVED, ssid, 0, 32),
	{ .name = "C2", .run = run_passphrase, .help = "<passphrase>",
	  .flags = AT_SAVED | AT_SECRET, .offset = offsetof(struct settings, passphrase),
	  .max = 64 },
	AT_INT("C3", "<security 0-5>", AT_SAVED, security, 0, 5),
	AT_INT("C4", "<0 static, 1 DHCP>", AT_SAVED, dhcp, 0, 1),
	{ .name = "C5", .run = run_ip_version, .help = "<0 IPv4>",
	  .offset = offsetof(struct settings, ip_version) },
	AT_ADDRESS("C6", "<address>", AT_SAVED, address),
	AT_ADDRESS("C7", "<mask>", AT_SAVED, mask),
	AT_ADDRESS("C8", "<gateway>", AT_SAVED, gateway),
	AT_ADDRESS("C9", "<dns>", AT_SAVED, dns1),
	AT_ADDRESS("CA", "<dns>", AT_SAVED, dns2),
	AT_INT("CB", "<tries 0-10>", AT_SAVED, retries, 0, 10),
	AT_INT("CC", "<0-3>", AT_SAVED, auto_join, 0, 3),
	{ .name = "CD", .run = run_leave },
	AT_INT("CE", "<0 open, 1 shared>", AT_SAVED, wep_auth, 0, 1),
	AT_HEX("CF", "<bits>", 0, filter, 0xff),
	{ .name = "CJ", .run = run_multicast, .help = "<0|1>,<address>" },
	AT_INT("CL", "<ms 0-25>", AT_62, loop_delay, 0, 25),
	{ .name = "CM", .run = run_multicast, .help = "<0|1>,<mac>" },
	{ .name = "CN", .run = run_country, .help = "<code>[/<revision>]",
	  .flags = AT_SAVED, .offset = offsetof(struct settings, country), .max = 7 },
	{ .name = "CR", .run = run_rssi },
	{ .name = "CS", .run = run_status },
	AT_INT("CV", "<rate>", 0, bit_rate, 0, 600),
	AT_INT("CY", "<0|1>", AT_SAVED | AT_62, hide_key, 0, 1),
	AT_INT("CZ", "<0|1>", AT_SAVED | AT_62, fast_connect, 0, 1),
	{ .name = "C?", .run = run_settings, .flags = AT_SECRET },
	{ .name = "F0", .run = run_scan, .help = "[2]" },
	AT_INT("F1", "<repeat 0-255>", 0, scan_repeat, 0, 255),
	AT_INT("F2", "<ms 0-5000>", 0, scan_delay, 0, 5000),
	AT_INT("F3", "<channel 0-14>", 0, scan_channel, 0, 14),
	{ .name = "F4", .run = run_scan_bssid, .help = "<bssid>",
	  .offset = offsetof(struct settings, scan_bssid), .max = 17 },
	{ .name = "F5", .run = run_scan_ssid, .help = "<ssid or #>",
	  .offset = offsetof(struct settings, scan_ssid), .max = 32 },
	AT_INT("F6", "<band 0-2>", 0, scan_band, 0, 2),
	AT_INT("FA", "<band 0-2>", AT_62, scan_auto_band, 0, 2),
	{ .name = "F7", .run = at_accept, .help = "<channel>,<ssid>", .flags = AT_62 },
	{ .name = "F?", .run = run_scan_settings },
	{ 0 }
};
