/* SPDX-License-Identifier: MIT
 *
 * libjose: everything is jansson's JSON; the compact token is taken apart here.
 */
#include <jansson.h>
#include <jose/b64.h>
#include <jose/jws.h>
#include <string.h>

#include "bench/peers/peer.h"

static void forget_keys(void *keys)
{
	json_decref(keys);
}

static void *read_keys(const char *jwks, const char *pem)
{
	(void)pem;
	return json_loads(jwks, 0, NULL);
}

static bool verify(void *keys, const char *token, const char *issuer, const char *client)
{
	const char *payload = strchr(token, '.'), *signature = strrchr(token, '.');
	if (payload == NULL || payload == signature)
		return false;
	json_t *jws = json_pack("{s:s#,s:s#,s:s}", "protected", token, (int)(payload - token),
	    "payload", payload + 1, (int)(signature - payload - 1), "signature", signature + 1);
	json_t *header = jose_b64_dec_load(json_object_get(jws, "protected")), *claims = NULL;
	const char *alg = json_string_value(json_object_get(header, "alg"));
	bool is_good = alg != NULL && strcmp(alg, "RS256") == 0 &&
		       jose_jws_ver(NULL, jws, NULL, keys, false);
	if (is_good) {
		claims = jose_b64_dec_load(json_object_get(jws, "payload"));
		const char *iss = json_string_value(json_object_get(claims, "iss")),
			   *aud = json_string_value(json_object_get(claims, "aud"));
		is_good = iss != NULL && aud != NULL && strcmp(iss, issuer) == 0 &&
			  strcmp(aud, client) == 0;
	}
	json_decref(claims);
	json_decref(header);
	json_decref(jws);
	return is_good;
}

const struct peer peer = {read_keys, verify, forget_keys};
