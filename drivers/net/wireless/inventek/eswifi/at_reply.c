// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the replies to single commands mean. Pure: compiles in user space.
 *
 * Nothing in a reply is quoted or escaped, and names of networks may hold
 * commas: fields behind such a name are counted from the end of the line.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <limits.h>
#include <string.h>
#endif

#include "at_span.h"

static bool first_line(const struct eswifi_reply *reply, struct span *line)
{
	size_t pos = 0;

	return eswifi_at_line(reply, &pos, &line->data, &line->len);
}

/**
 * eswifi_at_identity - read the reply to I?
 * @reply: the reply
 * @id: out: all but the MAC address, which is left alone
 *
 * The line has seven fields; firmware of other makers may have fewer, so only
 * the two that are used must be there.
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_identity(const struct eswifi_reply *reply, struct eswifi_identity *id)
{
	struct span line, model, firmware;

	if (!first_line(reply, &line))
		return -EPROTO;
	model = take_first(&line, ',');
	firmware = take_first(&line, ',');
	if (!model.len || !firmware.len)
		return -EPROTO;
	eswifi_at_printable(id->model, sizeof(id->model), model.data, model.len);
	eswifi_at_printable(id->firmware, sizeof(id->firmware), firmware.data, firmware.len);
	return 0;
}

/**
 * eswifi_at_mac - read the reply to Z5
 * @reply: the reply
 * @mac: out: the address; not changed on failure
 *
 * A byte may have lost its leading zero: there is software that sets it so.
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_mac(const struct eswifi_reply *reply, u8 mac[6])
{
	struct span line;
	u8 got[6];
	int i;

	if (!first_line(reply, &line))
		return -EPROTO;
	for (i = 0; i < 6; i++) {
		struct span byte = take_first(&line, ':');
		int high = 0, low;

		if (byte.len < 1 || byte.len > 2)
			return -EPROTO;
		low = hex_digit(byte.data[byte.len - 1]);
		if (byte.len == 2)
			high = hex_digit(byte.data[0]);
		if (high < 0 || low < 0)
			return -EPROTO;
		got[i] = high << 4 | low;
	}
	if (line.len)
		return -EPROTO;
	memcpy(mac, got, sizeof(got));
	return 0;
}

/**
 * eswifi_at_ipv4 - read a dotted quad
 * @text: text, all of it
 * @len: its bytes
 * @ip: out: the address, first number first; not changed on failure
 *
 * Numbers with leading zeros are refused: some read them as octal.
 *
 * Return: 0 or -EINVAL.
 */
int eswifi_at_ipv4(const u8 *text, size_t len, u8 ip[4])
{
	struct span rest = { text, len };
	unsigned long number;
	u8 got[4];
	int i;

	for (i = 0; i < 4; i++) {
		bool zero;

		if (i && !take_byte(&rest, '.'))
			return -EINVAL;
		zero = rest.len && *rest.data == '0';
		len = rest.len;
		if (!take_number(&rest, 255, &number) || (zero && len - rest.len > 1))
			return -EINVAL;
		got[i] = number;
	}
	if (rest.len)
		return -EINVAL;
	memcpy(ip, got, sizeof(got));
	return 0;
}

/**
 * eswifi_at_number - read a reply that is one number
 * @reply: the reply, whatever its terminator
 * @value: out: the number; not changed on failure
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_number(const struct eswifi_reply *reply, long *value)
{
	unsigned long number;
	struct span line;
	bool negative;

	if (!first_line(reply, &line))
		return -EPROTO;
	negative = take_byte(&line, '-');
	if (!take_number(&line, LONG_MAX, &number) || line.len)
		return -EPROTO;
	*value = negative ? -(long)number : (long)number;
	return 0;
}

/**
 * eswifi_at_is_end - does a reply to R0 or R4 tell the end of a stream
 * @reply: the reply, whatever its terminator
 *
 * Return: true if it is -1.
 */
bool eswifi_at_is_end(const struct eswifi_reply *reply)
{
	struct span line;

	return first_line(reply, &line) && line.len == 2 && !memcmp(line.data, "-1", 2);
}

/**
 * eswifi_at_counted - read the reply to R4
 * @reply: the reply, which ended in OK
 * @data: out: what was received; points into the reply
 * @len: out: its bytes, 0 if there is nothing; not changed on failure
 *
 * Four digits count the bytes behind them, so that those may be anything.
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_counted(const struct eswifi_reply *reply, const u8 **data, size_t *len)
{
	struct span digits = { reply->body, 4 };
	unsigned long count;

	*data = reply->body;
	if (!reply->body_len || (reply->body_len == 2 && !memcmp(reply->body, "\r\n", 2))) {
		*len = 0;
		return 0;
	}
	if (reply->body_len < 4 || !take_number(&digits, 9999, &count) || digits.len ||
	    count > reply->body_len - 4)
		return -EPROTO;
	*data += 4;
	*len = count;
	return 0;
}

/**
 * eswifi_at_slots - read the reply to PE=n
 * @reply: the reply
 * @used: out: CA, certificate, key: is something stored; not changed on failure
 *
 * The module says 1 for available and 0 for used.
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_slots(const struct eswifi_reply *reply, bool used[3])
{
	struct span line;
	bool got[3];
	int i;

	if (!first_line(reply, &line))
		return -EPROTO;
	for (i = 0; i < 3; i++) {
		if (i && !take_byte(&line, ','))
			return -EPROTO;
		got[i] = take_byte(&line, '0');
		if (!got[i] && !take_byte(&line, '1'))
			return -EPROTO;
	}
	if (line.len)
		return -EPROTO;
	memcpy(used, got, sizeof(got));
	return 0;
}

/* Cuts a leading "[JOIN   ] " from @line; false if there is none. */
static bool skip_tag(struct span *line, const char *tag)
{
	size_t n = strlen(tag);
	struct span rest = *line;

	if (!take_byte(&rest, '[') || rest.len < n || memcmp(rest.data, tag, n))
		return false;
	rest.data += n;
	rest.len -= n;
	while (take_byte(&rest, ' '))
		;
	if (!take_byte(&rest, ']'))
		return false;
	take_byte(&rest, ' ');
	*line = rest;
	return true;
}

/**
 * eswifi_at_match - did PG find the same bytes in the module
 * @reply: the reply
 *
 * Return: true if the module said Match, in just this word, and OK.
 */
bool eswifi_at_match(const struct eswifi_reply *reply)
{
	static const char match[] = "Match";
	struct span line;
	size_t pos = 0;

	if (!reply->ok)
		return false;
	while (eswifi_at_line(reply, &pos, &line.data, &line.len)) {
		skip_tag(&line, "CERTS");
		if (line.len == strlen(match) && !memcmp(line.data, match, line.len))
			return true;
	}
	return false;
}

/**
 * eswifi_at_selected - read the reply to PF
 * @reply: the reply: the set for TLS, a comma, and one for something else
 * @set: out: the set for TLS; not changed on failure
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_selected(const struct eswifi_reply *reply, unsigned int *set)
{
	unsigned long number;
	struct span line;

	if (!first_line(reply, &line) || !take_number(&line, 255, &number) ||
	    (line.len && *line.data != ','))
		return -EPROTO;
	*set = number;
	return 0;
}

static bool reply_contains(const struct eswifi_reply *reply, const char *what)
{
	size_t len = strlen(what);
	size_t i;

	for (i = 0; i + len <= reply->all_len; i++)
		if (!memcmp(reply->all + i, what, len))
			return true;
	return false;
}

/**
 * eswifi_at_stored - what PG made of an item
 * @reply: the reply
 *
 * What tells of a failure counts wherever it stands: there may be an OK behind it, and
 * a prompt before that.
 *
 * Return: the answer.
 */
enum eswifi_at_stored eswifi_at_stored(const struct eswifi_reply *reply)
{
	if (reply_contains(reply, "Data mismatch"))
		return ESWIFI_AT_CUT;
	if (reply_contains(reply, "Failed to write to iFlash"))
		return ESWIFI_AT_FLASH_FAILED;
	if (!reply->ok)
		return ESWIFI_AT_REFUSED;
	return eswifi_at_match(reply) ? ESWIFI_AT_MATCH : ESWIFI_AT_TAKEN;
}

/* The address in "name,ip,s0,s1", where the name may hold commas. */
static bool join_address(struct span line, const u8 *ssid, size_t ssid_len, u8 ip[4])
{
	struct span field = { NULL, 0 };
	int i;

	if (line.len > ssid_len && !memcmp(line.data, ssid, ssid_len) &&
	    line.data[ssid_len] == ',') {
		struct span rest = { line.data + ssid_len + 1, line.len - ssid_len - 1 };

		field = take_first(&rest, ',');
		if (!eswifi_at_ipv4(field.data, field.len, ip))
			return true;
	}
	for (i = 0; i < 3; i++)
		if (!take_last(&line, &field))
			return false;
	return !eswifi_at_ipv4(field.data, field.len, ip);
}

/**
 * eswifi_at_join - read the reply to C0
 * @reply: the reply
 * @ssid: the network that was to be joined
 * @ssid_len: its bytes
 * @ip: out: the address; only on success
 *
 * Return: 0; -EREMOTEIO if the module said ERROR; -ENOTCONN if it said OK but
 * has no address, which is a failure too; -EPROTO if no address can be found.
 */
int eswifi_at_join(const struct eswifi_reply *reply, const u8 *ssid, size_t ssid_len,
		   u8 ip[4])
{
	static const u8 none[4];
	u8 found[4];
	struct span line;
	size_t pos = 0;

	if (!reply->ok)
		return -EREMOTEIO;
	while (eswifi_at_line(reply, &pos, &line.data, &line.len)) {
		if (!skip_tag(&line, "JOIN") || !join_address(line, ssid, ssid_len, found))
			continue;
		if (!memcmp(found, none, sizeof(none)))
			return -ENOTCONN;
		memcpy(ip, found, sizeof(found));
		return 0;
	}
	return -EPROTO;
}

/* A field that must be 0 or 1. */
static int take_flag(struct span field, bool *flag)
{
	if (field.len != 1 || (*field.data != '0' && *field.data != '1'))
		return -EPROTO;
	*flag = *field.data == '1';
	return 0;
}

/* An address field; the module leaves some of them empty. */
static int take_address(struct span field, u8 ip[4])
{
	memset(ip, 0, 4);
	if (field.len && eswifi_at_ipv4(field.data, field.len, ip))
		return -EPROTO;
	return 0;
}

/**
 * eswifi_at_station - read the reply to C?
 * @reply: the reply. It shows the passphrase
 * @st: out: settings and state; undefined on failure
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_station(const struct eswifi_reply *reply, struct eswifi_station *st)
{
	/* from the end: status, country, auth, autoconn, retries, DNS2, DNS1,
	 * gateway, mask, IP, IP version, DHCP, security, passphrase; then SSID
	 */
	enum { DNS2 = 5, DNS1, GATEWAY, MASK, IP, SECURITY = 12, FIELDS = 14 };
	struct span field[FIELDS], line, ssid;
	unsigned long security;
	int i;

	if (!first_line(reply, &line))
		return -EPROTO;
	ssid = line;
	for (i = 0; i < FIELDS; i++)
		if (!take_last(&line, &field[i]))
			return -EPROTO;
	if (take_address(field[IP], st->ip) || take_address(field[MASK], st->mask) ||
	    take_address(field[GATEWAY], st->gateway) ||
	    take_address(field[DNS1], st->dns[0]) || take_address(field[DNS2], st->dns[1]))
		return -EPROTO;
	/* What follows a comma may be the passphrase, whatever quotes there are: they may
	 * be part of either.
	 */
	ssid = take_first(&ssid, ',');
	if (ssid.len >= 2 && ssid.data[0] == '"' && ssid.data[ssid.len - 1] == '"') {
		ssid.data++;
		ssid.len -= 2;
	}
	st->ssid_len = ssid.len < sizeof(st->ssid) ? ssid.len : sizeof(st->ssid);
	memcpy(st->ssid, ssid.data, st->ssid_len);
	st->security = take_number(&field[SECURITY], 9, &security) ? security : 0;
	return 0;
}

static int take_port(struct span field, u16 *port)
{
	unsigned long value;

	if (!take_number(&field, 65535, &value) || field.len)
		return -EPROTO;
	*port = value;
	return 0;
}

/**
 * eswifi_at_transport - read the reply to P?
 * @reply: the reply
 * @t: out: addresses and ports; undefined on failure
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_transport(const struct eswifi_reply *reply, struct eswifi_transport *t)
{
	enum { CLIENT = 1, LOCAL_PORT, HOST, REMOTE_PORT, FIELDS };
	struct span field[FIELDS], line;
	int i;

	if (!first_line(reply, &line))
		return -EPROTO;
	for (i = 0; i < FIELDS; i++)
		field[i] = take_first(&line, ',');
	if (take_address(field[CLIENT], t->client_ip) ||
	    take_port(field[LOCAL_PORT], &t->local_port) ||
	    take_address(field[HOST], t->host_ip) ||
	    take_port(field[REMOTE_PORT], &t->remote_port))
		return -EPROTO;
	return 0;
}

/**
 * eswifi_at_ap_address - find the module's address in the reply to AD
 * @reply: the reply; its line is "[AP     ] SSID: n  MAC: m  ,channel,ip", and on some
 *	firmware ",mask" behind it
 * @ip: out: the address; not changed on failure
 *
 * Return: 0; -EPROTO if it is not there: some firmware just says OK.
 */
int eswifi_at_ap_address(const struct eswifi_reply *reply, u8 ip[4])
{
	struct span line, field;
	size_t pos = 0;

	while (eswifi_at_line(reply, &pos, &line.data, &line.len)) {
		if (!skip_tag(&line, "AP") || !take_last(&line, &field) ||
		    eswifi_at_ipv4(field.data, field.len, ip))
			continue;
		/* The last is the mask, if what stands before it is an address too. */
		if (take_last(&line, &field))
			eswifi_at_ipv4(field.data, field.len, ip);
		return 0;
	}
	return -EPROTO;
}

/**
 * eswifi_at_ap_state - read the module's address in the reply to A?
 * @reply: the reply. It shows the passphrase
 * @ssid: name of the access point, which may hold commas
 * @ssid_len: its bytes
 * @ip: out: the address; not changed on failure
 *
 * Return: 0; -ENOTCONN the module is no access point; -EPROTO.
 */
int eswifi_at_ap_state(const struct eswifi_reply *reply, const u8 *ssid, size_t ssid_len,
		       u8 ip[4])
{
	struct span line, state, rest, field;
	bool running;

	if (!first_line(reply, &line) || line.len <= ssid_len ||
	    memcmp(line.data, ssid, ssid_len) || line.data[ssid_len] != ',')
		return -EPROTO;
	rest.data = line.data + ssid_len + 1;
	rest.len = line.len - ssid_len - 1;
	field = take_first(&rest, ',');
	if (!take_last(&rest, &state) || take_flag(state, &running))
		return -EPROTO;
	if (!running)
		return -ENOTCONN;
	return eswifi_at_ipv4(field.data, field.len, ip) ? -EPROTO : 0;
}

/**
 * eswifi_at_power_save - find the power save setting in the reply to Z?
 * @reply: the reply. It shows the PIN of WPS
 * @on: out: the setting; not changed on failure
 *
 * Return: 0 or -EPROTO.
 */
int eswifi_at_power_save(const struct eswifi_reply *reply, bool *on)
{
	/* config, PIN, VID, PID, MAC address, IP address of the access point, this */
	struct span line, field = {};
	int i;

	if (!first_line(reply, &line))
		return -EPROTO;
	for (i = 0; i < 7; i++)
		field = take_first(&line, ',');
	return take_flag(field, on);
}

/**
 * eswifi_at_ping - read the reply to T0 for one echo request
 * @reply: the reply, "ip,ms" or "ip,Timeout"
 * @ms: out: milliseconds; not changed on failure
 *
 * Return: 0; -ETIMEDOUT nobody replied; -EPROTO.
 */
int eswifi_at_ping(const struct eswifi_reply *reply, u32 *ms)
{
	static const char late[] = "Timeout";
	struct span line, field;
	unsigned long number;

	if (!first_line(reply, &line) || !take_last(&line, &field))
		return -EPROTO;
	if (field.len == strlen(late) && !memcmp(field.data, late, field.len))
		return -ETIMEDOUT;
	if (!take_number(&field, 1000000, &number) || field.len)
		return -EPROTO;
	*ms = number;
	return 0;
}
