/* SPDX-License-Identifier: MIT
 *
 * disable: brings back what was there before enable, byte for byte. It also ends a try: for
 * whoever says so, for the unit that watches it, and at the boot.
 */
#include <poll.h>
#include <unistd.h>

#include "cli/difference.h"
#include "cli/output.h"
#include "cli/place.h"
#include "cli/sshd.h"
#include "cli/trial.h"
#include "cli/verbs.h"
#include "common/text.h"

#define WATCH_MS 500

static bool is_chosen(const struct arguments *a, const struct place *p)
{
	bool chosen = a->all;
	for (size_t i = 0; a->words[i] != NULL; i++)
		chosen = chosen || streq(a->words[i], p->service);
	return chosen && place_is_known(p);
}

/* May its original come back? What somebody changed since is shown, and stays unless --force.
 */
static bool may_restore(const struct place *p, bool force, struct output *out)
{
	struct original now, placed;
	enum place_state state = place_examine(p, &now, &placed);
	bool may = state == PLACE_OURS || force || place_is_original(p, &now);
	if (!may && state == PLACE_CHANGED) {
		difference_show(out, p->path, &placed, &now);
		output_marked(out, "FAIL",
		    "%s has changed since enable put it there, and stays; --force brings the "
		    "original back",
		    p->path);
	} else if (!may) {
		output_marked(
		    out, "FAIL", "%s stays; --force brings the original back", p->path);
	}
	if (!may)
		output_json(out, "{file:%s back:%d}", p->path, false);
	original_free(&now);
	original_free(&placed);
	return may;
}

static int take_back(const struct arguments *a, struct output *out)
{
	const struct place *list[TRIAL_PLACES_MOST + 1] = {NULL};
	const char *stays[TRIAL_PLACES_MOST + 1] = {NULL};
	size_t len = 0, known = 0, left = 0;
	for (const struct place *p = places; p->name != NULL; p++) {
		known += is_chosen(a, p) ? 1 : 0;
		if (is_chosen(a, p) && !may_restore(p, a->force, out))
			stays[left++] = p->service;
	}
	/* All of a service or nothing: sshd must be able to ask for codes while its service
	 * file needs them. */
	for (const struct place *p = places; p->name != NULL; p++)
		if (is_chosen(a, p) && !text_among(p->service, stays))
			list[len++] = p;
	bool done = left == 0;
	if (known == 0 && !a->all) {
		output_marked(out, "FAIL", "%s is not enabled", a->words[0]);
		return EXIT_NO;
	}
	return trial_take_back(out, list, true) && done ? EXIT_YES : EXIT_NO;
}

/* Until the try is confirmed, over, or without its command. */
static void watch(void)
{
	struct trial t;
	trial_read(&t);
	while (trial_is_pending() && !trial_is_over(&t))
		poll(NULL, 0, WATCH_MS);
}

static int end_try(struct output *out)
{
	int lock = trial_lock(true);
	if (lock < 0)
		return EXIT_TROUBLE;
	int code = EXIT_YES;
	if (trial_is_pending())
		code = trial_undo(out) ? EXIT_YES : EXIT_NO;
	else
		output_line(out, "no try is pending");
	close(lock);
	return code;
}

int disable_main(const struct arguments *a, struct output *out)
{
	bool has_words = a->words[0] != NULL;
	int code = EXIT_TROUBLE, lock = -1;
	if (has_words + a->all + a->is_try != 1 || (a->is_try && a->force)) {
		complain("disable: needs one of SERVICE..., --all and --try");
		return code;
	}
	output_json(out, "files:[");
	if (a->is_try && a->try_text != NULL)
		watch();
	if (a->is_try) {
		code = end_try(out);
	} else if ((lock = trial_lock(a->all)) >= 0) {
		if (trial_is_pending() && !a->force) {
			output_marked(
			    out, "FAIL", "a try is pending: \"disable --try\" takes it back");
			code = EXIT_NO;
		} else if (!trial_is_pending() || trial_undo(out)) {
			code = take_back(a, out);
		} else {
			code = EXIT_NO;
		}
		close(lock);
	}
	output_json(out, "] ok:%d", code == EXIT_YES);
	return code;
}
