/* SPDX-License-Identifier: MIT
 *
 * enable: puts the service files of this distribution in place. It refuses what would lock
 * people out, and everything that it does can be taken back, also by a machine that is started
 * again.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "cli/break_glass.h"
#include "cli/difference.h"
#include "cli/doctor.h"
#include "cli/enable.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"

#define TIMEOUT_OF_SAMPLES 100 /* the module's default, which the service files keep */

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
		enable_refuse(e, "%s -t: %s", SSHD_PROGRAM, reason.detail);
		return false;
	}
	doctor_sshd(&d);
	return d.count[DOCTOR_FAIL] == 0;
}

static bool put(struct enabling *e, struct step *s)
{
	struct original again;
	bool is_same =
	    original_read(s->place->path, &again) && original_equals(&again, &s->now);
	original_free(&again);
	if (!is_same)
		return complain("%s has changed while enable was running", s->place->path);
	if (s->beside[0] != '\0' && !original_write(&s->now, s->beside))
		return false;
	s->is_put = true;
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
			/* A run that was killed may have put the drop-in and not reloaded sshd.
			 */
			done = is_sshd_right(e) && sshd_reload(e->out);
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

/* A key or a closed terminal must not stop it between two files. */
static void block_ends(sigset_t *ends)
{
	sigemptyset(ends);
	sigaddset(ends, SIGINT);
	sigaddset(ends, SIGTERM);
	sigaddset(ends, SIGHUP);
	sigaddset(ends, SIGTSTP);
	sigprocmask(SIG_BLOCK, ends, NULL);
	sigdelset(ends, SIGTSTP);
	signal(SIGPIPE, SIG_IGN);
}

/* Puts every file, or none. */
static bool put_or_take_back(struct enabling *e)
{
	const struct place *list[TRIAL_PLACES_MOST + 1];
	size_t len = 0;
	bool reloads = false;
	sigset_t ends;
	block_ends(&ends);
	if (put_all(e))
		return true;
	/* What was enabled before stays enabled: its file of before comes back, not its
	 * original. */
	for (size_t i = e->len; i-- > 0;) {
		struct step *s = &e->steps[i];
		if (!s->was_known || !s->is_put)
			continue;
		original_write(&s->now, s->place->path);
		if (s->state == PLACE_OURS)
			place_put(s->place, &s->now, &s->now);
		reloads = reloads || streq(s->place->path, PLACE_SSHD_CONFIG);
	}
	for (size_t i = 0; i < e->len; i++)
		if (!e->steps[i].was_known)
			list[len++] = e->steps[i].place;
	list[len] = NULL;
	trial_take_back(e->out, list, e->has_reloaded);
	if (reloads && e->has_reloaded)
		sshd_reload(e->out);
	enable_refuse(e, "nothing has been enabled: the files of before are in place");
	return false;
}

/* ---- the try ------------------------------------------------------------------------------
 */

/* Is the pending try the one of this process? A process that was stopped may find a later one.
 */
static bool is_own_try(void)
{
	struct trial t;
	trial_read(&t);
	return t.command == getpid() && trial_is_pending();
}

/* Undoes it if it still is pending. Somebody else may have, meanwhile. */
static bool undo(struct output *out)
{
	int lock = trial_lock(true);
	if (lock < 0)
		return false;
	bool done = !is_own_try() || trial_undo(out);
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
	block_ends(&ends);
	output_line(e->out,
	    "Log in now, in another terminal, as somebody of the pool. Then run there:\n");
	output_line(e->out, "    cognito-oidc enable --keep");
	output_line(e->out,
	    "In %lu seconds, or when this command ends, the old files come back.", seconds);
	output_flush(e->out);
	trial_read(&t);
	while (is_own_try() && !trial_is_over(&t) && sigtimedwait(&ends, NULL, &nap) < 0)
		;
	if (is_own_try() && !undo(e->out))
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
			    "nobody has been allowed to use %s since the try began; root and "
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
	enable_judge(e);
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
