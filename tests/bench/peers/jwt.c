/* SPDX-License-Identifier: MIT
 *
 * libjwt 1.x, which reads no JWKS: the key comes in PEM, and each call reads it anew.
 */
#include <jwt.h>
#include <string.h>

#include "bench/peers/peer.h"

static void forget_keys(void *keys)
{
	(void)keys;
}

static void *read_keys(const char *jwks, const char *pem)
{
	(void)jwks;
	return (void *)(size_t)pem;
}

static bool verify(void *keys, const char *token, const char *issuer, const char *client)
{
	jwt_t *jwt = NULL;
	if (jwt_decode(&jwt, token, keys, (int)strlen(keys)) != 0)
		return false;
	const char *iss = jwt_get_grant(jwt, "iss"), *aud = jwt_get_grant(jwt, "aud");
	bool is_good = jwt_get_alg(jwt) == JWT_ALG_RS256 && iss != NULL && aud != NULL &&
		       strcmp(iss, issuer) == 0 && strcmp(aud, client) == 0;
	jwt_free(jwt);
	return is_good;
}

const struct peer peer = {read_keys, verify, forget_keys};
