// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl status: everything that sysfs tells; no permission is needed for that. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

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

static int show_all(const struct device *device, bool up)
{
	printf("%s\n", device->name);
	show(device, "model", "model", "");
	show(device, "firmware", "firmware_version", "");
	show(device, "serial", "serial", "");
	show(device, "address", "address", "");
	show(device, "link", "operstate", "");
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

/* null for what cannot be read; a number where the attribute is one. */
static void add(struct json_object *object, const struct device *device, const char *key,
		const char *name, bool number)
{
	char value[VALUE_SIZE];

	if (device_read_attribute(device, name, value, sizeof(value)))
		json_object_object_add(object, key, NULL);
	else if (number)
		json_number(object, key, strtoll(value, NULL, 10));
	else
		json_text(object, key, value, strlen(value));
}

static int answer_all(const struct device *device, bool up)
{
	static const char *const counters[] = {
		"rx_bytes", "tx_bytes", "rx_packets", "tx_packets", "rx_errors", "tx_errors",
		"exchanges", "timeouts", "resets", "stuffing", "spurious_interrupts",
	};
	struct json_object *object = json_object_new_object();
	struct json_object *statistics = json_object_new_object();
	char value[VALUE_SIZE], path[64];
	size_t i;

	json_string(object, "device", device->name);
	add(object, device, "model", "model", false);
	add(object, device, "firmware", "firmware_version", false);
	add(object, device, "serial", "serial", false);
	add(object, device, "address", "address", false);
	add(object, device, "state", "operstate", false);
	if (up) {
		if (!device_read_attribute(device, "ssid", value, sizeof(value)))
			json_name(object, value, undo_escapes(value, value));
		add(object, device, "ip", "ip_address", false);
		add(object, device, "rssi", "rssi", true);
	}
	add(object, device, "verify_mode", "verify_mode", false);
	add(object, device, "cert_set", "cert_set", true);
	if (device_read_attribute(device, "cert_slots", value, sizeof(value)))
		value[0] = 0;
	json_object_object_add(object, "cert_slots", cert_slots_json(value));
	add(object, device, "cert_status", "cert_status", false);
	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		snprintf(path, sizeof(path), "statistics/%s", counters[i]);
		add(statistics, device, counters[i], path, true);
	}
	json_object_object_add(object, "statistics", statistics);
	return json_answer(object);
}

int cmd_status(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "", "Show what the module is, its link and its certificates.",
		json_child, NULL, NULL
	};
	char value[VALUE_SIZE];
	bool up;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (device_read_attribute(device, "model", value, sizeof(value)))
		return complain(EXIT_DEVICE,
				"there is no device %s; 'eswifictl doctor' tells why",
				device->name);
	up = !device_read_attribute(device, "operstate", value, sizeof(value)) &&
	     !strcmp(value, "up");
	return json_wanted() ? answer_all(device, up) : show_all(device, up);
}
