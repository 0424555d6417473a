/* SPDX-License-Identifier: MIT
 *
 * verify: one token, offline. It judges the token alone: no local user, no rule.
 */
#include "cli/checks.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

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
		checks_of_signature(
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
		output_bool(out, "verified", is_verified);
		checks_report(out, &checks);
		output_string(out, "reason", reason);
		output_line(out, "%s%s", is_verified ? "verified" : "not verified: ", reason);
		code = is_verified ? EXIT_YES : EXIT_NO;
	}
	config_free(config);
	jwks_free(keys);
	buffer_wipe(&token);
	return code;
}
