/* SPDX-License-Identifier: MIT */
#include "cli/sshd.h"

#include <arpa/inet.h>
#include <fnmatch.h>
#include <glob.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/systemd.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"

/* A host and an address (RFC 5737) that are in nobody's own network. */
#define ELSEWHERE "host=client.invalid,addr=192.0.2.1"
#define POOL_USERS 4 /* of all; the rest are for Match blocks */
#define NOBODY 65534
#define CONFIG "/etc/ssh/sshd_config"
#define PROOF_MS 10000 /* it starts itself anew, and listens again, in some 50 ms */
#define RELOAD_MS 300 /* until then the old one may still answer */
#define PORTS_MOST 16

/* ---- settings in force --------------------------------------------------------------------
 */

int sshd_ask(const char *user, struct buffer *out, struct reason *reason)
{
	char program[] = SSHD_PROGRAM, test[] = "-T", flag[] = "-C",
	     whom[REQUEST_NAME_MAX + 64] = "";
	char *const argv[] = {program, test, user != NULL ? flag : NULL, whom, NULL};
	if (user != NULL)
		snprintf(whom, sizeof(whom), "user=%s," ELSEWHERE, user);
	return program_run(argv, out, reason);
}

bool sshd_is_valid(void)
{
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	bool is_valid = access(SSHD_PROGRAM, X_OK) == 0 && sshd_ask(NULL, &text, &reason) == 0;
	buffer_wipe(&text);
	return is_valid;
}

bool sshd_setting(const char *text, const char *keyword, char *out, size_t size)
{
	size_t len = strlen(keyword);
	for (; *text != '\0'; text += strspn(text, "\n")) {
		size_t line = strcspn(text, "\n");
		if (strncasecmp(text, keyword, len) == 0 && text[len] == ' ') {
			snprintf(out, size, "%.*s", (int)(line - len - 1), text + len + 1);
			return true;
		}
		text += line;
	}
	return false;
}

/* ---- users for whom a Match block may say otherwise ---------------------------------------
 */

void sshd_users_add(struct sshd_users *users, const char *name)
{
	for (size_t i = 0; i < users->len; i++)
		if (streq(users->names[i], name))
			return;
	/* A comma would end it in sshd's -C. */
	if (users->len < SSHD_USERS_MOST && strlen(name) <= REQUEST_NAME_MAX &&
	    strchr(name, ',') == NULL && getpwnam(name) != NULL)
		snprintf(users->names[users->len++], REQUEST_NAME_MAX + 1, "%s", name);
}

/* The first user of this group, or of any where gid is -1. System users do not sign in. */
static void add_first(struct sshd_users *users, gid_t gid)
{
	setpwent();
	for (const struct passwd *pw; (pw = getpwent()) != NULL;)
		if ((gid == (gid_t)-1 ? pw->pw_uid >= 1000 && pw->pw_uid != NOBODY
				      : pw->pw_gid == gid)) {
			char name[REQUEST_NAME_MAX + 1];
			snprintf(name, sizeof(name), "%s", pw->pw_name);
			sshd_users_add(users, name);
			break;
		}
	endpwent();
}

/* The next word of *rest, or NULL. sshd takes '=' behind a keyword as a space. */
static char *next_word(char **rest)
{
	static const char spaces[] = " \t\r=";
	char *word = *rest + strspn(*rest, spaces);
	size_t len = strcspn(word, spaces);
	*rest = word + len;
	if (len == 0)
		return NULL;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

/* The users that a Match line names, and a member of each of its groups. Patterns name none. */
static void add_matched(struct sshd_users *users, char *line)
{
	char *kind = next_word(&line), *list;
	if (kind == NULL || strcasecmp(kind, "match") != 0)
		return;
	while ((kind = next_word(&line)) != NULL && (list = next_word(&line)) != NULL)
		for (char *name; (name = strsep(&list, ",")) != NULL;) {
			const struct group *group =
			    strcasecmp(kind, "group") == 0 ? getgrnam(name) : NULL;
			if (strcasecmp(kind, "user") == 0)
				sshd_users_add(users, name);
			else if (group != NULL && group->gr_mem[0] != NULL)
				sshd_users_add(users, group->gr_mem[0]);
			else if (group != NULL)
				add_first(users, group->gr_gid);
		}
}

static void add_of_file(struct sshd_users *users, const char *path)
{
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	if (input_read_file(path, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;)
			add_matched(users, line);
	buffer_wipe(&text);
}

void sshd_find_users(const struct config *config, struct sshd_users *users)
{
	glob_t files = {.gl_pathc = 0};
	for (size_t i = 0; config != NULL && i < config->map_len && i < POOL_USERS; i++)
		sshd_users_add(users, config->map[i].local_name);
	add_first(users, (gid_t)-1);
	add_of_file(users, CONFIG);
	if (glob(CONFIG ".d/*.conf", 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc; i++)
			add_of_file(users, files.gl_pathv[i]);
	globfree(&files);
}

bool sshd_includes(const char *path)
{
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	bool includes = false, is_global = true;
	if (input_read_file(CONFIG, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;) {
			char *word = next_word(&line), pattern[512];
			is_global =
			    is_global && (word == NULL || strcasecmp(word, "match") != 0);
			bool is_include = word != NULL && strcasecmp(word, "include") == 0;
			while (is_include && is_global && (word = next_word(&line)) != NULL) {
				snprintf(pattern, sizeof(pattern), "%s%s",
				    word[0] == '/' ? "" : "/etc/ssh/", word);
				includes =
				    includes || fnmatch(pattern, path, FNM_PATHNAME) == 0;
			}
		}
	buffer_wipe(&text);
	return includes;
}

/* ---- the running sshd --------------------------------------------------------------------
 */

/* "0.0.0.0:22" or "[::]:22": where to connect for it. False for anything else. */
static bool read_address(const char *text, struct sockaddr_storage *out, socklen_t *len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	unsigned long port = 0;
	char host[128];
	bool is_v6 = text[0] == '[';
	const char *colon = strrchr(text, ':');
	if (colon == NULL || !text_number(colon + 1, 65535, &port))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text - (is_v6 ? 2 : 0)),
	    text + (is_v6 ? 1 : 0));
	memset(out, 0, sizeof(*out));
	*len = is_v6 ? sizeof(*v6) : sizeof(*v4);
	out->ss_family = is_v6 ? AF_INET6 : AF_INET;
	if (is_v6) {
		v6->sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, streq(host, "::") ? "::1" : host, &v6->sin6_addr) ==
		       1;
	}
	v4->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, streq(host, "0.0.0.0") ? "127.0.0.1" : host, &v4->sin_addr) ==
	       1;
}

/* Does an SSH server answer there? */
static bool has_banner(const struct sockaddr_storage *at, socklen_t len)
{
	const struct timeval limit = {.tv_sec = 2};
	char banner[8] = "";
	int fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool answers = fd >= 0 &&
		       setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
		       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
		       connect(fd, (const struct sockaddr *)at, len) == 0 &&
		       recv(fd, banner, 4, MSG_WAITALL) == 4 && streq(banner, "SSH-");
	if (fd >= 0)
		close(fd);
	return answers;
}

/* At one of the addresses that it is configured for. */
static bool answers(const char *settings)
{
	for (const char *at = settings; *at != '\0'; at += strspn(at, "\n")) {
		struct sockaddr_storage address;
		socklen_t len = 0;
		size_t line = strcspn(at, "\n");
		char text[160];
		snprintf(text, sizeof(text), "%.*s", (int)line, at);
		if (text_starts(text, "listenaddress ") &&
		    read_address(text + strlen("listenaddress "), &address, &len) &&
		    has_banner(&address, len))
			return true;
		at += line;
	}
	return false;
}

/* The sshd that listens, by its pid file; 0 if there is none. */
static pid_t find_by_file(const char *settings)
{
	char path[256], link[64], program[256] = "";
	struct buffer text = BUFFER_INIT(64);
	unsigned long pid = 0;
	if (!sshd_setting(settings, "pidfile", path, sizeof(path)) || access(path, R_OK) != 0 ||
	    !input_read_file(path, &text))
		return 0;
	buffer_trim(&text);
	bool is_pid = text_number(buffer_text(&text), INT32_MAX, &pid) && pid > 0;
	buffer_wipe(&text);
	snprintf(link, sizeof(link), "/proc/%lu/exe", pid);
	if (!is_pid || readlink(link, program, sizeof(program) - 1) < 0 ||
	    !text_starts(program, SSHD_PROGRAM))
		return 0;
	return (pid_t)pid;
}

/* The name of what was told to read it again, or NULL where nothing runs. */
static const char *tell(const char *settings, bool *done)
{
	static const char *const units[] = {"ssh.service", "sshd.service"};
	pid_t pid = 0;
	*done = true;
	if (systemd_runs())
		for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
			if (systemd_ask("is-active", units[i])) {
				*done = systemd_ask("reload", units[i]);
				return units[i];
			}
	if ((pid = find_by_file(settings)) == 0)
		return NULL;
	*done = kill(pid, SIGHUP) == 0;
	return "sshd";
}

bool sshd_reload(struct output *out)
{
	struct buffer settings = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	int64_t deadline = clock_ms() + PROOF_MS;
	bool done = false;
	if (access(SSHD_PROGRAM, X_OK) != 0 || sshd_ask(NULL, &settings, &reason) != 0) {
		buffer_wipe(&settings);
		output_marked(out, "warn", "sshd: not reloaded: sshd -T fails");
		return false;
	}
	bool was_there = answers(buffer_text(&settings));
	const char *told = tell(buffer_text(&settings), &done);
	/* A socket unit starts a new sshd for each connection: nothing to reload. */
	if (told == NULL) {
		output_marked(out, was_there ? "ok" : "-", "sshd: %s",
		    was_there ? "nothing to reload, and it answers" : "does not run");
		done = true;
	}
	if (told != NULL)
		poll(NULL, 0, RELOAD_MS);
	while (told != NULL && done && was_there && !answers(buffer_text(&settings))) {
		done = clock_left(deadline) > 0;
		poll(NULL, 0, 50);
	}
	if (told != NULL)
		output_marked(out, done ? "ok" : "FAIL", "sshd: %s %s", told,
		    !done       ? "does not answer after a reload"
		    : was_there ? "has reloaded its configuration, and answers"
				: "was reloaded; it did not answer before, either");
	buffer_wipe(&settings);
	return done;
}
