/* SPDX-License-Identifier: MIT
 *
 * What the helper gives up, on a system whose calls fail or lie: it then ends, and is never
 * less confined. tests/login/test_sandbox.py looks at a real one.
 */
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/confine.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID 7u

static struct system {
	const char *fails; /* the call that does */
	bool is_once; /* the first time only */
	bool keeps_root; /* setresuid() says yes and does nothing */
	bool regains_root; /* setuid(0) works afterwards */
	bool has_no_user;
	uid_t user, uids[3]; /* of the account; real, effective, saved */
	gid_t group, gids[3], other; /* other: the first of the list of groups */
	int groups, parent;
	rlim_t most; /* the inherited hard limits */
} is;

static bool fails(const char *call)
{
	if (!streq(is.fails, call))
		return false;
	if (is.is_once)
		is.fails = NULL;
	return true;
}

#define SAYS(call, params, ...)                                                                \
	int __wrap_##call params;                                                              \
	int __wrap_##call params                                                               \
	{                                                                                      \
		if (fails(#call))                                                              \
			return -1;                                                             \
		__VA_ARGS__;                                                                   \
		return 0;                                                                      \
	}

SAYS(chdir, (const char *path), (void)path)
SAYS(setrlimit, (__rlimit_resource_t what, const struct rlimit *limit), {
	(void)what;
	/* As Linux has it for whoever is not root: down, never up. */
	if (limit->rlim_max > is.most)
		return -1;
})
SAYS(getrlimit, (__rlimit_resource_t what, struct rlimit *limit), {
	(void)what;
	*limit = (struct rlimit){is.most, is.most};
})
SAYS(setgroups, (size_t count, const gid_t *list), {
	(void)list;
	is.groups = (int)count;
})
SAYS(setresgid, (gid_t r, gid_t e, gid_t s), {
	is.gids[0] = r;
	is.gids[1] = e;
	is.gids[2] = s;
})
SAYS(setresuid, (uid_t r, uid_t e, uid_t s), {
	if (!is.keeps_root) {
		is.uids[0] = r;
		is.uids[1] = e;
		is.uids[2] = s;
	}
})
SAYS(getresuid, (uid_t * r, uid_t *e, uid_t *s), {
	*r = is.uids[0];
	*e = is.uids[1];
	*s = is.uids[2];
})
SAYS(getresgid, (gid_t * r, gid_t *e, gid_t *s), {
	*r = is.gids[0];
	*e = is.gids[1];
	*s = is.gids[2];
})
SAYS(getsockopt, (int fd, int level, int name, void *value, socklen_t *len), {
	(void)fd;
	(void)level;
	(void)name;
	(void)len;
	*(struct ucred *)value = (struct ucred){.pid = 99};
})
SAYS(timer_create, (clockid_t id, struct sigevent *event, timer_t *timer), {
	assert_int_equal(event->sigev_signo, SIGKILL);
	(void)id;
	(void)timer;
})
SAYS(timer_settime,
    (timer_t timer, int flags, const struct itimerspec *new, struct itimerspec *old), {
	    assert_true(new->it_value.tv_sec > 0);
	    (void)timer;
	    (void)flags;
	    (void)old;
    })
SAYS(sched_setscheduler, (pid_t pid, int policy, const struct sched_param *p), {
	(void)pid;
	(void)policy;
	(void)p;
})
SAYS(setpriority, (__priority_which_t which, id_t who, int value), {
	(void)which;
	(void)who;
	(void)value;
})
SAYS(sched_setaffinity, (pid_t pid, size_t size, const cpu_set_t *set), {
	(void)pid;
	(void)size;
	(void)set;
})

int __wrap_prctl(int, ...);
int __wrap_prctl(int option, ...)
{
	const char *name = option == PR_SET_NO_NEW_PRIVS ? "no_new_privs"
			   : option == PR_SET_DUMPABLE   ? "dumpable"
							 : "death_signal";
	return fails(name) ? -1 : 0;
}

int __wrap_setuid(uid_t);
int __wrap_setuid(uid_t uid)
{
	return uid == 0 && is.regains_root ? 0 : -1;
}

uid_t __wrap_geteuid(void);
uid_t __wrap_geteuid(void)
{
	return is.uids[1];
}

pid_t __wrap_getppid(void);
pid_t __wrap_getppid(void)
{
	return is.parent;
}

int __wrap_getgroups(int, gid_t *);
int __wrap_getgroups(int size, gid_t *list)
{
	if (is.groups > size)
		return -1;
	list[0] = is.other;
	return is.groups;
}

struct passwd *__wrap_getpwnam(const char *);
struct passwd *__wrap_getpwnam(const char *name)
{
	static struct passwd pw;
	assert_string_equal(name, paths.helper_user);
	pw.pw_uid = is.user;
	pw.pw_gid = is.group;
	return is.has_no_user ? NULL : &pw;
}

/* As root starts it. */
static struct system begun(void)
{
	return (struct system){
	    .user = ID, .group = ID, .groups = 5, .parent = 99, .most = RLIM_INFINITY};
}

/* As systemd starts it. */
static struct system served(void)
{
	struct system s = begun();
	for (int i = 0; i < 3; i++) {
		s.uids[i] = ID;
		s.gids[i] = ID;
	}
	s.groups = 1;
	s.other = ID;
	/* There is no other case where root has to be given up. */
	return s;
}

static void check(int (*part)(struct reason *), const struct system *like, const char *wrong)
{
	struct reason reason = {.detail = ""};
	is = *like;
	int r = part(&reason);
	if (r != (wrong != NULL ? RESULT_CONFINE : 0) ||
	    (wrong != NULL && strstr(reason.detail, wrong) == NULL))
		fail_msg("%s: %d %s", wrong != NULL ? wrong : "good", r, reason.detail);
}

static void everything_is_given_up(void **state)
{
	(void)state;
	struct system good = begun();
	check(confine, &good, NULL);
	for (int i = 0; i < 3; i++)
		assert_true(is.uids[i] == ID && is.gids[i] == ID);
	assert_int_equal(is.groups, 0);
}

static void each_call_that_fails_is_the_end(void **state)
{
	static const char *const rows[][2] = {{"chdir", "chdir"}, {"setgroups", "setgroups"},
	    {"setresgid", "setresgid"}, {"setresuid", "setresuid"},
	    {"no_new_privs", "NO_NEW_PRIVS"}, {"dumpable", "DUMPABLE"},
	    {"death_signal", "PDEATHSIG"}, {"getsockopt", "not the module's socket"},
	    {"setrlimit", "resource limits"}};
	(void)state;
	if (paths.sanitized)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct system s = begun();
		s.fails = rows[i][0];
		check(confine, &s, rows[i][1]);
	}
}

static void a_root_that_stays_is_the_end(void **state)
{
	(void)state;
	struct system s = begun();
	s.keeps_root = true;
	check(confine, &s, "root can be regained");
	s = begun();
	s.regains_root = true;
	check(confine, &s, "root can be regained");
	s = begun();
	s.user = 0;
	check(confine, &s, "must not be root");
	s = begun();
	s.group = 0;
	check(confine, &s, "must not be root");
	s = begun();
	s.has_no_user = true;
	check(confine, &s, "does not exist");
	s = begun();
	s.parent = 1;
	check(confine, &s, "is gone");
}

static void limits_that_were_inherited(void **state)
{
	(void)state;
	if (paths.sanitized)
		skip();
	/* Lower than ours, and enough. */
	struct system s = begun();
	s.most = 64ul * 1024 * 1024;
	check(confine, &s, NULL);
	s.most = 1;
	check(confine, &s, "lower than needed");
	s.most = 64ul * 1024 * 1024;
	s.fails = "getrlimit";
	check(confine, &s, "lower than needed");
	/* One that cannot be set the first time. */
	s = begun();
	s.fails = "setrlimit";
	s.is_once = true;
	check(confine, &s, NULL);
}

static void a_child_of_the_service_is_the_user_alone(void **state)
{
	(void)state;
	if (paths.trusted_uid != 0)
		skip(); /* then nothing is checked: whoever builds is not root */
	struct system s = served();
	check(confine_child, &s, NULL);
	s.groups = 0;
	check(confine_child, &s, NULL);
	for (int i = 0; i < 3; i++) {
		s = served();
		s.uids[i] = 0;
		check(confine_child, &s, "does not run as");
		s = served();
		s.gids[i] = 0;
		check(confine_child, &s, "does not run as");
	}
	s = served();
	s.other = 27;
	check(confine_child, &s, "does not run as");
	s.groups = 2;
	check(confine_child, &s, "does not run as");
	s = served();
	s.has_no_user = true;
	check(confine_child, &s, "does not exist");
	static const char *const calls[][2] = {{"getresuid", "ids cannot be read"},
	    {"getresgid", "ids cannot be read"}, {"no_new_privs", "NO_NEW_PRIVS"},
	    {"timer_create", "no timer"}, {"timer_settime", "no timer"}};
	for (size_t i = 0; i < COUNT(calls); i++) {
		s = served();
		s.fails = calls[i][0];
		check(confine_child, &s, calls[i][1]);
	}
	if (paths.sanitized)
		return;
	s = served();
	s.most = 1;
	check(confine_child, &s, "lower than needed");
}

static void the_service_itself(void **state)
{
	static const char *const calls[][2] = {
	    {"chdir", "chdir"}, {"setrlimit", "RLIMIT_CORE"}, {"no_new_privs", "NO_NEW_PRIVS"}};
	(void)state;
	struct system s = served();
	check(confine_service, &s, NULL);
	for (size_t i = 0; i < COUNT(calls); i++) {
		s = served();
		s.fails = calls[i][0];
		check(confine_service, &s, calls[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_given_up),
	    cmocka_unit_test(each_call_that_fails_is_the_end),
	    cmocka_unit_test(a_root_that_stays_is_the_end),
	    cmocka_unit_test(limits_that_were_inherited),
	    cmocka_unit_test(a_child_of_the_service_is_the_user_alone),
	    cmocka_unit_test(the_service_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
