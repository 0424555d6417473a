/* SPDX-License-Identifier: MIT
 *
 * whoami: who somebody is by their ticket, for root; for everybody else what their own
 * session was told.
 */
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/environment.h"
#include "cli/identity.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/ticket_report.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/ticket_body.h"
#include "module/ticket_file.h"

/* Whoever calls sudo asks about themselves. */
static const struct passwd *find_user(const char *name)
{
	const struct passwd *pw = NULL;
	if (name == NULL && environment_sudo_user()[0] != '\0')
		name = environment_sudo_user();
	pw = name != NULL ? getpwnam(name) : getpwuid(getuid());
	if (pw == NULL)
		fprintf(stderr, "cognito-oidc: whoami: no such local user\n");
	return pw;
}

static void report_body(
    struct output *out, const struct config *config, const struct ticket *ticket)
{
	struct ticket_body body;
	if (ticket_body_decode(config, buffer_text(&ticket->body), ticket->body.len, &body) ==
	    0)
		identity_claims(out, config, &body);
	else
		output_line(out,
		    "identity: the ticket is of another pool or app client than \"%s\"",
		    config->client_id);
	ticket_body_forget(&body);
}

static int by_ticket(
    struct output *out, const struct passwd *pw, const char *path, const struct config *config)
{
	struct ticket ticket = {.user = ""};
	enum ticket_worth worth = TICKET_ABSENT;
	if (ticket_file_read(pw->pw_uid, path, &ticket) && streq(ticket.user, pw->pw_name))
		worth = ticket_report_worth(&ticket);
	output_string(out, "user", pw->pw_name);
	output_number(out, "uid", pw->pw_uid);
	output_line(out, "user      %s (uid %lu)", pw->pw_name, (unsigned long)pw->pw_uid);
	ticket_report_state(out, &ticket, worth);
	if (worth == TICKET_LIVE)
		report_body(out, config, &ticket);
	ticket_wipe(&ticket);
	return worth == TICKET_LIVE ? EXIT_YES : EXIT_NO;
}

/* Nothing here is proven: a session may set its variables as it likes. */
static int by_session(struct output *out)
{
	bool any = environment_claim(0) != NULL;
	output_line(out, "%s",
	    any ? "what this session was told at its start (informative: anybody may set it):"
		: "this session was told nothing of a sign-in with Cognito");
	output_bool(out, "informative", true);
	output_object(out, "session");
	for (size_t i = 0; environment_claim(i) != NULL; i++) {
		const char *line = environment_claim(i), *equals = strchr(line, '=');
		char name[256];
		if (equals == NULL)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(equals - line), line);
		output_line(out, "  %s = %s", name, equals + 1);
		output_string(out, name, equals + 1);
	}
	output_end_object(out);
	return any ? EXIT_YES : EXIT_NO;
}

static int about(const char *user, const char *path, bool is_json)
{
	struct output out;
	struct config *config = NULL;
	const struct passwd *pw = NULL;
	bool is_root = geteuid() == paths.trusted_uid;
	if (!is_root && user != NULL) {
		fprintf(stderr, "cognito-oidc: whoami: only root may read tickets\n");
		return EXIT_TROUBLE;
	}
	if (is_root && ((pw = find_user(user)) == NULL || !input_read_config(path, &config)))
		return EXIT_TROUBLE;
	output_open(&out, is_json);
	int code = is_root ? by_ticket(&out, pw, path, config) : by_session(&out);
	config_free(config);
	return output_print(&out) ? code : EXIT_TROUBLE;
}

int whoami_main(int argc, char **argv)
{
	const char *path = NULL, *user = NULL;
	bool is_json = false;
	const struct argument arguments[] = {
	    {"--config", &path, NULL},
	    {"--json", NULL, &is_json},
	};
	if (argc > 1 && argv[1][0] != '-' && argv[1][0] != '\0') {
		user = argv[1];
		argc--;
		argv++;
	}
	if (!arguments_read(argc, argv, arguments, 2, WHOAMI_USAGE))
		return EXIT_TROUBLE;
	return about(user, path != NULL ? path : paths.config, is_json);
}
