/* SPDX-License-Identifier: MIT
 *
 * What one call of a transaction tells the next, in PAM's own data: whom auth has signed
 * in, with the ticket that is not on the disk yet; and whom account has allowed. The host
 * may change PAM_USER or PAM_SERVICE in between. The data are lost where a host asks another
 * process.
 */
#ifndef MODULE_BINDING_H
#define MODULE_BINDING_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <sys/types.h>

struct ticket;

/* By auth: replaces what an earlier one bound. A ticket that is not on the disk yet is moved
 * into it and left empty; NULL: it is there already. Returns 0 or RESULT_MEMORY. */
int binding_set(
    pam_handle_t *, const char *user, uid_t uid, const char *service, struct ticket *);

/* Forgets everything: an auth that begins owes nothing to what was before. */
void binding_clear(pam_handle_t *);

/* Is exactly this user, uid and service bound? Returns 0, RESULT_NOT_SIGNED_IN (nobody is)
 * or RESULT_USER_CHANGED. */
int binding_check(pam_handle_t *, const char *user, uid_t uid, const char *service);

/* The ticket that is not on the disk, or NULL. Borrowed, and writable: it may be refreshed
 * before it is kept. */
struct ticket *binding_ticket(pam_handle_t *);

/* It is on the disk now: wiped here. */
void binding_ticket_kept(pam_handle_t *);

/* Whom account allowed; groups and exports as in the ticket. */
struct binding_person {
	char *user;
	uid_t uid;
	char *groups; /* GROUP,GROUP or "" */
	char *exports;
};

/* By account, which allowed somebody. Returns 0 or RESULT_MEMORY. */
int binding_allow(
    pam_handle_t *, const char *user, uid_t uid, const char *groups, const char *exports);

/* By account, which allowed nobody of ours. */
void binding_allow_nobody(pam_handle_t *);

/* False when no account of this transaction has spoken, in this process. *person is NULL
 * when it allowed nobody of ours. Borrowed. */
bool binding_allowed(pam_handle_t *, const struct binding_person **person);

#endif
