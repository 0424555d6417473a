/* SPDX-License-Identifier: MIT */
#include "cli/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/break_glass.h"
#include "cli/output.h"
#include "cli/sshd.h"
#include "cli/systemd.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/text.h"
#include "module/file.h"
#include "module/pending_try.h"
#include "module/ticket_file.h"

#define PATH_SIZE 4096
#define TRY_MAX 8192
#define UNDO_UNIT "cognito-oidc-undo.service"
#define UNDO_LINK "/etc/systemd/system/sysinit.target.wants/" UNDO_UNIT
#define WATCH_UNIT "cognito-oidc-try.service"
#define LOCK_WAIT_MS 30000 /* sshd's reload and its proof take 10 s at most */

int trial_lock(bool waits)
{
	int64_t deadline = clock_ms() + LOCK_WAIT_MS;
	int fd = file_open(paths.state, "lock", O_RDWR | O_CREAT);
	/* At a boot, /etc can be restored although /var is read-only. */
	if (fd < 0 && errno == EROFS)
		fd = file_open(paths.state, "lock", O_RDONLY);
	if (fd < 0) {
		complain("%s/lock: %s", paths.state, strerrordesc_np(errno));
		return -1;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (!waits || clock_left(deadline) == 0) {
			complain("another enable or disable is running");
			close(fd);
			return -1;
		}
		poll(NULL, 0, 100);
	}
	return fd;
}

/* ---- the file ---------------------------------------------------------------------------- */

/* When the process was started, in ticks since the boot; 0 if there is none. Behind the name,
 * which may hold anything, the first field is the third. */
static unsigned long long start_of(pid_t pid)
{
	char path[64];
	struct buffer text = BUFFER_INIT(4096);
	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	unsigned long long start = 0;
	if (fd < 0)
		return 0;
	file_read_all(fd, &text);
	close(fd);
	const char *at = strrchr(buffer_text(&text), ')');
	for (int field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		start = strtoull(at + 1, NULL, 10);
	buffer_wipe(&text);
	return start;
}

static bool sync_state(void)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/" PENDING_TRY, paths.state);
	return original_sync(path);
}

bool trial_is_pending(void)
{
	char path[PATH_SIZE];
	snprintf(path, sizeof(path), "%s/" PENDING_TRY, paths.state);
	return access(path, F_OK) == 0;
}

static void add_place(struct trial *t, const struct place *p)
{
	size_t len = 0;
	while (t->places[len] != NULL && t->places[len] != p)
		len++;
	if (len < TRIAL_PLACES_MOST)
		t->places[len] = p;
}

static void read_line(struct trial *t, const char *line)
{
	char boot[40], path[256];
	long long number = 0;
	unsigned long long start = 0;
	if (sscanf(line, "end %39s %lld", boot, &number) == 2) {
		snprintf(t->boot, sizeof(t->boot), "%s", boot);
		t->end = number;
	} else if (sscanf(line, "command %lld %llu", &number, &start) == 2) {
		t->command = (pid_t)number;
		t->start = start;
	} else if (sscanf(line, "file %255s ", path) == 1) {
		for (const struct place *p = places; p->name != NULL; p++)
			if (streq(p->path, path))
				add_place(t, p);
	}
}

void trial_read(struct trial *t)
{
	struct buffer text = BUFFER_INIT(TRY_MAX);
	*t = (struct trial){.boot = ""};
	if (file_read(paths.state, PENDING_TRY, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;)
			read_line(t, line);
	for (const struct place *p = places; t->places[0] == NULL && p->name != NULL; p++)
		if (place_is_known(p))
			add_place(t, p);
	buffer_wipe(&text);
}

bool trial_begin(const struct place *const *list, unsigned long seconds)
{
	struct buffer text = BUFFER_INIT(TRY_MAX);
	char boot[TICKET_BOOT_MAX + 1];
	ticket_file_boot(boot);
	buffer_append_format(&text, "end %s %lld\n", boot,
	    (long long)(clock_boot_ms() + (int64_t)seconds * 1000));
	buffer_append_format(&text, "command %ld %llu\n", (long)getpid(), start_of(getpid()));
	for (size_t i = 0; list[i] != NULL; i++)
		buffer_append_format(&text, "file %s %s" PLACES_FOLDER "/%s.original\n",
		    list[i]->path, paths.state, list[i]->name);
	/* The notes first: what is allowed from the try on must find the file. */
	bool done =
	    text.error == 0 && file_replace(paths.state, PENDING_TRY_ALLOWED, "", 0, true) &&
	    file_replace(paths.state, PENDING_TRY, text.bytes, text.len, true) && sync_state();
	if (!done)
		complain("%s/" PENDING_TRY ": %s", paths.state, strerrordesc_np(errno));
	buffer_wipe(&text);
	return done;
}

bool trial_is_over(const struct trial *t)
{
	char boot[TICKET_BOOT_MAX + 1];
	ticket_file_boot(boot);
	return !streq(boot, t->boot) || clock_boot_ms() >= t->end ||
	       start_of(t->command) != t->start;
}

/* "su-l" and "sudo-i" are enabled with the services before the hyphen. */
static bool is_of(const char *noted, const char *service)
{
	size_t len = strlen(service);
	return text_starts(noted, service) && (noted[len] == '\0' || noted[len] == '-');
}

bool trial_saw(const char *service)
{
	struct buffer text = BUFFER_INIT(PENDING_TRY_ALLOWED_MAX + 1024);
	bool saw = false;
	if (file_read(paths.state, PENDING_TRY_ALLOWED, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;) {
			char *user = strchr(line, ' ');
			if (user == NULL)
				continue;
			*user++ = '\0';
			const struct passwd *pw = getpwnam(user);
			saw = saw || (is_of(line, service) && pw != NULL && pw->pw_uid != 0 &&
					 !break_glass_has(user));
		}
	buffer_wipe(&text);
	return saw;
}

bool trial_forget(void)
{
	bool done = file_remove(paths.state, PENDING_TRY) || errno == ENOENT;
	done = done && sync_state();
	if (!done)
		complain("%s/" PENDING_TRY ": %s", paths.state, strerrordesc_np(errno));
	file_remove(paths.state, PENDING_TRY_ALLOWED);
	return done;
}

/* ---- back -------------------------------------------------------------------------------- */

bool trial_take_back(struct output *out, const struct place *const *list, bool reloads)
{
	const char *stays = "";
	size_t len = 0;
	bool done = true;
	while (list[len] != NULL)
		len++;
	while (len-- > 0) {
		const struct place *p = list[len];
		/* Without the drop-in, sshd could not ask what its service file still asks. */
		if (!place_is_known(p) || streq(p->service, stays))
			continue;
		struct original now;
		bool is_sshd = reloads && streq(p->path, PLACE_SSHD_CONFIG);
		bool was_valid = is_sshd && sshd_is_valid();
		place_examine(p, &now, NULL);
		bool is_back = place_restore(p);
		/* What was written into sshd_config meanwhile may need it: without it, sshd
		 * would not start again. Then it stays, as a file of the administrator's. */
		if (is_back && was_valid && now.exists && !sshd_is_valid()) {
			output_marked(out, "FAIL",
			    "%s: sshd does not accept its configuration without this file (see "
			    "AuthenticationMethods in sshd_config)",
			    p->path);
			original_write(&now, p->path);
			is_back = false;
		}
		original_free(&now);
		done = is_back && done;
		stays = is_back ? stays : p->service;
		output_marked(out, is_back ? "ok" : "FAIL", "%s: %s", p->path,
		    is_back ? "as it was" : "could not be taken back");
		output_json(out, "{file:%s back:%d}", p->path, is_back);
		if (is_back && reloads && streq(p->path, PLACE_SSHD_CONFIG))
			sshd_reload(out);
	}
	return done;
}

bool trial_undo(struct output *out)
{
	struct trial t;
	trial_read(&t);
	bool done = trial_take_back(out, t.places, true);
	return done && trial_forget();
}

/* ---- systemd ----------------------------------------------------------------------------- */

bool trial_is_possible(void)
{
	if (!systemd_runs())
		return complain(
		    "--try needs systemd: " UNDO_UNIT " restores the files at boot");
	/* One that is enabled at run time alone is gone at the next boot. */
	if (!systemd_ask("is-enabled", UNDO_UNIT) || access(UNDO_LINK, F_OK) != 0)
		return complain("--try needs " UNDO_UNIT ": run systemctl enable " UNDO_UNIT);
	return true;
}

bool trial_watch(void)
{
	return systemd_ask("restart", WATCH_UNIT) ||
	       complain("%s cannot be started", WATCH_UNIT);
}
