/* SPDX-License-Identifier: MIT
 *
 * The service files of Linux-PAM (pam.d(5)), read as libpam reads them: it follows includes,
 * joins lines and spells out controls. For doctor to judge and for login to copy options from.
 */
#ifndef CLI_PAM_STACK_H
#define CLI_PAM_STACK_H

#include <stdbool.h>
#include <stddef.h>

#define PAM_STACK_DIRECTORY "/etc/pam.d"
#define PAM_STACK_LINES_MAX 128 /* a service has a dozen */
#define PAM_LINE_MAX 1024 /* libpam's own limit of an assembled line */
#define PAM_PATH_MAX 512 /* bytes, of a service file */
#define PAM_OPTIONS_MAX 32

enum pam_phase { PAM_PHASE_AUTH, PAM_PHASE_ACCOUNT, PAM_PHASE_SESSION, PAM_PHASE_PASSWORD };

/* A module's success ends the stack, or skips so many lines (0: none). */
#define PAM_DONE (-1)

struct pam_line {
	enum pam_phase phase;
	char control[128]; /* as written, for people */
	int on_success; /* PAM_DONE, or lines that are skipped */
	int on_failure; /* lines that its failure skips; 0: none, and see may_fail */
	bool may_fail; /* its failure alone refuses nobody */
	int substack; /* 0: the service's own. "done" ends only the substack it is in */
	char module[256]; /* as written */
	char options[PAM_LINE_MAX];
	char place[PAM_PATH_MAX + 16]; /* "FILE:LINE" */
};

struct pam_stack {
	size_t len;
	struct pam_line lines[PAM_STACK_LINES_MAX];
};

/* Reads the service's file. False if there is none. What
 * exceeds the limits above, or is included more than eight files deep, is left out. */
bool pam_stack_read(const char *service, struct pam_stack *);

/* The module's file name without its directory. */
const char *pam_line_module(const struct pam_line *);

/* Is it this module? */
bool pam_line_is_ours(const struct pam_line *);

/* The first line of ours in this phase, or -1. */
int pam_stack_ours(const struct pam_stack *, enum pam_phase);

/* Splits a line's options as libpam does: at spaces; [brackets] hold one together. text is the
 * room that argv, of PAM_OPTIONS_MAX, points into. Returns how many there are. */
int pam_line_split(const struct pam_line *, char text[PAM_LINE_MAX], const char **argv);

#endif
