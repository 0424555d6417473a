/* SPDX-License-Identifier: MIT
 *
 * Choosing a new password: in place of a temporary one, of the current one, of a forgotten one.
 * It is asked for twice and hidden, and always after a question with echo on: sshd's password
 * method answers every hidden prompt with the one password that it has, and fails at the first
 * prompt that is not hidden. A new password that equals the old one is refused here. The user
 * reads why the pool refuses one, or an attribute that it requires, and has PROMPT_TRIES tries
 * for either.
 *
 * Each returns a result code with the flow's reason set unless it is 0.
 */
#ifndef HELPER_FLOW_NEW_PASSWORD_H
#define HELPER_FLOW_NEW_PASSWORD_H

struct buffer;
struct challenge;
struct flow;

/* NEW_PASSWORD_REQUIRED: the new password, and the attributes that the pool requires. */
int new_password_required(struct challenge *);

/* ChangePassword for the user of the flow's access token. Asks for the old password if it is
 * empty. Does nothing if this sign-in has replaced a temporary password already. */
int new_password_change(struct flow *, struct buffer *old);

/* ForgotPassword: offers to send a code, and sets a new password by it. Never returns 0:
 * RESULT_SIGN_IN_AGAIN when the password is set, RESULT_PASSWORD_RESET when the user declines.
 */
int new_password_forgotten(struct flow *);

#endif
