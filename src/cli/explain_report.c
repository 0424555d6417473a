/* SPDX-License-Identifier: MIT
 *
 * Every condition is a row: what the rule or the mapping wants, what the claims say, and
 * whether that is enough. The verdict itself comes from the policy's own functions, never from
 * a row.
 */
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/output.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/accounts/record.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/subject.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"

#define ROW(key, claim)                                                                        \
	{                                                                                      \
		key, claim, EXPLAIN_VALUE, EXPLAIN_VALUE, "", false                            \
	}

/* One condition: what is wanted, and what was found. */
struct row {
	const char *key, *claim; /* claim: NULL unless the key is about one claim */
	struct buffer wanted, found;
	const char *remark; /* why it counts as met or not, or "" */
	bool is_met;
};

/* Only texts and booleans can be compared; of other types the kind is enough. */
static void append_value(struct buffer *to, const struct cJSON *value)
{
	static const char *const kinds[] = {[JSON_NONE] = "absent",
	    [JSON_NULL] = "null",
	    [JSON_NUMBER] = "a number",
	    [JSON_ARRAY] = "an array",
	    [JSON_OBJECT] = "an object"};
	if (json_string(value) != NULL)
		output_quote(to, json_string(value));
	else if (json_type(value) == JSON_BOOL)
		buffer_append_text(to, json_is_true(value) ? "true" : "false");
	else
		buffer_append_text(to, kinds[json_type(value)]);
}

static void append_values(struct buffer *to, const struct cJSON *first)
{
	for (const struct cJSON *at = first; at != NULL; at = json_next(at)) {
		buffer_append_text(to, at != first ? ", " : "");
		append_value(to, at);
	}
}

void explain_claim(struct buffer *to, const struct cJSON *claim)
{
	if (json_type(claim) != JSON_ARRAY)
		append_value(to, claim);
	else if (json_first(claim) == NULL)
		buffer_append_text(to, "none");
	else
		append_values(to, json_first(claim));
}

void explain_list(struct buffer *to, const struct config_list *list)
{
	for (size_t i = 0; i < list->len; i++) {
		buffer_append_text(to, i > 0 ? ", " : "");
		output_quote(to, list->items[i]);
	}
}

const char *explain_shown(struct buffer *value)
{
	if (value->error != 0) {
		buffer_cut(value, value->len);
		value->max = EXPLAIN_VALUE_MAX + 3;
		buffer_append_text(value, "...");
	}
	return buffer_text(value);
}

static void report_row(struct output *out, struct row *row)
{
	static const char *const marks[2][2] = {{"no", "ok"}, {"\xe2\x9c\x97", "\xe2\x9c\x93"}};
	const char *wanted = explain_shown(&row->wanted), *found = explain_shown(&row->found);
	char name[1024];
	snprintf(name, sizeof(name), "%.300s%s%.600s", row->key, row->claim != NULL ? " " : "",
	    row->claim != NULL ? row->claim : "");
	output_line(out, "  %s %-14s %.800s; found: %.800s%s%s",
	    marks[out->is_utf8][row->is_met], name, wanted, found,
	    row->remark[0] != '\0' ? "; " : "", row->remark);
	output_json(out, "{key:%s claim:%s wanted:%s found:%s ok:%d remark:%s}", row->key,
	    row->claim, wanted, found, row->is_met, row->remark);
	buffer_wipe(&row->wanted);
	buffer_wipe(&row->found);
}

/* A claim that the mapping looks at. An access token calls the user name "username". */
static const struct cJSON *mapping_claim(const struct subject *subject, const char *claim)
{
	bool is_renamed = subject->request->access_token && streq(claim, "cognito:username");
	return claims_get(subject->claims, is_renamed ? "username" : claim);
}

static void report_claim(struct output *out, const struct subject *subject, struct row *row)
{
	if (!users_claim_counts(subject->config, subject->claims, row->claim))
		row->remark = "does not count: email_verified is not true";
	report_row(out, row);
}

/* users.map: every condition of the user's entry. "login" is what is sent to Cognito, and no
 * condition. */
static void report_entry(
    struct output *out, const struct subject *subject, const struct config_map_entry *entry)
{
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at)) {
		struct row row = ROW("users.map", json_name(at));
		if (streq(row.claim, "login"))
			continue;
		explain_claim(&row.wanted, at);
		explain_claim(&row.found, mapping_claim(subject, row.claim));
		row.is_met = users_condition_holds(subject->config, subject->claims, at);
		report_claim(out, subject, &row);
	}
}

/* users.claim: the name that the claim makes, after lowercase and strip_*. */
static void report_name(struct output *out, const struct subject *subject)
{
	const struct config *config = subject->config;
	struct row row = ROW("users.claim", config->users_claim);
	char name[USERS_NAME_MAX + 1];
	const struct cJSON *value = mapping_claim(subject, row.claim);
	output_quote(&row.wanted, subject->request->user);
	if (users_name_of(config, subject->claims, name, sizeof(name)) == 0)
		output_quote(&row.found, name);
	else
		explain_claim(&row.found, value);
	if (value != NULL && name[0] == '\0')
		row.remark = "matches no user";
	row.is_met = users_match(config, subject->claims, subject->request->user, NULL) == 0;
	report_claim(out, subject, &row);
}

/* users.from_accounts: the sub in the record of the local account. */
static void report_record(struct output *out, const struct subject *subject)
{
	const struct record_identity *account = subject->request->account;
	struct row row = ROW("users.from_accounts", "sub");
	if (account != NULL) {
		output_quote(&row.wanted, account->sub);
	} else {
		buffer_append_text(&row.wanted, "of the record");
		row.remark = "this host has no record of the local user, or you are not root";
	}
	explain_claim(&row.found, claims_get(subject->claims, "sub"));
	row.is_met =
	    users_match(subject->config, subject->claims, subject->request->user, account) == 0;
	report_row(out, &row);
}

static void report_mapping(struct output *out, const struct subject *subject)
{
	const char *user = subject->request->user;
	const struct config_map_entry *entry = config_map_find(subject->config, user);
	bool is_recorded = entry == NULL && subject->config->from_accounts;
	bool is_it =
	    users_match(subject->config, subject->claims, user, subject->request->account) == 0;
	output_line(
	    out, "these claims %s the local user \"%s\"", is_it ? "are" : "are NOT", user);
	output_json(out, "mapping:{by:%s ok:%d conditions:[",
	    entry != NULL ? "users.map"
	    : is_recorded ? "users.from_accounts"
			  : "users.claim",
	    is_it);
	if (entry != NULL)
		report_entry(out, subject, entry);
	else if (is_recorded)
		report_record(out, subject);
	else
		report_name(out, subject);
	output_json(out, "]}");
}

/* The claims that a condition looks at: one, or two by name. */
static void describe_claims(
    struct buffer *to, const struct claims *claims, const char *const names[2])
{
	struct buffer values[] = {EXPLAIN_VALUE, EXPLAIN_VALUE};
	for (int i = 0; i < 2 && names[1] != NULL; i++) {
		explain_claim(&values[i], claims_get(claims, names[i]));
		buffer_append_format(
		    to, "%s%s %.400s", i > 0 ? "; " : "", names[i], explain_shown(&values[i]));
		buffer_wipe(&values[i]);
	}
	if (names[1] == NULL)
		explain_claim(to, claims_get(claims, names[0]));
}

/* What a rule's condition wants and what there is, for all keys but "claims". */
static void describe_condition(const struct condition *condition,
    const struct config_rule *rule, const struct subject *subject, struct row *row)
{
	const char *text = rules_text(subject, (size_t)(condition - conditions));
	bool is_age = streq(condition->key, "max_auth_age");
	if (condition->list != 0)
		explain_list(
		    &row->wanted, (const void *)((const char *)rule + condition->list));
	else if (is_age)
		buffer_append_format(&row->wanted, "at most %ld s", rule->max_auth_age);
	else
		buffer_append_text(&row->wanted, "true");
	if (is_age && subject->evidence.auth_time >= 0)
		buffer_append_format(&row->found, "signed in %lld s ago",
		    subject->request->now - subject->evidence.auth_time);
	else if (is_age)
		buffer_append_text(
		    &row->found, claims_get(subject->claims, "auth_time") == NULL
				     ? "auth_time absent"
				     : "auth_time is not a whole number of 1 to 12 digits");
	else if (text == NULL)
		describe_claims(&row->found, subject->claims, condition->claims);
	else if (text[0] == '\0')
		buffer_append_text(&row->found, "not known");
	else
		output_quote(&row->found, text);
}

static void report_condition(
    struct output *out, const struct config_rule *rule, enum truth truth, struct row *row)
{
	row->is_met = rules_is_met(rule, truth);
	if (truth == TRUTH_UNREADABLE)
		row->remark =
		    rule->is_deny ? "cannot be read, and so denies" : "cannot be read";
	report_row(out, row);
}

/* "claims": a row for each of its members. */
static void report_claims(
    struct output *out, const struct subject *subject, const struct config_rule *rule)
{
	for (size_t i = 0; i < rule->claims_len; i++) {
		const struct config_claim *claim = &rule->claims[i];
		const struct cJSON *found = NULL;
		struct row row = ROW("claims", claim->name);
		append_values(&row.wanted, claim->accepted);
		if (rules_find_claim(subject, claim, &found))
			explain_claim(&row.found, found);
		else
			buffer_append_text(&row.found, "not an object on the way");
		report_condition(out, rule, rules_judge_claim(subject, rule, claim), &row);
	}
}

/* index: the rule's, in the configuration and in the decision. */
static void report_conditions(struct output *out, const struct decision *d, size_t index)
{
	const struct subject *subject = &d->subject;
	const struct config_rule *rule = &subject->config->rules[index];
	for (size_t c = 0; c < conditions_len; c++) {
		struct row row = ROW(conditions[c].key, NULL);
		if (d->truths[index][c] == TRUTH_UNSET)
			continue;
		if (streq(row.key, "claims")) {
			report_claims(out, subject, rule);
			continue;
		}
		describe_condition(&conditions[c], rule, subject, &row);
		if (streq(row.key, "require_mfa") && subject->evidence.mfa &&
		    !evidence_claims_mfa(subject->config, subject->claims))
			row.remark = "answered in this login";
		report_condition(out, rule, d->truths[index][c], &row);
	}
}

/* How many of the rule's first conditions are not met. */
static size_t count_unmet(const struct decision *d, size_t index, size_t first)
{
	const struct config_rule *rule = &d->subject.config->rules[index];
	size_t count = 0;
	for (size_t c = 0; c < first; c++)
		count += rules_is_met(rule, d->truths[index][c]) ? 0 : 1;
	return count;
}

static void report_rules(struct output *out, const struct decision *d)
{
	const struct config *config = d->subject.config;
	output_json(out, "rules:[");
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool matches = count_unmet(d, i, conditions_len) == 0;
		const char *effect = rule->is_deny ? "deny" : "allow";
		output_line(out, "rule \"%s\" (%s): %s", rule->name, effect,
		    matches ? "matches" : "does not match");
		output_json(out, "{name:%s effect:%s matches:%d conditions:[", rule->name,
		    effect, matches);
		report_conditions(out, d, i);
		output_json(out, "]}");
	}
	output_json(out, "]");
	if (config->rules_len == 0)
		output_line(out, "no rules");
}

int explain_decision(struct output *out, const struct config *config,
    const struct claims *claims, const struct access_request *request, struct decision *d)
{
	int r = decide(config, claims, request, d);
	if (r == RESULT_MEMORY) {
		complain("%s", result_phrase(r));
	} else {
		report_mapping(out, &d->subject);
		report_rules(out, d);
	}
	return r;
}

void explain_nearest(struct output *out, const struct decision *d)
{
	const struct config *config = d->subject.config;
	struct buffer keys = EXPLAIN_VALUE; /* eight short ones at most */
	size_t fewest = conditions_len, nearest = 0;
	for (size_t i = 0; i < config->rules_len; i++) {
		size_t count = count_unmet(d, i, conditions_len);
		if (config->rules[i].is_deny || count >= fewest ||
		    count_unmet(d, i, CONDITION_USERS + 1) > 0)
			continue;
		fewest = count;
		nearest = i;
	}
	if (fewest == conditions_len)
		return;
	const struct config_rule *rule = &config->rules[nearest];
	for (size_t c = 0; c < conditions_len; c++)
		if (!rules_is_met(rule, d->truths[nearest][c]))
			buffer_append_format(
			    &keys, "%s%s", keys.len > 0 ? ", " : "", conditions[c].key);
	output_line(out, "nearest: rule \"%s\", but for %s", rule->name, buffer_text(&keys));
	buffer_wipe(&keys);
}
