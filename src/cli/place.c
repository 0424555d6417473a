/* SPDX-License-Identifier: MIT */
#include "cli/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/package_file.h"
#include "cli/pam_stack.h"
#include "common/paths.h"
#include "common/text.h"
#include "module/file.h"

#define PATH_SIZE 4096
#define MODULE "pam_cognito_oidc.so"
#define BESIDE ".before-disable" /* behind the name of what somebody else wrote */
#define BESIDE_MOST 99 /* more than anybody overlooks */

const struct place places[] = {
    {"sshd", "sshd.conf", PLACE_SSHD_CONFIG},
    {"sshd", "sshd", PAM_STACK_DIRECTORY "/sshd"},
    {"login", "login", PAM_STACK_DIRECTORY "/login"},
    {"su", "su", PAM_STACK_DIRECTORY "/su"},
    {"su", "su-l", PAM_STACK_DIRECTORY "/su-l"},
    {"sudo", "sudo", PAM_STACK_DIRECTORY "/sudo"},
    {"sudo", "sudo-i", PAM_STACK_DIRECTORY "/sudo-i"},
    {.name = NULL},
};

/* sshd takes the first value that it reads, so this file must sort first. A Match block may
 * still say otherwise: enable asks sshd. */
static const char sshd_config[] =
    "# Written by \"cognito-oidc enable sshd\". \"cognito-oidc disable sshd\" removes it.\n"
    "UsePAM yes\n"
    "KbdInteractiveAuthentication yes\n";

static void state_path(const struct place *p, const char *what, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s" PLACES_FOLDER "/%s.%s", paths.state, p->name, what);
}

const char *place_family(void)
{
	if (access(PAM_STACK_DIRECTORY "/common-auth", F_OK) == 0)
		return "debian";
	return access(PAM_STACK_DIRECTORY "/system-auth", F_OK) == 0 ? "redhat" : NULL;
}

bool place_names_us(const struct buffer *text)
{
	const char *at = buffer_text(text);
	while (*at != '\0') {
		size_t len = strcspn(at, "\n");
		const char *found = memmem(at, len, MODULE, strlen(MODULE));
		if (found != NULL && memchr(at, '#', (size_t)(found - at)) == NULL)
			return true;
		at += len;
		at += *at == '\n' ? 1 : 0;
	}
	return false;
}

bool place_is_known(const struct place *p)
{
	char path[PATH_SIZE];
	state_path(p, "placed", path);
	return access(path, F_OK) == 0;
}

enum place_state place_examine(
    const struct place *p, struct original *now, struct original *placed)
{
	struct original own_now = ORIGINAL_INIT, own_placed = ORIGINAL_INIT;
	char path[PATH_SIZE];
	enum place_state state = PLACE_FREE;
	now = now != NULL ? now : &own_now;
	placed = placed != NULL ? placed : &own_placed;
	*placed = (struct original)ORIGINAL_INIT;
	state_path(p, "placed", path);
	if (!original_read(p->path, now) || !original_read(path, placed))
		state = PLACE_WRONG;
	else if (placed->exists)
		state = original_equals(now, placed) ? PLACE_OURS : PLACE_CHANGED;
	else if (now->exists && place_names_us(&now->content))
		state = PLACE_FOREIGN;
	original_free(&own_now);
	original_free(&own_placed);
	return state;
}

bool place_is_original(const struct place *p, const struct original *file)
{
	struct original before = ORIGINAL_INIT;
	char path[PATH_SIZE];
	state_path(p, "absent", path);
	bool is_absent = access(path, F_OK) == 0;
	state_path(p, "original", path);
	bool same = original_read(path, &before) && (before.exists || is_absent) &&
		    original_equals(&before, file);
	original_free(&before);
	return same;
}

const char *place_fault(const struct place *p)
{
	struct original now;
	const char *fault = NULL;
	enum place_state state = place_examine(p, &now, NULL);
	if (!place_is_known(p) || state == PLACE_OURS)
		fault = NULL;
	else if (state == PLACE_WRONG)
		fault = "is no longer the regular file that enable put there";
	else if (!now.exists)
		fault = "is missing, although its service is enabled";
	else if (!place_names_us(&now.content) && !streq(p->path, PLACE_SSHD_CONFIG))
		fault = "no longer names pam_cognito_oidc.so, although its service is enabled";
	original_free(&now);
	return fault;
}

/* ---- what to put --------------------------------------------------------------------------
 */

/* Does the file of "su-l" take its lines from that of "su"? "auth include su" and the same of
 * account, or "@include su". False: it cannot be read. */
static bool find_include(const char *path, const char *service, bool *out)
{
	struct original file;
	bool is_read = original_read(path, &file), has_auth = false, has_account = false;
	if (is_read && file.exists)
		for (char *rest = file.content.bytes, *line;
		     (line = strsep(&rest, "\n")) != NULL;) {
			char first[32], second[64], third[64] = "";
			int words = sscanf(line, "%31s %63s %63s", first, second, third);
			bool is_all =
			    words >= 2 && streq(first, "@include") && streq(second, service);
			bool is_one = words == 3 && streq(third, service) &&
				      (streq(second, "include") || streq(second, "substack"));
			has_auth = has_auth || is_all || (is_one && streq(first, "auth"));
			has_account =
			    has_account || is_all || (is_one && streq(first, "account"));
		}
	original_free(&file);
	*out = has_auth && has_account;
	return is_read;
}

/* A sample of its own name, or the one of the service that it belongs to. */
static bool read_sample(const struct place *p, const char *sudo, struct original *out)
{
	char path[PATH_SIZE];
	const char *family = place_family();
	const char *main_sample = streq(p->service, "sudo") ? sudo : p->service;
	bool is_main = streq(p->name, p->service);
	const char *const names[] = {is_main ? main_sample : p->name, main_sample};
	if (family == NULL)
		return complain("no service files for a " PAM_STACK_DIRECTORY
				" that has neither common-auth nor system-auth");
	for (size_t i = 0; i < 2 && !out->exists; i++) {
		original_free(out);
		snprintf(path, sizeof(path), "%s/%s/%s", paths.samples, family, names[i]);
		if (!original_read(path, out))
			return false;
	}
	return out->exists || complain("%s: missing", path);
}

bool place_wanted(const struct place *p, const char *sudo, struct original *out)
{
	struct original sample = ORIGINAL_INIT;
	*out = (struct original)ORIGINAL_INIT;
	if (streq(p->path, PLACE_SSHD_CONFIG))
		return original_make(out, sshd_config, strlen(sshd_config), 0644);
	bool is_included = false;
	if (!streq(p->name, p->service) && !find_include(p->path, p->service, &is_included))
		return false;
	if (is_included)
		return true;
	bool done = read_sample(p, sudo, &sample) &&
		    original_make(out, buffer_text(&sample.content), sample.content.len, 0644);
	original_free(&sample);
	return done;
}

void place_of_package(const struct place *p, struct original *out)
{
	static const char *const endings[] = {".dpkg-dist", ".dpkg-old", ".ucf-dist", ".rpmnew",
	    ".rpmsave", ".orig", ".bak", "~"};
	struct package_file package;
	char path[PATH_SIZE];
	*out = (struct original)ORIGINAL_INIT;
	if (!package_file_find(p->path, &package))
		return;
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", p->path, endings[i]);
		if (access(path, R_OK) == 0 && original_read(path, out) &&
		    package_file_is(&package, &out->content)) {
			out->st.st_uid = out->st.st_gid = 0;
			out->st.st_mode = S_IFREG | 0644;
			return;
		}
		original_free(out);
	}
}

/* ---- there and back ----------------------------------------------------------------------
 */

static bool make_folder(void)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s" PLACES_FOLDER, paths.state);
	int fd = file_open_folder(path);
	if (fd < 0)
		return complain("%s: %s", path, strerrordesc_np(errno));
	close(fd);
	return original_sync(path);
}

static bool mark(const char *path)
{
	struct original empty;
	bool done = original_make(&empty, "", 0, 0600) && original_write(&empty, path);
	original_free(&empty);
	return done;
}

bool place_put(
    const struct place *p, const struct original *original, const struct original *wanted)
{
	char saved[PATH_SIZE], absent[PATH_SIZE], placed[PATH_SIZE];
	state_path(p, "original", saved);
	state_path(p, "absent", absent);
	state_path(p, "placed", placed);
	if (!make_folder())
		return false;
	/* A run that was killed before it put anything may have saved what has changed since.
	 */
	bool is_known = place_is_known(p);
	if (!is_known) {
		unlink(original->exists ? absent : saved);
		if (!(original->exists ? original_write(original, saved) : mark(absent)))
			return false;
	}
	/* The first time the way back must be there before the file; later a run that is killed
	 * in between must leave what the next one wants. */
	return original_write(wanted, is_known ? p->path : placed) &&
	       original_write(wanted, is_known ? placed : p->path);
}

bool place_beside(const struct place *p, const char *suffix, char out[PLACE_BESIDE_SIZE])
{
	struct stat st;
	snprintf(out, PLACE_BESIDE_SIZE, "%s%s", p->path, suffix);
	for (int i = 2; lstat(out, &st) == 0 || errno != ENOENT; i++) {
		if (i > BESIDE_MOST)
			return complain("%s: there are too many of them: move them away", out);
		snprintf(out, PLACE_BESIDE_SIZE, "%s%s.%d", p->path, suffix, i);
	}
	return true;
}

/* By a second name, not a copy: that needs no room, and takes a link and a large file, too. */
static bool keep_beside(const struct place *p)
{
	char path[PLACE_BESIDE_SIZE];
	if (!place_beside(p, BESIDE, path))
		return false;
	if (link(p->path, path) != 0)
		return complain("%s: %s", path, strerrordesc_np(errno));
	complain("%s: what somebody else wrote there is kept as %s", p->path, path);
	return true;
}

bool place_restore(const struct place *p)
{
	char saved[PATH_SIZE], absent[PATH_SIZE], placed[PATH_SIZE];
	struct original now, was = ORIGINAL_INIT, before = ORIGINAL_INIT;
	bool done = false;
	state_path(p, "original", saved);
	state_path(p, "absent", absent);
	state_path(p, "placed", placed);
	bool is_readable = original_read(p->path, &now);
	if (original_read(placed, &was) && original_read(saved, &before) &&
	    (before.exists || access(absent, F_OK) == 0)) {
		bool is_back = is_readable && original_equals(&now, &before);
		bool is_known =
		    is_back || (is_readable && (!now.exists || original_equals(&now, &was)));
		done = (is_known || keep_beside(p)) &&
		       (is_back || original_write(&before, p->path));
	} else {
		complain("%s: there is no original of %s", saved, p->path);
	}
	original_sweep(p->path);
	/* The original last: until then the next run can begin again. */
	done = done && (unlink(placed) == 0 || errno == ENOENT) &&
	       (unlink(absent) == 0 || errno == ENOENT) &&
	       (unlink(saved) == 0 || errno == ENOENT);
	original_free(&now);
	original_free(&was);
	original_free(&before);
	return done;
}
