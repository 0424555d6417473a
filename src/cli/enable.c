/* SPDX-License-Identifier: MIT
 *
 * enable: puts the service files of this distribution in place. It refuses what would lock
 * people out, and everything that it does can be taken back, also by a machine that is started
 * again.
 */
#include <fnmatch.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cli/break_glass.h"
#include "cli/difference.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include "cli/package_file.h"
#include "cli/place.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "cli/trial.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/config_file.h"

#define TIMEOUT_OF_SAMPLES 100 /* the module's default, which the service files keep */
#define BESIDE ".before-enable"

/* A file on its way. */
struct step {
	const struct place *place;
	struct original now, original, wanted;
};

struct enabling {
	const struct arguments *arguments;
	struct output *out;
	struct sshd_users users; /* whom sshd must let in, beside the pool's */
	struct config *config;
	bool refused, has_reloaded;
	size_t len;
	struct step steps[TRIAL_PLACES_MOST];
};

static void refuse(struct enabling *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void refuse(struct enabling *e, const char *format, ...)
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

/* ---- may it be done? ----------------------------------------------------------------------
 */

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

static bool is_named(const struct config_rule *rule, const char *service)
{
	bool named = rule->services.len == 0;
	for (size_t i = 0; i < rule->services.len; i++)
		named = named || fnmatch(rule->services.items[i], service, 0) == 0;
	return named && !rule->is_deny;
}

static void judge_rules(struct enabling *e, const char *service)
{
	bool named = false;
	for (size_t i = 0; e->config != NULL && i < e->config->rules_len; i++)
		named = named || is_named(&e->config->rules[i], service);
	if (e->config != NULL && !named)
		refuse(e, "no rule of %s allows anybody the service %s", e->arguments->config,
		    service);
}

static void judge_break_glass(struct enabling *e)
{
	if (e->arguments->no_break_glass)
		return;
	if (!break_glass_works(e->out, e->arguments->words, &e->users))
		refuse(e, "nobody could log in without Cognito: give a member of " BREAK_GLASS
			  " a local password, or say --no-break-glass");
}

/* It names the module, and enable did not write it: the package's own file is the original. */
static void judge_foreign(struct enabling *e, struct step *s)
{
	struct package_file package;
	place_of_package(s->place, &s->original);
	if (s->original.exists)
		output_marked(e->out, "-",
		    "%s names the module already: \"disable\" will bring back the package's "
		    "own file, which lies beside it",
		    s->place->path);
	else if (package_file_find(s->place->path, &package))
		refuse(e,
		    "%s names the module already, and there is no other file to go back to: "
		    "move it away, and have the package %s put its own file there",
		    s->place->path, package.package);
	else
		refuse(e,
		    "%s names the module already, and there is no other file to go back to: "
		    "move it away",
		    s->place->path);
}

/* What enable has put there earlier has changed since. */
static void judge_changed(struct enabling *e, struct step *s)
{
	if (s->now.exists && place_names_us(&s->now.content))
		refuse(e,
		    "%s has changed since enable put it there: \"cognito-oidc disable %s\" "
		    "shows what",
		    s->place->path, s->place->service);
	else if (s->now.exists)
		output_marked(e->out, "warn",
		    "%s was replaced since enable put it there: what is there is kept as "
		    "%s" BESIDE,
		    s->place->path, s->place->path);
}

/* Adds the place to the steps, unless it is as it should be. */
static void judge_place(struct enabling *e, const struct place *p)
{
	struct step *s = &e->steps[e->len];
	const struct arguments *a = e->arguments;
	*s = (struct step){.place = p};
	if (streq(p->path, PLACE_SSHD_CONFIG) && !sshd_includes(p->path)) {
		output_marked(e->out, "warn",
		    "sshd_config has no \"Include %s\": it must say UsePAM yes and "
		    "KbdInteractiveAuthentication yes itself",
		    "/etc/ssh/sshd_config.d/*.conf");
		return;
	}
	e->len++;
	enum place_state state = place_examine(p, &s->now, NULL);
	if (state == PLACE_WRONG) {
		refuse(e, "%s cannot be replaced", p->path);
		return;
	}
	if (!place_wanted(p,
		a->sudo != NULL && !streq(a->sudo, "silent")
		    ? streq(a->sudo, "ask") ? "sudo" : "sudo-gate"
		    : "sudo-silent",
		&s->wanted)) {
		refuse(e, "there is no service file for %s", p->name);
	} else if (!s->wanted.exists) {
		output_marked(e->out, "ok", "%s includes the file of %s", p->path, p->service);
		e->len--;
	} else if (state == PLACE_OURS && original_equals(&s->now, &s->wanted)) {
		output_marked(e->out, "ok", "%s is in place", p->path);
		e->len--;
	} else if (a->is_try && place_is_known(p)) {
		refuse(e,
		    "%s is enabled already, and a try would not bring this file back: disable "
		    "it first, or enable it without --try",
		    p->service);
	} else if (state == PLACE_FOREIGN) {
		judge_foreign(e, s);
	} else if (state == PLACE_CHANGED) {
		judge_changed(e, s);
	}
}

static void judge(struct enabling *e)
{
	judge_host(e);
	for (size_t i = 0; e->arguments->words[i] != NULL; i++) {
		judge_rules(e, e->arguments->words[i]);
		for (const struct place *p = places; p->name != NULL; p++)
			if (streq(p->service, e->arguments->words[i]))
				judge_place(e, p);
	}
	judge_break_glass(e);
	if (trial_is_pending())
		refuse(
		    e, "a try is pending: --keep confirms it, \"disable --try\" takes it back");
	if (e->arguments->is_try && !e->arguments->dry_run && !trial_is_possible())
		refuse(e, "--try is not possible here");
}

/* ---- doing it ---------------------------------------------------------------------------- */

/* Does sshd, with the drop-in in place, do what its users need? Shows what is in force. */
static bool is_sshd_right(struct enabling *e)
{
	char program[] = SSHD_PROGRAM, test[] = "-t";
	char *const argv[] = {program, test, NULL};
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	struct diagnosis d = {.out = e->out,
	    .config = e->config,
	    .tells_faults = true,
	    .has_sshd = true,
	    .sshd_timeout = TIMEOUT_OF_SAMPLES,
	    .also = &e->users};
	int status = program_run(argv, &text, &reason);
	buffer_wipe(&text);
	if (status != 0) {
		refuse(e, "%s -t: %s", SSHD_PROGRAM, reason.detail);
		return false;
	}
	doctor_sshd(&d);
	return d.count[DOCTOR_FAIL] == 0;
}

static bool put(struct enabling *e, struct step *s)
{
	char beside[4096];
	snprintf(beside, sizeof(beside), "%s" BESIDE, s->place->path);
	bool is_replaced = s->now.exists && place_is_known(s->place) &&
			   !place_names_us(&s->now.content) &&
			   !streq(s->place->path, PLACE_SSHD_CONFIG);
	if (is_replaced && !original_write(&s->now, beside))
		return false;
	if (!place_put(s->place, s->original.exists ? &s->original : &s->now, &s->wanted))
		return false;
	output_marked(e->out, "ok", "%s: in place", s->place->path);
	output_json(e->out, "{status:%s seen:%s}", "ok", s->place->path);
	return true;
}

/* sshd's own configuration comes first, and only then the service file with which everybody
 * depends on it. */
static bool put_all(struct enabling *e)
{
	bool has_sshd = false;
	for (size_t i = 0; e->arguments->words[i] != NULL; i++)
		has_sshd = has_sshd || streq(e->arguments->words[i], "sshd");
	bool done = true, is_asked = !has_sshd;
	for (size_t i = 0; done && i < e->len; i++) {
		struct step *s = &e->steps[i];
		bool is_config = streq(s->place->path, PLACE_SSHD_CONFIG);
		if (!is_config && !is_asked && streq(s->place->service, "sshd")) {
			is_asked = true;
			done = is_sshd_right(e);
		}
		done = done && put(e, s);
		if (is_config && done) {
			is_asked = true;
			/* Until then sshd may not have read what is in its files. */
			done = is_sshd_right(e);
			e->has_reloaded = done;
			done = done && sshd_reload(e->out);
		}
	}
	return done;
}

static void list_places(const struct enabling *e, const struct place **list)
{
	size_t len = 0;
	for (size_t i = 0; i < e->len; i++)
		list[len++] = e->steps[i].place;
	list[len] = NULL;
}

/* Puts every file, or none. */
static bool put_or_take_back(struct enabling *e)
{
	const struct place *list[TRIAL_PLACES_MOST + 1];
	list_places(e, list);
	if (put_all(e))
		return true;
	trial_take_back(e->out, list, e->has_reloaded);
	refuse(e, "nothing is enabled");
	return false;
}

/* ---- the try ------------------------------------------------------------------------------
 */

/* Undoes it if it still is pending. Somebody else may have, meanwhile. */
static bool undo(struct output *out)
{
	int lock = trial_lock(true);
	if (lock < 0)
		return false;
	bool done = !trial_is_pending() || trial_undo(out);
	close(lock);
	return done;
}

/* Waits for the confirmation, the end of the time, or a signal. Its own end by anything else is
 * seen by the unit that watches. */
static int await_end(struct enabling *e, unsigned long seconds)
{
	const struct timespec nap = {.tv_nsec = 200000000};
	const struct place *first = e->steps[0].place;
	struct trial t;
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	output_line(e->out,
	    "Log in now, in another terminal, as somebody of the pool. Then run there:\n");
	output_line(e->out, "    cognito-oidc enable --keep");
	output_line(e->out,
	    "In %lu seconds, or when this command ends, the old files come back.", seconds);
	output_flush(e->out);
	trial_read(&t);
	while (trial_is_pending() && !trial_is_over(&t) && sigtimedwait(&ends, NULL, &nap) < 0)
		;
	if (trial_is_pending() && !undo(e->out))
		return EXIT_NO;
	bool is_kept = place_is_known(first);
	output_marked(e->out, is_kept ? "ok" : "FAIL", "%s",
	    is_kept ? "confirmed: the new files stay"
		    : "nobody confirmed it: the old files are back");
	return is_kept ? EXIT_YES : EXIT_NO;
}

/* The lock is held until the files are in place. */
static int try_it(struct enabling *e, int *lock)
{
	unsigned long seconds = TRIAL_SECONDS;
	const struct place *list[TRIAL_PLACES_MOST + 1];
	if (e->arguments->try_text != NULL)
		text_number(e->arguments->try_text, TRIAL_SECONDS_MOST, &seconds);
	list_places(e, list);
	if (!trial_begin(list, seconds))
		return EXIT_NO;
	if (!trial_watch() || !put_or_take_back(e)) {
		bool is_back = true;
		for (size_t i = 0; list[i] != NULL; i++)
			is_back = is_back && !place_is_known(list[i]);
		/* Else the next boot tries again. */
		if (is_back)
			trial_forget();
		return EXIT_NO;
	}
	close(*lock);
	*lock = -1;
	return await_end(e, seconds);
}

static int keep(struct output *out)
{
	struct trial t;
	int lock = trial_lock(false), code = EXIT_NO;
	if (lock < 0)
		return EXIT_TROUBLE;
	trial_read(&t);
	bool is_seen = trial_is_pending();
	if (!is_seen) {
		output_marked(out, "FAIL", "no try is pending");
	} else if (trial_is_over(&t)) {
		output_marked(out, "FAIL", "its time is over: the old files come back");
		trial_undo(out);
		is_seen = false;
	}
	for (size_t i = 0; is_seen && t.places[i] != NULL; i++)
		if (!trial_saw(t.places[i]->service)) {
			is_seen = false;
			output_marked(out, "FAIL",
			    "nobody was allowed to use %s since the try began; root and "
			    "members of " BREAK_GLASS " do not count",
			    t.places[i]->service);
		}
	if (is_seen && trial_forget()) {
		output_marked(out, "ok", "confirmed: the new files stay");
		code = EXIT_YES;
	}
	output_json(out, "kept:%d ok:%d", code == EXIT_YES, code == EXIT_YES);
	close(lock);
	return code;
}

/* Also for timers and package managers, whose output nobody reads: a fault is a warning in the
 * system log. */
static int check_places(struct output *out)
{
	size_t faults = 0, count = 0;
	output_json(out, "files:[");
	for (const struct place *p = places; p->name != NULL; p++) {
		const char *fault = place_fault(p);
		if (!place_is_known(p))
			continue;
		count++;
		output_json(out, "{file:%s ok:%d fault:%s}", p->path, fault == NULL, fault);
		if (fault == NULL) {
			output_marked(out, "ok", "%s is in place", p->path);
			continue;
		}
		faults++;
		output_marked(out, "FAIL", "%s %s", p->path, fault);
		syslog(LOG_AUTHPRIV | LOG_WARNING, "%s %s", p->path, fault);
	}
	output_json(out, "] ok:%d", faults == 0);
	if (count == 0)
		output_line(out, "no service is enabled");
	return faults == 0 ? EXIT_YES : EXIT_NO;
}

static int run(struct enabling *e)
{
	const struct arguments *a = e->arguments;
	int lock = a->dry_run ? -1 : trial_lock(false), code = EXIT_NO;
	if (!a->dry_run && lock < 0)
		return EXIT_TROUBLE;
	output_json(e->out, "steps:[");
	judge(e);
	for (size_t i = 0; i < e->len; i++)
		difference_show(e->out, e->steps[i].place->path, &e->steps[i].now,
		    e->steps[i].wanted.exists ? &e->steps[i].wanted : &e->steps[i].now);
	output_flush(e->out);
	if (e->refused)
		output_line(e->out, "Nothing has changed.");
	else if (a->dry_run || e->len == 0)
		code = EXIT_YES;
	else if (a->is_try)
		code = try_it(e, &lock);
	else
		code = put_or_take_back(e) ? EXIT_YES : EXIT_NO;
	output_json(e->out, "] ok:%d", code == EXIT_YES);
	if (lock >= 0)
		close(lock);
	return code;
}

int enable_main(const struct arguments *a, struct output *out)
{
	static struct enabling e;
	unsigned long seconds = 0;
	bool is_alone = a->words[0] == NULL && !a->is_try && !a->dry_run &&
			!a->no_break_glass && a->sudo == NULL;
	if ((a->keep || a->check) && (!is_alone || a->keep == a->check))
		complain("enable: --keep and --check take nothing else");
	else if (!a->keep && !a->check && a->words[0] == NULL)
		complain("enable: which service? One of " PLACE_WORDS);
	else if (a->try_text != NULL &&
		 (!text_number(a->try_text, TRIAL_SECONDS_MOST, &seconds) ||
		     seconds < TRIAL_SECONDS_LEAST))
		complain(
		    "--try: needs %d to %d seconds", TRIAL_SECONDS_LEAST, TRIAL_SECONDS_MOST);
	else if (a->keep)
		return keep(out);
	else if (a->check)
		return check_places(out);
	else {
		e = (struct enabling){.arguments = a, .out = out};
		int code = run(&e);
		for (size_t i = 0; i < e.len; i++) {
			original_free(&e.steps[i].now);
			original_free(&e.steps[i].original);
			original_free(&e.steps[i].wanted);
		}
		config_free(e.config);
		return code;
	}
	return EXIT_TROUBLE;
}
