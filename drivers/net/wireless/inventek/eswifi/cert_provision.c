// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning: brings certificate files into a set of the module, without ever
 * gambling with a slot that can be written once.
 *
 * The promises of provisioning:
 * - nothing is written before all files have been read and checked, and the
 *   module has said (PE) which items of the set are used;
 * - a used item is only ever written to compare: the same bytes are answered
 *   with Match. One item that holds other data ends it all, with nothing burnt;
 * - a free item is only ever written to program it, and then written again,
 *   which must be answered with Match;
 * - a write whose reply was lost is not repeated here. The same command given
 *   again asks PE first, so it compares or programs as is right: a loss of
 *   power between any two exchanges costs nothing but that;
 * - whoever waits can leave, but that takes effect only between two items.
 *
 * Set 3, where a firmware has it, is rewritable: there is nothing to lose and a
 * write replaces, so used items are programmed like free ones.
 *
 * Items for which there is no file stay as they are, whatever they hold.
 */
#include <linux/ctype.h>
#include <linux/firmware.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "eswifi.h"

#define ESWIFI_CERT_OTP_SETS	3

/* One byte more than may be, so that a file too long is seen to be so. */
#define ESWIFI_CERT_BUF_SIZE	(ESWIFI_CERT_MAX + 1)

/**
 * struct eswifi_cert_order - one provisioning
 * @job: its job, which lasts from the first file to the last PE
 * @name: name of the set of files; only characters of file names
 * @set: where they go
 * @data: the files, NULL for one there is none of; ESWIFI_CERT_BUF_SIZE bytes
 * @len: their sizes
 * @state: what became of each item, a word
 * @left: whoever waited has left: stop before the next item
 * @fault: why it failed
 */
struct eswifi_cert_order {
	struct eswifi_job job;
	char name[ESWIFI_CERT_NAME_MAX + 1];
	unsigned int set;
	u8 *data[ESWIFI_CERT_ITEMS];
	size_t len[ESWIFI_CERT_ITEMS];
	const char *state[ESWIFI_CERT_ITEMS];
	bool left;
	char fault[ESWIFI_CERT_STATUS_SIZE];
};

static __printf(2, 3)
void eswifi_cert_status(struct eswifi *ew, const char *fmt, ...)
{
	va_list args;

	mutex_lock(&ew->config_lock);
	va_start(args, fmt);
	vscnprintf(ew->cert.status, sizeof(ew->cert.status), fmt, args);
	va_end(args);
	mutex_unlock(&ew->config_lock);
	sysfs_notify(&ew->dev.kobj, NULL, "cert_status");
}

/* Notes why an order fails; eswifi_cert_finish() tells. Returns @error. */
static __printf(3, 4)
int eswifi_cert_fail(struct eswifi_cert_order *order, int error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(order->fault, sizeof(order->fault), fmt, args);
	va_end(args);
	return error;
}

/* Tells how an order ended; the next one is let in before anybody hears of it. */
static void eswifi_cert_finish(struct eswifi_cert_order *order, int error)
{
	struct eswifi *ew = order->job.ew;
	char *status = ew->cert.status;

	mutex_lock(&ew->config_lock);
	if (error)
		scnprintf(status, ESWIFI_CERT_STATUS_SIZE, "failed %s: %s", order->name,
			  order->fault);
	else
		scnprintf(status, ESWIFI_CERT_STATUS_SIZE, "done %s set %u: ca=%s cert=%s key=%s",
			  order->name, order->set, order->state[ESWIFI_CERT_CA],
			  order->state[ESWIFI_CERT_CERT], order->state[ESWIFI_CERT_KEY]);
	if (error)
		dev_warn(&ew->dev, "certificates: %s\n", status);
	else
		dev_info(&ew->dev, "certificates: %s\n", status);
	clear_bit_unlock(0, &ew->cert.busy);
	mutex_unlock(&ew->config_lock);
	sysfs_notify(&ew->dev.kobj, NULL, "cert_status");
	eswifi_event(ew, error ? "cert-failed" : "cert-done");
}

static void eswifi_cert_drop(struct eswifi_cert_order *order, int item)
{
	kvfree_sensitive(order->data[item], ESWIFI_CERT_BUF_SIZE);
	order->data[item] = NULL;
}

static void eswifi_cert_release(struct eswifi_job *job)
{
	struct eswifi_cert_order *order = container_of(job, struct eswifi_cert_order, job);
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		eswifi_cert_drop(order, i);
	kfree(order);
}

/* What an exchange that failed means, in words. */
static const char *eswifi_cert_why(struct eswifi *ew, int error)
{
	switch (error) {
	case -EREMOTEIO:
		return ew->text[0] ? ew->text : "the module said ERROR";
	case -ETIMEDOUT:
		return "the module does not answer";
	case -ESHUTDOWN:
		return "the module is being reset";
	case -ENODEV:
		return "the device was removed";
	default:
		return "the exchange with the module failed";
	}
}

static int eswifi_cert_put(struct eswifi_cert_order *order, int item,
			   struct eswifi_reply *reply)
{
	return eswifi_at_data(order->job.ew, reply, order->data[item], order->len[item],
			      "PG=%u,%d,%04zu", order->set, item, order->len[item]);
}

/* A write whose reply did not come: what the item holds now is not known. */
static int eswifi_cert_unknown(struct eswifi_cert_order *order, int item, int error)
{
	return eswifi_cert_fail(order, error,
				"%s: %s; what set %u holds of it is not known: run the same command again, it compares first",
				eswifi_cert_item_names[item],
				eswifi_cert_why(order->job.ew, error), order->set);
}

/* A used item: the same bytes again must match. */
static int eswifi_cert_compare(struct eswifi_cert_order *order, int item)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_cert_put(order, item, &reply);
	if (ret && ret != -EREMOTEIO)
		return eswifi_cert_unknown(order, item, ret);
	if (ret || !eswifi_at_match(&reply))
		return eswifi_cert_fail(order, -EEXIST,
					"set %u holds another %s (%s): choose another set (cert_set), or files that match",
					order->set, eswifi_cert_item_names[item],
					ret ? eswifi_cert_why(order->job.ew, ret) : "no Match");
	order->state[item] = "match";
	return 0;
}

/* A free item, or one that can be rewritten: program it, and prove it. */
static int eswifi_cert_program(struct eswifi_cert_order *order, int item)
{
	struct eswifi *ew = order->job.ew;
	struct eswifi_reply reply;
	int ret;

	ew->cert.known &= ~BIT(order->set);
	ret = eswifi_cert_put(order, item, &reply);
	if (ret == -EREMOTEIO)
		return eswifi_cert_fail(order, -EIO,
					"%s: %s; run the same command again, it compares first, and if that fails too choose another set (cert_set)",
					eswifi_cert_item_names[item], eswifi_cert_why(ew, ret));
	if (ret)
		return eswifi_cert_unknown(order, item, ret);
	order->state[item] = eswifi_at_match(&reply) ? "match" : "programmed";

	ret = eswifi_cert_put(order, item, &reply);
	if (ret && ret != -EREMOTEIO)
		return eswifi_cert_unknown(order, item, ret);
	if (ret || !eswifi_at_match(&reply))
		return eswifi_cert_fail(order, -EIO,
					"%s was written, but does not compare equal: run the same command again, and if that fails too choose another set (cert_set)",
					eswifi_cert_item_names[item]);
	return 0;
}

static int eswifi_cert_read_slots(struct eswifi_cert_order *order,
				  bool used[ESWIFI_CERT_ITEMS])
{
	struct eswifi *ew = order->job.ew;
	int ret;

	ew->cert.known &= ~BIT(order->set);
	ret = eswifi_cert_slots(ew, order->set, used);
	if (ret)
		return eswifi_cert_fail(order, ret, "cannot tell what set %u holds: %s",
					order->set, eswifi_cert_why(ew, ret));
	return 0;
}

/* Brings the order into the module; the files are known to be sound. */
static int eswifi_cert_write(struct eswifi_cert_order *order)
{
	bool rewritable = order->set >= ESWIFI_CERT_OTP_SETS;
	struct eswifi *ew = order->job.ew;
	bool used[ESWIFI_CERT_ITEMS];
	int i, pass, ret;

	eswifi_cert_status(ew, "transferring %s set %u", order->name, order->set);
	ret = eswifi_cert_select(ew, order->set);
	if (ret)
		return eswifi_cert_fail(order, ret, "cannot select set %u: %s", order->set,
					eswifi_cert_why(ew, ret));
	ret = eswifi_cert_read_slots(order, used);
	if (ret)
		return ret;

	/* All that is there is compared before anything is burnt. */
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
			bool program = rewritable || !used[i];

			if (!order->data[i]) {
				order->state[i] = used[i] ? "kept" : "free";
				continue;
			}
			if (program != pass)
				continue;
			if (READ_ONCE(order->left))
				return eswifi_cert_fail(order, -EINTR,
							"interrupted: run the same command again to finish");
			eswifi_cert_status(ew, "%s %s set %u: %s",
					   program ? "programming" : "transferring",
					   order->name, order->set, eswifi_cert_item_names[i]);
			ret = program ? eswifi_cert_program(order, i) :
					eswifi_cert_compare(order, i);
			if (ret)
				return ret;
		}
	}

	ret = eswifi_cert_read_slots(order, used);
	if (ret)
		return ret;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		if (order->data[i] && !used[i])
			return eswifi_cert_fail(order, -EIO,
						"%s was written, but the module says that it is free: run the same command again, and if that fails too choose another set (cert_set)",
						eswifi_cert_item_names[i]);
	return 0;
}

static int eswifi_cert_run(struct eswifi_job *job)
{
	struct eswifi_cert_order *order = container_of(job, struct eswifi_cert_order, job);
	int ret;

	ret = eswifi_cert_write(order);
	eswifi_cert_finish(order, ret);
	return ret;
}

static bool eswifi_cert_name_is_valid(const char *name)
{
	size_t len = strlen(name);
	size_t i;

	if (!len || len > ESWIFI_CERT_NAME_MAX || name[0] == '.')
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || (!isalnum(name[i]) && !strchr("._-", name[i])))
			return false;
	return true;
}

static int eswifi_cert_load(struct eswifi_cert_order *order, int item,
			    const struct eswifi_cert_source *source)
{
	char path[sizeof("inventek//cert.pem") + ESWIFI_CERT_NAME_MAX];
	const char *file = eswifi_cert_item_names[item];
	ssize_t len;

	order->data[item] = kvmalloc(ESWIFI_CERT_BUF_SIZE, GFP_KERNEL);
	if (!order->data[item])
		return eswifi_cert_fail(order, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "inventek/%s/%s.pem", order->name, file);
	len = source->load(source, order->job.ew, path, order->data[item],
			   ESWIFI_CERT_BUF_SIZE);
	if (len >= 0) {
		order->len[item] = len;
		return 0;
	}
	eswifi_cert_drop(order, item);
	switch (len) {
	case -ENOENT:
		return -ENOENT;
	case -EFBIG:
		return eswifi_cert_fail(order, len, "%s.pem: longer than %u bytes", file,
					ESWIFI_CERT_MAX);
	default:
		return eswifi_cert_fail(order, len,
					"%s.pem: cannot be read (%zd): is it an empty file, or no file?",
					file, len);
	}
}

/* Reads and checks all files; the module is not touched. */
static int eswifi_cert_prepare(struct eswifi_cert_order *order, const char *name,
			       const struct eswifi_cert_source *source)
{
	struct eswifi *ew = order->job.ew;
	struct eswifi_pem_fault fault;
	int i, ret;

	if (!eswifi_cert_name_is_valid(name)) {
		strscpy(order->name, "?", sizeof(order->name));
		return eswifi_cert_fail(order, -EINVAL,
					"a name has 1 to %u letters, digits, '.', '_' and '-', and no '.' at its start",
					ESWIFI_CERT_NAME_MAX);
	}
	strscpy(order->name, name, sizeof(order->name));
	mutex_lock(&ew->config_lock);
	order->set = ew->cert.set;
	mutex_unlock(&ew->config_lock);

	eswifi_cert_status(ew, "receiving %s", order->name);
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		ret = eswifi_cert_load(order, i, source);
		if (ret && (ret != -ENOENT || i == ESWIFI_CERT_CA))
			goto missing;
	}
	if (!order->data[ESWIFI_CERT_CERT] != !order->data[ESWIFI_CERT_KEY]) {
		i = order->data[ESWIFI_CERT_CERT] ? ESWIFI_CERT_KEY : ESWIFI_CERT_CERT;
		ret = -ENOENT;
		goto missing;
	}

	eswifi_cert_status(ew, "preparing %s", order->name);
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (!order->data[i])
			continue;
		ret = eswifi_pem_check(i, order->data[i], order->len[i], &fault);
		if (ret && fault.line)
			return eswifi_cert_fail(order, ret, "%s.pem line %u: %s",
						eswifi_cert_item_names[i], fault.line, fault.what);
		if (ret)
			return eswifi_cert_fail(order, ret, "%s.pem: %s",
						eswifi_cert_item_names[i], fault.what);
	}
	return 0;

missing:
	/* The loader goes on to the next folder of its path when it cannot take
	 * a file, and tells only of the last.
	 */
	if (ret == -ENOENT)
		eswifi_cert_fail(order, ret,
				 "%s.pem not found, or empty, or longer than %u bytes, in inventek/%s where the kernel looks for firmware (ca alone, or ca, cert and key)",
				 eswifi_cert_item_names[i], ESWIFI_CERT_MAX, order->name);
	return ret;
}

/**
 * eswifi_cert_provision_from() - bring a set of files into the active set
 * @ew: the module
 * @name: name of the set of files
 * @source: where the files are
 *
 * Return: 0, also if all was there already; -EBUSY one is running; -EINVAL not a
 * name, or a file of the wrong kind; -ENOENT file missing; -EFBIG, -EBADMSG a
 * file is not sound; -EEXIST an item of the set holds other data; -EIO the
 * module did not store what it was given; -EINTR a signal came: it ends before
 * the next item; or as eswifi_exchange(). cert_status tells in words.
 */
int eswifi_cert_provision_from(struct eswifi *ew, const char *name,
			       const struct eswifi_cert_source *source)
{
	struct eswifi_cert_order *order;
	int ret;

	order = kzalloc(sizeof(*order), GFP_KERNEL);
	if (!order)
		return -ENOMEM;
	eswifi_job_init(&order->job, ew, eswifi_cert_run, eswifi_cert_release);
	if (test_and_set_bit_lock(0, &ew->cert.busy)) {
		ret = -EBUSY;
		goto out;
	}

	ret = eswifi_cert_prepare(order, name, source);
	if (!ret) {
		ret = eswifi_job_submit(&order->job, 0);
		if (ret)
			eswifi_cert_fail(order, ret, "%s", eswifi_cert_why(ew, ret));
	}
	if (ret) {
		eswifi_cert_finish(order, ret);
		goto out;
	}
	/* Not eswifi_job_call(): a job that it cancels loses its next exchange,
	 * and what was written would stay without its proof.
	 */
	if (wait_for_completion_interruptible(&order->job.done)) {
		WRITE_ONCE(order->left, true);
		ret = -EINTR;
	} else {
		ret = order->job.result;
	}
out:
	eswifi_job_put(&order->job);
	return ret;
}

static ssize_t eswifi_cert_load_firmware(const struct eswifi_cert_source *source,
					 struct eswifi *ew, const char *path, void *buf,
					 size_t size)
{
	const struct firmware *firmware;
	ssize_t ret;

	/* The one call of the loader that keeps no copy of what it read. */
	ret = request_firmware_into_buf(&firmware, path, &ew->dev, buf, size);
	if (ret)
		return ret;
	ret = firmware->size;
	release_firmware(firmware);
	return ret;
}

/**
 * eswifi_cert_provision() - bring inventek/@name/{ca,cert,key}.pem, from where the
 *	kernel looks for firmware, into the active set
 * @ew: the module
 * @name: name of the folder
 *
 * ca.pem must be there; cert.pem and key.pem come together or not at all.
 *
 * Return: as eswifi_cert_provision_from().
 */
int eswifi_cert_provision(struct eswifi *ew, const char *name)
{
	static const struct eswifi_cert_source firmware = { .load = eswifi_cert_load_firmware };

	return eswifi_cert_provision_from(ew, name, &firmware);
}
