// SPDX-License-Identifier: GPL-2.0-only
/* Doctor: what the machine was told of the wiring: device tree, overlay, SPI bus. */
#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* nftw() has no argument for its caller: the node that was found. */
static char found[PATH_MAX];

/* A property of strings with NULs between them, as one string with blanks. */
static bool read_strings(const char *path, char *value, size_t size)
{
	FILE *file = fopen(path, "re");
	size_t len, i;

	value[0] = 0;
	if (!file)
		return false;
	len = fread(value, 1, size - 1, file);
	fclose(file);
	for (i = 0; i + 1 < len; i++)
		if (!value[i])
			value[i] = ' ';
	value[len] = 0;
	return true;
}

static int look_for_node(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	char value[256];

	(void)st;
	if (type != FTW_F || strcmp(path + ftw->base, "compatible") ||
	    !read_strings(path, value, sizeof(value)) || !strstr(value, "inventek,"))
		return 0;
	snprintf(found, sizeof(found), "%.*s", ftw->base - 1, path);
	return 1;
}

/* A node without status is enabled. */
static bool disabled(const char *node)
{
	char path[PATH_MAX + 8], status[32];

	snprintf(path, sizeof(path), "%s/status", node);
	return read_strings(path, status, sizeof(status)) && strcmp(status, "okay") &&
	       strcmp(status, "ok");
}

/* Whether another enabled node of the bus has the same chip select: its name in @name. */
static bool rival(const char *bus, const char *own, char *name, size_t size)
{
	const char *unit = strchr(own, '@');
	struct dirent *entry;
	bool is_rival = false;
	DIR *dir = opendir(bus);

	while (dir && !is_rival && (entry = readdir(dir))) {
		char node[PATH_MAX + NAME_MAX + 2];
		const char *other = strchr(entry->d_name, '@');

		if (!unit || !other || strcmp(other, unit) || !strcmp(entry->d_name, own))
			continue;
		snprintf(node, sizeof(node), "%s/%s", bus, entry->d_name);
		is_rival = !disabled(node);
		snprintf(name, size, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return is_rival;
}

/*
 * Whether the bus has chip selects of its own that Linux's driver inverts: its GPIO
 * is asked for as active high, and the SPI core sets it as active low.
 */
static bool inverts(const char *bus)
{
	char path[PATH_MAX + 16], compatible[256];

	snprintf(path, sizeof(path), "%s/compatible", bus);
	if (!read_strings(path, compatible, sizeof(compatible)) ||
	    !strstr(compatible, "brcm,bcm2835-spi"))
		return false;
	snprintf(path, sizeof(path), "%s/cs-gpios", bus);
	return access(path, F_OK);
}

static void judge_node(struct doctor *d)
{
	char bus[PATH_MAX], *own, name[NAME_MAX + 1];
	const char *shown = found + strlen(d->root);

	snprintf(bus, sizeof(bus), "%s", found);
	own = strrchr(bus, '/');
	*own++ = 0;
	if (disabled(found))
		report(d, VERDICT_FAIL, "device tree", "its status must be \"okay\"",
		       "%s is disabled", shown);
	else if (disabled(bus))
		report(d, VERDICT_FAIL, "device tree",
		       "on a Pi: dtparam=spi=on in config.txt, reboot",
		       "the SPI controller of %s is disabled", shown);
	else if (rival(bus, own, name, sizeof(name)))
		report(d, VERDICT_FAIL, "device tree",
		       "disable it; on a Pi dtoverlay=eswifi does so, name the chip select there",
		       "%s claims the chip select of %s", name, shown);
	else if (!d->bound && inverts(bus))
		report(d, VERDICT_FAIL, "device tree",
		       "give it cs-gpios: dtoverlay=eswifi does, or make dtb (dts-overlays/README)",
		       "the SPI controller of %s has no cs-gpios: Linux inverts its chip select",
		       shown);
	else
		report(d, VERDICT_OK, "device tree", NULL, "%s", shown);
}

/* Whether a line of config.txt loads the overlay. */
static bool config_loads(const struct doctor *d, const char *name)
{
	char *path = rooted(d, name), *line = NULL;
	size_t size = 0;
	bool loads = false;
	FILE *file;

	file = path ? fopen(path, "re") : NULL;
	free(path);
	if (!file)
		return false;
	while (!loads && getline(&line, &size, file) > 0) {
		const char *start = line + strspn(line, " \t");

		loads = !strncmp(start, "dtoverlay=eswifi", 16) && strchr(",\r\n", start[16]);
	}
	free(line);
	fclose(file);
	return loads;
}

static void judge_overlay(struct doctor *d)
{
	const char *boot = exists(d, "/boot/firmware/config.txt") ? "/boot/firmware" : "/boot";
	char config[64];

	snprintf(config, sizeof(config), "%s/config.txt", boot);
	if (!config_loads(d, config))
		report(d, VERDICT_FAIL, "device tree",
		       "add the line dtoverlay=eswifi to it, reboot",
		       "%s does not load the overlay", config);
	else if (!exists(d, "%s/overlays/eswifi.dtbo", boot))
		report(d, VERDICT_FAIL, "device tree",
		       "make dtbs, and copy build/dtbs/eswifi.dtbo there, reboot",
		       "%s names the overlay, but %s/overlays/eswifi.dtbo is missing", config,
		       boot);
	else
		report(d, VERDICT_FAIL, "device tree",
		       "reboot; if that is done: sudo vclog --msg tells why it was not loaded",
		       "%s names the overlay, but it is not in the device tree", config);
}

void check_tree(struct doctor *d)
{
	char *tree = rooted(d, "/proc/device-tree"), model[128];

	found[0] = 0;
	/* It is a link to /sys/firmware: links are followed. */
	if (tree)
		nftw(tree, look_for_node, 16, 0);
	free(tree);
	peek(d, model, sizeof(model), "/proc/device-tree/model");
	if (*found)
		judge_node(d);
	else if (d->bound)
		report(d, VERDICT_OK, "device tree", NULL, "not needed: %s is there without",
		       d->device->name);
	else if (strstr(model, "Raspberry Pi"))
		judge_overlay(d);
	else if (exists(d, "/proc/device-tree"))
		report(d, VERDICT_FAIL, "device tree",
		       "describe the module in it, compatible = \"inventek,eswifi\"",
		       "no node of an eS-WiFi module");
	else
		report(d, VERDICT_FAIL, "device tree",
		       "use a board with a device tree, or the emulator",
		       "this machine has none: nothing tells where the module is");
}

/* Name of the driver that has an SPI device, in @target; "" if none. */
static const char *driver_of(const struct doctor *d, const char *spi, char target[PATH_MAX])
{
	char path[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "%s/sys/bus/spi/devices/%s/driver", d->root, spi);
	len = readlink(path, target, PATH_MAX - 1);
	target[len > 0 ? len : 0] = 0;
	return strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
}

static bool is_module(const char *modalias)
{
	return strstr(modalias, "eswifi") || strstr(modalias, "ism43") ||
	       strstr(modalias, "inventek");
}

void check_spi(struct doctor *d)
{
	char *path = rooted(d, "/sys/bus/spi/devices"), modalias[256], target[PATH_MAX];
	const char *driver;
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *entry;
	bool seen = false;

	free(path);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    peek(d, modalias, sizeof(modalias), "/sys/bus/spi/devices/%s/modalias",
			 entry->d_name) < 0 || !is_module(modalias))
			continue;
		seen = true;
		driver = driver_of(d, entry->d_name, target);
		if (!strcmp(driver, "eswifi"))
			report(d, VERDICT_OK, "SPI", NULL, "eswifi drives %s", entry->d_name);
		else if (*driver)
			report(d, VERDICT_FAIL, "SPI",
			       "unbind it: echo the name to /sys/bus/spi/drivers/DRIVER/unbind",
			       "%s is driven by %s instead of eswifi", entry->d_name, driver);
		else if (exists(d, "/sys/module/eswifi"))
			report(d, VERDICT_FAIL, "SPI",
			       "the kernel log says why: dmesg | grep eswifi",
			       "eswifi is loaded, and could not start on %s", entry->d_name);
		else
			report(d, VERDICT_FAIL, "SPI", "load it: sudo modprobe eswifi",
			       "nobody drives %s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (seen)
		return;
	if (!dir)
		report(d, VERDICT_FAIL, "SPI", "use a kernel with CONFIG_SPI",
		       "the kernel knows no SPI bus");
	else
		report(d, VERDICT_FAIL, "SPI", "see the finding on the device tree",
		       "no eS-WiFi module on any SPI bus");
}
