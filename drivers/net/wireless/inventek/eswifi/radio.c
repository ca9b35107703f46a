// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings of the radio that outlive a reset: the country whose rules hold, and
 * saving power.
 */
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/**
 * struct eswifi_radio_job - read or write one setting
 * @job: the job
 * @country: the country
 * @power_save: whether power is saved
 */
struct eswifi_radio_job {
	struct eswifi_job job;
	char country[ESWIFI_COUNTRY_SIZE];
	bool power_save;
};

static struct eswifi_radio_job *eswifi_radio_alloc(struct eswifi *ew,
						   int (*run)(struct eswifi_job *job))
{
	struct eswifi_radio_job *rj;

	rj = kzalloc(sizeof(*rj), GFP_KERNEL);
	if (rj)
		eswifi_job_init(&rj->job, ew, run, eswifi_job_kfree);
	return rj;
}

/* @country: out: as "US/0" */
static int eswifi_country_ask(struct eswifi *ew, char *country)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "CN");
	if (!ret)
		eswifi_at_text(&reply, country, ESWIFI_COUNTRY_SIZE);
	return ret;
}

static int eswifi_country_get_run(struct eswifi_job *job)
{
	struct eswifi_radio_job *rj = container_of(job, struct eswifi_radio_job, job);

	return eswifi_country_ask(job->ew, rj->country);
}

/**
 * eswifi_country_get() - ask for the country
 * @ew: the module
 * @country: out: as "US/0", ESWIFI_COUNTRY_SIZE bytes
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_country_get(struct eswifi *ew, char *country)
{
	struct eswifi_radio_job *rj;
	int ret;

	rj = eswifi_radio_alloc(ew, eswifi_country_get_run);
	if (!rj)
		return -ENOMEM;
	ret = eswifi_job_call(&rj->job);
	if (!ret)
		memcpy(country, rj->country, sizeof(rj->country));
	eswifi_job_put(&rj->job);
	return ret;
}

static int eswifi_country_set_run(struct eswifi_job *job)
{
	struct eswifi_radio_job *rj = container_of(job, struct eswifi_radio_job, job);
	struct eswifi *ew = job->ew;
	char holds[ESWIFI_COUNTRY_SIZE];
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "CN=%s", rj->country);
	/* Some firmware only knows countries with a revision of their rules. */
	if (ret == -EREMOTEIO && !rj->country[2]) {
		strscpy(rj->country + 2, "/0", sizeof(rj->country) - 2);
		ret = eswifi_at(ew, &reply, "CN=%s", rj->country);
	}
	if (ret == -EREMOTEIO) {
		dev_notice(&ew->dev, "country %.2s: the firmware knows no such country, or sets none\n",
			   rj->country);
		return -EINVAL;
	}
	/* It may say OK and keep the one it has. */
	if (!ret)
		ret = eswifi_country_ask(ew, holds);
	if (ret)
		return ret == -EREMOTEIO ? -EINVAL : ret;
	if (strncmp(holds, rj->country, strlen(rj->country))) {
		dev_notice(&ew->dev, "country %s: the firmware says OK, but keeps %s\n",
			   rj->country, holds);
		return -EINVAL;
	}
	memcpy(ew->radio.country, rj->country, sizeof(ew->radio.country));
	return 0;
}

/* "US", or "US/0" with a revision of the rules */
static bool eswifi_country_is(const char *text)
{
	unsigned int revision;

	if (text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z')
		return false;
	return !text[2] || (text[2] == '/' && isdigit(text[3]) &&
			    !kstrtouint(text + 3, 10, &revision) && revision <= 999);
}

/**
 * eswifi_country_set() - set the country; after a reset it is set again
 * @ew: the module
 * @country: as "US" or "US/0"
 *
 * Return: 0; -EINVAL this is none that the module knows; or as
 * eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_country_set(struct eswifi *ew, const char *country)
{
	struct eswifi_radio_job *rj;
	int ret;

	if (strlen(country) >= ESWIFI_COUNTRY_SIZE || !eswifi_country_is(country))
		return -EINVAL;
	rj = eswifi_radio_alloc(ew, eswifi_country_set_run);
	if (!rj)
		return -ENOMEM;
	strscpy(rj->country, country, sizeof(rj->country));
	ret = eswifi_job_call(&rj->job);
	eswifi_job_put(&rj->job);
	return ret;
}

static int eswifi_power_save_get_run(struct eswifi_job *job)
{
	struct eswifi_radio_job *rj = container_of(job, struct eswifi_radio_job, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "Z?");
	if (!ret && eswifi_at_power_save(&reply, &rj->power_save))
		ret = -EREMOTEIO;
	/* That reply shows the PIN of WPS. */
	memzero_explicit(ew->bus.rx, ESWIFI_RX_SIZE);
	return ret;
}

/**
 * eswifi_power_save_get() - ask whether the radio saves power
 * @ew: the module
 * @on: out: whether it does
 *
 * Return: 0; -EREMOTEIO, also if the module does not tell; or as
 * eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_power_save_get(struct eswifi *ew, bool *on)
{
	struct eswifi_radio_job *rj;
	int ret;

	rj = eswifi_radio_alloc(ew, eswifi_power_save_get_run);
	if (!rj)
		return -ENOMEM;
	ret = eswifi_job_call(&rj->job);
	if (!ret)
		*on = rj->power_save;
	eswifi_job_put(&rj->job);
	return ret;
}

static int eswifi_power_save_set_run(struct eswifi_job *job)
{
	struct eswifi_radio_job *rj = container_of(job, struct eswifi_radio_job, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "ZP=1,%d", rj->power_save);
	if (!ret) {
		ew->radio.power_save = rj->power_save;
		ew->radio.power_save_set = true;
	}
	return ret;
}

/**
 * eswifi_power_save_set() - let the radio save power; after a reset, again
 * @ew: the module
 * @on: whether it shall
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_power_save_set(struct eswifi *ew, bool on)
{
	struct eswifi_radio_job *rj;
	int ret;

	rj = eswifi_radio_alloc(ew, eswifi_power_save_set_run);
	if (!rj)
		return -ENOMEM;
	rj->power_save = on;
	ret = eswifi_job_call(&rj->job);
	eswifi_job_put(&rj->job);
	return ret;
}

/**
 * eswifi_radio_replay() - after a reset, set again what was set
 * @ew: the module
 *
 * Only on the worker. Return: as eswifi_exchange().
 */
int eswifi_radio_replay(struct eswifi *ew)
{
	struct eswifi_reply reply;
	int ret = 0;

	if (*ew->radio.country)
		ret = eswifi_answered(ew, eswifi_at(ew, &reply, "CN=%s", ew->radio.country));
	if (!ret && ew->radio.power_save_set)
		ret = eswifi_answered(ew, eswifi_at(ew, &reply, "ZP=1,%d", ew->radio.power_save));
	return ret;
}
