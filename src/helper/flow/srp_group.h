/* SPDX-License-Identifier: MIT
 *
 * The group in which Cognito's SRP computes: N of RFC 5054 appendix A with 3072 bits, which is
 * RFC 3526's, but g = 2; and a table for powers of g. All of it is constant.
 */
#ifndef HELPER_FLOW_SRP_GROUP_H
#define HELPER_FLOW_SRP_GROUP_H

#include <openssl/bn.h>
#include <stdint.h>

#define SRP_GROUP_BYTES 384
/* A comb (Lim and Lee, "More flexible exponentiation with precomputation", CRYPTO '94): the
 * exponent's bits lie in rows of 64, and the bits of a column choose an entry of the table. A
 * block of columns has entries of its own: the more blocks, the less is squared. */
#define SRP_GROUP_ROWS 5
#define SRP_GROUP_BLOCKS 2
#define SRP_GROUP_BLOCK_COLUMNS 32
#define SRP_GROUP_ENTRIES (1u << SRP_GROUP_ROWS) /* of a block */
#define SRP_GROUP_POWER_BITS (SRP_GROUP_ROWS * SRP_GROUP_BLOCKS * SRP_GROUP_BLOCK_COLUMNS)

/* A number in Montgomery's form (times 2^3072), in the machine's order of bytes. */
struct srp_group_entry {
	uint64_t words[SRP_GROUP_BYTES / sizeof(uint64_t)];
};

struct srp_group {
	BIGNUM *n, *g;
	BN_MONT_CTX *mont; /* of n */
	/* For each choice of rows, the product of their g^(2^(64 row + 32 block)), and a
	 * factor. What the factors of one power make together, scale takes out again. */
	struct srp_group_entry table[SRP_GROUP_BLOCKS][SRP_GROUP_ENTRIES];
	BIGNUM *scale;
};

/* Takes less time than two powers without a table. *out is NULL unless 0 is returned; the
 * caller frees it. Returns 0 or RESULT_MEMORY. */
int srp_group_new(struct srp_group **out);
void srp_group_free(struct srp_group *); /* NULL is accepted */

/* out = g^exponent mod N. The exponent is secret: time and addresses depend on its length
 * alone. One of more than SRP_GROUP_POWER_BITS bits takes three times as long. Returns 0 or
 * RESULT_MEMORY. */
int srp_group_power(const struct srp_group *, const BIGNUM *exponent, BIGNUM *out, BN_CTX *);

#endif
