/* SPDX-License-Identifier: MIT */
#include <json-c/json.h>
#include <string.h>

#include "differential/readers.h"

static void tell_scalar(struct json_object *value, struct text *out)
{
	int64_t number = json_object_get_int64(value);
	switch (json_object_get_type(value)) {
	case json_type_string:
		tell_string(out, json_object_get_string(value),
		    (size_t)json_object_get_string_len(value));
		break;
	case json_type_int:
		tell_number(out, number >= 0 && number <= READERS_INTEGER_MAX, number);
		break;
	case json_type_double:
		tell_number(out, false, 0);
		break;
	default:
		text_put(out, value == NULL                    ? "null"
			      : json_object_get_boolean(value) ? "true"
							       : "false");
		break;
	}
}

/* The tokener nests no deeper than it was told. */
static void tell(struct json_object *value, struct text *out)
{
	if (json_object_is_type(value, json_type_object)) {
		text_put(out, "{");
		json_object_object_foreach(value, name, one)
		{
			tell_string(out, name, strlen(name));
			tell(one, out);
		}
		text_put(out, "}");
	} else if (json_object_is_type(value, json_type_array)) {
		text_put(out, "[");
		for (size_t i = 0; i < json_object_array_length(value); i++)
			tell(json_object_array_get_idx(value, i), out);
		text_put(out, "]");
	} else {
		tell_scalar(value, out);
	}
}

enum second_answer read_json_c(const struct text *text, struct text *out)
{
	struct json_tokener *tokener = json_tokener_new();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With its NUL: without, a number has no end. */
	struct json_object *root =
	    json_tokener_parse_ex(tokener, text->bytes, (int)text->len + 1);
	bool is_read = json_tokener_get_error(tokener) == json_tokener_success &&
		       json_tokener_get_parse_end(tokener) >= text->len;
	text_empty(out);
	if (is_read)
		tell(root, out);
	json_object_put(root);
	json_tokener_free(tokener);
	return is_read ? SECOND_YES : SECOND_NO;
}
