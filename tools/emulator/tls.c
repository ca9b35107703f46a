// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS as the firmware has it: a client up to TLS 1.2, without SNI and without
 * any check of the host's name or of dates, verified against the active
 * certificate set. C3.5 has its own ideas of suites, keys and chains.
 */
#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "module.h"

/*
 * The longest record of data that C3.5 has room for, as it is on the wire: exact
 * without a set's identity, and with one what was always seen to fit.
 */
#define RECORD_NONE	16352
#define RECORD_REQUIRED	10304

#define SEGMENT		1460	/* of TCP: R0 joins the records of one */

/* What the ClientHello of C3.5 offers. */
static const char suites_35[] =
	"DHE-RSA-AES256-SHA256:DHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA256:DHE-RSA-AES128-SHA:"
	"AES256-SHA256:AES256-SHA:AES128-SHA256:AES128-SHA:"
	"ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0";

/* It offers ECDSA only: most servers with an RSA certificate refuse that. It signs with RSA. */
static const char sigalgs_offered[] = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ECDSA+SHA1";
static const char sigalgs_own[] = "RSA+SHA256:RSA+SHA384:RSA+SHA512:RSA+SHA1";

static BIO *item_bio(const struct flash_item *item)
{
	return BIO_new_mem_buf(item->data, item->len);
}

/* Trust every certificate of the item. */
static bool use_ca(SSL_CTX *ctx, const struct flash_item *item)
{
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	BIO *bio = item_bio(item);
	int found = 0;
	X509 *cert;

	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		found += X509_STORE_add_cert(store, cert);
		X509_free(cert);
	}
	BIO_free(bio);
	/* The stored certificate is the anchor, be it self-signed or not. */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	return found;
}

/* Whether an RSA key is one that the firmware's own arithmetic can use. */
static bool rsa_key_usable(const EVP_PKEY *key)
{
	BIGNUM *e = NULL, *d = NULL, *p = NULL, *q = NULL, *phi = BN_new(), *one = BN_new();
	BN_CTX *ctx = BN_CTX_new();
	bool ok;

	ok = phi && one && ctx && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_D, &d) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &p) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &q) &&
	     BN_sub_word(p, 1) && BN_sub_word(q, 1) && BN_mul(phi, p, q, ctx) &&
	     BN_mod_mul(one, d, e, phi, ctx) && BN_is_one(one);
	BN_free(e);
	BN_clear_free(d);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_clear_free(phi);
	BN_free(one);
	BN_CTX_free(ctx);
	return ok;
}

/* Whether the text of an item ends with its last END line: one LF may follow, and NULs. */
static bool ends_well(const struct flash_item *item)
{
	size_t len = strnlen((const char *)item->data, item->len);

	if (len && item->data[len - 1] == '\n')
		len--;
	return len >= 5 && !memcmp(item->data + len - 5, "-----", 5);
}

/* Whether certificate and key have the only forms that C3.5 reads. */
static bool identity_usable(const struct flash_item *certs, const struct flash_item *secret,
			    X509 *cert, const EVP_PKEY *key)
{
	static const char pkcs1[] = "-----BEGIN RSA PRIVATE KEY-----";

	return ends_well(certs) && EVP_PKEY_get_base_id(X509_get0_pubkey(cert)) == EVP_PKEY_RSA &&
	       secret->len >= sizeof(pkcs1) && !memcmp(secret->data, pkcs1, sizeof(pkcs1) - 1) &&
	       EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && rsa_key_usable(key);
}

/* Present the certificate, and the chain that may follow it in the same item. */
static bool use_identity(SSL_CTX *ctx, const struct flash_item *certs,
			 const struct flash_item *secret, bool only_pkcs1)
{
	BIO *bio = item_bio(certs);
	EVP_PKEY *key = NULL;
	X509 *first, *cert;
	bool ok;

	first = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ok = first && SSL_CTX_use_certificate(ctx, first) == 1;
	while (ok && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		ok = SSL_CTX_add0_chain_cert(ctx, cert) == 1;
		if (!ok)
			X509_free(cert);
	}
	BIO_free(bio);
	if (!ok) {
		X509_free(first);
		return false;
	}
	bio = item_bio(secret);
	/* An empty password, or OpenSSL would ask a person for one. */
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
	BIO_free(bio);
	ok = key && (!only_pkcs1 || identity_usable(certs, secret, first, key)) &&
	     SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	X509_free(first);
	return ok;
}

/* PB=1: report a failed check, and go on. */
static int report_only(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

static bool is_rsa(X509 *cert)
{
	return EVP_PKEY_get_base_id(X509_get0_pubkey(cert)) == EVP_PKEY_RSA;
}

/* The signatures that C3.5 can check. */
static bool signature_known(X509 *cert)
{
	switch (X509_get_signature_nid(cert)) {
	case NID_sha1WithRSAEncryption:
	case NID_sha256WithRSAEncryption:
	case NID_ecdsa_with_SHA1:
	case NID_ecdsa_with_SHA256:
		return true;
	default:
		return false;
	}
}

static X509 *issuer_of(X509 *cert, STACK_OF(X509) *chain)
{
	int i;

	for (i = 0; i < sk_X509_num(chain); i++) {
		X509 *other = sk_X509_value(chain, i);

		if (other != cert && !X509_NAME_cmp(X509_get_subject_name(other),
						    X509_get_issuer_name(cert)))
			return other;
	}
	return NULL;
}

/*
 * How C3.5 looks for the way from a server's certificate to its root: names and
 * RSA signatures, no dates, no constraints. An EC root is known by its name alone.
 */
static bool chain_leads_to(X509 *cert, STACK_OF(X509) *chain, X509 *root, bool name_is_enough)
{
	int depth;

	for (depth = 0; cert && depth < 8; depth++) {
		X509 *issuer = issuer_of(cert, chain);
		bool here = !X509_NAME_cmp(X509_get_issuer_name(cert),
					   X509_get_subject_name(root));

		if (!signature_known(cert))
			return false;
		if (here && name_is_enough && !is_rsa(root))
			return true;
		if (here && X509_verify(cert, X509_get0_pubkey(root)) == 1)
			return true;
		if (!issuer || !is_rsa(issuer) || X509_verify(cert, X509_get0_pubkey(issuer)) != 1)
			return false;
		cert = issuer;
	}
	return false;
}

/* C3.5 says no word when it refuses a server: whatever OpenSSL would say is lost. */
static void say_nothing(X509_STORE_CTX *ctx)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());

	SSL_set0_wbio(ssl, BIO_new(BIO_s_null()));
}

static int verify_as_35(X509_STORE_CTX *ctx, void *data)
{
	SSL_CTX *ssl_ctx = data;
	STACK_OF(X509_OBJECT) *roots =
		X509_STORE_get0_objects(SSL_CTX_get_cert_store(ssl_ctx));
	bool name_is_enough = SSL_CTX_get_app_data(ssl_ctx), ok = false;
	int i;

	for (i = 0; !ok && i < sk_X509_OBJECT_num(roots); i++)
		ok = chain_leads_to(X509_STORE_CTX_get0_cert(ctx),
				    X509_STORE_CTX_get0_untrusted(ctx),
				    X509_OBJECT_get0_X509(sk_X509_OBJECT_value(roots, i)),
				    name_is_enough);
	ERR_clear_error();
	X509_STORE_CTX_set_error(ctx, ok ? X509_V_OK : X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	if (!ok)
		say_nothing(ctx);
	return ok;
}

/* The server asked for a certificate; the set's own, if there is one, goes out by itself. */
static int client_wanted(SSL *ssl, X509 **cert, EVP_PKEY **key)
{
	(void)cert;
	(void)key;
	SSL_set_app_data(ssl, ssl);
	return 0;
}

bool tls_client_wanted(const struct sock *s)
{
	return SSL_get_app_data(s->ssl);
}

/* What a ClientHello says, and whose certificates are read how. */
static void use_habits(const struct module *m, SSL_CTX *ctx)
{
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_client_cert_cb(ctx, client_wanted);
	if (!observed(m))
		return;
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	X509_STORE_set_flags(SSL_CTX_get_cert_store(ctx), X509_V_FLAG_NO_CHECK_TIME);
	if (m->profile->line == FW_62) {
		SSL_CTX_set_security_level(ctx, 0);
		return;
	}
	SSL_CTX_set_cipher_list(ctx, suites_35);
	SSL_CTX_set1_sigalgs_list(ctx, sigalgs_offered);
	SSL_CTX_set1_client_sigalgs_list(ctx, sigalgs_own);
	SSL_CTX_set1_groups_list(ctx, "P-256");
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_ENCRYPT_THEN_MAC |
			    SSL_OP_NO_EXTENDED_MASTER_SECRET | SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_app_data(ctx, quirk(m, QUIRK_EC_CA_NAME) ? ctx : NULL);
	if (m->set.verify)
		SSL_CTX_set_cert_verify_callback(ctx, verify_as_35, ctx);
}

/* A record of data that is longer than what there is room for. */
static void on_record(int sent, int version, int type, const void *data, size_t len, SSL *ssl,
		      void *arg)
{
	const uint8_t *header = data;
	struct sock *s = arg;

	(void)version;
	(void)ssl;
	if (!sent && type == SSL3_RT_HEADER && len == 5 && header[0] == SSL3_RT_APPLICATION_DATA &&
	    (header[3] << 8 | header[4]) > s->record_most)
		s->overrun = true;
}

static void limit_records(const struct module *m, struct sock *s)
{
	if (!quirk(m, QUIRK_TLS_RECORD))
		return;
	s->record_most = m->set.verify == 2 ? RECORD_REQUIRED : RECORD_NONE;
	SSL_set_msg_callback(s->ssl, on_record);
	SSL_set_msg_callback_arg(s->ssl, s);
}

/* Whether the set lacks what P9=2 needs. */
static bool incomplete(const struct module *m, const struct flash_item *set)
{
	if (!set[FLASH_CERT].data || !set[FLASH_KEY].data)
		return true;
	return !observed(m) && !set[FLASH_CA].data;
}

/* Whether the set's root CA takes part at all. */
static bool wants_ca(const struct module *m, const struct flash_item *set)
{
	if (m->set.verify == 1 && quirk(m, QUIRK_OPTIONAL_BUILTIN))
		return false;
	return m->set.verify && set[FLASH_CA].data;
}

/*
 * Prepare TLS for a socket that is about to connect. On failure *text is what
 * the firmware says.
 */
int tls_start(struct module *m, struct sock *s, const char **text)
{
	const struct flash_item *set = m->flash.item[m->set.pf_tls];
	bool strict = quirk(m, QUIRK_KEY_FORM);
	int verify = SSL_VERIFY_NONE, err = -EINVAL;
	SSL_CTX *ctx = NULL;

	if (m->set.verify == 2 && incomplete(m, set)) {
		*text = "[TCP SSL] No cert and/or key found.";
		return -ENOENT;
	}
	*text = "[TCP SSL] Socket creation failed";
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		return -ENOMEM;
	use_habits(m, ctx);
	if (wants_ca(m, set)) {
		verify = SSL_VERIFY_PEER;
		if (!use_ca(ctx, &set[FLASH_CA]) || (strict && !ends_well(&set[FLASH_CA]))) {
			*text = observed(m) ?
				"[TCP SSL] Root CA certificate failed to initialize: 4" :
				"[TCP SSL] Root CA certificate failed to initialize: -1";
			goto out;
		}
	}
	/* Without an anchor, nobody is trusted. */
	if (m->set.verify && observed(m))
		verify = SSL_VERIFY_PEER;
	if (m->set.verify == 2 &&
	    !use_identity(ctx, &set[FLASH_CERT], &set[FLASH_KEY], strict)) {
		*text = "[TCP SSL] Initialize Identity failed";
		goto out;
	}
	/* PB has no effect on firmware that was seen. */
	SSL_CTX_set_verify(ctx, verify, m->set.verify_report && !observed(m) ? report_only : NULL);
	s->ssl = SSL_new(ctx);
	err = s->ssl ? 0 : -ENOMEM;
	if (s->ssl)
		limit_records(m, s);
out:
	SSL_CTX_free(ctx);
	ERR_clear_error();
	return err;
}

/* What an OpenSSL call wants: its result as an errno. */
static ssize_t outcome(struct sock *s, int result)
{
	int error = SSL_get_error(s->ssl, result);

	ERR_clear_error();
	switch (error) {
	case SSL_ERROR_WANT_READ:
		s->want = EPOLLIN;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		s->want = EPOLLOUT;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		return -EPROTO;
	}
}

/* One step of the handshake: 0 done, -EAGAIN: wait for s->want. */
int tls_handshake(struct sock *s)
{
	int n;

	if (!SSL_get_rbio(s->ssl) && SSL_set_fd(s->ssl, s->fd) != 1)
		return -ENOMEM;
	n = SSL_connect(s->ssl);
	if (n == 1)
		return 0;
	return (int)outcome(s, n) ?: -EPROTO;
}

/* How many bytes one R0 gives at most. */
static size_t most_received(const struct module *m)
{
	if (!observed(m))
		return MAX_PAYLOAD;
	return m->profile->line == FW_62 ? 1387 : 1359;
}

/* Behind close_notify: 0 once the peer has closed TCP, too. */
static ssize_t after_farewell(struct sock *s)
{
	uint8_t byte;
	ssize_t n = recv(s->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	s->want = EPOLLIN;
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? -EAGAIN : 0;
}

/* What of the peer's farewell R0 gives for data; 0 if this is the end of the stream. */
static ssize_t take_farewell(struct sock *s, void *data, size_t len)
{
	static const uint8_t close_notify[] = { 1, 0 };
	size_t n = len < sizeof(close_notify) ? len : sizeof(close_notify);

	if (!quirk(s->module, QUIRK_CLOSE_NOTIFY_DATA))
		return 0;
	if (s->told)
		return after_farewell(s);
	s->told = true;
	memcpy(data, close_notify, n);
	s->farewell = sizeof(close_notify) - n;
	return n;
}

/* From one record, or from the farewell. */
static ssize_t receive_record(struct sock *s, void *data, size_t len)
{
	ssize_t n = SSL_read(s->ssl, data, len);

	if (s->overrun)
		return -EMSGSIZE;
	if (n > 0)
		return n;
	n = outcome(s, n);
	return n ? n : take_farewell(s, data, len);
}

static uint64_t wire_bytes(const struct sock *s)
{
	return BIO_number_read(SSL_get_rbio(s->ssl));
}

/* Whether another record, or the farewell, has come in the segment of the last one. */
static bool segment_has_more(struct sock *s)
{
	uint8_t byte;

	if (!observed_as(s->module, FW_35) || s->told)
		return false;
	SSL_peek(s->ssl, &byte, 1);
	ERR_clear_error();
	return (SSL_pending(s->ssl) || SSL_get_shutdown(s->ssl) & SSL_RECEIVED_SHUTDOWN) &&
	       wire_bytes(s) - s->segment <= SEGMENT;
}

/* At most len bytes; no more is received once there are enough. */
ssize_t tls_receive(struct sock *s, void *data, size_t len, size_t enough)
{
	size_t most = most_received(s->module), have;
	ssize_t n;

	if (!len)
		return 0;
	if (len > most)
		len = most;
	if (!SSL_pending(s->ssl))
		s->segment = wire_bytes(s);
	n = receive_record(s, data, len);
	if (n <= 0)
		return n;
	for (have = n; have < len && have < enough && segment_has_more(s); have += n) {
		n = receive_record(s, (uint8_t *)data + have, len - have);
		if (n <= 0)
			break;
	}
	return have;
}

ssize_t tls_send(struct sock *s, const void *data, size_t len)
{
	int n = SSL_write(s->ssl, data, len);

	return n > 0 ? n : outcome(s, n) ?: -EPIPE;
}

/* A record that nobody can read: what becomes of a payload that is too long. */
void tls_break(struct sock *s, size_t len)
{
	uint8_t record[5 + MAX_PAYLOAD] = { 0x17, 3, 3 };
	size_t body = len < MAX_PAYLOAD ? len & ~15UL : MAX_PAYLOAD & ~15UL;

	record[3] = body >> 8;
	record[4] = body;
	memset(record + 5, 0xa5, body);
	if (send(s->fd, record, 5 + body, MSG_NOSIGNAL) < 0)
		s->ended = true;
}

void tls_stop(struct sock *s)
{
	if (!s->ssl)
		return;
	if (SSL_is_init_finished(s->ssl) && !s->ended)
		SSL_shutdown(s->ssl);
	ERR_clear_error();
	SSL_free(s->ssl);
	s->ssl = NULL;
}
