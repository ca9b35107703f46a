// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking for networks.
 *
 * F0 tells all of them in one reply, and some firmware never answers when there
 * are more than about 20. So they are asked for one by one first (F0=2, then MR for
 * each further one), and all at once where that is not understood.
 *
 * While a list is told one by one, any command is answered with the next network
 * and not executed. It is therefore one job, which is not given up in the middle.
 */
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/* Records have three digits; more of them is a module that has lost its mind. */
#define ESWIFI_SCAN_RECORDS	999

/* Replies that are neither a network nor the end, until the list is taken for told. */
#define ESWIFI_SCAN_ODD		3

/* The next network is told when it is found: 13 + 23 channels of 0.1 to 0.3 s,
 * repeated a few times by F1.
 */
#define ESWIFI_SCAN_MS		30000

/**
 * struct eswifi_scan_job - one scan
 * @job: the job
 * @found: out: networks found, which may be more than there are in @bss
 * @bss: out: the networks
 */
struct eswifi_scan_job {
	struct eswifi_job job;
	u32 found;
	struct eswifi_bss bss[ESWIFI_SCAN_MAX];
};

static void eswifi_scan_collect(struct eswifi_scan_job *sj, const struct eswifi_reply *reply)
{
	struct eswifi_bss bss;
	size_t pos = 0;

	while (eswifi_at_bss(reply, &pos, &bss)) {
		if (sj->found < ARRAY_SIZE(sj->bss))
			sj->bss[sj->found] = bss;
		sj->found++;
	}
}

/* @understood: out: the module knows this way of telling */
static int eswifi_scan_one_by_one(struct eswifi *ew, struct eswifi_scan_job *sj,
				  bool *understood)
{
	int left = ESWIFI_SCAN_RECORDS, odd = ESWIFI_SCAN_ODD;
	struct eswifi_reply reply;
	u32 before;
	int ret;

	ret = eswifi_at(ew, &reply, "F0=2");
	*understood = ret != -EBADMSG && (ret != -EREMOTEIO || reply.record);
	while (*understood && left--) {
		if (eswifi_answered(ew, ret))
			return ret;
		before = sj->found;
		eswifi_scan_collect(sj, &reply);
		/* The end is an OK without a network: a network alone is no OK, and one
		 * with OK may be the only one of its reply, or the last of all.
		 */
		if (!ret && sj->found == before && !reply.messages)
			break;
		if (sj->found == before && !reply.messages && !odd--)
			break;
		ret = eswifi_at(ew, &reply, "MR");
	}
	ew->text[0] = '\0';
	return 0;
}

static int eswifi_scan_at_once(struct eswifi *ew, struct eswifi_scan_job *sj)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "F0");
	if (!ret)
		eswifi_scan_collect(sj, &reply);
	return ret;
}

static int eswifi_scan_run(struct eswifi_job *job)
{
	struct eswifi_scan_job *sj = container_of(job, struct eswifi_scan_job, job);
	struct eswifi *ew = job->ew;
	bool understood;
	int ret;

	ew->patience_ms = ESWIFI_SCAN_MS;
	ret = eswifi_scan_one_by_one(ew, sj, &understood);
	return understood || ret ? ret : eswifi_scan_at_once(ew, sj);
}

/**
 * eswifi_scan() - look for networks
 * @ew: the module
 * @bss: out: the networks found
 * @room: room at @bss
 * @count: out: how many were found, which may be more
 * @owner: the file that asks, 0 for none
 * @text: out: of ESWIFI_TEXT_SIZE bytes, why it failed; untouched if there is
 *	nothing to say
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_scan(struct eswifi *ew, struct eswifi_bss *bss, u32 room, u32 *count, u64 owner,
		char *text)
{
	struct eswifi_scan_job *sj;
	int ret;

	sj = kzalloc(sizeof(*sj), GFP_KERNEL);
	if (!sj)
		return -ENOMEM;
	eswifi_job_init(&sj->job, ew, eswifi_scan_run, eswifi_job_kfree);
	sj->job.owner = owner;
	ret = eswifi_job_submit(&sj->job, 0);
	if (ret)
		goto out;
	/* Not cancelled when nobody waits any more: what is left of a list that was
	 * read half would come as the answer to somebody else's MR.
	 */
	if (wait_for_completion_interruptible(&sj->job.done)) {
		ret = -EINTR;
		goto out;
	}
	ret = sj->job.result;
	if (ret) {
		strscpy(text, sj->job.text, ESWIFI_TEXT_SIZE);
		goto out;
	}
	*count = sj->found;
	memcpy(bss, sj->bss, min3(room, sj->found, (u32)ARRAY_SIZE(sj->bss)) * sizeof(*bss));
out:
	eswifi_job_put(&sj->job);
	return ret;
}
