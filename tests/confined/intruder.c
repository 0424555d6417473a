/* SPDX-License-Identifier: MIT
 *
 * Stands where the helper is installed, and does not confine itself: what it cannot do as root,
 * the policy of AppArmor or SELinux alone has refused. The argument is the attempt, VERB or
 * VERB:OBJECT; it prints "ok" or the error's name. A program that it may run takes its place,
 * and prints nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

static int done(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd;
}

static int read_file(const char *path)
{
	return done(open(path, O_RDONLY | O_NONBLOCK));
}

/* Changes nothing where it succeeds: a file that was not there goes again. */
static int write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT) {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			unlink(path);
	}
	return done(fd);
}

static int map_file(const char *path)
{
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return fd;
	void *at = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
	return at == MAP_FAILED ? -1 : 0;
}

/* Returns only if it failed. */
static int run_program(const char *path)
{
	return execl(path, path, "-c", "true", (char *)NULL);
}

static int make_folder(const char *path)
{
	int r = mkdir(path, 0700);
	if (r == 0)
		rmdir(path);
	return r;
}

static int make_device(const char *path)
{
	int r = mknod(path, S_IFCHR | 0600, makedev(1, 3));
	if (r == 0)
		unlink(path);
	return r;
}

static int connect_port(const char *port)
{
	struct sockaddr_in there = {.sin_family = AF_INET};
	there.sin_port = htons((in_port_t)strtol(port, NULL, 10));
	there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int r = connect(fd, (struct sockaddr *)&there, sizeof(there)), e = errno;
	done(fd);
	errno = e;
	return r;
}

static int connect_path(const char *path)
{
	struct sockaddr_un there = {.sun_family = AF_UNIX};
	snprintf(there.sun_path, sizeof(there.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int r = connect(fd, (struct sockaddr *)&there, sizeof(there)), e = errno;
	done(fd);
	errno = e;
	return r;
}

static int listen_port(const char *port)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	here.sin_port = htons((in_port_t)strtol(port, NULL, 10));
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int r = bind(fd, (struct sockaddr *)&here, sizeof(here));
	r = r != 0 ? r : listen(fd, 1);
	int e = errno;
	done(fd);
	errno = e;
	return r;
}

/* FAMILY,TYPE as numbers. */
static int make_socket(const char *kind)
{
	char *type;
	long family = strtol(kind, &type, 10);
	return done(socket((int)family, (int)strtol(type + 1, NULL, 10), 0));
}

static int trace(const char *pid)
{
	return (int)ptrace(PTRACE_SEIZE, (pid_t)strtol(pid, NULL, 10), NULL, NULL);
}

/* Nobody misses this signal. */
static int send_signal(const char *pid)
{
	return kill((pid_t)strtol(pid, NULL, 10), SIGURG);
}

static int change_root(const char *path)
{
	return chroot(path);
}

static int change_owner(const char *path)
{
	return chown(path, 1, 1);
}

static int host_name(const char *none)
{
	(void)none;
	char name[65] = "";
	gethostname(name, sizeof(name) - 1);
	return sethostname(name, strlen(name));
}

static int mark_packets(const char *none)
{
	(void)none;
	int fd = socket(AF_INET, SOCK_STREAM, 0), mark = 1;
	int r = setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)), e = errno;
	done(fd);
	errno = e;
	return r;
}

static int drop_capability(const char *number)
{
	return prctl(PR_CAPBSET_DROP, strtol(number, NULL, 10), 0, 0, 0);
}

static int make_code(const char *none)
{
	(void)none;
	void *at = mmap(
	    NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return at == MAP_FAILED ? -1 : 0;
}

static int raise_limit(const char *none)
{
	(void)none;
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_max += 1;
	return setrlimit(RLIMIT_NOFILE, &limit);
}

static int hurry(const char *none)
{
	(void)none;
	return setpriority(PRIO_PROCESS, 0, -1);
}

static const struct {
	const char *verb;
	int (*attempt)(const char *object);
} verbs[] = {
    {"read", read_file},
    {"write", write_file},
    {"map", map_file},
    {"run", run_program},
    {"mkdir", make_folder},
    {"mknod", make_device},
    {"connect", connect_port},
    {"reach", connect_path},
    {"listen", listen_port},
    {"socket", make_socket},
    {"trace", trace},
    {"signal", send_signal},
    {"chroot", change_root},
    {"chown", change_owner},
    {"hostname", host_name},
    {"mark", mark_packets},
    {"drop", drop_capability},
    {"code", make_code},
    {"limit", raise_limit},
    {"nice", hurry},
};

int main(int argc, char **argv)
{
	const char *attempt = argc == 2 ? argv[1] : "";
	size_t length = strcspn(attempt, ":");
	const char *object = attempt[length] == ':' ? attempt + length + 1 : attempt + length;
	for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++) {
		if (strlen(verbs[v].verb) != length ||
		    memcmp(verbs[v].verb, attempt, length) != 0)
			continue;
		puts(verbs[v].attempt(object) >= 0 ? "ok" : strerrorname_np(errno));
		return 0;
	}
	fprintf(stderr, "intruder: no such attempt: %s\n", attempt);
	return 2;
}
