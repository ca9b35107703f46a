/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cert commands share: files on this host, findings about them, the driver's answer. */
#ifndef ESWIFICTL_CERT_H
#define ESWIFICTL_CERT_H

#include <argp.h>
#include <openssl/evp.h>

#include "eswifictl.h"
#include "../../drivers/net/wireless/inventek/eswifi/firmware.h"

#define CERT_FILE_MAX	65536	/* read of a file; the driver takes 8192 */

/**
 * struct cert_file - one of ca.pem, cert.pem, key.pem on this host
 * @path: where it is; NULL if there is none
 * @data: its bytes, NULL if it was not read; cert_files_free() wipes it
 * @len: their number
 * @own: it is meant for one module only
 * @compressed: the kernel's loader unpacks it; it was not read here
 * @error: why it could not be read though it is, or may be, there; an errno
 */
struct cert_file {
	char *path;
	unsigned char *data;
	size_t len;
	bool own;
	bool compressed;
	int error;
};

/* cert_files.c */
extern const char *const cert_item_names[ESWIFI_CERT_ITEMS];
int cert_file_read(struct cert_file *file, const char *path);
void cert_files_find(struct cert_file files[ESWIFI_CERT_ITEMS], const char *name,
		     const char *address);
void cert_files_free(struct cert_file files[ESWIFI_CERT_ITEMS]);

enum cert_level { CERT_NOTE, CERT_WARNING, CERT_ERROR };

/**
 * struct cert_findings - what there is to say about a set of files
 * @print: print each as it comes, to standard output
 * @json: array of objects with item, level and text
 * @count: how many of each level
 */
struct cert_findings {
	bool print;
	struct json_object *json;
	unsigned int count[CERT_ERROR + 1];
};

/**
 * struct cert_target - what files are judged for
 * @version: of the firmware; empty if it is not known
 * @kind: what is known of it; of one that is not known, the worst of any
 * @set: certificate set
 */
struct cert_target {
	char version[128];
	const struct eswifi_firmware_kind *kind;
	unsigned int set;
};

/* cert_target.c */
void cert_target_find(struct cert_target *target, const struct device *device,
		      const char *version, unsigned int set);
const char *cert_target_name(const struct cert_target *target);
bool cert_target_guards(const struct cert_target *target, enum eswifi_guard guard);
unsigned int cert_item_max(const struct cert_target *target, int item);

/* cert_check.c */
void cert_findings_start(struct cert_findings *found, bool print);
void cert_say(struct cert_findings *found, int item, enum cert_level level,
	      const char *format, ...) __attribute__((format(printf, 4, 5)));
void cert_findings_add(struct cert_findings *found, const struct cert_findings *more);
bool cert_check_read(struct cert_findings *found, int item, const struct cert_file *file);
bool cert_check_len(struct cert_findings *found, const struct cert_target *target, int item,
		    size_t len);
void cert_check(struct cert_findings *found, const struct cert_file files[ESWIFI_CERT_ITEMS],
		const struct cert_target *target);

/* cert_key.c */
EVP_PKEY *cert_key_read(const unsigned char *data, size_t len);
bool cert_key_is_strict(const EVP_PKEY *key);
unsigned char *cert_key_write(EVP_PKEY *key, bool strict, size_t *len);

/* What a conversion changes */
enum cert_change {
	CERT_CHANGE_DER = 1 << 0,
	CERT_CHANGE_BEFORE = 1 << 1,
	CERT_CHANGE_BETWEEN = 1 << 2,
	CERT_CHANGE_BEHIND = 1 << 3,
	CERT_CHANGE_LINES = 1 << 4,
	CERT_CHANGE_PKCS1 = 1 << 5,
	CERT_CHANGE_EXPONENT = 1 << 6,
};

/**
 * struct cert_conversion - what a file shall hold
 * @data: its bytes; NULL if it can stay as it is
 * @len: their number
 * @changes: CERT_CHANGE_*
 */
struct cert_conversion {
	unsigned char *data;
	size_t len;
	unsigned int changes;
};

/* cert_convert.c */
size_t cert_sent_len(const unsigned char *data, size_t len);
bool cert_convert(struct cert_conversion *c, const struct cert_file *file,
		  const struct cert_target *target, int item, struct cert_findings *found);
void cert_conversion_free(struct cert_conversion *c);
struct json_object *cert_changes_json(unsigned int changes);

/* cert_replace.c */
int cert_replace(struct cert_file files[ESWIFI_CERT_ITEMS],
		 struct cert_conversion made[ESWIFI_CERT_ITEMS]);

/**
 * struct cert_conversions - the files of a set, and what becomes of them
 * @files: the files
 * @made: what they shall hold
 * @target: what for
 * @changed: number of files that do not stay as they are
 */
struct cert_conversions {
	struct cert_file *files;
	struct cert_conversion made[ESWIFI_CERT_ITEMS];
	const struct cert_target *target;
	unsigned int changed;
};

/* cert_prepare.c */
bool cert_convert_all(struct cert_conversions *all, struct cert_findings *found);
void cert_conversions_free(struct cert_conversions *all);
struct json_object *cert_conversions_tell(const struct cert_conversions *all, bool print, bool dry);
bool cert_judge(struct cert_conversions *all, bool write, struct cert_findings *found);
bool cert_prepare(struct cert_findings *found, struct json_object **converted,
		  const struct device *device, const char *name, unsigned int set);

/**
 * struct cert_arguments - a command line
 * @by_file: in: files can be named one by one instead of by a name
 * @name: of the files; NULL if they are named one by one
 * @file: files that are named one by one
 * @files: their number
 * @firmware: what for; NULL for that of the module
 * @set: certificate set, or ESWIFI_CERT_SET_DEFAULT
 * @yes: do not ask
 * @blind: write what cannot be proved
 * @dry_run: change nothing
 */
struct cert_arguments {
	bool by_file;
	const char *name;
	const char *file[ESWIFI_CERT_ITEMS];
	unsigned int files;
	const char *firmware;
	long set;
	bool yes;
	bool blind;
	bool dry_run;
};

enum {
	CERT_KEY_CA = 256,
	CERT_KEY_CERT,
	CERT_KEY_KEY,
	CERT_KEY_FIRMWARE,
	CERT_KEY_SET,
	CERT_KEY_BLIND,
};

#define CERT_FILE_OPTIONS \
	{ "ca", CERT_KEY_CA, "FILE", 0, "This file instead of one found by name", 0 }, \
	{ "cert", CERT_KEY_CERT, "FILE", 0, "The module's own certificate", 0 }, \
	{ "key", CERT_KEY_KEY, "FILE", 0, "Its private key", 0 }, \
	{ "firmware", CERT_KEY_FIRMWARE, "VERSION", 0, \
	  "For this firmware, such as C3.5.2.5.STM, instead of the module's", 0 }

#define CERT_SET_OPTION \
	{ "set", CERT_KEY_SET, "N", 0, "Certificate set, 0 to 3, instead of the active one", 0 }

/* cert_arguments.c */
void cert_arguments(struct cert_arguments *args, const struct argp_option *options,
		    const char *text, int argc, char **argv);

/* cert_answer.c */
const char *cert_state_name(unsigned int state);
const char *cert_source_name(unsigned int from);
void cert_digest_text(const unsigned char digest[32], char text[65]);
bool cert_name_is_valid(const char *name);
const char *cert_name_argument(const char *arg, const struct argp_state *state);
bool cert_is_rewritable(unsigned int set);
struct json_object *cert_slots_json(char *slots);
int cert_call(int fd, struct eswifi_provision *p, const char *name, unsigned int set,
	      unsigned int flags);
int cert_exit_code(int error, const struct eswifi_provision *p);
const char *cert_result_name(int code);
void cert_answer_json(struct json_object *object, const struct eswifi_provision *p, int code);
void cert_answer_print(const struct eswifi_provision *p);

#endif /* ESWIFICTL_CERT_H */
