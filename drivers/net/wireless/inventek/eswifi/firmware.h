/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the firmware of a module can do, and what must be guarded against: asked
 * at boot where a question tells it, else known by its version (pure, compiles in
 * user space too), else assumed to be the worst that was seen of any.
 */
#ifndef ESWIFI_FIRMWARE_H
#define ESWIFI_FIRMWARE_H

#include "cert.h"

/**
 * enum eswifi_guard - ways of a firmware that no question tells
 * @ESWIFI_GUARD_KEY_RSA: the client's key must be RSA in PKCS#1, with d inverse to e
 *	modulo (p-1)(q-1), and its certificate RSA; any other is stored and of no use
 * @ESWIFI_GUARD_CA_RSA: of an EC root CA only the name is compared (P9=2)
 * @ESWIFI_GUARD_OPTIONAL: P9=1 does not use the CA of the set, and always fails
 * @ESWIFI_GUARD_ASCII: bytes from 0x80 on are dropped from a command
 * @ESWIFI_GUARD_TLS_SLOW: a TLS start that nobody answers takes up to a minute
 * @ESWIFI_GUARD_TLS_REQUEST: a TLS server that asks for a client certificate
 *	crashes the module unless P9 is 2
 * @ESWIFI_GUARD_TLS_ECDSA: only ECDSA signatures are offered to a TLS server, which
 *	at TLS 1.2 rules most servers with an RSA certificate out; told to users only
 * @ESWIFI_GUARD_MINUS_ONE: "-1" with OK may be the end of a stream, not only "-1"
 *	with ERROR
 * @ESWIFI_GUARD_CLOSE_NOTIFY: the alert that ends TLS arrives as data, 01 00
 * @ESWIFI_GUARD_SEND_STALL: what is sent to a peer that does not read is waited for,
 *	as long as PY says, then called an error, and sent later from memory that is
 *	used again
 * @ESWIFI_GUARD_TLS_CHANCE: one in 128 TLS handshakes fails by chance, and the next may
 *	be tried without harm
 * @ESWIFI_GUARDS: how many there are
 */
enum eswifi_guard {
	ESWIFI_GUARD_KEY_RSA,
	ESWIFI_GUARD_CA_RSA,
	ESWIFI_GUARD_OPTIONAL,
	ESWIFI_GUARD_ASCII,
	ESWIFI_GUARD_TLS_SLOW,
	ESWIFI_GUARD_TLS_REQUEST,
	ESWIFI_GUARD_TLS_ECDSA,
	ESWIFI_GUARD_MINUS_ONE,
	ESWIFI_GUARD_CLOSE_NOTIFY,
	ESWIFI_GUARD_SEND_STALL,
	ESWIFI_GUARD_TLS_CHANCE,
	ESWIFI_GUARDS
};

/**
 * struct eswifi_firmware_kind - what is known of a firmware by its version
 * @version: as I? tells it; NULL for all that are not known
 * @before: of those, the ones whose four numbers are smaller than these; zeros for any
 * @guards: BIT(enum eswifi_guard)
 * @compares: the same item again is answered with Match; else with an error, as any other
 * @item_max: bytes of each item of a set that is written once, so that nothing is
 *	cut and nothing else is spoilt
 * @item_max_3: the same of set 3
 * @tls_sockets: TLS connections at a time
 */
struct eswifi_firmware_kind {
	const char *version;
	u16 before[4];
	unsigned long guards;
	bool compares;
	u16 item_max[ESWIFI_CERT_ITEMS];
	u16 item_max_3[ESWIFI_CERT_ITEMS];
	u8 tls_sockets;
};

/* firmware_kinds.c */
extern const char * const eswifi_guard_names[ESWIFI_GUARDS];
const struct eswifi_firmware_kind *eswifi_firmware_find(const char *version);
unsigned int eswifi_firmware_kind_max(const struct eswifi_firmware_kind *kind, unsigned int set,
				      unsigned int item);

#ifdef __KERNEL__

struct eswifi;

/**
 * struct eswifi_firmware - the firmware of one module
 * @kind: what is known by its version; never NULL
 * @sets: certificate sets: 3, or 4 where PE=3 is answered
 * @tells_slots: PE=n tells of the items of set n; false if it is an error, or if n
 *	is not looked at
 * @tells_set: PF tells which set is selected
 * @joined: it was in a network when it had booted, by its own settings
 * @pads_empty: an empty OK has one CR LF more, and so has a datagram (C6.2.1.8)
 *
 * @counts: R4 is R0 that says how many bytes it gives
 *
 * The worker's; written at boot. @kind and @sets are read anywhere.
 */
struct eswifi_firmware {
	const struct eswifi_firmware_kind *kind;
	unsigned int sets;
	bool tells_slots;
	bool tells_set;
	bool joined;
	bool pads_empty;
	bool counts;
};

/* firmware.c */
int eswifi_firmware_learn(struct eswifi *ew);
bool eswifi_firmware_guards(struct eswifi *ew, enum eswifi_guard guard);
unsigned int eswifi_firmware_item_max(struct eswifi *ew, unsigned int set, unsigned int item);
ssize_t eswifi_firmware_show(struct eswifi *ew, char *buf);

#endif /* __KERNEL__ */
#endif /* ESWIFI_FIRMWARE_H */
