/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A module with certificate sets for KUnit: its slots can be written once, it can
 * lose power at any exchange, and can lie; it counts what is burnt.
 */
#ifndef ESWIFI_FAKE_CERT_H
#define ESWIFI_FAKE_CERT_H

#include <kunit/test.h>

#include "fake_module.h"

/* Ways in which a module's flash can fail its owner */
enum cert_lie {
	HONEST,
	LIE_NOT_STORED,		/* OK, but nothing is stored */
	LIE_FLIPPED,		/* OK, but one bit of it is another */
	LIE_FLASH_ERROR,	/* an error, and nothing is stored */
	LIE_LATE_ERROR,		/* an error, though it was stored */
	LIE_NO_MATCH,		/* the same bytes are OK, but not a Match */
	LIE_MATCH_ALL,		/* Match, whatever was written, and nothing is stored */
	LIE_PE,			/* PE goes on to call the item free */
	LIE_PE_USED,		/* PE calls the item used, though it is free */
	LIE_FLASH_DAMAGED,	/* the slot cannot be written, and PE calls it free */
	LIE_CUT,		/* takes a part, and says so, and OK, and later Match */
};

/**
 * struct cert_module - the module of these tests
 * @fake: how the driver is connected to it
 * @firmware: version that it tells
 * @sets: how many sets it has
 * @stored: what its flash holds, NULL for nothing
 * @len: how much
 * @burns: writes that changed the flash
 * @compares: writes to a used item
 * @selected: set that PF chose, -1 after a reset
 * @lie: how it fails
 * @liar: which item fails
 * @torn: items that hang the module when they are compared, a bit each
 * @torn_crashes: they crash it in place of that
 * @frame_max: bytes of the longest frame that arrives whole; 0 for any
 * @one_argument: knows only the short form of PF
 * @any_set: takes any number for a set, and goes on with set 0
 * @no_pf_read: does not tell which set is selected
 * @mac: its address
 * @no_pe: has no PE
 * @no_match: cannot compare: the same bytes again are an error
 * @exchanges: commands about certificates so far
 * @cut_at: power goes at this one, counted from 1; 0 never
 * @cut_first: before the command is done, not after
 * @cut_silent: it does not boot then, and is silent
 * @mute_at: this one is answered, and no further command wanted until reset
 * @interrupt: task that gets a signal while the first PG runs
 * @interrupted: completed when that task has left
 * @seen: the commands, without data, with ';' between
 */
struct cert_module {
	struct eswifi_fake fake;
	const char *firmware;
	unsigned int sets;
	u8 *stored[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	size_t len[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	int burns;
	int compares;
	int selected;
	enum cert_lie lie;
	unsigned int liar;
	unsigned long torn[ESWIFI_CERT_SETS];
	bool torn_crashes;
	size_t frame_max;
	bool one_argument;
	bool any_set;
	bool no_pf_read;
	const char *mac;
	bool no_pe;
	bool no_match;
	int exchanges;
	int cut_at;
	bool cut_first;
	bool cut_silent;
	int mute_at;
	struct task_struct *interrupt;
	struct completion interrupted;
	char seen[512];
};

/**
 * struct cert_files - where provisioning takes its files from in these tests
 * @source: as provisioning sees it
 * @second: a source that is asked after it, and has what is in @keyring
 * @sources: both
 * @name: name that must be asked for
 * @text: the files that are for any module; NULL if there is none
 * @own: those for this module
 * @keyring: what @second has for any module
 * @error: what reading one of @text ends in, or 0
 * @again: to be called on the first loading, NULL for nothing
 * @again_ret: what @again returned
 */
struct cert_files {
	struct eswifi_cert_source source;
	struct eswifi_cert_source second;
	const struct eswifi_cert_source *sources[3];
	const char *name;
	const char *text[ESWIFI_CERT_ITEMS];
	const char *own[ESWIFI_CERT_ITEMS];
	const char *keyring[ESWIFI_CERT_ITEMS];
	int error[ESWIFI_CERT_ITEMS];
	int (*again)(struct eswifi *ew, struct eswifi_provision *p, u64 owner,
		     const struct eswifi_cert_source * const *sources);
	int again_ret;
};

/**
 * struct cert_ctx - what a test has
 * @module: the module
 * @files: the files
 * @p: the last provisioning: what was asked, and what came of it
 * @flags: of the next one
 * @ew: the driver's side
 */
struct cert_ctx {
	struct cert_module module;
	struct cert_files files;
	struct eswifi_provision p;
	u32 flags;
	struct eswifi *ew;
};

int cert_test_init(struct kunit *test);
void cert_test_exit(struct kunit *test);
int cert_provision(struct cert_ctx *ctx);
void cert_erase(struct cert_module *m);
bool cert_holds(struct cert_module *m, int set, int item, const char *text);
void cert_fill(struct kunit *test, int set, int item, const char *text);
void cert_update_firmware(struct kunit *test, const char *firmware);
void cert_expect_status(struct kunit *test, const char *part);

#endif /* ESWIFI_FAKE_CERT_H */
