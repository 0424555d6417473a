/* SPDX-License-Identifier: MIT
 *
 * The key set that logins share: one file in the cache directory for each configuration.
 */
#ifndef MODULE_JWKS_CACHE_H
#define MODULE_JWKS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct buffer;

/* One more fetch for an unknown kid in so many seconds on this host, whatever tokens arrive:
 * anybody may send tokens with an invented kid. Who may fetch has a lease at first, because the
 * host may be killed, or the network fail, before there is a key set. */
#define JWKS_CACHE_REFETCH_SECONDS 300
#define JWKS_CACHE_LEASE_SECONDS 20

/* Reads the set cached for this configuration. A file that cannot be trusted is treated as
 * absent; then out stays empty. */
void jwks_cache_read(const char *config_path, struct buffer *out);

/* Writes it beside and renames; it carries its own digest, so it need not be synced. began:
 * when its fetch began, which becomes the file's time: a set whose fetch began later is left as
 * it is. A failure costs the next login a fetch and refuses nobody; errno says why. */
bool jwks_cache_write(
    const char *config_path, const char *bytes, size_t len, const struct timespec *began);

/* Why a set is to be fetched. */
enum jwks_claim {
	JWKS_CLAIM_KID, /* a token names a key that it lacks */
	JWKS_CLAIM_AGE, /* there is none, or it is too old; only the lease is counted */
};

/* May the key set be fetched? Returns 0 (yes, and the lease begins), the seconds until it may
 * be (at most the lease's: somebody may be fetching it), or a negative errno: it may, but
 * cannot be counted. Root's logins and those that users start (a set-uid host's real uid) are
 * counted apart. */
int jwks_cache_claim(const char *config_path, enum jwks_claim);

/* After that yes: the key set is stored, and the seconds of a kid begin; or it is not, and the
 * next one may fetch it. */
void jwks_cache_settle(const char *config_path, enum jwks_claim, bool stored);

#endif
