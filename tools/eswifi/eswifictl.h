/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of eswifictl share: exit codes, the device, its messages. */
#ifndef ESWIFICTL_H
#define ESWIFICTL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/eswifi.h>

/* Exit codes, told to users in --help. */
enum {
	EXIT_DONE,	/* it worked */
	EXIT_REFUSED,	/* the module, the access point or the peer said no */
	EXIT_USAGE,	/* the command line makes no sense */
	EXIT_DEVICE,	/* no device, no permission, no answer */
};

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
int device_failed(struct device *device, const char *what);
void device_last_text(struct device *device, char text[ESWIFI_TEXT_SIZE]);
int complain(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));
void print_safely(const char *text, size_t len);

/* One function for each command; argv[0] is "eswifictl COMMAND". Returns an exit code. */
int cmd_at(struct device *device, int argc, char **argv);
int cmd_connect(struct device *device, int argc, char **argv);
int cmd_join(struct device *device, int argc, char **argv);
int cmd_leave(struct device *device, int argc, char **argv);
int cmd_status(struct device *device, int argc, char **argv);

#endif /* ESWIFICTL_H */
