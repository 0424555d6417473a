/* SPDX-License-Identifier: MIT
 *
 * doctor: the whole chain between a user at a prompt and a verified token.
 */
#include "cli/doctor.h"

#include <unistd.h>

#include "cli/check.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "module/config_file.h"
#include "module/helper_client.h"

/* A file that a login would not trust is read all the same, so that one run tells everything.
 */
static bool read_file(struct diagnosis *d, struct buffer *text)
{
	struct reason reason = {.detail = ""};
	if (config_file_read(d->config_path, text, &reason) == 0) {
		diagnosis_say(d, DOCTOR_OK, FOUND_CONFIG_FILE, "%s: only root can access it",
		    d->config_path);
		return true;
	}
	diagnosis_say(d, DOCTOR_FAIL, FOUND_CONFIG_FILE, "%s", reason.detail);
	buffer_wipe(text);
	return access(d->config_path, R_OK) == 0 && input_read_file(d->config_path, text);
}

/* The configuration, or NULL; text keeps the file's content for the helper. */
static struct config *examine_config(struct diagnosis *d, struct buffer *text)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	struct findings found = {.len = 0};
	if (!read_file(d, text))
		return NULL;
	int r =
	    config_parse(d->config_path, buffer_text(text), text->len, &config, NULL, &reason);
	if (r != 0) {
		diagnosis_say(d, DOCTOR_FAIL, FOUND_CONFIG, "%s",
		    reason.detail[0] != '\0' ? reason.detail : result_phrase(r));
		return NULL;
	}
	diagnosis_say(d, DOCTOR_OK, FOUND_CONFIG, "%s: %zu rule%s, client_id %s", config->name,
	    config->rules_len, config->rules_len == 1 ? "" : "s", config->client_id);
	findings_of_config(&found, config);
	for (size_t i = 0; i < found.len; i++)
		diagnosis_say(d, DOCTOR_WARN, FOUND_CONFIG_ADVICE, "%s", found.items[i].text);
	return config;
}

static void examine_network(struct diagnosis *d, const struct buffer *text)
{
	const struct helper_client client = {.finding = diagnosis_relay, .arg = d};
	struct request q = {
	    .purpose = PURPOSE_PROBE,
	    .config_path = d->config_path,
	    .config = {buffer_text(text), text->len},
	    .ticket_age = -1,
	};
	struct verdict v;
	int r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
	/* If the helper or its user is missing, that has a line of its own already. */
	if (r != 0) {
		reason_at(&v.reason, r, result_phrase(r));
		diagnosis_say(d, DOCTOR_FAIL, FOUND_HELPER, "%s", v.reason.detail);
	}
	verdict_free(&v);
}

void doctor_examine(struct diagnosis *d, struct buffer *text)
{
	d->config = examine_config(d, text);
	doctor_host(d);
	if (d->config != NULL) {
		examine_network(d, text);
		doctor_proxy(d);
		doctor_users(d);
		doctor_accounts(d);
	}
}

int doctor_main(const struct arguments *a, struct output *out)
{
	struct diagnosis d = {
	    .out = out, .environment = a->environment, .config_path = a->config};
	struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	output_json(out, "config:%s findings:[", d.config_path);
	doctor_examine(&d, &text);
	doctor_pam(&d);
	doctor_enabled(&d);
	doctor_sshd(&d);
	doctor_sudo(&d);
	size_t faults = d.count[DOCTOR_FAIL], warnings = d.count[DOCTOR_WARN];
	output_json(out, "] faults:%lld warnings:%lld ok:%d", (long long)faults,
	    (long long)warnings, faults == 0);
	output_line(out, "%zu fault%s, %zu warning%s", faults, faults == 1 ? "" : "s", warnings,
	    warnings == 1 ? "" : "s");
	buffer_wipe(&text);
	config_free(d.config);
	return faults == 0 ? EXIT_YES : EXIT_NO;
}
