/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "helper/flow/keys.h"
#include "helper/json/json.h"
#include "helper/net/http.h"
#include "helper/probe/report.h"
#include "helper/token/jwks.h"

#define DOCUMENT_MAX (64u * 1024) /* Cognito's is 1 KiB, other providers' up to 10 */
#define JWKS_SUFFIX "/.well-known/jwks.json"
#define DISCOVERY_SUFFIX "/.well-known/openid-configuration"
#define KIDS_MAX 512
#define CLOCK_MAX 240 /* seconds; the largest leeway of a login, less a minute */

/* An answer that is of no use, or none. */
static void report_answer(struct probe *p, enum finding_name name, const char *url, int r,
    const struct http_answer *answer)
{
	if (answer->status != 0)
		report(p, REPORT_FAULT, name, "%s: %s (status %ld)", url, result_phrase(r),
		    answer->status);
	else
		report(p, REPORT_FAULT, name, "%s: %s: %s", url, result_phrase(r),
		    p->reason.detail);
}

/* ---- discovery ----------------------------------------------------------------------- */

/* A pool names its key set at its issuer, whichever of its hosts we ask. */
static bool is_own_key_set(const struct config *config, const char *url)
{
	size_t len = strlen(config->issuer);
	return text_starts(url, config->issuer) && streq(url + len, JWKS_SUFFIX);
}

/* The configured endpoints against the pool's. A broker's in front of Cognito are not the
 * pool's own and need not be; behind the AWS sample, the pool's own token_url refreshes. */
static void compare_endpoints(struct probe *p, const struct cJSON *document)
{
	const struct config *config = p->config;
	bool has_broker = (config_has_flow(config, FLOW_DEVICE) &&
			      config->device_dialect == DIALECT_RFC8628) ||
			  (config_has_flow(config, FLOW_PASSWORD) &&
			      config->password_method == PASSWORD_ROPC);
	const struct {
		const char *key, *ours, *member;
	} rows[] = {
	    {"config.certs_url", config->certs_url, "jwks_uri"},
	    {"config.auth_url", config->auth_url, "authorization_endpoint"},
	    {"config.token_url", config->token_url, "token_endpoint"},
	};
	for (size_t i = 0; i < (has_broker ? 1 : sizeof(rows) / sizeof(rows[0])); i++) {
		const char *ours = rows[i].ours;
		const char *theirs = json_member_string(document, rows[i].member);
		/* auth_url may have a query. */
		size_t len = ours != NULL ? strcspn(ours, "?") : 0;
		if (ours != NULL && theirs != NULL && !is_own_key_set(config, theirs) &&
		    (strlen(theirs) != len || memcmp(ours, theirs, len) != 0))
			report(p, REPORT_WARNING, FOUND_ENDPOINT, "%s is %s; the pool says %s",
			    rows[i].key, ours, theirs);
	}
}

static void judge_document(struct probe *p, const struct cJSON *document)
{
	const struct config *config = p->config;
	const char *issuer = json_member_string(document, "issuer");
	if (issuer == NULL)
		report(
		    p, REPORT_FAULT, FOUND_DISCOVERY, "the pool's description names no issuer");
	else if (streq(issuer, config->issuer) ||
		 config_list_has(&config->alternate_issuers, issuer))
		report(
		    p, REPORT_OK, FOUND_ISSUER, "tokens come from %s, as configured", issuer);
	else
		report(p, REPORT_FAULT, FOUND_ISSUER,
		    "tokens come from %s; the configuration expects %s", issuer,
		    config->issuer);
	compare_endpoints(p, document);
}

void provider_discovery(struct probe *p)
{
	const char *certs = p->config->certs_url;
	size_t len = strlen(certs) - (sizeof(JWKS_SUFFIX) - 1);
	char url[CONFIG_URL_MAX + sizeof(DISCOVERY_SUFFIX)];
	struct http_answer answer = {.body = BUFFER_INIT(DOCUMENT_MAX)};
	struct json *document = NULL;
	if (text_ends(certs, JWKS_SUFFIX))
		snprintf(url, sizeof(url), "%.*s%s", (int)len, certs, DISCOVERY_SUFFIX);
	else
		snprintf(url, sizeof(url), "%s%s", p->config->issuer, DISCOVERY_SUFFIX);
	if (!report_is_open(p, url))
		return;
	int r = http_get(p->http, url, &answer, &p->reason);
	if (r == 0)
		r = http_parse(&answer, 200, &document);
	if (r == 0)
		judge_document(p, json_root(document));
	else
		report_answer(p, FOUND_DISCOVERY, url, r, &answer);
	json_free(document);
	buffer_wipe(&answer.body);
}

/* ---- key set and clock --------------------------------------------------------------- */

/* A token that seems to come from the future is refused: a host whose clock is behind is
 * affected first. One whose clock is ahead sees tokens expire early. */
static void judge_clock(struct probe *p, const struct http_answer *answer)
{
	long long ahead = (long long)time(NULL) - answer->date;
	if (answer->date == 0)
		return;
	if (llabs(ahead) <= p->config->leeway + 1)
		report(p, REPORT_OK, FOUND_CLOCK,
		    "this host's clock and the pool's agree (%lld s)", ahead);
	else if (ahead < 0 || ahead >= CLOCK_MAX)
		report(p, REPORT_FAULT, FOUND_CLOCK,
		    "this host's clock is %lld s %s the pool's; login.leeway forgives %ld s",
		    llabs(ahead), ahead < 0 ? "behind" : "ahead of", p->config->leeway);
	else
		report(p, REPORT_WARNING, FOUND_CLOCK,
		    "this host's clock is %lld s ahead of the pool's", ahead);
}

/* As many as have room. */
static void list_kids(const struct jwks *keys, struct buffer *out)
{
	for (size_t i = 0; i < jwks_count(keys); i++)
		buffer_append_format(out, "%s%s", i > 0 ? ", " : "", jwks_kid(keys, i));
}

static void judge_cached(struct probe *p, const struct jwks *fresh)
{
	struct buffer kids = BUFFER_INIT(KIDS_MAX);
	const struct jwks *cached = p->cached->jwks;
	long long minutes = ((long long)time(NULL) - p->cached->fetched) / 60;
	if (cached == NULL)
		return;
	bool is_same = jwks_count(cached) == jwks_count(fresh);
	for (size_t i = 0; i < jwks_count(cached); i++)
		is_same = is_same && jwks_find(fresh, jwks_kid(cached, i)) != NULL;
	list_kids(cached, &kids);
	if (is_same)
		report(p, REPORT_OK, FOUND_JWKS_CACHED,
		    "the keys cached %lld min ago are the pool's", minutes);
	else
		report(p, REPORT_WARNING, FOUND_JWKS_CACHED,
		    "the pool has changed its keys since %lld min ago: cached are %s", minutes,
		    buffer_text(&kids));
	buffer_wipe(&kids);
}

void provider_keys(struct probe *p)
{
	struct http_answer answer = {.body = BUFFER_INIT(JWKS_TEXT_MAX)};
	struct jwks *keys = NULL;
	const char *url = p->config->certs_url;
	struct buffer kids = BUFFER_INIT(KIDS_MAX);
	if (!report_is_open(p, url))
		return;
	int r = http_get(p->http, url, &answer, &p->reason);
	if (r == 0) {
		judge_clock(p, &answer);
		r = http_judge_key_set(&answer);
	}
	if (r == 0)
		r = jwks_parse(buffer_text(&answer.body), answer.body.len, &keys);
	if (r == 0) {
		list_kids(keys, &kids);
		report(p, REPORT_OK, FOUND_JWKS, "%zu usable key%s: %s", jwks_count(keys),
		    jwks_count(keys) == 1 ? "" : "s", buffer_text(&kids));
		judge_cached(p, keys);
	} else if (answer.status == 200 && r == RESULT_JWKS) {
		report(p, REPORT_FAULT, FOUND_JWKS,
		    "%s: not one key that may sign a login (RSA, 2048 bits, RS256)", url);
	} else {
		report_answer(p, FOUND_JWKS, url, r, &answer);
	}
	jwks_free(keys);
	buffer_wipe(&kids);
	buffer_wipe(&answer.body);
}
