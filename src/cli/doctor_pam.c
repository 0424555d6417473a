/* SPDX-License-Identifier: MIT
 *
 * Each service of /etc/pam.d that names the module. A stack is judged by what each line's
 * success or failure does to it: which modules let a user in without us, and whether a module
 * is left that does when Cognito is unreachable.
 */
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"
#include "cli/input.h"
#include "cli/pam_stack.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/options.h"

/* Session Manager's agent makes this user, with NOPASSWD; sudo asks account all the same. */
#define SSM_USER "ssm-user"
#define CONF "/etc/pam.conf"
#define CONF_MAX (64u * 1024) /* a few comments, on most hosts */

/* A gate only chooses whom a line is for; its success proves nothing. If one leads past us,
 * somebody made that exception on purpose. */
static bool is_gate(const struct pam_line *line)
{
	static const char *const gates[] = {"pam_access.so", "pam_group.so", "pam_listfile.so",
	    "pam_localuser.so", "pam_succeed_if.so", "pam_time.so", "pam_usertype.so", NULL};
	return text_among(pam_line_module(line), gates);
}

/* Can its success prove who the user is? */
static bool is_proof(const struct pam_line *line)
{
	static const char *const others[] = {"pam_cap.so", "pam_deny.so", "pam_env.so",
	    "pam_faillock.so", "pam_permit.so", NULL};
	return !is_gate(line) && !pam_line_is_ours(line) &&
	       !text_among(pam_line_module(line), others);
}

/* How many lines of its phase lie between line i and line j behind it. */
static int between(const struct pam_stack *s, size_t i, size_t j)
{
	int count = 0;
	for (size_t k = i + 1; k < j; k++)
		count += s->lines[k].phase == s->lines[i].phase ? 1 : 0;
	return count;
}

/* Does the success of line i lead past line ours behind it? */
static bool leads_past(const struct pam_stack *s, size_t i, size_t ours)
{
	const struct pam_line *line = &s->lines[i];
	if (line->substack != 0 && line->substack != s->lines[ours].substack)
		return false;
	return line->on_success == PAM_DONE || line->on_success > between(s, i, ours);
}

/* Does a gate in front of line i skip it, for all but the users that the gate chose? */
static bool is_gated(const struct pam_stack *s, size_t i)
{
	for (size_t g = 0; g < i; g++) {
		const struct pam_line *gate = &s->lines[g];
		if (gate->phase != s->lines[i].phase || !is_gate(gate))
			continue;
		int reach = between(s, g, i);
		if (gate->on_success > reach || gate->on_failure > reach)
			return true;
	}
	return false;
}

/* Another module lets users past us, and no gate has chosen them. A gate that ends the stack
 * lets them in without any proof. root needs none for su. */
static bool is_bypass(const struct pam_stack *s, size_t i, size_t ours)
{
	const struct pam_line *line = &s->lines[i];
	return line->phase == s->lines[ours].phase &&
	       !streq(pam_line_module(line), "pam_rootok.so") && leads_past(s, i, ours) &&
	       !is_gated(s, i) && (line->on_success == PAM_DONE || !is_gate(line));
}

/* Returns how many there are. */
static size_t find_bypasses(
    struct diagnosis *d, const char *service, const struct pam_stack *s, enum pam_phase phase)
{
	int ours = pam_stack_ours(s, phase);
	size_t count = 0;
	for (size_t i = 0; ours >= 0 && i < (size_t)ours; i++) {
		const struct pam_line *line = &s->lines[i];
		if (!is_bypass(s, i, (size_t)ours))
			continue;
		count++;
		diagnosis_say(d, DOCTOR_FAIL, FOUND_PAM_BYPASS,
		    "%s: %s %s \"%s\" comes before us: the users that it accepts never sign in "
		    "with Cognito (%s)",
		    service, phase == PAM_PHASE_AUTH ? "auth" : "account", line->control,
		    pam_line_module(line), line->place);
	}
	return count;
}

/* Is there a module behind us that can prove something, and is it reached when we fail? Or a
 * line before us that leads chosen users past us? */
static bool has_break_glass(const struct pam_stack *s)
{
	size_t ours = (size_t)pam_stack_ours(s, PAM_PHASE_AUTH);
	bool is_behind = false;
	for (size_t i = 0; i < s->len; i++) {
		const struct pam_line *line = &s->lines[i];
		if (line->phase != PAM_PHASE_AUTH)
			continue;
		if (i < ours && leads_past(s, i, ours) && (is_gate(line) || is_gated(s, i)))
			return true;
		if (i > ours && is_proof(line))
			is_behind = true;
	}
	return is_behind && s->lines[ours].may_fail;
}

/* One line of ours: options that the module would refuse, and a path that leads nowhere. */
static void examine_line(struct diagnosis *d, const char *service, const struct pam_line *line)
{
	char text[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	struct options options;
	struct reason reason = {.detail = ""};
	struct stat st;
	int argc = pam_line_split(line, text, argv);
	if (options_parse(argc, argv, &options, &reason) != 0)
		diagnosis_say(d, DOCTOR_FAIL, FOUND_PAM_OPTION, "%s: %s (%s)", service,
		    reason.detail, line->place);
	else if (streq(service, "sshd") && line->phase == PAM_PHASE_AUTH)
		d->sshd_timeout = (unsigned long)options.timeout;
	else if (text_starts(service, "sudo") && line->phase == PAM_PHASE_ACCOUNT &&
		 !options_list_has(options.local, SSM_USER) && getpwnam(SSM_USER) != NULL)
		diagnosis_say(d, DOCTOR_WARN, FOUND_SUDO_SSM_USER,
		    "%s: " SSM_USER " of EC2's Session Manager is not in the pool, so account "
		    "denies it (%s)",
		    service, line->place);
	if (line->module[0] == '/' && stat(line->module, &st) != 0)
		diagnosis_say(d, DOCTOR_FAIL, FOUND_MODULE, "%s: %s is missing (%s)", service,
		    line->module, line->place);
}

/* A service that names us. */
static void examine_service(struct diagnosis *d, const char *service, const struct pam_stack *s)
{
	bool has_auth = pam_stack_ours(s, PAM_PHASE_AUTH) >= 0;
	size_t before = diagnosis_troubles(d);
	for (size_t i = 0; i < s->len; i++)
		if (pam_line_is_ours(&s->lines[i]))
			examine_line(d, service, &s->lines[i]);
	size_t bypasses = find_bypasses(d, service, s, PAM_PHASE_AUTH);
	find_bypasses(d, service, s, PAM_PHASE_ACCOUNT);
	if (has_auth && pam_stack_ours(s, PAM_PHASE_ACCOUNT) < 0)
		diagnosis_say(d, DOCTOR_FAIL, FOUND_PAM_ACCOUNT,
		    "%s: no account line: a disabled user still gets in with a key or a sudo "
		    "timestamp",
		    service);
	if (has_auth && bypasses == 0 && !has_break_glass(s))
		diagnosis_say(d, DOCTOR_WARN, FOUND_PAM_BREAK_GLASS,
		    "%s: nobody gets in while Cognito cannot be reached", service);
	if (diagnosis_troubles(d) == before)
		diagnosis_say(d, DOCTOR_OK, FOUND_PAM_STACK,
		    PAM_STACK_DIRECTORY "/%s names us%s", service,
		    has_auth ? "" : " (account only)");
}

/* Package managers, editors, enable and disable leave files behind. */
static int is_service(const struct dirent *entry)
{
	const char *name = entry->d_name;
	return name[0] != '.' && !text_ends(name, "~") && strstr(name, ".dpkg-") == NULL &&
	       strstr(name, ".rpm") == NULL && strstr(name, ".before-") == NULL;
}

/* Does every service include this file? Debian has common-*, Red Hat these. */
static bool is_common(const char *name)
{
	static const char *const others[] = {"password-auth", "postlogin", "system-auth", NULL};
	return text_starts(name, "common-") || text_among(name, others);
}

static void examine_services(struct diagnosis *d)
{
	static struct pam_stack stack; /* 250 KiB: too much for a stack */
	struct dirent **names = NULL;
	size_t count = 0;
	int n = scandir(PAM_STACK_DIRECTORY, &names, is_service, alphasort);
	for (int i = 0; i < n; i++) {
		const char *service = names[i]->d_name;
		bool is_ours = pam_stack_read(service, &stack) &&
			       (pam_stack_ours(&stack, PAM_PHASE_AUTH) >= 0 ||
				   pam_stack_ours(&stack, PAM_PHASE_ACCOUNT) >= 0);
		if (is_ours && is_common(service)) {
			diagnosis_say(d, DOCTOR_WARN, FOUND_PAM_COMMON,
			    PAM_STACK_DIRECTORY
			    "/%s names us for every service: without a ticket, cron "
			    "jobs and user managers (systemd-user) fail",
			    service);
		} else if (is_ours) {
			count++;
			examine_service(d, service, &stack);
			d->has_sshd = d->has_sshd || streq(service, "sshd");
			d->has_sudo = d->has_sudo || text_starts(service, "sudo");
		}
		free(names[i]);
	}
	free(names);
	if (count == 0)
		diagnosis_say(d, DOCTOR_WARN, FOUND_PAM_STACK,
		    "no service in " PAM_STACK_DIRECTORY
		    " names pam_cognito_oidc.so: nobody uses it");
}

/* libpam reads this file only where there is no /etc/pam.d. */
static void examine_conf(struct diagnosis *d)
{
	struct buffer text = BUFFER_INIT(CONF_MAX);
	bool is_named = false;
	if (input_read_file(CONF, &text))
		for (char *rest = text.bytes, *line; (line = strsep(&rest, "\n")) != NULL;)
			is_named = is_named || (line[strspn(line, " \t")] != '#' &&
						   strstr(line, "pam_cognito_oidc.so") != NULL);
	if (is_named)
		diagnosis_say(d, DOCTOR_WARN, FOUND_PAM_CONF,
		    "%s names us in vain: libpam ignores it where " PAM_STACK_DIRECTORY
		    " exists",
		    CONF);
	buffer_wipe(&text);
}

/* Patterns are left out: they need not match a user now. */
static void examine_user(
    struct diagnosis *d, const char *name, const char *where, enum doctor_status status)
{
	if (strpbrk(name, "*?[\\") == NULL && getpwnam(name) == NULL)
		diagnosis_say(d, status, FOUND_LOCAL_USER,
		    "%s names \"%s\": there is no such local user", where, name);
}

/* Without its local user an entry of users.map is useless; in a rule the name may be of another
 * host. */
void doctor_users(struct diagnosis *d)
{
	const struct config *config = d->config;
	char where[128];
	for (size_t i = 0; i < config->map_len; i++)
		examine_user(d, config->map[i].local_name, "users.map", DOCTOR_FAIL);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		snprintf(where, sizeof(where), "rule \"%.100s\"", rule->name);
		for (size_t j = 0; j < rule->users.len; j++)
			examine_user(d, rule->users.items[j], where, DOCTOR_WARN);
	}
}

void doctor_pam(struct diagnosis *d)
{
	examine_services(d);
	examine_conf(d);
}
