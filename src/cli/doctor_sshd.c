/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/text.h"

#define SSHD "/usr/sbin/sshd"
#define STARTUPS_LEAST 10 /* sshd's own default: logins that are waiting for a person */

/* The settings in force, as "sshd -T" writes them: "keyword value" lines, in small letters.
 * False when the keyword is not there. */
static bool setting(const struct buffer *settings, const char *keyword, char *out, size_t size)
{
	size_t len = strlen(keyword);
	const char *at = buffer_text(settings);
	while (*at != '\0') {
		size_t line = strcspn(at, "\n");
		if (text_starts(at, keyword) && at[len] == ' ') {
			snprintf(out, size, "%.*s", (int)(line - len - 1), at + len + 1);
			return true;
		}
		at += line + (at[line] == '\n' ? 1 : 0);
	}
	return false;
}

/* "publickey,keyboard-interactive publickey,keyboard-interactive:pam": lists in alternation.
 * Does one hold a method that asks PAM? */
static bool methods_ask_us(const char *methods)
{
	return streq(methods, "any") || strstr(methods, "keyboard-interactive") != NULL ||
	       strstr(methods, "password") != NULL;
}

static void judge_switches(struct patient *p, const struct buffer *settings)
{
	char value[512];
	if (setting(settings, "usepam", value, sizeof(value)) && streq(value, "no"))
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_SSHD_USE_PAM,
		    "UsePAM no: sshd never asks this module, not even for its account line");
	if (setting(settings, "kbdinteractiveauthentication", value, sizeof(value)) &&
	    streq(value, "no"))
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_SSHD_KBDINT,
		    "KbdInteractiveAuthentication no: sshd cannot ask for codes");
	if (setting(settings, "authenticationmethods", value, sizeof(value)) &&
	    !methods_ask_us(value))
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_SSHD_METHODS,
		    "AuthenticationMethods %s: nobody is ever asked for a password or a code",
		    value);
}

static void judge_limits(struct patient *p, const struct buffer *settings)
{
	char value[64];
	unsigned long seconds = 0, begin = 0;
	if (setting(settings, "logingracetime", value, sizeof(value)) &&
	    text_number(value, 1000000, &seconds) && seconds != 0 && seconds <= p->sshd_timeout)
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_SSHD_GRACE,
		    "LoginGraceTime %lu: sshd hangs up before timeout=%lu has passed", seconds,
		    p->sshd_timeout);
	if (!setting(settings, "maxstartups", value, sizeof(value)))
		return;
	value[strcspn(value, ":")] = '\0';
	if (text_number(value, 1000000, &begin) && begin < STARTUPS_LEAST)
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SSHD_STARTUPS,
		    "MaxStartups %lu: so few people may be typing at once; others are hung up "
		    "on",
		    begin);
}

void doctor_sshd(struct patient *p)
{
	char program[] = SSHD, test[] = "-T", why[256] = "";
	char *const argv[] = {program, test, NULL};
	struct buffer settings = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	size_t before = p->diagnosis->faults + p->diagnosis->warnings;
	if (!p->has_sshd)
		return;
	if (program_run(argv, &settings, why, sizeof(why)) == 0) {
		judge_switches(p, &settings);
		judge_limits(p, &settings);
		if (p->diagnosis->faults + p->diagnosis->warnings == before)
			diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_SSHD,
			    "sshd asks PAM, and waits long enough (%s -T)", SSHD);
	} else {
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SSHD, "%s -T: %s", SSHD, why);
	}
	buffer_wipe(&settings);
}
