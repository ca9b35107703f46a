// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning: brings certificates into a set of the module, without ever
 * gambling with a slot that can be written once.
 *
 * The promises of provisioning:
 * - nothing is written before all files have been read and checked, also whether this
 *   firmware can use them, and the module has said (PE) which items of the set are used;
 * - what is sent is the blocks of a file and nothing around them, in a frame that needs
 *   no pad, of a length that this firmware is known to take;
 * - a used item is only ever written to compare: the same bytes are answered
 *   with Match. One item that holds other data ends it all, with nothing burnt;
 * - a free item is only ever written to program it, and then written again,
 *   which must be answered with Match;
 * - a write whose reply was lost is not repeated here. The same command given
 *   again asks PE first, so it compares or programs as is right: a loss of
 *   power between any two exchanges costs nothing but that;
 * - an item that does not answer a comparison, and one that is free and does not take
 *   what it is given, is lost: that is remembered, and it is left alone;
 * - whoever waits can leave, but that takes effect only between two items.
 *
 * A dry run ends before the first item is programmed; a verification refuses
 * before the first comparison if there is an item that it could program.
 *
 * Set 3, where a firmware has it, is rewritable: there is nothing to lose and a
 * write replaces, so used items are programmed like free ones, and none can be
 * compared without being replaced.
 *
 * Firmware without PE, or without comparison, cannot keep these promises: it is
 * written to only for who asks for just that (ESWIFI_PROVISION_BLIND).
 *
 * Items for which there is no file stay as they are, whatever they hold.
 */
#include <crypto/sha2.h>
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "cert_order.h"

static const char * const eswifi_cert_states[] = {
	[ESWIFI_ITEM_UNKNOWN] = "unknown",
	[ESWIFI_ITEM_FREE] = "free",
	[ESWIFI_ITEM_KEPT] = "kept",
	[ESWIFI_ITEM_MATCH] = "match",
	[ESWIFI_ITEM_DIFFERS] = "differs",
	[ESWIFI_ITEM_PROGRAMMED] = "programmed",
	[ESWIFI_ITEM_PROGRAM] = "program",
	[ESWIFI_ITEM_REPLACE] = "replace",
	[ESWIFI_ITEM_FAILED] = "failed",
	[ESWIFI_ITEM_TORN] = "torn",
	[ESWIFI_ITEM_DAMAGED] = "damaged",
};

/* Keys first: of all items they are the likeliest to be refused, which must cost nothing. */
static const int eswifi_cert_turns[ESWIFI_CERT_ITEMS] = {
	ESWIFI_CERT_KEY, ESWIFI_CERT_CERT, ESWIFI_CERT_CA,
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

/* Tells how an order ended; the next one is let in before anybody hears of it. */
static void eswifi_cert_finish(struct eswifi_cert_order *order, int error)
{
	struct eswifi *ew = order->job.ew;
	struct eswifi_provision *p = &order->p;
	char *status = ew->cert.status;
	const char *word = "done";
	int i, len, cut = 0;

	if (p->flags & ESWIFI_PROVISION_VERIFY)
		word = "verified";
	else if (p->flags & ESWIFI_PROVISION_DRY_RUN)
		word = "planned";
	if (!error) {
		len = scnprintf(p->text, sizeof(p->text), "set %u: ca=%s cert=%s key=%s", p->set,
				eswifi_cert_states[p->state[ESWIFI_CERT_CA]],
				eswifi_cert_states[p->state[ESWIFI_CERT_CERT]],
				eswifi_cert_states[p->state[ESWIFI_CERT_KEY]]);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
			if (order->file[i].cut)
				len += scnprintf(p->text + len, sizeof(p->text) - len, "%s %s",
						 cut++ ? "," : "; only the PEM blocks are sent of",
						 eswifi_cert_item_names[i]);
	}

	mutex_lock(&ew->config_lock);
	if (error)
		scnprintf(status, ESWIFI_CERT_STATUS_SIZE, "failed %s: %s", p->name, p->text);
	else
		scnprintf(status, ESWIFI_CERT_STATUS_SIZE, "%s %s %s", word, p->name, p->text);
	if (error)
		dev_warn(&ew->dev, "certificates: %s\n", status);
	else
		dev_info(&ew->dev, "certificates: %s\n", status);
	clear_bit_unlock(0, &ew->cert.busy);
	mutex_unlock(&ew->config_lock);
	sysfs_notify(&ew->dev.kobj, NULL, "cert_status");
	if (!(p->flags & (ESWIFI_PROVISION_VERIFY | ESWIFI_PROVISION_DRY_RUN)))
		eswifi_event(ew, error ? "cert-failed" : "cert-done");
}

static void eswifi_cert_release(struct eswifi_job *job)
{
	struct eswifi_cert_order *order = container_of(job, struct eswifi_cert_order, job);
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		eswifi_cert_wipe(&order->file[i]);
	kfree(order);
}

/* Which items are used; @order->told: that is known. */
static int eswifi_cert_read_slots(struct eswifi_cert_order *order,
				  bool used[ESWIFI_CERT_ITEMS])
{
	struct eswifi *ew = order->job.ew;
	int ret;

	ew->cert.known &= ~BIT(order->p.set);
	ret = eswifi_cert_slots(ew, order->p.set, used);
	order->told = !ret;
	if (ret && ret != -EREMOTEIO)
		return eswifi_cert_fail(order, ret, "cannot tell what set %u holds: %s",
					order->p.set, eswifi_cert_why(ew, ret));
	return 0;
}

/* May this be done with this set, on this firmware? Nothing has been written yet. */
static int eswifi_cert_permit(struct eswifi_cert_order *order, bool rewritable,
			      const bool used[ESWIFI_CERT_ITEMS])
{
	u32 flags = order->p.flags;
	int i;

	if (!order->told && flags != ESWIFI_PROVISION_BLIND)
		return eswifi_cert_fail(order, -EOPNOTSUPP,
					"cannot tell what set %u holds (%s): a write may burn what it should compare%s",
					order->p.set, eswifi_cert_why(order->job.ew, -EREMOTEIO),
					flags ? "" :
					"; 'eswifictl cert program --blind' takes that risk");
	if (!flags && !eswifi_cert_can_compare(order->job.ew))
		return eswifi_cert_fail(order, -EOPNOTSUPP,
					"firmware before C3.5.2.1 cannot compare: nothing would prove what was written; 'eswifictl cert program --blind' takes that risk");
	if (!(flags & ESWIFI_PROVISION_VERIFY))
		return 0;
	if (rewritable)
		return eswifi_cert_fail(order, -EOPNOTSUPP,
					"set %u can be rewritten, so a comparison would replace what differs: program it again instead",
					order->p.set);
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		if (order->file[i].data && !used[i])
			return eswifi_cert_fail(order, -ENODATA,
						"set %u holds no %s: nothing to compare, and nothing was written",
						order->p.set, eswifi_cert_item_names[i]);
	return 0;
}

static int eswifi_cert_item(struct eswifi_cert_order *order, int item, bool program,
			    bool rewritable)
{
	if (program && (order->p.flags & ESWIFI_PROVISION_DRY_RUN)) {
		order->p.state[item] = rewritable ? ESWIFI_ITEM_REPLACE : ESWIFI_ITEM_PROGRAM;
		return 0;
	}
	if (READ_ONCE(order->left))
		return eswifi_cert_fail(order, -EINTR,
					"interrupted: run the same command again to finish");
	eswifi_cert_status(order->job.ew, "%s %s set %u: %s",
			   program ? "programming" : "transferring", order->p.name, order->p.set,
			   eswifi_cert_item_names[item]);
	return program ? eswifi_cert_program(order, item) : eswifi_cert_compare(order, item);
}

/* A plan that cannot be carried out: names all that is in its way. */
static int eswifi_cert_fail_plan(struct eswifi_cert_order *order)
{
	char items[sizeof(" ca cert key")] = "";
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (order->p.state[i] != ESWIFI_ITEM_DIFFERS)
			continue;
		strlcat(items, " ", sizeof(items));
		strlcat(items, eswifi_cert_item_names[i], sizeof(items));
	}
	return eswifi_cert_fail(order, -EEXIST,
				"set %u holds another%s: choose another set (cert_set), or files that match",
				order->p.set, items);
}

/* Brings the order into the module; the files are known to be sound. */
static int eswifi_cert_write(struct eswifi_cert_order *order)
{
	bool rewritable = order->p.set >= ESWIFI_CERT_OTP_SETS;
	struct eswifi *ew = order->job.ew;
	bool used[ESWIFI_CERT_ITEMS] = {};
	bool differs = false, program;
	int i, pass, turn, ret;

	eswifi_cert_status(ew, "transferring %s set %u", order->p.name, order->p.set);
	ret = eswifi_cert_select(ew, order->p.set);
	if (ret)
		return eswifi_cert_fail(order, ret, "cannot select set %u: %s", order->p.set,
					eswifi_cert_why(ew, ret));
	ret = eswifi_cert_read_slots(order, used);
	if (!ret)
		ret = eswifi_cert_permit(order, rewritable, used);
	if (ret)
		return ret;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (!order->file[i].data && order->told)
			order->p.state[i] = used[i] ? ESWIFI_ITEM_KEPT : ESWIFI_ITEM_FREE;
		ret = order->file[i].data ? eswifi_cert_check_loss(order, i) : 0;
		if (ret)
			return ret;
	}
	/* All that is there is compared before anything is burnt. */
	for (pass = 0; pass < 2; pass++) {
		for (turn = 0; turn < ESWIFI_CERT_ITEMS; turn++) {
			i = eswifi_cert_turns[turn];
			program = rewritable || !order->told || !used[i];
			if (!order->file[i].data || program != pass)
				continue;
			ret = eswifi_cert_item(order, i, program, rewritable);
			/* A plan is complete also if it cannot be carried out. */
			if (ret == -EEXIST && (order->p.flags & ESWIFI_PROVISION_DRY_RUN))
				differs = true;
			else if (ret)
				return ret;
		}
	}
	if (differs)
		return eswifi_cert_fail_plan(order);
	if (order->p.flags & ~ESWIFI_PROVISION_BLIND || !order->told)
		return 0;

	ret = eswifi_cert_read_slots(order, used);
	if (ret)
		return ret;
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (order->file[i].data && !used[i]) {
			order->p.state[i] = ESWIFI_ITEM_FAILED;
			return eswifi_cert_fail(order, -EIO,
						"%s was written, but the module says that it is free: run the same command again, and if that fails too choose another set (cert_set)",
						eswifi_cert_item_names[i]);
		}
	}
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

/* Are the files sound, of use to this firmware, and safe to send? */
static int eswifi_cert_check(struct eswifi_cert_order *order)
{
	struct eswifi_provision *p = &order->p;
	struct eswifi *ew = order->job.ew;
	struct eswifi_pem_fault fault;
	struct eswifi_bytes part;
	unsigned int max;
	int i, ret;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		struct eswifi_cert_file *file = &order->file[i];

		if (!file->data)
			continue;
		p->from[i] = file->from;
		ret = eswifi_pem_check(i, file->data, file->len, &fault);
		if (ret && fault.line)
			return eswifi_cert_fail(order, ret, "%s.pem line %u: %s",
						eswifi_cert_item_names[i], fault.line, fault.what);
		if (ret)
			return eswifi_cert_fail(order, ret, "%s.pem: %s",
						eswifi_cert_item_names[i], fault.what);
	}
	ret = eswifi_cert_fit(ew, p->name, order->file, &order->ca, p->text, sizeof(p->text));
	/* To compare what is of no use is as good as to compare anything. */
	if (ret && !(ret == -EINVAL && p->flags & ESWIFI_PROVISION_VERIFY))
		return ret;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		struct eswifi_cert_file *file = &order->file[i];

		if (!file->data)
			continue;
		part = (struct eswifi_bytes){ file->data, file->len };
		eswifi_pem_trim(&part);
		file->cut = file->len - part.len;
		if (file->cut)
			dev_info(&ew->dev,
				 "certificates: %s.pem of %s: %zu bytes around its blocks are not sent\n",
				 eswifi_cert_item_names[i], p->name, file->cut);
		memmove(file->data, part.data, part.len);
		file->len = part.len;
		p->len[i] = file->len;
		sha256(file->data, file->len, p->sha256[i]);
		max = eswifi_firmware_item_max(ew, p->set, i);
		if (file->len > max)
			return eswifi_cert_fail(order, -EFBIG,
						"%s.pem: %zu bytes, but this firmware is not known to take more than %u here in set %u: %s",
						eswifi_cert_item_names[i], file->len, max, p->set,
						i == ESWIFI_CERT_KEY ?
						"take a shorter key, RSA of 2048 bits" :
						"leave only the certificates that are needed, and no text");
	}
	return 0;
}

/* Reads and checks all files; the module is not touched. */
static int eswifi_cert_prepare(struct eswifi_cert_order *order,
			       const struct eswifi_cert_source * const *sources)
{
	struct eswifi_provision *p = &order->p;
	struct eswifi *ew = order->job.ew;
	int ret;

	if (!eswifi_cert_name_is_valid(p->name)) {
		strscpy_pad(p->name, "?", sizeof(p->name));
		return eswifi_cert_fail(order, -EINVAL,
					"a name has 1 to %u letters, digits, '.', '_' and '-', and no '.' at its start",
					ESWIFI_CERT_NAME_MAX);
	}
	if (p->set == ESWIFI_CERT_SET_DEFAULT) {
		mutex_lock(&ew->config_lock);
		p->set = ew->cert.set;
		mutex_unlock(&ew->config_lock);
	}
	if (p->set >= eswifi_cert_sets(ew))
		return eswifi_cert_fail(order, -EINVAL,
					"there is no set %u: this firmware has 0 to %u",
					p->set, eswifi_cert_sets(ew) - 1);
	if (hweight32(p->flags) > 1 ||
	    (p->flags & ~(ESWIFI_PROVISION_DRY_RUN | ESWIFI_PROVISION_VERIFY |
			  ESWIFI_PROVISION_BLIND)))
		return eswifi_cert_fail(order, -EINVAL, "no such flags, or more than one");

	eswifi_cert_status(ew, "receiving %s", p->name);
	ret = eswifi_cert_load(ew, p->name, sources, order->file, p->text, sizeof(p->text));
	if (ret)
		return ret;

	eswifi_cert_status(ew, "preparing %s", p->name);
	return eswifi_cert_check(order);
}

/**
 * eswifi_cert_provision_from() - bring files into a set, or compare them with it
 * @ew: the module
 * @p: in: what to do; out: what came of it, also after a failure, but for a signal
 * @owner: the file that asks, 0 if none does
 * @sources: where the files are, in the order in which to look; NULL-terminated
 *
 * Return: 0, also if all was there already; -EBUSY one is running; -EINVAL not a
 * name, no such set or flags, or a file of the wrong kind; -ENOENT file missing;
 * -EFBIG, -EBADMSG a file is not sound, or too long for the set; -EEXIST an item of
 * the set holds other data; -ENODATA an item to be verified is free; -EOPNOTSUPP this
 * firmware or set cannot do that; -EIO the module did not store what it was given, or an
 * item is lost; -EINTR a signal came: it ends before the next item; or as
 * eswifi_exchange(). @p->text and cert_status tell in words.
 */
int eswifi_cert_provision_from(struct eswifi *ew, struct eswifi_provision *p, u64 owner,
			       const struct eswifi_cert_source * const *sources)
{
	struct eswifi_cert_order *order;
	int ret;

	order = kzalloc(sizeof(*order), GFP_KERNEL);
	if (!order)
		return -ENOMEM;
	eswifi_job_init(&order->job, ew, eswifi_cert_run, eswifi_cert_release);
	order->job.owner = owner;
	order->p.size = p->size;
	order->p.flags = p->flags;
	order->p.set = p->set;
	memcpy(order->p.name, p->name, sizeof(p->name));
	if (test_and_set_bit_lock(0, &ew->cert.busy)) {
		ret = eswifi_cert_fail(order, -EBUSY, "another provisioning is running");
		goto out;
	}

	ret = eswifi_cert_prepare(order, sources);
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
		eswifi_job_put(&order->job);
		strscpy_pad(p->text, "interrupted: it ends before the next item",
			    sizeof(p->text));
		return -EINTR;
	}
	ret = order->job.result;
out:
	*p = order->p;
	eswifi_job_put(&order->job);
	return ret;
}

/**
 * eswifi_cert_provision() - the same from where users put files and keys
 * @ew: the module
 * @p: as for eswifi_cert_provision_from()
 * @owner: as well
 *
 * Return: as eswifi_cert_provision_from().
 */
int eswifi_cert_provision(struct eswifi *ew, struct eswifi_provision *p, u64 owner)
{
	return eswifi_cert_provision_from(ew, p, owner, eswifi_cert_sources);
}
