/* SPDX-License-Identifier: MIT
 *
 * Landlock by its system calls: libc has no functions for them, and the kernel headers
 * of Debian 12 end at ABI 3, so what is newer is defined here. Documented in
 * Documentation/userspace-api/landlock.rst of the kernel.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/reason.h"
#include "common/result.h"
#include "helper/sandbox.h"

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

static int refuse(struct reason *reason, const char *what)
{
	return reason_set(reason, RESULT_CONFINE, "%s", what);
}

/* Whatever is not allowed by a rule below is refused. */
static struct ruleset everything(int abi)
{
	return (struct ruleset){
	    .fs = FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
		  (abi >= 5 ? FS_IOCTL_DEV : 0),
	    .net = abi >= 4 ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
	    .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
	};
}

static int allow_file(int ruleset, int folder, const char *name)
{
	/* The file that a link leads to; one that leads nowhere cannot be read anyway. */
	int fd = openat(folder, name, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return 0;
	const struct path_rule rule = {.allowed = FS_READ_FILE, .fd = fd};
	long r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
	close(fd);
	return r == 0 ? 0 : -1;
}

/* "5ad8a5d6.0": the only names that OpenSSL looks for in such a folder. */
static bool is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
	       isdigit((unsigned char)name[9]);
}

/* The links of /etc/ssl/certs lead to other folders, which hold more than certificates: so a
 * rule a file. 150 of them take 1 ms, while the person types. */
static int allow_folder(int ruleset, const char *path)
{
	DIR *folder = opendir(path);
	int r = 0;
	/* TLS will say that there is no authority. */
	if (folder == NULL)
		return 0;
	for (struct dirent *e = readdir(folder); r == 0 && e != NULL; e = readdir(folder))
		if (is_hash_name(e->d_name))
			r = allow_file(ruleset, dirfd(folder), e->d_name);
	closedir(folder);
	return r;
}

static int allow_ports(int ruleset, const struct sandbox *s)
{
	for (size_t i = 0; i < s->ports_len; i++) {
		const struct port_rule rule = {.allowed = NET_CONNECT_TCP, .port = s->ports[i]};
		if (syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0) != 0)
			return -1;
	}
	return 0;
}

static int allow(int ruleset, const struct sandbox *s, int abi, struct reason *reason)
{
	if (s->ca_file != NULL && allow_file(ruleset, AT_FDCWD, s->ca_file) != 0)
		return refuse(reason, "Landlock: ca_file");
	if (s->ca_path != NULL && allow_folder(ruleset, s->ca_path) != 0)
		return refuse(reason, "Landlock: ca_path");
	if (abi >= 4 && allow_ports(ruleset, s) != 0)
		return refuse(reason, "Landlock: ports");
	return 0;
}

int landlock_close(const struct sandbox *s, int *abi, struct reason *reason)
{
	/* ENOSYS: too old; EOPNOTSUPP: switched off; EPERM: a container's filter. */
	long found = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	*abi = found > 0 ? (int)found : 0;
	if (*abi == 0)
		return 0;
	const struct ruleset all = everything(*abi);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (ruleset < 0)
		return refuse(reason, "Landlock: no rule set");
	int r = allow(ruleset, s, *abi, reason);
	if (r == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		r = refuse(reason, "Landlock: cannot be applied");
	close(ruleset);
	return r;
}
