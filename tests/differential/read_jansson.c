/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>

#include "differential/readers.h"

static void tell_scalar(const json_t *value, struct text *out)
{
	json_int_t number = json_integer_value(value);
	switch (json_typeof(value)) {
	case JSON_STRING:
		tell_string(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		tell_number(out, number >= 0 && number <= READERS_INTEGER_MAX, number);
		break;
	case JSON_REAL:
		tell_number(out, false, 0);
		break;
	default:
		text_put(out, json_is_null(value)   ? "null"
			      : json_is_true(value) ? "true"
						    : "false");
		break;
	}
}

/* A mutated text is short: it nests no deeper than its length. */
static void tell(json_t *value, struct text *out)
{
	size_t i = 0;
	json_t *one = NULL;
	const char *name = NULL;
	if (json_is_object(value)) {
		text_put(out, "{");
		json_object_foreach(value, name, one)
		{
			tell_string(out, name, strlen(name));
			tell(one, out);
		}
		text_put(out, "}");
	} else if (json_is_array(value)) {
		text_put(out, "[");
		json_array_foreach(value, i, one)
		{
			tell(one, out);
		}
		text_put(out, "]");
	} else {
		tell_scalar(value, out);
	}
}

enum second_answer read_jansson(const struct text *text, struct text *out)
{
	json_error_t error;
	json_t *root = json_loadb(
	    text->bytes, text->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	text_empty(out);
	if (root == NULL)
		return json_error_code(&error) == json_error_numeric_overflow ? SECOND_UNABLE
									      : SECOND_NO;
	tell(root, out);
	json_decref(root);
	return SECOND_YES;
}
