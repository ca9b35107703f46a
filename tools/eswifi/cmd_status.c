// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl status: everything that sysfs tells, for people. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "eswifictl.h"

#define VALUE_SIZE	4096	/* sysfs shows at most a page */

/* One line, or one for each line of the value; nothing if the attribute is empty. */
static void show(const struct device *device, const char *label, const char *name,
		 const char *unit)
{
	char value[VALUE_SIZE], *line, *rest = value;
	int err;

	err = device_read_attribute(device, name, value, sizeof(value));
	if (err) {
		printf("  %-14s not known: %s\n", label, strerror(-err));
		return;
	}
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		printf("  %-14s ", label);
		print_safely(line, strlen(line));
		printf("%s\n", unit);
		label = "";
	}
}

int cmd_status(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "", "Show what the module is, its link and its certificates.",
		NULL, NULL, NULL
	};
	char value[VALUE_SIZE];
	bool up;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (device_read_attribute(device, "model", value, sizeof(value)))
		return complain(EXIT_DEVICE,
				"there is no device %s; 'dmesg | grep eswifi' tells why",
				device->name);
	printf("%s\n", device->name);
	show(device, "model", "model", "");
	show(device, "firmware", "firmware_version", "");
	show(device, "serial", "serial", "");
	show(device, "address", "address", "");
	show(device, "link", "operstate", "");
	up = !device_read_attribute(device, "operstate", value, sizeof(value)) &&
	     !strcmp(value, "up");
	if (up) {
		show(device, "network", "ssid", "");
		show(device, "IP address", "ip_address", "");
		show(device, "signal", "rssi", " dBm");
	}
	show(device, "verification", "verify_mode", "");
	show(device, "active set", "cert_set", "");
	show(device, "sets", "cert_slots", "");
	show(device, "provisioning", "cert_status", "");
	return EXIT_DONE;
}
