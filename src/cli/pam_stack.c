/* SPDX-License-Identifier: MIT
 *
 * Like libpam this reads a file line by line, with a stack of the files that include each
 * other. Unlike libpam it looks into no "other" and reports no errors: a line that libpam would
 * not understand is left out.
 */
#include "cli/pam_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"

#define DEPTH_MAX 8 /* files that include each other; libpam stops at 64 */
#define MODULE_NAME "pam_cognito_oidc.so"

/* A file that is being read, and which of its lines count. */
struct level {
	FILE *file;
	char path[PAM_PATH_MAX];
	int line;
	int phase; /* an enum pam_phase, or -1: every phase */
	int substack; /* its number; 0: the service's own */
};

struct reading {
	struct pam_stack *stack;
	struct level levels[DEPTH_MAX];
	int depth;
	int substacks;
};

static int phase_of(const char *word)
{
	static const char *const words[] = {"auth", "account", "session", "password"};
	word += *word == '-' ? 1 : 0; /* "-auth": not logged when the module is missing */
	for (int i = 0; i < 4; i++)
		if (strcasecmp(word, words[i]) == 0)
			return i;
	return -1;
}

/* A file that cannot be opened adds nothing. */
static void open_level(struct reading *r, const char *name, int phase, int substack)
{
	if (name == NULL || r->depth == DEPTH_MAX)
		return;
	struct level *l = &r->levels[r->depth];
	*l = (struct level){.phase = phase, .substack = substack};
	int n = snprintf(l->path, sizeof(l->path), "%s%s",
	    name[0] == '/' ? "" : PAM_STACK_DIRECTORY "/", name);
	if (n > 0 && (size_t)n < sizeof(l->path))
		l->file = fopen(l->path, "re");
	if (l->file != NULL)
		r->depth++;
}

/* One line without its comment; a backslash at the end joins the next one. False at the end of
 * the file. */
static bool next_line(struct level *l, char out[PAM_LINE_MAX])
{
	size_t len = 0;
	out[0] = '\0';
	while (fgets(out + len, PAM_LINE_MAX - (int)len, l->file) != NULL) {
		l->line++;
		out[len + strcspn(out + len, "#\n")] = '\0';
		len = strlen(out);
		if (len == 0 || out[len - 1] != '\\')
			return true;
		out[len - 1] = ' ';
	}
	return len > 0;
}

/* The next word at *at, ended in place; [brackets] hold one together. */
static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	if (*word == '\0')
		return NULL;
	char *end = *word == '[' ? strchr(word, ']') : NULL;
	end = end != NULL ? end + 1 : word + strcspn(word, " \t");
	*at = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

/* [success=1 default=ignore]: the action of a return value. False if it has none. */
static bool find_action(const char *control, const char *value, char *out, size_t size)
{
	size_t len = strlen(value);
	for (const char *at = control + 1; *at != '\0'; at += strcspn(at, " \t]")) {
		at += strspn(at, " \t]");
		if (strncasecmp(at, value, len) != 0 || at[len] != '=')
			continue;
		at += len + 1;
		snprintf(out, size, "%.*s", (int)strcspn(at, " \t]"), at);
		return true;
	}
	return false;
}

static int jump_of(const char *action)
{
	unsigned long lines = 0;
	if (streq(action, "done"))
		return PAM_DONE;
	return text_number(action, PAM_STACK_LINES_MAX, &lines) ? (int)lines : 0;
}

static void read_control(struct pam_line *line, const char *control)
{
	char success[32] = "", failure[32] = "";
	snprintf(line->control, sizeof(line->control), "%s", control);
	if (control[0] != '[') {
		bool is_sufficient = strcasecmp(control, "sufficient") == 0;
		line->on_success = is_sufficient ? PAM_DONE : 0;
		line->may_fail = is_sufficient || strcasecmp(control, "optional") == 0;
		return;
	}
	/* libpam takes "bad" where neither is given. */
	if (!find_action(control, "success", success, sizeof(success)))
		find_action(control, "default", success, sizeof(success));
	if (!find_action(control, "auth_err", failure, sizeof(failure)))
		find_action(control, "default", failure, sizeof(failure));
	int jump = jump_of(failure);
	line->on_success = jump_of(success);
	line->may_fail = streq(failure, "ignore") || jump != 0;
	line->on_failure = jump > 0 ? jump : 0;
}

static void add_line(
    struct reading *r, const struct level *l, int phase, const char *control, char *rest)
{
	struct pam_stack *stack = r->stack;
	char *module = next_word(&rest);
	if (module == NULL || stack->len == PAM_STACK_LINES_MAX)
		return;
	struct pam_line *line = &stack->lines[stack->len++];
	*line = (struct pam_line){.phase = (enum pam_phase)phase, .substack = l->substack};
	read_control(line, control);
	snprintf(line->module, sizeof(line->module), "%s", module);
	snprintf(line->options, sizeof(line->options), "%s", rest + strspn(rest, " \t"));
	snprintf(line->place, sizeof(line->place), "%s:%d", l->path, l->line);
}

/* TYPE CONTROL MODULE OPTIONS..., TYPE include FILE, TYPE substack FILE or @include FILE; the
 * last one includes the lines of every type. An included file is read before the next line. */
static void take_line(struct reading *r, char *text)
{
	struct level *l = &r->levels[r->depth - 1];
	char *rest = text, *first = next_word(&rest);
	if (first == NULL)
		return;
	if (strcasecmp(first, "@include") == 0) {
		open_level(r, next_word(&rest), l->phase, l->substack);
		return;
	}
	int phase = phase_of(first);
	char *control = next_word(&rest);
	if (phase < 0 || control == NULL || (l->phase >= 0 && l->phase != phase))
		return;
	if (strcasecmp(control, "include") == 0)
		open_level(r, next_word(&rest), phase, l->substack);
	else if (strcasecmp(control, "substack") == 0)
		open_level(r, next_word(&rest), phase, ++r->substacks);
	else
		add_line(r, l, phase, control, rest);
}

bool pam_stack_read(const char *service, struct pam_stack *stack)
{
	struct reading r = {.stack = stack};
	char text[PAM_LINE_MAX];
	stack->len = 0;
	open_level(&r, service, -1, 0);
	bool is_there = r.depth > 0;
	while (r.depth > 0) {
		struct level *l = &r.levels[r.depth - 1];
		if (next_line(l, text)) {
			take_line(&r, text);
		} else {
			fclose(l->file);
			r.depth--;
		}
	}
	return is_there;
}

const char *pam_line_module(const struct pam_line *line)
{
	const char *slash = strrchr(line->module, '/');
	return slash != NULL ? slash + 1 : line->module;
}

bool pam_line_is_ours(const struct pam_line *line)
{
	return streq(pam_line_module(line), MODULE_NAME);
}

int pam_stack_ours(const struct pam_stack *stack, enum pam_phase phase)
{
	for (size_t i = 0; i < stack->len; i++)
		if (stack->lines[i].phase == phase && pam_line_is_ours(&stack->lines[i]))
			return (int)i;
	return -1;
}

int pam_line_split(const struct pam_line *line, char text[PAM_LINE_MAX], const char **argv)
{
	int argc = 0;
	char *rest = text, *word;
	snprintf(text, PAM_LINE_MAX, "%s", line->options);
	while (argc < PAM_OPTIONS_MAX && (word = next_word(&rest)) != NULL) {
		size_t len = strlen(word);
		if (word[0] == '[' && len > 1 && word[len - 1] == ']') {
			word[len - 1] = '\0';
			word++;
		}
		argv[argc++] = word;
	}
	return argc;
}
