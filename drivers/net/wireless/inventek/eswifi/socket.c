// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's four sockets: which of them is whose.
 *
 * All of it belongs to the worker.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "eswifi.h"

static int eswifi_sockets_tls(struct eswifi *ew)
{
	int i, n = 0;

	for (i = 0; i < ESWIFI_SOCKETS; i++)
		n += ew->sockets[i].owner && ew->sockets[i].protocol == ESWIFI_PROTO_TLS;
	return n;
}

/**
 * eswifi_socket_take() - take a free socket
 * @ew: the module
 * @owner: who takes it; kept alive until the socket is dropped
 * @protocol: ESWIFI_PROTO_*; the module has a TLS connection or two at a time
 * @lost: called when the socket is gone: drops it, and ends what used it. @why says in
 *	words how that came
 *
 * Only in a job.
 *
 * Return: the socket, or -EBUSY and eswifi.text says why.
 */
int eswifi_socket_take(struct eswifi *ew, struct eswifi_job *owner, unsigned int protocol,
		       void (*lost)(struct eswifi_job *owner, int error, const char *why))
{
	unsigned int tls_max = ew->firmware.kind->tls_sockets;
	int free = 0;

	if (protocol == ESWIFI_PROTO_TLS && eswifi_sockets_tls(ew) >= tls_max) {
		snprintf(ew->text, sizeof(ew->text),
			 "this firmware holds no more than %u TLS connection%s at a time", tls_max,
			 tls_max == 1 ? "" : "s");
		return -EBUSY;
	}
	while (free < ESWIFI_SOCKETS && ew->sockets[free].owner)
		free++;
	if (free == ESWIFI_SOCKETS) {
		snprintf(ew->text, sizeof(ew->text), "all %d sockets of the module are in use",
			 ESWIFI_SOCKETS);
		return -EBUSY;
	}
	eswifi_job_get(owner);
	ew->sockets[free].owner = owner;
	ew->sockets[free].protocol = protocol;
	ew->sockets[free].port = 0;
	ew->sockets[free].lost = lost;
	return free;
}

/**
 * eswifi_socket_end() - end what a socket of the module is used for
 * @ew: the module
 * @socket: the socket; selected afterwards
 *
 * That the module refuses says that there was nothing to end.
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_socket_end(struct eswifi *ew, int socket)
{
	struct eswifi_socket *s = &ew->sockets[socket];
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_select(ew, socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P%d=0", s->serving ? 5 : 6);
	ret = eswifi_answered(ew, ret);
	if (!ret)
		s->serving = false;
	return ret;
}

/**
 * eswifi_socket_is_peer() - is somebody the peer of a stream that we have opened?
 * @ew: the module
 * @ip: the address
 * @port: the port
 *
 * Return: true if so.
 */
bool eswifi_socket_is_peer(struct eswifi *ew, const u8 ip[4], unsigned int port)
{
	const struct eswifi_socket *s;

	for (s = ew->sockets; s < ew->sockets + ESWIFI_SOCKETS; s++)
		if (s->owner && s->protocol != ESWIFI_PROTO_UDP && s->port == port &&
		    !memcmp(s->ip, ip, sizeof(s->ip)))
			return true;
	return false;
}

/**
 * eswifi_socket_drop() - the socket is free again
 * @ew: the module
 * @socket: the socket; its owner may be gone afterwards
 */
void eswifi_socket_drop(struct eswifi *ew, int socket)
{
	struct eswifi_job *owner = ew->sockets[socket].owner;

	ew->sockets[socket].owner = NULL;
	eswifi_job_put(owner);
}

/**
 * eswifi_sockets_lost() - all sockets are gone at once
 * @ew: the module
 * @error: why: -ECONNRESET after a reset, -ENETDOWN, -ENODEV
 * @why: the same in words
 *
 * In a job, or after the worker has ended.
 */
void eswifi_sockets_lost(struct eswifi *ew, int error, const char *why)
{
	int i;

	for (i = 0; i < ESWIFI_SOCKETS; i++) {
		/* A network that goes leaves the module's own state behind. */
		if (error == -ECONNRESET)
			ew->sockets[i].serving = false;
		if (ew->sockets[i].owner)
			ew->sockets[i].lost(ew->sockets[i].owner, error, why);
	}
}
