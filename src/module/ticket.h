/* SPDX-License-Identifier: MIT
 *
 * A ticket: what a sign-in leaves on the host, so that account can decide again without
 * asking the person. Its bytes, and what it is worth to whom. Pure: no files, no clock, no
 * JSON.
 *
 * A ticket file is a sequence of frame.h's fields: the heading, then the rows of ticket.c's
 * table in their order.
 */
#ifndef MODULE_TICKET_H
#define MODULE_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/message.h"

#define TICKET_USER_MAX 256 /* as LOCALUSER_NAME_MAX */
#define TICKET_PATH_MAX 4095 /* as config= */
#define TICKET_BOOT_MAX 36 /* a UUID */
#define TICKET_FINGERPRINT_MAX 383 /* twelve numbers, a build, a host name */
#define TICKET_SUB_MAX 255
#define TICKET_RULE_MAX 255
#define TICKET_GROUP_MAX 256 /* as a rule's grant: directories have long names */
#define TICKET_DECISIONS_MOST 128
/* 104 KiB of body, 32 of exports, 16 of decisions, and the short rows with the path. */
#define TICKET_BYTES_MAX (176u * 1024)
/* Whatever the helper says: a ticket ends after 30 days, a decision after a day. Seconds. */
#define TICKET_LIFETIME_MOST (30l * 86400)
#define TICKET_DECISION_MOST 86400l

struct ticket {
	char user[TICKET_USER_MAX + 1];
	uid_t uid;
	char path[TICKET_PATH_MAX + 1]; /* of the configuration */
	/* What the decisions depend on: the configuration file as it was, the build, this
	 * host's name. Under another fingerprint they are worth nothing. */
	char fingerprint[TICKET_FINGERPRINT_MAX + 1];
	char boot[TICKET_BOOT_MAX + 1]; /* "" in a ticket of an older format */
	char sub[TICKET_SUB_MAX + 1]; /* for the log */
	/* CLOCK_BOOTTIME, milliseconds: the sign-in (0: nothing was verified yet); when the
	 * claims in the body were verified; when the decisions were made; the end */
	int64_t born, verified, decided, until;
	bool refused; /* Cognito refused this person after the sign-in */
	/* By a sign-in of this process, and not on the disk: the pool remembers its device. */
	bool tracked;
	struct buffer decisions, exports; /* as in RESULT, message.h */
	struct buffer body; /* the helper's own, with the refresh token */
};

/* Whose ticket, under which configuration, and when. Borrowed texts. */
struct ticket_owner {
	const char *user;
	uid_t uid;
	const char *path;
	const char *boot; /* the boot id of now */
	int64_t now; /* clock_boot_ms() */
};

enum ticket_worth {
	TICKET_ABSENT, /* another owner's, or ahead of the clock */
	TICKET_EXPIRED, /* over, or of another boot */
	TICKET_REFUSED, /* refused by Cognito */
	TICKET_LIVE
};

/* What the rules allowed for one service. */
struct ticket_decision {
	char service[MESSAGE_SERVICE_MAX + 1];
	int64_t seconds; /* from ticket->decided */
	char groups[MESSAGE_GROUPS_MAX + 1]; /* GROUP,GROUP or "" */
	char rule[TICKET_RULE_MAX + 1];
};

/* What a RESULT says for the ticket. Borrowed bytes. */
struct ticket_news {
	struct field body, decisions, exports; /* body.len 0: no token was verified */
	int64_t lifetime; /* seconds */
	int64_t asked; /* clock_boot_ms() of the REQUEST or last ANSWER: no claim is younger,
			* however long a stopped host leaves the RESULT unread */
};

/* An empty ticket of this owner; nothing is allocated. False when a name is too long or holds
 * a control character. */
bool ticket_begin(struct ticket *, const struct ticket_owner *);

/* Wipes it; then it is as ticket_begin() left it, but without an owner. NULL is accepted. */
void ticket_wipe(struct ticket *);

/* Appends its bytes. Returns 0, RESULT_TOO_LARGE or RESULT_MEMORY. */
int ticket_encode(const struct ticket *, struct buffer *out);

/* Reads exactly what ticket_encode() writes of a ticket that lacks none of its texts, or a
 * ticket of the older format, which then is an expired one: user, uid, path, sub and body,
 * and nothing else. False, and the ticket empty, for anything else. bytes[len] must be NUL, as
 * buffer_text() gives it: the older format is text. The ticket must have been begun or wiped.
 */
bool ticket_decode(const char *bytes, size_t len, struct ticket *);

/* What it is worth to this owner now. */
enum ticket_worth ticket_judge(const struct ticket *, const struct ticket_owner *);

/* Applies the verdict result, given under this fingerprint: in one step, or not at all.
 * Cognito's refusal empties the ticket; a body replaces all that was known; without a body a
 * yes or a no of the rules replaces the decisions of a ticket that was born; any other result
 * changes nothing. *changed: the ticket is another now. Returns 0, RESULT_HELPER_FRAME (news
 * that message.h does not allow) or RESULT_MEMORY, and then the ticket is as it was. */
int ticket_apply(struct ticket *, int result, const struct ticket_news *,
    const char *fingerprint, bool *changed);

/* Replaces the body by the one of a rotated refresh token. As ticket_apply(). */
int ticket_rotate(struct ticket *, const struct field *body);

/* Cognito refused this person, or the helper broke the protocol: nothing usable stays. */
void ticket_refuse(struct ticket *);

/* Walks decisions: *rest begins as the buffer's bytes. False at the end, or where they are
 * malformed. */
bool ticket_decision_next(struct field *rest, struct ticket_decision *);
/* The decision about this service; false, and zeroed, when there is none. */
bool ticket_decision_find(const struct ticket *, const char *service, struct ticket_decision *);
/* Milliseconds for which it still holds; 0 when it does not. */
int64_t ticket_decision_left(
    const struct ticket *, const struct ticket_decision *, int64_t now);

/* Walks exports, likewise: *out is one OIDC_CLAIM_name=value, not terminated. */
bool ticket_export_next(struct field *rest, struct field *out);

#endif
