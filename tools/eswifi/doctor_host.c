// SPDX-License-Identifier: GPL-2.0-only
/* Doctor: the kernel's side: module, headers, kernel log, clock. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"

#define LOG_SIZE	8192	/* one record of the kernel log, and more */
#define DAY		(24 * 60 * 60)

/* nftw() has no argument for its caller. */
static bool module_found;

static int look_for_module(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	const char *name = path + ftw->base;

	(void)st;
	if (type != FTW_F || strncmp(name, "eswifi.ko", 9))
		return 0;
	module_found = true;
	return 1;
}

/* Whether eswifi.ko, packed or not, lies below a folder. */
static bool has_module(const struct doctor *d, const char *folder)
{
	char *path = rooted(d, folder);

	module_found = false;
	if (path)
		nftw(path, look_for_module, 16, FTW_PHYS);
	free(path);
	return module_found;
}

/* Whether depmod has seen it: then modprobe and udev find it. */
static bool depmod_knows(const struct doctor *d)
{
	char *path, *line = NULL;
	bool known = false;
	size_t size = 0;
	FILE *file;

	if (asprintf(&path, "%s/lib/modules/%s/modules.dep", d->root, d->release) < 0)
		return false;
	file = fopen(path, "re");
	free(path);
	if (!file)
		return false;
	while (!known && getline(&line, &size, file) > 0) {
		line[strcspn(line, ":")] = 0;
		known = strstr(line, "/eswifi.ko");
	}
	free(line);
	fclose(file);
	return known;
}

void check_module(struct doctor *d)
{
	char folder[160];

	if (exists(d, "/sys/module/eswifi") || d->bound) {
		report(d, VERDICT_OK, "module", NULL, "eswifi is loaded");
		return;
	}
	snprintf(folder, sizeof(folder), "/lib/modules/%s", d->release);
	if (depmod_knows(d))
		report(d, VERDICT_WARN, "module",
		       "it loads when the device tree names the module; or sudo modprobe eswifi",
		       "eswifi is installed for %s, but not loaded", d->release);
	else if (has_module(d, folder))
		report(d, VERDICT_FAIL, "module", "sudo depmod, then sudo modprobe eswifi",
		       "eswifi.ko lies in %s, but depmod has not seen it", folder);
	else if (has_module(d, "/lib/modules"))
		report(d, VERDICT_FAIL, "module",
		       "build it for the running kernel: make && sudo make install && sudo depmod",
		       "eswifi.ko is installed for another kernel, not for %s", d->release);
	else
		report(d, VERDICT_FAIL, "module",
		       "make && sudo make install && sudo depmod",
		       "eswifi.ko is not installed for %s", d->release);
}

void check_headers(struct doctor *d)
{
	bool needed = !exists(d, "/sys/module/eswifi") && !d->bound && !depmod_knows(d);
	char model[128], advice[256];

	if (exists(d, "/lib/modules/%s/build/Makefile", d->release)) {
		report(d, VERDICT_OK, "headers", NULL, "headers of %s are there", d->release);
		return;
	}
	peek(d, model, sizeof(model), "/proc/device-tree/model");
	if (strstr(model, "Raspberry Pi"))
		snprintf(advice, sizeof(advice),
			 "sudo apt install linux-headers-rpi-v8 (a Pi 5: linux-headers-rpi-2712)");
	else
		snprintf(advice, sizeof(advice), "sudo apt install linux-headers-%s", d->release);
	report(d, needed ? VERDICT_FAIL : VERDICT_WARN, "headers", advice,
	       "no headers of the running kernel, %s%s", d->release,
	       needed ? "" : "; they are needed to build the module again");
}

/* What the driver and the kernel say when something is wrong, and what to do. */
static const struct {
	const char *text;
	const char *advice;
} log_faults[] = {
	{ "data-ready never rose",
	  "check power (3.3 V), GND, and the data-ready and reset wires with drdy= and reset=" },
	{ "what came is no prompt",
	  "check MISO and SCK, speed= lower, and that the chip select is a GPIO (cs-gpios): "
	  "else it may be inverted" },
	{ "I? is not answered",
	  "the module needs firmware whose product id ends in -SPI; else try a lower speed=" },
	{ "Z5 gives no MAC address", "the firmware is none that is known: tell its version" },
	{ "the SPI transfer failed", "see the messages of the SPI controller in dmesg" },
	{ "no data-ready line", "data-ready-gpios is missing or wrong, or the GPIO is in use" },
	{ "no reset line", "reset-gpios is wrong, or the GPIO is in use" },
	{ "no wakeup line", "wakeup-gpios is wrong, or the GPIO is in use" },
	{ "no interrupt for the data-ready line", "use a GPIO that can give interrupts" },
	{ "SPI controller refuses", "the controller must be able to do mode 0 with 8 bits" },
	{ "the module does not come back", "power cycle the module; see the line before in dmesg" },
	{ "already in use", "spidev has the chip select: dtoverlay=eswifi disables it, reboot" },
	{ "version magic", "build it for the running kernel: make && sudo make install" },
	{ "disagrees about version of symbol",
	  "build it against the headers of the running kernel: make && sudo make install" },
	{ "unsigned module", "Secure Boot wants signed modules: sign it, or switch that off" },
	{ "Key was rejected", "Secure Boot wants signed modules: sign it, or switch that off" },
};

/* The words that a line must have for its fault to be ours. */
static bool is_ours(const char *line)
{
	return strstr(line, "eswifi") || strstr(line, "inventek") ||
	       strstr(line, "chipselect") || strstr(line, "unsigned module");
}

/* Judges one line; a module that came up makes what was before it past. */
static void judge_line(const char *line, int *fault, char *text, size_t size)
{
	size_t i;

	if (!is_ours(line))
		return;
	if (strstr(line, ", firmware ") || strstr(line, "answers again")) {
		*fault = -1;
		return;
	}
	for (i = 0; i < sizeof(log_faults) / sizeof(*log_faults); i++) {
		if (!strstr(line, log_faults[i].text))
			continue;
		/* That it does not come back is less than why. */
		if (!strcmp(log_faults[i].text, "the module does not come back") && *fault >= 0)
			return;
		*fault = i;
		snprintf(text, size, "%s", line);
		return;
	}
}

/* A record is "priority,number,time,flags;text", continued on lines with a blank. */
void check_log(struct doctor *d)
{
	char chunk[LOG_SIZE + 1], text[512] = "", *line, *rest;
	char *path = rooted(d, "/dev/kmsg");
	int fd, fault = -1;
	ssize_t len;

	fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
	free(path);
	if (fd < 0) {
		report(d, VERDICT_WARN, "kernel log", "run it as root", "can't be read: %m");
		return;
	}
	for (;;) {
		len = read(fd, chunk, LOG_SIZE);
		if (len < 0 && errno == EPIPE)
			continue;	/* records were overwritten meanwhile */
		if (len <= 0)
			break;
		chunk[len] = 0;
		rest = chunk;
		while ((line = strsep(&rest, "\n"))) {
			char *semicolon = strchr(line, ';');

			if (*line != ' ' && semicolon)
				judge_line(semicolon + 1, &fault, text, sizeof(text));
		}
	}
	close(fd);
	if (fault < 0)
		report(d, VERDICT_OK, "kernel log", NULL, "no complaint that still holds");
	else
		report(d, VERDICT_FAIL, "kernel log", log_faults[fault].advice, "%s", text);
}

/* A clock that is before what lies on the disk is wrong: boards often have no battery. */
void check_clock(struct doctor *d)
{
	static const char *const witnesses[] = {
		"/lib/modules", "/var/lib/systemd/timesync/clock",
	};
	time_t now = time(NULL), least = 1704067200;	/* 2024 */
	struct tm tm;
	struct stat st;
	char date[32];
	size_t i;

	for (i = 0; i < sizeof(witnesses) / sizeof(*witnesses); i++) {
		char *path = rooted(d, witnesses[i]);

		if (path && !stat(path, &st) && st.st_mtime > least)
			least = st.st_mtime;
		free(path);
	}
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &tm));
	if (now < least - DAY)
		report(d, VERDICT_FAIL, "clock", "sudo timedatectl set-ntp true, or set it by hand",
		       "%s is in the past; certificates have dates", date);
	else
		report(d, VERDICT_OK, "clock", NULL, "%s", date);
}
