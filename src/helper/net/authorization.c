/* SPDX-License-Identifier: MIT */
#include "helper/net/authorization.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/sentence.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/net/http.h"
#include "helper/net/percent.h"
#include "helper/net/token_endpoint.h"
#include "helper/token/base64url.h"

#define ROOM (AUTHORIZATION_PASTED_MAX + 1)
#define PROMPT_MAX 255 /* bytes of config.prompt */
/* What a paste may bring along: the last are the bytes of a no-break space, U+00A0. No code and
 * no address holds them. */
#define AROUND " \t\r\n\"'\xc2\xa0"
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* The parameters that count; each may be there once. */
enum { CODE, STATE, ERROR, DESCRIPTION, PARAMETERS };

static const char *const names[PARAMETERS] = {[CODE] = "code=",
    [STATE] = "state=",
    [ERROR] = "error=",
    [DESCRIPTION] = "error_description="};

struct response {
	char values[PARAMETERS][ROOM];
	bool has[PARAMETERS];
};

/* RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6, and Cognito's error page. */
static const struct {
	const char *error, *meaning;
} errors[] = {
    {"access_denied", SENTENCE_BROWSER_DENIED},
    {"login_required", SENTENCE_BROWSER_SILENT},
    {"redirect_mismatch", SENTENCE_BROWSER_REDIRECT},
    {"invalid_scope", SENTENCE_BROWSER_SCOPE},
    {"unauthorized_client", SENTENCE_BROWSER_CLIENT},
    {"invalid_request", SENTENCE_BROWSER_REQUEST},
    {"server_error", SENTENCE_BROWSER_SERVER},
    {"temporarily_unavailable", SENTENCE_BROWSER_BUSY},
};

/* ---- request ------------------------------------------------------------------------- */

int authorization_random(size_t len, char *out)
{
	unsigned char bytes[AUTHORIZATION_RANDOM_MOST];
	if (len > sizeof(bytes) || RAND_bytes(bytes, (int)len) != 1)
		return RESULT_MEMORY;
	base64url_encode(bytes, len, out);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

int authorization_challenge(const char *verifier, char challenge[PKCE_TEXT_SIZE])
{
	unsigned char digest[AUTHORIZATION_RANDOM_MOST];
	if (EVP_Digest(verifier, strlen(verifier), digest, NULL, EVP_sha256(), NULL) != 1)
		return RESULT_MEMORY;
	base64url_encode(digest, sizeof(digest), challenge);
	return 0;
}

int authorization_pkce(struct pkce *pkce)
{
	int r = authorization_random(AUTHORIZATION_RANDOM_MOST, pkce->verifier);
	return r == 0 ? authorization_challenge(pkce->verifier, pkce->challenge) : r;
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	while (*list != '\0') {
		size_t n = strcspn(list, " ");
		if (n == len && memcmp(list, word, len) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

/* "none" allows no other word beside it (OpenID Connect Core 3.1.2.1); the rest is a list. */
static const char *fresh_prompt(const char *prompt, char both[sizeof("login ") + PROMPT_MAX])
{
	if (prompt == NULL || has_word(prompt, "none"))
		return "login";
	if (has_word(prompt, "login"))
		return prompt;
	snprintf(both, sizeof("login ") + PROMPT_MAX, "login %s", prompt);
	return both;
}

int authorization_url(
    const struct config *config, const struct authorization_request *q, struct buffer *url)
{
	char both[sizeof("login ") + PROMPT_MAX];
	struct buffer scope = BUFFER_INIT(AUTHORIZATION_URL_MAX);
	int r = token_endpoint_scope(&scope, config);
	const struct parameter parameters[] = {
	    {"response_type", "code"},
	    {"client_id", config->client_id},
	    {"redirect_uri", config->redirect_uri},
	    {"scope", scope.len > 0 ? buffer_text(&scope) : config->provider->default_scope},
	    {"state", q->state},
	    {"nonce", q->nonce},
	    {"code_challenge_method", q->challenge != NULL ? "S256" : NULL},
	    {"code_challenge", q->challenge},
	    {"login_hint", q->login_hint[0] != '\0' ? q->login_hint : NULL},
	    {"prompt", q->fresh ? fresh_prompt(config->prompt, both) : config->prompt},
	};
	const char *query = strchr(config->auth_url, '?');
	const char *joint = query == NULL ? "?" : query[1] == '\0' ? "" : "&";
	buffer_append_text(url, config->auth_url);
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		if (parameters[i].value == NULL)
			continue;
		buffer_append_format(url, "%s%s=", joint, parameters[i].name);
		percent_append_query(url, parameters[i].value);
		joint = "&";
	}
	buffer_wipe(&scope);
	return r == 0 ? url->error : r;
}

/* ---- response ------------------------------------------------------------------------ */

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && strchr(AROUND, **text) != NULL) {
		++*text;
		--*len;
	}
	while (*len > 0 && strchr(AROUND, (*text)[*len - 1]) != NULL)
		--*len;
}

/* "X X" or "XX": pasted twice. A code is random and does not repeat itself. */
static bool is_twice(const char *text, size_t len)
{
	const char *second = text + (len + 1) / 2;
	size_t first_len = len / 2, second_len = len / 2;
	trim(&text, &first_len);
	trim(&second, &second_len);
	return first_len > AUTHORIZATION_STATE_SHOWN && first_len == second_len &&
	       memcmp(text, second, first_len) == 0;
}

static bool is_url(const char *text)
{
	static const char *const signs[] = {"://", "code=", "error=", "state="};
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strstr(text, signs[i]) != NULL)
			return true;
	return false;
}

/* One "name=value" of the query. False when it is malformed, or the name was there before. */
static bool take(struct response *found, const char *at, size_t len)
{
	for (size_t i = 0; i < PARAMETERS; i++) {
		size_t n = strlen(names[i]);
		if (len < n || memcmp(at, names[i], n) != 0)
			continue;
		if (found->has[i])
			return false;
		found->has[i] = true;
		return percent_decode_form(at + n, len - n, found->values[i], ROOM);
	}
	return true;
}

/* The part before the query does not matter: people copy URLs without their beginning. */
static bool read_query(const char *text, struct response *found)
{
	const char *query = strchr(text, '?');
	const char *at = query != NULL ? query + 1 : text, *end = at + strcspn(at, "#");
	while (at < end) {
		size_t len = strcspn(at, "&#");
		if (!take(found, at, len))
			return false;
		at += len + 1;
	}
	return true;
}

static int explain(struct reason *reason, const char *error, const char *description)
{
	const char *meaning = SENTENCE_BROWSER_OTHER;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (streq(error, errors[i].error))
			meaning = errors[i].meaning;
	http_refused(reason, RESULT_AUTHORIZATION_ERROR, error, description);
	return reason_tell(
	    reason, RESULT_AUTHORIZATION_ERROR, "%s (%s)", meaning, reason->detail);
}

static int read_url(const char *text, const char *state, char *code, struct reason *reason)
{
	struct response found;
	memset(&found, 0, sizeof(found));
	const char *got = found.values[CODE];
	int r = 0;
	if (!read_query(text, &found))
		r = RESULT_AUTHORIZATION_FORM;
	else if (found.has[ERROR])
		r = explain(reason, found.values[ERROR], found.values[DESCRIPTION]);
	else if (!text_is_visible(got))
		r = RESULT_AUTHORIZATION_FORM;
	else if (strlen(found.values[STATE]) != strlen(state) ||
		 CRYPTO_memcmp(found.values[STATE], state, strlen(state)) != 0)
		r = RESULT_AUTHORIZATION_STATE;
	else
		snprintf(code, ROOM, "%s", got);
	explicit_bzero(&found, sizeof(found));
	return r;
}

/* CODE.STATE8, or a code alone. Eight characters of base64url after the last dot are taken for
 * the state's, although a code may have dots of its own. */
static int read_code(const char *text, const char *state, char *code)
{
	const char *dot = strrchr(text, '.');
	size_t len = strlen(text);
	if (dot != NULL && dot > text && strlen(dot + 1) == AUTHORIZATION_STATE_SHOWN &&
	    strspn(dot + 1, BASE64URL) == AUTHORIZATION_STATE_SHOWN) {
		if (CRYPTO_memcmp(dot + 1, state, AUTHORIZATION_STATE_SHOWN) != 0)
			return RESULT_AUTHORIZATION_STATE;
		len = (size_t)(dot - text);
	}
	snprintf(code, ROOM, "%.*s", (int)len, text);
	return 0;
}

int authorization_response_code(const char *pasted, const char *state,
    char code[AUTHORIZATION_PASTED_MAX + 1], struct reason *reason)
{
	char text[ROOM];
	size_t len = strlen(pasted);
	code[0] = '\0';
	reason_clear(reason);
	trim(&pasted, &len);
	if (len == 0)
		return RESULT_CANCELLED;
	if (is_twice(pasted, len))
		return RESULT_AUTHORIZATION_TWICE;
	if (len > AUTHORIZATION_PASTED_MAX)
		return RESULT_ANSWER_LONG;
	snprintf(text, sizeof(text), "%.*s", (int)len, pasted);
	int r = RESULT_AUTHORIZATION_FORM;
	if (text_is_visible(text))
		r = is_url(text) ? read_url(text, state, code, reason)
				 : read_code(text, state, code);
	explicit_bzero(text, sizeof(text));
	return r;
}
