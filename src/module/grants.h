/* SPDX-License-Identifier: MIT
 *
 * Local groups for the session of a person, at setcred: the only phase whose groups last
 * under every host. The only file of the module that changes a process's groups.
 */
#ifndef MODULE_GRANTS_H
#define MODULE_GRANTS_H

struct transaction;

/* Adds what the rules grant and the PAM line's grant= allows, if PAM_USER is the person
 * whom account has allowed. Returns 0, also when there is nothing to do, or
 * RESULT_GROUPS. */
int grants_add(struct transaction *);

#endif
