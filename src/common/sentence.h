/* SPDX-License-Identifier: MIT
 *
 * Every question and notice of the module and its helper. Each is plain English and says what
 * to do next. result.h assigns one sentence to each result and uses the first group below.
 * docs/messages.md is generated from both files: the comment above a sentence becomes its
 * "when" column.
 */
#ifndef COMMON_SENTENCE_H
#define COMMON_SENTENCE_H

/* ---- results that share a sentence -------------------------------------------------- */

/* The host program alone says that it failed: who started it may stop it at a word of ours,
 * before pam_faillock counts. Nothing reveals whether the user exists. */
#define SENTENCE_WRONG ""
/* This host, its configuration or this installation is wrong. */
#define SENTENCE_ADMIN                                                                         \
	"Sign-in is not set up correctly on this host. Please contact your administrator."
/* Cognito is unreachable, too slow or sends no usable answer. */
#define SENTENCE_LATER                                                                         \
	"The sign-in service cannot be reached right now. Please try again later."
/* The token does not verify. */
#define SENTENCE_PROOF                                                                         \
	"The answer of the sign-in service could not be verified, so you are not signed in. "  \
	"Please contact your administrator."
/* No rule allows the service. */
#define SENTENCE_RULES                                                                         \
	"Your sign-in is valid, but no rule allows you to use this service on this host. "     \
	"Please contact your administrator."
/* A deny rule matches. */
#define SENTENCE_RULE_DENIES                                                                   \
	"Your sign-in is valid, but a rule denies you this service on this host. Please "      \
	"contact your administrator."
/* There is no ticket, or it has expired, or Cognito has refused it. */
#define SENTENCE_ONCE                                                                          \
	"Your Cognito sign-in on this host is missing or has expired. Sign in again: ssh -o "  \
	"PreferredAuthentications=keyboard-interactive HOST"
/* The rule requires a more recent sign-in than the ticket's, or a second factor. */
#define SENTENCE_FRESH                                                                         \
	"This service requires a fresh Cognito sign-in. Sign in again: ssh -o "                \
	"PreferredAuthentications=keyboard-interactive HOST"
/* Nobody approved the sign-in on the other device in time. */
#define SENTENCE_NOT_APPROVED "The sign-in was not approved. Please start again."
/* The pool has seen the code of the authenticator app before; the question follows again. */
#define SENTENCE_CODE_USED "That code was used already. Please wait for the next one."
/* The pool refused the new password, or an earlier module supplied none. */
#define SENTENCE_NOT_CHANGED "The password was not changed. Please try again."

/* ---- passwords ----------------------------------------------------------------------- */

/* The first question of a password sign-in, also for users that the host refuses. */
#define SENTENCE_PASSWORD "Password: "
/* passwd asks for the password to change. */
#define SENTENCE_CURRENT_PASSWORD "Current password: "
/* A new password is needed. */
#define SENTENCE_NEW_PASSWORD "New password: "
/* The new password is needed a second time. */
#define SENTENCE_NEW_PASSWORD_AGAIN "New password again: "
/* The two new passwords differ; the question follows again. */
#define SENTENCE_NOT_THE_SAME "The two passwords do not match."
/* The new password equals the old one; the question follows again. */
#define SENTENCE_NOT_THE_OLD "The new password must differ from the old one."
/* The pool refused the new password. Its reason follows, then the question again. */
#define SENTENCE_REFUSED "The new password was refused: "
/* An administrator set a temporary password. */
#define SENTENCE_TEMPORARY "\nYour password is temporary. Press Enter to choose a new one: "
/* Cognito requires a reset by code. */
#define SENTENCE_RESET                                                                         \
	"\nYour password must be reset. Send a code to the address that Cognito has for you? " \
	"(yes/no): "
/* Cognito requires a reset, but has no verified address. */
#define SENTENCE_NO_ADDRESS                                                                    \
	"Your password must be reset, but Cognito has no address to send a code to. Please "   \
	"contact your administrator."
/* The pool requires an attribute that it does not have; its name follows. */
#define SENTENCE_ATTRIBUTE "Your %s: "
/* The pool refused the attribute. Its reason follows, then the question again. */
#define SENTENCE_ATTRIBUTE_REFUSED "That was not accepted: "

/* ---- codes: questions that Emacs TRAMP and others know by their first words ------------ */

/* Cognito sent a text message or an e-mail. It masks the destination. */
#define SENTENCE_CODE_SENT "Verification code sent to %s: "
/* The user has an authenticator app. */
#define SENTENCE_CODE_OF_APP "Verification code from your authenticator app: "
/* The pool has seen this code before; the question follows again. */
#define SENTENCE_SENT_CODE_USED                                                                \
	"That code was used already. Please enter the newest one that was sent to you."
/* The user sets up an authenticator app. The QR code precedes this, the key follows. */
#define SENTENCE_SET_UP_APP                                                                    \
	"You need an authenticator app to sign in. Scan the code with it, or type this "       \
	"key:\n  "
/* The first code of the new app. */
#define SENTENCE_FIRST_CODE "Verification code from the app: "
/* The pool's own Lambda function asks; its question precedes this. */
#define SENTENCE_ANSWER "Answer: "
/* Cognito requires a step that a terminal cannot do. Cognito's name of it follows. */
#define SENTENCE_CANNOT_DO                                                                     \
	"Cognito requires a step that a terminal cannot do (%s). Please sign in with a "       \
	"browser, or contact your administrator."

/* A Lambda function of the pool refused the sign-in; its own words follow. */
#define SENTENCE_LAMBDA "The user pool refused the sign-in: %.*s"

/* ---- menus --------------------------------------------------------------------------- */

/* Several flows are configured, or the pool offers several methods. */
#define SENTENCE_CHOOSE_FLOW "How do you want to sign in?"
/* The user has several second factors. */
#define SENTENCE_CHOOSE_FACTOR "How do you want to prove who you are?"
/* The question below the numbered lines of a menu. */
#define SENTENCE_NUMBER "Number: "
/* A line of the menu: the password flow. */
#define SENTENCE_WAY_PASSWORD "Password"
/* A line of the menu: the device flow. */
#define SENTENCE_WAY_DEVICE "Another device (phone, browser)"
/* A line of the menu: the browser flow. */
#define SENTENCE_WAY_BROWSER "Browser (then paste a code here)"
/* A line of the menu: an authenticator app. */
#define SENTENCE_WAY_APP "Code from your authenticator app"
/* A line of the menu: a text message. */
#define SENTENCE_WAY_MESSAGE "Code by text message"
/* A line of the menu: an e-mail. */
#define SENTENCE_WAY_MAIL "Code by e-mail"

/* ---- another device, a browser ----------------------------------------------------- */

/* Both flows: service, host, user, " from " and rhost, the account, the steps, the question. */
#define SENTENCE_INVITATION                                                                    \
	"%s on %s requests a sign-in for %s%s%s.\n"                                            \
	"%s%s"                                                                                 \
	"If you did not start this, do not approve it.\n"                                      \
	"%s"
/* Which of their accounts users need: the configuration's name. */
#define SENTENCE_ACCOUNT "Use your %s account.\n"
/* The steps of the device flow: address and code. */
#define SENTENCE_DEVICE_STEPS "Open  %s\nCode  %s\n"
/* The question of the device flow, under programs that cannot show or cancel a wait. */
#define SENTENCE_DEVICE_QUESTION "Press Enter when you have approved it: "
/* The steps of the browser flow. */
#define SENTENCE_BROWSER_STEPS "Open this address in a browser and sign in there:\n%s\n"
/* The question of the browser flow. */
#define SENTENCE_BROWSER_QUESTION "Paste the code or the address of the page you landed on: "
/* A different user signed in on the other device or in the browser. */
#define SENTENCE_OTHER_PERSON                                                                  \
	"Signed in as \"%.200s\"; this login is for \"%.200s\". Please start again."

/* ---- errors in the address that a browser returns; the error follows in parentheses -- */

/* access_denied */
#define SENTENCE_BROWSER_DENIED                                                                \
	"The sign-in was cancelled or refused in the browser. Please start again."
/* login_required */
#define SENTENCE_BROWSER_SILENT                                                                \
	"The sign-in page was not allowed to ask you to sign in. Please contact your "         \
	"administrator."
/* redirect_mismatch */
#define SENTENCE_BROWSER_REDIRECT                                                              \
	"The callback URL is not registered with the app client. Please contact your "         \
	"administrator."
/* invalid_scope */
#define SENTENCE_BROWSER_SCOPE                                                                 \
	"The app client may not request these scopes. Please contact your administrator."
/* unauthorized_client */
#define SENTENCE_BROWSER_CLIENT                                                                \
	"The app client does not allow sign-in with a browser. Please contact your "           \
	"administrator."
/* invalid_request */
#define SENTENCE_BROWSER_REQUEST                                                               \
	"The sign-in page did not understand the request. Please contact your administrator."
/* server_error */
#define SENTENCE_BROWSER_SERVER "The sign-in page had a problem. Please try again later."
/* temporarily_unavailable */
#define SENTENCE_BROWSER_BUSY "The sign-in page is busy. Please try again later."
/* any other error */
#define SENTENCE_BROWSER_OTHER "The sign-in in the browser failed. Please start again."

#endif
