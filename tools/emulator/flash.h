/* SPDX-License-Identifier: GPL-2.0-only */
/* What survives a power cut: certificate sets and saved settings, in a file. */
#ifndef EMULATOR_FLASH_H
#define EMULATOR_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FLASH_SETS		4
#define FLASH_MAX_ITEM		8192
#define FLASH_MAX_SETTINGS	64

enum flash_type { FLASH_CA, FLASH_CERT, FLASH_KEY, FLASH_TYPES };

/**
 * struct flash_item - a root CA, a certificate or a key
 * @data: its bytes, NULL if it was never written
 * @len: their number
 * @burns: how often PG wrote it; 0 if it came with the firmware's image
 * @torn: power failed while it was written
 */
struct flash_item {
	uint8_t *data;
	size_t len;
	unsigned int burns;
	bool torn;
};

/**
 * struct flash - the flash memory
 * @path: its file, NULL if it lasts only as long as the program
 * @item: the certificate sets
 * @setting: what Z1 saved: the command that sets it and its argument
 * @settings: entries of @setting
 */
struct flash {
	const char *path;
	struct flash_item item[FLASH_SETS][FLASH_TYPES];
	struct flash_setting {
		char name[4];
		char *value;
	} setting[FLASH_MAX_SETTINGS];
	unsigned int settings;
};

int flash_open(struct flash *flash, const char *path);
void flash_close(struct flash *flash);
int flash_sync(struct flash *flash);
int flash_burn(struct flash *flash, unsigned int set, unsigned int type,
	       const void *data, size_t len);
int flash_tear(struct flash *flash, unsigned int set, unsigned int type, size_t len);
bool flash_match(const struct flash *flash, unsigned int set, unsigned int type,
		 const void *data, size_t len);
int flash_bake(struct flash *flash, const char *what);
void flash_clear_settings(struct flash *flash);
int flash_add_setting(struct flash *flash, const char *name, const char *value);
void flash_show(const struct flash *flash, FILE *out);

#endif
