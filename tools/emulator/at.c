// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: taking a line apart, finding its command, and executing it. */
#include <ctype.h>
#include <string.h>

#include "at.h"

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

/* Walk the commands that there are: NULL gives the first one, the last one gives NULL. */
const struct at_command *at_next(const struct module *m, const struct at_command *cmd)
{
	const struct at_command *next;
	bool behind = !cmd;
	size_t i;

	for (i = 0; i < sizeof(at_tables) / sizeof(*at_tables); i++) {
		for (next = at_tables[i]; next->name; next++) {
			if (behind && at_known(m, next))
				return next;
			behind = behind || next == cmd;
		}
	}
	return NULL;
}

const struct at_command *at_find(const struct module *m, const char *name, size_t len)
{
	const struct at_command *cmd = NULL;

	while ((cmd = at_next(m, cmd)))
		if (strlen(cmd->name) == len && !memcmp(cmd->name, name, len))
			break;
	return cmd;
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
