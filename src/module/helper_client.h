/* SPDX-License-Identifier: MIT
 *
 * One run of the helper, from its start to its verdict: the module's and the command's half
 * of the protocol. It reads the configuration file and the key set cache, writes the cache,
 * and passes everything else on.
 */
#ifndef MODULE_HELPER_CLIENT_H
#define MODULE_HELPER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/frame.h"
#include "common/reason.h"
#include "module/spawn.h"
#include "module/ticket.h"

struct request;

/* What a run of the command may take, in milliseconds: six hosts that do not answer take half a
 * minute, and a dozen requests follow. */
#define HELPER_CLIENT_COMMAND_MS 90000

/* The beginning of a log line that is the helper's word: one that was taken over writes none
 * that looks like the module's. */
#define HELPER_SAYS "helper: "

/* What the caller does with the helper's frames. A NULL member makes the frame a breach of the
 * protocol. A result other than 0 ends the run. */
struct helper_client {
	/* *answer is NULL unless 0 is returned; freed with secret_free(). *typed: by the person
	 * now. text is printable. */
	int (*prompt)(
	    void *arg, const char *kind, const char *text, bool *typed, char **answer);
	int (*tell)(void *arg, bool error, const char *text); /* printable */
	/* priority is syslog's; text is printable, and marked if it is the helper's. */
	void (*log)(void *arg, int priority, const char *text);
	int (*rotated)(void *asked, const struct field *body); /* the ticket's new body */
	bool (*finding)(void *arg, const char *status, const char *name, const char *seen);
	bool (*account)(void *arg, const struct frame *);
	void *arg, *asked;
	/* An open file that follows the REQUEST. 0: none. */
	int enclosure;
	/* Set when the warm helper did not serve: a second run does not ask it again. NULL: one
	 * run alone. */
	bool *cold;
};

/* The RESULT. Texts are printable. */
struct verdict {
	struct reason reason;
	char sub[TICKET_SUB_MAX + 1], rule[TICKET_RULE_MAX + 1], flow[16];
	struct ticket_news news; /* borrowed from frame */
	bool revoked; /* the expired ticket's refresh token is revoked */
	bool stale; /* a yes by claims that Cognito was not asked about */
	bool tracked; /* the pool remembers a device of this sign-in */
	struct buffer frame;
	struct helper helper; /* that said so, and may not have left yet */
};

/* Fills the request's host, config (if it has none), jwks and time_left, starts the helper,
 * serves its frames until deadline (clock_ms()), and ends it if there is no verdict. Returns 0
 * - allowed, for a login only with a sub; or the purpose is fulfilled - or the code of the
 * refusal, or why there is no verdict; then the verdict's reason is set. verdict_free() in any
 * case: it reaps the helper, which leaves while the caller applies the verdict. */
int helper_client_run(
    const struct helper_client *, struct request *, int64_t deadline, struct verdict *);
void verdict_free(struct verdict *);

#endif
