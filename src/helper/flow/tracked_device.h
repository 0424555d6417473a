/* SPDX-License-Identifier: MIT
 *
 * A pool with device tracking gives a device key with the tokens, and refreshes the sign-in
 * only once that device is confirmed (ConfirmDevice). Nothing else is wanted of the device: its
 * secret is forgotten at once, and no sign-in names it.
 */
#ifndef HELPER_FLOW_TRACKED_DEVICE_H
#define HELPER_FLOW_TRACKED_DEVICE_H

struct flow;

/* Confirms the device of the flow's tokens, if they came with one, within ten seconds. A
 * failure is logged: the user is signed in, but must sign in again at the next recheck. The
 * flow's reason stays. */
void tracked_device_confirm(struct flow *);

/* Has the pool forget a device; the access token is one of its sign-in. A failure is logged. */
void tracked_device_forget(struct flow *, const char *access_token, const char *device_key);

#endif
