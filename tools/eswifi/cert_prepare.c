// SPDX-License-Identifier: GPL-2.0-only
/* Files of a set made fit for a firmware: by 'cert convert', and by what writes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

/* All files or none: false, after errors among the findings, if one can't be made. */
bool cert_convert_all(struct cert_conversions *all, struct cert_findings *found)
{
	unsigned int before = found->count[CERT_ERROR];
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		if (all->files[i].path &&
		    cert_convert(&all->made[i], &all->files[i], all->target, i, found))
			all->changed += !!all->made[i].data;
	return found->count[CERT_ERROR] == before;
}

void cert_conversions_free(struct cert_conversions *all)
{
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		cert_conversion_free(&all->made[i]);
}

/* What was changed, as JSON, and for people if @print. */
struct json_object *cert_conversions_tell(const struct cert_conversions *all, bool print, bool dry)
{
	struct json_object *array = json_object_new_array(), *entry, *changes;
	size_t n;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		const struct cert_conversion *made = &all->made[i];
		const char *path = all->files[i].path;
		bool key = made->changes & (CERT_CHANGE_PKCS1 | CERT_CHANGE_EXPONENT);

		if (!made->data)
			continue;
		changes = cert_changes_json(made->changes);
		for (n = 0; print && n < json_object_array_length(changes); n++)
			printf("  %-8s %s.pem: %s\n", dry ? "change" : "changed",
			       cert_item_names[i],
			       json_object_get_string(json_object_array_get_idx(changes, n)));
		if (print && key)
			printf("           it is the same key: n and e are as before, and both sign alike\n");
		entry = json_object_new_object();
		json_string(entry, "item", cert_item_names[i]);
		json_text(entry, "path", path, strlen(path));
		json_object_object_add(entry, "changes", changes);
		if (key)
			json_object_object_add(entry, "same_key", json_object_new_boolean(true));
		json_object_array_add(array, entry);
	}
	return array;
}

/* Puts what was made in place of what was read, and says so. */
static void apply(struct cert_conversions *all, struct cert_findings *found)
{
	struct json_object *changes;
	size_t n;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (!all->made[i].data)
			continue;
		changes = cert_changes_json(all->made[i].changes);
		for (n = 0; n < json_object_array_length(changes); n++)
			cert_say(found, i, CERT_NOTE,
				 "'cert convert', and 'plan' and 'program' by themselves, make it such as %s reads it: %s",
				 cert_target_name(all->target),
				 json_object_get_string(json_object_array_get_idx(changes, n)));
		json_object_put(changes);
		memcpy(all->files[i].data, all->made[i].data, all->made[i].len);
		all->files[i].len = all->made[i].len;
	}
}

/*
 * Judges the files of a set as they are once they were made fit for the firmware. Files
 * that are fit stay as they are. With @write the others are replaced on the disk; else
 * only what was read is. True if nothing is wrong with them.
 */
bool cert_judge(struct cert_conversions *all, bool write, struct cert_findings *found)
{
	struct cert_findings faults;
	bool failed;

	cert_findings_start(&faults, false);
	failed = !cert_convert_all(all, &faults) ||
		 (write && all->changed && cert_replace(all->files, all->made));
	if (failed)
		cert_conversions_free(all);
	if (!write)
		apply(all, found);
	cert_check(found, all->files, all->target);
	/* Mostly it is told by then why a file could not be made fit. */
	if (!found->count[CERT_ERROR])
		cert_findings_add(found, &faults);
	json_object_put(faults.json);
	return !failed && !found->count[CERT_ERROR];
}

/*
 * Finds the files of a name, makes them fit for the firmware of the module, and judges
 * them. What was changed is told on standard output where findings are, and in
 * @converted. True if nothing is wrong with them.
 */
bool cert_prepare(struct cert_findings *found, struct json_object **converted,
		  const struct device *device, const char *name, unsigned int set)
{
	struct cert_file files[ESWIFI_CERT_ITEMS];
	struct cert_target target;
	struct cert_conversions all = { .files = files, .target = &target };
	char address[VALUE_SIZE];
	bool sound = true;
	int err;

	err = device_read_attribute(device, "address", address, sizeof(address));
	cert_files_find(files, name, err ? NULL : address);
	cert_target_find(&target, device, NULL, set);
	/* What is missing altogether is better told by the driver. */
	if (files[0].path || files[1].path || files[2].path)
		sound = cert_judge(&all, true, found);
	*converted = cert_conversions_tell(&all, found->print, false);
	cert_conversions_free(&all);
	cert_files_free(files);
	return sound;
}
