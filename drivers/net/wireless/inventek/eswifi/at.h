/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The AT language of eS-WiFi modules: commands, replies, and the framing of
 * both on the wire. Pure: compiles in user space too.
 */
#ifndef ESWIFI_AT_H
#define ESWIFI_AT_H

#include <linux/types.h>
#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
#endif

/* Limits of the language */
#define ESWIFI_PAYLOAD_MAX	1460	/* bytes of one S3 or R0 */
#define ESWIFI_CMD_MAX		256	/* one command without payload */

/* frame.c */
#define ESWIFI_PAD	0x0a	/* host to module: makes the length even */
#define ESWIFI_NAK	0x15	/* module to host: nothing more to say */

size_t eswifi_frame_encode(u8 *buf, size_t len);
void eswifi_frame_swap(u8 *buf, size_t len);
size_t eswifi_frame_strip(const u8 *buf, size_t len, const u8 **start);
size_t eswifi_frame_counted(const u8 *buf, size_t len);

/**
 * struct eswifi_reply - one reply, taken apart
 * @all: the whole reply, from its first CR LF to its prompt, without stuffing.
 *	Points into the buffer that was parsed
 * @all_len: bytes of @all
 * @ok: the terminator was OK
 * @record: there was no terminator, this is one network of a scan: @body is
 *	what stands between its marks, @error the same
 * @messages: messages of the module's own that stood in it, and were cut off
 * @body: between the first CR LF and the terminator, untouched: R0's payload
 *	starts here. Points into the buffer that was parsed
 * @body_len: bytes of @body
 * @error: text behind "ERROR: ", or the body of a reply that ended in a plain
 *	ERROR or said neither; not terminated, may be empty
 * @error_len: bytes of @error
 */
struct eswifi_reply {
	const u8 *all;
	size_t all_len;
	bool ok;
	bool record;
	unsigned int messages;
	const u8 *body;
	size_t body_len;
	const u8 *error;
	size_t error_len;
};

/* at_message.c */

/**
 * enum eswifi_message_place - where a message of the module's own may stand
 * @ESWIFI_MESSAGE_FRONT: in front of the reply, several in a row
 * @ESWIFI_MESSAGE_ANYWHERE: also between its lines
 * @ESWIFI_MESSAGE_BEFORE_PAYLOAD: in front, but so may a peer's words that look
 *	like one
 */
enum eswifi_message_place {
	ESWIFI_MESSAGE_FRONT,
	ESWIFI_MESSAGE_ANYWHERE,
	ESWIFI_MESSAGE_BEFORE_PAYLOAD,
};

size_t eswifi_at_begin(const u8 *buf, size_t len, const u8 **start);
size_t eswifi_at_message(const u8 *buf, size_t len, enum eswifi_message_place place,
			 const u8 **text, size_t *text_len);
enum eswifi_message_place eswifi_at_message_place(const u8 *cmd, size_t len);
bool eswifi_at_serves(const u8 *cmd, size_t len);

/**
 * struct eswifi_identity - what a module says it is (I?, Z5)
 * @model: product id, "ISM43362-M3G-L44-SPI"
 * @firmware: firmware version, "C3.5.2.5.STM"
 * @mac: MAC address
 */
struct eswifi_identity {
	char model[48];
	char firmware[32];
	u8 mac[6];
};

/* at.c */
int eswifi_at_parse(const u8 *buf, size_t len, struct eswifi_reply *reply);
int eswifi_at_parse_prompt(const u8 *buf, size_t len);
bool eswifi_at_line(const struct eswifi_reply *reply, size_t *pos, const u8 **line, size_t *len);
size_t eswifi_at_text(const struct eswifi_reply *reply, char *buf, size_t size);
size_t eswifi_at_printable(char *buf, size_t size, const u8 *data, size_t len);
/**
 * struct eswifi_transport - what P? answered, as far as it is needed
 * @client_ip: of a TCP server: its client, zeros if none
 * @local_port: of a server
 * @host_ip: of a UDP server: the sender of the last datagram
 * @remote_port: of the peer
 */
struct eswifi_transport {
	u8 client_ip[4];
	u16 local_port;
	u8 host_ip[4];
	u16 remote_port;
};

int eswifi_at_transport(const struct eswifi_reply *reply, struct eswifi_transport *t);

unsigned int eswifi_at_timeout_ms(const u8 *cmd, size_t len);
bool eswifi_at_secret(const u8 *cmd, size_t len);
int eswifi_at_check_value(const u8 *value, size_t len, size_t max);
int eswifi_at_check_host(const u8 *host, size_t len, size_t max);
int eswifi_at_check_user(const u8 *cmd, size_t len, bool allow_pg, size_t *used);

/* at_reply.c */
int eswifi_at_identity(const struct eswifi_reply *reply, struct eswifi_identity *id);
int eswifi_at_mac(const struct eswifi_reply *reply, u8 mac[6]);
int eswifi_at_ipv4(const u8 *text, size_t len, u8 ip[4]);
int eswifi_at_number(const struct eswifi_reply *reply, long *value);
bool eswifi_at_is_end(const struct eswifi_reply *reply);
int eswifi_at_counted(const struct eswifi_reply *reply, const u8 **data, size_t *len);
int eswifi_at_slots(const struct eswifi_reply *reply, bool used[3]);
bool eswifi_at_match(const struct eswifi_reply *reply);
int eswifi_at_selected(const struct eswifi_reply *reply, unsigned int *set);

/**
 * enum eswifi_at_stored - what a PG came to
 * @ESWIFI_AT_TAKEN: OK: stored, says the module, which proves nothing
 * @ESWIFI_AT_MATCH: the same bytes are there already
 * @ESWIFI_AT_REFUSED: an error
 * @ESWIFI_AT_CUT: not all came that had been announced, and a slot that was free is used
 *	up by what came
 * @ESWIFI_AT_FLASH_FAILED: the slot cannot be written, though it may be called free
 */
enum eswifi_at_stored {
	ESWIFI_AT_TAKEN,
	ESWIFI_AT_MATCH,
	ESWIFI_AT_REFUSED,
	ESWIFI_AT_CUT,
	ESWIFI_AT_FLASH_FAILED,
};

enum eswifi_at_stored eswifi_at_stored(const struct eswifi_reply *reply);

int eswifi_at_join(const struct eswifi_reply *reply, const u8 *ssid, size_t ssid_len,
		   u8 ip[4]);

/**
 * struct eswifi_station - what C? answered, as far as it is needed
 * @ip: address; all zeros if the module has none
 * @mask: network mask
 * @gateway: gateway
 * @dns: name servers; 255.255.255.255 stands for none
 * @security: ESWIFI_SECURITY_*
 * @ssid: name of the network, not terminated; cut at a comma, behind which the passphrase
 *	may be
 * @ssid_len: its bytes
 */
struct eswifi_station {
	u8 ip[4];
	u8 mask[4];
	u8 gateway[4];
	u8 dns[2][4];
	u8 security;
	u8 ssid[32];
	size_t ssid_len;
};

int eswifi_at_station(const struct eswifi_reply *reply, struct eswifi_station *st);

int eswifi_at_ap_address(const struct eswifi_reply *reply, u8 ip[4]);
int eswifi_at_ap_state(const struct eswifi_reply *reply, const u8 *ssid, size_t ssid_len,
		       u8 ip[4]);
int eswifi_at_power_save(const struct eswifi_reply *reply, bool *on);
int eswifi_at_ping(const struct eswifi_reply *reply, u32 *ms);

/* at_scan.c */
struct eswifi_ap_client;
struct eswifi_bss;

bool eswifi_at_bss(const struct eswifi_reply *reply, size_t *pos, struct eswifi_bss *bss);
size_t eswifi_at_clients(const struct eswifi_reply *reply, struct eswifi_ap_client *client,
			 size_t max);
void eswifi_at_client_signals(const struct eswifi_reply *reply, struct eswifi_ap_client *client,
			      size_t count);

#endif /* ESWIFI_AT_H */
