/* SPDX-License-Identifier: MIT
 *
 * The checks over any payload. A fuzzer cannot sign, so payloads enter through claims_make(),
 * which only jwt.c and tests may call. What passes is read again here, claim by claim, the
 * plain way.
 */
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/json/json.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define NOW 1759345300
#define LEEWAY 60
#define ISSUER "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_ExAmPlE"
#define CLIENT "6o7h8i9jexampleclientid"

static const char *const none[] = {NULL};

static struct expectation expect(enum token_use use)
{
	return (struct expectation){
	    .issuer = ISSUER,
	    .alternate_issuers = none,
	    .client_id = CLIENT,
	    .token_use = use,
	    .access_token = "a.b.c",
	    .leeway = LEEWAY,
	    .now = NOW,
	};
}

static void check_passed(const struct claims *claims, enum token_use use)
{
	bool is_id = use == TOKEN_USE_ID;
	long long exp = 0, iat = 0, when = 0;
	HOLDS(streq(claims_text(claims, "iss"), ISSUER));
	HOLDS(streq(claims_text(claims, "token_use"), is_id ? "id" : "access"));
	HOLDS(streq(claims_text(claims, is_id ? "aud" : "client_id"), CLIENT));
	HOLDS(claims_integer(claims, "exp", &exp) && exp > NOW - LEEWAY);
	HOLDS(claims_integer(claims, "iat", &iat) && iat <= NOW + LEEWAY);
	if (claims_get(claims, "nbf") != NULL)
		HOLDS(claims_integer(claims, "nbf", &when) && when <= NOW + LEEWAY);
	if (claims_get(claims, "auth_time") != NULL)
		HOLDS(claims_integer(claims, "auth_time", &when) && when <= NOW + LEEWAY);
	HOLDS(claims_sub(claims) != NULL && strlen(claims_sub(claims)) - 1 < 255);
	HOLDS(is_id || claims_username(claims)[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct expectation id = expect(TOKEN_USE_ID), access = expect(TOKEN_USE_ACCESS);
	struct expectation nonce = id;
	struct claims *claims = NULL;
	int r = claims_make((const char *)bytes, len, &claims);
	HOLDS(r == 0 || (r == RESULT_TOKEN_PAYLOAD && claims == NULL));
	if (r != 0)
		return 0;
	int as_id = claims_check(claims, &id), as_access = claims_check(claims, &access);
	HOLDS(as_id != 0 || as_access != 0);
	if (as_id == 0)
		check_passed(claims, TOKEN_USE_ID);
	if (as_access == 0)
		check_passed(claims, TOKEN_USE_ACCESS);
	nonce.nonce = "n";
	if (claims_check(claims, &nonce) == 0)
		HOLDS(as_id == 0 && streq(claims_text(claims, "nonce"), "n"));
	claims_free(claims);
	return 0;
}
