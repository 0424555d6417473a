/* SPDX-License-Identifier: MIT
 *
 * Comments are no JSON, but a config file wants them: they become spaces before the scan,
 * so that every fault keeps its place.
 */
#include <string.h>

#include "common/result.h"
#include "helper/json/scan.h"

/* Blanks one comment that begins at `at`; returns what follows, or NULL when it is open. */
static char *blank_comment(char *at, char *end)
{
	bool is_block = at[1] == '*';
	char *stop = is_block ? memmem(at + 2, (size_t)(end - at) - 2, "*/", 2)
			      : memchr(at, '\n', (size_t)(end - at));
	if (stop == NULL && is_block)
		return NULL;
	if (stop == NULL)
		stop = end;
	else if (is_block)
		stop += 2;
	for (; at < stop; at++)
		if (*at != '\n' && *at != '\r')
			*at = ' ';
	return stop;
}

int scan_blank_comments(char *text, size_t len, struct scan_fault *fault)
{
	char *end = text + len, *at = text;
	bool in_string = false;
	while (at < end) {
		bool pair = end - at > 1;
		if (in_string) {
			/* A string that is left open ends with its line: scan_text() says so.
			 */
			in_string = *at != '"' && *at != '\n';
			at += *at == '\\' && pair ? 2 : 1;
			continue;
		}
		in_string = *at == '"';
		if (*at != '/' || !pair || (at[1] != '/' && at[1] != '*')) {
			at++;
			continue;
		}
		char *next = blank_comment(at, end);
		if (next == NULL) {
			if (fault != NULL) {
				scan_position(text, at, &fault->line, &fault->column);
				fault->what = "comment is not closed";
			}
			return RESULT_JSON;
		}
		at = next;
	}
	return 0;
}
