/* SPDX-License-Identifier: MIT
 *
 * What follows from certs_url, and the one address that follows from token_url. A user pool has
 *one id, two forms of its issuer and one API host, all made from the same parts:
 *
 *	https://[issuer-]cognito-idp.<region>.<suffix>/<region>_<name>
 *
 * The suffix is not taken for granted: China, Europe's sovereign cloud and tests have
 * others.
 */
#include "helper/config/config_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"

#define SCHEME "https://"
#define JWKS_SUFFIX "/.well-known/jwks.json"
#define TOKEN_SUFFIX "/oauth2/token"
#define REVOKE_SUFFIX "/oauth2/revoke"
#define UPDATED_PREFIX "issuer-"
#define HOST_PREFIX "cognito-idp."

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

/* cognito-idp.<region>.<suffix> */
static void split_host(struct issuer *issuer)
{
	struct part host = issuer->host;
	size_t updated = sizeof(UPDATED_PREFIX) - 1, prefix = sizeof(HOST_PREFIX) - 1;
	bool is_updated = text_starts(host.at, UPDATED_PREFIX HOST_PREFIX);
	if (is_updated)
		host = (struct part){host.at + updated, host.len - updated};
	else if (!text_starts(host.at, HOST_PREFIX))
		return;
	const char *region = host.at + prefix;
	const char *dot = memchr(region, '.', host.len > prefix ? host.len - prefix : 0);
	if (dot == NULL || dot == region)
		return;
	const char *suffix = dot + 1, *end = host.at + host.len;
	issuer->is_updated = is_updated;
	issuer->host = host;
	issuer->region = (struct part){region, (size_t)(dot - region)};
	issuer->suffix = (struct part){suffix, strcspn(suffix, ":/")};
	if (issuer->suffix.at + issuer->suffix.len > end)
		issuer->suffix.len = (size_t)(end - suffix);
}

static struct issuer split_issuer(const char *text)
{
	const char *host = text + sizeof(SCHEME) - 1;
	struct issuer issuer = {.host = {host, strcspn(host, "/")}};
	issuer.path = host + issuer.host.len;
	const char *slash = strrchr(issuer.path, '/');
	issuer.pool = slash != NULL ? slash + 1 : "";
	split_host(&issuer);
	return issuer;
}

static bool part_is(const struct part *part, const char *text)
{
	return part->len == strlen(text) && memcmp(part->at, text, part->len) == 0;
}

static bool is_amazon(const struct issuer *issuer)
{
	static const char *const suffixes[] = {
	    "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"};
	if (issuer->region.len == 0)
		return false;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (part_is(&issuer->suffix, suffixes[i]))
			return true;
	return false;
}

static int derive_issuer(const struct reader *reader, struct config *config)
{
	size_t len = strlen(config->certs_url);
	if (config->issuer != NULL)
		return 0;
	if (!text_ends(config->certs_url, JWKS_SUFFIX))
		return config_refuse_key(reader, "config", "certs_url",
		    "does not end with " JWKS_SUFFIX "; name \"endpoints.issuer\"");
	config->issuer = strndup(config->certs_url, len - (sizeof(JWKS_SUFFIX) - 1));
	return config->issuer != NULL ? 0 : RESULT_MEMORY;
}

/* A replica's key set is served from another region, but then the issuer is named. */
static int check_region(
    const struct reader *reader, const struct issuer *issuer, bool is_derived)
{
	struct part region = {issuer->pool, strcspn(issuer->pool, "_")};
	if (!is_derived || !is_amazon(issuer))
		return 0;
	if (region.len == issuer->region.len &&
	    memcmp(region.at, issuer->region.at, region.len) == 0)
		return 0;
	return config_refuse_key(reader, "config", "certs_url",
	    "names a pool of another region than its host: a pool's id begins with its region");
}

static int derive_pool(
    const struct reader *reader, struct config *config, const struct issuer *issuer)
{
	const char *line = strchr(issuer->pool, '_');
	if (line != NULL && line[1] != '\0') {
		config->pool_name = strdup(line + 1);
		return config->pool_name != NULL ? 0 : RESULT_MEMORY;
	}
	if (!config_has_flow(config, FLOW_PASSWORD) ||
	    (config->password_method != PASSWORD_SRP &&
		config->password_method != PASSWORD_CHOICE))
		return 0;
	return config_refuse_key(reader, "login", "password_method",
	    "is one that needs a pool id (<region>_<name>) at the end of the issuer");
}

static int derive_alternates(struct config *config, const struct issuer *issuer)
{
	bool has_other = config->provider->has_two_issuers && issuer->region.len > 0;
	char *other = NULL;
	int r;
	if (config->alternate_issuers.items != NULL)
		return 0;
	r = config_list_make(&config->alternate_issuers, 1);
	if (r != 0 || !has_other)
		return r;
	if (asprintf(&other, SCHEME "%s%.*s%s", issuer->is_updated ? "" : UPDATED_PREFIX,
		(int)issuer->host.len, issuer->host.at, issuer->path) < 0)
		return RESULT_MEMORY;
	r = config_list_add(&config->alternate_issuers, other);
	free(other);
	return r;
}

static int derive_api(
    const struct reader *reader, struct config *config, const struct issuer *issuer)
{
	char *url = NULL;
	if (config->api_url != NULL && text_ends(config->api_url, "/"))
		return 0;
	if (config->api_url == NULL && !config->provider->has_api) {
		if (config->password_method == PASSWORD_ROPC ||
		    !config_has_flow(config, FLOW_PASSWORD))
			return 0;
		return config_refuse_key(reader, "endpoints", "provider",
		    "is \"oidc\", which needs \"login.password_method\": \"ropc\"");
	}
	if (config->api_url != NULL) {
		if (asprintf(&url, "%s/", config->api_url) < 0)
			return RESULT_MEMORY;
	} else if (asprintf(&url, SCHEME "%.*s/", (int)issuer->host.len, issuer->host.at) < 0) {
		return RESULT_MEMORY;
	}
	free(config->api_url);
	config->api_url = url;
	return 0;
}

/* Cognito's stands beside its token endpoint; another provider's may be anywhere. */
static int derive_revocation(struct config *config)
{
	size_t len = config->token_url != NULL ? strlen(config->token_url) : 0;
	if (config->revocation_url != NULL || !config->provider->revokes_beside_token ||
	    len == 0 || !text_ends(config->token_url, TOKEN_SUFFIX))
		return 0;
	len -= sizeof(TOKEN_SUFFIX) - 1;
	if (asprintf(
		&config->revocation_url, "%.*s" REVOKE_SUFFIX, (int)len, config->token_url) < 0)
		return RESULT_MEMORY;
	return 0;
}

int config_derive_endpoints(const struct reader *reader, struct config *config)
{
	bool is_derived = config->issuer == NULL;
	int r = derive_issuer(reader, config);
	if (r != 0)
		return r;
	struct issuer issuer = split_issuer(config->issuer);
	r = check_region(reader, &issuer, is_derived);
	if (r == 0)
		r = derive_api(reader, config, &issuer);
	if (r == 0)
		r = derive_pool(reader, config, &issuer);
	if (r == 0)
		r = derive_revocation(config);
	return r == 0 ? derive_alternates(config, &issuer) : r;
}
