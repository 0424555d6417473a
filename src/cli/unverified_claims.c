/* SPDX-License-Identifier: MIT */
#include "cli/unverified_claims.h"

#include <stdio.h>
#include <string.h>

#include "cli/input.h"
#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/token/claims.h"
#include "helper/token/claims_make.h"
#include "helper/token/jwt.h"

bool unverified_claims_read(const char *path, struct claims **out)
{
	struct buffer text = BUFFER_INIT(JWT_MAX);
	char shown[512];
	*out = NULL;
	bool was_read = input_read_file(path, &text);
	int r = was_read ? claims_make(buffer_text(&text), text.len, out) : 0;
	buffer_wipe(&text);
	if (was_read && r != 0) {
		text_printable(path, strlen(path), shown, sizeof(shown));
		fprintf(stderr, "cognito-oidc: %s: %s\n", shown,
		    r == RESULT_TOKEN_PAYLOAD ? "not one strict JSON object"
					      : result_phrase(r));
	}
	return was_read && r == 0;
}
