/* SPDX-License-Identifier: MIT
 *
 * The REQUEST frame as a struct: what the module or the command wants of the helper. One row
 * of request.c's table encodes, decodes and bounds a member.
 */
#ifndef COMMON_REQUEST_H
#define COMMON_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "common/frame.h"

#define REQUEST_FIELDS 20
/* With less time left Cognito is not asked about a ticket, and no stale claims are believed
 * either: whoever starts a set-uid host can use up its time. Milliseconds. */
#define REQUEST_REFRESH_LEAST_MS 3000
#define REQUEST_HOST_MAX 255 /* bytes; a DNS name. Linux ends at 64 */
#define REQUEST_NAME_MAX 256 /* bytes of a user's or a service's name */

enum purpose {
	PURPOSE_LOGIN, /* sign in, then decide */
	PURPOSE_ACCOUNT, /* decide by the ticket; refresh it when it is old */
	PURPOSE_REUSE, /* the same for auth; refresh it always */
	PURPOSE_CHECK, /* can this password be changed? Contacts nobody */
	PURPOSE_CHANGE, /* sign in, then change the password */
	PURPOSE_REVOKE, /* revoke the ticket's refresh token */
	PURPOSE_PROBE, /* look at everything between this host and a login; FINDINGs */
	PURPOSE_KEYS, /* fetch the key set */
	PURPOSE_ACCOUNTS, /* plan accounts from the bundle of files that follows; ACCOUNTs */
	PURPOSES
};

/* The PAM line's options that the helper acts on. */
struct request_options {
	const char *flow; /* "" or the only flow that may run */
	const char *prompt; /* "enter": a question ends the wait for the device; "none" */
	const char *qr; /* "off", "auto", "utf8", "ascii" */
	long max_age; /* seconds since auth_time that a reused sign-in may have; -1: any */
};

/* Everything is borrowed: from the caller, or from the frame that was read. */
struct request {
	enum purpose purpose;
	const char *config_path; /* for messages */
	const char *user, *service, *rhost; /* PAM's items; rhost may be "" */
	/* gethostname()'s answer where the login is, or "". helper_client_run() asks for it: a
	 * helper that is loaded already may have been started under another name. */
	const char *host;
	struct request_options options;
	struct field config, jwks; /* bytes: the file; the cached key set, or nothing */
	struct field ticket; /* bytes: the body of this user's live ticket, or nothing */
	struct field
	    account; /* bytes: the private part of the account's own record, or nothing */
	struct field expired; /* the same of this user's expired ticket, to be revoked */
	long ticket_age; /* seconds since the ticket's claims were verified; -1: no ticket */
	long time_left; /* milliseconds to the deadline */
	long root; /* 1: the local user is uid 0; only a map entry that names sub will do */
	long logged_in; /* 1: the host asks somebody who is logged in already, as sudo does */
};

/* NULL texts are sent as "". Returns as frame_send(). */
int request_send(int fd, const struct request *, int64_t deadline);

/* Checks every field of a decoded REQUEST. Returns 0 or RESULT_HELPER_FRAME. */
int request_read(const struct frame *, struct request *out);

#endif
