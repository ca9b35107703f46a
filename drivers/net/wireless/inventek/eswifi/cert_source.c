// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where provisioning finds its files: the kernel's firmware path and the caller's
 * keyrings, for this very module before for all.
 *
 * What is called NAME is, item by item, the first of
 *   NAME/ADDRESS	for the module of that address
 *   NAME		for any module
 * in each of which a keyring comes before the files. Certificate and key are a
 * pair: both are of the same of these two names.
 *
 * The keyrings hold private keys only, so that one need never lie on a disk.
 */
#include <keys/user-type.h>
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/kernel.h>
#include <linux/key.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/* A name, a slash, and an address */
#define ESWIFI_CERT_FOLDER_SIZE	(ESWIFI_CERT_NAME_MAX + sizeof("/00:11:22:33:44:55"))

static ssize_t eswifi_cert_load_firmware(const struct eswifi_cert_source *source,
					 struct eswifi *ew, const char *name, unsigned int item,
					 void *buf, size_t size)
{
	char path[sizeof("inventek//cert.pem") + ESWIFI_CERT_FOLDER_SIZE];
	const struct firmware *firmware;
	ssize_t ret;

	snprintf(path, sizeof(path), "inventek/%s/%s.pem", name, eswifi_cert_item_names[item]);
	/* The one call of the loader that keeps no copy of what it read. */
	ret = request_firmware_into_buf(&firmware, path, &ew->dev, buf, size);
	if (ret)
		return ret;
	ret = firmware->size;
	release_firmware(firmware);
	return ret;
}

static const struct eswifi_cert_source eswifi_cert_firmware = {
	.from = ESWIFI_FROM_FILE,
	.load = eswifi_cert_load_firmware,
};

static ssize_t eswifi_cert_load_key(const struct eswifi_cert_source *source, struct eswifi *ew,
				    const char *name, unsigned int item, void *buf, size_t size)
{
	char description[sizeof("eswifi:") + ESWIFI_CERT_FOLDER_SIZE];
	const struct user_key_payload *payload;
	struct key *key;
	ssize_t ret;

	if (item != ESWIFI_CERT_KEY)
		return -ENOENT;
	snprintf(description, sizeof(description), "eswifi:%s", name);
	/* Logon keys: nobody can read them back. No program is called to make one. */
	key = request_key(&key_type_logon, description, NULL);
	if (IS_ERR(key))
		return PTR_ERR(key) == -ENOKEY ? -ENOENT : PTR_ERR(key);
	down_read(&key->sem);
	payload = user_key_payload_locked(key);
	if (!payload) {
		ret = -EKEYREVOKED;
	} else if (payload->datalen > size) {
		ret = -EFBIG;
	} else {
		memcpy(buf, payload->data, payload->datalen);
		ret = payload->datalen;
	}
	up_read(&key->sem);
	key_put(key);
	return ret;
}

static const struct eswifi_cert_source eswifi_cert_keyring = {
	.from = ESWIFI_FROM_KEYRING,
	.load = eswifi_cert_load_key,
};

/* In the order in which they are asked. */
const struct eswifi_cert_source * const eswifi_cert_sources[] = {
	&eswifi_cert_keyring,
	&eswifi_cert_firmware,
	NULL
};

/**
 * eswifi_cert_wipe() - give the bytes of a file back, without a trace
 * @file: the file; may have none
 */
void eswifi_cert_wipe(struct eswifi_cert_file *file)
{
	kvfree_sensitive(file->data, ESWIFI_CERT_BUF_SIZE);
	file->data = NULL;
}

/* One item from the first source that has it: 0, -ENOENT, or what went wrong, with a text. */
static int eswifi_cert_load_item(struct eswifi *ew, const char *name, unsigned int item,
				 const struct eswifi_cert_source * const *sources,
				 struct eswifi_cert_file *file, char *text, size_t size)
{
	const char *what = eswifi_cert_item_names[item];
	const struct eswifi_cert_source *source;
	ssize_t len = -ENOENT;

	file->data = kvmalloc(ESWIFI_CERT_BUF_SIZE, GFP_KERNEL);
	if (!file->data) {
		scnprintf(text, size, "out of memory");
		return -ENOMEM;
	}
	while (len == -ENOENT && (source = *sources++)) {
		len = source->load(source, ew, name, item, file->data, ESWIFI_CERT_BUF_SIZE);
		file->from = source->from;
	}
	if (len >= 0) {
		file->len = len;
		return 0;
	}
	eswifi_cert_wipe(file);
	if (len == -ENOENT) {
		file->from = ESWIFI_FROM_NOWHERE;
		return len;
	}
	if (len == -EFBIG)
		scnprintf(text, size, "%s.pem of %s: longer than %u bytes", what, name,
			  ESWIFI_CERT_MAX);
	else if (file->from == ESWIFI_FROM_KEYRING)
		scnprintf(text, size,
			  "the logon key eswifi:%s cannot be used (%zd): has it expired or been revoked?",
			  name, len);
	else
		scnprintf(text, size,
			  "%s.pem of %s: cannot be read (%zd): is it an empty file, or no file?",
			  what, name, len);
	return len;
}

/* The loader goes on to the next folder of its path when it cannot take a file, and
 * tells only of the last.
 */
static void eswifi_cert_missing(unsigned int item, const char *name, char *text, size_t size)
{
	scnprintf(text, size,
		  "%s.pem not found, or empty, or longer than %u bytes, in inventek/%s where the kernel looks for firmware%s (ca alone, or ca, cert and key)",
		  eswifi_cert_item_names[item], ESWIFI_CERT_MAX, name,
		  item == ESWIFI_CERT_KEY ? ", nor a logon key of that name in a keyring" : "");
}

/* Adds what there is under one name to what has been found; may leave half a pair. */
static int eswifi_cert_load_name(struct eswifi *ew, const char *name, u8 own,
				 const struct eswifi_cert_source * const *sources,
				 struct eswifi_cert_file file[ESWIFI_CERT_ITEMS], char *text,
				 size_t size)
{
	bool paired = file[ESWIFI_CERT_CERT].data;
	unsigned int i;
	int ret;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (file[i].data || (i != ESWIFI_CERT_CA && paired))
			continue;
		ret = eswifi_cert_load_item(ew, name, i, sources, &file[i], text, size);
		if (ret && ret != -ENOENT)
			return ret;
		if (!ret)
			file[i].from |= own;
	}
	if (!file[ESWIFI_CERT_CERT].data == !file[ESWIFI_CERT_KEY].data)
		return 0;
	eswifi_cert_missing(file[ESWIFI_CERT_CERT].data ? ESWIFI_CERT_KEY : ESWIFI_CERT_CERT, name,
			    text, size);
	return -ENOENT;
}

/**
 * eswifi_cert_load() - find the files of a provisioning
 * @ew: the module
 * @name: their name; sound
 * @sources: where to look, in this order; NULL-terminated
 * @file: in: nothing; out: what was found. To be wiped by the caller, also after
 *	a failure
 * @text: out, on failure: what is wrong and what to do
 * @size: room at @text
 *
 * Return: 0 if there is a CA, and a certificate and its key or neither; -ENOENT
 * something is missing; or as the sources.
 */
int eswifi_cert_load(struct eswifi *ew, const char *name,
		     const struct eswifi_cert_source * const *sources,
		     struct eswifi_cert_file file[ESWIFI_CERT_ITEMS], char *text, size_t size)
{
	char own[ESWIFI_CERT_FOLDER_SIZE];
	int ret;

	snprintf(own, sizeof(own), "%s/%pM", name, ew->identity.mac);
	ret = eswifi_cert_load_name(ew, own, ESWIFI_FROM_OWN, sources, file, text, size);
	if (!ret)
		ret = eswifi_cert_load_name(ew, name, 0, sources, file, text, size);
	if (!ret && !file[ESWIFI_CERT_CA].data) {
		eswifi_cert_missing(ESWIFI_CERT_CA, name, text, size);
		ret = -ENOENT;
	}
	return ret;
}
