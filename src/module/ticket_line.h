/* SPDX-License-Identifier: MIT
 *
 * The two parts of a ticket that the module reads itself. Lines, one for each service that
 * the rules allow:
 *
 *	SERVICE TIME GROUP,GROUP RULE
 *
 * TIME is, from the helper, how many seconds from now it may be believed, and in a ticket
 * until when (clock_boot_ms()). "-" stands for no groups. The rule's name is last, may hold
 * spaces and may be empty. Exports, for the session:
 *
 *	OIDC_CLAIM_name=value
 *
 * Every line ends with a newline; of the helper's text the last one may lack it.
 */
#ifndef MODULE_TICKET_LINE_H
#define MODULE_TICKET_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/message.h"

struct buffer;

#define TICKET_SERVICE_MAX MESSAGE_SERVICE_MAX
#define TICKET_GROUPS_MAX MESSAGE_GROUPS_MAX
#define TICKET_GROUP_MAX 256 /* as a rule's grant: groups of a directory have long names */
#define TICKET_RULE_MAX 255
#define TICKET_LINES_MOST 128
#define TICKET_EXPORT_MAX MESSAGE_EXPORT_MAX
#define TICKET_EXPORTS_MOST MESSAGE_EXPORTS_MOST
/* Whatever the helper says, no line is believed longer: seconds. */
#define TICKET_LINE_MOST 86400ul

struct ticket_line {
	char service[TICKET_SERVICE_MAX + 1];
	int64_t time;
	char groups[TICKET_GROUPS_MAX + 1]; /* "" for none */
	char rule[TICKET_RULE_MAX + 1];
};

/* Checks the helper's lines and appends them with absolute times, cut to
 * TICKET_LINE_MOST. Returns 0, RESULT_HELPER_FRAME (malformed, too many, a service twice,
 * out too small) or RESULT_MEMORY. */
int ticket_lines_adopt(const char *text, int64_t now, struct buffer *out);

/* Are these a ticket's lines, all of them? */
bool ticket_lines_are_well_formed(const char *text, size_t len);

/* The line of this service in well-formed lines; false when there is none. */
bool ticket_lines_find(const char *text, const char *service, struct ticket_line *);

/* Does the line still hold? One that ends later than any line may is no line of ours. */
bool ticket_line_holds(const struct ticket_line *, int64_t now);

/* Checks the helper's exports and appends them. As ticket_lines_adopt(). */
int ticket_exports_adopt(const char *text, struct buffer *out);

bool ticket_exports_are_well_formed(const char *text, size_t len);

/* The next line of well-formed exports, without its newline: false at the end. *at is moved
 * behind it. */
bool ticket_exports_next(const char **at, const char **line, size_t *len);

/* May this be a local group's name here? */
bool ticket_is_group(const char *name, size_t len);

#endif
