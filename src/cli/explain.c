/* SPDX-License-Identifier: MIT
 *
 * explain: a dry run of mapping and rules. It does not look at local users, and with --claims
 * it verifies no token.
 */
#include "cli/explain.h"

#include <stdio.h>
#include <time.h>

#include "cli/checks.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/accounts/record.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

/* Claims that nobody has signed: one JSON object, as strict as a token's payload. Only the
 * command can make them; neither the helper nor the module has this file. */
static bool read_claims(const char *path, struct claims **claims)
{
	struct buffer text = BUFFER_INIT(JWT_MAX);
	bool good = input_read_file(path, &text);
	int r = good ? claims_make(buffer_text(&text), text.len, claims) : 0;
	buffer_wipe(&text);
	if (r != 0)
		return complain("%s: %s", path,
		    r == RESULT_TOKEN_PAYLOAD ? "not one strict JSON object"
					      : result_phrase(r));
	return good;
}

/* What is tried out: the rules may depend on each of these. */
static void report_request(struct output *out, const struct arguments *a)
{
	time_t now = (time_t)a->now;
	struct tm utc;
	char when[64] = "";
	if (gmtime_r(&now, &utc) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
	output_line(out, "user \"%s\", service \"%s\", host \"%s\", %s (%lld)", a->user,
	    a->service, a->host, when, a->now);
	output_json(
	    out, "user:%s service:%s host:%s now:%lld", a->user, a->service, a->host, a->now);
	if (a->claims != NULL)
		output_line(out, "claims: %s, NOT VERIFIED", a->claims);
}

/* rule: that decided, or NULL; reason: why not, without one. */
static void report_verdict(
    struct output *out, bool is_allowed, const struct config_rule *rule, const char *reason)
{
	static const struct config_list none = {.len = 0};
	const struct config_list *grant = rule != NULL ? &rule->grant : &none;
	struct buffer groups = EXPLAIN_VALUE;
	output_json(out, "allowed:%d rule:%s reason:%s grant:[", is_allowed,
	    rule != NULL ? rule->name : "", reason);
	if (rule != NULL)
		output_line(
		    out, "%s by rule \"%s\"", is_allowed ? "allowed" : "denied", rule->name);
	else
		output_line(out, "denied: %s", reason);
	for (size_t i = 0; i < grant->len; i++)
		output_json(out, "%s", grant->items[i]);
	output_json(out, "]");
	if (grant->len > 0) {
		explain_list(&groups, grant);
		output_line(out, "local groups: %s, if grant= on the PAM line names them, too",
		    explain_shown(&groups));
	}
	buffer_wipe(&groups);
}

/* Returns the exit code. */
static int report_policy(struct output *out, const struct arguments *a,
    const struct config *config, const struct claims *claims)
{
	struct record_identity account;
	const struct access_request request = {
	    .user = a->user,
	    .account = input_read_account(a->user, &account) ? &account : NULL,
	    .service = a->service,
	    .host = a->host,
	    .now = a->now,
	    .evidence = evidence_of(config, claims, false),
	    .access_token = claims_token_use(claims) == TOKEN_USE_ACCESS,
	};
	struct decision d;
	int r = explain_decision(out, config, claims, &request, &d);
	if (r == RESULT_POLICY)
		explain_nearest(out, &d);
	if (r != RESULT_MEMORY)
		report_verdict(out, r == 0, d.rule, r == 0 ? "" : result_phrase(r));
	decision_free(&d);
	return r == 0 ? EXIT_YES : r == RESULT_MEMORY ? EXIT_TROUBLE : EXIT_NO;
}

int explain_main(const struct arguments *a, struct output *out)
{
	char reason[CHECKS_REASON_MAX];
	struct config *config = NULL;
	struct claims *claims = NULL;
	struct checks checks = {.len = 0}; /* empty: the claims are not verified */
	int code = EXIT_TROUBLE;
	if ((a->claims == NULL) == (a->token == NULL)) {
		complain("explain: either --claims or --token is needed");
		return EXIT_TROUBLE;
	}
	if (a->user == NULL || a->service == NULL) {
		complain("explain: --user and --service are needed");
		return EXIT_TROUBLE;
	}
	if (!input_read_config(a->config, true, &config) ||
	    !(a->token != NULL ? checks_of_token(&checks, a, config, &claims)
			       : read_claims(a->claims, &claims)))
		goto out;
	if (a->token != NULL && claims != NULL)
		checks_of_claims(&checks, claims, config, claims_token_use(claims), a->now);
	bool is_good = checks_reason(&checks, reason, sizeof(reason));
	report_request(out, a);
	output_json(out, "verified:%d", is_good && checks.len > 0);
	checks_report(out, &checks);
	if (is_good) {
		code = report_policy(out, a, config, claims);
	} else {
		report_verdict(out, false, NULL, reason);
		code = EXIT_NO;
	}
out:
	claims_free(claims);
	config_free(config);
	return code;
}
