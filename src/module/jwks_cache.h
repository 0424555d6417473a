/* SPDX-License-Identifier: MIT
 *
 * The key set that logins share: one file in the cache directory for each configuration.
 */
#ifndef MODULE_JWKS_CACHE_H
#define MODULE_JWKS_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* One more fetch for an unknown kid in so many seconds on this host, whatever tokens arrive:
 * anybody may send tokens with an invented kid. */
#define JWKS_CACHE_REFETCH_SECONDS 300

/* Reads the set cached for this configuration. A file that cannot be trusted is treated as
 * absent; then out stays empty. */
void jwks_cache_read(const char *config_path, struct buffer *out);

/* Writes it beside, syncs, renames. A failure costs the next login a fetch and refuses
 * nobody. */
bool jwks_cache_write(const char *config_path, const char *bytes, size_t len);

/* May the key set be fetched again for a kid that it lacks? Grants it, and counts that, once
 * in JWKS_CACHE_REFETCH_SECONDS; false where it cannot be counted. */
bool jwks_cache_claim_refetch(const char *config_path);

#endif
