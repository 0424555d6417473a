/* SPDX-License-Identifier: MIT */
#include "helper/probe/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/message.h"
#include "common/text.h"

#define SEEN_MAX 1024 /* an address of CONFIG_URL_MAX is cut; its host is at its front */

static const char *const names[FOUND_COUNT] = {
#define FINDING_NAME_ROW(symbol, name, advice, page) [FOUND_##symbol] = (name),
    FINDINGS(FINDING_NAME_ROW)
#undef FINDING_NAME_ROW
};

__attribute__((format(printf, 4, 0))) static void report(struct probe *p, const char *status,
    enum finding_name name, const char *format, va_list args)
{
	char seen[SEEN_MAX], shown[SEEN_MAX];
	vsnprintf(seen, sizeof(seen), format, args);
	text_printable(seen, strlen(seen), shown, sizeof(shown));
	const char *fields[FINDING_FIELDS] = {
	    [FINDING_STATUS] = status,
	    [FINDING_NAME] = names[name],
	    [FINDING_SEEN] = shown,
	};
	if (p->lost == 0)
		p->lost = message_send(
		    p->channel.fd, FRAME_FINDING, fields, FINDING_FIELDS, p->channel.deadline);
}

void report_ok(struct probe *p, enum finding_name name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report(p, "ok", name, format, args);
	va_end(args);
}

void report_warning(struct probe *p, enum finding_name name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report(p, "warn", name, format, args);
	va_end(args);
}

void report_fault(struct probe *p, enum finding_name name, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	report(p, "fail", name, format, args);
	va_end(args);
}
