// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl status: everything that sysfs tells; no permission is needed for that. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"
#include "features.h"

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

/* What the firmware can do, and what is guarded against, in words. */
static void show_features(const struct device *device)
{
	struct features features;
	const char *label = "features";
	unsigned int i;

	if (!features_read(&features, device)) {
		printf("  %-14s not known: this driver does not tell\n", label);
		return;
	}
	for (i = 0; i < features.words; i++) {
		printf("  %-14s %s: %s\n", label, features.word[i],
		       feature_meaning(features.word[i]));
		label = "";
	}
	printf("  %-14s %u certificate sets\n", label, features.sets);
	label = "guarded";
	for (i = 0; i < features.guards; i++) {
		printf("  %-14s %s: %s\n", label, features.guard[i],
		       guard_meaning(features.guard[i]));
		label = "";
	}
}

static int show_all(const struct device *device, bool up, bool verbose)
{
	printf("%s\n", device->name);
	show(device, "model", "model", "");
	show(device, "firmware", "firmware_version", "");
	if (verbose)
		show_features(device);
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

static void add_features(struct json_object *object, const struct device *device)
{
	struct json_object *all = json_object_new_object();
	struct json_object *words = json_object_new_array(), *guards = json_object_new_array();
	struct features features;
	unsigned int i;

	if (!features_read(&features, device)) {
		json_object_put(all);
		json_object_put(words);
		json_object_put(guards);
		json_object_object_add(object, "firmware_features", NULL);
		return;
	}
	for (i = 0; i < features.words; i++)
		json_object_array_add(words, json_object_new_string(features.word[i]));
	for (i = 0; i < features.guards; i++)
		json_object_array_add(guards, json_object_new_string(features.guard[i]));
	json_number(all, "sets", features.sets);
	json_object_object_add(all, "words", words);
	json_object_object_add(all, "guarded", guards);
	json_object_object_add(object, "firmware_features", all);
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
	add_features(object, device);
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

static const struct argp_option options[] = {
	{ "verbose", 'v', NULL, 0, "Also what the firmware can do, and what is guarded against", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	if (key != 'v')
		return ARGP_ERR_UNKNOWN;
	*(bool *)state->input = true;
	return 0;
}

int cmd_status(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "", "Show what the module is, its link and its certificates.",
		json_child, NULL, NULL
	};
	char value[VALUE_SIZE];
	bool up, verbose = false;

	argp_parse(&argp, argc, argv, 0, NULL, &verbose);
	if (device_read_attribute(device, "model", value, sizeof(value)))
		return complain(EXIT_DEVICE,
				"there is no device %s; 'eswifictl doctor' tells why",
				device->name);
	up = !device_read_attribute(device, "operstate", value, sizeof(value)) &&
	     !strcmp(value, "up");
	return json_wanted() ? answer_all(device, up) : show_all(device, up, verbose);
}
