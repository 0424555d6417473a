/* SPDX-License-Identifier: MIT
 *
 * Dates as AWS's command line prints them: version 2 in ISO 8601, version 1 in seconds.
 */
#ifndef HELPER_ACCOUNTS_DATE_H
#define HELPER_ACCOUNTS_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;
struct json;

/* "2026-11-27T19:30:00.123+00:00", "...Z", or seconds since 1970 with a fraction: milliseconds.
 * False for anything else. */
bool date_read(const char *text, size_t len, int64_t *ms);

/* The same for a string or a number of the document. */
bool date_read_value(const struct json *, const struct cJSON *value, int64_t *ms);

#endif
