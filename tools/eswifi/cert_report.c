// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report of a batch: a JSON object a line, each on the disk before the next thing
 * is done, so that a kill or a power cut at any moment leaves lines that are true.
 *
 * A run begins with a record of type start, has one of type module for each module,
 * and is signed off by one of type end with the SHA-256 of everything before it. A
 * line that power cut in two is dropped when the next run begins.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"

/* SHA-256 of the first @len bytes of a file, in hexadecimal; false if it can't be read. */
static bool digest_of(int fd, off_t len, char text[65])
{
	unsigned char sum[EVP_MAX_MD_SIZE], block[65536];
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	ssize_t n = 0;
	off_t at = 0;
	bool ok;

	ok = digest && EVP_DigestInit_ex(digest, EVP_sha256(), NULL);
	while (ok && at < len) {
		n = pread(fd, block, len - at < (off_t)sizeof(block) ? len - at :
			  (off_t)sizeof(block), at);
		ok = n > 0 && EVP_DigestUpdate(digest, block, n);
		at += n;
	}
	if (ok && EVP_DigestFinal_ex(digest, sum, NULL))
		cert_digest_text(sum, text);
	EVP_MD_CTX_free(digest);
	return ok;
}

/* Where the last whole line ends; -1 if the file can't be read. */
static off_t end_of_lines(int fd)
{
	off_t at = lseek(fd, 0, SEEK_END);
	char c;

	while (at > 0) {
		if (pread(fd, &c, 1, at - 1) != 1)
			return -1;
		if (c == '\n')
			return at;
		at--;
	}
	return at;
}

/* 0, or an exit code after a message. */
int report_open(struct report *report, const char *path)
{
	off_t end;

	*report = (struct report){ .path = path };
	report->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (report->fd < 0)
		return complain(EXIT_USAGE, "cannot write the report %s: %m (nothing was written)",
				path);
	if (flock(report->fd, LOCK_EX | LOCK_NB)) {
		close(report->fd);
		return complain(EXIT_REFUSED, "another batch is writing %s (nothing was written)",
				path);
	}
	end = end_of_lines(report->fd);
	if (end < 0 || ftruncate(report->fd, end)) {
		close(report->fd);
		return complain(EXIT_USAGE, "cannot read the report %s: %m (nothing was written)",
				path);
	}
	return 0;
}

/* A record with its type and the time. */
struct json_object *report_record(const char *type)
{
	struct json_object *record = json_object_new_object();
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	json_string(record, "type", type);
	json_string(record, "time", text);
	return record;
}

/* Adds a line, and waits until it is on the disk. The record stays the caller's. */
void report_add(struct report *report, struct json_object *record)
{
	const char *text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN |
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	size_t len = strlen(text);
	char *line = malloc(len + 1);

	if (line) {
		memcpy(line, text, len);
		line[len] = '\n';
	}
	/* In one write: nobody sees half a line but after a power cut. */
	if (!line || write(report->fd, line, len + 1) != (ssize_t)len + 1 || fsync(report->fd)) {
		if (!report->broken)
			complain(EXIT_FAILED, "cannot write the report %s: %m", report->path);
		report->broken = true;
	}
	free(line);
}

/* The last line of a run. */
void report_sign_off(struct report *report, struct json_object *record)
{
	struct stat st;
	char digest[65];

	if (fstat(report->fd, &st) || !digest_of(report->fd, st.st_size, digest)) {
		complain(EXIT_FAILED, "cannot read the report %s: %m", report->path);
		report->broken = true;
		return;
	}
	json_string(record, "sha256", digest);
	report_add(report, record);
}

void report_close(struct report *report)
{
	close(report->fd);
}

static const char *text_of(struct json_object *record, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(record, key, &value) ? json_object_get_string(value) : "";
}

/* The last result of each module, for people. */
static void list_modules(struct json_object *last)
{
	json_object_object_foreach(last, address, record)
		printf("%s  %s  set %s  %s  %s\n", address, text_of(record, "name"),
		       text_of(record, "set"), text_of(record, "result"),
		       text_of(record, "time"));
}

/* Is a report whole, and did its last run end well? Returns the exit code. */
int report_check(const char *path)
{
	struct json_object *last = json_object_new_object(), *record = NULL, *done;
	unsigned int number = 0, code = 0;
	bool signed_off = false, well = false;
	char *text = NULL, digest[65];
	size_t size = 0;
	off_t at = 0;
	ssize_t len;
	FILE *file = fopen(path, "re");

	if (!file) {
		json_object_put(last);
		return complain(EXIT_USAGE, "cannot read %s: %m", path);
	}
	while (!code && (len = getline(&text, &size, file)) > 0) {
		const char *type;

		number++;
		record = text[len - 1] == '\n' ? json_tokener_parse(text) : NULL;
		type = record ? text_of(record, "type") : "";
		signed_off = !strcmp(type, "end");
		if (!*type)
			code = complain(EXIT_REFUSED, "%s line %u is no whole record: run the same batch again",
					path, number);
		else if (!strcmp(type, "module"))
			json_object_object_add(last, text_of(record, "address"),
					       json_object_get(record));
		else if (signed_off && (!digest_of(fileno(file), at, digest) ||
					strcmp(digest, text_of(record, "sha256"))))
			code = complain(EXIT_REFUSED, "%s was changed above line %u after it had been signed off",
					path, number);
		if (signed_off)
			well = json_object_object_get_ex(record, "complete", &done) &&
			       json_object_get_boolean(done);
		json_object_put(record);
		at += len;
	}
	free(text);
	fclose(file);
	if (!code && !json_wanted())
		list_modules(last);
	if (!code && !signed_off)
		code = complain(EXIT_REFUSED, "%s is not signed off: the last run was broken off; run the same batch again",
				path);
	else if (!code && !well)
		code = complain(EXIT_REFUSED, "%s is whole, but not all modules are programmed", path);
	if (!code && json_wanted())
		json_line(json_object_get(last));
	else if (!code)
		printf("whole, and signed off\n");
	json_object_put(last);
	return code;
}
