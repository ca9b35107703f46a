// SPDX-License-Identifier: GPL-2.0-only
/*
 * Certificate sets of the module: what they hold, which one is active, and
 * whether one has what a connection needs.
 */
#include <linux/bits.h>
#include <linux/capability.h>
#include <linux/kernel.h>
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
	unsigned int set;

	ew->cert.known = 0;
	ew->cert.selected = 0;
	/* What can be written once stays what it was. */
	for (set = ESWIFI_CERT_OTP_SETS; set < ESWIFI_CERT_SETS; set++) {
		ew->cert.proved[set] = 0;
		ew->cert.ca[set] = ESWIFI_CA_UNKNOWN;
	}
}

/**
 * eswifi_cert_forget_module() - it is another module than before
 * @ew: the module
 *
 * Only in a job.
 */
void eswifi_cert_forget_module(struct eswifi *ew)
{
	eswifi_cert_forget(ew);
	memset(ew->cert.proved, 0, sizeof(ew->cert.proved));
	memset(ew->cert.doubted, 0, sizeof(ew->cert.doubted));
	memset(ew->cert.loss, 0, sizeof(ew->cert.loss));
	memset(ew->cert.ca, 0, sizeof(ew->cert.ca));
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
		if (READ_ONCE(ew->firmware.tells_slots)) {
			ret = eswifi_at(ew, &reply, "PE=%u", set);
			if (!ret)
				ret = eswifi_at_slots(&reply, cert->used[set]);
		} else {
			strscpy(ew->text, "this firmware does not tell what one set holds",
				sizeof(ew->text));
			ret = -EREMOTEIO;
		}
		for (i = 0; ret == -EREMOTEIO && i < ESWIFI_CERT_ITEMS; i++)
			used[i] = cert->proved[set] & BIT(i);
		if (ret)
			return ret;
		cert->known |= BIT(set);
	}
	memcpy(used, cert->used[set], sizeof(cert->used[set]));
	return 0;
}

/* One form of PF. What the module took must be what was meant: it tells, or, if it
 * cannot, refuses what is not a set. Of set 0 nothing need be proved, which is where
 * a number that is not looked at leads.
 */
static int eswifi_cert_select_as(struct eswifi *ew, const char *function, unsigned int set)
{
	bool tells = READ_ONCE(ew->firmware.tells_set);
	struct eswifi_reply reply;
	unsigned int selected;
	int ret;

	if (set && !tells) {
		ret = eswifi_at(ew, &reply, "PF=%s9", function);
		if (!ret) {
			strscpy(ew->text,
				"this firmware takes any number for a set and does not tell which one it uses: only set 0 can be used",
				sizeof(ew->text));
			return -EOPNOTSUPP;
		}
		if (ret != -EREMOTEIO)
			return ret;
	}
	ret = eswifi_at(ew, &reply, "PF=%s%u", function, set);
	if (ret || !tells)
		return ret;
	ret = eswifi_at(ew, &reply, "PF");
	if (ret)
		return ret;
	if (!eswifi_at_selected(&reply, &selected) && selected == set)
		return 0;
	strscpy(ew->text,
		"the module says that it uses another set than it was told to: choose another set (cert_set)",
		sizeof(ew->text));
	return -EOPNOTSUPP;
}

/**
 * eswifi_cert_select() - make a set the one that TLS connections use
 * @ew: the module
 * @set: the set
 *
 * Only in a job. Return: 0; -EINVAL no such set; -EOPNOTSUPP the module does not use
 * it, or nothing would tell, and eswifi.text says so; or as eswifi_exchange().
 */
int eswifi_cert_select(struct eswifi *ew, unsigned int set)
{
	int ret;

	if (set >= eswifi_cert_sets(ew))
		return -EINVAL;
	if (ew->cert.selected == BIT(set))
		return 0;
	ew->cert.selected = 0;
	ret = eswifi_cert_select_as(ew, "0,", set);
	/* Older firmware knows only one kind of connection, and one argument. */
	if (ret == -EREMOTEIO)
		ret = eswifi_cert_select_as(ew, "", set);
	if (!ret)
		ew->cert.selected = BIT(set);
	return ret;
}

/**
 * eswifi_cert_mode_works() - can this firmware connect in a verify mode?
 * @ew: the module
 * @mode: ESWIFI_VERIFY_*
 *
 * Context: any, once the module has booted. Return: false if it is known not to.
 */
bool eswifi_cert_mode_works(struct eswifi *ew, unsigned int mode)
{
	return mode != ESWIFI_VERIFY_OPTIONAL ||
	       !eswifi_firmware_guards(ew, ESWIFI_GUARD_OPTIONAL);
}

/* Says what a set lacks: -ENOKEY, or 0 if nothing. A lost item is as good as none. */
static int eswifi_cert_complete(struct eswifi *ew, unsigned int set, unsigned int mode,
				const bool used[ESWIFI_CERT_ITEMS], bool told, bool ca_needed)
{
	bool missing = false;
	int len, i;

	len = scnprintf(ew->text, sizeof(ew->text), "verify mode %s, but set %u %s",
			mode == ESWIFI_VERIFY_REQUIRED ? "required" : "optional", set,
			told ? "lacks" : "is not known to have");
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		if (i == ESWIFI_CERT_CA ? !ca_needed : mode != ESWIFI_VERIFY_REQUIRED)
			continue;
		if (used[i] && !ew->cert.loss[set][i])
			continue;
		len += scnprintf(ew->text + len, sizeof(ew->text) - len, "%s %s",
				 missing ? "," : "", eswifi_cert_item_names[i]);
		missing = true;
	}
	if (missing)
		return -ENOKEY;
	ew->text[0] = '\0';
	return 0;
}

/**
 * eswifi_cert_usable() - does a set hold what a verify mode needs?
 * @ew: the module
 * @set: the set
 * @mode: ESWIFI_VERIFY_*
 * @unverified_ok: ESWIFI_VERIFY_OPTIONAL may go without a CA, hence without any
 *	verification, and on firmware that is known not to use the CA of the set
 * @verified: out: the module will verify the chain of the server: for sure only in
 *	ESWIFI_VERIFY_REQUIRED, and where a firmware verifies against RSA CAs only, with a
 *	CA that this driver has written or compared and found to be RSA
 *
 * Of a set of which the module does not say what it holds, only what a comparison
 * has proved counts. Only in a job.
 *
 * Return: 0; -ENOKEY if not; -EOPNOTSUPP this firmware would not verify; eswifi.text
 * says what is missing or what to do; or as eswifi_cert_slots().
 */
int eswifi_cert_usable(struct eswifi *ew, unsigned int set, unsigned int mode,
		       bool unverified_ok, bool *verified)
{
	bool rsa_only = eswifi_firmware_guards(ew, ESWIFI_GUARD_CA_RSA);
	bool required = mode == ESWIFI_VERIFY_REQUIRED;
	bool used[ESWIFI_CERT_ITEMS] = {};
	int ret;

	*verified = false;
	if (mode == ESWIFI_VERIFY_NONE)
		return 0;
	if (!unverified_ok && !eswifi_cert_mode_works(ew, mode)) {
		strscpy(ew->text,
			"verify mode optional: this firmware does not verify against the CA of a set then, and never connects: use required",
			sizeof(ew->text));
		return -EOPNOTSUPP;
	}
	ret = eswifi_cert_slots(ew, set, used);
	if (ret && ret != -EREMOTEIO)
		return ret;
	ret = eswifi_cert_complete(ew, set, mode, used, !ret, required || !unverified_ok);
	if (ret)
		return ret;
	if (required && rsa_only && ew->cert.ca[set] == ESWIFI_CA_OTHER) {
		scnprintf(ew->text, sizeof(ew->text),
			  "the CA of set %u is not RSA: this firmware would compare its name only: put an RSA CA into another set (cert_set)",
			  set);
		return -EOPNOTSUPP;
	}
	*verified = required && (!rsa_only || ew->cert.ca[set] == ESWIFI_CA_RSA);
	return 0;
}

/**
 * eswifi_cert_verify() - tell the module how the next TLS connection verifies
 * @ew: the module
 * @mode: ESWIFI_VERIFY_*
 *
 * Sends P9, and behind each P9 PB=0, with which a verification that failed ends the
 * connection. A module that refuses PB=0 may go on: it is not connected, but in
 * ESWIFI_VERIFY_NONE. Only in a job, between eswifi_cert_usable() and P6=1.
 *
 * Return: 0; -EOPNOTSUPP the module refuses PB=0, and eswifi.text says so; or as
 * eswifi_exchange().
 */
int eswifi_cert_verify(struct eswifi *ew, unsigned int mode)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "P9=%u", mode);
	if (ret)
		return ret;
	ret = eswifi_at(ew, &reply, "PB=0");
	if (ret != -EREMOTEIO)
		return ret;
	if (mode == ESWIFI_VERIFY_NONE) {
		ew->text[0] = '\0';
		return 0;
	}
	strscpy(ew->text,
		"the module refuses PB=0, without which it may go on when the verification fails: verify mode none is all that is left",
		sizeof(ew->text));
	return -EOPNOTSUPP;
}

/**
 * struct eswifi_cert_view - the job behind cert_slots
 * @job: the job
 * @fresh: ask the module even if nothing is known to have changed
 * @told: the module told of the set
 * @used: what it told
 * @loss: what is known to be lost
 */
struct eswifi_cert_view {
	struct eswifi_job job;
	bool fresh;
	bool told[ESWIFI_CERT_SETS];
	bool used[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	enum eswifi_loss loss[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
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
	memcpy(view->loss, ew->cert.loss, sizeof(view->loss));
	return 0;
}

static const char *eswifi_cert_slot_word(const struct eswifi_cert_view *view, unsigned int set,
					 unsigned int item)
{
	switch (view->loss[set][item]) {
	case ESWIFI_LOSS_TORN:
		return "torn";
	case ESWIFI_LOSS_DAMAGED:
		return "damaged";
	default:
		return view->used[set][item] ? "used" : view->told[set] ? "free" : "unknown";
	}
}

/**
 * eswifi_cert_show_slots() - text of cert_slots
 * @ew: the module
 * @buf: out: one page, of a sysfs attribute
 *
 * A line a set, "0 ca=used cert=free key=free"; "unknown" in place of "free" if
 * the module does not answer PE for it; "torn" or "damaged" for what is lost;
 * " rewritable" behind what is.
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
					     eswifi_cert_slot_word(view, set, i));
		ret += sysfs_emit_at(buf, ret, "%s\n",
				     set < ESWIFI_CERT_OTP_SETS ? "" : " rewritable");
	}
	eswifi_job_put(&view->job);
	return ret;
}
