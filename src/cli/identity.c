/* SPDX-License-Identifier: MIT */
#include "cli/identity.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/describe.h"
#include "cli/explain_report.h"
#include "cli/output.h"
#include "cli/checks.h"
#include "common/clock.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/subject.h"
#include "helper/policy/verdict.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"
#include "module/ticket_file.h"

#define SERVICES_MOST 64 /* as many as one sees on a screen */

/* What was said of one subject, and who asks. */
struct identity {
	struct output *out;
	const struct config *config;
	const struct ticket_body *body;
	struct access_request request;
	char host[SUBJECT_HOST_MAX + 1];
};

/* For machines: texts and lists of texts as they are, anything else described. */
static void report_claim(struct output *out, const struct claims *claims, const char *name)
{
	char shown[DESCRIBED_MAX];
	const struct cJSON *claim = claims_get(claims, name);
	describe_claim(claim, shown);
	output_line(out, "  %-18s %s", name, shown);
	if (json_type(claim) == JSON_ARRAY) {
		output_array(out, name);
		for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
			output_string(
			    out, NULL, json_string(at) != NULL ? json_string(at) : "");
		output_end_array(out);
	} else {
		output_string(
		    out, name, json_string(claim) != NULL ? json_string(claim) : shown);
	}
}

void identity_claims(
    struct output *out, const struct config *config, const struct ticket_body *body)
{
	static const char *const always[] = {
	    "sub", "cognito:username", "username", "cognito:groups", "amr", "acr"};
	const struct claims *claims = body->claims;
	const struct config_list *named = &config->claims;
	output_line(out, "identity, by the %s flow:", body->flow);
	output_object(out, "identity");
	output_string(out, "flow", body->flow);
	output_bool(out, "mfa_answered", body->mfa_answered);
	for (size_t k = 0; k < sizeof(always) / sizeof(always[0]); k++)
		if (claims_get(claims, always[k]) != NULL)
			report_claim(out, claims, always[k]);
	for (size_t k = 0; k < named->len; k++) {
		bool is_told = claims_get(claims, named->items[k]) == NULL;
		for (size_t n = 0; n < sizeof(always) / sizeof(always[0]); n++)
			is_told = is_told || streq(always[n], named->items[k]);
		if (!is_told)
			report_claim(out, claims, named->items[k]);
	}
	output_end_object(out);
}

/* The signature was verified by the helper before the ticket was written; the rest of the
 * ladder is climbed again. */
static void report_checks(const struct identity *i)
{
	struct checks checks = {.len = 0};
	enum token_use use = i->request.access_token ? TOKEN_USE_ACCESS : TOKEN_USE_ID;
	checks_add(&checks, "signature", true, "verified in this sign-in by the helper");
	checks_of_claims(&checks, i->body->claims, i->config, use, i->request.now);
	checks_report(i->out, &checks);
}

static void report_decision(const struct identity *i, const char *service)
{
	struct access_request request = i->request;
	struct verdict verdict = {.result = RESULT_POLICY, .rule = ""};
	request.service = service;
	verdict_decide(i->config, i->body->claims, &request, &verdict);
	bool yes = verdict.result == RESULT_ALLOWED;
	output_line(i->out, "  %-18s %s%s%s%s", service,
	    yes ? "allowed" : "denied: ", yes ? "" : result_phrase(verdict.result),
	    verdict.rule[0] != '\0' ? ", by rule " : "", verdict.rule);
	output_object(i->out, NULL);
	output_string(i->out, "service", service);
	output_bool(i->out, "allowed", yes);
	output_string(i->out, "rule", verdict.rule);
	output_string(i->out, "reason", yes ? "" : result_phrase(verdict.result));
	output_end_object(i->out);
}

static bool is_among(const char *const *names, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++)
		if (streq(names[i], name))
			return true;
	return false;
}

/* The service that was tried, and every other that a rule names without a pattern. */
static void report_services(const struct identity *i)
{
	const char *names[SERVICES_MOST] = {i->request.service};
	size_t len = 1;
	for (size_t r = 0; r < i->config->rules_len; r++) {
		const struct config_list *list = &i->config->rules[r].services;
		for (size_t k = 0; k < list->len && len < SERVICES_MOST; k++)
			if (strpbrk(list->items[k], "*?[\\") == NULL &&
			    !is_among(names, len, list->items[k]))
				names[len++] = list->items[k];
	}
	output_line(i->out, "services:");
	output_array(i->out, "services");
	for (size_t k = 0; k < len; k++)
		report_decision(i, names[k]);
	output_end_array(i->out);
}

static void report_all(struct identity *i)
{
	struct subject subject;
	identity_claims(i->out, i->config, i->body);
	report_checks(i);
	int r = subject_make(i->config, i->body->claims, &i->request, &subject);
	if (r == 0) {
		report_mapping(i->out, &subject);
		report_rules(i->out, &subject);
		report_services(i);
	} else {
		i->out->failed = r;
	}
	subject_forget(&subject);
}

/* The ticket of this user and configuration, if it is live. */
static bool read_ticket(const char *user, const char *path, struct ticket *ticket)
{
	char boot[TICKET_BOOT_MAX + 1];
	const struct passwd *pw = getpwnam(user);
	if (pw == NULL || !ticket_file_read(pw->pw_uid, path, ticket))
		return false;
	ticket_file_boot(boot);
	const struct ticket_owner holder = {
	    .user = user,
	    .uid = pw->pw_uid,
	    .path = path,
	    .boot = boot,
	    .now = clock_boot_ms(),
	};
	return ticket_judge(ticket, &holder) == TICKET_LIVE;
}

void identity_report(struct output *out, const char *user, const char *service,
    const char *config_path, const struct config *config)
{
	struct ticket ticket = {.refused = false};
	struct ticket_body body = {.flow = NULL};
	struct identity i = {.out = out, .config = config, .body = &body};
	ticket_wipe(&ticket);
	bool good =
	    read_ticket(user, config_path, &ticket) &&
	    ticket_body_decode(config, buffer_text(&ticket.body), ticket.body.len, &body) == 0;
	if (gethostname(i.host, sizeof(i.host) - 1) != 0)
		i.host[0] = '\0';
	if (good) {
		i.request = (struct access_request){
		    .user = user,
		    .service = service,
		    .host = i.host,
		    .now = (long long)time(NULL),
		    .mfa_answered = body.mfa_answered,
		    .access_token = streq(claims_text(body.claims, "token_use"), "access"),
		};
		report_all(&i);
	} else {
		output_line(out, "identity: the sign-in left no ticket to read it from");
	}
	ticket_body_forget(&body);
	ticket_wipe(&ticket);
}
