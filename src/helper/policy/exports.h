/* SPDX-License-Identifier: MIT
 *
 * What a session is told about its person: OIDC_CLAIM_<name>=<value> for each claim that the
 * configuration names. For people and programs to read; nothing decides by it. Pure.
 */
#ifndef HELPER_POLICY_EXPORTS_H
#define HELPER_POLICY_EXPORTS_H

struct buffer;
struct claims;
struct config;

/* Appends a field for each (message.h). Every character of a claim's name that is no letter or
 * digit of ASCII becomes '_'; of two names that become one the first counts. The elements of
 * an array are joined by commas. Left out are claims that are absent, objects, null, or
 * arrays of such; those that hold a control character or are longer than 4 KiB; names of more
 * than 128 bytes; names behind the 64th; and what has no room. Returns 0 or RESULT_MEMORY. */
int exports_write(const struct config *, const struct claims *, struct buffer *out);

#endif
