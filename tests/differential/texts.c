/* SPDX-License-Identifier: MIT
 *
 * JSON texts, good and damaged: what our reader accepts, jansson and json-c must accept too,
 * and all three must read the same in it. texts SEED FROM COUNT: as tokens.c; the second could
 * not tell where a number is too large for jansson.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differential/mutate.h"
#include "differential/readers.h"
#include "helper/json/json.h"

#define DEPTH_MOST 10 /* ours is SCAN_DEPTH */
#define MEMBERS_MOST 6

static const char *const scalars[] = {"null", "true", "false", "0", "-0", "1", "-1", "12",
    "123456789012", "1234567890123", "9223372036854775807", "9223372036854775808", "1.5", "0.0",
    "1e3", "1E+3", "1e-3", "-1.25e2", "01", "+1", "1.", ".5", "1e", "1e400", "-", "0x10", "NaN",
    "Infinity", "True", "nul", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e4\"",
    "\"\xc3\xa4\"", "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\\u0000\"", "\"\\x41\"", "\"\\u12\"", "\"\t\"", "\"\x7f\"",
    "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "'a'", "\"a",
    ""};
static const char *const names[] = {"\"a\"", "\"b\"", "\"\\u0061\"", "\"A\"", "\"\"", "\"sub\"",
    "\"\xc3\xa4\"", "\"\\u00e4\"", "\"\\u00E4\"", "\"__proto__\"", "a", "1", "\"a\\u0000\""};
static const char *const pieces[] = {"{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800",
    "null", "0", "-", ".", "e", " ", "\n", "\r", "\t", "\f", "\v", "//", "/* */",
    "\xef\xbb\xbf", "\xff", "\x80", "\xc2", "\x1f", "[[[[[[[[[", "{\"a\":1,\"a\":2}", ",,",
    "#"};
static const char *const blanks[] = {" ", "\n", "\t", "\r\n", "\f", "\xc2\xa0", "\v"};
#define COUNT(row) (sizeof(row) / sizeof((row)[0]))

/* Of two random numbers the smaller one: mostly the first rows. */
static unsigned some(struct random *r, size_t count)
{
	unsigned one = random_below(r, count), other = random_below(r, count);
	return one < other ? one : other;
}

static void put_blank(struct random *r, struct text *t)
{
	if (random_below(r, 8) == 0)
		text_put(t, blanks[some(r, COUNT(blanks))]);
}

static void put_value(struct random *r, struct text *t, unsigned depth)
{
	unsigned kind = random_below(r, 4);
	put_blank(r, t);
	if (depth == DEPTH_MOST || kind > 1) {
		text_put(t, scalars[some(r, COUNT(scalars))]);
		return;
	}
	text_put(t, kind == 0 ? "{" : "[");
	for (unsigned i = 0, count = random_below(r, MEMBERS_MOST); i < count; i++) {
		put_blank(r, t);
		text_put(t, i > 0 ? "," : "");
		/* Mostly names that differ. */
		if (kind == 0)
			text_put(t, names[random_below(r, 2) ? i % 2 * 5
							     : random_below(r, COUNT(names))]);
		put_blank(r, t);
		text_put(t, kind == 0 ? ":" : "");
		put_value(r, t, depth + 1);
	}
	put_blank(r, t);
	text_put(t, kind == 0 ? "}" : "]");
}

/* ---- our own reader --------------------------------------------------------------------- */

static void tell_scalar(const struct json *json, const struct cJSON *value, struct text *out)
{
	long long number = 0;
	bool is_integer = json_integer(json, value, &number);
	switch (json_type(value)) {
	case JSON_NULL:
		text_put(out, "null");
		break;
	case JSON_BOOL:
		text_put(out, json_is_true(value) ? "true" : "false");
		break;
	case JSON_NUMBER:
		tell_number(out, is_integer, number);
		break;
	default:
		tell_string(out, json_string(value), strlen(json_string(value)));
		break;
	}
}

/* At most SCAN_DEPTH deep. */
static void tell(const struct json *json, const struct cJSON *value, struct text *out)
{
	bool is_object = json_type(value) == JSON_OBJECT;
	if (!is_object && json_type(value) != JSON_ARRAY) {
		tell_scalar(json, value, out);
		return;
	}
	text_put(out, is_object ? "{" : "[");
	for (const struct cJSON *at = json_first(value); at != NULL; at = json_next(at)) {
		if (is_object)
			tell_string(out, json_name(at), strlen(json_name(at)));
		tell(json, at, out);
	}
	text_put(out, is_object ? "}" : "]");
}

static bool read_ours(const struct text *text, struct text *out)
{
	struct json *json = NULL;
	text_empty(out);
	if (json_parse(text->bytes, text->len, MUTATE_MAX, &json, NULL) != 0)
		return false;
	tell(json, json_root(json), out);
	json_free(json);
	return true;
}

/* ---- judging ---------------------------------------------------------------------------- */

static void show(unsigned long which, const struct text *text, const char *who,
    const struct text *ours, const struct text *theirs)
{
	printf("# case %lu: %s %s what ours accepts\n#   text:", which, who,
	    theirs->len == 0 ? "refuses" : "reads something else in");
	for (size_t i = 0; i < text->len; i++)
		printf(text->bytes[i] >= 0x20 && text->bytes[i] < 0x7f ? "%c" : "\\x%02x",
		    (unsigned char)text->bytes[i]);
	printf("\n#   ours: %s\n#   theirs: %s\n", ours->bytes, theirs->bytes);
}

static void judge(unsigned long which, const struct text *text, struct counts *counts)
{
	static struct text ours, theirs, others;
	bool is_ours = read_ours(text, &ours);
	enum second_answer one = read_jansson(text, &theirs),
			   other = read_json_c(text, &others);
	bool is_same = one == SECOND_YES && strcmp(ours.bytes, theirs.bytes) == 0;
	bool is_other = other == SECOND_YES && strcmp(ours.bytes, others.bytes) == 0;
	enum second_answer both = one;
	if (is_ours && !(is_other && (is_same || one == SECOND_UNABLE)))
		both = SECOND_NO;
	if (counts_add(counts, is_ours, both))
		show(which, text, is_same ? "json-c" : "jansson", &ours,
		    is_same ? &others : &theirs);
}

int main(int argc, char **argv)
{
	static struct text text;
	struct counts c = {0, 0, 0, 0, 0};
	if (argc != 4)
		return 2;
	uint64_t seed = strtoull(argv[1], NULL, 0);
	unsigned long from = strtoul(argv[2], NULL, 10),
		      end = from + strtoul(argv[3], NULL, 10);
	for (unsigned long i = from; i < end && c.laxer == 0; i++) {
		struct random r = random_of(seed, i);
		text_empty(&text);
		put_value(&r, &text, 0);
		while (random_below(&r, 3) == 0)
			mutate(&r, &text, pieces, COUNT(pieces));
		judge(i, &text, &c);
	}
	return counts_print(&c);
}
