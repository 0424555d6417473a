/* SPDX-License-Identifier: MIT
 *
 * What enable refuses: whatever would lock people out, and whatever has no way back.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/break_glass.h"
#include "cli/doctor.h"
#include "cli/enable.h"
#include "cli/output.h"
#include "cli/package_file.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/policy/rules.h"
#include "module/config_file.h"

void enable_refuse(struct enabling *e, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	e->refused = true;
	output_marked(e->out, "FAIL", "%s", text);
	output_json(e->out, "{status:%s seen:%s}", "fail", text);
}

static void judge_host(struct enabling *e)
{
	struct diagnosis d = {.out = e->out,
	    .environment = e->arguments->environment,
	    .config_path = e->arguments->config,
	    .tells_faults = true};
	struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	doctor_examine(&d, &text);
	buffer_wipe(&text);
	e->config = d.config;
	e->refused = e->refused || d.count[DOCTOR_FAIL] > 0;
}

static void judge_rules(struct enabling *e, const char *service, bool is_main)
{
	if (e->config == NULL || rules_open_service(e->config, service, e->arguments->host))
		return;
	if (is_main)
		enable_refuse(e, "no rule of %s allows anybody the service %s",
		    e->arguments->config, service);
	else
		output_marked(e->out, "warn", "no rule of %s allows anybody the service %s",
		    e->arguments->config, service);
}

static void judge_break_glass(struct enabling *e)
{
	if (e->arguments->no_break_glass)
		return;
	if (!break_glass_works(e->out, e->arguments->words, &e->users))
		enable_refuse(e,
		    "nobody could log in without Cognito: give a member of " BREAK_GLASS
		    " a local password, or say --no-break-glass");
}

/* It names the module, and enable did not write it: the package's own file is the original. */
static void judge_foreign(struct enabling *e, struct step *s)
{
	struct package_file package;
	if (e->arguments->is_try) {
		enable_refuse(e,
		    "%s names the module already, and a try would not bring this file "
		    "back: move it away, or enable it without --try",
		    s->place->path);
		return;
	}
	place_of_package(s->place, &s->original);
	if (s->original.exists && !place_beside(s->place, ENABLE_BESIDE, s->beside))
		enable_refuse(e, "%s could not be kept", s->place->path);
	else if (s->original.exists)
		output_marked(e->out, "-",
		    "%s names the module already, and is kept as %s: \"disable\" will bring "
		    "back the package's own file, which lies beside it",
		    s->place->path, s->beside);
	else if (package_file_find(s->place->path, &package))
		enable_refuse(e,
		    "%s names the module already, and there is no other file to go back to: "
		    "move it away, and have the package %s put its own file there",
		    s->place->path, package.package);
	else
		enable_refuse(e,
		    "%s names the module already, and there is no other file to go back to: "
		    "move it away",
		    s->place->path);
}

/* What enable has put there earlier has changed since. */
static void judge_changed(struct enabling *e, struct step *s)
{
	if (s->now.exists && place_names_us(&s->now.content))
		enable_refuse(e,
		    "%s has changed since enable put it there: \"cognito-oidc disable %s\" "
		    "shows what",
		    s->place->path, s->place->service);
	else if (s->now.exists && !place_beside(s->place, ENABLE_BESIDE, s->beside))
		enable_refuse(e, "%s could not be kept", s->place->path);
	else if (s->now.exists)
		output_marked(e->out, "warn",
		    "%s has been replaced since enable put it there: what is there is kept as "
		    "%s",
		    s->place->path, s->beside);
}

/* The service file for sudo, by the word of --sudo. */
static const char *sudo_sample(const char *word)
{
	if (word == NULL || streq(word, "silent"))
		return "sudo-silent";
	return streq(word, "ask") ? "sudo" : "sudo-gate";
}

/* Adds the place to the steps, unless it is as it should be. */
static void judge_place(struct enabling *e, const struct place *p)
{
	struct step *s = &e->steps[e->len];
	const struct arguments *a = e->arguments;
	*s = (struct step){.place = p, .was_known = place_is_known(p)};
	if (streq(p->path, PLACE_SSHD_CONFIG) && !sshd_includes(p->path)) {
		output_marked(e->out, "warn",
		    "sshd_config has no \"Include %s\": it must say UsePAM yes and "
		    "KbdInteractiveAuthentication yes itself",
		    "/etc/ssh/sshd_config.d/*.conf");
		return;
	}
	e->len++;
	enum place_state state = s->state = place_examine(p, &s->now, NULL);
	if (state == PLACE_WRONG) {
		enable_refuse(e, "%s cannot be replaced", p->path);
		return;
	}
	if (!place_wanted(p, sudo_sample(a->sudo), &s->wanted)) {
		enable_refuse(e, "there is no service file for %s", p->name);
	} else if (!s->wanted.exists) {
		output_marked(e->out, "ok", "%s includes the file of %s", p->path, p->service);
		e->len--;
	} else if (state == PLACE_OURS && original_equals(&s->now, &s->wanted)) {
		output_marked(e->out, "ok", "%s is in place", p->path);
		e->len--;
	} else if (a->is_try && place_is_known(p)) {
		enable_refuse(e,
		    "%s is enabled already, and a try would not bring this file back: disable "
		    "it first, or enable it without --try",
		    p->service);
	} else if (state == PLACE_FOREIGN) {
		judge_foreign(e, s);
	} else if (state == PLACE_CHANGED && !original_equals(&s->now, &s->wanted)) {
		judge_changed(e, s);
	}
}

static bool is_repeated(const char *const *words, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (streq(words[i], words[at]))
			return true;
	return false;
}

void enable_judge(struct enabling *e)
{
	judge_host(e);
	for (size_t i = 0; e->arguments->words[i] != NULL; i++) {
		if (is_repeated(e->arguments->words, i))
			continue;
		judge_rules(e, e->arguments->words[i], true);
		for (const struct place *p = places; p->name != NULL; p++)
			if (streq(p->service, e->arguments->words[i])) {
				if (!streq(p->name, p->service) &&
				    !streq(p->path, PLACE_SSHD_CONFIG))
					judge_rules(e, p->name, false);
				judge_place(e, p);
			}
	}
	judge_break_glass(e);
	if (trial_is_pending())
		enable_refuse(
		    e, "a try is pending: --keep confirms it, \"disable --try\" takes it back");
	if (e->arguments->is_try && !e->arguments->dry_run && !trial_is_possible())
		enable_refuse(e, "--try is not possible here");
}
