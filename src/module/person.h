/* SPDX-License-Identifier: MIT
 *
 * Whom setcred and session act for: the person whom account has allowed in this transaction,
 * whatever the host has since put into PAM_USER (sudo: the target). Where a host has asked
 * another process (sshd), the one whose ticket says so.
 */
#ifndef MODULE_PERSON_H
#define MODULE_PERSON_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "module/ticket.h"
#include "module/ticket_line.h"

struct transaction;

struct person {
	char user[TICKET_USER_MAX + 1];
	uid_t uid;
	char groups[TICKET_GROUPS_MAX + 1]; /* what the rules grant: GROUP,GROUP or "" */
	struct buffer exports; /* OIDC_CLAIM_name=value, a line each */
};

/* False when it is nobody of ours, or nobody knows. After transaction_begin(); contacts
 * nobody. person_forget() afterwards in any case. */
bool person_find(struct transaction *, struct person *);
void person_forget(struct person *);

#endif
