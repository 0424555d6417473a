/* SPDX-License-Identifier: MIT
 *
 * The password flow: SRP (Cognito's default), USER_PASSWORD_AUTH, USER_AUTH with whatever
 * the pool offers, or the OAuth password grant at another provider. One InitiateAuth per
 * login, and a wrong password is never sent again.
 */
#ifndef HELPER_FLOW_PASSWORD_H
#define HELPER_FLOW_PASSWORD_H

struct buffer;
struct flow;

/* Asks for the password (prompt), signs in, answers the challenges. On 0 the flow holds the
 * tokens, not verified yet, and password what was typed, for a caller that changes it; the
 * caller wipes it. Returns 0 or a result code with the flow's detail set. */
int password_run(struct flow *, const char *prompt, struct buffer *password);

#endif
