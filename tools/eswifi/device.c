// SPDX-License-Identifier: GPL-2.0-only
/* The module as a file: opening it, its attributes, and why it failed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "eswifictl.h"

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
				"there is no /dev/%s; 'eswifictl doctor' tells why",
				device->name);
	case EACCES:
	case EPERM:
		return complain(EXIT_DEVICE,
				"no permission for /dev/%s; 'eswifictl doctor' tells what to do",
				device->name);
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

/* 0, or a negative errno. One write, as the attribute wants it. */
int device_write_attribute(const struct device *device, const char *name, const char *value)
{
	ssize_t len = strlen(value);
	int fd, err = 0;
	char *path;

	if (asprintf(&path, "/sys/class/eswifi/%s/%s", device->name, name) < 0)
		return -ENOMEM;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return -errno;
	if (write(fd, value, len) != len)
		err = -errno;
	close(fd);
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
				"%s: the module is being reset or does not answer; try again,\n"
				"or see dmesg", what);
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
				"%s: no socket is free (4, of which one or two do TLS), or another\n"
				"program has the module alone",
				what);
	case ENOTTY:
		return complain(EXIT_DEVICE, "%s: this driver can't; is it an older one?", what);
	case EREMOTEIO:
	case ECONNREFUSED:
		return complain(EXIT_REFUSED, "%s: the module refused%s%s", what,
				*text ? ", it said: " : "", text);
	}
	return complain(errno == EINVAL ? EXIT_USAGE : EXIT_REFUSED, "%s: %m%s%s", what,
			*text ? "; " : "", text);
}

/* A dotted address, or what the module's name server says of @host. */
int device_resolve(struct device *device, const char *host, uint32_t *ip)
{
	struct eswifi_resolve resolve = { .size = sizeof(resolve) };

	if (!parse_address(host, ip))
		return 0;
	strncpy(resolve.host, host, ESWIFI_HOST_MAX);
	if (ioctl(device->fd, ESWIFI_IOC_RESOLVE, &resolve)) {
		if (errno == ENOENT)
			return complain(EXIT_REFUSED, "the name '%s' was not found", host);
		return device_failed(device, host);
	}
	*ip = resolve.ip;
	return 0;
}
