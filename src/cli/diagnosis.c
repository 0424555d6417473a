/* SPDX-License-Identifier: MIT
 *
 * The findings of doctor: counted, and reported one by one as text or as JSON.
 */
#include <stdarg.h>
#include <stdio.h>

#include "cli/doctor.h"
#include "cli/output.h"
#include "common/text.h"

#define SEEN_MAX 1024

static const struct advice {
	const char *name, *advice, *page;
} table[FOUND_COUNT] = {
#define FINDING_ROW(symbol, name, advice, page) [FOUND_##symbol] = {name, advice, page},
    FINDINGS(FINDING_ROW)
#undef FINDING_ROW
};
static const char *const words[] = {
    [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "fail"};

/* One finding, counted, as text and as JSON. */
static void report(
    struct diagnosis *d, enum doctor_status status, enum finding_name name, const char *seen)
{
	struct output *out = d->out;
	const struct advice *row = &table[name];
	d->count[status]++;
	if (status == DOCTOR_FAIL && (name == FOUND_DNS || name == FOUND_CONNECT))
		d->no_route = true;
	if (d->tells_faults && status != DOCTOR_FAIL)
		return;
	output_marked(
	    out, status == DOCTOR_FAIL ? "FAIL" : words[status], "%-20s %s", row->name, seen);
	output_json(out, "{status:%s name:%s seen:%s", words[status], row->name, seen);
	if (status != DOCTOR_OK) {
		output_line(out, "     do: %s  [%s]", row->advice, row->page);
		output_json(out, "do:%s page:%s", row->advice, row->page);
	}
	output_json(out, "}");
	output_flush(out);
}

void diagnosis_say(struct diagnosis *d, enum doctor_status status, enum finding_name name,
    const char *format, ...)
{
	char seen[SEEN_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(seen, sizeof(seen), format, args);
	va_end(args);
	report(d, status, name, seen);
}

bool diagnosis_relay(void *diagnosis, const char *status, const char *name, const char *seen)
{
	int s = 0, n = 0;
	while (s <= DOCTOR_FAIL && !streq(status, words[s]))
		s++;
	while (n < FOUND_COUNT && !streq(name, table[n].name))
		n++;
	if (seen == NULL || s > DOCTOR_FAIL || n == FOUND_COUNT)
		return false;
	report(diagnosis, (enum doctor_status)s, (enum finding_name)n, seen);
	return true;
}

size_t diagnosis_troubles(const struct diagnosis *d)
{
	return d->count[DOCTOR_WARN] + d->count[DOCTOR_FAIL];
}
