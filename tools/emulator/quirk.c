// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one module does and another does not. Each quirk stands alone, so that
 * a host can be tried under one that its own module does not have.
 */
#include <errno.h>
#include <string.h>

#include "quirk.h"

static const struct {
	const char *name;
	const char *help;
} quirk_table[QUIRKS] = {
	[QUIRK_DEAD_FRAME] = { "dead-frame",
		"a command frame without a command is the end until reset" },
	[QUIRK_SHORT_LOW] = { "short-low",
		"data-ready is low for 11 us only before a reply and before a command" },
	[QUIRK_LATE_EXECUTION] = { "late-execution",
		"a line without CR is executed all the same, 4 s later" },
	[QUIRK_DRDY_FLOAT] = { "drdy-float",
		"data-ready is high while the module boots, and means nothing" },
	[QUIRK_RESET_DEAF] = { "reset-deaf",
		"a module that runs ignores a reset pulse of less than half a second" },
	[QUIRK_CMD_LATE] = { "cmd-late", "the command phase comes 2 s after the reply" },
	[QUIRK_OVER_READ] = { "over-read",
		"more than 32 bytes read beyond a reply are the end until reset" },
	[QUIRK_CLOCK] = { "clock", "beyond 5 MHz, what is read is not what was said" },
	[QUIRK_CRLF_EMPTY] = { "crlf-empty",
		"one more CRLF in an empty OK and behind UDP data" },
	[QUIRK_NO_CRLF] = { "no-crlf", "an error stands without CRLF in front of it" },
	[QUIRK_MT_DEFAULT] = { "mt-default", "MT is 1, simple errors, after boot" },
	[QUIRK_HIGH_BYTES] = { "high-bytes",
		"bytes from 0x80 on are dropped from a command line, which is then executed" },
	[QUIRK_OEM_NAME] = { "oem-name", "I? has a maker's own product name, and one more field" },
	[QUIRK_PG_PAD] = { "pg-pad", "PG stores two bytes more than it was told: the frame's pad" },
	[QUIRK_PG_FRAME] = { "pg-frame",
		"a frame has 2048 bytes: PG burns what came, and says so and OK" },
	[QUIRK_PG_SPILL] = { "pg-spill", "PG writes two bytes more, into the next slot if need be" },
	[QUIRK_PG_SHORT] = { "pg-short", "PG of a frame that is too short burns what came" },
	[QUIRK_PG_BEGIN] = { "pg-begin",
		"PG burns what does not begin with -----BEGIN, which PE calls free" },
	[QUIRK_PG_DAMAGED] = { "pg-damaged", "what PE calls free need not be erased" },
	[QUIRK_PG_COMPARE] = { "pg-compare", "PG compares up to the first NUL" },
	[QUIRK_PG_DEAD] = { "pg-dead", "PG of a bad length is never answered" },
	[QUIRK_TORN] = { "torn", "comparing an item that was cut short is never answered" },
	[QUIRK_PE_ANY] = { "pe-any", "PE counts a set as used when any item is, and three sets" },
	[QUIRK_PF_FORM] = { "pf-form", "PF=SET is taken, too, and PF is not told" },
	[QUIRK_JOIN_SELF] = { "join-self",
		"the module joins the first network of the configuration by itself at boot" },
	[QUIRK_TX_MISMATCH] = { "tx-mismatch",
		"a payload that is too short is refused, with a prompt inside the reply" },
	[QUIRK_SCAN_SHIFT] = { "scan-shift",
		"F0=2: the LF of a record comes first in the next reply, and any command is MR" },
	[QUIRK_SCAN_FORMS] = { "scan-forms",
		"F0=2: one reply for all records, blanks behind commas, WPA2 alone, no channel" },
	[QUIRK_CN_HOLDS] = { "cn-holds", "CN is answered OK, and the old country holds" },
	[QUIRK_CN_FORM] = { "cn-form", "CN takes countries with /0 behind them only" },
	[QUIRK_AD_FORM] = { "ad-form",
		"the access point does not start, which AD says after 10 s, ERROR glued to it" },
	[QUIRK_D0_SETS_P3] = { "d0-sets-p3", "D0 sets P3 to what it found" },
	[QUIRK_SOMA_ANYWHERE] = { "soma-anywhere",
		"messages stand in front of the next reply, whatever the command was" },
	[QUIRK_RST_SILENT] = { "rst-silent",
		"R0 never sees a peer's reset, nor a link that went and came back" },
	[QUIRK_UDP_PORT] = { "udp-port",
		"a UDP client's port is P4, so that there can't be two of them" },
	[QUIRK_ACCEPT_BLOCK] = { "accept-block",
		"P?, P5, P6=0 and S3 block for 11 s in the moment when a client comes" },
	[QUIRK_ACCEPT_STALE] = { "accept-stale",
		"P? shows a client that is gone until P5=10" },
	[QUIRK_P5_ONCE] = { "p5-once", "P5=1 serves one client, and no other" },
	[QUIRK_ACCEPT_ASTRAY] = { "accept-astray",
		"a server behind P5=10 takes a connection of the module's own for a client" },
	[QUIRK_MINUS_ONE] = { "minus-one", "the end of a stream is -1 with OK" },
	[QUIRK_SEND_BUSY] = { "send-busy",
		"a full S3 is refused within 50 ms of the one before" },
	[QUIRK_SEND_STALL] = { "send-stall",
		"S3 to a peer that does not read takes the time of PY, and gives it up" },
	[QUIRK_R2_ZERO] = { "r2-zero", "R2=0 waits for ever" },
	[QUIRK_R_PER_SOCKET] = { "r-per-socket", "R1 to R3, S1 and S2 belong to a socket" },
	[QUIRK_CLOSE_NOTIFY_DATA] = { "close-notify-data",
		"a TLS peer's close_notify is two bytes of data, 01 00" },
	[QUIRK_TLS_S3] = { "tls-s3", "a long S3 over TLS says OK, and does not arrive" },
	[QUIRK_TLS_RECORD] = { "tls-record",
		"a TLS record beyond 16303 bytes, or 10240 with P9=2, is never received" },
	[QUIRK_TLS_REQUEST] = { "tls-request",
		"without P9=2, a server that asks for a client certificate hangs the module" },
	[QUIRK_TLS_SLOW] = { "tls-slow", "TLS to a closed port fails after a minute" },
	[QUIRK_TLS_TWO] = { "tls-two",
		"the third TLS socket answers 36 NULs and OK, another one hangs the module" },
	[QUIRK_TLS_CHANCE] = { "tls-chance",
		"one of 128 handshakes fails, the first one after power-up among them" },
	[QUIRK_P6_HANG] = { "p6-hang", "P6=1 over TLS hangs the module after two failures" },
	[QUIRK_P6_ZERO] = { "p6-zero",
		"P6=0 after a server that TLS did not reach hangs the module" },
	[QUIRK_KEY_FORM] = { "key-form",
		"client keys are PKCS#1 RSA with d modulo (p-1)(q-1), or of no use" },
	[QUIRK_EC_CA_NAME] = { "ec-ca-name",
		"of an EC root CA only the name is compared, by P9=2" },
	[QUIRK_OPTIONAL_BUILTIN] = { "optional-builtin",
		"P9=1 does not use the set's CA, and fails" },
};

/* NAME turns a quirk on, no-NAME turns it off. */
int quirk_parse(struct quirks *quirks, const char *text)
{
	bool on = strncmp(text, "no-", 3);
	const char *name = on ? text : text + 3;
	int id;

	/* Whole names first: one may begin with "no-" itself. */
	for (id = 0; id < QUIRKS; id++) {
		if (!strcmp(quirk_table[id].name, text)) {
			quirks->on[id] = true;
			return 0;
		}
	}
	for (id = 0; id < QUIRKS; id++) {
		if (!strcmp(quirk_table[id].name, name)) {
			quirks->on[id] = on;
			return 0;
		}
	}
	return -ENOENT;
}

const char *quirk_name(enum quirk id)
{
	return quirk_table[id].name;
}

void quirk_list(FILE *out)
{
	int id;

	for (id = 0; id < QUIRKS; id++)
		fprintf(out, "%-18s %s\n", quirk_table[id].name, quirk_table[id].help);
}
