/* SPDX-License-Identifier: MIT
 *
 * jwks: the key set that logins have cached.
 */
#include <stdio.h>

#include "cli/errand.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/store.h"

/* Sets *result to what came of it. False, after complaining, if a login would not trust the
 * configuration. */
static bool refresh(const char *path, int *result)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX + 1);
	struct errand errand = {.purpose = "keys", .config_path = path, .config = &text};
	const char *why = NULL;
	bool good = store_read_config(path, &text, &why) == 0 ||
		    complain("%s: %s", path, why != NULL ? why : "unreadable");
	if (good) {
		*result = errand_run(&errand);
		if (*result != RESULT_DONE)
			complain("%s%s%s", result_phrase(*result),
			    errand.why[0] != '\0' ? ": " : "", errand.why);
	}
	buffer_wipe(&text);
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
	int result = RESULT_DONE, code = EXIT_TROUBLE;
	if (input_read_config(arguments->config, &config) &&
	    (!arguments->refresh || refresh(arguments->config, &result))) {
		bool good = report(out, arguments, config) && result == RESULT_DONE;
		output_bool(out, "ok", good);
		code = good ? EXIT_YES : EXIT_NO;
	}
	config_free(config);
	return code;
}
