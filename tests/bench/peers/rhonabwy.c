/* SPDX-License-Identifier: MIT
 *
 * Rhonabwy: the key set and the token are its own types.
 */
#include <rhonabwy.h>

#include "bench/peers/peer.h"

static void forget_keys(void *keys)
{
	r_jwks_free(keys);
}

static void *read_keys(const char *jwks, const char *pem)
{
	(void)pem;
	jwks_t *keys = NULL;
	if (r_jwks_init(&keys) != RHN_OK)
		return NULL;
	if (r_jwks_import_from_json_str(keys, jwks) == RHN_OK)
		return keys;
	forget_keys(keys);
	return NULL;
}

static bool verify(void *keys, const char *token, const char *issuer, const char *client)
{
	jwt_t *jwt = NULL;
	if (r_jwt_init(&jwt) != RHN_OK)
		return false;
	bool is_good = r_jwt_add_sign_jwks(jwt, NULL, keys) == RHN_OK &&
		       r_jwt_parse(jwt, token, 0) == RHN_OK &&
		       r_jwt_get_sign_alg(jwt) == R_JWA_ALG_RS256 &&
		       r_jwt_verify_signature(jwt, NULL, 0) == RHN_OK &&
		       r_jwt_validate_claims(jwt, R_JWT_CLAIM_ISS, issuer, R_JWT_CLAIM_AUD,
			   client, R_JWT_CLAIM_NOP) == RHN_OK;
	r_jwt_free(jwt);
	return is_good;
}

const struct peer peer = {read_keys, verify, forget_keys};
