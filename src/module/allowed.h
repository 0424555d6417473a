/* SPDX-License-Identifier: MIT
 *
 * Whom setcred and session act for: the person whom account allowed in this transaction,
 * whatever the host has put into PAM_USER since (sudo: the target). Where account ran in
 * another process (sshd), the user whose ticket says so.
 */
#ifndef MODULE_ALLOWED_H
#define MODULE_ALLOWED_H

#include "module/pam_data.h"

struct transaction;

/* The person, borrowed from PAM's storage; NULL when account allowed nobody of ours, or nobody
 * knows. Contacts nobody. */
const struct allowed *allowed_find(struct transaction *);

#endif
