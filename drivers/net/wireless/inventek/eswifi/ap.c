// SPDX-License-Identifier: GPL-2.0-only
/*
 * The access point that the module can be instead of being in a network.
 *
 * To users it is the link: while it runs, the link is up, its name is the
 * access point's own, and the module has an address in it. The firmware gives
 * addresses to its clients, and puts a web page there that cannot be turned off.
 */
#include <linux/ctype.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "link.h"

/**
 * struct eswifi_ap_job - start it, stop it, or ask who is in it
 * @job: the job
 * @ap: in: what to start; holds the passphrase, so the job is wiped when freed
 * @info: out: who is in it
 */
struct eswifi_ap_job {
	struct eswifi_job job;
	struct eswifi_ap ap;
	struct eswifi_ap_info info;
};

static void eswifi_ap_job_free(struct eswifi_job *job)
{
	kfree_sensitive(container_of(job, struct eswifi_ap_job, job));
}

static struct eswifi_ap_job *eswifi_ap_job_alloc(struct eswifi *ew, u64 owner,
						 int (*run)(struct eswifi_job *job))
{
	struct eswifi_ap_job *aj;

	aj = kzalloc(sizeof(*aj), GFP_KERNEL);
	if (aj) {
		eswifi_job_init(&aj->job, ew, run, eswifi_ap_job_free);
		aj->job.owner = owner;
	}
	return aj;
}

/* --------------------------------------------------------------- starting */

static const char *eswifi_ap_fault(struct eswifi *ew, const struct eswifi_ap *ap)
{
	size_t i;

	switch (ap->security) {
	case ESWIFI_SECURITY_OPEN:
		if (ap->passphrase_len)
			return "an open access point has no passphrase";
		break;
	case ESWIFI_SECURITY_WPA:
	case ESWIFI_SECURITY_WPA2:
	case ESWIFI_SECURITY_WPA_WPA2:
		if (ap->passphrase_len < 8 || ap->passphrase_len >= ESWIFI_AP_PASSPHRASE_MAX)
			return "the passphrase must have 8 to 31 characters";
		for (i = 0; i < ap->passphrase_len; i++)
			if (iscntrl(ap->passphrase[i]))
				return "the passphrase cannot be sent to the module";
		break;
	default:
		return "the module has no access point of this security";
	}
	if (!ap->ssid_len || eswifi_at_check_value(ap->ssid, ap->ssid_len, ESWIFI_SSID_MAX - 1))
		return "the network's name cannot be sent to the module";
	if (eswifi_link_drops(ew, ap->ssid, ap->ssid_len) ||
	    eswifi_link_drops(ew, ap->passphrase, ap->passphrase_len))
		return ESWIFI_LINK_DROPS;
	if (ap->channel > 165 || (ap->channel > 13 && ap->channel < 36))
		return "there is no such channel";
	if (!ap->max_clients || ap->max_clients > ESWIFI_AP_CLIENTS)
		return "the module takes 1 to 4 clients";
	return NULL;
}

static bool eswifi_ap_already(const struct eswifi_reply *reply)
{
	static const char text[] = "Already running";

	return strnstr(reply->body, text, reply->body_len) ||
	       strnstr(reply->error, text, reply->error_len);
}

static int eswifi_ap_configure(struct eswifi *ew, const struct eswifi_ap *ap)
{
	struct eswifi_reply reply;
	int ret;

	/* 0: the MAC address is not appended to the name */
	ret = eswifi_at(ew, &reply, "AS=0,%.*s", ap->ssid_len, ap->ssid);
	if (!ret)
		ret = eswifi_at(ew, &reply, "A1=%u", ap->security);
	if (!ret && ap->passphrase_len)
		ret = eswifi_at(ew, &reply, "A2=%.*s", ap->passphrase_len, ap->passphrase);
	if (!ret)
		ret = eswifi_at(ew, &reply, "AC=%u", ap->channel);
	if (!ret)
		ret = eswifi_at(ew, &reply, "AT=%u", ap->max_clients);
	return ret;
}

static int eswifi_ap_off(struct eswifi *ew)
{
	struct eswifi_reply reply;
	int ret;

	/* That the module refuses only says that there is none. */
	ret = eswifi_answered(ew, eswifi_at(ew, &reply, "AE"));
	if (!ret)
		eswifi_sockets_lost(ew, -ENETDOWN, "the access point was stopped");
	return ret;
}

/* @ip: out: address of the module in its network */
static int eswifi_ap_on(struct eswifi *ew, const struct eswifi_ap *ap, u8 ip[4])
{
	struct eswifi_reply reply;
	bool known;
	int ret;

	ret = eswifi_ap_configure(ew, ap);
	if (ret)
		return ret;
	ret = eswifi_at(ew, &reply, "AD");
	/* By a command in the AT channel, so with other settings. */
	if (ret == -EREMOTEIO && eswifi_ap_already(&reply)) {
		ret = eswifi_ap_off(ew);
		if (!ret)
			ret = eswifi_at(ew, &reply, "AD");
	}
	if (ret || !eswifi_at_ap_address(&reply, ip))
		return ret;

	/* Some firmware just says OK. */
	ret = eswifi_at(ew, &reply, "A?");
	known = !ret && !eswifi_at_ap_state(&reply, ap->ssid, ap->ssid_len, ip);
	/* That reply shows the passphrase. */
	memzero_explicit(ew->bus.rx, ESWIFI_RX_SIZE);
	ret = eswifi_answered(ew, ret);
	if (ret || known)
		return ret;
	/* It would stay on the air, and nobody could stop it. */
	ret = eswifi_ap_off(ew);
	strscpy(ew->text, "it said OK, but tells no address of its own", sizeof(ew->text));
	return ret ?: -EREMOTEIO;
}

static void eswifi_ap_set_wish(struct eswifi *ew, const struct eswifi_ap *ap)
{
	mutex_lock(&ew->config_lock);
	if (ap)
		ew->link.ap = *ap;
	else
		memzero_explicit(&ew->link.ap, sizeof(ew->link.ap));
	mutex_unlock(&ew->config_lock);
}

/**
 * eswifi_ap_enter() - become an access point
 * @ew: the module, in no network
 * @ap: what it shall be
 *
 * Only on the worker. Return: 0 and the link is up; or as eswifi_exchange().
 */
int eswifi_ap_enter(struct eswifi *ew, const struct eswifi_ap *ap)
{
	struct eswifi_link_info info = {
		.state = ESWIFI_LINK_UP,
		.security = ap->security,
		.ssid_len = ap->ssid_len,
	};
	u8 ip[4];
	int ret;

	ret = eswifi_ap_on(ew, ap, ip);
	if (ret)
		return ret;
	memcpy(info.ssid, ap->ssid, ap->ssid_len);
	memcpy(&info.ip, ip, sizeof(ip));
	eswifi_link_publish(ew, &info);
	return 0;
}

/**
 * eswifi_ap_quit() - be no access point any more, forget its passphrase
 * @ew: the module
 *
 * Only on the worker. Return: as eswifi_exchange().
 */
int eswifi_ap_quit(struct eswifi *ew)
{
	int ret;

	ret = eswifi_ap_off(ew);
	if (ret == -ECANCELED)
		return ret;
	/* If there was no answer the reset that follows ends it as well. */
	eswifi_ap_set_wish(ew, NULL);
	eswifi_link_down(ew);
	return ret;
}

static int eswifi_ap_start_run(struct eswifi_job *job)
{
	struct eswifi_ap_job *aj = container_of(job, struct eswifi_ap_job, job);
	struct eswifi *ew = job->ew;
	int ret;

	/* The module is one or the other. */
	ret = eswifi_link_quit(ew);
	if (!ret)
		ret = eswifi_ap_enter(ew, &aj->ap);
	if (ret)
		return ret;
	eswifi_ap_set_wish(ew, &aj->ap);
	aj->ap.ip = ew->link.info.ip;
	return 0;
}

/**
 * eswifi_ap_start() - be an access point, leaving the network
 * @ew: the module
 * @ap: what it shall be; the caller wipes it. Out: its address
 * @owner: the file that asks, 0 for none
 * @text: out: of ESWIFI_TEXT_SIZE bytes, why it failed; untouched if there is
 *	nothing to say
 *
 * It is started again after a reset, until it is stopped or a network joined.
 *
 * Return: 0; -EINVAL; or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_ap_start(struct eswifi *ew, struct eswifi_ap *ap, u64 owner, char *text)
{
	const char *fault = eswifi_ap_fault(ew, ap);
	struct eswifi_ap_job *aj;
	int ret;

	if (fault) {
		strscpy(text, fault, ESWIFI_TEXT_SIZE);
		return -EINVAL;
	}
	aj = eswifi_ap_job_alloc(ew, owner, eswifi_ap_start_run);
	if (!aj)
		return -ENOMEM;
	aj->ap = *ap;
	ret = eswifi_job_call_text(&aj->job, text);
	if (!ret)
		ap->ip = aj->ap.ip;
	eswifi_job_put(&aj->job);
	return ret;
}

static int eswifi_ap_stop_run(struct eswifi_job *job)
{
	return eswifi_link_is_ap(job->ew) ? eswifi_ap_quit(job->ew) : 0;
}

/**
 * eswifi_ap_stop() - be no access point any more, forget its passphrase
 * @ew: the module
 * @owner: the file that asks, 0 for none
 * @text: out: as for eswifi_ap_start()
 *
 * Not being one is no error.
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_ap_stop(struct eswifi *ew, u64 owner, char *text)
{
	struct eswifi_ap_job *aj;
	int ret;

	aj = eswifi_ap_job_alloc(ew, owner, eswifi_ap_stop_run);
	if (!aj)
		return -ENOMEM;
	ret = eswifi_job_call_text(&aj->job, text);
	eswifi_job_put(&aj->job);
	return ret;
}

/* ---------------------------------------------------------------- clients */

static int eswifi_ap_info_run(struct eswifi_job *job)
{
	struct eswifi_ap_job *aj = container_of(job, struct eswifi_ap_job, job);
	struct eswifi_ap_info *info = &aj->info;
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	int ret;

	if (!eswifi_link_is_ap(ew)) {
		strscpy(ew->text, "the module is no access point", sizeof(ew->text));
		return -ENETDOWN;
	}
	ret = eswifi_at(ew, &reply, "AA");
	if (ret)
		return ret;
	info->count = eswifi_at_clients(&reply, info->client, ARRAY_SIZE(info->client));
	if (!info->count)
		return 0;
	/* Good to know, but not what was asked for first. */
	ret = eswifi_at(ew, &reply, "AR");
	if (!ret)
		eswifi_at_client_signals(&reply, info->client, info->count);
	return eswifi_answered(ew, ret);
}

/**
 * eswifi_ap_info() - who is in our access point
 * @ew: the module
 * @info: out: the clients; size is the caller's
 * @owner: the file that asks, 0 for none
 * @text: out: as for eswifi_ap_start()
 *
 * Return: 0; -ENETDOWN it is none; or as eswifi_exchange() and
 * eswifi_job_call(); -ENOMEM.
 */
int eswifi_ap_info(struct eswifi *ew, struct eswifi_ap_info *info, u64 owner, char *text)
{
	struct eswifi_ap_job *aj;
	int ret;

	aj = eswifi_ap_job_alloc(ew, owner, eswifi_ap_info_run);
	if (!aj)
		return -ENOMEM;
	ret = eswifi_job_call_text(&aj->job, text);
	if (!ret)
		*info = aj->info;
	eswifi_job_put(&aj->job);
	return ret;
}
