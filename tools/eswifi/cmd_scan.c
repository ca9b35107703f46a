// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl scan: the networks in reach, the strongest first. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "eswifictl.h"

static int stronger(const void *a, const void *b)
{
	const struct eswifi_bss *x = a, *y = b;

	return y->rssi - x->rssi;
}

static void bssid_text(const struct eswifi_bss *bss, char text[18])
{
	const unsigned char *b = bss->bssid;

	sprintf(text, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static struct json_object *describe(const struct eswifi_bss *bss)
{
	struct json_object *object = json_object_new_object();
	char bssid[18];

	bssid_text(bss, bssid);
	json_name(object, bss->ssid, bss->ssid_len);
	json_string(object, "bssid", bssid);
	json_string(object, "security", security_name(bss->security));
	json_number(object, "rssi", bss->rssi);
	json_number(object, "channel", bss->channel);
	json_number(object, "band", bss->band);
	json_number(object, "rate_kbit", 100 * bss->rate);
	json_object_object_add(object, "adhoc", json_object_new_boolean(bss->adhoc));
	return object;
}

static void show(const struct eswifi_bss *bss)
{
	char bssid[18], channel[8] = "-";

	bssid_text(bss, bssid);
	if (bss->channel)
		sprintf(channel, "%u", bss->channel);
	printf("%4d dBm  %3s  %-17s  %-8s  ", bss->rssi, channel, bssid,
	       security_name(bss->security));
	if (bss->ssid_len)
		print_safely((const char *)bss->ssid, bss->ssid_len);
	else
		printf("(hidden)");
	printf("%s\n", bss->adhoc ? "  (ad hoc)" : "");
}

int cmd_scan(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "",
		"Look for networks, which takes seconds: signal, channel, access point,\n"
		"security and name of each, the strongest first.\n"
		"\vNeeds CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	struct eswifi_bss bss[ESWIFI_SCAN_MAX];
	struct eswifi_scan scan = {
		.size = sizeof(scan),
		.count = ESWIFI_SCAN_MAX,
		.bss = (uintptr_t)bss,
	};
	struct json_object *array;
	struct progress progress;
	unsigned int i;
	int code, failed;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	code = device_open(device);
	if (code)
		return code;
	progress_start(&progress, "looking for networks");
	failed = ioctl(device->fd, ESWIFI_IOC_SCAN, &scan);
	progress_stop(&progress);
	if (failed)
		return device_failed(device, "scan");
	if (scan.count > ESWIFI_SCAN_MAX)
		scan.count = ESWIFI_SCAN_MAX;
	qsort(bss, scan.count, sizeof(*bss), stronger);
	if (json_wanted()) {
		array = json_object_new_array();
		for (i = 0; i < scan.count; i++)
			json_object_array_add(array, describe(&bss[i]));
		return json_answer(array);
	}
	for (i = 0; i < scan.count; i++)
		show(&bss[i]);
	if (!scan.count)
		printf("no network in reach\n");
	return EXIT_DONE;
}
