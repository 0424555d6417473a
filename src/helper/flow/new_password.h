/* SPDX-License-Identifier: MIT
 *
 * Choosing a new password: instead of a temporary one, instead of one's own, instead of a
 * forgotten one. It is asked twice and hidden - and always after a question with echo on
 * was answered: sshd's password method answers every hidden prompt with the one password
 * it has, and fails at the first that is not hidden. A new one that equals the old is refused
 * here; what the pool says of one is shown, and there are CHALLENGE_TRIES rounds.
 */
#ifndef HELPER_FLOW_NEW_PASSWORD_H
#define HELPER_FLOW_NEW_PASSWORD_H

struct buffer;
struct challenge;
struct flow;

/* NEW_PASSWORD_REQUIRED: the new password and the attributes that the pool wants. Returns 0
 * or a result code with the flow's detail set. */
int new_password_required(struct challenge *);

/* Changes the password of the person who holds the flow's access token; old is asked for if
 * it is empty. Nothing is left to do where this sign-in has replaced a temporary one.
 * Likewise. */
int new_password_change(struct flow *, struct buffer *old);

/* The pool wants the password reset: offers to send a code, and sets a new one. Returns
 * RESULT_SIGN_IN_AGAIN when it is set, RESULT_PASSWORD_RESET when the person does not want
 * to, or another code, with the flow's detail set. */
int new_password_forgotten(struct flow *);

#endif
