// SPDX-License-Identifier: GPL-2.0-only
/* Certificates: which set is active, what it holds, how servers are verified. */
#include <openssl/crypto.h>
#include <string.h>

#include "at.h"

/* What PE says of an item; faults make it lie. */
static bool is_free(struct module *m, int set, int type)
{
	if (m->faults.fault[FAULT_PE_FREE].on)
		return true;
	if (m->faults.fault[FAULT_PE_USED].on)
		return false;
	return !m->flash.item[set][type].data;
}

/* PE: 0 is used, 1 is available. A set is used if any item of it is. */
static void run_usage(struct module *m)
{
	int set, free[3];

	if (m->faults.fault[FAULT_NO_PE].on) {
		at_error(m, UNKNOWN_COMMAND);
		return;
	}
	if (m->request.args) {
		if (at_get_int(m, 0, m->profile->sets - 1, &set))
			at_okf(m, "%d,%d,%d", is_free(m, set, FLASH_CA),
			       is_free(m, set, FLASH_CERT), is_free(m, set, FLASH_KEY));
		return;
	}
	for (set = 0; set < 3; set++)
		free[set] = is_free(m, set, FLASH_CA) && is_free(m, set, FLASH_CERT) &&
			    is_free(m, set, FLASH_KEY);
	at_okf(m, "%d,%d,%d", free[0], free[1], free[2]);
}

/* PF=use,set; C3.5 still takes its old form PF=set, too. */
static void run_select(struct module *m)
{
	bool old_only = m->faults.fault[FAULT_PF_ONE_ARGUMENT].on;
	bool old_too = old_only || m->profile->line == FW_35;
	char *field[2];
	long use = 0, set;
	int n;

	n = at_split(m, field, old_too ? 1 : 2, old_only ? 1 : 2);
	if (n < 0)
		return;
	if (!at_number(field[n - 1], 0, m->profile->sets - 1, &set) ||
	    (n == 2 && !at_number(field[0], 0, 1, &use))) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	*(use ? &m->set.pf_aws : &m->set.pf_tls) = set;
	at_ok(m);
}

struct program {
	long set;
	long type;
	const uint8_t *data;
	long len;
};

/* PG=set,type,len; false if that makes no sense. */
static bool parse_program(struct module *m, struct program *pg)
{
	char *field[3];

	if (at_split(m, field, 3, 3) < 0)
		return false;
	if (!at_number(field[0], 0, m->profile->sets - 1, &pg->set) ||
	    !at_number(field[1], 0, FLASH_TYPES - 1, &pg->type) ||
	    !at_number(field[2], 1, FLASH_MAX_ITEM, &pg->len)) {
		at_error(m, BAD_ARGUMENT);
		return false;
	}
	pg->data = m->request.payload;
	return true;
}

static void flash_failed(struct module *m, int error)
{
	at_failf(m, "[CERTS  ] Failed to write to iFlash: %d", error);
}

static void burn(struct module *m, const struct program *pg)
{
	bool broken = fault_strikes(&m->faults, FAULT_PG_FLASH_ERROR);
	uint8_t data[FLASH_MAX_ITEM];
	int err;

	if (broken && !m->faults.fault[FAULT_PG_FLASH_ERROR].arg) {
		flash_failed(m, -1);
		return;
	}
	if (fault_strikes(&m->faults, FAULT_LIE)) {
		at_ok(m);
		return;
	}
	fault_power(&m->faults, FAULT_DIE_IN_PG, &m->log);
	memcpy(data, pg->data, pg->len);
	if (fault_strikes(&m->faults, FAULT_PG_FLIP))
		data[pg->len / 2] ^= 1;
	err = flash_burn(&m->flash, pg->set, pg->type, data, pg->len);
	OPENSSL_cleanse(data, sizeof(data));
	log_note(&m->log, "flash: set %ld type %ld, %ld bytes: %s", pg->set, pg->type, pg->len,
		 err ? strerror(-err) : "written");
	if (!err)
		fault_power(&m->faults, FAULT_DIE_AFTER_PG, &m->log);
	if (err || broken)
		flash_failed(m, err ?: -1);
	else
		at_ok(m);
}

/* The burn takes its time, in which power may fail before anything is written. */
static void burn_later(struct module *m, bool expired)
{
	struct program pg;

	(void)expired;
	if (parse_program(m, &pg))
		burn(m, &pg);
}

/*
 * PG writes an item once. Where the set can't be rewritten, the same bytes
 * again are a comparison, and other bytes an error.
 */
static void run_program(struct module *m)
{
	const struct request *rq = &m->request;
	char line[sizeof(rq->line)];
	struct program pg;

	strcpy(line, rq->args ?: "");
	if (!parse_program(m, &pg))
		return;
	if (!memmem(pg.data, pg.len, "-----BEGIN", 10)) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	if (fault_strikes(&m->faults, FAULT_PG_MATCH_ALL) ||
	    (!m->faults.fault[FAULT_PG_NO_MATCH].on &&
	     flash_match(&m->flash, pg.set, pg.type, pg.data, pg.len))) {
		at_okf(m, "[CERTS   ] Match");
		return;
	}
	if (m->flash.item[pg.set][pg.type].data && pg.set < 3) {
		at_failf(m, "[CERTS   ] Selected item unavailable (used)");
		return;
	}
	/* Splitting has cut the arguments apart; the second half starts from them again. */
	strcpy(rq->args, line);
	module_sleep(m, m->timing.burn, burn_later);
}

static void run_ca_name(struct module *m)
{
	char *field[2];
	long which;

	if (at_split(m, field, 2, 2) < 0)
		return;
	if (!at_number(field[0], 0, 1, &which) || strlen(field[1]) > 63) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	strcpy(m->set.ca_name[which], field[1]);
	at_ok(m);
}

const struct at_command at_certificate[] = {
	AT_INT("P9", "<0 none, 1 optional, 2 required>", 0, verify, 0, 2),
	{ .name = "PA", .run = run_ca_name, .help = "<0|1>,<name>" },
	AT_INT("PB", "<0 terminate, 1 report>", 0, verify_report, 0, 1),
	{ .name = "PC", .run = at_accept, .help = "<0|1>,<length>",
	  .flags = AT_35 | AT_PAYLOAD(1), .max = FLASH_MAX_ITEM },
	{ .name = "PD", .run = at_accept, .help = "<0|1>,<length>",
	  .flags = AT_35 | AT_PAYLOAD(1), .max = FLASH_MAX_ITEM },
	{ .name = "PE", .run = run_usage, .help = "[<set>]" },
	{ .name = "PF", .run = run_select, .help = "<0 TLS, 1 AWS>,<set>" },
	{ .name = "PG", .run = run_program, .help = "<set>,<0 CA, 1 certificate, 2 key>,<length>",
	  .flags = AT_PAYLOAD(2), .max = FLASH_MAX_ITEM },
	{ 0 }
};
