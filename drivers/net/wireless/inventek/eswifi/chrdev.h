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
 * @id: what eswifi.exclusive and eswifi_job.owner know the file by; never 0
 * @ref: the file's, and one for each command that runs
 * @replies: one buffer a reply, in the order of the commands
 * @commands: how many of ESWIFI_FILE_COMMANDS are taken
 * @read_mutex: one reader takes from @replies at a time
 * @lock: guards @last
 * @last: why the last request failed
 * @allowed: ESWIFI_ALLOW_*
 * @subscriber: in eswifi.subscribers if the file wants messages
 * @messages: those that wait for it; with @messages_lost guarded by
 *	eswifi.queue_lock
 * @messages_lost: how many were dropped since the last was fetched
 */
struct eswifi_file {
	struct eswifi *ew;
	u64 id;
	struct kref ref;
	struct sk_buff_head replies;
	atomic_t commands;
	struct mutex read_mutex;	/* one reader at a time */
	spinlock_t lock;		/* guards last */
	struct eswifi_last_error last;
	u32 allowed;
	struct list_head subscriber;
	struct sk_buff_head messages;
	u32 messages_lost;
};

void eswifi_file_set_error(struct eswifi_file *f, int error, const char *text);

/* messages.c */
int eswifi_message_subscribe(struct eswifi_file *f);
void eswifi_message_unsubscribe(struct eswifi_file *f);
long eswifi_ioctl_message(struct eswifi_file *f, void __user *arg);

/* ioctl.c */
void eswifi_exclusive_drop(struct eswifi_file *f);
long eswifi_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

#endif /* ESWIFI_CHRDEV_H */
