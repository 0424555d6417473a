/* SPDX-License-Identifier: MIT
 *
 * Claims as the policy gets them: signed, and verified by jwt_verify().
 */
#ifndef TESTS_UNIT_PROVEN_H
#define TESTS_UNIT_PROVEN_H

struct claims;
struct config;

/* The claims of a payload, signed with a key made for it; claims_free() them. What cannot
 * be made ends the program. */
struct claims *proven(const char *payload);

/* A configuration of a pool, with these members behind "config"; config_free() it. */
struct config *configured(const char *members);

#endif
