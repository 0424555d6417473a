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
#define FOLDER_MOST 4096 /* entries looked at in a search for expired tickets */
#define EACH_MOST 1000000 /* entries in a list for root; two for each person of a host */
#define EXPIRED_MOST 4 /* files read in it */
#define LEFTOVER_SECONDS 600 /* a writer holds its temporary file for milliseconds */

struct name {
	char text[64];
};

static struct name name_of(uid_t uid, const char *path, const char *suffix)
{
	struct name name;
	snprintf(name.text, sizeof(name.text), "ticket-%lu-%016llx%s", (unsigned long)uid,
	    file_hash(path), suffix);
	return name;
}

/* Locked, and still the file of that name? Whoever empties the folder takes the name away
 * from a lock that is held. */
static bool try_lock(int fd)
{
	struct stat st;
	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int open_lock(int folder, const char *name)
{
	struct stat st;
	int fd = openat(folder, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && (fstat(fd, &st) != 0 || file_fault(&st) != NULL)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int ticket_file_lock(uid_t uid, const char *path, int64_t deadline, int *lock)
{
	struct name name = name_of(uid, path, ".lock");
	*lock = -1;
	int folder = file_open_folder(paths.run);
	if (folder < 0)
		return RESULT_TICKET_KEEP;
	int r = RESULT_TICKET_LOCK;
	for (;;) {
		int fd = open_lock(folder, name.text);
		if (fd < 0) {
			r = RESULT_TICKET_KEEP;
			break;
		}
		if (try_lock(fd)) {
			*lock = fd;
			r = 0;
			break;
		}
		close(fd);
		if (clock_left(deadline) == 0)
			break;
		poll(NULL, 0, LOCK_POLL_MS);
	}
	close(folder);
	return r;
}

void ticket_file_unlock(int *lock)
{
	if (*lock >= 0)
		close(*lock);
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

static bool read_ticket(int folder, const char *name, struct ticket *t)
{
	struct buffer text = BUFFER_INIT(TICKET_TEXT_MAX);
	ticket_wipe(t);
	bool found =
	    file_read(folder, name, &text) && ticket_decode(buffer_text(&text), text.len, t);
	buffer_wipe(&text);
	return found;
}

bool ticket_file_read(uid_t uid, const char *path, struct ticket *t)
{
	struct name name = name_of(uid, path, "");
	ticket_wipe(t);
	int folder = file_open_folder(paths.run);
	if (folder < 0)
		return false;
	bool found = read_ticket(folder, name.text, t);
	close(folder);
	return found;
}

int ticket_file_write(const struct ticket *t)
{
	struct buffer text = BUFFER_INIT(TICKET_TEXT_MAX);
	struct name name = name_of(t->uid, t->path, ""),
		    temporary = name_of(t->uid, t->path, ".new");
	int folder = file_open_folder(paths.run);
	if (folder < 0)
		return RESULT_TICKET_KEEP;
	bool done = false;
	if (ticket_encode(t, &text) == 0) {
		/* Under the lock this can only be a dead writer's. */
		unlinkat(folder, temporary.text, 0);
		/* When it ends, by the clock on the wall: the search for expired tickets
		 * then reads few files. What it reads decides. */
		long long ends = (long long)time(NULL) + (t->until - clock_boot_ms()) / 1000;
		done = file_replace(folder, name.text, temporary.text, buffer_text(&text),
		    text.len, ends > 0 ? ends : 1);
	}
	buffer_wipe(&text);
	close(folder);
	return done ? 0 : RESULT_TICKET_KEEP;
}

/* A full disk lets a file go. */
int ticket_file_write_or_remove(const struct ticket *t)
{
	int r = ticket_file_write(t);
	if (r != 0)
		ticket_file_remove(t->uid, t->path);
	return r;
}

bool ticket_file_may_write(void)
{
	return file_may_write(TICKET_TEXT_MAX);
}

/* Over for its own holder, or of another boot: paths.run need not be a tmpfs. */
static bool is_expired(const struct ticket *t, const char *path, const char *boot)
{
	const struct ticket_owner itself = {t->user, t->uid, path, boot, clock_boot_ms()};
	return !streq(t->boot, boot) || ticket_judge(t, &itself) == TICKET_EXPIRED;
}

/* Read again under its lock, which nobody waits for here: a ticket that is in use is not
 * expired, or its user takes care of it. */
static bool take_away(
    int folder, const char *name, const char *path, const char *boot, struct ticket *t)
{
	int lock = -1;
	if (!read_ticket(folder, name, t) || !is_expired(t, path, boot))
		return false;
	/* Whoever started a set-uid host can stop it while it holds another's lock. */
	if (getuid() != paths.trusted_uid && getuid() != t->uid)
		return false;
	if (!streq(name_of(t->uid, path, "").text, name) ||
	    ticket_file_lock(t->uid, path, 0, &lock) != 0)
		return false;
	bool taken = read_ticket(folder, name, t) && is_expired(t, path, boot) &&
		     unlinkat(folder, name, 0) == 0;
	ticket_file_unlock(&lock);
	return taken;
}

/* One entry of the folder; true when *reads files have been read, or one was taken. */
static bool look_at(int folder, const char *name, const char *path, const char *boot,
    int *reads, struct buffer *out)
{
	struct stat st;
	struct ticket t = {.user = ""};
	struct name tail = name_of(0, path, "");
	if (!text_starts(name, "ticket-") ||
	    fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	time_t now = time(NULL);
	if (text_ends(name, ".new") && st.st_ctim.tv_sec + LEFTOVER_SECONDS < now)
		unlinkat(folder, name, 0);
	if (!text_ends(name, tail.text + strlen("ticket-0")) || st.st_mtim.tv_sec > now)
		return false;
	bool taken = take_away(folder, name, path, boot, &t);
	if (taken)
		buffer_append(out, t.body.bytes, t.body.len);
	/* As good as absent, and would stand in the way of those behind it. */
	bool is_odd = t.user[0] == '\0';
	if (is_odd && getuid() == paths.trusted_uid)
		unlinkat(folder, name, 0);
	ticket_wipe(&t);
	return taken || ++*reads == EXPIRED_MOST;
}

void ticket_file_take_expired(const char *path, struct buffer *out)
{
	char boot[TICKET_BOOT_MAX + 1];
	int reads = 0, seen = 0;
	int folder = file_open_folder(paths.run);
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	ticket_file_boot(boot);
	for (struct dirent *e = NULL;
	     entries != NULL && seen < FOLDER_MOST && (e = readdir(entries)) != NULL; seen++)
		if (look_at(folder, e->d_name, path, boot, &reads, out))
			break;
	if (entries != NULL)
		closedir(entries);
	else if (folder >= 0)
		close(folder);
}

bool ticket_file_each(bool (*visit)(const struct ticket *, void *), void *arg)
{
	struct ticket t = {.user = ""};
	int folder = file_open_folder(paths.run), seen = 0;
	DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
	bool more = entries != NULL;
	for (struct dirent *e = NULL;
	     more && seen < EACH_MOST && (e = readdir(entries)) != NULL; seen++) {
		if (!text_starts(e->d_name, "ticket-") || !read_ticket(folder, e->d_name, &t))
			continue;
		/* A copy under another name is nobody's. */
		if (streq(name_of(t.uid, t.path, "").text, e->d_name))
			more = visit(&t, arg);
	}
	ticket_wipe(&t);
	if (entries != NULL)
		closedir(entries);
	else if (folder >= 0)
		close(folder);
	return entries != NULL;
}

bool ticket_file_remove(uid_t uid, const char *path)
{
	struct name name = name_of(uid, path, "");
	int folder = file_open_folder(paths.run);
	bool gone = folder >= 0 && unlinkat(folder, name.text, 0) == 0;
	if (folder >= 0)
		close(folder);
	return gone;
}
