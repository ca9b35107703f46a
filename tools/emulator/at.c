// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: finding the command, its arguments, and the forms of a reply. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

#define TRAILING	2	/* bytes that may follow a complete command */

static const struct at_command *const at_tables[] = {
	at_system, at_station, at_softap, at_socket, at_data, at_certificate, at_internet,
};

static bool at_known(const struct module *m, const struct at_command *cmd)
{
	unsigned int only = cmd->flags & (AT_35 | AT_62);

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
		if (data[i] < 0x80 || !quirk(m, QUIRK_HIGH_BYTES))
			rq->line[n++] = data[i];
	text = n;
	rq->payload = cr + 1;
	rq->payload_len = data + len - rq->payload;
	equals = memchr(rq->line, '=', text);
	if (equals)
		rq->args = equals + 1;
	rq->command = at_find(m, rq->line, equals ? (size_t)(equals - rq->line) : text);
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

/* Whether these bytes are a whole command, once chip select has risen. */
bool at_complete(struct module *m, const uint8_t *data, size_t len)
{
	return at_parse(m, data, len) && m->request.payload_len >= at_payload(m);
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
		rq->excess = rq->payload_len > payload + TRAILING;
		rq->payload_len = payload;
	}
	at_log_command(m);
	fault_power(&m->faults, FAULT_DIE_AT, &m->log);
	given = replies_find(&m->replies, rq->line);
	if (given)
		at_raw(m, given->data, given->len);
	else if (!*rq->line)
		at_error(m, NO_COMMAND);
	else if (!rq->command)
		at_error(m, UNKNOWN_COMMAND);
	else
		rq->command->run(m);
}

/* Split the arguments at commas; replies and returns -1 if their number is wrong. */
int at_split(struct module *m, char *field[], int min, int max)
{
	char *rest = m->request.args;
	int n = 0;

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

bool at_address(const char *text, struct in_addr *address)
{
	return inet_pton(AF_INET, text, address) == 1;
}

/* The only argument, a number; replies and returns false if it is not one. */
bool at_get_int(struct module *m, long min, long max, int *value)
{
	char *field[1];
	long n;

	if (at_split(m, field, 1, 1) < 0)
		return false;
	if (!at_number(field[0], min, max, &n)) {
		at_error(m, BAD_ARGUMENT);
		return false;
	}
	*value = n;
	return true;
}

static void at_send(struct module *m, struct buf *reply)
{
	const struct request *rq = &m->request;

	fault_power(&m->faults, FAULT_DIE_AFTER, &m->log);
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

/* A reply: frame, body, and its end, "OK" or an error with its explanations. */
static void at_reply(struct module *m, const void *body, size_t len, const char *error)
{
	const struct request *rq = &m->request;
	struct buf reply = { 0 };

	if (fault_strikes(&m->faults, FAULT_LEADING_NAK))
		buf_add(&reply, "\x15\x15", 2);
	buf_add(&reply, "\r\n", 2);
	buf_add(&reply, body, len);
	if (rq->excess && !error)
		error = TOO_MANY;
	if (!error) {
		if (quirk(m, QUIRK_CRLF_EMPTY) && !len)
			buf_add(&reply, "\r\n", 2);
		buf_add(&reply, "\r\nOK", 4);
	} else {
		buf_add(&reply, "\r\nERROR", 7);
		if (!m->set.terse_errors) {
			buf_printf(&reply, ": %s", error);
			if (rq->command)
				buf_printf(&reply, "\r\nUsage: %s %s", rq->command->name,
					   rq->command->help ?: "");
		}
	}
	buf_add(&reply, "\r\n> ", 4);
	at_send(m, &reply);
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

static void *at_field(struct module *m, const struct at_command *cmd)
{
	if (cmd->flags & AT_SOCKET)
		return (char *)&m->sock[m->set.socket].set + cmd->offset;
	return (char *)&m->set + cmd->offset;
}

/* A command without '=': read the setting back, where that is possible. */
static bool at_reading(struct module *m)
{
	const struct at_command *cmd = m->request.command;

	if (m->request.args)
		return false;
	if (!(cmd->flags & AT_READABLE))
		at_error(m, TOO_FEW);
	else
		at_okf(m, "%d", *(int *)at_field(m, cmd));
	return true;
}

void at_set_int(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	int value;

	if (at_reading(m) || !at_get_int(m, cmd->min, cmd->max, &value))
		return;
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
	if (*end || value < cmd->min || value > cmd->max) {
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
	const char *args = m->request.args;
	long len = args ? (long)strlen(args) : 0;

	if (!args) {
		at_error(m, TOO_FEW);
	} else if (len < cmd->min || len > cmd->max) {
		at_error(m, BAD_ARGUMENT);
	} else {
		strcpy(at_field(m, cmd), args);
		at_ok(m);
	}
}

void at_set_address(struct module *m)
{
	const struct at_command *cmd = m->request.command;
	struct in_addr address;

	if (!m->request.args || !*m->request.args) {
		at_error(m, TOO_FEW);
	} else if (!at_address(m->request.args, &address)) {
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
