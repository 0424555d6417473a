/* SPDX-License-Identifier: MIT
 *
 * A module that stands before ours in a password stack and has asked for the new password
 * already: it leaves its first argument in PAM_AUTHTOK. As an auth module it changes what its
 * first argument names, as no module should: tests/pam/drive.c must see it.
 */
#include <fcntl.h>
#include <locale.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	if (((unsigned)flags & PAM_PRELIM_CHECK) != 0 || argc < 1)
		return PAM_SUCCESS;
	return pam_set_item(pamh, PAM_AUTHTOK, argv[0]);
}

static void ignore(int signal)
{
	(void)signal;
}

static int change(const char *what)
{
	const struct rlimit limit = {64, 64};
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	if (strcmp(what, "descriptor") == 0)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (strcmp(what, "signal") == 0)
		return signal(SIGRTMAX, ignore) == SIG_ERR;
	if (strcmp(what, "mask") == 0)
		return sigprocmask(SIG_BLOCK, &set, NULL);
	if (strcmp(what, "cwd") == 0)
		return chdir("/");
	if (strcmp(what, "environ_sum") == 0)
		return setenv("PATH", "/tmp", 1);
	if (strcmp(what, "umask") == 0)
		return (int)umask(0111);
	if (strcmp(what, "limits") == 0)
		return setrlimit(RLIMIT_MEMLOCK, &limit);
	if (strcmp(what, "locale") == 0)
		return setlocale(LC_ALL, "C.UTF-8") == NULL;
	if (strcmp(what, "timers") == 0)
		return (int)alarm(3600);
	int old = getpriority(PRIO_PROCESS, 0);
	if (strcmp(what, "priority") == 0) /* without privileges, the number only grows */
		return setpriority(PRIO_PROCESS, 0, old < 19 ? old + 1 : 18);
	if (strcmp(what, "death_signal") == 0)
		return prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (strcmp(what, "name") == 0)
		return prctl(PR_SET_NAME, "other");
	if (strcmp(what, "child") == 0 && fork() == 0)
		_exit(0);
	return 0;
}

EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	return argc > 0 && change(argv[0]) == -1 ? PAM_SYSTEM_ERR : PAM_SUCCESS;
}

EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
	(void)pamh;
	(void)flags;
	(void)argc;
	(void)argv;
	return PAM_SUCCESS;
}
