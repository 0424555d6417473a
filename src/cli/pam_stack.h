/* SPDX-License-Identifier: MIT
 *
 * The service files of Linux-PAM (pam.d(5)), read as libpam reads them: includes followed,
 * lines joined, controls spelled out. For judging, not for logging in.
 */
#ifndef CLI_PAM_STACK_H
#define CLI_PAM_STACK_H

#include <stdbool.h>
#include <stddef.h>

#define PAM_STACK_LINES_MAX 128 /* a service has a dozen */
#define PAM_LINE_MAX 1024 /* libpam's own limit of an assembled line */
#define PAM_OPTIONS_MAX 32

enum pam_phase { PAM_PHASE_AUTH, PAM_PHASE_ACCOUNT, PAM_PHASE_SESSION, PAM_PHASE_PASSWORD };

/* What a module's success does to the stack: ends it well, or skips so many lines (0: goes
 * on). */
#define PAM_DONE (-1)

struct pam_line {
	enum pam_phase phase;
	char control[128]; /* as written, for people */
	int on_success; /* PAM_DONE, or lines that are skipped */
	int on_failure; /* lines that its failure skips; 0: none, and see may_fail */
	bool may_fail; /* its failure alone refuses nobody */
	int substack; /* 0: the service's own; "done" ends only its own */
	char module[256]; /* as written */
	char options[PAM_LINE_MAX];
	char place[288]; /* file:line */
};

struct pam_stack {
	size_t len;
	bool is_cut; /* more lines than fit, or includes nested too deep */
	struct pam_line lines[PAM_STACK_LINES_MAX];
};

/* Reads service's file in folder ("/etc/pam.d"). False when there is none. */
bool pam_stack_read(const char *folder, const char *service, struct pam_stack *);

/* The module's file name without its folder. */
const char *pam_line_module(const struct pam_line *);

/* Is it this module? */
bool pam_line_is_ours(const struct pam_line *);

/* The first line of ours in this phase, or -1. */
int pam_stack_ours(const struct pam_stack *, enum pam_phase);

/* Splits a line's options as libpam does: at spaces, [brackets] keep them together. text is
 * changed; argv points into it. */
int pam_line_split(char *text, const char *argv[PAM_OPTIONS_MAX]);

#endif
