// SPDX-License-Identifier: GPL-2.0-only
/* What eswifi-proxy asks of the module: connections, and why there are none. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "proxy.h"

/**
 * module_connect() - begin to connect
 * @proxy: how
 * @request: to whom
 * @conn: out: descriptor of the connection, which tells its end as poll does
 * @text: out: what the module or the driver said if it failed, else ""
 *
 * Return: 0 or a positive errno.
 */
int module_connect(const struct proxy *proxy, const struct request *request, int *conn,
		   char text[ESWIFI_TEXT_SIZE])
{
	struct eswifi_last_error last = { .size = sizeof(last) };
	struct eswifi_connect connect = {
		.size = sizeof(connect),
		.protocol = proxy->module_tls ? ESWIFI_PROTO_TLS : ESWIFI_PROTO_TCP,
		.port = request->port,
		.verify = proxy->verify,
		.cert_set = proxy->cert_set,
		.fd_flags = O_CLOEXEC | O_NONBLOCK,
	};
	int device, err = 0;
	char path[64];

	text[0] = 0;
	if (strlen(request->host) > ESWIFI_HOST_MAX)
		return ENAMETOOLONG;
	strcpy(connect.host, request->host);
	/* Each time anew: the module may have been plugged out and in. */
	snprintf(path, sizeof(path), "/dev/%s", proxy->device);
	device = open(path, O_RDWR | O_CLOEXEC);
	if (device < 0)
		return errno == ENOENT ? ENODEV : errno;
	if (ioctl(device, ESWIFI_IOC_CONNECT, &connect)) {
		err = errno;
		if (!ioctl(device, ESWIFI_IOC_LAST_ERROR, &last))
			memcpy(text, last.text, ESWIFI_TEXT_SIZE);
	}
	close(device);
	*conn = connect.fd;
	return err;
}

/**
 * module_result() - how the connecting went, or the connection ended
 * @conn: the connection
 * @text: out: what the module said
 *
 * Return: 0 it is well, EINPROGRESS it is still connecting, or the positive errno
 * that ended it.
 */
int module_result(int conn, char text[ESWIFI_TEXT_SIZE])
{
	struct eswifi_conn_info info = { .size = sizeof(info) };

	text[0] = 0;
	if (ioctl(conn, ESWIFI_IOC_CONN_INFO, &info))
		return errno;
	memcpy(text, info.text, ESWIFI_TEXT_SIZE);
	if (info.state == ESWIFI_CONN_CONNECTING)
		return EINPROGRESS;
	return info.state == ESWIFI_CONN_FAILED ? info.error : 0;
}

/* Bytes that the module took to send: what was written may still be on its way to it. */
uint64_t module_sent(int conn)
{
	struct eswifi_conn_info info = { .size = sizeof(info) };

	return ioctl(conn, ESWIFI_IOC_CONN_INFO, &info) ? 0 : info.tx_bytes;
}

/**
 * module_explain() - a sentence for the log and for HTTP clients
 * @proxy: how it was tried
 * @error: positive errno
 * @text: what the module said, or ""
 * @why: out: the sentence
 * @size: bytes of @why
 */
void module_explain(const struct proxy *proxy, int error, const char *text, char *why,
		    size_t size)
{
	const char *reason;

	switch (error) {
	case EBUSY:
		reason = proxy->module_tls ? "the module has no further TLS connection" :
			 "all connections of the module are in use";
		break;
	case ECONNREFUSED:
		reason = "the module could not connect";
		break;
	case ENOENT:
		reason = "the name was not found";
		break;
	case ENAMETOOLONG:
	case EINVAL:
		reason = "the module takes no such host name";
		break;
	case ENOKEY:
		reason = "not tried, the certificate set lacks what the verify mode needs";
		break;
	case EOPNOTSUPP:
		reason = "this firmware cannot verify in that mode: take required";
		break;
	case ENETDOWN:
		reason = "the module is in no network";
		break;
	case ENODEV:
	case ENXIO:
		reason = "there is no such module";
		break;
	case ESHUTDOWN:
		reason = "the module is being reset or does not answer";
		break;
	case EACCES:
	case EPERM:
		reason = "no permission for the module's device file";
		break;
	default:
		reason = strerror(error);
	}
	snprintf(why, size, "%s%s%s", reason, *text ? ", it said: " : "", text);
}
