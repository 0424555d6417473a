/* SPDX-License-Identifier: MIT
 *
 * Whatever arrives: a frame that is accepted is exactly what encoding it again gives; so are
 * fields that are taken off one by one; and a REQUEST that is read keeps to its limits.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/request.h"
#include "common/result.h"
#include "fuzz.h"

static void check_request(const struct frame *f)
{
	struct request q;
	if (request_read(f, &q) != 0)
		return;
	HOLDS(f->type == FRAME_REQUEST && q.purpose < PURPOSES);
	HOLDS(q.config_path != NULL && q.user != NULL && q.service != NULL && q.rhost != NULL);
	HOLDS(q.options.flow != NULL && q.options.prompt != NULL && q.options.qr != NULL);
	HOLDS(strlen(q.user) <= REQUEST_NAME_MAX && strlen(q.service) <= REQUEST_NAME_MAX);
	HOLDS(q.ticket.len <= MESSAGE_TICKET_MAX && q.expired.len <= MESSAGE_TICKET_MAX);
	HOLDS(q.jwks.len <= MESSAGE_STORE_MAX && q.time_left >= 0);
	HOLDS(q.root == 0 || q.root == 1);
	HOLDS(q.ticket.len == 0 || q.ticket_age >= 0);
	HOLDS(q.options.max_age >= -1 && q.ticket_age >= -1);
}

static void take_fields(const char *bytes, size_t len)
{
	struct buffer again = BUFFER_INIT(FRAME_MAX + 4);
	struct field rest = {bytes, len}, one;
	char text[64];
	int64_t number = 0;
	while (again.error == 0 && field_take(&rest, &one)) {
		field_put(&again, one.bytes, one.len);
		struct field own = {one.bytes - 4, one.len + 4};
		if (field_take_text(&own, text, sizeof(text)))
			HOLDS(strlen(text) == one.len && memcmp(text, one.bytes, one.len) == 0);
		own = (struct field){one.bytes - 4, one.len + 4};
		if (field_take_number(&own, 1000, &number))
			HOLDS(number >= 0 && number <= 1000 && own.len == 0 && one.len <= 4);
	}
	if (again.error == 0)
		HOLDS(rest.len == len - again.len &&
		      (again.len == 0 || memcmp(again.bytes, bytes, again.len) == 0));
	buffer_wipe(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct frame f;
	struct buffer again = BUFFER_INIT(FRAME_MAX + 4);
	char *copy = malloc(len + 1);
	if (copy == NULL)
		return 0;
	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	take_fields(copy, len);
	if (frame_decode(copy, len, &f) == 0) {
		HOLDS(f.count == frame_fields((int)f.type) && f.count > 0);
		for (size_t i = 0; i < f.count; i++)
			HOLDS(f.fields[i].bytes[f.fields[i].len] == '\0');
		HOLDS(frame_encode(&f, &again) == 0);
		HOLDS(again.len == len + 4 && memcmp(again.bytes + 4, bytes, len) == 0);
		check_request(&f);
	}
	buffer_wipe(&again);
	free(copy);
	return 0;
}
