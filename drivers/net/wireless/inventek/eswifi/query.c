// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions to the network: which address a name has, and whether someone is
 * there.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "conn.h"

/**
 * struct eswifi_query_job - one question
 * @job: the job
 * @host: name to look up
 * @ip: address that it has, or that is to be pinged
 * @rtt_ms: out: milliseconds until the reply
 */
struct eswifi_query_job {
	struct eswifi_job job;
	char host[ESWIFI_HOST_MAX + 1];
	u8 ip[4];
	u32 rtt_ms;
};

static struct eswifi_query_job *eswifi_query_alloc(struct eswifi *ew, u64 owner,
						   int (*run)(struct eswifi_job *job))
{
	struct eswifi_query_job *qj;

	qj = kzalloc(sizeof(*qj), GFP_KERNEL);
	if (qj) {
		eswifi_job_init(&qj->job, ew, run, eswifi_job_kfree);
		qj->job.owner = owner;
	}
	return qj;
}

/* ------------------------------------------------------------------ names */

/* D0 writes what it finds to the selected socket (P3), where it would turn
 * datagrams to another peer. A stream does not look at it again.
 */
static int eswifi_query_select(struct eswifi *ew)
{
	int i;

	for (i = 0; i < ESWIFI_SOCKETS; i++)
		if (!ew->sockets[i].owner || ew->sockets[i].protocol != ESWIFI_PROTO_UDP)
			return eswifi_select(ew, i);
	strscpy(ew->text, "all sockets are in use for datagrams", sizeof(ew->text));
	return -EBUSY;
}

static int eswifi_resolve_run(struct eswifi_job *job)
{
	struct eswifi_query_job *qj = container_of(job, struct eswifi_query_job, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	size_t pos = 0, len;
	const u8 *line;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret)
		ret = eswifi_query_select(ew);
	if (ret)
		return ret;
	ret = eswifi_at(ew, &reply, "D0=%s", qj->host);
	if (ret)
		return ret == -EREMOTEIO ? -ENOENT : ret;
	if (!eswifi_at_line(&reply, &pos, &line, &len) || eswifi_at_ipv4(line, len, qj->ip))
		return -ENOENT;
	return 0;
}

/**
 * eswifi_resolve() - ask the module's name server
 * @ew: the module
 * @arg: in: the name, out: its address
 * @owner: the file that asks, 0 for none
 * @text: out: of ESWIFI_TEXT_SIZE bytes, why it failed; untouched if there is
 *	nothing to say
 *
 * Return: 0; -EINVAL; -ENOENT; -ENETDOWN; -EBUSY; or as eswifi_exchange() and
 * eswifi_job_call(); -ENOMEM.
 */
int eswifi_resolve(struct eswifi *ew, struct eswifi_resolve *arg, u64 owner, char *text)
{
	size_t len = strnlen(arg->host, sizeof(arg->host));
	struct eswifi_query_job *qj;
	int ret;

	if (eswifi_at_check_host(arg->host, len, ESWIFI_HOST_MAX)) {
		strscpy(text, "this is no host name", ESWIFI_TEXT_SIZE);
		return -EINVAL;
	}
	qj = eswifi_query_alloc(ew, owner, eswifi_resolve_run);
	if (!qj)
		return -ENOMEM;
	memcpy(qj->host, arg->host, len);
	ret = eswifi_job_call_text(&qj->job, text);
	if (!ret)
		memcpy(&arg->ip, qj->ip, sizeof(arg->ip));
	eswifi_job_put(&qj->job);
	return ret;
}

/* ------------------------------------------------------------------ pings */

static int eswifi_ping_run(struct eswifi_job *job)
{
	struct eswifi_query_job *qj = container_of(job, struct eswifi_query_job, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (ret)
		return ret;
	ret = eswifi_at(ew, &reply, "T1=%pI4", qj->ip);
	/* No repeats, no pause between them */
	if (!ret)
		ret = eswifi_at(ew, &reply, "T2=0");
	if (!ret)
		ret = eswifi_at(ew, &reply, "T3=0");
	if (!ret)
		ret = eswifi_at(ew, &reply, "T0");
	/* -ETIMEDOUT is for a peer that does not answer. */
	if (ret == -ETIMEDOUT)
		ret = -ESHUTDOWN;
	if (ret)
		return ret;
	ret = eswifi_at_ping(&reply, &qj->rtt_ms);
	if (ret == -EPROTO) {
		eswifi_at_text(&reply, ew->text, sizeof(ew->text));
		ret = -EREMOTEIO;
	}
	return ret;
}

/**
 * eswifi_ping() - one echo request
 * @ew: the module
 * @arg: in: whom; out: how long it took
 * @owner: the file that asks, 0 for none
 * @text: out: as for eswifi_resolve()
 *
 * Return: 0; -ETIMEDOUT no reply; -ENETDOWN; or as eswifi_exchange(), where a
 * module that does not answer is -ESHUTDOWN, and eswifi_job_call(); -ENOMEM.
 */
int eswifi_ping(struct eswifi *ew, struct eswifi_ping *arg, u64 owner, char *text)
{
	struct eswifi_query_job *qj;
	int ret;

	qj = eswifi_query_alloc(ew, owner, eswifi_ping_run);
	if (!qj)
		return -ENOMEM;
	memcpy(qj->ip, &arg->ip, sizeof(qj->ip));
	ret = eswifi_job_call_text(&qj->job, text);
	if (!ret)
		arg->rtt_ms = qj->rtt_ms;
	eswifi_job_put(&qj->job);
	return ret;
}
