// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provisioning: brings certificates into a set of the module, without ever
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
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "eswifi.h"

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
};

/**
 * struct eswifi_cert_order - one provisioning
 * @job: its job, which lasts from the first file to the last PE
 * @p: what was asked, and what came of it
 * @file: what is meant for each item
 * @told: the module answers PE
 * @left: whoever waited has left: stop before the next item
 */
struct eswifi_cert_order {
	struct eswifi_job job;
	struct eswifi_provision p;
	struct eswifi_cert_file file[ESWIFI_CERT_ITEMS];
	bool told;
	bool left;
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
	vscnprintf(order->p.text, sizeof(order->p.text), fmt, args);
	va_end(args);
	return error;
}

/* Tells how an order ended; the next one is let in before anybody hears of it. */
static void eswifi_cert_finish(struct eswifi_cert_order *order, int error)
{
	struct eswifi *ew = order->job.ew;
	struct eswifi_provision *p = &order->p;
	char *status = ew->cert.status;
	const char *word = "done";

	if (p->flags & ESWIFI_PROVISION_VERIFY)
		word = "verified";
	else if (p->flags & ESWIFI_PROVISION_DRY_RUN)
		word = "planned";
	if (!error)
		scnprintf(p->text, sizeof(p->text), "set %u: ca=%s cert=%s key=%s", p->set,
			  eswifi_cert_states[p->state[ESWIFI_CERT_CA]],
			  eswifi_cert_states[p->state[ESWIFI_CERT_CERT]],
			  eswifi_cert_states[p->state[ESWIFI_CERT_KEY]]);

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

/* The same bytes again are answered with Match from C3.5.2.1 on (BETA4 of it, says
 * the AT manual, DOC-UM-20035, PG); before, they are as wrong as any others.
 */
static bool eswifi_cert_can_compare(struct eswifi *ew)
{
	return !ew->identity.version[0] || eswifi_at_is_from(&ew->identity, 3, 5, 2, 1);
}

static int eswifi_cert_put(struct eswifi_cert_order *order, int item,
			   struct eswifi_reply *reply)
{
	const struct eswifi_cert_file *file = &order->file[item];

	return eswifi_at_data(order->job.ew, reply, file->data, file->len, "PG=%u,%d,%04zu",
			      order->p.set, item, file->len);
}

static void eswifi_cert_prove(struct eswifi_cert_order *order, int item, u8 state)
{
	order->p.state[item] = state;
	order->job.ew->cert.proved[order->p.set] |= BIT(item);
}

/* A write whose reply did not come: what the item holds now is not known. */
static int eswifi_cert_unknown(struct eswifi_cert_order *order, int item, int error)
{
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	return eswifi_cert_fail(order, error,
				"%s: %s; what set %u holds of it is not known: run the same command again, it compares first",
				eswifi_cert_item_names[item],
				eswifi_cert_why(order->job.ew, error), order->p.set);
}

/* A used item: the same bytes again must match. */
static int eswifi_cert_compare(struct eswifi_cert_order *order, int item)
{
	const char *name = eswifi_cert_item_names[item];
	struct eswifi_reply reply;
	int ret;

	if (!eswifi_cert_can_compare(order->job.ew))
		return eswifi_cert_fail(order, -EOPNOTSUPP,
					"set %u holds a %s, and firmware before C3.5.2.1 cannot compare: choose another set (cert_set)",
					order->p.set, name);
	ret = eswifi_cert_put(order, item, &reply);
	if (ret && ret != -EREMOTEIO)
		return eswifi_cert_unknown(order, item, ret);
	if (ret) {
		eswifi_cert_prove(order, item, ESWIFI_ITEM_DIFFERS);
		return eswifi_cert_fail(order, -EEXIST,
					"set %u holds another %s (%s): choose another set (cert_set), or files that match",
					order->p.set, name,
					eswifi_cert_why(order->job.ew, ret));
	}
	if (!eswifi_at_match(&reply)) {
		/* It has taken as new what it had said to have. */
		order->job.ew->cert.known &= ~BIT(order->p.set);
		order->p.state[item] = ESWIFI_ITEM_FAILED;
		return eswifi_cert_fail(order, -EIO,
					"%s: the module said that set %u holds one, but did not compare: it may have written it; run the same command again",
					name, order->p.set);
	}
	eswifi_cert_prove(order, item, ESWIFI_ITEM_MATCH);
	return 0;
}

/* A free item, or one that can be rewritten: program it, and prove it. */
static int eswifi_cert_program(struct eswifi_cert_order *order, int item)
{
	const char *name = eswifi_cert_item_names[item];
	struct eswifi *ew = order->job.ew;
	struct eswifi_reply reply;
	u8 state;
	int ret;

	ew->cert.known &= ~BIT(order->p.set);
	order->p.state[item] = ESWIFI_ITEM_FAILED;
	ret = eswifi_cert_put(order, item, &reply);
	if (ret == -EREMOTEIO && !order->told)
		return eswifi_cert_fail(order, -EIO,
					"%s: %s; set %u may hold another one: choose another set (cert_set)",
					name, eswifi_cert_why(ew, ret), order->p.set);
	if (ret == -EREMOTEIO)
		return eswifi_cert_fail(order, -EIO,
					"%s: %s; run the same command again, it compares first, and if that fails too choose another set (cert_set)",
					name, eswifi_cert_why(ew, ret));
	if (ret)
		return eswifi_cert_unknown(order, item, ret);
	state = eswifi_at_match(&reply) ? ESWIFI_ITEM_MATCH : ESWIFI_ITEM_PROGRAMMED;
	if (!eswifi_cert_can_compare(ew)) {
		order->p.state[item] = state;
		return 0;
	}

	ret = eswifi_cert_put(order, item, &reply);
	if (ret && ret != -EREMOTEIO)
		return eswifi_cert_unknown(order, item, ret);
	if (ret || !eswifi_at_match(&reply))
		return eswifi_cert_fail(order, -EIO,
					"%s was written, but does not compare equal: run the same command again, and if that fails too choose another set (cert_set)",
					name);
	eswifi_cert_prove(order, item, state);
	return 0;
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
	bool differs = false;
	int i, pass, ret;

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

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		if (!order->file[i].data && order->told)
			order->p.state[i] = used[i] ? ESWIFI_ITEM_KEPT : ESWIFI_ITEM_FREE;
	/* All that is there is compared before anything is burnt. */
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
			bool program = rewritable || !order->told || !used[i];

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

/* Reads and checks all files; the module is not touched. */
static int eswifi_cert_prepare(struct eswifi_cert_order *order,
			       const struct eswifi_cert_source * const *sources)
{
	struct eswifi_provision *p = &order->p;
	struct eswifi *ew = order->job.ew;
	struct eswifi_pem_fault fault;
	int i, ret;

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
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		const struct eswifi_cert_file *file = &order->file[i];

		if (!file->data)
			continue;
		p->from[i] = file->from;
		p->len[i] = file->len;
		sha256(file->data, file->len, p->sha256[i]);
		ret = eswifi_pem_check(i, file->data, file->len, &fault);
		if (ret && fault.line)
			return eswifi_cert_fail(order, ret, "%s.pem line %u: %s",
						eswifi_cert_item_names[i], fault.line, fault.what);
		if (ret)
			return eswifi_cert_fail(order, ret, "%s.pem: %s",
						eswifi_cert_item_names[i], fault.what);
	}
	return 0;
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
 * -EFBIG, -EBADMSG a file is not sound; -EEXIST an item of the set holds other
 * data; -ENODATA an item to be verified is free; -EOPNOTSUPP this firmware or set
 * cannot do that; -EIO the module did not store what it was given; -EINTR a
 * signal came: it ends before the next item; or as eswifi_exchange(). @p->text and
 * cert_status tell in words.
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
