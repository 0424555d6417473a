/* SPDX-License-Identifier: MIT
 *
 * tickets: lists them, or takes them away and has their refresh tokens revoked. Of a ticket
 * that is taken away nothing is left on this host, whatever Cognito then answers.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/errand.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/ticket_report.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/store.h"
#include "module/ticket_file.h"

#define CHOSEN_MOST 4096 /* as many as ticket_file_each() looks at */
#define LOCK_MS 10000 /* a recheck holds it for one request */

/* Whose tickets; they are collected first, because clearing one changes the folder. */
struct chosen {
	const char *user, *path; /* NULL: every one */
	struct {
		uid_t uid;
		char *path;
	} * items;
	size_t len;
	bool lacking; /* memory */
};

static bool choose(const struct ticket *ticket, void *arg)
{
	struct chosen *c = arg;
	if ((c->user != NULL && !streq(c->user, ticket->user)) ||
	    (c->path != NULL && !streq(c->path, ticket->path)))
		return true;
	char *path = strdup(ticket->path);
	if (path == NULL || c->len == CHOSEN_MOST) {
		free(path);
		c->lacking = true;
		return false;
	}
	c->items[c->len].uid = ticket->uid;
	c->items[c->len++].path = path;
	return true;
}

static void report_heading(struct output *out, const struct ticket *ticket)
{
	output_string(out, "user", ticket->user);
	output_number(out, "uid", ticket->uid);
	output_string(out, "config", ticket->path);
	output_line(out, "user      %s (uid %lu), by %s", ticket->user,
	    (unsigned long)ticket->uid, ticket->path);
}

/* What came of revoking; static text, or why. */
static bool end_at_cognito(const struct ticket *ticket, char *why, size_t size)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX + 1);
	struct errand errand = {.purpose = "revoke",
	    .config_path = ticket->path,
	    .config = &text,
	    .ticket = &ticket->body};
	const char *fault = NULL;
	int r = ticket->body.len == 0 ? RESULT_TICKET_NONE
				      : store_read_config(ticket->path, &text, &fault);
	if (r == 0)
		r = errand_run(&errand);
	buffer_wipe(&text);
	bool nothing = r == RESULT_TICKET_NONE;
	if (r == RESULT_DONE || nothing)
		snprintf(why, size, "%s", nothing ? "there was nothing to revoke" : "revoked");
	else
		snprintf(why, size, "NOT revoked: %s%s%s", result_phrase(r),
		    fault != NULL || errand.why[0] != '\0' ? ": " : "",
		    fault != NULL ? fault : errand.why);
	return r == RESULT_DONE || nothing;
}

/* True: it is gone, and its refresh token is dead. */
static bool clear(struct output *out, uid_t uid, const char *path)
{
	struct ticket ticket = {.user = ""};
	char why[640] = "somebody else removed it";
	int lock = -1;
	int r = ticket_file_lock(uid, path, clock_ms() + LOCK_MS, &lock);
	/* Whoever holds it so long has stopped a program of his: root goes on without it. */
	bool found = r != RESULT_TICKET_KEEP && ticket_file_read(uid, path, &ticket);
	bool gone = found && ticket_file_remove(uid, path);
	ticket_file_unlock(&lock);
	bool good = gone ? end_at_cognito(&ticket, why, sizeof(why))
			 : r != RESULT_TICKET_KEEP && !found;
	if (!gone && !good)
		snprintf(
		    why, sizeof(why), "NOT removed: %s", result_phrase(RESULT_TICKET_KEEP));
	output_object(out, NULL);
	if (found)
		report_heading(out, &ticket);
	output_bool(out, "removed", gone);
	output_bool(out, "ok", good);
	output_string(out, "what", why);
	output_line(out, "          %s%s", gone ? "removed, " : "", why);
	output_end_object(out);
	ticket_wipe(&ticket);
	return good;
}

static bool show(struct output *out, uid_t uid, const char *path)
{
	struct ticket ticket = {.user = ""};
	if (!ticket_file_read(uid, path, &ticket))
		return true;
	output_object(out, NULL);
	report_heading(out, &ticket);
	ticket_report_state(out, &ticket, ticket_report_worth(&ticket));
	output_end_object(out);
	ticket_wipe(&ticket);
	return true;
}

static int serve(struct output *out, struct chosen *c, bool is_clear)
{
	bool good = true;
	c->items = calloc(CHOSEN_MOST, sizeof(*c->items));
	if (c->items == NULL || !ticket_file_each(choose, c) || c->lacking) {
		fprintf(stderr, "cognito-oidc: tickets: %s cannot be read\n", paths.run);
		return EXIT_TROUBLE;
	}
	/* A configuration that is gone may have left tickets; without any it is a slip. */
	if (c->len == 0 && c->path != NULL && !input_is_readable(c->path))
		return EXIT_TROUBLE;
	output_array(out, "tickets");
	for (size_t i = 0; i < c->len; i++)
		good &= is_clear ? clear(out, c->items[i].uid, c->items[i].path)
				 : show(out, c->items[i].uid, c->items[i].path);
	output_end_array(out);
	if (c->len == 0)
		output_line(out, "there are no tickets%s%s", c->user != NULL ? " of " : "",
		    c->user != NULL ? c->user : "");
	/* Who asks for one that is not there mistook a name. */
	return good && (c->len > 0 || c->user == NULL) ? EXIT_YES : EXIT_NO;
}

/* --clear may have a value or none, which arguments.c knows nothing of. */
static bool take_clear(int *argc, char **argv, const char **user)
{
	for (int i = 1; i < *argc; i++) {
		if (!streq(argv[i], "--clear"))
			continue;
		int taken = i + 1 < *argc && argv[i + 1][0] != '-' && argv[i + 1][0] != '\0';
		*user = taken ? argv[i + 1] : NULL;
		for (int k = i + 1 + taken; k <= *argc; k++)
			argv[k - 1 - taken] = argv[k];
		*argc -= 1 + taken;
		return true;
	}
	return false;
}

int tickets_main(int argc, char **argv)
{
	struct chosen chosen = {.len = 0};
	struct output out;
	bool is_json = false;
	const struct argument arguments[] = {
	    {"--config", &chosen.path, NULL},
	    {"--json", NULL, &is_json},
	};
	bool is_clear = take_clear(&argc, argv, &chosen.user);
	if (!arguments_read(argc, argv, arguments, 2, TICKETS_USAGE))
		return EXIT_TROUBLE;
	if (geteuid() != paths.trusted_uid) {
		fprintf(stderr, "cognito-oidc: tickets: only root may read tickets\n");
		return EXIT_TROUBLE;
	}
	output_open(&out, is_json);
	int code = serve(&out, &chosen, is_clear);
	for (size_t i = 0; i < chosen.len; i++)
		free(chosen.items[i].path);
	free(chosen.items);
	output_bool(&out, "ok", code == EXIT_YES);
	if (code == EXIT_TROUBLE)
		out.failed = RESULT_TICKET_NONE; /* nothing is printed then */
	return output_print(&out) ? code : EXIT_TROUBLE;
}
