/* SPDX-License-Identifier: MIT
 *
 * The warm helper: a process that has loaded everything, and forks for each login. systemd
 * starts it when a module connects to the socket.
 */
#ifndef HELPER_SERVICE_H
#define HELPER_SERVICE_H

struct rehearsal;

/* Serves the listening socket that systemd passes as descriptor 3. talk() is called in a child
 * of its own for each connection, which is then descriptor 0; its result is the child's status.
 * Returns the program's status: when it is old, idle, replaced or was crashed (paths.h has the
 * numbers). Its children may go on. */
int service_run(int (*talk)(const struct rehearsal *));

#endif
