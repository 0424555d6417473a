/* SPDX-License-Identifier: MIT */
#include "helper/net/backoff.h"

#define FAILURE_MS 1000
/* 1,000 hosts at once, at Cognito's 120 requests a second, are served in 8.3 seconds: then each
 * asks twice (make sim-fleet). */
#define THROTTLE_MS 12000
#define THROTTLE_LEAST_MS 1000 /* the second in which the quota is used up */
/* Cognito takes a proof of the password for a few seconds, an app's code is good for thirty. */
#define PROOF_MS 3000
#define REST_MS 5000 /* before the deadline, for the last repeat and what follows it */

int backoff_ms(enum backoff_cause cause, int number, int left, unsigned random)
{
	static const int firsts[] = {
	    [BACKOFF_FAILURE] = FAILURE_MS,
	    [BACKOFF_THROTTLE] = THROTTLE_MS,
	    [BACKOFF_PROOF] = FAILURE_MS,
	};
	int rest = left / 4 < REST_MS ? left / 4 : REST_MS;
	int most = left - rest;
	if (number == 0 && most > firsts[cause])
		most = firsts[cause];
	if (cause == BACKOFF_PROOF && most > PROOF_MS)
		most = PROOF_MS;
	int least =
	    cause == BACKOFF_THROTTLE && most > 4 * THROTTLE_LEAST_MS ? THROTTLE_LEAST_MS : 0;
	return least + (int)(random % (unsigned)(most - least + 1));
}
