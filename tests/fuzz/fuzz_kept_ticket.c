/* SPDX-License-Identifier: MIT
 *
 * A ticket's file as any bytes: what is read is exactly what writing it again gives, and its
 * parts keep to their limits. And a helper's lines and exports: what is adopted can be read.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "fuzz.h"
#include "module/ticket.h"
#include "module/ticket_line.h"

static void read_file(const char *bytes, size_t len)
{
	struct ticket t = {.user = ""};
	struct buffer again = BUFFER_INIT(TICKET_TEXT_MAX);
	if (ticket_decode(bytes, len, &t)) {
		HOLDS(t.uid != (uid_t)-1 && t.user[0] != '\0');
		HOLDS(t.body.len <= MESSAGE_TICKET_MAX);
		HOLDS(ticket_encode(&t, &again) == 0);
		HOLDS(again.len == len && memcmp(again.bytes, bytes, len) == 0);
		const struct ticket_owner other = {t.user, t.uid + 1, t.path, t.boot, t.born};
		HOLDS(ticket_judge(&t, &other) == TICKET_ABSENT);
		const struct ticket_owner early = {t.user, t.uid, t.path, t.boot, t.born - 1};
		HOLDS(ticket_judge(&t, &early) == TICKET_ABSENT);
	}
	ticket_wipe(&t);
	buffer_wipe(&again);
}

static void adopt(const char *text)
{
	struct buffer out = BUFFER_INIT(MESSAGE_LINES_MAX * 3 / 2);
	if (ticket_lines_adopt(text, 1000, &out) == 0)
		HOLDS(ticket_lines_are_well_formed(buffer_text(&out), out.len));
	buffer_wipe(&out);
	out.max = MESSAGE_EXPORTS_MAX;
	if (ticket_exports_adopt(text, &out) == 0)
		HOLDS(ticket_exports_are_well_formed(buffer_text(&out), out.len));
	buffer_wipe(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = malloc(len + 1);
	if (text == NULL)
		return 0;
	if (len > 0)
		memcpy(text, bytes, len);
	text[len] = '\0';
	read_file(text, len);
	adopt(text);
	free(text);
	return 0;
}
