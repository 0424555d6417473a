/* SPDX-License-Identifier: MIT
 *
 * In this order: what is there (records, tombstones), who of the export has a record, names and
 * numbers for newcomers, who has left.
 */
#include "helper/accounts/plan.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/export.h"
#include "helper/accounts/known.h"
#include "helper/accounts/name.h"
#include "helper/accounts/row.h"
#include "helper/accounts/settings.h"
#include "helper/accounts/ssh_key.h"
#include "helper/config/config.h"

struct planning {
	const struct bundle *bundle;
	const struct config *config;
	const struct accounts_settings *settings;
	const struct export *export;
	struct reason *reason;
	struct known_set known;
	struct plan *plan;
};

/* A person without a record, on the way to one. */
struct newcomer {
	const struct export_person *person;
	const struct known *tombstone; /* their own of before, or NULL */
	const char *name;
	uint32_t uid;
	bool is_out; /* told already */
};

/* ---- numbers  ------------------------------------------------------------------- */

bool plan_number(const struct accounts_settings *settings, const char *issuer, const char *name,
    uint32_t *id)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	uint64_t length = (uint64_t)settings->uid_last - settings->uid_first + 1, rest = 0;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    EVP_DigestUpdate(context, issuer, strlen(issuer) + 1) == 1 &&
		    EVP_DigestUpdate(context, name, strlen(name)) == 1 &&
		    EVP_DigestFinal_ex(context, digest, &len) == 1;
	EVP_MD_CTX_free(context);
	for (unsigned i = 0; i < len; i++)
		rest = (rest << 8 | digest[i]) % length;
	*id = settings->uid_first + (uint32_t)rest;
	return done;
}

/* ---- groups ----------------------------------------------------------------------------- */

/* A group of ours, there or to be made. */
static int plan_group(struct planning *g, const char *name, bool is_primary)
{
	char file[BUNDLE_NAME_MAX], found[256], title[RECORD_NAME_MAX + 16];
	uint32_t gid = 0;
	bool is_ours = false;
	snprintf(file, sizeof(file), "%s.group", name);
	snprintf(title, sizeof(title), "group:%s", name);
	const struct bundle_entry *entry = bundle_find(g->bundle, "records/", file);
	if (entry != NULL && (!record_read_group(entry->content.bytes, entry->content.len,
				  found, &gid, &is_ours) ||
				 !is_ours || !streq(found, name)))
		return reason_set(g->reason, RESULT_RECORDS,
		    "%s: the record is not ours; choose another name in accounts.%s", file,
		    is_primary ? "primary_group" : "unix_groups");
	if (entry == NULL && is_primary)
		gid = g->settings->uid_first;
	else if (entry == NULL && !plan_number(g->settings, g->config->issuer, title, &gid))
		return RESULT_MEMORY;
	for (size_t i = 0; i < g->plan->len; i++)
		if (g->plan->rows[i].id == gid)
			return reason_set(g->reason, RESULT_RECORDS,
			    "the groups %s and %s would have one gid; rename one",
			    g->plan->rows[i].name, name);
	struct plan_row *row = row_add(g->plan, PLAN_GROUP, name, gid);
	if (row == NULL)
		return RESULT_MEMORY;
	row->is_new = entry == NULL;
	return row_fill(row, g->config->issuer, "", "", "");
}

static int plan_groups(struct planning *g)
{
	const struct config_list *unix_groups = g->settings->unix_groups;
	int r = plan_group(g, g->settings->primary_group, true);
	for (size_t i = 0; r == 0 && i < unix_groups->len; i++)
		if (!streq(unix_groups->items[i], g->settings->primary_group))
			r = plan_group(g, unix_groups->items[i], false);
	return r;
}

/* ---- people ----------------------------------------------------------------------------- */

static uint64_t unix_groups_of(const struct planning *g, const struct export_person *p)
{
	const struct config_list *all = g->settings->groups, *local = g->settings->unix_groups;
	uint64_t bits = 0;
	for (size_t i = 0; i < local->len; i++)
		for (size_t j = 0; j < all->len; j++)
			if (streq(local->items[i], all->items[j]) && (p->groups >> j & 1) != 0)
				bits |= (uint64_t)1 << i;
	return bits;
}

/* The keys that may be used, one a line. Of the others the row tells. */
static int take_keys(struct plan_row *row, const struct export_person *p)
{
	const char *at = p->keys_text != NULL ? p->keys_text : "";
	size_t refused = 0;
	char *out = calloc(1, strlen(at) + 2), *end = out;
	if (out == NULL)
		return RESULT_MEMORY;
	while (*at != '\0') {
		size_t len = strcspn(at, "\r\n");
		bool is_key = ssh_key_is_plain(at, len);
		if (is_key) {
			memcpy(end, at, len);
			end += len;
			*end++ = '\n';
		} else if (len > 0) {
			refused++;
		}
		at += len + strspn(at + len, "\r\n");
	}
	if (end > out)
		end[-1] = '\0';
	row->keys = out;
	if (refused > 0)
		row_tell(row,
		    "%zu of the SSH keys %s refused: only type, key and comment are "
		    "allowed, without options",
		    refused, refused == 1 ? "is" : "are");
	return 0;
}

static int plan_active(struct planning *g, const struct export_person *p, const char *name,
    uint32_t uid, const char *issuer, bool is_new)
{
	struct plan_row *row = row_add(g->plan, PLAN_ACTIVE, name, uid);
	if (row == NULL)
		return RESULT_MEMORY;
	row->is_new = is_new;
	row->groups = unix_groups_of(g, p);
	int r = take_keys(row, p);
	return r == 0 ? row_fill(row, issuer, p->sub, p->login, p->real_name) : r;
}

/* Somebody with a record: what the pool says now of name and number is told, not applied. */
static int plan_known(struct planning *g, const struct export_person *p, struct known *k)
{
	unsigned long number = 0;
	k->is_taken_up = true;
	int r = plan_active(g, p, k->name, k->uid, k->issuer, false);
	if (r != 0)
		return r;
	struct plan_row *row = &g->plan->rows[g->plan->len - 1];
	if (p->name != NULL && !streq(p->name, k->name))
		row_tell(row,
		    "the pool now says %s; the name stays, because files and sudoers may "
		    "name it",
		    p->name);
	if (p->uid_text != NULL &&
	    (!text_number(p->uid_text, UINT32_MAX, &number) || number != k->uid))
		row_tell(row,
		    "the pool now says uid %s; the uid stays, because files belong to it",
		    p->uid_text);
	return 0;
}

/* Has it a name that it may have here? Leaves it out otherwise. */
static int judge_name(struct planning *g, struct newcomer *n)
{
	const struct export_person *p = n->person;
	const struct known *k = n->tombstone;
	n->name = k != NULL ? k->name : p->name;
	n->is_out = true;
	if (n->name == NULL)
		return row_leave_out(
		    g->plan, g->config->issuer, p, p->login, "%s", p->nameless);
	if (!record_is_name(n->name))
		return row_leave_out(g->plan, g->config->issuer, p, n->name,
		    "%.64s is not a name of a local user: it needs [a-z_][a-z0-9_.-]{0,31}, "
		    "no dot at its end, no \"..\"; see users.claim (such as email), "
		    "strip_suffix, lowercase and map",
		    n->name);
	if (name_is_reserved(n->name))
		return row_leave_out(g->plan, g->config->issuer, p, n->name,
		    "a reserved name: systems and packages use it; give the person another in "
		    "users.map");
	const struct known *other = known_by_name(&g->known, n->name);
	if (other != NULL && !other->is_tombstone)
		return row_leave_out(g->plan, g->config->issuer, p, n->name,
		    other->is_ours
			? "the name belongs to the account of another person (sub %s)"
			: "there is a record of this name that is not ours%s",
		    other->is_ours ? other->sub : "");
	n->is_out = false;
	return 0;
}

static int order_newcomers_by_name(const void *left, const void *right)
{
	const struct newcomer *a = left, *b = right;
	if (a->is_out != b->is_out)
		return a->is_out ? 1 : -1;
	if (a->is_out)
		return 0;
	return strcmp(a->name, b->name);
}

/* All of one name are left out: who came first says nothing about who is meant. */
static int judge_twins(struct planning *g, struct newcomer *all, size_t len)
{
	int r = 0;
	qsort(all, len, sizeof(*all), order_newcomers_by_name);
	for (size_t i = 0; r == 0 && i < len && !all[i].is_out;) {
		size_t end = i + 1;
		while (end < len && !all[end].is_out && streq(all[end].name, all[i].name))
			end++;
		for (size_t j = i; r == 0 && end - i > 1 && j < end; j++)
			r = row_leave_out(g->plan, g->config->issuer, all[j].person,
			    all[j].name,
			    "%zu people would have this name; rename them at the pool, or name "
			    "each in users.map",
			    end - i);
		for (size_t j = i; end - i > 1 && j < end; j++)
			all[j].name = NULL;
		i = end;
	}
	for (size_t i = 0; i < len; i++)
		all[i].is_out |= all[i].name == NULL;
	return r;
}

static int order_newcomers_by_age(const void *left, const void *right)
{
	const struct newcomer *a = left, *b = right;
	if (a->person->created != b->person->created)
		return a->person->created < b->person->created ? -1 : 1;
	return strcmp(a->person->sub, b->person->sub);
}

static int choose_uid(struct planning *g, struct newcomer *n)
{
	const struct accounts_settings *settings = g->settings;
	const struct export_person *p = n->person;
	unsigned long number = 0;
	if (n->tombstone != NULL) {
		n->uid = n->tombstone->uid;
		return 0;
	}
	if (p->uid_text == NULL)
		return plan_number(settings, g->config->issuer, p->sub, &n->uid)
			   ? 0
			   : RESULT_MEMORY;
	n->uid = 0;
	/* Elsewhere a leading zero means octal. */
	if (p->uid_text[0] != '0' && text_number(p->uid_text, UINT32_MAX, &number))
		n->uid = (uint32_t)number;
	if (n->uid >= settings->uid_first && n->uid <= settings->uid_last)
		return 0;
	n->is_out = true;
	return row_leave_out(g->plan, g->config->issuer, p, n->name,
	    "%s is \"%s\": no number of accounts.uid_range, %u to %u", settings->uid_attribute,
	    p->uid_text, settings->uid_first, settings->uid_last);
}

static int compare_numbers(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* Everybody's number before anybody is told, so that the eldest keeps one that two would have.
 */
static int order_newcomers_by_uid(const void *left, const void *right)
{
	const struct newcomer *a = left, *b = right;
	int order = compare_numbers(&a->uid, &b->uid);
	return order != 0 ? order : order_newcomers_by_age(left, right);
}

static int place_newcomers(struct planning *g, struct newcomer *all, size_t len)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < len; i++)
		if (!all[i].is_out)
			r = choose_uid(g, &all[i]);
	qsort(all, len, sizeof(*all), order_newcomers_by_uid);
	const struct newcomer *last = NULL;
	for (size_t i = 0; r == 0 && i < len; i++) {
		struct newcomer *n = &all[i];
		const struct known *k = NULL;
		if (n->is_out)
			continue;
		k = known_by_uid(&g->known, n->uid);
		if (k != NULL && k != n->tombstone)
			r = row_leave_out(g->plan, g->config->issuer, n->person, n->name,
			    "uid %u %s %s; give the person another in accounts.uid_attribute",
			    n->uid, k->is_tombstone ? "was that of" : "is that of", k->name);
		else if (last != NULL && last->uid == n->uid)
			r = row_leave_out(g->plan, g->config->issuer, n->person, n->name,
			    "uid %u falls to %s, whom the pool knew first; give the person "
			    "another "
			    "in accounts.uid_attribute",
			    n->uid, last->name);
		else
			r = plan_active(g, n->person, n->name, n->uid, g->config->issuer, true);
		if (k == NULL && (last == NULL || last->uid != n->uid))
			last = n;
	}
	return r;
}

static int plan_people(struct planning *g)
{
	const struct export *e = g->export;
	struct newcomer *all = calloc(e->len + 1, sizeof(*all));
	size_t len = 0;
	int r = all != NULL ? 0 : RESULT_MEMORY;
	for (size_t i = 0; r == 0 && i < e->len; i++) {
		const struct export_person *p = &e->people[i];
		struct known *k = known_by_sub(&g->known, g->config, p->sub);
		if (!p->enabled)
			continue;
		if (k != NULL && !k->is_tombstone) {
			r = plan_known(g, p, k);
			continue;
		}
		all[len] = (struct newcomer){.person = p, .tombstone = k};
		r = judge_name(g, &all[len++]);
	}
	if (r == 0)
		r = judge_twins(g, all, len);
	if (r == 0)
		r = place_newcomers(g, all, len);
	free(all);
	return r;
}

/* Records that nobody of the export has: locked, and how many are so now. */
static int plan_leavers(struct planning *g, size_t *were_active, size_t *leave)
{
	int r = 0;
	for (size_t i = 0; r == 0 && i < g->known.len; i++) {
		const struct known *k = &g->known.items[i];
		if (!k->is_ours || k->is_tombstone)
			continue;
		*were_active += !k->is_locked;
		if (k->is_taken_up)
			continue;
		*leave += !k->is_locked;
		struct plan_row *row = row_add(g->plan, PLAN_LOCKED, k->name, k->uid);
		r = row != NULL ? row_fill(row, k->issuer, k->sub, k->login, k->real_name)
				: RESULT_MEMORY;
	}
	return r;
}

/* ---- limits ----------------------------------------------------------------------------- */

static int judge_removals(struct planning *g, size_t were_active, size_t leave)
{
	size_t most = were_active * (size_t)g->settings->max_removals / 100;
	most = most > PLAN_REMOVALS_LEAST ? most : PLAN_REMOVALS_LEAST;
	if (leave <= most)
		return 0;
	return reason_set(g->reason, RESULT_LIMITS,
	    "%zu of %zu accounts would be locked, more than accounts.max_removals (%ld "
	    "percent) "
	    "allows; if that is right, use --force",
	    leave, were_active, g->settings->max_removals);
}

static int judge_size(struct planning *g)
{
	const struct config_list *groups = g->settings->unix_groups;
	size_t records = 0, members[EXPORT_GROUPS_MAX] = {0};
	for (size_t i = 0; i < g->plan->len; i++) {
		const struct plan_row *row = &g->plan->rows[i];
		records += row->state == PLAN_ACTIVE || row->state == PLAN_LOCKED;
		for (size_t j = 0; j < groups->len; j++)
			members[j] += row->groups >> j & 1;
	}
	if (records > PLAN_RECORDS_MOST)
		return reason_set(g->reason, RESULT_LIMITS,
		    "%zu records, more than %d: each login of any user would take the time to "
		    "read the whole folder (0.35 s at 50,000); if that is acceptable, use "
		    "--force",
		    records, PLAN_RECORDS_MOST);
	for (size_t j = 0; j < groups->len; j++)
		if (members[j] > PLAN_MEMBERS_MOST)
			return reason_set(g->reason, RESULT_LIMITS,
			    "%zu members of %s, more than %d: each look at the group would "
			    "take a "
			    "second or more; if that is acceptable, use --force",
			    members[j], groups->items[j], PLAN_MEMBERS_MOST);
	return 0;
}

/* Whoever can write their own uid takes other people's files; their own keys, a login that no
 * sign-in stands behind. */
static int judge_attributes(struct planning *g)
{
	const struct accounts_settings *settings = g->settings;
	const char *name = g->export->uid_writable    ? settings->uid_attribute
			   : g->export->keys_writable ? settings->ssh_keys_attribute
						      : NULL;
	if (name == NULL || settings->mutable_ok)
		return 0;
	return reason_set(g->reason, RESULT_EXPORT,
	    "client.json: people can write their own %s through the app client; take it from "
	    "the "
	    "client's writable attributes, or set accounts.mutable_ok",
	    name);
}

/* ---- the whole -------------------------------------------------------------------------- */

int plan_make(const struct bundle *bundle, const struct config *config,
    const struct accounts_settings *settings, const struct export *export, bool force,
    struct plan **out, struct reason *reason)
{
	struct planning g = {.bundle = bundle,
	    .config = config,
	    .settings = settings,
	    .export = export,
	    .reason = reason,
	    .plan = calloc(1, sizeof(*g.plan))};
	size_t were_active = 0, leave = 0;
	*out = NULL;
	int r = g.plan != NULL ? judge_attributes(&g) : RESULT_MEMORY;
	if (r == 0)
		r = known_learn(&g.known, bundle, reason);
	if (r == 0)
		r = plan_groups(&g);
	if (r == 0)
		r = plan_people(&g);
	if (r == 0)
		r = plan_leavers(&g, &were_active, &leave);
	if (r == 0 && !force)
		r = judge_removals(&g, were_active, leave);
	if (r == 0 && !force)
		r = judge_size(&g);
	if (r == 0)
		qsort(g.plan->rows, g.plan->len, sizeof(*g.plan->rows), row_order);
	if (r == 0)
		*out = g.plan;
	else
		plan_free(g.plan);
	known_free(&g.known);
	return r;
}
