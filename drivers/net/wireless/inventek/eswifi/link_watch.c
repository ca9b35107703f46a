// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sees to it that the link lasts: notices that the network is gone, and brings
 * back what users wished for, after that as after a reset.
 *
 * The module says nothing when it loses its network, so it is asked (CS). Ten
 * seconds is how long its own TCP waits for a silent peer: whoever talks learns
 * of it no later than that anyway, and whoever only waits, not much later. It
 * costs an idle module six short exchanges a minute.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "link.h"

#define ESWIFI_WATCH_MS		10000

/* Joining may keep the module busy for 20 s each time. A network that stays away
 * is tried ever more rarely, but as long as it is wished for.
 */
#define ESWIFI_REJOIN_MIN_MS	1000
#define ESWIFI_REJOIN_MAX_MS	128000

static void eswifi_link_watch_in(struct eswifi *ew, unsigned int delay_ms)
{
	if (ew->link.watch)
		ew->link.watch_submit(ew->link.watch, delay_ms);
}

/**
 * eswifi_link_watch() - the link is up now: look after it from here on
 * @ew: the module
 */
void eswifi_link_watch(struct eswifi *ew)
{
	ew->link.rejoin_ms = 0;
	eswifi_link_watch_in(ew, ESWIFI_WATCH_MS);
}

/* What is wished for is shown already: it is about to be there again. */
static void eswifi_link_waits(struct eswifi *ew)
{
	const struct eswifi_join *wish = &ew->link.wish;
	const struct eswifi_ap *ap = &ew->link.ap;
	struct eswifi_link_info info = { .state = ESWIFI_LINK_JOINING };

	if (eswifi_link_is_ap(ew)) {
		info.security = ap->security;
		info.ssid_len = ap->ssid_len;
		memcpy(info.ssid, ap->ssid, ap->ssid_len);
	} else if (wish->ssid_len) {
		info.security = wish->security;
		info.ssid_len = wish->ssid_len;
		memcpy(info.ssid, wish->ssid, wish->ssid_len);
	} else {
		info.state = ESWIFI_LINK_DOWN;
	}
	eswifi_link_publish(ew, &info);
}

/* The network that was joined is there no more. */
static void eswifi_link_gone(struct eswifi *ew)
{
	dev_warn(&ew->dev, "lost the network %*pE%s\n", ew->link.info.ssid_len,
		 ew->link.info.ssid,
		 ew->link.wish.ssid_len ? "; trying to join it again" : "");
	eswifi_sockets_lost(ew, -ENETDOWN, "the network was lost");
	eswifi_link_waits(ew);
	eswifi_link_watch_in(ew, 0);
}

/**
 * eswifi_link_check() - is the module still in the network that it joined?
 * @ew: the module
 *
 * What needs the network has ended if not: to the module's sockets a network that is
 * lost looks like a peer that has ended its connection.
 *
 * Only on the worker.
 *
 * Return: 0, also if there is none to be in; -ENETDOWN and eswifi.text; or as
 * eswifi_exchange().
 */
int eswifi_link_check(struct eswifi *ew)
{
	struct eswifi_reply reply;
	long joined = 1;
	int ret;

	if (ew->link.info.state != ESWIFI_LINK_UP || eswifi_link_is_ap(ew))
		return 0;
	ret = eswifi_answered(ew, eswifi_at(ew, &reply, "CS"));
	if (ret || !reply.ok || eswifi_at_number(&reply, &joined) || joined)
		return ret;
	eswifi_link_gone(ew);
	strscpy(ew->text, "the network was lost", sizeof(ew->text));
	return -ENETDOWN;
}

/**
 * eswifi_link_lost() - the module was reset: the link is gone
 * @ew: the module
 *
 * Only on the worker.
 */
void eswifi_link_lost(struct eswifi *ew)
{
	eswifi_link_waits(ew);
}

/**
 * eswifi_link_replay() - bring back the link that is wished for
 * @ew: the module
 *
 * Only on the worker. If it cannot be had, it is tried again later.
 *
 * Return: 0, also if nothing is wished for; -ECONNREFUSED the module could not
 * join; or as eswifi_exchange().
 */
int eswifi_link_replay(struct eswifi *ew)
{
	int ret;

	if (eswifi_link_is_ap(ew))
		ret = eswifi_ap_enter(ew, &ew->link.ap);
	else if (ew->link.wish.ssid_len)
		ret = eswifi_link_enter(ew, &ew->link.wish);
	else
		return eswifi_link_found(ew);
	/* A module that is stuck is reset first, and then asked for this again. */
	if (!ret || ret == -ENODEV || ew->state != ESWIFI_STATE_UP)
		return ret;
	if (!ew->link.rejoin_ms)
		dev_warn(&ew->dev, "could not bring %*pE back: %s; trying on\n",
			 ew->link.info.ssid_len, ew->link.info.ssid, ew->text);
	ew->link.rejoin_ms = clamp(ew->link.rejoin_ms * 2, ESWIFI_REJOIN_MIN_MS,
				   ESWIFI_REJOIN_MAX_MS);
	eswifi_link_watch_in(ew, ew->link.rejoin_ms);
	return ret;
}

static int eswifi_link_watch_run(struct eswifi_job *job)
{
	struct eswifi *ew = job->ew;
	int ret = 0;

	if (ew->link.info.state == ESWIFI_LINK_DOWN && !ew->firmware.joined)
		return 0;
	if (eswifi_job_must_rest(job)) {
		eswifi_link_watch_in(ew, ESWIFI_WATCH_MS);
		return 0;
	}
	if (ew->link.info.state == ESWIFI_LINK_DOWN)
		return eswifi_link_found(ew);
	if (ew->link.info.state == ESWIFI_LINK_JOINING) {
		ret = eswifi_link_replay(ew);
		if (!ret)
			dev_info(&ew->dev, "%*pE is back\n", ew->link.info.ssid_len,
				 ew->link.info.ssid);
		return ret;
	}
	/* An access point depends on nobody. */
	if (eswifi_link_is_ap(ew))
		return 0;
	ret = eswifi_link_check(ew);
	if (ret == -ENETDOWN)
		return 0;
	eswifi_link_watch_in(ew, ESWIFI_WATCH_MS);
	return ret;
}

/**
 * eswifi_link_start() - begin to look after the link
 * @ew: the module, its engine started
 *
 * Return: 0 or -ENOMEM.
 */
int eswifi_link_start(struct eswifi *ew)
{
	struct eswifi_job *job;

	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	eswifi_job_init(job, ew, eswifi_link_watch_run, eswifi_job_kfree);
	job->patient = true;
	ew->link.watch = job;
	ew->link.watch_submit = eswifi_job_submit;
	if (ew->firmware.joined)
		eswifi_link_watch_in(ew, 0);
	return 0;
}

/**
 * eswifi_link_stop() - end it
 * @ew: the module, its engine stopped
 */
void eswifi_link_stop(struct eswifi *ew)
{
	if (ew->link.watch)
		eswifi_job_put(ew->link.watch);
	ew->link.watch = NULL;
}
