/* SPDX-License-Identifier: MIT */
#include "module/ticket_line.h"

#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

#define EXPORT_PREFIX "OIDC_CLAIM_"
#define TIME_DIGITS 15 /* milliseconds of 30,000 years */
#define TIME_MOST 999999999999999ul

/* Bytes up to the next of two ends; the text goes to out, *at behind the end. */
static bool take_until(
    const char **at, const char *end, char stop, char *out, size_t size, size_t *len)
{
	const char *found = memchr(*at, stop, (size_t)(end - *at));
	if (found == NULL || (size_t)(found - *at) >= size)
		return false;
	*len = (size_t)(found - *at);
	memcpy(out, *at, *len);
	out[*len] = '\0';
	*at = found + 1;
	return true;
}

static bool is_shown(const char *text, size_t len, bool spaces)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < ' ' || c == 0x7f || (c == ' ' && !spaces))
			return false;
	}
	return true;
}

bool ticket_is_group(const char *name, size_t len)
{
	static const char forbidden[] = ":/,\"'*?";
	if (len == 0 || len > TICKET_GROUP_MAX || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] > '~' ||
		    memchr(forbidden, name[i], sizeof(forbidden) - 1) != NULL)
			return false;
	return true;
}

/* "-", or names with commas between them; "-" becomes "". */
static bool read_groups(char *groups)
{
	if (streq(groups, "-")) {
		groups[0] = '\0';
		return true;
	}
	for (const char *at = groups;;) {
		size_t n = strcspn(at, ",");
		if (!ticket_is_group(at, n))
			return false;
		if (at[n] == '\0')
			return true;
		at += n + 1;
	}
}

/* One line, whose newline stands at end. */
static bool read_line(
    const char *at, const char *end, unsigned long most, struct ticket_line *l)
{
	char number[TIME_DIGITS + 1];
	size_t service = 0, digits = 0, groups = 0;
	unsigned long time = 0;
	if (!take_until(&at, end, ' ', l->service, sizeof(l->service), &service) ||
	    !take_until(&at, end, ' ', number, sizeof(number), &digits) ||
	    !take_until(&at, end, ' ', l->groups, sizeof(l->groups), &groups))
		return false;
	size_t rule = (size_t)(end - at);
	if (service == 0 || !is_shown(l->service, service, false) || strlen(number) != digits ||
	    !text_number(number, most, &time))
		return false;
	if (strlen(l->groups) != groups || !read_groups(l->groups))
		return false;
	if (rule > TICKET_RULE_MAX || !is_shown(at, rule, true))
		return false;
	memcpy(l->rule, at, rule);
	l->rule[rule] = '\0';
	l->time = (int64_t)time;
	return true;
}

bool ticket_lines_find(const char *text, const char *service, struct ticket_line *l)
{
	for (const char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
		if (read_line(at, end, TIME_MOST, l) && streq(l->service, service))
			return true;
	memset(l, 0, sizeof(*l));
	return false;
}

static int append_line(const struct ticket_line *l, int64_t now, struct buffer *out)
{
	const int64_t most = (int64_t)TICKET_LINE_MOST;
	int64_t seconds = l->time < most ? l->time : most;
	int r = buffer_append_format(out, "%s %lld %s %s\n", l->service,
	    (long long)(now + seconds * 1000), l->groups[0] != '\0' ? l->groups : "-", l->rule);
	return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
}

int ticket_lines_adopt(const char *text, int64_t now, struct buffer *out)
{
	struct ticket_line l, same;
	size_t lines = 0;
	for (const char *at = text; *at != '\0'; lines++) {
		const char *end = strchr(at, '\n');
		if (end == NULL)
			end = at + strlen(at);
		if (lines == TICKET_LINES_MOST || !read_line(at, end, TIME_MOST / 1000, &l))
			return RESULT_HELPER_FRAME;
		if (ticket_lines_find(buffer_text(out), l.service, &same))
			return RESULT_HELPER_FRAME;
		int r = append_line(&l, now, out);
		if (r != 0)
			return r;
		at = *end == '\n' ? end + 1 : end;
	}
	return 0;
}

bool ticket_lines_are_well_formed(const char *text, size_t len)
{
	struct ticket_line l;
	size_t lines = 0;
	const char *end = text + len;
	if (strlen(text) != len)
		return false;
	for (const char *at = text, *stop; at < end; at = stop + 1, lines++) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (stop == NULL || lines == TICKET_LINES_MOST ||
		    !read_line(at, stop, TIME_MOST, &l))
			return false;
	}
	return true;
}

bool ticket_line_holds(const struct ticket_line *l, int64_t now)
{
	return l->time > now && l->time <= now + (int64_t)TICKET_LINE_MOST * 1000;
}

/* OIDC_CLAIM_name=value */
static bool is_export(const char *line, size_t len)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	const size_t prefix = sizeof(EXPORT_PREFIX) - 1;
	const char *equals = memchr(line, '=', len);
	if (equals == NULL || len <= prefix || memcmp(line, EXPORT_PREFIX, prefix) != 0)
		return false;
	const char *name = line + prefix;
	if (equals <= name || equals - name > MESSAGE_EXPORT_NAME_MAX)
		return false;
	for (const char *c = name; c < equals; c++)
		if (memchr(allowed, *c, sizeof(allowed) - 1) == NULL)
			return false;
	const char *value = equals + 1;
	size_t size = len - (size_t)(value - line);
	return size <= TICKET_EXPORT_MAX && is_shown(value, size, true);
}

int ticket_exports_adopt(const char *text, struct buffer *out)
{
	const char *line = NULL;
	size_t len = 0, lines = 0;
	for (const char *at = text; ticket_exports_next(&at, &line, &len); lines++) {
		if (lines == TICKET_EXPORTS_MOST || !is_export(line, len))
			return RESULT_HELPER_FRAME;
		int r = buffer_append(out, line, len);
		if (r == 0)
			r = buffer_append_byte(out, '\n');
		if (r != 0)
			return r == RESULT_TOO_LARGE ? RESULT_HELPER_FRAME : r;
	}
	return 0;
}

bool ticket_exports_are_well_formed(const char *text, size_t len)
{
	const char *line = NULL;
	size_t size = 0, lines = 0;
	if (strlen(text) != len || (len > 0 && text[len - 1] != '\n'))
		return false;
	for (const char *at = text; ticket_exports_next(&at, &line, &size); lines++)
		if (lines == TICKET_EXPORTS_MOST || !is_export(line, size))
			return false;
	return true;
}

bool ticket_exports_next(const char **at, const char **line, size_t *len)
{
	if (**at == '\0')
		return false;
	*line = *at;
	*len = strcspn(*at, "\n");
	*at += *len + ((*at)[*len] == '\n');
	return true;
}
