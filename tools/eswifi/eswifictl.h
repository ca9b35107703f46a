/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of eswifictl share: exit codes, the device, its messages. */
#ifndef ESWIFICTL_H
#define ESWIFICTL_H

#include <argp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <json-c/json.h>
#include <linux/eswifi.h>

/* Exit codes, told to users in --help. */
enum {
	EXIT_DONE,	/* it worked */
	EXIT_REFUSED,	/* the module, the access point or the peer said no */
	EXIT_USAGE,	/* the command line makes no sense */
	EXIT_DEVICE,	/* no device, no permission, no answer */
	EXIT_PROGRAMMED,/* cert: it worked, and something was written, or would be */
	EXIT_FAILED,	/* cert: something may have been written, and is not proved */
};

#define VALUE_SIZE	4096	/* sysfs shows at most a page */

/**
 * struct device - the module that --device names
 * @name: name in /dev and /sys/class/eswifi
 * @fd: its AT channel, -1 while it is not open
 */
struct device {
	const char *name;
	int fd;
};

/* device.c */
int device_open(struct device *device);
int device_read_attribute(const struct device *device, const char *name, char *value, size_t size);
int device_write_attribute(const struct device *device, const char *name, const char *value);
int device_failed(struct device *device, const char *what);
void device_last_text(struct device *device, char text[ESWIFI_TEXT_SIZE]);
int device_resolve(struct device *device, const char *host, uint32_t *ip);

/**
 * struct progress - seconds that pass, shown on a terminal while a call waits
 * @what: what is being done
 * @shown: whether standard error is a terminal, so that there is a thread
 * @thread: who counts
 * @stop: written to when it is over
 */
struct progress {
	const char *what;
	bool shown;
	pthread_t thread;
	int stop[2];
};

/* output.c; --json is an argp child of every command that has it */
extern const struct argp_child json_child[];
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void print_safely(const char *text, size_t len);
bool json_wanted(void);
int json_answer(struct json_object *object);
int json_answer_code(struct json_object *object, int code);
void json_line(struct json_object *object);
void json_failure(int code);
void json_text(struct json_object *object, const char *key, const void *bytes, size_t len);
void json_name(struct json_object *object, const void *ssid, size_t len);
void json_string(struct json_object *object, const char *key, const char *value);
void json_number(struct json_object *object, const char *key, int64_t value);
void json_address(struct json_object *object, const char *key, uint32_t ip);
void progress_start(struct progress *progress, const char *what);
void progress_stop(struct progress *progress);

/* words.c: numbers, addresses and names as people write them */
extern const char security_words[];
long parse_number(const char *text, long min, long max);
int parse_address(const char *text, uint32_t *ip);
int parse_network(const char *text, uint32_t *ip, uint32_t *mask);
int parse_security(const char *text, unsigned int *security);
const char *security_name(unsigned int security);
const char *address_text(uint32_t ip);
size_t undo_escapes(const char *text, char *bytes);

/* passphrase.c */
int passphrase_get(const char *file, const char *ssid, unsigned int security, size_t max,
		   uint8_t *passphrase, uint16_t *passphrase_len);

/**
 * struct relay - one connection between a peer, standard input and standard output
 * @conn: descriptor of the connection, non-blocking
 * @datagrams: no end of the stream: silence ends it once the input has ended
 * @hears_first: nobody to write to before the peer has sent something
 * @endless: silence ends nothing
 * @input: false once standard input has ended
 */
struct relay {
	int conn;
	bool datagrams;
	bool hears_first;
	bool endless;
	bool input;
};

/* relay.c */
int relay_run(struct relay *relay);

/* One function for each command; argv[0] is "eswifictl COMMAND". Returns an exit code. */
int cmd_ap(struct device *device, int argc, char **argv);
int cmd_at(struct device *device, int argc, char **argv);
int cmd_cert_batch(struct device *device, int argc, char **argv);
int cmd_cert_check(struct device *device, int argc, char **argv);
int cmd_cert_convert(struct device *device, int argc, char **argv);
int cmd_cert_mode(struct device *device, int argc, char **argv);
int cmd_cert_plan(struct device *device, int argc, char **argv);
int cmd_cert_program(struct device *device, int argc, char **argv);
int cmd_cert_select(struct device *device, int argc, char **argv);
int cmd_cert_status(struct device *device, int argc, char **argv);
int cmd_cert_verify(struct device *device, int argc, char **argv);
int cmd_connect(struct device *device, int argc, char **argv);
int cmd_doctor(struct device *device, int argc, char **argv);
int cmd_join(struct device *device, int argc, char **argv);
int cmd_leave(struct device *device, int argc, char **argv);
int cmd_listen(struct device *device, int argc, char **argv);
int cmd_monitor(struct device *device, int argc, char **argv);
int cmd_ping(struct device *device, int argc, char **argv);
int cmd_resolve(struct device *device, int argc, char **argv);
int cmd_scan(struct device *device, int argc, char **argv);
int cmd_status(struct device *device, int argc, char **argv);

#endif /* ESWIFICTL_H */
