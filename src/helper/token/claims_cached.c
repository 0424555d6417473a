/* SPDX-License-Identifier: MIT */
#include "helper/token/claims_cached.h"

#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "helper/token/base64url.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"

int claims_cached_encode(const struct claims *claims, struct buffer *out)
{
	size_t len = 0;
	const char *payload = claims_source(claims, &len);
	int r = buffer_reserve(out, BASE64_ENCODED(len));
	if (r != 0)
		return r;
	char *end = out->bytes + out->len;
	base64url_encode((const unsigned char *)payload, len, end);
	out->len += strlen(end);
	return 0;
}

int claims_cached_decode(const char *text, struct claims **out)
{
	struct buffer payload = BUFFER_INIT(JWT_MAX);
	size_t len = strlen(text), room = BASE64_DECODED(len);
	*out = NULL;
	if (len > JWT_MAX)
		return RESULT_TOKEN_FORM;
	int r = buffer_reserve(&payload, room);
	if (r == 0)
		r = base64url_decode(
		    text, len, (unsigned char *)payload.bytes, room, &payload.len);
	if (r == 0)
		r = claims_make(payload.bytes, payload.len, out);
	buffer_wipe(&payload);
	return r;
}
