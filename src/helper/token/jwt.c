/* SPDX-License-Identifier: MIT
 *
 * One form (compact, three parts), one algorithm (RS256), one place for keys (our set). A
 * header that asks for anything else refuses the token.
 */
#include "helper/token/jwt.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/token/base64url.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwks.h"

/* Cognito's header has 80 bytes. */
#define HEADER_MAX 4096
#define SIGNATURE_MAX 512 /* 4096 bits, the largest key that jwks.c accepts */

struct parts {
	struct scan_slice header, payload, signature;
	struct scan_slice signed_text; /* header and payload with the dot */
};

static int split(const char *token, size_t len, struct parts *out)
{
	const char *end = token + len, *first = NULL, *second = NULL;
	if (len <= JWT_MAX)
		first = memchr(token, '.', len);
	if (first != NULL)
		second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
		return RESULT_TOKEN_FORM;
	out->header = (struct scan_slice){token, (size_t)(first - token)};
	out->payload = (struct scan_slice){first + 1, (size_t)(second - first - 1)};
	out->signature = (struct scan_slice){second + 1, (size_t)(end - second - 1)};
	out->signed_text = (struct scan_slice){token, (size_t)(second - token)};
	/* A JWS may sign no bytes at all; as a JWT it then fails as a JSON object. */
	return out->header.len == 0 || out->signature.len == 0 ? RESULT_TOKEN_FORM : 0;
}

/* key: borrowed from the set. */
static int check_header(const struct cJSON *header, const struct jwks *set, bool kid_optional,
    struct evp_pkey_st **key)
{
	/* RFC 7515, section 4.1; b64: RFC 7797; zip: RFC 7516. crit asks for extensions, of
	 * which we have none; cty says that the payload is not a claims set. */
	static const char *const forbidden[] = {
	    "crit", "jwk", "jku", "x5u", "x5c", "zip", "b64", "cty"};
	const struct cJSON *typ = json_member(header, "typ"), *kid = json_member(header, "kid");
	const char *id = json_string(kid);
	if (json_type(header) != JSON_OBJECT)
		return RESULT_TOKEN_HEADER;
	if (!streq(json_member_string(header, "alg"), "RS256"))
		return RESULT_TOKEN_ALG;
	if (typ != NULL && !streq(json_string(typ), "JWT"))
		return RESULT_TOKEN_HEADER;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (json_member(header, forbidden[i]) != NULL)
			return RESULT_TOKEN_HEADER;
	if (kid == NULL && !kid_optional)
		return RESULT_TOKEN_KID;
	if (kid != NULL && (id == NULL || id[0] == '\0' || strlen(id) > JWKS_KID_MAX))
		return RESULT_TOKEN_KID;
	*key = kid != NULL ? jwks_find(set, id) : jwks_only(set);
	return *key != NULL ? 0 : RESULT_TOKEN_KEY;
}

static int read_header(const struct scan_slice *part, const struct jwks *set, bool kid_optional,
    struct evp_pkey_st **key)
{
	struct buffer text = BUFFER_INIT(BASE64_DECODED(BASE64_ENCODED(HEADER_MAX)));
	struct json *json = NULL;
	int r = base64url_append(&text, part->bytes, part->len);
	if (r == 0)
		r = json_parse(text.bytes, text.len, HEADER_MAX, &json, NULL);
	if (r == 0)
		r = check_header(json_root(json), set, kid_optional, key);
	json_free(json);
	buffer_wipe(&text);
	return r == RESULT_JSON || r == RESULT_TOO_LARGE ? RESULT_TOKEN_HEADER : r;
}

static int check_signature(const struct parts *parts, struct evp_pkey_st *key)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t size = (size_t)EVP_PKEY_get_size(key), len = 0;
	/* As long as the modulus (RFC 8017, section 8.2.2), before anything is decoded. */
	if (parts->signature.len != (size * 4 + 2) / 3)
		return RESULT_TOKEN_SIGNATURE;
	int r = base64url_decode(
	    parts->signature.bytes, parts->signature.len, signature, sizeof(signature), &len);
	if (r != 0)
		return r;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return RESULT_MEMORY;
	ERR_set_mark();
	bool is_good =
	    EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(ctx, signature, len,
		(const unsigned char *)parts->signed_text.bytes, parts->signed_text.len) == 1;
	ERR_pop_to_mark(); /* libcurl's TLS reads the same queue of errors */
	EVP_MD_CTX_free(ctx);
	return is_good ? 0 : RESULT_TOKEN_SIGNATURE;
}

int jws_verify(const char *token, size_t len, const struct jwks *set, bool kid_optional,
    struct buffer *payload)
{
	struct evp_pkey_st *key = NULL;
	struct parts parts;
	buffer_wipe(payload);
	int r = split(token, len, &parts);
	if (r == 0)
		r = read_header(&parts.header, set, kid_optional, &key);
	if (r == 0)
		r = check_signature(&parts, key);
	if (r == 0)
		r = base64url_append(payload, parts.payload.bytes, parts.payload.len);
	if (r != 0)
		buffer_wipe(payload);
	return r == RESULT_TOO_LARGE ? RESULT_TOKEN_FORM : r;
}

int jwt_verify(const char *token, size_t len, const struct jwks *set, struct claims **out)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	*out = NULL;
	int r = jws_verify(token, len, set, false, &payload);
	if (r == 0)
		r = claims_make(payload.bytes, payload.len, out);
	buffer_wipe(&payload);
	return r;
}
