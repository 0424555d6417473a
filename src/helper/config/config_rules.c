/* SPDX-License-Identifier: MIT
 *
 * The keys of a rule. A new key is a row here, its member in struct config_rule and, if it
 * is a condition, its row in policy/rules_conditions.c.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define AUTH_AGE_MOST 999999999 /* 31 years: as many digits as a number here may have */
#define PERSON_KEYS_MAX 8

static bool read_anyone(struct reader *reader, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	rule->anyone = json_is_true(place->value);
	return rule->anyone || config_refuse(reader, place, AT_VALUE,
				   "can only be true; leave it out otherwise");
}

static bool check_accepted(struct reader *reader, const struct place *place)
{
	struct place value = config_first(place);
	if (json_type(place->value) != JSON_ARRAY)
		return config_refuse(
		    reader, place, AT_VALUE, "must be an array of strings, true or false");
	if (value.value == NULL)
		return config_refuse(reader, place, AT_VALUE, "must not be empty");
	for (; value.value != NULL; config_next(&value))
		if (!config_check_value(reader, &value))
			return false;
	return true;
}

/* "a/b/c" is the way a, b, c if no claim has that very name. */
static void split_name(struct reader *reader, const char *name, struct config_list *steps)
{
	char *copy = config_format(reader, "%s", name), *rest = copy;
	while (rest != NULL)
		config_list_add(reader, steps, strsep(&rest, "/"));
	free(copy);
}

static bool read_claims(struct reader *reader, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	struct place member = config_first(place);
	if (member.value == NULL)
		return config_refuse(reader, place, AT_VALUE, "must not be empty");
	rule->claims = config_allocate(reader, json_count(place->value), sizeof(*rule->claims));
	for (; rule->claims != NULL && member.value != NULL; config_next(&member)) {
		struct config_claim *claim = &rule->claims[rule->claims_len++];
		const char *wrong = config_check_line(member.name);
		if (wrong != NULL)
			return config_refuse(reader, &member, AT_NAME, "%s", wrong);
		if (!check_accepted(reader, &member))
			return false;
		claim->accepted = json_first(member.value);
		claim->name = config_format(reader, "%s", member.name);
		if (strchr(member.name, '/') != NULL)
			split_name(reader, member.name, &claim->steps);
	}
	return true;
}

static const char *const effect_words[] = {"allow", "deny", NULL}; /* is_deny: false, true */

#define AT(member)                                                                             \
	.offset = offsetof(struct config_rule, member),                                        \
	.size = sizeof(((const struct config_rule *)NULL)->member)

const struct key config_rule_keys[] = {
    {"", "name", KEY_TEXT, AT(name), config_check_line, .label = ""},
    {"", "effect", KEY_WORD, AT(is_deny), .words = effect_words, .label = ""},
    {"", "services", KEY_LIST, AT(services), config_check_filled, .role = KEY_PLACE},
    {"", "hosts", KEY_LIST, AT(hosts), config_check_host, .role = KEY_PLACE},
    {"", "users", KEY_LIST, AT(users), config_check_filled, .role = KEY_PERSON},
    {"", "groups", KEY_LIST, AT(groups), config_check_filled, .role = KEY_PERSON},
    {"", "all_groups", KEY_LIST, AT(all_groups), config_check_filled, .role = KEY_PERSON,
	.label = "all groups of"},
    {"", "claims", KEY_CLAIMS, AT(claims), .read = read_claims, .role = KEY_PERSON},
    {"", "max_auth_age", KEY_NUMBER, AT(max_auth_age), .default_value = -1,
	.most = AUTH_AGE_MOST, .role = KEY_PROOF},
    {"", "require_mfa", KEY_BOOL, AT(require_mfa), .role = KEY_PROOF},
    {"", "anyone", KEY_BOOL, AT(anyone), .read = read_anyone},
    {"", "grant", KEY_LIST, AT(grant), config_check_local_group, .role = KEY_GRANT},
    {.name = NULL},
};

static bool check_keys(
    struct reader *reader, const struct place *place, const struct config_rule *rule)
{
	const struct key *key;
	/* An empty list would match nothing: surely not what was meant. */
	for (key = config_rule_keys; key->name != NULL; key++) {
		struct place member = config_place(place, key->name);
		if (json_type(member.value) == JSON_ARRAY && !config_is_set(key, rule))
			return config_refuse(reader, &member, AT_VALUE, "must not be empty");
	}
	/* What makes a login good enough to allow, and what it then brings, say nothing about
	 * whom to deny. */
	for (key = config_rule_keys; rule->is_deny && key->name != NULL; key++) {
		struct place member = config_place(place, key->name);
		if ((key->role == KEY_PROOF || key->role == KEY_GRANT) && member.value != NULL)
			return config_refuse(
			    reader, &member, AT_NAME, "cannot stand in a rule that denies");
	}
	return true;
}

/* An allow rule says whom it allows; "anyone" must be meant. */
static bool check_person(
    struct reader *reader, const struct place *place, const struct config_rule *rule)
{
	struct place anyone = config_place(place, "anyone");
	const char *names[PERSON_KEYS_MAX + 1] = {NULL}, *set = NULL;
	char words[120];
	size_t len = 0;
	for (const struct key *key = config_rule_keys; key->name != NULL; key++) {
		if (key->role != KEY_PERSON || len == PERSON_KEYS_MAX)
			continue;
		names[len++] = key->name;
		if (set == NULL && config_is_set(key, rule))
			set = key->name;
	}
	config_write_words(names, words, sizeof(words));
	if (rule->anyone && set != NULL)
		return config_refuse(reader, &anyone, AT_NAME, "contradicts \"%s\"", set);
	if (rule->anyone || rule->is_deny || set != NULL)
		return true;
	return config_refuse(reader, place, AT_VALUE,
	    "has no condition on the person: name %s, or say \"anyone\": true", words);
}

static void read_rule(
    struct reader *reader, const struct place *place, struct config_rule *rule)
{
	size_t before = reader->faults->count;
	config_set_defaults(reader, config_rule_keys, rule);
	if (json_type(place->value) != JSON_OBJECT)
		config_refuse(reader, place, AT_VALUE, "must be an object");
	config_read_members(reader, place, config_rule_keys, "", rule);
	if (reader->faults->count == before && check_keys(reader, place, rule))
		check_person(reader, place, rule);
	if (rule->name == NULL)
		rule->name = config_format(reader, "rule %zu", place->index + 1);
}

/* The log names the rule that decided; it must name one. */
static void check_names(
    struct reader *reader, const struct place *rules, const struct config *config)
{
	size_t len = config->rules_len;
	struct sortable *items = config_allocate(reader, len + 1, sizeof(*items));
	for (size_t i = 0; items != NULL && i < len; i++)
		items[i] = (struct sortable){0, config->rules[i].name, i};
	const struct sortable *twice = items != NULL ? config_find_twice(items, len) : NULL;
	struct place rule = config_first(rules);
	while (twice != NULL && rule.index < twice[1].index)
		config_next(&rule);
	struct place name = config_place(&rule, "name");
	if (twice != NULL)
		config_refuse(reader, &name, AT_VALUE, "is the name of an earlier rule, too");
	free(items);
}

void config_read_rules(struct reader *reader, const struct place *rules, struct config *config)
{
	size_t before = reader->faults->count, room = json_count(rules->value) + 1;
	struct place rule = config_first(rules);
	/* Another type has been refused already. */
	if (json_type(rules->value) != JSON_ARRAY)
		return;
	config->rules = config_allocate(reader, room, sizeof(*config->rules));
	for (; config->rules != NULL && rule.value != NULL; config_next(&rule))
		read_rule(reader, &rule, &config->rules[config->rules_len++]);
	if (reader->faults->count == before && !reader->no_memory)
		check_names(reader, rules, config);
}

void config_free_rule(struct config_rule *rule)
{
	config_free_members(config_rule_keys, rule);
	for (size_t i = 0; i < rule->claims_len; i++) {
		free(rule->claims[i].name);
		config_list_free(&rule->claims[i].steps);
	}
	free(rule->claims);
}
