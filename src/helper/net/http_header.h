/* SPDX-License-Identifier: MIT
 *
 * One header line of an answer (RFC 9110 5 and 8.3), as it came: not terminated.
 */
#ifndef HELPER_NET_HTTP_HEADER_H
#define HELPER_NET_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/* The value of this header line, printable, without spaces around it and cut to size; false
 * for another header. */
bool http_header_value(const char *line, size_t len, const char *name, char *out, size_t size);

/* Is it JSON, by whichever name Cognito gives it, with or without parameters? */
bool http_header_is_json(const char *content_type);

/* application/jwk-set+json (RFC 7517 8.5.2). */
bool http_header_is_key_set(const char *content_type);

#endif
