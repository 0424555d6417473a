/* SPDX-License-Identifier: MIT
 *
 * Tickets on the disk: for each uid and configuration path one file in the tickets'
 * directory, root's, 0600, and a lock file beside it.
 */
#ifndef MODULE_TICKET_FILE_H
#define MODULE_TICKET_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "module/ticket.h"

/* Takes the lock of a ticket, waiting until deadline (clock_ms()). *lock is a descriptor,
 * or -1 unless 0 is returned. Returns 0, RESULT_TICKET_LOCK (not in time) or
 * RESULT_TICKET_KEEP (no directory of ours). */
int ticket_file_lock(uid_t, const char *path, int64_t deadline, int *lock);

/* Releases it; *lock is -1 afterwards, and may be before. */
void ticket_file_unlock(int *lock);

/* The kernel's boot id; "" when it cannot be read, which fits no ticket. */
void ticket_file_boot(char boot[TICKET_BOOT_MAX + 1]);

/* Reads the ticket of this uid and configuration. False, and the ticket empty, when there is
 * none or it cannot be trusted. The caller judges whose it is. */
bool ticket_file_read(uid_t, const char *path, struct ticket *);

/* What the ticket of this file is worth to the user that it names; TICKET_ABSENT for a name
 * that has another uid now. */
enum ticket_worth ticket_file_worth(const struct ticket *);

/* Writes it, whole or not at all. The lock must be held. Returns 0 or RESULT_TICKET_KEEP. */
int ticket_file_write(const struct ticket *);

/* The same where the older ticket must not live on: if the new one cannot be written, the
 * older one is removed. */
int ticket_file_write_or_remove(const struct ticket *);

/* Shows every readable ticket, of any owner and worth, until visit returns false. False when
 * there is no directory of ours. */
bool ticket_file_each(bool (*visit)(const struct ticket *, void *), void *);

/* Removes the ticket of this uid and configuration. Without its lock a program that is just
 * writing may bring it back. */
bool ticket_file_remove(uid_t, const char *path);

/* Removes it, under its lock, if it is over for its own user; waits for the lock no longer
 * than until deadline. Is it gone? */
bool ticket_file_remove_expired(uid_t, const char *path, int64_t deadline);

/* Removes what dead writers left, and files that are no tickets. */
void ticket_file_sweep(void);

#endif
