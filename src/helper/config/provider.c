/* SPDX-License-Identifier: MIT
 *
 * The two providers, and what follows from a user pool's addresses. A pool has one id, two
 * forms of its issuer and one API host, all made from the same parts:
 *
 *	https://[issuer-]cognito-idp.<region>.<suffix>/<region>_<name>
 *
 * The suffix is not taken for granted: China, Europe's sovereign cloud and tests have
 * others. Amazon's other hosts serve the same pool, and the same tokens:
 *
 *	cognito-idp-fips.<region>.amazonaws.com          FIPS 140
 *	cognito-idp[-fips].<region>.api.aws              IPv4 and IPv6
 *	vpce-<id>.cognito-idp[-fips].<region>.vpce.amazonaws.com     a VPC's own endpoint
 */
#include "helper/config/provider.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "helper/config/config_read.h"

#define SCHEME "https://"
#define JWKS_SUFFIX "/.well-known/jwks.json"
#define TOKEN_SUFFIX "/oauth2/token"
#define UPDATED_PREFIX "issuer-"
#define HOST_PREFIX "cognito-idp"
#define FIPS "-fips"
#define VPC_PREFIX "vpce-"

const struct provider provider_cognito = {
    .name = "cognito",
    .has_two_issuers = true,
    .has_api = true,
    .revokes_beside_token = true,
    .has_cognito_username = true,
    .omits_empty_groups = true,
    .always_gives_refresh_token = true,
    .takes_plain_basic = true,
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

struct issuer {
	const char *host; /* with its port, without UPDATED_PREFIX on a Cognito host */
	const char *region, *suffix; /* NULL: not a Cognito host */
	size_t region_len;
	const char *path; /* from its "/", or "" */
	const char *pool; /* the last segment of the path; "" without one */
	bool is_updated;
};

static struct issuer split_issuer(const char *text)
{
	const char *host = text + strlen(SCHEME);
	struct issuer issuer = {.host = host, .path = host + strcspn(host, "/")};
	const char *slash = strrchr(issuer.path, '/');
	size_t first = strcspn(host, "./");
	bool is_vpc = text_starts(host, VPC_PREFIX) && host[first] == '.';
	const char *label = host + (is_vpc ? first + 1 : 0);
	issuer.pool = slash != NULL ? slash + 1 : "";
	bool is_updated = text_starts(host, UPDATED_PREFIX HOST_PREFIX);
	label += is_updated ? strlen(UPDATED_PREFIX) : 0;
	if (!text_starts(label, HOST_PREFIX))
		return issuer;
	label += strlen(HOST_PREFIX);
	label += text_starts(label, FIPS) ? strlen(FIPS) : 0;
	size_t len = label[0] == '.' ? strcspn(label + 1, "./") : 0;
	if (len == 0 || label[len + 1] != '.')
		return issuer;
	issuer.host += is_updated ? strlen(UPDATED_PREFIX) : 0;
	issuer.region = label + 1;
	issuer.region_len = len;
	issuer.suffix = issuer.region + len + 1;
	issuer.is_updated = is_updated;
	return issuer;
}

/* Is this what text has before the first of these ends? */
static bool has_part(const char *text, const char *ends, const char *part, size_t len)
{
	return strcspn(text, ends) == len && memcmp(text, part, len) == 0;
}

/* The suffix in the issuers of a pool at this host; NULL: not Amazon's. */
static const char *amazon_suffix(const struct issuer *issuer)
{
	static const struct {
		const char *host, *issuer;
	} suffixes[] = {
	    {"amazonaws.com", "amazonaws.com"},
	    {"amazonaws.com.cn", "amazonaws.com.cn"},
	    {"amazonaws.eu", "amazonaws.eu"},
	    {"api.aws", "amazonaws.com"},
	    {"api.amazonwebservices.com.cn", "amazonaws.com.cn"},
	    {"api.amazonwebservices.eu", "amazonaws.eu"},
	    {"vpce.amazonaws.com", "amazonaws.com"},
	    {"vpce.amazonaws.com.cn", "amazonaws.com.cn"},
	    {"vpce.amazonaws.eu", "amazonaws.eu"},
	};
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (issuer->suffix != NULL &&
		    has_part(issuer->suffix, ":/", suffixes[i].host, strlen(suffixes[i].host)))
			return suffixes[i].issuer;
	return NULL;
}

/* The issuer that tokens of this pool bear, wherever its keys are served. */
static char *borne_issuer(struct reader *r, const struct issuer *issuer)
{
	return config_format(r, SCHEME "%s" HOST_PREFIX ".%.*s.%s%s",
	    issuer->is_updated ? UPDATED_PREFIX : "", (int)issuer->region_len, issuer->region,
	    amazon_suffix(issuer), issuer->path);
}

/* Names of hosts have no case, but the issuer in a token is compared byte for byte, and
 * Cognito's is in lower case. */
static void lower_host(char *url)
{
	char *path = strchr(url + strlen(SCHEME), '/');
	if (path != NULL)
		*path = '\0';
	text_lower(url);
	if (path != NULL)
		*path = '/';
}

/* The issuer is certs_url without its end. A replica's key set is served from another
 * region, but then the file names the issuer. */
static bool derive_issuer(struct reader *r, struct config *config)
{
	if (config->provider->has_two_issuers)
		lower_host(config->certs_url);
	size_t len = strlen(config->certs_url);
	if (!text_ends(config->certs_url, JWKS_SUFFIX))
		return config_refuse_key(r, "config", "certs_url",
		    "does not end with " JWKS_SUFFIX "; name \"endpoints.issuer\"");
	config->issuer =
	    config_format(r, "%.*s", (int)(len - strlen(JWKS_SUFFIX)), config->certs_url);
	if (config->issuer == NULL)
		return false;
	struct issuer issuer = split_issuer(config->issuer);
	if (amazon_suffix(&issuer) == NULL)
		return true;
	if (!has_part(issuer.pool, "_", issuer.region, issuer.region_len))
		return config_refuse_key(r, "config", "certs_url",
		    "names a pool of another region than its host: a pool's id begins with its "
		    "region");
	char *given = config->issuer;
	config->issuer = borne_issuer(r, &issuer);
	free(given);
	return config->issuer != NULL;
}

/* No token bears the name of another of Amazon's hosts. */
static bool check_issuer(struct reader *r, const struct config *config)
{
	char wrong[CONFIG_URL_MAX + 64];
	struct issuer issuer = split_issuer(config->issuer);
	char *borne = amazon_suffix(&issuer) != NULL ? borne_issuer(r, &issuer) : NULL;
	bool good = borne == NULL || streq(borne, config->issuer);
	snprintf(wrong, sizeof(wrong), "is not what tokens bear: name \"%s\"",
	    borne != NULL ? borne : "");
	free(borne);
	return good || config_refuse_key(r, "endpoints", "issuer", wrong);
}

static void derive_alternates(
    struct reader *r, struct config *config, const struct issuer *issuer)
{
	if (config->alternate_issuers.items != NULL)
		return;
	config_list_make(r, &config->alternate_issuers);
	if (!config->provider->has_two_issuers || issuer->region == NULL)
		return;
	char *other = config_format(
	    r, SCHEME "%s%s", issuer->is_updated ? "" : UPDATED_PREFIX, issuer->host);
	if (other != NULL)
		config_list_add(r, &config->alternate_issuers, other);
	free(other);
}

void config_derive_endpoints(struct reader *r, struct config *config)
{
	const char *token_url = config->token_url != NULL ? config->token_url : "";
	bool is_named = config->issuer != NULL;
	if (is_named ? !check_issuer(r, config) : !derive_issuer(r, config))
		return;
	struct issuer issuer = split_issuer(config->issuer);
	/* Who has the keys from a FIPS, an IPv6 or a VPC's host wants no other for passwords.
	 */
	struct issuer at = is_named ? issuer : split_issuer(config->certs_url);
	const char *line = strchr(issuer.pool, '_');
	char *given = config->api_url;
	if (given == NULL && config->provider->has_api)
		config->api_url =
		    config_format(r, SCHEME "%.*s/", (int)strcspn(at.host, "/"), at.host);
	else if (given != NULL && !text_ends(given, "/")) {
		config->api_url = config_format(r, "%s/", given);
		free(given);
	}
	derive_alternates(r, config, &issuer);
	if (line != NULL && line[1] != '\0')
		config->pool_name = config_format(r, "%s", line + 1);
	if (config->revocation_url == NULL && config->provider->revokes_beside_token &&
	    text_ends(token_url, TOKEN_SUFFIX))
		config->revocation_url = config_format(r, "%.*s/oauth2/revoke",
		    (int)(strlen(token_url) - strlen(TOKEN_SUFFIX)), token_url);
}
