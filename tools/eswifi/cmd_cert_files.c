// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl cert check and convert: files on this host; no module is needed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

static const struct argp_option check_options[] = { CERT_FILE_OPTIONS, { 0 } };

static const struct argp_option convert_options[] = {
	CERT_FILE_OPTIONS,
	{ "dry-run", 'n', NULL, 0, "Only tell what would be changed", 0 },
	{ 0 }
};

/* The files of the command line, and what they are for. 0, or an exit code after a message. */
static int find_files(struct cert_file files[ESWIFI_CERT_ITEMS], struct cert_target *target,
		      const struct cert_arguments *args, const struct device *device)
{
	char address[VALUE_SIZE];
	int err, i;

	cert_target_find(target, device, args->firmware, ESWIFI_CERT_SET_DEFAULT);
	if (args->name) {
		err = device_read_attribute(device, "address", address, sizeof(address));
		cert_files_find(files, args->name, err ? NULL : address);
	}
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		err = args->file[i] ? cert_file_read(&files[i], args->file[i]) : 0;
		if (err) {
			cert_files_free(files);
			return complain(EXIT_USAGE, "cannot read %s: %s", args->file[i],
					strerror(-err));
		}
	}
	if (!json_wanted())
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
			if (files[i].path)
				printf("%s: %s%s\n", cert_item_names[i], files[i].path,
				       files[i].own ? " (for this module)" : "");
	return 0;
}

static struct json_object *start_answer(const struct cert_target *target)
{
	struct json_object *object = json_object_new_object();

	json_text(object, "firmware", target->version, strlen(target->version));
	json_object_object_add(object, "firmware_known",
			       json_object_new_boolean(!!target->kind->version));
	return object;
}

/* ---------------------------------------------------------------- check */

int cmd_cert_check(struct device *device, int argc, char **argv)
{
	static const char text[] =
		"Judge certificate files on this host, before anything is burnt.\n"
		"\vNAME is looked for where the kernel looks for firmware: inventek/NAME/ADDRESS\n"
		"for the module of that address, if there is one, then inventek/NAME. Without a\n"
		"module they are judged for the strictest firmware. Exit codes: 0 nothing\n"
		"against it; 4 warnings; 1 errors.";
	struct cert_file files[ESWIFI_CERT_ITEMS] = { 0 };
	struct cert_arguments args = { .by_file = true };
	struct cert_target target;
	struct cert_conversions all = { .files = files, .target = &target };
	struct cert_findings found;
	struct json_object *object;
	int code, i;

	cert_arguments(&args, check_options, text, argc, argv);
	code = find_files(files, &target, &args, device);
	if (code)
		return code;
	cert_findings_start(&found, !json_wanted());
	cert_judge(&all, false, &found);
	code = found.count[CERT_ERROR] ? EXIT_REFUSED :
	       found.count[CERT_WARNING] ? EXIT_PROGRAMMED : EXIT_DONE;
	if (json_wanted()) {
		object = start_answer(&target);
		for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
			if (files[i].path)
				json_text(object, cert_item_names[i], files[i].path,
					  strlen(files[i].path));
		json_number(object, "errors", found.count[CERT_ERROR]);
		json_number(object, "warnings", found.count[CERT_WARNING]);
		json_object_object_add(object, "findings", found.json);
		code = json_answer_code(object, code);
	} else {
		json_object_put(found.json);
		printf("for %s: %u errors, %u warnings, %u notes\n", cert_target_name(&target),
		       found.count[CERT_ERROR], found.count[CERT_WARNING],
		       found.count[CERT_NOTE]);
	}
	cert_conversions_free(&all);
	cert_files_free(files);
	return code;
}

/* -------------------------------------------------------------- convert */

static int tell_converted(const struct cert_conversions *all, struct cert_findings *found,
			  bool dry, int code)
{
	struct json_object *object, *converted;

	converted = cert_conversions_tell(all, !json_wanted(), dry);
	if (!json_wanted()) {
		if (code == EXIT_PROGRAMMED)
			printf("%u files %s for %s\n", all->changed,
			       dry ? "would be converted" : "converted",
			       cert_target_name(all->target));
		else if (code == EXIT_DONE)
			printf("nothing to convert for %s\n", cert_target_name(all->target));
		json_object_put(converted);
		json_object_put(found->json);
		return code;
	}
	object = start_answer(all->target);
	json_object_object_add(object, "dry_run", json_object_new_boolean(dry));
	json_object_object_add(object, "converted", converted);
	json_object_object_add(object, "findings", found->json);
	json_number(object, "code", code);
	return json_answer_code(object, code);
}

int cmd_cert_convert(struct device *device, int argc, char **argv)
{
	static const char text[] =
		"Make from ordinary certificate files what the firmware of the module reads: RSA\n"
		"keys in PKCS#1 with the d that it asks for, PEM from DER, no text behind the\n"
		"blocks. A key stays the same key, which is proved before anything is replaced. A\n"
		"file that can be used as it is stays as it is, byte for byte: a certificate set\n"
		"may hold it already.\n"
		"\vThe files are replaced, all of them or none, with the same owner and mode. NAME\n"
		"is looked for as by 'cert check'. Without a module they are made for the\n"
		"strictest firmware. 'cert plan', 'program' and 'batch' do by themselves what\n"
		"the module needs. Exit codes: 0 all is as it should be; 4 converted, or would\n"
		"be; 1 refused, nothing was changed.";
	struct cert_file files[ESWIFI_CERT_ITEMS] = { 0 };
	struct cert_arguments args = { .by_file = true };
	struct cert_target target;
	struct cert_conversions all = { .files = files, .target = &target };
	struct cert_findings found;
	int code;

	cert_arguments(&args, convert_options, text, argc, argv);
	code = find_files(files, &target, &args, device);
	if (code)
		return code;
	cert_findings_start(&found, !json_wanted());
	if (!files[0].path && !files[1].path && !files[2].path)
		code = complain(EXIT_REFUSED, "there are no files of the name %s below /lib/firmware/inventek",
				args.name);
	else if (!cert_convert_all(&all, &found))
		code = complain(EXIT_REFUSED, "nothing was changed");
	else if (all.changed && !args.dry_run)
		code = cert_replace(files, all.made);
	if (code)
		cert_conversions_free(&all);
	else if (all.changed)
		code = EXIT_PROGRAMMED;
	code = tell_converted(&all, &found, args.dry_run, code);
	cert_conversions_free(&all);
	cert_files_free(files);
	return code;
}
