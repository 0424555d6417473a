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
#define NAME_SIZE 32 /* of a member that a format names */

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

/* The comma that is due, the name if it has one, and the value as JSON writes it. */
static void add_value(struct output *out, const char *name, const char *value)
{
	if (out->has_members)
		buffer_append_byte(&out->text, ',');
	out->has_members = true;
	if (name != NULL) {
		output_quote(&out->text, name);
		buffer_append_byte(&out->text, ':');
	}
	buffer_append_text(&out->text, value);
}

void output_json(struct output *out, const char *format, ...)
{
	char own[NAME_SIZE], number[NAME_SIZE];
	const char *name = NULL, *text;
	size_t len;
	va_list args;
	va_start(args, format);
	for (const char *at = format; out->is_json && *at != '\0'; at += len) {
		len = strcspn(at, ":{}[] ");
		if (len > 0 && at[len] == ':') {
			snprintf(own, sizeof(own), "%.*s", (int)len++, at);
			name = *at == '%' ? va_arg(args, const char *) : own;
			continue;
		}
		if (text_starts(at, "%s") && (text = va_arg(args, const char *)) != NULL) {
			add_value(out, name, "");
			output_quote(&out->text, text);
		} else if (text_starts(at, "%d")) {
			add_value(out, name, va_arg(args, int) != 0 ? "true" : "false");
		} else if (text_starts(at, "%lld")) {
			snprintf(number, sizeof(number), "%lld", va_arg(args, long long));
			add_value(out, name, number);
		} else if (*at == '{' || *at == '[') {
			add_value(out, name, *at == '{' ? "{" : "[");
			out->has_members = false;
		} else if (*at == '}' || *at == ']') {
			buffer_append_byte(&out->text, (unsigned char)*at);
			out->has_members = true;
		}
		len += len == 0 ? 1 : 0;
		name = NULL;
	}
	va_end(args);
}

void output_open(struct output *out, bool is_json, bool is_utf8, bool has_colour)
{
	*out = (struct output){.is_json = is_json,
	    .is_utf8 = is_utf8,
	    .has_colour = has_colour,
	    .text = BUFFER_INIT(OUTPUT_MAX)};
	output_json(out, "{");
}

void output_piece(struct output *out)
{
	if (out->text.error != 0)
		return;
	fputs(buffer_text(&out->text), stdout);
	buffer_cut(&out->text, 0);
}

void output_flush(struct output *out)
{
	if (out->is_json)
		return;
	output_piece(out);
	fflush(stdout);
}

bool output_print(struct output *out)
{
	output_json(out, "}");
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

void output_marked(struct output *out, const char *mark, const char *format, ...)
{
	static const struct {
		const char *mark, *colour;
	} colours[] = {{"ok", "32"}, {"warn", "33"}, {"FAIL", "1;31"}};
	char line[LINE_MAX_BYTES], shown[LINE_MAX_BYTES];
	const char *colour = NULL;
	va_list args;
	if (out->is_json)
		return;
	for (size_t i = 0; out->has_colour && i < sizeof(colours) / sizeof(colours[0]); i++)
		if (streq(colours[i].mark, mark))
			colour = colours[i].colour;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_printable(line, strlen(line), shown, sizeof(shown));
	if (colour != NULL)
		buffer_append_format(
		    &out->text, "\033[%sm%-4s\033[0m %s\n", colour, mark, shown);
	else
		buffer_append_format(&out->text, "%-4s %s\n", mark, shown);
}
