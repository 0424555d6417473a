/* SPDX-License-Identifier: MIT
 *
 * Cognito's challenges (RespondToAuthChallenge): a finite sequence of questions, until there
 * are tokens or a refusal. A challenge that is not in the table of password.c is a refusal. To
 * add one, write its function and its row there.
 */
#ifndef HELPER_FLOW_CHALLENGE_H
#define HELPER_FLOW_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

#include "helper/flow/prompt.h"
#include "helper/policy/users.h"

struct cognito_request;
struct flow;
struct flow_request;
struct json;
struct srp;

#define CHALLENGE_STEPS 8 /* challenges in one login; Cognito's longest sequence has 5 */
#define CHALLENGE_SESSION_MAX 4096 /* characters; Cognito's limit is 2048 */
#define CHALLENGE_CODE_MAX 9 /* digits of a code, and NUL */

enum factor { FACTOR_PASSWORD = 1, FACTOR_APP = 2, FACTOR_MESSAGE = 4, FACTOR_MAIL = 8 };

/* The sequence, and the challenge that is open now. */
struct challenge {
	struct flow *flow;
	/* Its password is empty until it is asked for; it is kept until the sequence ends,
	 * because a new password must differ from it. */
	const struct flow_request *request;
	struct srp *srp; /* made when first needed; owned */
	enum prompt_kind asking; /* ASK_PASSWORD, or ASK_PASSWORD_AGAIN */
	bool typed; /* false: the password is an earlier module's */
	int unheard; /* why there is no password: the first request was not sent */
	/* Bits of enum factor: what this login has proven, and what was chosen in it: an app
	 * that was set up, an address that was typed. */
	unsigned proven, chosen;
	char appended[CHALLENGE_CODE_MAX]; /* a code typed after the password; "" for none */
	/* The name that Cognito gave the user goes into every response, not the typed one; ""
	 * while unknown. */
	char username[USERS_NAME_MAX + 1];
	/* the newest answer; owned. The texts are borrowed from it. */
	struct json *answer;
	const struct cJSON *parameters;
	const char *name; /* ChallengeName; NULL when there is none */
	const char *session; /* NULL when none came */
};

/* Takes over the answer to InitiateAuth or to a challenge, also when it is refused, and reads
 * which challenge is open now. Returns 0, or RESULT_ANSWER with the flow's reason set. */
int challenge_read(struct challenge *, struct json *answer);
void challenge_free(struct challenge *);

/* ---- for the files with the challenges ---------------------------------------------- */

/* Completes and sends a request that has nothing but parameters: the ChallengeResponses,
 * without USERNAME and SECRET_HASH. Then reads the next challenge: name, session and parameters
 * are other ones. Returns 0 or a result code. */
int challenge_respond(struct challenge *, struct cognito_request *);

/* Cognito has accepted this factor. It is a second one after another that is not the same: two
 * codes to one mailbox are one factor. */
void challenge_prove(struct challenge *, enum factor);

/* A text parameter of the challenge, or NULL. */
const char *challenge_parameter(const struct challenge *, const char *name);

/* A parameter that is JSON in a string, parsed; NULL when absent or no strict JSON. The caller
 * frees it. *first is its first element, or NULL. */
struct json *challenge_parameter_json(
    const struct challenge *, const char *name, const struct cJSON **first);

/* Is this name among the elements, of which offer is the first? */
bool challenge_is_offered(const struct cJSON *offer, const char *name);

/* code.c. Codes are asked with echo on: they are worthless a minute later, and sshd's password
 * method, which answers every hidden prompt with the password, cannot send it as a code. */
int code_respond(struct challenge *); /* SOFTWARE_TOKEN_MFA, SMS_..., EMAIL_... */
/* Asks for a code of 6 to most digits; spaces and hyphens are ignored. Returns 0, RESULT_CODE
 * (anything else was typed; it is not sent), or as prompt_question(). */
int code_ask(struct flow *, const char *prompt, size_t most, char code[CHALLENGE_CODE_MAX]);
/* Calls attempt, which asks for a code and sends it, until it returns anything but RESULT_CODE
 * or RESULT_CODE_USED, and tells the user of each; used: the sentence for a code that was used
 * before, where one app shows the next and another is sent. first: in the first call. Returns
 * RESULT_CODE_TRIES after PROMPT_TRIES of them, not counting the first that was used before,
 * else as attempt. */
int code_attempts(
    struct flow *, const char *used, int (*attempt)(void *, bool first), void *arg);
/* "Verification code sent to +*******9878: ", with the destination printable. NULL: "you". */
void code_sent_prompt(const char *destination, char *out, size_t size);

/* mfa_setup.c. MFA_SETUP: the user sets up an authenticator app. It shows the secret as text
 * and as a QR code. A factor that was set up in this login proves nothing: anybody with the
 * password chose it. */
int mfa_setup(struct challenge *);

#endif
