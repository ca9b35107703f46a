// SPDX-License-Identifier: GPL-2.0-only
/*
 * One command to the module and its reply, for jobs: what a reply is worth, what a
 * failure means for the module, and what it still knows of what it was told.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "eswifi.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static int eswifi_may_exchange(struct eswifi *ew)
{
	if (READ_ONCE(ew->bus.stopped))
		return -ENODEV;
	if (ew->current_job && READ_ONCE(ew->current_job->cancelled))
		return -ECANCELED;
	return ew->state == ESWIFI_STATE_UP ? 0 : -ESHUTDOWN;
}

/**
 * eswifi_odd() - the module has said what nobody understands
 * @ew: the module
 * @command: the two letters of the command that it said it to
 * @text: what it said, printable and without secrets
 *
 * It is counted, and shown to whoever traces it.
 */
void eswifi_odd(struct eswifi *ew, const char *command, const char *text)
{
	eswifi_count(ew, ESWIFI_STAT_ODD_REPLIES, 1);
	trace_eswifi_odd_reply(ew->id, command, text);
}

/* No reply, or none that could be found the end of: the module is reset. */
static void eswifi_exchange_failed(struct eswifi *ew, const char *name, int error)
{
	WRITE_ONCE(ew->state, ESWIFI_STATE_STUCK);
	if (error == -ETIMEDOUT)
		eswifi_count(ew, ESWIFI_STAT_TIMEOUTS, 1);
	snprintf(ew->text, sizeof(ew->text), "%s: %s; the module was reset", name,
		 error == -ETIMEDOUT ? ew->bus.sent ? "no answer" : "no command was wanted" :
		 error == -EPROTO ? "what came is no whole reply, or it has started anew" :
		 "the SPI transfer failed");
	dev_warn(&ew->dev, "%s (%d)\n", ew->text, error);
}

/* A whole reply, taken apart. */
static int eswifi_exchange_parse(struct eswifi *ew, enum eswifi_message_place place, size_t len,
				 struct eswifi_reply *reply)
{
	unsigned int messages;
	const u8 *start;
	int ret;

	len = eswifi_at_begin(ew->bus.rx, len, &start);
	/* Stuffing before a lone prompt: it has started anew, and knows nothing. */
	if (*ew->bus.rx == ESWIFI_NAK && !eswifi_at_parse_prompt(start, len))
		return -EPROTO;
	len = eswifi_messages_take(ew, place, (u8 *)start, len, &messages);
	ret = eswifi_at_parse(start, len, reply);
	reply->messages = messages;
	return ret;
}

/**
 * eswifi_exchange() - send the command in bus.tx and take its reply apart
 * @ew: the module
 * @cmd_len: bytes of the command in bus.tx, with CR and payload
 * @reply: out: the reply; points into bus.rx, valid until the next exchange
 *
 * Only in a job. Messages of the module's own in front of the reply are delivered,
 * and gone: see eswifi_messages_take().
 *
 * Return: 0 the module said OK; -EREMOTEIO it said ERROR (@reply is filled,
 * eswifi.text says what); -EBADMSG it said neither, and nothing is wrong with it
 * otherwise (as before); -ETIMEDOUT, -EPROTO or a bus error: it is stuck, and will be
 * reset when the job ends; -EMSGSIZE the reply was longer than ESWIFI_RX_SIZE and is
 * lost; -ESHUTDOWN it is stuck or down since before; -ECANCELED nobody waits for the
 * job; -ENODEV it is going.
 */
int eswifi_exchange(struct eswifi *ew, size_t cmd_len, struct eswifi_reply *reply)
{
	const u8 *cmd = ew->bus.tx;
	enum eswifi_message_place place = eswifi_at_message_place(cmd, cmd_len);
	unsigned int timeout_ms = max(eswifi_at_timeout_ms(cmd, cmd_len), ew->patience_ms);
	char name[3] = { cmd[0], cmd_len > 1 ? cmd[1] : 0 };
	bool passphrase = cmd_len > 2 && (!memcmp(cmd, "C2", 2) || !memcmp(cmd, "A2", 2));
	bool secret = eswifi_at_secret(cmd, cmd_len);
	int ret;

	ret = eswifi_may_exchange(ew);
	if (ret) {
		memzero_explicit(ew->bus.tx, cmd_len);
		return ret;
	}

	eswifi_count(ew, ESWIFI_STAT_EXCHANGES, 1);
	/* What is being written into flash, maybe for good, is not cut off by a reset. */
	ew->bus.patient = cmd_len > 2 && !memcmp(cmd, "PG", 2);
	ret = eswifi_bus_exchange(&ew->bus, cmd_len, timeout_ms);
	ew->bus.patient = false;
	if (ret >= 0)
		ret = eswifi_exchange_parse(ew, place, ret, reply);
	/* No answer to a write that was waited for although the device is going. */
	if (ret && READ_ONCE(ew->bus.stopped))
		return -ENODEV;
	switch (ret) {
	case 0:
		if (reply->ok)
			return 0;
		ret = -EREMOTEIO;
		break;
	case -EBADMSG:
		/* Nor does anybody know what it did. */
		eswifi_forget(ew);
		break;
	case -EMSGSIZE:
		/* It was read to its end: the module is all right. */
		return ret;
	case -ENODEV:
		return ret;
	default:
		eswifi_exchange_failed(ew, name, ret);
		return ret;
	}
	eswifi_at_text(reply, ew->text, sizeof(ew->text));
	/* The text may go to a log, and to whoever asked for something else. */
	if (ret == -EBADMSG && secret)
		strscpy(ew->text, "neither OK nor ERROR came", sizeof(ew->text));
	else if (passphrase)	/* an error may repeat it */
		strscpy(ew->text, "it refused the passphrase", sizeof(ew->text));
	if (ret == -EBADMSG)
		eswifi_odd(ew, name, ew->text);
	return ret;
}

/**
 * eswifi_answered() - is any answer good enough?
 * @ew: the module
 * @ret: what eswifi_exchange() or the like has returned
 *
 * For a command that may be refused, or answered in words that nobody understands, and
 * the job goes on. So eswifi.text is no reason for anything: it is empty then.
 *
 * Return: 0 if the module has answered, with OK or not; else @ret.
 */
int eswifi_answered(struct eswifi *ew, int ret)
{
	if (ret != -EREMOTEIO && ret != -EBADMSG)
		return ret;
	ew->text[0] = '\0';
	return 0;
}

__printf(2, 0)
static int eswifi_at_va(struct eswifi *ew, const char *fmt, va_list args)
{
	int len;

	len = vsnprintf(ew->bus.tx, ESWIFI_CMD_MAX - 1, fmt, args);
	if (len >= ESWIFI_CMD_MAX - 1) {
		memzero_explicit(ew->bus.tx, ESWIFI_CMD_MAX);
		return -EMSGSIZE;
	}
	ew->bus.tx[len++] = '\r';
	return len;
}

/**
 * eswifi_at() - one command without payload
 * @ew: the module
 * @reply: out: the reply
 * @fmt: printf format of the command without its CR
 *
 * Only in a job. Return: as eswifi_exchange(), or -EMSGSIZE.
 */
int eswifi_at(struct eswifi *ew, struct eswifi_reply *reply, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = eswifi_at_va(ew, fmt, args);
	va_end(args);
	return len < 0 ? len : eswifi_exchange(ew, len, reply);
}

/**
 * eswifi_at_data() - one command with payload
 * @ew: the module
 * @reply: out: the reply
 * @data: payload, sent as it is; the copy on its way is wiped
 * @len: its length, at most ESWIFI_CERT_MAX
 * @fmt: printf format of the command without its CR
 *
 * Only in a job. Return: as eswifi_exchange(), or -EMSGSIZE.
 */
int eswifi_at_data(struct eswifi *ew, struct eswifi_reply *reply, const void *data,
		   size_t len, const char *fmt, ...)
{
	va_list args;
	int head;

	va_start(args, fmt);
	head = eswifi_at_va(ew, fmt, args);
	va_end(args);
	if (head < 0)
		return head;
	if (len > ESWIFI_TX_SIZE - 1 - head)
		return -EMSGSIZE;
	memcpy(ew->bus.tx + head, data, len);
	return eswifi_exchange(ew, head + len, reply);
}

/**
 * eswifi_select() - make a socket the one that P, R and S commands mean
 * @ew: the module
 * @socket: 0 to 3
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_select(struct eswifi *ew, unsigned int socket)
{
	struct eswifi_reply reply;
	int ret;

	if (ew->shadow.socket == socket)
		return 0;
	ew->shadow.socket = -1;
	ret = eswifi_at(ew, &reply, "P0=%u", socket);
	if (!ret)
		ew->shadow.socket = socket;
	return ret;
}

/**
 * eswifi_forget() - the module may have been told things that we do not know of
 * @ew: the module
 *
 * Only in a job: after a reset, and after a command that a user wrote.
 */
void eswifi_forget(struct eswifi *ew)
{
	memset(&ew->shadow, 0xff, sizeof(ew->shadow));
	eswifi_cert_forget(ew);
}
