/* SPDX-License-Identifier: MIT
 *
 * What one call of a transaction leaves for the next, in PAM's own storage. The host may
 * change PAM_USER or PAM_SERVICE in between (sudo does). A host that runs auth and account in
 * another process (sshd) loses it.
 */
#ifndef MODULE_PAM_DATA_H
#define MODULE_PAM_DATA_H

#include <security/pam_modules.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "module/localuser.h"
#include "module/ticket.h"

/* Whom account allowed. */
struct allowed {
	char user[LOCALUSER_NAME_MAX + 1];
	uid_t uid;
	char groups[MESSAGE_GROUPS_MAX + 1]; /* what the rules grant: GROUP,GROUP or "" */
	struct buffer exports; /* fields OIDC_CLAIM_name=value */
};

struct pam_data {
	/* By auth: who signed in, and the ticket that is not on the disk yet. */
	bool signed_in, pending;
	char user[LOCALUSER_NAME_MAX + 1], service[LOCALUSER_NAME_MAX + 1];
	uid_t uid;
	struct ticket ticket; /* empty unless pending */
	int64_t
	    rechecked; /* clock_boot_ms() of the ticket that the option reuse refreshed, or 0 */
	/* By account: did it run, and did it allow somebody of ours? */
	bool decided, has_allowed;
	struct allowed allowed;
};

/* Made at the first call of a transaction; NULL when memory is short. Owned by PAM. */
struct pam_data *pam_data_get(pam_handle_t *);

/* Forgets all of it: a new auth begins. */
void pam_data_clear(pam_handle_t *);

/* Is exactly this user, uid and service signed in? Returns 0, RESULT_NOT_SIGNED_IN (nobody
 * is) or RESULT_USER_CHANGED. */
int pam_data_check(const struct pam_data *, const char *user, uid_t, const char *service);

#endif
