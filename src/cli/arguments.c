/* SPDX-License-Identifier: MIT */
#include "cli/arguments.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/text.h"

#define EPOCH_MOST 999999999999ul /* as many digits as a claim may have */

static bool refuse(const char *word, const char *why, const char *usage)
{
	char shown[128];
	text_printable(word, strlen(word), shown, sizeof(shown));
	fprintf(stderr, "cognito-oidc: %s: %s\nusage: cognito-oidc %s\n", shown, why, usage);
	return false;
}

/* --name or --name=VALUE; *value is NULL for the first. */
static bool is_it(const struct argument *argument, const char *word, const char **value)
{
	size_t len = strlen(argument->name);
	*value = NULL;
	if (!text_starts(word, argument->name) || (word[len] != '\0' && word[len] != '='))
		return false;
	if (word[len] == '=')
		*value = word + len + 1;
	return true;
}

static const struct argument *find(
    const struct argument *arguments, size_t count, const char *word, const char **value)
{
	for (size_t i = 0; i < count; i++)
		if (is_it(&arguments[i], word, value))
			return &arguments[i];
	return NULL;
}

bool arguments_read(
    int argc, char **argv, const struct argument *arguments, size_t count, const char *usage)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = NULL;
		const struct argument *it = find(arguments, count, word, &value);
		if (it == NULL)
			return refuse(word, "unknown argument", usage);
		if (it->value == NULL) {
			if (value != NULL || *it->flag)
				return refuse(word, "takes no value, once", usage);
			*it->flag = true;
			continue;
		}
		if (value == NULL && i + 1 < argc)
			value = argv[++i];
		if (value == NULL || *value == '\0' || *it->value != NULL)
			return refuse(word, "needs a value, once", usage);
		*it->value = value;
	}
	return true;
}

bool arguments_now(const char *text, long long *now)
{
	unsigned long epoch = 0;
	*now = (long long)time(NULL);
	if (text == NULL)
		return true;
	if (!text_number(text, EPOCH_MOST, &epoch)) {
		fprintf(stderr, "cognito-oidc: --now: seconds since 1970 are expected\n");
		return false;
	}
	*now = (long long)epoch;
	return true;
}
