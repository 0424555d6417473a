/* SPDX-License-Identifier: MIT
 *
 * tickets: lists them, or removes them and has their refresh tokens revoked.
 */
#include "cli/tickets.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/policy/ticket_body.h"
#include "helper/token/claims.h"
#include "module/helper_client.h"
#include "module/ticket_file.h"

#define LOCK_MS 10000 /* a recheck holds it for one request */
#define SPAN_MAX 32
#define CLEARED_MAX 8192 /* of a batch; a large host has 5,000, at 10 KiB each */

enum ticket_worth tickets_read(
    const struct passwd *pw, const char *config_path, struct ticket *ticket)
{
	*ticket = (struct ticket){.user = ""};
	bool is_theirs = ticket_file_read(pw->pw_uid, config_path, ticket) &&
			 streq(ticket->user, pw->pw_name);
	return is_theirs ? ticket_file_worth(ticket) : TICKET_ABSENT;
}

/* "12 min", "3 h"; negative is "0 s". */
static const char *span(long long seconds, char out[SPAN_MAX])
{
	static const struct {
		long long limit, unit;
		const char *name;
	} units[] = {{120, 1, "s"}, {7200, 60, "min"}, {172800, 3600, "h"}, {0, 86400, "days"}};
	size_t i = 0;
	seconds = seconds > 0 ? seconds : 0;
	while (units[i].limit > 0 && seconds >= units[i].limit)
		i++;
	snprintf(out, SPAN_MAX, "%lld %s", seconds / units[i].unit, units[i].name);
	return out;
}

/* The decisions of a live ticket: what account allows without asking Cognito. */
static void report_services(struct output *out, const struct ticket *ticket, int64_t now)
{
	struct field rest = {ticket->decisions.bytes, ticket->decisions.len};
	struct ticket_decision d;
	char shown[SPAN_MAX];
	output_line(out, "services that the rules allowed at the last check:");
	output_json(out, "services:[");
	while (ticket_decision_next(&rest, &d)) {
		long long left = ticket_decision_left(ticket, &d, now) / 1000;
		output_json(out, "{service:%s rule:%s groups:%s left:%lld}", d.service, d.rule,
		    d.groups, left);
		output_line(out, "  %-18s by rule %s, %s%s%s%s", d.service, d.rule,
		    left > 0 ? "for " : "checked again at the next use",
		    left > 0 ? span(left, shown) : "", d.groups[0] != '\0' ? "; grants " : "",
		    d.groups);
	}
	output_json(out, "]");
}

void tickets_report(struct output *out, const struct ticket *ticket, enum ticket_worth worth)
{
	static const char *const words[] = {[TICKET_ABSENT] = "none",
	    [TICKET_EXPIRED] = "expired",
	    [TICKET_REFUSED] = "refused",
	    [TICKET_LIVE] = "live"};
	int64_t now = clock_boot_ms();
	const struct {
		const char *name, *label, *after;
		long long ms;
	} times[] = {
	    {"signed_in", "signed in", " ago", now - ticket->born},
	    {"verified", "verified", " ago", now - ticket->verified},
	    {"left", "ends in", "", ticket->until - now},
	};
	char shown[SPAN_MAX];
	output_json(out, "state:%s", words[worth]);
	output_line(out, "ticket    %s", words[worth]);
	if (worth == TICKET_ABSENT)
		return;
	output_json(out, "sub:%s", ticket->sub);
	output_line(out, "sub       %s", ticket->sub);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		output_json(out, "%s:%lld", times[i].name, times[i].ms / 1000);
		output_line(out, "%-9s %s%s", times[i].label, span(times[i].ms / 1000, shown),
		    times[i].after);
	}
	if (worth == TICKET_LIVE)
		report_services(out, ticket, now);
}

/* JSON: a text or a list of texts as it is, anything else described. */
static void report_claim(struct output *out, const struct claims *claims, const char *name)
{
	const struct cJSON *claim = claims_get(claims, name);
	struct buffer value = EXPLAIN_VALUE;
	if (claim == NULL)
		return;
	explain_claim(&value, claim);
	output_line(out, "  %-18s %s", name, explain_shown(&value));
	if (json_type(claim) == JSON_ARRAY) {
		output_json(out, "%s:[", name);
		for (const struct cJSON *at = json_first(claim); at != NULL; at = json_next(at))
			output_json(out, "%s", json_string(at) != NULL ? json_string(at) : "");
		output_json(out, "]");
	} else {
		output_json(out, "%s:%s", name,
		    json_string(claim) != NULL ? json_string(claim) : buffer_text(&value));
	}
	buffer_wipe(&value);
}

void tickets_report_identity(
    struct output *out, const struct config *config, const struct ticket_body *body)
{
	static const char *const always[] = {
	    "sub", "cognito:username", "username", "cognito:groups", "amr", "acr", NULL};
	const struct config_list *more = &config->claims;
	output_line(out, "identity, by the %s flow:", body->flow);
	output_json(out, "identity:{flow:%s mfa_answered:%d", body->flow, body->evidence.mfa);
	for (size_t i = 0; always[i] != NULL; i++)
		report_claim(out, body->claims, always[i]);
	for (size_t i = 0; i < more->len; i++)
		if (!text_among(more->items[i], always))
			report_claim(out, body->claims, more->items[i]);
	output_json(out, "}");
}

static void report_owner(struct output *out, const struct ticket *ticket)
{
	output_json(out, "user:%s uid:%lld config:%s", ticket->user, (long long)ticket->uid,
	    ticket->path);
	output_line(out, "user      %s (uid %lu), by %s", ticket->user,
	    (unsigned long)ticket->uid, ticket->path);
}

/* Has the refresh token revoked. Returns 0, also if there is none, or why not; the reason says
 * what came of it. */
static int revoke(const struct ticket *ticket, struct reason *reason)
{
	const struct helper_client client = {.prompt = NULL};
	struct request q = {
	    .purpose = PURPOSE_REVOKE,
	    .config_path = ticket->path,
	    .ticket = {buffer_text(&ticket->body), ticket->body.len},
	    .ticket_age = 0, /* of no interest here */
	};
	struct verdict v = {.sub = ""};
	int r = RESULT_TICKET_NONE;
	if (ticket->body.len > 0) {
		r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
		verdict_free(&v);
	}
	if (r == 0)
		return reason_set(reason, 0, "revoked");
	if (r == RESULT_TICKET_NONE)
		return reason_set(reason, 0, "there was nothing to revoke");
	*reason = v.reason;
	reason_at(reason, r, result_phrase(r));
	return reason_at(reason, r, "NOT revoked");
}

/* What became of one ticket. One that was cleared still has its refresh token revoked. */
struct removal {
	struct ticket ticket;
	bool is_found, is_gone;
	int result;
};

/* Also wipes the ticket. True if all went well. */
static bool report_end(struct output *out, struct removal *r, const struct reason *reason)
{
	output_json(out, "{");
	if (r->is_found)
		report_owner(out, &r->ticket);
	output_json(
	    out, "removed:%d ok:%d what:%s}", r->is_gone, r->result == 0, reason->detail);
	output_line(out, "          %s%s", r->is_gone ? "removed, " : "", reason->detail);
	/* Thousands of them fit no limit. */
	output_piece(out);
	ticket_wipe(&r->ticket);
	return r->result == 0;
}

/* It leaves nothing on this host, whatever Cognito then answers. */
static void clear_one(uid_t uid, const char *path, struct removal *out)
{
	int lock = -1;
	*out = (struct removal){.ticket = {.user = ""}};
	int r = ticket_file_lock(uid, path, clock_ms() + LOCK_MS, &lock);
	/* A user can hold the lock by stopping a program: then root goes on without it. */
	r = r == RESULT_TICKET_LOCK ? 0 : r;
	out->is_found = r == 0 && ticket_file_read(uid, path, &out->ticket);
	if (out->is_found)
		out->is_gone = ticket_file_remove(uid, path);
	ticket_file_unlock(&lock);
	out->result = out->is_found && !out->is_gone ? RESULT_TICKET_KEEP : r;
}

static bool revoke_cleared(struct output *out, struct removal *r)
{
	struct reason reason = {.detail = "another process removed it"};
	if (r->result != 0)
		reason_set(&reason, r->result, "NOT removed: %s", result_phrase(r->result));
	else if (r->is_found)
		r->result = revoke(&r->ticket, &reason);
	return report_end(out, r, &reason);
}

/* An expired ticket stays for the next run if Cognito cannot be reached: nobody can use it, and
 * its token must still be revoked. Cognito is asked without the lock: the user may be signing
 * in anew, and would wait for it. True if all went well. */
static bool expire_one(struct output *out, uid_t uid, const char *path)
{
	struct removal e = {.ticket = {.user = ""}};
	struct reason reason = {.detail = "another process removed it"};
	e.is_found = ticket_file_read(uid, path, &e.ticket);
	if (e.is_found && ticket_file_worth(&e.ticket) == TICKET_EXPIRED) {
		int r = e.result = revoke(&e.ticket, &reason);
		if (result_class(r) != CLASS_OUTAGE && result_class(r) != CLASS_UNCLEAR)
			e.is_gone = ticket_file_remove_expired(uid, path, clock_ms() + LOCK_MS);
	} else if (e.is_found) {
		reason_set(&reason, 0, "another sign-in replaced it");
	}
	return report_end(out, &e, &reason);
}

static void show(struct output *out, const struct ticket *ticket)
{
	output_json(out, "{");
	report_owner(out, ticket);
	tickets_report(out, ticket, ticket_file_worth(ticket));
	output_json(out, "}");
}

/* One walk through the tickets. What is meant: of a user, of a configuration; to expire: that
 * are over. */
struct walk {
	const struct arguments *arguments;
	struct output *out;
	size_t count;
	bool good;
	struct removal *cleared; /* CLEARED_MAX of them */
	size_t cleared_len;
};

/* All are off the host before Cognito is asked for the first: that takes a round trip each, or
 * a timeout. */
static void revoke_all(struct walk *walk)
{
	for (size_t i = 0; i < walk->cleared_len; i++)
		walk->good &= revoke_cleared(walk->out, &walk->cleared[i]);
	walk->cleared_len = 0;
}

/* ticket_file_each() calls this for each ticket, until it returns false. */
static bool visit(const struct ticket *ticket, void *arg)
{
	struct walk *walk = arg;
	const struct arguments *a = walk->arguments;
	if ((a->user != NULL && !streq(a->user, ticket->user)) ||
	    (a->is_config_given && !streq(a->config, ticket->path)) ||
	    (a->expire && ticket_file_worth(ticket) != TICKET_EXPIRED))
		return true;
	walk->count++;
	if (a->expire) {
		walk->good &= expire_one(walk->out, ticket->uid, ticket->path);
	} else if (a->clear) {
		clear_one(ticket->uid, ticket->path, &walk->cleared[walk->cleared_len++]);
		if (walk->cleared_len == CLEARED_MAX)
			revoke_all(walk);
	} else {
		show(walk->out, ticket);
		output_piece(walk->out);
	}
	return true;
}

int tickets_main(const struct arguments *a, struct output *out)
{
	struct walk walk = {.arguments = a, .out = out, .good = true};
	if (a->clear && a->expire) {
		complain("tickets: --clear and --expire exclude each other");
		return EXIT_TROUBLE;
	}
	if (a->clear)
		walk.cleared = calloc(CLEARED_MAX, sizeof(*walk.cleared));
	if (a->clear && walk.cleared == NULL) {
		complain("tickets: out of memory");
		return EXIT_TROUBLE;
	}
	output_json(out, "tickets:[");
	bool is_read = ticket_file_each(visit, &walk);
	revoke_all(&walk);
	free(walk.cleared);
	if (!is_read) {
		complain("%s: cannot be read", paths.run);
		return EXIT_TROUBLE;
	}
	/* The tickets of a configuration that was removed can be shown and cleared. Without
	 * any, its path is a typing error. */
	if (walk.count == 0 && a->is_config_given && !input_is_readable(a->config))
		return EXIT_TROUBLE;
	output_json(out, "]");
	if (a->expire)
		ticket_file_sweep();
	if (walk.count == 0)
		output_line(out, "no %stickets%s%s", a->expire ? "expired " : "",
		    a->user != NULL ? " of " : "", a->user != NULL ? a->user : "");
	/* Without a ticket of the user that was asked for, the name is likely misspelt. */
	bool good = walk.good && (walk.count > 0 || a->user == NULL);
	output_json(out, "ok:%d", good);
	return good ? EXIT_YES : EXIT_NO;
}
