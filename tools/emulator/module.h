/* SPDX-License-Identifier: GPL-2.0-only */
/* The module as a whole: what its parts know of each other. */
#ifndef EMULATOR_MODULE_H
#define EMULATOR_MODULE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "buf.h"
#include "bus.h"
#include "config.h"
#include "fault.h"
#include "form.h"
#include "flash.h"
#include "log.h"
#include "loop.h"
#include "plug.h"
#include "quirk.h"
#include "reply.h"
#include "timing.h"

#define SOCKETS		4
#define MAX_PAYLOAD	1460
#define MESSAGES	16
#define PINS		11
#define NAK		0x15

/* Firmware lines, as bits. */
#define FW_35		1U
#define FW_62		2U

/**
 * struct profile - one firmware version
 * @name: how users ask for it, if not by its version
 * @version: as I? reports it
 * @versions: the fields behind it: API, stack, RTOS
 * @line: FW_35 or FW_62
 * @sets: certificate sets; set 3 is rewritable
 * @pf_aws: default set for AWS
 * @countries: what CN accepts, each followed by a blank
 * @quirks: what it does beside
 * @documented: no firmware that exists, but what the vendor's documents promise
 * @forms: its commands' forms, NULL if they are as documented
 * @loses_single: R0 does not return a single byte
 */
struct profile {
	const char *name;
	const char *version;
	const char *versions;
	unsigned int line;
	unsigned int sets;
	int pf_aws;
	const char *countries;
	struct quirks quirks;
	bool documented;
	const struct form *forms;
	bool loses_single;
};

/* What a command of the P family keeps for each socket. */
struct sock_settings {
	int protocol;
	int local_port;
	struct in_addr remote;
	int remote_port;
	int backlog;
	int push;			/* what PR set, for P? */
	/* data: one for all sockets on a module without QUIRK_R_PER_SOCKET */
	int read_size, read_ms, read_mode, send_size, send_ms;
};

enum protocol { PROTO_TCP, PROTO_UDP, PROTO_UDPLITE, PROTO_TLS, PROTO_MQTT };

/* Volatile settings: gone with a reset, unless Z1 saved them. */
struct settings {
	int terse_errors;
	int quiet;
	/* station */
	char ssid[65], passphrase[65];
	int security, dhcp, ip_version;
	struct in_addr address, mask, gateway, dns1, dns2;
	int retries, auto_join, wep_auth, filter, loop_delay, hide_key, fast_connect;
	int bit_rate;
	char country[8];
	/* scan */
	int scan_repeat, scan_delay, scan_channel, scan_band, scan_auto_band;
	char scan_bssid[18], scan_ssid[33];
	/* access point */
	int ap_security, ap_channel, ap_lease, ap_messages, ap_clients, ap_append;
	char ap_key[33], ap_ssid[33];
	struct in_addr ap_mask, ap_address;
	/* transport */
	int socket;
	int verify, pf_tls, pf_aws, verify_report, keepalive, keepalive_ms, tcp_timeout;
	char ca_name[2][65];
	char mqtt[9][65];
	/* ping */
	struct in_addr ping_address;
	int ping_repeat, ping_delay;
	/* system */
	int spi_mode, ready_pins, space;
	char name[41], ota_url[129], wps_pin[9];
	uint8_t mac[6];
	int led[3];
	int power_save, radio_on, beacon;
};

/**
 * struct sock - one of the four sockets
 * @index: its number
 * @set: its settings
 * @role: what it runs as
 * @protocol: with which protocol, whatever P1 says by now
 * @fd: the connection, or the UDP socket; -1 if none
 * @listen_fd: a TCP server's listening socket; -1 if none
 * @watch: waits for a client, or for a UDP server's first datagram
 * @module: for the callback of @watch
 * @ssl: TLS on @fd
 * @peer: the accepted client, or who sent the last datagram
 * @shown: the address that P? shows as the other side's
 * @port: of a UDP client: the port it asked for
 * @accepted_at: when the client came, in microseconds of loop_now()
 * @accepting: whether the next client is taken
 * @multi: started by P5=11, or P7=1
 * @served: a client came since the server was started
 * @ended: the peer closed the connection, or it broke
 * @silent: it broke, and the firmware does not notice
 * @lost: it broke with the link
 * @used: it was started since power-up
 * @farewell: bytes left of the peer's close_notify, that R0 gives as data
 * @told: they were begun
 * @overrun: a TLS record came that is longer than @record_most
 * @segment: of TLS: where on the wire the last segment began
 * @owner: of a server: the socket of the module's own connection that it took for a client
 * @stalled: receives nothing any more, by a fault
 * @want: EPOLL* bit that a send or receive waits for
 */
struct sock {
	int index;
	struct sock_settings set;
	enum { ROLE_NONE, ROLE_CLIENT, ROLE_SERVER } role;
	enum protocol protocol;
	int fd;
	int listen_fd;
	struct watch watch;
	struct module *module;
	SSL *ssl;
	struct sockaddr_in peer;
	struct in_addr shown;
	int port;
	uint64_t accepted_at;
	bool accepting;
	bool multi;
	bool served;
	bool ended;
	bool silent;
	bool lost;
	bool used;
	unsigned int farewell;
	bool told;
	bool overrun;
	int record_most;
	uint64_t segment;
	struct sock *owner;
	bool stalled;
	uint32_t want;
};

/**
 * struct wire - the SPI side
 * @state: see wire.c
 * @ready: level of data-ready
 * @selected: chip select
 * @in: the command so far, in wire order
 * @out: the reply, in wire order
 * @out_at: next byte of @out
 * @beyond: bytes that were read behind @out
 * @fast: bytes that were read too fast
 * @stuffing: the reply never ends
 * @dead: no command phase comes any more
 * @cold: no reset since power-up
 * @timer: the next step of the state machine
 * @deaf: how long reset has to be asserted yet
 * @transfer: a transfer whose bits are still on the wire
 */
struct wire {
	enum {
		WIRE_RESET, WIRE_BOOT, WIRE_COMMAND, WIRE_ENDING, WIRE_BUSY, WIRE_DATA,
	} state;
	bool ready;
	bool selected;
	struct buf in;
	struct buf out;
	size_t out_at;
	size_t beyond;
	unsigned int fast;
	bool stuffing;
	bool dead;
	bool cold;
	struct timer timer;
	struct timer deaf;
	struct {
		struct timer timer;
		struct buf data;
		uint32_t id;
		uint32_t speed_hz;
	} transfer;
};

/**
 * struct request - the command that is being executed
 * @command: its table entry, NULL if unknown
 * @form: how the firmware reads it, NULL if that is not known
 * @line: command text
 * @args: behind its '=', NULL if it has none
 * @payload: behind its CR
 * @payload_len: bytes of @payload that belong to it
 * @behind: bytes behind the CR, whether they belong to it or not
 * @before: what stands in front of the reply
 * @excess: more bytes came than a command may have
 */
struct request {
	const struct at_command *command;
	const struct form *form;
	char line[2048];
	char *args;
	const uint8_t *payload;
	size_t payload_len;
	size_t behind;
	char before[64];
	bool excess;
};

/* The wait of the one command that is being executed. */
struct wait {
	struct watch watch;
	struct timer timer;
	int fd;
	void (*fn)(struct module *m, bool expired);
};

/* What commands that wait keep from one step to the next. */
struct operation {
	struct sock *sock;
	uint64_t deadline;
	size_t done;
	const struct ap *ap;
	char name[65];
	int fd;
	int left;
	void (*then)(struct module *m);
	bool blocked;			/* by a client that came in the wrong moment */
	bool again;			/* it is the second try to connect */
	struct buf text;
};

struct module {
	struct loop loop;
	struct bus bus;
	struct watch bus_watch;
	struct log log;
	struct config config;
	struct flash flash;
	struct fault_plan faults;
	struct timing timing;
	struct replies replies;
	const struct profile *profile;
	struct quirks quirks;		/* of the profile, and those that were asked for */
	uint8_t mac[6];
	const char *serial;
	uint64_t powered;

	unsigned int forbidden;		/* frames that no host may send */
	struct wire wire;
	struct settings set;
	struct sock sock[SOCKETS];
	struct request request;
	struct wait wait;
	struct operation op;

	int form_value[FORMS_MAX];	/* of those that are FORM_VALUE */
	int pin[PINS];			/* what each is for */
	int lamp_pin, cloud_pin;	/* which of them PL and K7 have taken, -1: none */
	bool interface_told;		/* B? was asked, which U? does not forget */
	bool serial_lost;		/* ZT was here */

	bool joined;
	char joined_ssid[33];
	struct in_addr address;		/* the module's own, 0.0.0.0 if not joined */
	int rssi;
	bool link_down;			/* it was joined, and is no more */
	bool ap_running;
	bool ap_measured;
	unsigned int handshakes;	/* since power-up */
	unsigned int bad_handshakes;
	bool unreached;			/* TLS did not reach a server */
	unsigned int damage;		/* what came too near to the end of some memory */
	uint64_t sent_at;
	bool rebooting;
	struct timer reboot_timer;

	char *message[MESSAGES];
	unsigned int messages;
	int scan_next;			/* next record for MR, -1 if none */
	int loaded;			/* what PC or PD has chosen */
	struct in_addr last_dns;
	struct in_addr found[SOCKETS];	/* what D0 found for each socket */
};

/* module.c */
void module_firmware(struct module *m, const struct profile *profile);
int module_init(struct module *m);
void module_exit(struct module *m);
void module_power(struct module *m, bool on);
void module_defaults(struct module *m);
void module_reload(struct module *m, const char *path);
void module_hang(struct module *m, const char *why);
unsigned int module_tcp_timeout(const struct module *m);
void module_message(struct module *m, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
char *module_next_message(struct module *m);
void module_wait(struct module *m, int fd, uint32_t events, uint64_t deadline,
		 void (*fn)(struct module *m, bool expired));
void module_sleep(struct module *m, unsigned int us, void (*fn)(struct module *m, bool expired));
const struct profile *profile_find(const char *version);
const struct profile *profile_next(const struct profile *profile);

/* wire.c */
void wire_event(struct module *m, const struct uspi_event *event);
void wire_reply(struct module *m, const void *data, size_t len);
void wire_power_on(struct module *m);
void wire_power_off(struct module *m);
void wire_reboot(struct module *m);
void wire_exit(struct module *m);

/* Whether it is a firmware that was seen, and not what documents promise. */
static inline bool observed(const struct module *m)
{
	return !m->profile->documented;
}

/* Whether that firmware was seen, and is of that line. */
static inline bool observed_as(const struct module *m, unsigned int line)
{
	return observed(m) && m->profile->line == line;
}

static inline bool quirk(const struct module *m, enum quirk id)
{
	return m->quirks.on[id];
}

/* net.c */
bool net_up(const struct module *m);
void net_lose(struct module *m);
void net_resume(struct module *m);
bool net_peer_ended(const struct sock *s);
bool net_address_usable(const struct module *m, struct in_addr address);
void net_init(struct module *m);
void net_close(struct module *m, struct sock *s);
void net_close_all(struct module *m);
int net_connect(struct module *m, struct sock *s);
int net_connected(struct module *m, struct sock *s);
int net_open_udp(struct module *m, struct sock *s, bool server);
int net_listen(struct module *m, struct sock *s, bool multi);
void net_drop_client(struct module *m, struct sock *s);
void net_accept_next(struct module *m, struct sock *s);
void net_accept_own(struct module *m, struct sock *own);
ssize_t net_receive(struct sock *s, void *data, size_t len, size_t enough);
ssize_t net_send(struct sock *s, const void *data, size_t len);

/* tls.c */
int tls_start(struct module *m, struct sock *s, const char **text);
bool tls_client_wanted(const struct sock *s);
void tls_break(struct sock *s, size_t len);
int tls_handshake(struct sock *s);
ssize_t tls_receive(struct sock *s, void *data, size_t len, size_t enough);
ssize_t tls_send(struct sock *s, const void *data, size_t len);
void tls_stop(struct sock *s);

/* cmd_mqtt.c, cmd_pins.c */
void mqtt_defaults(struct module *m);
void pins_defaults(struct module *m);

/* cmd_socket.c */
void socket_after_accept(struct module *m, struct sock *s, void (*fn)(struct module *m));

/* cmd_station.c */
void station_join(struct module *m, const struct ap *ap);
void station_join_saved(struct module *m, const struct ap *ap);
void station_leave(struct module *m);
const struct ap *station_find(const struct module *m);
void station_next_record(struct module *m);

#endif
