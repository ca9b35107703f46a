/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the drivers are built for outside of a
 * kernel tree. The drivers are written for the newest; this header, included
 * before every file, gives older kernels what they lack. Features are tested
 * where they can be, versions only where they cannot.
 */
#ifndef ESWIFI_COMPAT_H
#define ESWIFI_COMPAT_H

#include <linux/kthread.h>
#include <linux/version.h>

/* Creating a worker once started it too; now that is another function. */
#ifndef kthread_run_worker
#define kthread_run_worker(flags, fmt, ...) \
	kthread_create_worker(flags, fmt, ##__VA_ARGS__)
#endif

/* class.dev_uevent takes a const device since 6.2: no macro tells. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define compat_uevent_const const
#else
#define compat_uevent_const
#endif

/*
 * gpio_chip.set returns int since 6.17: no macro tells. Makes @name of a
 * function that does.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define COMPAT_GPIO_CHIP_SET(name, set)						\
	static int name(struct gpio_chip *gc, unsigned int offset, int value)	\
	{									\
		return set(gc, offset, value);					\
	}
#else
#define COMPAT_GPIO_CHIP_SET(name, set)						\
	static void name(struct gpio_chip *gc, unsigned int offset, int value)	\
	{									\
		set(gc, offset, value);						\
	}
#endif

#endif /* ESWIFI_COMPAT_H */
