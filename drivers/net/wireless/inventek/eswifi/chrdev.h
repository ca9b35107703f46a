/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One open file of /dev/eswifiN: what its AT channel (chrdev.c) and its ioctls
 * (ioctl.c) share.
 */
#ifndef ESWIFI_CHRDEV_H
#define ESWIFI_CHRDEV_H

#include <linux/kref.h>
#include <linux/skbuff.h>

#include "eswifi.h"

/* Commands of one file that wait, run, or have a reply that was not read. */
#define ESWIFI_FILE_COMMANDS	16

/**
 * struct eswifi_file - one open file
 * @ew: the module; the file holds a reference on its device
 * @ref: the file's, and one for each command that runs
 * @replies: one buffer a reply, in the order of the commands
 * @commands: how many of ESWIFI_FILE_COMMANDS are taken
 * @read_mutex: one reader takes from @replies at a time
 * @lock: guards @last
 * @last: why the last request failed
 */
struct eswifi_file {
	struct eswifi *ew;
	struct kref ref;
	struct sk_buff_head replies;
	atomic_t commands;
	struct mutex read_mutex;	/* one reader at a time */
	spinlock_t lock;		/* guards last */
	struct eswifi_last_error last;
};

void eswifi_file_set_error(struct eswifi_file *f, int error, const char *text);
long eswifi_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* ESWIFI_CHRDEV_H */
