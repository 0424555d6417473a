/* SPDX-License-Identifier: MIT */
#include "helper/net/authorization_response.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/net/percent.h"

#define ROOM (AUTHORIZATION_PASTED_MAX + 1)

/* The parameters that count; each may stand once. */
struct response {
	char code[ROOM], state[ROOM], error[ROOM], description[ROOM];
	bool has_code, has_state, has_error, has_description;
};

static bool is_around(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"' || c == '\'';
}

static void trim(const char **text, size_t *len)
{
	while (*len > 0 && is_around(**text))
		++*text, --*len;
	while (*len > 0 && is_around((*text)[*len - 1]))
		--*len;
}

/* X X, XX: a paste too many. A code is random and does not repeat itself. */
static bool is_twice(const char *text, size_t len)
{
	const char *second = text + (len + 1) / 2;
	size_t first_len = len / 2, second_len = len / 2;
	trim(&text, &first_len);
	trim(&second, &second_len);
	return first_len > AUTHORIZATION_STATE_SHOWN && first_len == second_len &&
	       memcmp(text, second, first_len) == 0;
}

static bool is_visible(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			return false;
	return len > 0;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static bool is_address(const char *text)
{
	return has(text, "://") || has(text, "code=") || has(text, "error=") ||
	       has(text, "state=");
}

/* One "name=value" of the query; false for one that stands twice or is broken. */
static bool take(struct response *found, const char *at, size_t len)
{
	const struct {
		const char *name;
		char *value;
		bool *is_there;
	} known[] = {
	    {"code=", found->code, &found->has_code},
	    {"state=", found->state, &found->has_state},
	    {"error=", found->error, &found->has_error},
	    {"error_description=", found->description, &found->has_description},
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t n = strlen(known[i].name);
		if (len < n || memcmp(at, known[i].name, n) != 0)
			continue;
		if (*known[i].is_there)
			return false;
		*known[i].is_there = true;
		return percent_decode_form(at + n, len - n, known[i].value, ROOM);
	}
	return true;
}

/* Whatever stands in front of the query is not looked at: people cut addresses short. */
static bool read_query(const char *text, struct response *found)
{
	const char *query = strchr(text, '?');
	query = query != NULL ? query + 1 : text;
	size_t left = strcspn(query, "#");
	while (left > 0) {
		size_t len = strcspn(query, "&#");
		if (!take(found, query, len))
			return false;
		query += len;
		left -= len;
		if (left > 0)
			query++, left--;
	}
	return true;
}

static void tell(const char *in, char *out, size_t size)
{
	text_printable(in, strlen(in), out, size);
}

static int read_address(
    const char *text, const char *state, char *code, struct api_error *error)
{
	struct response found;
	memset(&found, 0, sizeof(found));
	int r = 0;
	if (!read_query(text, &found))
		r = RESULT_AUTHORIZATION_FORM;
	else if (found.has_error)
		r = RESULT_AUTHORIZATION_ERROR;
	else if (!found.has_code || !is_visible(found.code, strlen(found.code)))
		r = RESULT_AUTHORIZATION_FORM;
	else if (strlen(found.state) != strlen(state) ||
		 CRYPTO_memcmp(found.state, state, strlen(state)) != 0)
		r = RESULT_AUTHORIZATION_STATE;
	if (r == RESULT_AUTHORIZATION_ERROR) {
		tell(found.error, error->type, sizeof(error->type));
		tell(found.description, error->message, sizeof(error->message));
	}
	if (r == 0)
		snprintf(code, ROOM, "%s", found.code);
	explicit_bzero(&found, sizeof(found));
	return r;
}

/* code.state8, or a code alone. Eight characters of base64url behind the last dot are a
 * state's, whatever else a code may hold. */
static int read_code(const char *text, const char *state, char *code)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *dot = strrchr(text, '.');
	size_t len = strlen(text);
	if (dot != NULL && dot > text && strlen(dot + 1) == AUTHORIZATION_STATE_SHOWN &&
	    strspn(dot + 1, letters) == AUTHORIZATION_STATE_SHOWN) {
		if (CRYPTO_memcmp(dot + 1, state, AUTHORIZATION_STATE_SHOWN) != 0)
			return RESULT_AUTHORIZATION_STATE;
		len = (size_t)(dot - text);
	}
	snprintf(code, ROOM, "%.*s", (int)len, text);
	return 0;
}

int authorization_response_code(const char *pasted, const char *state,
    char code[AUTHORIZATION_PASTED_MAX + 1], struct api_error *error)
{
	char text[ROOM];
	size_t len = strlen(pasted);
	code[0] = error->type[0] = error->message[0] = '\0';
	trim(&pasted, &len);
	if (len == 0)
		return RESULT_CANCELLED;
	if (is_twice(pasted, len))
		return RESULT_AUTHORIZATION_TWICE;
	if (len > AUTHORIZATION_PASTED_MAX)
		return RESULT_ANSWER_LONG;
	if (!is_visible(pasted, len))
		return RESULT_AUTHORIZATION_FORM;
	snprintf(text, sizeof(text), "%.*s", (int)len, pasted);
	int r = is_address(text) ? read_address(text, state, code, error)
				 : read_code(text, state, code);
	explicit_bzero(text, sizeof(text));
	return r;
}
