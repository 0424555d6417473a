/* SPDX-License-Identifier: MIT
 *
 * Whatever a key set says: the keys that come out keep every rule.
 */
#include <openssl/evp.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/token/jwks.h"

static void check_key(const struct jwks *set, size_t i)
{
	const char *kid = jwks_kid(set, i);
	HOLDS(jwks_bits(set, i) >= 2048 && jwks_bits(set, i) <= 4096);
	HOLDS(strlen(kid) <= JWKS_KID_MAX);
	if (kid[0] == '\0') {
		HOLDS(jwks_find(set, kid) == NULL);
		return;
	}
	EVP_PKEY *key = jwks_find(set, kid);
	HOLDS(key != NULL && EVP_PKEY_is_a(key, "RSA") == 1);
	HOLDS(EVP_PKEY_get_bits(key) == jwks_bits(set, i));
	for (size_t j = 0; j < i; j++)
		HOLDS(!streq(jwks_kid(set, j), kid));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct jwks *set = NULL;
	int r = jwks_parse((const char *)bytes, len, &set);
	HOLDS(r == 0 || (r == RESULT_JWKS && set == NULL));
	if (r != 0)
		return 0;
	HOLDS(jwks_count(set) >= 1 && jwks_count(set) <= JWKS_KEYS_MAX);
	HOLDS((jwks_only(set) != NULL) == (jwks_count(set) == 1));
	for (size_t i = 0; i < jwks_count(set); i++)
		check_key(set, i);
	jwks_free(set);
	return 0;
}
