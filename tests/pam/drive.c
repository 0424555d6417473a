/* SPDX-License-Identifier: MIT
 *
 * A small PAM host for tests: no root, no installed service files, no LD_PRELOAD. Being
 * the main program it can define getpwnam_r() and syslog() itself, and libpam and the
 * module use those.
 *
 *	drive [option...] CONFDIR SERVICE USER operation...
 *
 * operations	auth acct setcred open close chauthtok; setcred's other kinds: reinit refresh
 *		delete; nobody (PAM_USER is not set); user=NAME, service=NAME and ruser=NAME
 *		(what the host then says PAM_USER, PAM_SERVICE and PAM_RUSER are);
 *		env=NAME=VALUE (in PAM's environment); groups-none (the process has none),
 *		groups-lost (getgroups() fails) and groups-fail (setgroups() fails from
 *		here on)
 * --passwd F	lines name:uid
 * --answer A	the next prompt's answer; "<null>" none, "<fail>" the conversation fails,
 *		"<wait:MS>" wait before the answer that follows, "<sh:COMMAND>" the first
 *		line that a command prints, "<ask>" print "ask" and read the answer from
 *		standard input (the prompt is in CONFDIR/prompt then); "<user:NAME>" and
 *"<service:NAME>" change what the host says, as the module before or after us may, and the
 *answer follows
 * --rhost H --tty T --flags silent --close 012 --sigchld ignore|reap
 * --terminal 02	these descriptors are a terminal
 * --die-at N	SIGKILL at the N-th call that opens, writes, syncs, renames or locks a file;
 *		--die-after B	if it is a write, behind so many bytes
 * --pause yes	after pam_end(), print "ask" and wait for a line; the operation "pause" does
 *		so before it
 * --linger yes	a child of another thread, forked while a lock is held, outlives the host
 * --uptime S	the machine was started S seconds earlier than it was
 * --ruid N	the real uid while root is the effective one, as in a set-uid program
 *
 * What happens is printed one line each: "groups GID...", "env NAME=VALUE", "hidden TEXT",
 * "shown TEXT", "info TEXT", "error TEXT", "log LINE", "auth PAM_AUTH_ERR", and at the end
 * "host unchanged"; before, "host OPERATION: " and what it has changed of what a process has.
 */
/* It stands in for functions of libc; their checked versions would stand in the way. */
#undef _FORTIFY_SOURCE
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <locale.h>
#include <pwd.h>
#include <sched.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#define ANSWERS_MAX 32

extern char **environ;

static FILE *out;
static const char *passwd_file;
static const char *answers[ANSWERS_MAX];
static size_t answers_len, answers_at;
static const char *confdir = ".";
static pam_handle_t *handle;

/* ---- what the module sees instead of the system's ------------------------------------ */

int getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, struct passwd **result)
{
	char line[512];
	*result = NULL;
	FILE *f = passwd_file != NULL ? fopen(passwd_file, "re") : NULL;
	if (f == NULL)
		return ENOENT;
	while (*result == NULL && fgets(line, sizeof(line), f) != NULL) {
		char *colon = strchr(line, ':');
		if (colon == NULL)
			continue;
		*colon = '\0';
		if (strlen(line) != strlen(name) || memcmp(line, name, strlen(name)) != 0)
			continue;
		memset(pw, 0, sizeof(*pw));
		snprintf(buf, size, "%s", line);
		pw->pw_name = buf;
		pw->pw_passwd = pw->pw_gecos = pw->pw_dir = pw->pw_shell = buf + strlen(buf);
		pw->pw_uid = pw->pw_gid = (uid_t)strtoul(colon + 1, NULL, 10);
		*result = pw;
	}
	fclose(f);
	return 0;
}

static time_t
    uptime; /* added to the time since boot, so that an old ticket is not from before it */

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_BOOTTIME)
		t->tv_sec += uptime;
	return rc;
}

/* ---- a host that is killed while a file is written ------------------------------------- */

static unsigned long die_at; /* the n-th call of these is the last; 0: none */
static size_t die_after; /* so many bytes are still written, if it is a write */
static unsigned long calls;

static void count_call(void)
{
	if (die_at != 0 && ++calls == die_at)
		kill(getpid(), SIGKILL);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	if (die_at != 0 && calls + 1 == die_at)
		syscall(SYS_write, fd, bytes, die_after < len ? die_after : len);
	count_call();
	return syscall(SYS_write, fd, bytes, len);
}

int fsync(int fd)
{
	char link[64], path[512] = "";
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (readlink(link, path, sizeof(path) - 1) > 0 && out != NULL)
		fprintf(out, "sync %s\n", strrchr(path, '/') + 1);
	count_call();
	return (int)syscall(SYS_fsync, fd);
}

int fchmod(int fd, mode_t mode)
{
	count_call();
	return (int)syscall(SYS_fchmod, fd, mode);
}

int futimens(int fd, const struct timespec times[2])
{
	count_call();
	return (int)syscall(SYS_utimensat, fd, NULL, times, 0);
}

int renameat(int from, const char *old, int to, const char *new)
{
	count_call();
	return (int)syscall(SYS_renameat, from, old, to, new);
}

int unlinkat(int fd, const char *name, int flags)
{
	count_call();
	return (int)syscall(SYS_unlinkat, fd, name, flags);
}

static bool lingers;

/* As posix_spawn() of another thread would: with a copy of every descriptor. */
static void leave_child(int lock)
{
	pid_t child = fork();
	if (child == 0 && fork() != 0)
		_exit(0);
	if (child == 0) {
		for (int fd = 0; fd < 256; fd++)
			if (fd != lock)
				close(fd);
		alarm(60);
		pause();
	}
	while (child > 0 && waitpid(child, NULL, 0) < 0)
		;
}

int flock(int fd, int operation)
{
	count_call();
	int rc = (int)syscall(SYS_flock, fd, operation);
	if (lingers && rc == 0 && (operation & LOCK_EX) != 0)
		leave_child(fd);
	return rc;
}

int openat(int fd, const char *name, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	count_call();
	return (int)syscall(SYS_openat, fd, name, flags, mode);
}

/* ---- groups --------------------------------------------------------------------------------
 */

/* Groups: "video" is 44, and "x" with a number behind it is that number. What would be set
 * is printed instead. */
static gid_t groups[64] = {100, 1000};
static int groups_len = 2;
static bool groups_fail, groups_lost;

int getgrnam_r(
    const char *name, struct group *group, char *buf, size_t size, struct group **result)
{
	static char *nobody[] = {NULL};
	*result = NULL;
	bool number = name[0] == 'x' && name[1] >= '0' && name[1] <= '9';
	if (!number && strcmp(name, "video") != 0)
		return 0;
	snprintf(buf, size, "%s", name);
	group->gr_name = group->gr_passwd = buf;
	group->gr_mem = nobody;
	group->gr_gid = number ? (gid_t)strtoul(name + 1, NULL, 10) : 44;
	*result = group;
	return 0;
}

int getgroups(int size, gid_t *list)
{
	if (groups_lost) {
		errno = EINVAL;
		return -1;
	}
	if (size > 0)
		memcpy(list, groups, (size_t)groups_len * sizeof(*list));
	return groups_len;
}

/* What _FORTIFY_SOURCE makes of it, with glibc 2.35 and gcc 11. */
int __getgroups_chk(int size, gid_t *list, size_t bytes);
int __getgroups_chk(int size, gid_t *list, size_t bytes)
{
	(void)bytes;
	return getgroups(size, list);
}

int setgroups(size_t size, const gid_t *list)
{
	if (groups_fail) {
		errno = EPERM;
		return -1;
	}
	fputs("groups", out);
	for (size_t i = 0; i < size; i++)
		fprintf(out, " %u", list[i]);
	fputc('\n', out);
	groups_len = (int)size;
	memcpy(groups, list, size * sizeof(*list));
	return 0;
}

__attribute__((format(printf, 1, 0))) static void log_line(const char *format, va_list args)
{
	fputs("log ", out);
	vfprintf(out, format, args);
	fputc('\n', out);
}

void openlog(const char *ident, int option, int facility);
void closelog(void);
/* Declared here: <syslog.h> may define them itself, in a build that checks libc's calls. */
void vsyslog(int priority, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
void syslog(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));
void __syslog_chk(int priority, int flag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void vsyslog(int priority, const char *format, va_list args)
{
	(void)priority;
	log_line(format, args);
}

void syslog(int priority, const char *format, ...)
{
	va_list args;
	(void)priority;
	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;
	(void)priority;
	(void)flag;
	va_start(args, format);
	log_line(format, args);
	va_end(args);
}

void openlog(const char *ident, int option, int facility)
{
	(void)ident;
	(void)option;
	(void)facility;
}

void closelog(void)
{
}

/* ---- the conversation ---------------------------------------------------------------- */

static void print_message(int style, const char *text)
{
	const char *kind = style == PAM_PROMPT_ECHO_OFF  ? "hidden"
			   : style == PAM_PROMPT_ECHO_ON ? "shown"
			   : style == PAM_ERROR_MSG      ? "error"
							 : "info";
	fprintf(out, "%s ", kind);
	for (; *text != '\0'; text++)
		if (*text == '\n')
			fputs("\\n", out);
		else
			fputc(*text, out);
	fputc('\n', out);
}

/* What the host does before it answers. False: this is the answer. */
static bool act(const char *answer)
{
	char name[300];
	if (strncmp(answer, "<wait:", 6) == 0) {
		long ms = strtol(answer + 6, NULL, 10);
		const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
		nanosleep(&t, NULL);
		return true;
	}
	if (sscanf(answer, "<user:%299[^>]>", name) == 1)
		return pam_set_item(handle, PAM_USER, name) == PAM_SUCCESS;
	if (strcmp(answer, "<service:>") == 0)
		return pam_set_item(handle, PAM_SERVICE, "") == PAM_SUCCESS;
	if (sscanf(answer, "<service:%299[^>]>", name) == 1)
		return pam_set_item(handle, PAM_SERVICE, name) == PAM_SUCCESS;
	return false;
}

static const char *next_answer(void)
{
	while (answers_at < answers_len && act(answers[answers_at]))
		answers_at++;
	return answers_at < answers_len ? answers[answers_at++] : "<fail>";
}

static void keep_prompt(const char *text)
{
	char path[4096];
	struct rlimit limit;
	/* A host under "ulimit -f 0" must not be killed by its own test. */
	if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur < 65536)
		return;
	snprintf(path, sizeof(path), "%s/prompt", confdir);
	FILE *f = fopen(path, "we");
	if (f != NULL) {
		fputs(text, f);
		fclose(f);
	}
}

/* The answer of the test that started this host. It is kept nowhere else: a test may look for
 * it in this process's memory. */
static char *answer_of_test(void)
{
	char line[2048] = "";
	size_t len = 0;
	fputs("ask\n", out);
	while (len < sizeof(line) - 1 && read(0, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	char *answer = strdup(line);
	explicit_bzero(line, sizeof(line));
	return answer;
}

static char *answer_of(const char *answer)
{
	char command[4096], line[2048] = "";
	if (strcmp(answer, "<ask>") == 0)
		return answer_of_test();
	if (strncmp(answer, "<sh:", 4) != 0)
		return strdup(answer);
	snprintf(command, sizeof(command), "%.*s", (int)strlen(answer) - 5, answer + 4);
	/* The command is the test's, not the set-uid program's: a shell would drop what the
	 * real uid has not. */
	uid_t real = getuid(), effective = geteuid();
	if (setresuid(effective, effective, effective) != 0)
		return NULL;
	FILE *f = popen(command, "r");
	if (setresuid(real, effective, effective) != 0)
		return NULL;
	if (f != NULL && fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	if (f != NULL)
		pclose(f);
	line[strcspn(line, "\n")] = '\0';
	return strdup(line);
}

static int converse(
    int count, const struct pam_message **messages, struct pam_response **responses, void *arg)
{
	struct pam_response *r = calloc((size_t)count, sizeof(*r));
	int rc = PAM_SUCCESS;
	(void)arg;
	for (int i = 0; r != NULL && i < count; i++) {
		int style = messages[i]->msg_style;
		print_message(style, messages[i]->msg);
		if (style != PAM_PROMPT_ECHO_OFF && style != PAM_PROMPT_ECHO_ON)
			continue;
		keep_prompt(messages[i]->msg);
		const char *answer = next_answer();
		if (strncmp(answer, "<fail>", 7) == 0)
			rc = PAM_CONV_ERR;
		else if (strncmp(answer, "<null>", 7) != 0)
			r[i].resp = answer_of(answer);
	}
	if (r == NULL || rc != PAM_SUCCESS) {
		free(r);
		return r == NULL ? PAM_BUF_ERR : rc;
	}
	*responses = r;
	return PAM_SUCCESS;
}

/* ---- what a host must find unchanged --------------------------------------------------- */

#define FDS_MAX 128
#define LIMITS 16
#define KERNEL_MASK 8 /* bytes; glibc leaves what follows as it was on the stack */

struct host {
	char fds[FDS_MAX][64]; /* what each descriptor is, and its flags */
	struct sigaction actions[65];
	sigset_t mask;
	stack_t stack;
	char cwd[4096];
	char **environ;
	size_t environ_sum; /* of the bytes of all variables */
	mode_t umask;
	struct rlimit limits[LIMITS];
	char locale[256];
	gid_t groups[64];
	int groups_len;
	uid_t uids[3];
	gid_t gids[3];
	struct itimerval timers[3];
	int priority, dumpable, death_signal, keep_caps, no_new_privs;
	char name[16];
	cpu_set_t processors;
	pid_t session, group;
};

static void look_at_fds(struct host *h)
{
	for (int fd = 0; fd < FDS_MAX; fd++) {
		char path[32], link[40] = "";
		int flags = fcntl(fd, F_GETFD), status = fcntl(fd, F_GETFL);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (flags >= 0 && readlink(path, link, sizeof(link) - 1) >= 0)
			snprintf(
			    h->fds[fd], sizeof(h->fds[fd]), "%s %x %x", link, flags, status);
	}
}

static void look(struct host *h)
{
	memset(h, 0, sizeof(*h));
	look_at_fds(h);
	for (int s = 1; s < 65; s++)
		sigaction(s, NULL, &h->actions[s]);
	sigprocmask(SIG_SETMASK, NULL, &h->mask);
	sigaltstack(NULL, &h->stack);
	if (getcwd(h->cwd, sizeof(h->cwd)) == NULL)
		h->cwd[0] = '\0';
	h->environ = environ;
	for (char **each = environ; *each != NULL; each++)
		for (const char *c = *each; *c != '\0'; c++)
			h->environ_sum = h->environ_sum * 31 + (unsigned char)*c;
	h->umask = umask(0);
	umask(h->umask);
	for (int i = 0; i < LIMITS; i++)
		syscall(SYS_prlimit64, 0, i, NULL, &h->limits[i]);
	snprintf(h->locale, sizeof(h->locale), "%s", setlocale(LC_ALL, NULL));
	h->groups_len = (int)syscall(SYS_getgroups, 64, h->groups);
	getresuid(&h->uids[0], &h->uids[1], &h->uids[2]);
	getresgid(&h->gids[0], &h->gids[1], &h->gids[2]);
	getitimer(ITIMER_REAL, &h->timers[0]);
	getitimer(ITIMER_VIRTUAL, &h->timers[1]);
	getitimer(ITIMER_PROF, &h->timers[2]);
	h->priority = getpriority(PRIO_PROCESS, 0);
	h->dumpable = prctl(PR_GET_DUMPABLE);
	prctl(PR_GET_PDEATHSIG, &h->death_signal);
	h->keep_caps = prctl(PR_GET_KEEPCAPS);
	h->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	prctl(PR_GET_NAME, h->name);
	sched_getaffinity(0, sizeof(h->processors), &h->processors);
	h->session = getsid(0);
	h->group = getpgrp();
}

/* Says what an operation has changed; returns whether nothing was. */
static bool compare(const struct host *a, const struct host *b, const char *operation)
{
	static const struct {
		const char *name;
		size_t at, size;
	} parts[] = {
#define PART(member) {#member, offsetof(struct host, member), sizeof(a->member)}
	    PART(mask), PART(stack), PART(cwd), PART(environ), PART(environ_sum), PART(umask),
	    PART(limits), PART(locale), PART(groups), PART(groups_len), PART(uids), PART(gids),
	    PART(timers), PART(priority), PART(dumpable), PART(death_signal), PART(keep_caps),
	    PART(no_new_privs), PART(name), PART(processors), PART(session), PART(group)
#undef PART
	};
	bool same = true;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (memcmp((const char *)a + parts[i].at, (const char *)b + parts[i].at,
			parts[i].size) != 0)
			same = false, fprintf(out, "host %s: %s\n", operation, parts[i].name);
	for (int fd = 0; fd < FDS_MAX; fd++)
		if (strcmp(a->fds[fd], b->fds[fd]) != 0)
			same = false, fprintf(out, "host %s: descriptor %d: %s, then %s\n",
					  operation, fd, a->fds[fd], b->fds[fd]);
	for (int s = 1; s < 65; s++)
		if (a->actions[s].sa_handler != b->actions[s].sa_handler ||
		    a->actions[s].sa_flags != b->actions[s].sa_flags ||
		    memcmp(&a->actions[s].sa_mask, &b->actions[s].sa_mask, KERNEL_MASK) != 0)
			same = false,
			fprintf(out, "host %s: disposition of signal %d\n", operation, s);
	if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
		same = false, fprintf(out, "host %s: a child\n", operation);
	return same;
}

/* ---- operations ------------------------------------------------------------------------ */

static const char *name_of(int rc)
{
	static const char *const names[] = {
	    [PAM_SUCCESS] = "PAM_SUCCESS",
	    [PAM_SERVICE_ERR] = "PAM_SERVICE_ERR",
	    [PAM_SYSTEM_ERR] = "PAM_SYSTEM_ERR",
	    [PAM_BUF_ERR] = "PAM_BUF_ERR",
	    [PAM_PERM_DENIED] = "PAM_PERM_DENIED",
	    [PAM_AUTH_ERR] = "PAM_AUTH_ERR",
	    [PAM_CRED_INSUFFICIENT] = "PAM_CRED_INSUFFICIENT",
	    [PAM_AUTHINFO_UNAVAIL] = "PAM_AUTHINFO_UNAVAIL",
	    [PAM_USER_UNKNOWN] = "PAM_USER_UNKNOWN",
	    [PAM_MAXTRIES] = "PAM_MAXTRIES",
	    [PAM_NEW_AUTHTOK_REQD] = "PAM_NEW_AUTHTOK_REQD",
	    [PAM_ACCT_EXPIRED] = "PAM_ACCT_EXPIRED",
	    [PAM_CRED_EXPIRED] = "PAM_CRED_EXPIRED",
	    [PAM_CRED_ERR] = "PAM_CRED_ERR",
	    [PAM_CONV_ERR] = "PAM_CONV_ERR",
	    [PAM_AUTHTOK_ERR] = "PAM_AUTHTOK_ERR",
	    [PAM_IGNORE] = "PAM_IGNORE",
	    [PAM_ABORT] = "PAM_ABORT",
	};
	size_t n = sizeof(names) / sizeof(names[0]);
	return rc >= 0 && (size_t)rc < n && names[rc] != NULL ? names[rc] : "other";
}

static void print_environment(pam_handle_t *pamh)
{
	char **all = pam_getenvlist(pamh);
	for (char **one = all; one != NULL && *one != NULL; one++) {
		fprintf(out, "env %s\n", *one);
		free(*one);
	}
	free(all);
}

static int compare_numbers(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;
	return (x > y) - (x < y);
}

/* Nanoseconds of one account: the median of many, each in a transaction of its own, because
 * libpam keeps whatever a transaction has looked up. */
static int time_account(pam_handle_t *pamh, int flags)
{
	static long took[1000];
	static const struct pam_conv conv = {converse, NULL};
	const size_t rounds = sizeof(took) / sizeof(took[0]);
	const void *service = NULL, *user = NULL;
	/* This one holds the modules in memory meanwhile. */
	int rc = pam_acct_mgmt(pamh, flags);
	pam_get_item(pamh, PAM_SERVICE, &service);
	pam_get_item(pamh, PAM_USER, &user);
	for (size_t i = 0; i < rounds && rc == PAM_SUCCESS; i++) {
		struct timespec a, b;
		pam_handle_t *each = NULL;
		rc = pam_start_confdir(service, user, &conv, confdir, &each);
		if (rc != PAM_SUCCESS)
			return rc;
		clock_gettime(CLOCK_MONOTONIC, &a);
		rc = pam_acct_mgmt(each, flags);
		clock_gettime(CLOCK_MONOTONIC, &b);
		took[i] = (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec;
		pam_end(each, rc);
	}
	qsort(took, rounds, sizeof(took[0]), compare_numbers);
	if (rc == PAM_SUCCESS)
		fprintf(out, "median %ld\n", took[rounds / 2]);
	return rc;
}

static int operate(pam_handle_t *pamh, const char *op, int flags)
{
	static const struct {
		const char *name;
		int (*call)(pam_handle_t *, int);
		int flags;
	} operations[] = {
	    {"auth", pam_authenticate, 0},
	    {"acct", pam_acct_mgmt, 0},
	    {"setcred", pam_setcred, PAM_ESTABLISH_CRED},
	    {"reinit", pam_setcred, PAM_REINITIALIZE_CRED},
	    {"refresh", pam_setcred, PAM_REFRESH_CRED},
	    {"delete", pam_setcred, PAM_DELETE_CRED},
	    {"open", pam_open_session, 0},
	    {"close", pam_close_session, 0},
	    {"chauthtok", pam_chauthtok, 0},
	    {"expired", pam_chauthtok, PAM_CHANGE_EXPIRED_AUTHTOK},
	};
	if (strncmp(op, "user=", 5) == 0)
		return pam_set_item(pamh, PAM_USER, op + 5);
	if (strcmp(op, "nobody") == 0)
		return pam_set_item(pamh, PAM_USER, NULL);
	if (strncmp(op, "service=", 8) == 0)
		return pam_set_item(pamh, PAM_SERVICE, op + 8);
	if (strncmp(op, "ruser=", 6) == 0)
		return pam_set_item(pamh, PAM_RUSER, op + 6);
	if (strncmp(op, "env=", 4) == 0)
		return pam_putenv(pamh, op + 4);
	if (strcmp(op, "pause") == 0)
		return free(answer_of_test()), PAM_SUCCESS;
	if (strcmp(op, "timed-acct") == 0)
		return time_account(pamh, flags);
	if (strncmp(op, "wait=", 5) == 0)
		return (int)usleep((useconds_t)strtoul(op + 5, NULL, 10) * 1000);
	if (strcmp(op, "groups-none") == 0)
		return groups_len = 0, PAM_SUCCESS;
	if (strcmp(op, "groups-lost") == 0)
		return groups_lost = true, PAM_SUCCESS;
	if (strcmp(op, "groups-fail") == 0)
		return groups_fail = true, PAM_SUCCESS;
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(op, operations[i].name) != 0)
			continue;
		int rc = operations[i].call(pamh, operations[i].flags | flags);
		fprintf(out, "%s %s\n", op, name_of(rc));
		if (operations[i].call == pam_open_session)
			print_environment(pamh);
		return rc;
	}
	fprintf(out, "unknown operation %s\n", op);
	return PAM_SYSTEM_ERR;
}

struct settings {
	const char *rhost, *tty, *closed, *terminal, *sigchld, *ruid;
	int flags;
	bool pauses;
};

static void reap(int signal)
{
	(void)signal;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void open_terminal(const char *fds)
{
	/* Both ends stay open behind what the test closes. */
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
		exit(2);
	int end = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
	for (; end >= 0 && *fds != '\0'; fds++)
		dup2(end, *fds - '0');
}

static void prepare_host(const struct settings *s)
{
	if (s->terminal != NULL)
		open_terminal(s->terminal);
	if (s->sigchld != NULL)
		signal(SIGCHLD, strcmp(s->sigchld, "ignore") == 0 ? SIG_IGN : reap);
	for (const char *c = s->closed; c != NULL && *c != '\0'; c++)
		close(*c - '0');
}

static int run(const struct settings *s, char **args)
{
	const struct pam_conv conv = {converse, NULL};
	pam_handle_t *pamh = NULL;
	bool is_unchanged = true;
	confdir = args[0];
	int rc = pam_start_confdir(args[1], args[2], &conv, args[0], &pamh);
	if (rc != PAM_SUCCESS)
		return 2;
	handle = pamh;
	if (s->rhost != NULL)
		pam_set_item(pamh, PAM_RHOST, s->rhost);
	if (s->tty != NULL)
		pam_set_item(pamh, PAM_TTY, s->tty);
	if (s->ruid != NULL && geteuid() == 0 &&
	    setresuid((uid_t)strtoul(s->ruid, NULL, 10), 0, 0) != 0)
		return 2;
	prepare_host(s);
	for (char **op = args + 3; *op != NULL; op++) {
		static struct host before, after;
		look(&before);
		rc = operate(pamh, *op, s->flags);
		look(&after);
		is_unchanged = compare(&before, &after, *op) && is_unchanged;
	}
	if (is_unchanged)
		fputs("host unchanged\n", out);
	pam_end(pamh, rc);
	if (s->pauses)
		free(answer_of_test());
	return rc == PAM_SUCCESS ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct settings s = {.flags = 0};
	int i = 1;
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 100);
	out = fdopen(fd, "w");
	if (out == NULL)
		return 2;
	setvbuf(out, NULL, _IOLBF, 0);
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		const char *name = argv[i] + 2, *value = argv[i + 1];
		if (strcmp(name, "passwd") == 0)
			passwd_file = value;
		else if (strcmp(name, "answer") == 0 && answers_len < ANSWERS_MAX)
			answers[answers_len++] = value;
		else if (strcmp(name, "rhost") == 0)
			s.rhost = value;
		else if (strcmp(name, "tty") == 0)
			s.tty = value;
		else if (strcmp(name, "ruid") == 0)
			s.ruid = value;
		else if (strcmp(name, "flags") == 0)
			s.flags = (int)PAM_SILENT;
		else if (strcmp(name, "die-at") == 0)
			die_at = strtoul(value, NULL, 10);
		else if (strcmp(name, "die-after") == 0)
			die_after = strtoul(value, NULL, 10);
		else if (strcmp(name, "linger") == 0)
			lingers = true;
		else if (strcmp(name, "pause") == 0)
			s.pauses = true;
		else if (strcmp(name, "uptime") == 0)
			uptime = strtol(value, NULL, 10);
		else if (strcmp(name, "terminal") == 0)
			s.terminal = value;
		else if (strcmp(name, "close") == 0)
			s.closed = value;
		else if (strcmp(name, "sigchld") == 0)
			s.sigchld = value;
		else
			return 2;
	}
	if (argc - i < 4)
		return 2;
	return run(&s, argv + i);
}
