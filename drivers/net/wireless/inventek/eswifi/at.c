// SPDX-License-Identifier: GPL-2.0-only
/*
 * The grammar of replies, and what can be said of a command without knowing the
 * module's state: how long it may take, whether it holds secrets, whether it
 * may be sent at all. Pure: compiles in user space.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#include "at_span.h"
#include "cert.h"

#define CRLF	"\r\n"
#define PROMPT	CRLF "> "

/* So many lines behind ERROR may tell how a command is used. */
#define USAGE_LINES	3

static bool starts_with(const u8 *data, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && !memcmp(data, prefix, n);
}

static bool ends_with(const u8 *data, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(data + len - n, suffix, n);
}

static bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static bool is_upper(u8 c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_break(u8 c)
{
	return c == '\r' || c == '\n';
}

/* Where the last line of @data begins: behind a CR LF, or at the start. */
static size_t last_line(const u8 *data, size_t len)
{
	size_t n = strlen(CRLF);

	while (len >= n && memcmp(data + len - n, CRLF, n))
		len--;
	return len >= n ? len : 0;
}

/* Control bytes of a command come back as text in front of the reply: "[15]". */
static size_t skip_echoes(const u8 *data, size_t len)
{
	size_t at = 0;

	while (len - at >= 4 && data[at] == '[' && hex_digit(data[at + 1]) >= 0 &&
	       hex_digit(data[at + 2]) >= 0 && data[at + 3] == ']')
		at += 4;
	return at;
}

/* Finds "ERROR: text", or "ERROR" at the end, in a line; other text may be glued to
 * its front. @at: out: where.
 */
static bool find_error(const u8 *line, size_t len, size_t *at)
{
	static const char word[] = "ERROR", colon[] = "ERROR: ";

	for (*at = 0; *at + strlen(word) <= len; (*at)++)
		if (starts_with(line + *at, len - *at, colon) ||
		    (*at + strlen(word) == len && starts_with(line + *at, len - *at, word)))
			return true;
	return false;
}

/* What comes of a scan network by network: no terminator, no prompt. Its first
 * bytes decide: how the line ends differs.
 */
static int parse_record(const u8 *buf, size_t len, struct eswifi_reply *reply)
{
	static const char begin[] = CRLF "[SOMA]", end[] = "[EOMA]";
	size_t head = starts_with(buf, len, begin) ? strlen(begin) : strlen(CRLF);
	size_t left = len;

	if (!starts_with(buf, len, CRLF) || len < head + 2 || buf[head] != '#' ||
	    !is_digit(buf[head + 1]))
		return -EPROTO;
	while (is_break(buf[left - 1]))
		left--;
	if (ends_with(buf, left, end))
		left -= strlen(end);
	reply->all = buf;
	reply->all_len = len;
	reply->record = true;
	reply->body = buf + head;
	reply->body_len = left - head;
	reply->error = reply->body;
	reply->error_len = reply->body_len;
	return 0;
}

/* The end of a reply, which is @len bytes without its prompt: is it OK, or ERROR
 * with up to USAGE_LINES lines behind it?
 */
static bool parse_end(const u8 *buf, size_t len, struct eswifi_reply *reply)
{
	size_t begin = starts_with(buf, len, CRLF) ? strlen(CRLF) : 0;
	size_t end = len, line, next = len, at;
	int i;

	line = last_line(buf, len);
	if (len - line == 2 && !memcmp(buf + line, "OK", 2)) {
		reply->ok = true;
		end = line;
	} else {
		for (i = 0; i <= USAGE_LINES && !find_error(buf + line, end - line, &at); i++) {
			if (!line || i == USAGE_LINES)
				return false;
			next = line;
			end = line - strlen(CRLF);
			line = last_line(buf, end);
		}
		if (next != len && !starts_with(buf + next, len - next, "Usage: "))
			return false;
		at += line;
		reply->error = buf + at + strlen("ERROR");
		reply->error_len = end - at - strlen("ERROR");
		end = at;
	}

	/* The CR LF before the body may be the terminator's own. */
	if (end == line && line)
		end -= strlen(CRLF);
	reply->body = buf + begin;
	reply->body_len = end > begin ? end - begin : 0;
	if (reply->ok)
		return true;
	if (reply->error_len) {
		reply->error += strlen(": ");
		reply->error_len -= strlen(": ");
	} else {
		reply->error = reply->body;
		reply->error_len = reply->body_len;
	}
	return true;
}

/**
 * eswifi_at_parse - take a reply apart
 * @buf: reply in logical order, with or without stuffing around it
 * @len: its bytes
 * @reply: out: points into @buf
 *
 * Only the end decides, because a payload may hold anything, terminators too.
 * The body loses the one CR LF before it and the terminator behind it: further
 * CR LF that some firmware sends before OK can't be told from payload here.
 *
 * What ends in a prompt is a whole reply, whatever it says: the module wants a
 * command then, and nothing is wrong with it.
 *
 * A record of a scan ends otherwise. It is no OK, so that nobody who did not ask
 * for one takes it for a success. Its LF may come in front of the next reply.
 *
 * Return: 0; -EBADMSG if this is a reply that says neither OK nor ERROR, and all
 * of it is the body; -EPROTO if it is no complete reply.
 */
int eswifi_at_parse(const u8 *buf, size_t len, struct eswifi_reply *reply)
{
	size_t skip;

	memset(reply, 0, sizeof(*reply));
	len = eswifi_at_begin(buf, len, &buf);
	if (!ends_with(buf, len, PROMPT))
		return parse_record(buf, len, reply);
	reply->all = buf;
	reply->all_len = len;
	len -= strlen(PROMPT);
	skip = skip_echoes(buf, len);
	buf += skip;
	len -= skip;
	if (parse_end(buf, len, reply))
		return 0;
	reply->ok = false;
	reply->body = buf;
	reply->body_len = len;
	reply->error = buf;
	reply->error_len = len;
	return -EBADMSG;
}

/**
 * eswifi_at_parse_prompt - check what a module sends after its reset
 * @buf: bytes in logical order, with or without stuffing around them
 * @len: how many
 *
 * Return: 0, or -EPROTO if this is not the prompt and nothing but the prompt.
 */
int eswifi_at_parse_prompt(const u8 *buf, size_t len)
{
	len = eswifi_frame_strip(buf, len, &buf);
	if (len != strlen(PROMPT) || memcmp(buf, PROMPT, len))
		return -EPROTO;
	return 0;
}

static bool next_line(const u8 *text, size_t text_len, size_t *pos, const u8 **line, size_t *len)
{
	size_t start = *pos, end;

	while (start < text_len && is_break(text[start]))
		start++;
	for (end = start; end < text_len && !is_break(text[end]); end++)
		;
	*pos = end;
	*line = text + start;
	*len = end - start;
	return end > start;
}

/**
 * eswifi_at_line - next line of a reply's body
 * @reply: the reply
 * @pos: where to go on; 0 before the first call
 * @line: out: the line, not terminated
 * @len: out: its bytes, never 0
 *
 * Lines end in CR, LF or both; empty ones are skipped.
 *
 * Return: false if there is no further line.
 */
bool eswifi_at_line(const struct eswifi_reply *reply, size_t *pos, const u8 **line, size_t *len)
{
	return next_line(reply->body, reply->body_len, pos, line, len);
}

/**
 * eswifi_at_printable - copy bytes so that a log can take them
 * @buf: out: text, NUL-terminated
 * @size: room in @buf; what does not fit is cut
 * @data: bytes
 * @len: how many
 *
 * Return: characters of the text.
 */
size_t eswifi_at_printable(char *buf, size_t size, const u8 *data, size_t len)
{
	size_t i;

	if (!size)
		return 0;
	if (len > size - 1)
		len = size - 1;
	for (i = 0; i < len; i++)
		buf[i] = data[i] >= 0x20 && data[i] < 0x7f ? data[i] : '.';
	buf[len] = '\0';
	return len;
}

static size_t add_lines(char *buf, size_t size, size_t at, const u8 *text, size_t text_len)
{
	static const u8 joint[] = { ';', ' ' };
	size_t pos = 0, len;
	const u8 *line;

	while (next_line(text, text_len, &pos, &line, &len)) {
		if (at)
			at += eswifi_at_printable(buf + at, size - at, joint, sizeof(joint));
		at += eswifi_at_printable(buf + at, size - at, line, len);
	}
	return at;
}

/**
 * eswifi_at_text - what a module said, in one printable line
 * @reply: the reply
 * @buf: out: its lines joined by "; ", then the text of its error if that is
 *	not among them; NUL-terminated
 * @size: room in @buf, not 0; what does not fit is cut
 *
 * Return: characters of the text.
 */
size_t eswifi_at_text(const struct eswifi_reply *reply, char *buf, size_t size)
{
	size_t at;

	buf[0] = '\0';
	at = add_lines(buf, size, 0, reply->body, reply->body_len);
	if (!reply->ok && reply->error != reply->body)
		at = add_lines(buf, size, at, reply->error, reply->error_len);
	return at;
}

/**
 * eswifi_at_timeout_ms - how long the reply to a command may take
 * @cmd: the command
 * @len: its bytes; all behind the first few is ignored
 *
 * Generous: who waits in vain ends in a reset of the module, which costs every
 * connection, so the time is what a healthy module needs in the worst case.
 *
 * Return: milliseconds from the end of the command to the reply's beginning.
 */
unsigned int eswifi_at_timeout_ms(const u8 *cmd, size_t len)
{
	static const struct {
		char prefix[5];
		unsigned int ms;
	} slow[] = {
		/* A wrong passphrase takes 21 s with 5 tries; CB allows 10; then DHCP. */
		{ "C0", 60000 },
		{ "CD", 10000 },
		/* The walk time of WPS is 120 s; then a join. */
		{ "CW", 180000 },
		/* TCP gives up after PY, 10 s by default; a handshake may take 20 s */
		{ "P6=1", 30000 },
		/* PY for the last data and the FIN */
		{ "P6", 15000 },
		/* In the moment of an accept these were seen to take 11 s, once 26 s. */
		{ "P5", 30000 },
		{ "P?", 30000 },
		{ "P7", 15000 },
		/* R2 and S2 are 30 s at most */
		{ "R0", 35000 },
		{ "R4", 35000 },
		{ "S0", 35000 },
		/* S2, or PY while the peer's window is shut; the moment of an accept */
		{ "S3", 35000 },
		/* two name servers, 3 tries of 5 s each */
		{ "D0", 35000 },
		/* the same, then NTP */
		{ "GT", 45000 },
		/* 10 pings at the longest interval of 5 s, and 1 s for each reply */
		{ "T0", 60000 },
		/* 13 + 23 channels of 0.1 to 0.3 s, repeated a few times by F1 */
		{ "F0", 30000 },
		/* Flash: erase and write of a few sectors at up to 2 s each */
		{ "PG", 15000 },
		{ "PC", 15000 },
		{ "PD", 15000 },
		{ "Z0", 15000 },
		{ "Z1", 15000 },
		{ "Z2", 15000 },
		/* A radio that does not start is given up after 10 s and more */
		{ "AD", 30000 },
		/* An access point goes with its clients */
		{ "A", 15000 },
		/* manufacturing tests */
		{ "MF", 60000 },
		{ "MJ", 60000 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(slow); i++)
		if (starts_with(cmd, len, slow[i].prefix))
			return slow[i].ms;
	/* The others only look something up: a thousand times what they need. */
	return 5000;
}

/**
 * eswifi_at_secret - must a command and its reply stay out of logs
 * @cmd: the command
 * @len: its bytes
 *
 * True for passphrases, keys and certificates on their way in, for the commands
 * whose reply shows them, and for what users send and receive. The two letters
 * of the command's name may be shown of any command. Errs on the safe side if
 * the command is written in a way that the module does not know.
 *
 * Return: true if nothing behind the name may be shown.
 */
bool eswifi_at_secret(const u8 *cmd, size_t len)
{
	static const char names[][3] = {
		"C2", "C?", "A2", "A?",		/* passphrases */
		"PG", "PC", "PD",		/* certificates and keys */
		"PM",				/* MQTT user and password */
		"Z7", "Z8", "Z?",		/* WPS PIN */
		"ZA", "ZD", "ZE",		/* dumps of the settings */
		"S0", "S3", "R0", "R4",		/* what users say to each other */
	};
	size_t i;
	u8 name[2];

	while (len && *cmd <= ' ') {
		cmd++;
		len--;
	}
	if (len < 2)
		return false;
	for (i = 0; i < 2; i++)
		name[i] = cmd[i] >= 'a' && cmd[i] <= 'z' ? cmd[i] - 'a' + 'A' : cmd[i];
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!memcmp(name, names[i], 2))
			return true;
	return false;
}

static bool is_control(u8 c)
{
	return c < 0x20 || c == 0x7f;
}

/**
 * eswifi_at_check_value - may a text be the only field of a command
 * @value: network name or passphrase
 * @len: its bytes
 * @max: most bytes that the command takes
 *
 * The language has no escaping, so control characters can't be sent at all. A
 * comma separates fields, but C1 and C2 have just one: networks with a comma in
 * their name exist, and modules take them.
 *
 * Return: 0 or -EINVAL.
 */
int eswifi_at_check_value(const u8 *value, size_t len, size_t max)
{
	size_t i;

	if (!len || len > max)
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (is_control(value[i]))
			return -EINVAL;
	return 0;
}

/**
 * eswifi_at_check_host - may a text be the name that D0 looks up
 * @host: host name or dotted IPv4 address
 * @len: its bytes
 * @max: most bytes that are taken
 *
 * Return: 0, or -EINVAL if it has characters that no host name has.
 */
int eswifi_at_check_host(const u8 *host, size_t len, size_t max)
{
	size_t i;

	if (!len || len > max)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		u8 c = host[i];

		if (!is_digit(c) && !is_upper(c) && !(c >= 'a' && c <= 'z') &&
		    c != '-' && c != '.' && c != '_')
			return -EINVAL;
	}
	return 0;
}

/* Digits, all of @text, into @value. A number that is too large for any use
 * stays large instead of wrapping.
 */
static bool parse_count(const u8 *text, size_t len, unsigned long *value)
{
	size_t i;

	*value = 0;
	for (i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
		if (*value < 1000000)
			*value = *value * 10 + (text[i] - '0');
	}
	return len > 0;
}

/* A payload whose end the command itself tells: the last number before the CR.
 * @fields: how many numbers there are.
 */
static int check_payload(const u8 *cmd, size_t len, unsigned int fields, size_t max,
			 size_t *used)
{
	const u8 *cr = memchr(cmd, '\r', len);
	const u8 *p = cmd + 3, *end;
	unsigned long count;

	if (!cr || len < 3 || cmd[2] != '=')
		return -EINVAL;
	do {
		end = memchr(p, ',', cr - p);
		if (!end)
			end = cr;
		if (!parse_count(p, end - p, &count))
			return -EINVAL;
		p = end + 1;
	} while (--fields && end != cr);
	if (fields || end != cr)
		return -EINVAL;
	if (count > max || cr - cmd > ESWIFI_CMD_MAX - 2)
		return -EMSGSIZE;
	if (!count || count != len - (cr - cmd) - 1)
		return -EINVAL;
	*used = len;
	return 0;
}

/**
 * eswifi_at_check_user - may a command that a user wrote go to the module
 * @cmd: the command; one CR, LF or CR LF at its end is ignored
 * @len: bytes written
 * @allow_pg: the user has said that a slot may be burnt by hand
 * @used: out: bytes without that line end. Of a command with payload all of
 *	them: it has a CR inside
 *
 * Return: 0; -EINVAL if it is no command (empty, lower case, bytes that are
 * not printable ASCII, a count that disagrees with the payload); -EMSGSIZE if
 * it is too long; -EPERM if the module could not be used afterwards, or if its
 * payload has no end that can be checked: S3 can do what S0 does, and the
 * driver's own provisioning what PG does.
 */
int eswifi_at_check_user(const u8 *cmd, size_t len, bool allow_pg, size_t *used)
{
	static const char forbidden[][3] = {
		"A0",	/* no reply until somebody has visited its web page */
		"B2",	/* changes the SPI mode */
		"ZF",	/* locks the factory settings */
		"ZU",	/* starts the boot loader */
		"PG", "PC", "PD", "ZO", "S0",	/* payload */
	};
	unsigned long count;
	size_t i;

	*used = 0;
	if (starts_with(cmd, len, "S3"))
		return check_payload(cmd, len, 1, ESWIFI_PAYLOAD_MAX, used);
	if (allow_pg && starts_with(cmd, len, "PG"))
		return check_payload(cmd, len, 3, ESWIFI_CERT_MAX, used);

	/* Before lengths and characters: these may come with their payload. */
	for (i = 0; i < ARRAY_SIZE(forbidden); i++)
		if (starts_with(cmd, len, forbidden[i]))
			return -EPERM;
	if (starts_with(cmd, len, "$$$"))	/* replies for people, in another grammar */
		return -EPERM;

	if (len && cmd[len - 1] == '\n')
		len--;
	if (len && cmd[len - 1] == '\r')
		len--;
	if (!len)
		return -EINVAL;
	if (len > ESWIFI_CMD_MAX - 2)
		return -EMSGSIZE;
	for (i = 0; i < len; i++)
		if (is_control(cmd[i]) || cmd[i] >= 0x80)
			return -EINVAL;

	if (!(len == 1 && cmd[0] == '?') && !(len == 3 && starts_with(cmd, len, "---"))) {
		if (len < 2 || !is_upper(cmd[0]) ||
		    !(is_upper(cmd[1]) || is_digit(cmd[1]) || cmd[1] == '?'))
			return -EINVAL;
		if (len > 2 && cmd[2] != '=')
			return -EINVAL;
	}

	/* More repeats than this is a ping without end. */
	if (starts_with(cmd, len, "T2=")) {
		if (!parse_count(cmd + 3, len - 3, &count))
			return -EINVAL;
		if (count > 65534)
			return -EPERM;
	}
	/* R0 would wait without an end. */
	if (starts_with(cmd, len, "R2=")) {
		if (!parse_count(cmd + 3, len - 3, &count))
			return -EINVAL;
		if (!count)
			return -EPERM;
	}
	/* One more overwrites the settings behind it. */
	if (starts_with(cmd, len, "C1=") && len > 3 + 32)
		return -EINVAL;
	*used = len;
	return 0;
}
