/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "common/text.h"

#define WIDTH 80 /* columns of a terminal */
#define HEAD_WIDTH 20 /* of an option and the form of its value */
#define MESSAGE_MAX 512
#define WORD_MAX 24 /* longer than the longest verb and option */
#define NEAR 2 /* typing errors that still tell which word was meant */

/* The least number of letters to insert, delete, replace, or swap with their neighbour, that
 * makes one word of the other (optimal string alignment). The words are at most WORD_MAX long.
 */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];
	for (size_t i = 0; i <= a_len; i++)
		for (size_t j = 0; j <= b_len; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = i + j;
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
			if (d[i - 1][j] < d[i][j])
				d[i][j] = d[i - 1][j] + 1;
			if (d[i][j - 1] < d[i][j])
				d[i][j] = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	return d[a_len][b_len];
}

/* How far the word, of which len bytes count, is from a name; its beginning is near. Without
 * the dashes, or two options of four letters would be neighbours. */
static size_t distance_to(const char *name, const char *word, size_t len)
{
	size_t dashes = strspn(name, "-"), own = strspn(word, "-");
	size_t name_len = strlen(name) - dashes;
	len = len > own ? len - own : 0;
	if (len < 2 || len > WORD_MAX || name_len > WORD_MAX)
		return WORD_MAX;
	if (name_len > len && memcmp(name + dashes, word + own, len) == 0)
		return 1;
	size_t far = distance(name + dashes, name_len, word + own, len);
	return far * 2 < name_len ? far : WORD_MAX;
}

/* The line that says how the verb is used, broken where no bracket is open. */
static void print_usage(FILE *to, const struct verb *verb)
{
	char line[MESSAGE_MAX];
	int depth = 0;
	int indent = fprintf(to, "usage: cognito-oidc %s", verb->name);
	size_t column = indent > 0 ? (size_t)indent : 0, begin = column;
	snprintf(line, sizeof(line), "%s%s[--config PATH] [--json]", verb->usage,
	    verb->usage[0] != '\0' ? " " : "");
	for (const char *at = line; *at != '\0';) {
		size_t len = 0;
		while (at[len] != '\0' && (at[len] != ' ' || depth > 0)) {
			depth += (at[len] == '[') - (at[len] == ']');
			len++;
		}
		/* An option's value stays with it. */
		if ((text_starts(at, "--") || *at == '<') && at[len] == ' ' &&
		    at[len + 1] != '[')
			len += 1 + strcspn(at + len + 1, " ");
		if (column + 1 + len > WIDTH) {
			fprintf(to, "\n%*s", (int)begin, "");
			column = begin;
		}
		fprintf(to, " %.*s", (int)len, at);
		column += 1 + len;
		at += len;
		at += *at == ' ';
	}
	fputc('\n', to);
}

/* The completions read these lines. */
static void print_row(const char *head, const char *text)
{
	if (strlen(head) <= HEAD_WIDTH)
		printf("  %-*s  %s\n", HEAD_WIDTH, head, text);
	else
		printf("  %s\n  %*s  %s\n", head, HEAD_WIDTH, "", text);
}

static void print_options(const struct verb_option *options)
{
	for (const struct verb_option *o = options; o->name != NULL; o++) {
		char head[MESSAGE_MAX];
		bool is_joined = o->value != NULL && text_starts(o->value, "[=");
		snprintf(head, sizeof(head), "%s%s%s", o->name,
		    o->value == NULL || is_joined ? "" : " ", o->value != NULL ? o->value : "");
		print_row(head, o->text);
	}
}

void help_show_verbs(void)
{
	puts("cognito-oidc: log in to this host with an Amazon Cognito user pool\n\n"
	     "usage: cognito-oidc VERB [ARGUMENT...] [--config PATH] [--json]\n"
	     "       cognito-oidc VERB --help\n"
	     "       cognito-oidc --help | --version\n");
	for (const struct verb *verb = verbs; verb->name != NULL; verb++)
		printf("  %-15s  %s\n", verb->name, verb->purpose);
	puts("\nEvery verb takes these options:");
	print_options(verb_options_always);
	puts("\nExit status: 0 yes or no fault, 1 no or a fault, 2 nothing was examined.\n"
	     "The manual: cognito-oidc(8), pam_cognito_oidc(8), pam_cognito_oidc.json(5).");
}

void help_show_verb(const struct verb *verb)
{
	printf("cognito-oidc %s: %s\n\n", verb->name, verb->purpose);
	print_usage(stdout, verb);
	puts("");
	if (verb->words != NULL)
		print_row(verb->words, verb->words_text);
	print_options(verb->options);
	print_options(verb_options_always);
	printf("\nExample%s:\n  %c %s\n", verb->needs_root ? " (only root may do this)" : "",
	    verb->needs_root ? '#' : '$', verb->example);
}

bool help_refuse(const struct verb *verb, const char *format, ...)
{
	char line[MESSAGE_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	complain("%s", line);
	print_usage(stderr, verb);
	return false;
}

bool help_refuse_option(const struct verb *verb, const char *word)
{
	const struct verb_option *const lists[] = {verb->options, verb_options_always};
	size_t len = strcspn(word, "="), nearest = NEAR + 1;
	const char *meant = NULL;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		for (const struct verb_option *o = lists[i]; o->name != NULL; o++) {
			size_t far = distance_to(o->name, word, len);
			meant = far < nearest ? o->name : meant;
			nearest = far < nearest ? far : nearest;
		}
	if (meant != NULL)
		return help_refuse(verb, "%s: unknown argument; did you mean %s?", word, meant);
	return help_refuse(verb, "%s: unknown argument", word);
}

void help_refuse_verb(const char *word)
{
	size_t nearest = NEAR + 1;
	const char *meant = NULL;
	for (const struct verb *verb = verbs; word != NULL && verb->name != NULL; verb++) {
		size_t far = distance_to(verb->name, word, strlen(word));
		meant = far < nearest ? verb->name : meant;
		nearest = far < nearest ? far : nearest;
	}
	if (meant != NULL)
		complain("%s: no such verb; did you mean %s?", word, meant);
	else if (word != NULL)
		complain("%s: no such verb", word);
	fputs("usage: cognito-oidc VERB [ARGUMENT...], where VERB is one of\n      ", stderr);
	for (const struct verb *verb = verbs; verb->name != NULL; verb++)
		fprintf(stderr, " %s", verb->name);
	fputs("\ncognito-oidc --help explains them.\n", stderr);
}
