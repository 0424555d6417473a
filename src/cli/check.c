/* SPDX-License-Identifier: MIT
 *
 * check: the configuration and the installation, offline.
 */
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/installed.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "common/result.h"
#include "helper/config/config.h"
#include "module/config_file.h"

/* A file that the module would not trust is read all the same, so that one run tells
 * everything. False when it cannot be read. */
static bool read_config(const char *path, struct buffer *text, struct findings *found)
{
	struct reason reason = {.detail = "cannot be read"};
	if (!input_is_readable(path))
		return false;
	if (config_file_read(path, text, &reason) == 0)
		return true;
	findings_fault(found, "%s", reason.detail);
	buffer_wipe(text);
	return input_read_file(path, text);
}

static void check_config(
    struct output *out, struct findings *found, const char *path, const struct buffer *text)
{
	struct config *config = NULL;
	struct config_faults faults;
	int r = config_parse(path, buffer_text(text), text->len, &config, &faults, NULL);
	for (size_t i = 0; i < faults.count && i < CONFIG_FAULTS_MAX; i++)
		findings_fault(found, "%s", faults.texts[i]);
	if (faults.count > CONFIG_FAULTS_MAX)
		found->faults += faults.count - CONFIG_FAULTS_MAX;
	if (r == 0) {
		settings_report(out, config);
		findings_of_config(found, config);
	} else if (r != RESULT_CONFIG) {
		findings_fault(found, "%s", result_phrase(r));
	}
	config_free(config);
}

static void report_findings(struct output *out, const struct findings *found, bool is_fault)
{
	output_array(out, is_fault ? "faults" : "warnings");
	for (size_t i = 0; i < found->len; i++) {
		const struct finding *finding = &found->items[i];
		if (finding->is_fault != is_fault)
			continue;
		output_line(out, "%s: %s", is_fault ? "fault" : "warning", finding->text);
		output_string(out, NULL, finding->text);
	}
	output_end_array(out);
}

int check_main(const struct arguments *arguments, struct output *out)
{
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct findings found = {.len = 0};
	bool is_read = read_config(arguments->config, &text, &found);
	if (is_read) {
		output_string(out, "config", arguments->config);
		check_config(out, &found, arguments->config, &text);
		output_line(out, "files:");
		installed_report(out, &found, arguments->config);
		report_findings(out, &found, false);
		report_findings(out, &found, true);
		output_bool(out, "ok", found.faults == 0);
		if (found.faults == 0)
			output_line(out, "ok");
		else
			output_line(
			    out, "%zu fault%s", found.faults, found.faults == 1 ? "" : "s");
	}
	buffer_wipe(&text);
	if (!is_read)
		return EXIT_TROUBLE;
	return found.faults == 0 ? EXIT_YES : EXIT_NO;
}
