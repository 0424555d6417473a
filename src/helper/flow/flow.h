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
#include "helper/config/config.h"
#include "helper/net/cognito_api.h"
#include "helper/policy/users.h"
#include "helper/policy/ticket_body.h"

struct buffer;
struct http;
struct json;
struct keys;

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
	/* why it failed */
	struct api_error error;
	struct reason reason;
};

/* What the host wants of one sign-in. Borrowed. */
struct flow_request {
	const char *user, *service, *rhost; /* any bytes; rhost is "" when there is none */
	const char *password_prompt; /* the question for the password */
	struct buffer *password; /* receives what was typed, for a caller that changes the
				  * password; the caller wipes it */
	bool enter; /* device flow: end the text with a question, because the host cannot show
		     * a text, or cannot be interrupted, while it asks nothing */
	bool fresh; /* browser flow: the user must sign in even if the browser has a session */
	long long now; /* seconds since the epoch */
};

/* Which flow signs the user in: the PAM line's (word, "" for none) if the configuration has
 * what it needs, else the only one of the configuration, else the user's choice. *kind is set
 * in any case. Returns 0, RESULT_CONFIG with the reason set, or as menu_choose(). */
int flow_choose(struct flow *, const char *word, enum flow_kind *kind);

/* "password", "device" or "browser": the word of the PAM line, of the log and of the ticket. */
const char *flow_word(enum flow_kind);

/* Runs the flow. On 0 the flow holds the tokens, not verified yet. Returns 0 or a result code
 * with the reason set. */
int flow_run(struct flow *, struct keys *, enum flow_kind, const struct flow_request *);

/* Notes why a step failed and passes its code on. */
int flow_failed(struct flow *, int result, const char *step);

/* Takes the tokens out of the flow's answer, by the names that an answer of this source has
 * (not NONE). Which of them must be there is the caller's to say. */
void flow_take_tokens(struct flow *, enum ticket_source);

/* The step that failed was not the last word. */
void flow_forget(struct flow *);

#endif
