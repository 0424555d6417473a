/* SPDX-License-Identifier: MIT
 *
 * What a decision looks at beside the claims. Pointers are borrowed.
 */
#ifndef HELPER_POLICY_ACCESS_REQUEST_H
#define HELPER_POLICY_ACCESS_REQUEST_H

#include <stdbool.h>

#include "helper/policy/evidence.h"

struct access_request {
	const char *user; /* the local user's name */
	const struct record_identity
	    *account; /* whose the local account is; NULL: no record says */
	const char *service; /* PAM's name of it */
	const char *host; /* gethostname()'s answer in any case; NULL or "": unknown */
	long long now; /* seconds since the epoch */
	long believed; /* seconds from now for which the claims need no recheck */
	struct evidence evidence; /* of the sign-in that the claims come from */
	bool root; /* the local user is uid 0: only a map entry that names sub will do */
	bool access_token; /* the claims are an access token's, not an ID token's */
};

#endif
