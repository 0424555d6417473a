/* SPDX-License-Identifier: MIT
 *
 * The pool as it describes itself: discovery document, clock, key set.
 */
#ifndef HELPER_PROBE_PROVIDER_H
#define HELPER_PROBE_PROVIDER_H

struct probe;

/* OpenID Connect Discovery 1.0, against the configuration. */
void provider_discovery(struct probe *);

/* The key set, its usable keys, what logins have kept of it, and the server's clock. */
void provider_keys(struct probe *);

#endif
