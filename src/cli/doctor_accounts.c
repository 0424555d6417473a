/* SPDX-License-Identifier: MIT
 *
 * The local accounts of the pool's people: does the host serve the records, and does anybody
 * keep them up to date?
 */
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cli/accounts.h"
#include "cli/doctor.h"
#include "cli/input.h"
#include "cli/program.h"
#include "cli/sshd.h"
#include "cli/systemd.h"
#include "common/buffer.h"
#include "common/paths.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/accounts/record.h"
#include "helper/config/config.h"

#define NSSWITCH "/etc/nsswitch.conf"
#define NSSWITCH_MAX (64u * 1024)
#define PRIVATE ".user-privileged"
#define SERVICE "cognito-oidc-accounts.service"
#define TIMER "cognito-oidc-accounts.timer"

/* How many records of ours there are, and how many of these are of another pool. */
static void count_records(const struct config *config, size_t *ours, size_t *others)
{
	char pattern[4096];
	glob_t files = {.gl_pathc = 0};
	struct record_identity who;
	snprintf(pattern, sizeof(pattern), "%s/*" PRIVATE, paths.userdb);
	*ours = *others = 0;
	if (glob(pattern, GLOB_NOSORT, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc; i++) {
			const char *slash = strrchr(files.gl_pathv[i], '/');
			char name[256];
			snprintf(name, sizeof(name), "%s", slash + 1);
			name[strlen(name) - (text_ends(name, PRIVATE) ? strlen(PRIVATE) : 0)] =
			    '\0';
			if (!input_read_account(name, &who))
				continue;
			++*ours;
			*others += streq(who.issuer, config->issuer) ? 0 : 1;
		}
	globfree(&files);
}

/* Does the line of this database name systemd? */
static bool is_served(const char *text, const char *database)
{
	size_t len = strlen(database);
	for (const char *at = text; *at != '\0'; at += strspn(at, "\n")) {
		size_t line = strcspn(at, "\n");
		char words[1024], *rest = words, *word;
		bool is_ours = text_starts(at, database) && at[len] == ':';
		snprintf(words, sizeof(words), "%.*s", is_ours ? (int)(line - len - 1) : 0,
		    at + len + 1);
		words[strcspn(words, "#")] = '\0';
		while ((word = strsep(&rest, " \t")) != NULL)
			if (streq(word, "systemd"))
				return true;
		at += line;
	}
	return false;
}

static void examine_nss(struct diagnosis *d)
{
	static const char *const databases[] = {"passwd", "group"};
	struct buffer text = BUFFER_INIT(NSSWITCH_MAX);
	input_read_file(NSSWITCH, &text);
	for (size_t i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
		if (!is_served(buffer_text(&text), databases[i]))
			diagnosis_say(d, DOCTOR_FAIL, FOUND_ACCOUNTS_NSS,
			    NSSWITCH ": %s does not name systemd: this host does not know the "
				     "accounts",
			    databases[i]);
	buffer_wipe(&text);
}

static void examine_keys(struct diagnosis *d)
{
	char command[1024] = "", user[64] = "";
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	bool is_asked = access(SSHD_PROGRAM, X_OK) == 0 && sshd_ask(NULL, &text, &reason) == 0;
	sshd_setting(buffer_text(&text), "authorizedkeyscommand", command, sizeof(command));
	sshd_setting(buffer_text(&text), "authorizedkeyscommanduser", user, sizeof(user));
	if (is_asked && strstr(command, "cognito-oidc authorized-keys") == NULL)
		diagnosis_say(d, DOCTOR_WARN, FOUND_ACCOUNTS_KEYS,
		    "accounts.ssh_keys_attribute is set, but AuthorizedKeysCommand of sshd is "
		    "%s",
		    command[0] != '\0' ? command : "not");
	else if (is_asked && !streq(user, "root"))
		diagnosis_say(d, DOCTOR_WARN, FOUND_ACCOUNTS_KEYS,
		    "AuthorizedKeysCommandUser of sshd is %s: only root can read the records",
		    user[0] != '\0' ? user : "not set");
	buffer_wipe(&text);
}

static void examine_timer(struct diagnosis *d)
{
	if (!systemd_runs() || !systemd_ask("is-enabled", TIMER))
		return;
	if (systemd_ask("is-failed", SERVICE))
		diagnosis_say(d, DOCTOR_FAIL, FOUND_ACCOUNTS_TIMER,
		    "%s has failed: whoever leaves the pool's groups keeps the account",
		    SERVICE);
	if (access("/root/.aws/credentials", F_OK) != 0 &&
	    access("/root/.aws/config", F_OK) != 0)
		diagnosis_say(d, DOCTOR_WARN, FOUND_ACCOUNTS_ROLE,
		    "%s is enabled, and root has no credentials of its own: if they come from "
		    "the instance's role, every user of this host can list the pool",
		    TIMER);
}

void doctor_accounts(struct diagnosis *d)
{
	size_t before = diagnosis_troubles(d), ours, others;
	char wrong[256];
	if (d->config == NULL)
		return;
	const struct config_accounts *a = &d->config->accounts;
	count_records(d->config, &ours, &others);
	/* Before the first apply this is the next step; what enable puts in place needs it. */
	if (d->config->from_accounts && ours == 0)
		diagnosis_say(d, d->tells_faults ? DOCTOR_FAIL : DOCTOR_WARN,
		    FOUND_ACCOUNTS_RECORDS,
		    "users.from_accounts is set, but there is no account: nobody can log in");
	if (others > 0)
		diagnosis_say(d, DOCTOR_WARN, FOUND_ACCOUNTS_OLD,
		    "%zu of %zu accounts in %s belong to another pool", others, ours,
		    paths.userdb);
	if (a->groups.len == 0 && ours > 0)
		diagnosis_say(d, DOCTOR_WARN, FOUND_ACCOUNTS_OLD,
		    "%zu accounts in %s come from an earlier run, and the configuration has no "
		    "section accounts: nothing locks them",
		    ours, paths.userdb);
	if (a->groups.len == 0)
		return;
	if (accounts_range_fault(
		(uint32_t)a->uid_first, (uint32_t)a->uid_last, wrong, sizeof(wrong)) != NULL)
		diagnosis_say(
		    d, DOCTOR_FAIL, FOUND_ACCOUNTS_RANGE, "accounts.uid_range: %s", wrong);
	examine_nss(d);
	if (a->ssh_keys_attribute != NULL)
		examine_keys(d);
	examine_timer(d);
	if (diagnosis_troubles(d) == before)
		diagnosis_say(d, DOCTOR_OK, FOUND_ACCOUNTS_RECORDS, "%zu account%s in %s", ours,
		    ours == 1 ? "" : "s", paths.userdb);
}
