/* SPDX-License-Identifier: MIT
 *
 * Linked into a module and a helper of the tests. It counts allocations and system calls, and
 * lets the one fail that the plan names. In the module --wrap leads our own calls here; the
 * helper defines the functions themselves, so that those of libcurl and OpenSSL come here, too.
 */
/* The functions' checked versions would stand in the way. */
#undef _FORTIFY_SOURCE
#ifndef MODULE
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <openssl/crypto.h>
#endif
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plan.h"

#ifdef MODULE
#define SIDE PLAN_MODULE
#else
#define SIDE PLAN_HELPER
#endif

static struct plan nobody, *plan = &nobody;

static bool fails(uint64_t n)
{
	if (plan->onward != 0 ? n < plan->at : n != plan->at)
		return false;
	plan->hits++;
	return true;
}

/* The next allocation of this kind fails. */
static bool allocation_fails(enum plan_kind kind)
{
	uint64_t n = __atomic_add_fetch(&plan->counts[SIDE][kind], 1, __ATOMIC_RELAXED);
	return plan->at != 0 && plan->side == SIDE && plan->kind == kind && fails(n);
}

static bool is_planted(enum plan_plant what)
{
	return plan->at != 0 && plan->side == SIDE && plan->kind == PLAN_PLANT &&
	       plan->function == what;
}

/* ---- memory ------------------------------------------------------------------------------ */

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
char *__real_strdup(const char *);
char *__real_strndup(const char *, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);
char *__wrap_strdup(const char *);
char *__wrap_strndup(const char *, size_t);

#ifdef MODULE
/* What the module has, so that memory of the host, which it frees too, is not counted. */
#define LIVE_MAX 4096
static void *live[LIVE_MAX];

static void *born(void *p)
{
	for (size_t i = 0; p != NULL && i < LIVE_MAX; i++)
		if (live[i] == NULL) {
			live[i] = p;
			plan->live++;
			break;
		}
	return p;
}

static void gone(void *p)
{
	for (size_t i = 0; p != NULL && i < LIVE_MAX; i++)
		if (live[i] == p) {
			live[i] = NULL;
			plan->live--;
			break;
		}
}
#else
static void *born(void *p)
{
	return p;
}

static void gone(void *p)
{
	(void)p;
}
#endif

static bool no_memory(void)
{
	if (is_planted(PLANT_CRASH))
		raise(SIGSEGV);
	if (!allocation_fails(PLAN_MEMORY))
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return no_memory() ? NULL : born(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return no_memory() ? NULL : born(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	if (no_memory())
		return NULL;
	gone(old);
	return born(__real_realloc(old, size));
}

void __wrap_free(void *p)
{
	if (is_planted(PLANT_LEAK))
		return;
	gone(p);
	__real_free(p);
}

char *__wrap_strdup(const char *text)
{
	return no_memory() ? NULL : born(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t len)
{
	return no_memory() ? NULL : born(__real_strndup(text, len));
}

#ifndef MODULE
static void *library_malloc(size_t size)
{
	return allocation_fails(PLAN_LIBRARY) ? NULL : __real_malloc(size);
}

static void *library_calloc(size_t count, size_t size)
{
	return allocation_fails(PLAN_LIBRARY) ? NULL : __real_calloc(count, size);
}

static void *library_realloc(void *old, size_t size)
{
	return allocation_fails(PLAN_LIBRARY) ? NULL : __real_realloc(old, size);
}

static char *library_strdup(const char *text)
{
	return allocation_fails(PLAN_LIBRARY) ? NULL : __real_strdup(text);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return library_malloc(size);
}

static void *crypto_realloc(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return library_realloc(old, size);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	__real_free(p);
}

CURLcode __wrap_curl_global_init(long flags);
CURLcode __wrap_curl_global_init(long flags)
{
	return curl_global_init_mem(flags, library_malloc, __real_free, library_realloc,
	    library_strdup, library_calloc);
}
#endif

/* ---- system calls ------------------------------------------------------------------------ */

/* In its row of torture.py's table each function has the errors that it can return. */
enum {
	CLOSE = 1,
	CLOSEDIR,
	FCHMOD,
	FCNTL,
	FLOCK,
	FSTAT,
	FSTATAT,
	FSYNC,
	FUTIMENS,
	GETRLIMIT,
	MKDIR,
	OPEN,
	OPENAT,
	POLL,
	POSIX_SPAWN,
	READ,
	READDIR,
	RECV,
	RENAMEAT,
	SEND,
	SETGROUPS,
	SOCKETPAIR,
	STAT,
	SYSCALL,
	UNLINKAT,
	WAITID,
	WRITE,
	FDOPENDIR,
	GETGROUPS,
	SOCKET,
	CONNECT,
	SETSOCKOPT,
	GETSOCKOPT,
	GETSOCKNAME,
	GETPEERNAME,
	PRCTL,
	SETRESUID,
	SETRESGID,
	SETRLIMIT,
	CHDIR,
	GETRANDOM,
	OPENDIR,
	ACCEPT
};

/* True: the call fails, and errno says why. */
static bool call_fails(uint8_t function)
{
	uint64_t n = __atomic_add_fetch(&plan->calls[SIDE][function], 1, __ATOMIC_RELAXED);
	if (plan->at == 0 || plan->side != SIDE || plan->kind != PLAN_CALL ||
	    plan->function != function || !fails(n))
		return false;
	errno = plan->error;
	return true;
}

#ifdef MODULE
#define NAME(f) __wrap_##f
#define REAL(f) __real_##f
#define DECLARE(type, f, params)                                                               \
	type __real_##f params;                                                                \
	type __wrap_##f params
#else
#define NAME(f) f
#define REAL(f) ((__typeof__(&f))real_function(REAL_##f))
#define DECLARE(type, f, params) type f params
enum {
	REAL_close,
	REAL_closedir,
	REAL_fcntl,
	REAL_fstat,
	REAL_fstatat,
	REAL_getrlimit,
	REAL_open,
	REAL_openat,
	REAL_poll,
	REAL_read,
	REAL_recv,
	REAL_send,
	REAL_setgroups,
	REAL_socketpair,
	REAL_stat,
	REAL_syscall,
	REAL_write,
	REAL_socket,
	REAL_connect,
	REAL_setsockopt,
	REAL_getsockopt,
	REAL_getsockname,
	REAL_getpeername,
	REAL_prctl,
	REAL_setresuid,
	REAL_setresgid,
	REAL_setrlimit,
	REAL_chdir,
	REAL_getrandom,
	REAL_opendir,
	REALS
};
static const char *const real_names[REALS] = {"close", "closedir", "fcntl", "fstat", "fstatat",
    "getrlimit", "open", "openat", "poll", "read", "recv", "send", "setgroups", "socketpair",
    "stat", "syscall", "write", "socket", "connect", "setsockopt", "getsockopt", "getsockname",
    "getpeername", "prctl", "setresuid", "setresgid", "setrlimit", "chdir", "getrandom",
    "opendir"};

/* Libraries call some of these before begin() has run. */
static void *real_function(int number)
{
	static void *found[REALS];
	if (found[number] == NULL)
		found[number] = dlsym(RTLD_NEXT, real_names[number]);
	return found[number];
}
#endif

/* One that is called as it is declared, and returns -1 on failure. */
#define CALL(type, f, number, params, args)                                                    \
	DECLARE(type, f, params);                                                              \
	__attribute__((visibility("default"))) type NAME(f) params                             \
	{                                                                                      \
		return call_fails(number) ? -1 : REAL(f) args;                                 \
	}

/* Linux closes the descriptor, whatever close() returns. */
DECLARE(int, close, (int fd));
__attribute__((visibility("default"))) int NAME(close)(int fd)
{
	if (is_planted(PLANT_DESCRIPTOR))
		return 0;
	if (is_planted(PLANT_SIGNAL))
		signal(SIGUSR1, SIG_IGN);
	if (is_planted(PLANT_CHILD) && fork() == 0)
		_exit(0);
	int error = call_fails(CLOSE) ? errno : 0, rc = REAL(close)(fd);
	if (error == 0)
		return rc;
	errno = error;
	return -1;
}

DECLARE(int, closedir, (DIR * d));
__attribute__((visibility("default"))) int NAME(closedir)(DIR *d)
{
	int error = call_fails(CLOSEDIR) ? errno : 0, rc = REAL(closedir)(d);
	if (error == 0)
		return rc;
	errno = error;
	return -1;
}

DECLARE(int, fcntl, (int fd, int command, ...));
__attribute__((visibility("default"))) int NAME(fcntl)(int fd, int command, ...)
{
	va_list args;
	va_start(args, command);
	long argument = va_arg(args, long);
	va_end(args);
	return call_fails(FCNTL) ? -1 : REAL(fcntl)(fd, command, argument);
}

DECLARE(int, open, (const char *name, int flags, ...));
__attribute__((visibility("default"))) int NAME(open)(const char *name, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return call_fails(OPEN) ? -1 : REAL(open)(name, flags, mode);
}

DECLARE(int, openat, (int fd, const char *name, int flags, ...));
__attribute__((visibility("default"))) int NAME(openat)(
    int fd, const char *name, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return call_fails(OPENAT) ? -1 : REAL(openat)(fd, name, flags, mode);
}

DECLARE(long, syscall, (long number, ...));
__attribute__((visibility("default"))) long NAME(syscall)(long number, ...)
{
	va_list args;
	long a[6];
	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	return call_fails(SYSCALL) ? -1
				   : REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

CALL(int, fstat, FSTAT, (int fd, struct stat *s), (fd, s))
CALL(int, fstatat, FSTATAT, (int fd, const char *name, struct stat *s, int flags),
    (fd, name, s, flags))
CALL(int, getrlimit, GETRLIMIT, (__rlimit_resource_t what, struct rlimit *l), (what, l))
CALL(int, poll, POLL, (struct pollfd * p, nfds_t count, int ms), (p, count, ms))
CALL(ssize_t, read, READ, (int fd, void *bytes, size_t len), (fd, bytes, len))
CALL(ssize_t, recv, RECV, (int fd, void *bytes, size_t len, int flags), (fd, bytes, len, flags))
CALL(ssize_t, send, SEND, (int fd, const void *bytes, size_t len, int flags),
    (fd, bytes, len, flags))
CALL(int, setgroups, SETGROUPS, (size_t count, const gid_t *list), (count, list))
CALL(int, socketpair, SOCKETPAIR, (int domain, int type, int protocol, int fds[2]),
    (domain, type, protocol, fds))
CALL(int, stat, STAT, (const char *name, struct stat *s), (name, s))
CALL(ssize_t, write, WRITE, (int fd, const void *bytes, size_t len), (fd, bytes, len))

#ifdef MODULE
CALL(int, fchmod, FCHMOD, (int fd, mode_t mode), (fd, mode))
CALL(int, flock, FLOCK, (int fd, int operation), (fd, operation))
CALL(int, fsync, FSYNC, (int fd), (fd))
CALL(int, futimens, FUTIMENS, (int fd, const struct timespec t[2]), (fd, t))
CALL(int, mkdir, MKDIR, (const char *name, mode_t mode), (name, mode))
CALL(int, renameat, RENAMEAT, (int from, const char *old, int to, const char *new),
    (from, old, to, new))
CALL(int, unlinkat, UNLINKAT, (int fd, const char *name, int flags), (fd, name, flags))
CALL(int, waitid, WAITID, (idtype_t type, id_t id, siginfo_t *i, int options),
    (type, id, i, options))
CALL(int, getgroups, GETGROUPS, (int size, gid_t *list), (size, list))
CALL(int, socket, SOCKET, (int domain, int type, int protocol), (domain, type, protocol))
CALL(int, connect, CONNECT, (int fd, const struct sockaddr *a, socklen_t len), (fd, a, len))

DECLARE(DIR *, fdopendir, (int fd));
DIR *NAME(fdopendir)(int fd)
{
	return call_fails(FDOPENDIR) ? NULL : REAL(fdopendir)(fd);
}

DECLARE(struct dirent *, readdir, (DIR * d));
struct dirent *NAME(readdir)(DIR *d)
{
	return call_fails(READDIR) ? NULL : REAL(readdir)(d);
}

DECLARE(int, posix_spawn,
    (pid_t * pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attr, char *const argv[], char *const envp[]));
int NAME(posix_spawn)(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attr, char *const argv[], char *const envp[])
{
	return call_fails(POSIX_SPAWN)
		   ? errno
		   : REAL(posix_spawn)(pid, path, actions, attr, argv, envp);
}
#else
CALL(int, socket, SOCKET, (int domain, int type, int protocol), (domain, type, protocol))
CALL(int, connect, CONNECT, (int fd, const struct sockaddr *a, socklen_t len), (fd, a, len))
CALL(int, setsockopt, SETSOCKOPT, (int fd, int level, int name, const void *v, socklen_t len),
    (fd, level, name, v, len))
CALL(int, getsockopt, GETSOCKOPT, (int fd, int level, int name, void *v, socklen_t *len),
    (fd, level, name, v, len))
CALL(int, getsockname, GETSOCKNAME, (int fd, struct sockaddr *a, socklen_t *len), (fd, a, len))
CALL(int, getpeername, GETPEERNAME, (int fd, struct sockaddr *a, socklen_t *len), (fd, a, len))
CALL(int, setresuid, SETRESUID, (uid_t r, uid_t e, uid_t s), (r, e, s))
CALL(int, setresgid, SETRESGID, (gid_t r, gid_t e, gid_t s), (r, e, s))
CALL(int, setrlimit, SETRLIMIT, (__rlimit_resource_t what, const struct rlimit *l), (what, l))
CALL(int, chdir, CHDIR, (const char *name), (name))
CALL(ssize_t, getrandom, GETRANDOM, (void *bytes, size_t len, unsigned flags),
    (bytes, len, flags))

DECLARE(int, prctl, (int option, ...));
__attribute__((visibility("default"))) int prctl(int option, ...)
{
	va_list args;
	unsigned long a[4];
	va_start(args, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	return call_fails(PRCTL) ? -1 : REAL(prctl)(option, a[0], a[1], a[2], a[3]);
}

DECLARE(DIR *, opendir, (const char *name));
__attribute__((visibility("default"))) DIR *opendir(const char *name)
{
	return call_fails(OPENDIR) ? NULL : REAL(opendir)(name);
}
#endif

/* ---- the plan ---------------------------------------------------------------------------- */

#ifndef MODULE
static void crash(int number, siginfo_t *why, void *context)
{
	void *frames[32];
	int count = backtrace(frames, 32);
	size_t len = 0;
	(void)why;
	(void)context;
	/* The first two are this function and the signal's return. */
	for (int i = 2; i < count && len < sizeof(plan->where); i++) {
		Dl_info found;
		if (dladdr(frames[i], &found) == 0)
			continue;
		const char *slash = strrchr(found.dli_fname, '/');
		len += (size_t)snprintf(plan->where + len, sizeof(plan->where) - len, "%s:%s ",
		    slash != NULL ? slash + 1 : found.dli_fname,
		    found.dli_sname != NULL ? found.dli_sname : "?");
	}
	plan->crashed[SIDE] = (uint32_t)number;
	signal(number, SIG_DFL);
	raise(number);
}

static void watch(int number)
{
	const struct sigaction action = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO};
	sigaction(number, &action, NULL);
}
#endif

static void map(const char *path)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	void *p = fd >= 0 ? mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
			  : MAP_FAILED;
	if (p == MAP_FAILED)
		abort();
	syscall(SYS_close, fd);
	plan = p;
}

/* The module's plan is named by its host's environment, the helper's by the host's pid. */
__attribute__((constructor)) static void begin(void)
{
	char path[256];
#ifdef MODULE
	const char *name = getenv("TORTURE_PLAN");
	if (name == NULL)
		return;
	snprintf(path, sizeof(path), PLANS "/%d", getpid());
	if (syscall(SYS_symlinkat, name, AT_FDCWD, path) != 0)
		abort();
	map(name);
#else
	/* backtrace() loads a library at its first call. */
	void *frames[4];
	backtrace(frames, 4);
	/* dlsym() is no function for a confined process. */
	for (int i = 0; i < REALS; i++)
		if (real_function(i) == NULL)
			abort();
	snprintf(path, sizeof(path), PLANS "/%d", getppid());
	map(path);
	cJSON_InitHooks(&(cJSON_Hooks){__wrap_malloc, __wrap_free});
	CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
	watch(SIGSEGV);
	watch(SIGBUS);
	watch(SIGABRT);
	watch(SIGFPE);
	/* What the dynamic loader and this function did is not the helper's. */
	memset(plan->counts[SIDE], 0, sizeof(plan->counts[SIDE]));
	memset(plan->calls[SIDE], 0, sizeof(plan->calls[SIDE]));
#endif
}
