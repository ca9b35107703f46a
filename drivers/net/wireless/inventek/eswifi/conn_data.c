// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves the data of a connection, a packet at a time, and understands what the module
 * says when it cannot.
 *
 * Data is asked for with R4 where the firmware has it, which says how much there is:
 * nothing that a peer sends looks like anything else then. R0 gives the bytes alone.
 */
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/string.h>

#include "conn.h"
#include "link.h"

/* A module that does not take anything is asked again for so long. */
#define ESWIFI_SEND_PATIENCE	(5 * HZ)

/* So often, if it calls that an error. */
#define ESWIFI_SEND_TRIES	3

/* What may be a peer's end is that if nothing comes for so long. */
#define ESWIFI_END_PATIENCE	(2 * HZ)

/* If it stands behind data, it is data if nothing comes for so long: the program waits
 * for the last two bytes of a message, it may be.
 */
#define ESWIFI_TAIL_PATIENCE	HZ

/* ---------------------------------------------------------------- sending */

/* -1: nothing was taken, for a moment or for good; or it was, by a peer that has
 * stopped reading, and the module has waited for it in vain.
 *
 * What the module took then lies in memory that it uses again. It sends that whenever
 * the peer reads on, and more with each further try: so there is none, and the
 * connection ends at once.
 */
static int eswifi_conn_send_refused(struct eswifi_conn *conn, unsigned long took)
{
	struct eswifi *ew = conn->job.ew;
	int ret;

	if (took >= msecs_to_jiffies(ESWIFI_SEND_PATIENCE_MS / 2)) {
		snprintf(ew->text, sizeof(ew->text),
			 "the peer has not read for %lu s, and the module can hold no more for it",
			 (took + HZ / 2) / HZ);
		return -ETIMEDOUT;
	}
	/* Reading tells whether it has ended; what it finds is not lost. */
	ret = eswifi_conn_receive(conn);
	if (ret < 0)
		return ret;
	if (conn->state != ESWIFI_CONN_OPEN)
		return 0;
	if (conn->protocol == ESWIFI_PROTO_TLS || ++conn->refusals >= ESWIFI_SEND_TRIES)
		return -ECONNRESET;
	conn->refused_at = conn->refused_at ?: (jiffies | 1);
	conn->retry_at = jiffies + msecs_to_jiffies(ESWIFI_SEND_RETRY_MS);
	return 0;
}

/**
 * eswifi_conn_send() - send what waits, one packet of it
 * @conn: the connection, open
 *
 * Only in a job. Return: 1 something was sent; 0 not now; -EPIPE the peer has ended the
 * connection; another negative errno: it is over.
 */
int eswifi_conn_send(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct sk_buff *skb = eswifi_peek(&conn->tx);
	struct eswifi_reply reply;
	unsigned long begun;
	size_t len;
	long sent;
	int ret;

	if (!skb || (conn->refused_at && time_before(jiffies, conn->retry_at)))
		return 0;
	len = min_t(size_t, skb->len, eswifi_conn_payload_max(conn));
	ret = eswifi_select(ew, conn->socket);
	if (!ret && conn->kind == ESWIFI_CONN_CLIENT && !eswifi_conn_is_stream(conn))
		ret = eswifi_conn_set_peer(conn);
	if (!ret)
		ret = eswifi_conn_set_patience(ew, ESWIFI_SEND_PATIENCE_MS);
	begun = jiffies;
	if (!ret)
		ret = eswifi_at_data(ew, &reply, skb->data, len, "S3=%04zu", len);
	if (!ret)
		ret = eswifi_at_number(&reply, &sent);
	if (!ret && sent < 0)
		ret = -EREMOTEIO;
	if (ret) {
		eswifi_count(ew, ESWIFI_STAT_TX_ERRORS, 1);
		return ret == -EREMOTEIO ? eswifi_conn_send_refused(conn, jiffies - begun) : ret;
	}
	conn->refusals = 0;
	if (!sent) {
		if (!conn->refused_at)
			conn->refused_at = jiffies | 1;
		conn->retry_at = jiffies + msecs_to_jiffies(ESWIFI_SEND_RETRY_MS);
		if (time_after(jiffies, conn->refused_at + ESWIFI_SEND_PATIENCE))
			return -ETIMEDOUT;
		return 0;
	}

	conn->refused_at = 0;
	sent = min_t(long, sent, len);
	eswifi_count(ew, ESWIFI_STAT_TX_BYTES, sent);
	eswifi_count(ew, ESWIFI_STAT_TX_PACKETS, 1);
	atomic64_add(sent, &conn->tx_bytes);
	/* A datagram goes whole or not at all; the module cut this one. */
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

/* -------------------------------------------------------------- receiving */

/* Who sent the datagram that came last: @t->host_ip and @t->remote_port.
 *
 * Documents have the module's own address in front, and the sender's where P3 is else.
 * Real firmware leaves P3 alone and has the sender's in front.
 *
 * Return: 1; 0 the module does not tell; or as eswifi_exchange().
 */
static int eswifi_conn_ask_sender(struct eswifi *ew, struct eswifi_transport *t)
{
	static const u8 nobody[4];
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "P?");
	if (ret)
		return eswifi_answered(ew, ret);
	if (eswifi_at_transport(&reply, t))
		return 0;
	if (memcmp(t->client_ip, nobody, sizeof(nobody)) &&
	    memcmp(t->client_ip, &ew->link.info.ip, sizeof(t->client_ip)))
		memcpy(t->host_ip, t->client_ip, sizeof(t->host_ip));
	return memcmp(t->host_ip, nobody, sizeof(nobody)) != 0;
}

/* What goes to many is answered by each of them. */
static bool eswifi_conn_has_many_peers(struct eswifi_conn *conn)
{
	const struct eswifi_link_info *link = &conn->job.ew->link.info;
	__be32 ip;

	memcpy(&ip, conn->ip, sizeof(ip));
	return ipv4_is_multicast(ip) || ipv4_is_lbcast(ip) ||
	       (link->mask && ip == (link->ip | ~link->mask));
}

/* A server answers whoever sent the last datagram; a client has its peer, and nobody else
 * is heard.
 *
 * Return: 1 the datagram is for us; 0 it is a stranger's; or as eswifi_exchange().
 */
static int eswifi_conn_check_sender(struct eswifi_conn *conn)
{
	struct eswifi_transport t;
	int ret;

	ret = eswifi_conn_ask_sender(conn->job.ew, &t);
	if (ret <= 0)
		return ret ?: 1;
	if (conn->kind == ESWIFI_CONN_CLIENT)
		return eswifi_conn_has_many_peers(conn) ||
		       (t.remote_port == conn->port &&
			!memcmp(t.host_ip, conn->ip, sizeof(conn->ip)));
	spin_lock(&conn->lock);
	memcpy(conn->ip, t.host_ip, sizeof(conn->ip));
	conn->port = t.remote_port;
	spin_unlock(&conn->lock);
	return 1;
}

/* For the program to read. */
static int eswifi_conn_give(struct eswifi_conn *conn, const u8 *data, size_t len)
{
	struct eswifi *ew = conn->job.ew;
	struct sk_buff *skb;
	int ret;

	skb = alloc_skb(len, GFP_KERNEL);
	if (!skb) {
		eswifi_count(ew, ESWIFI_STAT_RX_DROPPED, 1);
		return -ENOMEM;
	}
	skb_put_data(skb, data, len);
	if (!eswifi_conn_is_stream(conn)) {
		ret = eswifi_conn_check_sender(conn);
		if (ret <= 0) {
			eswifi_count(ew, ESWIFI_STAT_RX_DROPPED, 1);
			kfree_skb(skb);
			/* The next may be our peer's. */
			return ret ?: 1;
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

static int eswifi_conn_give_held(struct eswifi_conn *conn)
{
	size_t len = conn->held_len;

	conn->held_len = 0;
	return len ? eswifi_conn_give(conn, conn->held, len) : 0;
}

/* The alert by which TLS ends arrives as its two bytes in place of data, by themselves or
 * right behind what the peer sent last; nothing but what follows tells it from data.
 */
static const u8 eswifi_close_notify[2] = { 1, 0 };

/* So many bytes at the end of what came may be the alert, or its first half. */
static size_t eswifi_conn_notify_len(struct eswifi_conn *conn, const u8 *data, size_t len)
{
	size_t n;

	if (conn->protocol != ESWIFI_PROTO_TLS ||
	    !eswifi_firmware_guards(conn->job.ew, ESWIFI_GUARD_CLOSE_NOTIFY))
		return 0;
	for (n = min(len, sizeof(eswifi_close_notify)); n; n--)
		if (!memcmp(data + len - n, eswifi_close_notify, n))
			break;
	return n;
}

/* Firmware that does not count what it gives may say this in place of an error. */
static bool eswifi_conn_may_be_minus_one(struct eswifi_conn *conn, const u8 *data, size_t len)
{
	return !conn->job.ew->firmware.counts && eswifi_conn_is_stream(conn) && len == 2 &&
	       eswifi_firmware_guards(conn->job.ew, ESWIFI_GUARD_MINUS_ONE) &&
	       !memcmp(data, "-1", len);
}

static bool eswifi_conn_holds_notify(struct eswifi_conn *conn)
{
	return conn->held_len == sizeof(eswifi_close_notify) &&
	       !memcmp(conn->held, eswifi_close_notify, sizeof(eswifi_close_notify));
}

static void eswifi_conn_hold(struct eswifi_conn *conn, const u8 *data, size_t len)
{
	if (!conn->held_len)
		conn->held_behind = false;
	memcpy(conn->held + conn->held_len, data, len);
	conn->held_len += len;
	conn->held_at = jiffies;
	/* Found out also if nobody reads just now. */
	WRITE_ONCE(conn->read_hint, true);
}

/* Something came: data, and what may be the end, which is held then. */
static int eswifi_conn_take_in(struct eswifi_conn *conn, const u8 *data, size_t len)
{
	size_t tail;
	int ret;

	/* The second half of the alert */
	if (conn->held_len == 1 && len == 1 && data[0] == eswifi_close_notify[1]) {
		eswifi_conn_hold(conn, data, len);
		return 0;
	}
	if (conn->held_len == 2 && eswifi_conn_may_be_minus_one(conn, data, len))
		return -EPIPE;
	/* More follows, so what is held was data. */
	ret = eswifi_conn_give_held(conn);
	if (ret < 0)
		return ret;
	tail = eswifi_conn_may_be_minus_one(conn, data, len) ? len :
		eswifi_conn_notify_len(conn, data, len);
	if (tail) {
		eswifi_conn_hold(conn, data + len - tail, tail);
		conn->held_behind = tail < len;
	}
	return tail < len ? eswifi_conn_give(conn, data, len - tail) : 0;
}

/* Behind data what looks like the alert is data, if the peer says no more: messages do
 * end like that, and a peer that has ended closes TCP as well.
 */
static int eswifi_conn_nothing_came(struct eswifi_conn *conn)
{
	unsigned long patience = conn->held_behind ? ESWIFI_TAIL_PATIENCE : ESWIFI_END_PATIENCE;

	eswifi_count(conn->job.ew, ESWIFI_STAT_EMPTY_POLLS, 1);
	if (eswifi_conn_holds_notify(conn)) {
		if (!time_after(jiffies, conn->held_at + patience)) {
			WRITE_ONCE(conn->read_hint, true);
			return 0;
		}
		if (!conn->held_behind)
			return -EPIPE;
	}
	return eswifi_conn_give_held(conn);
}

/* -1: however the peer ended it, this is all that the module says; and also when the
 * network has gone.
 */
static int eswifi_conn_ended(struct eswifi_conn *conn)
{
	int ret;

	ret = eswifi_link_check(conn->job.ew);
	if (ret || conn->state != ESWIFI_CONN_OPEN)
		return ret;
	/* Half of an alert, or a -1 that was not the end, as this is. */
	if (!eswifi_conn_holds_notify(conn)) {
		ret = eswifi_conn_give_held(conn);
		if (ret < 0)
			return ret;
	}
	return -EPIPE;
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

/* The data sheet (6.3.5) has a message of the module's right in front of what a server
 * received, with nothing between. What a peer has sent stands behind four digits.
 */
static void eswifi_conn_cut_messages(struct eswifi_conn *conn, struct eswifi_reply *reply)
{
	static const char begin[] = "[SOMA]", end[] = "[EOMA]";
	const u8 *text, *to;

	while (reply->body_len > strlen(begin) && !memcmp(reply->body, begin, strlen(begin))) {
		text = reply->body + strlen(begin);
		to = strnstr(text, end, reply->body_len - strlen(begin));
		if (!to)
			break;
		eswifi_message_deliver(conn->job.ew, text, to - text);
		reply->body_len -= to + strlen(end) - reply->body;
		reply->body = to + strlen(end);
	}
}

/* The one reason for this that was seen: C3.5.2.5.STM has no memory for a record that long.
 * 16303 bytes had room, in mode required 10240, but not 12288. Servers that have much to say
 * send 16384, and are not asked for less.
 */
static void eswifi_conn_explain_failure(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;

	if (conn->protocol == ESWIFI_PROTO_TLS && strstr(ew->text, "reception failed: 5003"))
		strscpy(ew->text,
			"the server sent a TLS record longer than this firmware can receive: let the server send no more than 8192 bytes in one",
			sizeof(ew->text));
}

/**
 * eswifi_conn_receive() - ask the module for data, once
 * @conn: the connection, open
 *
 * Only in a job. Return: 1 something came; 0 nothing; -EPIPE the peer has ended the
 * connection; another negative errno: it is over.
 */
int eswifi_conn_receive(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	const u8 *data;
	size_t len;
	int ret;

	WRITE_ONCE(conn->read_hint, false);
	ret = eswifi_select(ew, conn->socket);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	/* A datagram, even an empty one, makes its sender's port P4. */
	ew->shadow.peer[conn->socket] = -1;
	if (!ret) {
		memcpy(ew->bus.tx, ew->firmware.counts ? "R4\r" : "R0\r", 3);
		ret = eswifi_exchange(ew, 3, &reply);
	}
	if (ret && ret != -EREMOTEIO) {
		eswifi_count(ew, ESWIFI_STAT_RX_ERRORS, 1);
		return ret;
	}
	if ((ret || ew->firmware.counts) && eswifi_at_is_end(&reply))
		return eswifi_conn_ended(conn);
	if (!ret && ew->firmware.counts) {
		eswifi_conn_cut_messages(conn, &reply);
		ret = eswifi_at_counted(&reply, &data, &len);
	}
	if (ret) {
		eswifi_count(ew, ESWIFI_STAT_RX_ERRORS, 1);
		if (ret == -EPROTO)
			strscpy(ew->text, "the module does not say how much it has received",
				sizeof(ew->text));
		eswifi_conn_explain_failure(conn);
		return -ECONNRESET;
	}
	if (!ew->firmware.counts) {
		data = reply.body;
		len = eswifi_conn_payload_len(conn, &reply);
	}
	return len ? eswifi_conn_take_in(conn, data, len) : eswifi_conn_nothing_came(conn);
}
