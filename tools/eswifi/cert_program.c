// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl cert plan, program and verify: the driver's provisioning, for people. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cert.h"

static const struct argp_option set_option[] = { CERT_SET_OPTION, { 0 } };

static const struct argp_option program_options[] = {
	CERT_SET_OPTION,
	{ "yes", 'y', NULL, 0, "Do not ask", 0 },
	{ "blind", CERT_KEY_BLIND, NULL, 0,
	  "For old firmware that cannot tell or compare what a set holds", 0 },
	{ 0 }
};

/* ------------------------------------------------------------- progress */

/**
 * struct watch - what cert_status says while the driver works, on standard error
 * @device: the module
 * @thread: who looks
 * @stop: written to when it is over
 * @running: there is a thread
 */
struct watch {
	const struct device *device;
	pthread_t thread;
	int stop[2];
	bool running;
};

static void *watch_thread(void *data)
{
	struct watch *watch = data;
	char path[128], said[VALUE_SIZE] = "", now[VALUE_SIZE];
	struct pollfd fds[2] = { { .fd = watch->stop[0], .events = POLLIN } };

	snprintf(path, sizeof(path), "/sys/class/eswifi/%s/cert_status", watch->device->name);
	fds[1].fd = open(path, O_RDONLY | O_CLOEXEC);
	fds[1].events = POLLPRI;
	while (fds[1].fd >= 0 && !fds[0].revents) {
		ssize_t len = pread(fds[1].fd, now, sizeof(now) - 1, 0);

		now[len > 0 ? len : 0] = 0;
		/* How it ended is told by who asked. */
		if (!strncmp(now, "programming", 11) && strcmp(now, said))
			fprintf(stderr, "%s", now);
		strcpy(said, now);
		poll(fds, 2, -1);
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	return NULL;
}

static void watch_start(struct watch *watch, const struct device *device)
{
	watch->device = device;
	watch->running = !pipe2(watch->stop, O_CLOEXEC) &&
			 !pthread_create(&watch->thread, NULL, watch_thread, watch);
}

static void watch_stop(struct watch *watch)
{
	if (!watch->running)
		return;
	close(watch->stop[1]);
	pthread_join(watch->thread, NULL);
	close(watch->stop[0]);
}

/* --------------------------------------------------------------- orders */

/* Why it did not work, if it did not. Returns the exit code. */
static int explain(int error, const struct eswifi_provision *p)
{
	int code = cert_exit_code(error, p);

	if (!error)
		return code;
	switch (error) {
	case EPERM:
	case EACCES:
		return complain(code, "needs CAP_NET_ADMIN; use sudo");
	case ENOTTY:
		return complain(code, "this driver can't; is it an older one?");
	}
	return complain(code, "%s%s", *p->text ? p->text : strerror(error),
			code == EXIT_REFUSED && !strstr(p->text, "nothing was written") ?
			" (nothing was written)" : "");
}

/* Takes @converted, which is NULL where no files were looked at. */
static int answer(const struct device *device, const char *name,
		  const struct eswifi_provision *p, int error, struct json_object *converted)
{
	struct json_object *object;
	int code;

	if (!json_wanted()) {
		/* Nothing is known of items that nobody came to. */
		if (!error || error == EEXIST || error == EIO)
			cert_answer_print(p);
		json_object_put(converted);
		return explain(error, p);
	}
	code = explain(error, p);
	object = json_object_new_object();
	json_string(object, "device", device->name);
	json_string(object, "name", name);
	cert_answer_json(object, p, code);
	if (converted)
		json_object_object_add(object, "converted", converted);
	json_number(object, "code", code);
	return json_answer_code(object, code);
}

static void print_heading(const struct device *device, const char *name, unsigned int set)
{
	/* A request that nobody looked at has no set yet. */
	if (!json_wanted() && set != ESWIFI_CERT_SET_DEFAULT)
		printf("%s, set %u of %s (%s):\n", name, set, device->name,
		       cert_is_rewritable(set) ? "can be rewritten" : "can be written once");
}

/*
 * The host's own look at what it can see of the files, made fit before. True if nothing
 * is wrong with them. What was changed in them is in *@converted.
 */
static bool host_check(const struct device *device, const struct cert_arguments *args,
		       struct json_object **converted)
{
	struct cert_findings found;
	bool sound;

	cert_findings_start(&found, !json_wanted());
	sound = cert_prepare(&found, converted, device, args->name, args->set);
	json_object_put(found.json);
	return sound;
}

int cmd_cert_plan(struct device *device, int argc, char **argv)
{
	static const char text[] =
		"Show what 'cert program' would write, what is there already, and what is in the\n"
		"way. Used items are compared in the module; nothing is written. Needs\n"
		"CAP_NET_ADMIN.\n"
		"\vExit codes: 0 all is there; 4 something would be written; 1 it would be refused.";
	struct cert_arguments args = { 0 };
	struct json_object *converted;
	struct eswifi_provision p;
	bool sound;
	int code, error;

	cert_arguments(&args, set_option, text, argc, argv);
	code = device_open(device);
	if (code)
		return code;
	sound = host_check(device, &args, &converted);
	error = cert_call(device->fd, &p, args.name, args.set, ESWIFI_PROVISION_DRY_RUN);
	print_heading(device, args.name, p.set);
	code = answer(device, args.name, &p, error, converted);
	if (!sound && code == EXIT_PROGRAMMED)
		return complain(EXIT_REFUSED, "'cert program' would refuse these files; 'eswifictl cert check %s' tells more",
				args.name);
	return code;
}

int cmd_cert_verify(struct device *device, int argc, char **argv)
{
	static const char text[] =
		"Prove that a set of the module holds just these files. Nothing is written: if an\n"
		"item is free it is refused, since comparing it would burn it. Needs\n"
		"CAP_NET_ADMIN.\n"
		"\vExit codes: 0 it holds them; 1 it does not, or cannot be asked.";
	struct cert_arguments args = { 0 };
	struct eswifi_provision p;
	int code, error;

	cert_arguments(&args, set_option, text, argc, argv);
	code = device_open(device);
	if (code)
		return code;
	error = cert_call(device->fd, &p, args.name, args.set, ESWIFI_PROVISION_VERIFY);
	print_heading(device, args.name, p.set);
	return answer(device, args.name, &p, error, NULL);
}

static unsigned int count_writes(const struct eswifi_provision *p)
{
	unsigned int n = 0;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		n += p->state[i] == ESWIFI_ITEM_PROGRAM || p->state[i] == ESWIFI_ITEM_REPLACE;
	return n;
}

/* Whether somebody at a terminal says yes; 0, or the exit code. */
static int ask(const char *question)
{
	char line[16];

	if (!isatty(STDIN_FILENO))
		return complain(EXIT_USAGE,
				"nobody to ask: '--yes' writes without a question (nothing was written)");
	fprintf(stderr, "%s [y/N] ", question);
	if (!fgets(line, sizeof(line), stdin) || (line[0] != 'y' && line[0] != 'Y'))
		return complain(EXIT_REFUSED, "not confirmed (nothing was written)");
	return 0;
}

/*
 * The plan, and whoever must agree to it. True to go on; else *@code is the end of it. In
 * *@converted is what was changed in the files, the caller's only if it goes on.
 */
static bool agreed(struct device *device, const struct cert_arguments *args,
		   struct json_object **converted, int *code)
{
	struct eswifi_provision p;
	char *question;
	int error;

	if (!host_check(device, args, converted)) {
		json_object_put(*converted);
		*code = complain(EXIT_REFUSED,
				 "the files have errors, which 'eswifictl cert check %s' tells: mend them first (nothing was written)",
				 args->name);
		return false;
	}
	if (args->blind) {
		*code = args->yes ? 0 :
			ask("This firmware cannot tell, or cannot prove, what a set holds. Write all the same?");
		if (*code)
			json_object_put(*converted);
		return !*code;
	}
	error = cert_call(device->fd, &p, args->name, args->set, ESWIFI_PROVISION_DRY_RUN);
	print_heading(device, args->name, p.set);
	if (error || !count_writes(&p)) {
		*code = answer(device, args->name, &p, error, *converted);
		return false;
	}
	if (!json_wanted())
		cert_answer_print(&p);
	if (args->yes)
		return true;
	fflush(stdout);
	if (asprintf(&question, "Write %u items into set %u of %s%s?", count_writes(&p), p.set,
		     device->name, cert_is_rewritable(p.set) ? "" :
		     ", which cannot be undone") < 0) {
		json_object_put(*converted);
		*code = complain(EXIT_DEVICE, "out of memory");
		return false;
	}
	*code = ask(question);
	free(question);
	if (*code)
		json_object_put(*converted);
	return !*code;
}

int cmd_cert_program(struct device *device, int argc, char **argv)
{
	static const char text[] =
		"Show the plan, ask, write what is free into a certificate set, and prove it.\n"
		"What is there already is compared; if anything differs, nothing is written.\n"
		"Needs CAP_NET_ADMIN.\n"
		"\vExit codes: 0 all was there; 4 programmed and proved; 1 refused, nothing was\n"
		"written; 5 failed, something may have been written: run the same again, it\n"
		"compares first.";
	struct cert_arguments args = { 0 };
	struct json_object *converted;
	struct eswifi_provision p;
	char slots[VALUE_SIZE];
	struct watch watch;
	int code, error;

	cert_arguments(&args, program_options, text, argc, argv);
	code = device_open(device);
	if (code || !agreed(device, &args, &converted, &code))
		return code;
	fflush(stdout);
	watch_start(&watch, device);
	error = cert_call(device->fd, &p, args.name, args.set,
			  args.blind ? ESWIFI_PROVISION_BLIND : 0);
	watch_stop(&watch);
	code = answer(device, args.name, &p, error, converted);
	if (!json_wanted() && !device_read_attribute(device, "cert_slots", slots, sizeof(slots)))
		printf("the module says:\n%s\n", slots);
	return code;
}
