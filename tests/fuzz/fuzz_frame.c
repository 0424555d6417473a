/* SPDX-License-Identifier: MIT
 *
 * Whatever arrives: a frame that is accepted is exactly what encoding it again gives.
 */
#include <string.h>

#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "fuzz.h"

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
	if (frame_decode(copy, len, &f) == 0) {
		HOLDS(f.count == frame_fields((int)f.type) && f.count > 0);
		for (size_t i = 0; i < f.count; i++)
			HOLDS(f.fields[i].bytes[f.fields[i].len] == '\0');
		HOLDS(frame_encode(&f, &again) == 0);
		HOLDS(again.len == len + 4 && memcmp(again.bytes + 4, bytes, len) == 0);
	}
	buffer_wipe(&again);
	free(copy);
	return 0;
}
