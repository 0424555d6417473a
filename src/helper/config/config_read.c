/* SPDX-License-Identifier: MIT
 *
 * Reads objects by tables of keys, and says where a file is wrong.
 */
#include "helper/config/config_read.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define STEPS_MAX SCAN_DEPTH
#define PATH_SHOWN 200 /* the end of a long path; line and column must still fit */
#define NAME_SHOWN 60
#define PLACE_SHOWN 160
#define WHAT_SHOWN 260 /* beside that path and two numbers in a fault's 512 bytes */
#define KNOWN_MAX 32 /* longer than every key we know */

/* The way to a place, outermost step first. */
struct way {
	const struct place *steps[STEPS_MAX];
	size_t len;
};

static void find_way(const struct place *place, struct way *way)
{
	way->len = 0;
	for (const struct place *at = place; at->up != NULL && way->len < STEPS_MAX;
	     at = at->up)
		way->len++;
	for (size_t i = way->len; i > 0; i--, place = place->up)
		way->steps[i - 1] = place;
}

/* As people write it: "rules[0].groups". */
static void write_way(const struct way *way, char *out, size_t size)
{
	size_t used = 0;
	out[0] = '\0';
	for (size_t i = 0; i < way->len && used < size; i++) {
		const char *step = way->steps[i]->name;
		char name[NAME_SHOWN];
		int n;
		if (step == NULL) {
			n = snprintf(out + used, size - used, "[%zu]", way->steps[i]->index);
		} else {
			text_printable(step, strlen(step), name, sizeof(name));
			n = snprintf(out + used, size - used, "%s%s", i > 0 ? "." : "", name);
		}
		used += n > 0 ? (size_t)n : 0;
	}
}

static const struct cJSON *follow(const struct cJSON *value, const struct place *step)
{
	const struct cJSON *at = json_first(value);
	if (step->name != NULL)
		return json_member(value, step->name);
	for (size_t i = 0; at != NULL && i < step->index; i++)
		at = json_next(at);
	return at;
}

static void find_position(const struct reader *reader, const struct way *way,
    enum finger finger, size_t *line, size_t *column)
{
	struct scan_slice raw = {.bytes = NULL}, name = {.bytes = NULL};
	const struct cJSON *value = json_root(reader->document), *next;
	size_t len = 0, steps = 0;
	for (; steps < way->len; steps++, value = next) {
		next = follow(value, way->steps[steps]);
		if (next == NULL)
			break;
	}
	json_raw(reader->document, value, &raw, &name);
	bool at_name = finger == AT_NAME && steps == way->len && name.len > 0;
	const char *text = json_source(reader->document, &len);
	scan_position(text, at_name ? name.bytes : raw.bytes, line, column);
}

static void set_fault(const struct reader *reader, size_t line, size_t column, const char *what)
{
	char path[PATH_SHOWN], shown[WHAT_SHOWN];
	size_t len = strlen(reader->path), skip = len >= PATH_SHOWN ? len - PATH_SHOWN + 1 : 0;
	text_printable(reader->path + skip, len - skip, path, sizeof(path));
	text_printable(what, strlen(what), shown, sizeof(shown));
	size_t index = (*reader->count)++;
	if (index == 0)
		reason_set(
		    reader->reason, RESULT_CONFIG, "%s:%zu:%zu: %s", path, line, column, shown);
	if (reader->faults == NULL)
		return;
	reader->faults->count = *reader->count;
	if (index < CONFIG_FAULTS_MAX)
		snprintf(reader->faults->texts[index], sizeof(reader->faults->texts[index]),
		    "%s:%zu:%zu: %s", path, line, column, shown);
}

bool config_goes_on(const struct reader *reader, int r, int *sum)
{
	if (r != 0)
		*sum = r;
	(void)reader;
	return r == 0 || r == RESULT_CONFIG;
}

__attribute__((format(printf, 4, 0))) static void refuse(const struct reader *reader,
    const struct place *place, enum finger finger, const char *format, va_list args)
{
	char name[PLACE_SHOWN], what[REASON_MAX];
	struct way way;
	size_t line = 1, column = 1;
	find_way(place, &way);
	find_position(reader, &way, finger, &line, &column);
	write_way(&way, name, sizeof(name));
	int n = way.len > 0 ? snprintf(what, sizeof(what), "\"%s\" ", name)
			    : snprintf(what, sizeof(what), "the file ");
	if (n > 0 && (size_t)n < sizeof(what))
		vsnprintf(what + n, sizeof(what) - (size_t)n, format, args);
	set_fault(reader, line, column, what);
}

int config_refuse(const struct reader *reader, const struct place *place, enum finger finger,
    int code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	refuse(reader, place, finger, format, args);
	va_end(args);
	return code;
}

int config_refuse_key(
    const struct reader *reader, const char *section, const char *key, const char *format, ...)
{
	struct place root = {.up = NULL};
	struct place outer = {.up = &root, .name = section};
	struct place inner = {.up = section != NULL ? &outer : &root, .name = key};
	va_list args;
	va_start(args, format);
	refuse(reader, &inner, AT_VALUE, format, args);
	va_end(args);
	return RESULT_CONFIG;
}

int config_refuse_text(
    const struct reader *reader, size_t line, size_t column, const char *what)
{
	set_fault(reader, line, column, what);
	return RESULT_CONFIG;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
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
			size_t kept = before + (from[i] == to[j] ? 0 : 1);
			before = row[j + 1];
			row[j + 1] = least_of(kept, before + 1, row[j] + 1);
		}
	}
	return row[len];
}

static int refuse_unknown(
    const struct reader *reader, const struct place *place, const struct key_table *table)
{
	const char *near = NULL;
	size_t best = 3; /* two slips of the finger are a typo, three are another word */
	for (size_t i = 0; i < table->count; i++) {
		size_t d = distance(place->name, table->keys[i].name);
		if (d < best && 2 * d < strlen(table->keys[i].name)) {
			best = d;
			near = table->keys[i].name;
		}
	}
	if (near == NULL)
		return config_refuse(
		    reader, place, AT_NAME, RESULT_CONFIG, "is an unknown key");
	return config_refuse(
	    reader, place, AT_NAME, RESULT_CONFIG, "is an unknown key; is \"%s\" meant?", near);
}

static int check_type(
    const struct reader *reader, const struct place *place, enum key_kind kind)
{
	static const struct {
		enum json_type type;
		const char *name;
	} types[] = {
	    [KEY_TEXT] = {JSON_STRING, "a string"},
	    [KEY_BOOL] = {JSON_BOOL, "true or false"},
	    [KEY_NUMBER] = {JSON_NUMBER, "a number"},
	    [KEY_LIST] = {JSON_ARRAY, "an array of strings"},
	    [KEY_ARRAY] = {JSON_ARRAY, "an array"},
	    [KEY_OBJECT] = {JSON_OBJECT, "an object"},
	};
	if (kind == KEY_ANY)
		return 0;
	if (json_type(place->value) != types[kind].type)
		return config_refuse(
		    reader, place, AT_VALUE, RESULT_CONFIG, "must be %s", types[kind].name);
	if (kind != KEY_LIST)
		return 0;
	struct place element = {.up = place, .value = json_first(place->value)};
	for (; element.value != NULL; element.value = json_next(element.value)) {
		if (json_string(element.value) == NULL)
			return config_refuse(
			    reader, &element, AT_VALUE, RESULT_CONFIG, "must be a string");
		element.index++;
	}
	return 0;
}

static int store_text(
    const struct reader *reader, const struct place *place, const struct key *key, char **out)
{
	const char *text = json_string(place->value);
	const char *wrong = key->check != NULL ? key->check(text) : NULL;
	if (wrong != NULL)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG, "%s", wrong);
	*out = strdup(text);
	return *out != NULL ? 0 : RESULT_MEMORY;
}

static int store_number(
    const struct reader *reader, const struct place *place, const struct key *key, long *out)
{
	long long number = 0;
	if (!json_integer(reader->document, place->value, &number) || number < key->least ||
	    number > key->most)
		return config_refuse(reader, place, AT_VALUE, RESULT_CONFIG,
		    "must be a whole number from %ld to %ld", key->least, key->most);
	*out = (long)number;
	return 0;
}

static int store_list(const struct reader *reader, const struct place *place,
    const struct key *key, struct config_list *out)
{
	struct place element = {.up = place, .value = json_first(place->value)};
	int r = config_list_make(out, json_count(place->value));
	for (; r == 0 && element.value != NULL; element.value = json_next(element.value)) {
		const char *text = json_string(element.value);
		const char *wrong = key->check != NULL ? key->check(text) : NULL;
		if (wrong != NULL)
			return config_refuse(
			    reader, &element, AT_VALUE, RESULT_CONFIG, "%s", wrong);
		r = config_list_add(out, text);
		element.index++;
	}
	return r;
}

static int store(
    const struct reader *reader, const struct place *place, const struct key *key, void *base)
{
	void *slot = (char *)base + key->offset;
	switch (key->kind) {
	case KEY_TEXT:
		return store_text(reader, place, key, slot);
	case KEY_BOOL:
		*(bool *)slot = json_is_true(place->value);
		return 0;
	case KEY_NUMBER:
		return store_number(reader, place, key, slot);
	case KEY_LIST:
		return store_list(reader, place, key, slot);
	case KEY_ARRAY:
	case KEY_OBJECT:
	case KEY_ANY:
		break;
	}
	return 0;
}

static int read_member(const struct reader *reader, const struct place *place,
    const struct key_table *table, void *base)
{
	size_t i = 0;
	while (i < table->count && !streq(table->keys[i].name, place->name))
		i++;
	if (i == table->count)
		return refuse_unknown(reader, place, table);
	const struct key *key = &table->keys[i];
	int r = check_type(reader, place, key->kind);
	if (r != 0 || key->use == KEY_ELSEWHERE)
		return r;
	if (key->use == KEY_READ)
		return key->read(reader, place, base);
	return store(reader, place, key, base);
}

int config_read_keys(const struct reader *reader, const struct place *object,
    const struct key_table *table, void *base)
{
	const struct cJSON *at = json_first(object->value);
	int sum = 0;
	for (; at != NULL; at = json_next(at)) {
		struct place member = {.up = object, .name = json_name(at), .value = at};
		if (!config_goes_on(reader, read_member(reader, &member, table, base), &sum))
			break;
	}
	return sum;
}

int config_list_make(struct config_list *list, size_t room)
{
	list->len = 0;
	list->items = calloc(room + 1, sizeof(*list->items));
	return list->items != NULL ? 0 : RESULT_MEMORY;
}

int config_list_add(struct config_list *list, const char *text)
{
	list->items[list->len] = strdup(text);
	if (list->items[list->len] == NULL)
		return RESULT_MEMORY;
	list->len++;
	return 0;
}

void config_list_free(struct config_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){.items = NULL, .len = 0};
}
