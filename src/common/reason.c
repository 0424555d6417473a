/* SPDX-License-Identifier: MIT */
#include "common/reason.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"

__attribute__((format(printf, 2, 0))) static void write_to(
    char out[REASON_MAX], const char *format, va_list args)
{
	char raw[REASON_MAX];
	vsnprintf(raw, sizeof(raw), format, args);
	text_printable(raw, strlen(raw), out, REASON_MAX);
	explicit_bzero(raw, sizeof(raw));
}

int reason_set(struct reason *reason, int result, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (reason != NULL)
		write_to(reason->detail, format, args);
	va_end(args);
	return result;
}

int reason_tell(struct reason *reason, int result, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (reason != NULL)
		write_to(reason->message, format, args);
	va_end(args);
	return result;
}

int reason_at(struct reason *reason, int result, const char *step)
{
	char detail[REASON_MAX];
	if (reason == NULL || step == NULL)
		return result;
	memcpy(detail, reason->detail, sizeof(detail));
	return reason_set(
	    reason, result, "%s%s%s", step, detail[0] != '\0' ? ": " : "", detail);
}

void reason_clear(struct reason *reason)
{
	reason->detail[0] = reason->message[0] = '\0';
}
