// SPDX-License-Identifier: GPL-2.0-only
/* The module as a file: opening it, its attributes, and why it failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eswifictl.h"

/* One message for people on standard error; returns the code, for "return complain(...)". */
int complain(int code, const char *format, ...)
{
	va_list args;

	fputs("eswifictl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return code;
}

/* Text from the air or the module must not drive the terminal. */
void print_safely(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = text[i];

		if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
			putchar(c);
		else
			printf("\\x%02x", c);
	}
}

/* 0, or the exit code after a message. */
int device_open(struct device *device)
{
	char *path;

	if (asprintf(&path, "/dev/%s", device->name) < 0)
		return complain(EXIT_DEVICE, "out of memory");
	device->fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	if (device->fd >= 0)
		return 0;
	switch (errno) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return complain(EXIT_DEVICE,
				"there is no /dev/%s; 'dmesg | grep eswifi' tells why",
				device->name);
	case EACCES:
	case EPERM:
		return complain(EXIT_DEVICE,
				"no permission for /dev/%s; join its group ('ls -l /dev/%s') or use sudo",
				device->name, device->name);
	}
	return complain(EXIT_DEVICE, "cannot open /dev/%s: %m", device->name);
}

/* Value of a sysfs attribute without its newline; negative errno if it cannot be read. */
int device_read_attribute(const struct device *device, const char *name, char *value, size_t size)
{
	ssize_t len;
	char *path;
	int fd, err = 0;

	if (asprintf(&path, "/sys/class/eswifi/%s/%s", device->name, name) < 0)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return -errno;
	len = read(fd, value, size - 1);
	if (len < 0) {
		err = -errno;
		len = 0;
	}
	close(fd);
	value[len] = 0;
	if (len && value[len - 1] == '\n')
		value[len - 1] = 0;
	return err;
}

/* What the module said with the failure, "" if nothing. Keeps errno. */
void device_last_text(struct device *device, char text[ESWIFI_TEXT_SIZE])
{
	struct eswifi_last_error last = { .size = sizeof(last) };
	int err = errno;

	if (ioctl(device->fd, ESWIFI_IOC_LAST_ERROR, &last))
		last.text[0] = 0;
	memcpy(text, last.text, ESWIFI_TEXT_SIZE);
	text[ESWIFI_TEXT_SIZE - 1] = 0;
	errno = err;
}

/* Say why a request failed, from errno; returns the exit code. */
int device_failed(struct device *device, const char *what)
{
	char text[ESWIFI_TEXT_SIZE];

	device_last_text(device, text);
	switch (errno) {
	case ENODEV:
		return complain(EXIT_DEVICE, "%s: the device is gone", what);
	case ESHUTDOWN:
		return complain(EXIT_DEVICE,
				"%s: the module is being reset or does not answer; try again, see dmesg",
				what);
	case ETIMEDOUT:
		return complain(EXIT_DEVICE, "%s: the module did not answer in time", what);
	case EPERM:
	case EACCES:
		return complain(EXIT_DEVICE, "%s: needs CAP_NET_ADMIN; use sudo", what);
	case ENETDOWN:
		return complain(EXIT_REFUSED,
				"%s: the module is in no network; 'eswifictl join SSID' first",
				what);
	case EBUSY:
		return complain(EXIT_REFUSED,
				"%s: no socket is free (4, one of them for TLS); close another",
				what);
	case EREMOTEIO:
	case ECONNREFUSED:
		return complain(EXIT_REFUSED, "%s: the module refused%s%s", what,
				*text ? ", it said: " : "", text);
	}
	return complain(errno == EINVAL ? EXIT_USAGE : EXIT_REFUSED, "%s: %m%s%s", what,
			*text ? "; " : "", text);
}
