/* SPDX-License-Identifier: MIT
 *
 * What a session is told about its person: OIDC_CLAIM_<name>=<value>, a line each, for the
 * claims that the configuration names. For people and programs to read; nothing decides by
 * it. Pure.
 */
#ifndef HELPER_POLICY_EXPORTS_H
#define HELPER_POLICY_EXPORTS_H

struct buffer;
struct claims;
struct config;

/* Whatever is no letter or digit of ASCII in a claim's name becomes '_'; of two names that
 * become one the first counts. The elements of an array are joined by commas. Left out are
 * claims that are absent, objects, null, or arrays of such; those that hold a control
 * character or are longer than 4 KiB; names of more than 128 bytes, and what the
 * configuration names behind the 64th; and what has no room. Returns 0 or RESULT_MEMORY. */
int exports_write(const struct config *, const struct claims *, struct buffer *out);

#endif
