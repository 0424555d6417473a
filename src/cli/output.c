/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/environment.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define LINE_MAX_BYTES 2048 /* an address of 1 KiB and what is said of it */

const char *output_mark(bool holds)
{
	if (environment_is_utf8())
		return holds ? "\xe2\x9c\x93" : "\xe2\x9c\x97";
	return holds ? "ok" : "no";
}

static void note(struct output *out, int r)
{
	if (out->failed == 0)
		out->failed = r;
}

static void write_string(struct output *out, const char *value)
{
	char shown[LINE_MAX_BYTES];
	int r = json_write_string(&out->text, value);
	if (r == RESULT_JSON) {
		text_printable(value, strlen(value), shown, sizeof(shown));
		r = json_write_string(&out->text, shown);
	}
	note(out, r);
}

/* The comma that is due, and the name. */
static void begin_member(struct output *out, const char *name)
{
	if (out->has_members)
		note(out, buffer_append_byte(&out->text, ','));
	out->has_members = true;
	if (name == NULL)
		return;
	write_string(out, name);
	note(out, buffer_append_byte(&out->text, ':'));
}

static void open_container(struct output *out, const char *name, unsigned char bracket)
{
	if (!out->is_json)
		return;
	begin_member(out, name);
	note(out, buffer_append_byte(&out->text, bracket));
	out->has_members = false;
}

static void close_container(struct output *out, unsigned char bracket)
{
	if (!out->is_json)
		return;
	note(out, buffer_append_byte(&out->text, bracket));
	out->has_members = true;
}

void output_open(struct output *out, bool is_json)
{
	*out = (struct output){.is_json = is_json, .text = BUFFER_INIT(OUTPUT_MAX)};
	open_container(out, NULL, '{');
}

bool output_print(struct output *out)
{
	close_container(out, '}');
	if (out->is_json)
		note(out, buffer_append_byte(&out->text, '\n'));
	bool good = out->failed == 0;
	if (good)
		fputs(buffer_text(&out->text), stdout);
	else
		fprintf(stderr, "cognito-oidc: %s\n", result_phrase(out->failed));
	buffer_wipe(&out->text);
	return good;
}

void output_flush(struct output *out)
{
	if (out->is_json || out->failed != 0)
		return;
	fputs(buffer_text(&out->text), stdout);
	fflush(stdout);
	buffer_wipe(&out->text);
}

void output_object(struct output *out, const char *name)
{
	open_container(out, name, '{');
}

void output_array(struct output *out, const char *name)
{
	open_container(out, name, '[');
}

void output_end_object(struct output *out)
{
	close_container(out, '}');
}

void output_end_array(struct output *out)
{
	close_container(out, ']');
}

void output_string(struct output *out, const char *name, const char *value)
{
	if (!out->is_json)
		return;
	begin_member(out, name);
	write_string(out, value);
}

void output_bool(struct output *out, const char *name, bool value)
{
	if (!out->is_json)
		return;
	begin_member(out, name);
	note(out, buffer_append_text(&out->text, value ? "true" : "false"));
}

void output_accepted(struct output *out, const struct cJSON *first)
{
	for (const struct cJSON *at = first; at != NULL; at = json_next(at)) {
		if (json_string(at) != NULL)
			output_string(out, NULL, json_string(at));
		else
			output_bool(out, NULL, json_is_true(at));
	}
}

void output_number(struct output *out, const char *name, long long value)
{
	if (!out->is_json)
		return;
	begin_member(out, name);
	note(out, buffer_append_format(&out->text, "%lld", value));
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
	note(out, buffer_append_format(&out->text, "%s\n", shown));
}
