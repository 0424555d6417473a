/* SPDX-License-Identifier: MIT
 *
 * One form (compact, three parts), one algorithm (RS256), one place for keys (our set).
 * Whatever the header would like to change about that refuses the token.
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
#define SIGNATURE_MAX 512 /* 4096 bits, the largest key jwks.c lets in */

struct part {
	const char *at;
	size_t len;
};

struct parts {
	struct part header, payload, signature;
	struct part signed_text; /* header and payload with the dot */
};

static int split(const char *token, size_t len, struct parts *out)
{
	const char *end = token + len, *first, *second;
	if (len > JWT_MAX)
		return RESULT_TOKEN_FORM;
	first = memchr(token, '.', len);
	if (first == NULL)
		return RESULT_TOKEN_FORM;
	second = memchr(first + 1, '.', (size_t)(end - first - 1));
	if (second == NULL)
		return RESULT_TOKEN_FORM;
	if (memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
		return RESULT_TOKEN_FORM;
	out->header = (struct part){token, (size_t)(first - token)};
	out->payload = (struct part){first + 1, (size_t)(second - first - 1)};
	out->signature = (struct part){second + 1, (size_t)(end - second - 1)};
	out->signed_text = (struct part){token, (size_t)(second - token)};
	/* A JWS may sign nothing at all; an empty JWT fails as a JSON object. */
	if (out->header.len == 0 || out->signature.len == 0)
		return RESULT_TOKEN_FORM;
	return 0;
}

/* Decodes into an empty buffer. Returns 0, RESULT_TOKEN_FORM, RESULT_TOO_LARGE or
 * RESULT_MEMORY. */
static int decode_part(const struct part *part, struct buffer *out)
{
	size_t room = BASE64_DECODED(part->len);
	int r = buffer_reserve(out, room);
	if (r != 0)
		return r;
	r = base64url_decode(part->at, part->len, (unsigned char *)out->bytes, room, &out->len);
	out->bytes[out->len] = '\0';
	return r;
}

static int check_header(const struct cJSON *header)
{
	/* RFC 7515, section 4.1; b64: RFC 7797; zip: RFC 7516. crit asks for extensions,
	 * of which we have none; cty says that the payload is not what we take it for. */
	static const char *const forbidden[] = {
	    "crit", "jwk", "jku", "x5u", "x5c", "zip", "b64", "cty"};
	const struct cJSON *typ = json_member(header, "typ");
	if (json_type(header) != JSON_OBJECT)
		return RESULT_TOKEN_HEADER;
	if (!streq(json_member_string(header, "alg"), "RS256"))
		return RESULT_TOKEN_ALG;
	if (typ != NULL && !streq(json_string(typ), "JWT"))
		return RESULT_TOKEN_HEADER;
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (json_member(header, forbidden[i]) != NULL)
			return RESULT_TOKEN_HEADER;
	return 0;
}

/* key: borrowed from the set. */
static int choose_key(const struct cJSON *header, const struct jwks *set, bool kid_optional,
    struct evp_pkey_st **key)
{
	const struct cJSON *kid = json_member(header, "kid");
	const char *text = json_string(kid);
	if (kid == NULL && !kid_optional)
		return RESULT_TOKEN_KID;
	if (kid != NULL && (text == NULL || text[0] == '\0' || strlen(text) > JWKS_KID_MAX))
		return RESULT_TOKEN_KID;
	*key = kid != NULL ? jwks_find(set, text) : jwks_only(set);
	return *key != NULL ? 0 : RESULT_TOKEN_KEY;
}

static int read_header(const struct part *part, const struct jwks *set, bool kid_optional,
    struct evp_pkey_st **key)
{
	struct buffer text = BUFFER_INIT(BASE64_DECODED(BASE64_ENCODED(HEADER_MAX)));
	struct json *json = NULL;
	int r = decode_part(part, &text);
	if (r == 0)
		r = json_parse(text.bytes, text.len, HEADER_MAX, &json, NULL);
	if (r == 0)
		r = check_header(json_root(json));
	if (r == 0)
		r = choose_key(json_root(json), set, kid_optional, key);
	json_free(json);
	buffer_wipe(&text);
	return r == RESULT_JSON || r == RESULT_TOO_LARGE ? RESULT_TOKEN_HEADER : r;
}

static int check_signature(const struct parts *parts, struct evp_pkey_st *key)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t size = (size_t)EVP_PKEY_get_size(key), len = 0;
	EVP_MD_CTX *ctx = NULL;
	int good = 0, r;
	/* As long as the modulus (RFC 8017, section 8.2.2), before anything is decoded. */
	if (size > sizeof(signature) || parts->signature.len != (size * 4 + 2) / 3)
		return RESULT_TOKEN_SIGNATURE;
	r = base64url_decode(
	    parts->signature.at, parts->signature.len, signature, sizeof(signature), &len);
	if (r != 0)
		return r;
	ctx = EVP_MD_CTX_new();
	if (ctx == NULL)
		return RESULT_MEMORY;
	ERR_set_mark();
	if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1)
		good = EVP_DigestVerify(ctx, signature, len,
		    (const unsigned char *)parts->signed_text.at, parts->signed_text.len);
	ERR_pop_to_mark(); /* TLS reads the same queue */
	EVP_MD_CTX_free(ctx);
	return good == 1 ? 0 : RESULT_TOKEN_SIGNATURE;
}

int jws_verify(const char *token, size_t len, const struct jwks *set, bool kid_optional,
    struct buffer *payload)
{
	struct evp_pkey_st *key = NULL;
	struct parts parts;
	int r;
	buffer_wipe(payload);
	r = split(token, len, &parts);
	if (r == 0)
		r = read_header(&parts.header, set, kid_optional, &key);
	if (r == 0)
		r = check_signature(&parts, key);
	if (r == 0)
		r = decode_part(&parts.payload, payload);
	if (r != 0)
		buffer_wipe(payload);
	return r == RESULT_TOO_LARGE ? RESULT_TOKEN_FORM : r;
}

int jwt_verify(const char *token, size_t len, const struct jwks *set, struct claims **out)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	int r;
	*out = NULL;
	r = jws_verify(token, len, set, false, &payload);
	if (r == 0)
		r = claims_make(payload.bytes, payload.len, out);
	buffer_wipe(&payload);
	return r;
}
