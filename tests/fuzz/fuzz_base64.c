/* SPDX-License-Identifier: MIT
 *
 * One text for one run of bytes: what decodes encodes to itself.
 */
#include <string.h>

#include "common/result.h"
#include "fuzz.h"
#include "helper/token/base64url.h"

typedef int decoder(const char *, size_t, unsigned char *, size_t, size_t *);
typedef void encoder(const unsigned char *, size_t, char *);

static void check(decoder *decode, encoder *encode, const char *in, size_t len)
{
	size_t room = BASE64_DECODED(len), n = 0;
	unsigned char *out = malloc(room);
	HOLDS(out != NULL);
	int r = decode(in, len, out, room, &n);
	HOLDS(r == 0 || (r == RESULT_TOKEN_FORM && n == 0));
	if (r == 0) {
		char *again = malloc(BASE64_ENCODED(n));
		HOLDS(again != NULL && n <= room);
		encode(out, n, again);
		HOLDS(strlen(again) == len && memcmp(again, in, len) == 0);
		HOLDS(n == 0 || decode(in, len, out, n - 1, &n) == RESULT_TOKEN_FORM);
		free(again);
	}
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	check(base64url_decode, base64url_encode, (const char *)bytes, len);
	check(base64_decode, base64_encode, (const char *)bytes, len);
	return 0;
}
