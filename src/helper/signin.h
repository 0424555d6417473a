/* SPDX-License-Identifier: MIT
 *
 * One login, from the module's REQUEST to the verdict: configuration, flow, keys, token,
 * policy.
 */
#ifndef HELPER_SIGNIN_H
#define HELPER_SIGNIN_H

struct frame;
struct outcome;

/* request is a decoded REQUEST frame; fd the socket it came from. */
void signin_run(int fd, const struct frame *request, struct outcome *);

#endif
