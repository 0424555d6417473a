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
struct json;

/* Asks for the password (prompt), signs in, answers the challenges. On 0 the flow holds the
 * tokens, not verified yet, and password what was typed, for a caller that changes it; the
 * caller wipes it. Returns 0 or a result code with the flow's detail set. */
int password_run(struct flow *, const char *prompt, struct buffer *password);

/* InitiateAuth for the flow's login_name with this AuthFlow and, unless name is NULL, one
 * more parameter; SECRET_HASH is added where there is a secret. As cognito_api_call(), with
 * the flow's error set. */
int password_initiate(struct flow *, const char *auth_flow, const char *name, const char *value,
    struct json **answer);

#endif
