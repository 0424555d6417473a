/* SPDX-License-Identifier: MIT */
#include "module/ticket.h"

#include <string.h>

#include "common/message.h"
#include "common/result.h"
#include "common/text.h"
#include "module/ticket_line.h"

#define HEADING "pam_cognito_oidc ticket 1\n"
/* Numbers: milliseconds of 30,000 years, and any uid. */
#define NUMBER_MOST 999999999999999ul
#define STORED_LINES_MAX (MESSAGE_LINES_MAX * 3 / 2) /* an absolute number is longer */

/* A word that stands alone in its line: not empty, and no character that ends the line. */
static bool is_word(const char *text, size_t max)
{
	size_t len = strlen(text);
	if (len == 0 || len > max)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

static void empty(struct ticket *t)
{
	memset(t, 0, sizeof(*t));
	t->uid = (uid_t)-1;
	t->lines.max = STORED_LINES_MAX;
	t->exports.max = MESSAGE_EXPORTS_MAX;
	t->body.max = MESSAGE_TICKET_MAX;
}

bool ticket_begin(struct ticket *t, const struct ticket_owner *h)
{
	empty(t);
	if (!is_word(h->user, TICKET_USER_MAX) || !is_word(h->path, TICKET_PATH_MAX) ||
	    !is_word(h->boot, TICKET_BOOT_MAX))
		return false;
	memcpy(t->user, h->user, strlen(h->user));
	memcpy(t->path, h->path, strlen(h->path));
	memcpy(t->boot, h->boot, strlen(h->boot));
	t->uid = h->uid;
	return true;
}

void ticket_wipe(struct ticket *t)
{
	if (t == NULL)
		return;
	buffer_wipe(&t->lines);
	buffer_wipe(&t->exports);
	buffer_wipe(&t->body);
	empty(t);
}

void ticket_refuse(struct ticket *t)
{
	t->refused = true;
	buffer_wipe(&t->body);
	buffer_wipe(&t->lines);
	buffer_wipe(&t->exports);
}

static int put_block(struct buffer *out, const char *name, const struct buffer *block)
{
	int r = buffer_append_format(out, "%s %zu\n", name, block->len);
	if (r == 0)
		r = buffer_append(out, block->bytes, block->len);
	return r == 0 ? buffer_append_byte(out, '\n') : r;
}

int ticket_encode(const struct ticket *t, struct buffer *out)
{
	int r = buffer_append_format(out,
	    HEADING "user %s\nuid %lu\npath %s\nprint %s\nboot %s\nsub %s\nborn %lld\n"
		    "verified %lld\nuntil %lld\nrefused %d\n",
	    t->user, (unsigned long)t->uid, t->path, t->print, t->boot, t->sub,
	    (long long)t->born, (long long)t->verified, (long long)t->until, t->refused);
	if (r == 0)
		r = put_block(out, "lines", &t->lines);
	if (r == 0)
		r = put_block(out, "exports", &t->exports);
	if (r == 0)
		r = put_block(out, "body", &t->body);
	return r == 0 ? buffer_append_text(out, "end\n") : r;
}

/* What has not been read yet. */
struct rest {
	const char *at, *end;
};

static bool take(struct rest *rest, const char *text)
{
	size_t len = strlen(text);
	if ((size_t)(rest->end - rest->at) < len || memcmp(rest->at, text, len) != 0)
		return false;
	rest->at += len;
	return true;
}

/* "name value\n"; value has at most size - 1 bytes and no control character. */
static bool take_word(struct rest *rest, const char *name, char *value, size_t size)
{
	const char *stop = NULL;
	if (take(rest, name) && take(rest, " "))
		stop = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	if (stop == NULL || (size_t)(stop - rest->at) >= size)
		return false;
	size_t len = (size_t)(stop - rest->at);
	memcpy(value, rest->at, len);
	value[len] = '\0';
	rest->at = stop + 1;
	/* A NUL within it would make it shorter than it was. */
	return strlen(value) == len && is_word(value, size - 1);
}

/* As it is written: no sign, no leading zero. */
static bool take_number(struct rest *rest, const char *name, unsigned long max, int64_t *out)
{
	char text[20];
	unsigned long n = 0;
	if (!take_word(rest, name, text, sizeof(text)) || !text_number(text, max, &n))
		return false;
	if (text[0] == '0' && text[1] != '\0')
		return false;
	*out = (int64_t)n;
	return true;
}

static bool take_block(struct rest *rest, const char *name, struct buffer *block)
{
	int64_t len = 0;
	if (!take_number(rest, name, block->max, &len) || rest->end - rest->at < len ||
	    buffer_append(block, rest->at, (size_t)len) != 0)
		return false;
	rest->at += len;
	return take(rest, "\n");
}

static bool take_heading(struct rest *rest, struct ticket *t)
{
	int64_t uid = 0, refused = 0;
	if (!take(rest, HEADING) || !take_word(rest, "user", t->user, sizeof(t->user)) ||
	    !take_number(rest, "uid", (uid_t)-1 - 1, &uid))
		return false;
	t->uid = (uid_t)uid;
	if (!take_word(rest, "path", t->path, sizeof(t->path)) ||
	    !take_word(rest, "print", t->print, sizeof(t->print)) ||
	    !take_word(rest, "boot", t->boot, sizeof(t->boot)) ||
	    !take_word(rest, "sub", t->sub, sizeof(t->sub)))
		return false;
	if (!take_number(rest, "born", NUMBER_MOST, &t->born) ||
	    !take_number(rest, "verified", NUMBER_MOST, &t->verified) ||
	    !take_number(rest, "until", NUMBER_MOST, &t->until) ||
	    !take_number(rest, "refused", 1, &refused))
		return false;
	t->refused = refused == 1;
	return true;
}

bool ticket_decode(const char *text, size_t len, struct ticket *t)
{
	struct rest rest = {text, text + len};
	ticket_wipe(t);
	if (len <= TICKET_TEXT_MAX && take_heading(&rest, t) &&
	    take_block(&rest, "lines", &t->lines) &&
	    take_block(&rest, "exports", &t->exports) && take_block(&rest, "body", &t->body) &&
	    take(&rest, "end\n") && rest.at == rest.end &&
	    ticket_lines_are_well_formed(buffer_text(&t->lines), t->lines.len) &&
	    ticket_exports_are_well_formed(buffer_text(&t->exports), t->exports.len))
		return true;
	ticket_wipe(t);
	return false;
}

enum ticket_worth ticket_judge(const struct ticket *t, const struct ticket_owner *h)
{
	const int64_t most = (int64_t)TICKET_LIFETIME_MOST * 1000;
	if (!streq(t->user, h->user) || t->uid != h->uid || !streq(t->path, h->path))
		return TICKET_ABSENT;
	if (!streq(t->boot, h->boot) || t->born > h->now || t->verified > h->now)
		return TICKET_ABSENT;
	if (t->born == 0 || t->verified < t->born || t->until > t->born + most)
		return TICKET_ABSENT;
	if (t->until <= h->now)
		return TICKET_EXPIRED;
	if (t->refused)
		return TICKET_REFUSED;
	return TICKET_LIVE;
}
