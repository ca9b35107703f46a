// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes from ordinary certificate files what the firmware of a module reads. Nothing
 * is written here: cert_replace.c does that, once all files of a set could be made.
 *
 * A file that can be used stays as it is. Of one that cannot, the blocks keep their text
 * and their order, and what stands around them goes. A key is written anew only if its
 * form is not the one that is read.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

/* What was changed, in the order of enum cert_change. */
static const char *const change_texts[] = {
	"DER is written as PEM",
	"text before the first block is left out",
	"text between the blocks is left out",
	"what stands behind the last block is left out",
	"line ends are LF, without blanks before them",
	"the key is written as PKCS#1 (RSA PRIVATE KEY)",
	"the key's d is written modulo (p-1)(q-1)",
};

/**
 * struct lines - a file, line by line
 * @pos: the next line
 * @end: behind the last one
 * @text: the line, without what is blank at its end
 * @len: bytes of @text
 * @clean: nothing was blank at its end, and it ended in LF
 */
struct lines {
	const unsigned char *pos;
	const unsigned char *end;
	const unsigned char *text;
	size_t len;
	bool clean;
};

static bool next_line(struct lines *lines)
{
	const unsigned char *eol;

	if (lines->pos == lines->end)
		return false;
	eol = memchr(lines->pos, '\n', lines->end - lines->pos);
	lines->text = lines->pos;
	lines->len = (eol ?: lines->end) - lines->pos;
	lines->pos = eol ? eol + 1 : lines->end;
	lines->clean = eol;
	while (lines->len && strchr(" \t\r", lines->text[lines->len - 1])) {
		lines->len--;
		lines->clean = false;
	}
	return true;
}

static bool starts(const struct lines *lines, const char *with)
{
	return lines->len >= strlen(with) && !memcmp(lines->text, with, strlen(with));
}

/* The blocks of a PEM file without what stands around them. @data has room for it all. */
static void keep_blocks(struct cert_conversion *c, const struct cert_file *file)
{
	/* A byte order mark is text before the first block. */
	const unsigned char *first = memmem(file->data, file->len, "-----BEGIN ", 11);
	struct lines lines = { .pos = first ?: file->data, .end = file->data + file->len };
	bool inside = false, other = false;

	if (first != file->data)
		c->changes |= CERT_CHANGE_BEFORE;
	while (next_line(&lines)) {
		bool begins = starts(&lines, "-----BEGIN ");

		if (!inside && !begins) {
			other = true;
			continue;
		}
		if (begins && other)
			c->changes |= CERT_CHANGE_BETWEEN;
		other = false;
		inside = !starts(&lines, "-----END ");
		if (!lines.clean || !lines.len)
			c->changes |= CERT_CHANGE_LINES;
		if (!lines.len)
			continue;
		memcpy(c->data + c->len, lines.text, lines.len);
		c->len += lines.len;
		c->data[c->len++] = '\n';
	}
	if (other)
		c->changes |= CERT_CHANGE_BEHIND;
}

/* A certificate in DER as text; false if it is none. */
static bool der_certificate(struct cert_conversion *c, const struct cert_file *file)
{
	const unsigned char *pos = file->data;
	X509 *cert = d2i_X509(NULL, &pos, file->len);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (cert && bio && pos == file->data + file->len && PEM_write_bio_X509(bio, cert)) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0 && len <= CERT_FILE_MAX) {
			memcpy(c->data, text, len);
			c->len = len;
			c->changes |= CERT_CHANGE_DER;
		}
	}
	BIO_free(bio);
	X509_free(cert);
	ERR_clear_error();
	return c->len;
}

/* Writes the key anew, in place of what is in @c. */
static bool rewrite_key(struct cert_conversion *c, EVP_PKEY *key, bool strict)
{
	unsigned char *text;
	size_t len;

	text = cert_key_write(key, strict, &len);
	if (!text)
		return false;
	if (len <= CERT_FILE_MAX) {
		explicit_bzero(c->data, CERT_FILE_MAX);
		memcpy(c->data, text, len);
		c->len = len;
	}
	explicit_bzero(text, len);
	free(text);
	return len <= CERT_FILE_MAX;
}

static bool is_pkcs1(const struct cert_conversion *c)
{
	static const char begin[] = "-----BEGIN RSA PRIVATE KEY-----\n";

	return c->len > strlen(begin) && !memcmp(c->data, begin, strlen(begin));
}

/* An RSA key in the form that strict firmware reads. */
static bool make_strict(struct cert_conversion *c, const struct cert_file *file,
			const struct cert_target *target, struct cert_findings *found)
{
	EVP_PKEY *key = cert_key_read(c->data, c->len);
	bool ok = true;

	if (!key) {
		cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR,
			 "%s holds no private key that OpenSSL can read: make it anew", file->path);
		ok = false;
	} else if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
		cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR,
			 "%s is no RSA key, and %s reads no other: make an RSA key of 2048 bits, and a certificate for it",
			 file->path, cert_target_name(target));
		ok = false;
	} else {
		if (!is_pkcs1(c))
			c->changes |= CERT_CHANGE_PKCS1;
		if (!cert_key_is_strict(key))
			c->changes |= CERT_CHANGE_EXPONENT;
		if (c->changes & (CERT_CHANGE_PKCS1 | CERT_CHANGE_EXPONENT))
			ok = rewrite_key(c, key, true);
		if (!ok)
			cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR,
				 "%s could not be written so that it is proved to be the same key: make an RSA key of 2048 bits and two primes",
				 file->path);
	}
	EVP_PKEY_free(key);
	return ok;
}

static bool der_key(struct cert_conversion *c, const struct cert_file *file)
{
	EVP_PKEY *key = cert_key_read(file->data, file->len);

	if (key && rewrite_key(c, key, false))
		c->changes |= CERT_CHANGE_DER;
	EVP_PKEY_free(key);
	return c->len;
}

/* What the driver would send of a sound file: from its first armour to its last. */
size_t cert_sent_len(const unsigned char *data, size_t len)
{
	struct eswifi_bytes file = { data, len };

	eswifi_pem_trim(&file);
	return file.len;
}

/* Would the driver take the file as it is, and the firmware read it? */
static bool is_fit(const struct cert_file *file, const struct cert_target *target, int item)
{
	struct eswifi_pem_fault fault;
	struct cert_conversion probe = { .data = file->data, .len = file->len };
	EVP_PKEY *key;
	bool fit;

	if (eswifi_pem_check(item, file->data, file->len, &fault) ||
	    cert_sent_len(file->data, file->len) > cert_item_max(target, item))
		return false;
	if (item != ESWIFI_CERT_KEY || !cert_target_guards(target, ESWIFI_GUARD_KEY_RSA))
		return true;
	key = cert_key_read(file->data, file->len);
	fit = key && is_pkcs1(&probe) && cert_key_is_strict(key);
	EVP_PKEY_free(key);
	return fit;
}

/* Would the driver take what was made? Says what is wrong with the file if not. */
static bool judge(const struct cert_conversion *c, const struct cert_file *file, int item,
		  struct cert_findings *found)
{
	struct eswifi_pem_fault fault, of_file;

	if (!eswifi_pem_check(item, c->data, c->len, &fault))
		return true;
	/* Its line is one of the file that there is, if that has the same fault. */
	if (!eswifi_pem_check(item, file->data, file->len, &of_file) ||
	    of_file.what != fault.what)
		fault.line = 0;
	else
		fault = of_file;
	if (fault.line)
		cert_say(found, item, CERT_ERROR, "%s line %u: %s", file->path, fault.line,
			 fault.what);
	else
		cert_say(found, item, CERT_ERROR, "%s: %s", file->path, fault.what);
	return false;
}

/*
 * What becomes of one file. @c->data stays NULL if it can stay as it is; else it is
 * what the file shall hold. A file stays that the driver would take and the firmware
 * would read, though it could be tidier: a set may hold it already, byte for byte. So
 * does a compressed one, which was not looked into. Returns false, after an error among
 * the findings, if it can't be made.
 */
bool cert_convert(struct cert_conversion *c, const struct cert_file *file,
		  const struct cert_target *target, int item, struct cert_findings *found)
{
	bool ok = true;

	memset(c, 0, sizeof(*c));
	if (!cert_check_read(found, item, file))
		return false;
	if (file->len >= CERT_FILE_MAX) {
		cert_say(found, item, CERT_ERROR, "%s is longer than any certificate file",
			 file->path);
		return false;
	}
	if (file->compressed || is_fit(file, target, item))
		return true;
	c->data = calloc(1, CERT_FILE_MAX + 2);
	if (!c->data) {
		cert_say(found, item, CERT_ERROR, "out of memory");
		return false;
	}
	if (memmem(file->data, file->len, "-----BEGIN ", 11))
		keep_blocks(c, file);
	else
		ok = item == ESWIFI_CERT_KEY ? der_key(c, file) : der_certificate(c, file);
	if (!ok)
		cert_say(found, item, CERT_ERROR,
			 "%s is neither PEM nor DER of a %s that OpenSSL can read%s", file->path,
			 item == ESWIFI_CERT_KEY ? "private key" : "certificate",
			 item == ESWIFI_CERT_KEY ?
			 "; if it is encrypted, decrypt it first: 'openssl pkey -in FILE -out key.pem'" : "");
	/* Before a key is written anew: what else is in the file would be lost. */
	ok = ok && judge(c, file, item, found);
	if (ok && item == ESWIFI_CERT_KEY && cert_target_guards(target, ESWIFI_GUARD_KEY_RSA))
		ok = make_strict(c, file, target, found);
	ok = ok && cert_check_len(found, target, item, c->len);
	if (ok && c->changes)
		return true;
	cert_conversion_free(c);
	return ok;
}

void cert_conversion_free(struct cert_conversion *c)
{
	if (c->data)
		explicit_bzero(c->data, CERT_FILE_MAX + 2);
	free(c->data);
	c->data = NULL;
	c->len = 0;
}

/* Names of the changes, as an array. */
struct json_object *cert_changes_json(unsigned int changes)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < sizeof(change_texts) / sizeof(*change_texts); i++)
		if (changes & 1U << i)
			json_object_array_add(array, json_object_new_string(change_texts[i]));
	return array;
}
