/* SPDX-License-Identifier: MIT
 *
 * Which account each person of an export has on this host. Pure: it knows the export, the
 * records that are there and what removed ones left, never this host. What the host itself
 * knows (other accounts, homes) the command asks, which trusts nothing of this further than
 * it must.
 */
#ifndef HELPER_ACCOUNTS_PLAN_H
#define HELPER_ACCOUNTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "helper/accounts/record.h"

struct accounts_settings;
struct bundle;
struct config;
struct export;
struct reason;

#define PLAN_WHY_MAX 256
/* Beyond these nss-systemd takes so long that logins suffer: docs/performance.md. */
#define PLAN_RECORDS_MOST 10000
#define PLAN_MEMBERS_MOST 5000
#define PLAN_REMOVALS_LEAST 3 /* people; may always leave at a time */

enum plan_state {
	PLAN_GROUP, /* a group of ours: name and gid */
	PLAN_ACTIVE, /* has an account */
	PLAN_LOCKED, /* had one: name and uid stay */
	PLAN_LEFT_OUT, /* gets none; why says what to do */
	PLAN_STATES
};

struct plan_row {
	enum plan_state state;
	char name[RECORD_NAME_MAX + 1]; /* "" for somebody who is left out without a name */
	uint32_t id; /* uid or gid */
	bool is_new; /* has no record yet */
	char *issuer, *sub, *login, *real_name, *keys; /* owned; "" where there is none */
	uint64_t groups; /* bit n: unix_groups' nth */
	char why[PLAN_WHY_MAX]; /* printable; "" when there is nothing to tell */
};

struct plan {
	struct plan_row *rows; /* groups first, then people by name */
	size_t len, size; /* used, and with room */
};

/* force: more than max_removals, and more than the limits above. Returns 0, RESULT_MEMORY, or
 * RESULT_EXPORT, RESULT_RECORDS or RESULT_LIMITS with the sentence in reason; *out is then
 * NULL. plan_free(). */
int plan_make(const struct bundle *, const struct config *, const struct accounts_settings *,
    const struct export *, bool force, struct plan **out, struct reason *);
void plan_free(struct plan *); /* NULL is accepted */

/* first + SHA-256(issuer NUL name) modulo the range's length: the same on every host. False
 * when the digest cannot be computed. */
bool plan_number(
    const struct accounts_settings *, const char *issuer, const char *name, uint32_t *id);

#endif
