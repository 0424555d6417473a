/* SPDX-License-Identifier: MIT */
#include "helper/confine.h"

#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"

#define MIB (1024ul * 1024)
#define CHILD_SECONDS 3600 /* of a child of the service; the longest timeout= is 600 */

/* Before root is given up, and whatever was inherited: whoever starts a set-uid host chooses
 * its limits, and could choose where a login fails and with which result. A service without the
 * right to raise a limit (CAP_SYS_RESOURCE) keeps a lower one that is enough. */
static const struct {
	int resource;
	rlim_t most, enough;
} limits[] = {
    {RLIMIT_CORE, 0, 0}, /* a core would hold the password */
    {RLIMIT_FSIZE, 0, 0}, /* it writes to its socket only */
    {RLIMIT_NOFILE, CONFINE_FILES_MAX, 32}, /* a login has 10 open, NSS modules some more */
    {RLIMIT_CPU, 20, 2}, /* seconds; a login needs 10 ms */
    {RLIMIT_AS, 512 * MIB, 64 * MIB}, /* addresses; a login maps 30 MiB */
    {RLIMIT_DATA, 512 * MIB, 16 * MIB}, /* a login needs 2 MiB */
    {RLIMIT_STACK, 8 * MIB, MIB}, /* an unlimited one changes the memory layout */
};

static int limit_resources(struct reason *reason)
{
	for (size_t i = 0; !paths.sanitized && i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit = {limits[i].most, limits[i].most};
		if (setrlimit((unsigned)limits[i].resource, &limit) == 0)
			continue;
		bool is_enough = getrlimit((unsigned)limits[i].resource, &limit) == 0 &&
				 limit.rlim_max >= limits[i].enough;
		limit.rlim_cur = limit.rlim_max;
		if (!is_enough || setrlimit((unsigned)limits[i].resource, &limit) != 0)
			return reason_set(reason, RESULT_CONFINE,
			    "resource limits lower than needed were inherited");
	}
	return 0;
}

/* The account of paths.helper_user, which no other process has. */
static int find_user(const struct passwd **pw, struct reason *reason)
{
	*pw = getpwnam(paths.helper_user);
	if (*pw == NULL)
		return reason_set(reason, RESULT_CONFINE, "the system user %s does not exist",
		    paths.helper_user);
	if ((*pw)->pw_uid == 0 || (*pw)->pw_gid == 0)
		return reason_set(reason, RESULT_CONFINE, "the system user %s must not be root",
		    paths.helper_user);
	return 0;
}

/* Its ids and no supplementary groups. A module that is not root exists only in the test build:
 * then there is nothing to give up. */
static int drop_ids(struct reason *reason)
{
	const struct passwd *pw = NULL;
	if (paths.trusted_uid != 0 && geteuid() != 0)
		return 0;
	int r = find_user(&pw, reason);
	if (r != 0)
		return r;
	if (setgroups(0, NULL) != 0)
		return reason_set(reason, RESULT_CONFINE, "setgroups");
	if (setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0)
		return reason_set(reason, RESULT_CONFINE, "setresgid");
	if (setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return reason_set(reason, RESULT_CONFINE, "setresuid");
	if (setuid(0) == 0 || geteuid() == 0)
		return reason_set(reason, RESULT_CONFINE, "root can be regained");
	return 0;
}

static int check_ids(struct reason *reason)
{
	const struct passwd *pw = NULL;
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid, group = 0;
	if (paths.trusted_uid != 0 && geteuid() != 0)
		return 0;
	int r = find_user(&pw, reason);
	if (r != 0)
		return r;
	if (getresuid(&uid, &euid, &suid) != 0 || getresgid(&gid, &egid, &sgid) != 0)
		return reason_set(reason, RESULT_CONFINE, "the ids cannot be read");
	bool is_user = uid == pw->pw_uid && euid == uid && suid == uid;
	bool is_group = gid == pw->pw_gid && egid == gid && sgid == gid;
	/* systemd leaves the user's own group in the list. */
	int groups = getgroups(1, &group);
	bool has_others = groups != 0 && (groups != 1 || group != pw->pw_gid);
	if (!is_user || !is_group || has_others)
		return reason_set(reason, RESULT_CONFINE,
		    "the service does not run as %s alone", paths.helper_user);
	return 0;
}

/* Normal nice, scheduling and affinity: a caller who slows us down could turn a refusal into
 * "unreachable". */
static void run_as_others(void)
{
	const struct sched_param priority = {0};
	cpu_set_t processors;
	sched_setscheduler(0, SCHED_OTHER, &priority);
	setpriority(PRIO_PROCESS, 0, 0);
	memset(&processors, 0xff, sizeof(processors));
	sched_setaffinity(0, sizeof(processors), &processors);
}

static int hide(struct reason *reason)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_NO_NEW_PRIVS");
	if (!paths.sanitized && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_DUMPABLE");
	return 0;
}

int confine(struct reason *reason)
{
	struct ucred maker = {0, 0, 0};
	socklen_t len = sizeof(maker);
	if (chdir("/") != 0)
		return reason_set(reason, RESULT_CONFINE, "chdir");
	run_as_others();
	int r = limit_resources(reason);
	if (r == 0)
		r = drop_ids(reason);
	if (r == 0)
		r = hide(reason);
	if (r != 0)
		return r;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_PDEATHSIG");
	/* The module's process made the socket: if that is not our parent, it has died. */
	if (getsockopt(MODULE_SOCKET, SOL_SOCKET, SO_PEERCRED, &maker, &len) != 0)
		return reason_set(
		    reason, RESULT_CONFINE, "descriptor 0 is not the module's socket");
	if (maker.pid != getppid())
		return reason_set(reason, RESULT_CONFINE, "the module's process is gone");
	return 0;
}

/* SIGKILL by a timer of its own. It cannot be ignored, and the sandbox lets nobody stop it. */
static int limit_life(struct reason *reason)
{
	const struct itimerspec life = {.it_value = {.tv_sec = CHILD_SECONDS}};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
	timer_t timer;
	if (timer_create(CLOCK_BOOTTIME, &event, &timer) != 0 ||
	    timer_settime(timer, 0, &life, NULL) != 0)
		return reason_set(reason, RESULT_CONFINE, "no timer");
	return 0;
}

/* The service may end before this: it ends after so many children, and these go on. */
int confine_child(struct reason *reason)
{
	run_as_others();
	int r = limit_resources(reason);
	if (r == 0)
		r = check_ids(reason);
	if (r == 0)
		r = hide(reason);
	if (r == 0)
		r = limit_life(reason);
	return r;
}

int confine_service(struct reason *reason)
{
	const struct rlimit none = {0, 0};
	if (chdir("/") != 0)
		return reason_set(reason, RESULT_CONFINE, "chdir");
	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return reason_set(reason, RESULT_CONFINE, "RLIMIT_CORE");
	return hide(reason);
}
