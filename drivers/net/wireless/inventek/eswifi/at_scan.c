// SPDX-License-Identifier: GPL-2.0-only
/*
 * What replies tell of the radio around: networks that a scan found, clients of
 * the module's own access point. Pure: compiles in user space.
 *
 * A network's name may hold any byte, quotes, commas and line ends too, and
 * nothing is escaped. What ends it is what follows: a quote, a comma, and an
 * address.
 */
#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <string.h>
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#include <uapi/linux/eswifi.h>

#include "at_span.h"

static bool is_break(u8 c)
{
	return c == '\r' || c == '\n';
}

static bool is_text(struct span field, const char *text)
{
	return field.len == strlen(text) && !memcmp(field.data, text, field.len);
}

static u8 bss_security(struct span field)
{
	static const struct {
		char name[12];
		u8 security;
	} known[] = {
		{ "Open", ESWIFI_SECURITY_OPEN },
		{ "WEP", ESWIFI_SECURITY_WEP },
		{ "WPA", ESWIFI_SECURITY_WPA },
		{ "WPA2 AES", ESWIFI_SECURITY_WPA2 },
		{ "WPA2", ESWIFI_SECURITY_WPA2 },
		{ "WPA AES", ESWIFI_SECURITY_WPA },
		{ "WPA TKIP", ESWIFI_SECURITY_WPA },
		{ "WPA2 Mixed", ESWIFI_SECURITY_WPA_WPA2 },
		{ "WPA WPA2", ESWIFI_SECURITY_WPA_WPA2 },
		/* C3=3 is AES only: with TKIP it takes the mixed form to join. */
		{ "WPA2 TKIP", ESWIFI_SECURITY_WPA_WPA2 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (is_text(field, known[i].name))
			return known[i].security;
	return ESWIFI_SECURITY_OTHER;
}

/* Cuts blanks from the front of @rest. */
static void skip_blanks(struct span *rest)
{
	while (take_byte(rest, ' '))
		;
}

/* The text before the next comma, without blanks around it. */
static struct span take_field(struct span *line)
{
	struct span field = take_first(line, ',');

	skip_blanks(&field);
	while (field.len && field.data[field.len - 1] == ' ')
		field.len--;
	return field;
}

/* "-51,54.0,Infrastructure,WPA2 AES,2.4GHz,1", where the end may be missing, and
 * blanks may stand around each.
 */
static bool take_details(struct span line, struct eswifi_bss *bss)
{
	struct span signal = take_field(&line), field;
	unsigned long number, tenth = 0;
	int dbm;

	if (!take_signal(&signal, &dbm) || signal.len)
		return false;
	bss->rssi = dbm;
	field = take_field(&line);
	if (take_number(&field, 6000, &number)) {
		if (take_byte(&field, '.'))
			take_number(&field, 9, &tenth);
		bss->rate = number * 10 + tenth;
	}
	bss->adhoc = is_text(take_field(&line), "Ad hoc");
	bss->security = bss_security(take_field(&line));
	field = take_field(&line);
	if (is_text(field, "2.4GHz"))
		bss->band = 2;
	else if (is_text(field, "5GHz"))
		bss->band = 5;
	skip_blanks(&line);
	if (take_number(&line, 255, &number))
		bss->channel = number;
	return true;
}

/* What stands behind a name: a quote if one stood before it, a comma, an address. */
static bool take_address(struct span *line, bool quoted, struct eswifi_bss *bss)
{
	if (quoted && !take_byte(line, '"'))
		return false;
	skip_blanks(line);
	if (!take_byte(line, ','))
		return false;
	skip_blanks(line);
	if (!take_mac(line, bss->bssid))
		return false;
	skip_blanks(line);
	return take_byte(line, ',');
}

/* One record at the start of @rest, cut from it: #001,"name",address,details; it may
 * stand between the marks of a message.
 */
static bool take_bss(struct span *rest, struct eswifi_bss *bss)
{
	static const char mark[] = "[SOMA]";
	struct span head = *rest, line;
	unsigned long number;
	size_t len, end;
	bool quoted;

	if (head.len > strlen(mark) && !memcmp(head.data, mark, strlen(mark))) {
		head.data += strlen(mark);
		head.len -= strlen(mark);
	}
	if (!take_byte(&head, '#') || !take_number(&head, 999, &number) || !take_byte(&head, ','))
		return false;
	skip_blanks(&head);
	quoted = take_byte(&head, '"');
	/* The longest name that fits: a name may look like the end of one. */
	for (len = head.len < ESWIFI_SSID_MAX ? head.len + 1 : ESWIFI_SSID_MAX + 1; len--; ) {
		line.data = head.data + len;
		line.len = head.len - len;
		memset(bss, 0, sizeof(*bss));
		if (!take_address(&line, quoted, bss))
			continue;
		for (end = 0; end < line.len && !is_break(line.data[end]); end++)
			;
		rest->data = line.data + end;
		rest->len = line.len - end;
		line.len = end;
		bss->ssid_len = len;
		memcpy(bss->ssid, head.data, len);
		if (take_details(line, bss))
			return true;
	}
	return false;
}

/**
 * eswifi_at_bss - next network in the reply to F0, or the one in a record
 * @reply: the reply
 * @pos: where to go on; 0 before the first call
 * @bss: out: the network; undefined if there is none
 *
 * What is no network is skipped: one odd record must not hide the others.
 *
 * Return: false if there is no further network.
 */
bool eswifi_at_bss(const struct eswifi_reply *reply, size_t *pos, struct eswifi_bss *bss)
{
	size_t at;

	for (at = *pos; at < reply->body_len; at++) {
		struct span rest = { reply->body + at, reply->body_len - at };

		if (at && !is_break(reply->body[at - 1]))
			continue;
		if (take_bss(&rest, bss)) {
			*pos = rest.data - reply->body;
			return true;
		}
	}
	*pos = reply->body_len;
	return false;
}

/* An address of either kind at the start of @line; else one byte is cut. */
static void take_client(struct span *line, struct eswifi_ap_client *client, bool *mac)
{
	struct span word = *line;
	size_t len = 0;
	u8 ip[4];

	if (take_mac(line, client->mac)) {
		*mac = true;
		return;
	}
	while (len < word.len && (word.data[len] == '.' ||
				  (word.data[len] >= '0' && word.data[len] <= '9')))
		len++;
	if (!eswifi_at_ipv4(word.data, len, ip))
		memcpy(&client->ip, ip, sizeof(ip));
	len += !len;
	line->data += len;
	line->len -= len;
}

/**
 * eswifi_at_clients - read the reply to AA
 * @reply: the reply: a line for each client, with its MAC and IP addresses, in
 *	whatever form: it is documented nowhere
 * @client: out: the clients
 * @max: room at @client
 *
 * Return: clients found, @max at the most.
 */
size_t eswifi_at_clients(const struct eswifi_reply *reply, struct eswifi_ap_client *client,
			 size_t max)
{
	size_t pos = 0, count = 0;
	struct span line;

	while (count < max && eswifi_at_line(reply, &pos, &line.data, &line.len)) {
		bool mac = false;

		memset(&client[count], 0, sizeof(client[count]));
		while (line.len)
			take_client(&line, &client[count], &mac);
		count += mac;
	}
	return count;
}

/**
 * eswifi_at_client_signals - read the reply to AR
 * @reply: the reply: lines of index, MAC address, dBm; "0" before the first
 *	measurement
 * @client: clients, known by their MAC addresses; gets what was measured
 * @count: how many
 */
void eswifi_at_client_signals(const struct eswifi_reply *reply, struct eswifi_ap_client *client,
			      size_t count)
{
	struct span line;
	size_t pos = 0, i;
	u8 mac[6];
	int dbm;

	while (eswifi_at_line(reply, &pos, &line.data, &line.len)) {
		take_first(&line, ',');
		if (!take_mac(&line, mac) || !take_byte(&line, ',') || !take_signal(&line, &dbm))
			continue;
		for (i = 0; i < count; i++)
			if (!memcmp(client[i].mac, mac, sizeof(mac)))
				client[i].rssi = dbm;
	}
}
