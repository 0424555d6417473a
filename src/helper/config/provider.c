/* SPDX-License-Identifier: MIT
 *
 * The two providers, and what follows from a user pool's addresses. A pool has one id, two
 * forms of its issuer and one API host, all made from the same parts:
 *
 *	https://[issuer-]cognito-idp.<region>.<suffix>/<region>_<name>
 *
 * The suffix is not taken for granted: China, Europe's sovereign cloud and tests have
 * others.
 */
#include "helper/config/provider.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config_read.h"

#define SCHEME "https://"
#define JWKS_SUFFIX "/.well-known/jwks.json"
#define TOKEN_SUFFIX "/oauth2/token"
#define UPDATED_PREFIX "issuer-"
#define HOST_PREFIX "cognito-idp."

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

struct part {
	const char *at;
	size_t len;
};

struct issuer {
	struct part host; /* with its port, without UPDATED_PREFIX on a Cognito host */
	const char *path; /* from its "/", or "" */
	const char *pool; /* the last segment of the path; "" when there is none */
	struct part region; /* len 0: not a Cognito host */
	struct part suffix; /* of a Cognito host, without its port */
	bool is_updated;
};

static struct issuer split_issuer(const char *text)
{
	const char *host = text + strlen(SCHEME);
	struct issuer issuer = {.path = host + strcspn(host, "/")};
	const char *slash = strrchr(issuer.path, '/');
	bool is_updated = text_starts(host, UPDATED_PREFIX HOST_PREFIX);
	const char *plain = host + (is_updated ? strlen(UPDATED_PREFIX) : 0);
	issuer.pool = slash != NULL ? slash + 1 : "";
	issuer.host = (struct part){host, (size_t)(issuer.path - host)};
	if (!text_starts(plain, HOST_PREFIX))
		return issuer;
	const char *region = plain + strlen(HOST_PREFIX);
	size_t len = strcspn(region, "./");
	if (len == 0 || region[len] != '.')
		return issuer;
	const char *suffix = region + len + 1;
	issuer.host = (struct part){plain, (size_t)(issuer.path - plain)};
	issuer.region = (struct part){region, len};
	issuer.suffix = (struct part){suffix, strcspn(suffix, ":/")};
	issuer.is_updated = is_updated;
	return issuer;
}

static bool part_is(const struct part *part, const char *text, size_t len)
{
	return part->len == len && memcmp(part->at, text, len) == 0;
}

static bool is_amazon(const struct issuer *issuer)
{
	static const char *const suffixes[] = {
	    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"};
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (part_is(&issuer->suffix, suffixes[i], strlen(suffixes[i])))
			return true;
	return false;
}

/* The issuer is certs_url without its end. A replica's key set is served from another
 * region, but then the file names the issuer. */
static bool derive_issuer(struct reader *reader, struct config *config)
{
	size_t len = strlen(config->certs_url);
	if (!text_ends(config->certs_url, JWKS_SUFFIX))
		return config_refuse_key(reader, "config", "certs_url",
		    "does not end with " JWKS_SUFFIX "; name \"endpoints.issuer\"");
	config->issuer =
	    config_format(reader, "%.*s", (int)(len - strlen(JWKS_SUFFIX)), config->certs_url);
	if (config->issuer == NULL)
		return false;
	struct issuer issuer = split_issuer(config->issuer);
	if (!is_amazon(&issuer) ||
	    part_is(&issuer.region, issuer.pool, strcspn(issuer.pool, "_")))
		return true;
	return config_refuse_key(reader, "config", "certs_url",
	    "names a pool of another region than its host: a pool's id begins with its "
	    "region");
}

static void derive_api(struct reader *reader, struct config *config, struct part host)
{
	char *given = config->api_url;
	if (given == NULL && config->provider->has_api)
		config->api_url = config_format(reader, SCHEME "%.*s/", (int)host.len, host.at);
	else if (given != NULL && !text_ends(given, "/")) {
		config->api_url = config_format(reader, "%s/", given);
		free(given);
	}
}

static void derive_alternates(
    struct reader *reader, struct config *config, const struct issuer *issuer)
{
	if (config->alternate_issuers.items != NULL)
		return;
	config_list_make(reader, &config->alternate_issuers);
	if (!config->provider->has_two_issuers || issuer->region.len == 0)
		return;
	char *other =
	    config_format(reader, SCHEME "%s%.*s%s", issuer->is_updated ? "" : UPDATED_PREFIX,
		(int)issuer->host.len, issuer->host.at, issuer->path);
	if (other != NULL)
		config_list_add(reader, &config->alternate_issuers, other);
	free(other);
}

void config_derive_endpoints(struct reader *reader, struct config *config)
{
	const char *token_url = config->token_url != NULL ? config->token_url : "";
	if (config->issuer == NULL && !derive_issuer(reader, config))
		return;
	struct issuer issuer = split_issuer(config->issuer);
	const char *line = strchr(issuer.pool, '_');
	derive_api(reader, config, issuer.host);
	derive_alternates(reader, config, &issuer);
	if (line != NULL && line[1] != '\0')
		config->pool_name = config_format(reader, "%s", line + 1);
	if (config->revocation_url == NULL && config->provider->revokes_beside_token &&
	    text_ends(token_url, TOKEN_SUFFIX))
		config->revocation_url = config_format(reader, "%.*s/oauth2/revoke",
		    (int)(strlen(token_url) - strlen(TOKEN_SUFFIX)), token_url);
}
