/* SPDX-License-Identifier: MIT
 *
 * The files that the confined helper plans accounts from, in one run of bytes: it opens none
 * itself. An entry is two fields (common/frame.h): a name, and the content.
 *
 *	export/export.json, export/client.json, export/groups/GROUP.json
 *	records/NAME	a file of the folder of account records; of a link, where it leads to
 *	tombstones/UID	what a record that was removed leaves
 *	applied		the time of the export that was applied last, in seconds since 1970
 */
#ifndef HELPER_ACCOUNTS_BUNDLE_H
#define HELPER_ACCOUNTS_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/frame.h"

struct buffer;

/* The contract's limit of an export, and as much again for records and their names. */
#define BUNDLE_EXPORT_MAX (64u * 1024 * 1024)
#define BUNDLE_MAX (128u * 1024 * 1024)
#define BUNDLE_NAME_MAX 320 /* "export/groups/", a group's 128 characters, ".json" */

/* Borrowed from the bytes. */
struct bundle_entry {
	struct field name, content;
};

struct bundle {
	struct bundle_entry *entries; /* in the order of their names */
	size_t len;
};

/* Appends one entry. The buffer remembers its error. */
void bundle_put(
    struct buffer *, const char *folder, const char *name, const void *bytes, size_t len);

/* Reads the whole. Returns 0, RESULT_HELPER_FRAME (cut off, or a name twice) or RESULT_MEMORY;
 * bundle_free() in any case. */
int bundle_read(const char *bytes, size_t len, struct bundle *);
void bundle_free(struct bundle *);

/* The entry of this folder ("" or "records/") and name, or NULL. */
const struct bundle_entry *bundle_find(
    const struct bundle *, const char *folder, const char *name);

/* The first entry whose name begins with prefix; those that follow it do so as long as
 * bundle_is_below() holds. */
const struct bundle_entry *bundle_first(const struct bundle *, const char *prefix);
bool bundle_is_below(const struct bundle *, const struct bundle_entry *, const char *prefix);

#endif
