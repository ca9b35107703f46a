// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file of a connection: read, write, poll, close and what it is.
 */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include "conn.h"

static bool eswifi_conn_readable(struct eswifi_conn *conn)
{
	return !skb_queue_empty(&conn->rx) || READ_ONCE(conn->state) == ESWIFI_CONN_EOF ||
	       READ_ONCE(conn->state) == ESWIFI_CONN_FAILED;
}

static int eswifi_conn_ask(struct eswifi_conn *conn)
{
	WRITE_ONCE(conn->read_hint, true);
	return eswifi_job_submit(&conn->job, 0);
}

/* Empty: end of stream, the error that ended it, or ask the module for more. */
static ssize_t eswifi_conn_no_data(struct eswifi_conn *conn, unsigned int state)
{
	if (state == ESWIFI_CONN_FAILED)
		return READ_ONCE(conn->error);
	if (state == ESWIFI_CONN_EOF)
		return 0;
	return eswifi_conn_ask(conn) ?: -EAGAIN;
}

/* Return: bytes given to the reader, at least one of them; or a negative errno. */
static ssize_t eswifi_conn_take(struct eswifi_conn *conn, struct iov_iter *to)
{
	bool stream = eswifi_conn_is_stream(conn);
	struct sk_buff *skb;
	ssize_t done = 0;

	while (iov_iter_count(to) && (skb = eswifi_peek(&conn->rx))) {
		size_t n = min_t(size_t, skb->len, iov_iter_count(to));
		size_t copied = copy_to_iter(skb->data, n, to);

		/* What could not be copied stays for the next read. */
		if (!copied || (copied < n && !stream))
			return done ?: -EFAULT;
		done += copied;
		if (stream && copied < skb->len) {
			skb_pull(skb, copied);
			atomic_sub(copied, &conn->rx_queued);
			if (copied < n)
				break;
			continue;
		}
		atomic_sub(skb->len, &conn->rx_queued);
		skb_unlink(skb, &conn->rx);
		kfree_skb(skb);
		if (!stream)
			break;
	}
	return done;
}

static ssize_t eswifi_conn_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct eswifi_conn *conn = iocb->ki_filp->private_data;
	bool nowait = (iocb->ki_flags & IOCB_NOWAIT) || (iocb->ki_filp->f_flags & O_NONBLOCK);
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (!nowait) {
		if (mutex_lock_interruptible(&conn->read_mutex))
			return -ERESTARTSYS;
	} else if (!mutex_trylock(&conn->read_mutex)) {
		return -EAGAIN;
	}

	atomic_inc(&conn->readers);
	for (;;) {
		/* Before the queue: what came before the end is not missed. */
		unsigned int state = smp_load_acquire(&conn->state);

		if (!skb_queue_empty(&conn->rx)) {
			ret = eswifi_conn_take(conn, to);
			/* Who reads will read on: have it ready. */
			if (state == ESWIFI_CONN_OPEN &&
			    atomic_read(&conn->rx_queued) < ESWIFI_CONN_QUEUE_LOW)
				eswifi_conn_ask(conn);
			break;
		}
		ret = eswifi_conn_no_data(conn, state);
		if (ret != -EAGAIN || nowait)
			break;
		if (wait_event_interruptible(conn->wait, eswifi_conn_readable(conn))) {
			ret = -ERESTARTSYS;
			break;
		}
	}
	atomic_dec(&conn->readers);
	mutex_unlock(&conn->read_mutex);
	return ret;
}

/* Return: 0 there is room; -EAGAIN none; or why nothing can be sent any more. */
static int eswifi_conn_writable(struct eswifi_conn *conn)
{
	/* Whoever sees FAILED sees its error. */
	switch (smp_load_acquire(&conn->state)) {
	case ESWIFI_CONN_FAILED:
		return READ_ONCE(conn->error);
	case ESWIFI_CONN_EOF:
		return -EPIPE;
	case ESWIFI_CONN_OPEN:
		return eswifi_conn_has_room(conn) ? 0 : -EAGAIN;
	default:
		return -EAGAIN;
	}
}

static ssize_t eswifi_conn_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct eswifi_conn *conn = iocb->ki_filp->private_data;
	bool nowait = (iocb->ki_flags & IOCB_NOWAIT) || (iocb->ki_filp->f_flags & O_NONBLOCK);
	ssize_t done = 0;
	int ret = 0;

	if (!eswifi_conn_is_stream(conn)) {
		if (iov_iter_count(from) > ESWIFI_PAYLOAD_MAX)
			return -EMSGSIZE;
		/* The module has no way to send an empty datagram. */
		if (!iov_iter_count(from))
			return -EINVAL;
		if (conn->kind == ESWIFI_CONN_SERVER && !READ_ONCE(conn->port))
			return -ENOTCONN;
	}

	while (iov_iter_count(from)) {
		size_t n = min_t(size_t, iov_iter_count(from),
				 eswifi_conn_payload_max(conn));
		struct sk_buff *skb;

		ret = eswifi_conn_writable(conn);
		if (ret == -EAGAIN && !nowait) {
			ret = wait_event_interruptible(conn->wait,
						       eswifi_conn_writable(conn) != -EAGAIN);
			if (!ret)
				continue;
		}
		if (ret)
			break;
		skb = alloc_skb(n, GFP_KERNEL);
		if (!skb) {
			ret = -ENOMEM;
			break;
		}
		if (!copy_from_iter_full(skb_put(skb, n), n, from)) {
			kfree_skb(skb);
			ret = -EFAULT;
			break;
		}
		atomic_add(n, &conn->tx_queued);
		skb_queue_tail(&conn->tx, skb);
		done += n;
		ret = eswifi_job_submit(&conn->job, 0);
		if (ret)
			break;
	}
	return done ?: ret;
}

static __poll_t eswifi_conn_poll(struct file *file, poll_table *wait)
{
	struct eswifi_conn *conn = file->private_data;
	unsigned int state;
	__poll_t mask = 0;

	poll_wait(file, &conn->wait, wait);

	/* Before the queue: what came before the end is not missed. */
	state = smp_load_acquire(&conn->state);
	switch (state) {
	case ESWIFI_CONN_OPEN:
		if (eswifi_conn_has_room(conn))
			mask |= EPOLLOUT | EPOLLWRNORM;
		break;
	case ESWIFI_CONN_EOF:
		/* A write need not wait either: it fails. */
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP | EPOLLOUT | EPOLLWRNORM;
		break;
	case ESWIFI_CONN_FAILED:
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLERR | EPOLLHUP;
		break;
	}
	if (!skb_queue_empty(&conn->rx))
		mask |= EPOLLIN | EPOLLRDNORM;
	else if (!(mask & EPOLLIN) && (poll_requested_events(wait) & EPOLLIN))
		eswifi_conn_no_data(conn, state);
	return mask;
}

static long eswifi_conn_info(struct eswifi_conn *conn, void __user *arg)
{
	struct eswifi_conn_info info = {};
	u32 size;

	if (get_user(size, (u32 __user *)arg))
		return -EFAULT;
	if (size != sizeof(info))
		return -EINVAL;
	info.size = size;
	info.protocol = conn->protocol;
	info.local_port = conn->local_port;
	info.verify = conn->verify;
	info.cert_set = conn->cert_set;
	info.socket = max(READ_ONCE(conn->socket), 0);
	spin_lock(&conn->lock);
	info.state = conn->state;
	info.error = -conn->error;
	info.peer_verified = conn->verified;
	info.remote_port = conn->port;
	memcpy(&info.remote_ip, conn->ip, sizeof(info.remote_ip));
	memcpy(info.text, conn->text, sizeof(info.text));
	spin_unlock(&conn->lock);
	info.rx_bytes = atomic64_read(&conn->rx_bytes);
	info.tx_bytes = atomic64_read(&conn->tx_bytes);
	return copy_to_user(arg, &info, sizeof(info)) ? -EFAULT : 0;
}

/* Bytes that a read can give: of datagrams, the first one's. */
static int eswifi_conn_next(struct eswifi_conn *conn)
{
	unsigned long flags;
	struct sk_buff *skb;
	int n;

	if (eswifi_conn_is_stream(conn))
		return atomic_read(&conn->rx_queued);
	spin_lock_irqsave(&conn->rx.lock, flags);
	skb = skb_peek(&conn->rx);
	n = skb ? skb->len : 0;
	spin_unlock_irqrestore(&conn->rx.lock, flags);
	return n;
}

static long eswifi_conn_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct eswifi_conn *conn = file->private_data;

	switch (cmd) {
	case ESWIFI_IOC_CONN_INFO:
		return eswifi_conn_info(conn, (void __user *)arg);
	case FIONREAD:
		return put_user(eswifi_conn_next(conn), (int __user *)arg);
	default:
		return -ENOTTY;
	}
}

static int eswifi_conn_release(struct inode *inode, struct file *file)
{
	eswifi_conn_close(file->private_data);
	return 0;
}

const struct file_operations eswifi_conn_fops = {
	.owner = THIS_MODULE,
	.read_iter = eswifi_conn_read_iter,
	.write_iter = eswifi_conn_write_iter,
	.poll = eswifi_conn_poll,
	.unlocked_ioctl = eswifi_conn_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = eswifi_conn_release,
};
