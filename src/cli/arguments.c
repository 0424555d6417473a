/* SPDX-License-Identifier: MIT */
#include "cli/arguments.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"

#define EPOCH_MOST 999999999999ul /* as many digits as a claim may have */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where an option goes. */
struct target {
	const char *name;
	bool *flag; /* set when it is given */
	const char **value;
};

/* A word, not an option. */
static bool is_plain(const char *word)
{
	return word != NULL && word[0] != '-' && word[0] != '\0';
}

/* Is the word one of "a|b|c", or of "[a|b|c...]"? A name in capitals stands for any word. */
static bool is_choice(const char *form, const char *word)
{
	form += form[0] == '[';
	bool is_any = form[0] < 'a' || form[0] > 'z';
	while (!is_any && *form != '\0' && *form != '.' && *form != ']') {
		size_t len = strcspn(form, "|.]");
		if (strlen(word) == len && memcmp(form, word, len) == 0)
			return true;
		form += len;
		form += *form == '|';
	}
	return is_any;
}

/* The option that the word is, up to a '=', of those that the verb takes. */
static const struct verb_option *find_option(const struct verb *verb, const char *word)
{
	size_t len = strcspn(word, "=");
	const struct verb_option *const lists[] = {verb->options, verb_options_always};
	for (size_t i = 0; i < COUNT(lists); i++)
		for (const struct verb_option *o = lists[i]; o->name != NULL; o++)
			if (strlen(o->name) == len && memcmp(o->name, word, len) == 0)
				return o;
	return NULL;
}

/* Reads the option at *words, and moves *words to the last word that belongs to it. Each option
 * may be given once: of two values one would be ignored. */
static bool read_option(const struct verb *verb, const struct verb_option *option,
    const struct target *target, char ***words)
{
	const char *word = **words, *equals = strchr(word, '='), *form = option->value;
	const char *value = equals != NULL ? equals + 1 : NULL;
	bool is_optional = form != NULL && form[0] == '[';
	if ((target->flag != NULL && *target->flag) ||
	    (target->value != NULL && *target->value != NULL))
		return help_refuse(verb, "%s: may be given once", option->name);
	if (equals != NULL && (form == NULL || (is_optional && form[1] != '=')))
		return help_refuse(verb, "%s: takes no value", option->name);
	if (equals != NULL && *value == '\0')
		return help_refuse(verb, "%s: needs a value behind the '='", option->name);
	if (equals == NULL && form != NULL &&
	    (is_optional ? form[1] != '=' && is_plain((*words)[1]) : (*words)[1] != NULL))
		value = *++*words;
	if (form != NULL && !is_optional && (value == NULL || *value == '\0'))
		return help_refuse(verb, "%s: needs a value", option->name);
	if (value != NULL && !is_choice(form, value))
		return help_refuse(verb, "%s: %s: not one of %s", option->name, value, form);
	if (target->flag != NULL)
		*target->flag = true;
	if (target->value != NULL && value != NULL)
		*target->value = value;
	return true;
}

static bool read_words(const struct verb *verb, char **words, struct arguments *a)
{
	const struct target targets[] = {
	    {"--access", &a->access, NULL},
	    {"--admin-groups", NULL, &a->admin_groups},
	    {"--all", &a->all, NULL},
	    {"--check", &a->check, NULL},
	    {"--claims", NULL, &a->claims},
	    {"--clear", &a->clear, &a->user},
	    {"--client-id", NULL, &a->client_id},
	    {"--config", NULL, &a->config},
	    {"--domain", NULL, &a->domain},
	    {"--dry-run", &a->dry_run, NULL},
	    {"--expire", &a->expire, NULL},
	    {"--flow", NULL, &a->flow},
	    {"--force", &a->force, NULL},
	    {"--from", NULL, &a->from},
	    {"--groups", NULL, &a->groups},
	    {"--host", NULL, &a->host},
	    {"--json", &a->json, NULL},
	    {"--jwks", NULL, &a->jwks},
	    {"--jws-only", &a->jws_only, NULL},
	    {"--keep", &a->keep, NULL},
	    {"--no-break-glass", &a->no_break_glass, NULL},
	    {"--now", NULL, &a->now_text},
	    {"--pool", NULL, &a->pool},
	    {"--prune", NULL, &a->prune},
	    {"--refresh", &a->refresh, NULL},
	    {"--secret-file", NULL, &a->secret_file},
	    {"--service", NULL, &a->service},
	    {"--sudo", NULL, &a->sudo},
	    {"--token", NULL, &a->token},
	    {"--try", &a->is_try, &a->try_text},
	    {"--user", NULL, &a->user},
	};
	size_t count = 0;
	for (; *words != NULL; words++) {
		const char *form = verb->words;
		size_t most = form == NULL                  ? 0
			      : strstr(form, "...") != NULL ? VERB_WORDS_MOST
							    : 1;
		if (is_plain(*words)) {
			if (count == most)
				return help_refuse(verb, "%s: unknown argument", *words);
			if (!is_choice(form, *words))
				return help_refuse(verb, "%s: not one of %s", *words, form);
			a->words[count++] = *words;
			continue;
		}
		const struct verb_option *option = find_option(verb, *words);
		const struct target *target = targets;
		while (target < targets + COUNT(targets) && option != NULL &&
		       !streq(target->name, option->name))
			target++;
		if (option == NULL || target == targets + COUNT(targets))
			return help_refuse_option(verb, *words);
		if (!read_option(verb, option, target, &words))
			return false;
	}
	return true;
}

bool arguments_read(const struct verb *verb, char **words,
    const struct environment *environment, struct arguments *a)
{
	unsigned long epoch = 0;
	*a = (struct arguments){.environment = environment};
	if (!read_words(verb, words, a))
		return false;
	if (verb->words != NULL && verb->words[0] != '[' && a->words[0] == NULL)
		return help_refuse(verb, "%s: %s is missing", verb->name, verb->words);
	a->is_config_given = a->config != NULL;
	if (a->config == NULL)
		a->config = paths.config;
	if (a->host == NULL)
		a->host = environment->host;
	if (a->now_text != NULL && !text_number(a->now_text, EPOCH_MOST, &epoch))
		return help_refuse(verb, "--now: needs seconds since 1970");
	a->now = a->now_text != NULL ? (long long)epoch : (long long)time(NULL);
	if (verb->needs_root && geteuid() != paths.trusted_uid)
		return complain("%s: only root may do this", verb->name);
	return true;
}
