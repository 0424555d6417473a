/* SPDX-License-Identifier: MIT */
#include "cli/diagnosis.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/output.h"
#include "common/text.h"

#define SEEN_MAX 1024

static const struct {
	const char *name, *advice, *page;
} table[FOUND_COUNT] = {
#define FINDING_ROW(symbol, name, advice, page) [FOUND_##symbol] = {name, advice, page},
    FINDINGS(FINDING_ROW)
#undef FINDING_ROW
};

static void say(
    struct diagnosis *d, enum diagnosis_status status, enum finding_name name, const char *seen)
{
	static const char *const shown[] = {"ok", "warn", "FAIL"}, *const words[] = {
								       "ok", "warn", "fail"};
	struct output *out = d->out;
	d->warnings += status == DIAGNOSIS_WARN ? 1 : 0;
	d->faults += status == DIAGNOSIS_FAIL ? 1 : 0;
	if (status == DIAGNOSIS_FAIL && (name == FOUND_DNS || name == FOUND_CONNECT))
		d->has_route = false;
	output_line(out, "%-4s %-20s %s", shown[status], table[name].name, seen);
	output_object(out, NULL);
	output_string(out, "status", words[status]);
	output_string(out, "name", table[name].name);
	output_string(out, "seen", seen);
	if (status != DIAGNOSIS_OK) {
		output_line(out, "     do: %s  [%s]", table[name].advice, table[name].page);
		output_string(out, "do", table[name].advice);
		output_string(out, "page", table[name].page);
	}
	output_end_object(out);
	output_flush(out);
}

void diagnosis_say(struct diagnosis *d, enum diagnosis_status status, enum finding_name name,
    const char *format, ...)
{
	char seen[SEEN_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(seen, sizeof(seen), format, args);
	va_end(args);
	say(d, status, name, seen);
}

bool diagnosis_relay(
    struct diagnosis *d, const char *status, const char *name, const char *seen)
{
	enum diagnosis_status s = streq(status, "fail")   ? DIAGNOSIS_FAIL
				  : streq(status, "warn") ? DIAGNOSIS_WARN
							  : DIAGNOSIS_OK;
	if (seen == NULL || (s == DIAGNOSIS_OK && !streq(status, "ok")))
		return false;
	for (int i = 0; i < FOUND_COUNT; i++) {
		if (!streq(name, table[i].name))
			continue;
		say(d, s, (enum finding_name)i, seen);
		return true;
	}
	return false;
}
