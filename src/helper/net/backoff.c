/* SPDX-License-Identifier: MIT */
#include "helper/net/backoff.h"

#define FIRST_MS 1000 /* the first follows soon: a hiccup is over by then */
/* Cognito takes a proof of the password for a few seconds, an app's code is good for thirty. */
#define PROOF_MS 3000
#define REST_MS 5000 /* before the deadline, for the last repeat and what follows it */

int backoff_ms(int number, int left, bool is_proof, unsigned random)
{
	int rest = left / 4 < REST_MS ? left / 4 : REST_MS;
	int most = left - rest;
	if (number == 0 && most > FIRST_MS)
		most = FIRST_MS;
	if (is_proof && most > PROOF_MS)
		most = PROOF_MS;
	return (int)(random % (unsigned)(most + 1));
}
