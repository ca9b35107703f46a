/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A scripted module in place of the hardware, for KUnit: it speaks the phases
 * of the wire, byte order and stuffing, and has the faults of real modules.
 */
#ifndef ESWIFI_FAKE_MODULE_H
#define ESWIFI_FAKE_MODULE_H

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "eswifi.h"

struct kunit;

/* Longest reply that a script may give: more than the driver takes. */
#define ESWIFI_FAKE_REPLY_SIZE	(8 * ESWIFI_RX_SIZE)

enum eswifi_fake_state {
	ESWIFI_FAKE_RESET,	/* held in reset, or booting */
	ESWIFI_FAKE_CMD,	/* wants a command */
	ESWIFI_FAKE_TAKEN,	/* has it, but the line has not fallen yet */
	ESWIFI_FAKE_BUSY,	/* executes it */
	ESWIFI_FAKE_GLITCH,	/* the line is high for no reason */
	ESWIFI_FAKE_DATA,	/* has a reply */
	ESWIFI_FAKE_PAUSE,	/* between a reply and the next command */
	ESWIFI_FAKE_DEAD,	/* never does anything again until reset */
};

enum eswifi_fake_stuck {
	ESWIFI_FAKE_FREE,
	ESWIFI_FAKE_STUCK_LOW,
	ESWIFI_FAKE_STUCK_HIGH,
};

/**
 * struct eswifi_fake - the scripted module; all zeros is a healthy one
 * @bus: the bus it is on
 * @command: executes a command: @cmd in logical order with CR and payload,
 *	without pad; writes the reply, from its first CR LF to its prompt, to
 *	@reply, at most @size bytes. Returns the reply's length, or -1 for a
 *	command that is never answered
 * @priv: the script's
 * @prompt: sent after reset; NULL for the usual one
 * @prompt_len: bytes of @prompt
 * @no_boot: data-ready never rises after a reset
 * @boot_ms: from reset to the prompt
 * @floats: the line is high meanwhile, and only ones are read
 * @deaf_ms: shorter resets are not noticed
 * @deaf: nor are any others: only the power's
 * @high_looks: looks at data-ready behind a command before it falls
 * @fall_us: from the end of a command until data-ready falls
 * @reply_ms: from then until the reply
 * @pause_ms: from the end of a reply to the next command
 * @lose_edges: no rising edge is ever told
 * @level: the interrupt is of a level: told when the line is high and it is armed
 * @spurious_edge: an edge is told when data-ready falls after a command
 * @late_edge: the edge of the CMD phase is told while the command is sent
 * @glitches: how often data-ready rises before each reply with nothing to read
 * @late_fall: bytes of stuffing behind a reply before data-ready falls
 * @early_stuffing: bytes of stuffing before a reply, data-ready being high
 * @endless: data-ready never falls behind a reply
 * @mute: behind the next reply it wants no command any more, until reset
 * @stuck: data-ready reads so whatever happens
 * @fault_at: the transfer of this number, from 1, fails with -EIO
 * @too_fast: how often the clock must be halved until replies are not damaged; a
 *	damaged one has another byte wrong each time
 * @frame_len: bytes of the last command's frame, with what pads it or stands behind it;
 *	they follow @command's @cmd in memory
 * @commands: commands seen
 * @resets: resets seen
 * @boots: those that it took notice of, and those of its power
 * @transfers: transfers seen, releases included
 * @read_bytes: bytes clocked in DATA phases
 * @forbidden: frames that real firmware is dead after: in the CMD phase what is not
 *	one whole command, and any selection before the line has fallen behind one
 * @reselected: selections of a reply of which a part had been read
 * @over_read: most bytes read beyond the end of a reply
 * @selected: chip select is low
 * @lost: times the engine told that the module was reset
 * @replayed: times the engine asked to put settings back
 *
 * @ops: what the bus calls
 */
struct eswifi_fake {
	struct eswifi_bus *bus;
	int (*command)(struct eswifi_fake *fake, const u8 *cmd, size_t len,
		       u8 *reply, size_t size);
	void *priv;

	const u8 *prompt;
	size_t prompt_len;
	bool no_boot;
	unsigned int boot_ms;
	bool floats;
	unsigned int deaf_ms;
	bool deaf;
	unsigned int high_looks;
	unsigned int fall_us;
	unsigned int reply_ms;
	unsigned int pause_ms;
	bool lose_edges;
	bool level;
	bool spurious_edge;
	bool late_edge;
	unsigned int glitches;
	unsigned int late_fall;
	unsigned int early_stuffing;
	bool endless;
	bool mute;
	enum eswifi_fake_stuck stuck;
	unsigned int fault_at;
	unsigned int too_fast;

	size_t frame_len;
	unsigned int commands;
	unsigned int resets;
	unsigned int boots;
	unsigned int transfers;
	size_t read_bytes;
	unsigned int forbidden;
	unsigned int reselected;
	size_t over_read;
	bool selected;
	unsigned int lost;
	unsigned int replayed;

	/* private: the module's own state; lock guards it */
	struct kunit *test;
	struct eswifi_bus_ops ops;
	struct mutex lock;	/* guards what follows */
	struct delayed_work timer;
	enum eswifi_fake_state state;
	bool ready;
	unsigned int glitched;
	unsigned int looks;
	unsigned int damaged;
	bool armed;
	bool unpowered;
	ktime_t reset_at;
	ktime_t taken_at;
	u8 *cmd;
	size_t cmd_len;
	u8 *reply;
	size_t reply_len;
	size_t reply_pos;
	struct device *parent;
	struct eswifi *ew;
};

int eswifi_fake_attach(struct kunit *test, struct eswifi_fake *fake, struct eswifi_bus *bus);
void eswifi_fake_detach(struct eswifi_fake *fake);

struct eswifi *eswifi_fake_create(struct kunit *test, struct eswifi_fake *fake);
void eswifi_fake_destroy(struct eswifi_fake *fake);

struct file;

void eswifi_fake_close(struct file *file);
ssize_t eswifi_fake_read(struct file *file, char *buf, size_t size);

#endif /* ESWIFI_FAKE_MODULE_H */
