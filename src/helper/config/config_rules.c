/* SPDX-License-Identifier: MIT
 *
 * The rules of the configuration, each a table of keys.
 */
#include "helper/config/config_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AUTH_AGE_MOST 999999999 /* 31 years: as many digits as a number here may have */

struct named {
	const char *name;
	size_t rule;
};

static int read_effect(const struct reader *reader, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	const char *text = json_string(place->value);
	rule->is_deny = streq(text, "deny");
	if (rule->is_deny || streq(text, "allow"))
		return 0;
	return config_refuse(
	    reader, place, AT_VALUE, RESULT_CONFIG, "must be \"allow\" or \"deny\"");
}

static int read_anyone(const struct reader *reader, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	rule->anyone = json_is_true(place->value);
	if (rule->anyone)
		return 0;
	return config_refuse(
	    reader, place, AT_VALUE, RESULT_CONFIG, "can only be true; leave it out otherwise");
}

static int read_accepted(
    const struct reader *reader, const struct place *place, struct config_claim *claim)
{
	struct place value = {.up = place, .value = json_first(place->value)};
	if (json_type(place->value) != JSON_ARRAY)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "must be an array of strings, true or false");
	if (value.value == NULL)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must not be empty");
	claim->accepted = value.value;
	for (; value.value != NULL; value.value = json_next(value.value)) {
		const char *text = json_string(value.value);
		if (text == NULL && json_type(value.value) != JSON_BOOL)
			return config_refuse(reader, &value, AT_VALUE, RESULT_CONFIG,
			    "must be a string, true or false");
		if (text != NULL && text[0] == '\0')
			return config_refuse(
			    reader, &value, AT_VALUE, RESULT_CONFIG, "must not be empty");
		value.index++;
	}
	return 0;
}

/* "a/b/c" is the way a, b, c if no claim has that very name. */
static int split_name(const char *name, struct config_list *steps)
{
	char *copy = strdup(name), *rest = copy;
	int r = copy != NULL ? config_list_make(steps, strlen(name)) : RESULT_MEMORY;
	while (r == 0 && rest != NULL)
		r = config_list_add(steps, strsep(&rest, "/"));
	free(copy);
	return r;
}

static int read_claim(
    const struct reader *reader, const struct place *place, struct config_claim *claim)
{
	const char *wrong = config_check_line(place->name);
	int r;
	if (wrong != NULL)
		return config_refuse(reader, place, AT_NAME, RESULT_CONFIG, "%s", wrong);
	r = read_accepted(reader, place, claim);
	if (r != 0)
		return r;
	claim->name = strdup(place->name);
	if (claim->name == NULL)
		return RESULT_MEMORY;
	return strchr(claim->name, '/') != NULL ? split_name(claim->name, &claim->steps) : 0;
}

static int read_claims(const struct reader *reader, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	struct place member = {.up = place, .value = json_first(place->value)};
	if (member.value == NULL)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must not be empty");
	rule->claims = calloc(json_count(place->value), sizeof(*rule->claims));
	if (rule->claims == NULL)
		return RESULT_MEMORY;
	for (; member.value != NULL; member.value = json_next(member.value)) {
		member.name = json_name(member.value);
		int r = read_claim(reader, &member, &rule->claims[rule->claims_len++]);
		if (r != 0)
			return r;
	}
	return 0;
}

#define STORED(label, type, member, wrong)                                                     \
	{                                                                                      \
		.name = (label), .kind = (type), .use = KEY_STORED,                            \
		.offset = offsetof(struct config_rule, member), .check = (wrong)               \
	}
#define READ(label, type, function)                                                            \
	{                                                                                      \
		.name = (label), .kind = (type), .use = KEY_READ, .read = (function)           \
	}

static const struct key rule_keys[] = {
    STORED("name", KEY_TEXT, name, config_check_line),
    READ("effect", KEY_TEXT, read_effect),
    STORED("services", KEY_LIST, services, config_check_filled),
    STORED("hosts", KEY_LIST, hosts, config_check_host),
    STORED("users", KEY_LIST, users, config_check_filled),
    STORED("groups", KEY_LIST, groups, config_check_filled),
    STORED("all_groups", KEY_LIST, all_groups, config_check_filled),
    READ("claims", KEY_OBJECT, read_claims),
    {.name = "max_auth_age",
	.kind = KEY_NUMBER,
	.use = KEY_STORED,
	.offset = offsetof(struct config_rule, max_auth_age),
	.least = 0,
	.most = AUTH_AGE_MOST},
    STORED("require_mfa", KEY_BOOL, require_mfa, NULL),
    READ("anyone", KEY_BOOL, read_anyone),
    STORED("grant", KEY_LIST, grant, config_check_local_group),
};

/* An empty list would match nothing: surely not what was meant. */
static int check_lists(
    const struct reader *reader, const struct place *place, const struct config_rule *rule)
{
	const struct {
		const char *name;
		const struct config_list *list;
	} lists[] = {
	    {"services", &rule->services},
	    {"hosts", &rule->hosts},
	    {"users", &rule->users},
	    {"groups", &rule->groups},
	    {"all_groups", &rule->all_groups},
	    {"grant", &rule->grant},
	};
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct place list = {.up = place, .name = lists[i].name};
		if (lists[i].list->items != NULL && lists[i].list->len == 0)
			return config_refuse(
			    reader, &list, AT_VALUE, RESULT_CONFIG, "must not be empty");
	}
	return 0;
}

/* What makes a login good enough to allow, and what it then brings, say nothing about whom
 * to deny. */
static int check_deny(
    const struct reader *reader, const struct place *place, const struct config_rule *rule)
{
	static const char *const keys[] = {"max_auth_age", "require_mfa", "grant"};
	for (size_t i = 0; rule->is_deny && i < COUNT(keys); i++) {
		struct place key = {.up = place, .name = keys[i]};
		if (json_member(place->value, keys[i]) != NULL)
			return config_refuse(reader, &key, AT_NAME, RESULT_CONFIG,
			    "cannot stand in a rule that denies");
	}
	return 0;
}

/* The key by which a rule chooses persons, or NULL. */
static const char *person_key(const struct config_rule *rule)
{
	if (rule->users.len > 0)
		return "users";
	if (rule->groups.len > 0)
		return "groups";
	if (rule->all_groups.len > 0)
		return "all_groups";
	return rule->claims_len > 0 ? "claims" : NULL;
}

static int check_rule(
    const struct reader *reader, const struct place *place, const struct config_rule *rule)
{
	struct place anyone = {.up = place, .name = "anyone"};
	const char *key = person_key(rule);
	int r = check_lists(reader, place, rule);
	if (r == 0)
		r = check_deny(reader, place, rule);
	if (r != 0)
		return r;
	if (rule->anyone && key != NULL)
		return config_refuse(
		    reader, &anyone, AT_NAME, RESULT_CONFIG, "contradicts \"%s\"", key);
	if (!rule->anyone && !rule->is_deny && key == NULL)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "has no condition on the person: name \"users\", \"groups\", "
		    "\"all_groups\" or \"claims\", or say \"anyone\": true");
	return 0;
}

static int name_rule(struct config_rule *rule, size_t index)
{
	if (rule->name != NULL)
		return 0;
	return asprintf(&rule->name, "rule %zu", index + 1) >= 0 ? 0 : RESULT_MEMORY;
}

static int read_rule(
    const struct reader *reader, const struct place *place, struct config_rule *rule)
{
	static const struct key_table table = {"rules", rule_keys, COUNT(rule_keys)};
	int r;
	if (json_type(place->value) != JSON_OBJECT)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be an object");
	rule->max_auth_age = -1;
	r = config_read_keys(reader, place, &table, rule);
	if (r == 0)
		r = check_rule(reader, place, rule);
	return r == 0 ? name_rule(rule, place->index) : r;
}

static int order_names(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->rule > b->rule) - (a->rule < b->rule);
}

/* The log names the rule that decided; it must name one. */
static int check_names(
    const struct reader *reader, const struct place *rules, const struct config *config)
{
	struct named *names = calloc(config->rules_len + 1, sizeof(*names));
	const struct named *twice = NULL;
	int r = 0;
	if (names == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < config->rules_len; i++)
		names[i] = (struct named){.name = config->rules[i].name, .rule = i};
	qsort(names, config->rules_len, sizeof(*names), order_names);
	for (size_t i = 1; i < config->rules_len && twice == NULL; i++)
		if (streq(names[i].name, names[i - 1].name))
			twice = &names[i];
	if (twice != NULL) {
		struct place rule = {.up = rules, .index = twice->rule};
		struct place name = {.up = &rule, .name = "name"};
		r = config_refuse(reader, &name, AT_VALUE, RESULT_CONFIG,
		    "is the name of an earlier rule, too");
	}
	free(names);
	return r;
}

int config_read_rules(
    const struct reader *reader, const struct place *root, struct config *config)
{
	struct place rules = {.up = root, .name = "rules"};
	rules.value = json_member(root->value, rules.name);
	/* Another type has been told already. */
	if (rules.value == NULL || json_type(rules.value) != JSON_ARRAY)
		return 0;
	config->rules = calloc(json_count(rules.value) + 1, sizeof(*config->rules));
	if (config->rules == NULL)
		return RESULT_MEMORY;
	struct place rule = {.up = &rules, .value = json_first(rules.value)};
	int sum = 0;
	for (; rule.value != NULL; rule.value = json_next(rule.value)) {
		int r = read_rule(reader, &rule, &config->rules[config->rules_len++]);
		if (!config_goes_on(reader, r, &sum))
			break;
		rule.index++;
	}
	return sum == 0 ? check_names(reader, &rules, config) : sum;
}

void config_free_rule(struct config_rule *rule)
{
	free(rule->name);
	config_list_free(&rule->services);
	config_list_free(&rule->hosts);
	config_list_free(&rule->users);
	config_list_free(&rule->groups);
	config_list_free(&rule->all_groups);
	config_list_free(&rule->grant);
	for (size_t i = 0; i < rule->claims_len; i++) {
		free(rule->claims[i].name);
		config_list_free(&rule->claims[i].steps);
	}
	free(rule->claims);
}
