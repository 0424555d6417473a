/* SPDX-License-Identifier: MIT */
#include "cli/explain_report.h"

#include <stdio.h>
#include <string.h>

#include "cli/describe.h"
#include "cli/output.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"
#include "helper/policy/access_request.h"
#include "helper/policy/decision.h"
#include "helper/policy/subject.h"
#include "helper/policy/users.h"
#include "helper/token/claims.h"

/* One condition: what it is called, what is wanted, what there is. */
struct row {
	const char *key, *claim; /* claim NULL: the key is no claim's */
	char wanted[DESCRIBED_MAX], found[DESCRIBED_MAX];
	bool is_met;
	const char *remark; /* "" or why it counts as met or not */
};

static void report_row(struct output *out, const struct row *row)
{
	char name[DESCRIBED_MAX];
	snprintf(name, sizeof(name), "%.300s%s%.600s", row->key, row->claim != NULL ? " " : "",
	    row->claim != NULL ? row->claim : "");
	output_line(out, "  %s %-14s %.800s; found: %.800s%s%s", output_mark(row->is_met), name,
	    row->wanted, row->found, row->remark[0] != '\0' ? "; " : "", row->remark);
	output_object(out, NULL);
	output_string(out, "key", row->key);
	if (row->claim != NULL)
		output_string(out, "claim", row->claim);
	output_string(out, "wanted", row->wanted);
	output_string(out, "found", row->found);
	output_bool(out, "ok", row->is_met);
	output_string(out, "remark", row->remark);
	output_end_object(out);
}

static const char *email_remark(const struct subject *subject, const char *claim)
{
	return users_claim_counts(subject->config, subject->claims, claim)
		   ? ""
		   : "does not count: email_verified is not true";
}

static void report_entry(
    struct output *out, const struct subject *subject, const struct config_map_entry *entry)
{
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at)) {
		const char *claim = json_name(at);
		struct row row = {.key = "users.map", .claim = claim};
		const struct cJSON *value = claims_get(subject->claims, claim);
		if (streq(claim, "login"))
			continue;
		if (streq(claim, "cognito:username") && subject->request->access_token)
			value = claims_get(subject->claims, "username");
		describe_claim(at, row.wanted);
		describe_claim(value, row.found);
		row.is_met = users_condition_holds(subject->config, subject->claims, at);
		row.remark = email_remark(subject, claim);
		report_row(out, &row);
	}
}

static void report_name(struct output *out, const struct subject *subject)
{
	const struct config *config = subject->config;
	struct row row = {.key = "users.claim", .claim = config->users_claim};
	char name[USERS_NAME_MAX + 1];
	const struct cJSON *value = claims_get(subject->claims, config->users_claim);
	if (streq(row.claim, "cognito:username") && subject->request->access_token)
		value = claims_get(subject->claims, "username");
	describe_text(subject->request->user, row.wanted);
	row.remark = email_remark(subject, row.claim);
	if (users_name_of(config, subject->claims, name, sizeof(name)) == 0)
		describe_text(name, row.found);
	else
		describe_claim(value, row.found);
	if (row.remark[0] == '\0' && value != NULL && name[0] == '\0')
		row.remark = "names nobody";
	row.is_met = users_match(config, subject->claims, subject->request->user) == 0;
	report_row(out, &row);
}

void report_mapping(struct output *out, const struct subject *subject)
{
	const char *user = subject->request->user;
	const struct config_map_entry *entry = config_map_find(subject->config, user);
	bool is_it = users_match(subject->config, subject->claims, user) == 0;
	output_line(
	    out, "these claims %s the local user \"%s\"", is_it ? "are" : "are NOT", user);
	output_object(out, "mapping");
	output_string(out, "by", entry != NULL ? "users.map" : "users.claim");
	output_bool(out, "ok", is_it);
	output_array(out, "conditions");
	if (entry != NULL)
		report_entry(out, subject, entry);
	else
		report_name(out, subject);
	output_end_array(out);
	output_end_object(out);
}

static const char *unreadable_remark(const struct config_rule *rule, enum truth truth)
{
	if (truth != TRUTH_UNREADABLE)
		return "";
	return rule->is_deny ? "cannot be read, and so denies" : "cannot be read";
}

static void report_claims(
    struct output *out, const struct subject *subject, const struct config_rule *rule)
{
	for (size_t i = 0; i < rule->claims_len; i++) {
		const struct config_claim *claim = &rule->claims[i];
		struct row row = {.key = "claims", .claim = claim->name};
		enum truth truth = rules_judge_claim(subject, rule, claim);
		describe_accepted(claim->accepted, row.wanted);
		describe_found_claim(subject, claim, row.found);
		row.is_met = rules_is_met(rule, truth);
		row.remark = unreadable_remark(rule, truth);
		report_row(out, &row);
	}
}

static void report_conditions(struct output *out, const struct decision *d, size_t index)
{
	const struct subject *subject = &d->subject;
	const struct config_rule *rule = &subject->config->rules[index];
	for (size_t c = 0; c < CONDITIONS; c++) {
		struct row row = {.key = conditions[c].key};
		enum truth truth = d->truths[index][c];
		if (truth == TRUTH_UNSET)
			continue;
		if (streq(row.key, "claims")) {
			report_claims(out, subject, rule);
			continue;
		}
		describe_wanted(&conditions[c], rule, row.wanted);
		describe_found(&conditions[c], subject, row.found);
		row.is_met = rules_is_met(rule, truth);
		row.remark = unreadable_remark(rule, truth);
		if (streq(row.key, "require_mfa") && subject->request->mfa_answered)
			row.remark = "answered in this login";
		report_row(out, &row);
	}
}

/* How many of the rule's conditions are not met. */
static size_t count_unmet(const struct decision *d, size_t index, bool of_place)
{
	const struct config_rule *rule = &d->subject.config->rules[index];
	size_t count = 0;
	for (size_t c = 0; c < CONDITIONS; c++)
		count += (!of_place || c <= CONDITION_USERS) &&
			 !rules_is_met(rule, d->truths[index][c]);
	return count;
}

void report_rules(struct output *out, const struct decision *d)
{
	const struct config *config = d->subject.config;
	output_array(out, "rules");
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		bool matches = count_unmet(d, i, false) == 0;
		const char *effect = rule->is_deny ? "deny" : "allow";
		output_line(out, "rule \"%s\" (%s): %s", rule->name, effect,
		    matches ? "matches" : "does not match");
		output_object(out, NULL);
		output_string(out, "name", rule->name);
		output_string(out, "effect", effect);
		output_bool(out, "matches", matches);
		output_array(out, "conditions");
		report_conditions(out, d, i);
		output_end_array(out);
		output_end_object(out);
	}
	output_end_array(out);
	if (config->rules_len == 0)
		output_line(out, "no rules");
}

void report_nearest(struct output *out, const struct decision *d)
{
	const struct config *config = d->subject.config;
	char lacks[DESCRIBED_MAX] = "";
	size_t least = CONDITIONS, nearest = 0, len = 0;
	for (size_t i = 0; i < config->rules_len; i++) {
		if (config->rules[i].is_deny || count_unmet(d, i, true) > 0 ||
		    count_unmet(d, i, false) >= least)
			continue;
		least = count_unmet(d, i, false);
		nearest = i;
	}
	if (least == CONDITIONS)
		return;
	/* Eight short keys at most. */
	for (size_t c = 0; c < CONDITIONS; c++)
		if (!rules_is_met(&config->rules[nearest], d->truths[nearest][c]))
			len += (size_t)snprintf(lacks + len, sizeof(lacks) - len, "%s%s",
			    len > 0 ? ", " : "", conditions[c].key);
	output_line(
	    out, "nearest: rule \"%s\", but for %s", config->rules[nearest].name, lacks);
}
