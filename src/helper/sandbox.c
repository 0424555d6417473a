/* SPDX-License-Identifier: MIT
 *
 * Landlock by its system calls: libc has no functions for them, and the kernel headers of
 * Debian 12 end at ABI 3, so newer constants are defined here. Documented in the kernel's
 * Documentation/userspace-api/landlock.rst.
 */
#include "helper/sandbox.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/confine.h"

#define ABI_WITH_PORTS 4 /* the first that knows TCP ports, Linux 6.7 */

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH 1
#define RULE_NET_PORT 2

#define FS_READ_FILE (1ull << 2)
#define FS_ABI_1 ((1ull << 13) - 1) /* execute, read, write, make, remove */
#define FS_REFER (1ull << 13) /* ABI 2 */
#define FS_TRUNCATE (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
#define NET_BIND_TCP (1ull << 0) /* ABI 4 */
#define NET_CONNECT_TCP (1ull << 1) /* ABI 4 */
#define SCOPE_ABSTRACT_UNIX_SOCKET (1ull << 0) /* ABI 6 */
#define SCOPE_SIGNAL (1ull << 1) /* ABI 6 */

struct ruleset {
	uint64_t fs, net, scoped;
};
struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));
struct port_rule {
	uint64_t allowed, port;
};

static bool allow_file(int ruleset, int directory, const char *name)
{
	/* Follows a link to its file; a link that leads nowhere cannot be read anyway. */
	int fd = openat(directory, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return true;
	const struct path_rule rule = {.allowed = FS_READ_FILE, .fd = fd};
	long r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(fd);
	return r == 0;
}

/* "5ad8a5d6.0": the only names that OpenSSL looks for in such a directory. */
static bool is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	       isdigit((unsigned char)name[9]);
}

/* The links of /etc/ssl/certs lead to other directories, which hold more than certificates:
 * so every file gets its rule. 150 of them take 1 ms, while the user types. */
static bool allow_directory(int ruleset, const char *path)
{
	DIR *directory = opendir(path);
	bool is_good = true;
	/* TLS will report that no authority is known. */
	if (directory == NULL)
		return true;
	for (struct dirent *e = readdir(directory); is_good && e != NULL;
	     e = readdir(directory))
		if (is_hash_name(e->d_name))
			is_good = allow_file(ruleset, dirfd(directory), e->d_name);
	closedir(directory);
	return is_good;
}

static bool allow_ports(int ruleset, const struct sandbox *s)
{
	for (size_t i = 0; i < s->ports_len; i++) {
		const struct port_rule rule = {.allowed = NET_CONNECT_TCP, .port = s->ports[i]};
		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) != 0)
			return false;
	}
	return true;
}

/* Returns what failed, or NULL. */
static const char *apply_rules(int ruleset, const struct sandbox *s)
{
	if (ruleset < 0)
		return "Landlock: no rule set";
	if (s->ca_file != NULL && !allow_file(ruleset, AT_FDCWD, s->ca_file))
		return "Landlock: ca_file";
	if (s->ca_path != NULL && !allow_directory(ruleset, s->ca_path))
		return "Landlock: ca_path";
	if (s->landlock_abi >= ABI_WITH_PORTS && !allow_ports(ruleset, s))
		return "Landlock: ports";
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		return "Landlock: cannot be applied";
	return NULL;
}

static int close_landlock(struct sandbox *s, struct reason *reason)
{
	/* ENOSYS: too old; EOPNOTSUPP: switched off; EPERM: a container's filter. */
	long found = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	int abi = s->landlock_abi = found > 0 ? (int)found : 0;
	if (abi == 0)
		return 0;
	/* Everything that no rule allows is refused. */
	const struct ruleset all = {
	    .fs = FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
		  (abi >= 5 ? FS_IOCTL_DEV : 0),
	    .net = abi >= ABI_WITH_PORTS ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
	    .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
	};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	const char *failed = apply_rules(ruleset, s);
	if (ruleset >= 0)
		close(ruleset);
	return failed == NULL ? 0 : reason_set(reason, RESULT_CONFINE, "%s", failed);
}

int sandbox_close(struct sandbox *s, struct reason *reason)
{
	if (s->is_closed || paths.sanitized)
		return 0;
	/* Now, because OpenSSL's certificate times would make libc read it later. */
	tzset();
	/* NSS modules may have left connections to daemons that are not confined. Kernels
	 * before 5.9 do not have this call. */
	if (syscall(SYS_close_range, 3, UINT_MAX, 0) != 0)
		for (int fd = 3; fd < CONFINE_FILES_MAX; fd++)
			close(fd);
	int r = close_landlock(s, reason);
	if (r == 0)
		r = seccomp_close(reason);
	s->is_closed = r == 0;
	return r;
}

bool sandbox_is_whole(const struct sandbox *s)
{
	return s->is_closed && s->landlock_abi >= ABI_WITH_PORTS;
}

const char *sandbox_describe(const struct sandbox *s, char *out, size_t size)
{
	if (!s->is_closed)
		return "sandbox: open";
	if (s->landlock_abi == 0)
		return "sandbox: seccomp alone: this kernel has no Landlock, or it is switched "
		       "off; what the helper's user may read, the helper may";
	snprintf(out, size, "sandbox: Landlock ABI %d and seccomp%s", s->landlock_abi,
	    s->landlock_abi >= ABI_WITH_PORTS ? "" : "; this kernel does not limit TCP ports");
	return out;
}
