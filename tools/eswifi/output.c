// SPDX-License-Identifier: GPL-2.0-only
/* What eswifictl says: messages, text that cannot harm a terminal, JSON, progress. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eswifictl.h"

/* Of the process, as is standard output: what --json asked for and got. */
static struct {
	bool json;
	bool answered;
	char *complaint;
} output;

enum { KEY_JSON = 'j' };

static error_t parse_json(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	if (key != KEY_JSON)
		return ARGP_ERR_UNKNOWN;
	output.json = true;
	return 0;
}

static const struct argp_option json_options[] = {
	{ "json", KEY_JSON, NULL, 0, "JSON on standard output, for programs", 0 },
	{ 0 }
};

static const struct argp json_argp = { json_options, parse_json, NULL, NULL, NULL, NULL, NULL };

const struct argp_child json_child[] = { { &json_argp, 0, NULL, 0 }, { 0 } };

/* One message for people on standard error; returns the code, for "return complain(...)". */
int complain(int code, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return code;
	fprintf(stderr, "eswifictl: %s\n", text);
	free(output.complaint);
	output.complaint = text;
	return code;
}

/* Text from the air or the module must not drive the terminal. */
void print_safely(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char c = text[i];

		if (c == '\n' || c == '\t' || (c >= ' ' && c != 0x7f))
			putchar(c);
		else
			printf("\\x%02x", c);
	}
}

bool json_wanted(void)
{
	return output.json;
}

/* Prints the object or array on a line of its own, and frees it. */
void json_line(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	fflush(stdout);
	json_object_put(object);
	output.answered = true;
}

/* The whole answer of a command. */
int json_answer(struct json_object *object)
{
	return json_answer_code(object, EXIT_DONE);
}

/* The same of one that has more to tell by its exit code. */
int json_answer_code(struct json_object *object, int code)
{
	json_line(object);
	return code;
}

/* With --json a failure is an object, too, unless the command has answered. */
void json_failure(int code)
{
	struct json_object *object;

	if (!output.json || output.answered || !output.complaint)
		return;
	object = json_object_new_object();
	json_text(object, "error", output.complaint, strlen(output.complaint));
	json_number(object, "code", code);
	json_line(object);
}

/* Length of the UTF-8 character at @s, 0 if there is none. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;
	uint32_t c;
	size_t i;

	if (n < 2)
		return n;
	if (n > len)
		return 0;
	c = *s & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || c >> 11 == 0x1b)
		return 0;
	return n;
}

/* Bytes that are no UTF-8 become U+FFFD: JSON knows nothing else. */
void json_text(struct json_object *object, const char *key, const void *bytes, size_t len)
{
	const unsigned char *s = bytes;
	char *text = malloc(3 * len + 1);
	size_t n = 0, step;

	if (!text)
		return;
	while (len) {
		step = utf8_len(s, len);
		if (step) {
			memcpy(text + n, s, step);
			n += step;
		} else {
			memcpy(text + n, "\xef\xbf\xbd", 3);
			n += 3;
			step = 1;
		}
		s += step;
		len -= step;
	}
	json_object_object_add(object, key, json_object_new_string_len(text, n));
	free(text);
}

/* A network's name may hold any bytes: as text, and exactly. */
void json_name(struct json_object *object, const void *ssid, size_t len)
{
	char hex[2 * ESWIFI_SSID_MAX + 1] = "";
	const unsigned char *s = ssid;
	size_t i;

	for (i = 0; i < len && i < ESWIFI_SSID_MAX; i++)
		sprintf(hex + 2 * i, "%02x", s[i]);
	json_text(object, "ssid", ssid, len);
	json_string(object, "ssid_hex", hex);
}

void json_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

void json_number(struct json_object *object, const char *key, int64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

/* null for the address that is none. */
void json_address(struct json_object *object, const char *key, uint32_t ip)
{
	json_object_object_add(object, key,
			       ip ? json_object_new_string(address_text(ip)) : NULL);
}

static void *progress_thread(void *data)
{
	struct progress *progress = data;
	struct pollfd stop = { .fd = progress->stop[0], .events = POLLIN };
	int seconds = 0;

	/* What takes less than a second is not worth a word. */
	while (!poll(&stop, 1, 1000))
		dprintf(STDERR_FILENO, "\r\033[K%s ... %d s", progress->what, ++seconds);
	if (seconds)
		dprintf(STDERR_FILENO, "\r\033[K");
	return NULL;
}

void progress_start(struct progress *progress, const char *what)
{
	progress->what = what;
	progress->shown = false;
	if (!isatty(STDERR_FILENO) || pipe(progress->stop))
		return;
	progress->shown = !pthread_create(&progress->thread, NULL, progress_thread, progress);
	if (!progress->shown) {
		close(progress->stop[0]);
		close(progress->stop[1]);
	}
}

/* Keeps errno: it stands between a call and the look at its error. */
void progress_stop(struct progress *progress)
{
	int err = errno;

	if (!progress->shown)
		return;
	close(progress->stop[1]);	/* wakes the thread */
	pthread_join(progress->thread, NULL);
	close(progress->stop[0]);
	errno = err;
}
