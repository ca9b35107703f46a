// SPDX-License-Identifier: GPL-2.0-only
/*
 * The manifest of a batch: a line for each module, "ADDRESS NAME [SET]". It is read
 * as a whole before anything is done.
 */
#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"

static bool read_address(const char *text, char address[ADDRESS_SIZE])
{
	size_t i;

	if (!strcmp(text, "*")) {
		strcpy(address, text);
		return true;
	}
	if (strlen(text) != ADDRESS_SIZE - 1)
		return false;
	for (i = 0; i < ADDRESS_SIZE - 1; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
		address[i] = tolower((unsigned char)text[i]);
	}
	address[i] = 0;
	return true;
}

static int fault(const char *path, unsigned int number, const char *what, const char *word)
{
	return complain(EXIT_USAGE, "%s line %u: %s%s%s (nothing was written)", path, number, what,
			word ? ": " : "", word ?: "");
}

/* One line that says something; 0 or an exit code. */
static int read_line(struct manifest *manifest, const char *path, unsigned int number, char *text)
{
	struct manifest_line line = { .number = number }, *more;
	char *address = strtok(text, " \t"), *name = strtok(NULL, " \t");
	char *set = strtok(NULL, " \t"), *rest = strtok(NULL, " \t");
	long n;
	size_t i;

	if (!name)
		return fault(path, number, "an address and a name are needed", NULL);
	if (!read_address(address, line.address))
		return fault(path, number, "no MAC address, nor *", address);
	if (!cert_name_is_valid(name))
		return fault(path, number, "no name of files", name);
	strcpy(line.name, name);
	n = set ? parse_number(set, 0, 3) : 0;
	if (n < 0)
		return fault(path, number, "no certificate set (0 to 3)", set);
	line.set = n;
	if (rest)
		return fault(path, number, "more than address, name and set", rest);
	for (i = 0; i < manifest->lines; i++)
		if (!strcmp(manifest->line[i].address, line.address))
			return fault(path, number, "this module has a line already", address);
	more = realloc(manifest->line, (manifest->lines + 1) * sizeof(line));
	if (!more)
		return complain(EXIT_DEVICE, "out of memory");
	manifest->line = more;
	manifest->line[manifest->lines++] = line;
	return 0;
}

/* 0, or an exit code after a message. */
int manifest_read(struct manifest *manifest, const char *path)
{
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int number = 0;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	FILE *file;
	int code = 0;

	memset(manifest, 0, sizeof(*manifest));
	file = fopen(path, "re");
	if (!file || !digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL)) {
		if (file)
			fclose(file);
		EVP_MD_CTX_free(digest);
		return complain(EXIT_USAGE, "cannot read %s: %m", path);
	}
	while (!code && (len = getline(&text, &size, file)) > 0) {
		number++;
		EVP_DigestUpdate(digest, text, len);
		if (memchr(text, 0, len)) {
			code = fault(path, number, "a zero byte: is this a text file?", NULL);
			break;
		}
		text[strcspn(text, "#\r\n")] = 0;
		if (text[strspn(text, " \t")])
			code = read_line(manifest, path, number, text);
	}
	EVP_DigestFinal_ex(digest, sum, NULL);
	cert_digest_text(sum, manifest->digest);
	EVP_MD_CTX_free(digest);
	free(text);
	fclose(file);
	if (!code && !manifest->lines)
		code = complain(EXIT_USAGE, "%s names no module", path);
	return code;
}

/* The line of a module, else the line for all others; NULL if there is neither. */
const struct manifest_line *manifest_find(const struct manifest *manifest, const char *address)
{
	const struct manifest_line *others = NULL;
	size_t i;

	for (i = 0; i < manifest->lines; i++) {
		if (!strcmp(manifest->line[i].address, address))
			return &manifest->line[i];
		if (!strcmp(manifest->line[i].address, "*"))
			others = &manifest->line[i];
	}
	return others;
}

void manifest_free(struct manifest *manifest)
{
	free(manifest->line);
}
