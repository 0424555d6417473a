/* SPDX-License-Identifier: MIT
 *
 * A group's file may be large: it is scanned whole, and then read person by person. Members
 * that are unknown here are ignored: AWS adds some.
 */
#include "helper/accounts/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/date.h"
#include "helper/accounts/person.h"
#include "helper/accounts/settings.h"
#include "helper/config/config.h"
#include "helper/json/json.h"

#define SMALL_MAX (256u * 1024) /* client.json lists at most 100 URLs of 1 KiB */
#define PERSON_MAX (256u * 1024) /* 50 attributes of 2,048 characters, escaped */
#define PEOPLE_MAX 200000 /* four times what was measured */

struct reading {
	const struct bundle *bundle;
	const struct config *config;
	const struct accounts_settings *settings;
	struct reason *reason;
	struct export *export;
	size_t size; /* people that there is room for */
};

static struct export_person *add_person(struct reading *g)
{
	struct export *e = g->export;
	if (e->len == g->size) {
		size_t size = g->size > 0 ? g->size * 2 : 64;
		struct export_person *people =
		    reallocarray(e->people, size, sizeof(*e->people));
		if (people == NULL)
			return NULL;
		e->people = people;
		g->size = size;
	}
	e->people[e->len] = (struct export_person){.sub = NULL};
	return &e->people[e->len++];
}

/* ---- a group's file --------------------------------------------------------------------- */

/* One element of Users. nth counts from 1, for the sentence. */
static int take_user(struct reading *g, const struct scan_slice *text, const char *file,
    size_t group, size_t nth)
{
	struct json *document = NULL;
	struct export_person *p = add_person(g);
	const char *wrong = NULL;
	if (p == NULL)
		return RESULT_MEMORY;
	p->groups = (uint64_t)1 << group;
	int r = json_parse(text->bytes, text->len, PERSON_MAX, &document, NULL);
	if (r == 0)
		wrong = person_read(g->config, g->settings, document, p, &r);
	else if (r == RESULT_JSON)
		wrong = "it is larger than any user of a pool";
	json_free(document);
	if (wrong != NULL)
		r = reason_set(g->reason, RESULT_EXPORT, "%s: user %zu: %s", file, nth, wrong);
	if (r == 0 && g->export->len > PEOPLE_MAX)
		r = reason_set(g->reason, RESULT_EXPORT, "more than %d people", PEOPLE_MAX);
	return r;
}

static bool is_named(const struct scan_slice *name, const char *text)
{
	size_t len = strlen(text);
	return name->len == len + 2 && memcmp(name->bytes + 1, text, len) == 0;
}

/* Finds Users; refuses a file that is one page of several. */
static int find_users(
    struct reading *g, const struct scan_slice *root, const char *file, struct scan_walk *users)
{
	struct scan_walk walk;
	struct scan_slice value, name;
	bool has_users = false;
	if (!scan_open(root, &walk) || !walk.is_object)
		return reason_set(g->reason, RESULT_EXPORT, "%s: not an object", file);
	while (scan_step(&walk, &value, &name)) {
		bool is_token =
		    is_named(&name, "NextToken") || is_named(&name, "PaginationToken");
		if (is_token && !(value.len == 4 && memcmp(value.bytes, "null", 4) == 0))
			return reason_set(g->reason, RESULT_EXPORT,
			    "%s: one page of several (%.*s): export without --max-items", file,
			    (int)name.len, name.bytes);
		if (is_named(&name, "Users"))
			has_users = scan_open(&value, users) && !users->is_object;
	}
	return has_users ? 0
			 : reason_set(g->reason, RESULT_EXPORT,
			       "%s: Users is missing, or no array", file);
}

/* The value without the white space around it. */
static struct scan_slice trim(struct scan_slice text)
{
	while (text.len > 0 && memchr(" \n\r\t", text.bytes[0], 4) != NULL) {
		text.bytes++;
		text.len--;
	}
	while (text.len > 0 && memchr(" \n\r\t", text.bytes[text.len - 1], 4) != NULL)
		text.len--;
	return text;
}

static int read_group(struct reading *g, size_t group, const struct json *summary)
{
	const char *name = g->settings->groups->items[group];
	const struct cJSON *counts = json_member(json_root(summary), "groups");
	char file[BUNDLE_NAME_MAX];
	struct scan_fault fault = {0, 0, NULL};
	struct scan_walk users;
	struct scan_slice user;
	size_t count = 0;
	long long counted = 0;
	snprintf(file, sizeof(file), "groups/%s.json", name);
	const struct bundle_entry *entry = bundle_find(g->bundle, "export/", file);
	if (entry == NULL)
		return reason_set(g->reason, RESULT_EXPORT,
		    "%s: missing, but accounts.groups names this group", file);
	struct scan_slice root = {entry->content.bytes, entry->content.len};
	int r = scan_text(root.bytes, root.len, BUNDLE_EXPORT_MAX, &fault);
	if (r == RESULT_JSON)
		return reason_set(g->reason, RESULT_EXPORT, "%s:%zu:%zu: %s", file, fault.line,
		    fault.column, root.len == 0 ? "the file is empty" : fault.what);
	root = trim(root);
	if (r == 0)
		r = find_users(g, &root, file, &users);
	while (r == 0 && scan_step(&users, &user, NULL))
		r = take_user(g, &user, file, group, ++count);
	if (r != 0)
		return r;
	if (!json_integer(summary, json_member(counts, name), &counted))
		return reason_set(
		    g->reason, RESULT_EXPORT, "export.json: does not count the group %s", name);
	if (counted != (long long)count)
		return reason_set(g->reason, RESULT_EXPORT,
		    "%s: %zu people, but export.json counts %lld: the export is not whole",
		    file, count, counted);
	return 0;
}

/* ---- the small files -------------------------------------------------------------------- */

static int parse_small(struct reading *g, const char *file, struct json **out)
{
	struct scan_fault fault = {0, 0, NULL};
	const struct bundle_entry *entry = bundle_find(g->bundle, "export/", file);
	*out = NULL;
	if (entry == NULL)
		return reason_set(g->reason, RESULT_EXPORT, "%s: missing", file);
	const struct field *text = &entry->content;
	int r = json_parse(text->bytes, text->len, SMALL_MAX, out, &fault);
	if (r == RESULT_JSON)
		r = reason_set(g->reason, RESULT_EXPORT, "%s:%zu:%zu: %s", file, fault.line,
		    fault.column, text->len == 0 ? "the file is empty" : fault.what);
	return r;
}

/* The last part of an issuer of Cognito. */
static const char *pool_id(const struct config *config)
{
	const char *slash = strrchr(config->issuer, '/');
	return slash != NULL ? slash + 1 : config->issuer;
}

/* Of which pool, and how old. */
static int judge_summary(
    struct reading *g, const struct json *summary, int64_t applied, int64_t now)
{
	const struct cJSON *root = json_root(summary);
	const struct config *config = g->config;
	const char *issuer = json_member_string(root, "issuer");
	const char *pool = json_member_string(root, "pool_id");
	char shown[64];
	int64_t ms = 0;
	if (issuer == NULL || pool == NULL ||
	    json_type(json_member(root, "groups")) != JSON_OBJECT)
		return reason_set(g->reason, RESULT_EXPORT,
		    "export.json: issuer, pool_id or groups is missing, or of another type");
	if (!streq(pool, pool_id(config)) ||
	    (!streq(issuer, config->issuer) &&
		!config_list_has(&config->alternate_issuers, issuer))) {
		text_printable(pool, strlen(pool), shown, sizeof(shown));
		return reason_set(g->reason, RESULT_EXPORT,
		    "export.json: of another pool (%s), the configuration has %s", shown,
		    pool_id(config));
	}
	if (!date_read_value(summary, json_member(root, "time"), &ms))
		return reason_set(
		    g->reason, RESULT_EXPORT, "export.json: time is missing, or no date");
	g->export->time = ms / 1000;
	int64_t age = now - g->export->time;
	if (age > EXPORT_AGE_MAX)
		return reason_set(g->reason, RESULT_EXPORT,
		    "export.json: %lld hours old; only an export of the last 24 hours counts",
		    (long long)(age / 3600));
	if (age < -EXPORT_AHEAD_MAX)
		return reason_set(g->reason, RESULT_EXPORT,
		    "export.json: made %lld seconds ahead of this host's clock",
		    (long long)-age);
	if (g->export->time < applied)
		return reason_set(g->reason, RESULT_EXPORT,
		    "export.json: older than the export that was applied last");
	return 0;
}

/* Absent, the app client may write every attribute: Cognito's default. */
static bool is_writable(const struct cJSON *writable, const char *name)
{
	const struct cJSON *at = json_first(writable);
	if (json_type(writable) != JSON_ARRAY)
		return true;
	while (at != NULL && !streq(json_string(at), name))
		at = json_next(at);
	return at != NULL;
}

static int read_client(struct reading *g)
{
	struct json *document = NULL;
	const struct accounts_settings *settings = g->settings;
	int r = parse_small(g, "client.json", &document);
	if (r != 0)
		return r;
	const struct cJSON *client = json_member(json_root(document), "UserPoolClient");
	const struct cJSON *writable = json_member(client, "WriteAttributes");
	enum json_type type = json_type(writable);
	if (!streq(json_member_string(client, "UserPoolId"), pool_id(g->config)) ||
	    !streq(json_member_string(client, "ClientId"), g->config->client_id))
		r = reason_set(g->reason, RESULT_EXPORT,
		    "client.json: not the app client of the configuration");
	else if (type != JSON_NONE && type != JSON_NULL && type != JSON_ARRAY)
		r = reason_set(
		    g->reason, RESULT_EXPORT, "client.json: WriteAttributes is no array");
	else if (settings->uid_attribute != NULL)
		g->export->uid_writable = is_writable(writable, settings->uid_attribute);
	if (r == 0 && settings->ssh_keys_attribute != NULL)
		g->export->keys_writable = is_writable(writable, settings->ssh_keys_attribute);
	json_free(document);
	return r;
}

/* ---- the whole -------------------------------------------------------------------------- */

static int order_people(const void *left, const void *right)
{
	const struct export_person *a = left, *b = right;
	int order = strcmp(a->sub, b->sub);
	return order != 0 ? order : (a->groups > b->groups) - (a->groups < b->groups);
}

/* Makes one of a person who is in several groups. The files were made one after another: who
 * was disabled in between is disabled. */
static int merge(struct reading *g)
{
	struct export *e = g->export;
	size_t kept = 0;
	if (e->len == 0)
		return 0;
	qsort(e->people, e->len, sizeof(*e->people), order_people);
	for (size_t i = 1; i < e->len; i++) {
		struct export_person *last = &e->people[kept], *p = &e->people[i];
		if (!streq(last->sub, p->sub)) {
			e->people[++kept] = *p;
			if (kept != i)
				*p = (struct export_person){.sub = NULL};
			continue;
		}
		if ((last->groups & p->groups) != 0)
			return reason_set(g->reason, RESULT_EXPORT,
			    "the sub %s stands twice in one group", p->sub);
		last->groups |= p->groups;
		last->enabled &= p->enabled;
		person_free(p);
		*p = (struct export_person){.sub = NULL};
	}
	e->len = kept + 1;
	return 0;
}

int export_read(const struct bundle *bundle, const struct config *config,
    const struct accounts_settings *settings, int64_t applied, int64_t now, struct export **out,
    struct reason *reason)
{
	struct reading g = {.bundle = bundle,
	    .config = config,
	    .settings = settings,
	    .reason = reason,
	    .export = calloc(1, sizeof(*g.export))};
	struct json *summary = NULL;
	*out = NULL;
	if (g.export == NULL)
		return RESULT_MEMORY;
	int r = parse_small(&g, "export.json", &summary);
	if (r == 0)
		r = judge_summary(&g, summary, applied, now);
	if (r == 0)
		r = read_client(&g);
	for (size_t i = 0; r == 0 && i < settings->groups->len; i++)
		r = read_group(&g, i, summary);
	if (r == 0)
		r = merge(&g);
	json_free(summary);
	if (r != 0)
		export_free(g.export);
	else
		*out = g.export;
	return r;
}

void export_free(struct export *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->len; i++)
		person_free(&e->people[i]);
	free(e->people);
	free(e);
}
