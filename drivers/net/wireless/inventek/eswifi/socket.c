// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's four sockets: which of them is whose.
 *
 * All of it belongs to the worker.
 */
#include "eswifi.h"

/**
 * eswifi_socket_take() - take a free socket
 * @ew: the module
 * @owner: who takes it; kept alive until the socket is dropped
 * @protocol: ESWIFI_PROTO_*; the module has one TLS connection at a time
 * @lost: called when the socket is gone: drops it, and ends what used it
 *
 * Only in a job.
 *
 * Return: the socket, or -EBUSY and eswifi.text says why.
 */
int eswifi_socket_take(struct eswifi *ew, struct eswifi_job *owner, unsigned int protocol,
		       void (*lost)(struct eswifi_job *owner, int error))
{
	int free = -1;
	int i;

	for (i = ESWIFI_SOCKETS - 1; i >= 0; i--) {
		if (!ew->sockets[i].owner) {
			free = i;
		} else if (protocol == ESWIFI_PROTO_TLS && ew->sockets[i].protocol == protocol) {
			snprintf(ew->text, sizeof(ew->text),
				 "the module's only TLS connection is socket %d", i);
			return -EBUSY;
		}
	}
	if (free < 0) {
		snprintf(ew->text, sizeof(ew->text), "all %d sockets of the module are in use",
			 ESWIFI_SOCKETS);
		return -EBUSY;
	}
	eswifi_job_get(owner);
	ew->sockets[free].owner = owner;
	ew->sockets[free].protocol = protocol;
	ew->sockets[free].server = false;
	ew->sockets[free].lost = lost;
	return free;
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
 *
 * In a job, or after the worker has ended.
 */
void eswifi_sockets_lost(struct eswifi *ew, int error)
{
	int i;

	for (i = 0; i < ESWIFI_SOCKETS; i++)
		if (ew->sockets[i].owner)
			ew->sockets[i].lost(ew->sockets[i].owner, error);
}
