// SPDX-License-Identifier: GPL-2.0-only
/* Numbers, addresses and names as people write them. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eswifictl.h"

const char security_words[] = "open, wep, wpa, wpa2 or wpa-wpa2";

static const char *const security_names[] = {
	[ESWIFI_SECURITY_OPEN] = "open",
	[ESWIFI_SECURITY_WEP] = "wep",
	[ESWIFI_SECURITY_WPA] = "wpa",
	[ESWIFI_SECURITY_WPA2] = "wpa2",
	[ESWIFI_SECURITY_WPA_WPA2] = "wpa-wpa2",
};

#define SECURITY_NAMES	(sizeof(security_names) / sizeof(*security_names))

/* A whole decimal number in a range, or -1. */
long parse_number(const char *text, long min, long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	return errno || end == text || *end || n < min || n > max ? -1 : n;
}

/* A dotted IPv4 address in network byte order; -1 if it is none. */
int parse_address(const char *text, uint32_t *ip)
{
	struct in_addr address;

	if (inet_pton(AF_INET, text, &address) != 1)
		return -1;
	*ip = address.s_addr;
	return 0;
}

/* ADDRESS/MASK, the mask dotted or as the number of its bits. */
int parse_network(const char *text, uint32_t *ip, uint32_t *mask)
{
	const char *slash = strchr(text, '/');
	char address[16];
	uint32_t bits;
	long prefix;

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return -1;
	memcpy(address, text, slash - text);
	address[slash - text] = 0;
	if (parse_address(address, ip))
		return -1;
	prefix = parse_number(slash + 1, 1, 31);
	if (prefix > 0) {
		*mask = htonl(~0U << (32 - prefix));
		return 0;
	}
	if (parse_address(slash + 1, mask))
		return -1;
	/* Ones, then zeros. */
	bits = ~ntohl(*mask);
	return !*mask || (bits & (bits + 1)) ? -1 : 0;
}

int parse_security(const char *text, unsigned int *security)
{
	unsigned int i;

	for (i = 0; i < SECURITY_NAMES; i++) {
		if (!strcmp(text, security_names[i])) {
			*security = i;
			return 0;
		}
	}
	return -1;
}

const char *security_name(unsigned int security)
{
	return security < SECURITY_NAMES ? security_names[security] : "other";
}

/* Valid until the next call. */
const char *address_text(uint32_t ip)
{
	return inet_ntoa((struct in_addr){ ip });
}

/* Bytes of a text in which some stand as \xNN, as sysfs has them. */
size_t undo_escapes(const char *text, char *bytes)
{
	size_t len = 0;
	unsigned int c;

	while (*text) {
		if (text[0] == '\\' && text[1] == 'x' && isxdigit((unsigned char)text[2]) &&
		    isxdigit((unsigned char)text[3]) && sscanf(text + 2, "%2x", &c) == 1) {
			bytes[len++] = c;
			text += 4;
		} else {
			bytes[len++] = *text++;
		}
	}
	return len;
}
