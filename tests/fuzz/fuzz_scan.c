/* SPDX-License-Identifier: MIT
 *
 * The strict scanner beside cJSON: what it accepts, cJSON reads, and both find the same
 * top-level members; blanking comments changes nothing in a text that has none.
 */
#include <cjson/cJSON.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/json/json.h"
#include "helper/json/scan.h"

#define MAX (160u * 1024)

/* The fault lies inside the text, or right behind it. */
static void check_fault(const char *text, size_t len, const struct scan_fault *fault)
{
	size_t line, column;
	scan_position(text, text + len, &line, &column);
	HOLDS(fault->what != NULL && fault->what[0] != '\0');
	HOLDS(fault->line >= 1 && fault->line <= line && fault->column >= 1);
	HOLDS(fault->line < line || fault->column <= column);
}

static void check_member(const struct json *document, const struct cJSON *member)
{
	size_t len = 0;
	const char *text = json_source(document, &len);
	struct scan_slice value, name;
	HOLDS(json_raw(document, member, &value, &name));
	HOLDS(value.bytes >= text && value.bytes + value.len <= text + len);
	HOLDS(name.len >= 2 && name.bytes[0] == '"' && name.bytes[name.len - 1] == '"');
	/* What was found is itself a text, of the same type. */
	struct json *json = NULL;
	HOLDS(json_parse(value.bytes, value.len, MAX, &json, NULL) == 0);
	HOLDS(json_type(json_root(json)) == json_type(member));
	HOLDS(json_count(json_root(json)) == json_count(member));
	if (json_string(member) != NULL)
		HOLDS(streq(json_string(member), json_string(json_root(json))));
	json_free(json);
}

static void check_accepted(const char *text, size_t len)
{
	struct json *json = NULL;
	long long n;
	HOLDS(json_parse(text, len, MAX, &json, NULL) == 0);
	const struct cJSON *root = json_root(json);
	for (const struct cJSON *at = json_first(root); at != NULL; at = json_next(at)) {
		if (json_type(root) != JSON_OBJECT)
			break;
		HOLDS(json_member(root, json_name(at)) == at);
		check_member(json, at);
		if (json_integer(json, at, &n))
			HOLDS(n >= 0 && n <= 999999999999 && json_type(at) == JSON_NUMBER);
	}
	json_free(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct scan_fault fault = {0, 0, NULL};
	int r = scan_text(text, len, MAX, &fault);
	char *copy = malloc(len > 0 ? len : 1);
	HOLDS(copy != NULL);
	memcpy(copy, bytes, len);
	int blanked = scan_blank_comments(copy, len, NULL);
	if (r == 0) {
		HOLDS(blanked == 0 && memcmp(copy, bytes, len) == 0);
		check_accepted(text, len);
	} else {
		HOLDS(r == RESULT_JSON);
		check_fault(text, len, &fault);
	}
	/* scan_nth() promises nothing about such a text, but not to leave it either. */
	struct scan_slice value;
	if (scan_nth(text, len, 2, &value, NULL))
		HOLDS(value.bytes >= text && value.bytes + value.len <= text + len);
	free(copy);
	return 0;
}
