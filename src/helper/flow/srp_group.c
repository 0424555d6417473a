/* SPDX-License-Identifier: MIT */
#include "helper/flow/srp_group.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"

#define COLUMNS (SRP_GROUP_BLOCKS * SRP_GROUP_BLOCK_COLUMNS)
/* Each entry is divided by 4. Otherwise one of them would be 1, whose form begins with zeros,
 * and OpenSSL takes another time for a shorter number. So none begins with a zero byte. */
#define FACTOR_BITS 2

void srp_group_free(struct srp_group *group)
{
	if (group == NULL)
		return;
	BN_free(group->n);
	BN_free(group->g);
	BN_free(group->scale);
	BN_MONT_CTX_free(group->mont);
	free(group);
}

/* Reads every entry of the block, so that neither time nor cache tells which one is wanted. */
static bool choose(const struct srp_group *group, unsigned block, unsigned wanted, BIGNUM *out)
{
	struct srp_group_entry chosen = {{0}};
	for (unsigned i = 0; i < SRP_GROUP_ENTRIES; i++) {
		const struct srp_group_entry *entry = &group->table[block][i];
		uint64_t mask = 0 - (uint64_t)(((i ^ wanted) - 1u) >> 31);
		/* Hides from the compiler that it is all or nothing: it could jump instead. */
		__asm__("" : "+r"(mask));
		for (size_t w = 0; w < sizeof(chosen.words) / sizeof(chosen.words[0]); w++)
			chosen.words[w] |= entry->words[w] & mask;
	}
	bool is_good = BN_native2bn((unsigned char *)&chosen, sizeof(chosen), out) != NULL;
	explicit_bzero(&chosen, sizeof(chosen));
	return is_good;
}

static bool multiply(
    const struct srp_group *group, BIGNUM *product, const BIGNUM *factor, BN_CTX *ctx)
{
	return BN_mod_mul_montgomery(product, product, factor, group->mont, ctx) == 1;
}

static bool keep(struct srp_group *group, unsigned block, unsigned i, const BIGNUM *number)
{
	return BN_bn2nativepad(number, (unsigned char *)&group->table[block][i],
		   SRP_GROUP_BYTES) == SRP_GROUP_BYTES;
}

/* Adds a row to a block, which doubles its entries. entry: for its use. */
static bool add_row(struct srp_group *group, unsigned block, unsigned row, const BIGNUM *base,
    BIGNUM *entry, BN_CTX *ctx)
{
	bool is_good = true;
	for (unsigned i = 0; is_good && i < 1u << row; i++)
		is_good = choose(group, block, i, entry) && multiply(group, entry, base, ctx) &&
			  keep(group, block, i | 1u << row, entry);
	return is_good;
}

static bool fill_table(struct srp_group *group, BN_CTX *ctx)
{
	BIGNUM *base = BN_CTX_get(ctx), *entry = BN_CTX_get(ctx);
	bool is_good = entry != NULL &&
		       BN_set_bit(entry, SRP_GROUP_BYTES * 8 - FACTOR_BITS) == 1 &&
		       BN_to_montgomery(base, group->g, group->mont, ctx) == 1;
	for (unsigned block = 0; is_good && block < SRP_GROUP_BLOCKS; block++)
		is_good = keep(group, block, 0, entry);
	for (unsigned at = 0; is_good && at <= SRP_GROUP_POWER_BITS - SRP_GROUP_BLOCK_COLUMNS;
	     at++) {
		unsigned row = at / COLUMNS, block = at % COLUMNS / SRP_GROUP_BLOCK_COLUMNS;
		if (at % SRP_GROUP_BLOCK_COLUMNS == 0)
			is_good = add_row(group, block, row, base, entry, ctx);
		is_good = is_good && multiply(group, base, base, ctx);
	}
	return is_good;
}

/* The factor of each entry of a column is squared as often as the column is. */
static bool compute_scale(struct srp_group *group, BN_CTX *ctx)
{
	const BN_ULONG bits = FACTOR_BITS * SRP_GROUP_BLOCKS;
	BIGNUM *exponent = BN_CTX_get(ctx);
	return exponent != NULL && BN_set_word(exponent, bits) == 1 &&
	       BN_lshift(exponent, exponent, SRP_GROUP_BLOCK_COLUMNS) == 1 &&
	       BN_sub_word(exponent, bits) == 1 &&
	       BN_mod_exp(group->scale, group->g, exponent, group->n, ctx) == 1;
}

static bool make(struct srp_group *group, BN_CTX *ctx)
{
	group->n = BN_get_rfc3526_prime_3072(NULL);
	group->g = BN_new();
	group->scale = BN_new();
	group->mont = BN_MONT_CTX_new();
	return group->n != NULL && group->g != NULL && group->scale != NULL &&
	       group->mont != NULL && BN_set_word(group->g, 2) == 1 &&
	       BN_MONT_CTX_set(group->mont, group->n, ctx) == 1 && fill_table(group, ctx) &&
	       compute_scale(group, ctx);
}

int srp_group_new(struct srp_group **out)
{
	*out = NULL;
	struct srp_group *group = calloc(1, sizeof(*group));
	BN_CTX *ctx = BN_CTX_new();
	bool is_good = false;
	if (group != NULL && ctx != NULL) {
		BN_CTX_start(ctx);
		is_good = make(group, ctx);
		BN_CTX_end(ctx);
	}
	BN_CTX_free(ctx);
	if (is_good)
		*out = group;
	else
		srp_group_free(group);
	return is_good ? 0 : RESULT_MEMORY;
}

/* The bits of a column, the first row's lowest. */
static unsigned column_of(const unsigned char *exponent, unsigned column)
{
	unsigned bits = 0;
	for (unsigned row = 0; row < SRP_GROUP_ROWS; row++) {
		unsigned at = row * COLUMNS + column;
		bits |= ((unsigned)exponent[at / 8] >> at % 8 & 1u) << row;
	}
	return bits;
}

static bool comb(
    const struct srp_group *group, const unsigned char *exponent, BIGNUM *out, BN_CTX *ctx)
{
	BIGNUM *entry = BN_CTX_get(ctx);
	bool is_good =
	    entry != NULL && BN_to_montgomery(out, BN_value_one(), group->mont, ctx) == 1;
	for (unsigned column = SRP_GROUP_BLOCK_COLUMNS; is_good && column-- > 0;) {
		is_good = multiply(group, out, out, ctx);
		for (unsigned block = 0; is_good && block < SRP_GROUP_BLOCKS; block++) {
			unsigned at = block * SRP_GROUP_BLOCK_COLUMNS + column;
			is_good = choose(group, block, column_of(exponent, at), entry) &&
				  multiply(group, out, entry, ctx);
		}
	}
	/* By a number that is not in Montgomery's form: the product is not either. */
	return is_good && multiply(group, out, group->scale, ctx);
}

int srp_group_power(
    const struct srp_group *group, const BIGNUM *exponent, BIGNUM *out, BN_CTX *ctx)
{
	unsigned char bytes[SRP_GROUP_POWER_BITS / 8];
	/* Published vectors have a longer one. */
	if (BN_bn2lebinpad(exponent, bytes, sizeof(bytes)) < 0)
		return BN_mod_exp_mont_consttime(
			   out, group->g, exponent, group->n, ctx, group->mont) == 1
			   ? 0
			   : RESULT_MEMORY;
	BN_CTX_start(ctx);
	bool is_good = comb(group, bytes, out, ctx);
	BN_CTX_end(ctx);
	explicit_bzero(bytes, sizeof(bytes));
	return is_good ? 0 : RESULT_MEMORY;
}
