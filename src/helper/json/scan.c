/* SPDX-License-Identifier: MIT
 *
 * RFC 8259, read strictly and without recursion. Two readers of one text that disagree are
 * a way in: whatever parsers are known to read differently is refused here.
 */
#include "helper/json/scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "helper/json/scan_character.h"

/* Members of open objects that need no allocation; an ID token has about 20. */
#define NAMES_FEW 48

struct name {
	uint64_t hash; /* of the unescaped characters */
	const char *at; /* between the quotes, still escaped */
	size_t len;
};

/* What may stand next. */
enum want {
	WANT_VALUE,
	WANT_VALUE_OR_CLOSE,
	WANT_NAME,
	WANT_NAME_OR_CLOSE,
	WANT_COMMA_OR_CLOSE,
	WANT_END,
};

struct scan {
	const char *at, *end;
	const char *what; /* why the byte at `at` is refused */
	struct name *names; /* of all objects that are still open, outermost first */
	size_t count, room;
	struct name few[NAMES_FEW];
	size_t depth;
	struct {
		bool is_object;
		size_t first; /* of its names */
	} open[SCAN_DEPTH];
};

static int refuse(struct scan *s, const char *at, const char *what)
{
	s->at = at;
	s->what = what;
	return RESULT_JSON;
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && scan_is_digit(*at))
		at++;
	return at;
}

/* A character that is not plain ASCII. */
static int scan_character(struct scan *s)
{
	size_t left = (size_t)(s->end - s->at);
	unsigned long code = 0;
	size_t width = scan_unescape(s->at, left, &code);
	if (width == 0 && *s->at == '\\')
		return refuse(s, s->at, scan_escape_fault(s->at, left));
	if (width == 0)
		return refuse(s, s->at, "not UTF-8");
	if (width == 1)
		return refuse(s, s->at, "control character in a string");
	/* C ends a string there: "alice\u0000evil" would be read as "alice". */
	if (code == 0)
		return refuse(s, s->at, "\\u0000 in a string");
	s->at += width;
	return 0;
}

/* From the opening quote to behind the closing one. */
static int scan_string(struct scan *s)
{
	const char *begin = s->at++;
	while (s->at < s->end && *s->at != '"') {
		int r = 0;
		if (*s->at >= ' ' && *s->at != '\\')
			s->at++;
		else
			r = scan_character(s);
		if (r != 0)
			return r;
	}
	if (s->at == s->end)
		return refuse(s, begin, "string is not closed");
	s->at++;
	return 0;
}

static int scan_number(struct scan *s)
{
	const char *at = s->at, *from;
	if (*at == '-')
		at++;
	if (at == s->end || !scan_is_digit(*at))
		return refuse(s, s->at, "malformed number");
	if (*at == '0' && at + 1 < s->end && scan_is_digit(at[1]))
		return refuse(s, s->at, "number with a leading zero");
	at = skip_digits(at, s->end);
	if (at < s->end && *at == '.') {
		from = ++at;
		at = skip_digits(at, s->end);
		if (at == from)
			return refuse(s, s->at, "malformed number");
	}
	if (at < s->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < s->end && (*at == '+' || *at == '-'))
			at++;
		from = at;
		at = skip_digits(at, s->end);
		if (at == from)
			return refuse(s, s->at, "malformed number");
	}
	s->at = at;
	return 0;
}

static int scan_word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t left = (size_t)(s->end - s->at);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		if (left >= len && memcmp(s->at, words[i], len) == 0) {
			s->at += len;
			return 0;
		}
	}
	if (*s->at == ']' || *s->at == '}')
		return refuse(s, s->at, "a value is missing before the closing bracket");
	return refuse(s, s->at, "a value is expected");
}

static int open_container(struct scan *s, enum want *want)
{
	bool is_object = *s->at == '{';
	if (s->depth == SCAN_DEPTH)
		return refuse(s, s->at, "nested too deep");
	s->open[s->depth].is_object = is_object;
	s->open[s->depth].first = s->count;
	s->depth++;
	s->at++;
	*want = is_object ? WANT_NAME_OR_CLOSE : WANT_VALUE_OR_CLOSE;
	return 0;
}

static int scan_value(struct scan *s, enum want *want)
{
	if (*s->at == '{' || *s->at == '[')
		return open_container(s, want);
	*want = s->depth > 0 ? WANT_COMMA_OR_CLOSE : WANT_END;
	if (*s->at == '"')
		return scan_string(s);
	if (*s->at == '-' || scan_is_digit(*s->at))
		return scan_number(s);
	return scan_word(s);
}

static uint64_t hash_name(const char *at, size_t len)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	while (len > 0) {
		unsigned long code = (unsigned char)*at;
		size_t width = 1;
		if (*at == '\\' || code >= 0x80)
			width = scan_unescape(at, len, &code);
		hash = (hash ^ code) * 1099511628211u;
		at += width;
		len -= width;
	}
	return hash;
}

static int add_name(struct scan *s, const char *at, size_t len)
{
	if (s->count == s->room) {
		size_t room = s->room * 2;
		struct name *names = malloc(room * sizeof(*names));
		if (names == NULL)
			return RESULT_MEMORY;
		memcpy(names, s->names, s->count * sizeof(*names));
		if (s->names != s->few)
			free(s->names);
		s->names = names;
		s->room = room;
	}
	s->names[s->count++] = (struct name){.hash = hash_name(at, len), .at = at, .len = len};
	return 0;
}

/* A member's name and the colon. */
static int scan_name(struct scan *s, enum want *want)
{
	const char *begin = s->at;
	int r;
	if (*s->at == '}')
		return refuse(s, s->at, "a member is missing before the closing brace");
	if (*s->at != '"')
		return refuse(s, s->at, "a member's name in quotes is expected");
	r = scan_string(s);
	if (r == 0)
		r = add_name(s, begin + 1, (size_t)(s->at - begin) - 2);
	if (r != 0)
		return r;
	s->at = scan_skip_blanks(s->at, s->end);
	if (s->at == s->end || *s->at != ':')
		return refuse(s, s->at, "a colon is expected");
	s->at++;
	*want = WANT_VALUE;
	return 0;
}

/* Equal after unescaping? */
static int compare_names(const struct name *a, const struct name *b)
{
	size_t i = 0, j = 0;
	while (i < a->len && j < b->len) {
		unsigned long x = 0, y = 0;
		i += scan_unescape(a->at + i, a->len - i, &x);
		j += scan_unescape(b->at + j, b->len - j, &y);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (i < a->len) - (j < b->len);
}

/* By hash, then by characters, then by place: equal names become neighbours whatever the
 * hash is worth, and sorting stays n log n when somebody makes hashes collide. */
static int order_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;
	int order;
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	order = compare_names(a, b);
	if (order != 0)
		return order;
	return (a->at > b->at) - (a->at < b->at);
}

/* Refuses the innermost object's first repeated name, and forgets its names. */
static int check_names(struct scan *s)
{
	size_t first = s->open[s->depth - 1].first;
	struct name *names = s->names + first;
	size_t count = s->count - first;
	const char *twice = NULL;
	if (count > 1)
		qsort(names, count, sizeof(*names), order_names);
	for (size_t i = 1; i < count; i++) {
		if (names[i].hash != names[i - 1].hash)
			continue;
		if (compare_names(&names[i], &names[i - 1]) != 0)
			continue;
		if (twice == NULL || names[i].at < twice)
			twice = names[i].at;
	}
	s->count = first;
	return twice == NULL ? 0 : refuse(s, twice - 1, "this member stands here twice");
}

static int close_container(struct scan *s, enum want *want)
{
	int r = s->open[s->depth - 1].is_object ? check_names(s) : 0;
	if (r != 0)
		return r;
	s->at++;
	s->depth--;
	*want = s->depth > 0 ? WANT_COMMA_OR_CLOSE : WANT_END;
	return 0;
}

static int scan_comma(struct scan *s, enum want *want)
{
	bool is_object = s->open[s->depth - 1].is_object;
	if (*s->at == (is_object ? '}' : ']'))
		return close_container(s, want);
	if (*s->at != ',')
		return refuse(s, s->at,
		    is_object ? "a comma or a closing brace is expected"
			      : "a comma or a closing bracket is expected");
	s->at++;
	*want = is_object ? WANT_NAME : WANT_VALUE;
	return 0;
}

static int scan_next(struct scan *s, enum want *want)
{
	if (*want == WANT_COMMA_OR_CLOSE)
		return scan_comma(s, want);
	if (*want == WANT_VALUE_OR_CLOSE && *s->at == ']')
		return close_container(s, want);
	if (*want == WANT_NAME_OR_CLOSE && *s->at == '}')
		return close_container(s, want);
	if (*want == WANT_NAME || *want == WANT_NAME_OR_CLOSE)
		return scan_name(s, want);
	return scan_value(s, want);
}

static int scan_all(struct scan *s)
{
	enum want want = WANT_VALUE;
	if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0)
		return refuse(s, s->at, "byte-order mark");
	for (;;) {
		int r;
		s->at = scan_skip_blanks(s->at, s->end);
		if (want == WANT_END)
			break;
		if (s->at == s->end)
			return refuse(s, s->at, "the text ends too early");
		r = scan_next(s, &want);
		if (r != 0)
			return r;
	}
	if (s->at != s->end)
		return refuse(s, s->at, "something stands behind the end");
	return 0;
}

int scan_text(const char *text, size_t len, size_t max, struct scan_fault *fault)
{
	struct scan s = {.at = text, .end = text + len, .room = NAMES_FEW};
	int r;
	s.names = s.few;
	r = len > max ? refuse(&s, text, "the text is too long") : scan_all(&s);
	if (r == RESULT_MEMORY)
		s.what = "out of memory";
	if (r != 0 && fault != NULL) {
		scan_position(text, s.at, &fault->line, &fault->column);
		fault->what = s.what;
	}
	if (s.names != s.few)
		free(s.names);
	return r;
}

void scan_position(const char *text, const char *at, size_t *line, size_t *column)
{
	*line = *column = 1;
	for (; text < at; text++) {
		(*column)++;
		if (*text == '\n') {
			(*line)++;
			*column = 1;
		}
	}
}
