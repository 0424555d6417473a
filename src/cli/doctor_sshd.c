/* SPDX-License-Identifier: MIT
 *
 * sshd_config may include other files and have Match blocks, so sshd itself is asked for the
 * settings in force.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/doctor.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"

#define NUMBER_MOST 1000000
#define STARTUPS_LEAST 10 /* sshd's own default: logins that wait for someone to type */

/* The settings that keep sshd from asking the module, or from waiting for the user. */
static const struct {
	const char *keyword; /* as sshd_config(5) spells it */
	enum doctor_status status;
	enum finding_name finding;
	const char *why;
} settings[] = {
    {"UsePAM", DOCTOR_FAIL, FOUND_SSHD_USE_PAM,
	"sshd never asks this module, not even its account line"},
    {"KbdInteractiveAuthentication", DOCTOR_FAIL, FOUND_SSHD_KBDINT,
	"sshd cannot ask for codes"},
    {"AuthenticationMethods", DOCTOR_FAIL, FOUND_SSHD_METHODS,
	"without keyboard-interactive sshd cannot ask for codes"},
    {"LoginGraceTime", DOCTOR_FAIL, FOUND_SSHD_GRACE,
	"sshd disconnects before the module's timeout has passed"},
    {"MaxStartups", DOCTOR_WARN, FOUND_SSHD_STARTUPS,
	"sshd drops connections while so few users are typing"},
    {"PerSourcePenalties", DOCTOR_WARN, FOUND_SSHD_PENALTIES,
	"one login that fails keeps out everybody who comes from the same address"},
};

/* Seconds of one of "crash:90 authfail:5 min:15 ..." (OpenSSH 9.8) or "authfail:5.000000 ..."
 * (10.0); 0 if it is not there. */
static unsigned long seconds_of(const char *penalties, const char *name)
{
	unsigned long number = 0;
	for (const char *at = penalties; *at != '\0'; at += strspn(at, " ")) {
		char word[32], digits[16];
		size_t len = strcspn(at, " "), colon = strcspn(at, ": ");
		snprintf(word, sizeof(word), "%.*s", (int)colon, at);
		if (streq(word, name) && colon < len) {
			snprintf(digits, sizeof(digits), "%.*s",
			    (int)strcspn(at + colon + 1, ". "), at + colon + 1);
			return text_number(digits, NUMBER_MOST, &number) ? number : 0;
		}
		at += len;
	}
	return 0;
}

static bool is_wrong(enum finding_name finding, const char *value, unsigned long timeout)
{
	unsigned long number = 0;
	char first[32]; /* of "10:30:100", only the first number matters */
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(value, ":"), value);
	bool is_number = text_number(first, NUMBER_MOST, &number);
	switch (finding) {
	case FOUND_SSHD_METHODS:
		/* "publickey,keyboard-interactive publickey,keyboard-interactive:pam": lists,
		 * of which one must hold this. The method "password" asks PAM, too, but ends
		 * at the first question for a code. */
		return !streq(value, "any") && strstr(value, "keyboard-interactive") == NULL;
	case FOUND_SSHD_GRACE: /* 0 is no limit */
		return is_number && number != 0 && number <= timeout;
	case FOUND_SSHD_STARTUPS:
		return is_number && number < STARTUPS_LEAST;
	case FOUND_SSHD_PENALTIES: /* sshd's own: 5 of 15, a third failure counts */
		return seconds_of(value, "authfail") > 0 &&
		       seconds_of(value, "authfail") >= seconds_of(value, "min");
	default:
		return streq(value, "no");
	}
}

/* A setting that sshd -T does not print is not supported by this sshd, and not judged. user:
 * whom it is in force for, or NULL; what all have, as text tells, is told once. */
static void judge(struct diagnosis *d, const char *all, const char *user, const char *text)
{
	char value[512], common[512], timeout[32];
	snprintf(timeout, sizeof(timeout), " (timeout=%lu)", d->sshd_timeout);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!sshd_setting(text, settings[i].keyword, value, sizeof(value)) ||
		    !is_wrong(settings[i].finding, value, d->sshd_timeout))
			continue;
		if (settings[i].finding == FOUND_SSHD_PENALTIES &&
		    sshd_setting(text, "PerSourcePenaltyExemptList", common, sizeof(common)) &&
		    !streq(common, "none"))
			continue;
		if (user != NULL &&
		    sshd_setting(all, settings[i].keyword, common, sizeof(common)) &&
		    streq(value, common))
			continue;
		diagnosis_say(d, settings[i].status, settings[i].finding, "%s %s%s%s: %s%s",
		    settings[i].keyword, value, user != NULL ? " for " : "",
		    user != NULL ? user : "", settings[i].why,
		    settings[i].finding == FOUND_SSHD_GRACE ? timeout : "");
	}
}

/* What a user meets, value by value: enable says what it found before it goes on. */
static void show(struct diagnosis *d, const char *user, const char *text)
{
	char value[512];
	struct buffer line = BUFFER_INIT(4096);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i].status == DOCTOR_FAIL &&
		    sshd_setting(text, settings[i].keyword, value, sizeof(value)))
			buffer_append_format(&line, "%s%s %s", line.len > 0 ? ", " : "",
			    settings[i].keyword, value);
	output_marked(d->out, "-", "sshd, for %s: %s", user, buffer_text(&line));
	buffer_wipe(&line);
}

void doctor_sshd(struct diagnosis *d)
{
	struct reason reason;
	struct sshd_users users = {.len = 0};
	struct buffer all = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	size_t before = diagnosis_troubles(d);
	if (!d->has_sshd)
		return;
	if (sshd_ask(NULL, &all, &reason) != 0) {
		diagnosis_say(d, d->tells_faults ? DOCTOR_FAIL : DOCTOR_WARN, FOUND_SSHD,
		    "%s -T: %s", SSHD_PROGRAM, reason.detail);
		goto out;
	}
	judge(d, "", NULL, buffer_text(&all));
	/* First: there may be more users in Match blocks than there is room. */
	for (size_t i = 0; d->also != NULL && i < d->also->len; i++)
		sshd_users_add(&users, d->also->names[i]);
	sshd_find_users(d->config, &users);
	for (size_t i = 0; i < users.len; i++) {
		struct buffer own = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
		if (sshd_ask(users.names[i], &own, &reason) == 0) {
			judge(d, buffer_text(&all), users.names[i], buffer_text(&own));
			if (d->tells_faults)
				show(d, users.names[i], buffer_text(&own));
		}
		buffer_wipe(&own);
	}
	if (diagnosis_troubles(d) == before)
		diagnosis_say(d, DOCTOR_OK, FOUND_SSHD,
		    "%s -T: sshd asks PAM, and waits long enough", SSHD_PROGRAM);
out:
	buffer_wipe(&all);
}
