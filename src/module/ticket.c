/* SPDX-License-Identifier: MIT */
#include "module/ticket.h"

#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"

#define HEADING "pam_cognito_oidc ticket 2"
#define OLDER_HEADING "pam_cognito_oidc ticket 1\n"
#define TIME_MOST 999999999999999 /* milliseconds of 30,000 years */
#define EXPORT_PREFIX "OIDC_CLAIM_"
#define WORD "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

enum kind { TEXT, UID, TIME, FLAG, BLOCK };

#define ROW(kind, member)                                                                      \
	{                                                                                      \
		kind, offsetof(struct ticket, member), sizeof(((struct ticket *)0)->member)    \
	}

static const struct row {
	enum kind kind;
	size_t offset, size;
} rows[] = {
    ROW(TEXT, user),
    ROW(UID, uid),
    ROW(TEXT, path),
    ROW(TEXT, fingerprint),
    ROW(TEXT, boot),
    ROW(TEXT, sub),
    ROW(TIME, born),
    ROW(TIME, verified),
    ROW(TIME, decided),
    ROW(TIME, until),
    ROW(FLAG, refused),
    ROW(BLOCK, decisions),
    ROW(BLOCK, exports),
    ROW(BLOCK, body),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void empty(struct ticket *t)
{
	memset(t, 0, sizeof(*t));
	t->uid = (uid_t)-1;
	t->decisions.max = MESSAGE_DECISIONS_MAX;
	t->exports.max = MESSAGE_EXPORTS_MAX;
	t->body.max = MESSAGE_TICKET_MAX;
}

static bool copy(const char *text, size_t len, char *out, size_t size)
{
	return len > 0 && text_copy(text, len, out, size);
}

bool ticket_begin(struct ticket *t, const struct ticket_owner *o)
{
	empty(t);
	t->uid = o->uid;
	return copy(o->user, strlen(o->user), t->user, sizeof(t->user)) &&
	       copy(o->path, strlen(o->path), t->path, sizeof(t->path)) &&
	       copy(o->boot, strlen(o->boot), t->boot, sizeof(t->boot));
}

static void wipe_blocks(struct ticket *t)
{
	buffer_wipe(&t->decisions);
	buffer_wipe(&t->exports);
	buffer_wipe(&t->body);
}

void ticket_wipe(struct ticket *t)
{
	if (t == NULL)
		return;
	wipe_blocks(t);
	empty(t);
}

void ticket_refuse(struct ticket *t)
{
	t->refused = true;
	wipe_blocks(t);
}

/* ---- bytes ----------------------------------------------------------------------------- */

int ticket_encode(const struct ticket *t, struct buffer *out)
{
	field_put_text(out, HEADING);
	for (size_t i = 0; i < ROWS; i++) {
		const void *member = (const char *)t + rows[i].offset;
		const struct buffer *block = member;
		if (rows[i].kind == TEXT)
			field_put_text(out, member);
		else if (rows[i].kind == UID)
			field_put_number(out, *(const uid_t *)member);
		else if (rows[i].kind == TIME)
			field_put_number(out, *(const int64_t *)member);
		else if (rows[i].kind == FLAG)
			field_put_number(out, *(const bool *)member);
		else
			field_put(out, block->bytes, block->len);
	}
	return out->error;
}

static bool take_row(struct field *rest, const struct row *row, struct ticket *t)
{
	void *member = (char *)t + row->offset;
	int64_t number = 0;
	struct field block;
	if (row->kind == TEXT)
		return field_take_text(rest, member, row->size) && *(char *)member != '\0';
	if (row->kind == TIME)
		return field_take_number(rest, TIME_MOST, member);
	if (row->kind == BLOCK)
		return field_take(rest, &block) &&
		       buffer_append(member, block.bytes, block.len) == 0;
	if (!field_take_number(rest, row->kind == FLAG ? 1 : (uid_t)-1 - 1, &number))
		return false;
	if (row->kind == FLAG)
		*(bool *)member = number == 1;
	else
		*(uid_t *)member = (uid_t)number;
	return true;
}

static bool decode(struct field rest, struct ticket *t)
{
	char heading[sizeof(HEADING)];
	if (!field_take_text(&rest, heading, sizeof(heading)) || !streq(heading, HEADING))
		return false;
	for (size_t i = 0; i < ROWS; i++)
		if (!take_row(&rest, &rows[i], t))
			return false;
	return rest.len == 0;
}

/* The value of a line "name value\n" of the older format. */
static bool older_value(const char *text, const char *name, char *out, size_t size)
{
	char start[16];
	snprintf(start, sizeof(start), "\n%s ", name);
	const char *at = strstr(text, start);
	if (at == NULL)
		return false;
	at += strlen(start);
	return copy(at, strcspn(at, "\n"), out, size);
}

/* Tickets were text until their format 2. Such a one is over, but its refresh token, in the
 * body that ends it, is still to be revoked. Its texts hold no NUL. */
static bool decode_older(const char *text, size_t len, struct ticket *t)
{
	char number[24], tail[40];
	unsigned long uid = 0, size = 0;
	if (strlen(text) != len || !text_starts(text, OLDER_HEADING) ||
	    !older_value(text, "user", t->user, sizeof(t->user)) ||
	    !older_value(text, "path", t->path, sizeof(t->path)) ||
	    !older_value(text, "sub", t->sub, sizeof(t->sub)) ||
	    !older_value(text, "uid", number, sizeof(number)) ||
	    !text_number(number, (uid_t)-1 - 1, &uid))
		return false;
	t->uid = (uid_t)uid;
	if (!older_value(text, "body", number, sizeof(number)) ||
	    !text_number(number, MESSAGE_TICKET_MAX, &size))
		return false;
	/* The body is last: its length leads from the end back to the line that names it. */
	size_t before = (size_t)snprintf(tail, sizeof(tail), "\nbody %lu\n", size);
	size_t after = strlen("\nend\n");
	if (len < before + size + after || !text_ends(text, "\nend\n") ||
	    !text_starts(text + len - after - size - before, tail))
		return false;
	return buffer_append(&t->body, text + len - after - size, size) == 0;
}

/* ---- decisions and exports ----------------------------------------------------------- */

/* "" or GROUP,GROUP: names that useradd and directories give, and no character with a meaning
 * elsewhere (: / , " ' * ?). */
static bool are_groups(const char *at)
{
	if (*at == '\0')
		return true;
	for (;; at++) {
		size_t len = strspn(at, WORD "!#$%&()+-.;<=>@[\\]^`{|}~");
		if (len == 0 || len > TICKET_GROUP_MAX || *at == '-')
			return false;
		at += len;
		if (*at != ',')
			return *at == '\0';
	}
}

bool ticket_decision_next(struct field *rest, struct ticket_decision *d)
{
	memset(d, 0, sizeof(*d));
	return rest->len > 0 && field_take_text(rest, d->service, sizeof(d->service)) &&
	       d->service[0] != '\0' &&
	       field_take_number(rest, TIME_MOST / 1000, &d->seconds) &&
	       field_take_text(rest, d->groups, sizeof(d->groups)) && are_groups(d->groups) &&
	       field_take_text(rest, d->rule, sizeof(d->rule));
}

static bool find_decision(struct field rest, const char *service, struct ticket_decision *d)
{
	while (ticket_decision_next(&rest, d))
		if (streq(d->service, service))
			return true;
	memset(d, 0, sizeof(*d));
	return false;
}

bool ticket_decision_find(
    const struct ticket *t, const char *service, struct ticket_decision *d)
{
	return find_decision(field_of(&t->decisions), service, d);
}

int64_t ticket_decision_left(
    const struct ticket *t, const struct ticket_decision *d, int64_t now)
{
	int64_t seconds = d->seconds < TICKET_DECISION_MOST ? d->seconds : TICKET_DECISION_MOST;
	int64_t left = t->decided + seconds * 1000 - now;
	return left > 0 && t->decided <= now ? left : 0;
}

/* Well formed, each service once, not too many. */
static bool are_decisions(struct field all)
{
	struct ticket_decision d, same;
	struct field rest = all;
	size_t count = 0;
	while (rest.len > 0) {
		size_t before = all.len - rest.len;
		if (!ticket_decision_next(&rest, &d) || ++count > TICKET_DECISIONS_MOST ||
		    find_decision((struct field){all.bytes, before}, d.service, &same))
			return false;
	}
	return true;
}

bool ticket_export_next(struct field *rest, struct field *out)
{
	const size_t prefix = sizeof(EXPORT_PREFIX) - 1;
	char text[sizeof(EXPORT_PREFIX) + MESSAGE_EXPORT_NAME_MAX + 1 + MESSAGE_EXPORT_MAX];
	struct field start = *rest;
	if (rest->len == 0 || !field_take_text(rest, text, sizeof(text)))
		return false;
	size_t name = text_starts(text, EXPORT_PREFIX) ? strspn(text + prefix, WORD) : 0;
	field_take(&start, out);
	return name > 0 && name <= MESSAGE_EXPORT_NAME_MAX && text[prefix + name] == '=' &&
	       out->len - prefix - name - 1 <= MESSAGE_EXPORT_MAX;
}

static bool are_exports(struct field rest)
{
	struct field one;
	size_t count = 0;
	while (rest.len > 0)
		if (!ticket_export_next(&rest, &one) || ++count > MESSAGE_EXPORTS_MOST)
			return false;
	return true;
}

bool ticket_decode(const char *bytes, size_t len, struct ticket *t)
{
	ticket_wipe(t);
	if (len > TICKET_BYTES_MAX)
		return false;
	if (decode((struct field){bytes, len}, t) && are_decisions(field_of(&t->decisions)) &&
	    are_exports(field_of(&t->exports)))
		return true;
	ticket_wipe(t);
	if (decode_older(bytes, len, t))
		return true;
	ticket_wipe(t);
	return false;
}

/* ---- what it is worth, and what changes it ---------------------------------------------- */

enum ticket_worth ticket_judge(const struct ticket *t, const struct ticket_owner *o)
{
	if (!streq(t->user, o->user) || t->uid != o->uid || !streq(t->path, o->path))
		return TICKET_ABSENT;
	/* Over, because nobody knows its boot. But a ticket is not over because we do not know
	 * ours: without /proc none is live, and none may be revoked. */
	if (t->boot[0] == '\0')
		return TICKET_EXPIRED;
	if (!streq(t->boot, o->boot))
		return o->boot[0] != '\0' ? TICKET_EXPIRED : TICKET_ABSENT;
	if (t->born == 0 || t->born > o->now || t->verified > o->now || t->verified < t->born ||
	    t->until > t->born + TICKET_LIFETIME_MOST * 1000)
		return TICKET_ABSENT;
	if (t->until <= o->now)
		return TICKET_EXPIRED;
	if (t->refused)
		return TICKET_REFUSED;
	return TICKET_LIVE;
}

int ticket_rotate(struct ticket *t, const struct field *body)
{
	struct buffer fresh = BUFFER_INIT(t->body.max);
	if (t->born == 0 || body->len == 0 || body->len > t->body.max)
		return RESULT_HELPER_FRAME;
	if (buffer_append(&fresh, body->bytes, body->len) != 0)
		return fresh.error;
	buffer_wipe(&t->body);
	t->body = fresh;
	return 0;
}

/* In memory of its own; block begins as a copy of another ticket's. */
static bool copy_block(struct field from, struct buffer *block)
{
	*block = (struct buffer)BUFFER_INIT(block->max);
	return buffer_append(block, from.bytes, from.len) == 0;
}

static void take_times(struct ticket *t, const struct ticket_news *n)
{
	int64_t lifetime =
	    n->lifetime < TICKET_LIFETIME_MOST ? n->lifetime : TICKET_LIFETIME_MOST;
	/* No refresh makes a sign-in younger. */
	if (t->born == 0)
		t->born = n->asked;
	t->verified = n->asked;
	t->until = t->born + lifetime * 1000;
	t->refused = false;
}

int ticket_apply(struct ticket *t, int result, const struct ticket_news *n,
    const char *fingerprint, bool *changed)
{
	*changed = false;
	enum result_class class = result == 0 ? CLASS_YES : result_class(result);
	if (class == CLASS_REFUSAL) {
		ticket_refuse(t);
		*changed = true;
		return 0;
	}
	/* After a breach of the protocol nothing of the news is believed. */
	bool is_verified = n->body.len > 0 && result != RESULT_HELPER_FRAME;
	if (!is_verified && class != CLASS_YES && class != CLASS_RULES)
		return 0;
	/* A sign-in without a ticket could never be rechecked. */
	if ((!is_verified && t->born == 0) || !are_decisions(n->decisions) ||
	    !are_exports(n->exports) || n->decisions.len > t->decisions.max ||
	    n->exports.len > t->exports.max || n->body.len > t->body.max)
		return RESULT_HELPER_FRAME;
	/* Memory for all three before the first is replaced. */
	struct ticket fresh = *t;
	bool good = copy_block(is_verified ? n->body : field_of(&t->body), &fresh.body);
	good = copy_block(n->decisions, &fresh.decisions) && good;
	good = copy_block(n->exports, &fresh.exports) && good;
	wipe_blocks(good ? t : &fresh);
	if (!good)
		return RESULT_MEMORY;
	*t = fresh;
	if (is_verified)
		take_times(t, n);
	*changed = true;
	t->decided = n->asked;
	snprintf(t->fingerprint, sizeof(t->fingerprint), "%s", fingerprint);
	return 0;
}
