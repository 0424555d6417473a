/* SPDX-License-Identifier: MIT
 *
 * The way to every host of the configuration: its name, its port or the proxy, TLS.
 */
#ifndef HELPER_PROBE_ROUTE_H
#define HELPER_PROBE_ROUTE_H

#include <stdbool.h>

struct probe;

/* Looks up every host that a login of this configuration would speak to. */
void route_resolve(struct probe *);

/* Connects to each of them. */
void route_connect(struct probe *);

/* Is the host of this address there, reached and trusted? False for NULL. */
bool route_is_open(const struct probe *, const char *url);

#endif
