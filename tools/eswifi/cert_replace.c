// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replaces certificate files by what a conversion made of them: all of them or none,
 * each at once, for whoever may read it now and for nobody else.
 *
 * The new bytes are written into a file beside the old one, which has its owner, mode
 * and access list before the first byte is in it. Then the two change names, so that
 * the old one is at hand until all are done; it is wiped before it is removed. What a
 * loss of power leaves behind has a name of its own, and is removed by the next run.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cert.h"

#define ACL		"system.posix_acl_access"

/**
 * struct swap - a file that is being replaced
 * @path: its name; NULL if nothing is to be done
 * @aside: name of the file beside it, which holds the new bytes and then the old
 * @fd: the old file, locked
 * @exchanged: the two have changed names, so that it can be undone
 * @replaced: @path holds the new bytes
 */
struct swap {
	const char *path;
	char *aside;
	int fd;
	bool exchanged;
	bool replaced;
};

/* Overwrites a file that has no other name, and removes this one. */
static void remove_wiped(const char *path)
{
	static const char zeros[4096];
	struct stat st;
	off_t left;
	int fd;

	fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_nlink == 1) {
		for (left = st.st_size; left > 0; left -= sizeof(zeros))
			if (write(fd, zeros, left < (off_t)sizeof(zeros) ? left :
				  (off_t)sizeof(zeros)) < 0)
				break;
		fsync(fd);
	}
	if (fd >= 0)
		close(fd);
	unlink(path);
}

/* Opens and locks the file. What was read must still be what is there. */
static int take(struct swap *swap, const struct cert_file *file)
{
	unsigned char *now = NULL;
	struct stat st, named;
	int code = 0;

	swap->fd = open(swap->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (swap->fd < 0 && errno == ELOOP)
		return complain(EXIT_REFUSED,
				"%s is a symbolic link: put a copy of the file in its place, which can be changed (nothing was changed)",
				swap->path);
	if (swap->fd < 0 || fstat(swap->fd, &st))
		return complain(EXIT_REFUSED, "cannot read %s: %m (nothing was changed)",
				swap->path);
	if (!S_ISREG(st.st_mode))
		return complain(EXIT_REFUSED, "%s is not a file (nothing was changed)",
				swap->path);
	now = malloc(CERT_FILE_MAX);
	if (!now)
		return complain(EXIT_DEVICE, "out of memory (nothing was changed)");
	if (flock(swap->fd, LOCK_EX | LOCK_NB) || stat(swap->path, &named) ||
	    named.st_ino != st.st_ino || named.st_dev != st.st_dev ||
	    pread(swap->fd, now, CERT_FILE_MAX, 0) != (ssize_t)file->len ||
	    memcmp(now, file->data, file->len))
		code = complain(EXIT_REFUSED,
				"somebody else is changing %s: run the same again (nothing was changed)",
				swap->path);
	explicit_bzero(now, CERT_FILE_MAX);
	free(now);
	return code;
}

/* Gives @fd the owner, mode and access list of the file it shall replace. */
static int make_alike(int fd, int old)
{
	char acl[4096];
	struct stat st;
	ssize_t len;

	if (fstat(old, &st) || fchown(fd, st.st_uid, st.st_gid))
		return -errno;
	len = fgetxattr(old, ACL, acl, sizeof(acl));
	if (len < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return -errno;
	/* A folder may give its files a list that lets others in. */
	if (len < 0 && fremovexattr(fd, ACL) && errno != ENODATA && errno != EOPNOTSUPP)
		return -errno;
	if (fchmod(fd, st.st_mode & 07777))
		return -errno;
	if (len >= 0 && fsetxattr(fd, ACL, acl, len, 0))
		return -errno;
	return 0;
}

/* The file beside it, with the new bytes, on the disk. */
static int write_aside(struct swap *swap, const struct cert_conversion *made)
{
	char *copy = strdup(swap->path), *name = strdup(swap->path);
	size_t done = 0;
	ssize_t len;
	int fd, err;

	if (!copy || !name || asprintf(&swap->aside, "%s/.%s.converting", dirname(copy),
				       basename(name)) < 0)
		swap->aside = NULL;
	free(copy);
	free(name);
	if (!swap->aside)
		return complain(EXIT_DEVICE, "out of memory (nothing was changed)");
	/* Left by a loss of power, as nobody else has the lock. */
	if (!access(swap->aside, F_OK))
		remove_wiped(swap->aside);
	fd = open(swap->aside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	err = fd < 0 ? -errno : make_alike(fd, swap->fd);
	while (!err && done < made->len) {
		len = write(fd, made->data + done, made->len - done);
		if (len < 0)
			err = -errno;
		else
			done += len;
	}
	if (!err && fsync(fd))
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err)
		return complain(EXIT_REFUSED, "cannot write %s: %s (nothing was changed)",
				swap->path, strerror(-err));
	return 0;
}

/* Puts the new file in the place of the old one. 0 or a negative errno. */
static int put_in_place(struct swap *swap)
{
	if (!renameat2(AT_FDCWD, swap->aside, AT_FDCWD, swap->path, RENAME_EXCHANGE)) {
		swap->exchanged = true;
		swap->replaced = true;
		return 0;
	}
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* A file system that can't exchange names: this one can't be undone. */
	if (rename(swap->aside, swap->path))
		return -errno;
	swap->replaced = true;
	return 0;
}

static void sync_folder(const char *path)
{
	char *copy = strdup(path);
	int fd;

	fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(copy);
}

static int replace_all(struct swap swap[ESWIFI_CERT_ITEMS])
{
	int i, err = 0;

	for (i = 0; !err && i < ESWIFI_CERT_ITEMS; i++)
		if (swap[i].path)
			err = put_in_place(&swap[i]);
	if (!err)
		return 0;
	complain(EXIT_REFUSED, "cannot replace %s: %s", swap[i - 1].path, strerror(-err));
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (swap[i].exchanged && !renameat2(AT_FDCWD, swap[i].aside, AT_FDCWD,
						    swap[i].path, RENAME_EXCHANGE))
			swap[i].replaced = false;
	}
	return EXIT_REFUSED;
}

/*
 * Puts what was made in place of the files, and into @files. Returns 0, or an exit code
 * after a message; then nothing was changed.
 */
int cert_replace(struct cert_file files[ESWIFI_CERT_ITEMS],
		 struct cert_conversion made[ESWIFI_CERT_ITEMS])
{
	struct swap swap[ESWIFI_CERT_ITEMS] = { 0 };
	sigset_t all, old;
	int i, code = 0;

	/* Nobody shall leave half of this behind by Ctrl-C. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (i = 0; !code && i < ESWIFI_CERT_ITEMS; i++) {
		swap[i].fd = -1;
		if (!made[i].data)
			continue;
		swap[i].path = files[i].path;
		code = take(&swap[i], &files[i]);
		if (!code)
			code = write_aside(&swap[i], &made[i]);
	}
	if (!code)
		code = replace_all(swap);
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (!swap[i].path)
			continue;
		/* Where names could not be exchanged the old file has none any more. */
		if (swap[i].aside && (!swap[i].replaced || swap[i].exchanged))
			remove_wiped(swap[i].aside);
		if (swap[i].replaced) {
			sync_folder(swap[i].path);
			memcpy(files[i].data, made[i].data, made[i].len);
			files[i].len = made[i].len;
		}
		free(swap[i].aside);
		if (swap[i].fd >= 0)
			close(swap[i].fd);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return code;
}
