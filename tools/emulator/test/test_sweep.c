// SPDX-License-Identifier: GPL-2.0-only
/* Every command with arguments good and bad: whatever comes, a reply that is one. */
#include <stdio.h>
#include <string.h>

#include "test.h"

/* Whether data is a whole reply: it ends in a prompt, or is one scan record. */
static bool is_reply(const uint8_t *data, size_t len)
{
	while (len && data[len - 1] == NAK)
		len--;
	if (len < 4)
		return false;
	return !memcmp(data + len - 4, "\r\n> ", 4) || !memcmp(data + len - 7, "[EOMA]\r", 7);
}

/* PG of a length that is none, where that is never answered. */
static bool is_dead(const struct module *m)
{
	return quirk(m, QUIRK_PG_DEAD) && m->request.form &&
	       !strcmp(m->request.form->name, "PG");
}

static void sweep(struct module *m, const struct at_command *cmd)
{
	static const char *const args[] = {
		"", "=", "=0", "=1", "=2", "=-1", "=99999999999999999999", "=0,0", "=1,0,3\rabc",
		"=0,1,2,3,4,5,6,7,8,9", "=,,,,", "=255.255.255.255", "=1.2.3", "=%s%n", "=\xff\x15",
		"=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	};
	bool silent = !strcmp(cmd->name, "A0"), ok = true;
	uint8_t reply[4096];
	char line[256];
	size_t i, n;

	for (i = 0; i < sizeof(args) / sizeof(*args); i++) {
		host_reset(m, true);
		host_reset(m, false);
		host_wait(m, 1, 1000);
		host_read(m, reply, sizeof(reply));
		m->sock[0].set.send_ms = 0;
		host_wait(m, 1, 100);
		snprintf(line, sizeof(line), "%s%s\r", cmd->name, args[i]);
		host_send(m, line, strlen(line));
		if (!host_wait(m, 1, silent || m->wire.state != WIRE_BUSY ? 5 : 200)) {
			/* A payload that did not come. */
			ok = ok && (silent || is_dead(m) || !at_complete(m, m->wire.in.data, m->wire.in.len));
			continue;
		}
		n = host_read(m, reply, sizeof(reply));
		ok = ok && !silent && is_reply(reply, n);
	}
	test_ok(ok, cmd->name);
}

void test_sweep(const char *firmware)
{
	static const struct at_command *const tables[] = {
		at_system, at_station, at_softap, at_socket, at_data, at_certificate, at_internet,
	};
	struct module *m = host_start(firmware, NULL);
	const struct at_command *cmd;
	size_t i;

	m->timing.boot = 0;
	printf("# every command of %s\n", firmware);
	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		for (cmd = tables[i]; cmd->name; cmd++)
			sweep(m, cmd);
	host_stop(m);
}
