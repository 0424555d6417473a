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
#include "common/request.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/helper_client.h"

/* Sets *result to what came of it. False, after complaining, if a login would not trust the
 * configuration. */
static bool refresh(const char *path, int *result)
{
	struct request q = {.purpose = PURPOSE_KEYS, .config_path = path, .ticket_age = -1};
	const struct helper_client client = {.prompt = NULL};
	struct verdict v;
	*result = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
	const char *why = v.reason.detail;
	bool good = *result != RESULT_CONFIG_FILE && *result != RESULT_MEMORY;
	if (!good)
		complain("%s", why[0] != '\0' ? why : result_phrase(*result));
	else if (*result != 0)
		complain("%s%s%s", result_phrase(*result), why[0] != '\0' ? ": " : "", why);
	verdict_free(&v);
	return good;
}

static void report_keys(struct output *out, const struct jwks *keys)
{
	output_array(out, "keys");
	for (size_t i = 0; keys != NULL && i < jwks_count(keys); i++) {
		output_line(out, "  %-44s RSA %d bits", jwks_kid(keys, i), jwks_bits(keys, i));
		output_object(out, NULL);
		output_string(out, "kid", jwks_kid(keys, i));
		output_string(out, "kty", "RSA");
		output_number(out, "bits", jwks_bits(keys, i));
		output_end_object(out);
	}
	output_end_array(out);
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
	output_string(out, "config", a->config);
	output_string(out, "certs_url", config->certs_url);
	output_string(out, "state", state);
	output_line(out, "from   %s", config->certs_url);
	if (keys != NULL) {
		output_number(out, "fetched", fetched);
		output_number(out, "age", age);
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
	int result = 0, code = EXIT_TROUBLE;
	if (input_read_config(arguments->config, &config) &&
	    (!arguments->refresh || refresh(arguments->config, &result))) {
		bool good = report(out, arguments, config) && result == 0;
		output_bool(out, "ok", good);
		code = good ? EXIT_YES : EXIT_NO;
	}
	config_free(config);
	return code;
}
