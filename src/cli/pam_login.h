/* SPDX-License-Identifier: MIT
 *
 * A real login through the real module, by itself: PAM with a service file of our own, of the
 * service's name and with its options, that names the module and nothing else.
 */
#ifndef CLI_PAM_LOGIN_H
#define CLI_PAM_LOGIN_H

#include <stdbool.h>

#include "cli/pam_stack.h"

struct pam_login {
	const char *user, *service;
	const char *flow; /* NULL: as the service's line says */
	const char *config; /* NULL: as the line says; set to what counts */
	char options[PAM_LINE_MAX]; /* of the line, but for those that would ask nobody */
	char config_text[PAM_LINE_MAX]; /* where config points when it came from the line */
	/* what came of it: PAM's numbers and words; -1: not reached */
	int auth, account;
	char auth_text[128], account_text[128];
};

/* Reads the service's file in /etc/pam.d, if there is one. False after saying on stderr that
 * the service's name is none. */
bool pam_login_prepare(struct pam_login *);

/* Asks the person on this terminal. False after saying on stderr what the trouble is; that
 * nobody was let in is none. */
bool pam_login_run(struct pam_login *);

#endif
