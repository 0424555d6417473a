/* SPDX-License-Identifier: MIT
 *
 * tickets: lists them, or removes them and has their refresh tokens revoked.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/ticket_report.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "module/helper_client.h"
#include "module/ticket_file.h"

#define CHOSEN_MOST 4096 /* people of one host; --expire takes the rest at its next run */
#define LOCK_MS 10000 /* a recheck holds it for one request */

/* Whose tickets; they are collected first, because clearing one changes the folder. */
struct chosen {
	const char *user, *path; /* NULL: every one */
	bool is_clear, is_expire; /* neither: they are listed */
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
	if (c->is_expire && ticket_file_worth(ticket) != TICKET_EXPIRED)
		return true;
	char *path = strdup(ticket->path);
	if (path == NULL || c->len == CHOSEN_MOST) {
		c->lacking = path == NULL || !c->is_expire;
		free(path);
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

/* Revokes the ticket's refresh token. Returns 0, also when there is none, or why not; what says
 * it for people. */
static int revoke_token(const struct ticket *ticket, char *what, size_t size)
{
	const struct helper_client client = {.prompt = NULL};
	struct request q = {
	    .purpose = PURPOSE_REVOKE,
	    .config_path = ticket->path,
	    .ticket = {buffer_text(&ticket->body), ticket->body.len},
	    .ticket_age = 0, /* what ends needs no age */
	};
	struct verdict v = {.sub = ""};
	int r = RESULT_TICKET_NONE;
	if (ticket->body.len > 0) {
		r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
		verdict_free(&v);
	}
	bool good = r == 0 || r == RESULT_TICKET_NONE;
	if (good)
		snprintf(what, size, "%s", r == 0 ? "revoked" : "there was nothing to revoke");
	else
		snprintf(what, size, "NOT revoked: %s%s%s", result_phrase(r),
		    v.reason.detail[0] != '\0' ? ": " : "", v.reason.detail);
	return good ? 0 : r;
}

/* An expired ticket that cannot be revoked because Cognito cannot be reached stays for the next
 * run: nobody can use it, and its token is still to be revoked. */
static bool expire(const struct ticket *t, char *what, size_t size, bool *good)
{
	int r = revoke_token(t, what, size);
	*good = r == 0;
	return result_class(r) != CLASS_OUTAGE && ticket_file_remove(t->uid, t->path);
}

/* Of a ticket that is cleared nothing is left on this host, whatever Cognito then answers. */
static bool clear(const struct ticket *t, int *lock, char *what, size_t size, bool *good)
{
	bool gone = ticket_file_remove(t->uid, t->path);
	ticket_file_unlock(lock);
	if (!gone) {
		snprintf(what, size, "NOT removed: %s", result_phrase(RESULT_TICKET_KEEP));
		*good = false;
		return false;
	}
	*good = revoke_token(t, what, size) == 0;
	return true;
}

/* Removes one ticket; is_over: only if it is over by now. True: as it should be. */
static bool end(struct output *out, uid_t uid, const char *path, bool is_over)
{
	struct ticket ticket = {.user = ""};
	char what[640] = "another process removed it";
	int lock = -1;
	bool gone = false, good = true;
	/* A user can hold the lock by stopping a program: then root goes on without it. */
	int r = ticket_file_lock(uid, path, clock_ms() + LOCK_MS, &lock);
	bool found = r != RESULT_TICKET_KEEP && ticket_file_read(uid, path, &ticket);
	if (r == RESULT_TICKET_KEEP) {
		snprintf(what, sizeof(what), "NOT removed: %s", result_phrase(r));
		good = false;
	} else if (found && is_over && ticket_file_worth(&ticket) != TICKET_EXPIRED) {
		snprintf(what, sizeof(what), "another sign-in replaced it");
	} else if (found) {
		gone = is_over ? expire(&ticket, what, sizeof(what), &good)
			       : clear(&ticket, &lock, what, sizeof(what), &good);
	}
	ticket_file_unlock(&lock);
	output_object(out, NULL);
	if (found)
		report_heading(out, &ticket);
	output_bool(out, "removed", gone);
	output_bool(out, "ok", good);
	output_string(out, "what", what);
	output_line(out, "          %s%s", gone ? "removed, " : "", what);
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

static int serve(struct output *out, struct chosen *c)
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
		good &= c->is_clear || c->is_expire
			    ? end(out, c->items[i].uid, c->items[i].path, c->is_expire)
			    : show(out, c->items[i].uid, c->items[i].path);
	if (c->is_expire)
		ticket_file_sweep();
	output_end_array(out);
	if (c->len == 0)
		output_line(out, "there are no %stickets%s%s", c->is_expire ? "expired " : "",
		    c->user != NULL ? " of " : "", c->user != NULL ? c->user : "");
	/* A user without a ticket: probably a mistyped name. */
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
	    {"--expire", NULL, &chosen.is_expire},
	    {"--json", NULL, &is_json},
	};
	chosen.is_clear = take_clear(&argc, argv, &chosen.user);
	if (!arguments_read(argc, argv, arguments, 3, TICKETS_USAGE))
		return EXIT_TROUBLE;
	if (chosen.is_clear && chosen.is_expire) {
		fprintf(
		    stderr, "cognito-oidc: tickets: --clear and --expire exclude each other\n");
		return EXIT_TROUBLE;
	}
	if (geteuid() != paths.trusted_uid) {
		fprintf(stderr, "cognito-oidc: tickets: only root may read tickets\n");
		return EXIT_TROUBLE;
	}
	output_open(&out, is_json);
	int code = serve(&out, &chosen);
	for (size_t i = 0; i < chosen.len; i++)
		free(chosen.items[i].path);
	free(chosen.items);
	output_bool(&out, "ok", code == EXIT_YES);
	if (code == EXIT_TROUBLE)
		out.failed = RESULT_TICKET_NONE; /* nothing is printed then */
	return output_print(&out) ? code : EXIT_TROUBLE;
}
