// SPDX-License-Identifier: GPL-2.0-only
/*
 * Certificate sets of the module: what they hold, which one is active, and
 * whether one has what a connection needs.
 */
#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "eswifi.h"

const char * const eswifi_cert_item_names[ESWIFI_CERT_ITEMS] = {
	[ESWIFI_CERT_CA] = "ca",
	[ESWIFI_CERT_CERT] = "cert",
	[ESWIFI_CERT_KEY] = "key",
};

/**
 * eswifi_cert_sets() - how many certificate sets the firmware has
 * @ew: the module
 *
 * Return: 3 or 4.
 */
unsigned int eswifi_cert_sets(struct eswifi *ew)
{
	return READ_ONCE(ew->firmware.sets);
}

/**
 * eswifi_cert_forget() - the module may hold other certificates, or another
 *	selection, than it told or was told
 * @ew: the module
 *
 * Only in a job.
 */
void eswifi_cert_forget(struct eswifi *ew)
{
	ew->cert.known = 0;
	ew->cert.selected = 0;
	/* What can be written once stays what it was. */
	memset(&ew->cert.proved[ESWIFI_CERT_OTP_SETS], 0,
	       sizeof(ew->cert.proved) - ESWIFI_CERT_OTP_SETS * sizeof(ew->cert.proved[0]));
}

/**
 * eswifi_cert_slots() - which items of a set are used
 * @ew: the module
 * @set: the set
 * @used: out: true for a used item
 *
 * Asks the module only if it has not been asked since something changed. Only
 * in a job.
 *
 * Return: 0; -EINVAL no such set; -EREMOTEIO the module does not say (its
 * firmware may lack PE), and @used is true for what is known by comparison; or
 * as eswifi_exchange().
 */
int eswifi_cert_slots(struct eswifi *ew, unsigned int set, bool used[ESWIFI_CERT_ITEMS])
{
	struct eswifi_cert *cert = &ew->cert;
	struct eswifi_reply reply;
	int i, ret;

	if (set >= eswifi_cert_sets(ew))
		return -EINVAL;
	if (!(cert->known & BIT(set))) {
		ret = eswifi_at(ew, &reply, "PE=%u", set);
		if (!ret)
			ret = eswifi_at_slots(&reply, cert->used[set]);
		for (i = 0; ret == -EREMOTEIO && i < ESWIFI_CERT_ITEMS; i++)
			used[i] = cert->proved[set] & BIT(i);
		if (ret)
			return ret;
		cert->known |= BIT(set);
	}
	memcpy(used, cert->used[set], sizeof(cert->used[set]));
	return 0;
}

/**
 * eswifi_cert_select() - make a set the one that TLS connections use
 * @ew: the module
 * @set: the set
 *
 * Only in a job. Return: 0; -EINVAL no such set; or as eswifi_exchange().
 */
int eswifi_cert_select(struct eswifi *ew, unsigned int set)
{
	struct eswifi_reply reply;
	int ret;

	if (set >= eswifi_cert_sets(ew))
		return -EINVAL;
	if (ew->cert.selected == BIT(set))
		return 0;
	ew->cert.selected = 0;
	ret = eswifi_at(ew, &reply, "PF=0,%u", set);
	/* Older firmware knows only one kind of connection, and one argument. */
	if (ret == -EREMOTEIO)
		ret = eswifi_at(ew, &reply, "PF=%u", set);
	if (!ret)
		ew->cert.selected = BIT(set);
	return ret;
}

/**
 * eswifi_cert_usable() - does a set hold what a verify mode needs?
 * @ew: the module
 * @set: the set
 * @mode: ESWIFI_VERIFY_*
 * @unverified_ok: ESWIFI_VERIFY_OPTIONAL may go without a CA, hence without any
 *	verification
 * @verified: out: the module will verify the chain of the server
 *
 * Of a set of which the module does not say what it holds, only what a comparison
 * has proved counts. Only in a job.
 *
 * Return: 0; -ENOKEY if not, and eswifi.text says what is missing; or as
 * eswifi_cert_slots().
 */
int eswifi_cert_usable(struct eswifi *ew, unsigned int set, unsigned int mode,
		       bool unverified_ok, bool *verified)
{
	bool used[ESWIFI_CERT_ITEMS] = {};
	bool needed[ESWIFI_CERT_ITEMS] = {};
	bool told, missing = false;
	int len, ret, i;

	*verified = false;
	if (mode == ESWIFI_VERIFY_NONE)
		return 0;
	ret = eswifi_cert_slots(ew, set, used);
	if (ret && ret != -EREMOTEIO)
		return ret;
	told = !ret;

	needed[ESWIFI_CERT_CA] = mode == ESWIFI_VERIFY_REQUIRED || !unverified_ok;
	needed[ESWIFI_CERT_CERT] = mode == ESWIFI_VERIFY_REQUIRED;
	needed[ESWIFI_CERT_KEY] = mode == ESWIFI_VERIFY_REQUIRED;
	len = scnprintf(ew->text, sizeof(ew->text), "verify mode %s, but set %u %s",
			mode == ESWIFI_VERIFY_REQUIRED ? "required" : "optional", set,
			told ? "lacks" : "is not known to have");
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (!needed[i] || used[i])
			continue;
		len += scnprintf(ew->text + len, sizeof(ew->text) - len, "%s %s",
				 missing ? "," : "", eswifi_cert_item_names[i]);
		missing = true;
	}
	if (missing)
		return -ENOKEY;
	ew->text[0] = '\0';
	*verified = used[ESWIFI_CERT_CA];
	return 0;
}

/**
 * struct eswifi_cert_view - the job behind cert_slots
 * @job: the job
 * @fresh: ask the module even if nothing is known to have changed
 * @told: the module told of the set
 * @used: what it told
 */
struct eswifi_cert_view {
	struct eswifi_job job;
	bool fresh;
	bool told[ESWIFI_CERT_SETS];
	bool used[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
};

static int eswifi_cert_view_run(struct eswifi_job *job)
{
	struct eswifi_cert_view *view = container_of(job, struct eswifi_cert_view, job);
	struct eswifi *ew = job->ew;
	unsigned int set;
	int ret;

	/* Who looks wants to see the module, not our memory of it; but not just
	 * anybody may keep it busy.
	 */
	if (view->fresh)
		ew->cert.known = 0;
	for (set = 0; set < eswifi_cert_sets(ew); set++) {
		ret = eswifi_cert_slots(ew, set, view->used[set]);
		if (ret && ret != -EREMOTEIO)
			return ret;
		view->told[set] = !ret;
	}
	return 0;
}

/**
 * eswifi_cert_show_slots() - text of cert_slots
 * @ew: the module
 * @buf: out: one page, of a sysfs attribute
 *
 * A line a set, "0 ca=used cert=free key=free"; "unknown" in place of "free" if
 * the module does not answer PE for it; " rewritable" behind what is.
 *
 * Return: bytes of the text, or as eswifi_job_call().
 */
ssize_t eswifi_cert_show_slots(struct eswifi *ew, char *buf)
{
	struct eswifi_cert_view *view;
	unsigned int set, i;
	ssize_t ret;

	view = kzalloc(sizeof(*view), GFP_KERNEL);
	if (!view)
		return -ENOMEM;
	view->fresh = capable(CAP_NET_ADMIN);
	eswifi_job_init(&view->job, ew, eswifi_cert_view_run, eswifi_job_kfree);
	ret = eswifi_job_call(&view->job);
	for (set = 0; ret >= 0 && set < eswifi_cert_sets(ew); set++) {
		ret += sysfs_emit_at(buf, ret, "%u", set);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
			ret += sysfs_emit_at(buf, ret, " %s=%s", eswifi_cert_item_names[i],
					     view->used[set][i] ? "used" :
					     view->told[set] ? "free" : "unknown");
		ret += sysfs_emit_at(buf, ret, "%s\n",
				     set < ESWIFI_CERT_OTP_SETS ? "" : " rewritable");
	}
	eswifi_job_put(&view->job);
	return ret;
}
