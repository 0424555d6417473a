/* SPDX-License-Identifier: MIT */
#include "helper/config/provider.h"

#include <stddef.h>

#include "common/text.h"

const struct provider provider_cognito = {
    .name = "cognito",
    .has_two_issuers = true,
    .has_api = true,
    .revokes_beside_token = true,
    .has_cognito_username = true,
    .always_gives_refresh_token = true,
};

const struct provider provider_oidc = {
    .name = "oidc",
    .token_use_optional = true,
    .default_scope = "openid",
};

const struct provider *provider_find(const char *name)
{
	if (streq(name, provider_cognito.name))
		return &provider_cognito;
	return streq(name, provider_oidc.name) ? &provider_oidc : NULL;
}
