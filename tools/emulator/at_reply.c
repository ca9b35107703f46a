// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: the forms of a reply. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

/*
 * Messages that nobody has asked for stand in front, each in a frame of its own.
 * MR has taken one of them for its own reply by now, the last one.
 */
static void at_prepend_messages(struct module *m, struct buf *reply)
{
	struct buf whole = { 0 };
	char *text;

	if (!m->messages)
		return;
	while ((text = module_next_message(m))) {
		buf_printf(&whole, "\r\n[SOMA]%s[EOMA]\r\n", text);
		free(text);
	}
	buf_add(&whole, reply->data, reply->len);
	buf_free(reply);
	*reply = whole;
}

static void at_send(struct module *m, struct buf *reply)
{
	const struct request *rq = &m->request;

	struct buf whole = { 0 };

	if (quirk(m, QUIRK_SOMA_ANYWHERE))
		at_prepend_messages(m, reply);
	fault_power(&m->faults, FAULT_DIE_AFTER, &m->log);
	if (*rq->before) {
		buf_printf(&whole, "%s", rq->before);
		buf_add(&whole, reply->data, reply->len);
		buf_free(reply);
		*reply = whole;
	}
	if (fault_strikes(&m->faults, FAULT_GARBAGE)) {
		reply->len = 0;
		buf_add(reply, "\x00\xff\r\nnonsense", 12);
	}
	if (rq->command && rq->command->flags & AT_SECRET)
		log_bytes(&m->log, "<", NULL, 0, reply->len);
	else
		log_bytes(&m->log, "<", reply->data, reply->len, 0);
	wire_reply(m, reply->data, reply->len);
	buf_free(reply);
}

/* What stands behind ERROR. That a command is unknown is always told where forms are known. */
static void at_explain(struct module *m, struct buf *reply, const char *error)
{
	const struct request *rq = &m->request;

	if (m->set.terse_errors && (rq->command || !m->profile->forms))
		return;
	buf_printf(reply, ": %s", error);
	if (rq->form)
		buf_printf(reply, "\r\nUsage: %s %s", rq->form->name, rq->form->usage);
	else if (rq->command)
		buf_printf(reply, "\r\nUsage: %s %s", rq->command->name,
			   rq->command->help ?: "");
}

/* The last word, "OK" or an error with its explanations, and the prompt. */
static void at_end(struct module *m, struct buf *reply, const char *error)
{
	buf_printf(reply, error ? "ERROR" : "OK");
	if (error)
		at_explain(m, reply, error);
	buf_add(reply, "\r\n> ", 4);
	at_send(m, reply);
}

/* A reply of which every byte in front of its last word is given. */
void at_exactly(struct module *m, const char *error, const char *format, ...)
{
	struct buf reply = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&reply, format, args);
	va_end(args);
	at_end(m, &reply, error);
}

/* An error with whatever stands in front of it, and no frame. */
void at_bare(struct module *m, const char *text, const char *error)
{
	at_exactly(m, error, "%s", text);
}

/* A reply: frame, body, and its end. */
static void at_reply(struct module *m, const void *body, size_t len, const char *error)
{
	const struct request *rq = &m->request;
	struct buf reply = { 0 };

	if (rq->excess && !error)
		error = TOO_MANY;
	if (fault_strikes(&m->faults, FAULT_LEADING_NAK))
		buf_add(&reply, "\x15\x15", 2);
	if (error && quirk(m, QUIRK_NO_CRLF)) {
		/* Whatever text there is, ERROR is glued to it. */
		buf_add(&reply, body, len);
		at_end(m, &reply, error);
		return;
	}
	buf_add(&reply, "\r\n", 2);
	buf_add(&reply, body, len);
	if (!error && quirk(m, QUIRK_CRLF_EMPTY) && !len)
		buf_add(&reply, "\r\n", 2);
	buf_add(&reply, "\r\n", 2);
	at_end(m, &reply, error);
}

void at_ok(struct module *m)
{
	at_reply(m, NULL, 0, NULL);
}

void at_ok_bytes(struct module *m, const void *data, size_t len)
{
	at_reply(m, data, len, NULL);
}

static void at_vreply(struct module *m, const char *error, const char *format, va_list args)
{
	struct buf body = { 0 };

	buf_vprintf(&body, format, args);
	at_reply(m, body.data, body.len, error);
	buf_free(&body);
}

void at_okf(struct module *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	at_vreply(m, NULL, format, args);
	va_end(args);
}

/* A reply outside the grammar: no frame is added. */
void at_raw(struct module *m, const void *data, size_t len)
{
	struct buf reply = { 0 };

	buf_add(&reply, data, len);
	at_send(m, &reply);
}

/* The command makes no sense. */
void at_error(struct module *m, const char *text)
{
	unsigned int flags = m->request.form ? m->request.form->flags : 0;
	bool few = !strcmp(text, TOO_FEW), wrong = false;

	if (m->request.form) {
		wrong = !strcmp(text, BAD_ARGUMENT) || !strcmp(text, BAD_ADDRESS) ||
			(few && flags & FORM_NONE_WRONG);
		if (wrong)
			text = flags & FORM_BAD ? BAD_ARGUMENT :
			       flags & FORM_FEW ? TOO_FEW : UNKNOWN_ERROR;
	}
	if (wrong && flags & FORM_BARE)
		at_bare(m, m->profile->line == FW_62 ? "\r\n" : "", text);
	else
		at_reply(m, NULL, 0, text);
}

/* The command failed: some text of its own, then the error. */
void at_failf(struct module *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	at_vreply(m, UNKNOWN_ERROR, format, args);
	va_end(args);
}

/* A number that was asked for. */
void at_tell(struct module *m, int value)
{
	const struct form *form = m->request.form;

	at_okf(m, "%d%s", value, form && form->flags & FORM_BLANK ? "\r\n" : "");
}
