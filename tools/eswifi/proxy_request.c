// SPDX-License-Identifier: GPL-2.0-only
/*
 * What clients of the proxy ask for, in SOCKS5 (RFC 1928) or by HTTP CONNECT
 * (RFC 9110), and the answers in the same language. The first byte tells which.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy.h"

#define SOCKS_VERSION		5
#define SOCKS_CONNECT		1
#define SOCKS_METHOD_NONE	0	/* no authentication */
#define SOCKS_NO_METHOD		0xff

enum { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

/* Replies of RFC 1928, section 6. */
enum {
	SOCKS_GRANTED,
	SOCKS_FAILURE,
	SOCKS_NET_UNREACHABLE = 3,
	SOCKS_HOST_UNREACHABLE,
	SOCKS_REFUSED,
	SOCKS_BAD_COMMAND = 7,
	SOCKS_BAD_ADDRESS,
};

static void answer_bytes(struct answer *answer, const void *data, size_t len)
{
	memcpy(answer->data + answer->len, data, len);
	answer->len += len;
}

/* The address that the module connects from means nothing to a client: zeros. */
static void answer_socks(struct answer *answer, unsigned char code)
{
	const unsigned char reply[10] = { SOCKS_VERSION, code, 0, SOCKS_IPV4 };

	answer_bytes(answer, reply, sizeof(reply));
}

static void answer_http(struct answer *answer, const char *status, const char *headers,
			const char *why)
{
	int len;

	len = snprintf((char *)answer->data, sizeof(answer->data),
		       "HTTP/1.1 %s\r\n%sContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		       "Connection: close\r\n\r\neswifi-proxy: %.200s\n", status, headers,
		       strlen("eswifi-proxy: \n") + strnlen(why, 200), why);
	answer->len = len;
}

static enum request_state wrong(const char **fault, const char *why)
{
	*fault = why;
	return REQUEST_WRONG;
}

/* ----------------------------------------------------------------- SOCKS5 */

static enum request_state socks_greeting(struct request *request, const unsigned char *data,
					 size_t len, size_t *used, struct answer *answer,
					 const char **fault)
{
	unsigned char method[2] = { SOCKS_VERSION, SOCKS_METHOD_NONE };
	size_t methods;

	if (len < 2)
		return REQUEST_MORE;
	methods = data[1];
	if (len < 2 + methods)
		return REQUEST_MORE;
	*used = 2 + methods;
	if (!memchr(data + 2, SOCKS_METHOD_NONE, methods)) {
		method[1] = SOCKS_NO_METHOD;
		answer_bytes(answer, method, sizeof(method));
		return wrong(fault, "wants authentication, there is none");
	}
	answer_bytes(answer, method, sizeof(method));
	request->greeted = true;
	return REQUEST_MORE;
}

static enum request_state socks_request(struct request *request, const unsigned char *data,
					size_t len, size_t *used, struct answer *answer,
					const char **fault)
{
	size_t at = 4, size;

	if (len < 5)
		return REQUEST_MORE;
	if (data[0] != SOCKS_VERSION) {
		answer_socks(answer, SOCKS_FAILURE);
		return wrong(fault, "its request is not SOCKS5");
	}
	if (data[1] != SOCKS_CONNECT) {
		answer_socks(answer, SOCKS_BAD_COMMAND);
		return wrong(fault, "asks for another command than CONNECT");
	}
	switch (data[3]) {
	case SOCKS_IPV4:
		size = 4;
		break;
	case SOCKS_NAME:
		size = data[at++];
		break;
	default:
		answer_socks(answer, SOCKS_BAD_ADDRESS);
		return wrong(fault, data[3] == SOCKS_IPV6 ? "asks for IPv6, the module has none" :
			     "asks for an unknown kind of address");
	}
	if (len < at + size + 2)
		return REQUEST_MORE;
	if (data[3] == SOCKS_IPV4)
		inet_ntop(AF_INET, data + at, request->host, HOST_SIZE);
	else
		memcpy(request->host, data + at, size);
	request->port = data[at + size] << 8 | data[at + size + 1];
	*used = at + size + 2;
	/* A NUL inside would make another name of it. */
	if (data[3] == SOCKS_NAME && (!size || memchr(request->host, 0, size))) {
		answer_socks(answer, SOCKS_HOST_UNREACHABLE);
		return wrong(fault, "asks for a host without a proper name");
	}
	return REQUEST_DONE;
}

/* ------------------------------------------------------------------- HTTP */

/* "CONNECT host:port HTTP/1.x", the line's end excluded. */
static bool http_target(struct request *request, const char *line, size_t len)
{
	const char *host = line + strlen("CONNECT ");
	const char *end = memchr(host, ' ', line + len - host);
	const char *colon = end ? memrchr(host, ':', end - host) : NULL;
	size_t size = colon ? colon - host : 0;
	unsigned long port = 0;
	const char *digit;

	if (!size || size >= HOST_SIZE || memchr(host, 0, size) ||
	    line + len - end < 9 || memcmp(end, " HTTP/1.", 8))
		return false;
	for (digit = colon + 1; digit < end; digit++) {
		if (!isdigit((unsigned char)*digit) || port > UINT16_MAX)
			return false;
		port = port * 10 + (*digit - '0');
	}
	if (!port || port > UINT16_MAX)
		return false;
	memcpy(request->host, host, size);
	request->host[size] = 0;
	request->port = port;
	return true;
}

static enum request_state http_request(struct request *request, const unsigned char *data,
				       size_t len, size_t *used, struct answer *answer,
				       const char **fault)
{
	const unsigned char *end = memmem(data, len, "\r\n\r\n", 4);
	const unsigned char *line_end;

	if (!end)
		return REQUEST_MORE;
	*used = end + 4 - data;
	line_end = memmem(data, *used, "\r\n", 2);
	if (*used < 8 || memcmp(data, "CONNECT ", 8)) {
		answer_http(answer, "405 Method Not Allowed", "Allow: CONNECT\r\n",
			    "only CONNECT is done here; for http: addresses use SOCKS5,\n"
			    "on this same port");
		return wrong(fault, "asks by HTTP for another method than CONNECT");
	}
	if (line_end - data <= 8 || !http_target(request, (const char *)data, line_end - data)) {
		answer_http(answer, "400 Bad Request", "", "CONNECT takes HOST:PORT");
		return wrong(fault, "its CONNECT names no host and port");
	}
	return REQUEST_DONE;
}

/**
 * request_parse() - read on in what a client sends
 * @request: what is known so far; zeroed before the first call
 * @data: what came and was not used yet
 * @len: bytes of it
 * @used: out: bytes that are done with
 * @answer: out: bytes for the client, if any
 * @fault: out, for REQUEST_WRONG: what is wrong, for the log
 *
 * To be called again as long as it uses bytes and says REQUEST_MORE.
 */
enum request_state request_parse(struct request *request, const unsigned char *data, size_t len,
				 size_t *used, struct answer *answer, const char **fault)
{
	*used = 0;
	answer->len = 0;
	if (!len)
		return REQUEST_MORE;
	if (request->dialect == DIALECT_UNKNOWN) {
		if (data[0] == SOCKS_VERSION)
			request->dialect = DIALECT_SOCKS5;
		else if (data[0] >= 'A' && data[0] <= 'Z')
			request->dialect = DIALECT_HTTP;
		else
			return wrong(fault, "speaks neither SOCKS5 nor HTTP");
	}
	if (request->dialect == DIALECT_HTTP)
		return http_request(request, data, len, used, answer, fault);
	if (!request->greeted)
		return socks_greeting(request, data, len, used, answer, fault);
	return socks_request(request, data, len, used, answer, fault);
}

static unsigned char socks_code(int error)
{
	switch (error) {
	case 0:
		return SOCKS_GRANTED;
	case ENETDOWN:
		return SOCKS_NET_UNREACHABLE;
	case ENOENT:
	case EINVAL:
	case ENAMETOOLONG:
	case ETIMEDOUT:
		return SOCKS_HOST_UNREACHABLE;
	case ECONNREFUSED:
		return SOCKS_REFUSED;
	default:
		return SOCKS_FAILURE;
	}
}

static const char *http_status(int error)
{
	switch (error) {
	case EINVAL:
	case ENAMETOOLONG:
		return "400 Bad Request";
	case ENOENT:
	case ECONNREFUSED:
	case ECONNRESET:
		return "502 Bad Gateway";
	case ETIMEDOUT:
		return "504 Gateway Timeout";
	default:
		return "503 Service Unavailable";
	}
}

/**
 * request_answer() - tell a client how its request went
 * @request: what it asked for
 * @error: 0 connected, or a positive errno
 * @why: with an error: the words for it
 * @answer: out: bytes for the client
 */
void request_answer(const struct request *request, int error, const char *why,
		    struct answer *answer)
{
	static const char established[] = "HTTP/1.1 200 Connection established\r\n\r\n";

	answer->len = 0;
	if (request->dialect == DIALECT_SOCKS5)
		answer_socks(answer, socks_code(error));
	else if (error)
		answer_http(answer, http_status(error), "", why);
	else
		answer_bytes(answer, established, sizeof(established) - 1);
}
