// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections: opening a socket of the module, moving data both ways, closing.
 *
 * Each connection is a job that the worker runs whenever there is something to
 * do: a few packets a turn, so that all of them get theirs.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include <linux/slab.h>

#include "conn.h"

#define ESWIFI_PACKETS_A_TURN	4

/* Pause between two questions for data: grows while there is none. */
#define ESWIFI_POLL_MIN_MS	2U
#define ESWIFI_POLL_MAX_MS	50U

/* How long one R0 may wait for data: the module does nothing else meanwhile. */
#define ESWIFI_R2_MS		1

/* The module may refuse to send for a moment (50 ms helped a user). */
#define ESWIFI_SEND_RETRY_MS	50
#define ESWIFI_SEND_PATIENCE	(5 * HZ)

/* What a closed file left to send gets this long. */
#define ESWIFI_LINGER_MS	10000

static void eswifi_conn_set_state(struct eswifi_conn *conn, unsigned int state, int error,
				  const char *text)
{
	spin_lock(&conn->lock);
	/* What its peer has ended cannot fail any more. */
	if (conn->state < ESWIFI_CONN_EOF) {
		conn->error = error;
		strscpy(conn->text, text ?: "", sizeof(conn->text));
		/* Who sees it sees the error, and the data that came before it. */
		smp_store_release(&conn->state, state);
	}
	spin_unlock(&conn->lock);
	wake_up_interruptible_poll(&conn->wait, EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM |
				   (state == ESWIFI_CONN_EOF ? EPOLLRDHUP : 0) |
				   (error ? EPOLLERR | EPOLLHUP : 0));
}

/* ---------------------------------------------------------------- opening */

/**
 * eswifi_conn_check_link() - is there a network to talk through?
 * @ew: the module
 *
 * Only in a job. Return: 0; -ENETDOWN; or as eswifi_exchange().
 */
int eswifi_conn_check_link(struct eswifi *ew)
{
	struct eswifi_reply reply;
	long joined = 0;
	int ret;

	if (READ_ONCE(ew->link.info.state) == ESWIFI_LINK_UP)
		return 0;
	/* Someone may have joined through the AT channel. */
	ret = eswifi_at(ew, &reply, "CS");
	if (!ret)
		ret = eswifi_at_number(&reply, &joined);
	if (ret && ret != -EREMOTEIO && ret != -EPROTO)
		return ret;
	if (joined == 1)
		return 0;
	strscpy(ew->text, "not joined to a network", sizeof(ew->text));
	return -ENETDOWN;
}

/* The socket is gone, and with it the connection. */
static void eswifi_conn_lost(struct eswifi_job *job, int error)
{
	struct eswifi_conn *conn = container_of(job, struct eswifi_conn, job);
	int socket = conn->socket;

	conn->socket = -1;
	eswifi_conn_set_state(conn, ESWIFI_CONN_FAILED, error, NULL);
	eswifi_socket_drop(job->ew, socket);
}

static int eswifi_conn_resolve(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	const u8 *line;
	size_t len, pos = 0;
	u8 ip[4];
	int ret;

	if (eswifi_at_ipv4(conn->host, strlen(conn->host), ip)) {
		ret = eswifi_at(ew, &reply, "D0=%s", conn->host);
		if (ret)
			return ret == -EREMOTEIO ? -ENOENT : ret;
		if (!eswifi_at_line(&reply, &pos, &line, &len) || eswifi_at_ipv4(line, len, ip))
			return -ENOENT;
	}
	spin_lock(&conn->lock);
	memcpy(conn->ip, ip, sizeof(conn->ip));
	spin_unlock(&conn->lock);
	/* D0 is said to set P3 too; of which socket, nobody says. */
	return eswifi_at(ew, &reply, "P3=%pI4", ip);
}

/* Receive as much as fits, and do not wait for more. */
static int eswifi_conn_set_read(struct eswifi *ew, int s)
{
	struct eswifi_reply reply;
	int ret;

	if (ew->shadow.r1[s] != ESWIFI_PAYLOAD_MAX) {
		ret = eswifi_at(ew, &reply, "R1=%d", ESWIFI_PAYLOAD_MAX);
		if (ret)
			return ret;
		ew->shadow.r1[s] = ESWIFI_PAYLOAD_MAX;
	}
	if (ew->shadow.r2[s] != ESWIFI_R2_MS) {
		ret = eswifi_at(ew, &reply, "R2=%d", ESWIFI_R2_MS);
		if (ret)
			return ret;
		ew->shadow.r2[s] = ESWIFI_R2_MS;
	}
	return 0;
}

/* The order of the application note: protocol, address, port, level, start. */
static int eswifi_conn_start(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	bool tls = conn->protocol == ESWIFI_PROTO_TLS;
	struct eswifi_reply reply;
	bool verified = false;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret && tls)
		ret = eswifi_cert_usable(ew, conn->cert_set, conn->verify, conn->unverified_ok,
					 &verified);
	if (!ret && tls)
		ret = eswifi_cert_select(ew, conn->cert_set);
	if (!ret)
		ret = eswifi_select(ew, conn->socket);
	/* Whoever had the socket before may not have ended it: a network lost, a user. */
	if (!ret) {
		ret = eswifi_at(ew, &reply, "P6=0");
		if (ret == -EREMOTEIO) {
			ew->text[0] = '\0';
			ret = 0;
		}
	}
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%u", conn->protocol);
	if (!ret)
		ret = eswifi_conn_resolve(conn);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P4=%u", conn->port);
	if (!ret && tls)
		ret = eswifi_cert_verify(ew, conn->verify);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	if (ret || READ_ONCE(conn->closing))
		return ret;

	ret = eswifi_at(ew, &reply, "P6=1");
	if (ret == -EREMOTEIO)
		return -ECONNREFUSED;
	if (!ret) {
		spin_lock(&conn->lock);
		conn->verified = verified;
		spin_unlock(&conn->lock);
	}
	return ret;
}

/* Datagrams are received from now on; their senders are asked for one by one. */
static int eswifi_conn_serve(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret)
		ret = eswifi_select(ew, conn->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%u", conn->protocol);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P2=%u", conn->local_port);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P5=1");
	return ret;
}

/* Ends the module's socket, whatever it says to that; it may be ended already. */
static void eswifi_conn_end(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	char text[ESWIFI_TEXT_SIZE];
	struct eswifi_reply reply;
	int socket = conn->socket;

	if (socket < 0)
		return;
	/* The reason for the end is worth more than what this has to say. */
	strscpy(text, ew->text, sizeof(text));
	conn->socket = -1;
	if (conn->kind == ESWIFI_CONN_ACCEPTED) {
		eswifi_listener_end_client(conn->listener);
	} else {
		if (!eswifi_select(ew, socket))
			eswifi_at(ew, &reply, "P%d=0", conn->kind == ESWIFI_CONN_SERVER ? 5 : 6);
		eswifi_socket_drop(ew, socket);
	}
	strscpy(ew->text, text, sizeof(ew->text));
}

/**
 * eswifi_conn_fail() - end a connection with an error
 * @conn: the connection
 * @error: negative errno
 *
 * Only in a job, or after the worker has ended.
 */
void eswifi_conn_fail(struct eswifi_conn *conn, int error)
{
	eswifi_conn_end(conn);
	eswifi_conn_set_state(conn, ESWIFI_CONN_FAILED, error, conn->job.ew->text);
}

static int eswifi_conn_open_run(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	int ret;

	ret = eswifi_socket_take(ew, &conn->job, conn->protocol, eswifi_conn_lost);
	if (ret >= 0) {
		conn->socket = ret;
		ew->sockets[ret].server = conn->kind == ESWIFI_CONN_SERVER;
		ret = conn->kind == ESWIFI_CONN_SERVER ? eswifi_conn_serve(conn) :
							 eswifi_conn_start(conn);
	}
	if (ret)
		eswifi_conn_fail(conn, ret);
	else
		eswifi_conn_set_state(conn, ESWIFI_CONN_OPEN, 0, NULL);
	return ret;
}

/* ----------------------------------------------------------------- moving */

/* Return: 1 something was sent, 0 not now, negative: it is over. */
static int eswifi_conn_send(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct sk_buff *skb = eswifi_peek(&conn->tx);
	struct eswifi_reply reply;
	long sent;
	int ret;

	if (!skb)
		return 0;
	ret = eswifi_select(ew, conn->socket);
	if (!ret)
		ret = eswifi_at_data(ew, &reply, skb->data, skb->len, "S3=%04u", skb->len);
	if (!ret)
		ret = eswifi_at_number(&reply, &sent);
	if (!ret && sent < 0)
		ret = -EREMOTEIO;
	if (ret) {
		eswifi_count(ew, ESWIFI_STAT_TX_ERRORS, 1);
		return ret == -EREMOTEIO ? -ECONNRESET : ret;
	}
	if (!sent) {
		if (!conn->refused_at)
			conn->refused_at = jiffies | 1;
		if (time_after(jiffies, conn->refused_at + ESWIFI_SEND_PATIENCE))
			return -ETIMEDOUT;
		return 0;
	}

	conn->refused_at = 0;
	/* A datagram goes whole or not at all; the module cut this one. */
	sent = min_t(long, sent, skb->len);
	eswifi_count(ew, ESWIFI_STAT_TX_BYTES, sent);
	eswifi_count(ew, ESWIFI_STAT_TX_PACKETS, 1);
	atomic64_add(sent, &conn->tx_bytes);
	if (!eswifi_conn_is_stream(conn))
		sent = skb->len;
	atomic_sub(sent, &conn->tx_queued);
	if (sent == skb->len) {
		skb_unlink(skb, &conn->tx);
		kfree_skb(skb);
	} else {
		skb_pull(skb, sent);
	}
	wake_up_interruptible_poll(&conn->wait, EPOLLOUT | EPOLLWRNORM);
	return 1;
}

/* Firmware that adds a CR LF to an empty answer adds one to a datagram's, too. */
static size_t eswifi_conn_payload_len(struct eswifi_conn *conn, const struct eswifi_reply *reply)
{
	size_t len = reply->body_len;

	if (conn->job.ew->firmware.pads_empty &&
	    (len == 2 || !eswifi_conn_is_stream(conn)) &&
	    len >= 2 && !memcmp(reply->body + len - 2, "\r\n", 2))
		len -= 2;
	return len;
}

/* Whose datagram came last: answers go there. */
static int eswifi_conn_learn_peer(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_transport t;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "P?");
	if (ret)
		return ret == -EREMOTEIO ? 0 : ret;
	if (eswifi_at_transport(&reply, &t))
		return 0;
	spin_lock(&conn->lock);
	memcpy(conn->ip, t.host_ip, sizeof(conn->ip));
	conn->port = t.remote_port;
	spin_unlock(&conn->lock);
	return 0;
}

/* Return: 1 something came, 0 nothing, negative: it is over. */
static int eswifi_conn_receive(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	struct sk_buff *skb;
	size_t len;
	int ret;

	WRITE_ONCE(conn->read_hint, false);
	ret = eswifi_select(ew, conn->socket);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	if (!ret) {
		memcpy(ew->bus.tx, "R0\r", 3);
		ret = eswifi_exchange(ew, 3, &reply);
	}
	/* However the peer ended it, all the module says is -1 (8 #14). */
	if (ret == -EREMOTEIO && reply.body_len >= 2 && !memcmp(reply.body, "-1", 2)) {
		eswifi_conn_set_state(conn, ESWIFI_CONN_EOF, 0, NULL);
		return 0;
	}
	if (ret) {
		eswifi_count(ew, ESWIFI_STAT_RX_ERRORS, 1);
		return ret == -EREMOTEIO ? -ECONNRESET : ret;
	}

	len = eswifi_conn_payload_len(conn, &reply);
	if (!len) {
		eswifi_count(ew, ESWIFI_STAT_EMPTY_POLLS, 1);
		return 0;
	}
	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb) {
		eswifi_count(ew, ESWIFI_STAT_RX_DROPPED, 1);
		return -ENOMEM;
	}
	skb_put_data(skb, reply.body, len);
	if (conn->kind == ESWIFI_CONN_SERVER) {
		ret = eswifi_conn_learn_peer(conn);
		if (ret) {
			eswifi_count(ew, ESWIFI_STAT_RX_DROPPED, 1);
			kfree_skb(skb);
			return ret;
		}
	}
	/* More may follow: have it ready, until the queue is full or nothing comes. */
	WRITE_ONCE(conn->read_hint, true);
	atomic_add(len, &conn->rx_queued);
	atomic64_add(len, &conn->rx_bytes);
	eswifi_count(ew, ESWIFI_STAT_RX_BYTES, len);
	eswifi_count(ew, ESWIFI_STAT_RX_PACKETS, 1);
	skb_queue_tail(&conn->rx, skb);
	wake_up_interruptible_poll(&conn->wait, EPOLLIN | EPOLLRDNORM);
	return 1;
}

/* Someone wants data, and there is room for it. */
static bool eswifi_conn_wants_data(struct eswifi_conn *conn)
{
	if (conn->state != ESWIFI_CONN_OPEN ||
	    atomic_read(&conn->rx_queued) >= ESWIFI_CONN_QUEUE_MAX ||
	    skb_queue_len(&conn->rx) >= ESWIFI_CONN_PACKETS_MAX)
		return false;
	return READ_ONCE(conn->read_hint) || atomic_read(&conn->readers) ||
	       wq_has_sleeper(&conn->wait);
}

static int eswifi_conn_run(struct eswifi_job *job)
{
	struct eswifi_conn *conn = container_of(job, struct eswifi_conn, job);
	bool closing = smp_load_acquire(&conn->closing); /* then close_by holds */
	bool hungry, received = false;
	unsigned int delay = UINT_MAX;
	int turn, sent, ret = 0;

	if (conn->state == ESWIFI_CONN_CONNECTING && !closing)
		ret = eswifi_conn_open_run(conn);
	if (conn->socket < 0)
		return ret;
	if (eswifi_job_must_rest(job)) {
		eswifi_job_submit(job, ESWIFI_POLL_MAX_MS);
		return 0;
	}

	/* One packet out, one in: a peer that answers as it reads stops reading
	 * when its answers are not taken, and the module waits for it in S3 then.
	 */
	hungry = !closing && eswifi_conn_wants_data(conn);
	for (turn = 0; turn < ESWIFI_PACKETS_A_TURN && conn->state == ESWIFI_CONN_OPEN; turn++) {
		sent = eswifi_conn_send(conn);
		ret = min(sent, 0);
		if (!ret && hungry) {
			ret = eswifi_conn_receive(conn);
			hungry = ret > 0 && eswifi_conn_wants_data(conn);
			received |= ret > 0;
		}
		if (ret < 0 || (sent <= 0 && !hungry))
			break;
	}

	if (ret >= 0 && conn->state == ESWIFI_CONN_OPEN) {
		if (!skb_queue_empty(&conn->tx))
			delay = conn->refused_at ? ESWIFI_SEND_RETRY_MS : 0;
		if (!closing && eswifi_conn_wants_data(conn)) {
			conn->poll_ms = received ? ESWIFI_POLL_MIN_MS :
						   min(conn->poll_ms * 2, ESWIFI_POLL_MAX_MS);
			delay = min(delay, received ? 0 : conn->poll_ms);
		}
	}
	if (ret < 0 && conn->socket >= 0)
		eswifi_conn_fail(conn, ret);

	if (closing && (conn->state != ESWIFI_CONN_OPEN || skb_queue_empty(&conn->tx) ||
			time_after(jiffies, conn->close_by)))
		eswifi_conn_end(conn);
	if (delay != UINT_MAX && conn->socket >= 0)
		eswifi_job_submit(job, delay);
	return min(ret, 0);
}

/* ----------------------------------------------------------- life and end */

static void eswifi_conn_free(struct eswifi_job *job)
{
	struct eswifi_conn *conn = container_of(job, struct eswifi_conn, job);

	eswifi_count(job->ew, ESWIFI_STAT_TX_DROPPED, skb_queue_len(&conn->tx));
	skb_queue_purge(&conn->rx);
	skb_queue_purge(&conn->tx);
	mutex_destroy(&conn->read_mutex);
	kfree(conn);
}

/**
 * eswifi_conn_close() - the program has closed its file
 * @conn: the connection; the caller's reference is gone afterwards
 */
void eswifi_conn_close(struct eswifi_conn *conn)
{
	conn->close_by = jiffies + msecs_to_jiffies(ESWIFI_LINGER_MS);
	/* With it close_by is seen. */
	smp_store_release(&conn->closing, true);
	eswifi_job_submit(&conn->job, 0);
	eswifi_job_put(&conn->job);
}

static int eswifi_conn_check(struct eswifi *ew, const struct eswifi_connect *arg)
{
	size_t len = strnlen(arg->host, sizeof(arg->host));
	bool tls = arg->protocol == ESWIFI_PROTO_TLS;

	if (arg->protocol != ESWIFI_PROTO_TCP && arg->protocol != ESWIFI_PROTO_UDP && !tls)
		return -EPROTONOSUPPORT;
	if (!arg->port || eswifi_at_check_host(arg->host, len, ESWIFI_HOST_MAX))
		return -EINVAL;
	if (arg->verify != ESWIFI_VERIFY_DEFAULT &&
	    arg->verify > (tls ? ESWIFI_VERIFY_REQUIRED : ESWIFI_VERIFY_NONE))
		return -EINVAL;
	if (arg->cert_set != ESWIFI_CERT_SET_DEFAULT &&
	    arg->cert_set >= (tls ? eswifi_cert_sets(ew) : 1))
		return -EINVAL;
	return 0;
}

/**
 * eswifi_conn_alloc() - a connection with nothing behind it yet
 * @ew: the module
 * @kind: how it comes to be
 * @protocol: ESWIFI_PROTO_*
 * @owner: file that asked for it, by eswifi_file.id
 *
 * Return: the connection, with one reference on its job; or NULL.
 */
struct eswifi_conn *eswifi_conn_alloc(struct eswifi *ew, enum eswifi_conn_kind kind,
				      unsigned int protocol, u64 owner)
{
	struct eswifi_conn *conn;

	conn = kzalloc(sizeof(*conn), GFP_KERNEL);
	if (!conn)
		return NULL;
	conn->kind = kind;
	conn->protocol = protocol;
	conn->socket = -1;
	conn->poll_ms = ESWIFI_POLL_MIN_MS;
	init_waitqueue_head(&conn->wait);
	spin_lock_init(&conn->lock);
	skb_queue_head_init(&conn->rx);
	skb_queue_head_init(&conn->tx);
	mutex_init(&conn->read_mutex);
	eswifi_job_init(&conn->job, ew, eswifi_conn_run, eswifi_conn_free);
	conn->job.owner = owner;
	conn->job.patient = true;
	return conn;
}

/**
 * eswifi_conn_file() - the file of a connection
 * @conn: the connection; its reference becomes the file's
 * @fd_flags: O_NONBLOCK is taken
 *
 * Return: the file, whose release ends the connection; or an ERR_PTR, and the
 * reference is the caller's still.
 */
struct file *eswifi_conn_file(struct eswifi_conn *conn, unsigned int fd_flags)
{
	struct file *file;

	file = anon_inode_getfile("[eswifi-conn]", &eswifi_conn_fops, conn,
				  O_RDWR | (fd_flags & O_NONBLOCK));
	if (!IS_ERR(file)) {
		file->f_mode |= FMODE_NOWAIT;
		stream_open(file_inode(file), file);
	}
	return file;
}

/* Starts the connection and makes its file; waits for its end unless O_NONBLOCK. */
static struct file *eswifi_conn_begin(struct eswifi_conn *conn, unsigned int fd_flags, char *text)
{
	struct file *file;
	int ret;

	file = eswifi_conn_file(conn, fd_flags);
	if (IS_ERR(file)) {
		eswifi_job_put(&conn->job);
		return file;
	}
	/* From here on closing the file ends the connection, however far it got. */
	ret = eswifi_job_submit(&conn->job, 0);
	if (!ret && !(fd_flags & O_NONBLOCK)) {
		if (wait_for_completion_interruptible(&conn->job.done)) {
			ret = -EINTR;
		} else {
			ret = conn->job.result;
			memcpy(text, conn->job.text, ESWIFI_TEXT_SIZE);
		}
	}
	if (ret) {
		fput(file);
		return ERR_PTR(ret);
	}
	return file;
}

/**
 * eswifi_conn_open() - open a connection
 * @ew: the module
 * @arg: what is asked for; size, flags and reserved fields checked already
 * @owner: file that asks, by eswifi_file.id
 * @text: out: ESWIFI_TEXT_SIZE bytes: what the module said, if it failed
 *
 * Waits for the end of the connecting unless @arg wants O_NONBLOCK.
 *
 * Return: the file; or an ERR_PTR, see struct eswifi_connect.
 */
struct file *eswifi_conn_open(struct eswifi *ew, const struct eswifi_connect *arg, u64 owner,
			      char *text)
{
	struct eswifi_conn *conn;
	int ret;

	text[0] = '\0';
	ret = eswifi_conn_check(ew, arg);
	if (ret)
		return ERR_PTR(ret);
	conn = eswifi_conn_alloc(ew, ESWIFI_CONN_CLIENT, arg->protocol, owner);
	if (!conn)
		return ERR_PTR(-ENOMEM);
	conn->port = arg->port;
	strscpy(conn->host, arg->host, sizeof(conn->host));
	if (arg->protocol == ESWIFI_PROTO_TLS) {
		mutex_lock(&ew->config_lock);
		conn->verify = arg->verify == ESWIFI_VERIFY_DEFAULT ? ew->cert.mode : arg->verify;
		conn->cert_set = arg->cert_set == ESWIFI_CERT_SET_DEFAULT ? ew->cert.set :
									     arg->cert_set;
		mutex_unlock(&ew->config_lock);
	}
	conn->unverified_ok = arg->flags & ESWIFI_CONNECT_UNVERIFIED_OK;
	return eswifi_conn_begin(conn, arg->fd_flags, text);
}

/**
 * eswifi_conn_serve_udp() - start a UDP server
 * @ew: the module
 * @arg: what is asked for, checked
 * @owner: file that asks, by eswifi_file.id
 * @text: out: ESWIFI_TEXT_SIZE bytes: what the module said, if it failed
 *
 * Return: the file; or an ERR_PTR, see struct eswifi_listen.
 */
struct file *eswifi_conn_serve_udp(struct eswifi *ew, const struct eswifi_listen *arg, u64 owner,
				   char *text)
{
	struct eswifi_conn *conn;

	conn = eswifi_conn_alloc(ew, ESWIFI_CONN_SERVER, ESWIFI_PROTO_UDP, owner);
	if (!conn)
		return ERR_PTR(-ENOMEM);
	conn->local_port = arg->port;
	return eswifi_conn_begin(conn, arg->fd_flags, text);
}
