/* SPDX-License-Identifier: MIT
 *
 * A host that lets people in over and over: in several threads at once, each with a PAM handle
 * of its own, or one after the other, where libpam loads and unloads the module each time.
 *
 *	many THREADS ROUNDS CONFDIR SERVICE (USER UID PASSWORD RESULT)...
 *
 * Each thread takes the next person in turn, ROUNDS times: a whole transaction, from
 *pam_start() to the end of the session. RESULT is what must come: yes or no. A line "wrong ..."
 *for each other one. After each twentieth of the rounds, what the process is made of then:
 * "after=ROUNDS rss=KIB maps=N fds=N threads=N children=N slowest=MS", the last of one login.
 */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define PERSON_WORDS 4
#define THREADS_MAX 64
#define PIECES 20

static const char *confdir, *service;
static char **people;
static int people_count, rounds;
static atomic_long slowest;

static char **find_person(const char *name)
{
	for (int i = 0; i < people_count; i++)
		if (strcmp(people[i * PERSON_WORDS], name) == 0)
			return &people[i * PERSON_WORDS];
	return NULL;
}

EXPORT int getpwnam_r(
    const char *name, struct passwd *pw, char *buf, size_t size, struct passwd **result)
{
	char **person = find_person(name);
	*result = NULL;
	if (person == NULL)
		return 0;
	memset(pw, 0, sizeof(*pw));
	snprintf(buf, size, "%s", name);
	pw->pw_name = buf;
	pw->pw_passwd = pw->pw_gecos = pw->pw_dir = pw->pw_shell = buf + strlen(buf);
	pw->pw_uid = pw->pw_gid = (uid_t)strtoul(person[1], NULL, 10);
	*result = pw;
	return 0;
}

/* Nobody reads them here, and the machine's log is not ours. */
EXPORT void vsyslog(int priority, const char *format, va_list args);
EXPORT void vsyslog(int priority, const char *format, va_list args)
{
	(void)priority;
	(void)format;
	(void)args;
}

EXPORT void __vsyslog_chk(int priority, int flag, const char *format, va_list args);
EXPORT void __vsyslog_chk(int priority, int flag, const char *format, va_list args)
{
	(void)priority;
	(void)flag;
	(void)format;
	(void)args;
}

/* The groups of the process stay as they are, in every thread. */
EXPORT int setgroups(size_t count, const gid_t *groups);
EXPORT int setgroups(size_t count, const gid_t *groups)
{
	(void)count;
	(void)groups;
	return 0;
}

static int converse(
    int count, const struct pam_message **messages, struct pam_response **out, void *password)
{
	*out = calloc((size_t)count, sizeof(**out));
	for (int i = 0; *out != NULL && i < count; i++)
		if (messages[i]->msg_style == PAM_PROMPT_ECHO_OFF)
			(*out)[i].resp = strdup(password);
	return *out != NULL ? PAM_SUCCESS : PAM_BUF_ERR;
}

static long read_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sign_in(char **person)
{
	pam_handle_t *pamh = NULL;
	long began = read_clock();
	const struct pam_conv conv = {converse, person[2]};
	int r = pam_start_confdir(service, person[0], &conv, confdir, &pamh);
	if (r == PAM_SUCCESS)
		r = pam_authenticate(pamh, 0);
	if ((r == PAM_SUCCESS) != (strcmp(person[3], "yes") == 0))
		printf("wrong %s %d\n", person[0], r);
	const struct {
		int (*call)(pam_handle_t *, int);
		int flags;
	} rest[] = {{pam_acct_mgmt, 0}, {pam_setcred, (int)PAM_ESTABLISH_CRED},
	    {pam_open_session, 0}, {pam_close_session, 0}, {pam_setcred, (int)PAM_DELETE_CRED}};
	for (size_t i = 0; r == PAM_SUCCESS && i < sizeof(rest) / sizeof(*rest); i++) {
		r = rest[i].call(pamh, rest[i].flags);
		if (r != PAM_SUCCESS)
			printf("wrong %s %d at %zu\n", person[0], r, i);
	}
	pam_end(pamh, r);
	long took = read_clock() - began, most = slowest;
	while (took > most && !atomic_compare_exchange_weak(&slowest, &most, took))
		;
}

/* Two threads at a time write it, on purpose. Not static: nobody reads it, of which compilers
 * warn. */
int raced;

static void *work(void *arg)
{
	for (int i = 0; i < -rounds; i++)
		raced++;
	for (int i = 0; i < rounds; i++)
		sign_in(&people[((long)arg + i) % people_count * PERSON_WORDS]);
	return NULL;
}

static int count_entries(const char *path)
{
	int count = 0;
	DIR *folder = opendir(path);
	for (; folder != NULL && readdir(folder) != NULL; count++)
		;
	if (folder != NULL)
		closedir(folder);
	return count - 3; /* ".", ".." and the folder itself, or the first of its kind */
}

static long read_rss(void)
{
	long size = 0, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");
	if (f == NULL || fscanf(f, "%ld %ld", &size, &resident) != 2)
		resident = -1;
	if (f != NULL)
		fclose(f);
	return resident * sysconf(_SC_PAGESIZE) / 1024;
}

static int count_lines(const char *path)
{
	int count = 0, c;
	FILE *f = fopen(path, "re");
	for (; f != NULL && (c = fgetc(f)) != EOF; count += c == '\n')
		;
	if (f != NULL)
		fclose(f);
	return count;
}

static void measure(int after)
{
	int status = 0;
	bool childless = waitpid(-1, &status, WNOHANG) < 0 && errno == ECHILD;
	printf("after=%d rss=%ld maps=%d fds=%d threads=%d children=%d slowest=%ld\n", after,
	    read_rss(), count_lines("/proc/self/maps"), count_entries("/proc/self/fd"),
	    count_entries("/proc/self/task") + 1, childless ? 0 : 1,
	    atomic_exchange(&slowest, 0));
	fflush(stdout);
}

static void run(long threads, int count)
{
	pthread_t id[THREADS_MAX];
	rounds = count;
	for (long i = 0; i < threads; i++)
		if (pthread_create(&id[i], NULL, work, (void *)i) != 0)
			abort();
	for (long i = 0; i < threads; i++)
		pthread_join(id[i], NULL);
}

int main(int argc, char **argv)
{
	long threads = argc > 8 ? strtol(argv[1], NULL, 10) : 0;
	int all = threads > 0 ? (int)strtol(argv[2], NULL, 10) : 0;
	if (threads < 1 || threads > THREADS_MAX || abs(all) < PIECES) {
		fputs("wrong use: 1 to 64 threads, 20 rounds or more, and somebody\n", stderr);
		return 2;
	}
	confdir = argv[3];
	service = argv[4];
	people = argv + 5;
	people_count = (argc - 5) / PERSON_WORDS;
	/* A thread that opens an arena of its own would be two mappings more. */
	mallopt(M_ARENA_MAX, 1);
	for (int piece = 1, done = 0; piece <= PIECES; piece++) {
		int next = (int)((long)all * piece / PIECES);
		run(threads, next - done);
		done = next;
		measure(done);
	}
	return 0;
}
