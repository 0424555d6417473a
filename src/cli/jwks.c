/* SPDX-License-Identifier: MIT
 *
 * jwks: the key set that logins have kept.
 */
#include <stdio.h>
#include <time.h>

#include "cli/arguments.h"
#include "cli/errand.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/store.h"

/* True for a configuration that the module would take; after saying on stderr why not. */
static bool refresh(const char *path, int *result)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX + 1);
	struct errand errand = {.purpose = "keys", .config_path = path, .config = &text};
	const char *why = NULL;
	bool good = store_read_config(path, &text, &why) == 0;
	if (good) {
		*result = errand_run(&errand);
		if (*result != RESULT_DONE)
			fprintf(stderr, "cognito-oidc: %s%s%s\n", result_phrase(*result),
			    errand.why[0] != '\0' ? ": " : "", errand.why);
	} else {
		fprintf(
		    stderr, "cognito-oidc: %s: %s\n", path, why != NULL ? why : "unreadable");
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

static const char *state_of(const struct jwks *keys, long long age)
{
	if (keys == NULL)
		return "none";
	return age < JWKS_FRESH_SECONDS      ? "fresh"
	       : age < JWKS_BELIEVED_SECONDS ? "old"
					     : "expired";
}

/* True: there are keys that a login would believe. */
static bool report(struct output *out, const char *path, const struct config *config)
{
	struct buffer kept = BUFFER_INIT(MESSAGE_STORE_MAX);
	struct jwks *keys = NULL;
	long long fetched = 0, now = (long long)time(NULL);
	store_read_jwks(path, &kept);
	jwks_cached_decode(
	    buffer_text(&kept), kept.len, config->certs_url, now, &keys, &fetched);
	buffer_wipe(&kept);
	const char *state = state_of(keys, now - fetched);
	output_string(out, "config", path);
	output_string(out, "certs_url", config->certs_url);
	output_string(out, "state", state);
	output_line(out, "from   %s", config->certs_url);
	if (keys != NULL) {
		output_number(out, "fetched", fetched);
		output_number(out, "age", now - fetched);
		output_line(out, "age    %lld s: %s", now - fetched,
		    now - fetched < JWKS_FRESH_SECONDS
			? "used as it is"
			: "fetched anew by the next login; believed up to a week while that "
			  "fails");
	} else {
		output_line(out, "none kept: the next login fetches them, or --refresh");
	}
	report_keys(out, keys);
	bool good = keys != NULL && now - fetched < JWKS_BELIEVED_SECONDS;
	jwks_free(keys);
	return good;
}

int jwks_main(int argc, char **argv)
{
	const char *path = NULL;
	bool is_json = false, is_refresh = false;
	const struct argument arguments[] = {
	    {"--config", &path, NULL},
	    {"--json", NULL, &is_json},
	    {"--refresh", NULL, &is_refresh},
	};
	struct config *config = NULL;
	struct output out;
	int result = RESULT_DONE;
	if (!arguments_read(argc, argv, arguments, 3, JWKS_USAGE))
		return EXIT_TROUBLE;
	if (path == NULL)
		path = paths.config;
	if (!input_read_config(path, &config))
		return EXIT_TROUBLE;
	if (is_refresh && !refresh(path, &result)) {
		config_free(config);
		return EXIT_TROUBLE;
	}
	output_open(&out, is_json);
	bool good = report(&out, path, config) && result == RESULT_DONE;
	output_bool(&out, "ok", good);
	config_free(config);
	if (!output_print(&out))
		return EXIT_TROUBLE;
	return good ? EXIT_YES : EXIT_NO;
}
