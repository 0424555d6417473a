/* SPDX-License-Identifier: MIT
 *
 * What the helper has to say in the end.
 */
#ifndef HELPER_OUTCOME_H
#define HELPER_OUTCOME_H

/* What is told to the module; texts are printable. */
struct outcome {
	int result; /* RESULT_ALLOWED or why not; never 0 */
	char message[512], detail[512], sub[256], rule[256], flow[16];
};

#endif
