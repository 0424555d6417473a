/* SPDX-License-Identifier: MIT
 *
 * The fields of each frame, in their order; REQUEST has request.h. Numbers are decimal text,
 * "1" and "0" are yes and no, and every field that is not marked as bytes holds no NUL.
 *
 *	module				helper
 *		 <-------------------	HELLO		first
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

#include "common/frame.h"

/* Changed whenever a field or its meaning changes: module and helper of different
 * installations refuse each other. */
#define MESSAGE_VERSION "13"

/* One prompt or notice: a QR code of an authorize URL takes 10 KiB. */
#define MESSAGE_TEXT_MAX (16u * 1024)
#define MESSAGE_ANSWER_MAX 1024 /* sshd's client cuts an answer here */
/* What both sides allow for after an ANSWER, however late it came: else who answers in the last
 * second could turn a no into "cannot be reached". Milliseconds; a connection and a dozen
 * requests. */
#define MESSAGE_ANSWERED_MS 5000
#define MESSAGE_ACCOUNT_MAX (16u * 1024) /* 2,048 characters of keys, and some names */
#define MESSAGE_STORE_MAX (68u * 1024) /* a key set of 64 KiB and its heading */
#define MESSAGE_TICKET_MAX (104u * 1024) /* claims of one token, a refresh token, and names */
#define MESSAGE_DECISIONS_MAX (16u * 1024) /* 128 services with a rule and some groups each */
/* Of a decision: PAM's services are names of files in a folder. */
#define MESSAGE_SERVICE_MAX 64
#define MESSAGE_GROUPS_MAX 1024 /* of a decision: 32 names of 32 bytes */
#define MESSAGE_EXPORT_NAME_MAX 128 /* of a variable, without its prefix */
#define MESSAGE_EXPORT_MAX 4096 /* its value: the contract's 4 KiB */
#define MESSAGE_EXPORTS_MOST 64 /* variables */
#define MESSAGE_EXPORTS_MAX (32u * 1024) /* eight claims at their limit of 4 KiB */

enum prompt_field {
	PROMPT_KIND, /* hidden: "password", the account's; "again", the earlier module's was
		      * wrong, ask the person; "new", a new one. Echoed: "echo_on" */
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

/* The refresh token was rotated: the ticket's new body, the token in it. It travels before the
 * RESULT because the old token is dead by now. */
enum ticket_field { TICKET_BODY /* bytes */, TICKET_FIELDS };

enum hello_field {
	HELLO_VERSION, /* MESSAGE_VERSION */
	HELLO_BUILD, /* paths.h's build_id: the warm helper's must be the module's own */
	HELLO_SANDBOX, /* HELLO_CONFINED */
	HELLO_FIELDS
};
#define HELLO_MAX 64 /* bytes of a field */
/* A build for sanitizers is not confined. */
#define HELLO_CONFINED (paths.sanitized ? "unconfined" : "confined")

/* Only to the command, never in a login. */
enum finding_field {
	FINDING_STATUS, /* "ok", "warn" or "fail" */
	FINDING_NAME, /* of finding.h's table, which has the advice */
	FINDING_SEEN, /* what was looked at, and what was there */
	FINDING_FIELDS
};

/* One account or group of the plan, only to the command. The command checks each field within
 * limits of its own, and writes no byte of it that is not named here. */
enum account_field {
	ACCOUNT_STATE, /* "export" (number: when it was made), "group", "active", "locked",
			* "left-out" */
	ACCOUNT_NAME,
	ACCOUNT_NUMBER, /* uid or gid */
	ACCOUNT_ISSUER,
	ACCOUNT_SUB,
	ACCOUNT_LOGIN,
	ACCOUNT_REAL_NAME,
	ACCOUNT_KEYS, /* one a line */
	ACCOUNT_GROUPS, /* decimal: bit n is unix_groups' nth */
	ACCOUNT_WHY, /* for the person who reads the plan */
	ACCOUNT_FIELDS
};

enum refetch_field {
	REFETCH_WHY, /* "kid": a token names a key that the set lacks, counted; "none": there is
		      * no set; "old": there is one that may be believed, so nobody is waited
		      * for */
	REFETCH_FIELDS
};
enum grant_field {
	GRANT_YES,
	GRANT_LEASED, /* "1": no, because another login has not ended its fetch in time */
	GRANT_JWKS, /* bytes: when no, the key set that is cached by now */
	GRANT_FIELDS
};

enum verdict_field {
	VERDICT_CODE, /* enum result; RESULT_ALLOWED also when a purpose other than a login
		       * did its work */
	VERDICT_MESSAGE, /* for the person, if the code's own sentence is not enough */
	VERDICT_DETAIL, /* for the log, likewise */
	VERDICT_SUB, /* whom the token names; "" before a token was verified */
	VERDICT_RULE, /* the rule that decided; "" for none */
	VERDICT_FLOW,
	/* The rest is for the ticket; "" where there is nothing to tell. */
	VERDICT_BODY, /* bytes: the helper's own, given back as REQUEST's ticket; only with a
		       * token that was verified now */
	VERDICT_DECISIONS, /* fields, four for each service that the rules allow: service;
			    * seconds from the REQUEST or last ANSWER for which that may be
			    * believed; GROUP,GROUP or ""; the rule's name */
	VERDICT_EXPORTS, /* fields for the session: OIDC_CLAIM_name=value */
	VERDICT_LIFETIME, /* seconds that a ticket may live, from its sign-in */
	VERDICT_REVOKED, /* "1": the expired ticket's refresh token is revoked, or it had none
			  */
	VERDICT_STALE, /* "1": Cognito could not be asked, and stale_ok believed older claims */
	VERDICT_TRACKED, /* "1": the pool remembers a device of this sign-in */
	VERDICT_FIELDS
};

#endif
