/* SPDX-License-Identifier: MIT
 *
 * Every way a request can end: its number on the socket, its class, its PAM result, the
 * phrase for the log, and the sentence for the person. One table.
 *
 * Functions return 0 when they did what they were asked, and one of these codes when they did
 * not; so does a verdict. Variables that hold a verdict begin as RESULT_NONE. On the socket 0
 * is RESULT_ALLOWED: zeroed memory is no approval there. In the module 0 alone is.
 */
#ifndef COMMON_RESULT_H
#define COMMON_RESULT_H

#include <stdbool.h>

#include "common/sentence.h"

/* clang-format off */
/* X(name, class, PAM result, log phrase, sentence for the person) */
#define RESULTS(X) \
	X(ALLOWED, YES, PAM_SUCCESS, "allowed", "") \
	/* the host, its administrator, this installation */ \
	X(MEMORY, OTHER, PAM_BUF_ERR, "out of memory", SENTENCE_ADMIN) \
	X(NOT_ROOT, OTHER, PAM_SERVICE_ERR, "the calling program is not root", SENTENCE_ADMIN) \
	X(OPTION, OTHER, PAM_SERVICE_ERR, "unknown or malformed option", SENTENCE_ADMIN) \
	X(PAM_ITEM, OTHER, PAM_SERVICE_ERR, "the host program names no user or service", SENTENCE_ADMIN) \
	X(CONFIG_FILE, OTHER, PAM_SERVICE_ERR, "the configuration file cannot be trusted", SENTENCE_ADMIN) \
	X(CONFIG, OTHER, PAM_SERVICE_ERR, "the configuration is wrong", SENTENCE_ADMIN) \
	X(HELPER_START, OTHER, PAM_SERVICE_ERR, "the helper cannot be started", SENTENCE_ADMIN) \
	X(HELPER_LOST, OTHER, PAM_SERVICE_ERR, "the helper ended without a verdict", SENTENCE_ADMIN) \
	X(HELPER_FRAME, OTHER, PAM_SERVICE_ERR, "the helper violated the protocol", SENTENCE_ADMIN) \
	X(STORE, OTHER, PAM_SERVICE_ERR, "the key set cannot be cached", SENTENCE_ADMIN) \
	X(CONFINE, OTHER, PAM_SERVICE_ERR, "the helper cannot confine itself", SENTENCE_ADMIN) \
	X(EXPORT, OTHER, PAM_SERVICE_ERR, "the export of the pool cannot be used", SENTENCE_ADMIN) \
	X(RECORDS, OTHER, PAM_SERVICE_ERR, "the account records contradict each other", SENTENCE_ADMIN) \
	X(LIMITS, OTHER, PAM_SERVICE_ERR, "more would change than may without --force", SENTENCE_ADMIN) \
	X(CLIENT, OTHER, PAM_SERVICE_ERR, "the app client is misconfigured", SENTENCE_ADMIN) \
	X(CONVERSATION, OTHER, PAM_CONV_ERR, "the host program cannot ask the user", "The sign-in asked a question that cannot be answered here. With ssh, use keyboard-interactive.") \
	/* the local account */ \
	X(USER_UNKNOWN, OTHER, PAM_USER_UNKNOWN, "no such local user", SENTENCE_WRONG) \
	X(USER_LOOKUP, OTHER, PAM_SERVICE_ERR, "the local user cannot be looked up", SENTENCE_ADMIN) \
	X(USER_ROOT, OTHER, PAM_PERM_DENIED, "root does not sign in with Cognito", SENTENCE_WRONG) \
	X(USER_BELOW_MIN_UID, OTHER, PAM_PERM_DENIED, "the user's uid is below min_uid", SENTENCE_WRONG) \
	X(USER_LOCAL, OTHER, PAM_PERM_DENIED, "a local user that is not in the pool", SENTENCE_WRONG) \
	X(USER_LOCKED, OTHER, PAM_ACCT_EXPIRED, "the local account's record is locked", "This account is locked on this host. Please contact your administrator.") \
	X(USER_RECORD, OTHER, PAM_PERM_DENIED, "no record says who the local user is in the pool", SENTENCE_RULES) \
	X(USER_CHANGED, OTHER, PAM_PERM_DENIED, "user or service changed since the sign-in", SENTENCE_RULES) \
	X(NOT_SIGNED_IN, OTHER, PAM_PERM_DENIED, "nobody signed in during this transaction", "You did not sign in with Cognito. Please start again.") \
	/* the person */ \
	X(PASSWORD, OTHER, PAM_AUTH_ERR, "wrong password, or user unknown to the pool", SENTENCE_WRONG) \
	X(PASSWORD_FAKE, OTHER, PAM_AUTH_ERR, "the host program sent a placeholder instead of a password", SENTENCE_WRONG) \
	X(NOT_UTF8, OTHER, PAM_AUTH_ERR, "answer is not UTF-8", SENTENCE_WRONG) \
	X(PASSWORD_EMPTY, OTHER, PAM_AUTH_ERR, "empty password", SENTENCE_WRONG) \
	X(CANCELLED, OTHER, PAM_AUTH_ERR, "cancelled", "Cancelled.") \
	X(PERSON_SLOW, OTHER, PAM_AUTH_ERR, "no answer in time", "That took too long. Please start again.") \
	X(CODE, OTHER, PAM_AUTH_ERR, "wrong code", "That code is wrong.") \
	X(CODE_USED, OTHER, PAM_AUTH_ERR, "the code was used before", SENTENCE_CODE_USED) \
	X(CODE_EXPIRED, OTHER, PAM_AUTH_ERR, "the code that was sent is not valid any more", "That code has expired or was used already. Please start again to get a new one.") \
	X(CODE_TRIES, OTHER, PAM_MAXTRIES, "third wrong answer", "Too many wrong answers. Please start again.") \
	X(ATTEMPTS, OTHER, PAM_MAXTRIES, "Cognito counts too many attempts", "Too many attempts. Please wait a while before you try again.") \
	X(SESSION, OTHER, PAM_AUTH_ERR, "the session at Cognito has expired", "The sign-in took too long and has expired. Please start again.") \
	X(CHALLENGE, OTHER, PAM_AUTH_ERR, "a challenge that cannot be answered here", "Cognito requires a step that a terminal cannot do. Please sign in with a browser once, or contact your administrator.") \
	X(USER_DISABLED, REFUSAL, PAM_ACCT_EXPIRED, "disabled in the pool", "This account is disabled. Please contact your administrator.") \
	X(USER_NOT_CONFIRMED, REFUSAL, PAM_ACCT_EXPIRED, "not confirmed in the pool", "This account is not confirmed yet. Please contact your administrator.") \
	X(PASSWORD_EXPIRED, REFUSAL, PAM_CRED_EXPIRED, "temporary password expired", "Your temporary password has expired. Please ask your administrator for a new one.") \
	X(PASSWORD_RESET, REFUSAL, PAM_CRED_EXPIRED, "password reset required", "Your password must be reset. Please sign in again with a password, and answer yes.") \
	X(LAMBDA, REFUSAL, PAM_PERM_DENIED, "refused by the pool's own Lambda", "The user pool refused the sign-in. Please contact your administrator.") \
	X(SECURITY, REFUSAL, PAM_PERM_DENIED, "refused by the pool's threat protection", "The user pool refused the sign-in for security reasons. Please contact your administrator.") \
	X(FIREWALL, UNCLEAR, PAM_PERM_DENIED, "refused by the pool's firewall", "The sign-in service refuses requests from this host. Please contact your administrator.") \
	X(NEW_PASSWORD, OTHER, PAM_AUTHTOK_ERR, "new password refused", SENTENCE_NOT_CHANGED) \
	X(NEW_PASSWORD_TRIES, OTHER, PAM_MAXTRIES, "third new password refused", "The new password was refused too often. Please start again.") \
	X(SIGN_IN_AGAIN, OTHER, PAM_CRED_EXPIRED, "password reset by code", "Your new password is set. Please sign in with it.") \
	X(CHANGE_BY_ROOT, OTHER, PAM_AUTHTOK_ERR, "root may not change this password", "Root cannot change a password that is in Amazon Cognito. Please ask the user to run passwd.") \
	X(CHANGE_METHOD, OTHER, PAM_AUTHTOK_ERR, "this password_method cannot change passwords", "This password cannot be changed here. Please change it at your sign-in provider.") \
	X(NO_AUTHTOK, OTHER, PAM_AUTHTOK_ERR, "no new password from an earlier module", SENTENCE_NOT_CHANGED) \
	X(DEVICE_PENDING, OTHER, PAM_AUTH_ERR, "not approved yet", SENTENCE_NOT_APPROVED) \
	X(DEVICE_SLOW_DOWN, OTHER, PAM_AUTH_ERR, "polled too often", SENTENCE_NOT_APPROVED) \
	X(DEVICE_DENIED, OTHER, PAM_AUTH_ERR, "denied on the other device", "The sign-in was denied. Please start again if that was a mistake.") \
	X(DEVICE_UNSEEN, OTHER, PAM_AUTH_ERR, "answered at once, never approved", "Nobody approved the sign-in. Please start again in a terminal that shows the code.") \
	X(DEVICE_EXPIRED, OTHER, PAM_AUTH_ERR, "the code expired", "The code has expired. Please start again.") \
	/* the ticket, and what Cognito says to its refresh token */ \
	X(TICKET_NONE, OTHER, PAM_PERM_DENIED, "no live ticket", SENTENCE_ONCE) \
	X(TICKET_LOCK, OTHER, PAM_PERM_DENIED, "the ticket's lock was not free in time", "Another login of this user is being checked. Please try again.") \
	X(TICKET_KEEP, OTHER, PAM_SERVICE_ERR, "the ticket cannot be written", SENTENCE_ADMIN) \
	X(GROUPS, OTHER, PAM_CRED_ERR, "the granted groups cannot be set", SENTENCE_ADMIN) \
	X(REFRESH_REFUSED, REFUSAL, PAM_PERM_DENIED, "Cognito has ended the sign-in", SENTENCE_ONCE) \
	X(REFRESH_REUSE, OTHER, PAM_PERM_DENIED, "the refresh token was used before", SENTENCE_ONCE) \
	X(REFRESH_OTHER, OTHER, PAM_AUTH_ERR, "the refreshed token belongs to another sign-in", SENTENCE_PROOF) \
	X(FRESH_NEEDED, RULES, PAM_PERM_DENIED, "a fresh sign-in is required", SENTENCE_FRESH) \
	X(ANSWER_LONG, OTHER, PAM_AUTH_ERR, "answer too long", "That answer is too long. Please start again.") \
	X(AUTHORIZATION_FORM, OTHER, PAM_AUTH_ERR, "the pasted text contains no code", "The pasted text contains no code. Please start again.") \
	X(AUTHORIZATION_TWICE, OTHER, PAM_AUTH_ERR, "code pasted twice", "You pasted the code twice. Please start again, and paste it once.") \
	X(AUTHORIZATION_STATE, OTHER, PAM_AUTH_ERR, "state missing or of another sign-in", "The pasted code belongs to another sign-in. Please start again, and open the address that is shown.") \
	X(AUTHORIZATION_ERROR, OTHER, PAM_AUTH_ERR, "the browser returned an error", SENTENCE_BROWSER_OTHER) \
	X(AUTHORIZATION_CODE, OTHER, PAM_AUTH_ERR, "code used, expired or of another sign-in", "The code is not valid. A code works once, for a few minutes, and only in its own sign-in. Please start again.") \
	/* the way to Cognito and back */ \
	X(STALLED, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "stalled", SENTENCE_LATER) \
	X(SOCKET, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "this host has no socket to spare", SENTENCE_LATER) \
	X(DEADLINE, OUTAGE, PAM_AUTHINFO_UNAVAIL, "the deadline passed", SENTENCE_LATER) \
	X(RESOLVE, OUTAGE, PAM_AUTHINFO_UNAVAIL, "host name not resolved", SENTENCE_LATER) \
	X(CONNECT, OUTAGE, PAM_AUTHINFO_UNAVAIL, "no connection", SENTENCE_LATER) \
	X(TLS, OUTAGE, PAM_AUTHINFO_UNAVAIL, "TLS failed", SENTENCE_LATER) \
	X(HTTP, OUTAGE, PAM_AUTHINFO_UNAVAIL, "no usable HTTP answer", SENTENCE_LATER) \
	X(HTTP_STATUS, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "unexpected HTTP status", SENTENCE_LATER) \
	X(HTTP_CONTENT_TYPE, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "unexpected content type", SENTENCE_LATER) \
	X(TOO_LARGE, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "answer too large", SENTENCE_LATER) \
	X(JSON, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "answer is not strict JSON", SENTENCE_LATER) \
	X(ANSWER, OUTAGE, PAM_AUTHINFO_UNAVAIL, "answer lacks a required member", SENTENCE_LATER) \
	X(THROTTLED, OUTAGE, PAM_AUTHINFO_UNAVAIL, "Cognito is throttling", SENTENCE_LATER) \
	X(POOL, OUTAGE, PAM_AUTHINFO_UNAVAIL, "Cognito failed", SENTENCE_LATER) \
	X(POOL_ERROR, UNCLEAR, PAM_AUTHINFO_UNAVAIL, "an error of Cognito that is unknown here", SENTENCE_LATER) \
	X(SRP, OUTAGE, PAM_AUTHINFO_UNAVAIL, "unusable SRP parameters", SENTENCE_LATER) \
	X(JWKS, OUTAGE, PAM_AUTHINFO_UNAVAIL, "no usable key set", SENTENCE_LATER) \
	/* the proof */ \
	X(TOKEN_FORM, PROOF, PAM_AUTH_ERR, "not a compact JWS", SENTENCE_PROOF) \
	X(TOKEN_HEADER, PROOF, PAM_AUTH_ERR, "header not acceptable", SENTENCE_PROOF) \
	X(TOKEN_ALG, PROOF, PAM_AUTH_ERR, "alg is not RS256", SENTENCE_PROOF) \
	X(TOKEN_KID, PROOF, PAM_AUTH_ERR, "kid missing or malformed", SENTENCE_PROOF) \
	X(TOKEN_KEY, PROOF, PAM_AUTH_ERR, "signed by an unknown key", SENTENCE_PROOF) \
	X(TOKEN_SIGNATURE, PROOF, PAM_AUTH_ERR, "signature does not verify", SENTENCE_PROOF) \
	X(TOKEN_PAYLOAD, PROOF, PAM_AUTH_ERR, "payload is not a strict JSON object", SENTENCE_PROOF) \
	X(CLAIM_ISS, PROOF, PAM_AUTH_ERR, "iss is not this pool", SENTENCE_PROOF) \
	X(CLAIM_TOKEN_USE, PROOF, PAM_AUTH_ERR, "token_use is not as expected", SENTENCE_PROOF) \
	X(CLAIM_AUD, PROOF, PAM_AUTH_ERR, "aud or client_id is not this app client", SENTENCE_PROOF) \
	X(CLAIM_EXP, PROOF, PAM_AUTH_ERR, "exp missing, malformed or in the past", SENTENCE_PROOF) \
	X(CLAIM_NBF, PROOF, PAM_AUTH_ERR, "nbf malformed or in the future", SENTENCE_PROOF) \
	X(CLAIM_IAT, PROOF, PAM_AUTH_ERR, "iat missing, malformed or in the future", SENTENCE_PROOF) \
	X(CLAIM_AUTH_TIME, PROOF, PAM_AUTH_ERR, "auth_time malformed or in the future", SENTENCE_PROOF) \
	X(CLAIM_NONCE, PROOF, PAM_AUTH_ERR, "nonce does not match", SENTENCE_PROOF) \
	X(CLAIM_AT_HASH, PROOF, PAM_AUTH_ERR, "at_hash does not match", SENTENCE_PROOF) \
	X(CLAIM_SUB, PROOF, PAM_AUTH_ERR, "sub missing or malformed", SENTENCE_PROOF) \
	X(CLAIM_USERNAME, PROOF, PAM_AUTH_ERR, "no user name: not a user's token", SENTENCE_PROOF) \
	/* the decision */ \
	X(IDENTITY, OTHER, PAM_PERM_DENIED, "signed in as a different user", "You signed in as a different user. Please start again, and sign in as the user of this account.") \
	X(POLICY, RULES, PAM_PERM_DENIED, "no rule allows it", SENTENCE_RULES) \
	X(POLICY_DENY, RULES, PAM_PERM_DENIED, "a rule denies it", SENTENCE_RULE_DENIES)
/* clang-format on */

enum result {
	RESULT_NONE = -1, /* no verdict yet: never sent, never PAM's success */
	RESULT_ZERO, /* did what it was asked: written as 0 everywhere */
#define RESULT_ENUM(name, class, pam, phrase, sentence) RESULT_##name,
	RESULTS(RESULT_ENUM)
#undef RESULT_ENUM
	    RESULT_COUNT
};

/* Whose word a code is. What follows from it for a ticket is decided by this column alone. */
enum result_class {
	CLASS_OTHER, /* this host, or the person: the ticket stays as it is */
	CLASS_YES,
	CLASS_RULES, /* the person is who they say; the rules refuse */
	CLASS_PROOF, /* the token proves nothing: as OTHER */
	CLASS_REFUSAL, /* Cognito refuses this person: ends the ticket */
	CLASS_OUTAGE, /* Cognito cannot be asked: stale_ok applies */
	/* Nobody knows whether Cognito refuses: this host could not ask, or got a page, a
	 * status or an error that a firewall may have sent. stale_ok does not apply, and no
	 * token is taken for dead. */
	CLASS_UNCLEAR,
};

/* Is this one of the codes above? Check numbers from the socket with it. */
bool result_known(long code);

/* CLASS_OTHER for a number that is not in the table. */
enum result_class result_class(int code);

/* The PAM result of a refusal; PAM_SYSTEM_ERR for a number that is not in the table, and for
 * RESULT_ALLOWED: a function that returns true by mistake allows nobody. */
int result_pam(int code);

/* Static text; "no verdict" for a number that is not in the table. */
const char *result_phrase(int code);
const char *result_sentence(int code);

#endif
