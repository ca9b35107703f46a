// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inventek eS-WiFi modules on SPI: the order in which the parts of one module
 * come up and go down, and the class and numbers that all modules share.
 */
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/string.h>

#include "eswifi.h"

#define ESWIFI_MINORS	64

static dev_t eswifi_devt;
static DEFINE_IDA(eswifi_ida);

static int eswifi_uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	const struct eswifi *ew = container_of_const(dev, struct eswifi, dev);

	if (add_uevent_var(env, "ESWIFI_MODEL=%s", ew->identity.model) ||
	    add_uevent_var(env, "ESWIFI_FIRMWARE=%s", ew->identity.firmware) ||
	    add_uevent_var(env, "ESWIFI_ADDRESS=%pM", ew->identity.mac))
		return -ENOMEM;
	return 0;
}

static struct class eswifi_class = {
	.name = "eswifi",
	.dev_groups = eswifi_groups,
	.dev_uevent = eswifi_uevent,
};

/**
 * eswifi_event() - tell udev that something happened
 * @ew: the module
 * @event: link-up, link-down, reset, cert-done or cert-failed
 */
void eswifi_event(struct eswifi *ew, const char *event)
{
	char *env[2] = {};

	/* Before it is registered nobody can have heard of the device. */
	if (!device_is_registered(&ew->dev))
		return;
	env[0] = kasprintf(GFP_KERNEL, "ESWIFI_EVENT=%s", event);
	if (!env[0])
		return;
	kobject_uevent_env(&ew->dev.kobj, KOBJ_CHANGE, env);
	kfree(env[0]);
}

static void eswifi_release(struct device *dev)
{
	struct eswifi *ew = container_of(dev, struct eswifi, dev);

	eswifi_bus_free(&ew->bus);
	ida_free(&eswifi_ida, ew->id);
	mutex_destroy(&ew->config_lock);
	/* The passphrase lies in it. */
	kfree_sensitive(ew);
}

/**
 * eswifi_alloc() - a module with nothing behind it yet
 * @parent: the device on whose bus it is
 *
 * Return: the module, to be dropped by put_device(&ew->dev); or an ERR_PTR.
 */
struct eswifi *eswifi_alloc(struct device *parent)
{
	struct eswifi *ew;
	int id, ret;

	ew = kzalloc(sizeof(*ew), GFP_KERNEL);
	if (!ew)
		return ERR_PTR(-ENOMEM);
	id = ida_alloc_max(&eswifi_ida, ESWIFI_MINORS - 1, GFP_KERNEL);
	if (id < 0) {
		kfree(ew);
		return ERR_PTR(id);
	}
	ew->id = id;
	spin_lock_init(&ew->queue_lock);
	INIT_LIST_HEAD(&ew->jobs);
	INIT_LIST_HEAD(&ew->subscribers);
	init_waitqueue_head(&ew->wait);
	mutex_init(&ew->config_lock);
	ew->cert.mode = ESWIFI_VERIFY_REQUIRED;
	ew->shadow.socket = -1;
	strscpy(ew->cert.status, "idle", sizeof(ew->cert.status));

	device_initialize(&ew->dev);
	ew->dev.class = &eswifi_class;
	ew->dev.parent = parent;
	ew->dev.release = eswifi_release;
	ew->dev.devt = MKDEV(MAJOR(eswifi_devt), id);
	cdev_init(&ew->cdev, &eswifi_fops);
	ew->cdev.owner = THIS_MODULE;

	ret = eswifi_bus_alloc(&ew->bus);
	if (!ret)
		ret = dev_set_name(&ew->dev, "eswifi%d", id);
	if (ret) {
		put_device(&ew->dev);
		return ERR_PTR(ret);
	}
	return ew;
}

static void eswifi_lost(struct eswifi *ew)
{
	eswifi_sockets_lost(ew, -ECONNRESET, ew->text);
	eswifi_link_lost(ew);
}

static int eswifi_replay(struct eswifi *ew)
{
	return eswifi_radio_replay(ew) ?: eswifi_link_replay(ew);
}

static const struct eswifi_engine_ops eswifi_engine_ops = {
	.identify = eswifi_firmware_learn,
	.lost = eswifi_lost,
	.replay = eswifi_replay,
};

static int eswifi_probe(struct spi_device *spi)
{
	struct eswifi *ew;
	int ret;

	ew = eswifi_alloc(&spi->dev);
	if (IS_ERR(ew))
		return PTR_ERR(ew);
	ret = eswifi_spi_attach(&ew->bus, spi);
	if (ret)
		goto err_put;
	ret = eswifi_engine_start(ew, &eswifi_engine_ops);
	if (ret)
		goto err_put;
	ret = eswifi_spi_start(&ew->bus);
	if (ret)
		goto err_stop_engine;
	ret = eswifi_engine_boot(ew);
	if (!ret)
		ret = eswifi_link_start(ew);
	if (ret)
		goto err_stop_spi;
	ret = cdev_device_add(&ew->cdev, &ew->dev);
	if (ret)
		goto err_stop_spi;

	spi_set_drvdata(spi, ew);
	dev_info(&ew->dev, "%s, firmware %s, %pM, SPI at %u kHz\n", ew->identity.model,
		 ew->identity.firmware, ew->identity.mac, spi->max_speed_hz / 1000);
	return 0;

err_stop_spi:
	eswifi_engine_stop(ew);
	eswifi_link_stop(ew);
	eswifi_spi_stop(&ew->bus);
	put_device(&ew->dev);
	return ret;
err_stop_engine:
	eswifi_engine_stop(ew);
err_put:
	put_device(&ew->dev);
	return ret;
}

static void eswifi_remove(struct spi_device *spi)
{
	struct eswifi *ew = spi_get_drvdata(spi);

	/* From here on every job fails, so nobody can hold this up. */
	eswifi_engine_stop(ew);
	eswifi_link_stop(ew);
	eswifi_sockets_lost(ew, -ENODEV, "the module is gone");
	eswifi_messages_stop(ew);
	wake_up_poll(&ew->wait, EPOLLHUP | EPOLLERR);
	cdev_device_del(&ew->cdev, &ew->dev);
	eswifi_spi_stop(&ew->bus);
	put_device(&ew->dev);
}

/* The SPI core makes the modalias of the compatible's second half: keep both alike. */
const struct of_device_id eswifi_of_match[] = {
	{ .compatible = "inventek,ism43362-m3g-l44" },
	{ .compatible = "inventek,ism43340" },
	{ .compatible = "inventek,ism4343" },
	{ .compatible = "inventek,eswifi" },
	{}
};
MODULE_DEVICE_TABLE(of, eswifi_of_match);

const struct spi_device_id eswifi_spi_ids[] = {
	{ "ism43362-m3g-l44" },
	{ "ism43340" },
	{ "ism4343" },
	{ "eswifi" },
	{}
};
MODULE_DEVICE_TABLE(spi, eswifi_spi_ids);

static struct spi_driver eswifi_driver = {
	.driver = {
		.name = "eswifi",
		.of_match_table = eswifi_of_match,
		/* A module may take seconds to boot: no reason to hold up others. */
		.probe_type = PROBE_PREFER_ASYNCHRONOUS,
	},
	.probe = eswifi_probe,
	.remove = eswifi_remove,
	.id_table = eswifi_spi_ids,
};

static int __init eswifi_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&eswifi_devt, 0, ESWIFI_MINORS, "eswifi");
	if (ret)
		return ret;
	ret = class_register(&eswifi_class);
	if (ret)
		goto err_region;
	ret = spi_register_driver(&eswifi_driver);
	if (ret)
		goto err_class;
	return 0;

err_class:
	class_unregister(&eswifi_class);
err_region:
	unregister_chrdev_region(eswifi_devt, ESWIFI_MINORS);
	return ret;
}
module_init(eswifi_init);

static void __exit eswifi_exit(void)
{
	spi_unregister_driver(&eswifi_driver);
	class_unregister(&eswifi_class);
	unregister_chrdev_region(eswifi_devt, ESWIFI_MINORS);
	ida_destroy(&eswifi_ida);
}
module_exit(eswifi_exit);

MODULE_DESCRIPTION("Inventek eS-WiFi modules on SPI");
MODULE_LICENSE("GPL");
