/* SPDX-License-Identifier: MIT
 *
 * Percent-encoding, RFC 3986 section 2: everything but its unreserved characters is written
 * as %XX. Right for forms, queries and the parts of a URI alike.
 */
#ifndef HELPER_NET_PERCENT_H
#define HELPER_NET_PERCENT_H

struct buffer;

/* Appends text, encoded. Returns 0 or a result code. */
int percent_append(struct buffer *, const char *text);

#endif
