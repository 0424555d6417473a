/* SPDX-License-Identifier: MIT */
#include "module/options.h"

#include <stddef.h>
#include <string.h>

#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"

#define PATH_BYTES_MAX 4095 /* Linux's PATH_MAX without NUL */
#define TIMEOUT_DEFAULT 100 /* below sshd's LoginGraceTime of 120 s */
#define MIN_UID_DEFAULT 1000 /* Debian's FIRST_UID: people, not services */
#define MIN_UID_MOST 4294967294 /* (uid_t)-1 is no uid */
#define MAX_AGE_MOST 315360000 /* ten years, as long as Cognito's longest refresh token */

enum kind { FLAG, WORD, NUMBER, NAMES, PATH };

#define AT(member) .offset = offsetof(struct options, member)

static const struct row {
	const char *name; /* with '=' when a value follows */
	enum kind kind;
	size_t offset;
	const char *words[4]; /* that a WORD may be */
	long least, most; /* of a NUMBER */
} rows[] = {
    {"config=", PATH, AT(config)},
    {"flow=", WORD, AT(request.flow), .words = {"password", "device", "browser"}},
    {"use_first_pass", FLAG, AT(use_first_pass)},
    {"try_first_pass", FLAG, AT(try_first_pass)},
    {"use_authtok", FLAG, AT(use_authtok)},
    {"prompt=", WORD, AT(request.prompt), .words = {"auto", "enter", "none"}},
    {"qr=", WORD, AT(request.qr), .words = {"auto", "utf8", "ascii", "off"}},
    {"timeout=", NUMBER, AT(timeout), .least = 5, .most = 600},
    {"min_uid=", NUMBER, AT(min_uid), .most = MIN_UID_MOST},
    {"debug", FLAG, AT(debug)},
    {"reuse", FLAG, AT(reuse)},
    {"max_age=", NUMBER, AT(request.max_age), .most = MAX_AGE_MOST},
    {"local=", NAMES, AT(local)},
    {"unmanaged=", WORD, AT(unmanaged), .words = {"ignore", "deny"}},
    {"allow_root", FLAG, AT(allow_root)},
    {"grant=", NAMES, AT(grant)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

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

/* An option without a value must match whole. */
static const struct row *find(const char *word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (text_ends(rows[i].name, "=") ? text_starts(word, rows[i].name)
						 : streq(word, rows[i].name))
			return &rows[i];
	return NULL;
}

static bool read_value(const struct row *row, const char *value, struct options *o)
{
	void *member = (char *)o + row->offset;
	unsigned long number = 0;
	bool good = false;
	switch (row->kind) {
	case FLAG:
		return *(bool *)member = true;
	case NUMBER:
		good = text_number(value, (unsigned long)row->most, &number) &&
		       (long)number >= row->least;
		*(long *)member = (long)number;
		return good;
	case WORD:
		for (size_t i = 0; i < 4; i++)
			good = good || streq(value, row->words[i]);
		break;
	case NAMES: /* no name is empty, so that a stray comma is seen */
		good = value[0] != '\0' && value[0] != ',' && !text_ends(value, ",") &&
		       strstr(value, ",,") == NULL;
		break;
	case PATH:
		good = value[0] == '/' && strlen(value) <= PATH_BYTES_MAX;
		break;
	}
	*(const char **)member = value;
	return good;
}

static int refuse(struct reason *reason, const char *word, const char *why)
{
	return reason_set(reason, RESULT_OPTION, "option \"%.127s\": %s", word, why);
}

int options_parse(int argc, const char **argv, struct options *o, struct reason *reason)
{
	bool seen[ROWS] = {false};
	*o = (struct options){
	    .config = paths.config,
	    .request = {.flow = "", .prompt = "auto", .qr = "auto", .max_age = -1},
	    .timeout = TIMEOUT_DEFAULT,
	    .min_uid = MIN_UID_DEFAULT,
	    .local = "",
	    .grant = "",
	    .unmanaged = "ignore",
	};
	for (int i = 0; i < argc; i++) {
		const struct row *row = find(argv[i]);
		if (row == NULL)
			return refuse(reason, argv[i], "unknown");
		if (seen[row - rows])
			return refuse(reason, argv[i], "given twice");
		seen[row - rows] = true;
		if (!read_value(row, argv[i] + strlen(row->name), o))
			return refuse(reason, argv[i], "malformed value");
	}
	if (o->use_first_pass && o->try_first_pass)
		return refuse(reason, "use_first_pass", "contradicts try_first_pass");
	return 0;
}
