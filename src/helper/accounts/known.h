/* SPDX-License-Identifier: MIT
 *
 * What a plan begins with: the records that are there, and the tombstones.
 */
#ifndef HELPER_ACCOUNTS_KNOWN_H
#define HELPER_ACCOUNTS_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bundle;
struct config;
struct reason;

/* A record that is there, or what a removed one left. */
struct known {
	char *name, *sub, *issuer, *login, *real_name; /* owned; sub is "" unless it is ours */
	uint32_t uid;
	bool has_uid;
	bool is_ours;
	bool is_tombstone;
	bool is_locked;
	bool is_taken_up; /* by somebody of the export */
};

struct known_set {
	struct known *items;
	size_t len, size;
	struct known **by_name, **by_uid, **by_sub; /* tombstones last among equals */
};

/* Reads them into an empty set. Returns 0, RESULT_MEMORY, or RESULT_RECORDS with the sentence:
 * two records of one uid or sub, or one that is not as it was written. known_free() in any
 * case. */
int known_learn(struct known_set *, const struct bundle *, struct reason *);
void known_free(struct known_set *);

/* The record, or else the tombstone, of this name, uid, or sub of the configuration's pool; or
 * NULL. */
struct known *known_by_name(const struct known_set *, const char *name);
struct known *known_by_uid(const struct known_set *, uint32_t uid);
struct known *known_by_sub(const struct known_set *, const struct config *, const char *sub);

#endif
