/* SPDX-License-Identifier: MIT
 *
 * How the configuration's parts are read: tables of keys, and a finger on the place in the
 * file that is wrong. Private to the config_*.c files. No message quotes a value: whatever
 * stands in a wrong place may be a secret.
 */
#ifndef HELPER_CONFIG_CONFIG_READ_H
#define HELPER_CONFIG_CONFIG_READ_H

#include <stddef.h>

#include "helper/config/config.h"

struct cJSON;
struct json;

struct reader {
	const char *path; /* of the file, for messages */
	const struct json *document;
	struct config_faults *faults; /* NULL: only the first fault is told */
	struct reason *reason; /* the first fault */
	size_t *count; /* of faults */
};

/* A value and the way to it from the root. Lives on the stack of whoever reads there. */
struct place {
	const struct place *up; /* NULL: the root */
	const char *name; /* a member's; NULL for an element and the root */
	size_t index; /* an element's */
	const struct cJSON *value;
};

enum finger { AT_NAME, AT_VALUE };

/* Sets the fault: path:line:column: "place" and the text. A place that is not in the file
 * is told by the innermost part of its way that is. Returns code. */
int config_refuse(const struct reader *, const struct place *, enum finger, int code,
    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for the value of section.key; section NULL: a key at the top. */
int config_refuse_key(const struct reader *, const char *section, const char *key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* For a text that is no document yet. */
int config_refuse_text(const struct reader *, size_t line, size_t column, const char *what);

/* After r: is there more to read? Keeps a code that is not 0 in *sum. */
bool config_goes_on(const struct reader *, int r, int *sum);

/* The type, and what it is stored in. */
enum key_kind {
	KEY_TEXT, /* char *, owned */
	KEY_BOOL, /* bool */
	KEY_NUMBER, /* long, least to most */
	KEY_LIST, /* struct config_list: an array of strings */
	KEY_ARRAY,
	KEY_OBJECT,
	KEY_ANY,
};

enum key_use {
	KEY_STORED, /* in the base at offset */
	KEY_READ, /* by the function */
	KEY_ELSEWHERE, /* only the type is looked at here */
};

struct key {
	const char *name;
	enum key_kind kind;
	enum key_use use;
	size_t offset;
	long least, most;
	/* What is wrong with a string, or with an element of a list; NULL: nothing. */
	const char *(*check)(const char *text);
	int (*read)(const struct reader *, const struct place *, void *base);
};

struct key_table {
	const char *name; /* of the section */
	const struct key *keys;
	size_t count;
};

/* Reads every member of an object by its table. Returns 0 or a result code with the fault
 * set. */
int config_read_keys(
    const struct reader *, const struct place *object, const struct key_table *, void *base);

/* An empty list with room for so many. Returns 0 or RESULT_MEMORY. */
int config_list_make(struct config_list *, size_t room);
/* Into a list that has room. Returns 0 or RESULT_MEMORY. */
int config_list_add(struct config_list *, const char *text);
void config_list_free(struct config_list *);

/* Checks of strings: what is wrong, as it follows the key's name, or NULL. (config_text.c) */
const char *config_check_filled(const char *);
const char *config_check_line(const char *); /* shown to people: 1-255 bytes, no controls */
const char *config_check_line_or_none(const char *);
const char *config_check_client_id(const char *);
const char *config_check_client_secret(const char *);
const char *config_check_scope(const char *);
const char *config_check_url(const char *);
const char *config_check_address(const char *); /* a URL without a query */
const char *config_check_proxy(const char *); /* or "" */
const char *config_check_redirect_uri(const char *); /* or http:// to this machine */
const char *config_check_path(const char *);
const char *config_check_path_or_none(const char *);
const char *config_check_local_name(const char *);
const char *config_check_local_group(const char *);
const char *config_check_host(const char *); /* a shell pattern for host names */
const char *config_check_login(const char *);

/* The parts. Each returns 0 or a result code with the fault set. */
extern const struct key_table config_sections[];
extern const size_t config_sections_len;
int config_read_map(const struct reader *, const struct place *root, struct config *);
int config_read_rules(const struct reader *, const struct place *root, struct config *);
int config_derive_endpoints(const struct reader *, struct config *);

void config_free_rule(struct config_rule *);

#endif
