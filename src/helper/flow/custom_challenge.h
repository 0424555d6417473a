/* SPDX-License-Identifier: MIT
 *
 * CUSTOM_CHALLENGE: the pool's own Lambda asks something.
 */
#ifndef HELPER_FLOW_CUSTOM_CHALLENGE_H
#define HELPER_FLOW_CUSTOM_CHALLENGE_H

struct challenge;

/* Shows the Lambda's public parameters, printable, and sends what the person answers (up to
 * MESSAGE_ANSWER_MAX bytes, echo on). How many tries there are is the Lambda's affair, as
 * far as CHALLENGE_STEPS goes. Returns 0 or a result code with the flow's detail set. */
int custom_challenge(struct challenge *);

#endif
