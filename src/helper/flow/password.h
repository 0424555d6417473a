/* SPDX-License-Identifier: MIT
 *
 * The password flow: SRP (Cognito's default), USER_PASSWORD_AUTH, USER_AUTH with whatever
 * the pool offers, or the OAuth password grant at another provider. One InitiateAuth per
 * login, and a wrong password is never sent again.
 */
#ifndef HELPER_FLOW_PASSWORD_H
#define HELPER_FLOW_PASSWORD_H

struct flow;
struct flow_request;
struct json;
struct keys;

/* Asks for the password, signs in, answers the challenges. On 0 the flow holds the tokens,
 * not verified yet. Returns 0 or a result code with the flow's detail set. */
int password_run(struct flow *, struct keys *, const struct flow_request *);

/* InitiateAuth for the flow's login_name with this AuthFlow and, unless name is NULL, one
 * more parameter; SECRET_HASH is added where there is a secret. As cognito_api_call(), with
 * the flow's error set. */
int password_initiate(struct flow *, const char *auth_flow, const char *name, const char *value,
    struct json **answer);

#endif
