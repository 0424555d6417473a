/* SPDX-License-Identifier: MIT
 *
 * The state of one sign-in, and its three flows. A flow begins with a user's name and ends with
 * tokens that nobody has verified yet.
 */
#ifndef HELPER_FLOW_FLOW_H
#define HELPER_FLOW_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "common/reason.h"
#include "helper/config/config.h"
#include "helper/flow/prompt.h"
#include "helper/flow/qr.h"
#include "helper/policy/ticket_body.h"
#include "helper/policy/users.h"

struct cognito_request;
struct http;
struct keys;
struct srp_group;

#define FLOW_NONCE_SIZE 23 /* 16 bytes in base64url, and NUL */

/* What this login has shown of a second factor. */
enum second_factor {
	SECOND_NONE,
	SECOND_PROVEN, /* another than the first, and older than this login */
	SECOND_NEW, /* chosen in this login, as anybody with the password could: no evidence,
		     * whatever the token says of it */
};

struct flow {
	struct channel channel;
	const struct config *config;
	struct http *http;
	const struct srp_group *srp_group; /* borrowed; NULL: SRP makes one */
	const char *host; /* its name, or "" */
	char login_name[USERS_NAME_MAX + 1]; /* what is sent to Cognito */
	enum qr_style qr;
	enum second_factor second_factor;
	bool password_renewed; /* a temporary password was replaced in this login */
	char nonce[FLOW_NONCE_SIZE]; /* what the ID token must repeat; "": none was sent */
	/* The answer with the tokens; owned. The texts are borrowed from it, NULL when absent.
	 */
	struct json *answer;
	const char *id_token, *access_token, *refresh_token;
	const char *device_key, *device_group_key; /* of a pool that tracks devices */
	enum ticket_source source; /* who gave the tokens */
	struct reason reason; /* why the last step failed */
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

/* The flows, each in its own file. On 0 the flow holds the tokens, not verified yet. Each
 * returns 0 or a result code with the reason set.
 *
 * password: SRP (Cognito's default), USER_PASSWORD_AUTH, USER_AUTH with whatever the pool
 * offers, or the OAuth password grant of another provider; then the challenges. A wrong
 * password is never sent twice.
 *
 * device (RFC 8628): shows a URL and a code for another device, and asks the token endpoint at
 * the pace that it sets. RESULT_PERSON_SLOW when the login's time is over.
 *
 * browser (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core 3.1): shows a URL, takes the
 * code that the user pastes back, and exchanges it. Nothing listens anywhere. The flow's nonce
 * is set, too. An error that was pasted denies the login; it never makes it "unavailable",
 * which might let a PAM stack go on. */
int password_run(struct flow *, const struct flow_request *);
int device_run(struct flow *, const struct flow_request *);
int browser_run(struct flow *, const struct flow_request *);

/* ---- for the flows ------------------------------------------------------------------- */

/* cognito_api_call() with the flow's connection, configuration and reason. */
int flow_call(struct flow *, const struct cognito_request *, struct json **out);

/* InitiateAuth for the flow's login_name with the AuthFlow of the configured password_method
 * (not ROPC). srp_a is for SRP, the password, which is read when the request is sent, for
 * PLAIN. As cognito_api_call(). */
int password_initiate(
    struct flow *, const char *srp_a, const struct buffer *password, struct json **answer);

/* Takes the tokens out of the flow's answer, by the names that an answer of this source (not
 * NONE) has. Returns 0, or RESULT_ANSWER when the ID token or the access token is missing; a
 * caller that needs only one of them looks itself. */
int flow_take_tokens(struct flow *, enum ticket_source);

/* Appends the text that sends the user to a browser: the QR code of link, who asks for a
 * sign-in, for which user and from where, with which account, the steps, a warning, the
 * question. One text, so that it can be one message: sshd holds back whatever precedes a
 * question. steps and question are printable. Without room for the QR code it is left out.
 * Returns 0, RESULT_TOO_LARGE or RESULT_MEMORY. */
int flow_invite(const struct flow *, const struct flow_request *, const char *link,
    const char *steps, const char *question, struct buffer *out);

#endif
