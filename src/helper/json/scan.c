/* SPDX-License-Identifier: MIT
 *
 * RFC 8259, read strictly and without recursion. Two parsers that read one text differently
 * open a hole, so whatever parsers are known to read differently is refused here. JSON has no
 * comments, but people want them in a configuration: they become spaces before the scan, so
 * that every fault keeps its place.
 */
#include "helper/json/scan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

/* The four hexadecimal digits of \uXXXX; `at` points to the backslash. */
static bool read_unit(const char *at, size_t len, unsigned long *out)
{
	if (len < 6 || at[0] != '\\' || at[1] != 'u')
		return false;
	*out = 0;
	for (size_t i = 2; i < 6; i++) {
		int digit = text_hex(at[i]);
		if (digit < 0)
			return false;
		*out = *out << 4 | (unsigned long)digit;
	}
	return true;
}

static size_t malformed(const char **what, const char *text)
{
	*what = text;
	return 0;
}

/* One character of a string, as it is written between the quotes (RFC 8259, section 7). code
 * becomes its code point. Returns the bytes it takes, or 0 when it is malformed: then what
 * becomes a static text that says how. len is not 0. */
static size_t scan_character(const char *at, size_t len, unsigned long *code, const char **what)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	unsigned long low = 0;
	*code = (unsigned char)*at;
	if (*code < 0x80 && *at != '\\')
		return 1;
	if (*at != '\\') {
		size_t width = text_utf8(at, len, code);
		return width > 0 ? width : malformed(what, "not UTF-8");
	}
	if (len < 2 || at[1] != 'u') {
		const char *letter =
		    len < 2 ? NULL : memchr(letters, at[1], sizeof(letters) - 1);
		if (letter == NULL)
			return malformed(what, "unknown escape");
		*code = (unsigned char)meant[letter - letters];
		return 2;
	}
	if (!read_unit(at, len, code))
		return malformed(what, "\\u needs four hexadecimal digits");
	if (*code < 0xd800 || *code > 0xdfff)
		return 6;
	/* The first half of a pair, then the second: \ud83d\ude00. */
	if (*code > 0xdbff || !read_unit(at + 6, len - 6, &low) || low < 0xdc00 || low > 0xdfff)
		return malformed(what, "half of a surrogate pair");
	*code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
	return 12;
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

/* Blanks the comment that begins at `at`; returns what follows it, or NULL when it is open. */
static char *blank_comment(char *at, char *end)
{
	char *stop = at[1] == '*' ? memmem(at + 2, (size_t)(end - at) - 2, "*/", 2)
				  : memchr(at, '\n', (size_t)(end - at));
	if (at[1] == '*') {
		if (stop == NULL)
			return NULL;
		stop += 2;
	}
	for (; at < (stop != NULL ? stop : end); at++)
		if (*at != '\n' && *at != '\r')
			*at = ' ';
	return at;
}

int scan_blank_comments(char *text, size_t len, struct scan_fault *fault)
{
	char *end = text + len, *at = text;
	bool in_string = false;
	while (at < end) {
		bool is_pair = end - at > 1;
		if (in_string) {
			/* An unclosed string ends with its line; scan_text() reports it. */
			in_string = *at != '"' && *at != '\n';
			at += *at == '\\' && is_pair ? 2 : 1;
		} else if (*at == '/' && is_pair && (at[1] == '/' || at[1] == '*')) {
			char *next = blank_comment(at, end);
			if (next == NULL && fault != NULL) {
				scan_position(text, at, &fault->line, &fault->column);
				fault->what = "comment is not closed";
			}
			if (next == NULL)
				return RESULT_JSON;
			at = next;
		} else {
			in_string = *at++ == '"';
		}
	}
	return 0;
}

/* What must come next. */
enum want { WANT_VALUE, WANT_NAME, WANT_COMMA, WANT_END };

struct scan {
	const char *at, *end;
	const char *what; /* why the byte at `at` is refused */
	enum want want;
	bool may_close; /* the innermost container may end here */
	size_t depth;
	struct {
		bool is_object;
		size_t first; /* of its names, in bytes of names */
	} open[SCAN_DEPTH];
	/* The names of all open objects, outermost first: struct scan_slice, what is between
	 * the quotes, still escaped. */
	struct buffer names;
	bool has_plain_numbers;
	/* For scan_nth() */
	bool is_search; /* the names were compared when the text was accepted */
	size_t left; /* values before the one that is searched */
	struct scan_slice name; /* of the last member, with quotes */
	struct scan_slice found, found_name; /* found.bytes is NULL until it has begun */
	size_t found_depth;
};

static int refuse(struct scan *s, const char *at, const char *what)
{
	s->at = at;
	s->what = what;
	return RESULT_JSON;
}

static bool in_object(const struct scan *s)
{
	return s->depth > 0 && s->open[s->depth - 1].is_object;
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->end &&
	       (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
		s->at++;
}

static bool is_digit(const char *at, const char *end)
{
	return at < end && *at >= '0' && *at <= '9';
}

/* From the opening quote to behind the closing one. */
static int scan_string(struct scan *s)
{
	const char *at = s->at + 1, *end = s->end, *what = NULL;
	const char *quote = s->is_search ? memchr(at, '"', (size_t)(end - at)) : NULL;
	/* Accepted before: only an escaped quote is not the end. */
	if (quote != NULL && memchr(at, '\\', (size_t)(quote - at)) == NULL)
		at = quote;
	for (size_t width = 1; at < end && *at != '"'; at += width, width = 1) {
		unsigned char byte = (unsigned char)*at;
		unsigned long code = byte;
		if (byte >= ' ' && byte < 0x80 && byte != '\\')
			continue;
		width = scan_character(at, (size_t)(end - at), &code, &what);
		if (width == 0)
			return refuse(s, at, what);
		if (width == 1)
			return refuse(s, at, "control character in a string");
		/* C ends a string there: "alice\u0000evil" would be read as "alice". */
		if (code == 0)
			return refuse(s, at, "\\u0000 in a string");
	}
	if (at == end)
		return refuse(s, s->at, "string is not closed");
	s->at = at + 1;
	return 0;
}

/* Moves behind the digits; false when there is none. */
static bool skip_digits(const char **at, const char *end)
{
	const char *first = *at;
	while (is_digit(*at, end))
		(*at)++;
	return *at > first;
}

static int scan_number(struct scan *s)
{
	const char *at = s->at + (*s->at == '-'), *first = at;
	bool is_good = skip_digits(&at, s->end);
	const char *whole = at;
	if (is_good && *first == '0' && at - first > 1)
		return refuse(s, s->at, "number with a leading zero");
	if (is_good && at < s->end && *at == '.') {
		at++;
		is_good = skip_digits(&at, s->end);
	}
	if (is_good && at < s->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < s->end && (*at == '+' || *at == '-'))
			at++;
		is_good = skip_digits(&at, s->end);
	}
	if (!is_good)
		return refuse(s, s->at, "malformed number");
	if (first != s->at || at != whole || at - first > SCAN_INTEGER_DIGITS)
		s->has_plain_numbers = false;
	s->at = at;
	return 0;
}

static int scan_word(struct scan *s)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i]);
		if ((size_t)(s->end - s->at) >= len && memcmp(s->at, words[i], len) == 0) {
			s->at += len;
			return 0;
		}
	}
	if (*s->at == ']' || *s->at == '}')
		return refuse(s, s->at, "a value is missing before the closing bracket");
	return refuse(s, s->at, "a value is expected");
}

static int open_container(struct scan *s)
{
	if (s->depth == SCAN_DEPTH)
		return refuse(s, s->at, "nested too deep");
	s->open[s->depth].is_object = *s->at == '{';
	s->open[s->depth].first = s->names.len;
	s->depth++;
	s->at++;
	s->want = in_object(s) ? WANT_NAME : WANT_VALUE;
	s->may_close = true;
	return 0;
}

/* A value has ended. */
static void expect_comma(struct scan *s)
{
	s->want = s->depth > 0 ? WANT_COMMA : WANT_END;
	s->may_close = s->depth > 0;
}

static int scan_value(struct scan *s)
{
	if (s->found.bytes == NULL && s->is_search && s->left-- == 0) {
		s->found.bytes = s->at;
		s->found_depth = s->depth;
		if (in_object(s))
			s->found_name = s->name;
	}
	if (*s->at == '{' || *s->at == '[')
		return open_container(s);
	expect_comma(s);
	if (*s->at == '"')
		return scan_string(s);
	if (*s->at == '-' || is_digit(s->at, s->end))
		return scan_number(s);
	return scan_word(s);
}

/* A member's name and the colon. */
static int scan_name(struct scan *s)
{
	const char *begin = s->at;
	if (*s->at == '}')
		return refuse(s, s->at, "a member is missing before the closing brace");
	if (*s->at != '"')
		return refuse(s, s->at, "a member's name in quotes is expected");
	int r = scan_string(s);
	if (r != 0)
		return r;
	s->name = (struct scan_slice){begin, (size_t)(s->at - begin)};
	const struct scan_slice name = {begin + 1, s->name.len - 2};
	if (!s->is_search && buffer_append(&s->names, &name, sizeof(name)) != 0)
		return s->names.error;
	skip_blanks(s);
	if (s->at == s->end || *s->at != ':')
		return refuse(s, s->at, "a colon is expected");
	s->at++;
	s->want = WANT_VALUE;
	return 0;
}

/* In the order of their characters after unescaping. */
static int compare_names(const struct scan_slice *a, const struct scan_slice *b)
{
	const char *what;
	size_t i = 0, j = 0;
	while (i < a->len && j < b->len) {
		unsigned long x = (unsigned char)a->bytes[i], y = (unsigned char)b->bytes[j];
		if (x == y && x < 0x80 && x != '\\') {
			i++;
			j++;
			continue;
		}
		i += scan_character(a->bytes + i, a->len - i, &x, &what);
		j += scan_character(b->bytes + j, b->len - j, &y, &what);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (i < a->len) - (j < b->len);
}

/* Equal names become neighbours, in the order of the text. */
static int order_names(const void *left, const void *right)
{
	const struct scan_slice *a = left, *b = right;
	int order = compare_names(a, b);
	return order != 0 ? order : (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

/* Refuses the innermost object's first repeated name, and forgets its names. Sorting keeps
 * 20,000 names cheap: the bytes that are compared grow as n log n of the text. */
static int check_names(struct scan *s)
{
	size_t first = s->open[s->depth - 1].first;
	size_t count = (s->names.len - first) / sizeof(struct scan_slice);
	const char *twice = NULL;
	if (count < 2)
		return 0;
	struct scan_slice *names = (struct scan_slice *)(void *)(s->names.bytes + first);
	qsort(names, count, sizeof(*names), order_names);
	for (size_t i = 1; i < count; i++)
		if ((twice == NULL || names[i].bytes < twice) &&
		    compare_names(&names[i], &names[i - 1]) == 0)
			twice = names[i].bytes;
	return twice == NULL ? 0 : refuse(s, twice - 1, "this member stands here twice");
}

static int close_container(struct scan *s)
{
	int r = in_object(s) ? check_names(s) : 0;
	if (r != 0)
		return r;
	s->at++;
	s->depth--;
	buffer_cut(&s->names, s->open[s->depth].first);
	expect_comma(s);
	return 0;
}

/* From one value, name, comma or bracket to the next. */
static int scan_next(struct scan *s)
{
	bool is_object = in_object(s);
	if (s->may_close && *s->at == (is_object ? '}' : ']'))
		return close_container(s);
	s->may_close = false;
	if (s->want == WANT_VALUE)
		return scan_value(s);
	if (s->want == WANT_NAME)
		return scan_name(s);
	if (*s->at != ',')
		return refuse(s, s->at,
		    is_object ? "a comma or a closing brace is expected"
			      : "a comma or a closing bracket is expected");
	s->at++;
	s->want = is_object ? WANT_NAME : WANT_VALUE;
	return 0;
}

static int scan_all(struct scan *s)
{
	if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0)
		return refuse(s, s->at, "byte-order mark");
	for (skip_blanks(s); s->want != WANT_END; skip_blanks(s)) {
		if (s->at == s->end)
			return refuse(s, s->at, "the text ends too early");
		int r = scan_next(s);
		if (r != 0)
			return r;
		if (s->found.bytes != NULL && s->depth == s->found_depth) {
			s->found.len = (size_t)(s->at - s->found.bytes);
			return 0;
		}
	}
	return s->at == s->end ? 0 : refuse(s, s->at, "something stands behind the end");
}

int scan_document(
    const char *text, size_t len, size_t max, struct scan_fault *fault, bool *has_plain_numbers)
{
	struct scan s = {.at = text,
	    .end = text + len,
	    .names = BUFFER_INIT(SIZE_MAX),
	    .has_plain_numbers = true};
	int r = len > max ? refuse(&s, text, "the text is too long") : scan_all(&s);
	if (r != 0 && fault != NULL) {
		scan_position(text, s.at, &fault->line, &fault->column);
		fault->what = r == RESULT_MEMORY ? "out of memory" : s.what;
	}
	buffer_wipe(&s.names);
	*has_plain_numbers = s.has_plain_numbers;
	return r;
}

int scan_text(const char *text, size_t len, size_t max, struct scan_fault *fault)
{
	bool ignored = false;
	return scan_document(text, len, max, fault, &ignored);
}

bool scan_nth(
    const char *text, size_t len, size_t nth, struct scan_slice *value, struct scan_slice *name)
{
	struct scan s = {.at = text, .end = text + len, .is_search = true, .left = nth};
	if (scan_all(&s) != 0 || s.found.len == 0)
		return false;
	*value = s.found;
	if (name != NULL)
		*name = s.found_name;
	return true;
}

bool scan_open(const struct scan_slice *value, struct scan_walk *walk)
{
	*walk = (struct scan_walk){.at = NULL};
	if (value->len < 2 || (value->bytes[0] != '{' && value->bytes[0] != '['))
		return false;
	walk->is_object = value->bytes[0] == '{';
	walk->at = value->bytes + 1;
	walk->end = value->bytes + value->len - 1;
	return true;
}

static void skip_separators(struct scan_walk *walk)
{
	while (walk->at < walk->end && memchr(" \n\r\t,:", *walk->at, 6) != NULL)
		walk->at++;
}

/* The text was accepted before: only the end of the value is searched. */
static struct scan_slice take_value(struct scan_walk *walk)
{
	const char *begin = walk->at, *at = begin;
	size_t depth = 0;
	bool in_string = false;
	for (; at < walk->end; at++) {
		if (in_string && *at == '\\') {
			at++;
		} else if (in_string) {
			in_string = *at != '"';
		} else if (depth == 0 && memchr(" \n\r\t,:", *at, 6) != NULL) {
			break;
		} else if (*at == '"') {
			in_string = true;
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			depth--;
		}
	}
	walk->at = at;
	return (struct scan_slice){begin, (size_t)(at - begin)};
}

bool scan_step(struct scan_walk *walk, struct scan_slice *value, struct scan_slice *name)
{
	struct scan_slice label = {NULL, 0};
	skip_separators(walk);
	if (walk->is_object && walk->at < walk->end)
		label = take_value(walk);
	skip_separators(walk);
	if (walk->at >= walk->end)
		return false;
	*value = take_value(walk);
	if (name != NULL)
		*name = label;
	return true;
}
