/* SPDX-License-Identifier: MIT
 *
 * Files that only root has written and only root reads: the configuration, and the key set
 * kept between logins. Every file name is chosen here.
 */
#ifndef MODULE_STORE_H
#define MODULE_STORE_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;
struct stat;

#define STORE_CONFIG_MAX (64u * 1024)
/* At most one more fetch of the key set per this many seconds on this host, whatever
 * tokens arrive. */
#define STORE_REFETCH_SECONDS 300

/* Reads a configuration file. It is opened without following a link or waiting for a fifo,
 * and judged by its descriptor: a regular file of paths.trusted_uid, no bits for group and
 * others, at most 64 KiB. Returns 0, RESULT_MEMORY, or RESULT_CONFIG_FILE with *why set to
 * static text. out's max must be at least STORE_CONFIG_MAX. */
int store_read_config(const char *path, struct buffer *out, const char **why);

/* The same without reading: what the file is now. */
int store_examine_config(const char *path, struct stat *, const char **why);

/* The key set that was kept for this configuration; anything odd is as good as absent, and
 * then out stays empty. */
void store_read_jwks(const char *config_path, struct buffer *out);

/* Keeps it: written beside, synced, renamed. Failing is no reason to refuse a login:
 * returns false, and the next login fetches again. */
bool store_write_jwks(const char *config_path, const char *bytes, size_t len);

/* May the key set be fetched again for a key that it lacks? Yes at most once per
 * STORE_REFETCH_SECONDS; counts the yes. No when that cannot be counted. */
bool store_claim_refetch(const char *config_path);

#endif
