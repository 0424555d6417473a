/* SPDX-License-Identifier: MIT
 *
 * users.map: local name -> conditions on the token, and the name to log in with.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define LOGIN_MAX 128 /* characters. Cognito: USERNAME */

static const char *check_login(const char *text)
{
	size_t count = 0;
	if (text_has_controls(text))
		return "holds a control character";
	/* It is UTF-8: every byte but those that continue a character begins one. */
	for (const char *at = text; *at != '\0'; at++)
		count += ((unsigned char)*at & 0xc0u) != 0x80u ? 1 : 0;
	return count > LOGIN_MAX ? "is longer than 128 characters" : config_check_filled(text);
}

static bool is_condition(const struct cJSON *member)
{
	return !streq(json_name(member), "login");
}

static bool read_login(
    struct reader *r, const struct place *place, struct config_map_entry *entry)
{
	const char *text = json_string(place->value);
	const char *wrong = text != NULL ? check_login(text) : "must be a string";
	if (wrong != NULL)
		return config_refuse(r, place, AT_VALUE, "%s", wrong);
	entry->login = config_format(r, "%s", text);
	return true;
}

static bool read_entry(
    struct reader *r, const struct place *place, struct config_map_entry *entry)
{
	const char *wrong = config_check_local_name(place->name);
	struct place member = config_first(place);
	size_t conditions = 0;
	if (wrong != NULL)
		return config_refuse(r, place, AT_NAME, "%s", wrong);
	if (json_type(place->value) != JSON_OBJECT)
		return config_refuse(r, place, AT_VALUE, "must be an object");
	for (; member.value != NULL; config_next(&member)) {
		conditions += is_condition(member.value) ? 1 : 0;
		if (!is_condition(member.value) ? !read_login(r, &member, entry)
						: !config_check_value(r, &member))
			return false;
		if (member.name[0] == '\0')
			return config_refuse(r, &member, AT_NAME, "has a claim without a name");
	}
	if (conditions == 0)
		return config_refuse(r, place, AT_VALUE, "needs a condition, such as \"sub\"");
	entry->conditions = place->value;
	entry->local_name = config_format(r, "%s", place->name);
	return true;
}

/* Of the name, a zero, and the value. */
static uint64_t hash(const struct cJSON *member)
{
	const char *text = json_string(member);
	uint64_t h = text_hash(TEXT_HASH_BEGIN, json_name(member)) * TEXT_HASH_PRIME;
	return text_hash(h, text != NULL ? text : json_is_true(member) ? "\001" : "\002");
}

/* Equal sets of conditions have equal sums, in whatever order the file has them. */
static uint64_t sum_of(const struct config_map_entry *entry)
{
	uint64_t sum = 0;
	const struct cJSON *at = json_first(entry->conditions);
	for (; at != NULL; at = json_next(at))
		sum += is_condition(at) ? hash(at) : 0;
	return sum;
}

/* Two entries with the same conditions: one person would be two local users. */
static bool check_distinct(struct reader *r, const struct place *map,
    const struct config *config, struct sortable *items)
{
	for (size_t i = 0; i < config->map_len; i++)
		items[i] = (struct sortable){sum_of(&config->map[i]), "", i};
	const struct sortable *twice = config_find_twice(items, config->map_len);
	if (twice == NULL)
		return true;
	struct place entry = config_place(map, config->map[twice[1].index].local_name);
	return config_refuse(r, &entry, AT_NAME, "has the same conditions as \"%s\"",
	    config->map[twice[0].index].local_name);
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

/* A sub is one person: two entries that name it and can hold at once would make that person
 * two local users. */
static bool check_subs(struct reader *r, const struct place *map, const struct config *config,
    struct sortable *items)
{
	size_t len = 0;
	for (size_t i = 0; i < config->map_len; i++) {
		const char *sub = json_member_string(config->map[i].conditions, "sub");
		if (sub != NULL)
			items[len++] = (struct sortable){0, sub, i};
	}
	config_sort(items, len);
	for (size_t i = 0; i < len; i++)
		for (size_t k = i + 1; k < len && streq(items[i].name, items[k].name); k++) {
			const struct config_map_entry *first = &config->map[items[i].index];
			const struct config_map_entry *other = &config->map[items[k].index];
			struct place entry = config_place(map, other->local_name);
			if (may_both_hold(first, other))
				return config_refuse(r, &entry, AT_NAME,
				    "can be the same person as \"%s\": both name this \"sub\"",
				    first->local_name);
		}
	return true;
}

void config_read_map(struct reader *r, const struct place *map, struct config *config)
{
	size_t before = r->faults->count, room = json_count(map->value) + 1;
	struct place entry = config_first(map);
	/* Another type has been refused already. */
	if (json_type(map->value) != JSON_OBJECT)
		return;
	config->map = config_allocate(r, room, sizeof(*config->map));
	for (; config->map != NULL && entry.value != NULL; config_next(&entry))
		read_entry(r, &entry, &config->map[config->map_len++]);
	struct sortable *items = config_allocate(r, room, sizeof(*items));
	if (r->faults->count == before && !r->no_memory &&
	    check_distinct(r, map, config, items))
		check_subs(r, map, config, items);
	free(items);
}
