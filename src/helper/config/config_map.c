/* SPDX-License-Identifier: MIT
 *
 * users.map: local name -> conditions on the token, and the name to log in with.
 */
#include "helper/config/config_read.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

/* Equal sets of conditions have equal sums, in whatever order they stand. */
struct sum {
	uint64_t sum;
	size_t entry;
};

struct named {
	const char *name; /* the sub */
	const struct config_map_entry *entry;
};

static bool is_condition(const struct cJSON *member)
{
	return !streq(json_name(member), "login");
}

static int read_condition(const struct reader *reader, const struct place *place)
{
	enum json_type type = json_type(place->value);
	const char *text = json_string(place->value);
	if (type != JSON_STRING && type != JSON_BOOL)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be a string, true or false");
	if (place->name[0] == '\0')
		return config_refuse(
		    reader, place, AT_NAME, RESULT_CONFIG, "has a claim without a name");
	if (text != NULL && text[0] == '\0')
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must not be empty");
	return 0;
}

static int read_login(
    const struct reader *reader, const struct place *place, struct config_map_entry *entry)
{
	const char *text = json_string(place->value), *wrong;
	if (text == NULL)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be a string");
	wrong = config_check_login(text);
	if (wrong != NULL)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG, "%s", wrong);
	entry->login = strdup(text);
	return entry->login != NULL ? 0 : RESULT_MEMORY;
}

static int read_entry(
    const struct reader *reader, const struct place *place, struct config_map_entry *entry)
{
	const char *wrong = config_check_local_name(place->name);
	size_t conditions = 0;
	if (wrong != NULL)
		return config_refuse(reader, place, AT_NAME, RESULT_CONFIG, "%s", wrong);
	if (json_type(place->value) != JSON_OBJECT)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be an object");
	entry->conditions = place->value;
	struct place member = {.up = place, .value = json_first(place->value)};
	for (; member.value != NULL; member.value = json_next(member.value)) {
		bool condition = is_condition(member.value);
		member.name = json_name(member.value);
		int r = condition ? read_condition(reader, &member)
				  : read_login(reader, &member, entry);
		if (r != 0)
			return r;
		conditions += condition ? 1 : 0;
	}
	if (conditions == 0)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "needs a condition, such as \"sub\"");
	entry->local_name = strdup(place->name);
	return entry->local_name != NULL ? 0 : RESULT_MEMORY;
}

/* FNV-1a over the name, a zero, and the value. */
static uint64_t hash(const struct cJSON *member)
{
	const char *text = json_string(member);
	uint64_t h = 14695981039346656037u;
	if (text == NULL)
		text = json_is_true(member) ? "\001" : "\002";
	for (const char *c = json_name(member); *c != '\0'; c++)
		h = (h ^ (unsigned char)*c) * 1099511628211u;
	h *= 1099511628211u;
	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	return h;
}

static uint64_t sum_of(const struct config_map_entry *entry)
{
	uint64_t sum = 0;
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at))
		sum += is_condition(at) ? hash(at) : 0;
	return sum;
}

static int order_sums(const void *left, const void *right)
{
	const struct sum *a = left, *b = right;
	if (a->sum != b->sum)
		return a->sum < b->sum ? -1 : 1;
	return (a->entry > b->entry) - (a->entry < b->entry);
}

/* Two entries with the same conditions: one person would be two local users. Sorted, so
 * that a long map stays cheap at every login. */
static int check_distinct(
    const struct reader *reader, const struct place *map, const struct config *config)
{
	struct sum *sums = calloc(config->map_len + 1, sizeof(*sums));
	const struct config_map_entry *twice = NULL, *first = NULL;
	if (sums == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < config->map_len; i++)
		sums[i] = (struct sum){.sum = sum_of(&config->map[i]), .entry = i};
	qsort(sums, config->map_len, sizeof(*sums), order_sums);
	for (size_t i = 1; i < config->map_len && twice == NULL; i++) {
		if (sums[i].sum != sums[i - 1].sum)
			continue;
		first = &config->map[sums[i - 1].entry];
		twice = &config->map[sums[i].entry];
	}
	free(sums);
	if (twice == NULL)
		return 0;
	struct place entry = {.up = map, .name = twice->local_name};
	return config_refuse(reader, &entry, AT_NAME, RESULT_CONFIG,
	    "has the same conditions as \"%s\"", first->local_name);
}

/* Could one identity meet the conditions of both? Not if they differ in a claim. */
static bool may_both_hold(const struct config_map_entry *a, const struct config_map_entry *b)
{
	for (const struct cJSON *at = json_first(a->conditions); at != NULL;
	     at = json_next(at)) {
		const struct cJSON *other = json_member(b->conditions, json_name(at));
		if (is_condition(at) && other != NULL && hash(at) != hash(other))
			return false;
	}
	return true;
}

static int order_subs(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->entry > b->entry) - (a->entry < b->entry);
}

/* A sub is one person: two entries that name it and can hold at once would make that person
 * two local users. In the sorted list those of one sub stand together. */
static int check_subs(
    const struct reader *reader, const struct place *map, const struct config *config)
{
	struct named *subs = calloc(config->map_len + 1, sizeof(*subs));
	const struct config_map_entry *first = NULL, *twice = NULL;
	size_t len = 0;
	if (subs == NULL)
		return RESULT_MEMORY;
	for (size_t i = 0; i < config->map_len; i++) {
		const struct config_map_entry *entry = &config->map[i];
		const char *sub = json_member_string(entry->conditions, "sub");
		if (sub != NULL)
			subs[len++] = (struct named){.name = sub, .entry = entry};
	}
	qsort(subs, len, sizeof(*subs), order_subs);
	for (size_t i = 0; i < len && twice == NULL; i++)
		for (size_t k = i + 1;
		     k < len && twice == NULL && streq(subs[i].name, subs[k].name); k++) {
			first = subs[i].entry;
			twice = may_both_hold(first, subs[k].entry) ? subs[k].entry : NULL;
		}
	free(subs);
	if (twice == NULL)
		return 0;
	struct place entry = {.up = map, .name = twice->local_name};
	return config_refuse(reader, &entry, AT_NAME, RESULT_CONFIG,
	    "can be the same person as \"%s\": both name this \"sub\"", first->local_name);
}

int config_read_map(
    const struct reader *reader, const struct place *root, struct config *config)
{
	struct place users = {.up = root, .name = "users"};
	struct place map = {.up = &users, .name = "map"};
	int sum = 0;
	users.value = json_member(root->value, users.name);
	/* Another type has been told already. */
	if (users.value == NULL || json_type(users.value) != JSON_OBJECT)
		return 0;
	map.value = json_member(users.value, map.name);
	if (map.value == NULL || json_type(map.value) != JSON_OBJECT)
		return 0;
	config->map = calloc(json_count(map.value) + 1, sizeof(*config->map));
	if (config->map == NULL)
		return RESULT_MEMORY;
	for (const struct cJSON *at = json_first(map.value); at != NULL; at = json_next(at)) {
		struct place entry = {.up = &map, .name = json_name(at), .value = at};
		int r = read_entry(reader, &entry, &config->map[config->map_len++]);
		if (!config_goes_on(reader, r, &sum))
			break;
	}
	if (sum != 0)
		return sum;
	int r = check_distinct(reader, &map, config);
	return r == 0 ? check_subs(reader, &map, config) : r;
}
