/* SPDX-License-Identifier: MIT */
#include "helper/policy/rules.h"

#include <fnmatch.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/policy/access_request.h"
#include "helper/policy/subject.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"

static enum truth truth_of(bool holds)
{
	return holds ? TRUTH_YES : TRUTH_NO;
}

/* TRUTH_UNSET: there are no patterns. */
static enum truth judge_patterns(const struct config_list *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->len; i++)
		if (fnmatch(patterns->items[i], text, 0) == 0)
			return TRUTH_YES;
	return patterns->len > 0 ? TRUTH_NO : TRUTH_UNSET;
}

enum truth rules_judge_service(const struct config_rule *rule, const char *service)
{
	return judge_patterns(&rule->services, service);
}

static enum truth judge_services(const struct subject *s, const struct config_rule *rule)
{
	return rules_judge_service(rule, s->request->service);
}

static enum truth judge_hosts(const struct subject *s, const struct config_rule *rule)
{
	enum truth truth = judge_patterns(&rule->hosts, s->host);
	if (truth != TRUTH_UNSET && s->host[0] == '\0')
		return TRUTH_UNREADABLE;
	return truth == TRUTH_NO ? judge_patterns(&rule->hosts, s->short_host) : truth;
}

static enum truth judge_users(const struct subject *s, const struct config_rule *rule)
{
	return judge_patterns(&rule->users, s->request->user);
}

/* Is the subject in so many of the groups? */
static enum truth judge_names(
    const struct subject *s, const struct config_list *names, size_t least)
{
	size_t found = 0;
	if (names->len == 0)
		return TRUTH_UNSET;
	if (!s->groups_known)
		return TRUTH_UNREADABLE;
	for (size_t i = 0; i < names->len; i++)
		found += subject_has_group(s, names->items[i]) ? 1 : 0;
	return truth_of(found >= least);
}

static enum truth judge_groups(const struct subject *s, const struct config_rule *rule)
{
	return judge_names(s, &rule->groups, 1);
}

static enum truth judge_all_groups(const struct subject *s, const struct config_rule *rule)
{
	return judge_names(s, &rule->all_groups, rule->all_groups.len);
}

/* The groups are the same whichever key asks for them. */
static enum truth judge_group_values(const struct subject *s, const struct config_claim *wanted)
{
	if (!s->groups_known)
		return TRUTH_UNREADABLE;
	for (const struct cJSON *at = wanted->accepted; at != NULL; at = json_next(at))
		if (json_string(at) != NULL && subject_has_group(s, json_string(at)))
			return TRUTH_YES;
	return TRUTH_NO;
}

bool rules_find_claim(
    const struct subject *s, const struct config_claim *wanted, const struct cJSON **out)
{
	bool is_username = streq(wanted->claim, "cognito:username") && s->request->access_token;
	*out = claims_get(s->claims, is_username ? "username" : wanted->claim);
	/* The literal name first, else the path. */
	if (is_username || *out != NULL || wanted->steps.len == 0)
		return true;
	const struct cJSON *at = claims_get(s->claims, wanted->steps.items[0]);
	for (size_t i = 1; at != NULL && i < wanted->steps.len; i++) {
		if (json_type(at) != JSON_OBJECT)
			return false;
		at = json_member(at, wanted->steps.items[i]);
	}
	*out = at;
	return true;
}

/* Access tokens have these as ID tokens have them. Of any other claim an access token's
 * silence says nothing. */
static bool is_in_every_token(const char *name)
{
	return streq(name, "sub") || streq(name, "cognito:username") || streq(name, "username");
}

/* Cognito writes the values of a SAML attribute as one text, "[a, b]", and a single value as it
 * is. Spaces around a value are the separator's, not its own. */
static bool list_has(const char *list, const char *name)
{
	if (name == NULL || list[0] != '[')
		return streq(list, name);
	size_t wanted = strlen(name);
	for (const char *at = list; at[0] != '\0';) {
		at += 1 + strspn(at + 1, " "); /* after the bracket or the comma */
		const char *next = at + strcspn(at, ",");
		size_t len = (size_t)(next - at) - (*next == '\0'); /* the other bracket */
		while (len > wanted && at[len - 1] == ' ')
			len--;
		if (len == wanted && memcmp(at, name, len) == 0)
			return true;
		at = next;
	}
	return false;
}

/* amr and acr that tell of a factor which the sign-in has not proven: those of a refresh, or of
 * one that was chosen in it. */
static bool is_beyond_evidence(const struct subject *s, const char *name)
{
	return (streq(name, "amr") || streq(name, "acr")) && !s->evidence.mfa &&
	       evidence_claims_mfa(s->config, s->claims);
}

enum truth rules_judge_claim(
    const struct subject *s, const struct config_rule *rule, const struct config_claim *wanted)
{
	const struct cJSON *value = NULL;
	bool is_text = claims_text(s->claims, wanted->claim) != NULL;
	if (streq(wanted->claim, "cognito:groups") && (!wanted->is_list || !is_text))
		return judge_group_values(s, wanted);
	if (rule->is_deny && s->request->access_token && !is_in_every_token(wanted->claim))
		return TRUTH_UNREADABLE;
	if (!rules_find_claim(s, wanted, &value))
		return TRUTH_UNREADABLE;
	if (value == NULL)
		return TRUTH_NO;
	const char *list = wanted->is_list ? json_string(value) : NULL;
	if (!subject_is_readable(value) ||
	    !users_claim_counts(s->config, s->claims, wanted->claim) ||
	    is_beyond_evidence(s, wanted->claim) ||
	    (list != NULL && text_starts(list, "[") != text_ends(list, "]")))
		return TRUTH_UNREADABLE;
	for (const struct cJSON *at = wanted->accepted; at != NULL; at = json_next(at))
		if (list != NULL ? list_has(list, json_string(at))
				 : subject_value_is(value, json_string(at), json_is_true(at)))
			return TRUTH_YES;
	return TRUTH_NO;
}

static enum truth judge_claims(const struct subject *s, const struct config_rule *rule)
{
	enum truth all = rule->claims_len > 0 ? TRUTH_YES : TRUTH_UNSET;
	for (size_t i = 0; i < rule->claims_len; i++) {
		enum truth one = rules_judge_claim(s, rule, &rule->claims[i]);
		if (one == TRUTH_NO)
			return TRUTH_NO;
		if (one == TRUTH_UNREADABLE)
			all = TRUTH_UNREADABLE;
	}
	return all;
}

static enum truth judge_max_auth_age(const struct subject *s, const struct config_rule *rule)
{
	if (rule->max_auth_age < 0)
		return TRUTH_UNSET;
	return truth_of(s->evidence.auth_time >= 0 &&
			s->request->now - s->evidence.auth_time <= rule->max_auth_age);
}

static enum truth judge_require_mfa(const struct subject *s, const struct config_rule *rule)
{
	return rule->require_mfa ? truth_of(s->evidence.mfa) : TRUTH_UNSET;
}

const char *rules_text(const struct subject *s, size_t condition)
{
	const char *const texts[CONDITIONS_MAX] = {[CONDITION_SERVICES] = s->request->service,
	    [CONDITION_HOSTS] = s->host,
	    [CONDITION_USERS] = s->request->user};
	return texts[condition];
}

#define LIST(member) .list = offsetof(struct config_rule, member)
#define GROUPS .claims = {"cognito:groups"}

const struct condition conditions[] = {
    [CONDITION_SERVICES] = {"services", judge_services, LIST(services)},
    [CONDITION_HOSTS] = {"hosts", judge_hosts, LIST(hosts)},
    [CONDITION_USERS] = {"users", judge_users, LIST(users)},
    {"groups", judge_groups, LIST(groups), GROUPS},
    {"all_groups", judge_all_groups, LIST(all_groups), GROUPS},
    {.key = "claims", .judge = judge_claims},
    [CONDITION_MAX_AUTH_AGE] = {"max_auth_age", judge_max_auth_age, .claims = {"auth_time"}},
    {"require_mfa", judge_require_mfa, .claims = {"amr", "acr"}},
};
const size_t conditions_len = sizeof(conditions) / sizeof(conditions[0]);
_Static_assert(sizeof(conditions) / sizeof(conditions[0]) <= CONDITIONS_MAX, "decision.truths");

bool rules_is_met(const struct config_rule *rule, enum truth truth)
{
	return truth == TRUTH_YES || truth == TRUTH_UNSET ||
	       (truth == TRUTH_UNREADABLE && rule->is_deny);
}

/* Are the conditions up to the last one met, or not set? */
static bool is_about(const struct subject *s, const struct config_rule *rule, size_t last)
{
	bool about = true;
	for (size_t c = CONDITION_SERVICES; c <= last; c++) {
		enum truth truth = conditions[c].judge(s, rule);
		about = about && (truth == TRUTH_YES || truth == TRUTH_UNSET);
	}
	return about;
}

bool rules_limit_age(const struct config *config, const struct access_request *request)
{
	struct subject s;
	subject_make_unknown(config, request, &s);
	for (size_t i = 0; i < config->rules_len; i++)
		if (is_about(&s, &config->rules[i], CONDITION_USERS) &&
		    config->rules[i].max_auth_age >= 0)
			return true;
	return false;
}

bool rules_open_service(const struct config *config, const char *service, const char *host)
{
	const struct access_request request = {.service = service, .host = host};
	struct subject s;
	subject_make_unknown(config, &request, &s);
	for (size_t i = 0; i < config->rules_len; i++)
		if (!config->rules[i].is_deny &&
		    is_about(&s, &config->rules[i], CONDITION_HOSTS))
			return true;
	return false;
}
