// SPDX-License-Identifier: GPL-2.0-only
/* Certificates: which set is active, what it holds, how servers are verified. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "at.h"

#define BEGIN		"-----BEGIN"
#define FRAME_MAX	2048		/* quirk: bytes of a frame that the firmware sees */
#define TAIL		2		/* bytes that it writes behind an item */

/* C6.2 has a blank line behind its words. */
static const char *blank(const struct module *m)
{
	return m->profile->forms && m->profile->line == FW_62 ? "\r\n" : "";
}

/* How many bytes a slot has. Behind it lies the next one. */
static size_t slot_size(const struct module *m, long set, long type)
{
	if (!quirk(m, QUIRK_PG_SPILL))
		return FLASH_MAX_ITEM;
	if (set < 3)
		return type == FLASH_KEY ? 2048 : 4096;
	if (m->profile->line == FW_62)
		return 2048;
	return type == FLASH_CERT ? 1408 : 1792;
}

/* The slot behind another one in flash; NULL if nothing of use is there. */
static struct flash_item *next_slot(struct module *m, long set, long type)
{
	static const struct { int set, type; } order[] = {
		{ 0, FLASH_CERT }, { 0, FLASH_KEY }, { 1, FLASH_CERT }, { 1, FLASH_KEY },
		{ 2, FLASH_CA }, { 2, FLASH_CERT }, { 2, FLASH_KEY }, { -1, 0 },
		{ 0, FLASH_CA }, { 1, FLASH_CA }, { -1, 0 },
		{ 3, FLASH_CA }, { 3, FLASH_CERT }, { 3, FLASH_KEY }, { -1, 0 },
	};
	size_t i;

	for (i = 0; order[i].set != set || order[i].type != type; i++)
		;
	i++;
	return order[i].set < 0 ? NULL : &m->flash.item[order[i].set][order[i].type];
}

/* The firmware knows an item by how it begins. */
static bool is_item(const struct module *m, const struct flash_item *item)
{
	if (!item->data || !quirk(m, QUIRK_PG_BEGIN))
		return item->data;
	return item->len >= strlen(BEGIN) && !memcmp(item->data, BEGIN, strlen(BEGIN));
}

/* What PE says of an item; faults make it lie. */
static bool is_free(struct module *m, int set, int type)
{
	if (m->faults.fault[FAULT_PE_FREE].on)
		return true;
	if (m->faults.fault[FAULT_PE_USED].on)
		return false;
	return !is_item(m, &m->flash.item[set][type]);
}

/* What PE says of a set: used if any item of it is, or if all are. */
static bool is_set_free(struct module *m, int set)
{
	int n = is_free(m, set, FLASH_CA) + is_free(m, set, FLASH_CERT) +
		is_free(m, set, FLASH_KEY);

	return quirk(m, QUIRK_PE_ANY) ? n == FLASH_TYPES : n > 0;
}

/* PE: 0 is used, 1 is available. */
static void run_usage(struct module *m)
{
	int set;

	if (m->faults.fault[FAULT_NO_PE].on) {
		at_error(m, UNKNOWN_COMMAND);
		return;
	}
	if (m->request.args && observed_as(m, FW_62) && strpbrk(m->request.args, "=,")) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	if (m->request.args) {
		if (at_get_int(m, 0, m->profile->sets - 1, &set))
			at_okf(m, "%d,%d,%d", is_free(m, set, FLASH_CA),
			       is_free(m, set, FLASH_CERT), is_free(m, set, FLASH_KEY));
		return;
	}
	if (quirk(m, QUIRK_PE_ANY))
		at_okf(m, "%d,%d,%d", is_set_free(m, 0), is_set_free(m, 1), is_set_free(m, 2));
	else
		at_okf(m, "%d,%d,%d,%d", is_set_free(m, 0), is_set_free(m, 1),
		       is_set_free(m, 2), is_set_free(m, 3));
}

/* PF=use,set; by its documents C3.5 still takes its old form PF=set, too. */
static void run_select(struct module *m)
{
	bool old_only = m->faults.fault[FAULT_PF_ONE_ARGUMENT].on;
	bool old_too = old_only || quirk(m, QUIRK_PF_FORM);
	char *field[2];
	long use = 0, set;
	int n;

	if (!m->request.args && !old_too) {
		at_okf(m, "%d,%d", m->set.pf_tls, m->set.pf_aws);
		return;
	}
	n = at_split(m, field, old_too ? 1 : 2, old_only ? 1 : 2);
	if (n < 0)
		return;
	if (!at_number(field[n - 1], 0, m->profile->sets - 1, &set) ||
	    (n == 2 && !at_number(field[0], 0, observed_as(m, FW_35) ? 3 : 1, &use))) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	if (use < 2)
		*(use ? &m->set.pf_aws : &m->set.pf_tls) = set;
	at_ok(m);
}

/**
 * struct program - a PG that makes sense
 * @set: which set
 * @type: which item of it
 * @len: how many bytes it is said to have
 * @data: what is written: @size bytes
 */
struct program {
	long set;
	long type;
	long len;
	uint8_t data[FLASH_MAX_ITEM + TAIL];
	size_t size;
};

static void mismatch(struct module *m, size_t came)
{
	snprintf(m->request.before, sizeof(m->request.before),
		 "\r\nData mismatch, %zu bytes received!\r\n> ", came);
}

/*
 * What goes into the slot: the announced bytes, of which some may be missing, and
 * two more, that are what the buffer has behind them: zeros, or the frame's pad.
 */
static void fill(struct module *m, struct program *pg)
{
	const struct request *rq = &m->request;
	size_t header = (rq->args ? rq->payload - (const uint8_t *)m->wire.in.data : 0);
	size_t came = rq->behind, want = pg->len;

	if (quirk(m, QUIRK_PG_FRAME) && header + came > FRAME_MAX)
		came = header < FRAME_MAX ? FRAME_MAX - header : 0;
	if (came < want && quirk(m, QUIRK_PG_FRAME))
		mismatch(m, came);
	memset(pg->data, 0, sizeof(pg->data));
	if (quirk(m, QUIRK_PG_PAD))
		want += TAIL;
	memcpy(pg->data, rq->payload, came < want ? came : want);
	/* Zeros at the end are no part of it. */
	pg->size = pg->len + TAIL;
	while (pg->size > (size_t)pg->len && !pg->data[pg->size - 1])
		pg->size--;
}

/* PG=set,type,len; false if that makes no sense. */
static bool parse_program(struct module *m, struct program *pg)
{
	bool dead = quirk(m, QUIRK_PG_DEAD);
	char *field[3];
	int n;

	n = at_split(m, field, dead ? 2 : 3, 3);
	if (n < 0)
		return false;
	if (!at_number(field[0], 0, m->profile->sets - 1, &pg->set) ||
	    !at_number(field[1], 0, FLASH_TYPES - 1, &pg->type)) {
		at_error(m, BAD_ARGUMENT);
		return false;
	}
	if (n == 3 && at_number(field[2], observed(m) ? 0 : 1,
				slot_size(m, pg->set, pg->type), &pg->len) &&
	    (!dead || *field[2] != ' ')) {
		fill(m, pg);
		return true;
	}
	if (dead)
		module_hang(m, "PG of a length that is none");
	else
		at_error(m, BAD_ARGUMENT);
	return false;
}

static void flash_failed(struct module *m, int error)
{
	if (observed_as(m, FW_35) || observed_as(m, FW_62))
		at_failf(m, "[CERTS  ] Failed to write to iFlash: 4\r\n"
			 "[CERTS  ] Failed to write to iFlash: %d\r\n\r\n", error);
	else
		at_failf(m, "[CERTS  ] Failed to write to iFlash: %d", error);
}

/* Flash that is not erased takes bits away only. */
static bool can_write(const struct flash_item *item, const struct program *pg)
{
	size_t i;

	for (i = 0; i < item->len && i < pg->size; i++)
		if ((item->data[i] & pg->data[i]) != pg->data[i])
			return false;
	return true;
}

/* The end of an item that is too long for its slot lands in the next one. */
static void spill(struct module *m, const struct program *pg)
{
	size_t size = slot_size(m, pg->set, pg->type), over = pg->len + TAIL;
	struct flash_item *next = next_slot(m, pg->set, pg->type);

	if (!quirk(m, QUIRK_PG_SPILL) || over <= size || !next || next->data)
		return;
	next->len = over - size;
	next->data = calloc(1, next->len);
	if (next->data)
		memcpy(next->data, pg->data + size, next->len);
	flash_sync(&m->flash);
}

static void burn(struct module *m, struct program *pg)
{
	bool broken = fault_strikes(&m->faults, FAULT_PG_FLASH_ERROR);
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
	if (fault_strikes(&m->faults, FAULT_PG_FLIP))
		pg->data[pg->len / 2] ^= 1;
	err = flash_burn(&m->flash, pg->set, pg->type, pg->data, pg->size);
	/* Two bytes too many, and none ends it. */
	if (!err && pg->size == (size_t)pg->len + TAIL)
		err = flash_tear(&m->flash, pg->set, pg->type, pg->size);
	spill(m, pg);
	log_note(&m->log, "flash: set %ld type %ld, %ld bytes: %s", pg->set, pg->type, pg->len,
		 err ? strerror(-err) : "written");
	if (!err && m->faults.fault[FAULT_TEAR].on)
		flash_tear(&m->flash, pg->set, pg->type, m->faults.fault[FAULT_TEAR].arg);
	if (!err) {
		fault_power(&m->faults, FAULT_TEAR, &m->log);
		fault_power(&m->faults, FAULT_DIE_AFTER_PG, &m->log);
	}
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
	OPENSSL_cleanse(&pg, sizeof(pg));
}

static bool is_same(const struct module *m, const struct flash_item *item,
		    const struct program *pg)
{
	size_t stored = item->len, given = pg->size;

	if (!item->data)
		return false;
	if (quirk(m, QUIRK_PG_COMPARE)) {
		stored = strnlen((char *)item->data, stored);
		given = strnlen((char *)pg->data, given);
	}
	return stored == given && !memcmp(item->data, pg->data, given);
}

/* Everything about an item that is there; false if it shall be written. */
static bool compare(struct module *m, const struct program *pg)
{
	const struct flash_item *item = &m->flash.item[pg->set][pg->type];
	bool used = is_item(m, item);

	if (used && item->torn && quirk(m, QUIRK_TORN) &&
	    !(pg->set == 2 && pg->type == FLASH_KEY)) {
		module_hang(m, "an item that was cut short is compared");
		return true;
	}
	if (fault_strikes(&m->faults, FAULT_PG_MATCH_ALL) ||
	    (used && !m->faults.fault[FAULT_PG_NO_MATCH].on && is_same(m, item, pg))) {
		at_okf(m, "[CERTS   ] Match%s", blank(m));
		return true;
	}
	if (used && pg->set < 3) {
		at_failf(m, "[CERTS   ] Selected item unavailable (used)%s", blank(m));
		return true;
	}
	if (!used && item->data && quirk(m, QUIRK_PG_DAMAGED) && !can_write(item, pg)) {
		flash_failed(m, -1);
		return true;
	}
	return false;
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
	if (!quirk(m, QUIRK_PG_BEGIN) && !memmem(pg.data, pg.size, BEGIN, strlen(BEGIN))) {
		at_error(m, BAD_ARGUMENT);
	} else if (!compare(m, &pg)) {
		/* Splitting has cut the arguments; the second half starts from them again. */
		if (rq->args)
			strcpy(rq->args, line);
		module_sleep(m, m->timing.burn, burn_later);
	}
	OPENSSL_cleanse(&pg, sizeof(pg));
}

/* PC, PD: the old way to load a certificate, of which nothing is kept. */
static void run_load(struct module *m)
{
	char *field[2];
	long which, write = 0;
	int n;

	if (!m->request.form) {
		at_ok(m);
		return;
	}
	if (!m->request.args) {
		at_okf(m, "%d", m->loaded);
		return;
	}
	n = at_split(m, field, 1, 2);
	if (n < 0)
		return;
	if (!at_number(field[0], 0, 1, &which) || (n == 2 && !at_number(field[1], 0, 9999, &write))) {
		at_error(m, BAD_ARGUMENT);
	} else if (write == 1 && m->request.behind > 1) {
		module_hang(m, "the flash is rewritten");
	} else {
		if (m->request.behind < (size_t)write)
			mismatch(m, m->request.behind);
		m->loaded = which;
		at_raw(m, "OK\r\n> ", 6);
	}
}

static void run_ca_name(struct module *m)
{
	char *field[2];
	long which;

	int n = at_split(m, field, m->request.form ? 1 : 2, 2);

	if (n < 0)
		return;
	if (!at_number(field[0], 0, 1, &which) || (n == 2 && strlen(field[1]) > 63)) {
		at_error(m, BAD_ARGUMENT);
		return;
	}
	strcpy(m->set.ca_name[which], n == 2 ? field[1] : "");
	at_ok(m);
}

const struct at_command at_certificate[] = {
	AT_INT("P9", "<0 none, 1 optional, 2 required>", 0, verify, 0, 2),
	{ .name = "PA", .run = run_ca_name, .help = "<0|1>,<name>" },
	AT_INT("PB", "<0 terminate, 1 report>", 0, verify_report, 0, 1),
	{ .name = "PC", .run = run_load, .help = "<0|1>,<length>",
	  .flags = AT_35 | AT_PAYLOAD(1), .max = FLASH_MAX_ITEM },
	{ .name = "PD", .run = run_load, .help = "<0|1>,<length>",
	  .flags = AT_35 | AT_PAYLOAD(1), .max = FLASH_MAX_ITEM },
	{ .name = "PE", .run = run_usage, .help = "[<set>]" },
	{ .name = "PF", .run = run_select, .help = "<0 TLS, 1 AWS>,<set>" },
	{ .name = "PG", .run = run_program, .help = "<set>,<0 CA, 1 certificate, 2 key>,<length>",
	  .flags = AT_PAYLOAD(2), .max = FLASH_MAX_ITEM },
	{ 0 }
};
