// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl monitor: what happens to the module, as it happens. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "eswifictl.h"

/**
 * struct monitor - what is listened to
 * @device: the module; its @fd is -1 if messages may not be had
 * @uevents: socket of the kernel's events, -1 if they may not be had
 * @carrier: the attribute, which can be polled; -1 while there is no device
 * @state: operstate as last told
 */
struct monitor {
	struct device *device;
	int uevents;
	int carrier;
	char state[32];
};

/* One line; the details are pairs of key and value, ended by NULL. */
static void tell(const char *event, const char *const *details)
{
	struct json_object *object;
	time_t now = time(NULL);
	struct tm tm;
	char when[32];
	int i;

	if (json_wanted()) {
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
		object = json_object_new_object();
		json_string(object, "time", when);
		json_text(object, "event", event, strlen(event));
		for (i = 0; details[i]; i += 2)
			json_text(object, details[i], details[i + 1], strlen(details[i + 1]));
		json_line(object);
		return;
	}
	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now, &tm));
	printf("%s  ", when);
	print_safely(event, strlen(event));
	for (i = 0; details[i]; i += 2) {
		printf("  ");
		print_safely(details[i + 1], strlen(details[i + 1]));
	}
	putchar('\n');
	fflush(stdout);
}

/* Tells the state if it is another than before. */
static void look_at_link(struct monitor *m)
{
	char state[sizeof(m->state)], ssid[VALUE_SIZE] = "", ip[VALUE_SIZE] = "";
	const char *const details[] = { "ssid", ssid, "ip", ip, NULL };
	const char *const none[] = { NULL };
	char text[64], drop[16];

	/* Only a read makes the attribute wait for the next change. */
	if (m->carrier < 0 || pread(m->carrier, drop, sizeof(drop), 0) < 0 ||
	    device_read_attribute(m->device, "operstate", state, sizeof(state)))
		return;
	if (!strcmp(state, m->state))
		return;
	memcpy(m->state, state, sizeof(m->state));
	snprintf(text, sizeof(text), "link-%s", state);
	if (!strcmp(state, "up")) {
		device_read_attribute(m->device, "ssid", ssid, sizeof(ssid));
		device_read_attribute(m->device, "ip_address", ip, sizeof(ip));
		tell(text, details);
	} else {
		tell(text, none);
	}
}

static void attach(struct monitor *m)
{
	struct eswifi_message message = { .size = sizeof(message) };
	char *path;

	if (asprintf(&path, "/sys/class/eswifi/%s/carrier", m->device->name) < 0)
		return;
	m->carrier = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (m->carrier < 0)
		return;
	if (asprintf(&path, "/dev/%s", m->device->name) < 0)
		return;
	m->device->fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	/* The first request subscribes, for who may. */
	if (m->device->fd >= 0 && ioctl(m->device->fd, ESWIFI_IOC_MESSAGE, &message) &&
	    errno != EAGAIN) {
		close(m->device->fd);
		m->device->fd = -1;
	}
	look_at_link(m);
}

static void detach(struct monitor *m)
{
	if (m->carrier >= 0)
		close(m->carrier);
	if (m->device->fd >= 0)
		close(m->device->fd);
	m->carrier = -1;
	m->device->fd = -1;
	m->state[0] = 0;
}

static void take_messages(struct monitor *m)
{
	struct eswifi_message message = { .size = sizeof(message) };
	const char *details[] = { "text", message.text, NULL };

	while (!ioctl(m->device->fd, ESWIFI_IOC_MESSAGE, &message))
		tell("message", details);
	if (errno != EAGAIN) {
		close(m->device->fd);
		m->device->fd = -1;
	}
}

/* Value of NAME in the NAME=VALUE strings of an event, or NULL. */
static const char *variable(const char *event, size_t len, const char *name)
{
	const char *end = event + len;
	size_t n = strlen(name);

	while (event < end) {
		if (!strncmp(event, name, n) && event[n] == '=')
			return event + n + 1;
		event += strlen(event) + 1;
	}
	return NULL;
}

static void take_uevent(struct monitor *m)
{
	const char *const none[] = { NULL };
	const char *subsystem, *name, *action, *what;
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	char event[8192];
	ssize_t len;

	len = recvfrom(m->uevents, event, sizeof(event) - 1, 0, (struct sockaddr *)&from,
		       &from_len);
	/* Only the kernel has port 0. */
	if (len <= 0 || from.nl_pid)
		return;
	event[len] = 0;
	subsystem = variable(event, len, "SUBSYSTEM");
	name = variable(event, len, "DEVNAME");
	action = variable(event, len, "ACTION");
	what = variable(event, len, "ESWIFI_EVENT");
	if (!subsystem || strcmp(subsystem, "eswifi") || !name || strcmp(name, m->device->name) ||
	    !action)
		return;
	if (!strcmp(action, "remove"))
		detach(m);
	/* The link's own come from its attribute, with their details. */
	if (what && strncmp(what, "link-", 5))
		tell(what, none);
	else if (!what && (!strcmp(action, "add") || !strcmp(action, "remove")))
		tell(action, none);
	if (!strcmp(action, "add") && m->carrier < 0)
		attach(m);
	else
		look_at_link(m);
}

static int open_uevents(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int fd;

	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int cmd_monitor(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "",
		"Tell what happens to the module, a line for each event, until interrupted:\n"
		"its link, resets, provisioning, its coming and going, and, for who has\n"
		"CAP_NET_ADMIN, messages that it sends by itself.\n"
		"\vFor messages the module has to be asked about twice a second.\n"
		"With --json each line is an object.",
		json_child, NULL, NULL
	};
	struct monitor m = { .device = device, .carrier = -1 };

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	m.uevents = open_uevents();
	attach(&m);
	if (m.carrier < 0 && m.uevents < 0)
		return complain(EXIT_DEVICE, "there is no device %s, and no way to wait for it",
				device->name);
	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = m.uevents, .events = POLLIN },
			{ .fd = m.carrier, .events = POLLPRI },
			{ .fd = device->fd, .events = POLLPRI },
		};

		if (poll(fds, 3, -1) < 0)
			return complain(EXIT_DEVICE, "poll: %m");
		if (fds[2].revents & POLLPRI)
			take_messages(&m);
		else if (fds[2].revents & (POLLERR | POLLHUP))
			detach(&m);
		/* POLLERR is part of every answer of an attribute. */
		if (m.carrier >= 0 && fds[1].revents)
			look_at_link(&m);
		if (fds[0].revents)
			take_uevent(&m);
		if (m.carrier < 0 && m.uevents < 0)
			return complain(EXIT_DEVICE, "the device is gone");
	}
}
