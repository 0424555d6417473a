/* SPDX-License-Identifier: MIT
 *
 * What a verb reads. Every input has a limit. Each function returns false after saying on
 * stderr what is wrong.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>

struct buffer;
struct config;
struct jwks;
struct reason;
struct record_identity;

/* A whole regular file, which need not be trusted; out's max is the limit. */
bool input_read_file(const char *path, struct buffer *out);

/* A token, without one newline at its end: from the file, or from standard input if path is
 * NULL. If that holds more than out's max, out->error says so. */
bool input_read_token(const char *path, struct buffer *out);

/* May this process open it for reading? */
bool input_is_readable(const char *path);

/* The configuration's text. A file that a login would not trust, because of its owner or mode,
 * is read all the same; then the fault's detail says why. text's max must be more than
 * CONFIG_FILE_MAX. */
bool input_read_config_text(const char *path, struct buffer *text, struct reason *fault);

/* The configuration. For a dry run also one that a login would not trust; stderr says so. The
 * caller frees *out. */
bool input_read_config(const char *path, bool is_dry_run, struct config **out);

/* Whose a local account is, by its record on this host. False, without a complaint, when none
 * counts; only root can read it. */
bool input_read_account(const char *user, struct record_identity *out);

/* The key set that logins with this configuration have cached. *out is NULL if there is none;
 * the caller frees it. Returns when it was fetched, in seconds since 1970. */
long long input_cached_keys(const char *config_path, const struct config *, struct jwks **out);

/* The keys to verify a token with: of the file, or the cached ones if it is NULL. *out is NULL,
 * too, if the file holds no usable key: that is an answer, not an error. */
bool input_read_keys(
    const char *jwks_path, const char *config_path, const struct config *, struct jwks **out);

#endif
