// SPDX-License-Identifier: GPL-2.0-only
/*
 * PM: what MQTT is told, and tells. No broker is spoken to here.
 *
 * What was seen keeps a broker, three topics, a number, three texts and another
 * number, and tells them in this order. Of the documents' there are seven.
 */
#include <string.h>

#include "at.h"

#define TOPICS	3
#define MOST_ARGUMENTS 4

enum { BROKER, TOPIC, QUALITY = TOPIC + TOPICS, CLIENT, USER, PASSWORD, KEEPALIVE };

/* Which of what is kept PM=which sets, and what a number may be; 0: it is a text. */
static const struct {
	int kept;
	long most;
} settable[] = {
	{ BROKER, 0 }, { TOPIC, 0 }, { QUALITY, 2 }, { CLIENT, 0 }, { USER, 0 },
	{ PASSWORD, 0 }, { KEEPALIVE, 65535 },
};

void mqtt_defaults(struct module *m)
{
	strcpy(m->set.mqtt[QUALITY], "2");
	strcpy(m->set.mqtt[PASSWORD], "ism_publisher_aws");
	strcpy(m->set.mqtt[KEEPALIVE], "10");
}

static void tell(struct module *m, int fields)
{
	struct buf text = { 0 };
	int i;

	for (i = 0; i < fields; i++)
		buf_printf(&text, "%s%s", i ? "," : "", m->set.mqtt[i]);
	at_ok_bytes(m, text.data, text.len);
	buf_free(&text);
}

static const char *without_quotes(const char *text)
{
	return strcmp(text, "''") ? text : "";
}

/* PM=which,value; a topic may have its index in between. */
static void run_seen(struct module *m)
{
	char *field[MOST_ARGUMENTS], *kept;
	long which, index = 0, value;
	int n;

	n = at_split(m, field, m->profile->line == FW_62 ? 1 : 2, MOST_ARGUMENTS);
	if (n < 0)
		return;
	if (n == MOST_ARGUMENTS || !at_form_number(m, field[0], 0, 6, &which) ||
	    (n == 3 && (which != 1 || !at_form_number(m, field[1], 0, TOPICS - 1, &index))) ||
	    (n > 1 && settable[which].most &&
	     !at_form_number(m, field[1], 0, settable[which].most, &value))) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	kept = m->set.mqtt[settable[which].kept + index];
	if (n > 1 && settable[which].most) {
		snprintf(kept, sizeof(*m->set.mqtt), "%ld", value);
	} else if (n > 1 && strlen(field[n - 1]) >= sizeof(*m->set.mqtt)) {
		at_error(m, TOO_MANY);
		return;
	} else if (n > 1) {
		strcpy(kept, without_quotes(field[n - 1]));
	}
	at_ok(m);
}

static void run_documented(struct module *m)
{
	static const size_t longest[] = { 64, 64, 1, 32, 32, 24, 5 };
	char *field[3];
	long which;
	int n;

	n = at_split(m, field, 2, 3);
	if (n < 0)
		return;
	if (!at_number(field[0], 0, 6, &which) || (n == 3 && which != 1) ||
	    strlen(field[n - 1]) > longest[which]) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	strcpy(m->set.mqtt[which], without_quotes(field[n - 1]));
	at_ok(m);
}

static void run_mqtt(struct module *m)
{
	if (!m->request.args)
		tell(m, observed(m) ? KEEPALIVE + 1 : 7);
	else if (observed(m))
		run_seen(m);
	else
		run_documented(m);
}

const struct at_command at_mqtt[] = {
	{ .name = "PM", .run = run_mqtt, .help = "<0-6>,<value>", .flags = AT_SECRET },
	{ 0 }
};
