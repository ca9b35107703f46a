/* SPDX-License-Identifier: GPL-2.0-only */
/* What the cert commands share: files on this host, findings about them, the driver's answer. */
#ifndef ESWIFICTL_CERT_H
#define ESWIFICTL_CERT_H

#include "eswifictl.h"

#define CERT_FILE_MAX	65536	/* read of a file; the driver takes 8192 */

/**
 * struct cert_file - one of ca.pem, cert.pem, key.pem on this host
 * @path: where it is; NULL if there is none
 * @data: its bytes, NULL if it was not read; cert_files_free() wipes it
 * @len: their number
 * @own: it is meant for one module only
 * @compressed: the kernel's loader unpacks it; it was not read here
 */
struct cert_file {
	char *path;
	unsigned char *data;
	size_t len;
	bool own;
	bool compressed;
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

/* cert_check.c */
void cert_findings_start(struct cert_findings *found, bool print);
void cert_check(struct cert_findings *found, const struct cert_file files[ESWIFI_CERT_ITEMS]);

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
