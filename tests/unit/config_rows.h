/* SPDX-License-Identifier: MIT
 *
 * What the tests of the configuration share: the smallest one that is good, and rows of texts
 * with what is wrong with them.
 */
#ifndef TESTS_UNIT_CONFIG_ROWS_H
#define TESTS_UNIT_CONFIG_ROWS_H

#include <stddef.h>

#include "common/result.h"

struct config;

#define HOST "https://cognito-idp.eu-west-1.amazonaws.com"
#define ISSUER HOST "/eu-west-1_AbCdEf123"
#define UPDATED "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define JWKS "/.well-known/jwks.json"
#define CERTS "\"certs_url\": \"" ISSUER JWKS "\""
#define CLIENT "\"client_id\": \"6o7h8i9j\""
#define CLOUD "\"config\": {" CLIENT ", " CERTS "}"

#define WRONG RESULT_CONFIG

struct config_row {
	const char *text;
	int code;
	const char *at, *part; /* of the fault */
};

/* The configuration of a good text; fails the test otherwise. The caller frees it. */
struct config *config_load(const char *text);

/* A row's text begins on line 2, column 1 of the file. */
void config_check_row(const char *before, const struct config_row *row, const char *after);
void config_check_rows(
    const char *before, const struct config_row *rows, size_t count, const char *after);

#define ROWS(before, rows, after)                                                              \
	config_check_rows(before, rows, sizeof(rows) / sizeof((rows)[0]), after)

#endif
