/* SPDX-License-Identifier: MIT
 *
 * What a rule may look at beside the claims. Pointers are borrowed.
 */
#ifndef HELPER_POLICY_ACCESS_REQUEST_H
#define HELPER_POLICY_ACCESS_REQUEST_H

#include <stdbool.h>

struct access_request {
	const char *user; /* the local user's name */
	const char *service; /* PAM's name of it */
	const char *host; /* gethostname()'s answer in any case; NULL or "": not known */
	long long now; /* seconds since the epoch */
	bool mfa_answered; /* a second factor was asked for and accepted in this login */
	bool root; /* the local user is uid 0: only a map entry that names sub will do */
	bool access_token; /* the claims are an access token's, not an ID token's */
};

#endif
