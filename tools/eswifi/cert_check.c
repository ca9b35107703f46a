// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether certificate files are fit to be written into a module, judged on this host
 * before anything is burnt: as PEM by the driver's own rules, as certificates by
 * OpenSSL.
 *
 * What a known firmware can use was seen of it; of one that is not known, no more is
 * taken than what every known one can (the driver's table, firmware_kinds.c). Curves and
 * signatures are those that the strings of the firmware name (mbedTLS).
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cert.h"

#define CERTS_MAX	16
#define DAYS_LEFT	30
/* No clock that is right can be before this program: 2026-01-01. */
#define TIME_LEAST	1767225600

/**
 * struct bundle - what the files hold
 * @ca: certificates of ca.pem
 * @cas: their number
 * @cert: certificates of cert.pem, the module's own first
 * @certs: their number
 * @key: of key.pem
 */
struct bundle {
	X509 *ca[CERTS_MAX];
	int cas;
	X509 *cert[CERTS_MAX];
	int certs;
	EVP_PKEY *key;
};

void cert_findings_start(struct cert_findings *found, bool print)
{
	memset(found, 0, sizeof(*found));
	found->print = print;
	found->json = json_object_new_array();
}

void cert_say(struct cert_findings *found, int item, enum cert_level level,
	      const char *format, ...)
{
	static const char *const levels[] = { "note", "warning", "error" };
	struct json_object *object = json_object_new_object();
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	found->count[level]++;
	if (found->print)
		printf("  %-8s %s.pem: %s\n", levels[level], cert_item_names[item],
		       text ?: "out of memory");
	json_string(object, "item", cert_item_names[item]);
	json_string(object, "level", levels[level]);
	json_text(object, "text", text ?: "", strlen(text ?: ""));
	json_object_array_add(found->json, object);
	free(text);
}

/* Findings of another look at the same files. */
void cert_findings_add(struct cert_findings *found, const struct cert_findings *more)
{
	struct json_object *entry;
	size_t i;
	int level;

	for (i = 0; i < json_object_array_length(more->json); i++) {
		entry = json_object_array_get_idx(more->json, i);
		json_object_array_add(found->json, json_object_get(entry));
		if (found->print)
			printf("  %-8s %s.pem: %s\n",
			       json_object_get_string(json_object_object_get(entry, "level")),
			       json_object_get_string(json_object_object_get(entry, "item")),
			       json_object_get_string(json_object_object_get(entry, "text")));
	}
	for (level = 0; level <= CERT_ERROR; level++)
		found->count[level] += more->count[level];
}

/* Could the file be read? The kernel reads as root, so one that is closed to us is there. */
bool cert_check_read(struct cert_findings *found, int item, const struct cert_file *file)
{
	if (file->error)
		cert_say(found, item, CERT_ERROR, "%s cannot be read (%s): %s", file->path,
			 strerror(file->error), file->error == EACCES ?
			 "run the same command as root" : "mend that, or remove it");
	return !file->error;
}

/* Does so much fit into the item? */
bool cert_check_len(struct cert_findings *found, const struct cert_target *target, int item,
		    size_t len)
{
	static const char *const advice[ESWIFI_CERT_ITEMS] = {
		"leave only the CA that signed your server",
		"leave out what the server has itself, or take an RSA key of 2048 bits",
		"take an RSA key of 2048 bits",
	};
	unsigned int max = cert_item_max(target, item);

	if (len <= max)
		return true;
	cert_say(found, item, CERT_ERROR,
		 "%zu bytes: %s takes %u into this item of set %u, and loses what is longer: %s",
		 len, cert_target_name(target), max, target->set, advice[item]);
	return false;
}

/* The whole file, as bytes; true if the driver would take it. */
static bool check_file(struct cert_findings *found, int item, const struct cert_file *file,
		       const struct cert_target *target)
{
	struct eswifi_pem_fault fault;
	size_t sent;

	if (!cert_check_read(found, item, file))
		return false;
	if (file->compressed) {
		cert_say(found, item, CERT_WARNING,
			 "%s is compressed, and was not looked into: unpack it to have it checked",
			 file->path);
		return false;
	}
	if (eswifi_pem_check(item, file->data, file->len, &fault)) {
		if (fault.line)
			cert_say(found, item, CERT_ERROR, "line %u: %s", fault.line, fault.what);
		else
			cert_say(found, item, CERT_ERROR, "%s", fault.what);
		return false;
	}
	sent = cert_sent_len(file->data, file->len);
	cert_check_len(found, target, item, sent);
	if (memchr(file->data, '\r', file->len))
		cert_say(found, item, CERT_NOTE,
			 "has Windows line ends: they are taken, and stored as they are");
	if (sent != file->len)
		cert_say(found, item, CERT_NOTE,
			 "%zu of %zu bytes are stored: what stands before the first block and behind the last is left out",
			 sent, file->len);
	return true;
}

static int read_certs(const struct cert_file *file, X509 *certs[CERTS_MAX])
{
	BIO *bio = BIO_new_mem_buf(file->data, file->len);
	int n = 0;

	while (bio && n < CERTS_MAX && (certs[n] = PEM_read_bio_X509(bio, NULL, NULL, "")))
		n++;
	BIO_free(bio);
	ERR_clear_error();
	return n;
}

/* Who a certificate is of; to be freed. */
static char *subject(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *text = NULL;
	long len;

	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0, XN_FLAG_ONELINE &
				      ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		len = BIO_get_mem_data(bio, &data);
		text = strndup(data, len);
	}
	BIO_free(bio);
	return text;
}

static void check_dates(struct cert_findings *found, int item, X509 *cert, const char *who)
{
	time_t soon = time(NULL) + DAYS_LEFT * 24 * 3600;

	if (time(NULL) < TIME_LEAST)
		return;
	if (X509_cmp_current_time(X509_get0_notBefore(cert)) > 0)
		cert_say(found, item, CERT_ERROR,
			 "%s is not valid yet: wait, or correct the clock of who made it", who);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		cert_say(found, item, CERT_ERROR, "%s has expired: make a new one", who);
	else if (X509_cmp_time(X509_get0_notAfter(cert), &soon) < 0)
		cert_say(found, item, CERT_WARNING,
			 "%s expires within %d days, and a one-time slot is for ever", who, DAYS_LEFT);
}

static void check_key(struct cert_findings *found, int item, EVP_PKEY *key, const char *who,
		      const struct cert_target *target)
{
	static const char *const curves[] = {
		"prime192v1", "secp224r1", "prime256v1", "secp384r1", "secp256k1",
		"brainpoolP256r1",
	};
	int bits = EVP_PKEY_get_bits(key);
	char name[64] = "";
	size_t i;

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		if (bits < 2048)
			cert_say(found, item, CERT_WARNING,
				 "%s has an RSA key of %d bits: servers refuse less than 2048", who,
				 bits);
		else if (bits > 4096)
			cert_say(found, item, CERT_WARNING,
				 "%s has an RSA key of %d bits: slow, and more than is known to work; take 2048 bits",
				 who, bits);
		return;
	case EVP_PKEY_EC:
		if (item == ESWIFI_CERT_CA && cert_target_guards(target, ESWIFI_GUARD_CA_RSA)) {
			cert_say(found, item, CERT_ERROR,
				 "%s has an EC key: of such a CA %s compares only the name, and would take any server that claims it; take an RSA CA of 2048 bits",
				 who, cert_target_name(target));
			return;
		}
		if (item == ESWIFI_CERT_CERT && cert_target_guards(target, ESWIFI_GUARD_KEY_RSA)) {
			cert_say(found, item, CERT_ERROR,
				 "%s has an EC key: %s can show only RSA certificates; make an RSA key of 2048 bits, and a certificate for it",
				 who, cert_target_name(target));
			return;
		}
		EVP_PKEY_get_group_name(key, name, sizeof(name), NULL);
		for (i = 0; i < sizeof(curves) / sizeof(*curves); i++)
			if (!strcmp(name, curves[i]))
				return;
		cert_say(found, item, CERT_ERROR,
			 "%s has a key on the curve %s, which the firmware does not name: take prime256v1",
			 who, *name ? name : "?");
		return;
	}
	cert_say(found, item, CERT_ERROR, "%s has a key that is neither RSA nor EC: take RSA with 2048 bits",
		 who);
}

static void check_signature(struct cert_findings *found, int item, X509 *cert, const char *who,
			    const struct cert_target *target)
{
	int digest = NID_undef, algorithm;

	X509_get_signature_info(cert, &digest, &algorithm, NULL, NULL);
	switch (digest) {
	case NID_sha256:
		break;
	case NID_sha224:
	case NID_sha384:
	case NID_sha512:
		/* What it signed is likely to be signed the same way. */
		if (item == ESWIFI_CERT_CA && cert_target_guards(target, ESWIFI_GUARD_CA_RSA))
			cert_say(found, item, CERT_WARNING,
				 "%s is signed with %s: %s takes a server's certificate only if it is signed with SHA-256",
				 who, OBJ_nid2sn(digest), cert_target_name(target));
		break;
	case NID_sha1:
		cert_say(found, item, CERT_WARNING,
			 "%s is signed with SHA-1: most servers refuse that; sign it with SHA-256", who);
		break;
	default:
		cert_say(found, item, CERT_ERROR,
			 "%s is signed in a way that the firmware does not name (%s): sign it with SHA-256",
			 who, digest == NID_undef ? "?" : OBJ_nid2sn(digest));
	}
}

static void check_cert(struct cert_findings *found, int item, X509 *cert, const char *who,
		       const struct cert_target *target)
{
	check_dates(found, item, cert, who);
	check_key(found, item, X509_get0_pubkey(cert), who, target);
	check_signature(found, item, cert, who, target);
}

static void check_authority(struct cert_findings *found, X509 *cert, const char *who,
			    const struct cert_target *target)
{
	uint32_t usage = X509_get_key_usage(cert);

	check_cert(found, ESWIFI_CERT_CA, cert, who, target);
	switch (X509_check_ca(cert)) {
	case 0:
		cert_say(found, ESWIFI_CERT_CA, CERT_ERROR,
			 "%s is no CA (basicConstraints): nothing below it would be accepted; take the certificate that signed the server's",
			 who);
		break;
	case 1:
		break;
	default:
		cert_say(found, ESWIFI_CERT_CA, CERT_WARNING,
			 "%s does not say that it is a CA (basicConstraints): make it with CA:TRUE",
			 who);
	}
	if (usage != UINT32_MAX && !(usage & KU_KEY_CERT_SIGN))
		cert_say(found, ESWIFI_CERT_CA, CERT_ERROR,
			 "%s may not sign certificates (keyUsage without keyCertSign)", who);
	if (X509_check_issued(cert, cert) != X509_V_OK)
		cert_say(found, ESWIFI_CERT_CA, CERT_WARNING,
			 "%s is not signed by itself: whether the module takes it as a root is not known; take the root",
			 who);
	ERR_clear_error();
}

static bool is_trusted(struct bundle *b)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = sk_X509_new_null();
	bool ok = false;
	int i;

	if (store && ctx && others) {
		for (i = 0; i < b->cas; i++)
			X509_STORE_add_cert(store, b->ca[i]);
		for (i = 1; i < b->certs; i++)
			sk_X509_push(others, b->cert[i]);
		/* Dates have had their own look. */
		X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
		if (X509_STORE_CTX_init(ctx, store, b->cert[0], others))
			ok = X509_verify_cert(ctx) == 1;
	}
	sk_X509_free(others);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	ERR_clear_error();
	return ok;
}

static void check_own(struct cert_findings *found, struct bundle *b)
{
	X509 *cert = b->cert[0];
	int i;

	/* 1: by its extensions; more: for want of any. */
	if (X509_check_purpose(cert, X509_PURPOSE_SSL_CLIENT, 0) != 1)
		cert_say(found, ESWIFI_CERT_CERT, CERT_ERROR,
			 "may not prove a client (keyUsage digitalSignature, extendedKeyUsage clientAuth): a server that looks will refuse it");
	if (X509_check_ca(cert) == 1)
		cert_say(found, ESWIFI_CERT_CERT, CERT_WARNING,
			 "is a CA: whoever reads its key out of a module can sign others; give the module a certificate of its own");
	else if (X509_check_issued(cert, cert) == X509_V_OK)
		cert_say(found, ESWIFI_CERT_CERT, CERT_WARNING,
			 "is signed by itself: a server must have this very certificate to trust it");
	for (i = 1; i < b->certs; i++)
		if (X509_check_issued(b->cert[i], b->cert[i - 1]) != X509_V_OK)
			cert_say(found, ESWIFI_CERT_CERT, CERT_ERROR,
				 "certificate %d did not sign the one before it: the module's own comes first, then who signed it",
				 i + 1);
	if (b->cas && !is_trusted(b))
		cert_say(found, ESWIFI_CERT_CERT, CERT_WARNING,
			 "does not lead to ca.pem: right only if the server trusts another CA than the one it has its own certificate from");
	ERR_clear_error();
}

/* Certificates of one file: each by itself. */
static void check_certs(struct cert_findings *found, int item, X509 *certs[], int n,
			const struct cert_target *target)
{
	char *name, *who;
	int i;

	for (i = 0; i < n; i++) {
		name = subject(certs[i]);
		if (asprintf(&who, "'%s'", name ?: "?") < 0)
			who = NULL;
		if (item == ESWIFI_CERT_CA)
			check_authority(found, certs[i], who ?: "it", target);
		else
			check_cert(found, item, certs[i], who ?: "it", target);
		free(who);
		free(name);
	}
}

static void check_pair(struct cert_findings *found, const struct cert_file *files)
{
	const struct cert_file *cert = &files[ESWIFI_CERT_CERT], *key = &files[ESWIFI_CERT_KEY];

	if (cert->path && !key->path)
		cert_say(found, ESWIFI_CERT_KEY, CERT_NOTE,
			 "not among the files: a logon key of that name must be in a keyring");
	if (key->path && !cert->path)
		cert_say(found, ESWIFI_CERT_CERT, CERT_ERROR,
			 "missing: certificate and key come together");
	if (cert->path && key->path && cert->own != key->own)
		cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR,
			 "certificate and key are not of the same folder");
}

/* All three files, those that there are. */
void cert_check(struct cert_findings *found, const struct cert_file files[ESWIFI_CERT_ITEMS],
		const struct cert_target *target)
{
	bool sound[ESWIFI_CERT_ITEMS];
	struct bundle b = { 0 };
	int i;

	if (!files[ESWIFI_CERT_CA].path)
		cert_say(found, ESWIFI_CERT_CA, CERT_ERROR, "missing: without it no server can be verified");
	check_pair(found, files);
	if (time(NULL) < TIME_LEAST)
		cert_say(found, ESWIFI_CERT_CA, CERT_WARNING,
			 "this machine's clock is wrong, so that no dates can be judged: set it first");
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		sound[i] = files[i].path && check_file(found, i, &files[i], target);

	if (sound[ESWIFI_CERT_CA]) {
		b.cas = read_certs(&files[ESWIFI_CERT_CA], b.ca);
		if (!b.cas)
			cert_say(found, ESWIFI_CERT_CA, CERT_ERROR, "no certificate that OpenSSL can read: make it anew");
		if (b.cas > 1)
			cert_say(found, ESWIFI_CERT_CA, CERT_NOTE, "%d CAs: a server of any of them is accepted", b.cas);
		check_certs(found, ESWIFI_CERT_CA, b.ca, b.cas, target);
	}
	if (sound[ESWIFI_CERT_CERT]) {
		b.certs = read_certs(&files[ESWIFI_CERT_CERT], b.cert);
		if (!b.certs)
			cert_say(found, ESWIFI_CERT_CERT, CERT_ERROR, "no certificate that OpenSSL can read: make it anew");
		check_certs(found, ESWIFI_CERT_CERT, b.cert, b.certs, target);
		if (b.certs)
			check_own(found, &b);
	}
	if (sound[ESWIFI_CERT_KEY]) {
		b.key = cert_key_read(files[ESWIFI_CERT_KEY].data, files[ESWIFI_CERT_KEY].len);
		if (!b.key)
			cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR, "no private key that OpenSSL can read: make it anew");
		else if (b.certs && X509_check_private_key(b.cert[0], b.key) != 1)
			cert_say(found, ESWIFI_CERT_KEY, CERT_ERROR,
				 "does not belong to the first certificate of cert.pem: are files of two devices mixed?");
	}
	ERR_clear_error();
	for (i = 0; i < b.cas; i++)
		X509_free(b.ca[i]);
	for (i = 0; i < b.certs; i++)
		X509_free(b.cert[i]);
	EVP_PKEY_free(b.key);
}
