/* SPDX-License-Identifier: MIT
 *
 * Signs anything, also what no provider would.
 */
#include "mint.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/token/base64url.h"

static void must(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "mint: %s failed\n", what);
	exit(99);
}

char *mint_text(const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	must(vasprintf(&text, format, args) >= 0, "vasprintf");
	va_end(args);
	return text;
}

char *mint_base64url(const void *bytes, size_t len)
{
	char *text = malloc(BASE64_ENCODED(len));
	must(text != NULL, "malloc");
	base64url_encode(bytes, len, text);
	return text;
}

struct evp_pkey_st *mint_key(unsigned bits)
{
	/* Of three primes: whoever verifies sees only the modulus, and the key is made in a
	 * tenth of the time. */
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;
	must(c != NULL && EVP_PKEY_keygen_init(c) == 1 &&
		 EVP_PKEY_CTX_set_rsa_keygen_bits(c, (int)bits) == 1 &&
		 EVP_PKEY_CTX_set_rsa_keygen_primes(c, 3) == 1 &&
		 EVP_PKEY_generate(c, &key) == 1,
	    "EVP_PKEY_generate");
	EVP_PKEY_CTX_free(c);
	return key;
}

char *mint_modulus(const struct evp_pkey_st *key)
{
	unsigned char bytes[1024];
	BIGNUM *n = NULL;
	must(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1, "modulus");
	int len = BN_bn2bin(n, bytes);
	BN_free(n);
	return mint_base64url(bytes, (size_t)len);
}

char *mint_jwk(const struct evp_pkey_st *key, const char *members)
{
	char *n = mint_modulus(key);
	char *jwk = mint_text("{\"kty\":\"RSA\",%s\"e\":\"AQAB\",\"n\":\"%s\"}", members, n);
	free(n);
	return jwk;
}

char *mint_set(const char *const *jwks)
{
	char *set = mint_text("{\"keys\":[");
	for (size_t i = 0; jwks[i] != NULL; i++) {
		char *more = mint_text("%s%s%s", set, i > 0 ? "," : "", jwks[i]);
		free(set);
		set = more;
	}
	char *whole = mint_text("%s]}", set);
	free(set);
	return whole;
}

char *mint_input(struct evp_pkey_st *key, const char *input, size_t len)
{
	unsigned char signature[1024];
	size_t size = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	must(ctx != NULL, "EVP_MD_CTX_new");
	must(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1, "init");
	must(EVP_DigestSign(ctx, signature, &size, (const unsigned char *)input, len) == 1,
	    "EVP_DigestSign");
	EVP_MD_CTX_free(ctx);
	char *tail = mint_base64url(signature, size);
	char *token = mint_text("%.*s.%s", (int)len, input, tail);
	free(tail);
	return token;
}

char *mint_bytes(struct evp_pkey_st *key, const char *header, const void *payload, size_t len)
{
	char *first = mint_base64url(header, strlen(header));
	char *second = mint_base64url(payload, len);
	char *input = mint_text("%s.%s", first, second);
	char *token = mint_input(key, input, strlen(input));
	free(first);
	free(second);
	free(input);
	return token;
}

char *mint_token(struct evp_pkey_st *key, const char *header, const char *payload)
{
	return mint_bytes(key, header, payload, strlen(payload));
}
