/* SPDX-License-Identifier: MIT
 *
 * The app client, asked so that no person is needed: the sign-in of somebody who cannot
 * exist tells by its refusal whether the client, its secret and the flow are right.
 */
#ifndef HELPER_PROBE_APP_CLIENT_H
#define HELPER_PROBE_APP_CLIENT_H

struct probe;

/* Every configured flow is begun once. Nobody's failed tries are counted: the name is drawn
 * anew each time. A user migration Lambda would be asked about it, though. */
void app_client_probe(struct probe *);

#endif
