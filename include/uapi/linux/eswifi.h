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

/**
 * struct eswifi_join - access point to join, address by DHCP
 * @size: sizeof(struct eswifi_join)
 * @flags: must be 0
 * @security: ESWIFI_SECURITY_*
 * @ssid_len: bytes of @ssid, 1 to ESWIFI_SSID_MAX
 * @passphrase_len: bytes of @passphrase; 0 for an open network
 * @ssid: name of the network; control characters, which the module's
 *	command cannot carry, are -EINVAL
 * @passphrase: never readable again; zero it after the call
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
	__u8 reserved[16];
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

/* Flag of a connect: the caller accepts what OPTIONAL on a set without CA means */
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
 * the verify mode needs is missing in the set, -EBUSY no socket free or, for
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
 *	and had a CA to do it with; the module never checks the host name
 * @socket: out: the module's socket, 0 to 3
 * @reserved: zero
 * @rx_bytes: out: bytes received
 * @tx_bytes: out: bytes that the module took to send
 * @text: out: what the module said when it failed, printable, NUL-terminated
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
	__u8 reserved[6];
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

#define ESWIFI_IOC_JOIN		_IOW('w', 0x80, struct eswifi_join)
#define ESWIFI_IOC_LEAVE	_IO('w', 0x81)
#define ESWIFI_IOC_LINK_INFO	_IOWR('w', 0x82, struct eswifi_link_info)
#define ESWIFI_IOC_CONNECT	_IOWR('w', 0x83, struct eswifi_connect)
#define ESWIFI_IOC_LAST_ERROR	_IOWR('w', 0x84, struct eswifi_last_error)
/* of a connection's descriptor */
#define ESWIFI_IOC_CONN_INFO	_IOWR('w', 0x90, struct eswifi_conn_info)

#endif /* _UAPI_LINUX_ESWIFI_H */
