/* SPDX-License-Identifier: MIT
 *
 * What a session may know of its person: the claims that the configuration names, in PAM's
 * environment. Informative only: people can set these variables themselves.
 */
#ifndef MODULE_SESSION_H
#define MODULE_SESSION_H

struct transaction;

/* Exports them. There is nothing in it that could fail a login. */
void session_export(struct transaction *);

#endif
