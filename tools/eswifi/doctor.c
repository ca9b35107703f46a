// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl doctor: goes through what can be wrong, and says what to do about it. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

enum { KEY_ROOT = 256, KEY_HOST };

static const struct argp_option options[] = {
	{ "host", KEY_HOST, "NAME", 0, "Name to look up (example.com)", 0 },
	{ "root", KEY_ROOT, "DIR", 0,
	  "Examine the sys, proc, dev, boot and lib below DIR instead of this machine's", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct doctor *d = state->input;

	switch (key) {
	case KEY_ROOT:
		d->root = arg;
		return 0;
	case KEY_HOST:
		if (!*arg || strlen(arg) > ESWIFI_HOST_MAX)
			argp_error(state, "a host name has 1 to %d characters", ESWIFI_HOST_MAX);
		d->host = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* One finding; @advice is what to do, NULL if nothing. */
void report(struct doctor *d, enum verdict verdict, const char *check, const char *advice,
	    const char *format, ...)
{
	static const char *const words[] = { "ok", "warn", "fail" };
	struct json_object *finding;
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	d->count[verdict]++;
	finding = json_object_new_object();
	json_string(finding, "check", check);
	json_string(finding, "verdict", words[verdict]);
	json_text(finding, "text", text, len);
	if (advice)
		json_text(finding, "advice", advice, strlen(advice));
	else
		json_object_object_add(finding, "advice", NULL);
	json_object_array_add(d->findings, finding);
	if (!json_wanted()) {
		printf("%-5s %-12s ", words[verdict], check);
		print_safely(text, len);
		putchar('\n');
		if (advice)
			printf("                   -> %s\n", advice);
		fflush(stdout);
	}
	free(text);
}

/* The path below the root; to be freed. */
char *rooted(const struct doctor *d, const char *path)
{
	char *full;

	return asprintf(&full, "%s%s", d->root, path) < 0 ? NULL : full;
}

static char *rooted_format(const struct doctor *d, const char *format, va_list args)
{
	char *path, *full;

	if (vasprintf(&path, format, args) < 0)
		return NULL;
	full = rooted(d, path);
	free(path);
	return full;
}

/* What a small file holds, without its last newline; -1 with errno. */
ssize_t peek(const struct doctor *d, char *value, size_t size, const char *format, ...)
{
	va_list args;
	ssize_t len;
	char *path;
	int fd, err;

	value[0] = 0;
	va_start(args, format);
	path = rooted_format(d, format, args);
	va_end(args);
	if (!path)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (fd < 0)
		return -1;
	len = read(fd, value, size - 1);
	err = errno;
	close(fd);
	errno = err;
	if (len < 0)
		return -1;
	if (len && value[len - 1] == '\n')
		len--;
	value[len] = 0;
	return len;
}

bool exists(const struct doctor *d, const char *format, ...)
{
	va_list args;
	char *path;
	bool there;

	va_start(args, format);
	path = rooted_format(d, format, args);
	va_end(args);
	there = path && !access(path, F_OK);
	free(path);
	return there;
}

int cmd_doctor(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "",
		"Examine the machine and the module: kernel module, headers, kernel log,\n"
		"device tree, SPI, permissions, answers, link, names, clock, certificates.\n"
		"\vEach finding is ok, warn or fail, and the last two say what to do. The\n"
		"exit code is 1 if something failed, else 0. As root it sees more.",
		json_child, NULL, NULL
	};
	/* In the order in which one builds on another. */
	static void (*const checks[])(struct doctor *d) = {
		check_module, check_headers, check_log, check_tree, check_spi, check_node,
		check_answer, check_firmware, check_link, check_names, check_clock,
		check_certificates,
	};
	struct doctor d = { .device = device, .root = "", .host = "example.com" };
	struct json_object *object;
	size_t i;

	argp_parse(&argp, argc, argv, 0, NULL, &d);
	d.findings = json_object_new_array();
	if (peek(&d, d.release, sizeof(d.release), "/proc/sys/kernel/osrelease") <= 0)
		return complain(EXIT_USAGE, "no %s/proc/sys/kernel/osrelease: which kernel runs?",
				d.root);
	d.bound = exists(&d, "/sys/class/eswifi/%s", device->name);
	for (i = 0; i < sizeof(checks) / sizeof(*checks); i++)
		checks[i](&d);
	if (json_wanted()) {
		object = json_object_new_object();
		json_string(object, "device", device->name);
		json_string(object, "kernel", d.release);
		json_number(object, "ok", d.count[VERDICT_OK]);
		json_number(object, "warn", d.count[VERDICT_WARN]);
		json_number(object, "fail", d.count[VERDICT_FAIL]);
		json_object_object_add(object, "findings", d.findings);
		json_answer(object);
	} else {
		printf("%d ok, %d to look at, %d failed\n", d.count[VERDICT_OK],
		       d.count[VERDICT_WARN], d.count[VERDICT_FAIL]);
		json_object_put(d.findings);
	}
	return d.count[VERDICT_FAIL] ? EXIT_REFUSED : EXIT_DONE;
}
