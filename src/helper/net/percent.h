/* SPDX-License-Identifier: MIT
 *
 * Percent-encoding, RFC 3986 section 2: everything but its unreserved characters is written
 * as %XX. Right for forms, queries and the parts of a URI alike.
 */
#ifndef HELPER_NET_PERCENT_H
#define HELPER_NET_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Appends text, encoded. Returns 0 or a result code. */
int percent_append(struct buffer *, const char *text);

/* The same for a form's query, as short as it can be: ":", "/" and "@" stay (RFC 3986 section
 * 3.4), a space becomes "+". */
int percent_append_query(struct buffer *, const char *text);

/* Decodes a value of a form's query into out, NUL-terminated: %XX, and "+" for a space. False
 * for a broken %XX, one of 00, or too little room. */
bool percent_decode_form(const char *in, size_t len, char *out, size_t size);

#endif
