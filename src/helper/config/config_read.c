/* SPDX-License-Identifier: MIT
 *
 * Reads objects by rows of keys, and says where a file is wrong.
 */
#include "helper/config/config_read.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define PATH_SHOWN 200 /* the end of a long path; line and column must still fit */
#define NAME_SHOWN 60
#define PLACE_SHOWN 160
#define WHAT_SHOWN 260 /* beside that path and two numbers in REASON_MAX */
#define KNOWN_MAX 32 /* longer than every key we know */
#define WORDS_SHOWN 120 /* longer than every list of words */

/* As people write it: "rules[0].groups". */
static void write_way(const struct place *place, char out[PLACE_SHOWN])
{
	char name[NAME_SHOWN], behind[PLACE_SHOWN];
	const char *joint = "";
	out[0] = '\0';
	for (; place->up != NULL; place = place->up) {
		memcpy(behind, out, PLACE_SHOWN);
		if (place->name == NULL)
			snprintf(name, sizeof(name), "[%zu]", place->index);
		else
			text_printable(place->name, strlen(place->name), name, sizeof(name));
		snprintf(out, PLACE_SHOWN, "%s%s%s", name, joint, behind);
		joint = place->name != NULL ? "." : "";
	}
}

struct place config_place(const struct place *up, const char *name)
{
	return (struct place){.up = up, .name = name, .value = json_member(up->value, name)};
}

struct place config_first(const struct place *up)
{
	const struct cJSON *first = json_first(up->value);
	return (struct place){.up = up, .name = json_name(first), .value = first};
}

void config_next(struct place *place)
{
	place->value = json_next(place->value);
	place->name = json_name(place->value);
	place->index++;
}

static void find_position(const struct reader *r, const struct place *place, enum finger finger,
    size_t *line, size_t *column)
{
	struct scan_slice raw = {.bytes = NULL}, name = {.bytes = NULL};
	const struct place *at = place;
	size_t len = 0;
	while (at->value == NULL && at->up != NULL)
		at = at->up;
	json_raw(r->document, at->value, &raw, &name);
	bool at_name = finger == AT_NAME && at == place && name.len > 0;
	const char *text = json_source(r->document, &len);
	scan_position(text, at_name ? name.bytes : raw.bytes, line, column);
}

bool config_refuse_text(struct reader *r, size_t line, size_t column, const char *what)
{
	char path[PATH_SHOWN], shown[WHAT_SHOWN];
	size_t len = strlen(r->path), skip = len >= PATH_SHOWN ? len - PATH_SHOWN + 1 : 0;
	size_t index = r->faults->count++;
	text_printable(r->path + skip, len - skip, path, sizeof(path));
	text_printable(what, strlen(what), shown, sizeof(shown));
	if (index < CONFIG_FAULTS_MAX)
		snprintf(r->faults->texts[index], sizeof(r->faults->texts[index]),
		    "%s:%zu:%zu: %s", path, line, column, shown);
	return false;
}

bool config_refuse(
    struct reader *r, const struct place *place, enum finger finger, const char *format, ...)
{
	char name[PLACE_SHOWN], what[REASON_MAX];
	size_t line = 1, column = 1;
	va_list args;
	/* To find a position reads the file once more: not for a fault that is only counted. */
	if (r->faults->count < CONFIG_FAULTS_MAX)
		find_position(r, place, finger, &line, &column);
	write_way(place, name);
	int n = place->up != NULL ? snprintf(what, sizeof(what), "\"%s\" ", name)
				  : snprintf(what, sizeof(what), "the file ");
	va_start(args, format);
	if (n > 0 && (size_t)n < sizeof(what))
		vsnprintf(what + n, sizeof(what) - (size_t)n, format, args);
	va_end(args);
	return config_refuse_text(r, line, column, what);
}

bool config_refuse_key(
    struct reader *r, const char *section, const char *key, const char *wrong)
{
	struct place root = {.value = json_root(r->document)};
	struct place outer = config_place(&root, section);
	struct place inner = config_place(&outer, key);
	return config_refuse(r, &inner, AT_VALUE, "%s", wrong);
}

bool config_is_good(const struct reader *r)
{
	return r->faults->count == 0 && !r->no_memory;
}

void *config_allocate(struct reader *r, size_t count, size_t size)
{
	void *bytes = calloc(count, size);
	r->no_memory = r->no_memory || bytes == NULL;
	return bytes;
}

char *config_format(struct reader *r, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		r->no_memory = true;
	}
	va_end(args);
	return text;
}

void config_list_free(struct config_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){.items = NULL, .len = 0};
}

void config_list_make(struct reader *r, struct config_list *list)
{
	config_list_free(list);
	list->items = config_allocate(r, 1, sizeof(*list->items));
}

void config_list_add(struct reader *r, struct config_list *list, const char *text)
{
	char **items = realloc(list->items, (list->len + 2) * sizeof(*items));
	r->no_memory = r->no_memory || items == NULL;
	if (items == NULL)
		return;
	list->items = items;
	items[list->len] = config_format(r, "%s", text);
	list->len += items[list->len] != NULL ? 1 : 0;
	items[list->len] = NULL;
}

void config_list_split(
    struct reader *r, struct config_list *list, const char *text, const char *ends)
{
	char *copy = config_format(r, "%s", text), *rest = copy;
	while (rest != NULL)
		config_list_add(r, list, strsep(&rest, ends));
	free(copy);
}

static int order_items(const void *left, const void *right)
{
	const struct sortable *a = left, *b = right;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

void config_sort(struct sortable *items, size_t len)
{
	qsort(items, len, sizeof(*items), order_items);
}

const struct sortable *config_find_twice(struct sortable *items, size_t len)
{
	config_sort(items, len);
	for (size_t i = 1; i < len; i++)
		if (items[i].number == items[i - 1].number &&
		    streq(items[i].name, items[i - 1].name))
			return &items[i - 1];
	return NULL;
}

size_t config_word_index(const char *const *words, const char *word)
{
	size_t i = 0;
	while (words[i] != NULL && !streq(words[i], word))
		i++;
	return i;
}

void config_write_words(const char *const *words, char *out, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; words[i] != NULL && used < size; i++) {
		const char *joint = i == 0 ? "" : words[i + 1] != NULL ? ", " : " or ";
		int n = snprintf(out + used, size - used, "%s\"%s\"", joint, words[i]);
		used += n > 0 ? (size_t)n : 0;
	}
}

long config_value(const struct key *key, const void *base)
{
	const void *member = (const char *)base + key->offset;
	if (key->type == KEY_NUMBER)
		return *(const long *)member;
	return key->size == sizeof(bool) ? *(const bool *)member
					 : (long)*(const unsigned *)member;
}

static void set_value(const struct key *key, void *member, long value)
{
	if (key->type == KEY_NUMBER)
		*(long *)member = value;
	else if (key->size == sizeof(bool))
		*(bool *)member = value != 0;
	else if (key->size == sizeof(unsigned))
		*(unsigned *)member = (unsigned)value;
}

bool config_is_set(const struct key *key, const void *base)
{
	const struct config_list *list = (const void *)((const char *)base + key->offset);
	if (key->type == KEY_LIST)
		return list->len > 0;
	if (key->type == KEY_CLAIMS)
		return ((const struct config_rule *)base)->claims_len > 0;
	return config_value(key, base) != key->default_value;
}

void config_set_defaults(struct reader *r, const struct key *key, void *base)
{
	for (; key->name != NULL; key++) {
		void *member = (char *)base + key->offset;
		if (key->type == KEY_TEXT && key->default_text != NULL)
			*(char **)member = config_format(r, "%s", key->default_text);
		else if (key->type == KEY_LIST && key->default_text != NULL)
			config_list_split(r, member, key->default_text, " ");
		else if (key->default_value != 0)
			set_value(key, member, key->default_value);
	}
}

void config_free_members(const struct key *key, void *base)
{
	for (; key->name != NULL; key++) {
		void *member = (char *)base + key->offset;
		if (key->type == KEY_LIST || key->type == KEY_IGNORED)
			config_list_free(member);
		else if (key->type == KEY_TEXT || key->type == KEY_SECRET)
			secret_free(*(char **)member);
	}
}

/* How many bytes to add, drop or change to get from one name to the other. */
static size_t distance(const char *from, const char *to)
{
	size_t row[KNOWN_MAX + 1], len = strlen(to);
	if (len > KNOWN_MAX || strlen(from) > KNOWN_MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= len; i++)
		row[i] = i;
	for (size_t i = 0; from[i] != '\0'; i++) {
		size_t before = row[0];
		row[0] = i + 1;
		for (size_t j = 0; j < len; j++) {
			size_t same = before + (from[i] == to[j] ? 0 : 1);
			size_t least = row[j] < row[j + 1] ? row[j] + 1 : row[j + 1] + 1;
			before = row[j + 1];
			row[j + 1] = same < least ? same : least;
		}
	}
	return row[len];
}

static bool refuse_unknown(
    struct reader *r, const struct place *place, const struct key *key, const char *section)
{
	const char *near = NULL;
	size_t best = 3; /* two slips of the finger are a typo, three are another word */
	for (; key->name != NULL; key++) {
		size_t d =
		    streq(key->section, section) ? distance(place->name, key->name) : SIZE_MAX;
		if (d < best && 2 * d < strlen(key->name)) {
			best = d;
			near = key->name;
		}
	}
	return config_refuse(r, place, AT_NAME, "is an unknown key%s%s%s",
	    near != NULL ? "; is \"" : "", near != NULL ? near : "",
	    near != NULL ? "\" meant?" : "");
}

static bool check_string(struct reader *r, const struct place *place, const struct key *key)
{
	const char *text = json_string(place->value), *wrong = NULL;
	if (key->check != NULL && !(key->may_be_empty && text[0] == '\0'))
		wrong = key->check(text);
	return wrong == NULL || config_refuse(r, place, AT_VALUE, "%s", wrong);
}

static bool check_elements(struct reader *r, const struct place *place)
{
	struct place element = config_first(place);
	for (; element.value != NULL; config_next(&element))
		if (json_string(element.value) == NULL)
			return config_refuse(r, &element, AT_VALUE, "must be a string");
	return true;
}

static void store_list(
    struct reader *r, const struct place *place, const struct key *key, void *member)
{
	struct place element = config_first(place);
	config_list_make(r, member);
	for (; element.value != NULL; config_next(&element)) {
		if (!check_string(r, &element, key))
			return;
		config_list_add(r, member, json_string(element.value));
	}
}

static void store(
    struct reader *r, const struct place *place, const struct key *key, void *member)
{
	const char *text = json_string(place->value);
	char words[WORDS_SHOWN];
	long long number = 0;
	if (key->type == KEY_LIST) {
		store_list(r, place, key, member);
	} else if (key->type == KEY_IGNORED) {
		config_list_add(r, member, place->name);
	} else if (key->type == KEY_BOOL) {
		set_value(key, member, json_is_true(place->value));
	} else if (key->type == KEY_NUMBER) {
		if (!json_integer(r->document, place->value, &number) || number < key->least ||
		    number > key->most)
			config_refuse(r, place, AT_VALUE,
			    "must be a whole number from %ld to %ld", key->least, key->most);
		else
			set_value(key, member, (long)number);
	} else if (key->type == KEY_WORD) {
		size_t index = config_word_index(key->words, text);
		config_write_words(key->words, words, sizeof(words));
		if (key->words[index] == NULL)
			config_refuse(r, place, AT_VALUE, "must be %s", words);
		else
			set_value(key, member, (long)index);
	} else if ((key->type == KEY_TEXT || key->type == KEY_SECRET) &&
		   check_string(r, place, key) && text[0] != '\0') {
		free(*(char **)member);
		*(char **)member = config_format(r, "%s", text);
	}
}

static void read_member(struct reader *r, const struct place *place, const struct key *keys,
    const char *section, void *base)
{
	static const struct {
		enum json_type type;
		const char *name;
	} types[] = {
	    [KEY_TEXT] = {JSON_STRING, "a string"},
	    [KEY_SECRET] = {JSON_STRING, "a string"},
	    [KEY_BOOL] = {JSON_BOOL, "true or false"},
	    [KEY_NUMBER] = {JSON_NUMBER, "a number"},
	    [KEY_LIST] = {JSON_ARRAY, "an array of strings"},
	    [KEY_WORD] = {JSON_STRING, "a string"},
	    [KEY_SECTION] = {JSON_OBJECT, "an object"},
	    [KEY_MAP] = {JSON_OBJECT, "an object"},
	    [KEY_RULES] = {JSON_ARRAY, "an array"},
	    [KEY_UIDS] = {JSON_ARRAY, "an array of two numbers"},
	    [KEY_CLAIMS] = {JSON_OBJECT, "an object"},
	    [KEY_IGNORED] = {JSON_NONE, "anything"},
	};
	const struct key *key = keys;
	while (key->name != NULL &&
	       (!streq(key->section, section) || !streq(key->name, place->name)))
		key++;
	if (key->name == NULL)
		refuse_unknown(r, place, keys, section);
	else if (key->type != KEY_IGNORED && json_type(place->value) != types[key->type].type)
		config_refuse(r, place, AT_VALUE, "must be %s", types[key->type].name);
	else if (key->type == KEY_LIST && !check_elements(r, place))
		return;
	else if (key->read != NULL)
		key->read(r, place, base);
	else
		store(r, place, key, (char *)base + key->offset);
}

void config_read_members(struct reader *r, const struct place *object, const struct key *keys,
    const char *section, void *base)
{
	struct place member = config_first(object);
	if (json_type(object->value) != JSON_OBJECT)
		return;
	for (; member.value != NULL; config_next(&member))
		read_member(r, &member, keys, section, base);
}

/* ---- lookups ----------------------------------------------------------------------------- */

bool config_list_has(const struct config_list *list, const char *text)
{
	for (size_t i = 0; i < list->len; i++)
		if (streq(list->items[i], text))
			return true;
	return false;
}

const struct config_map_entry *config_map_find(
    const struct config *config, const char *local_name)
{
	for (size_t i = 0; i < config->map_len; i++)
		if (streq(config->map[i].local_name, local_name))
			return &config->map[i];
	return NULL;
}
