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
#include <grp.h>
#include <link.h>
#include <poll.h>
#include <pwd.h>
#include <shadow.h>
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
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "plan.h"

#ifdef MODULE
#define SIDE PLAN_MODULE
#else
#define SIDE PLAN_HELPER
#endif

static struct plan nobody, *plan = &nobody;

/* ---- places ------------------------------------------------------------------------------ */

static uintptr_t code_begin, code_end;

static int find_code(struct dl_phdr_info *object, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	uintptr_t begin = UINTPTR_MAX, end = 0, here = (uintptr_t)&find_code;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		uintptr_t at = object->dlpi_addr + p->p_vaddr;
		if (p->p_type != PT_LOAD || (p->p_flags & PF_X) == 0)
			continue;
		begin = at < begin ? at : begin;
		end = at + p->p_memsz > end ? at + p->p_memsz : end;
	}
	if (here < begin || here >= end)
		return 0;
	code_begin = begin;
	code_end = end;
	return 1;
}

/* The innermost functions of our own code, this file's among them. */
#define CALLERS 6

static __attribute__((noinline)) void note_place(unsigned kind, unsigned function, uint64_t n)
{
	void *frames[40];
	int count = backtrace(frames, 40), own = 0;
	uint32_t callers = kind << 8 | function;
	for (int i = 1; i < count && own < CALLERS; i++) {
		uintptr_t at = (uintptr_t)frames[i];
		if (at < code_begin || at >= code_end)
			continue;
		callers = (callers ^ (uint32_t)(at - code_begin)) * 2654435761u;
		own++;
	}
	callers |= 1;
	struct plan_place *places = plan->places[SIDE];
	for (uint32_t i = callers, tried = 0; tried < PLAN_PLACES_MAX; i++, tried++) {
		struct plan_place *place = &places[i % PLAN_PLACES_MAX];
		if (place->callers == callers)
			return;
		if (place->callers != 0)
			continue;
		*place = (struct plan_place){callers, (uint8_t)kind, (uint8_t)function, 0, n};
		return;
	}
}

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
	if (plan->notes_places != 0)
		note_place(kind, 0, n);
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
	ACCEPT,
	ACCESS,
	FACCESSAT,
	LSTAT,
	UNLINK,
	LINK,
	RENAME,
	READLINK,
	READLINKAT,
	SYMLINKAT,
	FCHOWN,
	FSETXATTR,
	FLISTXATTR,
	FGETXATTR,
	RMDIR,
	PIPE2,
	WAITPID,
	GETHOSTNAME,
	FTRUNCATE,
	FOPEN,
	MKDTEMP,
	GETPWNAM,
	GETPWUID,
	GETGRNAM,
	GETGRGID,
	SPAWN_ACTIONS,
	FORK,
	TIMER_CREATE,
	TIMER_SETTIME,
	GETRESUID,
	GETRESGID
};

/* True: the call fails, and errno says why. */
static bool call_fails(uint8_t function)
{
	uint64_t n = __atomic_add_fetch(&plan->calls[SIDE][function], 1, __ATOMIC_RELAXED);
	if (plan->notes_places != 0)
		note_place(PLAN_CALL, function, n);
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
	REAL_pipe2,
	REAL_waitpid,
	REAL_fork,
	REAL_timer_create,
	REAL_timer_settime,
	REAL_getresuid,
	REAL_getresgid,
	REALS
};
static const char *const real_names[REALS] = {"close", "closedir", "fcntl", "fstat", "fstatat",
    "getrlimit", "open", "openat", "poll", "read", "recv", "send", "setgroups", "socketpair",
    "stat", "syscall", "write", "socket", "connect", "setsockopt", "getsockopt", "getsockname",
    "getpeername", "prctl", "setresuid", "setresgid", "setrlimit", "chdir", "getrandom",
    "opendir", "pipe2", "waitpid", "fork", "timer_create", "timer_settime", "getresuid",
    "getresgid"};

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

CALL(int, pipe2, PIPE2, (int fds[2], int flags), (fds, flags))
CALL(pid_t, waitpid, WAITPID, (pid_t pid, int *status, int options), (pid, status, options))

#ifdef MODULE
/* One that returns NULL on failure, or what errno says. */
#define FIND(type, f, number, params, args)                                                    \
	DECLARE(type, f, params);                                                              \
	type NAME(f) params                                                                    \
	{                                                                                      \
		return call_fails(number) ? NULL : REAL(f) args;                               \
	}
#define SPAWN(f, params, args)                                                                 \
	DECLARE(int, f, params);                                                               \
	int NAME(f) params                                                                     \
	{                                                                                      \
		return call_fails(SPAWN_ACTIONS) ? errno : REAL(f) args;                       \
	}

CALL(int, access, ACCESS, (const char *name, int mode), (name, mode))
CALL(int, faccessat, FACCESSAT, (int fd, const char *name, int mode, int flags),
    (fd, name, mode, flags))
CALL(int, lstat, LSTAT, (const char *name, struct stat *s), (name, s))
CALL(int, unlink, UNLINK, (const char *name), (name))
CALL(int, link, LINK, (const char *old, const char *new), (old, new))
CALL(int, rename, RENAME, (const char *old, const char *new), (old, new))
CALL(ssize_t, readlink, READLINK, (const char *name, char *out, size_t size), (name, out, size))
CALL(ssize_t, readlinkat, READLINKAT, (int fd, const char *name, char *out, size_t size),
    (fd, name, out, size))
CALL(int, symlinkat, SYMLINKAT, (const char *to, int fd, const char *name), (to, fd, name))
CALL(int, fchown, FCHOWN, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
CALL(int, fsetxattr, FSETXATTR,
    (int fd, const char *name, const void *value, size_t size, int flags),
    (fd, name, value, size, flags))
CALL(ssize_t, flistxattr, FLISTXATTR, (int fd, char *list, size_t size), (fd, list, size))
CALL(ssize_t, fgetxattr, FGETXATTR, (int fd, const char *name, void *value, size_t size),
    (fd, name, value, size))
CALL(int, rmdir, RMDIR, (const char *name), (name))
CALL(int, gethostname, GETHOSTNAME, (char *name, size_t size), (name, size))
CALL(int, ftruncate, FTRUNCATE, (int fd, off_t len), (fd, len))
FIND(FILE *, fopen, FOPEN, (const char *name, const char *mode), (name, mode))
FIND(DIR *, opendir, OPENDIR, (const char *name), (name))
FIND(char *, mkdtemp, MKDTEMP, (char *name), (name))
FIND(struct passwd *, getpwnam, GETPWNAM, (const char *name), (name))
FIND(struct passwd *, getpwuid, GETPWUID, (uid_t uid), (uid))
FIND(struct group *, getgrnam, GETGRNAM, (const char *name), (name))
FIND(struct group *, getgrgid, GETGRGID, (gid_t gid), (gid))
SPAWN(posix_spawn_file_actions_init, (posix_spawn_file_actions_t * a), (a))
SPAWN(posix_spawn_file_actions_addopen,
    (posix_spawn_file_actions_t * a, int fd, const char *name, int flags, mode_t mode),
    (a, fd, name, flags, mode))
SPAWN(posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t * a, int fd, int other),
    (a, fd, other))
SPAWN(
    posix_spawn_file_actions_addclosefrom_np, (posix_spawn_file_actions_t * a, int fd), (a, fd))
SPAWN(posix_spawnattr_init, (posix_spawnattr_t * a), (a))
SPAWN(posix_spawnattr_setflags, (posix_spawnattr_t * a, short flags), (a, flags))
SPAWN(posix_spawnattr_setsigmask, (posix_spawnattr_t * a, const sigset_t *set), (a, set))
SPAWN(posix_spawnattr_setsigdefault, (posix_spawnattr_t * a, const sigset_t *set), (a, set))

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
CALL(pid_t, fork, FORK, (void), ())
CALL(
    int, timer_create, TIMER_CREATE, (clockid_t id, struct sigevent *e, timer_t *t), (id, e, t))
CALL(int, timer_settime, TIMER_SETTIME,
    (timer_t t, int flags, const struct itimerspec *new, struct itimerspec *old),
    (t, flags, new, old))
CALL(int, getresuid, GETRESUID, (uid_t * r, uid_t *e, uid_t *s), (r, e, s))
CALL(int, getresgid, GETRESGID, (gid_t * r, gid_t *e, gid_t *s), (r, e, s))
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
	/* backtrace() loads a library at its first call. */
	void *frames[4];
	backtrace(frames, 4);
	dl_iterate_phdr(find_code, NULL);
#ifdef MODULE
	const char *name = getenv("TORTURE_PLAN");
	if (name == NULL)
		return;
	snprintf(path, sizeof(path), PLANS "/%d", getpid());
	if (syscall(SYS_symlinkat, name, AT_FDCWD, path) != 0)
		abort();
	map(name);
#else
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
	memset(plan->places[SIDE], 0, sizeof(plan->places[SIDE]));
#endif
}
