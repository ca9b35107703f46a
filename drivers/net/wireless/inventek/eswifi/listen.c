// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP servers: a socket of the module that listens, and the one client that it
 * serves at a time.
 *
 * Server and client share the socket: the client's connection is made when the
 * module tells of it, waits here to be accepted, and when it ends asks the
 * module for the next (multi-accept, P5=11 and P5=10).
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "conn.h"

/* The module does not come and tell that a client is there: it is asked for messages
 * (MR), ever more rarely.
 */
#define ESWIFI_ACCEPT_MIN_MS	10
#define ESWIFI_ACCEPT_MAX_MS	200

/* Messages get lost. P? knows the client always, but in the moment of an accept it may
 * block the module for 11 s: it is asked after a message and a pause, and rarely
 * without one.
 */
#define ESWIFI_ACCEPT_QUIET_MS	25
#define ESWIFI_ACCEPT_SELDOM_MS	1000

/**
 * struct eswifi_listener - a TCP server
 * @job: serves it on the worker; its reference count is the server's
 * @port: local port
 * @backlog: clients that may wait in the module
 * @socket: the module's, or -1; the worker's
 * @client: the connection that has the socket, NULL if none; the worker's, with
 *	a reference
 * @stale: the module still has a client whose end it has to be told; the worker's
 * @astray: the module takes a connection that we have opened for a client; the worker's
 * @poll_ms: pause before the module is asked again; the worker's
 * @told: eswifi.clients_told when P? was asked last; the worker's
 * @asked: jiffies then; the worker's
 * @ask_ms: pause before it is asked again without a message; the worker's
 * @closing: its file is gone
 * @acceptors: programs asleep in accept
 * @hint: an accept found nobody
 * @wait: woken when a client is there, and when the state changes
 * @lock: guards @state, @error, @text, @ready
 * @state: ESWIFI_CONN_*
 * @error: negative errno that ended it
 * @text: what the module said then
 * @ready: the client, until it is accepted; with a reference of its own
 */
struct eswifi_listener {
	struct eswifi_job job;
	unsigned int port;
	unsigned int backlog;

	int socket;
	struct eswifi_conn *client;
	bool stale;
	bool astray;
	unsigned int poll_ms;
	unsigned int told;
	unsigned long asked;
	unsigned int ask_ms;

	bool closing;
	atomic_t acceptors;
	bool hint;
	wait_queue_head_t wait;
	spinlock_t lock;		/* guards what follows */
	unsigned int state;
	int error;
	char text[ESWIFI_TEXT_SIZE];
	struct eswifi_conn *ready;
};

static void eswifi_listener_set_state(struct eswifi_listener *l, unsigned int state, int error,
				      const char *text)
{
	spin_lock(&l->lock);
	l->state = state;
	l->error = error;
	strscpy(l->text, text ?: "", sizeof(l->text));
	spin_unlock(&l->lock);
	wake_up_interruptible_poll(&l->wait, error ? EPOLLERR | EPOLLHUP : EPOLLIN);
}

static struct eswifi_conn *eswifi_listener_take_ready(struct eswifi_listener *l)
{
	struct eswifi_conn *conn;

	spin_lock(&l->lock);
	conn = l->ready;
	l->ready = NULL;
	spin_unlock(&l->lock);
	return conn;
}

/* ------------------------------------------------------------- the worker */

/* Server and client know each other no more. */
static void eswifi_listener_drop_client(struct eswifi_listener *l)
{
	struct eswifi_conn *client = l->client;

	l->client = NULL;
	client->listener = NULL;
	client->socket = -1;
	eswifi_job_put(&client->job);
	eswifi_job_put(&l->job);
}

static void eswifi_listener_stop(struct eswifi_listener *l)
{
	struct eswifi *ew = l->job.ew;
	int socket = l->socket;

	l->socket = -1;
	eswifi_socket_end(ew, socket);
	eswifi_socket_drop(ew, socket);
}

/* A client may come at any moment from now on. */
static void eswifi_listener_await(struct eswifi_listener *l)
{
	l->told = l->job.ew->clients_told;
	l->asked = jiffies;
	l->ask_ms = ESWIFI_ACCEPT_QUIET_MS;
	l->poll_ms = ESWIFI_ACCEPT_MIN_MS;
}

/* P? shows a client until the module is told to go on to the next. */
static int eswifi_listener_next(struct eswifi_listener *l)
{
	struct eswifi *ew = l->job.ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_select(ew, l->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P5=10");
	l->stale = ret;
	l->astray = false;
	eswifi_listener_await(l);
	return ret;
}

/**
 * eswifi_listener_end_client() - the client's connection has ended
 * @l: the server
 *
 * Only in a job.
 */
int eswifi_listener_end_client(struct eswifi_listener *l)
{
	int ret = 0;

	eswifi_job_get(&l->job);
	eswifi_listener_drop_client(l);
	if (READ_ONCE(l->closing)) {
		eswifi_listener_stop(l);
	} else {
		ret = eswifi_listener_next(l);
		eswifi_job_submit(&l->job, 0);
	}
	eswifi_job_put(&l->job);
	return ret;
}

static void eswifi_listener_lost(struct eswifi_job *job, int error, const char *why)
{
	struct eswifi_listener *l = container_of(job, struct eswifi_listener, job);
	struct eswifi_conn *client = l->client;
	struct eswifi_conn *ready;
	int socket = l->socket;

	l->socket = -1;
	if (client) {
		eswifi_job_get(&client->job);
		eswifi_listener_drop_client(l);
		eswifi_conn_fail(client, error, why);
		eswifi_job_put(&client->job);
	}
	ready = eswifi_listener_take_ready(l);
	if (ready)
		eswifi_job_put(&ready->job);
	eswifi_listener_set_state(l, ESWIFI_CONN_FAILED, error, why);
	eswifi_socket_drop(job->ew, socket);
}

static int eswifi_listener_start(struct eswifi_listener *l)
{
	struct eswifi *ew = l->job.ew;
	char text[ESWIFI_TEXT_SIZE];
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret)
		ret = eswifi_socket_take(ew, &l->job, ESWIFI_PROTO_TCP, eswifi_listener_lost);
	if (ret < 0)
		return ret;
	l->socket = ret;
	/* The one before may not have ended it: a network lost, a user. */
	ret = eswifi_socket_end(ew, l->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%d", ESWIFI_PROTO_TCP);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P2=%u", l->port);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P8=%u", l->backlog);
	/* P5=1 serves one client in its life. */
	if (!ret) {
		ew->sockets[l->socket].serving = true;
		ret = eswifi_at(ew, &reply, "P5=11");
	}
	eswifi_listener_await(l);
	if (ret) {
		/* What that has to say is not why. */
		strscpy(text, ew->text, sizeof(text));
		eswifi_listener_stop(l);
		strscpy(ew->text, text, sizeof(ew->text));
	}
	return ret;
}

/* Somebody's client has come since P? was asked. */
static bool eswifi_listener_is_told(struct eswifi_listener *l)
{
	return l->told != l->job.ew->clients_told;
}

/* May P? be asked? */
static bool eswifi_listener_may_ask(struct eswifi_listener *l)
{
	struct eswifi *ew = l->job.ew;

	if (eswifi_listener_is_told(l))
		return time_after(jiffies, ew->client_told +
				  msecs_to_jiffies(ESWIFI_ACCEPT_QUIET_MS));
	return time_after(jiffies, l->asked + msecs_to_jiffies(l->ask_ms));
}

/* @t: out: the client; return 1 there is one, 0 not, or a negative errno */
static int eswifi_listener_ask(struct eswifi_listener *l, struct eswifi_transport *t)
{
	static const u8 nobody[4];
	struct eswifi *ew = l->job.ew;
	struct eswifi_reply reply;
	int ret;

	/* It comes in front of this very answer, too. */
	ret = eswifi_answered(ew, min(eswifi_message_fetch(ew), 0));
	if (ret)
		return ret;
	if (!eswifi_listener_may_ask(l))
		return 0;
	l->told = ew->clients_told;
	ret = eswifi_select(ew, l->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P?");
	l->asked = jiffies;
	l->ask_ms = min_t(unsigned int, l->ask_ms * 2, ESWIFI_ACCEPT_SELDOM_MS);
	if (ret)
		return eswifi_answered(ew, ret);
	return !eswifi_at_transport(&reply, t) && memcmp(t->client_ip, nobody, sizeof(nobody));
}

/* Is a client there? Then its connection is made. */
static int eswifi_listener_look(struct eswifi_listener *l)
{
	struct eswifi *ew = l->job.ew;
	struct eswifi_transport t;
	struct eswifi_conn *conn;
	int ret;

	WRITE_ONCE(l->hint, false);
	if (l->stale)
		return eswifi_listener_next(l);
	ret = eswifi_listener_ask(l, &t);
	if (ret <= 0)
		return ret;
	/* A server that waits was seen to take a connection that we have just opened for a
	 * client. Whatever was read from or done to that would be done to ours: it is left
	 * alone until ours has ended, and then let go.
	 */
	if (eswifi_socket_is_peer(ew, t.client_ip, t.remote_port)) {
		if (!l->astray)
			dev_info(&ew->dev, "the server at port %u waits for the end of our connection to %pI4:%u\n",
				 l->port, t.client_ip, t.remote_port);
		l->astray = true;
		return 0;
	}
	if (l->astray)
		return eswifi_listener_next(l);

	conn = eswifi_conn_alloc(ew, ESWIFI_CONN_ACCEPTED, ESWIFI_PROTO_TCP, l->job.owner);
	if (!conn)
		return -ENOMEM;
	conn->state = ESWIFI_CONN_OPEN;
	conn->socket = l->socket;
	conn->local_port = l->port;
	conn->port = t.remote_port;
	memcpy(conn->ip, t.client_ip, sizeof(conn->ip));
	conn->listener = l;
	eswifi_job_get(&l->job);
	l->client = conn;
	eswifi_job_get(&conn->job);
	spin_lock(&l->lock);
	l->ready = conn;
	spin_unlock(&l->lock);
	wake_up_interruptible_poll(&l->wait, EPOLLIN | EPOLLRDNORM);
	return 0;
}

static bool eswifi_listener_is_wanted(struct eswifi_listener *l)
{
	return READ_ONCE(l->hint) || atomic_read(&l->acceptors) || wq_has_sleeper(&l->wait);
}

static int eswifi_listener_run(struct eswifi_job *job)
{
	struct eswifi_listener *l = container_of(job, struct eswifi_listener, job);
	struct eswifi *ew = job->ew;
	struct eswifi_conn *ready;
	int ret = 0;

	if (l->state == ESWIFI_CONN_CONNECTING && !READ_ONCE(l->closing)) {
		ret = eswifi_listener_start(l);
		eswifi_listener_set_state(l, ret ? ESWIFI_CONN_FAILED : ESWIFI_CONN_OPEN, ret,
					  ew->text);
	}
	if (l->socket < 0)
		return ret;
	if (eswifi_job_must_rest(job)) {
		eswifi_job_submit(job, ESWIFI_ACCEPT_MAX_MS);
		return 0;
	}
	if (READ_ONCE(l->closing)) {
		/* Whom nobody accepted nobody will. */
		ready = eswifi_listener_take_ready(l);
		if (ready)
			eswifi_conn_close(ready);
		else if (!l->client)
			eswifi_listener_stop(l);
		return 0;
	}
	if (l->client || !eswifi_listener_is_wanted(l))
		return 0;
	ret = eswifi_listener_look(l);
	/* Whoever waits is woken by a client or by the server's end, by no other error. */
	if (l->socket >= 0 && !l->client &&
	    (eswifi_listener_is_wanted(l) || eswifi_listener_is_told(l))) {
		eswifi_job_submit(job, l->poll_ms);
		l->poll_ms = min_t(unsigned int, l->poll_ms * 2, ESWIFI_ACCEPT_MAX_MS);
	}
	return ret;
}

/* --------------------------------------------------------------- the file */

static bool eswifi_listener_has_news(struct eswifi_listener *l)
{
	return READ_ONCE(l->ready) || READ_ONCE(l->state) == ESWIFI_CONN_FAILED;
}

/* Return: the client, with a reference; or an ERR_PTR. */
static struct eswifi_conn *eswifi_listener_wait(struct eswifi_listener *l, bool nowait)
{
	struct eswifi_conn *conn;
	int ret = 0;

	atomic_inc(&l->acceptors);
	for (;;) {
		conn = eswifi_listener_take_ready(l);
		if (conn)
			break;
		if (READ_ONCE(l->state) == ESWIFI_CONN_FAILED)
			ret = READ_ONCE(l->error);
		if (!ret) {
			WRITE_ONCE(l->hint, true);
			ret = eswifi_job_submit(&l->job, 0);
		}
		if (!ret && nowait)
			ret = -EAGAIN;
		if (!ret && wait_event_interruptible(l->wait, eswifi_listener_has_news(l)))
			ret = -ERESTARTSYS;
		if (ret) {
			conn = ERR_PTR(ret);
			break;
		}
	}
	atomic_dec(&l->acceptors);
	return conn;
}

static long eswifi_listener_accept(struct eswifi_listener *l, bool nowait, void __user *arg)
{
	struct eswifi_accept accept;
	struct eswifi_conn *conn;
	struct file *file;
	int ret;

	ret = eswifi_copy_in(&accept, arg, sizeof(accept));
	if (ret)
		return ret;
	if ((accept.fd_flags & ~(O_CLOEXEC | O_NONBLOCK)) ||
	    memchr_inv(accept.reserved, 0, sizeof(accept.reserved)))
		return -EINVAL;
	conn = eswifi_listener_wait(l, nowait);
	if (IS_ERR(conn))
		return PTR_ERR(conn);
	accept.peer_port = conn->port;
	memcpy(&accept.peer_ip, conn->ip, sizeof(accept.peer_ip));
	file = eswifi_conn_file(conn, accept.fd_flags);
	if (IS_ERR(file))
		eswifi_conn_close(conn);
	return eswifi_give_file(file, accept.fd_flags, &accept.fd, &accept, sizeof(accept), arg);
}

static long eswifi_listener_info(struct eswifi_listener *l, void __user *arg)
{
	struct eswifi_conn_info info;
	int ret;

	ret = eswifi_copy_in(&info, arg, sizeof(info));
	if (ret)
		return ret;
	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	info.protocol = ESWIFI_PROTO_TCP;
	info.local_port = l->port;
	info.socket = max(READ_ONCE(l->socket), 0);
	spin_lock(&l->lock);
	info.state = l->state;
	info.error = -l->error;
	memcpy(info.text, l->text, sizeof(info.text));
	spin_unlock(&l->lock);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

static long eswifi_listener_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct eswifi_listener *l = file->private_data;
	void __user *p = (void __user *)arg;

	switch (cmd) {
	case ESWIFI_IOC_ACCEPT:
		return eswifi_listener_accept(l, file->f_flags & O_NONBLOCK, p);
	case ESWIFI_IOC_CONN_INFO:
		return eswifi_listener_info(l, p);
	default:
		return -ENOTTY;
	}
}

static __poll_t eswifi_listener_poll(struct file *file, poll_table *wait)
{
	struct eswifi_listener *l = file->private_data;

	poll_wait(file, &l->wait, wait);
	if (READ_ONCE(l->state) == ESWIFI_CONN_FAILED)
		return EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLHUP;
	if (READ_ONCE(l->ready))
		return EPOLLIN | EPOLLRDNORM;
	eswifi_job_submit(&l->job, 0);
	return 0;
}

static int eswifi_listener_release(struct inode *inode, struct file *file)
{
	struct eswifi_listener *l = file->private_data;

	WRITE_ONCE(l->closing, true);
	eswifi_job_submit(&l->job, 0);
	eswifi_job_put(&l->job);
	return 0;
}

static const struct file_operations eswifi_listener_fops = {
	.owner = THIS_MODULE,
	.poll = eswifi_listener_poll,
	.unlocked_ioctl = eswifi_listener_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = eswifi_listener_release,
};

static void eswifi_listener_free(struct eswifi_job *job)
{
	struct eswifi_listener *l = container_of(job, struct eswifi_listener, job);

	/* Only if the device went before the worker could see to it. */
	if (l->ready)
		eswifi_job_put(&l->ready->job);
	kfree(l);
}

static struct file *eswifi_listen_tcp(struct eswifi *ew, const struct eswifi_listen *arg,
				      u64 owner, char *text)
{
	struct eswifi_listener *l;
	struct file *file;
	int ret;

	l = kzalloc(sizeof(*l), GFP_KERNEL);
	if (!l)
		return ERR_PTR(-ENOMEM);
	l->port = arg->port;
	l->backlog = arg->backlog;
	l->socket = -1;
	l->poll_ms = ESWIFI_ACCEPT_MIN_MS;
	init_waitqueue_head(&l->wait);
	spin_lock_init(&l->lock);
	eswifi_job_init(&l->job, ew, eswifi_listener_run, eswifi_listener_free);
	l->job.owner = owner;
	l->job.patient = true;
	file = anon_inode_getfile("[eswifi-listen]", &eswifi_listener_fops, l,
				  O_RDONLY | (arg->fd_flags & O_NONBLOCK));
	if (IS_ERR(file)) {
		eswifi_job_put(&l->job);
		return file;
	}
	ret = eswifi_job_submit(&l->job, 0);
	if (!ret && wait_for_completion_interruptible(&l->job.done)) {
		ret = -EINTR;
	} else if (!ret) {
		ret = l->job.result;
		memcpy(text, l->job.text, ESWIFI_TEXT_SIZE);
	}
	if (ret) {
		fput(file);
		return ERR_PTR(ret);
	}
	return file;
}

/**
 * eswifi_listen() - start a server
 * @ew: the module
 * @arg: what is asked for; size, flags and reserved fields checked already
 * @owner: file that asks, by eswifi_file.id
 * @text: out: ESWIFI_TEXT_SIZE bytes: what the module said, if it failed
 *
 * Return: the file; or an ERR_PTR, see struct eswifi_listen.
 */
struct file *eswifi_listen(struct eswifi *ew, const struct eswifi_listen *arg, u64 owner,
			   char *text)
{
	bool tcp = arg->protocol == ESWIFI_PROTO_TCP;

	text[0] = '\0';
	if (!tcp && arg->protocol != ESWIFI_PROTO_UDP)
		return ERR_PTR(-EPROTONOSUPPORT);
	if (!arg->port || (tcp ? !arg->backlog || arg->backlog > 6 : arg->backlog))
		return ERR_PTR(-EINVAL);
	return tcp ? eswifi_listen_tcp(ew, arg, owner, text) :
		     eswifi_conn_serve_udp(ew, arg, owner, text);
}
