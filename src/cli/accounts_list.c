/* SPDX-License-Identifier: MIT
 *
 * accounts list: our records as their file names and links have them.
 */
#include <stdio.h>
#include <string.h>

#include "cli/accounts.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/text.h"

#define NAME_SIZE 300

/* "records/alice.user-privileged": "alice". */
static bool take_name(
    const struct bundle_entry *entry, const char *ending, char *out, size_t size)
{
	const size_t before = strlen("records/");
	size_t len = entry->name.len, tail = strlen(ending);
	return len > before + tail &&
	       memcmp(entry->name.bytes + len - tail, ending, tail) == 0 &&
	       text_copy(entry->name.bytes + before, len - before - tail, out, size);
}

static bool holds(const struct bundle_entry *entry, const char *text)
{
	return entry != NULL &&
	       memmem(entry->content.bytes, entry->content.len, text, strlen(text)) != NULL;
}

/* The number in our own line of a record. */
static unsigned long number_of(const struct bundle_entry *entry, const char *before)
{
	const char *at = entry != NULL ? memmem(entry->content.bytes, entry->content.len,
					     before, strlen(before))
				       : NULL;
	const char *end = entry != NULL ? entry->content.bytes + entry->content.len : NULL;
	unsigned long number = 0;
	for (at = at != NULL ? at + strlen(before) : end; at < end && *at >= '0' && *at <= '9';
	     at++)
		number = number * 10 + (unsigned long)(*at - '0');
	return number;
}

static void list_groups(struct accounts *run, const char *user, struct buffer *shown)
{
	char prefix[NAME_SIZE];
	snprintf(prefix, sizeof(prefix), "records/%s:", user);
	size_t before = strlen(prefix), after = strlen(".membership");
	const struct bundle_entry *at = bundle_first(&run->files, prefix);
	for (; bundle_is_below(&run->files, at, prefix); at++)
		if (at->name.len > before + after)
			buffer_append_format(shown, "%s%.*s", shown->len > 0 ? "," : "",
			    (int)(at->name.len - before - after), at->name.bytes + before);
}

static void list_user(struct accounts *run, const char *name)
{
	struct buffer groups = BUFFER_INIT(RECORD_FILE_MAX);
	char file[NAME_SIZE];
	snprintf(file, sizeof(file), "%s.user", name);
	const struct bundle_entry *public = accounts_file(run, file);
	unsigned long uid = number_of(public, "\n\t\"uid\": ");
	const char *state = public == NULL                            ? "incomplete"
			    : holds(public, "\n\t\"locked\": true\n") ? "locked"
								      : "active";
	list_groups(run, name, &groups);
	output_line(run->out, "%-32s %-10lu %-10s %s", name, uid, state, buffer_text(&groups));
	output_json(run->out, "{name:%s uid:%lld state:%s groups:%s}", name, (long long)uid,
	    state, buffer_text(&groups));
	output_piece(run->out);
	buffer_wipe(&groups);
}

int accounts_list(struct accounts *run)
{
	char name[NAME_SIZE];
	size_t count = 0;
	if (!accounts_read_records(run))
		return EXIT_TROUBLE;
	output_json(run->out, "accounts:[");
	const struct bundle_entry *at = bundle_first(&run->files, "records/");
	for (; bundle_is_below(&run->files, at, "records/"); at++)
		if (take_name(at, ".user-privileged", name, sizeof(name)) &&
		    holds(at, "\"pam_cognito_oidc\": {")) {
			list_user(run, name);
			count++;
		}
	output_json(run->out, "] count:%lld ok:%d", (long long)count, true);
	if (count == 0)
		output_line(run->out, "no accounts of the pool");
	return EXIT_YES;
}
