/* SPDX-License-Identifier: MIT
 *
 * The way in without Cognito: members of the local group "breakglass", whom the service files
 * let in by their local password. enable asks before it changes anything whether that works.
 */
#ifndef CLI_BREAK_GLASS_H
#define CLI_BREAK_GLASS_H

#include <stdbool.h>

struct output;
struct sshd_users;

#define BREAK_GLASS "breakglass"

/* Is there a member from /etc/passwd with a local password that is usable and has not expired,
 * and a real shell, whom each of these services admits: sshd by its Allow, Deny and Match
 * lines, sudo by sudoers? One member must do for all. services ends with NULL. Reports each
 * member, with what is wrong. Adds those who do to users. */
bool break_glass_works(struct output *, const char *const *services, struct sshd_users *users);

/* Is the user a member? */
bool break_glass_has(const char *user);

#endif
