/* SPDX-License-Identifier: MIT
 *
 * The provider's side, for tests: keys, key sets and signed tokens with any content.
 * Every returned string is the caller's to free(). What cannot be made ends the program.
 */
#ifndef TESTS_UNIT_MINT_H
#define TESTS_UNIT_MINT_H

#include <stddef.h>

struct evp_pkey_st;

/* A new RSA key pair with e = 65537; free with EVP_PKEY_free(). */
struct evp_pkey_st *mint_key(unsigned bits);

/* The modulus in base64url. */
char *mint_modulus(const struct evp_pkey_st *);

/* A JWK. members: what stands before n and e, e.g. "\"kid\":\"a\",\"use\":\"sig\",". */
char *mint_jwk(const struct evp_pkey_st *, const char *members);

/* {"keys":[jwk,...]}; jwks ends with NULL. */
char *mint_set(const char *const *jwks);

/* A compact JWS: RS256 over whatever header and payload are. */
char *mint_token(struct evp_pkey_st *, const char *header, const char *payload);

/* The same with a payload of any bytes. */
char *mint_bytes(struct evp_pkey_st *, const char *header, const void *payload, size_t len);

/* The same with a signing input of any form; the signature is appended with a dot. */
char *mint_input(struct evp_pkey_st *, const char *input, size_t len);

/* base64url of a text. */
char *mint_base64url(const void *bytes, size_t len);

/* printf into an allocated string. */
char *mint_text(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
