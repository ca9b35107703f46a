// SPDX-License-Identifier: GPL-2.0-only
/*
 * eswifictl cert batch: many modules at once, as on a factory's bench.
 *
 * What a module holds is the truth, and the driver compares before it writes: after
 * a kill or a power cut the same command again finishes the job, but for an item that
 * was being written as power failed, which may be torn: another set is a decision. The
 * report tells what was said, and is no base for any decision.
 */
#include <argp.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"

struct batch;

/**
 * struct unit - one module of a batch
 * @batch: the batch
 * @device: the module; its name is in @name
 * @name: of the device; "" if the module is not on this host
 * @address: its MAC address
 * @line: what it shall hold
 * @thread: who works at it
 * @flags: ESWIFI_PROVISION_* of the work
 * @p: the driver's answer
 * @code: its exit code
 * @unsound: something is wrong with its files, by this host's look
 * @converted: what was changed in them, so that its firmware reads them
 */
struct unit {
	struct batch *batch;
	struct device device;
	char name[32];
	char address[ADDRESS_SIZE];
	const struct manifest_line *line;
	pthread_t thread;
	unsigned int flags;
	struct eswifi_provision p;
	int code;
	bool unsound;
	struct json_object *converted;
};

/**
 * struct batch - a run
 * @manifest: what to do
 * @report: what was done
 * @unit: the modules
 * @units: their number
 * @lock: guards the report and standard output
 * @ended: modules that are done with
 * @left: asked to stop
 */
struct batch {
	struct manifest manifest;
	struct report report;
	struct unit *unit;
	size_t units;
	pthread_mutex_t lock;
	size_t ended;
	volatile sig_atomic_t left;
};

struct batch_arguments {
	const char *manifest;
	const char *report;
	const char *operator;
	const char *check;
	bool yes;
};

enum { KEY_REPORT = 256, KEY_OPERATOR, KEY_CHECK };

static const struct argp_option batch_options[] = {
	{ "yes", 'y', NULL, 0, "Do not ask", 0 },
	{ "report", KEY_REPORT, "FILE", 0, "Where to report, instead of MANIFEST.report", 0 },
	{ "operator", KEY_OPERATOR, "NAME", 0, "Who signs the report off", 0 },
	{ "check", KEY_CHECK, "REPORT", 0, "Only tell whether a report is whole", 0 },
	{ 0 }
};

static error_t parse_batch(int key, char *arg, struct argp_state *state)
{
	struct batch_arguments *args = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		return 0;
	case 'y':
		args->yes = true;
		return 0;
	case KEY_REPORT:
		args->report = arg;
		return 0;
	case KEY_OPERATOR:
		args->operator = arg;
		return 0;
	case KEY_CHECK:
		args->check = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->manifest)
			argp_error(state, "one manifest");
		args->manifest = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->manifest == !args->check)
			argp_error(state, "a manifest, or a report to check");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* -------------------------------------------------------------- modules */

static int add_unit(struct batch *batch, const char *name, const char *address,
		    const struct manifest_line *line)
{
	struct unit *more = realloc(batch->unit, (batch->units + 1) * sizeof(*more)), *unit;

	if (!more)
		return complain(EXIT_DEVICE, "out of memory");
	batch->unit = more;
	unit = &more[batch->units++];
	memset(unit, 0, sizeof(*unit));
	unit->batch = batch;
	unit->device.fd = -1;
	unit->line = line;
	snprintf(unit->name, sizeof(unit->name), "%s", name);
	snprintf(unit->address, sizeof(unit->address), "%s", address);
	return 0;
}

static int compare_units(const void *a, const void *b)
{
	return strcmp(((const struct unit *)a)->address, ((const struct unit *)b)->address);
}

/* The modules of this host that the manifest means, and those of it that are not here. */
static int find_units(struct batch *batch)
{
	const struct manifest_line *line;
	char address[VALUE_SIZE];
	struct dirent *entry;
	struct device device;
	DIR *folder = opendir("/sys/class/eswifi");
	size_t i, j;
	int code = 0;

	while (!code && folder && (entry = readdir(folder))) {
		device.name = entry->d_name;
		if (entry->d_name[0] == '.' ||
		    device_read_attribute(&device, "address", address, sizeof(address)))
			continue;
		line = manifest_find(&batch->manifest, address);
		if (line)
			code = add_unit(batch, entry->d_name, address, line);
	}
	if (folder)
		closedir(folder);
	for (i = 0; !code && i < batch->manifest.lines; i++) {
		line = &batch->manifest.line[i];
		for (j = 0; j < batch->units && batch->unit[j].line != line; j++)
			;
		if (j == batch->units && strcmp(line->address, "*"))
			code = add_unit(batch, "", line->address, line);
	}
	if (!code && !batch->units)
		code = complain(EXIT_DEVICE, "no module of the manifest is on this host; 'eswifictl doctor' tells why");
	if (!code)
		qsort(batch->unit, batch->units, sizeof(*batch->unit), compare_units);
	for (i = 0; i < batch->units; i++)
		batch->unit[i].device.name = batch->unit[i].name;
	return code;
}

/* What was changed in the files of a module, for people. */
static void tell_converted(const struct unit *unit)
{
	struct json_object *entry;
	size_t i;

	for (i = 0; i < json_object_array_length(unit->converted); i++) {
		entry = json_object_array_get_idx(unit->converted, i);
		printf("%s  %s: made such as its firmware reads it%s\n", unit->address,
		       json_object_get_string(json_object_object_get(entry, "path")),
		       json_object_object_get(entry, "same_key") ?
		       "; it is the same key" : "");
	}
}

/* One after the other: modules may share files. */
static void check_files(struct batch *batch)
{
	struct cert_findings found;
	size_t i;

	for (i = 0; i < batch->units; i++) {
		struct unit *unit = &batch->unit[i];

		if (!*unit->name)
			continue;
		cert_findings_start(&found, false);
		unit->unsound = !cert_prepare(&found, &unit->converted, &unit->device,
					      unit->line->name, unit->line->set);
		if (unit->unsound)
			snprintf(unit->p.text, sizeof(unit->p.text),
				 "%u errors in its files: 'eswifictl -d %s cert check %s' tells them",
				 found.count[CERT_ERROR], unit->name, unit->line->name);
		json_object_put(found.json);
		if (!json_wanted())
			tell_converted(unit);
	}
}

/* ----------------------------------------------------------------- work */

static void add_attribute(struct json_object *record, const struct device *device, const char *key,
			  const char *name)
{
	char value[VALUE_SIZE];

	if (device_read_attribute(device, name, value, sizeof(value)))
		value[0] = 0;
	json_text(record, key, value, strlen(value));
}

/* What became of a module: into the report first, then to whoever looks. */
static void tell(struct unit *unit)
{
	struct json_object *record = report_record("module");
	struct batch *batch = unit->batch;

	json_string(record, "device", unit->name);
	json_string(record, "address", unit->address);
	add_attribute(record, &unit->device, "model", "model");
	add_attribute(record, &unit->device, "firmware", "firmware_version");
	add_attribute(record, &unit->device, "serial", "serial");
	json_string(record, "name", unit->line->name);
	cert_answer_json(record, &unit->p, unit->code);
	if (unit->converted)
		json_object_object_add(record, "converted", json_object_get(unit->converted));

	pthread_mutex_lock(&batch->lock);
	report_add(&batch->report, record);
	batch->ended++;
	if (json_wanted()) {
		json_line(json_object_get(record));
	} else {
		printf("%zu/%zu  %s  %s  set %u  %s: %s\n", batch->ended, batch->units,
		       unit->address, unit->line->name, unit->line->set,
		       cert_result_name(unit->code), unit->p.text);
		fflush(stdout);
	}
	pthread_mutex_unlock(&batch->lock);
	json_object_put(record);
}

static void *work(void *data)
{
	struct unit *unit = data;
	char text[sizeof(unit->p.text)];
	char *path;
	int error = 0;

	if (asprintf(&path, "/dev/%s", unit->name) < 0)
		return NULL;
	unit->device.fd = open(path, O_RDWR | O_CLOEXEC);
	free(path);
	if (unit->device.fd < 0 || unit->batch->left) {
		error = unit->device.fd < 0 ? errno : EINTR;
		unit->p.flags = ESWIFI_PROVISION_DRY_RUN;	/* nothing was written */
	} else {
		error = cert_call(unit->device.fd, &unit->p, unit->line->name, unit->line->set,
				  unit->flags);
	}
	if (error && !*unit->p.text)
		snprintf(unit->p.text, sizeof(unit->p.text), "%s",
			 strerror_r(error, text, sizeof(text)));
	unit->code = cert_exit_code(error, &unit->p);
	if (!unit->flags)
		tell(unit);
	if (unit->device.fd >= 0)
		close(unit->device.fd);
	return NULL;
}

static void wake(int signum)
{
	(void)signum;
}

/* Everybody at once. Signals that end a program end only what has not begun an item. */
static void work_all(struct batch *batch, unsigned int flags)
{
	struct sigaction action = { .sa_handler = wake };
	struct timespec moment = { .tv_nsec = 100000000 };
	bool started[batch->units];
	sigset_t ends, old;
	size_t i;

	sigaction(SIGUSR1, &action, NULL);
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, &old);
	for (i = 0; i < batch->units; i++) {
		struct unit *unit = &batch->unit[i];

		started[i] = false;
		unit->flags = flags;
		if (!*unit->name || unit->unsound) {
			if (!*unit->name)
				strcpy(unit->p.text, "this module is not on this host");
			unit->code = EXIT_REFUSED;
			unit->p.set = unit->line->set;
			if (!flags)
				tell(unit);
			continue;
		}
		started[i] = !pthread_create(&unit->thread, NULL, work, unit);
		if (!started[i]) {
			strcpy(unit->p.text, "out of memory");
			unit->code = EXIT_REFUSED;
		}
	}
	for (i = 0; i < batch->units; i++) {
		while (started[i] && pthread_tryjoin_np(batch->unit[i].thread, NULL) == EBUSY) {
			if (sigtimedwait(&ends, NULL, &moment) < 0 && !batch->left)
				continue;
			/* Again and again: one may come just before a call. */
			batch->left = 1;
			pthread_kill(batch->unit[i].thread, SIGUSR1);
		}
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---------------------------------------------------------------- a run */

static unsigned int count_code(const struct batch *batch, int code)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < batch->units; i++)
		n += batch->unit[i].code == code;
	return n;
}

/* Shows what would be done. 0 if there is nothing to ask about, or somebody agrees. */
static int agreed(struct batch *batch)
{
	unsigned int n;
	char line[16];
	size_t i;

	work_all(batch, ESWIFI_PROVISION_DRY_RUN);
	for (i = 0; i < batch->units; i++)
		printf("%s  %s  set %u  %s: %s\n", batch->unit[i].address,
		       batch->unit[i].line->name, batch->unit[i].line->set,
		       batch->unit[i].code == EXIT_PROGRAMMED ? "to program" :
		       cert_result_name(batch->unit[i].code), batch->unit[i].p.text);
	n = count_code(batch, EXIT_PROGRAMMED);
	if (!n)
		return 0;
	if (!isatty(STDIN_FILENO))
		return complain(EXIT_USAGE,
				"nobody to ask: '--yes' writes without a question (nothing was written)");
	fflush(stdout);
	fprintf(stderr, "Program %u modules? What is written once cannot be undone. [y/N] ", n);
	if (!fgets(line, sizeof(line), stdin) || (line[0] != 'y' && line[0] != 'Y'))
		return complain(EXIT_REFUSED, "not confirmed (nothing was written)");
	return 0;
}

static const char *login_name(void)
{
	struct passwd *user;

	if (getenv("SUDO_USER"))
		return getenv("SUDO_USER");
	user = getpwuid(getuid());
	return user ? user->pw_name : "unknown";
}

static void add_totals(const struct batch *batch, struct json_object *record)
{
	unsigned int good = count_code(batch, EXIT_DONE) + count_code(batch, EXIT_PROGRAMMED);

	json_number(record, "modules", batch->units);
	json_number(record, "match", count_code(batch, EXIT_DONE));
	json_number(record, "programmed", count_code(batch, EXIT_PROGRAMMED));
	json_number(record, "refused", count_code(batch, EXIT_REFUSED));
	json_number(record, "failed", batch->units - good - count_code(batch, EXIT_REFUSED));
	json_object_object_add(record, "complete", json_object_new_boolean(good == batch->units));
}

static int exit_code(const struct batch *batch)
{
	if (batch->report.broken || count_code(batch, EXIT_FAILED))
		return EXIT_FAILED;
	if (count_code(batch, EXIT_DEVICE))
		return EXIT_DEVICE;
	if (count_code(batch, EXIT_REFUSED))
		return EXIT_REFUSED;
	return count_code(batch, EXIT_PROGRAMMED) ? EXIT_PROGRAMMED : EXIT_DONE;
}

static int run(struct batch *batch, const struct batch_arguments *args)
{
	const char *operator = args->operator ?: login_name();
	struct json_object *record;

	record = report_record("start");
	json_text(record, "operator", operator, strlen(operator));
	json_string(record, "manifest_sha256", batch->manifest.digest);
	report_add(&batch->report, record);
	json_object_put(record);
	if (batch->report.broken)
		return EXIT_REFUSED;

	work_all(batch, 0);

	record = report_record("end");
	json_text(record, "operator", operator, strlen(operator));
	add_totals(batch, record);
	report_sign_off(&batch->report, record);
	if (json_wanted())
		json_line(json_object_get(record));
	else
		printf("%zu modules: %u programmed, %u match, %u refused, %u failed; report: %s\n",
		       batch->units, count_code(batch, EXIT_PROGRAMMED),
		       count_code(batch, EXIT_DONE), count_code(batch, EXIT_REFUSED),
		       count_code(batch, EXIT_FAILED) + count_code(batch, EXIT_DEVICE),
		       batch->report.path);
	json_object_put(record);
	return exit_code(batch);
}

int cmd_cert_batch(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		batch_options, parse_batch, "MANIFEST",
		"Program many modules at once, each as a line of the manifest says:\n"
		"ADDRESS NAME [SET], where ADDRESS is a MAC address or * for all others.\n"
		"\vAfter a kill or a power cut the same command finishes the job, but for an item\n"
		"that was being written as power failed: it may be torn. The report gets\n"
		"a JSON object a line, and is signed off at the end; an openssl signature\n"
		"can be added: openssl dgst -sha256 -sign KEY -out REPORT.sig REPORT. Exit codes:\n"
		"0 all was there; 4 all is there, some was written; 1 some were refused; 5 some\n"
		"failed: run the same again. Needs CAP_NET_ADMIN.",
		json_child, NULL, NULL
	};
	struct batch batch = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct batch_arguments args = { 0 };
	char *path = NULL;
	size_t i;
	int code;

	(void)device;
	argp_parse(&argp, argc, argv, 0, NULL, &args);
	if (args.check)
		return report_check(args.check);
	code = manifest_read(&batch.manifest, args.manifest);
	if (!code)
		code = find_units(&batch);
	if (!code && !args.report && asprintf(&path, "%s.report", args.manifest) < 0)
		code = complain(EXIT_DEVICE, "out of memory");
	if (!code)
		code = report_open(&batch.report, args.report ?: path);
	if (!code) {
		check_files(&batch);
		code = args.yes ? 0 : agreed(&batch);
		if (!code)
			code = run(&batch, &args);
		report_close(&batch.report);
	}
	manifest_free(&batch.manifest);
	for (i = 0; i < batch.units; i++)
		json_object_put(batch.unit[i].converted);
	free(batch.unit);
	free(path);
	return code;
}
