/* SPDX-License-Identifier: MIT
 *
 * What export-accounts wrote: who is in the groups of the configuration. People wrote parts of
 * it (names, attributes), so it is read in the confined helper only, and strictly: a file that
 * is cut off, of another pool, or not of the documented form is refused as a whole.
 *
 *	groups/GROUP.json	aws cognito-idp list-users-in-group, every page
 *	client.json		aws cognito-idp describe-user-pool-client
 *	export.json		{"issuer", "pool_id", "time", "groups": {GROUP: count}}
 */
#ifndef HELPER_ACCOUNTS_EXPORT_H
#define HELPER_ACCOUNTS_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct accounts_settings;
struct bundle;
struct config;
struct reason;

#define EXPORT_GROUPS_MAX 64 /* a bit each; a person is in at most 100 groups of a pool */
#define EXPORT_SUB_MAX 128 /* a UUID in practice */
#define EXPORT_LOGIN_MAX 512 /* 128 characters of up to four bytes */
#define EXPORT_REAL_NAME_MAX 128 /* bytes; longer ones are cut */
#define EXPORT_AGE_MAX (24 * 3600) /* seconds */
#define EXPORT_AHEAD_MAX 300 /* the exporting host's clock */

/* Owned texts. */
struct export_person {
	char *sub;
	char *login; /* what is sent to Cognito: the user name, or a verified e-mail address if
		      * the pool made the name up */
	char *name; /* the local name by the configuration, as it came; NULL: none */
	const char *nameless; /* why there is none; static */
	char *real_name; /* printable, without ':'; may be "" */
	char *uid_text; /* uid_attribute's; NULL: absent */
	char *keys_text; /* ssh_keys_attribute's; NULL: absent */
	int64_t created; /* UserCreateDate, milliseconds since 1970 */
	bool enabled;
	uint64_t groups; /* bit n: accounts.groups' nth */
};

struct export
{
	struct export_person *people; /* in the order of sub, each once */
	size_t len;
	int64_t time; /* when it was made, seconds since 1970 */
	bool uid_writable, keys_writable; /* by anyone, through this app client */
};

/* Reads an export for this configuration. applied: the time of the last one that was applied,
 * or 0. *out is NULL unless 0 is returned; export_free(). Returns 0, RESULT_MEMORY or
 * RESULT_EXPORT, with the sentence in reason. */
int export_read(const struct bundle *, const struct config *, const struct accounts_settings *,
    int64_t applied, int64_t now, struct export **out, struct reason *);
void export_free(struct export *); /* NULL is accepted */

#endif
