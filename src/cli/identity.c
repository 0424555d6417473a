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
#include "helper/policy/decision.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"
#include "module/ticket_file.h"

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

static void report_service(
    struct output *out, const struct decided_service *service, int denied)
{
	const char *rule = service->rule != NULL ? service->rule->name : "";
	bool allowed = service->rule != NULL && !service->rule->is_deny;
	const char *reason = allowed                 ? ""
			     : service->rule != NULL ? result_phrase(RESULT_POLICY_DENY)
						     : result_phrase(denied);
	output_line(out, "  %-18s %s%s%s%s", service->name,
	    allowed ? "allowed" : "denied: ", reason, rule[0] != '\0' ? ", by rule " : "",
	    rule);
	output_object(out, NULL);
	output_string(out, "service", service->name);
	output_bool(out, "allowed", allowed);
	output_string(out, "rule", rule);
	output_string(out, "reason", reason);
	output_end_object(out);
}

static void report_all(struct identity *i)
{
	struct decision d;
	identity_claims(i->out, i->config, i->body);
	report_checks(i);
	int r = decide(i->config, i->body->claims, &i->request, &d);
	if (r == RESULT_MEMORY) {
		i->out->failed = r;
	} else {
		report_mapping(i->out, &d.subject);
		report_rules(i->out, &d);
		output_line(i->out, "services:");
		output_array(i->out, "services");
		for (size_t k = 0; k < d.services_len; k++)
			report_service(
			    i->out, &d.services[k], r == RESULT_IDENTITY ? r : RESULT_POLICY);
		output_end_array(i->out);
	}
	decision_free(&d);
}

/* The ticket of this user and configuration, if it is live. */
static bool read_ticket(const char *user, const char *path, struct ticket *ticket)
{
	const struct passwd *pw = getpwnam(user);
	return pw != NULL && ticket_file_read(pw->pw_uid, path, ticket) &&
	       streq(ticket->user, user) && ticket_file_worth(ticket) == TICKET_LIVE;
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
