/* SPDX-License-Identifier: MIT
 *
 * The fields of each frame, in their order. Numbers are decimal text, "1" and "0" are yes
 * and no, and every field that is not marked as bytes holds no NUL.
 *
 *	module				helper
 *	REQUEST	 ------------------->
 *		 <-------------------	PROMPT
 *	ANSWER	 ------------------->			any number of times,
 *		 <-------------------	INFO, LOG, STORE,	in any order
 *					TICKET
 *		 <-------------------	REFETCH
 *	GRANT	 ------------------->
 *		 <-------------------	RESULT		once, last
 */
#ifndef COMMON_MESSAGE_H
#define COMMON_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/frame.h"

struct buffer;

/* Changed whenever a field or its meaning changes: module and helper of different
 * installations refuse each other. */
#define MESSAGE_VERSION "5"

#define MESSAGE_TEXT_MAX                                                                       \
	(16u * 1024) /* one prompt or notice: a QR code of an authorize URL takes 10 KiB */
#define MESSAGE_ANSWER_MAX 1024 /* sshd's client cuts an answer here */
#define MESSAGE_STORE_MAX (68u * 1024) /* a key set of 64 KiB and its heading */
#define MESSAGE_TICKET_MAX (104u * 1024) /* claims of one token, a refresh token, and names */
#define MESSAGE_LINES_MAX (16u * 1024) /* a line for each of 100 services */
#define MESSAGE_SERVICE_MAX 64 /* of a line: PAM's services are names of files in a folder */
#define MESSAGE_GROUPS_MAX 1024 /* of a line: 32 names of 32 bytes */
#define MESSAGE_EXPORT_NAME_MAX 128 /* of a variable, without its prefix */
#define MESSAGE_EXPORT_MAX 4096 /* its value: the contract's 4 KiB */
#define MESSAGE_EXPORTS_MOST 64 /* variables */
#define MESSAGE_EXPORTS_MAX (32u * 1024) /* eight claims at their limit of 4 KiB */

enum request_field {
	REQUEST_VERSION,
	REQUEST_PURPOSE, /* "login"; "check": may this password be changed; "change": do;
			  * "account": decide by the ticket, refreshed when it is old; "reuse":
			  * the same for auth, always refreshed, RESULT_ASK where the normal
			  * flow is to ask; "revoke": end the ticket at Cognito, RESULT_DONE.
			  * Of the command: "probe", look at everything between this host and
			  * a login; "keys", fetch the key set; RESULT_DONE */
	REQUEST_CONFIG_PATH, /* for messages only */
	REQUEST_CONFIG, /* bytes: the file's content */
	REQUEST_JWKS, /* bytes: what was STOREd before, or nothing */
	REQUEST_USER, /* PAM_USER */
	REQUEST_SERVICE, /* PAM_SERVICE */
	REQUEST_RHOST, /* PAM_RHOST, or nothing */
	REQUEST_FLOW, /* the PAM line's flow=, or nothing */
	REQUEST_WAIT, /* "enter": a question ends the waiting for another device; "none" */
	REQUEST_QR, /* "off", "auto", "utf8" or "ascii" */
	REQUEST_TIME_LEFT, /* milliseconds until the deadline */
	REQUEST_TICKET, /* bytes: the body of this person's ticket, or nothing */
	REQUEST_TICKET_AGE, /* seconds since its claims were verified; nothing without one */
	REQUEST_MAX_AGE, /* the PAM line's max_age= in seconds, or nothing */
	REQUEST_ROOT, /* "1": the local user is uid 0: only a map entry that names sub will do
		       */
	REQUEST_EXPIRED, /* bytes: the body of an expired ticket to be revoked, or nothing */
	REQUEST_FIELDS
};

enum prompt_field {
	PROMPT_KIND, /* hidden: "password", the account's; "again", the earlier module's was
		      * wrong, ask the person; "new", a new one. Shown: "shown" */
	PROMPT_TEXT,
	PROMPT_FIELDS
};

enum answer_field {
	ANSWER_TYPED, /* "1": by the person now; "0": an earlier module's password */
	ANSWER_TEXT,
	ANSWER_FIELDS
};

enum info_field { INFO_ERROR /* "1": an error message */, INFO_TEXT, INFO_FIELDS };
enum log_field { LOG_LEVEL /* "err", "warning", "notice", "debug" */, LOG_TEXT, LOG_FIELDS };
enum store_field { STORE_JWKS /* bytes */, STORE_FIELDS };

/* What is to be kept of a sign-in. The module keeps it with what is its own business: whose
 * it is, the boot clock, the fingerprint of the configuration. */
enum ticket_field {
	TICKET_STATE, /* "verified": everything is new, by a token verified now; "judged": the
		       * lines are new, by the claims of before; "rotated": only the body,
		       * because the refresh token in it has changed; "refused": Cognito will
		       * not have this person any more */
	TICKET_BODY, /* bytes: the helper's own, given back as REQUEST_TICKET; nothing when
		      * judged or refused */
	TICKET_LINES, /* what the rules allow, a line each, "" for nothing:
		       *	SERVICE SECONDS GROUP,GROUP RULE
		       * SECONDS: how long from now it may be believed without asking again;
		       * "-" for no groups; the rule's name is last and may hold spaces */
	TICKET_EXPORTS, /* for the session, a line each: OIDC_CLAIM_name=value; as the lines,
			 * new when verified or judged, and "" otherwise */
	TICKET_LIFETIME, /* seconds that it may live, from the sign-in that made it; "" unless
			  * verified */
	TICKET_FIELDS
};

/* Only to the command, never in a login. */
enum finding_field {
	FINDING_STATUS, /* "ok", "warn" or "fail" */
	FINDING_NAME, /* of finding.h's table, which has the advice */
	FINDING_SEEN, /* what was looked at, and what was there */
	FINDING_FIELDS
};

enum refetch_field { REFETCH_WHY, REFETCH_FIELDS };
enum grant_field {
	GRANT_YES,
	GRANT_JWKS, /* bytes: when no, the key set that is kept by now */
	GRANT_FIELDS
};

enum verdict_field {
	VERDICT_CODE, /* enum result */
	VERDICT_MESSAGE, /* for the person, if the code's own sentence is not enough */
	VERDICT_DETAIL, /* for the log, likewise */
	VERDICT_SUB, /* whom the token names; nothing before a token verified */
	VERDICT_RULE,
	VERDICT_FLOW,
	VERDICT_FIELDS
};

/* Sends a frame of text fields, given in the order above. As frame_send(). */
int message_send(
    int fd, enum frame_type, const char *const *texts, size_t count, int64_t deadline);

/* A field as text, or NULL when it holds a NUL or more than max bytes. Borrowed. */
const char *message_text(const struct frame *, size_t field, size_t max);

/* "1" or "0"; anything else is false and sets *bad. */
bool message_flag(const struct frame *, size_t field, bool *bad);

#endif
