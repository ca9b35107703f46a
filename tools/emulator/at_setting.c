// SPDX-License-Identifier: GPL-2.0-only
/* The AT language: settings that are nothing but a value, and how they are saved. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

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

	if (!m->request.args || !*m->request.args) {
		at_error(m, TOO_FEW);
		return;
	}
	if (!at_form_address(m, m->request.args, &address)) {
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
	const struct at_command *cmd = NULL;
	int err = 0;

	flash_clear_settings(&m->flash);
	while (!err && (cmd = at_next(m, cmd)))
		if (cmd->flags & AT_SAVED)
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
