/* SPDX-License-Identifier: MIT */
#include "helper/flow/pkce.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "common/result.h"
#include "helper/token/base64url.h"

#define BYTES 32 /* section 4.1's recommendation, and SHA-256's */

_Static_assert(PKCE_TEXT_SIZE >= BASE64_ENCODED(BYTES) - 1, "43 characters and NUL");

int pkce_challenge(const char *verifier, char challenge[PKCE_TEXT_SIZE])
{
	unsigned char digest[BYTES];
	char text[BASE64_ENCODED(BYTES)];
	if (EVP_Digest(verifier, strlen(verifier), digest, NULL, EVP_sha256(), NULL) != 1)
		return RESULT_MEMORY;
	base64url_encode(digest, sizeof(digest), text);
	memcpy(challenge, text, PKCE_TEXT_SIZE);
	return 0;
}

int pkce_make(struct pkce *pkce)
{
	unsigned char secret[BYTES];
	char text[BASE64_ENCODED(BYTES)];
	if (RAND_bytes(secret, sizeof(secret)) != 1)
		return RESULT_MEMORY;
	base64url_encode(secret, sizeof(secret), text);
	memcpy(pkce->verifier, text, PKCE_TEXT_SIZE);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text, sizeof(text));
	return pkce_challenge(pkce->verifier, pkce->challenge);
}
