// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes a socket of the module a connection, and ends it: what the module is told
 * for that, in which order, and what becomes of it if the module cannot.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "conn.h"

/* How long one R0 may wait for data: the module does nothing else meanwhile. */
#define ESWIFI_R2_MS		1

/* A TLS start that nobody answers was seen to take 60 s. */
#define ESWIFI_TLS_SLOW_MS	75000

/* What fails sooner has failed by its handshake, and not for want of a peer. */
#define ESWIFI_TLS_QUICK	(10 * HZ)

/* What keeps everybody waiting for longer than this is worth a line in the log. */
#define ESWIFI_CONNECT_SLOW	(5 * HZ)

/* Ports that are nobody's, for datagrams that we begin. */
#define ESWIFI_UDP_PORT_FIRST	49152
#define ESWIFI_UDP_PORTS	16384
#define ESWIFI_UDP_TRIES	3

/**
 * eswifi_conn_check_link() - is there a network to talk through?
 * @ew: the module
 *
 * Only in a job. Return: 0; -ENETDOWN; or as eswifi_exchange().
 */
int eswifi_conn_check_link(struct eswifi *ew)
{
	struct eswifi_reply reply;
	long joined = 0;
	int ret;

	if (READ_ONCE(ew->link.info.state) == ESWIFI_LINK_UP)
		return 0;
	/* Someone may have joined through the AT channel. */
	ret = eswifi_answered(ew, eswifi_at(ew, &reply, "CS"));
	if (ret)
		return ret;
	if (reply.ok && !eswifi_at_number(&reply, &joined) && joined == 1)
		return 0;
	strscpy(ew->text, "not joined to a network", sizeof(ew->text));
	return -ENETDOWN;
}

static int eswifi_conn_resolve(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	const u8 *line;
	size_t len, pos = 0;
	u8 ip[4];
	int ret;

	if (eswifi_at_ipv4(conn->host, strlen(conn->host), ip)) {
		ret = eswifi_at(ew, &reply, "D0=%s", conn->host);
		if (ret)
			return ret == -EREMOTEIO ? -ENOENT : ret;
		if (!eswifi_at_line(&reply, &pos, &line, &len) || eswifi_at_ipv4(line, len, ip))
			return -ENOENT;
	}
	spin_lock(&conn->lock);
	memcpy(conn->ip, ip, sizeof(conn->ip));
	spin_unlock(&conn->lock);
	memcpy(ew->sockets[conn->socket].ip, ip, sizeof(ip));
	ew->sockets[conn->socket].port = conn->port;
	return 0;
}

/**
 * eswifi_conn_set_read() - receive as much as fits, and do not wait for more
 * @ew: the module
 * @s: the socket, selected
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_conn_set_read(struct eswifi *ew, int s)
{
	struct eswifi_reply reply;
	int ret;

	if (ew->shadow.r1[s] != ESWIFI_PAYLOAD_MAX) {
		ret = eswifi_at(ew, &reply, "R1=%d", ESWIFI_PAYLOAD_MAX);
		if (ret)
			return ret;
		ew->shadow.r1[s] = ESWIFI_PAYLOAD_MAX;
	}
	if (ew->shadow.r2[s] != ESWIFI_R2_MS) {
		ret = eswifi_at(ew, &reply, "R2=%d", ESWIFI_R2_MS);
		if (ret)
			return ret;
		ew->shadow.r2[s] = ESWIFI_R2_MS;
	}
	return 0;
}

/**
 * eswifi_conn_set_peer() - tell the module whom a socket is for
 * @conn: the connection, its socket selected
 *
 * A stream keeps its peer whatever P3 and P4 say later, datagrams do not: D0 sets P3,
 * whoever sends us something sets P4, and so may a user.
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_conn_set_peer(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	int ret;

	if (ew->shadow.peer[conn->socket] == 1)
		return 0;
	ret = eswifi_at(ew, &reply, "P3=%pI4", conn->ip);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P4=%u", conn->port);
	if (!ret)
		ew->shadow.peer[conn->socket] = 1;
	return ret;
}

/**
 * eswifi_conn_set_patience() - how long the module's TCP waits for a peer
 * @ew: the module
 * @ms: so long, at the most
 *
 * Only where sending does not end otherwise, see ESWIFI_GUARD_SEND_STALL.
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_conn_set_patience(struct eswifi *ew, int ms)
{
	struct eswifi_reply reply;
	int ret;

	if (!eswifi_firmware_guards(ew, ESWIFI_GUARD_SEND_STALL) || ew->shadow.py == ms)
		return 0;
	/* Firmware without it has a patience of its own. */
	ret = eswifi_answered(ew, eswifi_at(ew, &reply, "PY=%d", ms));
	if (!ret)
		ew->shadow.py = ms;
	return ret;
}

/* The reset that follows ends every connection: they get this as the reason. */
static void eswifi_conn_explain_silence(struct eswifi_conn *conn, unsigned long seconds)
{
	static const char needs[] =
		": servers that want a client certificate need `required` and a complete set here";
	struct eswifi *ew = conn->job.ew;
	bool request = conn->verify != ESWIFI_VERIFY_REQUIRED &&
		       eswifi_firmware_guards(ew, ESWIFI_GUARD_TLS_REQUEST);

	snprintf(ew->text, sizeof(ew->text), "no answer to a TLS start for %lu s, module reset%s",
		 seconds, request ? needs : "");
	dev_warn(&ew->dev, "%s (port %u): %s\n", conn->host, conn->port, ew->text);
}

/* P6=1. @took: out: how long the module was at it, in jiffies */
static int eswifi_conn_connect(struct eswifi_conn *conn, unsigned long *took)
{
	bool tls = conn->protocol == ESWIFI_PROTO_TLS;
	struct eswifi *ew = conn->job.ew;
	unsigned long begun = jiffies;
	struct eswifi_reply reply;
	int ret;

	if (tls && eswifi_firmware_guards(ew, ESWIFI_GUARD_TLS_SLOW))
		ew->patience_ms = ESWIFI_TLS_SLOW_MS;
	ret = eswifi_at(ew, &reply, "P6=1");
	ew->patience_ms = 0;
	*took = jiffies - begun;
	conn->tls_failed = tls && ret;
	if (ret == -ETIMEDOUT && tls && ew->bus.sent)
		eswifi_conn_explain_silence(conn, *took / HZ);
	else if (*took > ESWIFI_CONNECT_SLOW)
		dev_info(&ew->dev, "connecting to %s kept everybody waiting for %lu s\n",
			 conn->host, *took / HZ);
	return ret;
}

/* Some firmware locks up at the P6=0 behind a TLS start that failed, unless the socket
 * is said to be for something else first.
 */
static int eswifi_conn_end_failed_tls(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_select(ew, conn->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%d", ESWIFI_PROTO_TCP);
	return ret ?: eswifi_socket_end(ew, conn->socket);
}

static int eswifi_conn_start_tls(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	char text[ESWIFI_TEXT_SIZE];
	struct eswifi_reply reply;
	/* No start, no second one. */
	unsigned long took = ESWIFI_TLS_QUICK + 1;
	int ret;

	ret = eswifi_cert_verify(ew, conn->verify);
	if (!ret)
		ret = eswifi_conn_connect(conn, &took);
	if (ret != -EREMOTEIO || took > ESWIFI_TLS_QUICK || READ_ONCE(conn->closing) ||
	    !eswifi_firmware_guards(ew, ESWIFI_GUARD_TLS_CHANCE))
		return ret;

	/* It may have been chance. */
	strscpy(text, ew->text, sizeof(text));
	ret = eswifi_conn_end_failed_tls(conn);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%u", conn->protocol);
	if (!ret)
		ret = eswifi_cert_verify(ew, conn->verify);
	if (!ret)
		ret = eswifi_conn_connect(conn, &took);
	if (ret == -EREMOTEIO && !ew->text[0])
		strscpy(ew->text, text, sizeof(ew->text));
	return ret;
}

/* The module sends from the port that P4 is when the socket is opened, whatever P2
 * says: two clients of one server would have the same.
 */
static int eswifi_conn_start_udp(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	int tries = ESWIFI_UDP_TRIES;
	struct eswifi_reply reply;
	unsigned long took;
	int ret;

	if (!ew->udp_port)
		ew->udp_port = get_random_u32();
	do {
		unsigned int port = ESWIFI_UDP_PORT_FIRST + ew->udp_port++ % ESWIFI_UDP_PORTS;

		ret = eswifi_at(ew, &reply, "P4=%u", port);
		if (!ret)
			ret = eswifi_conn_connect(conn, &took);
	} while (ret == -EREMOTEIO && --tries);
	ew->shadow.peer[conn->socket] = -1;
	return ret ?: eswifi_conn_set_peer(conn);
}

/**
 * eswifi_conn_start() - open a connection to a peer
 * @conn: the connection; it has a socket
 *
 * The order is that of the application note: protocol, address, port, level, start.
 *
 * Only in a job. Return: 0; -ECONNREFUSED the module could not; -ENETDOWN; -ENOENT;
 * as eswifi_cert_usable(); or as eswifi_exchange(). eswifi.text may say why.
 */
int eswifi_conn_start(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	bool tls = conn->protocol == ESWIFI_PROTO_TLS;
	struct eswifi_reply reply;
	bool verified = false;
	unsigned long took;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret && tls)
		ret = eswifi_cert_usable(ew, conn->cert_set, conn->verify, conn->unverified_ok,
					 &verified);
	if (!ret && tls)
		ret = eswifi_cert_select(ew, conn->cert_set);
	/* The one before may not have ended it: a network lost, a user. */
	if (!ret)
		ret = eswifi_socket_end(ew, conn->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%u", conn->protocol);
	if (!ret)
		ret = eswifi_conn_resolve(conn);
	ew->shadow.peer[conn->socket] = -1;
	if (!ret)
		ret = eswifi_conn_set_peer(conn);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	if (!ret)
		ret = eswifi_conn_set_patience(ew, ESWIFI_CONNECT_PATIENCE_MS);
	if (ret || READ_ONCE(conn->closing))
		return ret;

	if (tls)
		ret = eswifi_conn_start_tls(conn);
	else if (conn->protocol == ESWIFI_PROTO_UDP)
		ret = eswifi_conn_start_udp(conn);
	else
		ret = eswifi_conn_connect(conn, &took);
	if (ret)
		return ret == -EREMOTEIO ? -ECONNREFUSED : ret;
	spin_lock(&conn->lock);
	conn->verified = verified;
	spin_unlock(&conn->lock);
	return 0;
}

/**
 * eswifi_conn_serve() - receive datagrams from anybody from now on
 * @conn: the connection; it has a socket
 *
 * Their senders are asked for one by one.
 *
 * Only in a job. Return: 0; -ENETDOWN; or as eswifi_exchange().
 */
int eswifi_conn_serve(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_conn_check_link(ew);
	if (!ret)
		ret = eswifi_socket_end(ew, conn->socket);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P1=%u", conn->protocol);
	if (!ret)
		ret = eswifi_at(ew, &reply, "P2=%u", conn->local_port);
	if (!ret)
		ret = eswifi_conn_set_read(ew, conn->socket);
	if (!ret) {
		ew->sockets[conn->socket].serving = true;
		ret = eswifi_at(ew, &reply, "P5=1");
	}
	return ret;
}

/**
 * eswifi_conn_end() - give the module's socket back, whatever it says to that
 * @conn: the connection; it may have ended already
 *
 * eswifi.text stays: the reason for the end is worth more than what this has to say.
 *
 * Only in a job, or after the worker has ended.
 */
void eswifi_conn_end(struct eswifi_conn *conn)
{
	struct eswifi *ew = conn->job.ew;
	char text[ESWIFI_TEXT_SIZE];
	int socket = conn->socket;

	if (socket < 0)
		return;
	strscpy(text, ew->text, sizeof(text));
	if (conn->kind == ESWIFI_CONN_ACCEPTED) {
		conn->socket = -1;
		eswifi_listener_end_client(conn->listener);
	} else {
		if (conn->tls_failed)
			eswifi_conn_end_failed_tls(conn);
		else
			eswifi_socket_end(ew, socket);
		conn->socket = -1;
		eswifi_socket_drop(ew, socket);
	}
	strscpy(ew->text, text, sizeof(ew->text));
}
