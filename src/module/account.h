/* SPDX-License-Identifier: MIT
 *
 * The course of account: decide again, now. Whom auth has signed in within this transaction,
 * or who holds a live ticket; nobody else of the pool's people.
 */
#ifndef MODULE_ACCOUNT_H
#define MODULE_ACCOUNT_H

struct transaction;

/* After transaction_begin(). Returns RESULT_ALLOWED or why not; never 0. Sets the
 * transaction's unmanaged when the user is none of the pool's, and writes the ticket of an
 * auth before it says yes. Leaves what setcred and session need in the binding. */
int account_decide(struct transaction *);

#endif
