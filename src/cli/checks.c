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

/* What jws_verify() or jwt_verify() returned for a token. */
static void judge_signature(struct checks *checks, int result)
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
	*out = NULL;
	int r =
	    keys != NULL ? jwt_verify(buffer_text(token), token->len, keys, out) : RESULT_JWKS;
	judge_signature(checks, r);
	if (r == 0)
		checks_add(checks, "payload", true, "a strict JSON object");
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
		output_line(out, "%-4s %-10s %s", check->is_good ? "ok" : "FAIL", check->name,
		    check->detail);
		output_json(out, "{check:%s ok:%d detail:%s}", check->name, check->is_good,
		    check->detail);
	}
	output_json(out, "]");
}

/* Without usable keys the signature fails; that is a verdict, too. Only --jws-only accepts a
 * token without a kid, and then only if the set has one key. */
static void judge(const struct arguments *a, const struct config *config,
    const struct jwks *keys, const struct buffer *token, struct checks *checks)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	struct claims *claims = NULL;
	if (token->error == RESULT_TOO_LARGE)
		checks_add(checks, "signature", false, "the token is longer than 48 KiB");
	else if (a->jws_only && keys != NULL)
		judge_signature(
		    checks, jws_verify(buffer_text(token), token->len, keys, true, &payload));
	else
		checks_of_token(checks, token, keys, &claims);
	if (claims != NULL)
		checks_of_claims(checks, claims, config,
		    a->access ? TOKEN_USE_ACCESS : TOKEN_USE_ID, a->now);
	claims_free(claims);
	buffer_wipe(&payload);
}

int verify_main(const struct arguments *a, struct output *out)
{
	struct config *config = NULL;
	struct jwks *keys = NULL;
	struct buffer token = BUFFER_INIT(JWT_MAX + 1); /* and a newline */
	struct checks checks = {.len = 0};
	char reason[CHECKS_REASON_MAX];
	int code = EXIT_TROUBLE;
	bool needs_config = !a->jws_only || a->jwks == NULL;
	if ((!needs_config || input_read_config(a->config, true, &config)) &&
	    input_read_keys(a->jwks, a->config, config, &keys) &&
	    input_read_token(NULL, &token)) {
		judge(a, config, keys, &token, &checks);
		bool is_verified = checks_reason(&checks, reason, sizeof(reason));
		output_json(out, "verified:%d", is_verified);
		checks_report(out, &checks);
		output_json(out, "reason:%s", reason);
		output_line(out, "%s%s", is_verified ? "verified" : "not verified: ", reason);
		code = is_verified ? EXIT_YES : EXIT_NO;
	}
	config_free(config);
	jwks_free(keys);
	buffer_wipe(&token);
	return code;
}
