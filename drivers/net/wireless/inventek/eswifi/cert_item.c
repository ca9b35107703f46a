// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single items of a certificate set: how one is compared and how one is programmed, and
 * what each answer of the module means for its slot.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "cert_order.h"

/**
 * eswifi_cert_fail() - note why an order fails
 * @order: the order
 * @error: negative errno
 * @fmt: printf format of the reason, and what to do
 *
 * Return: @error.
 */
int eswifi_cert_fail(struct eswifi_cert_order *order, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(order->p.text, sizeof(order->p.text), fmt, args);
	va_end(args);
	return error;
}

/**
 * eswifi_cert_why() - what an exchange that failed means, in words
 * @ew: the module
 * @error: what it returned
 *
 * Return: a text that is valid until the next exchange.
 */
const char *eswifi_cert_why(struct eswifi *ew, int error)
{
	switch (error) {
	case -EREMOTEIO:
		return ew->text[0] ? ew->text : "the module said ERROR";
	case -EOPNOTSUPP:
		return ew->text;
	case -ETIMEDOUT:
		return "the module does not answer";
	case -ESHUTDOWN:
		return "the module is being reset";
	case -ENODEV:
		return "the device was removed";
	default:
		return "the exchange with the module failed";
	}
}

/**
 * eswifi_cert_can_compare() - can the module compare what it holds?
 * @ew: the module
 *
 * Return: true if so, as far as is known.
 */
bool eswifi_cert_can_compare(struct eswifi *ew)
{
	return READ_ONCE(ew->firmware.kind)->compares;
}

/* Ways in which somebody else may have written an item */
enum {
	FORM_PLAIN,
	FORM_LF,	/* a blank line, or the pad that made its frame even */
	FORM_NUL,	/* counted to the text, as C programs do */
	FORMS
};

/* Sends an item in one frame, in which nothing is behind the announced bytes: the digits
 * of the length make it even, as a byte that pads it may be stored with the item. Never
 * repeated by itself.
 */
static int eswifi_cert_put(struct eswifi_cert_order *order, int item, int form,
			   enum eswifi_at_stored *answer)
{
	static const u8 tail[] = { [FORM_LF] = '\n', [FORM_NUL] = '\0' };
	struct eswifi_cert_file *file = &order->file[item];
	size_t len = file->len;
	struct eswifi_reply reply;
	int digits, ret;

	/* There is room for one more than any file has. */
	if (form != FORM_PLAIN)
		file->data[len++] = tail[form];
	/* "PG=0,0," and CR take eight. */
	digits = len % 2 ? 5 : 4;
	ret = eswifi_at_data(order->job.ew, &reply, file->data, len, "PG=%u,%d,%0*zu",
			     order->p.set, item, digits, len);
	if (ret && ret != -EREMOTEIO)
		return ret;
	*answer = eswifi_at_stored(&reply);
	return 0;
}

/* The module has shown what an item holds. */
static void eswifi_cert_prove(struct eswifi_cert_order *order, int item, u8 state)
{
	struct eswifi_cert *cert = &order->job.ew->cert;

	order->p.state[item] = state;
	cert->proved[order->p.set] |= BIT(item);
	cert->doubted[order->p.set] &= ~BIT(item);
	if (item == ESWIFI_CERT_CA && state != ESWIFI_ITEM_DIFFERS)
		cert->ca[order->p.set] = order->ca;
}

/**
 * eswifi_cert_check_loss() - is an item known to be lost?
 * @order: the order
 * @item: the item
 *
 * Return: 0 if not; -EIO if so, and the order's text and state say it.
 */
int eswifi_cert_check_loss(struct eswifi_cert_order *order, int item)
{
	const char *name = eswifi_cert_item_names[item];

	switch (order->job.ew->cert.loss[order->p.set][item]) {
	case ESWIFI_LOSS_TORN:
		order->p.state[item] = ESWIFI_ITEM_TORN;
		return eswifi_cert_fail(order, -EIO,
					"the %s of set %u does not answer a comparison and seems torn by a loss of power: choose another set (cert_set)",
					name, order->p.set);
	case ESWIFI_LOSS_DAMAGED:
		order->p.state[item] = ESWIFI_ITEM_DAMAGED;
		return eswifi_cert_fail(order, -EIO,
					"the slot of the %s of set %u is damaged, although reported free: choose another set (cert_set)",
					name, order->p.set);
	default:
		return 0;
	}
}

static int eswifi_cert_lose(struct eswifi_cert_order *order, int item, enum eswifi_loss loss)
{
	order->job.ew->cert.loss[order->p.set][item] = loss;
	return eswifi_cert_check_loss(order, item);
}

/* A write whose reply did not come: what the item holds now is not known. */
static int eswifi_cert_unknown(struct eswifi_cert_order *order, int item, int error)
{
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	return eswifi_cert_fail(order, error,
				"%s: %s; what set %u holds of it is not known: run the same command again, it compares first",
				eswifi_cert_item_names[item],
				eswifi_cert_why(order->job.ew, error), order->p.set);
}

/* The reply to a comparison did not come. To compare a torn item hangs the module, or
 * crashes it: then it boots, and what it says is no reply. That has other causes, too, but
 * hardly twice. A module that did not even want the comparison was hung by something else,
 * and an item that has answered in one form is not torn.
 */
static int eswifi_cert_compare_lost(struct eswifi_cert_order *order, int item, int form,
				    int error)
{
	struct eswifi_cert *cert = &order->job.ew->cert;
	unsigned int set = order->p.set;

	if (form != FORM_PLAIN || !order->job.ew->bus.sent ||
	    (cert->proved[set] & BIT(item)) || (error != -ETIMEDOUT && error != -EPROTO))
		return eswifi_cert_unknown(order, item, error);
	if (error == -ETIMEDOUT || (cert->doubted[set] & BIT(item)))
		return eswifi_cert_lose(order, item, ESWIFI_LOSS_TORN);
	cert->doubted[set] |= BIT(item);
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	return eswifi_cert_fail(order, error,
				"%s: the module was lost while it compared what set %u holds: run the same command again, which tells whether that is torn",
				eswifi_cert_item_names[item], set);
}

/* It has taken as new what it had said to have, or has not got all of it. */
static int eswifi_cert_not_compared(struct eswifi_cert_order *order, int item)
{
	order->job.ew->cert.known &= ~BIT(order->p.set);
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	return eswifi_cert_fail(order, -EIO,
				"%s: the module said that set %u holds one, but did not compare: it may have written it; run the same command again",
				eswifi_cert_item_names[item], order->p.set);
}

static int eswifi_cert_differs(struct eswifi_cert_order *order, int item)
{
	eswifi_cert_prove(order, item, ESWIFI_ITEM_DIFFERS);
	return eswifi_cert_fail(order, -EEXIST,
				"set %u holds another %s (%s): choose another set (cert_set), or files that match",
				order->p.set, eswifi_cert_item_names[item],
				eswifi_cert_why(order->job.ew, -EREMOTEIO));
}

/* The right bytes, and one behind them: keys do not mind. */
static int eswifi_cert_spoilt(struct eswifi_cert_order *order, int item)
{
	eswifi_cert_prove(order, item, ESWIFI_ITEM_DIFFERS);
	return eswifi_cert_fail(order, -EEXIST,
				"set %u holds this %s with a byte behind its end, which makes it useless: choose another set (cert_set)",
				order->p.set, eswifi_cert_item_names[item]);
}

/**
 * eswifi_cert_compare() - a used item: the same bytes again must match
 * @order: the order
 * @item: the item, of a set that is written once
 *
 * Whoever wrote it may have written a byte more, which the module compares as well.
 *
 * Return: 0 it holds what the file holds; -EEXIST something else; -EIO it is lost, or was
 * not compared; -EOPNOTSUPP; or as eswifi_exchange(). The order's text and state say it.
 */
int eswifi_cert_compare(struct eswifi_cert_order *order, int item)
{
	struct eswifi_cert_file *file = &order->file[item];
	struct eswifi *ew = order->job.ew;
	unsigned int max = eswifi_firmware_item_max(ew, order->p.set, item);
	enum eswifi_at_stored answer;
	int form, ret;

	if (!eswifi_cert_can_compare(ew))
		return eswifi_cert_fail(order, -EOPNOTSUPP,
					"set %u holds a %s, and firmware before C3.5.2.1 cannot compare: choose another set (cert_set)",
					order->p.set, eswifi_cert_item_names[item]);
	for (form = FORM_PLAIN; form < FORMS; form++) {
		if (form != FORM_PLAIN && file->len >= max)
			break;
		ret = eswifi_cert_put(order, item, form, &answer);
		if (ret)
			return eswifi_cert_compare_lost(order, item, form, ret);
		if (answer == ESWIFI_AT_MATCH && form == FORM_LF && item != ESWIFI_CERT_KEY)
			return eswifi_cert_spoilt(order, item);
		if (answer == ESWIFI_AT_MATCH) {
			eswifi_cert_prove(order, item, ESWIFI_ITEM_MATCH);
			return 0;
		}
		if (answer != ESWIFI_AT_REFUSED)
			return eswifi_cert_not_compared(order, item);
	}
	return eswifi_cert_differs(order, item);
}

/* Neither an answer to a new item nor one that proves it was to be had. */
static int eswifi_cert_not_written(struct eswifi_cert_order *order, int item,
				   enum eswifi_at_stored answer)
{
	const char *name = eswifi_cert_item_names[item];
	bool rewritable = order->p.set >= ESWIFI_CERT_OTP_SETS;
	struct eswifi *ew = order->job.ew;

	if (!rewritable && (answer == ESWIFI_AT_CUT || answer == ESWIFI_AT_FLASH_FAILED))
		return eswifi_cert_lose(order, item, ESWIFI_LOSS_DAMAGED);
	if (answer == ESWIFI_AT_CUT)
		return eswifi_cert_fail(order, -EIO,
					"%s: not all of it arrived: run the same command again",
					name);
	if (!order->told)
		return eswifi_cert_fail(order, -EIO,
					"%s: %s; set %u may hold another one: choose another set (cert_set)",
					name, eswifi_cert_why(ew, -EREMOTEIO), order->p.set);
	return eswifi_cert_fail(order, -EIO,
				"%s: %s; run the same command again, it compares first, and if that fails too choose another set (cert_set)",
				name, eswifi_cert_why(ew, -EREMOTEIO));
}

/**
 * eswifi_cert_program() - a free item, or one that can be rewritten: program and prove it
 * @order: the order
 * @item: the item
 *
 * OK is not a proof: it must compare equal.
 *
 * Return: 0; -EIO it is lost, or was not stored; or as eswifi_exchange(). The order's text
 * and state say it.
 */
int eswifi_cert_program(struct eswifi_cert_order *order, int item)
{
	struct eswifi *ew = order->job.ew;
	enum eswifi_at_stored answer;
	u8 state;
	int ret;

	ew->cert.known &= ~BIT(order->p.set);
	if (item == ESWIFI_CERT_CA)
		ew->cert.ca[order->p.set] = ESWIFI_CA_UNKNOWN;
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	ret = eswifi_cert_put(order, item, FORM_PLAIN, &answer);
	if (ret)
		return eswifi_cert_unknown(order, item, ret);
	if (answer != ESWIFI_AT_TAKEN && answer != ESWIFI_AT_MATCH)
		return eswifi_cert_not_written(order, item, answer);
	state = answer == ESWIFI_AT_MATCH ? ESWIFI_ITEM_MATCH : ESWIFI_ITEM_PROGRAMMED;
	if (!eswifi_cert_can_compare(ew)) {
		order->p.state[item] = state;
		return 0;
	}

	ret = eswifi_cert_put(order, item, FORM_PLAIN, &answer);
	if (ret)
		return eswifi_cert_unknown(order, item, ret);
	if (answer != ESWIFI_AT_MATCH)
		return eswifi_cert_fail(order, -EIO,
					"%s was written, but does not compare equal: run the same command again, and if that fails too choose another set (cert_set)",
					eswifi_cert_item_names[item]);
	eswifi_cert_prove(order, item, state);
	return 0;
}
