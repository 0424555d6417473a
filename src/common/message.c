/* SPDX-License-Identifier: MIT */
#include "common/message.h"

#include <string.h>

#include "common/result.h"
#include "common/text.h"

int message_send(
    int fd, enum frame_type type, const char *const *texts, size_t count, int64_t deadline)
{
	struct frame f = {.type = type, .count = count};
	if (count > FRAME_FIELDS_MAX)
		return RESULT_HELPER_FRAME;
	for (size_t i = 0; i < count; i++) {
		f.fields[i].bytes = texts[i];
		f.fields[i].len = strlen(texts[i]);
	}
	return frame_send(fd, &f, deadline);
}

const char *message_text(const struct frame *f, size_t field, size_t max)
{
	if (field >= f->count)
		return NULL;
	const struct field *text = &f->fields[field];
	if (text->len > max || memchr(text->bytes, '\0', text->len) != NULL)
		return NULL;
	return text->bytes;
}

bool message_flag(const struct frame *f, size_t field, bool *bad)
{
	const char *text = message_text(f, field, 1);
	bool yes = streq(text, "1");
	if (!yes && !streq(text, "0"))
		*bad = true;
	return yes;
}
