// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections, from their beginning to their end: what is done when, and what of it
 * programs get to see.
 *
 * Each connection is a job that the worker runs whenever there is something to
 * do: a few packets a turn, so that all of them get theirs.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "conn.h"

#define ESWIFI_PACKETS_A_TURN	4

/* Pause between two questions for data: grows while there is none. */
#define ESWIFI_POLL_MIN_MS	2U
#define ESWIFI_POLL_MAX_MS	50U

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

/* The socket is gone, and with it the connection. */
static void eswifi_conn_lost(struct eswifi_job *job, int error, const char *why)
{
	struct eswifi_conn *conn = container_of(job, struct eswifi_conn, job);
	int socket = conn->socket;

	conn->socket = -1;
	eswifi_conn_set_state(conn, ESWIFI_CONN_FAILED, error, why);
	eswifi_socket_drop(job->ew, socket);
}

/**
 * eswifi_conn_fail() - end a connection with an error
 * @conn: the connection
 * @error: negative errno
 * @why: in words, may be empty
 *
 * Only in a job, or after the worker has ended.
 */
void eswifi_conn_fail(struct eswifi_conn *conn, int error, const char *why)
{
	eswifi_conn_end(conn);
	eswifi_conn_set_state(conn, ESWIFI_CONN_FAILED, error, why);
}

/* ---------------------------------------------------------------- running */

static int eswifi_conn_open_run(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	int ret;

	ret = eswifi_socket_take(ew, &conn->job, conn->protocol, eswifi_conn_lost);
	if (ret >= 0) {
		conn->socket = ret;
		ret = conn->kind == ESWIFI_CONN_SERVER ? eswifi_conn_serve(conn) :
							 eswifi_conn_start(conn);
	}
	if (ret)
		eswifi_conn_fail(conn, ret, ew->text);
	else
		eswifi_conn_set_state(conn, ESWIFI_CONN_OPEN, 0, NULL);
	return ret;
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
	if (ret == -EPIPE) {
		eswifi_conn_set_state(conn, ESWIFI_CONN_EOF, 0, NULL);
		ret = 0;
	}
	if (ret < 0 && conn->socket >= 0)
		eswifi_conn_fail(conn, ret, job->ew->text);

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
