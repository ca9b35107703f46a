// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether certificate files are fit to be written into a module, judged on this host
 * before anything is burnt: as PEM by the driver's own rules, as certificates by
 * OpenSSL.
 *
 * What the module can read is known from the strings of its firmware (mbedTLS: RSA,
 * curves up to 384 bits, SHA-1 and SHA-2), not from any promise.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cert.h"
#include "../../drivers/net/wireless/inventek/eswifi/cert.h"

#define CERTS_MAX	16
#define DAYS_LEFT	30
/* The largest file in the vendor's own examples (quick reference DOC-20041, PG). */
#define LEN_KNOWN	1731
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

static __attribute__((format(printf, 4, 5)))
void say(struct cert_findings *found, int item, enum cert_level level, const char *format, ...)
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

/* The whole file, as bytes; true if the driver would take it. */
static bool check_file(struct cert_findings *found, int item, const struct cert_file *file)
{
	static const char begin[] = "-----BEGIN ";
	const unsigned char *first;
	struct eswifi_pem_fault fault;

	if (file->compressed) {
		say(found, item, CERT_WARNING,
		    "%s is compressed, and was not looked into: unpack it to have it checked",
		    file->path);
		return false;
	}
	if (eswifi_pem_check(item, file->data, file->len, &fault)) {
		if (fault.line)
			say(found, item, CERT_ERROR, "line %u: %s", fault.line, fault.what);
		else
			say(found, item, CERT_ERROR, "%s", fault.what);
		return false;
	}
	if (file->len > LEN_KNOWN)
		say(found, item, CERT_NOTE,
		    "%zu bytes: the module's limit is not documented, and %d are the most that its maker shows",
		    file->len, LEN_KNOWN);
	if (memchr(file->data, '\r', file->len))
		say(found, item, CERT_NOTE,
		    "has Windows line ends: they are taken, and stored as they are");
	first = memmem(file->data, file->len, begin, strlen(begin));
	if (first && first != file->data)
		say(found, item, CERT_NOTE, "%td bytes of text before the armour take room in the module",
		    first - file->data);
	if (!file->data[file->len - 1])
		say(found, item, CERT_NOTE, "ends in a NUL, which is stored: every byte counts when it is compared");
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
		say(found, item, CERT_ERROR,
		    "%s is not valid yet: wait, or correct the clock of who made it", who);
	if (X509_cmp_current_time(X509_get0_notAfter(cert)) < 0)
		say(found, item, CERT_ERROR, "%s has expired: make a new one", who);
	else if (X509_cmp_time(X509_get0_notAfter(cert), &soon) < 0)
		say(found, item, CERT_WARNING,
		    "%s expires within %d days, and a one-time slot is for ever", who, DAYS_LEFT);
}

static void check_key(struct cert_findings *found, int item, EVP_PKEY *key, const char *who)
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
			say(found, item, CERT_WARNING,
			    "%s has an RSA key of %d bits: servers refuse less than 2048", who,
			    bits);
		else if (bits > 4096)
			say(found, item, CERT_WARNING,
			    "%s has an RSA key of %d bits: slow, and more than is known to work; take an EC key",
			    who, bits);
		return;
	case EVP_PKEY_EC:
		EVP_PKEY_get_group_name(key, name, sizeof(name), NULL);
		for (i = 0; i < sizeof(curves) / sizeof(*curves); i++)
			if (!strcmp(name, curves[i]))
				return;
		say(found, item, CERT_ERROR,
		    "%s has a key on the curve %s, which the firmware does not name: take prime256v1",
		    who, *name ? name : "?");
		return;
	}
	say(found, item, CERT_ERROR, "%s has a key that is neither RSA nor EC: take prime256v1",
	    who);
}

static void check_signature(struct cert_findings *found, int item, X509 *cert, const char *who)
{
	int digest = NID_undef, algorithm;

	X509_get_signature_info(cert, &digest, &algorithm, NULL, NULL);
	switch (digest) {
	case NID_sha224:
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		break;
	case NID_sha1:
		say(found, item, CERT_WARNING,
		    "%s is signed with SHA-1: most servers refuse that; sign it with SHA-256", who);
		break;
	default:
		say(found, item, CERT_ERROR,
		    "%s is signed in a way that the firmware does not name (%s): sign it with SHA-256",
		    who, digest == NID_undef ? "?" : OBJ_nid2sn(digest));
	}
}

static void check_cert(struct cert_findings *found, int item, X509 *cert, const char *who)
{
	check_dates(found, item, cert, who);
	check_key(found, item, X509_get0_pubkey(cert), who);
	check_signature(found, item, cert, who);
}

static void check_authority(struct cert_findings *found, X509 *cert, const char *who)
{
	uint32_t usage = X509_get_key_usage(cert);

	check_cert(found, ESWIFI_CERT_CA, cert, who);
	switch (X509_check_ca(cert)) {
	case 0:
		say(found, ESWIFI_CERT_CA, CERT_ERROR,
		    "%s is no CA (basicConstraints): nothing below it would be accepted; take the certificate that signed the server's",
		    who);
		break;
	case 1:
		break;
	default:
		say(found, ESWIFI_CERT_CA, CERT_WARNING,
		    "%s does not say that it is a CA (basicConstraints): make it with CA:TRUE",
		    who);
	}
	if (usage != UINT32_MAX && !(usage & KU_KEY_CERT_SIGN))
		say(found, ESWIFI_CERT_CA, CERT_ERROR,
		    "%s may not sign certificates (keyUsage without keyCertSign)", who);
	if (X509_check_issued(cert, cert) != X509_V_OK)
		say(found, ESWIFI_CERT_CA, CERT_WARNING,
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
		say(found, ESWIFI_CERT_CERT, CERT_ERROR,
		    "may not prove a client (keyUsage digitalSignature, extendedKeyUsage clientAuth): a server that looks will refuse it");
	if (X509_check_ca(cert) == 1)
		say(found, ESWIFI_CERT_CERT, CERT_WARNING,
		    "is a CA: whoever reads its key out of a module can sign others; give the module a certificate of its own");
	else if (X509_check_issued(cert, cert) == X509_V_OK)
		say(found, ESWIFI_CERT_CERT, CERT_WARNING,
		    "is signed by itself: a server must have this very certificate to trust it");
	for (i = 1; i < b->certs; i++)
		if (X509_check_issued(b->cert[i], b->cert[i - 1]) != X509_V_OK)
			say(found, ESWIFI_CERT_CERT, CERT_ERROR,
			    "certificate %d did not sign the one before it: the module's own comes first, then who signed it",
			    i + 1);
	if (b->cas && !is_trusted(b))
		say(found, ESWIFI_CERT_CERT, CERT_WARNING,
		    "does not lead to ca.pem: right only if the server trusts another CA than the one it has its own certificate from");
	ERR_clear_error();
}

/* Certificates of one file: each by itself. */
static void check_certs(struct cert_findings *found, int item, X509 *certs[], int n)
{
	char *name, *who;
	int i;

	for (i = 0; i < n; i++) {
		name = subject(certs[i]);
		if (asprintf(&who, "'%s'", name ?: "?") < 0)
			who = NULL;
		if (item == ESWIFI_CERT_CA)
			check_authority(found, certs[i], who ?: "it");
		else
			check_cert(found, item, certs[i], who ?: "it");
		free(who);
		free(name);
	}
}

static EVP_PKEY *read_key(const struct cert_file *file)
{
	BIO *bio = BIO_new_mem_buf(file->data, file->len);
	EVP_PKEY *key;

	/* An empty password, or OpenSSL would ask a person for one. */
	key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, "") : NULL;
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static void check_pair(struct cert_findings *found, const struct cert_file *files)
{
	const struct cert_file *cert = &files[ESWIFI_CERT_CERT], *key = &files[ESWIFI_CERT_KEY];

	if (cert->path && !key->path)
		say(found, ESWIFI_CERT_KEY, CERT_NOTE,
		    "not among the files: a logon key of that name must be in a keyring");
	if (key->path && !cert->path)
		say(found, ESWIFI_CERT_CERT, CERT_ERROR,
		    "missing: certificate and key come together");
	if (cert->path && key->path && cert->own != key->own)
		say(found, ESWIFI_CERT_KEY, CERT_ERROR,
		    "certificate and key are not of the same folder");
}

/* All three files, those that there are. */
void cert_check(struct cert_findings *found, const struct cert_file files[ESWIFI_CERT_ITEMS])
{
	bool sound[ESWIFI_CERT_ITEMS];
	struct bundle b = { 0 };
	int i;

	if (!files[ESWIFI_CERT_CA].path)
		say(found, ESWIFI_CERT_CA, CERT_ERROR, "missing: without it no server can be verified");
	check_pair(found, files);
	if (time(NULL) < TIME_LEAST)
		say(found, ESWIFI_CERT_CA, CERT_WARNING,
		    "this machine's clock is wrong, so that no dates can be judged: set it first");
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		sound[i] = files[i].path && check_file(found, i, &files[i]);

	if (sound[ESWIFI_CERT_CA]) {
		b.cas = read_certs(&files[ESWIFI_CERT_CA], b.ca);
		if (!b.cas)
			say(found, ESWIFI_CERT_CA, CERT_ERROR, "no certificate that OpenSSL can read: make it anew");
		if (b.cas > 1)
			say(found, ESWIFI_CERT_CA, CERT_NOTE, "%d CAs: a server of any of them is accepted", b.cas);
		check_certs(found, ESWIFI_CERT_CA, b.ca, b.cas);
	}
	if (sound[ESWIFI_CERT_CERT]) {
		b.certs = read_certs(&files[ESWIFI_CERT_CERT], b.cert);
		if (!b.certs)
			say(found, ESWIFI_CERT_CERT, CERT_ERROR, "no certificate that OpenSSL can read: make it anew");
		check_certs(found, ESWIFI_CERT_CERT, b.cert, b.certs);
		if (b.certs)
			check_own(found, &b);
	}
	if (sound[ESWIFI_CERT_KEY]) {
		b.key = read_key(&files[ESWIFI_CERT_KEY]);
		if (!b.key)
			say(found, ESWIFI_CERT_KEY, CERT_ERROR, "no private key that OpenSSL can read: make it anew");
		else if (b.certs && X509_check_private_key(b.cert[0], b.key) != 1)
			say(found, ESWIFI_CERT_KEY, CERT_ERROR,
			    "does not belong to the first certificate of cert.pem: are files of two devices mixed?");
	}
	ERR_clear_error();
	for (i = 0; i < b.cas; i++)
		X509_free(b.ca[i]);
	for (i = 0; i < b.certs; i++)
		X509_free(b.cert[i]);
	EVP_PKEY_free(b.key);
}
