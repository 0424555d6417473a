/* SPDX-License-Identifier: MIT
 *
 * What the command asks the helper for. Purposes, as those of recheck.h.
 */
#ifndef HELPER_PROBE_PROBE_H
#define HELPER_PROBE_PROBE_H

struct flow;
struct keys;
struct outcome;
struct request;

/* PURPOSE_PROBE: examines everything between this host and a login, and reports it in FINDING
 * frames. Returns 0, or why it could not go on. */
int probe_run(struct flow *, struct keys *, const struct request *, struct outcome *);

/* PURPOSE_KEYS: fetches the key set and has the command cache it. Returns 0, or
 * another result code with the flow's reason set. */
int probe_keys(struct flow *, struct keys *, const struct request *, struct outcome *);

#endif
