/* SPDX-License-Identifier: MIT
 *
 * The device flow: the person opens an address on another device, enters a code there and
 * signs in; meanwhile the token endpoint is asked at the pace that it sets.
 */
#ifndef HELPER_FLOW_DEVICE_H
#define HELPER_FLOW_DEVICE_H

struct flow;
struct flow_request;
struct keys;

/* Shows address and code, waits for the approval, fetches keys meanwhile. On 0 the flow
 * holds the tokens, not verified yet. Returns 0 or a result code with the flow's detail
 * set; RESULT_PERSON_SLOW when the time is over. */
int device_run(struct flow *, struct keys *, const struct flow_request *);

#endif
