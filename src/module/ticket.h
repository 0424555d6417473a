/* SPDX-License-Identifier: MIT
 *
 * A ticket: what a sign-in leaves behind, so that account can decide again without asking
 * the person. Its text, and what it is worth to whom: pure, no files, no clock, no JSON.
 *
 *	pam_cognito_oidc ticket 1
 *	user alice			whose it is
 *	uid 1001
 *	path /etc/pam_cognito_oidc/config.json
 *	print ...			fingerprint.h: by which configuration the lines are
 *	boot ...			the kernel's boot id
 *	sub ...				whom the pool calls it, for the log
 *	born 8713000			when the person signed in; CLOCK_BOOTTIME, milliseconds
 *	verified 8713000		when the claims in the body were verified
 *	until 44713000			when it ends
 *	refused 0			1: Cognito will not have this person any more
 *	lines BYTES, exports BYTES, body BYTES	each followed by that many bytes and a newline
 *	end
 */
#ifndef MODULE_TICKET_H
#define MODULE_TICKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "module/fingerprint.h"

#define TICKET_USER_MAX 256 /* as LOCALUSER_NAME_MAX */
#define TICKET_PATH_MAX 4095 /* as config= */
#define TICKET_BOOT_MAX 36 /* a UUID */
#define TICKET_SUB_MAX 255
/* 104 KiB of body, 32 of exports, 16 of lines with a little more for longer numbers, and
 * the heading with its path. */
#define TICKET_TEXT_MAX (176u * 1024)
/* Whatever the helper says, a ticket ends after this: seconds. */
#define TICKET_LIFETIME_MOST (30ul * 86400)

struct ticket {
	char user[TICKET_USER_MAX + 1];
	uid_t uid;
	char path[TICKET_PATH_MAX + 1];
	char print[FINGERPRINT_MAX];
	char boot[TICKET_BOOT_MAX + 1];
	char sub[TICKET_SUB_MAX + 1];
	int64_t born, verified, until; /* 0: nothing has been verified yet */
	bool refused;
	struct buffer lines; /* ticket_line.h */
	struct buffer exports; /* likewise */
	struct buffer body; /* the helper's own, with the refresh token */
};

/* Whose ticket is looked for, and when. */
struct ticket_owner {
	const char *user;
	uid_t uid;
	const char *path; /* of the configuration */
	const char *boot; /* boot id of now */
	int64_t now; /* clock_boot_ms() */
};

enum ticket_worth {
	TICKET_ABSENT, /* somebody else's, of another boot, or ahead of the clock */
	TICKET_EXPIRED, /* over */
	TICKET_REFUSED, /* refused by Cognito */
	TICKET_LIVE
};

/* An empty one of this person; nothing is allocated. False when a name is too long or holds
 * a control character. */
bool ticket_begin(struct ticket *, const struct ticket_owner *);

/* Cognito will not have this person, or who answered for it lied: nothing is left in it that
 * somebody could use, or steal. */
void ticket_refuse(struct ticket *);

/* Wipes it; then it is as ticket_begin() left it, but nobody's. NULL is accepted. */
void ticket_wipe(struct ticket *);

/* Appends its text. Returns 0, RESULT_TOO_LARGE or RESULT_MEMORY. */
int ticket_encode(const struct ticket *, struct buffer *out);

/* Reads exactly what ticket_encode() writes. False, and the ticket empty, for anything
 * else. The ticket must have been begun or wiped. */
bool ticket_decode(const char *text, size_t len, struct ticket *);

/* What it is worth to this person now. */
enum ticket_worth ticket_judge(const struct ticket *, const struct ticket_owner *);

#endif
