/* SPDX-License-Identifier: MIT
 *
 * sshd_config may include other files and have Match blocks, so sshd itself is asked for the
 * settings in force.
 */
#include <glob.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/doctor.h"
#include "cli/input.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/text.h"
#include "helper/config/config.h"

#define SSHD "/usr/sbin/sshd"
/* A host and an address (RFC 5737) that are in nobody's own network. */
#define ELSEWHERE "host=client.invalid,addr=192.0.2.1"
#define USERS_MOST 16 /* sshd -T takes some 10 ms for each */
#define POOL_USERS 4 /* of these; the rest are for Match blocks */
#define NOBODY 65534
#define NUMBER_MOST 1000000
#define STARTUPS_LEAST 10 /* sshd's own default: logins that wait for someone to type */

/* The settings that keep sshd from asking the module, or from waiting for the user. */
static const struct {
	const char *keyword; /* as sshd_config(5) spells it */
	enum doctor_status status;
	enum finding_name finding;
	const char *why;
} settings[] = {
    {"UsePAM", DOCTOR_FAIL, FOUND_SSHD_USE_PAM,
	"sshd never asks this module, not even its account line"},
    {"KbdInteractiveAuthentication", DOCTOR_FAIL, FOUND_SSHD_KBDINT,
	"sshd cannot ask for codes"},
    {"AuthenticationMethods", DOCTOR_FAIL, FOUND_SSHD_METHODS,
	"sshd never asks for a password or a code"},
    {"LoginGraceTime", DOCTOR_FAIL, FOUND_SSHD_GRACE,
	"sshd disconnects before the module's timeout has passed"},
    {"MaxStartups", DOCTOR_WARN, FOUND_SSHD_STARTUPS,
	"sshd drops connections while so few users are typing"},
};

static bool is_wrong(enum finding_name finding, const char *value, unsigned long timeout)
{
	unsigned long number = 0;
	char first[32]; /* of "10:30:100", only the first number matters */
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(value, ":"), value);
	bool is_number = text_number(first, NUMBER_MOST, &number);
	switch (finding) {
	case FOUND_SSHD_METHODS:
		/* "publickey,keyboard-interactive publickey,keyboard-interactive:pam": lists,
		 * of which one must hold a method that asks PAM. */
		return !streq(value, "any") && strstr(value, "keyboard-interactive") == NULL &&
		       strstr(value, "password") == NULL;
	case FOUND_SSHD_GRACE: /* 0 is no limit */
		return is_number && number != 0 && number <= timeout;
	case FOUND_SSHD_STARTUPS:
		return is_number && number < STARTUPS_LEAST;
	default:
		return streq(value, "no");
	}
}

/* The setting in force, as "sshd -T" prints it: "keyword value", the keyword in lower case.
 * False if it is not there. */
static bool find_setting(const char *text, const char *keyword, char *out, size_t size)
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

/* A setting that sshd -T does not print is not supported by this sshd, and not judged. user:
 * whom it is in force for, or NULL; what all have, as text tells, is told once. */
static void judge(struct diagnosis *d, const char *all, const char *user, const char *text)
{
	char value[512], common[512], timeout[32];
	snprintf(timeout, sizeof(timeout), " (timeout=%lu)", d->sshd_timeout);
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!find_setting(text, settings[i].keyword, value, sizeof(value)) ||
		    !is_wrong(settings[i].finding, value, d->sshd_timeout))
			continue;
		if (user != NULL &&
		    find_setting(all, settings[i].keyword, common, sizeof(common)) &&
		    streq(value, common))
			continue;
		diagnosis_say(d, settings[i].status, settings[i].finding, "%s %s%s%s: %s%s",
		    settings[i].keyword, value, user != NULL ? " for " : "",
		    user != NULL ? user : "", settings[i].why,
		    settings[i].finding == FOUND_SSHD_GRACE ? timeout : "");
	}
}

/* ---- users for whom a Match block may say otherwise ---------------------------------------
 */

struct users {
	char names[USERS_MOST][REQUEST_NAME_MAX + 1];
	size_t len;
};

static void add_user(struct users *users, const char *name)
{
	for (size_t i = 0; i < users->len; i++)
		if (streq(users->names[i], name))
			return;
	/* A comma would end it in sshd's -C. */
	if (users->len < USERS_MOST && strlen(name) <= REQUEST_NAME_MAX &&
	    strchr(name, ',') == NULL && getpwnam(name) != NULL)
		snprintf(users->names[users->len++], REQUEST_NAME_MAX + 1, "%s", name);
}

/* The first user of this group, or of any where gid is -1. System users do not sign in. */
static void add_first(struct users *users, gid_t gid)
{
	setpwent();
	for (const struct passwd *pw; (pw = getpwent()) != NULL;)
		if ((gid == (gid_t)-1 ? pw->pw_uid >= 1000 && pw->pw_uid != NOBODY
				      : pw->pw_gid == gid)) {
			char name[REQUEST_NAME_MAX + 1];
			snprintf(name, sizeof(name), "%s", pw->pw_name);
			add_user(users, name);
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
static void add_matched(struct users *users, char *line)
{
	char *kind = next_word(&line), *list;
	if (kind == NULL || strcasecmp(kind, "match") != 0)
		return;
	while ((kind = next_word(&line)) != NULL && (list = next_word(&line)) != NULL)
		for (char *name; (name = strsep(&list, ",")) != NULL;) {
			const struct group *group =
			    strcasecmp(kind, "group") == 0 ? getgrnam(name) : NULL;
			if (strcasecmp(kind, "user") == 0)
				add_user(users, name);
			else if (group != NULL && group->gr_mem[0] != NULL)
				add_user(users, group->gr_mem[0]);
			else if (group != NULL)
				add_first(users, group->gr_gid);
		}
}

static void add_of_file(struct users *users, const char *path)
{
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	if (input_read_file(path, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;)
			add_matched(users, line);
	buffer_wipe(&text);
}

/* Users of the pool, as far as this host knows any, and those that a Match is about. */
static void find_users(const struct config *config, struct users *users)
{
	glob_t files = {.gl_pathc = 0};
	for (size_t i = 0; config != NULL && i < config->map_len && i < POOL_USERS; i++)
		add_user(users, config->map[i].local_name);
	add_first(users, (gid_t)-1);
	add_of_file(users, "/etc/ssh/sshd_config");
	if (glob("/etc/ssh/sshd_config.d/*.conf", 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc; i++)
			add_of_file(users, files.gl_pathv[i]);
	globfree(&files);
}

/* ---- sshd ----------------------------------------------------------------------------------
 */

/* The settings in force: for everybody, or as a user from elsewhere meets them. */
static int ask_sshd(const char *user, struct buffer *out, struct reason *reason)
{
	char program[] = SSHD, test[] = "-T", flag[] = "-C", whom[REQUEST_NAME_MAX + 64] = "";
	char *const argv[] = {program, test, user != NULL ? flag : NULL, whom, NULL};
	if (user != NULL)
		snprintf(whom, sizeof(whom), "user=%s," ELSEWHERE, user);
	return program_run(argv, out, reason);
}

void doctor_sshd(struct diagnosis *d)
{
	struct reason reason;
	struct users users = {.len = 0};
	struct buffer all = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	size_t before = diagnosis_troubles(d);
	if (!d->has_sshd)
		return;
	if (ask_sshd(NULL, &all, &reason) != 0) {
		diagnosis_say(d, DOCTOR_WARN, FOUND_SSHD, "%s -T: %s", SSHD, reason.detail);
		goto out;
	}
	judge(d, "", NULL, buffer_text(&all));
	find_users(d->config, &users);
	for (size_t i = 0; i < users.len; i++) {
		struct buffer own = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
		if (ask_sshd(users.names[i], &own, &reason) == 0)
			judge(d, buffer_text(&all), users.names[i], buffer_text(&own));
		buffer_wipe(&own);
	}
	if (diagnosis_troubles(d) == before)
		diagnosis_say(d, DOCTOR_OK, FOUND_SSHD,
		    "%s -T: sshd asks PAM, and waits long enough", SSHD);
out:
	buffer_wipe(&all);
}
