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
#include <unistd.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"

#define MIB (1024ul * 1024)

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

/* The ids of paths.helper_user, which no other process has, and no supplementary groups. A
 * module that is not root exists only in the test build: then there is nothing to give up. */
static int drop_ids(struct reason *reason)
{
	if (paths.trusted_uid != 0 && geteuid() != 0)
		return 0;
	const struct passwd *pw = getpwnam(paths.helper_user);
	if (pw == NULL)
		return reason_set(reason, RESULT_CONFINE, "the system user %s does not exist",
		    paths.helper_user);
	if (pw->pw_uid == 0 || pw->pw_gid == 0)
		return reason_set(reason, RESULT_CONFINE, "the system user %s must not be root",
		    paths.helper_user);
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

int confine(struct reason *reason)
{
	const struct sched_param priority = {0};
	cpu_set_t processors;
	struct ucred maker = {0, 0, 0};
	socklen_t len = sizeof(maker);
	if (chdir("/") != 0)
		return reason_set(reason, RESULT_CONFINE, "chdir");
	/* Reset nice, scheduling and affinity: a caller who slows us down could turn a refusal
	 * into "unreachable". */
	sched_setscheduler(0, SCHED_OTHER, &priority);
	setpriority(PRIO_PROCESS, 0, 0);
	memset(&processors, 0xff, sizeof(processors));
	sched_setaffinity(0, sizeof(processors), &processors);
	int r = limit_resources(reason);
	if (r == 0)
		r = drop_ids(reason);
	if (r != 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_NO_NEW_PRIVS");
	if (!paths.sanitized && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_DUMPABLE");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return reason_set(reason, RESULT_CONFINE, "PR_SET_PDEATHSIG");
	/* The module's process made the socket: if that is not our parent, it has died. */
	if (getsockopt(0, SOL_SOCKET, SO_PEERCRED, &maker, &len) != 0)
		return reason_set(
		    reason, RESULT_CONFINE, "descriptor 0 is not the module's socket");
	if (maker.pid != getppid())
		return reason_set(reason, RESULT_CONFINE, "the module's process is gone");
	return 0;
}
