/* SPDX-License-Identifier: MIT
 *
 * Mapping and rules, condition by condition, as explain tells them.
 */
#ifndef CLI_EXPLAIN_REPORT_H
#define CLI_EXPLAIN_REPORT_H

struct decision;
struct output;
struct subject;

/* The object "mapping", or lines. */
void report_mapping(struct output *, const struct subject *);

/* The array "rules", or lines: all rules, also those that do not matter any more. */
void report_rules(struct output *, const struct decision *);

/* Of the allow rules about this service, host and user, the first one that lacks least, and
 * what it lacks. For people only. */
void report_nearest(struct output *, const struct decision *);

#endif
