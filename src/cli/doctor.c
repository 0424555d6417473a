/* SPDX-License-Identifier: MIT
 *
 * doctor: the whole chain between a person at a prompt and a verified token.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/diagnosis.h"
#include "cli/doctor.h"
#include "cli/errand.h"
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "common/paths.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "module/store.h"

/* A file that the module would not trust is read all the same, so that one run tells all. */
static bool read_file(struct patient *p, struct buffer *text)
{
	const char *why = NULL;
	if (store_read_config(p->config_path, text, &why) == 0) {
		diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_CONFIG_FILE, "%s: root's alone",
		    p->config_path);
		return true;
	}
	diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_CONFIG_FILE, "%s: %s", p->config_path,
	    why != NULL ? why : "cannot be read");
	buffer_wipe(text);
	return access(p->config_path, R_OK) == 0 && input_read_file(p->config_path, text);
}

static void say_config(struct patient *p, const struct config *config)
{
	struct findings found = {.len = 0};
	diagnosis_say(p->diagnosis, DIAGNOSIS_OK, FOUND_CONFIG, "%s: %zu rule%s, client_id %s",
	    config->name, config->rules_len, config->rules_len == 1 ? "" : "s",
	    config->client_id);
	findings_of_config(&found, config);
	for (size_t i = 0; i < found.len; i++)
		diagnosis_say(p->diagnosis, DIAGNOSIS_WARN, FOUND_CONFIG_ADVICE, "%s",
		    found.items[i].text);
}

static struct config *examine_config(struct patient *p, struct buffer *text)
{
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	if (!read_file(p, text))
		return NULL;
	int r =
	    config_parse(p->config_path, buffer_text(text), text->len, &config, NULL, &reason);
	if (r == 0)
		say_config(p, config);
	else
		diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_CONFIG, "%s",
		    reason.detail[0] != '\0' ? reason.detail : result_phrase(r));
	return config;
}

static void examine_network(struct patient *p, const struct buffer *text)
{
	struct errand errand = {
	    .purpose = "probe",
	    .config_path = p->config_path,
	    .config = text,
	    .diagnosis = p->diagnosis,
	};
	int r = errand_run(&errand);
	if (r == RESULT_DONE)
		return;
	/* A helper or a user that is missing has its own line already. */
	diagnosis_say(p->diagnosis, DIAGNOSIS_FAIL, FOUND_HELPER, "%s%s%s", result_phrase(r),
	    errand.why[0] != '\0' ? ": " : "", errand.why);
}

static void examine(struct patient *p)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config *config = examine_config(p, &text);
	p->config = config;
	doctor_host(p);
	if (config != NULL) {
		examine_network(p, &text);
		doctor_proxy(p);
	}
	doctor_pam(p);
	doctor_sshd(p);
	doctor_sudo(p);
	buffer_wipe(&text);
	p->config = NULL;
	config_free(config);
}

static void sum_up(struct output *out, const struct diagnosis *d)
{
	output_number(out, "faults", (long long)d->faults);
	output_number(out, "warnings", (long long)d->warnings);
	output_bool(out, "ok", d->faults == 0);
	output_line(out, "%zu fault%s, %zu warning%s", d->faults, d->faults == 1 ? "" : "s",
	    d->warnings, d->warnings == 1 ? "" : "s");
}

int doctor_main(int argc, char **argv)
{
	const char *path = NULL;
	bool is_json = false;
	const struct argument arguments[] = {
	    {"--config", &path, NULL},
	    {"--json", NULL, &is_json},
	};
	struct output out;
	struct diagnosis diagnosis = {.out = &out, .has_route = true};
	struct patient patient = {.diagnosis = &diagnosis};
	if (!arguments_read(argc, argv, arguments, 2, DOCTOR_USAGE))
		return EXIT_TROUBLE;
	if (geteuid() != paths.trusted_uid) {
		fprintf(stderr, "cognito-oidc: doctor: root is needed\n");
		return EXIT_TROUBLE;
	}
	patient.config_path = path != NULL ? path : paths.config;
	output_open(&out, is_json);
	output_string(&out, "config", patient.config_path);
	output_array(&out, "findings");
	examine(&patient);
	output_end_array(&out);
	sum_up(&out, &diagnosis);
	if (!output_print(&out))
		return EXIT_TROUBLE;
	return diagnosis.faults == 0 ? EXIT_YES : EXIT_NO;
}
