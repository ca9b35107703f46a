// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking for networks.
 *
 * F0 tells all of them in one reply, and some firmware never answers when there
 * are more than about 20. Newer firmware can tell them one by one (F0=2, then
 * MR for each further one), which is preferred.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/* Records have three digits; more of them is a module that has lost its mind. */
#define ESWIFI_SCAN_RECORDS	999

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

/* A message that came between two records belongs to those who wait for such. */
static bool eswifi_scan_message(struct eswifi *ew, const struct eswifi_reply *reply)
{
	static const char head[] = "[SOMA]", tail[] = "[EOMA]";
	size_t len = reply->body_len - strlen(head) - strlen(tail);

	if (reply->body_len <= strlen(head) + strlen(tail) ||
	    memcmp(reply->body, head, strlen(head)) ||
	    memcmp(reply->body + strlen(head) + len, tail, strlen(tail)))
		return false;
	eswifi_message_deliver(ew, reply->body + strlen(head), len);
	return true;
}

static int eswifi_scan_one_by_one(struct eswifi *ew, struct eswifi_scan_job *sj)
{
	int left = ESWIFI_SCAN_RECORDS;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "F0=2");
	while (left--) {
		if (ret == -EREMOTEIO && reply.record) {
			eswifi_scan_collect(sj, &reply);
			ew->text[0] = '\0';
		} else if (ret || !eswifi_scan_message(ew, &reply)) {
			return ret;
		}
		ret = eswifi_at(ew, &reply, "MR");
	}
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

	/* One by one from this version on. */
	if (eswifi_at_is_from(&job->ew->identity, 3, 5, 2, 5))
		return eswifi_scan_one_by_one(job->ew, sj);
	return eswifi_scan_at_once(job->ew, sj);
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
