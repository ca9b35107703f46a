// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known of a firmware by its version, because it only shows when it is too
 * late. A firmware that is not in the table gets the guards of those that are, but for
 * what its entry says.
 *
 * Pure: compiles in user space too, where files are judged by the same table.
 */
#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <stdio.h>
#include <string.h>
#define BIT(n)	(1UL << (n))
#endif

#include "firmware.h"

/* As firmware_features shows them */
const char * const eswifi_guard_names[ESWIFI_GUARDS] = {
	[ESWIFI_GUARD_KEY_RSA] = "key-form",
	[ESWIFI_GUARD_CA_RSA] = "ec-ca-name",
	[ESWIFI_GUARD_OPTIONAL] = "optional-builtin",
	[ESWIFI_GUARD_ASCII] = "high-bytes",
	[ESWIFI_GUARD_TLS_SLOW] = "tls-slow",
	[ESWIFI_GUARD_TLS_REQUEST] = "tls-request",
	[ESWIFI_GUARD_TLS_ECDSA] = "tls-ecdsa",
	[ESWIFI_GUARD_MINUS_ONE] = "minus-one",
	[ESWIFI_GUARD_CLOSE_NOTIFY] = "close-notify-data",
	[ESWIFI_GUARD_SEND_STALL] = "send-stall",
	[ESWIFI_GUARD_TLS_CHANCE] = "tls-chance",
};

/* P9=1 is documented to use the CA: it is let, and nothing is said of it. A TLS start that
 * follows one that failed may hang: there is none.
 */
#define UNKNOWN_GUARDS	(~(BIT(ESWIFI_GUARD_OPTIONAL) | BIT(ESWIFI_GUARD_TLS_CHANCE)))

/* Seen of the vendor's own images: eswifi-firmware.rst in the documentation */
static const struct eswifi_firmware_kind eswifi_firmware_kinds[] = {
	{
		.version = "C3.5.2.5.STM",
		.guards = BIT(ESWIFI_GUARD_KEY_RSA) | BIT(ESWIFI_GUARD_CA_RSA) |
			  BIT(ESWIFI_GUARD_OPTIONAL) | BIT(ESWIFI_GUARD_ASCII) |
			  BIT(ESWIFI_GUARD_TLS_SLOW) | BIT(ESWIFI_GUARD_TLS_REQUEST) |
			  BIT(ESWIFI_GUARD_TLS_ECDSA) | BIT(ESWIFI_GUARD_CLOSE_NOTIFY) |
			  BIT(ESWIFI_GUARD_SEND_STALL) | BIT(ESWIFI_GUARD_TLS_CHANCE),
		.compares = true,
		/* A frame holds 2048 bytes, and the command takes 12 of them. */
		.item_max = { 2036, 2036, 2036 },
		.item_max_3 = { 1790, 1406, 1790 },
		.tls_sockets = 2,
	}, {
		.version = "C6.2.1.11",
		.guards = BIT(ESWIFI_GUARD_OPTIONAL),
		.compares = true,
		/* Two bytes more than announced are written. */
		.item_max = { 4094, 4094, 2046 },
		.item_max_3 = { 2046, 2046, 2046 },
		.tls_sockets = 2,
	}, {
		/* From BETA4 of this on it compares, says the AT manual (DOC-UM-20035, PG). */
		.before = { 3, 5, 2, 1 },
		.guards = UNKNOWN_GUARDS,
		.item_max = { 2036, 2036, 2036 },
		.item_max_3 = { 1790, 1406, 1790 },
		.tls_sockets = 1,
	}, {
		.guards = UNKNOWN_GUARDS,
		.compares = true,
		.item_max = { 2036, 2036, 2036 },
		.item_max_3 = { 1790, 1406, 1790 },
		.tls_sockets = 1,
	}
};

/* "C3.5.2.0.BETA2" is before C3.5.2.1. A version of another form is before none. */
static bool eswifi_firmware_is_before(const char *version, const u16 before[4])
{
	unsigned int number[4];
	int i;

	if (sscanf(version, "C%u.%u.%u.%u", &number[0], &number[1], &number[2], &number[3]) != 4)
		return false;
	for (i = 0; i < 4; i++)
		if (number[i] != before[i])
			return number[i] < before[i];
	return false;
}

static bool eswifi_firmware_is(const char *version, const struct eswifi_firmware_kind *kind)
{
	if (kind->version)
		return !strcmp(version, kind->version);
	return !kind->before[0] || eswifi_firmware_is_before(version, kind->before);
}

/**
 * eswifi_firmware_find() - what is known of a firmware
 * @version: as I? tells it
 *
 * Return: its entry, or one of all that are not known, which has no version.
 */
const struct eswifi_firmware_kind *eswifi_firmware_find(const char *version)
{
	const struct eswifi_firmware_kind *kind = eswifi_firmware_kinds;

	while (!eswifi_firmware_is(version, kind))
		kind++;
	return kind;
}

/**
 * eswifi_firmware_kind_max() - longest item that is safe in a set
 * @kind: the firmware
 * @set: the set
 * @item: ESWIFI_CERT_CA and so on
 *
 * Return: bytes.
 */
unsigned int eswifi_firmware_kind_max(const struct eswifi_firmware_kind *kind, unsigned int set,
				      unsigned int item)
{
	return set < ESWIFI_CERT_OTP_SETS ? kind->item_max[item] : kind->item_max_3[item];
}
