/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/config/config.h"

#define CONVERTER "/usr/bin/cvtsudoers"
#define SUDOERS "/etc/sudoers"
#define RECHECK_DEFAULT 300 /* seconds; when the configuration cannot be read */

/* The last of a Cmnd_Specs' or Defaults' Options that sets this one, or NULL. */
static const struct cJSON *option(const struct cJSON *holder, const char *name)
{
	const struct cJSON *found = NULL;
	const struct cJSON *at = json_first(json_member(holder, "Options"));
	for (; at != NULL; at = json_next(at))
		if (json_member(at, name) != NULL)
			found = json_member(at, name);
	return found;
}

/* {"usergroup": "sudo"} as sudoers writes it: %sudo. */
static void name_people(const struct cJSON *list, char *out, size_t size)
{
	const struct cJSON *who = json_first(json_first(list));
	const char *kind = json_name(who), *name = json_string(who);
	snprintf(out, size, "%s%s%s", streq(kind, "usergroup") ? "%" : "",
	    name != NULL ? name : "somebody", json_count(list) > 1 ? " and others" : "");
}

/* Minutes, with a fraction; negative: for ever. */
static void judge_timestamp(struct patient *p, const struct cJSON *defaults)
{
	const char *text = json_string(option(defaults, "timestamp_timeout"));
	long recheck = p->config != NULL ? p->config->recheck : RECHECK_DEFAULT;
	unsigned long minutes = 0;
	char whole[16];
	if (text == NULL)
		return;
	snprintf(whole, sizeof(whole), "%.*s", (int)strcspn(text, "."), text);
	bool is_forever = text[0] == '-';
	if (!is_forever &&
	    (!text_number(whole, 1000000, &minutes) || (long)minutes * 60 <= recheck))
		return;
	diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SUDO_TIMESTAMP,
	    "timestamp_timeout %s%s: sudo asks for no sign-in longer than login.recheck (%ld "
	    "s)",
	    text, is_forever ? " (never ends)" : " minutes", recheck);
}

static void judge_defaults(struct patient *p, const struct cJSON *root)
{
	const struct cJSON *at = json_first(json_member(root, "Defaults"));
	for (; at != NULL; at = json_next(at)) {
		judge_timestamp(p, at);
		if (json_is_false(option(at, "authenticate")))
			diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SUDO_NOPASSWD,
			    "Defaults !authenticate: sudo asks for no sign-in");
	}
}

static void judge_specs(struct patient *p, const struct cJSON *root)
{
	char who[128];
	const struct cJSON *spec = json_first(json_member(root, "User_Specs"));
	for (; spec != NULL; spec = json_next(spec)) {
		const struct cJSON *at = json_first(json_member(spec, "Cmnd_Specs"));
		while (at != NULL && !json_is_false(option(at, "authenticate")))
			at = json_next(at);
		if (at == NULL)
			continue;
		name_people(json_member(spec, "User_List"), who, sizeof(who));
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SUDO_NOPASSWD,
		    "NOPASSWD for %s: sudo asks them for no sign-in; only the account line "
		    "decides",
		    who);
	}
}

static void judge(struct patient *p, const struct buffer *sudoers)
{
	struct json *document = NULL;
	size_t before = p->diagnosis->faults + p->diagnosis->warnings;
	if (json_parse(
		buffer_text(sudoers), sudoers->len, PROGRAM_OUTPUT_MAX, &document, NULL) != 0) {
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SUDO,
		    "%s -f json: its output cannot be read", CONVERTER);
		return;
	}
	judge_defaults(p, json_root(document));
	judge_specs(p, json_root(document));
	if (p->diagnosis->faults + p->diagnosis->warnings == before)
		diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_SUDO,
		    "%s: nothing goes around the sign-in", SUDOERS);
	json_free(document);
}

void doctor_sudo(struct patient *p)
{
	char program[] = CONVERTER, flag[] = "-f", format[] = "json", file[] = SUDOERS;
	char *const argv[] = {program, flag, format, file, NULL};
	char why[256] = "";
	struct buffer sudoers = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	if (!p->has_sudo)
		return;
	if (program_run(argv, &sudoers, why, sizeof(why)) == 0)
		judge(p, &sudoers);
	else
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_SUDO, "%s: %s", SUDOERS, why);
	buffer_wipe(&sudoers);
}
