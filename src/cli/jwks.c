/* SPDX-License-Identifier: MIT
 *
 * jwks: the key set that logins have cached.
 */
#include <stdio.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/helper_client.h"

/* Returns 0, or after complaining why the key set was not fetched. */
static int refresh(const char *path)
{
	const struct helper_client client = {.prompt = NULL};
	struct request q = {.purpose = PURPOSE_KEYS, .config_path = path, .ticket_age = -1};
	struct verdict v;
	int r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
	if (r != 0) {
		reason_at(&v.reason, r, result_phrase(r));
		complain("%s", v.reason.detail);
	}
	verdict_free(&v);
	return r;
}

/* Only usable keys are in the set; the others were skipped when it was parsed. */
static void report_keys(struct output *out, const struct jwks *keys)
{
	output_json(out, "keys:[");
	for (size_t i = 0; keys != NULL && i < jwks_count(keys); i++) {
		output_line(out, "  %-44s RSA %d bits", jwks_kid(keys, i), jwks_bits(keys, i));
		output_json(out, "{kid:%s kty:%s bits:%lld}", jwks_kid(keys, i), "RSA",
		    (long long)jwks_bits(keys, i));
	}
	output_json(out, "]");
}

/* True if there are keys that a login would believe. */
static bool report(struct output *out, const struct arguments *a, const struct config *config)
{
	struct jwks *keys = NULL;
	long long fetched = input_cached_keys(a->config, config, &keys);
	long long age = a->now - fetched;
	const char *state = keys == NULL                  ? "none"
			    : age < JWKS_FRESH_SECONDS    ? "fresh"
			    : age < JWKS_BELIEVED_SECONDS ? "old"
							  : "expired";
	output_json(
	    out, "config:%s certs_url:%s state:%s", a->config, config->certs_url, state);
	output_line(out, "from   %s", config->certs_url);
	if (keys != NULL) {
		output_json(out, "fetched:%lld age:%lld", fetched, age);
		output_line(out, "age    %lld s: %s", age,
		    age < JWKS_FRESH_SECONDS
			? "used as it is"
			: "the next login fetches them again; if that fails, they are believed "
			  "for up to a week");
	} else {
		output_line(out, "none cached: the next login fetches them, or --refresh does");
	}
	report_keys(out, keys);
	bool good = keys != NULL && age < JWKS_BELIEVED_SECONDS;
	jwks_free(keys);
	return good;
}

int jwks_main(const struct arguments *arguments, struct output *out)
{
	struct config *config = NULL;
	int code = EXIT_TROUBLE;
	if (input_read_config(arguments->config, false, &config)) {
		int r = arguments->refresh ? refresh(arguments->config) : 0;
		bool good = report(out, arguments, config) && r == 0;
		output_json(out, "ok:%d", good);
		code = good ? EXIT_YES : EXIT_NO;
	}
	config_free(config);
	return code;
}
