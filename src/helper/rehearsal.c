/* SPDX-License-Identifier: MIT */
#include "helper/rehearsal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "helper/flow/srp_group.h"
#include "helper/sandbox.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

#define DIGITS 342 /* of 2048 bits in base64url */

/* A signature of zeros below a key whose modulus is 2^2047 + 1: OpenSSL goes all the way to the
 * padding before it refuses. */
static bool rehearse_token(void)
{
	char zeros[DIGITS + 1], keys[DIGITS + 80], token[DIGITS + 80];
	struct jwks *set = NULL;
	struct claims *claims = NULL;
	memset(zeros, 'A', DIGITS);
	zeros[DIGITS] = '\0';
	snprintf(keys, sizeof(keys),
	    "{\"keys\":[{\"kid\":\"k\",\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"g%.*sQ\"}]}",
	    DIGITS - 2, zeros);
	/* {"alg":"RS256","kid":"k"} and {} */
	snprintf(token, sizeof(token), "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.%s", zeros);
	bool is_good = jwks_parse(keys, strlen(keys), &set) == 0 &&
		       jwt_verify(token, strlen(token), set, &claims) == RESULT_TOKEN_SIGNATURE;
	claims_free(claims);
	jwks_free(set);
	return is_good;
}

/* A certificate's key is found by decoders. This is the same one as X.509 writes it (RFC 5280,
 * SubjectPublicKeyInfo; RFC 8017, RSAPublicKey). */
static bool rehearse_certificate(void)
{
	static const unsigned char head[] = {0x30, 0x82, 1, 0x22, 0x30, 0xd, 6, 9, 0x2a, 0x86,
	    0x48, 0x86, 0xf7, 0xd, 1, 1, 1, 5, 0, 3, 0x82, 1, 0xf, 0, 0x30, 0x82, 1, 0xa, 2,
	    0x82, 1, 1, 0, 0x80};
	static const unsigned char tail[] = {1, 2, 3, 1, 0, 1};
	unsigned char der[294] = {0};
	const unsigned char *at = der;
	memcpy(der, head, sizeof(head));
	memcpy(der + sizeof(der) - sizeof(tail), tail, sizeof(tail));
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, sizeof(der));
	EVP_PKEY_free(key);
	return key != NULL;
}

/* What SRP takes its secret from and makes its key with. */
static bool rehearse_srp(void)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	return RAND_priv_bytes(bytes, 1) == 1 &&
	       HMAC(EVP_sha256(), "", 0, bytes, 1, bytes, NULL) != NULL;
}

/* libcurl makes such a context for each connection. It looks up all ciphers, digests and
 * groups, but not what derives keys. */
static bool rehearse_tls(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
	bool is_good = context != NULL && kdf != NULL;
	EVP_KDF_free(kdf);
	SSL_CTX_free(context);
	return is_good;
}

bool rehearsal_run(struct rehearsal *out)
{
	bool is_good = rehearse_token() && rehearse_certificate() && rehearse_srp() &&
		       rehearse_tls() && srp_group_new(&out->srp_group) == 0 &&
		       sandbox_filter_new(&out->filter) == 0;
	ERR_clear_error();
	return is_good;
}

void rehearsal_free(struct rehearsal *rehearsal)
{
	srp_group_free(rehearsal->srp_group);
	sandbox_filter_free(rehearsal->filter);
	*rehearsal = (struct rehearsal){.filter = NULL};
}
