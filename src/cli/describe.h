/* SPDX-License-Identifier: MIT
 *
 * Values of claims and conditions in words. Texts stand in quotes, as JSON writes them, so
 * that none passes for two.
 */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include <stddef.h>

#define DESCRIBED_MAX 1024 /* what is longer ends with "..." */

struct cJSON;
struct condition;
struct config_list;
struct config_claim;
struct config_rule;
struct subject;

void describe_text(const char *text, char out[DESCRIBED_MAX]);
void describe_list(const struct config_list *, char out[DESCRIBED_MAX]);
void describe_accepted(const struct cJSON *first, char out[DESCRIBED_MAX]);
/* "absent" for NULL. */
void describe_claim(const struct cJSON *claim, char out[DESCRIBED_MAX]);

/* What a rule's condition wants, and what there is. */
void describe_wanted(
    const struct condition *, const struct config_rule *, char out[DESCRIBED_MAX]);
void describe_found(const struct condition *, const struct subject *, char out[DESCRIBED_MAX]);
/* The same of one member of claims. */
void describe_found_claim(
    const struct subject *, const struct config_claim *, char out[DESCRIBED_MAX]);

#endif
