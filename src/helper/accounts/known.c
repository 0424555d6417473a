/* SPDX-License-Identifier: MIT */
#include "helper/accounts/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/record.h"
#include "helper/config/config.h"

struct learning {
	struct known_set *set;
	const struct bundle *bundle;
	struct reason *reason;
};

static char *own(const char *text)
{
	return strdup(text != NULL ? text : "");
}

static struct known *add_known(struct learning *g)
{
	if (g->set->len == g->set->size) {
		size_t size = g->set->size > 0 ? g->set->size * 2 : 64;
		struct known *known = reallocarray(g->set->items, size, sizeof(*known));
		if (known == NULL)
			return NULL;
		g->set->items = known;
		g->set->size = size;
	}
	g->set->items[g->set->len] = (struct known){.name = NULL};
	return &g->set->items[g->set->len++];
}

static int keep_known(struct learning *g, const struct record_identity *identity,
    const struct record_public *public, const char *name, bool is_tombstone)
{
	struct known *k = add_known(g);
	if (k == NULL)
		return RESULT_MEMORY;
	k->name = own(name);
	k->sub = own(identity != NULL ? identity->sub : "");
	k->issuer = own(identity != NULL ? identity->issuer : "");
	k->login = own(identity != NULL ? identity->login : "");
	k->real_name = own(public != NULL ? public->real_name : "");
	k->has_uid = identity != NULL || public != NULL;
	k->uid = identity != NULL ? identity->uid : public != NULL ? public->uid : 0;
	k->is_ours = identity != NULL;
	k->is_tombstone = is_tombstone;
	/* Without a public part the account does not work: a run was stopped. */
	k->is_locked = public == NULL || public->locked;
	bool is_whole = k->name != NULL && k->sub != NULL && k->issuer != NULL &&
			k->login != NULL && k->real_name != NULL;
	return is_whole ? 0 : RESULT_MEMORY;
}

/* "records/alice.user" with ".user": "alice". False for another ending, or a name of no user.
 */
static bool take_name(
    const struct bundle_entry *entry, const char *ending, char *out, size_t size)
{
	const size_t before = strlen("records/");
	size_t len = entry->name.len, tail = strlen(ending);
	if (len <= before + tail || memcmp(entry->name.bytes + len - tail, ending, tail) != 0)
		return false;
	return text_copy(entry->name.bytes + before, len - before - tail, out, size);
}

static bool is_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

/* A private part that is not ours, perhaps without a public one: the name is taken. */
static int take_half(struct learning *g, const char *name)
{
	char file[BUNDLE_NAME_MAX];
	snprintf(file, sizeof(file), "%s.user", name);
	bool is_half = bundle_find(g->bundle, "records/", file) == NULL;
	return is_half ? keep_known(g, NULL, NULL, name, false) : 0;
}

/* NAME.user-privileged, if it is ours, and what NAME.user says beside it. */
static int take_ours(struct learning *g, const struct bundle_entry *entry, const char *name)
{
	struct record_identity identity;
	struct record_public public;
	char file[BUNDLE_NAME_MAX];
	if (!record_read_identity(entry->content.bytes, entry->content.len, name, &identity)) {
		if (memmem(entry->content.bytes, entry->content.len, "pam_cognito_oidc", 16) ==
		    NULL)
			return take_half(g, name);
		return reason_set(g->reason, RESULT_RECORDS,
		    "%s.user-privileged: marked as ours, but not as we write it; restore it, "
		    "or "
		    "remove %s's files",
		    name, name);
	}
	snprintf(file, sizeof(file), "%s.user", name);
	const struct bundle_entry *other = bundle_find(g->bundle, "records/", file);
	bool has_public = other != NULL &&
			  record_read_user(other->content.bytes, other->content.len, &public);
	if (other != NULL &&
	    (!has_public || !streq(public.name, identity.name) || public.uid != identity.uid))
		return reason_set(g->reason, RESULT_RECORDS,
		    "%s.user: does not belong to %s.user-privileged (name and uid)", name,
		    name);
	return keep_known(g, &identity, has_public ? &public : NULL, name, false);
}

static int take_foreign(struct learning *g, const struct bundle_entry *entry, const char *name)
{
	struct record_identity identity;
	struct record_public public;
	char file[BUNDLE_NAME_MAX];
	snprintf(file, sizeof(file), "%s.user-privileged", name);
	const struct bundle_entry *other = bundle_find(g->bundle, "records/", file);
	if (other != NULL &&
	    record_read_identity(other->content.bytes, other->content.len, name, &identity))
		return 0;
	bool is_read = record_read_user(entry->content.bytes, entry->content.len, &public);
	return keep_known(g, NULL, is_read ? &public : NULL, name, false);
}

static int take_records(struct learning *g)
{
	char name[256];
	int r = 0;
	const struct bundle_entry *at = bundle_first(g->bundle, "records/");
	for (; r == 0 && bundle_is_below(g->bundle, at, "records/"); at++)
		if (take_name(at, ".user-privileged", name, sizeof(name)))
			r = take_ours(g, at, name);
		else if (take_name(at, ".user", name, sizeof(name)) && !is_digits(name))
			r = take_foreign(g, at, name);
	return r;
}

static int take_tombstones(struct learning *g)
{
	struct record_identity identity;
	int r = 0;
	const struct bundle_entry *at = bundle_first(g->bundle, "tombstones/");
	for (; r == 0 && bundle_is_below(g->bundle, at, "tombstones/"); at++) {
		if (!record_read_identity(at->content.bytes, at->content.len, NULL, &identity))
			return reason_set(g->reason, RESULT_RECORDS, "%.*s: cannot be read",
			    (int)at->name.len, at->name.bytes);
		r = keep_known(g, &identity, NULL, identity.name, true);
	}
	return r;
}

/* ---- indexes ---------------------------------------------------------------------------- */

static int rank(const struct known *a, const struct known *b)
{
	return (a->is_tombstone > b->is_tombstone) - (a->is_tombstone < b->is_tombstone);
}

static int order_names(const void *left, const void *right)
{
	const struct known *a = *(struct known *const *)left,
			   *b = *(struct known *const *)right;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : rank(a, b);
}

static int order_uids(const void *left, const void *right)
{
	const struct known *a = *(struct known *const *)left,
			   *b = *(struct known *const *)right;
	int order = (a->uid > b->uid) - (a->uid < b->uid);
	return order != 0 ? order : rank(a, b);
}

static int order_subs(const void *left, const void *right)
{
	const struct known *a = *(struct known *const *)left,
			   *b = *(struct known *const *)right;
	int order = strcmp(a->sub, b->sub);
	return order != 0 ? order : rank(a, b);
}

static struct known **index_known(struct learning *g, int (*order)(const void *, const void *))
{
	struct known **index = calloc(g->set->len + 1, sizeof(struct known *));
	for (size_t i = 0; index != NULL && i < g->set->len; i++)
		index[i] = &g->set->items[i];
	if (index != NULL && g->set->len > 0)
		qsort(index, g->set->len, sizeof(struct known *), order);
	return index;
}

/* The first of those that equal the key in this order, or NULL. */
static struct known *find_known(const struct known_set *set, struct known **index,
    const struct known *key, int (*order)(const void *, const void *))
{
	size_t low = 0, high = set->len;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (order(&index[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < set->len ? index[low] : NULL;
}

struct known *known_by_name(const struct known_set *set, const char *name)
{
	char copy[256];
	snprintf(copy, sizeof(copy), "%s", name);
	const struct known key = {.name = copy};
	struct known *k = find_known(set, set->by_name, &key, order_names);
	return k != NULL && streq(k->name, name) ? k : NULL;
}

struct known *known_by_uid(const struct known_set *set, uint32_t uid)
{
	const struct known key = {.uid = uid};
	struct known *k = find_known(set, set->by_uid, &key, order_uids);
	return k != NULL && k->uid == uid && k->has_uid ? k : NULL;
}

static bool is_of_pool(const struct config *config, const struct known *k)
{
	return streq(k->issuer, config->issuer) ||
	       config_list_has(&config->alternate_issuers, k->issuer);
}

struct known *known_by_sub(
    const struct known_set *set, const struct config *config, const char *sub)
{
	char copy[RECORD_SUB_MAX + 1];
	snprintf(copy, sizeof(copy), "%s", sub);
	const struct known key = {.sub = copy};
	struct known *k = find_known(set, set->by_sub, &key, order_subs);
	return k != NULL && streq(k->sub, sub) && is_of_pool(config, k) ? k : NULL;
}

/* Two records of one uid, or of one sub: nobody could say whose files are whose. */
static int judge_records(struct learning *g)
{
	for (size_t i = 1; i < g->set->len; i++) {
		const struct known *a = g->set->by_uid[i - 1], *b = g->set->by_uid[i];
		bool is_any_ours = a->is_ours || b->is_ours;
		if (a->has_uid && b->has_uid && a->uid == b->uid && is_any_ours &&
		    !b->is_tombstone)
			return reason_set(g->reason, RESULT_RECORDS,
			    "%s and %s have one uid, %u; remove one of the records", a->name,
			    b->name, a->uid);
		a = g->set->by_sub[i - 1];
		b = g->set->by_sub[i];
		if (a->sub[0] != '\0' && streq(a->sub, b->sub) && streq(a->issuer, b->issuer) &&
		    !b->is_tombstone)
			return reason_set(g->reason, RESULT_RECORDS,
			    "%s and %s have one sub, %s; remove one of the records", a->name,
			    b->name, a->sub);
	}
	return 0;
}

int known_learn(struct known_set *set, const struct bundle *bundle, struct reason *reason)
{
	struct learning g = {.set = set, .bundle = bundle, .reason = reason};
	int r = take_records(&g);
	if (r == 0)
		r = take_tombstones(&g);
	if (r != 0)
		return r;
	set->by_name = index_known(&g, order_names);
	set->by_uid = index_known(&g, order_uids);
	set->by_sub = index_known(&g, order_subs);
	if (set->by_name == NULL || set->by_uid == NULL || set->by_sub == NULL)
		return RESULT_MEMORY;
	return judge_records(&g);
}

void known_free(struct known_set *set)
{
	for (size_t i = 0; i < set->len; i++) {
		free(set->items[i].name);
		free(set->items[i].sub);
		free(set->items[i].issuer);
		free(set->items[i].login);
		free(set->items[i].real_name);
	}
	free(set->items);
	free(set->by_name);
	free(set->by_uid);
	free(set->by_sub);
}
