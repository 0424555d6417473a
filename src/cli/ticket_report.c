/* SPDX-License-Identifier: MIT */
#include "cli/ticket_report.h"

#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "common/clock.h"
#include "module/ticket_file.h"

enum ticket_worth ticket_report_worth(const struct ticket *ticket)
{
	return ticket_file_worth(ticket);
}

const char *ticket_report_word(enum ticket_worth worth)
{
	static const char *const words[] = {[TICKET_ABSENT] = "none",
	    [TICKET_EXPIRED] = "expired",
	    [TICKET_REFUSED] = "refused",
	    [TICKET_LIVE] = "live"};
	return words[worth];
}

void ticket_report_span(long long seconds, char *out, size_t size)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds < 120)
		snprintf(out, size, "%lld s", seconds);
	else if (seconds < 7200)
		snprintf(out, size, "%lld min", seconds / 60);
	else if (seconds < 172800)
		snprintf(out, size, "%lld h", seconds / 3600);
	else
		snprintf(out, size, "%lld days", seconds / 86400);
}

static void report_span(
    struct output *out, const char *name, const char *label, const char *after, int64_t ms)
{
	char span[32];
	ticket_report_span(ms / 1000, span, sizeof(span));
	output_number(out, name, ms / 1000);
	output_line(out, "%-9s %s%s", label, span, after);
}

static void report_decision(
    struct output *out, const struct ticket_decision *d, int64_t seconds_left)
{
	char span[32];
	ticket_report_span(seconds_left, span, sizeof(span));
	output_object(out, NULL);
	output_string(out, "service", d->service);
	output_string(out, "rule", d->rule);
	output_string(out, "groups", d->groups);
	output_number(out, "left", seconds_left);
	output_end_object(out);
	output_line(out, "  %-18s by rule %s, %s%s%s%s", d->service, d->rule,
	    seconds_left > 0 ? "for " : "asked again at the next use",
	    seconds_left > 0 ? span : "", d->groups[0] != '\0' ? "; grants " : "", d->groups);
}

static void report_decisions(struct output *out, const struct ticket *ticket, int64_t now)
{
	struct field rest = {ticket->decisions.bytes, ticket->decisions.len};
	struct ticket_decision d;
	output_line(out, "services that the rules allowed when it was last asked:");
	output_array(out, "services");
	while (ticket_decision_next(&rest, &d))
		report_decision(out, &d, ticket_decision_left(ticket, &d, now) / 1000);
	output_end_array(out);
}

void ticket_report_state(
    struct output *out, const struct ticket *ticket, enum ticket_worth worth)
{
	int64_t now = clock_boot_ms();
	output_string(out, "state", ticket_report_word(worth));
	output_line(out, "ticket    %s", ticket_report_word(worth));
	if (worth == TICKET_ABSENT)
		return;
	output_string(out, "sub", ticket->sub);
	output_line(out, "sub       %s", ticket->sub);
	report_span(out, "signed_in", "signed in", " ago", now - ticket->born);
	report_span(out, "verified", "verified", " ago", now - ticket->verified);
	report_span(out, "left", "ends in", "", ticket->until - now);
	if (worth == TICKET_LIVE)
		report_decisions(out, ticket, now);
}
