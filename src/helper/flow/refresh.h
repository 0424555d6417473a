/* SPDX-License-Identifier: MIT
 *
 * Refreshing and ending a sign-in without asking the user: at the endpoint that gave the
 * refresh token and no other.
 */
#ifndef HELPER_FLOW_REFRESH_H
#define HELPER_FLOW_REFRESH_H

#include <stdbool.h>
#include <stddef.h>

struct flow;
struct ticket_body;

/* The ticket must have a refresh token. On 0 the flow holds the tokens, not verified yet; its
 * refresh_token is NULL where the old one stays good. Returns 0; a code of
 * CLASS_REFUSAL or CLASS_OUTAGE; RESULT_REFRESH_REUSE; RESULT_TICKET_NONE for a no to a
 * repeated request; or another that says nothing about the user. The flow's reason is set. */
int refresh_run(struct flow *, const struct ticket_body *);

/* Ends the refresh token within ten seconds, at Cognito (RevokeToken, or RFC 7009 at
 * revocation_url). Returns 0, or a result code with the reason set; RESULT_TICKET_NONE when
 * there is nothing to revoke, or nowhere to. */
int refresh_revoke(struct flow *, const struct ticket_body *);

/* The verdict on the way, a ticket that has expired is to be revoked, too: its host is needed.
 */
void refresh_need_revocation(struct flow *, const char *body, size_t len);

/* The same for the body of a ticket that has expired, after the verdict and within two seconds.
 * A failure is logged, and the flow's reason is cleared. Is the refresh token, if there is one,
 * revoked? */
bool refresh_revoke_expired(struct flow *, const char *body, size_t len);

#endif
