// SPDX-License-Identifier: GPL-2.0-only
/* Certificate files on this host: found where the kernel's firmware loader finds them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cert.h"

const char *const cert_item_names[ESWIFI_CERT_ITEMS] = { "ca", "cert", "key" };

/* 0, or a negative errno; @file has its path all the same, unless it is not there. */
int cert_file_read(struct cert_file *file, const char *path)
{
	ssize_t len = 0, more;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -errno;
	if (fd < 0)
		err = -errno;
	file->path = strdup(path);
	file->data = malloc(CERT_FILE_MAX);
	if (!file->path || !file->data)
		err = -ENOMEM;
	while (!err && len < CERT_FILE_MAX) {
		more = read(fd, file->data + len, CERT_FILE_MAX - len);
		if (more < 0)
			err = -errno;
		if (more <= 0)
			break;
		len += more;
	}
	file->len = len;
	file->error = -err;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Folders of the loader, in its order: the path that is set comes first. */
static void firmware_folders(char folders[5][256])
{
	struct utsname name;
	FILE *file;

	memset(folders, 0, 5 * sizeof(*folders));
	file = fopen("/sys/module/firmware_class/parameters/path", "re");
	if (file) {
		if (fgets(folders[0], sizeof(folders[0]), file))
			folders[0][strcspn(folders[0], "\n")] = 0;
		fclose(file);
	}
	uname(&name);
	snprintf(folders[1], sizeof(folders[1]), "/lib/firmware/updates/%s", name.release);
	strcpy(folders[2], "/lib/firmware/updates");
	snprintf(folders[3], sizeof(folders[3]), "/lib/firmware/%s", name.release);
	strcpy(folders[4], "/lib/firmware");
}

/* As the loader: plain files in all folders, then compressed ones. */
static void find_item(struct cert_file *file, char folders[5][256], const char *name,
		      const char *item)
{
	static const char *const endings[] = { "", ".zst", ".xz" };
	char path[512];
	size_t i, ending;

	for (ending = 0; ending < 3; ending++) {
		for (i = 0; i < 5; i++) {
			if (!*folders[i])
				continue;
			snprintf(path, sizeof(path), "%s/inventek/%s/%s.pem%s", folders[i], name,
				 item, endings[ending]);
			if (!ending)
				cert_file_read(file, path);
			else if (!access(path, F_OK))
				file->path = strdup(path);
			file->compressed = ending && file->path;
			if (file->path)
				return;
		}
	}
}

/*
 * The files that the driver would take for @name: those for the module of that
 * @address (NULL: none is known) before those for all. Certificate and key are a
 * pair, of the same folder, though the key may be in a keyring.
 */
void cert_files_find(struct cert_file files[ESWIFI_CERT_ITEMS], const char *name,
		     const char *address)
{
	char folders[5][256], own[128];
	bool paired;
	int i;

	memset(files, 0, ESWIFI_CERT_ITEMS * sizeof(*files));
	firmware_folders(folders);
	if (address) {
		snprintf(own, sizeof(own), "%s/%s", name, address);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
			find_item(&files[i], folders, own, cert_item_names[i]);
			files[i].own = files[i].path;
		}
	}
	paired = files[ESWIFI_CERT_CERT].path || files[ESWIFI_CERT_KEY].path;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		if (!files[i].path && (i == ESWIFI_CERT_CA || !paired))
			find_item(&files[i], folders, name, cert_item_names[i]);
}

void cert_files_free(struct cert_file files[ESWIFI_CERT_ITEMS])
{
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (files[i].data)
			explicit_bzero(files[i].data, CERT_FILE_MAX);
		free(files[i].data);
		free(files[i].path);
	}
	memset(files, 0, ESWIFI_CERT_ITEMS * sizeof(*files));
}
