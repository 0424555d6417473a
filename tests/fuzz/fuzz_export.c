/* SPDX-License-Identifier: MIT
 *
 * A group's file of an export, through the reader and the planner: whatever it holds, each row
 * is an account that the command would take, or is left out with a reason.
 */
#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/reason.h"
#include "common/result.h"
#include "common/text.h"
#include "fuzz.h"
#include "helper/accounts/bundle.h"
#include "helper/accounts/export.h"
#include "helper/accounts/name.h"
#include "helper/accounts/plan.h"
#include "helper/accounts/settings.h"
#include "helper/config/config.h"

#define ISSUER "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
#define NOW 1764270000
#define MOST 64 /* people: the count is told beforehand */

static const char config_text[] =
    "{\"type\": \"oidc\", \"config\": {\"client_id\": \"c\", \"certs_url\": \"" ISSUER
    "/.well-known/jwks.json\"}, \"accounts\": {\"groups\": [\"g\"], \"uid_attribute\": "
    "\"custom:uid\", \"ssh_keys_attribute\": \"custom:keys\"}}";
static const char client_text[] =
    "{\"UserPoolClient\": {\"UserPoolId\": \"eu-west-1_AbCdEf123\", \"ClientId\": \"c\", "
    "\"WriteAttributes\": []}}";

static void check_row(const struct accounts_settings *settings, const struct plan_row *row)
{
	if (row->state == PLAN_LEFT_OUT) {
		HOLDS(row->why[0] != '\0' && !text_has_controls(row->why));
		return;
	}
	HOLDS(record_is_name(row->name));
	HOLDS(row->id >= settings->uid_first && row->id <= settings->uid_last);
	if (row->state == PLAN_GROUP)
		return;
	HOLDS(!name_is_reserved(row->name) && text_is_visible(row->sub));
	HOLDS(!text_has_controls(row->login) && !text_has_controls(row->real_name));
	HOLDS(strchr(row->real_name, ':') == NULL);
}

/* With this many people counted. Returns whether the export was accepted. */
static bool try_count(const struct config *config, const uint8_t *bytes, size_t len, int count)
{
	struct accounts_settings settings;
	struct buffer all = BUFFER_INIT(1 << 20);
	struct bundle bundle = {NULL, 0};
	struct export *export = NULL;
	struct plan *plan = NULL;
	struct reason reason;
	char summary[512];
	snprintf(summary, sizeof(summary),
	    "{\"issuer\": \"" ISSUER "\", \"pool_id\": \"eu-west-1_AbCdEf123\", \"time\": %d, "
	    "\"groups\": {\"g\": %d}}",
	    NOW, count);
	bundle_put(&all, "export/", "export.json", summary, strlen(summary));
	bundle_put(&all, "export/", "client.json", client_text, strlen(client_text));
	bundle_put(&all, "export/", "groups/g.json", bytes, len);
	HOLDS(settings_of(config, &settings, NULL) == 0);
	HOLDS(bundle_read(all.bytes, all.len, &bundle) == 0);
	int r = export_read(&bundle, config, &settings, 0, NOW, &export, &reason);
	HOLDS(r == 0 || r == RESULT_EXPORT);
	bool is_miscounted = r != 0 && strstr(reason.detail, "export.json counts") != NULL;
	if (r == 0)
		HOLDS(
		    plan_make(&bundle, config, &settings, export, false, &plan, &reason) == 0);
	for (size_t i = 0; plan != NULL && i < plan->len; i++)
		check_row(&settings, &plan->rows[i]);
	plan_free(plan);
	export_free(export);
	bundle_free(&bundle);
	buffer_wipe(&all);
	return !is_miscounted;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct config *config;
	if (config == NULL)
		HOLDS(config_parse(
			  "c", config_text, strlen(config_text), &config, NULL, NULL) == 0);
	for (int count = 0; count < MOST && !try_count(config, bytes, len, count); count++)
		;
	return 0;
}
