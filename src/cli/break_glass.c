/* SPDX-License-Identifier: MIT */
#include "cli/break_glass.h"

#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"

#define PASSWD_FILE "/etc/passwd"
#define SHADOW_FILE "/etc/shadow"
#define GROUP_FILE "/etc/group"
#define SUDO "/usr/bin/sudo"
#define MEMBERS_MOST 64 /* the samples say: keep the group small */
#define GROUPS_MOST 256
#define DAY 86400
#define HASH_LEAST 13 /* bytes; crypt(3)'s oldest form has as many */

/* ---- the account --------------------------------------------------------------------------
 */

/* Not by getpwnam(): an account of the pool or of a directory is none when these are away. */
static bool find_local(const char *user, struct passwd *out, char *text, size_t size)
{
	struct passwd *found = NULL;
	FILE *file = fopen(PASSWD_FILE, "re");
	while (file != NULL && fgetpwent_r(file, out, text, size, &found) == 0 &&
	       !streq(out->pw_name, user))
		found = NULL;
	if (file != NULL)
		fclose(file);
	return found != NULL;
}

static bool find_shadow(const char *user, struct spwd *out, char *text, size_t size)
{
	struct spwd *found = NULL;
	FILE *file = fopen(SHADOW_FILE, "re");
	while (file != NULL && fgetspent_r(file, out, text, size, &found) == 0 &&
	       !streq(out->sp_namp, user))
		found = NULL;
	if (file != NULL)
		fclose(file);
	return found != NULL;
}

/* NULL, or what is wrong. The numbers of shadow(5) are days; 99999 means never, and so
 * does -1. pam_unix(8) takes 0 for long ago, and an empty last change, too. */
static const char *judge_password(const char *user)
{
	static char text[8192];
	struct spwd sp;
	const char *wrong = NULL;
	long today = (long)(time(NULL) / DAY);
	if (!find_shadow(user, &sp, text, sizeof(text)))
		return "has no line in " SHADOW_FILE;
	if (sp.sp_pwdp[0] == '\0')
		wrong = "has no password";
	else if (strpbrk(sp.sp_pwdp, "!*") == sp.sp_pwdp)
		wrong = "has a locked password";
	else if (strlen(sp.sp_pwdp) < HASH_LEAST ||
		 (sp.sp_pwdp[0] != '$' && strlen(sp.sp_pwdp) > HASH_LEAST))
		wrong = "has no usable password";
	else if (sp.sp_expire >= 0 && today >= sp.sp_expire)
		wrong = "has an account that has expired";
	else if (sp.sp_lstchg == 0)
		wrong = "must change the password at the next login";
	else if (sp.sp_max >= 0 && today > sp.sp_lstchg + sp.sp_max)
		wrong = "has a password that has expired";
	explicit_bzero(text, sizeof(text));
	return wrong;
}

static bool is_real_shell(const char *shell)
{
	const char *slash = strrchr(shell, '/');
	const char *name = slash != NULL ? slash + 1 : shell;
	static const char *const none[] = {"nologin", "false", "true", "sync", NULL};
	return shell[0] == '\0' || (access(shell, X_OK) == 0 && !text_among(name, none));
}

static const char *judge_account(const char *user)
{
	static char text[8192];
	struct passwd pw;
	if (!find_local(user, &pw, text, sizeof(text)))
		return "is not in " PASSWD_FILE;
	if (!streq(pw.pw_passwd, "x"))
		return "has no \"x\" as the password in " PASSWD_FILE;
	return is_real_shell(pw.pw_shell) ? judge_password(user) : "has no login shell";
}

/* ---- the services -------------------------------------------------------------------------
 */

/* Does a pattern of these lines of sshd -T match? Of user@host the user alone counts: from
 * there, at least, the line admits them. is_there: has sshd such a line? */
static bool is_listed(const char *settings, const char *keyword, const char *const *names,
    bool counts_hosts, bool *is_there)
{
	size_t len = strlen(keyword);
	bool found = false;
	*is_there = false;
	for (const char *at = settings; *at != '\0'; at += strspn(at, "\n")) {
		size_t line = strcspn(at, "\n");
		char text[1024], *rest = text, *word;
		bool is_ours = strncasecmp(at, keyword, len) == 0 && at[len] == ' ';
		snprintf(text, sizeof(text), "%.*s", is_ours ? (int)(line - len) : 0, at + len);
		while ((word = strsep(&rest, " \t")) != NULL) {
			char *host = strchr(word, '@');
			bool is_any = host != NULL && host[1 + strspn(host + 1, "*")] == '\0';
			if (*word == '\0')
				continue;
			*is_there = true;
			if (host != NULL)
				*host = '\0';
			for (size_t i = 0; names[i] != NULL; i++)
				found =
				    found || ((host == NULL || counts_hosts || is_any) &&
						 fnmatch(word, names[i], FNM_NOESCAPE) == 0);
		}
		at += line;
	}
	return found;
}

/* The names of the user's groups, ended by NULL; getgrgid()'s storage is copied. */
static void find_groups(
    const struct passwd *pw, char names[GROUPS_MOST][64], const char *list[GROUPS_MOST + 1])
{
	gid_t groups[GROUPS_MOST];
	int count = GROUPS_MOST;
	size_t len = 0;
	if (getgrouplist(pw->pw_name, pw->pw_gid, groups, &count) < 0)
		count = GROUPS_MOST;
	for (int i = 0; i < count; i++) {
		const struct group *group = getgrgid(groups[i]);
		if (group == NULL)
			continue;
		snprintf(names[len], sizeof(names[len]), "%s", group->gr_name);
		list[len] = names[len];
		len++;
	}
	list[len] = NULL;
}

/* Is one of the lists satisfied by the local password alone? */
static bool is_password_enough(char *methods)
{
	bool enough = false;
	for (char *list; (list = strsep(&methods, " ")) != NULL;)
		enough =
		    enough || streq(list, "any") || streq(list, "password") ||
		    (text_starts(list, "keyboard-interactive") && strchr(list, ',') == NULL);
	return enough;
}

/* In the order of sshd's own allowed_user(). */
static const char *judge_by_sshd(const char *user)
{
	static char names[GROUPS_MOST][64];
	const char *groups[GROUPS_MOST + 1], *self[] = {user, NULL}, *wrong = NULL;
	struct buffer settings = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	const struct passwd *pw = getpwnam(user);
	char root[64] = "", methods[1024] = "", command[256] = "";
	bool is_there = false;
	if (pw == NULL || access(SSHD_PROGRAM, X_OK) != 0)
		return pw == NULL ? "is unknown" : NULL;
	uid_t uid = pw->pw_uid;
	find_groups(pw, names, groups);
	if (sshd_ask(user, &settings, &reason) != 0)
		wrong = "cannot be judged: sshd -T fails";
	const char *text = buffer_text(&settings);
	if (wrong == NULL && is_listed(text, "denyusers", self, false, &is_there))
		wrong = "is refused by DenyUsers in sshd_config";
	if (wrong == NULL && !is_listed(text, "allowusers", self, true, &is_there) && is_there)
		wrong = "is not in AllowUsers in sshd_config";
	if (wrong == NULL && is_listed(text, "denygroups", groups, false, &is_there))
		wrong = "is refused by DenyGroups in sshd_config";
	if (wrong == NULL && !is_listed(text, "allowgroups", groups, true, &is_there) &&
	    is_there)
		wrong = "is in none of the AllowGroups in sshd_config";
	if (wrong == NULL &&
	    sshd_setting(text, "authenticationmethods", methods, sizeof(methods)) &&
	    !is_password_enough(methods))
		wrong = "needs more than a password by AuthenticationMethods in sshd_config";
	sshd_setting(text, "forcecommand", command, sizeof(command));
	if (wrong == NULL && command[0] != '\0' && !streq(command, "none"))
		wrong = "gets no shell by ForceCommand in sshd_config";
	sshd_setting(text, "permitrootlogin", root, sizeof(root));
	if (wrong == NULL && uid == 0 && !streq(root, "yes"))
		wrong = "is root, and PermitRootLogin in sshd_config does not allow root a "
			"password";
	buffer_wipe(&settings);
	return wrong;
}

/* The next word of a line of sudo's, behind commas and blanks; 0 at its end. */
static size_t next_word(const char **at, const char *end)
{
	while (*at < end && strchr(" ,:", **at) != NULL)
		(*at)++;
	size_t len = 0;
	while (*at + len < end && strchr(" ,:", (*at)[len]) == NULL)
		len++;
	return len;
}

static bool is_word(const char *at, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(at, word, len) == 0;
}

/* Lines such as "    (ALL : ALL) NOPASSWD: ALL, !/bin/su": may every command be run as root?
 * The last word of sudoers wins. A command of one's own is no way to repair a host. */
static bool may_run_all(const char *text)
{
	bool may = false;
	for (const char *line = strstr(text, "\n    ("); line != NULL;
	     line = strstr(line, "\n    (")) {
		line += strlen("\n    (");
		const char *commands = line + strcspn(line, ")\n");
		const char *end = commands + strcspn(commands, "\n");
		bool is_root = false;
		size_t len;
		for (const char *at = line; (len = next_word(&at, commands)) > 0; at += len)
			is_root =
			    is_root || is_word(at, len, "ALL") || is_word(at, len, "root");
		for (const char *at = commands + 1;
		     is_root && at < end && (len = next_word(&at, end)) > 0; at += len)
			if (is_word(at, len, "ALL") || is_word(at, len, "!ALL"))
				may = at[0] != '!';
	}
	return may;
}

/* Without a terminal and as root, sudo lists without a question. Its exit status says nothing.
 */
static const char *judge_by_sudo(const char *user)
{
	char program[] = SUDO, list[] = "-l", other[] = "-U", name[256];
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	snprintf(name, sizeof(name), "%s", user);
	char *const argv[] = {program, list, other, name, NULL};
	bool is_listed = program_run(argv, &text, &reason) == 0;
	const char *granted =
	    is_listed ? strstr(buffer_text(&text), "may run the following") : NULL;
	bool is_granted = granted != NULL, is_all = granted != NULL && may_run_all(granted);
	/* Its Defaults are listed first: of whom does sudo ask the password? */
	bool is_other = strstr(buffer_text(&text), " targetpw") != NULL ||
			strstr(buffer_text(&text), " rootpw") != NULL ||
			strstr(buffer_text(&text), " runaspw") != NULL;
	buffer_wipe(&text);
	if (is_granted && is_other)
		return "must know another user's password: see rootpw, targetpw and runaspw in "
		       "sudoers";
	if (!is_granted)
		return "is granted nothing by sudoers";
	return is_all ? NULL : "may not run every command as root by sudoers";
}

/* ---- the group ----------------------------------------------------------------------------
 */

struct members {
	char names[MEMBERS_MOST][256];
	size_t len;
};

static void add_member(struct members *m, const char *name)
{
	for (size_t i = 0; i < m->len; i++)
		if (streq(m->names[i], name))
			return;
	if (m->len < MEMBERS_MOST && strlen(name) < sizeof(m->names[0]))
		snprintf(m->names[m->len++], sizeof(m->names[0]), "%s", name);
}

/* Those that the group lists, and those whose own group it is. Not by getgrnam(): a directory's
 * group is none when the directory is away. */
static bool find_members(struct members *m)
{
	FILE *file = fopen(GROUP_FILE, "re");
	const struct group *group = NULL;
	m->len = 0;
	while (file != NULL && (group = fgetgrent(file)) != NULL &&
	       !streq(group->gr_name, BREAK_GLASS))
		;
	gid_t gid = group != NULL ? group->gr_gid : 0;
	for (size_t i = 0; group != NULL && group->gr_mem[i] != NULL; i++)
		add_member(m, group->gr_mem[i]);
	if (file != NULL)
		fclose(file);
	if (group == NULL)
		return false;
	setpwent();
	for (const struct passwd *pw; (pw = getpwent()) != NULL;)
		if (pw->pw_gid == gid)
			add_member(m, pw->pw_name);
	endpwent();
	return true;
}

bool break_glass_has(const char *user)
{
	static struct members m;
	find_members(&m);
	for (size_t i = 0; i < m.len; i++)
		if (streq(m.names[i], user))
			return true;
	return false;
}

static const char *judge(const char *user, const char *const *services)
{
	const char *wrong = judge_account(user);
	for (size_t i = 0; wrong == NULL && services[i] != NULL; i++) {
		if (streq(services[i], "sshd"))
			wrong = judge_by_sshd(user);
		else if (streq(services[i], "sudo"))
			wrong = judge_by_sudo(user);
	}
	return wrong;
}

bool break_glass_works(
    struct output *out, const char *const *services, struct sshd_users *users)
{
	static struct members m;
	bool works = false;
	bool exists = find_members(&m);
	for (size_t i = 0; i < m.len; i++) {
		const char *wrong = judge(m.names[i], services);
		output_marked(out, wrong == NULL ? "ok" : "warn", BREAK_GLASS ": %s %s",
		    m.names[i], wrong != NULL ? wrong : "can log in without Cognito");
		if (wrong != NULL)
			continue;
		works = true;
		sshd_users_add(users, m.names[i]);
	}
	if (!exists)
		output_marked(out, "FAIL", "there is no local group " BREAK_GLASS);
	else if (m.len == 0)
		output_marked(out, "FAIL", "the local group " BREAK_GLASS " has no members");
	return works;
}
