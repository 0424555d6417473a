/* SPDX-License-Identifier: MIT
 *
 * One condition, one function. All but the last two stand in allow and in deny rules; the
 * difference between "no" and "unreadable" matters in the latter.
 */
#include "helper/policy/rules_conditions.h"

#include <fnmatch.h>

#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/subject.h"
#include "helper/policy/rules_values.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"

static enum truth truth_of(bool holds)
{
	return holds ? TRUTH_YES : TRUTH_NO;
}

static bool any_matches(const struct config_list *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->len; i++)
		if (fnmatch(patterns->items[i], text, 0) == 0)
			return true;
	return false;
}

static bool has_services(const struct config_rule *rule)
{
	return rule->services.len > 0;
}

static enum truth judge_services(const struct subject *subject, const struct config_rule *rule)
{
	return truth_of(any_matches(&rule->services, subject->request->service));
}

static bool has_hosts(const struct config_rule *rule)
{
	return rule->hosts.len > 0;
}

static enum truth judge_hosts(const struct subject *subject, const struct config_rule *rule)
{
	if (subject->host[0] == '\0')
		return TRUTH_UNREADABLE;
	return truth_of(any_matches(&rule->hosts, subject->host) ||
			any_matches(&rule->hosts, subject->short_host));
}

static bool has_users(const struct config_rule *rule)
{
	return rule->users.len > 0;
}

static enum truth judge_users(const struct subject *subject, const struct config_rule *rule)
{
	return truth_of(any_matches(&rule->users, subject->request->user));
}

bool condition_of_place(const struct subject *subject, const struct config_rule *rule)
{
	return (!has_services(rule) || judge_services(subject, rule) == TRUTH_YES) &&
	       (!has_hosts(rule) || judge_hosts(subject, rule) == TRUTH_YES) &&
	       (!has_users(rule) || judge_users(subject, rule) == TRUTH_YES);
}

static bool has_groups(const struct config_rule *rule)
{
	return rule->groups.len > 0;
}

static enum truth judge_groups(const struct subject *subject, const struct config_rule *rule)
{
	if (!subject->groups_known)
		return TRUTH_UNREADABLE;
	for (size_t i = 0; i < rule->groups.len; i++)
		if (subject_has_group(subject, rule->groups.items[i]))
			return TRUTH_YES;
	return TRUTH_NO;
}

static bool has_all_groups(const struct config_rule *rule)
{
	return rule->all_groups.len > 0;
}

static enum truth judge_all_groups(
    const struct subject *subject, const struct config_rule *rule)
{
	if (!subject->groups_known)
		return TRUTH_UNREADABLE;
	for (size_t i = 0; i < rule->all_groups.len; i++)
		if (!subject_has_group(subject, rule->all_groups.items[i]))
			return TRUTH_NO;
	return TRUTH_YES;
}

/* Somebody's groups are the same whichever key asks for them. */
static enum truth judge_group_values(
    const struct subject *subject, const struct config_claim *wanted)
{
	if (!subject->groups_known)
		return TRUTH_UNREADABLE;
	for (const struct cJSON *at = wanted->accepted; at != NULL; at = json_next(at))
		if (json_string(at) != NULL && subject_has_group(subject, json_string(at)))
			return TRUTH_YES;
	return TRUTH_NO;
}

/* These an access token has as an ID token has them; of all others its silence says
 * nothing. */
static bool is_in_every_token(const char *name)
{
	return streq(name, "sub") || streq(name, "cognito:username") || streq(name, "username");
}

bool condition_find_claim(
    const struct subject *subject, const struct config_claim *wanted, const struct cJSON **out)
{
	if (!streq(wanted->name, "cognito:username") || !subject->request->access_token)
		return values_find(subject->claims, wanted, out);
	*out = claims_get(subject->claims, "username");
	return true;
}

enum truth condition_of_claim(const struct subject *subject, const struct config_rule *rule,
    const struct config_claim *wanted)
{
	const struct cJSON *value = NULL;
	if (streq(wanted->name, "cognito:groups"))
		return judge_group_values(subject, wanted);
	if (rule->is_deny && subject->request->access_token && !is_in_every_token(wanted->name))
		return TRUTH_UNREADABLE;
	if (!condition_find_claim(subject, wanted, &value))
		return TRUTH_UNREADABLE;
	if (value == NULL)
		return TRUTH_NO;
	if (!values_are_readable(value) ||
	    !users_claim_counts(subject->config, subject->claims, wanted->name))
		return TRUTH_UNREADABLE;
	for (const struct cJSON *at = wanted->accepted; at != NULL; at = json_next(at))
		if (values_have(value, json_string(at), json_is_true(at)))
			return TRUTH_YES;
	return TRUTH_NO;
}

static bool has_claims(const struct config_rule *rule)
{
	return rule->claims_len > 0;
}

static enum truth judge_claims(const struct subject *subject, const struct config_rule *rule)
{
	enum truth all = TRUTH_YES;
	for (size_t i = 0; i < rule->claims_len; i++) {
		enum truth one = condition_of_claim(subject, rule, &rule->claims[i]);
		if (one == TRUTH_NO)
			return TRUTH_NO;
		if (one == TRUTH_UNREADABLE)
			all = TRUTH_UNREADABLE;
	}
	return all;
}

static bool has_max_auth_age(const struct config_rule *rule)
{
	return rule->max_auth_age >= 0;
}

static enum truth judge_max_auth_age(
    const struct subject *subject, const struct config_rule *rule)
{
	return truth_of(subject->auth_time_known &&
			subject->request->now - subject->auth_time <= rule->max_auth_age);
}

static bool has_require_mfa(const struct config_rule *rule)
{
	return rule->require_mfa;
}

static enum truth judge_require_mfa(
    const struct subject *subject, const struct config_rule *rule)
{
	(void)rule;
	return truth_of(subject->has_mfa);
}

const struct condition conditions[] = {
    {"services", has_services, judge_services},
    {"hosts", has_hosts, judge_hosts},
    {"users", has_users, judge_users},
    {"groups", has_groups, judge_groups},
    {"all_groups", has_all_groups, judge_all_groups},
    {"claims", has_claims, judge_claims},
    {"max_auth_age", has_max_auth_age, judge_max_auth_age},
    {"require_mfa", has_require_mfa, judge_require_mfa},
};
const size_t conditions_len = sizeof(conditions) / sizeof(conditions[0]);
