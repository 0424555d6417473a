/* SPDX-License-Identifier: MIT */
#include "cli/key_set.h"

#include <stdio.h>
#include <time.h>

#include "cli/input.h"
#include "common/buffer.h"
#include "common/message.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/store.h"

/* Its age is measured by the clock, not by --now. */
static bool read_kept(const char *config_path, const struct config *config, struct jwks **out)
{
	struct buffer kept = BUFFER_INIT(MESSAGE_STORE_MAX);
	long long fetched = 0, now = (long long)time(NULL);
	store_read_jwks(config_path, &kept);
	bool good = jwks_cached_decode(
			buffer_text(&kept), kept.len, config->certs_url, now, out, &fetched) &&
		    now - fetched <= JWKS_BELIEVED_SECONDS;
	buffer_wipe(&kept);
	if (!good)
		fprintf(stderr, "cognito-oidc: no key set: give --jwks FILE\n");
	return good;
}

bool key_set_read(const char *jwks_path, const char *config_path, const struct config *config,
    struct jwks **out)
{
	struct buffer text = BUFFER_INIT(JWKS_TEXT_MAX);
	*out = NULL;
	if (jwks_path == NULL)
		return read_kept(config_path, config, out);
	bool good = input_read_file(jwks_path, &text);
	if (good)
		good = jwks_parse(buffer_text(&text), text.len, out) != RESULT_MEMORY;
	buffer_wipe(&text);
	return good;
}
