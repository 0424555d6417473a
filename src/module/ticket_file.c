/* SPDX-License-Identifier: MIT */
#include "module/ticket_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "module/file.h"

#define LOCK_POLL_MS 5 /* a refresh takes some 100 ms */
#define BOOT_ID "/proc/sys/kernel/random/boot_id"
#define ENTRIES_MOST 1000000 /* in the directory; three for each user of a host */
#define LEFTOVER_SECONDS 600 /* a writer holds its temporary file for milliseconds */

static struct file_name name_of(uid_t uid, const char *path, const char *suffix)
{
	char what[32];
	snprintf(what, sizeof(what), "ticket-%lu", (unsigned long)uid);
	return file_name(what, path, suffix);
}

/* Locked, and still the file of that name? Somebody who empties the directory takes the name
 * away from a lock that is held. */
static bool try_lock(int fd)
{
	struct stat st;
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int lock_name(const char *name, int64_t deadline, int *lock)
{
	for (;; poll(NULL, 0, LOCK_POLL_MS)) {
		*lock = file_open(paths.run, name, O_RDWR | O_CREAT);
		if (*lock < 0)
			return RESULT_TICKET_KEEP;
		if (try_lock(*lock))
			return 0;
		ticket_file_unlock(lock);
		if (clock_left(deadline) == 0)
			return RESULT_TICKET_LOCK;
	}
}

int ticket_file_lock(uid_t uid, const char *path, int64_t deadline, int *lock)
{
	return lock_name(name_of(uid, path, ".lock").text, deadline, lock);
}

void ticket_file_unlock(int *lock)
{
	if (*lock >= 0) {
		/* A child that another thread forked meanwhile would keep it. */
		flock(*lock, LOCK_UN);
		close(*lock);
	}
	*lock = -1;
}

void ticket_file_boot(char boot[TICKET_BOOT_MAX + 1])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, boot, TICKET_BOOT_MAX) : 0;
	boot[n == TICKET_BOOT_MAX ? TICKET_BOOT_MAX : 0] = '\0';
	if (fd >= 0)
		close(fd);
}

static bool read_ticket(const char *name, struct ticket *t)
{
	struct buffer text = BUFFER_INIT(TICKET_BYTES_MAX);
	ticket_wipe(t);
	bool found =
	    file_read(paths.run, name, &text) && ticket_decode(buffer_text(&text), text.len, t);
	buffer_wipe(&text);
	return found;
}

bool ticket_file_read(uid_t uid, const char *path, struct ticket *t)
{
	return read_ticket(name_of(uid, path, "").text, t);
}

int ticket_file_write(const struct ticket *t)
{
	struct buffer text = BUFFER_INIT(TICKET_BYTES_MAX);
	struct file_name name = name_of(t->uid, t->path, "");
	/* Under the lock this can only be a dead writer's. */
	file_remove(paths.run, name_of(t->uid, t->path, ".new").text);
	bool done = ticket_encode(t, &text) == 0 &&
		    file_replace(paths.run, name.text, buffer_text(&text), text.len, true);
	buffer_wipe(&text);
	return done ? 0 : RESULT_TICKET_KEEP;
}

int ticket_file_write_or_remove(const struct ticket *t)
{
	int r = ticket_file_write(t);
	if (r != 0)
		ticket_file_remove(t->uid, t->path);
	return r;
}

enum ticket_worth ticket_file_worth(const struct ticket *t)
{
	char boot[TICKET_BOOT_MAX + 1];
	ticket_file_boot(boot);
	const struct ticket_owner own = {t->user, t->uid, t->path, boot, clock_boot_ms()};
	return ticket_judge(t, &own);
}

bool ticket_file_remove_expired(uid_t uid, const char *path, int64_t deadline)
{
	struct ticket t = {.user = ""};
	int lock = -1;
	bool gone = ticket_file_lock(uid, path, deadline, &lock) == 0 &&
		    ticket_file_read(uid, path, &t) &&
		    ticket_file_worth(&t) == TICKET_EXPIRED && ticket_file_remove(uid, path);
	ticket_file_unlock(&lock);
	ticket_wipe(&t);
	return gone;
}

/* Calls visit with each name in the directory that begins as our files do. False when there
 * is no directory of ours. */
static bool each_name(bool (*visit)(int folder, const char *name, void *), void *arg)
{
	int folder = file_open_folder(paths.run), seen = 0;
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	if (entries == NULL) {
		if (folder >= 0)
			close(folder);
		return false;
	}
	for (struct dirent *e = NULL; seen < ENTRIES_MOST && (e = readdir(entries)) != NULL;
	     seen++)
		if (text_starts(e->d_name, "ticket-") && !visit(folder, e->d_name, arg))
			break;
	closedir(entries);
	return true;
}

struct visitor {
	bool (*visit)(const struct ticket *, void *);
	void *arg;
};

/* A copy under another name belongs to nobody. */
static bool read_named(const char *name, struct ticket *t)
{
	return read_ticket(name, t) && streq(name_of(t->uid, t->path, "").text, name);
}

static bool show(int folder, const char *name, void *arg)
{
	(void)folder;
	const struct visitor *v = arg;
	struct ticket t = {.user = ""};
	bool more = true;
	/* Each ticket has a lock file, and they stay. */
	if (!text_ends(name, ".lock") && read_named(name, &t))
		more = v->visit(&t, v->arg);
	ticket_wipe(&t);
	return more;
}

bool ticket_file_each(bool (*visit)(const struct ticket *, void *), void *arg)
{
	struct visitor visitor = {visit, arg};
	return each_name(show, &visitor);
}

static bool is_leftover(int folder, const char *name)
{
	struct stat st;
	struct ticket t = {.user = ""};
	bool is_old = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		      st.st_mtim.tv_sec + LEFTOVER_SECONDS <= time(NULL);
	bool is = is_old && (text_ends(name, ".new") || !read_named(name, &t));
	ticket_wipe(&t);
	return is;
}

/* Lock files stay: removing one under a process that waits for it would give two the lock. */
static bool sweep(int folder, const char *name, void *arg)
{
	struct file_name lock_of;
	int lock = -1, len = (int)(strlen(name) - (text_ends(name, ".new") ? 4 : 0));
	(void)arg;
	if (text_ends(name, ".lock") || !is_leftover(folder, name))
		return true;
	snprintf(lock_of.text, sizeof(lock_of.text), "%.*s.lock", len, name);
	if (lock_name(lock_of.text, clock_ms(), &lock) == 0 && is_leftover(folder, name))
		unlinkat(folder, name, 0);
	ticket_file_unlock(&lock);
	return true;
}

void ticket_file_sweep(void)
{
	each_name(sweep, NULL);
}

bool ticket_file_remove(uid_t uid, const char *path)
{
	return file_remove(paths.run, name_of(uid, path, "").text);
}
