/* SPDX-License-Identifier: MIT */
#include "cli/sshd.h"

#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/input.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"

/* A host and an address (RFC 5737) that are in nobody's own network. */
#define ELSEWHERE "host=client.invalid,addr=192.0.2.1"
#define POOL_USERS 4 /* of all; the rest are for Match blocks */
#define NOBODY 65534

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
	add_of_file(users, "/etc/ssh/sshd_config");
	if (glob("/etc/ssh/sshd_config.d/*.conf", 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc; i++)
			add_of_file(users, files.gl_pathv[i]);
	globfree(&files);
}
