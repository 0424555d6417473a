/* SPDX-License-Identifier: MIT
 *
 * What the module reads of a ticket without JSON: the services that the rules allow, and
 * for how long that may be believed without asking again. message.h has the form. Pure.
 */
#ifndef HELPER_POLICY_TICKET_LINES_H
#define HELPER_POLICY_TICKET_LINES_H

struct buffer;
struct claims;
struct config;
struct access_request;

/* A line for the service that is asked for, then one for every service that the rules name
 * without a pattern, if it is allowed. believed: for how many seconds from request->now the
 * claims may be believed; a max_auth_age that fails earlier cuts it. A line that has no room
 * is left out: its service is asked about again. Returns 0 or RESULT_MEMORY. */
int ticket_lines_write(const struct config *, const struct claims *,
    const struct access_request *asked, long believed, struct buffer *out);

#endif
