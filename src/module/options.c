/* SPDX-License-Identifier: MIT
 *
 * One table of options: a name, whether a value follows, and who reads it.
 */
#include "module/options.h"

#include <stdio.h>
#include <string.h>

#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"

#define TIMEOUT_DEFAULT 100 /* below sshd's LoginGraceTime of 120 s */
#define TIMEOUT_LEAST 5
#define TIMEOUT_MOST 600
#define MIN_UID_DEFAULT 1000 /* Debian's FIRST_UID: people, not services */
#define MAX_AGE_MOST 315360000ul /* ten years, as long as Cognito's longest refresh token */
#define MIN_UID_MOST 4294967294ul /* (uid_t)-1 is no uid */

struct option {
	const char *name; /* with '=' when a value follows */
	int (*read)(struct options *, const char *value);
};

static int read_config(struct options *o, const char *value)
{
	if (value[0] != '/' || strlen(value) > 4095)
		return RESULT_OPTION;
	o->config = value;
	return 0;
}

static int read_flow(struct options *o, const char *value)
{
	if (!streq(value, "password") && !streq(value, "device") && !streq(value, "browser"))
		return RESULT_OPTION;
	o->flow = value;
	return 0;
}

static int read_use_first_pass(struct options *o, const char *value)
{
	(void)value;
	o->use_first_pass = true;
	return 0;
}

static int read_try_first_pass(struct options *o, const char *value)
{
	(void)value;
	o->try_first_pass = true;
	return 0;
}

static int read_use_authtok(struct options *o, const char *value)
{
	(void)value;
	o->use_authtok = true;
	return 0;
}

static int read_prompt(struct options *o, const char *value)
{
	if (!streq(value, "auto") && !streq(value, "enter") && !streq(value, "none"))
		return RESULT_OPTION;
	o->wait = value;
	return 0;
}

static int read_qr(struct options *o, const char *value)
{
	if (!streq(value, "auto") && !streq(value, "utf8") && !streq(value, "ascii") &&
	    !streq(value, "off"))
		return RESULT_OPTION;
	o->qr = value;
	return 0;
}

static int read_timeout(struct options *o, const char *value)
{
	if (!text_number(value, TIMEOUT_MOST, &o->timeout) || o->timeout < TIMEOUT_LEAST)
		return RESULT_OPTION;
	return 0;
}

static int read_min_uid(struct options *o, const char *value)
{
	unsigned long uid = 0;
	if (!text_number(value, MIN_UID_MOST, &uid))
		return RESULT_OPTION;
	o->min_uid = (uid_t)uid;
	return 0;
}

static int read_debug(struct options *o, const char *value)
{
	(void)value;
	o->debug = true;
	return 0;
}

static int read_reuse(struct options *o, const char *value)
{
	(void)value;
	o->reuse = true;
	return 0;
}

static int read_max_age(struct options *o, const char *value)
{
	unsigned long seconds = 0;
	if (!text_number(value, MAX_AGE_MOST, &seconds))
		return RESULT_OPTION;
	o->max_age = value;
	return 0;
}

/* NAME,NAME: no name is empty, so that a stray comma is seen. */
static int read_names(const char *value, const char **names)
{
	if (value[0] == '\0' || value[0] == ',' || text_ends(value, ",") ||
	    strstr(value, ",,") != NULL)
		return RESULT_OPTION;
	*names = value;
	return 0;
}

static int read_local(struct options *o, const char *value)
{
	return read_names(value, &o->local);
}

static int read_grant(struct options *o, const char *value)
{
	return read_names(value, &o->grant);
}

static int read_unmanaged(struct options *o, const char *value)
{
	o->deny_unmanaged = streq(value, "deny");
	return o->deny_unmanaged || streq(value, "ignore") ? 0 : RESULT_OPTION;
}

static int read_allow_root(struct options *o, const char *value)
{
	(void)value;
	o->allow_root = true;
	return 0;
}

static const struct option table[] = {
    {"config=", read_config},
    {"flow=", read_flow},
    {"use_first_pass", read_use_first_pass},
    {"try_first_pass", read_try_first_pass},
    {"use_authtok", read_use_authtok},
    {"prompt=", read_prompt},
    {"qr=", read_qr},
    {"timeout=", read_timeout},
    {"min_uid=", read_min_uid},
    {"debug", read_debug},
    {"reuse", read_reuse},
    {"max_age=", read_max_age},
    {"local=", read_local},
    {"unmanaged=", read_unmanaged},
    {"allow_root", read_allow_root},
    {"grant=", read_grant},
};
#define OPTIONS (sizeof(table) / sizeof(table[0]))

bool options_list_has(const char *list, const char *name)
{
	size_t len = strlen(name);
	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		if (n == len && memcmp(list, name, n) == 0)
			return len > 0;
		list += n + (list[n] == ',');
	}
	return false;
}

/* The row of this word, or OPTIONS. An option without a value must match whole. */
static size_t find(const char *word)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (text_ends(table[i].name, "=") ? text_starts(word, table[i].name)
						  : streq(word, table[i].name))
			return i;
	}
	return OPTIONS;
}

static int refuse(struct options_fault *fault, int r, const char *word, const char *why)
{
	char shown[128];
	text_printable(word, strlen(word), shown, sizeof(shown));
	snprintf(fault->text, sizeof(fault->text), "option \"%s\": %s", shown, why);
	return r;
}

int options_parse(int argc, const char **argv, struct options *o, struct options_fault *fault)
{
	bool seen[OPTIONS] = {false};
	*o = (struct options){
	    .config = paths.config,
	    .flow = "",
	    .wait = "auto",
	    .qr = "auto",
	    .timeout = TIMEOUT_DEFAULT,
	    .min_uid = MIN_UID_DEFAULT,
	    .max_age = "",
	    .local = "",
	    .grant = "",
	};
	fault->text[0] = '\0';
	for (int i = 0; i < argc; i++) {
		size_t row = find(argv[i]);
		if (row == OPTIONS)
			return refuse(fault, RESULT_OPTION, argv[i], "unknown");
		if (seen[row])
			return refuse(fault, RESULT_OPTION, argv[i], "given twice");
		seen[row] = true;
		int r = table[row].read(o, argv[i] + strlen(table[row].name));
		if (r != 0)
			return refuse(fault, r, argv[i], "malformed value");
	}
	if (o->use_first_pass && o->try_first_pass)
		return refuse(
		    fault, RESULT_OPTION, "use_first_pass", "contradicts try_first_pass");
	return 0;
}
