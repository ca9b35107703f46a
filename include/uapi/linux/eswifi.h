/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Inventek eS-WiFi modules: the ioctls of /dev/eswifiN and of its connections.
 *
 * Every structure starts with its size. A caller sets it to sizeof(); a size
 * that the kernel does not know is -EINVAL, as are unknown flags and reserved
 * fields that are not zero.
 */
#ifndef _UAPI_LINUX_ESWIFI_H
#define _UAPI_LINUX_ESWIFI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ESWIFI_SSID_MAX		32	/* bytes, no terminator */
#define ESWIFI_PASSPHRASE_MAX	64	/* 8 to 63 characters, or 64 hex digits */
#define ESWIFI_HOST_MAX		63	/* characters of a host name */
#define ESWIFI_TEXT_SIZE	160	/* a text of the module, with its NUL */

/* Security of an access point: the values of the module's C3 command. */
#define ESWIFI_SECURITY_OPEN		0
#define ESWIFI_SECURITY_WEP		1
#define ESWIFI_SECURITY_WPA		2
#define ESWIFI_SECURITY_WPA2		3
#define ESWIFI_SECURITY_WPA_WPA2	4

/* Flag of a join: the addresses are given instead of asked for by DHCP */
#define ESWIFI_JOIN_STATIC	(1U << 0)

/**
 * struct eswifi_join - access point to join
 * @size: sizeof(struct eswifi_join)
 * @flags: ESWIFI_JOIN_*
 * @security: ESWIFI_SECURITY_*
 * @ssid_len: bytes of @ssid, 1 to ESWIFI_SSID_MAX
 * @passphrase_len: bytes of @passphrase; 0 for an open network
 * @ssid: name of the network; control characters, which the module's
 *	command cannot carry, are -EINVAL
 * @passphrase: never readable again; zero it after the call
 * @ip: with ESWIFI_JOIN_STATIC the module's IPv4 address, network byte order,
 *	as are the next ones; else 0, as are they
 * @mask: network mask
 * @gateway: gateway
 * @dns: name servers, 0 for none
 * @reserved: must be 0
 *
 * Returns when the module has joined and has an address, or failed:
 * -ECONNREFUSED the module could not join (it does not say whether the network
 * is missing or the passphrase wrong), -ETIMEDOUT it did not answer, -EINTR a
 * signal (the module may still finish joining). Needs CAP_NET_ADMIN.
 */
struct eswifi_join {
	__u32 size;
	__u32 flags;
	__u32 security;
	__u16 ssid_len;
	__u16 passphrase_len;
	__u8 ssid[ESWIFI_SSID_MAX];
	__u8 passphrase[ESWIFI_PASSPHRASE_MAX];
	__be32 ip;
	__be32 mask;
	__be32 gateway;
	__be32 dns[2];
	__u8 reserved[12];
};

#define ESWIFI_LINK_DOWN	0
#define ESWIFI_LINK_JOINING	1
#define ESWIFI_LINK_UP		2

/**
 * struct eswifi_link_info - state of the Wi-Fi link
 * @size: sizeof(struct eswifi_link_info)
 * @state: out: ESWIFI_LINK_*
 * @security: out: ESWIFI_SECURITY_* as asked for by the last join
 * @rssi: out: signal strength in dBm, 0 if not joined; measured by the call
 * @ip: out: IPv4 address, network byte order, as are @mask, @gateway, @dns
 * @mask: out: network mask
 * @gateway: out: gateway
 * @dns: out: name servers
 * @ssid_len: out: bytes of @ssid
 * @mac: out: MAC address of the module
 * @ssid: out: name of the network
 * @reserved: zero
 */
struct eswifi_link_info {
	__u32 size;
	__u32 state;
	__u32 security;
	__s32 rssi;
	__be32 ip;
	__be32 mask;
	__be32 gateway;
	__be32 dns[2];
	__u16 ssid_len;
	__u8 mac[6];
	__u8 ssid[ESWIFI_SSID_MAX];
	__u8 reserved[20];
};

#define ESWIFI_PROTO_TCP	0
#define ESWIFI_PROTO_UDP	1
#define ESWIFI_PROTO_TLS	3

/* Verification of the server, and who needs what in the certificate set. */
#define ESWIFI_VERIFY_NONE	0	/* nothing is verified */
#define ESWIFI_VERIFY_OPTIONAL	1	/* server's chain, against the set's CA */
#define ESWIFI_VERIFY_REQUIRED	2	/* chain; client certificate and key sent too */
#define ESWIFI_VERIFY_DEFAULT	255	/* the device's verify_mode */

#define ESWIFI_CERT_SET_DEFAULT	255	/* the device's cert_set */

/*
 * Flag of a connect: the caller accepts what OPTIONAL means on a set without CA, and
 * on firmware that does not use the CA of the set then
 */
#define ESWIFI_CONNECT_UNVERIFIED_OK	(1U << 0)

/**
 * struct eswifi_connect - connection to open
 * @size: sizeof(struct eswifi_connect)
 * @flags: ESWIFI_CONNECT_*
 * @protocol: ESWIFI_PROTO_*
 * @port: port of the peer, 1 to 65535
 * @verify: for TLS: ESWIFI_VERIFY_*; for the others 0 or ESWIFI_VERIFY_DEFAULT
 * @cert_set: for TLS: 0 to 3 or ESWIFI_CERT_SET_DEFAULT; for the others 0 or
 *	ESWIFI_CERT_SET_DEFAULT
 * @fd_flags: O_CLOEXEC and O_NONBLOCK are taken
 * @fd: out: descriptor of the connection
 * @host: host name or dotted IPv4 address, NUL-terminated
 * @reserved: must be 0
 *
 * Without O_NONBLOCK in @fd_flags the call returns when the connection stands:
 * -ECONNREFUSED the module could not connect (what it said:
 * ESWIFI_IOC_LAST_ERROR), -ENOENT the name was not found, -ENOKEY an item that
 * the verify mode needs is missing in the set, -EOPNOTSUPP this firmware would not
 * verify (ESWIFI_IOC_LAST_ERROR says why and what to do), -EBUSY no socket free or, for
 * TLS, the module's only TLS socket is in use, -ENETDOWN not joined. With it,
 * the descriptor comes at once, EPOLLOUT tells the end, the result is in
 * ESWIFI_IOC_CONN_INFO.
 */
struct eswifi_connect {
	__u32 size;
	__u32 flags;
	__u32 protocol;
	__u16 port;
	__u8 verify;
	__u8 cert_set;
	__u32 fd_flags;
	__s32 fd;
	char host[ESWIFI_HOST_MAX + 1];
	__u8 reserved[24];
};

#define ESWIFI_CONN_CONNECTING	0
#define ESWIFI_CONN_OPEN	1
#define ESWIFI_CONN_EOF		2	/* the peer ended it; data may be left to read */
#define ESWIFI_CONN_FAILED	3	/* see @error */

/**
 * struct eswifi_conn_info - what a connection is and how it fares
 * @size: sizeof(struct eswifi_conn_info)
 * @state: out: ESWIFI_CONN_*
 * @protocol: out: ESWIFI_PROTO_*
 * @error: out: positive errno that ended it, else 0; not cleared by reading
 * @remote_ip: out: address of the peer, network byte order
 * @remote_port: out: its port, host byte order
 * @verify: out: ESWIFI_VERIFY_* in force; 0 without TLS
 * @cert_set: out: certificate set in use; 0 without TLS
 * @peer_verified: out: 1 if the module was told to verify the peer's chain
 *	(ESWIFI_VERIFY_REQUIRED) and had a CA to do it with; where the firmware verifies
 *	against RSA CAs only, also only if the driver has written or compared that CA since
 *	it was loaded, and it is RSA. The module never checks the host name
 * @socket: out: the module's socket, 0 to 3
 * @local_port: out: of a server, its port, host byte order; else 0
 * @reserved: zero
 * @rx_bytes: out: bytes received
 * @tx_bytes: out: bytes that the module took to send
 * @text: out: what the module said when it failed, or why it was ended: a reset and
 *	its reason, a network that was lost; printable, NUL-terminated
 */
struct eswifi_conn_info {
	__u32 size;
	__u32 state;
	__u32 protocol;
	__u32 error;
	__be32 remote_ip;
	__u16 remote_port;
	__u8 verify;
	__u8 cert_set;
	__u8 peer_verified;
	__u8 socket;
	__u16 local_port;
	__u8 reserved[4];
	__aligned_u64 rx_bytes;
	__aligned_u64 tx_bytes;
	char text[ESWIFI_TEXT_SIZE];
};

/**
 * struct eswifi_last_error - why the last request of this file failed
 * @size: sizeof(struct eswifi_last_error)
 * @error: out: positive errno, 0 if it did not fail
 * @text: out: what the module or the driver said, printable, NUL-terminated;
 *	empty if there is nothing to add
 */
struct eswifi_last_error {
	__u32 size;
	__u32 error;
	char text[ESWIFI_TEXT_SIZE];
};

/**
 * struct eswifi_listen - server to start
 * @size: sizeof(struct eswifi_listen)
 * @flags: must be 0
 * @protocol: ESWIFI_PROTO_TCP or ESWIFI_PROTO_UDP
 * @port: local port, 1 to 65535
 * @backlog: for TCP: clients that may wait, 1 to 6; for UDP 0
 * @fd_flags: O_CLOEXEC and O_NONBLOCK are taken
 * @fd: out: descriptor of the server
 * @reserved: must be 0
 *
 * A TCP server's descriptor becomes readable (EPOLLIN) when a client is there;
 * ESWIFI_IOC_ACCEPT gives a descriptor for it. The module serves one client of
 * a server at a time: the next is accepted when the descriptor of the one before
 * is closed. Closing the server does not end a client that was accepted.
 *
 * A UDP server's descriptor is a connection: a read gives one datagram, a write
 * sends one to where the last came from (-ENOTCONN before the first), which
 * ESWIFI_IOC_CONN_INFO names. With O_NONBLOCK it comes at once, and EPOLLOUT tells
 * that it listens.
 *
 * -EBUSY no socket is free; -EREMOTEIO the module could not listen, see
 * ESWIFI_IOC_LAST_ERROR; -ENETDOWN neither joined nor an access point.
 */
struct eswifi_listen {
	__u32 size;
	__u32 flags;
	__u32 protocol;
	__u16 port;
	__u16 backlog;
	__u32 fd_flags;
	__s32 fd;
	__u8 reserved[16];
};

/**
 * struct eswifi_accept - client of a TCP server; on the server's descriptor
 * @size: sizeof(struct eswifi_accept)
 * @fd_flags: of the new descriptor: O_CLOEXEC and O_NONBLOCK are taken
 * @fd: out: descriptor of the connection
 * @peer_ip: out: address of the client, network byte order
 * @peer_port: out: its port, host byte order
 * @reserved: must be 0
 *
 * Waits for a client unless the server's descriptor is O_NONBLOCK (-EAGAIN).
 */
struct eswifi_accept {
	__u32 size;
	__u32 fd_flags;
	__s32 fd;
	__be32 peer_ip;
	__u16 peer_port;
	__u8 reserved[14];
};

/**
 * struct eswifi_message - a message that the module sent by itself (MR)
 * @size: sizeof(struct eswifi_message)
 * @lost: out: messages lost before this one, because nobody fetched them
 * @text: out: the message, printable, NUL-terminated
 *
 * The first call, or a poll for EPOLLPRI, subscribes the file: from then on the
 * module is asked for messages, about twice a second. EPOLLPRI tells that one
 * waits; the call gives -EAGAIN if none does. Needs CAP_NET_ADMIN.
 */
struct eswifi_message {
	__u32 size;
	__u32 lost;
	char text[ESWIFI_TEXT_SIZE];
};

/* What ESWIFI_IOC_ALLOW takes: a raw PG, which may burn a one-time slot */
#define ESWIFI_ALLOW_PG		(1U << 0)

#define ESWIFI_SECURITY_OTHER	255	/* of a network found: none of the above */

/**
 * struct eswifi_bss - a network that was found
 * @bssid: address of the access point
 * @channel: its channel, 0 if the module did not say
 * @band: 2 for 2.4 GHz, 5 for 5 GHz, 0 if the module did not say
 * @rssi: signal strength in dBm
 * @rate: highest rate in units of 100 kbit/s
 * @security: ESWIFI_SECURITY_*
 * @adhoc: 1 if it is no access point but an ad-hoc network
 * @ssid_len: bytes of @ssid; 0 for a hidden network
 * @reserved: zero
 * @ssid: its name, any bytes
 */
struct eswifi_bss {
	__u8 bssid[6];
	__u8 channel;
	__u8 band;
	__s16 rssi;
	__u16 rate;
	__u8 security;
	__u8 adhoc;
	__u8 ssid_len;
	__u8 reserved;
	__u8 ssid[ESWIFI_SSID_MAX];
};

#define ESWIFI_SCAN_MAX		64	/* networks of one scan */

/**
 * struct eswifi_scan - look for networks; takes seconds
 * @size: sizeof(struct eswifi_scan)
 * @flags: must be 0
 * @count: in: room at @bss; out: networks found, which may be more
 * @reserved: must be 0
 * @bss: address of an array of struct eswifi_bss
 *
 * Needs CAP_NET_ADMIN.
 */
struct eswifi_scan {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 reserved;
	__aligned_u64 bss;
};

/**
 * struct eswifi_resolve - ask the module's name server
 * @size: sizeof(struct eswifi_resolve)
 * @ip: out: IPv4 address, network byte order
 * @host: host name, NUL-terminated
 *
 * -ENOENT the name was not found; -ENETDOWN not joined; -EBUSY all sockets of the
 * module carry UDP, whose peer a question would change.
 */
struct eswifi_resolve {
	__u32 size;
	__be32 ip;
	char host[ESWIFI_HOST_MAX + 1];
};

/**
 * struct eswifi_ping - one echo request
 * @size: sizeof(struct eswifi_ping)
 * @ip: whom, network byte order
 * @rtt_ms: out: milliseconds until the reply
 * @reserved: must be 0
 *
 * -ETIMEDOUT no reply (the module is well; a dead module is -ESHUTDOWN or
 * -ENODEV); -ENETDOWN not joined.
 */
struct eswifi_ping {
	__u32 size;
	__be32 ip;
	__u32 rtt_ms;
	__u32 reserved;
};

#define ESWIFI_AP_PASSPHRASE_MAX	32
#define ESWIFI_AP_CLIENTS	4

/**
 * struct eswifi_ap - access point to be
 * @size: sizeof(struct eswifi_ap)
 * @flags: must be 0
 * @security: ESWIFI_SECURITY_OPEN, _WPA, _WPA2 or _WPA_WPA2
 * @ssid_len: bytes of @ssid, 1 to ESWIFI_SSID_MAX - 1
 * @passphrase_len: bytes of @passphrase: 0 if open, else 8 to 31
 * @channel: 0 for automatic, or 1 to 13, 36 to 165
 * @max_clients: 1 to ESWIFI_AP_CLIENTS
 * @ssid: name of the network
 * @passphrase: never readable again; zero it after the call
 * @pad: must be 0
 * @ip: out: the module's address in it, network byte order
 * @reserved: must be 0
 *
 * Leaves the network that the module is in. Needs CAP_NET_ADMIN.
 */
struct eswifi_ap {
	__u32 size;
	__u32 flags;
	__u32 security;
	__u16 ssid_len;
	__u16 passphrase_len;
	__u8 channel;
	__u8 max_clients;
	__u8 ssid[ESWIFI_SSID_MAX];
	__u8 passphrase[ESWIFI_AP_PASSPHRASE_MAX];
	__u8 pad[2];
	__be32 ip;
	__u8 reserved[12];
};

/**
 * struct eswifi_ap_client - client of our access point
 * @mac: its address
 * @rssi: its signal in dBm, 0 if not measured yet
 * @ip: its IPv4 address, network byte order
 */
struct eswifi_ap_client {
	__u8 mac[6];
	__s16 rssi;
	__be32 ip;
};

/**
 * struct eswifi_ap_info - who is in our access point
 * @size: sizeof(struct eswifi_ap_info)
 * @count: out: entries of @client
 * @client: out: the clients
 *
 * -ENETDOWN the module is no access point. Needs CAP_NET_ADMIN.
 */
struct eswifi_ap_info {
	__u32 size;
	__u32 count;
	struct eswifi_ap_client client[ESWIFI_AP_CLIENTS];
};

#define ESWIFI_CERT_NAME_MAX	64	/* characters of a provisioning's name */
#define ESWIFI_CERT_TEXT_SIZE	256	/* how a provisioning ended, with its NUL */

/* Items of a certificate set: places in the arrays of struct eswifi_provision */
#define ESWIFI_CERT_CA		0
#define ESWIFI_CERT_CERT	1
#define ESWIFI_CERT_KEY		2
#define ESWIFI_CERT_ITEMS	3

/* Flags of a provisioning, at most one of them */
#define ESWIFI_PROVISION_DRY_RUN	(1U << 0)	/* compare and tell, write nothing new */
#define ESWIFI_PROVISION_VERIFY		(1U << 1)	/* prove that all is there already */
/*
 * Firmware that does not tell which items are used (no PE), or that cannot compare
 * (before C3.5.2.1): write all the same. Without PE an item that holds other data
 * is noticed only when its turn comes, and what was written before it stays
 * written; without comparison nothing proves what was written.
 */
#define ESWIFI_PROVISION_BLIND		(1U << 2)

/* What an item of the set holds, or what became of it */
#define ESWIFI_ITEM_UNKNOWN	0	/* was not looked at */
#define ESWIFI_ITEM_FREE	1	/* nothing, and there is no file for it */
#define ESWIFI_ITEM_KEPT	2	/* something, and there is no file for it */
#define ESWIFI_ITEM_MATCH	3	/* what the file holds, as a comparison proved */
#define ESWIFI_ITEM_DIFFERS	4	/* something else than the file */
#define ESWIFI_ITEM_PROGRAMMED	5	/* was written, and proved by a comparison */
#define ESWIFI_ITEM_PROGRAM	6	/* nothing; a dry run's word for "would be written" */
#define ESWIFI_ITEM_REPLACE	7	/* the same for what can be rewritten */
#define ESWIFI_ITEM_FAILED	8	/* was written, and what came of it is not known */
#define ESWIFI_ITEM_TORN	9	/* does not answer a comparison: lost, as if torn */
#define ESWIFI_ITEM_DAMAGED	10	/* was free, and did not take what it was given: lost */

/* Where the bytes for an item came from */
#define ESWIFI_FROM_NOWHERE	0	/* there are none */
#define ESWIFI_FROM_FILE	1	/* a file under the kernel's firmware path */
#define ESWIFI_FROM_KEYRING	2	/* a logon key in the caller's keyrings */
#define ESWIFI_FROM_OWN		0x80	/* ORed in: meant for this very module, by its address */

/**
 * struct eswifi_provision - bring files into a certificate set, or compare them
 * @size: sizeof(struct eswifi_provision)
 * @flags: ESWIFI_PROVISION_*; 0 programs what is free
 * @set: in: 0 to 3, or ESWIFI_CERT_SET_DEFAULT; out: the set it was about
 * @reserved: must be 0
 * @name: name of the files, NUL-terminated: 1 to ESWIFI_CERT_NAME_MAX letters,
 *	digits, dots, underscores and hyphens, no dot at its start
 * @pad: must be 0
 * @from: out: ESWIFI_FROM_* of each item
 * @state: out: ESWIFI_ITEM_* of each item
 * @len: out: bytes that are sent for each item: what was found for it, from its first
 *	BEGIN line to its last END line
 * @sha256: out: digest of these bytes, not of the file, which may have more around
 *	them; zeros if there are none
 * @text: out: in words, printable, NUL-terminated: as cert_status without its
 *	first words
 *
 * Where the files are looked for and what happens to them stands at
 * cert_provision and cert_verify in Documentation/ABI/testing/sysfs-class-eswifi,
 * the errors as well; everything from @from on is filled in for those, too. A dry
 * run that would end in an error ends in that error. Needs CAP_NET_ADMIN.
 */
struct eswifi_provision {
	__u32 size;
	__u32 flags;
	__u32 set;
	__u32 reserved;
	char name[ESWIFI_CERT_NAME_MAX + 1];
	__u8 pad;
	__u8 from[ESWIFI_CERT_ITEMS];
	__u8 state[ESWIFI_CERT_ITEMS];
	__u32 len[ESWIFI_CERT_ITEMS];
	__u8 sha256[ESWIFI_CERT_ITEMS][32];
	char text[ESWIFI_CERT_TEXT_SIZE];
};

#define ESWIFI_IOC_JOIN		_IOW('w', 0x80, struct eswifi_join)
#define ESWIFI_IOC_LEAVE	_IO('w', 0x81)
#define ESWIFI_IOC_LINK_INFO	_IOWR('w', 0x82, struct eswifi_link_info)
#define ESWIFI_IOC_CONNECT	_IOWR('w', 0x83, struct eswifi_connect)
#define ESWIFI_IOC_LAST_ERROR	_IOWR('w', 0x84, struct eswifi_last_error)
#define ESWIFI_IOC_LISTEN	_IOWR('w', 0x85, struct eswifi_listen)
/*
 * 1: this file has the module alone until 0, or until it is closed: commands,
 * joins, connections, servers and provisioning of others are -EBUSY, open
 * connections rest. -EBUSY if another file has it. Needs CAP_NET_ADMIN.
 */
#define ESWIFI_IOC_EXCLUSIVE	_IOW('w', 0x86, __u32)
#define ESWIFI_IOC_MESSAGE	_IOWR('w', 0x87, struct eswifi_message)
/* ESWIFI_ALLOW_* that this file may do from now on. Needs CAP_NET_ADMIN. */
#define ESWIFI_IOC_ALLOW	_IOW('w', 0x88, __u32)
#define ESWIFI_IOC_SCAN		_IOWR('w', 0x89, struct eswifi_scan)
#define ESWIFI_IOC_RESOLVE	_IOWR('w', 0x8a, struct eswifi_resolve)
#define ESWIFI_IOC_PING		_IOWR('w', 0x8b, struct eswifi_ping)
#define ESWIFI_IOC_AP_START	_IOWR('w', 0x8c, struct eswifi_ap)
#define ESWIFI_IOC_AP_STOP	_IO('w', 0x8d)
#define ESWIFI_IOC_AP_INFO	_IOWR('w', 0x8e, struct eswifi_ap_info)
#define ESWIFI_IOC_PROVISION	_IOWR('w', 0x8f, struct eswifi_provision)
/* of a connection's descriptor; FIONREAD tells the bytes that can be read */
#define ESWIFI_IOC_CONN_INFO	_IOWR('w', 0x90, struct eswifi_conn_info)
/* of a TCP server's descriptor */
#define ESWIFI_IOC_ACCEPT	_IOWR('w', 0x91, struct eswifi_accept)

#endif /* _UAPI_LINUX_ESWIFI_H */
