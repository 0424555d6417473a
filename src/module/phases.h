/* SPDX-License-Identifier: MIT
 *
 * The PAM phases, each in a file of its name. Each runs after transaction_begin().
 */
#ifndef MODULE_PHASES_H
#define MODULE_PHASES_H

struct allowed;
struct transaction;

/* Signs the person in, or takes the ticket for it (the option reuse). Returns 0 or the
 * result code of the refusal. */
int authenticate_run(struct transaction *);

/* Decides again, now: for the person whom auth signed in, or by a live ticket. Writes the
 * ticket of an auth before it allows. Sets the transaction's unmanaged for a user who is not
 * one of the pool's. Returns 0 or the result code of the refusal. */
int account_run(struct transaction *);

/* Whom setcred and session act for: the person whom account allowed in this transaction,
 * whatever the host has put into PAM_USER since (sudo: the target). Where account ran in
 * another process (sshd), the user whose ticket says so. Borrowed from PAM's storage; NULL
 * when account allowed nobody of ours, or nobody knows. Contacts nobody. */
const struct allowed *account_allowed(struct transaction *);

/* Adds the groups that the rules grant and the PAM line's grant= allows, if PAM_USER still is
 * the person whom account allowed. Returns 0, also when there is nothing to do, or
 * RESULT_GROUPS. */
int setcred_run(struct transaction *);

/* Exports the claims that the configuration names. Nothing here can fail a login. */
void session_open(struct transaction *);

/* Changes the pool's password; under PAM_PRELIM_CHECK tells whether that is possible. Returns 0
 * or the result code of the refusal. */
int password_change(struct transaction *);

#endif
