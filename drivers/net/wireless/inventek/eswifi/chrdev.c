// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/eswifiN: raw AT commands, each file with its own replies.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "chrdev.h"

/* What the buffer of a reply holds beside it: the error if there is no reply. */
struct eswifi_reply_cb {
	int error;
};

static struct eswifi_reply_cb *eswifi_cb(struct sk_buff *skb)
{
	return (struct eswifi_reply_cb *)skb->cb;
}

/* C? shows the passphrase, and there are more of its kind. */
static void eswifi_reply_free(struct sk_buff *skb)
{
	memzero_explicit(skb->head, skb_end_offset(skb));
	kfree_skb(skb);
}

static void eswifi_file_free(struct kref *ref)
{
	struct eswifi_file *f = container_of(ref, struct eswifi_file, ref);
	struct sk_buff *skb;

	while ((skb = skb_dequeue(&f->replies)))
		eswifi_reply_free(skb);
	skb_queue_purge(&f->messages);
	mutex_destroy(&f->read_mutex);
	put_device(&f->ew->dev);
	kfree(f);
}

/**
 * eswifi_file_set_error() - keep why a request failed, for ESWIFI_IOC_LAST_ERROR
 * @f: the file that asked
 * @error: 0 or a negative errno
 * @text: what there is to say, or NULL
 */
void eswifi_file_set_error(struct eswifi_file *f, int error, const char *text)
{
	spin_lock(&f->lock);
	f->last.error = -error;
	strscpy_pad(f->last.text, text ?: "", sizeof(f->last.text));
	spin_unlock(&f->lock);
}

static int eswifi_open(struct inode *inode, struct file *file)
{
	struct eswifi *ew = container_of(inode->i_cdev, struct eswifi, cdev);
	struct eswifi_file *f;

	if (READ_ONCE(ew->gone))
		return -ENODEV;
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->ew = ew;
	f->id = atomic64_inc_return(&ew->files);
	get_device(&ew->dev);
	INIT_LIST_HEAD(&f->subscriber);
	skb_queue_head_init(&f->messages);
	kref_init(&f->ref);
	skb_queue_head_init(&f->replies);
	mutex_init(&f->read_mutex);
	spin_lock_init(&f->lock);
	file->private_data = f;
	return stream_open(inode, file);
}

static int eswifi_close(struct inode *inode, struct file *file)
{
	struct eswifi_file *f = file->private_data;

	eswifi_exclusive_drop(f);
	eswifi_message_unsubscribe(f);
	kref_put(&f->ref, eswifi_file_free);
	return 0;
}

/* ------------------------------------------------------------ AT commands */

/**
 * struct eswifi_command - one command on its way
 * @job: its job
 * @file: who asked; the command holds a reference
 * @answer: where the reply goes; queued in @file when the job has run
 * @len: bytes of @text
 * @text: the command, with its CR
 */
struct eswifi_command {
	struct eswifi_job job;
	struct eswifi_file *file;
	struct sk_buff *answer;
	size_t len;
	u8 text[];
};

/* The module's reply as it came; or, if there is none, why. */
static void eswifi_command_answer(struct eswifi_command *c, const struct eswifi_reply *reply,
				  int error)
{
	struct eswifi_file *f = c->file;
	struct sk_buff *skb;

	/* Made when the command was: there is always a place for an error. */
	skb = c->answer;
	c->answer = NULL;
	if (!error && pskb_expand_head(skb, 0, reply->all_len, GFP_KERNEL))
		error = -ENOMEM;
	if (!error)
		skb_put_data(skb, reply->all, reply->all_len);
	eswifi_cb(skb)->error = error;
	skb_queue_tail(&f->replies, skb);
	wake_up_interruptible_poll(&f->ew->wait, EPOLLIN | EPOLLRDNORM);
}

static int eswifi_command_run(struct eswifi_job *job)
{
	struct eswifi_command *c = container_of(job, struct eswifi_command, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	int ret;

	memcpy(ew->bus.tx, c->text, c->len);
	ret = eswifi_exchange(ew, c->len, &reply);
	/* Refused, it serves no more than before. */
	if ((!ret || ret == -EBADMSG) && eswifi_at_serves(c->text, c->len))
		ew->user_serves = true;
	/* Nobody knows what a user's command has changed. */
	eswifi_forget(ew);
	eswifi_file_set_error(c->file, ret, ew->text);
	/* That the module said ERROR, or something of its own, is an answer too. */
	eswifi_command_answer(c, &reply, eswifi_answered(ew, ret));
	memzero_explicit(ew->bus.rx, ESWIFI_RX_SIZE);
	return ret;
}

static void eswifi_command_free(struct eswifi_job *job)
{
	struct eswifi_command *c = container_of(job, struct eswifi_command, job);

	kfree_skb(c->answer);
	kref_put(&c->file->ref, eswifi_file_free);
	/* It may have held a passphrase. */
	kfree_sensitive(c);
}

static bool eswifi_file_reserve(struct eswifi_file *f)
{
	return atomic_add_unless(&f->commands, 1, ESWIFI_FILE_COMMANDS);
}

static void eswifi_file_unreserve(struct eswifi_file *f)
{
	atomic_dec(&f->commands);
	wake_up_interruptible_poll(&f->ew->wait, EPOLLOUT | EPOLLWRNORM);
}

static struct eswifi_command *eswifi_command_alloc(struct eswifi_file *f,
						   const char __user *buf, size_t count)
{
	struct eswifi_command *c;
	size_t used;
	int ret;

	c = kzalloc(struct_size(c, text, count + 1), GFP_KERNEL);
	if (!c)
		return ERR_PTR(-ENOMEM);
	ret = -EFAULT;
	if (copy_from_user(c->text, buf, count))
		goto err_free;
	ret = eswifi_at_check_user(c->text, count,
				   READ_ONCE(f->allowed) & ESWIFI_ALLOW_PG, &used);
	if (ret)
		goto err_free;
	/* Where a payload follows, the CR stands before it already. */
	if (!memchr(c->text, '\r', used))
		c->text[used++] = '\r';
	c->len = used;
	ret = -ENOMEM;
	c->answer = alloc_skb(0, GFP_KERNEL);
	if (!c->answer)
		goto err_free;
	c->file = f;
	kref_get(&f->ref);
	eswifi_job_init(&c->job, f->ew, eswifi_command_run, eswifi_command_free);
	c->job.owner = f->id;
	return c;

err_free:
	kfree_sensitive(c);
	return ERR_PTR(ret);
}

static ssize_t eswifi_write(struct file *file, const char __user *buf, size_t count,
			    loff_t *ppos)
{
	struct eswifi_file *f = file->private_data;
	struct eswifi *ew = f->ew;
	struct eswifi_command *c;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (count > ESWIFI_TX_SIZE)
		return -EMSGSIZE;
	c = eswifi_command_alloc(f, buf, count);
	if (IS_ERR(c))
		return PTR_ERR(c);

	ret = 0;
	if (!eswifi_file_reserve(f)) {
		bool reserved = false;

		if (file->f_flags & O_NONBLOCK)
			ret = -EAGAIN;
		else
			ret = wait_event_interruptible(ew->wait, READ_ONCE(ew->gone) ||
						       (reserved = eswifi_file_reserve(f)));
		if (!ret && !reserved)
			ret = -ENODEV;
	}
	if (!ret) {
		ret = eswifi_job_submit(&c->job, 0);
		if (ret)
			eswifi_file_unreserve(f);
	}
	eswifi_job_put(&c->job);
	return ret ?: count;
}

static ssize_t eswifi_take_reply(struct eswifi_file *f, char __user *buf, size_t count)
{
	struct sk_buff *skb = eswifi_peek(&f->replies);
	ssize_t ret = eswifi_cb(skb)->error;

	if (!ret) {
		count = min_t(size_t, count, skb->len);
		if (copy_to_user(buf, skb->data, count))
			return -EFAULT;
		ret = count;
		skb_pull(skb, count);
		if (skb->len)
			return ret;
	}
	skb_unlink(skb, &f->replies);
	eswifi_reply_free(skb);
	eswifi_file_unreserve(f);
	return ret;
}

static ssize_t eswifi_read(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
	struct eswifi_file *f = file->private_data;
	struct eswifi *ew = f->ew;
	ssize_t ret;

	if (!count)
		return 0;
	if (file->f_flags & O_NONBLOCK) {
		if (!mutex_trylock(&f->read_mutex))
			return -EAGAIN;
	} else if (mutex_lock_interruptible(&f->read_mutex)) {
		return -ERESTARTSYS;
	}
	ret = 0;
	if (skb_queue_empty(&f->replies)) {
		if (READ_ONCE(ew->gone))
			ret = -ENODEV;
		else if (file->f_flags & O_NONBLOCK)
			ret = -EAGAIN;
		else
			ret = wait_event_interruptible(ew->wait, READ_ONCE(ew->gone) ||
						       !skb_queue_empty(&f->replies));
	}
	if (!ret)
		ret = skb_queue_empty(&f->replies) ? -ENODEV : eswifi_take_reply(f, buf, count);
	mutex_unlock(&f->read_mutex);
	return ret;
}

static __poll_t eswifi_poll(struct file *file, poll_table *wait)
{
	struct eswifi_file *f = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &f->ew->wait, wait);
	if (!skb_queue_empty(&f->replies))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (!list_empty_careful(&f->subscriber)) {
		if (!skb_queue_empty(&f->messages))
			mask |= EPOLLPRI;
	} else if (poll_requested_events(wait) & EPOLLPRI && capable(CAP_NET_ADMIN)) {
		eswifi_message_subscribe(f);
	}
	if (READ_ONCE(f->ew->gone))
		mask |= EPOLLERR | EPOLLHUP;
	else if (atomic_read(&f->commands) < ESWIFI_FILE_COMMANDS)
		mask |= EPOLLOUT | EPOLLWRNORM;
	return mask;
}

const struct file_operations eswifi_fops = {
	.owner = THIS_MODULE,
	.open = eswifi_open,
	.release = eswifi_close,
	.read = eswifi_read,
	.write = eswifi_write,
	.poll = eswifi_poll,
	.unlocked_ioctl = eswifi_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
