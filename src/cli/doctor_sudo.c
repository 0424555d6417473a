/* SPDX-License-Identifier: MIT
 *
 * sudoers as JSON: {"Defaults": [{"Options": [...]}], "User_Specs": [{"User_List": [...],
 * "Cmnd_Specs": [{"Options": [...]}]}]}. Options are objects with one member each.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/doctor.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/json/json.h"

#define CONVERTER "/usr/bin/cvtsudoers"
#define SUDOERS "/etc/sudoers"
#define MINUTES_DEFAULT "15" /* sudo's own, as Debian and Red Hat build it */
#define RECHECK_DEFAULT 300 /* seconds; when the configuration cannot be read */

/* The last option of this name, or NULL: as in sudoers the last one counts. */
static const struct cJSON *find_option(const struct cJSON *of, const char *name)
{
	const struct cJSON *found = NULL;
	const struct cJSON *at = json_first(json_member(of, "Options"));
	for (; at != NULL; at = json_next(at))
		if (json_member(at, name) != NULL)
			found = json_member(at, name);
	return found;
}

/* The timeout is in minutes, with a fraction; negative: for ever. NULL: none is set. */
static void judge_timestamp(struct diagnosis *d, const char *text)
{
	long recheck = d->config != NULL ? d->config->recheck : RECHECK_DEFAULT;
	double minutes = strtod(text != NULL ? text : MINUTES_DEFAULT, NULL);
	if (minutes < 0 || minutes * 60 > (double)recheck)
		diagnosis_say(d, DOCTOR_WARN, FOUND_SUDO_TIMESTAMP,
		    "timestamp_timeout %s%s: sudo asks for no sign-in for longer than "
		    "login.recheck (%ld s)",
		    text != NULL ? text : "is not set, so it is " MINUTES_DEFAULT,
		    minutes < 0 ? " (never ends)" : " minutes", recheck);
}

/* {"usergroup": "sudo"} is %sudo in sudoers. */
static void judge_spec(struct diagnosis *d, const struct cJSON *spec)
{
	const struct cJSON *users = json_member(spec, "User_List");
	const struct cJSON *user = json_first(json_first(users));
	const struct cJSON *at = json_first(json_member(spec, "Cmnd_Specs"));
	while (at != NULL && !json_is_false(find_option(at, "authenticate")))
		at = json_next(at);
	if (at != NULL)
		diagnosis_say(d, DOCTOR_WARN, FOUND_SUDO_NOPASSWD,
		    "NOPASSWD for %s%s%s: sudo asks for no sign-in; only the account line "
		    "decides",
		    streq(json_name(user), "usergroup") ? "%" : "",
		    json_string(user) != NULL ? json_string(user) : "a user",
		    json_count(users) > 1 ? " and others" : "");
}

/* Which users and commands a rule is about does not matter: one exception is worth a warning.
 */
static void judge(struct diagnosis *d, const struct cJSON *sudoers)
{
	size_t before = diagnosis_troubles(d);
	const char *for_all = NULL;
	const struct cJSON *at = json_first(json_member(sudoers, "Defaults"));
	for (; at != NULL; at = json_next(at)) {
		const char *timeout = json_string(find_option(at, "timestamp_timeout"));
		if (timeout != NULL && json_member(at, "Binding") != NULL)
			judge_timestamp(d, timeout);
		else if (timeout != NULL)
			for_all = timeout;
		if (json_is_false(find_option(at, "authenticate")))
			diagnosis_say(d, DOCTOR_WARN, FOUND_SUDO_NOPASSWD,
			    "Defaults !authenticate: sudo asks for no sign-in");
	}
	judge_timestamp(d, for_all);
	at = json_first(json_member(sudoers, "User_Specs"));
	for (; at != NULL; at = json_next(at))
		judge_spec(d, at);
	if (diagnosis_troubles(d) == before)
		diagnosis_say(
		    d, DOCTOR_OK, FOUND_SUDO, "%s: no rule bypasses the sign-in", SUDOERS);
}

void doctor_sudo(struct diagnosis *d)
{
	char program[] = CONVERTER, flag[] = "-f", format[] = "json", file[] = SUDOERS;
	char *const argv[] = {program, flag, format, file, NULL};
	struct reason reason;
	struct buffer output = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct json *sudoers = NULL;
	if (!d->has_sudo)
		return;
	if (program_run(argv, &output, &reason) != 0)
		diagnosis_say(d, DOCTOR_WARN, FOUND_SUDO, "%s: %s", SUDOERS, reason.detail);
	else if (json_parse(
		     buffer_text(&output), output.len, PROGRAM_OUTPUT_MAX, &sudoers, NULL) != 0)
		diagnosis_say(
		    d, DOCTOR_WARN, FOUND_SUDO, "%s -f json: malformed output", CONVERTER);
	else
		judge(d, json_root(sudoers));
	json_free(sudoers);
	buffer_wipe(&output);
}
