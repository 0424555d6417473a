/* SPDX-License-Identifier: MIT
 *
 * explain: a dry run of mapping and rules. It judges no local user, and with --claims no
 * token either.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/describe.h"
#include "cli/explain_report.h"
#include "cli/input.h"
#include "cli/key_set.h"
#include "cli/output.h"
#include "cli/checks.h"
#include "cli/unverified_claims.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/subject.h"
#include "helper/policy/decision.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"

struct request {
	const char *config_path, *claims_path, *token_path, *jwks_path, *now_text;
	const char *user, *service, *host;
	bool is_json;
	long long now;
	char own_host[SUBJECT_HOST_MAX + 1];
};

struct material {
	struct config *config;
	struct claims *claims; /* NULL: the token's signature does not verify */
	struct checks checks; /* empty: the claims are not verified */
};

static bool refuse(const char *what)
{
	fprintf(stderr, "cognito-oidc: %s\nusage: cognito-oidc %s\n", what, EXPLAIN_USAGE);
	return false;
}

static bool read_arguments(int argc, char **argv, struct request *q)
{
	const struct argument arguments[] = {
	    {"--config", &q->config_path, NULL},
	    {"--claims", &q->claims_path, NULL},
	    {"--token", &q->token_path, NULL},
	    {"--user", &q->user, NULL},
	    {"--service", &q->service, NULL},
	    {"--host", &q->host, NULL},
	    {"--now", &q->now_text, NULL},
	    {"--jwks", &q->jwks_path, NULL},
	    {"--json", NULL, &q->is_json},
	};
	if (!arguments_read(
		argc, argv, arguments, sizeof(arguments) / sizeof(arguments[0]), EXPLAIN_USAGE))
		return false;
	if ((q->claims_path == NULL) == (q->token_path == NULL))
		return refuse("either --claims or --token is needed");
	if (q->user == NULL || q->service == NULL)
		return refuse("--user and --service are needed");
	if (q->config_path == NULL)
		q->config_path = paths.config;
	if (q->host == NULL && gethostname(q->own_host, sizeof(q->own_host) - 1) == 0)
		q->host = q->own_host;
	return arguments_now(q->now_text, &q->now);
}

/* Which kind of token it is, it may say itself once its signature has verified. */
static bool is_access(const struct claims *claims)
{
	return streq(claims_text(claims, "token_use"), "access");
}

static void judge_token(const struct request *q, struct material *m, const struct buffer *token,
    const struct jwks *keys)
{
	if (keys == NULL) {
		checks_add(&m->checks, "signature", false, result_phrase(RESULT_JWKS));
		return;
	}
	checks_of_token(&m->checks, token, keys, &m->claims);
	if (m->claims != NULL)
		checks_of_claims(&m->checks, m->claims, m->config,
		    is_access(m->claims) ? TOKEN_USE_ACCESS : TOKEN_USE_ID, q->now);
}

static bool read_token(const struct request *q, struct material *m)
{
	struct buffer token = BUFFER_INIT(JWT_MAX + 1);
	struct jwks *keys = NULL;
	bool good = key_set_read(q->jwks_path, q->config_path, m->config, &keys) &&
		    input_read_file(q->token_path, &token);
	if (good && token.len > 0 && token.bytes[token.len - 1] == '\n')
		token.len--;
	if (good)
		judge_token(q, m, &token, keys);
	jwks_free(keys);
	buffer_wipe(&token);
	return good;
}

static bool gather(const struct request *q, struct material *m)
{
	if (!input_judge_config(q->config_path, &m->config))
		return false;
	if (q->token_path != NULL)
		return read_token(q, m);
	return unverified_claims_read(q->claims_path, &m->claims);
}

static void report_question(struct output *out, const struct request *q)
{
	const char *host = q->host != NULL ? q->host : "";
	time_t now = (time_t)q->now;
	struct tm utc;
	char when[64] = "";
	if (gmtime_r(&now, &utc) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
	output_line(out, "user \"%s\", service \"%s\", host \"%s\", %s (%lld)", q->user,
	    q->service, host, when, q->now);
	output_string(out, "user", q->user);
	output_string(out, "service", q->service);
	output_string(out, "host", host);
	output_number(out, "now", q->now);
	if (q->claims_path != NULL)
		output_line(out, "claims: %s, NOT VERIFIED", q->claims_path);
}

/* What the rule that allows would bring, if the PAM line names it, too. */
static void report_grants(struct output *out, const struct config_rule *rule)
{
	static const struct config_list none = {.len = 0};
	const struct config_list *grant = rule != NULL ? &rule->grant : &none;
	char groups[DESCRIBED_MAX];
	output_array(out, "grant");
	for (size_t i = 0; i < grant->len; i++)
		output_string(out, NULL, grant->items[i]);
	output_end_array(out);
	if (grant->len == 0)
		return;
	describe_list(grant, groups);
	output_line(
	    out, "local groups: %s, those of them that the PAM line's grant= names", groups);
}

static void report_verdict(
    struct output *out, bool is_allowed, const char *rule, const char *reason)
{
	output_bool(out, "allowed", is_allowed);
	output_string(out, "rule", rule);
	output_string(out, "reason", reason);
	if (is_allowed)
		output_line(out, "allowed by rule \"%s\"", rule);
	else if (rule[0] != '\0')
		output_line(out, "denied by rule \"%s\"", rule);
	else
		output_line(out, "denied: %s", reason);
}

/* Returns the decision's result. */
static int explain_policy(struct output *out, const struct request *q, const struct material *m)
{
	const struct access_request request = {
	    .user = q->user,
	    .service = q->service,
	    .host = q->host,
	    .now = q->now,
	    .access_token = is_access(m->claims),
	};
	struct decision d;
	int r = decide(m->config, m->claims, &request, &d);
	if (r == RESULT_MEMORY) {
		out->failed = r;
	} else {
		report_mapping(out, &d.subject);
		report_rules(out, &d);
		if (r == RESULT_POLICY)
			report_nearest(out, &d);
		report_verdict(out, r == 0, d.rule != NULL ? d.rule->name : "",
		    r == 0 ? "" : result_phrase(r));
		report_grants(out, d.rule);
	}
	decision_free(&d);
	return r;
}

static int explain(const struct request *q, const struct material *m)
{
	struct output out;
	char reason[CHECKS_REASON_MAX];
	int result = RESULT_POLICY;
	output_open(&out, q->is_json);
	report_question(&out, q);
	output_bool(&out, "verified", m->checks.len > 0 && checks_failed(&m->checks) == NULL);
	checks_report(&out, &m->checks);
	if (checks_reason(&m->checks, reason, sizeof(reason))) {
		result = explain_policy(&out, q, m);
	} else {
		report_verdict(&out, false, "", reason);
		report_grants(&out, NULL);
	}
	if (!output_print(&out))
		return EXIT_TROUBLE;
	return result == 0 ? EXIT_YES : EXIT_NO;
}

int explain_main(int argc, char **argv)
{
	struct request q = {.now = 0};
	struct material m = {.config = NULL};
	int code = EXIT_TROUBLE;
	if (read_arguments(argc, argv, &q) && gather(&q, &m))
		code = explain(&q, &m);
	claims_free(m.claims);
	config_free(m.config);
	return code;
}
