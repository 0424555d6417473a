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
#include "helper/policy/users.h"
#include "helper/policy/verdict.h"
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

/* May this rule be about the question? Its place only. */
static bool is_about(const struct config_rule *rule, const struct access_request *question)
{
	return matches(&rule->services, question->service) &&
	       matches(&rule->users, question->user) && matches(&rule->hosts, HOST);
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
    const struct access_request *question)
{
	const struct cJSON *groups = claims_get(claims, "cognito:groups");
	long long auth_time = 0;
	HOLDS(!rule->is_deny && is_about(rule, question));
	if (rule->groups.len > 0 || rule->all_groups.len > 0)
		HOLDS(groups_are_plain(groups));
	HOLDS(in_any(rule, groups) && in_all(rule, groups));
	HOLDS(rule->anyone ||
	      rule->users.len + rule->groups.len + rule->all_groups.len + rule->claims_len > 0);
	if (rule->max_auth_age >= 0)
		HOLDS(claims_integer(claims, "auth_time", &auth_time) &&
		      NOW - auth_time <= rule->max_auth_age);
	for (size_t i = 0; i < rule->claims_len; i++) {
		const struct cJSON *claim = claims_get(claims, rule->claims[i].name);
		if (rule->claims[i].steps.len == 0)
			HOLDS(claim != NULL);
		HOLDS(json_type(claim) != JSON_OBJECT && json_type(claim) != JSON_NUMBER);
	}
}

/* No deny rule of this place that the groups meet, or that reads groups which are odd, was
 * passed over. */
static void check_no_deny(const struct config *config, const struct claims *claims,
    const struct access_request *question)
{
	const struct cJSON *groups = claims_get(claims, "cognito:groups");
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool reads = rule->groups.len > 0 || rule->all_groups.len > 0;
		if (!rule->is_deny || rule->claims_len > 0 || !is_about(rule, question))
			continue;
		HOLDS(reads && groups_are_plain(groups));
		HOLDS(!in_any(rule, groups) || !in_all(rule, groups));
	}
}

static void decide(const struct config *config, const struct claims *claims,
    const struct access_request *question)
{
	struct verdict verdict;
	verdict_decide(config, claims, question, &verdict);
	bool has_rule = verdict.decided != NULL;
	HOLDS(has_rule == !streq(verdict.rule, ""));
	HOLDS(has_rule ==
	      (verdict.result == RESULT_ALLOWED || verdict.result == RESULT_POLICY_DENY));
	if (verdict.result == RESULT_POLICY_DENY)
		HOLDS(verdict.decided->is_deny && verdict.decided->grant.len == 0 &&
		      is_about(verdict.decided, question));
	if (verdict.result != RESULT_ALLOWED)
		return;
	HOLDS(users_match(config, claims, question->user) == 0);
	check_allowed(verdict.decided, claims, question);
	check_no_deny(config, claims, question);
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
	const struct access_request questions[] = {
	    {.user = "alice", .service = "sshd", .host = "WEB-1", .now = NOW},
	    {.user = "bob", .service = "sudo", .host = HOST, .now = NOW, .access_token = true},
	    {.user = "alice",
		.service = "sudo",
		.host = HOST,
		.now = NOW,
		.mfa_answered = true},
	};
	for (size_t i = 0; r == 0 && i < sizeof(questions) / sizeof(questions[0]); i++)
		decide(config, claims, &questions[i]);
	claims_free(claims);
	config_free(config);
	return 0;
}
