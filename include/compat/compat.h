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

/*
 * Some callbacks have another type in older kernels. There a macro of the
 * function's name, which takes the place of its definition only, puts one of the
 * kernel's type in front of it. No macro of the kernel's tells, only its version.
 */
struct device;
struct gpio_chip;
struct kobj_uevent_env;

/* class.dev_uevent takes a const device since 6.2. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define eswifi_uevent(...)							\
	compat_eswifi_uevent(__VA_ARGS__);					\
	static int (eswifi_uevent)(struct device *d, struct kobj_uevent_env *e)	\
	{									\
		return compat_eswifi_uevent(d, e);				\
	}									\
	static int compat_eswifi_uevent(__VA_ARGS__)
#endif

/* gpio_chip.set returns int since 6.17. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define uspi_gpio_set(...)							\
	compat_uspi_gpio_set(__VA_ARGS__);					\
	static void (uspi_gpio_set)(struct gpio_chip *g, unsigned int o, int v)	\
	{									\
		compat_uspi_gpio_set(g, o, v);					\
	}									\
	static int compat_uspi_gpio_set(__VA_ARGS__)
#endif

#endif /* ESWIFI_COMPAT_H */
