// SPDX-License-Identifier: GPL-2.0-only
/* The fault plan: what shall go wrong, and when. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

static const struct {
	const char *name;
	const char *help;
	bool arg_is_occasion;
} fault_table[FAULTS] = {
	[FAULT_NO_BOOT] = { "no-boot", "data-ready never rises after a reset" },
	[FAULT_NO_PROMPT] = { "no-prompt", "garbage instead of the boot prompt" },
	[FAULT_BOOT_NO_NAK] = { "boot-no-nak", "boot prompt without its two stuffing bytes" },
	[FAULT_NO_IDENTIFY] = { "no-identify", "I? is never answered" },
	[FAULT_STUCK_LOW] = { "stuck-low", "a command is never answered, data-ready stays low" },
	[FAULT_STUCK_HIGH] = { "stuck-high", "data-ready stays high after a command, no reply" },
	[FAULT_ENDLESS_STUFFING] = { "endless-stuffing", "a reply is followed by 0x15 for ever" },
	[FAULT_LATE_DRDY] = { "late-drdy", "=US: data-ready falls that long after the last word" },
	[FAULT_LEADING_NAK] = { "leading-nak", "stuffing before a reply" },
	[FAULT_GARBAGE] = { "garbage", "a reply that is none" },
	[FAULT_PG_FLASH_ERROR] = { "pg-flash-error",
				   "PG reports a flash error; =1: but has written" },
	[FAULT_DIE_AT] = { "die-at", "=N: power fails when the Nth command has come", true },
	[FAULT_DIE_AFTER] = { "die-after",
			      "=N: power fails before the Nth command's reply is read", true },
	[FAULT_DIE_IN_PG] = { "die-in-pg",
			      "=N: power fails when the Nth PG is about to write", true },
	[FAULT_DIE_AFTER_PG] = { "die-after-pg",
				 "=N: power fails when the Nth PG has written", true },
	[FAULT_TEAR] = { "tear",
			 "=BYTES: power fails when PG has written as many bytes" },
	[FAULT_LIE] = { "lie", "PG answers OK and writes nothing" },
	[FAULT_PG_FLIP] = { "pg-flip", "PG answers OK and writes one bit wrong" },
	[FAULT_PG_MATCH_ALL] = { "pg-match-all", "PG answers Match to everything, and writes nothing" },
	[FAULT_PG_NO_MATCH] = { "pg-no-match",
				"PG knows no comparison: a used item is an error, as in old firmware" },
	[FAULT_PE_FREE] = { "pe-free", "PE calls every item free" },
	[FAULT_PE_USED] = { "pe-used", "PE calls every item used" },
	[FAULT_NO_PE] = { "no-pe", "there is no PE, as in old firmware" },
	[FAULT_STALE_DNS] = { "stale-dns", "D0 of an unknown host gives the previous address" },
	[FAULT_PF_ONE_ARGUMENT] = { "pf-one-argument", "PF knows its old form only" },
	[FAULT_ZERO_IP] = { "zero-ip", "C0 ends in OK with 0.0.0.0" },
	[FAULT_CONNECT_FAIL] = { "connect-fail", "P6=1 fails" },
	[FAULT_SEND_SHORT] = { "send-short", "S3 sends half" },
	[FAULT_SEND_FAIL] = { "send-fail", "S3 fails, the connection stays" },
	[FAULT_ACCEPT_SILENT] = { "accept-silent", "an accepted client is not announced" },
	[FAULT_NO_CHANNEL] = { "no-channel", "scan records without the channel" },
	[FAULT_TLS_STALL] = { "tls-stall", "R0 delivers nothing on a TLS socket" },
};

/* NAME[=ARG][@N] */
int fault_parse(struct fault_plan *plan, const char *text)
{
	size_t len = strcspn(text, "=@");
	const char *rest = text + len;
	long arg = 0, at = 0;
	char *end;
	int id;

	for (id = 0; id < FAULTS; id++)
		if (strlen(fault_table[id].name) == len &&
		    !strncmp(text, fault_table[id].name, len))
			break;
	if (id == FAULTS)
		return -ENOENT;
	if (*rest == '=') {
		arg = strtol(rest + 1, &end, 10);
		if (end == rest + 1 || arg < 0)
			return -EINVAL;
		rest = end;
	}
	if (*rest == '@') {
		at = strtol(rest + 1, &end, 10);
		if (end == rest + 1 || at < 1)
			return -EINVAL;
		rest = end;
	}
	if (*rest)
		return -EINVAL;
	if (fault_table[id].arg_is_occasion && !at)
		at = arg;
	plan->fault[id].on = true;
	plan->fault[id].arg = arg;
	plan->fault[id].at = at;
	return 0;
}

/* Called at each occasion on which the fault could strike. */
bool fault_strikes(struct fault_plan *plan, enum fault_id id)
{
	if (!plan->fault[id].on)
		return false;
	plan->fault[id].seen++;
	return !plan->fault[id].at || plan->fault[id].at == plan->fault[id].seen;
}

/* Whether the fault strikes on every occasion, so on this uncounted one, too. */
bool fault_always(const struct fault_plan *plan, enum fault_id id)
{
	return plan->fault[id].on && !plan->fault[id].at;
}

/* Power fails if this fault strikes: the program ends as it is. */
void fault_power(struct fault_plan *plan, enum fault_id id, struct log *log)
{
	if (!fault_strikes(plan, id))
		return;
	log_note(log, "fault: power fails");
	_exit(0);
}

void fault_list(FILE *out)
{
	int id;

	for (id = 0; id < FAULTS; id++)
		fprintf(out, "%-17s %s\n", fault_table[id].name, fault_table[id].help);
}
