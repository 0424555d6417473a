/* SPDX-License-Identifier: MIT
 *
 * Cognito's challenges (RespondToAuthChallenge): a finite sequence of questions until there
 * are tokens or a refusal. A challenge that is not known here is a refusal, never a yes.
 * What the person is asked stands in the file of each kind; this is what they share.
 */
#ifndef HELPER_FLOW_CHALLENGE_H
#define HELPER_FLOW_CHALLENGE_H

#include <stdbool.h>

#include "common/buffer.h"
#include "helper/policy/users.h"

struct cJSON;
struct flow;
struct json;
struct srp;

#define CHALLENGE_STEPS 8 /* one login asks at most this many; Cognito's longest is 5 */
#define CHALLENGE_TRIES 3 /* wrong answers to one challenge; Cognito locks after 5 */
#define CHALLENGE_BODY_MAX (24u * 1024) /* a session, a secret block, attributes of 1 KiB */
#define CHALLENGE_CODE_MAX 9 /* digits of a code, and NUL */

/* The sequence, and the challenge that is open now. */
struct challenge {
	struct flow *flow;
	struct srp *srp; /* made when first needed; owned */
	const char *prompt; /* what asks for the password */
	struct buffer *password; /* empty until asked for; kept until the sequence ends, because
				  * a new password must differ from it */
	bool again; /* an earlier module's was wrong: the person is to be asked */
	bool typed; /* false: it was an earlier module's */
	char appended[CHALLENGE_CODE_MAX]; /* a code typed behind the password; "" when none */
	bool factor_proven; /* a first factor has been accepted: a code is a second one now */
	/* the newest answer; owned; the texts are borrowed from it */
	struct json *answer;
	const struct cJSON *parameters;
	const char *name; /* ChallengeName; NULL when there is none */
	const char *session; /* NULL when none came */
	/* the name that Cognito gave the user: it, not the typed one, goes into every answer */
	char username[USERS_NAME_MAX + 1];
	bool have_username;
};

/* From the answer to InitiateAuth (freed here) to tokens. Returns 0 with the flow's tokens
 * set, or a result code with its detail set. The caller frees with challenge_free(). */
int challenge_run(struct challenge *, struct json *answer);
void challenge_free(struct challenge *);

/* ---- for the files of each kind ---------------------------------------------------- */

/* {"ClientId":"…" */
int challenge_open_body(const struct flow *, struct buffer *body);
/* ,"name":"value" (without the comma behind a brace) */
int challenge_append(struct buffer *body, const char *name, const char *value);
/* ,"SECRET_HASH":"…" for this USERNAME, if the app client has a secret; name is
 * "SECRET_HASH" or "SecretHash", as the operation wants it */
int challenge_append_secret_hash(
    const struct flow *, struct buffer *body, const char *name, const char *username);

/* The body of an answer up to the first member of ChallengeResponses behind USERNAME. */
int challenge_open_response(const struct challenge *, struct buffer *body);
/* Closes the body, sends it, and reads what comes back; body is wiped. */
int challenge_respond(struct challenge *, struct buffer *body);

/* A parameter that must be there: its text, or NULL. */
const char *challenge_parameter(const struct challenge *, const char *name);

/* A parameter that is JSON inside a string, parsed; NULL when absent or no strict JSON.
 * The caller frees it. */
struct json *challenge_parameter_json(const struct challenge *, const char *name);

#endif
