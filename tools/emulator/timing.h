/* SPDX-License-Identifier: GPL-2.0-only */
/* How long the module takes. */
#ifndef EMULATOR_TIMING_H
#define EMULATOR_TIMING_H

/**
 * struct timing - durations in microseconds
 * @boot: reset released to prompt
 * @command: any command, beside what it waits for
 * @busy: chip select released to data-ready low ("d" of a data sheet's diagram)
 * @gap: data-ready low between a reply and the next command
 * @join: C0 that succeeds
 * @refusal: C0 that does not
 * @scan: F0
 * @rssi: CR
 * @burn: PG that writes
 * @stop: P5=0
 * @accept: how near a command must come to an accepted client to block
 * @block: what such a command takes then
 * @tls_slow: P6=1 over TLS to a port that is closed
 * @wire: not a duration: whether bits take their time on the wire
 */
struct timing {
	unsigned int boot;
	unsigned int command;
	unsigned int busy;
	unsigned int gap;
	unsigned int join;
	unsigned int refusal;
	unsigned int scan;
	unsigned int rssi;
	unsigned int burn;
	unsigned int stop;
	unsigned int accept;
	unsigned int block;
	unsigned int tls_slow;
	unsigned int wire;
};

extern const struct timing timing_default, timing_fast;

int timing_parse(struct timing *timing, const char *text);

#endif
