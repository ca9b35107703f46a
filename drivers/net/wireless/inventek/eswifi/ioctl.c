// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ioctls of /dev/eswifiN: structures of user space checked, requests passed
 * to the services, and what they said kept for ESWIFI_IOC_LAST_ERROR.
 */
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "chrdev.h"

/* Programs were built with these: the ABI is a promise. */
static_assert(sizeof(struct eswifi_join) == 144);
static_assert(sizeof(struct eswifi_link_info) == 96);
static_assert(sizeof(struct eswifi_connect) == 112);
static_assert(sizeof(struct eswifi_conn_info) == 208);
static_assert(sizeof(struct eswifi_last_error) == 168);
static_assert(sizeof(struct eswifi_listen) == 40);
static_assert(sizeof(struct eswifi_accept) == 32);
static_assert(sizeof(struct eswifi_message) == 168);
static_assert(sizeof(struct eswifi_bss) == 48);
static_assert(sizeof(struct eswifi_scan) == 24);
static_assert(sizeof(struct eswifi_resolve) == 72);
static_assert(sizeof(struct eswifi_ping) == 16);
static_assert(sizeof(struct eswifi_ap) == 100);
static_assert(sizeof(struct eswifi_ap_client) == 12);
static_assert(sizeof(struct eswifi_ap_info) == 56);
static_assert(sizeof(struct eswifi_provision) == 452);

/**
 * eswifi_copy_in() - copy a structure of an ioctl from user space
 * @to: out: the structure
 * @from: its address
 * @size: its size, which its first field must hold
 *
 * Return: 0, -EINVAL or -EFAULT.
 */
int eswifi_copy_in(void *to, const void __user *from, u32 size)
{
	u32 user_size;

	if (get_user(user_size, (const u32 __user *)from))
		return -EFAULT;
	if (user_size != size)
		return -EINVAL;
	if (copy_from_user(to, from, size))
		return -EFAULT;
	*(u32 *)to = size;
	return 0;
}

static long eswifi_ioctl_join(struct eswifi_file *f, void __user *arg)
{
	struct eswifi_join join;
	char text[ESWIFI_TEXT_SIZE] = "";
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_copy_in(&join, arg, sizeof(join));
	if (!ret && ((join.flags & ~ESWIFI_JOIN_STATIC) ||
		     memchr_inv(join.reserved, 0, sizeof(join.reserved))))
		ret = -EINVAL;
	if (!ret && !(join.flags & ESWIFI_JOIN_STATIC) &&
	    (join.ip || join.mask || join.gateway || join.dns[0] || join.dns[1]))
		ret = -EINVAL;
	if (!ret)
		ret = eswifi_link_join(f->ew, &join, f->id, text);
	memzero_explicit(&join, sizeof(join));
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_leave(struct eswifi_file *f)
{
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_link_leave(f->ew, f->id);
	eswifi_file_set_error(f, ret, NULL);
	return ret;
}

static long eswifi_ioctl_link_info(struct eswifi_file *f, void __user *arg)
{
	struct eswifi_link_info info;
	int ret;

	ret = eswifi_copy_in(&info, arg, sizeof(info));
	if (ret)
		return ret;
	memset(&info, 0, sizeof(info));
	ret = eswifi_link_info(f->ew, &info, f->id);
	info.size = sizeof(info);
	if (!ret && copy_to_user(arg, &info, sizeof(info)))
		ret = -EFAULT;
	eswifi_file_set_error(f, ret, NULL);
	return ret;
}

static long eswifi_ioctl_scan(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_bss *bss = NULL;
	struct eswifi_scan scan;
	u32 room, count;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_copy_in(&scan, arg, sizeof(scan));
	if (!ret && (scan.flags || scan.reserved))
		ret = -EINVAL;
	if (ret)
		goto out;
	room = min_t(u32, scan.count, ESWIFI_SCAN_MAX);
	/* With room for none the count alone is of interest. */
	bss = kcalloc(max_t(u32, room, 1), sizeof(*bss), GFP_KERNEL);
	if (!bss) {
		ret = -ENOMEM;
		goto out;
	}
	ret = eswifi_scan(f->ew, bss, room, &count, f->id, text);
	if (ret)
		goto out;
	if (copy_to_user(u64_to_user_ptr(scan.bss), bss, min(room, count) * sizeof(*bss)))
		ret = -EFAULT;
	scan.count = count;
	if (!ret && copy_to_user(arg, &scan, sizeof(scan)))
		ret = -EFAULT;
out:
	kfree(bss);
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_resolve(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_resolve resolve;
	int ret;

	ret = eswifi_copy_in(&resolve, arg, sizeof(resolve));
	if (!ret)
		ret = eswifi_resolve(f->ew, &resolve, f->id, text);
	if (!ret && copy_to_user(arg, &resolve, sizeof(resolve)))
		ret = -EFAULT;
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_ping(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_ping ping;
	int ret;

	ret = eswifi_copy_in(&ping, arg, sizeof(ping));
	if (!ret && ping.reserved)
		ret = -EINVAL;
	if (!ret)
		ret = eswifi_ping(f->ew, &ping, f->id, text);
	if (!ret && copy_to_user(arg, &ping, sizeof(ping)))
		ret = -EFAULT;
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_ap_start(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_ap ap;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_copy_in(&ap, arg, sizeof(ap));
	if (!ret && (ap.flags || memchr_inv(ap.pad, 0, sizeof(ap.pad)) ||
		     memchr_inv(ap.reserved, 0, sizeof(ap.reserved))))
		ret = -EINVAL;
	if (!ret)
		ret = eswifi_ap_start(f->ew, &ap, f->id, text);
	if (!ret && copy_to_user(arg, &ap, sizeof(ap)))
		ret = -EFAULT;
	memzero_explicit(&ap, sizeof(ap));
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_ap_stop(struct eswifi_file *f)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_ap_stop(f->ew, f->id, text);
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_ap_info(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_ap_info info;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = eswifi_copy_in(&info, arg, sizeof(info));
	if (!ret)
		ret = eswifi_ap_info(f->ew, &info, f->id, text);
	info.size = sizeof(info);
	if (!ret && copy_to_user(arg, &info, sizeof(info)))
		ret = -EFAULT;
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_provision(struct eswifi_file *f, void __user *arg)
{
	struct eswifi_provision *p;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	ret = eswifi_copy_in(p, arg, sizeof(*p));
	if (!ret && (p->reserved || p->pad || !memchr(p->name, '\0', sizeof(p->name))))
		ret = -EINVAL;
	if (!ret) {
		ret = eswifi_cert_provision(f->ew, p, f->id);
		/* How far it came is worth most when it failed. */
		if (copy_to_user(arg, p, sizeof(*p)) && !ret)
			ret = -EFAULT;
	}
	eswifi_file_set_error(f, ret, p->text);
	kfree(p);
	return ret;
}

/**
 * eswifi_give_file() - give a file to user space, in the structure of an ioctl
 * @file: the file, or an ERR_PTR
 * @fd_flags: O_CLOEXEC is taken
 * @fd: where in @data its descriptor goes
 * @data: the structure
 * @size: its size
 * @arg: its address in user space
 *
 * If there is no descriptor to be had the file is closed.
 *
 * Return: 0 or a negative errno.
 */
int eswifi_give_file(struct file *file, unsigned int fd_flags, s32 *fd, const void *data,
		     size_t size, void __user *arg)
{
	int number;

	if (IS_ERR(file))
		return PTR_ERR(file);
	number = get_unused_fd_flags(fd_flags & O_CLOEXEC);
	if (number < 0) {
		fput(file);
		return number;
	}
	*fd = number;
	if (copy_to_user(arg, data, size)) {
		put_unused_fd(number);
		fput(file);
		return -EFAULT;
	}
	fd_install(number, file);
	return 0;
}

static long eswifi_ioctl_connect(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_connect connect;
	int ret;

	ret = eswifi_copy_in(&connect, arg, sizeof(connect));
	if (!ret && ((connect.flags & ~ESWIFI_CONNECT_UNVERIFIED_OK) ||
		     (connect.fd_flags & ~(O_CLOEXEC | O_NONBLOCK)) ||
		     memchr_inv(connect.reserved, 0, sizeof(connect.reserved))))
		ret = -EINVAL;
	if (!ret)
		ret = eswifi_give_file(eswifi_conn_open(f->ew, &connect, f->id, text),
				       connect.fd_flags, &connect.fd, &connect,
				       sizeof(connect), arg);
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static long eswifi_ioctl_listen(struct eswifi_file *f, void __user *arg)
{
	char text[ESWIFI_TEXT_SIZE] = "";
	struct eswifi_listen listen;
	int ret;

	ret = eswifi_copy_in(&listen, arg, sizeof(listen));
	if (!ret && (listen.flags || (listen.fd_flags & ~(O_CLOEXEC | O_NONBLOCK)) ||
		     memchr_inv(listen.reserved, 0, sizeof(listen.reserved))))
		ret = -EINVAL;
	if (!ret)
		ret = eswifi_give_file(eswifi_listen(f->ew, &listen, f->id, text),
				       listen.fd_flags, &listen.fd, &listen, sizeof(listen),
				       arg);
	eswifi_file_set_error(f, ret, text);
	return ret;
}

static int eswifi_exclusive_run(struct eswifi_job *job)
{
	return 0;
}

/* Jobs of others that were queued before have run when this one has. */
static int eswifi_exclusive_take(struct eswifi_file *f)
{
	struct eswifi *ew = f->ew;
	struct eswifi_job *job;
	int ret = 0;

	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	eswifi_job_init(job, ew, eswifi_exclusive_run, eswifi_job_kfree);
	job->owner = f->id;
	spin_lock(&ew->queue_lock);
	if (ew->exclusive && ew->exclusive != f->id)
		ret = -EBUSY;
	else
		WRITE_ONCE(ew->exclusive, f->id);
	spin_unlock(&ew->queue_lock);
	if (!ret) {
		ret = eswifi_job_call(job);
		if (ret)
			eswifi_exclusive_drop(f);
	}
	eswifi_job_put(job);
	return ret;
}

/**
 * eswifi_exclusive_drop() - others may use the module again
 * @f: the file that has it alone, or one that has not
 */
void eswifi_exclusive_drop(struct eswifi_file *f)
{
	spin_lock(&f->ew->queue_lock);
	if (f->ew->exclusive == f->id)
		WRITE_ONCE(f->ew->exclusive, 0);
	spin_unlock(&f->ew->queue_lock);
}

static long eswifi_ioctl_exclusive(struct eswifi_file *f, u32 __user *arg)
{
	u32 on;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (get_user(on, arg))
		return -EFAULT;
	switch (on) {
	case 0:
		eswifi_exclusive_drop(f);
		return 0;
	case 1:
		ret = eswifi_exclusive_take(f);
		eswifi_file_set_error(f, ret, ret == -EBUSY ? "another file has it alone" : NULL);
		return ret;
	default:
		return -EINVAL;
	}
}

static long eswifi_ioctl_allow(struct eswifi_file *f, u32 __user *arg)
{
	u32 allowed;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (get_user(allowed, arg))
		return -EFAULT;
	if (allowed & ~ESWIFI_ALLOW_PG)
		return -EINVAL;
	WRITE_ONCE(f->allowed, allowed);
	return 0;
}

static long eswifi_ioctl_last_error(struct eswifi_file *f, void __user *arg)
{
	struct eswifi_last_error last;
	int ret;

	ret = eswifi_copy_in(&last, arg, sizeof(last));
	if (ret)
		return ret;
	spin_lock(&f->lock);
	last = f->last;
	spin_unlock(&f->lock);
	last.size = sizeof(last);
	return copy_to_user(arg, &last, sizeof(last)) ? -EFAULT : 0;
}

/**
 * eswifi_ioctl() - unlocked_ioctl of /dev/eswifiN
 * @file: the file
 * @cmd: ESWIFI_IOC_*
 * @arg: address of its structure
 *
 * Return: 0 or a negative errno, see <linux/eswifi.h>.
 */
long eswifi_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct eswifi_file *f = file->private_data;
	void __user *p = (void __user *)arg;
	u64 exclusive;

	if (READ_ONCE(f->ew->gone))
		return -ENODEV;
	switch (cmd) {
	case ESWIFI_IOC_LAST_ERROR:
		return eswifi_ioctl_last_error(f, p);
	case ESWIFI_IOC_EXCLUSIVE:
		return eswifi_ioctl_exclusive(f, p);
	case ESWIFI_IOC_ALLOW:
		return eswifi_ioctl_allow(f, p);
	case ESWIFI_IOC_MESSAGE:
		return eswifi_ioctl_message(f, p);
	}
	exclusive = READ_ONCE(f->ew->exclusive);
	if (exclusive && exclusive != f->id)
		return -EBUSY;
	switch (cmd) {
	case ESWIFI_IOC_JOIN:
		return eswifi_ioctl_join(f, p);
	case ESWIFI_IOC_LEAVE:
		return eswifi_ioctl_leave(f);
	case ESWIFI_IOC_LINK_INFO:
		return eswifi_ioctl_link_info(f, p);
	case ESWIFI_IOC_CONNECT:
		return eswifi_ioctl_connect(f, p);
	case ESWIFI_IOC_LISTEN:
		return eswifi_ioctl_listen(f, p);
	case ESWIFI_IOC_SCAN:
		return eswifi_ioctl_scan(f, p);
	case ESWIFI_IOC_RESOLVE:
		return eswifi_ioctl_resolve(f, p);
	case ESWIFI_IOC_PING:
		return eswifi_ioctl_ping(f, p);
	case ESWIFI_IOC_AP_START:
		return eswifi_ioctl_ap_start(f, p);
	case ESWIFI_IOC_AP_STOP:
		return eswifi_ioctl_ap_stop(f);
	case ESWIFI_IOC_AP_INFO:
		return eswifi_ioctl_ap_info(f, p);
	case ESWIFI_IOC_PROVISION:
		return eswifi_ioctl_provision(f, p);
	default:
		return -ENOTTY;
	}
}

