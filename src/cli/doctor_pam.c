/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "cli/pam_stack.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/options.h"

#define FOLDER "/etc/pam.d"

/* Modules that only choose whom a line is for: they prove nothing, so a jump past us by one
 * of them is a chosen way around, and ending the stack by one lets in whom it names. */
static bool is_gate(const struct pam_line *line)
{
	static const char *const gates[] = {"pam_succeed_if.so", "pam_listfile.so",
	    "pam_localuser.so", "pam_access.so", "pam_usertype.so", "pam_time.so",
	    "pam_group.so"};
	for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
		if (streq(pam_line_module(line), gates[i]))
			return true;
	return false;
}

static bool is_module(const struct pam_line *line, const char *name)
{
	return streq(pam_line_module(line), name);
}

/* How many lines of its phase stand between line i and line j behind it. */
static int between(const struct pam_stack *s, size_t i, size_t j)
{
	int count = 0;
	for (size_t k = i + 1; k < j; k++)
		count += s->lines[k].phase == s->lines[i].phase ? 1 : 0;
	return count;
}

/* Does this line's success lead past line ours behind it? */
static bool leads_past(const struct pam_stack *s, size_t i, size_t ours)
{
	const struct pam_line *line = &s->lines[i];
	if (line->substack != 0 && line->substack != s->lines[ours].substack)
		return false;
	return line->on_success == PAM_DONE || line->on_success > between(s, i, ours);
}

/* Does a gate before this line choose who meets it: by skipping it for all the others? */
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

/* Root needs no proof for su; whoever is let past us by another module does, unless a gate
 * has chosen these people. */
static bool is_bypass(const struct pam_stack *s, size_t i, size_t ours)
{
	const struct pam_line *line = &s->lines[i];
	if (line->phase != s->lines[ours].phase || is_module(line, "pam_rootok.so"))
		return false;
	if (!leads_past(s, i, ours) || is_gated(s, i))
		return false;
	return line->on_success == PAM_DONE || !is_gate(line);
}

/* pam-auth-update(8) writes every profile into common-auth as an alternative to the local
 * password, on purpose; the account line then decides about either. */
static bool is_alternative(const struct pam_stack *s, size_t i, size_t ours)
{
	return s->lines[i].phase == PAM_PHASE_AUTH && s->lines[i].on_success != PAM_DONE &&
	       text_starts(s->lines[i].place, FOLDER "/common-auth:") &&
	       text_starts(s->lines[ours].place, FOLDER "/common-auth:") &&
	       pam_stack_ours(s, PAM_PHASE_ACCOUNT) >= 0;
}

static size_t find_bypasses(
    struct patient *p, const char *service, const struct pam_stack *s, enum pam_phase phase)
{
	int ours = pam_stack_ours(s, phase);
	size_t count = 0;
	for (size_t i = 0; ours >= 0 && i < (size_t)ours; i++) {
		const struct pam_line *line = &s->lines[i];
		if (!is_bypass(s, i, (size_t)ours))
			continue;
		count++;
		if (is_alternative(s, i, (size_t)ours))
			continue;
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_PAM_BYPASS,
		    "%s: %s %s \"%s\" stands before us: whom it accepts never meets Cognito "
		    "(%s)",
		    service, phase == PAM_PHASE_AUTH ? "auth" : "account", line->control,
		    pam_line_module(line), line->place);
	}
	return count;
}

/* Is there a module behind us that can prove something, and is it reached when we fail? Or
 * one that leads chosen people past us? */
static bool has_break_glass(const struct pam_stack *s)
{
	int ours = pam_stack_ours(s, PAM_PHASE_AUTH);
	bool behind = false;
	for (size_t i = 0; i < s->len; i++) {
		const struct pam_line *line = &s->lines[i];
		if (line->phase != PAM_PHASE_AUTH)
			continue;
		if (i < (size_t)ours && leads_past(s, i, (size_t)ours) &&
		    (is_gate(line) || is_gated(s, i)))
			return true;
		if (i > (size_t)ours && !pam_line_is_ours(line) && !is_gate(line) &&
		    !is_module(line, "pam_deny.so") && !is_module(line, "pam_permit.so") &&
		    !is_module(line, "pam_faillock.so") && !is_module(line, "pam_env.so") &&
		    !is_module(line, "pam_cap.so"))
			behind = true;
	}
	return behind && s->lines[ours].may_fail;
}

static void examine_options(struct patient *p, const char *service, const struct pam_line *line)
{
	char text[PAM_LINE_MAX];
	const char *argv[PAM_OPTIONS_MAX];
	struct options options;
	struct options_fault fault;
	snprintf(text, sizeof(text), "%s", line->options);
	int argc = pam_line_split(text, argv);
	if (options_parse(argc, argv, &options, &fault) != 0)
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_PAM_OPTION, "%s: %s (%s)",
		    service, fault.text, line->place);
	else if (streq(service, "sshd") && line->phase == PAM_PHASE_AUTH)
		p->sshd_timeout = options.timeout;
}

static void examine_path(struct patient *p, const char *service, const struct pam_line *line)
{
	struct stat st;
	if (line->module[0] == '/' && stat(line->module, &st) != 0)
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_MODULE,
		    "%s: %s is not there (%s)", service, line->module, line->place);
}

static void examine_service(struct patient *p, const char *service, const struct pam_stack *s)
{
	int auth = pam_stack_ours(s, PAM_PHASE_AUTH);
	int account = pam_stack_ours(s, PAM_PHASE_ACCOUNT);
	size_t before = p->diagnosis->faults + p->diagnosis->warnings;
	for (size_t i = 0; i < s->len; i++) {
		if (!pam_line_is_ours(&s->lines[i]))
			continue;
		examine_options(p, service, &s->lines[i]);
		examine_path(p, service, &s->lines[i]);
	}
	size_t bypasses = find_bypasses(p, service, s, PAM_PHASE_AUTH);
	find_bypasses(p, service, s, PAM_PHASE_ACCOUNT);
	if (auth >= 0 && account < 0)
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_PAM_ACCOUNT,
		    "%s: there is no account line: a disabled person keeps getting in by key "
		    "or timestamp",
		    service);
	if (auth >= 0 && bypasses == 0 && !has_break_glass(s))
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_PAM_BREAK_GLASS,
		    "%s: nobody gets in while Cognito cannot be reached", service);
	if (p->diagnosis->faults + p->diagnosis->warnings == before)
		diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_PAM_STACK, "%s/%s names us%s",
		    FOLDER, service,
		    auth < 0       ? " (account only)"
		    : bypasses > 0 ? " (or the local password: common-auth)"
				   : "");
}

static int is_service(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	/* Left by package managers and editors; common-* are parts of others. */
	return entry->d_name[0] != '.' && len > 0 && entry->d_name[len - 1] != '~' &&
	       strstr(entry->d_name, ".dpkg-") == NULL &&
	       !text_starts(entry->d_name, "common-");
}

static size_t examine_services(struct patient *p)
{
	static struct pam_stack stack; /* 220 KiB: too much for a stack */
	struct dirent **names = NULL;
	size_t count = 0;
	int n = scandir(FOLDER, &names, is_service, alphasort);
	for (int i = 0; i < n; i++) {
		const char *service = names[i]->d_name;
		bool named = pam_stack_read(FOLDER, service, &stack) &&
			     (pam_stack_ours(&stack, PAM_PHASE_AUTH) >= 0 ||
				 pam_stack_ours(&stack, PAM_PHASE_ACCOUNT) >= 0);
		if (named) {
			count++;
			examine_service(p, service, &stack);
			p->has_sshd = p->has_sshd || streq(service, "sshd");
			p->has_sudo = p->has_sudo || text_starts(service, "sudo");
		}
		free(names[i]);
	}
	free(names);
	return count;
}

/* ---- local users --------------------------------------------------------------------- */

static void examine_user(
    struct patient *p, const char *name, const char *where, enum diagnosis_status status)
{
	if (strpbrk(name, "*?[\\") == NULL && getpwnam(name) == NULL)
		diagnosis_say(p->diagnosis, status, FOUND_LOCAL_USER,
		    "%s names \"%s\": there is no such local user", where, name);
}

static void examine_users(struct patient *p)
{
	const struct config *config = p->config;
	char where[128];
	for (size_t i = 0; i < config->map_len; i++)
		examine_user(p, config->map[i].local_name, "users.map", DIAGNOSIS_FAIL);
	for (size_t i = 0; i < config->rules_len; i++) {
		const struct config_rule *rule = &config->rules[i];
		snprintf(where, sizeof(where), "rule \"%.100s\"", rule->name);
		for (size_t j = 0; j < rule->users.len; j++)
			examine_user(p, rule->users.items[j], where, DIAGNOSIS_WARN);
	}
}

void doctor_pam(struct patient *p)
{
	if (p->config != NULL)
		examine_users(p);
	if (examine_services(p) == 0)
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_PAM_STACK,
		    "no service of " FOLDER " names pam_cognito_oidc.so: nobody uses it");
}
