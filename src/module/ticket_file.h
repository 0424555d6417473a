/* SPDX-License-Identifier: MIT
 *
 * Tickets on the disk: one file in paths.run for a uid and a configuration's path, root's,
 * 0600, and a lock file beside it.
 */
#ifndef MODULE_TICKET_FILE_H
#define MODULE_TICKET_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "module/ticket.h"

/* Takes the lock of a ticket, waiting until deadline (clock_ms()). *lock is a descriptor,
 * or -1 unless 0 is returned. Returns 0, RESULT_TICKET_LOCK (not in time) or
 * RESULT_TICKET_KEEP (no folder of ours). */
int ticket_file_lock(uid_t, const char *path, int64_t deadline, int *lock);

/* Gives it back; *lock is -1 afterwards, and may be before. */
void ticket_file_unlock(int *lock);

/* The kernel's boot id; "" when it cannot be read, which fits no ticket. */
void ticket_file_boot(char boot[TICKET_BOOT_MAX + 1]);

/* What is kept for this uid and configuration; false, and the ticket empty, when nothing
 * is, or something odd. Whose it is has yet to be judged. */
bool ticket_file_read(uid_t, const char *path, struct ticket *);

/* Keeps it, whole or not at all. The lock must be held. Returns 0 or RESULT_TICKET_KEEP. */
int ticket_file_write(const struct ticket *);

/* The same where Cognito has spoken: what was known before must not live on, so a ticket that
 * cannot be kept takes the older one with it. */
int ticket_file_write_or_remove(const struct ticket *);

/* Could one be written now? A refresh whose new token cannot be kept is not begun. */
bool ticket_file_may_write(void);

/* Shows every ticket that can be read, whoever's and of whatever worth, until visit returns
 * false. False when there is no folder of ours. */
bool ticket_file_each(bool (*visit)(const struct ticket *, void *), void *);

/* Takes the ticket of this uid and configuration away. Without its lock a program that is
 * just writing may bring it back. */
bool ticket_file_remove(uid_t, const char *path);

/* Takes away one expired ticket of this configuration, whoever's it is, for its refresh
 * token to be revoked; its body is appended to out. Leftovers of dead writers go too. */
void ticket_file_take_expired(const char *path, struct buffer *out);

#endif
