/* SPDX-License-Identifier: MIT
 *
 * Percent-encoding, RFC 3986 section 2: every byte but the unreserved characters becomes %XX.
 * Right for forms, queries and the parts of a URI alike.
 */
#ifndef HELPER_NET_PERCENT_H
#define HELPER_NET_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Appends text, encoded. Returns 0 or the buffer's error. */
int percent_append(struct buffer *, const char *text);

/* The same for the query of a URL that should be short: ":", "/" and "@" stay (RFC 3986
 * section 3.4), a space becomes "+". */
int percent_append_query(struct buffer *, const char *text);

/* Decodes a value of a form's query into out, NUL-terminated: %XX, and "+" for a space. False
 * for a broken %XX, for %00, and for too little room. */
bool percent_decode_form(const char *in, size_t len, char *out, size_t size);

#endif
