/* SPDX-License-Identifier: MIT */
#include "cli/checks.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/token/jwt.h"

#define VALUE_SHOWN 128

struct judged {
	const struct claims *claims;
	const struct expectation *want;
	const char *name;
	int result;
};

void checks_add(struct checks *checks, const char *name, bool is_good, const char *detail)
{
	if (checks->len == CHECKS_MAX)
		return;
	struct check *check = &checks->rows[checks->len++];
	check->name = name;
	check->is_good = is_good;
	text_printable(detail, strlen(detail), check->detail, sizeof(check->detail));
}

const struct check *checks_failed(const struct checks *checks)
{
	for (size_t i = 0; i < checks->len; i++)
		if (!checks->rows[i].is_good)
			return &checks->rows[i];
	return NULL;
}

/* A claim of text, and what it should have been. */
static void tell_text(
    const struct judged *j, const char *claim, const char *wanted, char *out, size_t size)
{
	const struct cJSON *value = claims_get(j->claims, claim);
	const char *text = json_string(value);
	char shown[VALUE_SHOWN];
	if (value == NULL || text == NULL) {
		snprintf(out, size, "%s", value == NULL ? "absent" : "not a string");
		return;
	}
	text_printable(text, strlen(text), shown, sizeof(shown));
	if (j->result == 0 || wanted == NULL)
		snprintf(out, size, "%s", shown);
	else
		snprintf(out, size, "%s, not %s", shown, wanted);
}

static void tell_iss(const struct judged *j, char *out, size_t size)
{
	tell_text(j, "iss", j->want->issuer, out, size);
}

static void tell_token_use(const struct judged *j, char *out, size_t size)
{
	const char *wanted = j->want->token_use == TOKEN_USE_ID ? "id" : "access";
	tell_text(j, "token_use", wanted, out, size);
}

static void tell_aud(const struct judged *j, char *out, size_t size)
{
	const char *claim = j->want->token_use == TOKEN_USE_ID ? "aud" : "client_id";
	tell_text(j, claim, j->want->client_id, out, size);
}

static void tell_sub(const struct judged *j, char *out, size_t size)
{
	tell_text(j, "sub", NULL, out, size);
}

static void tell_username(const struct judged *j, char *out, size_t size)
{
	bool is_id = j->want->token_use == TOKEN_USE_ID;
	tell_text(j, is_id ? "cognito:username" : "username", NULL, out, size);
}

/* A moment, seen from now. Claims have at most 12 digits and so has now: no overflow. */
static void tell_time(const struct judged *j, char *out, size_t size)
{
	bool is_exp = streq(j->name, "exp");
	long long when = 0, away;
	if (claims_get(j->claims, j->name) == NULL) {
		snprintf(out, size, "absent");
		return;
	}
	if (!claims_integer(j->claims, j->name, &when)) {
		snprintf(out, size, "not a whole number of 1 to 12 digits");
		return;
	}
	away = when - j->want->now;
	bool is_close = j->result == 0 && (is_exp ? away <= 0 : away > 0);
	const char *before = !is_exp ? "" : away > 0 ? "in " : "passed ";
	const char *after = !is_exp && away > 0 ? " ahead" : away > 0 ? "" : " ago";
	snprintf(out, size, "%s%lld s%s%s", before, away > 0 ? away : -away, after,
	    is_close ? ", within the leeway" : "");
}

static void tell_at_hash(const struct judged *j, char *out, size_t size)
{
	if (claims_get(j->claims, "at_hash") == NULL)
		snprintf(out, size, "absent");
	else
		snprintf(out, size, "%s",
		    j->result == 0 ? "not compared: there is no access token beside it"
				   : result_phrase(j->result));
}

static const struct {
	const char *name;
	void (*tell)(const struct judged *, char *out, size_t size);
} tellers[] = {
    {"iss", tell_iss},
    {"token_use", tell_token_use},
    {"aud", tell_aud},
    {"exp", tell_time},
    {"nbf", tell_time},
    {"iat", tell_time},
    {"auth_time", tell_time},
    {"at_hash", tell_at_hash},
    {"sub", tell_sub},
    {"username", tell_username},
};

void checks_of_claims(struct checks *checks, const struct claims *claims,
    const struct config *config, enum token_use use, long long now)
{
	const struct expectation want = {
	    .issuer = config->issuer,
	    .alternate_issuers = (const char *const *)config->alternate_issuers.items,
	    .client_id = config->client_id,
	    .token_use = use,
	    .token_use_optional = use == TOKEN_USE_ID && config->provider->token_use_optional,
	    .leeway = config->leeway,
	    .now = now,
	};
	for (size_t i = 0; i < claims_ladder_len; i++) {
		struct judged j = {
		    .claims = claims, .want = &want, .name = claims_ladder[i].name};
		char detail[sizeof(checks->rows[0].detail)];
		if (streq(j.name, "nonce"))
			continue;
		j.result = claims_ladder[i].check(claims, &want);
		snprintf(
		    detail, sizeof(detail), "%s", j.result == 0 ? "" : result_phrase(j.result));
		for (size_t k = 0; k < sizeof(tellers) / sizeof(tellers[0]); k++)
			if (streq(tellers[k].name, j.name))
				tellers[k].tell(&j, detail, sizeof(detail));
		checks_add(checks, j.name, j.result == 0, detail);
	}
}

void checks_of_signature(struct checks *checks, int result)
{
	bool is_signed = result == 0 || result == RESULT_TOKEN_PAYLOAD;
	checks_add(checks, "signature", is_signed,
	    is_signed ? "RS256, by a key of the set" : result_phrase(result));
	if (result == RESULT_TOKEN_PAYLOAD)
		checks_add(checks, "payload", false, result_phrase(result));
}

void checks_of_token(struct checks *checks, const struct buffer *token, const struct jwks *keys,
    struct claims **out)
{
	int r = jwt_verify(buffer_text(token), token->len, keys, out);
	checks_of_signature(checks, r);
	if (r == 0)
		checks_add(checks, "payload", true, "a strict JSON object");
}

bool checks_reason(const struct checks *checks, char *out, size_t size)
{
	const struct check *failed = checks_failed(checks);
	if (failed != NULL)
		snprintf(out, size, "%s: %s", failed->name, failed->detail);
	else if (size > 0)
		out[0] = '\0';
	return failed == NULL;
}

void checks_report(struct output *out, const struct checks *checks)
{
	output_array(out, "checks");
	for (size_t i = 0; i < checks->len; i++) {
		const struct check *check = &checks->rows[i];
		output_line(out, "%-4s %-10s %s", check->is_good ? "ok" : "FAIL", check->name,
		    check->detail);
		output_object(out, NULL);
		output_string(out, "check", check->name);
		output_bool(out, "ok", check->is_good);
		output_string(out, "detail", check->detail);
		output_end_object(out);
	}
	output_end_array(out);
}
