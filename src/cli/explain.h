/* SPDX-License-Identifier: MIT
 *
 * Mapping and rules in detail, as explain and login report them. Text claims and patterns are
 * shown in quotes, as JSON writes them, so that one cannot pass for two.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

struct access_request;
struct buffer;
struct cJSON;
struct claims;
struct config;
struct config_list;
struct decision;
struct output;

#define EXPLAIN_VALUE_MAX 1020 /* bytes; explain_shown() ends a longer value with "..." */
#define EXPLAIN_VALUE BUFFER_INIT(EXPLAIN_VALUE_MAX)

/* Append a description to an EXPLAIN_VALUE. A claim of NULL is "absent". */
void explain_claim(struct buffer *, const struct cJSON *claim);
void explain_list(struct buffer *, const struct config_list *);

/* The finished text; lives until the value is wiped. */
const char *explain_shown(struct buffer *);

/* Calls decide() and reports the JSON object "mapping" and the array "rules", or lines: every
 * rule, also behind the one that decides. Returns what decide() returned; RESULT_MEMORY after
 * complaining. The caller frees the decision with decision_free() in any case. */
int explain_decision(struct output *, const struct config *, const struct claims *,
    const struct access_request *, struct decision *);

/* For people only: of the allow rules for this service, host and user the first one with the
 * fewest unmet conditions, and what these are. */
void explain_nearest(struct output *, const struct decision *);

#endif
