// SPDX-License-Identifier: GPL-2.0-only
/* The driver's provisioning: asked for, and its answer in words, JSON and exit codes. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cert.h"

const char *cert_state_name(unsigned int state)
{
	static const char *const names[] = {
		[ESWIFI_ITEM_UNKNOWN] = "unknown",
		[ESWIFI_ITEM_FREE] = "free",
		[ESWIFI_ITEM_KEPT] = "kept",
		[ESWIFI_ITEM_MATCH] = "match",
		[ESWIFI_ITEM_DIFFERS] = "differs",
		[ESWIFI_ITEM_PROGRAMMED] = "programmed",
		[ESWIFI_ITEM_PROGRAM] = "program",
		[ESWIFI_ITEM_REPLACE] = "replace",
		[ESWIFI_ITEM_FAILED] = "failed",
		[ESWIFI_ITEM_TORN] = "torn",
		[ESWIFI_ITEM_DAMAGED] = "damaged",
	};

	return state < sizeof(names) / sizeof(*names) ? names[state] : "unknown";
}

const char *cert_source_name(unsigned int from)
{
	switch (from) {
	case ESWIFI_FROM_FILE:
		return "file";
	case ESWIFI_FROM_FILE | ESWIFI_FROM_OWN:
		return "file for this module";
	case ESWIFI_FROM_KEYRING:
		return "keyring";
	case ESWIFI_FROM_KEYRING | ESWIFI_FROM_OWN:
		return "keyring, for this module";
	}
	return "";
}

void cert_digest_text(const unsigned char digest[32], char text[65])
{
	int i;

	for (i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", digest[i]);
}

/* The driver's own rule. */
bool cert_name_is_valid(const char *name)
{
	size_t len = strlen(name), i;

	if (!len || len > ESWIFI_CERT_NAME_MAX || name[0] == '.')
		return false;
	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("._-", name[i]))
			return false;
	return true;
}

/* Sets 0 to 2 can be written once. */
bool cert_is_rewritable(unsigned int set)
{
	return set == 3;
}

/* The same of a word of the command line; whoever gave another is told so. */
const char *cert_name_argument(const char *arg, const struct argp_state *state)
{
	if (!cert_name_is_valid(arg))
		argp_error(state, "'%s' is no name: 1 to %d letters, digits, '.', '_' and '-'", arg,
			   ESWIFI_CERT_NAME_MAX);
	return arg;
}

/* 0 or a positive errno; @p tells what came of it, also of a failure. */
int cert_call(int fd, struct eswifi_provision *p, const char *name, unsigned int set,
	      unsigned int flags)
{
	memset(p, 0, sizeof(*p));
	p->size = sizeof(*p);
	p->flags = flags;
	p->set = set;
	strncpy(p->name, name, ESWIFI_CERT_NAME_MAX);
	return ioctl(fd, ESWIFI_IOC_PROVISION, p) ? errno : 0;
}

/* What cert_slots says, a line a set: "0 ca=used cert=free key=free". Eats the text. */
struct json_object *cert_slots_json(char *slots)
{
	struct json_object *sets = json_object_new_array(), *set;
	char *line, *word, *equals, *rest = slots;
	long number;

	while ((line = strsep(&rest, "\n"))) {
		word = strsep(&line, " ");
		if (!*word)
			continue;
		number = strtol(word, NULL, 10);
		set = json_object_new_object();
		json_number(set, "set", number);
		json_object_object_add(set, "rewritable",
				       json_object_new_boolean(cert_is_rewritable(number)));
		while ((word = strsep(&line, " "))) {
			equals = strchr(word, '=');
			if (!equals)
				continue;
			*equals = 0;
			json_string(set, word, equals + 1);
		}
		json_object_array_add(sets, set);
	}
	return sets;
}

static bool has_state(const struct eswifi_provision *p, unsigned int state)
{
	return memchr(p->state, state, sizeof(p->state));
}

/* What an answer means to who started the program. */
int cert_exit_code(int error, const struct eswifi_provision *p)
{
	bool writes = !(p->flags & (ESWIFI_PROVISION_DRY_RUN | ESWIFI_PROVISION_VERIFY));

	switch (error) {
	case 0:
		if (has_state(p, ESWIFI_ITEM_PROGRAMMED) || has_state(p, ESWIFI_ITEM_PROGRAM) ||
		    has_state(p, ESWIFI_ITEM_REPLACE))
			return EXIT_PROGRAMMED;
		return EXIT_DONE;
	case EIO:
		return EXIT_FAILED;
	case EPERM:
	case EACCES:
	case ENOTTY:
		return EXIT_DEVICE;
	case EINTR:
	case EPROTO:
	case ETIMEDOUT:
	case ESHUTDOWN:
	case ENODEV:
		return writes ? EXIT_FAILED : EXIT_DEVICE;
	case EREMOTEIO:
		return writes ? EXIT_FAILED : EXIT_REFUSED;
	}
	return EXIT_REFUSED;
}

const char *cert_result_name(int code)
{
	switch (code) {
	case EXIT_DONE:
		return "match";
	case EXIT_PROGRAMMED:
		return "programmed";
	case EXIT_REFUSED:
		return "refused";
	}
	return "failed";
}

/* Adds set, result, items and text. */
void cert_answer_json(struct json_object *object, const struct eswifi_provision *p, int code)
{
	struct json_object *items = json_object_new_object(), *item;
	char digest[65];
	int i;

	json_number(object, "set", p->set);
	json_object_object_add(object, "rewritable",
			       json_object_new_boolean(cert_is_rewritable(p->set)));
	json_string(object, "result", cert_result_name(code));
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		item = json_object_new_object();
		json_string(item, "state", cert_state_name(p->state[i]));
		if (p->from[i]) {
			cert_digest_text(p->sha256[i], digest);
			json_string(item, "from", cert_source_name(p->from[i]));
			json_number(item, "len", p->len[i]);
			json_string(item, "sha256", digest);
		}
		json_object_object_add(items, cert_item_names[i], item);
	}
	json_object_object_add(object, "items", items);
	json_text(object, "text", p->text, strlen(p->text));
}

/* A line for each item. */
void cert_answer_print(const struct eswifi_provision *p)
{
	static const char *const meaning[] = {
		[ESWIFI_ITEM_UNKNOWN] = "was not looked at",
		[ESWIFI_ITEM_FREE] = "is free, and stays so: there is no file for it",
		[ESWIFI_ITEM_KEPT] = "holds something, and stays so: there is no file for it",
		[ESWIFI_ITEM_MATCH] = "matches: the set holds just this",
		[ESWIFI_ITEM_DIFFERS] = "differs: the set holds something else",
		[ESWIFI_ITEM_PROGRAMMED] = "was programmed, and compared",
		[ESWIFI_ITEM_PROGRAM] = "is free, and would be programmed",
		[ESWIFI_ITEM_REPLACE] = "would be replaced, whatever it holds",
		[ESWIFI_ITEM_FAILED] = "was written, and what it holds now is not known",
		[ESWIFI_ITEM_TORN] = "does not answer a comparison: it is lost, take another set",
		[ESWIFI_ITEM_DAMAGED] = "cannot be written although it was free: take another set",
	};
	char digest[65];
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		printf("  %-5s %s\n", cert_item_names[i],
		       p->state[i] <= ESWIFI_ITEM_DAMAGED ? meaning[p->state[i]] : "?");
		if (!p->from[i])
			continue;
		cert_digest_text(p->sha256[i], digest);
		printf("        %s, %u bytes, SHA-256 %s\n", cert_source_name(p->from[i]),
		       p->len[i], digest);
	}
}
