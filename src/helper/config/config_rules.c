/* SPDX-License-Identifier: MIT
 *
 * The keys of a rule. A new key is a row here, its member in struct config_rule and, if it
 * is a condition, its row in policy/rules.c.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define AUTH_AGE_MOST 999999999 /* 31 years: as many digits as a number here may have */
#define PERSON_KEYS_MAX 8
#define LIST_MARK "[]" /* at the end of a claim's name */
#define PATTERN_MAX 256 /* bytes: no name of a host, service or user is longer */

/* The PAM line separates its groups with commas, and a pattern is no name. */
static const char *check_local_group(const char *text)
{
	return config_check_local_name(text) == NULL
		   ? NULL
		   : "is no name of a local group: 1 to 256 visible ASCII characters, no dash "
		     "first, none of : / , \" ' * ?";
}

/* Is it a class that there is, or a single character: what stands in [: :], [= =] or [. .]? */
static bool is_class(char kind, const char *name, size_t len)
{
	char class[16] = "";
	if (kind == ':' && len < sizeof(class))
		memcpy(class, name, len);
	return kind == ':' ? wctype(class) != 0 : len == 1;
}

/* The ']' of a bracket expression (POSIX 2.13.1), or NULL while it is open. Has it a class that
 * there is not, or a range that runs backwards? Then fnmatch stops reading, or goes on without
 * it, and what it denies, or negated allows, is not what is written there. */
static const char *bracket_end(const char *open, bool *is_odd)
{
	const char *at = open + (open[1] == '!' || open[1] == '^' ? 2 : 1), *first = at;
	for (; *at != '\0' && (*at != ']' || at == first); at++) {
		char end[] = {at[1], ']', '\0'}; /* of a class in it: [:digit:] */
		const char *class_end = NULL;
		if (at[0] == '[' && at[1] != '\0' && strchr(":=.", at[1]) != NULL)
			class_end = strstr(at + 2, end);
		if (class_end != NULL) {
			const char *name = at + 2;
			*is_odd |= !is_class(at[1], name, (size_t)(class_end - name));
			at = class_end + 1;
			continue;
		}
		if (*at == '\\' && *++at == '\0')
			return NULL;
		/* The end of a range begins no other: [a-z-_] has a hyphen. */
		if (at[1] == '-' && strchr("]\\[", at[2]) == NULL) {
			*is_odd |= (unsigned char)at[2] < (unsigned char)at[0];
			at += 2;
		}
	}
	return *at == ']' ? at : NULL;
}

/* Is there a character that this bracket expression fits? It takes bytes for characters, so
 * that one with more than ASCII in it would not fit what it shows. */
static bool fits_any(const char *open, const char *end)
{
	char pattern[PATTERN_MAX + 1];
	snprintf(pattern, sizeof(pattern), "%.*s", (int)(end - open + 1), open);
	for (const char *at = pattern; *at != '\0'; at++)
		if ((unsigned char)*at > '~')
			return false;
	for (char c = ' '; c <= '~'; c++)
		if (fnmatch(pattern, (const char[]){c, '\0'}, 0) == 0)
			return true;
	return false;
}

/* fnmatch refuses nothing: what it cannot read fits nothing, or only itself, and a rule that
 * denies would never deny. */
static const char *check_pattern(const char *text)
{
	if (strlen(text) > PATTERN_MAX)
		return "is longer than 256 bytes";
	for (const char *at = text; *at != '\0'; at++) {
		bool is_odd = false;
		const char *end = *at == '[' ? bracket_end(at, &is_odd) : at;
		if (end == NULL)
			return "is no pattern: a bracket is not closed";
		if (end != at && (is_odd || !fits_any(at, end)))
			return "is no pattern: a bracket cannot be read";
		at = end;
		if (*at == '\\' && *++at == '\0')
			return "is no pattern: a backslash ends it";
	}
	return config_check_filled(text);
}

/* Host names are compared in lower case: a capital would never match. */
static const char *check_host(const char *text)
{
	return config_has_capital(text)
		   ? "has a capital letter; host names are compared in lower case"
		   : check_pattern(text);
}

static bool read_anyone(struct reader *r, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	rule->anyone = json_is_true(place->value);
	return rule->anyone ||
	       config_refuse(r, place, AT_VALUE, "can only be true; leave it out otherwise");
}

static bool check_accepted(struct reader *r, const struct place *place)
{
	struct place value = config_first(place);
	if (json_type(place->value) != JSON_ARRAY)
		return config_refuse(
		    r, place, AT_VALUE, "must be an array of strings, true or false");
	if (value.value == NULL)
		return config_refuse(r, place, AT_VALUE, "must not be empty");
	for (; value.value != NULL; config_next(&value))
		if (!config_check_value(r, &value))
			return false;
	return true;
}

static bool read_claims(struct reader *r, const struct place *place, void *base)
{
	struct config_rule *rule = base;
	struct place member = config_first(place);
	if (member.value == NULL)
		return config_refuse(r, place, AT_VALUE, "must not be empty");
	rule->claims = config_allocate(r, json_count(place->value), sizeof(*rule->claims));
	for (; rule->claims != NULL && member.value != NULL; config_next(&member)) {
		struct config_claim *claim = &rule->claims[rule->claims_len++];
		const char *wrong = streq(member.name, LIST_MARK)
					? "names no claim"
					: config_check_line(member.name);
		if (wrong != NULL)
			return config_refuse(r, &member, AT_NAME, "%s", wrong);
		if (!check_accepted(r, &member))
			return false;
		claim->accepted = json_first(member.value);
		claim->is_list = text_ends(member.name, LIST_MARK);
		size_t len = strlen(member.name) - (claim->is_list ? strlen(LIST_MARK) : 0);
		claim->name = config_format(r, "%s", member.name);
		claim->claim = config_format(r, "%.*s", (int)len, member.name);
		/* "a/b/c" is the way a, b, c if no claim has that very name. */
		if (claim->claim != NULL && strchr(claim->claim, '/') != NULL)
			config_list_split(r, &claim->steps, claim->claim, "/");
	}
	return true;
}

static const char *const effect_words[] = {"allow", "deny", NULL}; /* is_deny: false, true */

#define AT(member)                                                                             \
	.offset = offsetof(struct config_rule, member),                                        \
	.size = sizeof(((const struct config_rule *)NULL)->member)
/* A key whose member has its name. */
#define SAME(section, member, type) section, #member, type, AT(member)

const struct key config_rule_keys[] = {
    {SAME("", name, KEY_TEXT), config_check_line, .label = ""},
    {"", "effect", KEY_WORD, AT(is_deny), .words = effect_words, .label = ""},
    {SAME("", services, KEY_LIST), check_pattern, .role = KEY_PLACE},
    {SAME("", hosts, KEY_LIST), check_host, .role = KEY_PLACE},
    {SAME("", users, KEY_LIST), check_pattern, .role = KEY_PERSON},
    {SAME("", groups, KEY_LIST), config_check_filled, .role = KEY_PERSON},
    {SAME("", all_groups, KEY_LIST), config_check_filled, .role = KEY_PERSON,
	.label = "all groups of"},
    {SAME("", claims, KEY_CLAIMS), .read = read_claims, .role = KEY_PERSON},
    {SAME("", max_auth_age, KEY_NUMBER), .default_value = -1, .most = AUTH_AGE_MOST,
	.role = KEY_PROOF},
    {SAME("", require_mfa, KEY_BOOL), .role = KEY_PROOF},
    {SAME("", anyone, KEY_BOOL), .read = read_anyone},
    {SAME("", grant, KEY_LIST), check_local_group, .role = KEY_GRANT},
    {.name = NULL},
};

static bool check_keys(
    struct reader *r, const struct place *place, const struct config_rule *rule)
{
	const struct key *key;
	/* An empty list would match nothing: surely not what was meant. */
	for (key = config_rule_keys; key->name != NULL; key++) {
		struct place member = config_place(place, key->name);
		if (json_type(member.value) == JSON_ARRAY && !config_is_set(key, rule))
			return config_refuse(r, &member, AT_VALUE, "must not be empty");
	}
	/* What makes a login good enough to allow, and what it then brings, say nothing about
	 * whom to deny. */
	for (key = config_rule_keys; rule->is_deny && key->name != NULL; key++) {
		struct place member = config_place(place, key->name);
		if ((key->role == KEY_PROOF || key->role == KEY_GRANT) && member.value != NULL)
			return config_refuse(
			    r, &member, AT_NAME, "cannot stand in a rule that denies");
	}
	return true;
}

/* An allow rule says whom it allows; "anyone" must be meant. */
static bool check_person(
    struct reader *r, const struct place *place, const struct config_rule *rule)
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
		return config_refuse(r, &anyone, AT_NAME, "contradicts \"%s\"", set);
	if (rule->anyone || rule->is_deny || set != NULL)
		return true;
	return config_refuse(r, place, AT_VALUE,
	    "has no condition on the person: name %s, or say \"anyone\": true", words);
}

static void read_rule(struct reader *r, const struct place *place, struct config_rule *rule)
{
	size_t before = r->faults->count;
	config_set_defaults(r, config_rule_keys, rule);
	if (json_type(place->value) != JSON_OBJECT)
		config_refuse(r, place, AT_VALUE, "must be an object");
	config_read_members(r, place, config_rule_keys, "", rule);
	if (r->faults->count == before && check_keys(r, place, rule))
		check_person(r, place, rule);
	if (rule->name == NULL)
		rule->name = config_format(r, "rule %zu", place->index + 1);
}

/* The log names the rule that decided; it must name one. */
static void check_names(
    struct reader *r, const struct place *rules, const struct config *config)
{
	size_t len = config->rules_len;
	struct sortable *items = config_allocate(r, len + 1, sizeof(*items));
	for (size_t i = 0; items != NULL && i < len; i++)
		items[i] = (struct sortable){0, config->rules[i].name, i};
	const struct sortable *twice = items != NULL ? config_find_twice(items, len) : NULL;
	struct place rule = config_first(rules);
	while (twice != NULL && rule.index < twice[1].index)
		config_next(&rule);
	struct place name = config_place(&rule, "name");
	if (twice != NULL)
		config_refuse(r, &name, AT_VALUE, "is the name of an earlier rule, too");
	free(items);
}

void config_read_rules(struct reader *r, const struct place *rules, struct config *config)
{
	size_t before = r->faults->count, room = json_count(rules->value) + 1;
	struct place rule = config_first(rules);
	/* Another type has been refused already. */
	if (json_type(rules->value) != JSON_ARRAY)
		return;
	config->rules = config_allocate(r, room, sizeof(*config->rules));
	for (; config->rules != NULL && rule.value != NULL; config_next(&rule))
		read_rule(r, &rule, &config->rules[config->rules_len++]);
	if (r->faults->count == before && !r->no_memory)
		check_names(r, rules, config);
}

void config_free_rule(struct config_rule *rule)
{
	config_free_members(config_rule_keys, rule);
	for (size_t i = 0; i < rule->claims_len; i++) {
		free(rule->claims[i].name);
		free(rule->claims[i].claim);
		config_list_free(&rule->claims[i].steps);
	}
	free(rule->claims);
}
