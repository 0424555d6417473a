/* SPDX-License-Identifier: MIT */
#include "helper/probe/provider.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/config/config.h"
#include "helper/probe/report.h"
#include "helper/probe/route.h"
#include "helper/token/jwks.h"

#define DOCUMENT_MAX (64u * 1024) /* Cognito's is 1 KiB, other providers' up to 10 */
#define JWKS_SUFFIX "/.well-known/jwks.json"
#define DISCOVERY_SUFFIX "/.well-known/openid-configuration"
#define CLOCK_MOST 240 /* seconds; what a login forgives at most, less a minute */

/* ---- clock --------------------------------------------------------------------------- */

/* A token is refused when it seems to come from the future: a host whose clock is behind
 * notices first. One that is ahead sees tokens end early. */
static void judge_clock(struct probe *p, const struct http_answer *answer)
{
	long long ahead = (long long)time(NULL) - answer->date;
	long long off = ahead < 0 ? -ahead : ahead;
	if (answer->date == 0)
		return;
	if (off <= p->config->leeway + 1)
		report_ok(
		    p, FOUND_CLOCK, "this host's clock and the pool's agree (%lld s)", ahead);
	else if (ahead < 0 || off >= CLOCK_MOST)
		report_fault(p, FOUND_CLOCK,
		    "this host's clock is %lld s %s the pool's; login.leeway forgives %ld s",
		    off, ahead < 0 ? "behind" : "ahead of", p->config->leeway);
	else
		report_warning(
		    p, FOUND_CLOCK, "this host's clock is %lld s ahead of the pool's", off);
}

/* ---- discovery ----------------------------------------------------------------------- */

static bool discovery_url(const struct config *config, char *out, size_t size)
{
	const char *certs = config->certs_url;
	size_t len = strlen(certs), tail = sizeof(JWKS_SUFFIX) - 1;
	int n = text_ends(certs, JWKS_SUFFIX)
		    ? snprintf(out, size, "%.*s%s", (int)(len - tail), certs, DISCOVERY_SUFFIX)
		    : snprintf(out, size, "%s%s", config->issuer, DISCOVERY_SUFFIX);
	return n > 0 && (size_t)n < size;
}

static bool is_expected_issuer(const struct config *config, const char *issuer)
{
	if (streq(issuer, config->issuer))
		return true;
	for (size_t i = 0; i < config->alternate_issuers.len; i++)
		if (streq(issuer, config->alternate_issuers.items[i]))
			return true;
	return false;
}

/* The addresses are the same up to a query, which auth_url may have. */
static bool is_same_address(const char *ours, const char *theirs)
{
	size_t len = strcspn(ours, "?");
	return strlen(theirs) == len && memcmp(ours, theirs, len) == 0;
}

/* A broker's addresses in front of Cognito are not the pool's own and need not be. */
static void compare(struct probe *p, const struct cJSON *document, const char *key,
    const char *ours, const char *member)
{
	const char *theirs = json_member_string(document, member);
	if (ours == NULL || theirs == NULL || is_same_address(ours, theirs))
		return;
	report_warning(p, FOUND_ENDPOINT, "%s is %s; the pool says %s", key, ours, theirs);
}

static void judge_document(struct probe *p, const struct cJSON *document)
{
	const struct config *config = p->config;
	bool has_broker = config_has_flow(config, FLOW_DEVICE) ||
			  (config_has_flow(config, FLOW_PASSWORD) &&
			      config->password_method == PASSWORD_ROPC);
	const char *issuer = json_member_string(document, "issuer");
	if (issuer == NULL)
		report_fault(p, FOUND_DISCOVERY, "the pool's description names no issuer");
	else if (is_expected_issuer(config, issuer))
		report_ok(p, FOUND_ISSUER, "tokens come from %s, as configured", issuer);
	else
		report_fault(p, FOUND_ISSUER,
		    "tokens come from %s; the configuration expects %s", issuer,
		    config->issuer);
	compare(p, document, "config.certs_url", config->certs_url, "jwks_uri");
	if (has_broker)
		return;
	compare(p, document, "config.auth_url", config->auth_url, "authorization_endpoint");
	compare(p, document, "config.token_url", config->token_url, "token_endpoint");
}

void provider_discovery(struct probe *p)
{
	char url[CONFIG_URL_MAX + sizeof(DISCOVERY_SUFFIX)];
	struct http_answer answer = HTTP_ANSWER_INIT(DOCUMENT_MAX);
	struct json *document = NULL;
	if (!discovery_url(p->config, url, sizeof(url)) || !route_is_open(p, url))
		return;
	int r = http_get(p->http, url, &answer);
	if (r == 0)
		r = http_judge(&answer, 200);
	if (r == 0)
		r = json_parse(
		    buffer_text(&answer.body), answer.body.len, DOCUMENT_MAX, &document, NULL);
	if (r == 0)
		judge_document(p, json_root(document));
	else if (answer.status != 0)
		report_fault(p, FOUND_DISCOVERY, "%s: %s (status %ld)", url, result_phrase(r),
		    answer.status);
	else
		report_fault(
		    p, FOUND_DISCOVERY, "%s: %s: %s", url, result_phrase(r), http_why(p->http));
	json_free(document);
	buffer_wipe(&answer.body);
}

/* ---- key set ------------------------------------------------------------------------- */

static void list_kids(const struct jwks *keys, char *out, size_t size)
{
	size_t at = 0;
	out[0] = '\0';
	for (size_t i = 0; i < jwks_count(keys) && at < size; i++) {
		int n =
		    snprintf(out + at, size - at, "%s%s", i > 0 ? ", " : "", jwks_kid(keys, i));
		at += n > 0 ? (size_t)n : 0;
	}
}

static bool holds_all(const struct jwks *keys, const struct jwks *of)
{
	for (size_t i = 0; i < jwks_count(of); i++)
		if (jwks_find(keys, jwks_kid(of, i)) == NULL)
			return false;
	return true;
}

static void judge_kept(struct probe *p, const struct jwks *fresh)
{
	char kids[512];
	long long age = (long long)time(NULL) - p->kept_since;
	if (p->kept == NULL)
		return;
	list_kids(p->kept, kids, sizeof(kids));
	if (holds_all(fresh, p->kept) && holds_all(p->kept, fresh))
		report_ok(p, FOUND_JWKS_CACHED, "the keys kept %lld min ago are the pool's",
		    age / 60);
	else
		report_warning(p, FOUND_JWKS_CACHED,
		    "the pool has changed its keys since %lld min ago: kept are %s", age / 60,
		    kids);
}

void provider_keys(struct probe *p)
{
	struct http_answer answer = HTTP_ANSWER_INIT(JWKS_TEXT_MAX);
	struct jwks *keys = NULL;
	const char *url = p->config->certs_url;
	char kids[512];
	if (!route_is_open(p, url))
		return;
	int r = http_get(p->http, url, &answer);
	if (r == 0)
		judge_clock(p, &answer);
	if (r == 0)
		r = http_judge_key_set(&answer);
	if (r == 0)
		r = jwks_parse(buffer_text(&answer.body), answer.body.len, &keys);
	if (r == 0) {
		list_kids(keys, kids, sizeof(kids));
		report_ok(p, FOUND_JWKS, "%zu usable key%s: %s", jwks_count(keys),
		    jwks_count(keys) == 1 ? "" : "s", kids);
		judge_kept(p, keys);
	} else if (answer.status == 200 && r == RESULT_JWKS) {
		report_fault(p, FOUND_JWKS,
		    "%s: not one key that may sign a login (RSA, 2048 bits, RS256)", url);
	} else {
		report_fault(
		    p, FOUND_JWKS, "%s: %s (status %ld)", url, result_phrase(r), answer.status);
	}
	jwks_free(keys);
	buffer_wipe(&answer.body);
}
