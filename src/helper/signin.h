/* SPDX-License-Identifier: MIT
 *
 * One request, from the module's REQUEST to the outcome: configuration, flow, keys, token,
 * decision.
 */
#ifndef HELPER_SIGNIN_H
#define HELPER_SIGNIN_H

struct frame;
struct outcome;
struct rehearsal;

/* frame is a decoded REQUEST from the socket fd. Returns the outcome's result. */
int signin_run(int fd, const struct frame *, const struct rehearsal *, struct outcome *);

#endif
