/* SPDX-License-Identifier: GPL-2.0-only */
/* The fault plan: what shall go wrong, and when. */
#ifndef EMULATOR_FAULT_H
#define EMULATOR_FAULT_H

#include <stdbool.h>
#include <stdio.h>

#include "log.h"

enum fault_id {
	FAULT_NO_BOOT,
	FAULT_NO_PROMPT,
	FAULT_BOOT_NO_NAK,
	FAULT_NO_IDENTIFY,
	FAULT_STUCK_LOW,
	FAULT_STUCK_HIGH,
	FAULT_ENDLESS_STUFFING,
	FAULT_LATE_DRDY,
	FAULT_LEADING_NAK,
	FAULT_GARBAGE,
	FAULT_PG_FLASH_ERROR,
	FAULT_DIE_AT,
	FAULT_DIE_AFTER,
	FAULT_DIE_IN_PG,
	FAULT_DIE_AFTER_PG,
	FAULT_TEAR,
	FAULT_LIE,
	FAULT_PG_FLIP,
	FAULT_PG_MATCH_ALL,
	FAULT_PG_NO_MATCH,
	FAULT_PE_FREE,
	FAULT_PE_USED,
	FAULT_NO_PE,
	FAULT_STALE_DNS,
	FAULT_PF_ONE_ARGUMENT,
	FAULT_ZERO_IP,
	FAULT_CONNECT_FAIL,
	FAULT_SEND_SHORT,
	FAULT_SEND_FAIL,
	FAULT_ACCEPT_SILENT,
	FAULT_NO_CHANNEL,
	FAULT_TLS_STALL,
	FAULTS
};

/**
 * struct fault_plan - one entry for each fault
 * @on: whether it was asked for
 * @arg: its argument, 0 if none
 * @at: the occasion at which it strikes, counted from 1; 0 for every one
 * @seen: occasions so far; a reset of the module does not clear it
 */
struct fault_plan {
	struct {
		bool on;
		long arg;
		long at;
		long seen;
	} fault[FAULTS];
};

int fault_parse(struct fault_plan *plan, const char *text);
bool fault_strikes(struct fault_plan *plan, enum fault_id id);
bool fault_always(const struct fault_plan *plan, enum fault_id id);
void fault_power(struct fault_plan *plan, enum fault_id id, struct log *log);
void fault_list(FILE *out);

#endif
