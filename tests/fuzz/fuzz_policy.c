/* SPDX-License-Identifier: MIT
 *
 * A configuration, a line of three dashes, and claims: whatever both say, a yes is one by a
 * plain second reading of the rule, too, and no deny rule of groups was passed over.
 */
#include <fnmatch.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"

#define NOW 1764000000
#define HOST "web-1"

/* A list of names, and nothing else; or one name. */
static bool groups_are_plain(const struct cJSON *claim)
{
	if (json_string(claim) != NULL)
		return json_string(claim)[0] != '\0';
	if (json_type(claim) != JSON_ARRAY)
		return false;
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
		if (json_string(at) == NULL || json_string(at)[0] == '\0')
			return false;
	return true;
}

static bool is_in(const struct cJSON *claim, const char *group)
{
	if (json_type(claim) != JSON_ARRAY)
		return streq(json_string(claim), group);
	for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
		if (streq(json_string(at), group))
			return true;
	return false;
}

static bool matches(const struct config_list *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->len; i++)
		if (fnmatch(patterns->items[i], text, 0) == 0)
			return true;
	return patterns->len == 0;
}

/* May this rule be about the request? Its place only. */
static bool is_about(const struct config_rule *rule, const struct access_request *request)
{
	return matches(&rule->services, request->service) &&
	       matches(&rule->users, request->user) && matches(&rule->hosts, HOST);
}

static bool in_any(const struct config_rule *rule, const struct cJSON *claim)
{
	for (size_t i = 0; i < rule->groups.len; i++)
		if (is_in(claim, rule->groups.items[i]))
			return true;
	return rule->groups.len == 0;
}

static bool in_all(const struct config_rule *rule, const struct cJSON *claim)
{
	for (size_t i = 0; i < rule->all_groups.len; i++)
		if (!is_in(claim, rule->all_groups.items[i]))
			return false;
	return true;
}

/* A rule that allowed must hold by what is read here. */
static void check_allowed(const struct config_rule *rule, const struct claims *claims,
    const struct access_request *request)
{
	const struct cJSON *groups = claims_get(claims, "cognito:groups");
	long long auth_time = 0;
	HOLDS(!rule->is_deny && is_about(rule, request));
	if (rule->groups.len > 0 || rule->all_groups.len > 0)
		HOLDS(groups_are_plain(groups));
	HOLDS(in_any(rule, groups) && in_all(rule, groups));
	HOLDS(rule->anyone ||
	      rule->users.len + rule->groups.len + rule->all_groups.len + rule->claims_len > 0);
	if (rule->max_auth_age >= 0)
		HOLDS(claims_integer(claims, "auth_time", &auth_time) &&
		      NOW - auth_time <= rule->max_auth_age);
	for (size_t i = 0; i < rule->claims_len; i++) {
		const struct cJSON *claim = claims_get(claims, rule->claims[i].claim);
		if (rule->claims[i].steps.len == 0)
			HOLDS(claim != NULL);
		HOLDS(json_type(claim) != JSON_OBJECT && json_type(claim) != JSON_NUMBER);
	}
}

/* No deny rule of this place that the groups meet, or that reads groups which are odd, was
 * passed over. */
static void check_no_deny(const struct config *config, const struct claims *claims,
    const struct access_request *request)
{
	const struct cJSON *groups = claims_get(claims, "cognito:groups");
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool reads = rule->groups.len > 0 || rule->all_groups.len > 0;
		if (!rule->is_deny || rule->claims_len > 0 || !is_about(rule, request))
			continue;
		HOLDS(
		    reads && (groups_are_plain(groups) ||
				 (groups == NULL && streq(config->provider->name, "cognito"))));
		HOLDS(!in_any(rule, groups) || !in_all(rule, groups));
	}
}

/* What is said of another service is what a request for that service gets. The first few:
 * each costs a whole decision. */
static void check_services(const struct config *config, const struct claims *claims,
    const struct access_request *request, const struct decision *d)
{
	HOLDS(d->services_len > 0 && d->services_len <= DECISION_SERVICES_MOST);
	HOLDS(d->services[0].rule == d->rule && d->services[0].name == request->service);
	for (size_t i = 0; i < d->services_len && i < 8; i++) {
		const struct decided_service *service = &d->services[i];
		struct access_request other = *request;
		struct decision again;
		other.service = service->name;
		decide(config, claims, &other, &again);
		HOLDS(again.rule == service->rule);
		HOLDS(again.services[0].seconds == service->seconds);
		HOLDS(service->seconds >= 0 && service->seconds <= request->believed);
		decision_free(&again);
	}
}

/* A new sign-in is wanted exactly where one of now with a second factor is allowed. */
static void check_fresh(const struct config *config, const struct claims *claims,
    const struct access_request *request, const struct decision *d)
{
	struct access_request afresh = *request;
	struct decision again;
	if (d->result != RESULT_POLICY) {
		HOLDS(!d->wants_fresh);
		return;
	}
	afresh.evidence.mfa = true;
	claims_integer(claims, "auth_time", &afresh.now);
	HOLDS((decide(config, claims, &afresh, &again) == 0) == d->wants_fresh);
	decision_free(&again);
}

static void check(const struct config *config, const struct claims *claims,
    const struct access_request *request)
{
	struct decision d;
	int r = decide(config, claims, request, &d);
	bool has_rule = d.rule != NULL;
	HOLDS(r == d.result && r != RESULT_MEMORY);
	HOLDS(has_rule == (r == 0 || r == RESULT_POLICY_DENY));
	check_services(config, claims, request, &d);
	check_fresh(config, claims, request, &d);
	if (r == RESULT_POLICY_DENY)
		HOLDS(d.rule->is_deny && d.rule->grant.len == 0 && is_about(d.rule, request));
	if (r == 0) {
		HOLDS(users_match(config, claims, request->user, request->account) == 0);
		check_allowed(d.rule, claims, request);
		check_no_deny(config, claims, request);
	}
	decision_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const char line[] = "\n---\n";
	const size_t line_len = sizeof(line) - 1;
	const uint8_t *middle = memmem(bytes, len, line, line_len);
	struct config *config = NULL;
	struct claims *claims = NULL;
	struct reason reason = {.detail = ""};
	if (middle == NULL)
		return 0;
	size_t first = (size_t)(middle - bytes);
	int r = config_parse("fuzz", (const char *)bytes, first, &config, NULL, &reason);
	if (r == 0)
		r = claims_make(
		    (const char *)middle + line_len, len - first - line_len, &claims);
	struct access_request requests[] = {
	    {.user = "alice", .service = "sshd", .host = "WEB-1", .now = NOW, .believed = 300},
	    {.user = "bob", .service = "sudo", .host = HOST, .now = NOW, .access_token = true},
	    {.user = "alice", .service = "sudo", .host = HOST, .now = NOW},
	};
	for (size_t i = 0; r == 0 && i < sizeof(requests) / sizeof(requests[0]); i++) {
		requests[i].evidence = evidence_of(config, claims, i == 2);
		check(config, claims, &requests[i]);
	}
	claims_free(claims);
	config_free(config);
	return 0;
}
