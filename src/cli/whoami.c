/* SPDX-License-Identifier: MIT
 *
 * whoami: for root who a user is by the ticket; for everyone else what their own session was
 * told at its start.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/tickets.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/paths.h"
#include "helper/config/config.h"
#include "helper/policy/ticket_body.h"

/* A ticket's body can be read only with the pool and app client that it is of. Returns the exit
 * code. */
static int by_ticket(struct output *out, const struct passwd *pw, const char *config_path,
    const struct config *config)
{
	struct ticket ticket;
	struct ticket_body body = {.flow = NULL};
	enum ticket_worth worth = tickets_read(pw, config_path, &ticket);
	const struct buffer *text = &ticket.body;
	output_json(out, "user:%s uid:%lld", pw->pw_name, (long long)pw->pw_uid);
	output_line(out, "user      %s (uid %lu)", pw->pw_name, (unsigned long)pw->pw_uid);
	tickets_report(out, &ticket, worth);
	if (worth == TICKET_LIVE &&
	    ticket_body_decode(config, buffer_text(text), text->len, &body) == 0)
		tickets_report_identity(out, config, &body);
	else if (worth == TICKET_LIVE)
		output_line(out,
		    "identity: the ticket is of another pool or app client than \"%s\"",
		    config->client_id);
	ticket_body_forget(&body);
	ticket_wipe(&ticket);
	return worth == TICKET_LIVE ? EXIT_YES : EXIT_NO;
}

/* Nothing here is proven: a session may set its variables as it likes. */
static int by_session(struct output *out, const char *const *claims)
{
	output_line(out, "%s",
	    claims[0] != NULL
		? "what this session was told at its start (informative: anyone may set it):"
		: "this session was told nothing of a sign-in with Cognito");
	output_json(out, "informative:%d session:{", true);
	for (size_t i = 0; claims[i] != NULL; i++) {
		const char *line = claims[i], *equals = strchr(line, '=');
		char name[256];
		if (equals == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(equals - line), line);
		output_line(out, "  %s = %s", name, equals + 1);
		output_json(out, "%s:%s", name, equals + 1);
	}
	output_json(out, "}");
	return claims[0] != NULL ? EXIT_YES : EXIT_NO;
}

int whoami_main(const struct arguments *a, struct output *out)
{
	/* With sudo the question is about the user who called it. */
	const char *name = a->words[0] != NULL ? a->words[0] : a->environment->sudo_user;
	struct config *config = NULL;
	int code = EXIT_TROUBLE;
	if (geteuid() != paths.trusted_uid) {
		if (a->words[0] == NULL)
			return by_session(out, a->environment->claims);
		complain("whoami: only root can read tickets");
		return EXIT_TROUBLE;
	}
	const struct passwd *pw = name[0] != '\0' ? getpwnam(name) : getpwuid(getuid());
	if (pw == NULL)
		complain("whoami: no such local user");
	else if (input_read_config(a->config, false, &config))
		code = by_ticket(out, pw, a->config, config);
	config_free(config);
	return code;
}
