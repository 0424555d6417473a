/* SPDX-License-Identifier: MIT
 *
 * Every sentence that a person is asked or told, both by the module and by its helper: plain,
 * and saying what to do next. How a sign-in ends is told by result.h's table, which shares
 * the first ones; docs/messages.md is made of both. The comment above each says when.
 */
#ifndef COMMON_SENTENCE_H
#define COMMON_SENTENCE_H

/* ---- endings that several results share --------------------------------------------- */

/* whatever must not tell whether a name exists */
#define SENTENCE_WRONG "Incorrect user name or password."
/* the host, its configuration, this installation */
#define SENTENCE_ADMIN                                                                         \
	"Sign-in is not set up correctly on this host. Please tell its administrator."
/* the way to Cognito and back */
#define SENTENCE_LATER                                                                         \
	"The sign-in service cannot be reached right now. Please try again later."
/* a token that does not hold */
#define SENTENCE_PROOF                                                                         \
	"The sign-in service's answer could not be verified; you were not signed in. Please "  \
	"tell your administrator."
/* no rule allows it */
#define SENTENCE_RULES                                                                         \
	"You proved who you are, but no rule lets you use this service on this host. Please "  \
	"ask your administrator."
/* a deny rule matches */
#define SENTENCE_RULE_DENIES                                                                   \
	"You proved who you are, but a rule keeps you from using this service on this host. "  \
	"Please ask your administrator."
/* no ticket, or one that does not do any more */
#define SENTENCE_ONCE                                                                          \
	"Please sign in with Cognito once: ssh -o "                                            \
	"PreferredAuthentications=keyboard-interactive"
/* a device that was not approved in time */
#define SENTENCE_NOT_APPROVED "The sign-in was not approved. Please start again."
/* the pool or an earlier module gave no new password */
#define SENTENCE_NOT_CHANGED "The password was not changed. Please try again."

/* ---- passwords ----------------------------------------------------------------------- */

/* the first question of a password sign-in, also for those who are refused locally */
#define SENTENCE_PASSWORD "Password: "
/* passwd: the password that is to be changed */
#define SENTENCE_CURRENT_PASSWORD "Current password: "
/* a new password, the first time */
#define SENTENCE_NEW_PASSWORD "New password: "
/* and the second */
#define SENTENCE_NEW_PASSWORD_AGAIN "New password again: "
/* they differ; the question comes again */
#define SENTENCE_NOT_THE_SAME "The two passwords are not the same."
/* the question comes again */
#define SENTENCE_NOT_THE_OLD "The new password must differ from the old one."
/* the pool's own words follow, and the question comes again */
#define SENTENCE_REFUSED "The new password was refused: %s"
/* an administrator has set it */
#define SENTENCE_TEMPORARY "\nYour password is temporary. Press Enter to choose a new one: "
/* Cognito wants it to be reset by a code */
#define SENTENCE_RESET                                                                         \
	"\nYour password must be reset. Send a code to the address that Cognito knows? "       \
	"(yes/no): "
/* Cognito wants it, and knows no verified address */
#define SENTENCE_NO_ADDRESS                                                                    \
	"Your password must be reset, and Cognito has no address to send a code to. Please "   \
	"ask your administrator."
/* a required attribute that the pool lacks, by its name */
#define SENTENCE_ATTRIBUTE "Your %s: "

/* ---- codes --------------------------------------------------------------------------- */

/* text message or e-mail; the destination is masked by Cognito */
#define SENTENCE_CODE_SENT "Code sent to %s: "
/* an authenticator app that is set up */
#define SENTENCE_CODE_OF_APP "Code from your authenticator app: "
/* one that is being set up: the QR code, these words, the key, and the question below */
#define SENTENCE_SET_UP_APP                                                                    \
	"Sign-in needs an authenticator app. Scan the code with it, or type this key:\n  "
/* its first code */
#define SENTENCE_FIRST_CODE "Code from the app: "
/* a question of the pool's own Lambda stands above it */
#define SENTENCE_ANSWER "Answer: "
/* a step that a terminal cannot do, by Cognito's name */
#define SENTENCE_CANNOT_DO                                                                     \
	"Cognito asks for a step that cannot be done here (%s). Please use the browser flow, " \
	"or ask your administrator."

/* ---- menus --------------------------------------------------------------------------- */

/* more than one flow is configured, or the pool offers more than one way */
#define SENTENCE_CHOOSE_FLOW "How do you want to sign in?"
/* more than one second factor */
#define SENTENCE_CHOOSE_FACTOR "How do you want to prove who you are?"
/* below the lines of a menu, which are numbered */
#define SENTENCE_NUMBER "Number: "
/* the lines */
#define SENTENCE_WAY_PASSWORD "Password"
/* the device flow */
#define SENTENCE_WAY_DEVICE "Another device (telephone, browser)"
/* the browser flow */
#define SENTENCE_WAY_BROWSER "Browser, and paste a code from it"
/* authenticator app */
#define SENTENCE_WAY_APP "Code from your authenticator app"
/* SMS */
#define SENTENCE_WAY_MESSAGE "Code by text message"
/* e-mail */
#define SENTENCE_WAY_MAIL "Code by e-mail"

/* ---- another device, a browser ----------------------------------------------------- */

/* service, host, user, " from " and rhost, the steps, a question */
#define SENTENCE_INVITATION                                                                    \
	"%s on %s wants to sign in %s%s%s.\n"                                                  \
	"%s"                                                                                   \
	"If you did not start this, do not approve it.\n"                                      \
	"%s"
/* the device flow's steps: address and code */
#define SENTENCE_DEVICE_STEPS "Open  %s\nCode  %s\n"
/* and its question, where waiting could not be shown or cancelled */
#define SENTENCE_DEVICE_QUESTION "Press Enter when you have approved it: "
/* the browser flow's steps */
#define SENTENCE_BROWSER_STEPS "Open this address in a browser and sign in there:\n%s\n"
/* and its question */
#define SENTENCE_BROWSER_QUESTION "Paste the code or the address of the page you landed on: "
/* the other device or the browser was somebody else's */
#define SENTENCE_OTHER_PERSON "Signed in as \"%.200s\"; this login is for \"%.200s\"."

/* ---- what a browser comes back with; the error itself follows in parentheses -------- */

/* access_denied */
#define SENTENCE_BROWSER_DENIED                                                                \
	"The sign-in was cancelled or refused in the browser. Please start again."
/* login_required */
#define SENTENCE_BROWSER_SILENT                                                                \
	"The browser was not allowed to ask for a sign-in. Please tell the administrator."
/* redirect_mismatch */
#define SENTENCE_BROWSER_REDIRECT                                                              \
	"The pool does not know the address to return to. Please tell the administrator."
/* invalid_scope */
#define SENTENCE_BROWSER_SCOPE                                                                 \
	"The app client may not ask for this. Please tell the administrator."
/* unauthorized_client */
#define SENTENCE_BROWSER_CLIENT                                                                \
	"The app client may not sign in with a browser. Please tell the administrator."
/* invalid_request */
#define SENTENCE_BROWSER_REQUEST                                                               \
	"The sign-in page did not understand the request. Please tell the administrator."
/* server_error */
#define SENTENCE_BROWSER_SERVER "The sign-in page had a problem. Please try again later."
/* temporarily_unavailable */
#define SENTENCE_BROWSER_BUSY "The sign-in page is busy. Please try again later."
/* any other */
#define SENTENCE_BROWSER_OTHER "The sign-in did not work in the browser. Please start again."

#endif
