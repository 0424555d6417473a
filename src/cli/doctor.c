/* SPDX-License-Identifier: MIT
 *
 * doctor: the whole chain between a user at a prompt and a verified token.
 */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/findings.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/reason.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/config_file.h"
#include "module/helper_client.h"

#define SEEN_MAX 1024

static const struct {
	const char *name, *advice, *page;
} table[FOUND_COUNT] = {
#define FINDING_ROW(symbol, name, advice, page) [FOUND_##symbol] = {name, advice, page},
    FINDINGS(FINDING_ROW)
#undef FINDING_ROW
};
static const char *const words[] = {
    [DOCTOR_OK] = "ok", [DOCTOR_WARN] = "warn", [DOCTOR_FAIL] = "fail"};

static void report(
    struct diagnosis *d, enum doctor_status status, enum finding_name name, const char *seen)
{
	struct output *out = d->out;
	d->count[status]++;
	if (status == DOCTOR_FAIL && (name == FOUND_DNS || name == FOUND_CONNECT))
		d->no_route = true;
	output_line(out, "%-4s %-20s %s", status == DOCTOR_FAIL ? "FAIL" : words[status],
	    table[name].name, seen);
	output_object(out, NULL);
	output_string(out, "status", words[status]);
	output_string(out, "name", table[name].name);
	output_string(out, "seen", seen);
	if (status != DOCTOR_OK) {
		output_line(out, "     do: %s  [%s]", table[name].advice, table[name].page);
		output_string(out, "do", table[name].advice);
		output_string(out, "page", table[name].page);
	}
	output_end_object(out);
	output_flush(out);
}

void doctor_say(struct diagnosis *d, enum doctor_status status, enum finding_name name,
    const char *format, ...)
{
	char seen[SEEN_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(seen, sizeof(seen), format, args);
	va_end(args);
	report(d, status, name, seen);
}

bool doctor_relay(struct diagnosis *d, const char *status, const char *name, const char *seen)
{
	int s = 0, n = 0;
	while (s <= DOCTOR_FAIL && !streq(status, words[s]))
		s++;
	while (n < FOUND_COUNT && !streq(name, table[n].name))
		n++;
	if (seen == NULL || s > DOCTOR_FAIL || n == FOUND_COUNT)
		return false;
	report(d, (enum doctor_status)s, (enum finding_name)n, seen);
	return true;
}

size_t doctor_troubles(const struct diagnosis *d)
{
	return d->count[DOCTOR_WARN] + d->count[DOCTOR_FAIL];
}

/* A file that a login would not trust is read all the same, so that one run tells everything.
 */
static bool read_file(struct diagnosis *d, struct buffer *text)
{
	struct reason reason = {.detail = ""};
	if (config_file_read(d->config_path, text, &reason) == 0) {
		doctor_say(d, DOCTOR_OK, FOUND_CONFIG_FILE, "%s: only root can access it",
		    d->config_path);
		return true;
	}
	doctor_say(d, DOCTOR_FAIL, FOUND_CONFIG_FILE, "%s", reason.detail);
	buffer_wipe(text);
	return access(d->config_path, R_OK) == 0 && input_read_file(d->config_path, text);
}

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
		doctor_say(d, DOCTOR_FAIL, FOUND_CONFIG, "%s",
		    reason.detail[0] != '\0' ? reason.detail : result_phrase(r));
		return NULL;
	}
	doctor_say(d, DOCTOR_OK, FOUND_CONFIG, "%s: %zu rule%s, client_id %s", config->name,
	    config->rules_len, config->rules_len == 1 ? "" : "s", config->client_id);
	findings_of_config(&found, config);
	for (size_t i = 0; i < found.len; i++)
		doctor_say(d, DOCTOR_WARN, FOUND_CONFIG_ADVICE, "%s", found.items[i].text);
	return config;
}

static bool relay(void *arg, const char *status, const char *name, const char *seen)
{
	return doctor_relay(arg, status, name, seen);
}

static void examine_network(struct diagnosis *d, const struct buffer *text)
{
	const struct helper_client client = {.finding = relay, .arg = d};
	struct request q = {
	    .purpose = PURPOSE_PROBE,
	    .config_path = d->config_path,
	    .config = {buffer_text(text), text->len},
	    .ticket_age = -1,
	};
	struct verdict v;
	int r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
	/* If the helper or its user is missing, that has a line of its own already. */
	if (r != 0)
		doctor_say(d, DOCTOR_FAIL, FOUND_HELPER, "%s%s%s", result_phrase(r),
		    v.reason.detail[0] != '\0' ? ": " : "", v.reason.detail);
	verdict_free(&v);
}

int doctor_main(const struct arguments *arguments, struct output *out)
{
	struct diagnosis d = {.out = out, .config_path = arguments->config};
	struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	output_string(out, "config", d.config_path);
	output_array(out, "findings");
	struct config *config = examine_config(&d, &text);
	d.config = config;
	doctor_host(&d);
	if (config != NULL) {
		examine_network(&d, &text);
		doctor_proxy(&d);
	}
	doctor_pam(&d);
	doctor_sshd(&d);
	doctor_sudo(&d);
	output_end_array(out);
	size_t faults = d.count[DOCTOR_FAIL], warnings = d.count[DOCTOR_WARN];
	output_number(out, "faults", (long long)faults);
	output_number(out, "warnings", (long long)warnings);
	output_bool(out, "ok", faults == 0);
	output_line(out, "%zu fault%s, %zu warning%s", faults, faults == 1 ? "" : "s", warnings,
	    warnings == 1 ? "" : "s");
	buffer_wipe(&text);
	config_free(config);
	return faults == 0 ? EXIT_YES : EXIT_NO;
}
