/* SPDX-License-Identifier: MIT
 *
 * What differs between Amazon Cognito and other OpenID providers. endpoints.provider chooses
 * one profile; every other file asks its members, never which provider it is.
 */
#ifndef HELPER_CONFIG_PROVIDER_H
#define HELPER_CONFIG_PROVIDER_H

#include <stdbool.h>

struct provider {
	const char *name; /* the word in endpoints.provider */
	/* token_use is Cognito's own claim: an ID token of another provider may lack it. Access
	 * tokens always need it. */
	bool token_use_optional;
	/* A pool's tokens bear one of two forms of its issuer: alternate_issuers is derived. */
	bool has_two_issuers;
	/* The cognito-idp API answers at the issuer's host: api_url is derived. */
	bool has_api;
	/* /oauth2/revoke is beside /oauth2/token: revocation_url is derived. */
	bool revokes_beside_token;
	/* ID tokens hold the claim "cognito:username". */
	bool has_cognito_username;
	/* A token without cognito:groups is of somebody in no group. */
	bool omits_empty_groups;
	/* A refresh token comes without the scope offline_access. */
	bool always_gives_refresh_token;
	/* The token endpoint takes client_id:client_secret for Basic as they are. RFC 6749
	 * section 2.3.1 has both percent-encoded before. */
	bool takes_plain_basic;
	/* The scope to ask for when config.scopes is empty. NULL: send none; Cognito then
	 * grants every scope of the app client. */
	const char *default_scope;
};

extern const struct provider provider_cognito, provider_oidc;

/* The profile of this name, or NULL. */
const struct provider *provider_find(const char *name);

#endif
