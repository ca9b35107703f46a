/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the emulator's test share: a host on a bus of its own, and TAP. */
#ifndef EMULATOR_TEST_H
#define EMULATOR_TEST_H

#include "../at.h"

#define OK	"\r\n\r\nOK\r\n> "
#define ERROR	"\r\n\r\nERROR\r\n> "

/* test_bus.c: the host */
extern int test_ready, test_rises;
extern unsigned int test_speed_hz;

struct module *host_start(const char *firmware, const char *flash);
void host_stop(struct module *m);
void host_reset(struct module *m, bool asserted);
bool host_wait(struct module *m, int level, int ms);
void host_send(struct module *m, const void *data, size_t len);
size_t host_clock(struct module *m, uint8_t *data, size_t len, bool release);
void host_pulse(struct module *m);
size_t host_read(struct module *m, uint8_t *data, size_t size);
size_t host_command(struct module *m, const void *data, size_t len, uint8_t *reply, size_t size);

/* test_main.c: TAP */
void test_ok(bool ok, const char *name);
void expect_bytes(struct module *m, const void *command, size_t len, const void *reply,
		  size_t reply_len, const char *name);
void expect(struct module *m, const char *command, const char *reply);
void expect_payload(struct module *m, const char *header, const char *payload,
		    const char *reply);
void boot(struct module *m);
void join(struct module *m);
int free_port(void);
const char *scratch(const char *name);

/* test_tls.c: a file of its certificates becomes an item of set 0 */
void tls_program(struct module *m, int type, const char *name);

/* The files of tests. test_seen_tls() uses the certificates of test_tls(). */
void test_flash(void);
void test_quirk(void);
void test_slots(void);
void test_sweep(const char *firmware);
void test_network(void);
void test_tls(void);
void test_seen_tls(void);

#endif
