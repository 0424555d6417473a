/* SPDX-License-Identifier: MIT
 *
 * What the steps of one login share, and how a flow begins and ends: with a person's name
 * it starts, with tokens that nobody has believed yet it ends.
 */
#ifndef HELPER_FLOW_FLOW_H
#define HELPER_FLOW_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/reason.h"
#include "helper/flow/prompt.h"
#include "helper/flow/qr.h"
#include "helper/net/cognito_api.h"
#include "helper/policy/users.h"
#include "helper/policy/ticket_body.h"

struct config;
struct http;
struct json;

#define FLOW_NONCE_SIZE 25 /* 16 bytes in base64url, with room to encode them */

struct flow {
	struct channel channel;
	const struct config *config;
	struct http *http;
	char login_name[USERS_NAME_MAX + 1]; /* what is sent to Cognito */
	enum qr_style qr;
	bool mfa_answered; /* a second factor was asked for and accepted in this login */
	bool password_renewed; /* a temporary password was replaced in this login */
	char nonce[FLOW_NONCE_SIZE]; /* what the ID token must repeat; "": nothing was asked for
				      */
	/* what came of it: the answer that holds the tokens; owned */
	struct json *answer;
	const char *id_token, *access_token; /* borrowed from answer; NULL when absent */
	const char *refresh_token, *device_key; /* likewise */
	enum ticket_source source; /* who gave them */
	/* a ticket that is over, to be revoked when there is nothing else to do; borrowed, NULL
	 * when there is none or it has been done */
	const struct ticket_body *expired;
	/* why it failed */
	struct api_error error;
	struct reason reason;
};

/* Notes why a step failed and passes its code on. */
int flow_failed(struct flow *, int result, const char *step);

/* Takes the tokens out of the flow's answer, by the names that an answer of this source has
 * (not NONE). Which of them must be there is the caller's to say. */
void flow_take_tokens(struct flow *, enum ticket_source);

/* The step that failed was not the last word. */
void flow_forget(struct flow *);

#endif
