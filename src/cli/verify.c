/* SPDX-License-Identifier: MIT
 *
 * verify: one token, offline. It judges the token, no local user and no rule.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/input.h"
#include "cli/key_set.h"
#include "cli/output.h"
#include "cli/checks.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/claims.h"
#include "helper/token/jwks.h"
#include "helper/token/jwt.h"
#include "module/file.h"

struct request {
	const char *config_path, *jwks_path, *now_text;
	bool is_json, jws_only, access;
	long long now;
};

struct material {
	struct config *config; /* NULL when it is not needed */
	struct jwks *keys; /* NULL: the set is unusable */
	struct buffer token;
	bool is_oversize;
};

static bool read_arguments(int argc, char **argv, struct request *q)
{
	const struct argument arguments[] = {
	    {"--config", &q->config_path, NULL},
	    {"--jwks", &q->jwks_path, NULL},
	    {"--now", &q->now_text, NULL},
	    {"--json", NULL, &q->is_json},
	    {"--jws-only", NULL, &q->jws_only},
	    {"--access", NULL, &q->access},
	};
	if (!arguments_read(
		argc, argv, arguments, sizeof(arguments) / sizeof(arguments[0]), VERIFY_USAGE))
		return false;
	if (q->config_path == NULL)
		q->config_path = paths.config;
	return arguments_now(q->now_text, &q->now);
}

static bool read_token(struct material *m)
{
	int r = file_read_all(STDIN_FILENO, &m->token);
	if (r == 0 && m->token.len > 0 && m->token.bytes[m->token.len - 1] == '\n')
		m->token.len--;
	m->is_oversize = r == RESULT_TOO_LARGE;
	if (r == 0 || m->is_oversize)
		return true;
	fprintf(stderr, "cognito-oidc: the token cannot be read from standard input\n");
	return false;
}

static bool gather(const struct request *q, struct material *m)
{
	bool needs_config = !q->jws_only || q->jwks_path == NULL;
	if (needs_config && !input_judge_config(q->config_path, &m->config))
		return false;
	return key_set_read(q->jwks_path, q->config_path, m->config, &m->keys) && read_token(m);
}

static void judge(const struct request *q, const struct material *m, struct checks *checks)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	struct claims *claims = NULL;
	if (m->keys == NULL || m->is_oversize) {
		checks_add(checks, "signature", false,
		    m->is_oversize ? "the token is longer than 48 KiB"
				   : result_phrase(RESULT_JWKS));
		return;
	}
	if (q->jws_only)
		checks_of_signature(checks,
		    jws_verify(buffer_text(&m->token), m->token.len, m->keys, true, &payload));
	else
		checks_of_token(checks, &m->token, m->keys, &claims);
	if (claims != NULL)
		checks_of_claims(checks, claims, m->config,
		    q->access ? TOKEN_USE_ACCESS : TOKEN_USE_ID, q->now);
	claims_free(claims);
	buffer_wipe(&payload);
}

static void report(struct output *out, const struct checks *checks)
{
	char reason[RUNGS_REASON_MAX];
	bool is_verified = checks_reason(checks, reason, sizeof(reason));
	output_bool(out, "verified", is_verified);
	checks_report(out, checks);
	output_string(out, "reason", reason);
	if (is_verified)
		output_line(out, "verified");
	else
		output_line(out, "not verified: %s", reason);
}

int verify_main(int argc, char **argv)
{
	struct request q = {.now = 0};
	struct material m = {.token = BUFFER_INIT(JWT_MAX + 1)};
	struct checks checks = {.len = 0};
	struct output out;
	int code = EXIT_TROUBLE;
	if (!read_arguments(argc, argv, &q))
		return EXIT_TROUBLE;
	if (!gather(&q, &m))
		goto out;
	judge(&q, &m, &checks);
	output_open(&out, q.is_json);
	report(&out, &checks);
	if (output_print(&out))
		code = checks.len > 0 && checks_failed(&checks) == NULL ? EXIT_YES : EXIT_NO;
out:
	config_free(m.config);
	jwks_free(m.keys);
	buffer_wipe(&m.token);
	return code;
}
