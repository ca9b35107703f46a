// SPDX-License-Identifier: GPL-2.0-only
/*
 * TLS as the firmware has it: a client up to TLS 1.2, without SNI and without
 * any check of the host's name, verified against the active certificate set.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include "module.h"

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

/* Present the certificate, and the chain that may follow it in the same item. */
static bool use_identity(SSL_CTX *ctx, const struct flash_item *certs,
			 const struct flash_item *secret)
{
	BIO *bio = item_bio(certs);
	EVP_PKEY *key = NULL;
	bool ok = false;
	X509 *cert;

	cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (cert && SSL_CTX_use_certificate(ctx, cert) == 1) {
		ok = true;
		X509_free(cert);
		while (ok && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
			ok = SSL_CTX_add0_chain_cert(ctx, cert) == 1;
			if (!ok)
				X509_free(cert);
		}
	} else {
		X509_free(cert);
	}
	BIO_free(bio);
	if (!ok)
		return false;
	bio = item_bio(secret);
	/* An empty password, or OpenSSL would ask a person for one. */
	key = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
	BIO_free(bio);
	ok = key && SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
	EVP_PKEY_free(key);
	return ok;
}

/* PB=1: report a failed check, and go on. */
static int report_only(int ok, X509_STORE_CTX *ctx)
{
	(void)ok;
	(void)ctx;
	return 1;
}

/*
 * Prepare TLS for a socket that is about to connect. On failure *text is what
 * the firmware says.
 */
int tls_start(struct module *m, struct sock *s, const char **text)
{
	const struct flash_item *set = m->flash.item[m->set.pf_tls];
	int verify = SSL_VERIFY_NONE, err = -EINVAL;
	SSL_CTX *ctx = NULL;

	if (m->set.verify == 2 &&
	    !(set[FLASH_CA].data && set[FLASH_CERT].data && set[FLASH_KEY].data)) {
		*text = "[TCP SSL] No cert and/or key found.";
		return -ENOENT;
	}
	*text = "[TCP SSL] Socket creation failed";
	ctx = SSL_CTX_new(TLS_client_method());
	if (!ctx)
		return -ENOMEM;
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (m->set.verify && set[FLASH_CA].data) {
		verify = SSL_VERIFY_PEER;
		if (!use_ca(ctx, &set[FLASH_CA])) {
			*text = "[TCP SSL] Root CA certificate failed to initialize: -1";
			goto out;
		}
	}
	if (m->set.verify == 2 && !use_identity(ctx, &set[FLASH_CERT], &set[FLASH_KEY])) {
		*text = "[TCP SSL] Initialize Identity failed";
		goto out;
	}
	SSL_CTX_set_verify(ctx, verify, m->set.verify_report ? report_only : NULL);
	s->ssl = SSL_new(ctx);
	if (s->ssl)
		err = 0;
	else
		err = -ENOMEM;
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

ssize_t tls_receive(struct sock *s, void *data, size_t len)
{
	int n = SSL_read(s->ssl, data, len);

	return n > 0 ? n : outcome(s, n);
}

ssize_t tls_send(struct sock *s, const void *data, size_t len)
{
	int n = SSL_write(s->ssl, data, len);

	return n > 0 ? n : outcome(s, n) ?: -EPIPE;
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
