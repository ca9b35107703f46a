// SPDX-License-Identifier: GPL-2.0-only
/*
 * What survives a power cut: certificate sets and saved settings, in a file.
 *
 * Every change writes a new file and renames it over the old one, so that
 * whoever kills the program at any moment finds the state before the change
 * or the state after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "flash.h"

#define FLASH_HEADER	"eswifi-flash 1\n"

static const char *const item_names[FLASH_TYPES] = { "ca", "cert", "key" };

static void put_hex(FILE *file, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		fprintf(file, "%02x", *p++);
	fputc('\n', file);
}

/* The bytes of a hexadecimal string, with a NUL behind them; NULL if it is none. */
static uint8_t *get_hex(const char *text, size_t *len)
{
	size_t digits = strspn(text, "0123456789abcdef"), i;
	uint8_t *data;

	if (digits % 2 || (text[digits] && text[digits] != '\n'))
		return NULL;
	data = calloc(1, digits / 2 + 1);
	if (!data)
		return NULL;
	for (i = 0; i < digits; i++) {
		uint8_t digit = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;

		data[i / 2] = data[i / 2] << 4 | digit;
	}
	*len = digits / 2;
	return data;
}

static void item_free(struct flash_item *item)
{
	if (item->data)
		OPENSSL_cleanse(item->data, item->len);
	free(item->data);
	*item = (struct flash_item){ 0 };
}

void flash_clear_settings(struct flash *flash)
{
	while (flash->settings)
		free(flash->setting[--flash->settings].value);
}

void flash_close(struct flash *flash)
{
	unsigned int set, type;

	for (set = 0; set < FLASH_SETS; set++)
		for (type = 0; type < FLASH_TYPES; type++)
			item_free(&flash->item[set][type]);
	flash_clear_settings(flash);
}

int flash_add_setting(struct flash *flash, const char *name, const char *value)
{
	struct flash_setting *setting = &flash->setting[flash->settings];

	if (flash->settings == FLASH_MAX_SETTINGS || strlen(name) >= sizeof(setting->name))
		return -ENOSPC;
	setting->value = strdup(value);
	if (!setting->value)
		return -ENOMEM;
	strcpy(setting->name, name);
	flash->settings++;
	return 0;
}

static int flash_line(struct flash *flash, const char *line)
{
	unsigned int set, type, burns;
	struct flash_item *item;
	uint8_t *data;
	char name[4];
	size_t len;
	int at = 0, err;

	if (sscanf(line, "item %u %u %u %n", &set, &type, &burns, &at) == 3 && at) {
		if (set >= FLASH_SETS || type >= FLASH_TYPES)
			return -EINVAL;
		item = &flash->item[set][type];
		data = get_hex(line + at, &len);
		if (!data || item->data) {
			free(data);
			return -EINVAL;
		}
		*item = (struct flash_item){ .data = data, .len = len, .burns = burns };
		return 0;
	}
	if (sscanf(line, "torn %u %u%n", &set, &type, &at) == 2 && at) {
		if (set >= FLASH_SETS || type >= FLASH_TYPES)
			return -EINVAL;
		flash->item[set][type].torn = true;
		return 0;
	}
	if (sscanf(line, "setting %3s %n", name, &at) == 1 && at) {
		data = get_hex(line + at, &len);
		if (!data)
			return -EINVAL;
		err = flash_add_setting(flash, name, (char *)data);
		free(data);
		return err;
	}
	return -EINVAL;
}

/* Read the file, or make an empty one; -EINVAL if it is something else. */
int flash_open(struct flash *flash, const char *path)
{
	char *line = NULL;
	size_t size = 0;
	int err = 0;
	FILE *file;

	*flash = (struct flash){ .path = path };
	if (!path)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? flash_sync(flash) : -errno;
	if (getline(&line, &size, file) < 0 || strcmp(line, FLASH_HEADER))
		err = -EINVAL;
	while (!err && getline(&line, &size, file) > 0)
		err = flash_line(flash, line);
	if (line)
		OPENSSL_cleanse(line, size);
	free(line);
	fclose(file);
	if (err)
		flash_close(flash);
	return err;
}

static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int err = 0, fd;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

static int flash_write(const struct flash *flash, FILE *file)
{
	unsigned int set, type, i;

	fputs(FLASH_HEADER, file);
	for (set = 0; set < FLASH_SETS; set++) {
		for (type = 0; type < FLASH_TYPES; type++) {
			const struct flash_item *item = &flash->item[set][type];

			if (!item->data)
				continue;
			fprintf(file, "item %u %u %u ", set, type, item->burns);
			put_hex(file, item->data, item->len);
			if (item->torn)
				fprintf(file, "torn %u %u\n", set, type);
		}
	}
	for (i = 0; i < flash->settings; i++) {
		fprintf(file, "setting %s ", flash->setting[i].name);
		put_hex(file, flash->setting[i].value, strlen(flash->setting[i].value));
	}
	if (fflush(file) || ferror(file) || fsync(fileno(file)))
		return -(errno ?: EIO);
	return 0;
}

int flash_sync(struct flash *flash)
{
	char *path;
	FILE *file;
	int err, fd;

	if (!flash->path)
		return 0;
	if (asprintf(&path, "%s.new", flash->path) < 0)
		return -ENOMEM;
	/* Keys are in it: for the owner's eyes only. */
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		goto out;
	}
	err = flash_write(flash, file);
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(path, flash->path))
		err = -errno;
	if (!err)
		err = sync_directory(flash->path);
out:
	free(path);
	return err;
}

bool flash_match(const struct flash *flash, unsigned int set, unsigned int type,
		 const void *data, size_t len)
{
	const struct flash_item *item = &flash->item[set][type];

	return item->data && item->len == len && !memcmp(item->data, data, len);
}

/* Write an item, whatever was there: who calls knows whether that is allowed. */
int flash_burn(struct flash *flash, unsigned int set, unsigned int type,
	       const void *data, size_t len)
{
	struct flash_item *item = &flash->item[set][type], old = *item;
	int err;

	item->data = malloc(len ?: 1);
	if (!item->data) {
		*item = old;
		return -ENOMEM;
	}
	memcpy(item->data, data, len);
	item->len = len;
	item->torn = false;
	item->burns++;
	err = flash_sync(flash);
	if (err) {
		item_free(item);
		*item = old;
		return err;
	}
	item_free(&old);
	return 0;
}

/* Power failed when len bytes of an item were written. */
int flash_tear(struct flash *flash, unsigned int set, unsigned int type, size_t len)
{
	struct flash_item *item = &flash->item[set][type];

	if (len < item->len)
		item->len = len;
	item->torn = true;
	return flash_sync(flash);
}

/*
 * An item that came with the firmware's image: "SET:ca=FILE", and so on. One that
 * is there already, as after a restart, must be the same.
 */
int flash_bake(struct flash *flash, const char *what)
{
	uint8_t data[FLASH_MAX_ITEM];
	unsigned int set, type;
	char name[5], path[4096];
	size_t len;
	FILE *file;

	if (sscanf(what, "%u:%4[a-z]=%4095s", &set, name, path) != 3 || set >= FLASH_SETS)
		return -EINVAL;
	for (type = 0; type < FLASH_TYPES; type++)
		if (!strcmp(name, item_names[type]))
			break;
	if (type == FLASH_TYPES)
		return -EINVAL;
	file = fopen(path, "re");
	if (!file)
		return -errno;
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	if (flash->item[set][type].data)
		return flash_match(flash, set, type, data, len) ? 0 : -EEXIST;
	if (!len || flash_burn(flash, set, type, data, len))
		return -EIO;
	flash->item[set][type].burns = 0;
	return flash_sync(flash);
}

/* For tests: one line for each item, with a hash instead of its bytes. */
void flash_show(const struct flash *flash, FILE *out)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	unsigned int set, type, total = 0;

	for (set = 0; set < FLASH_SETS; set++) {
		for (type = 0; type < FLASH_TYPES; type++) {
			const struct flash_item *item = &flash->item[set][type];

			fprintf(out, "set %u %s: ", set, item_names[type]);
			if (!item->data) {
				fputs("empty\n", out);
				continue;
			}
			SHA256(item->data, item->len, hash);
			fprintf(out, "length %zu burns %u sha256 ", item->len, item->burns);
			put_hex(out, hash, sizeof(hash));
			total += item->burns;
		}
	}
	fprintf(out, "burns: %u\nsettings: %u\n", total, flash->settings);
}
