// SPDX-License-Identifier: GPL-2.0-only
/*
 * How AT bytes lie on the wire: pairs of bytes swapped, commands padded to an
 * even length, replies surrounded by stuffing. Pure: compiles in user space.
 */
#include "at.h"

/**
 * eswifi_frame_swap - turn logical bytes into wire bytes, or back
 * @buf: bytes, changed in place
 * @len: how many; a last odd one stays where it is
 *
 * The module counts in 16-bit words, high byte first, and keeps the first of
 * two bytes in the low half.
 */
void eswifi_frame_swap(u8 *buf, size_t len)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2) {
		u8 first = buf[i];

		buf[i] = buf[i + 1];
		buf[i + 1] = first;
	}
}

/**
 * eswifi_frame_encode - make a command ready for the wire
 * @buf: command with its CR and payload, changed in place; must have room for
 *	one more byte
 * @len: bytes of the command
 *
 * Return: bytes to clock out, an even number.
 */
size_t eswifi_frame_encode(u8 *buf, size_t len)
{
	if (len & 1)
		buf[len++] = ESWIFI_PAD;
	eswifi_frame_swap(buf, len);
	return len;
}

/**
 * eswifi_frame_strip - cut the stuffing around a reply
 * @buf: reply in logical order
 * @len: its bytes
 * @start: out: first byte that is no stuffing
 *
 * Only what stands before and behind the reply is cut: a payload may hold any
 * byte, and lies between a CR LF and a prompt.
 *
 * Return: bytes from @start on.
 */
size_t eswifi_frame_strip(const u8 *buf, size_t len, const u8 **start)
{
	while (len && buf[len - 1] == ESWIFI_NAK)
		len--;
	while (len && *buf == ESWIFI_NAK) {
		buf++;
		len--;
	}
	*start = buf;
	return len;
}

/**
 * eswifi_frame_counted - how long is a reply that says so itself
 * @buf: its beginning in logical order: CR LF, four digits, so many bytes (R4)
 * @len: bytes that are there
 *
 * Return: bytes up to the end of its prompt, at the least; 0 if it does not say.
 */
size_t eswifi_frame_counted(const u8 *buf, size_t len)
{
	size_t head = 6, tail = 8, count = 0, i;

	if (len < head || buf[0] != '\r' || buf[1] != '\n')
		return 0;
	for (i = 2; i < head; i++) {
		if (buf[i] < '0' || buf[i] > '9')
			return 0;
		count = 10 * count + buf[i] - '0';
	}
	return head + count + tail;
}
