/* SPDX-License-Identifier: MIT
 *
 * verify: one token, offline. It judges the token alone: no local user, no rule. The claims are
 * judged by the checks of helper/token/claims.c, in their order. This file only adds what was
 * found, in words. What the token says is made printable.
 */
#include "cli/checks.h"

#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/subject.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

#define VALUE_SHOWN 128 /* bytes of a claim; the detail also holds what was expected */

void checks_add(struct checks *checks, const char *name, bool is_good, const char *detail)
{
	if (checks->len == CHECKS_MAX)
		return;
	struct check *check = &checks->rows[checks->len++];
	check->name = name;
	check->is_good = is_good;
	text_printable(detail, strlen(detail), check->detail, sizeof(check->detail));
}

/* A time, seen from now: away seconds ahead, or negative. */
static void describe_time(long long away, bool is_exp, bool is_good, char *out)
{
	bool is_close = is_good && (is_exp ? away <= 0 : away > 0);
	const char *before = !is_exp ? "" : away > 0 ? "in " : "passed ";
	const char *after = away <= 0 ? " ago" : is_exp ? "" : " ahead";
	snprintf(out, CHECKS_DETAIL_MAX, "%s%lld s%s%s", before, away > 0 ? away : -away, after,
	    is_close ? ", within the leeway" : "");
}

/* What a check found. */
static void describe(const struct claims *claims, const struct expectation *want,
    const struct claim_check *check, bool is_good, char out[CHECKS_DETAIL_MAX])
{
	const char *claim = check->claim[want->token_use], *text = claims_text(claims, claim);
	const char *wanted = check->code == RESULT_CLAIM_ISS         ? want->issuer
			     : check->code == RESULT_CLAIM_AUD       ? want->client_id
			     : check->code != RESULT_CLAIM_TOKEN_USE ? NULL
			     : want->token_use == TOKEN_USE_ID       ? "id"
								     : "access";
	const char *found = NULL;
	char shown[VALUE_SHOWN];
	long long when = 0;
	if (claims_get(claims, claim) == NULL)
		found = "absent";
	else if (check->is_time && !claims_integer(claims, claim, &when))
		found = "not a whole number of 1 to 12 digits";
	else if (check->code == RESULT_CLAIM_AT_HASH)
		found = is_good ? "not compared: there is no access token beside it"
				: result_phrase(check->code);
	else if (text == NULL && !check->is_time)
		found = "not a string";
	if (found != NULL) {
		snprintf(out, CHECKS_DETAIL_MAX, "%s", found);
	} else if (check->is_time) {
		/* Claims have at most 12 digits and so has now: no overflow. */
		describe_time(when - want->now, streq(claim, "exp"), is_good, out);
	} else {
		text_printable(text, strlen(text), shown, sizeof(shown));
		bool is_other = !is_good && wanted != NULL;
		snprintf(out, CHECKS_DETAIL_MAX, "%s%s%s", shown, is_other ? ", not " : "",
		    is_other ? wanted : "");
	}
}

void checks_of_claims(struct checks *checks, const struct claims *claims,
    const struct config *config, enum token_use use, long long now)
{
	const struct expectation want = subject_expect(config, use, now);
	for (size_t i = 0; i < claims_checks_len; i++) {
		const struct claim_check *check = &claims_checks[i];
		char detail[CHECKS_DETAIL_MAX];
		/* The nonce is the sign-in's alone. */
		if (check->code == RESULT_CLAIM_NONCE)
			continue;
		bool is_good = claims_hold(claims, &want, check);
		describe(claims, &want, check, is_good, detail);
		checks_add(checks, check->name, is_good, detail);
	}
}

bool checks_of_token(struct checks *checks, const struct arguments *a,
    const struct config *config, struct claims **out)
{
	struct buffer token = BUFFER_INIT(JWT_MAX + 1); /* and a newline */
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	struct jwks *keys = NULL;
	int r = RESULT_JWKS; /* without usable keys the signature fails: a verdict, too */
	*out = NULL;
	bool good = input_read_keys(a->jwks, a->config, config, &keys) &&
		    input_read_token(a->token, &token);
	const char *text = buffer_text(&token);
	bool is_whole = token.error != RESULT_TOO_LARGE;
	/* Only --jws-only accepts a token without a kid, and then only if the set has one key.
	 */
	if (good && is_whole && keys != NULL)
		r = a->jws_only ? jws_verify(text, token.len, keys, true, &payload)
				: jwt_verify(text, token.len, keys, out);
	bool is_signed = r == 0 || r == RESULT_TOKEN_PAYLOAD;
	checks_add(checks, "signature", is_signed,
	    !is_whole   ? "the token is longer than 48 KiB"
	    : is_signed ? "RS256, by a key of the set"
			: result_phrase(r));
	if (is_signed && !a->jws_only)
		checks_add(checks, "payload", r == 0,
		    r == 0 ? "a strict JSON object" : result_phrase(r));
	jwks_free(keys);
	buffer_wipe(&payload);
	buffer_wipe(&token);
	return good;
}

bool checks_reason(const struct checks *checks, char *reason, size_t size)
{
	const struct check *row = checks->rows, *end = row + checks->len;
	while (row < end && row->is_good)
		row++;
	reason[0] = '\0';
	if (row < end)
		snprintf(reason, size, "%s: %s", row->name, row->detail);
	return row == end;
}

void checks_report(struct output *out, const struct checks *checks)
{
	output_json(out, "checks:[");
	for (size_t i = 0; i < checks->len; i++) {
		const struct check *check = &checks->rows[i];
		output_marked(out, check->is_good ? "ok" : "FAIL", "%-10s %s", check->name,
		    check->detail);
		output_json(out, "{check:%s ok:%d detail:%s}", check->name, check->is_good,
		    check->detail);
	}
	output_json(out, "]");
}

int verify_main(const struct arguments *a, struct output *out)
{
	struct config *config = NULL;
	struct claims *claims = NULL;
	struct checks checks = {.len = 0};
	char reason[CHECKS_REASON_MAX];
	int code = EXIT_TROUBLE;
	bool needs_config = !a->jws_only || a->jwks == NULL;
	if ((!needs_config || input_read_config(a->config, true, &config)) &&
	    checks_of_token(&checks, a, config, &claims)) {
		if (claims != NULL)
			checks_of_claims(&checks, claims, config,
			    a->access ? TOKEN_USE_ACCESS : TOKEN_USE_ID, a->now);
		bool is_verified = checks_reason(&checks, reason, sizeof(reason));
		output_json(out, "verified:%d", is_verified);
		checks_report(out, &checks);
		output_json(out, "reason:%s", reason);
		output_line(out, "%s%s", is_verified ? "verified" : "not verified: ", reason);
		code = is_verified ? EXIT_YES : EXIT_NO;
	}
	claims_free(claims);
	config_free(config);
	return code;
}
