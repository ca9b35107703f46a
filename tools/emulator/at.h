/* SPDX-License-Identifier: GPL-2.0-only */
/* The AT language: command tables, arguments, replies. */
#ifndef EMULATOR_AT_H
#define EMULATOR_AT_H

#include "module.h"

#define AT_CUTS		"=,"	/* where firmware that was seen cuts a line */

/* Flags of a command. */
#define AT_35		(1U << 0)	/* firmware C3.5 only */
#define AT_62		(1U << 1)	/* firmware C6.2 only */
#define AT_SAVED	(1U << 2)	/* Z1 saves it */
#define AT_SOCKET	(1U << 3)	/* a setting of the selected socket */
#define AT_READABLE	(1U << 4)	/* without '=', the setting is read back */
#define AT_OBSERVED	(1U << 7)	/* in no document */
#define AT_SECRET	(1U << 5)	/* neither arguments nor reply are logged */
#define AT_DATA		(1U << 6)	/* the same, or one for all sockets */
#define AT_PAYLOAD(field)	(((field) + 1U) << 8)	/* that field counts the bytes behind CR */
#define AT_PAYLOAD_FIELD(flags)	((int)(((flags) >> 8) & 0xf) - 1)

/**
 * struct at_command - one command
 * @name: two characters, or one of the odd ones
 * @run: replies, now or later
 * @help: its arguments, for a "Usage:" line
 * @flags: AT_*
 * @offset: of a setting: where it is in struct settings or struct sock_settings
 * @min: of a setting: smallest number, or shortest string
 * @max: of a setting: greatest number, or longest string; of a payload: most bytes
 */
struct at_command {
	const char *name;
	void (*run)(struct module *m);
	const char *help;
	unsigned int flags;
	unsigned int offset;
	long min;
	long max;
};

/* Rows for settings that are nothing but a value. */
#define AT_SETTING(type, cmd, what, more, field, low, high)			\
	{ .name = cmd, .run = at_set_##type, .help = what, .flags = more,	\
	  .offset = offsetof(struct settings, field), .min = low, .max = high }
#define AT_INT(cmd, what, more, field, low, high)	\
	AT_SETTING(int, cmd, what, more, field, low, high)
#define AT_HEX(cmd, what, more, field, high)	AT_SETTING(hex, cmd, what, more, field, 0, high)
#define AT_TEXT(cmd, what, more, field, low, high)	\
	AT_SETTING(text, cmd, what, more, field, low, high)
#define AT_ADDRESS(cmd, what, more, field)	AT_SETTING(address, cmd, what, more, field, 0, 0)

extern const struct at_command at_system[], at_station[], at_softap[], at_socket[],
	at_data[], at_certificate[], at_internet[], at_mqtt[], at_pins[];

/* at.c */
const struct at_command *at_next(const struct module *m, const struct at_command *cmd);
const struct at_command *at_find(const struct module *m, const char *name, size_t len);
bool at_complete(struct module *m, const uint8_t *data, size_t len);
void at_execute(struct module *m, const uint8_t *data, size_t len);

/* at_args.c */
int at_split(struct module *m, char *field[], int min, int max);
bool at_number(const char *text, long min, long max, long *value);
bool at_form_number(const struct module *m, const char *text, long min, long max, long *value);
bool at_address(const char *text, struct in_addr *address);
bool at_form_address(const struct module *m, const char *text, struct in_addr *address);
bool at_get_int(struct module *m, long min, long max, int *value);

/* at_reply.c */
void at_ok(struct module *m);
void at_okf(struct module *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void at_ok_bytes(struct module *m, const void *data, size_t len);
void at_raw(struct module *m, const void *data, size_t len);
void at_bare(struct module *m, const char *text, const char *error);
void at_error(struct module *m, const char *text);
void at_exactly(struct module *m, const char *error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void at_failf(struct module *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void at_tell(struct module *m, int value);

/* at_setting.c */
struct sock_settings *at_data_settings(struct module *m);
void at_set_int(struct module *m);
void at_set_hex(struct module *m);
void at_set_text(struct module *m);
void at_set_address(struct module *m);
void at_set_word(struct module *m);
void at_accept(struct module *m);

int at_save(struct module *m);
void at_restore(struct module *m);

#define BAD_ARGUMENT	"Bad Argument"
#define BAD_ADDRESS	"Bad Address Value"
#define TOO_FEW		"Insufficient Arguments"
#define TOO_MANY	"Too Many Arguments"
#define UNKNOWN_ERROR	"Unknown Error"
#define UNKNOWN_COMMAND	"Unknown Command"
#define NO_COMMAND	"No Command Entered"

#endif
