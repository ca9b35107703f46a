// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that the module sends by itself: in front of any reply, where they are
 * cut off before anybody reads it, or fetched with MR while somebody wants them. They
 * are given to every file that does.
 */
#include <linux/capability.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "chrdev.h"
#include "link.h"

/* The module never tells that it has a message. */
#define ESWIFI_MESSAGE_POLL_MS	500

/* So many in a row; the next turn fetches the rest. */
#define ESWIFI_MESSAGES_A_TURN	8

/* Messages that wait for one file; the oldest are lost first. */
#define ESWIFI_MESSAGES_MAX	32

/**
 * eswifi_message_deliver() - give a message to all who want it
 * @ew: the module
 * @text: the message, without its marks
 * @len: its bytes
 *
 * In a job.
 */
void eswifi_message_deliver(struct eswifi *ew, const u8 *text, size_t len)
{
	static const char accepted[] = "[TCP SVR] Accepted";
	struct eswifi_file *f;
	struct sk_buff *skb;

	eswifi_count(ew, ESWIFI_STAT_MESSAGES, 1);
	if (len > strlen(accepted) && !memcmp(text, accepted, strlen(accepted))) {
		ew->clients_told++;
		ew->client_told = jiffies;
	}
	spin_lock(&ew->queue_lock);
	list_for_each_entry(f, &ew->subscribers, subscriber) {
		skb = alloc_skb(ESWIFI_TEXT_SIZE, GFP_NOWAIT);
		if (!skb) {
			f->messages_lost++;
			continue;
		}
		skb_put(skb, eswifi_at_printable(skb->data, ESWIFI_TEXT_SIZE, text, len));
		skb_queue_tail(&f->messages, skb);
		if (skb_queue_len(&f->messages) > ESWIFI_MESSAGES_MAX) {
			kfree_skb(skb_dequeue(&f->messages));
			f->messages_lost++;
		}
	}
	spin_unlock(&ew->queue_lock);
	wake_up_interruptible_poll(&ew->wait, EPOLLPRI);
}

/* Only a module with something to serve says anything by itself. */
static bool eswifi_messages_expected(struct eswifi *ew)
{
	int i;

	for (i = 0; i < ESWIFI_SOCKETS; i++)
		if (ew->sockets[i].serving)
			return true;
	return ew->user_serves || eswifi_link_is_ap(ew);
}

/**
 * eswifi_messages_take() - cut messages of the module's own off a reply
 * @ew: the module
 * @place: where they may stand: eswifi_at_message_place() of the command
 * @buf: the reply, from its first byte on; what is left is moved to its start
 * @len: its bytes
 * @count: out: messages found
 *
 * Each is counted and delivered. The engine does this with every reply before it is
 * parsed, so that nobody else needs to know of them. A payload of a peer's may begin
 * with what looks like one: there it is done only while the module has a server
 * (&struct eswifi_socket.serving) or an access point.
 *
 * Only in a job. Return: bytes left at @buf.
 */
size_t eswifi_messages_take(struct eswifi *ew, enum eswifi_message_place place, u8 *buf,
			    size_t len, unsigned int *count)
{
	size_t at = 0, n, head, text_len;
	const u8 *text;

	*count = 0;
	if (place == ESWIFI_MESSAGE_BEFORE_PAYLOAD && !eswifi_messages_expected(ew))
		return len;
	while (at < len) {
		n = eswifi_at_message(buf + at, len - at, place, &text, &text_len);
		if (n) {
			eswifi_message_deliver(ew, text, text_len);
			(*count)++;
			/* In one line with the payload, it leaves that its CR LF. */
			head = buf[at + n - 1] == ']' ? 2 : 0;
			n -= head;
			len -= n;
			memmove(buf + at + head, buf + at + head + n, len - at - head);
		} else if (place == ESWIFI_MESSAGE_ANYWHERE) {
			at++;
		} else {
			break;
		}
	}
	return len;
}

/**
 * eswifi_message_fetch() - ask the module for a message, and deliver it
 * @ew: the module
 *
 * Only in a job. Return: 1 there was one; 0 none; or as eswifi_exchange().
 */
int eswifi_message_fetch(struct eswifi *ew)
{
	static const char begin[] = "[SOMA]", end[] = "[EOMA]";
	size_t len, head = strlen(begin), tail = strlen(end);
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "MR");
	if (ret)
		return ret;
	/* What has no tag that is known, but is the answer to this question. */
	len = reply.body_len;
	if (len < head + tail || memcmp(reply.body, begin, head) ||
	    memcmp(reply.body + len - tail, end, tail)) {
		if (eswifi_at_text(&reply, ew->text, sizeof(ew->text)))
			eswifi_odd(ew, "MR", ew->text);
		ew->text[0] = '\0';
		return reply.messages > 0;
	}
	if (len == head + tail)
		return reply.messages > 0;
	eswifi_message_deliver(ew, reply.body + head, len - head - tail);
	return 1;
}

static int eswifi_messages_run(struct eswifi_job *job)
{
	struct eswifi *ew = job->ew;
	int turn, ret = 0;

	for (turn = 0; turn < ESWIFI_MESSAGES_A_TURN && !eswifi_job_must_rest(job); turn++) {
		ret = eswifi_message_fetch(ew);
		if (ret <= 0)
			break;
	}
	ret = min(ret, 0);
	if (!list_empty_careful(&ew->subscribers))
		eswifi_job_submit(job, ESWIFI_MESSAGE_POLL_MS);
	return ret;
}

/**
 * eswifi_message_subscribe() - a file wants messages from now on
 * @f: the file; may want them already
 *
 * Return: 0, -ENOMEM or -ENODEV.
 */
int eswifi_message_subscribe(struct eswifi_file *f)
{
	struct eswifi *ew = f->ew;
	struct eswifi_job *job, *spare;

	if (!list_empty_careful(&f->subscriber))
		return 0;
	spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare)
		return -ENOMEM;
	eswifi_job_init(spare, ew, eswifi_messages_run, eswifi_job_kfree);
	spare->patient = true;

	spin_lock(&ew->queue_lock);
	if (list_empty(&f->subscriber))
		list_add_tail(&f->subscriber, &ew->subscribers);
	if (!ew->message_job && !ew->gone) {
		ew->message_job = spare;
		eswifi_job_get(spare);
	}
	job = ew->message_job;
	if (job)
		eswifi_job_get(job);
	spin_unlock(&ew->queue_lock);

	eswifi_job_put(spare);
	if (!job)
		return -ENODEV;
	eswifi_job_submit(job, 0);
	eswifi_job_put(job);
	return 0;
}

/**
 * eswifi_message_unsubscribe() - a file is closed
 * @f: the file
 */
void eswifi_message_unsubscribe(struct eswifi_file *f)
{
	spin_lock(&f->ew->queue_lock);
	list_del_init(&f->subscriber);
	spin_unlock(&f->ew->queue_lock);
}

/**
 * eswifi_messages_stop() - the device is going
 * @ew: the module, its engine stopped
 */
void eswifi_messages_stop(struct eswifi *ew)
{
	struct eswifi_job *job;

	spin_lock(&ew->queue_lock);
	job = ew->message_job;
	ew->message_job = NULL;
	spin_unlock(&ew->queue_lock);
	if (job)
		eswifi_job_put(job);
}

/**
 * eswifi_ioctl_message() - ESWIFI_IOC_MESSAGE
 * @f: the file
 * @arg: address of a struct eswifi_message
 *
 * Return: 0, -EAGAIN if no message waits, or a negative errno.
 */
long eswifi_ioctl_message(struct eswifi_file *f, void __user *arg)
{
	struct eswifi_message message;
	struct sk_buff *skb;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_copy_in(&message, arg, sizeof(message));
	if (!ret)
		ret = eswifi_message_subscribe(f);
	if (ret)
		return ret;
	memset(&message, 0, sizeof(message));
	message.size = sizeof(message);

	spin_lock(&f->ew->queue_lock);
	skb = skb_dequeue(&f->messages);
	if (skb) {
		message.lost = f->messages_lost;
		f->messages_lost = 0;
	}
	spin_unlock(&f->ew->queue_lock);
	if (!skb)
		return -EAGAIN;
	memcpy(message.text, skb->data, skb->len);
	kfree_skb(skb);
	return copy_to_user(arg, &message, sizeof(message)) ? -EFAULT : 0;
}
