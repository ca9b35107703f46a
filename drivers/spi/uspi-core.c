// SPDX-License-Identifier: GPL-2.0-only
/*
 * uspi: SPI peripherals in user space; how they are created and unplugged.
 *
 * See Documentation/spi/uspi.rst.
 */
#include <linux/build_bug.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/gpio/machine.h>
#include <linux/idr.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/slab.h>
#include <linux/spi/spi.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "uspi-internal.h"

#define USPI_MAX_TIMEOUT_MS	60000
#define USPI_LINE_FLAGS	(USPI_LINE_OUTPUT | USPI_LINE_ACTIVE_LOW | USPI_LINE_INTERRUPT)
#define USPI_MODES	(SPI_CPHA | SPI_CPOL | SPI_CS_HIGH)
#define USPI_WORDS	(SPI_BPW_MASK(8) | SPI_BPW_MASK(16) | SPI_BPW_MASK(32))

static_assert(sizeof(struct uspi_line) == 40);
static_assert(sizeof(struct uspi_property) == 104);
static_assert(sizeof(struct uspi_create) == 128);
static_assert(sizeof(struct uspi_device) == 32);
static_assert(sizeof(struct uspi_event) == 24);
static_assert(sizeof(struct uspi_reply) == 16);

/**
 * struct uspi - one open file and the peripheral behind it
 * @bus: the conversation with the program
 * @create_lock: serializes creation, which sets up all below
 * @pdev: parent of controller and GPIO chip
 * @config: the lines as the program described them
 * @num_lines: entries at @config
 * @lines: the lines, or NULL if there are none
 * @ctlr: the registered controller
 * @lookup: the lines by function; refers to @config
 * @properties: what @entries refers to
 * @entries: firmware properties of the SPI device
 * @node: software node that holds @entries
 * @board: describes the SPI device
 * @plug: registers the SPI device; its driver's probe may need the program
 * @named: the SPI device has its name, or will never have one
 * @device: name that the SPI core gave the SPI device
 */
struct uspi {
	struct uspi_bus bus;
	struct mutex create_lock;	/* serializes creation */
	struct platform_device *pdev;
	struct uspi_line *config;
	u32 num_lines;
	struct uspi_lines *lines;
	struct spi_controller *ctlr;
	struct gpiod_lookup_table *lookup;
	struct uspi_property *properties;
	struct property_entry *entries;
	struct software_node node;
	struct spi_board_info board;
	struct work_struct plug;
	struct completion named;
	char device[USPI_NAME_SIZE];
};

static DEFINE_IDA(uspi_ids);

static struct uspi *bus_to_uspi(struct uspi_bus *bus)
{
	return container_of(bus, struct uspi, bus);
}

static struct uspi *file_to_uspi(struct file *file)
{
	return bus_to_uspi(file->private_data);
}

/* What the program asks for: checks */

static bool uspi_is_name(const char *name, size_t size)
{
	return name[0] && strnlen(name, size) < size;
}

static int uspi_check_create(const struct uspi_create *create)
{
	if (create->size != sizeof(*create) || create->flags || create->reserved ||
	    !uspi_is_name(create->modalias, sizeof(create->modalias)) ||
	    !create->max_speed_hz ||
	    (create->mode & ~USPI_MODES) ||
	    (create->word_mask & ~USPI_WORDS) || !(create->word_mask & SPI_BPW_MASK(8)) ||
	    !create->max_transfer || create->max_transfer > USPI_MAX_TRANSFER ||
	    !create->timeout_ms || create->timeout_ms > USPI_MAX_TIMEOUT_MS ||
	    create->num_lines > USPI_MAX_LINES ||
	    create->num_properties > USPI_MAX_PROPERTIES)
		return -EINVAL;
	return 0;
}

static int uspi_check_lines(const struct uspi_line *lines, u32 num)
{
	bool interrupt = false;
	u32 i;

	for (i = 0; i < num; i++) {
		const struct uspi_line *line = &lines[i];

		if (!uspi_is_name(line->name, sizeof(line->name)) ||
		    (line->flags & ~USPI_LINE_FLAGS) || line->value > 1)
			return -EINVAL;
		/* The SPI device has one interrupt, and the peripheral gives it. */
		if (line->flags & USPI_LINE_INTERRUPT) {
			if (interrupt || (line->flags & USPI_LINE_OUTPUT))
				return -EINVAL;
			interrupt = true;
		}
	}
	return 0;
}

static int uspi_set_property(struct property_entry *entry, const struct uspi_property *property)
{
	if (!uspi_is_name(property->name, sizeof(property->name)) ||
	    (property->type != USPI_PROPERTY_U32 && property->value) ||
	    (property->type != USPI_PROPERTY_STRING &&
	     memchr_inv(property->string, 0, sizeof(property->string))))
		return -EINVAL;

	switch (property->type) {
	case USPI_PROPERTY_BOOL:
		*entry = PROPERTY_ENTRY_BOOL(property->name);
		return 0;
	case USPI_PROPERTY_U32:
		*entry = PROPERTY_ENTRY_U32(property->name, property->value);
		return 0;
	case USPI_PROPERTY_STRING:
		if (strnlen(property->string, USPI_STRING_SIZE) == USPI_STRING_SIZE)
			return -EINVAL;
		*entry = PROPERTY_ENTRY_STRING(property->name, property->string);
		return 0;
	default:
		return -EINVAL;
	}
}

/* The parts of a peripheral, in the order in which they are added */

static int uspi_add_properties(struct uspi *uspi, const struct uspi_create *create)
{
	u32 i, num = create->num_properties;
	void *properties;
	int ret;

	uspi->entries = kcalloc(num + 1, sizeof(*uspi->entries), GFP_KERNEL);
	if (!uspi->entries)
		return -ENOMEM;
	uspi->node.properties = uspi->entries;
	if (!num)
		return 0;

	properties = memdup_user(u64_to_user_ptr(create->properties),
				 num * sizeof(*uspi->properties));
	if (IS_ERR(properties))
		return PTR_ERR(properties);
	uspi->properties = properties;
	for (i = 0; i < num; i++) {
		ret = uspi_set_property(&uspi->entries[i], &uspi->properties[i]);
		if (ret)
			return ret;
	}
	return 0;
}

static int uspi_add_device(struct uspi *uspi)
{
	struct platform_device *pdev;
	int id;

	id = ida_alloc(&uspi_ids, GFP_KERNEL);
	if (id < 0)
		return id;
	pdev = platform_device_register_simple("uspi", id, NULL, 0);
	if (IS_ERR(pdev)) {
		ida_free(&uspi_ids, id);
		return PTR_ERR(pdev);
	}
	uspi->pdev = pdev;
	uspi->bus.dev = &pdev->dev;
	/*
	 * Newer kernels name the SPI device by its node. A name that the kernel gives
	 * is free again before the device has gone, and another's may have it.
	 */
	uspi->node.name = dev_name(&pdev->dev);
	return 0;
}

static int uspi_add_lines(struct uspi *uspi, const struct uspi_create *create)
{
	struct uspi_lines *lines;
	void *config;
	int ret;
	u32 i;

	if (!create->num_lines)
		return 0;
	config = memdup_user(u64_to_user_ptr(create->lines),
			     create->num_lines * sizeof(*uspi->config));
	if (IS_ERR(config))
		return PTR_ERR(config);
	uspi->config = config;
	ret = uspi_check_lines(config, create->num_lines);
	if (ret)
		return ret;
	uspi->num_lines = create->num_lines;

	lines = uspi_lines_add(&uspi->bus, &uspi->pdev->dev, config, create->num_lines);
	if (IS_ERR(lines))
		return PTR_ERR(lines);
	uspi->lines = lines;
	for (i = 0; i < uspi->num_lines; i++)
		if (uspi->config[i].flags & USPI_LINE_INTERRUPT)
			uspi->board.irq = uspi_lines_irq(lines, i);
	return 0;
}

/* The lines by function, for the name that the SPI device has. */
static int uspi_add_lookup(struct uspi *uspi)
{
	const struct uspi_line *lines = uspi->config;
	struct gpiod_lookup_table *lookup;
	u32 i;

	lookup = kzalloc(struct_size(lookup, table, uspi->num_lines + 1), GFP_KERNEL);
	if (!lookup)
		return -ENOMEM;
	lookup->dev_id = uspi->device;
	for (i = 0; i < uspi->num_lines; i++)
		lookup->table[i] = GPIO_LOOKUP(dev_name(&uspi->pdev->dev), i, lines[i].name,
					       lines[i].flags & USPI_LINE_ACTIVE_LOW ?
					       GPIO_ACTIVE_LOW : GPIO_ACTIVE_HIGH);
	gpiod_add_lookup_table(lookup);
	uspi->lookup = lookup;
	return 0;
}

/*
 * The SPI core names a device by its bus or by its node, as the kernel's version
 * has it, and then comes here for the first time, before any driver sees the device.
 */
static int uspi_setup(struct spi_device *spi)
{
	struct uspi *uspi = bus_to_uspi(spi_controller_get_devdata(spi->controller));
	const char *name = dev_name(&spi->dev);
	int ret;

	if (uspi->lookup)
		return 0;
	if (!name || strscpy(uspi->device, name, sizeof(uspi->device)) < 0)
		return -EINVAL;
	ret = uspi_add_lookup(uspi);
	if (ret)
		return ret;
	complete_all(&uspi->named);
	return 0;
}

static void uspi_remove_lookup(struct uspi *uspi)
{
	if (!uspi->lookup)
		return;
	gpiod_remove_lookup_table(uspi->lookup);
	kfree(uspi->lookup);
	uspi->lookup = NULL;
}

/* The driver has gone; once the bus has too, another may have its number and name. */
static void uspi_cleanup(struct spi_device *spi)
{
	uspi_remove_lookup(bus_to_uspi(spi_controller_get_devdata(spi->controller)));
}

static int uspi_add_controller(struct uspi *uspi, const struct uspi_create *create)
{
	struct spi_controller *ctlr;
	int ret;

	ctlr = devm_spi_alloc_host(&uspi->pdev->dev, 0);
	if (!ctlr)
		return -ENOMEM;
	ctlr->bus_num = -1;
	ctlr->num_chipselect = 1;
	ctlr->mode_bits = USPI_MODES;
	ctlr->bits_per_word_mask = create->word_mask;
	ctlr->max_speed_hz = create->max_speed_hz;
	ctlr->setup = uspi_setup;
	ctlr->cleanup = uspi_cleanup;
	uspi_bus_attach(&uspi->bus, ctlr);
	ret = spi_register_controller(ctlr);
	if (!ret)
		uspi->ctlr = ctlr;
	return ret;
}

static void uspi_plug(struct work_struct *work)
{
	struct uspi *uspi = container_of(work, struct uspi, plug);

	if (!spi_new_device(uspi->ctlr, &uspi->board))
		uspi_bus_fail(&uspi->bus, "no SPI device");
	complete_all(&uspi->named);
}

/* Remove what there is; transfers must not wait for the program any more. */
static void uspi_unplug(struct uspi *uspi)
{
	cancel_work_sync(&uspi->plug);
	/* The SPI device goes with its controller: a driver's remove runs here. */
	if (uspi->ctlr) {
		spi_unregister_controller(uspi->ctlr);
		uspi_bus_detach(uspi->ctlr);
	}
	uspi->ctlr = NULL;
	uspi_remove_lookup(uspi);
	if (uspi->lines)
		uspi_lines_remove(uspi->lines);
	uspi->lines = NULL;
	if (uspi->pdev) {
		int id = uspi->pdev->id;

		platform_device_unregister(uspi->pdev);
		ida_free(&uspi_ids, id);
	}
	uspi->pdev = NULL;
	kfree(uspi->config);
	uspi->config = NULL;
	uspi->num_lines = 0;
	kfree(uspi->properties);
	uspi->properties = NULL;
	kfree(uspi->entries);
	uspi->entries = NULL;
	uspi_bus_clear(&uspi->bus);
}

/* The open file */

static int uspi_create(struct uspi *uspi, struct uspi_create __user *arg)
{
	struct uspi_create create;
	int ret;

	if (copy_from_user(&create, arg, sizeof(create)))
		return -EFAULT;
	ret = uspi_check_create(&create);
	if (ret)
		return ret;

	uspi->bus.timeout = msecs_to_jiffies(create.timeout_ms);
	uspi->bus.max_transfer = create.max_transfer;
	strscpy(uspi->board.modalias, create.modalias, sizeof(uspi->board.modalias));
	uspi->board.mode = create.mode;
	uspi->board.max_speed_hz = create.max_speed_hz;
	uspi->board.irq = 0;
	uspi->board.swnode = &uspi->node;

	ret = uspi_add_properties(uspi, &create) ?:
	      uspi_add_device(uspi) ?:
	      uspi_add_lines(uspi, &create) ?:
	      uspi_add_controller(uspi, &create);
	if (ret)
		goto err_unplug;

	create.bus = uspi->ctlr->bus_num;
	memset(create.label, 0, sizeof(create.label));
	if (uspi->lines)
		strscpy(create.label, dev_name(&uspi->pdev->dev), sizeof(create.label));
	if (copy_to_user(arg, &create, sizeof(create))) {
		ret = -EFAULT;
		goto err_unplug;
	}
	uspi_bus_set_ready(&uspi->bus);
	queue_work(system_long_wq, &uspi->plug);
	return 0;

err_unplug:
	uspi_unplug(uspi);
	return ret;
}

static int uspi_set_line(struct uspi *uspi, struct uspi_set_line __user *arg)
{
	struct uspi_set_line set;

	if (copy_from_user(&set, arg, sizeof(set)))
		return -EFAULT;
	if (!uspi->lines || set.value > 1)
		return -EINVAL;
	return uspi_lines_drive(uspi->lines, set.line, set.value);
}

/* Needs nothing of the program: the SPI core gives the name before any driver comes. */
static int uspi_get_device(struct uspi *uspi, struct uspi_device __user *arg)
{
	struct uspi_device device = { };
	int ret;

	ret = wait_for_completion_interruptible(&uspi->named);
	if (ret)
		return ret;
	if (!uspi->lookup)
		return -EIO;
	strscpy(device.name, uspi->device, sizeof(device.name));
	return copy_to_user(arg, &device, sizeof(device)) ? -EFAULT : 0;
}

static long uspi_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct uspi *uspi = file_to_uspi(file);
	void __user *p = (void __user *)arg;
	long ret;

	switch (cmd) {
	case USPI_IOC_CREATE:
		ret = mutex_lock_interruptible(&uspi->create_lock);
		if (ret)
			return ret;
		ret = uspi_bus_is_ready(&uspi->bus) ? -EBUSY : uspi_create(uspi, p);
		mutex_unlock(&uspi->create_lock);
		return ret;
	case USPI_IOC_SET_LINE:
		return uspi_bus_is_ready(&uspi->bus) ? uspi_set_line(uspi, p) : -ENXIO;
	case USPI_IOC_GET_DEVICE:
		return uspi_bus_is_ready(&uspi->bus) ? uspi_get_device(uspi, p) : -ENXIO;
	default:
		return -ENOTTY;
	}
}

static int uspi_open(struct inode *inode, struct file *file)
{
	struct uspi *uspi = kzalloc(sizeof(*uspi), GFP_KERNEL);

	if (!uspi)
		return -ENOMEM;
	uspi_bus_init(&uspi->bus);
	mutex_init(&uspi->create_lock);
	INIT_WORK(&uspi->plug, uspi_plug);
	init_completion(&uspi->named);
	file->private_data = &uspi->bus;
	return stream_open(inode, file);
}

static int uspi_release(struct inode *inode, struct file *file)
{
	struct uspi *uspi = file_to_uspi(file);

	uspi_bus_leave(&uspi->bus);
	uspi_unplug(uspi);
	mutex_destroy(&uspi->create_lock);
	kfree(uspi);
	return 0;
}

static const struct file_operations uspi_fops = {
	.owner = THIS_MODULE,
	.open = uspi_open,
	.release = uspi_release,
	.read_iter = uspi_bus_read_iter,
	.write_iter = uspi_bus_write_iter,
	.poll = uspi_bus_poll,
	.unlocked_ioctl = uspi_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice uspi_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "uspi",
	.mode = 0600,
	.fops = &uspi_fops,
};

static int __init uspi_init(void)
{
	int ret;

	ret = uspi_irq_init();
	if (ret)
		return ret;
	ret = misc_register(&uspi_misc);
	if (ret)
		uspi_irq_exit();
	return ret;
}
module_init(uspi_init);

static void __exit uspi_exit(void)
{
	misc_deregister(&uspi_misc);
	uspi_irq_exit();
	ida_destroy(&uspi_ids);
}
module_exit(uspi_exit);

MODULE_DESCRIPTION("SPI peripherals in user space");
MODULE_LICENSE("GPL");
