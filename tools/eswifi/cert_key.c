// SPDX-License-Identifier: GPL-2.0-only
/*
 * RSA keys in the form that strict firmware reads: PKCS#1, with d inverse to e modulo
 * (p-1)(q-1). OpenSSL 3 and others make d modulo the least common multiple of p-1 and
 * q-1. Both belong to the same key: n and e are what they were, and both sign alike.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

#include "cert.h"

/**
 * struct rsa - the numbers of an RSA key
 * @n: modulus
 * @e: public exponent
 * @d: private exponent
 * @p: first prime
 * @q: second prime
 * @phi: (p-1)(q-1)
 * @ctx: for temporary numbers
 */
struct rsa {
	BIGNUM *n;
	BIGNUM *e;
	BIGNUM *d;
	BIGNUM *p;
	BIGNUM *q;
	BIGNUM *phi;
	BN_CTX *ctx;
};

static void rsa_free(struct rsa *rsa)
{
	BN_free(rsa->n);
	BN_free(rsa->e);
	BN_clear_free(rsa->d);
	BN_clear_free(rsa->p);
	BN_clear_free(rsa->q);
	BN_clear_free(rsa->phi);
	BN_CTX_free(rsa->ctx);
}

/* False if it is no RSA key of two primes. */
static bool rsa_read(struct rsa *rsa, const EVP_PKEY *key)
{
	BIGNUM *third = NULL, *product;
	bool ok;

	memset(rsa, 0, sizeof(*rsa));
	rsa->ctx = BN_CTX_secure_new();
	rsa->phi = BN_secure_new();
	product = BN_new();
	ok = rsa->ctx && rsa->phi && product &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &rsa->n) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &rsa->e) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_D, &rsa->d) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR1, &rsa->p) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR2, &rsa->q) &&
	     !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_FACTOR3, &third) &&
	     BN_mul(product, rsa->p, rsa->q, rsa->ctx) && !BN_cmp(product, rsa->n) &&
	     BN_sub(rsa->phi, rsa->n, rsa->p) && BN_sub(rsa->phi, rsa->phi, rsa->q) &&
	     BN_add_word(rsa->phi, 1);
	BN_clear_free(third);
	BN_free(product);
	ERR_clear_error();
	if (!ok)
		return false;
	BN_set_flags(rsa->d, BN_FLG_CONSTTIME);
	BN_set_flags(rsa->phi, BN_FLG_CONSTTIME);
	return true;
}

/* Is d * e = 1 modulo (p-1)(q-1)? */
static bool rsa_is_strict(const struct rsa *rsa)
{
	BIGNUM *product = BN_secure_new();
	bool strict;

	strict = product && BN_mod_mul(product, rsa->d, rsa->e, rsa->phi, rsa->ctx) &&
		 BN_is_one(product);
	BN_clear_free(product);
	return strict;
}

/* A private key in PEM or DER; NULL if OpenSSL cannot read one. */
EVP_PKEY *cert_key_read(const unsigned char *data, size_t len)
{
	BIO *bio = BIO_new_mem_buf(data, len);
	EVP_PKEY *key = NULL;

	/* An empty password, or OpenSSL would ask a person for one. */
	if (bio && memmem(data, len, "-----BEGIN ", 11))
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
	else if (bio)
		key = d2i_PrivateKey_bio(bio, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

/* Is its d of the form that strict firmware asks for? */
bool cert_key_is_strict(const EVP_PKEY *key)
{
	struct rsa rsa;
	bool strict;

	strict = rsa_read(&rsa, key) && rsa_is_strict(&rsa);
	rsa_free(&rsa);
	return strict;
}

/* A key of these numbers; what can be computed from them is. */
static EVP_PKEY *rsa_make(const struct rsa *rsa)
{
	BIGNUM *dp = BN_secure_new(), *dq = BN_secure_new(), *qinv = BN_secure_new();
	BIGNUM *less = BN_secure_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (dp && dq && qinv && less && ctx && build &&
	    BN_sub(less, rsa->p, BN_value_one()) && BN_mod(dp, rsa->d, less, rsa->ctx) &&
	    BN_sub(less, rsa->q, BN_value_one()) && BN_mod(dq, rsa->d, less, rsa->ctx) &&
	    BN_mod_inverse(qinv, rsa->q, rsa->p, rsa->ctx) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, rsa->n) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, rsa->e) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, rsa->d) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR1, rsa->p) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_FACTOR2, rsa->q) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT1, dp) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_EXPONENT2, dq) &&
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, qinv) &&
	    (params = OSSL_PARAM_BLD_to_param(build)) && EVP_PKEY_fromdata_init(ctx) > 0 &&
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_clear_free(less);
	BN_clear_free(qinv);
	BN_clear_free(dq);
	BN_clear_free(dp);
	return key;
}

/* Signatures of PKCS#1 v1.5 have nothing random: of the same key they are the same. */
static size_t sign(EVP_PKEY *key, unsigned char *signature, size_t size)
{
	static const unsigned char text[] = "eswifictl cert convert";
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) <= 0 ||
	    EVP_DigestSign(ctx, signature, &size, text, sizeof(text)) <= 0)
		size = 0;
	EVP_MD_CTX_free(ctx);
	return size;
}

/* A signature goes by the primes, so that d must be tried by itself. */
static bool same_by_d(const struct rsa *a, const struct rsa *b)
{
	BIGNUM *message = BN_new(), *x = BN_secure_new(), *y = BN_secure_new();
	bool same;

	same = message && x && y && BN_rand_range(message, a->n) &&
	       BN_mod_exp(x, message, a->d, a->n, a->ctx) &&
	       BN_mod_exp(y, message, b->d, a->n, a->ctx) && !BN_cmp(x, y) &&
	       BN_mod_exp(x, y, a->e, a->n, a->ctx) && !BN_cmp(x, message);
	BN_clear_free(y);
	BN_clear_free(x);
	BN_free(message);
	return same;
}

/* Do both belong to one public key, and sign alike? */
static bool is_same(EVP_PKEY *a, EVP_PKEY *b)
{
	unsigned char by_a[1024], by_b[1024];
	size_t len = sign(a, by_a, sizeof(by_a));
	struct rsa one = { 0 }, other = { 0 };
	bool same;

	same = len && sign(b, by_b, sizeof(by_b)) == len && !memcmp(by_a, by_b, len) &&
	       rsa_read(&one, a) && rsa_read(&other, b) && !BN_cmp(one.n, other.n) &&
	       !BN_cmp(one.e, other.e) && same_by_d(&one, &other);
	rsa_free(&one);
	rsa_free(&other);
	return same;
}

static EVP_PKEY *make_strict(const EVP_PKEY *key)
{
	EVP_PKEY *strict = NULL;
	struct rsa rsa;

	if (rsa_read(&rsa, key) &&
	    (rsa_is_strict(&rsa) || BN_mod_inverse(rsa.d, rsa.e, rsa.phi, rsa.ctx)))
		strict = rsa_make(&rsa);
	rsa_free(&rsa);
	return strict;
}

/* The key in PKCS#1 (RSA) or SEC1 (EC), as PEM; to be wiped and freed. */
static unsigned char *write_traditional(EVP_PKEY *key, size_t *len)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	unsigned char *copy = NULL;
	char *text;
	long size;

	if (bio && PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)) {
		size = BIO_get_mem_data(bio, &text);
		copy = malloc(size);
		if (copy)
			memcpy(copy, text, size);
		*len = size;
	}
	BIO_free(bio);
	ERR_clear_error();
	return copy;
}

/*
 * The same key as text, in its traditional form; an RSA key with the d that strict
 * firmware asks for if @strict. What is given back was read again and proved to be the
 * same key. NULL if it can't be made. To be wiped and freed.
 */
unsigned char *cert_key_write(EVP_PKEY *key, bool strict, size_t *len)
{
	EVP_PKEY *made = strict ? make_strict(key) : NULL, *again = NULL;
	unsigned char *text = NULL;
	bool same = false;

	if (made || !strict)
		text = write_traditional(made ?: key, len);
	if (text)
		again = cert_key_read(text, *len);
	if (again)
		same = strict ? is_same(key, again) && cert_key_is_strict(again) :
				EVP_PKEY_eq(key, again) == 1;
	if (text && !same) {
		OPENSSL_cleanse(text, *len);
		free(text);
		text = NULL;
	}
	EVP_PKEY_free(again);
	EVP_PKEY_free(made);
	ERR_clear_error();
	return text;
}
