/* SPDX-License-Identifier: MIT
 *
 * The report is collected in one buffer, which remembers its first error: a report that does
 * not fit is not printed in part. JSON is written member after member, in the verb's order.
 */
#include "cli/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define LINE_MAX_BYTES 2048 /* an address of 1 KiB and what is said of it */

bool complain(const char *format, ...)
{
	char line[LINE_MAX_BYTES], shown[LINE_MAX_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_printable(line, strlen(line), shown, sizeof(shown));
	fprintf(stderr, "cognito-oidc: %s\n", shown);
	return false;
}

void output_quote(struct buffer *to, const char *text)
{
	char shown[LINE_MAX_BYTES];
	if (json_write_string(to, text) != RESULT_JSON)
		return;
	text_printable(text, strlen(text), shown, sizeof(shown));
	json_write_string(to, shown);
}

/* JSON: the comma that is due, and the name. False for text. */
static bool name_member(struct output *out, const char *name)
{
	if (!out->is_json)
		return false;
	if (out->has_members)
		buffer_append_byte(&out->text, ',');
	out->has_members = true;
	if (name != NULL) {
		output_quote(&out->text, name);
		buffer_append_byte(&out->text, ':');
	}
	return true;
}

void output_begin(struct output *out, const char *name, char bracket)
{
	if (!name_member(out, name))
		return;
	buffer_append_byte(&out->text, (unsigned char)bracket);
	out->has_members = false;
}

void output_end(struct output *out, char bracket)
{
	if (!out->is_json)
		return;
	buffer_append_byte(&out->text, (unsigned char)bracket);
	out->has_members = true;
}

void output_open(struct output *out, bool is_json, bool is_utf8)
{
	*out = (struct output){
	    .is_json = is_json, .is_utf8 = is_utf8, .text = BUFFER_INIT(OUTPUT_MAX)};
	output_begin(out, NULL, '{');
}

void output_flush(struct output *out)
{
	if (out->is_json || out->text.error != 0)
		return;
	fputs(buffer_text(&out->text), stdout);
	fflush(stdout);
	buffer_wipe(&out->text);
}

bool output_print(struct output *out)
{
	output_end(out, '}');
	if (out->is_json)
		buffer_append_byte(&out->text, '\n');
	int r = out->text.error;
	if (r == 0)
		fputs(buffer_text(&out->text), stdout);
	else
		complain("%s", result_phrase(r));
	buffer_wipe(&out->text);
	return r == 0;
}

void output_string(struct output *out, const char *name, const char *value)
{
	if (name_member(out, name))
		output_quote(&out->text, value);
}

void output_bool(struct output *out, const char *name, bool value)
{
	if (name_member(out, name))
		buffer_append_text(&out->text, value ? "true" : "false");
}

void output_accepted(struct output *out, const struct cJSON *first)
{
	for (const struct cJSON *at = first; at != NULL; at = json_next(at)) {
		if (json_string(at) != NULL)
			output_string(out, json_name(at), json_string(at));
		else
			output_bool(out, json_name(at), json_is_true(at));
	}
}

void output_number(struct output *out, const char *name, long long value)
{
	if (name_member(out, name))
		buffer_append_format(&out->text, "%lld", value);
}

void output_line(struct output *out, const char *format, ...)
{
	char line[LINE_MAX_BYTES], shown[LINE_MAX_BYTES];
	va_list args;
	if (out->is_json)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_printable(line, strlen(line), shown, sizeof(shown));
	buffer_append_format(&out->text, "%s\n", shown);
}
