/* SPDX-License-Identifier: MIT
 *
 * Secure Remote Password as Cognito uses it: the 3072-bit group of RFC 5054 with SHA-256, but
 * with other padding (a leading zero byte only where the top bit is set, never the group's
 * length) and another key derivation. Pure but for srp_new_random(): randomness and time are
 * arguments.
 */
#ifndef HELPER_FLOW_SRP_H
#define HELPER_FLOW_SRP_H

#include <stddef.h>

/* a is random. In this group a discrete logarithm costs 2^125 to 2^130, so 275 bits are enough
 * (RFC 7919 appendix A.2; RFC 3526 section 8 has 260), and 320 are what the table of
 * srp_group.h takes. Amazon's own clients use 1024. */
#define SRP_SECRET_BYTES 40
#define SRP_SECRET_MAX 128 /* of srp_new(): the longest that a client uses */
#define SRP_HEX_MAX (384 * 2 + 2)
#define SRP_SIGNATURE_MAX 45 /* base64 of 32 bytes, and NUL */
#define SRP_VERIFIER_MAX 517 /* base64 of 385 bytes, and NUL */
#define SRP_TIMESTAMP_MAX 32 /* "Wed Sep 29 06:40:48 UTC 2021", and NUL */
#define SRP_BLOCK_MAX 4096 /* decoded SECRET_BLOCK; Cognito's is about 970 bytes */

struct srp_group;
struct srp; /* the client's secret a and public A; wiped when freed */

/* secret: a, big-endian, of at most SRP_SECRET_MAX bytes. group is borrowed until srp_free();
 * NULL: one is made. *out is NULL unless 0 is returned; the caller frees it. Returns 0,
 * RESULT_SRP (too long, or A mod N is 0) or RESULT_MEMORY. */
int srp_new(
    const struct srp_group *group, const unsigned char *secret, size_t len, struct srp **out);
/* The same with a random secret of SRP_SECRET_BYTES. */
int srp_new_random(const struct srp_group *group, struct srp **out);
void srp_free(struct srp *); /* NULL is accepted */

/* SRP_A in hex, as Cognito wants it (no padding). */
const char *srp_public(const struct srp *);

/* What the server sent with PASSWORD_VERIFIER, and what the user typed. All text. */
struct srp_challenge {
	const char *pool_name; /* the pool id after its '_' */
	const char *user_id; /* USER_ID_FOR_SRP: never the typed name */
	const char *password; /* UTF-8 */
	const char *salt; /* SALT, hex, may be of odd length */
	const char *server_public; /* SRP_B, likewise */
	const char *secret_block; /* SECRET_BLOCK, base64 or base64url */
	const char *timestamp; /* srp_timestamp() */
};

/* PASSWORD_CLAIM_SIGNATURE, base64, into signature[SRP_SIGNATURE_MAX]. Returns 0,
 * RESULT_SRP (not hex, B mod N is 0, u is 0, block malformed) or RESULT_MEMORY. */
int srp_sign(struct srp *, const struct srp_challenge *, char *signature);

/* PasswordVerifier of a device: g^x, base64, into verifier[SRP_VERIFIER_MAX]. Of the challenge
 * it takes the password, the salt, and for pool and user the device's DeviceGroupKey and
 * DeviceKey. Returns 0, RESULT_SRP or RESULT_MEMORY. */
int srp_verifier(struct srp *, const struct srp_challenge *, char *verifier);

/* TIMESTAMP: English names, the day without padding. Needs the C locale. */
void srp_timestamp(long long now, char out[SRP_TIMESTAMP_MAX]);

#endif
