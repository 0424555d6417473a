/* SPDX-License-Identifier: MIT
 *
 * cjose, used as mod_auth_openidc uses it: it reads a single key, jansson the set.
 */
#include <cjose/cjose.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers/peer.h"

#define KEYS_MAX 64

struct keys {
	cjose_jwk_t *of[KEYS_MAX];
	size_t len;
};

static void forget_keys(void *of)
{
	struct keys *keys = of;
	for (size_t i = 0; i < keys->len; i++)
		cjose_jwk_release(keys->of[i]);
	free(keys);
}

static void *read_keys(const char *jwks, const char *pem)
{
	(void)pem;
	struct keys *keys = calloc(1, sizeof(*keys));
	json_t *set = json_loads(jwks, 0, NULL), *one;
	size_t i;
	json_array_foreach(json_object_get(set, "keys"), i, one)
	{
		cjose_err err;
		cjose_jwk_t *key = cjose_jwk_import_json((cjose_header_t *)one, &err);
		if (keys != NULL && key != NULL && keys->len < KEYS_MAX)
			keys->of[keys->len++] = key;
	}
	json_decref(set);
	return keys;
}

static const cjose_jwk_t *find(const struct keys *keys, const char *kid)
{
	cjose_err err;
	for (size_t i = 0; kid != NULL && i < keys->len; i++) {
		const char *theirs = cjose_jwk_get_kid(keys->of[i], &err);
		if (theirs != NULL && strcmp(theirs, kid) == 0)
			return keys->of[i];
	}
	return NULL;
}

static bool verify(void *of, const char *token, const char *issuer, const char *client)
{
	cjose_err err;
	uint8_t *text;
	size_t len;
	bool is_good = false;
	cjose_jws_t *jws = cjose_jws_import(token, strlen(token), &err);
	cjose_header_t *header = jws != NULL ? cjose_jws_get_protected(jws) : NULL;
	const cjose_jwk_t *key =
	    header != NULL ? find(of, cjose_header_get(header, CJOSE_HDR_KID, &err)) : NULL;
	const char *alg = header != NULL ? cjose_header_get(header, CJOSE_HDR_ALG, &err) : NULL;
	if (key != NULL && alg != NULL && strcmp(alg, "RS256") == 0 &&
	    cjose_jws_verify(jws, key, &err) &&
	    cjose_jws_get_plaintext(jws, &text, &len, &err)) {
		json_t *claims = json_loadb((const char *)text, len, 0, NULL);
		const char *iss = json_string_value(json_object_get(claims, "iss")),
			   *aud = json_string_value(json_object_get(claims, "aud"));
		is_good = iss != NULL && aud != NULL && strcmp(iss, issuer) == 0 &&
			  strcmp(aud, client) == 0;
		json_decref(claims);
	}
	cjose_jws_release(jws);
	return is_good;
}

const struct peer peer = {read_keys, verify, forget_keys};
