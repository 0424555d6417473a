/* SPDX-License-Identifier: MIT
 *
 * How the configuration is read: one row a key, and a finger on the place in the file that
 * is wrong. Private to this folder, and to check, which shows the settings by the same rows.
 * No message quotes a value: a secret may have been pasted into the wrong place.
 */
#ifndef HELPER_CONFIG_CONFIG_READ_H
#define HELPER_CONFIG_CONFIG_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/config/config.h"

struct cJSON;
struct json;

/* Every fault is counted and reading goes on. When memory is lacking nothing that follows
 * matters: the configuration will be freed. */
struct reader {
	const char *path; /* of the file, for messages */
	const struct json *document;
	struct config_faults *faults;
	bool no_memory;
};

/* A value and the way to it from the root. Lives on the stack of the function that reads it. */
struct place {
	const struct place *up; /* NULL: the root */
	const char *name; /* a member's; NULL for an element and the root */
	size_t index; /* an element's */
	const struct cJSON *value;
};

/* The place of a member; its value is NULL when the file has no such member. */
struct place config_place(const struct place *up, const char *name);
/* The first member or element, and the one after it; beyond the last the value is NULL. */
struct place config_first(const struct place *up);
void config_next(struct place *);

enum finger { AT_NAME, AT_VALUE };

/* Adds a fault: path:line:column: "place" and the text. For a place that is not in the file
 * the position is that of the innermost object that is. Always returns false. */
bool config_refuse(struct reader *, const struct place *, enum finger, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The same for the value of section.key. */
bool config_refuse_key(
    struct reader *, const char *section, const char *key, const char *wrong);

/* The same for a text that is no document yet. */
bool config_refuse_text(struct reader *, size_t line, size_t column, const char *what);

/* Has nothing gone wrong so far? */
bool config_is_good(const struct reader *);

/* Allocated: zeroes, or a text. NULL when memory is lacking. */
void *config_allocate(struct reader *, size_t count, size_t size);
char *config_format(struct reader *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum key_type {
	KEY_TEXT, /* char *: owned; "" is as absent, unless its check refuses it */
	KEY_SECRET, /* the same, and never shown */
	KEY_BOOL, /* bool */
	KEY_NUMBER, /* long */
	KEY_LIST, /* struct config_list: strings */
	KEY_WORD, /* one of words: an enum, or a bool */
	KEY_SECTION, /* an object with keys of its own */
	KEY_MAP, /* users.map */
	KEY_RULES, /* the array of rules */
	KEY_UIDS, /* accounts.uid_range */
	KEY_CLAIMS, /* a rule's claims */
	KEY_IGNORED, /* struct config_list: its name is added; of any type */
};

/* What a rule's key says. */
enum key_role {
	KEY_NO_ROLE,
	KEY_PLACE, /* where the rule applies */
	KEY_PERSON, /* to whom: an allow rule has one of these, or "anyone" */
	KEY_PROOF, /* how good a sign-in must be to be allowed; not in a deny rule */
	KEY_GRANT, /* what an allowed sign-in brings; not in a deny rule */
};

/* One key. Its member is in struct config, or, for the keys of a rule, in struct
 * config_rule: the base. */
struct key {
	const char *section; /* "": at the top, or a rule; NULL: derived, not in the file */
	const char *name; /* NULL: the end of a table */
	enum key_type type;
	size_t offset, size; /* of the member; size 0: only the form is checked */
	/* What is wrong with a string, or with an element of a list; NULL: nothing. */
	const char *(*check)(const char *text);
	bool may_be_empty; /* "" is not checked */
	const char *default_text; /* of a list: its elements, with spaces between them */
	long default_value; /* of a bool, a number or a word */
	long least, most; /* of a number */
	const char *const *words; /* NULL-terminated; a word's index is its value */
	bool (*read)(
	    struct reader *, const struct place *, void *base); /* instead of storing */
	enum key_role role;
	/* How check shows it. */
	const char *unit; /* behind a number; NULL: " s" */
	const char *label; /* NULL: its name; "": not at all */
	bool (*is_shown)(const struct config *); /* NULL: always */
};

extern const struct key config_keys[]; /* in the order in which check shows them */
extern const struct key config_rule_keys[];

/* Gives every member its default. */
void config_set_defaults(struct reader *, const struct key *, void *base);
/* Frees every text and list, wiped. */
void config_free_members(const struct key *, void *base);
/* Reads the members of a place by the rows of one section. A place that is no object has
 * been refused already. */
void config_read_members(
    struct reader *, const struct place *, const struct key *, const char *section, void *base);

/* The value of a bool, a number or a word. */
long config_value(const struct key *, const void *base);
/* Is a list or a claim there, does a bool, a number or a word differ from its default? */
bool config_is_set(const struct key *, const void *base);

/* The index of a word, or that of the terminating NULL. */
size_t config_word_index(const char *const *words, const char *word);
/* "a", "b" or "c"; in quotes, cut to fit. */
void config_write_words(const char *const *words, char *out, size_t size);

/* Empties a list; an empty one is not the same as none. */
void config_list_make(struct reader *, struct config_list *);
void config_list_add(struct reader *, struct config_list *, const char *text);
/* Adds what stands between the characters of ends. */
void config_list_split(
    struct reader *, struct config_list *, const char *text, const char *ends);
void config_list_free(struct config_list *);

/* What must not be there twice. Sorted by number, name and index, so that equal ones become
 * neighbours: to find them in a long file stays cheap at every login. */
struct sortable {
	uint64_t number;
	const char *name;
	size_t index; /* of the rule or entry */
};
void config_sort(struct sortable *, size_t len);
/* Sorts. Returns the first of two neighbours of equal number and name, or NULL. */
const struct sortable *config_find_twice(struct sortable *, size_t len);

bool config_has_capital(const char *); /* ASCII */

/* Is it a string, true or false, and not ""? */
bool config_check_value(struct reader *, const struct place *);

/* Checks of strings: what is wrong, as it follows the key's name, or NULL. */
const char *config_check_filled(const char *);
const char *config_check_line(const char *); /* shown to people: 1-255 bytes, no controls */
const char *config_check_local_name(const char *);
const char *config_check_pool_group(const char *);
const char *config_check_unix_group(const char *);
const char *config_check_home(const char *);
const char *config_check_shell(const char *);

/* The parts that are more than a row. */
void config_read_map(struct reader *, const struct place *, struct config *);
void config_read_rules(struct reader *, const struct place *, struct config *);
bool config_read_uid_range(struct reader *, const struct place *, void *base);
void config_check_accounts(struct reader *, const struct config *);
void config_derive_endpoints(struct reader *, struct config *);
void config_free_rule(struct config_rule *);

#endif
