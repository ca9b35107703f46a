// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that the module sends by itself, in front of any reply. Pure: compiles
 * in user space.
 *
 * "\r\n[SOMA][TCP SVR] Accepted 10.0.2.2:5024[EOMA]\r\n", and behind it the whole
 * reply, with a CR LF of its own.
 */
#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <string.h>
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif

#include "at.h"

/* Where @text begins in @data; NULL if it does not stand there. */
static const u8 *find(const u8 *data, size_t len, const char *text)
{
	size_t n = strlen(text);

	for (; len >= n; data++, len--)
		if (!memcmp(data, text, n))
			return data;
	return NULL;
}

/**
 * eswifi_at_begin - cut what does not belong to a reply from its front and end
 * @buf: reply in logical order
 * @len: its bytes
 * @start: out: first byte of the reply
 *
 * That is stuffing, and the LF that a record of a scan lacks: it comes first in the
 * next reply.
 *
 * Return: bytes from @start on.
 */
size_t eswifi_at_begin(const u8 *buf, size_t len, const u8 **start)
{
	len = eswifi_frame_strip(buf, len, start);
	if (len && **start == '\n') {
		(*start)++;
		len--;
	}
	return len;
}

static bool starts_with(const u8 *data, size_t len, const char *text)
{
	return len >= strlen(text) && !memcmp(data, text, strlen(text));
}

/**
 * eswifi_at_message - is there a message of the module's own at the start of this?
 * @buf: what is left of a reply
 * @len: its bytes
 * @place: where it stands in the reply
 * @text: out: the message, without its marks
 * @text_len: out: its bytes
 *
 * Only what begins with a tag that firmware uses there is one: what else stands
 * between these marks may be a record of a scan, or no message ("[SOMA][EOMA]").
 *
 * Before a payload there are two forms: with a CR LF behind it and the payload's own
 * (seen on C3.5.2.5.STM), or as the data sheet has it, in one line with the payload.
 *
 * Return: bytes that it takes, 0 if there is none. In the data sheet's form the CR LF
 * before it is that of what follows.
 */
size_t eswifi_at_message(const u8 *buf, size_t len, enum eswifi_message_place place,
			 const u8 **text, size_t *text_len)
{
	static const char tags[][10] = {
		"[TCP SVR]", "[UDP SVR]", "[WEB SVR]", "[AP DHCP]", "[INFO",
	};
	static const char begin[] = "\r\n[SOMA]", end[] = "[EOMA]";
	const u8 *from, *to;
	size_t i, used;

	if (!starts_with(buf, len, begin))
		return 0;
	from = buf + strlen(begin);
	to = find(from, len - strlen(begin), end);
	if (!to)
		return 0;
	used = to + strlen(end) - buf;
	if (place == ESWIFI_MESSAGE_BEFORE_PAYLOAD ?
	    starts_with(buf + used, len - used, "\r\n\r\n") :
	    starts_with(buf + used, len - used, "\r\n"))
		used += strlen("\r\n");
	else if (place != ESWIFI_MESSAGE_BEFORE_PAYLOAD)
		return 0;
	for (i = 0; i < ARRAY_SIZE(tags); i++) {
		if (!starts_with(from, to - from, tags[i]))
			continue;
		*text = from;
		*text_len = to - from;
		return used;
	}
	return 0;
}

/**
 * eswifi_at_message_place - where a message may stand in the reply to a command
 * @cmd: the command
 * @len: its bytes; all behind its name is ignored
 *
 * Return: where; see enum eswifi_message_place.
 */
enum eswifi_message_place eswifi_at_message_place(const u8 *cmd, size_t len)
{
	/* What these bring begins with what somebody else wrote; that of R4 with digits. */
	if (len >= 2 && (!memcmp(cmd, "R0", 2) || cmd[0] == 'H'))
		return ESWIFI_MESSAGE_BEFORE_PAYLOAD;
	/* It takes its time, and prints line by line. */
	if (len >= 2 && !memcmp(cmd, "T0", 2))
		return ESWIFI_MESSAGE_ANYWHERE;
	return ESWIFI_MESSAGE_FRONT;
}

/**
 * eswifi_at_serves - does a command start a server or an access point
 * @cmd: the command
 * @len: its bytes
 *
 * Return: true if so: the module may say something by itself from then on.
 */
bool eswifi_at_serves(const u8 *cmd, size_t len)
{
	return (len >= 4 && !memcmp(cmd, "P5=1", 4)) || (len >= 2 && !memcmp(cmd, "AD", 2));
}
