/* SPDX-License-Identifier: MIT
 *
 * What the files of the verb "accounts" share: one run, from the files that it read to the
 * records that it writes. Private to them.
 */
#ifndef CLI_ACCOUNTS_H
#define CLI_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/plan.h"
#include "helper/accounts/settings.h"

struct arguments;
struct config;
struct frame;
struct output;

#define ACCOUNTS_FOLDER "/accounts" /* below paths.state: tombstones, applied, the lock */
#define ACCOUNTS_APPLIED "applied"
#define ACCOUNTS_TOMBSTONE ".tombstone"
#define ACCOUNTS_NOLOGIN "/usr/sbin/nologin"

/* A name and its uid, of /etc/passwd. */
struct accounts_local {
	char *name;
	uint32_t uid;
};

struct accounts {
	const struct arguments *arguments;
	struct output *out;
	struct config *config;
	struct accounts_settings settings;
	struct buffer bytes; /* the bundle */
	struct bundle files; /* the same, to look into */
	struct plan *plan; /* what the helper sent, checked here; owned */
	int64_t made; /* the export's time */
	uint32_t gid; /* of primary_group */
	struct accounts_local *local; /* by name */
	size_t local_len;
	long prune_days; /* negative: not asked for */
	int folder; /* the records'; -1 until accounts_open() */
	size_t writes, changes, left_out;
	bool failed;
};

/* ---- accounts_files.c: what is read ----------------------------------------------------- */

/* The folder and files of an export, the records, and what earlier runs left, into the bundle.
 * Complains; false when something cannot be read or is not root's alone. */
bool accounts_read_export(struct accounts *, const char *folder);
bool accounts_read_records(struct accounts *);
/* A sealed file in memory with the bundle, or -1. */
int accounts_enclose(const struct accounts *);

/* A record's file as it was read, or NULL. */
const struct bundle_entry *accounts_file(const struct accounts *, const char *name);

/* ---- accounts_check.c: what the helper said, within this process's own limits -------------
 */

/* helper_client's account: takes one frame. False is a breach of the protocol. */
bool accounts_take(void *accounts, const struct frame *);
/* Leaves out who would take what belongs to others of this host. */
bool accounts_check_host(struct accounts *);
/* What is wrong with accounts.uid_range on this host, or NULL; written into out. */
const char *accounts_range_fault(uint32_t first, uint32_t last, char *out, size_t size);

/* The home of this name, by accounts.home. */
void accounts_home(const struct accounts *, const char *name, char *out, size_t size);

/* ---- accounts_write.c: what is written -------------------------------------------------- */

/* Opens the folder of records and takes the lock. */
bool accounts_open(struct accounts *, int *lock);
/* Shows, and with is_apply makes, each change. */
void accounts_change(struct accounts *, bool is_apply);

/* ---- accounts_list.c -------------------------------------------------------------------- */

/* What is there. Returns the exit code. */
int accounts_list(struct accounts *);

#endif
