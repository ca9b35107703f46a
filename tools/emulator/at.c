// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: finding the command, its arguments, and the forms of a reply. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

#define AT_CUTS		"=,"	/* where firmware that was seen cuts a line */
#define TRAILING	2	/* bytes that may follow a complete command */

static const struct at_command *const at_tables[] = {
	at_system, at_station, at_softap, at_socket, at_data, at_certificate, at_internet,
	at_mqtt, at_pins,
};

static bool at_known(const struct module *m, const struct at_command *cmd)
{
	unsigned int only = cmd->flags & (AT_35 | AT_62);

	/* Where forms are known, they say what there is. */
	if (m->profile->forms)
		return true;
	if (cmd->flags & AT_OBSERVED)
		return false;
	return !only || only == (m->profile->line == FW_35 ? AT_35 : AT_62);
}

static const struct at_command *at_find(const struct module *m, const char *name, size_t len)
{
	const struct at_command *cmd;
	size_t i;

	for (i = 0; i < sizeof(at_tables) / sizeof(*at_tables); i++)
		for (cmd = at_tables[i]; cmd->name; cmd++)
			if (strlen(cmd->name) == len && !memcmp(cmd->name, name, len) &&
			    at_known(m, cmd))
				return cmd;
	return NULL;
}

/* A number that was asked for. */
static void at_tell(struct module *m, int value)
{
	const struct form *form = m->request.form;

	at_okf(m, "%d%s", value, form && form->flags & FORM_BLANK ? "\r\n" : "");
}

/* A number that nothing depends on, but that may be told. */
static void at_form_value(struct module *m)
{
	const struct form *form = m->request.form;
	int *kept = &m->form_value[form - m->profile->forms], value;

	if (!m->request.args && form->flags & FORM_READ) {
		at_tell(m, *kept);
	} else if (at_get_int(m, form->min, form->max, &value)) {
		*kept = value;
		if (form->flags & FORM_SILENT)
			module_hang(m, form->name);
		else
			at_ok(m);
	}
}

/* Of a command that is nothing beside its form, or that needs no work here. */
static void at_run_form(struct module *m)
{
	const struct form *form = m->request.form;

	if (form->flags & FORM_FIXED && form->flags & FORM_READ && m->request.args)
		at_ok(m);
	else if (form->flags & FORM_FIXED)
		at_okf(m, "%s", form->text);
	else if (form->flags & FORM_COUNT && !m->request.args)
		at_error(m, TOO_FEW);
	else if (form->flags & FORM_RAW)
		at_raw(m, form->text, strlen(form->text));
	else if (form->flags & FORM_FAILS)
		at_bare(m, form->text, UNKNOWN_ERROR);
	else if (form->flags & FORM_VALUE)
		at_form_value(m);
	else
		module_hang(m, form->name);
}

static const struct at_command at_form_only = { .name = "", .run = at_run_form };

/* The command of a name, with the form that the firmware gives it. */
static void at_look_up(struct module *m, const char *name, size_t len)
{
	struct request *rq = &m->request;

	if (!m->profile->forms) {
		rq->command = at_find(m, name, len);
		return;
	}
	rq->form = form_find(m->profile->forms, name, len);
	if (!rq->form)
		return;
	rq->command = at_find(m, name, len);
	if (!rq->command || rq->form->flags & (FORM_FIXED | FORM_RAW | FORM_FAILS | FORM_VALUE |
						FORM_SILENT))
		rq->command = &at_form_only;
}

/* Firmware that was seen cuts a line at '=' and ',' alike, and knows no empty pieces. */
static void at_parse_form(struct module *m)
{
	struct request *rq = &m->request;
	char *name = rq->line + strspn(rq->line, AT_CUTS);
	size_t len = strcspn(name, AT_CUTS), i;
	char upper[4];

	if (len < sizeof(upper)) {
		for (i = 0; i < len; i++)
			upper[i] = toupper((unsigned char)name[i]);
		at_look_up(m, upper, len);
	}
	name += len;
	name += strspn(name, AT_CUTS);
	if (*name)
		rq->args = name;
}

/* Which bytes of a line count. */
static bool at_counts(const struct module *m, uint8_t byte)
{
	if (byte >= 0x80)
		return !quirk(m, QUIRK_HIGH_BYTES);
	return byte >= 0x20 || !m->profile->forms;
}

/* Take a command apart; false if it has no CR. */
static bool at_parse(struct module *m, const uint8_t *data, size_t len)
{
	struct request *rq = &m->request;
	const uint8_t *cr = memchr(data, '\r', len);
	size_t text, i, n = 0;
	char *equals;

	*rq = (struct request){ 0 };
	if (!cr)
		return false;
	text = cr - data;
	if (text >= sizeof(rq->line))
		text = sizeof(rq->line) - 1;
	for (i = 0; i < text; i++)
		if (at_counts(m, data[i]))
			rq->line[n++] = data[i];
	text = n;
	rq->payload = cr + 1;
	rq->payload_len = data + len - rq->payload;
	rq->behind = rq->payload_len;
	if (m->profile->forms) {
		at_parse_form(m);
		return true;
	}
	equals = memchr(rq->line, '=', text);
	if (equals)
		rq->args = equals + 1;
	at_look_up(m, rq->line, equals ? (size_t)(equals - rq->line) : text);
	return true;
}

/* How many bytes belong behind the CR; 0 if the header is wrong, which its handler will say. */
static size_t at_payload(const struct module *m)
{
	const struct request *rq = &m->request;
	char text[sizeof(rq->line)], *at = text, *field = NULL;
	int index;
	long len;

	if (!rq->command || !rq->args)
		return 0;
	/* PC and PD take what is there, and say so. */
	if (rq->form && *rq->form->name == 'P' && strchr("CD", rq->form->name[1]))
		return 0;
	index = AT_PAYLOAD_FIELD(rq->command->flags);
	if (index < 0)
		return 0;
	strcpy(text, rq->args);
	for (; index >= 0; index--)
		field = strsep(&at, ",");
	if (!field || !at_number(field, 1, rq->command->max, &len))
		return 0;
	return len;
}

/* Whether the command itself has a word for a payload that is too short. */
static bool at_takes_less(const struct module *m)
{
	const char *name = m->request.command->name;

	return (quirk(m, QUIRK_PG_SHORT) && !strcmp(name, "PG")) ||
	       (quirk(m, QUIRK_TX_MISMATCH) && !strcmp(name, "S3"));
}

/* Whether these bytes are a whole command, once chip select has risen. */
bool at_complete(struct module *m, const uint8_t *data, size_t len)
{
	if (!at_parse(m, data, len))
		return false;
	return m->request.payload_len >= at_payload(m) || at_takes_less(m);
}

static void at_log_command(struct module *m)
{
	const struct request *rq = &m->request;
	size_t text = strlen(rq->line), hidden = 0;

	if (rq->args && rq->command && rq->command->flags & AT_SECRET &&
	    AT_PAYLOAD_FIELD(rq->command->flags) < 0) {
		hidden = strlen(rq->args);
		text -= hidden;
	} else if (rq->command && AT_PAYLOAD_FIELD(rq->command->flags) >= 0) {
		hidden = rq->payload_len;
	}
	log_bytes(&m->log, ">", rq->line, text, hidden);
}

void at_execute(struct module *m, const uint8_t *data, size_t len)
{
	struct request *rq = &m->request;
	const struct buf *given;
	size_t payload;

	at_parse(m, data, len);
	payload = at_payload(m);
	/* S0 names no length: it sends what is there. */
	if (!rq->command || strcmp(rq->command->name, "S0")) {
		rq->excess = !rq->form && rq->payload_len > payload + TRAILING;
		if (rq->payload_len > payload)
			rq->payload_len = payload;
	}
	at_log_command(m);
	fault_power(&m->faults, FAULT_DIE_AT, &m->log);
	given = replies_find(&m->replies, rq->line);
	if (given)
		at_raw(m, given->data, given->len);
	else if (m->scan_next >= 0 && quirk(m, QUIRK_SCAN_SHIFT))
		/* Whatever it was, it is taken for MR. */
		station_next_record(m);
	else if (!*rq->line)
		at_error(m, NO_COMMAND);
	else if (!rq->command)
		at_error(m, UNKNOWN_COMMAND);
	else
		rq->command->run(m);
}

/* As at_split(), but there are no empty fields, and nobody minds too many. */
static int at_split_form(struct module *m, char *field[], int min, int max)
{
	char *rest = m->request.args;
	int n = 0;

	while (rest && n < max) {
		rest += strspn(rest, AT_CUTS);
		if (!*rest)
			break;
		field[n++] = rest;
		rest += strcspn(rest, AT_CUTS);
		if (*rest)
			*rest++ = 0;
	}
	if (n < min) {
		at_error(m, n && !(m->request.form->flags & FORM_COUNT) ? BAD_ARGUMENT : TOO_FEW);
		return -1;
	}
	return n;
}

/* Split the arguments at commas; replies and returns -1 if their number is wrong. */
int at_split(struct module *m, char *field[], int min, int max)
{
	char *rest = m->request.args;
	int n = 0;

	if (m->request.form)
		return at_split_form(m, field, min, max);
	while (rest && n < max)
		field[n++] = strsep(&rest, ",");
	if (rest) {
		at_error(m, TOO_MANY);
		return -1;
	}
	if (n < min || (min && !*field[0])) {
		at_error(m, TOO_FEW);
		return -1;
	}
	return n;
}

/* A decimal number; leading blanks and zeros are fine. */
bool at_number(const char *text, long min, long max, long *value)
{
	char *end;
	long n;

	text += strspn(text, " ");
	if (strspn(text, "0123456789") == 0)
		return false;
	n = strtol(text, &end, 10);
	if (*end || n < min || n > max)
		return false;
	*value = n;
	return true;
}

/* A number as the firmware reads the command's. */
bool at_form_number(const struct module *m, const char *text, long min, long max, long *value)
{
	unsigned int flags = m->request.form ? m->request.form->flags : 0;
	size_t digits = strspn(text, "0123456789");
	long n;

	if (!m->request.form)
		return at_number(text, min, max, value);
	if (!(flags & FORM_LOOSE) && (!digits || (!(flags & FORM_LEADING) && text[digits])))
		return false;
	n = strtol(text, NULL, 10);
	if (flags & FORM_BYTE)
		n &= 0xff;
	if ((n < min || n > max) && !(n && n == m->request.form->also))
		return false;
	*value = n;
	return true;
}

/* Four numbers with dots between, whatever comes behind. */
static bool at_loose_address(const char *text, struct in_addr *address)
{
	unsigned int n[4], i;

	if (sscanf(text, "%3u.%3u.%3u.%u", &n[0], &n[1], &n[2], &n[3]) != 4)
		return false;
	for (i = 0; i < 4; i++)
		if (n[i] > 255)
			return false;
	address->s_addr = htonl(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]);
	return true;
}

bool at_address(const char *text, struct in_addr *address)
{
	return inet_pton(AF_INET, text, address) == 1;
}

/* The only argument, a number; replies and returns false if it is not one. */
bool at_get_int(struct module *m, long min, long max, int *value)
{
	char *field[1], zero[] = "0";
	long n;

	if (!m->request.args && m->request.form && m->request.form->flags & FORM_ZERO)
		field[0] = zero;
	else if (at_split(m, field, 1, 1) < 0)
		return false;
	if (!at_form_number(m, field[0], min, max, &n)) {
		at_error(m, BAD_ARGUMENT);
		return false;
	}
	*value = n;
	return true;
}

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

void at_okf(struct module *m, const char *format, ...)
{
	struct buf body = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&body, format, args);
	va_end(args);
	at_reply(m, body.data, body.len, NULL);
	buf_free(&body);
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
	struct buf body = { 0 };
	va_list args;

	va_start(args, format);
	buf_vprintf(&body, format, args);
	va_end(args);
	at_reply(m, body.data, body.len, UNKNOWN_ERROR);
	buf_free(&body);
}

/* The settings for sending and receiving that hold for the selected socket. */
struct sock_settings *at_data_settings(struct module *m)
{
	return &m->sock[quirk(m, QUIRK_R_PER_SOCKET) ? m->set.socket : 0].set;
}

static void *at_field(struct module *m, const struct at_command *cmd)
{
	if (cmd->flags & AT_DATA)
		return (char *)at_data_settings(m) + cmd->offset;
	if (cmd->flags & AT_SOCKET)
		return (char *)&m->sock[m->set.socket].set + cmd->offset;
	return (char *)&m->set + cmd->offset;
}

/* A command without '=': read the setting back, where that is possible. */
static bool at_reading(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	const struct form *form = m->request.form;

	if (m->request.args || (form && form->flags & FORM_ZERO))
		return false;
	if (!(form ? form->flags & FORM_READ : cmd->flags & AT_READABLE))
		at_error(m, TOO_FEW);
	else
		at_tell(m, *(int *)at_field(m, cmd));
	return true;
}

void at_set_int(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	const struct form *form = m->request.form;
	bool given = m->request.args;
	int value;

	if (at_reading(m))
		return;
	if (!at_get_int(m, form ? form->min : cmd->min, form ? form->max : cmd->max, &value)) {
		if (given && form && form->flags & FORM_LEAVES)
			*(int *)at_field(m, cmd) = form->refused;
		return;
	}
	*(int *)at_field(m, cmd) = value;
	at_ok(m);
}

void at_set_hex(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	char *end, *field[1];
	long value;

	if (at_split(m, field, 1, 1) < 0)
		return;
	value = strtol(field[0], &end, 16);
	if (m->request.form ? end == field[0] : *end)
		value = -1;
	if (value < cmd->min || value > cmd->max) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	*(int *)at_field(m, cmd) = value;
	at_ok(m);
}

/* The rest of the line, commas and all: nothing can be escaped. */
void at_set_text(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	const struct form *form = m->request.form;
	long most = form ? form->max : cmd->max;
	const char *args = m->request.args;
	long len = args ? (long)strlen(args) : 0;

	if (form)
		while (len && strchr(AT_CUTS, args[len - 1]))
			len--;
	if (!args && !(form && form->flags & FORM_NONE_OK)) {
		at_error(m, TOO_FEW);
	} else if (len > most) {
		at_error(m, form ? TOO_MANY : BAD_ARGUMENT);
	} else if (len < cmd->min) {
		at_error(m, BAD_ARGUMENT);
	} else {
		memcpy(at_field(m, cmd), args ?: "", len);
		((char *)at_field(m, cmd))[len] = 0;
		at_ok(m);
	}
}

/* One word, where firmware that was seen takes no more. */
void at_set_word(struct module *m)
{
	char *field[1];

	if (m->request.form && m->request.args && at_split(m, field, 1, 1) > 0)
		m->request.args = field[0];
	at_set_text(m);
}

void at_set_address(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	struct in_addr address;
	bool good;

	if (!m->request.args || !*m->request.args) {
		at_error(m, TOO_FEW);
		return;
	}
	good = m->request.form ? at_loose_address(m->request.args, &address) :
				 at_address(m->request.args, &address);
	if (!good) {
		at_error(m, BAD_ADDRESS);
	} else {
		*(struct in_addr *)at_field(m, cmd) = address;
		at_ok(m);
	}
}

/* Hardware that nobody here can see: the command is taken, and that is all. */
void at_accept(struct module *m)
{
	at_ok(m);
}

static int at_save_one(struct module *m, const struct at_command *cmd)
{
	const void *field = at_field(m, cmd);
	char text[130];

	if (cmd->run == at_set_int)
		snprintf(text, sizeof(text), "%d", *(const int *)field);
	else if (cmd->run == at_set_hex)
		snprintf(text, sizeof(text), "%x", *(const int *)field);
	else if (cmd->run == at_set_address)
		inet_ntop(AF_INET, field, text, sizeof(text));
	else
		snprintf(text, sizeof(text), "%s", (const char *)field);
	return flash_add_setting(&m->flash, cmd->name, text);
}

/* Save every setting that survives a reset. */
int at_save(struct module *m)
{
	const struct at_command *cmd;
	int err = 0;
	size_t i;

	flash_clear_settings(&m->flash);
	for (i = 0; !err && i < sizeof(at_tables) / sizeof(*at_tables); i++)
		for (cmd = at_tables[i]; !err && cmd->name; cmd++)
			if (cmd->flags & AT_SAVED && at_known(m, cmd))
				err = at_save_one(m, cmd);
	return err ?: flash_sync(&m->flash);
}

/* Take the saved settings over at boot. */
void at_restore(struct module *m)
{
	const struct at_command *cmd;
	unsigned int i;

	for (i = 0; i < m->flash.settings; i++) {
		const char *name = m->flash.setting[i].name, *value = m->flash.setting[i].value;

		cmd = at_find(m, name, strlen(name));
		if (!cmd || !(cmd->flags & AT_SAVED))
			continue;
		if (cmd->run == at_set_int || cmd->run == at_set_hex)
			*(int *)at_field(m, cmd) = strtol(value, NULL,
							  cmd->run == at_set_hex ? 16 : 10);
		else if (cmd->run == at_set_address)
			inet_pton(AF_INET, value, at_field(m, cmd));
		else if ((long)strlen(value) <= cmd->max)
			strcpy(at_field(m, cmd), value);
	}
}
