/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One connection: what its sides share, the worker's (conn.c, conn_open.c,
 * conn_data.c) and that of the file that a program holds (conn_file.c).
 */
#ifndef ESWIFI_CONN_H
#define ESWIFI_CONN_H

#include <linux/skbuff.h>

#include "eswifi.h"

/* Bytes that wait for the module, and for the program, at the most. */
#define ESWIFI_CONN_QUEUE_MAX	(16 * ESWIFI_PAYLOAD_MAX)
/* Packets likewise: small ones take far more memory than they have bytes. */
#define ESWIFI_CONN_PACKETS_MAX	64
/* Received bytes below which a reader makes the worker ask for more. */
#define ESWIFI_CONN_QUEUE_LOW	(4 * ESWIFI_PAYLOAD_MAX)

/* Over TLS more is said to be sent, and is lost or damages the module's memory: seen
 * from 1397 bytes on.
 */
#define ESWIFI_TLS_PAYLOAD_MAX	1200

/* How long the module's TCP waits for a peer: to be there, as it is by default; and to
 * read, when nobody else gets a turn meanwhile.
 */
#define ESWIFI_CONNECT_PATIENCE_MS	10000
#define ESWIFI_SEND_PATIENCE_MS		3000

/* The module may refuse to send for a moment (50 ms helped a user). */
#define ESWIFI_SEND_RETRY_MS	50

/* How a connection came to be, and so how it ends. */
enum eswifi_conn_kind {
	ESWIFI_CONN_CLIENT,	/* we connected: P6 */
	ESWIFI_CONN_ACCEPTED,	/* a TCP server's client: P5=10 */
	ESWIFI_CONN_SERVER,	/* a UDP server: P5 */
};

struct eswifi_listener;

/**
 * struct eswifi_conn - one connection
 * @kind: how it came to be
 * @listener: the server whose client it is, NULL when that has ended it; the
 *	worker's
 * @job: serves it on the worker; its reference count is the connection's
 * @protocol: ESWIFI_PROTO_*
 * @port: of the peer; of a UDP server's, that of the last datagram, 0 before
 * @local_port: of a server
 * @host: as asked for
 * @verify: ESWIFI_VERIFY_* in force
 * @cert_set: certificate set
 * @unverified_ok: the caller accepts OPTIONAL on a set without CA
 * @socket: the module's, or -1; the worker's. That of an accepted client is its
 *	server's
 * @ip: address of the peer
 * @verified: the module had what it takes to verify the peer
 * @wait: woken when any of the state below changes
 * @lock: guards @state, @error, @text, @ip, @port, @verified
 * @state: ESWIFI_CONN_*
 * @error: negative errno that ended it
 * @text: what the module said then
 * @closing: its file is gone: send what is left, then end
 * @close_by: jiffies when that ends at the latest
 * @readers: programs asleep in read; with pollers and @read_hint what makes
 *	the worker ask the module for data
 * @read_hint: a reader left little or nothing behind, or data came just now
 * @poll_ms: pause before the module is asked again; the worker's
 * @refused_at: jiffies since when the front of @tx is refused, 0 if it is not;
 *	the worker's
 * @retry_at: jiffies before which the module is not asked again, while it refuses; the
 *	worker's
 * @refusals: how often it was called an error in a row; the worker's
 * @tls_failed: its TLS start has; the worker's
 * @held: what came last and may be the peer's end, or data; the worker's
 * @held_len: bytes in @held; the worker's
 * @held_at: jiffies when it came; the worker's
 * @held_behind: it came right behind data; the worker's
 * @rx: received, not yet read
 * @tx: written, not yet sent
 * @rx_queued: bytes in @rx
 * @tx_queued: bytes in @tx
 * @rx_bytes: received in all
 * @tx_bytes: sent in all
 * @read_mutex: one reader takes from @rx at a time
 */
struct eswifi_conn {
	struct eswifi_job job;
	enum eswifi_conn_kind kind;
	struct eswifi_listener *listener;
	unsigned int protocol;
	unsigned int port;
	unsigned int local_port;
	char host[ESWIFI_HOST_MAX + 1];
	unsigned int verify;
	unsigned int cert_set;
	bool unverified_ok;

	int socket;
	u8 ip[4];
	bool verified;

	wait_queue_head_t wait;
	spinlock_t lock;		/* guards what follows */
	unsigned int state;
	int error;
	char text[ESWIFI_TEXT_SIZE];

	bool closing;
	unsigned long close_by;
	atomic_t readers;
	bool read_hint;
	unsigned int poll_ms;
	unsigned long refused_at;
	unsigned long retry_at;
	unsigned int refusals;
	bool tls_failed;
	u8 held[2];
	size_t held_len;
	unsigned long held_at;
	bool held_behind;

	struct sk_buff_head rx;
	struct sk_buff_head tx;
	atomic_t rx_queued;
	atomic_t tx_queued;
	atomic64_t rx_bytes;
	atomic64_t tx_bytes;
	struct mutex read_mutex;	/* one reader at a time */
};

static inline bool eswifi_conn_is_stream(const struct eswifi_conn *conn)
{
	return conn->protocol != ESWIFI_PROTO_UDP;
}

/* What one S3 may carry. */
static inline size_t eswifi_conn_payload_max(const struct eswifi_conn *conn)
{
	return conn->protocol == ESWIFI_PROTO_TLS ? ESWIFI_TLS_PAYLOAD_MAX : ESWIFI_PAYLOAD_MAX;
}

static inline bool eswifi_conn_has_room(struct eswifi_conn *conn)
{
	return atomic_read(&conn->tx_queued) < ESWIFI_CONN_QUEUE_MAX &&
	       skb_queue_len(&conn->tx) < ESWIFI_CONN_PACKETS_MAX;
}

/* conn_file.c */
extern const struct file_operations eswifi_conn_fops;

/* conn.c */
struct eswifi_conn *eswifi_conn_alloc(struct eswifi *ew, enum eswifi_conn_kind kind,
				      unsigned int protocol, u64 owner);
struct file *eswifi_conn_file(struct eswifi_conn *conn, unsigned int fd_flags);
struct file *eswifi_conn_serve_udp(struct eswifi *ew, const struct eswifi_listen *arg, u64 owner,
				   char *text);
void eswifi_conn_fail(struct eswifi_conn *conn, int error, const char *why);
void eswifi_conn_close(struct eswifi_conn *conn);

/* conn_open.c */
int eswifi_conn_check_link(struct eswifi *ew);
int eswifi_conn_set_read(struct eswifi *ew, int s);
int eswifi_conn_set_peer(struct eswifi_conn *conn);
int eswifi_conn_set_patience(struct eswifi *ew, int ms);
int eswifi_conn_start(struct eswifi_conn *conn);
int eswifi_conn_serve(struct eswifi_conn *conn);
void eswifi_conn_end(struct eswifi_conn *conn);

/* conn_data.c */
int eswifi_conn_send(struct eswifi_conn *conn);
int eswifi_conn_receive(struct eswifi_conn *conn);

/* listen.c */
int eswifi_listener_end_client(struct eswifi_listener *listener);

#endif /* ESWIFI_CONN_H */
