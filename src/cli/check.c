/* SPDX-License-Identifier: MIT
 *
 * check: the configuration and the installation, offline.
 */
#include "cli/check.h"

#include <stdio.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"
#include "module/config_file.h"

#define SIZE_WARNED 80 /* percent */

/* A claim's accepted value. */
static const char *value_text(const struct cJSON *value)
{
	const char *text = json_string(value);
	return text != NULL ? text : json_is_true(value) ? "true" : "false";
}

static const char *joint(const struct buffer *line, const char *text)
{
	return line->len > 0 ? text : "";
}

static void show_list(struct output *out, const char *label, const struct config_list *list)
{
	output_json(out, "%s:[", label);
	for (size_t i = 0; i < list->len; i++) {
		output_line(out, "  %-19s %s", i == 0 ? label : "", list->items[i]);
		output_json(out, "%s", list->items[i]);
	}
	output_json(out, "]");
	if (list->len == 0)
		output_line(out, "  %-19s (none)", label);
}

/* A claim's accepted value: a member of an object, or an element. */
static void show_accepted(struct output *out, const struct cJSON *value)
{
	if (json_string(value) != NULL)
		output_json(out, "%s:%s", json_name(value), json_string(value));
	else
		output_json(out, "%s:%d", json_name(value), json_is_true(value));
}

/* alice: sub = a1b2, email_verified = true; login = alice@example.com */
static void show_entry(struct output *out, const struct config_map_entry *entry)
{
	struct buffer line = BUFFER_INIT(OUTPUT_MAX);
	const struct cJSON *at = json_first(entry->conditions);
	output_json(out, "%s:{", entry->local_name);
	for (; at != NULL; at = json_next(at)) {
		show_accepted(out, at);
		buffer_append_format(
		    &line, "%s%s = %s", joint(&line, ", "), json_name(at), value_text(at));
	}
	output_json(out, "}");
	output_line(out, "  map %-15s %s", entry->local_name, buffer_text(&line));
	buffer_wipe(&line);
}

/* A setting: a line of text, or a JSON member. */
static void show(struct output *out, const char *label, const struct key *key, const void *base)
{
	const void *member = (const char *)base + key->offset;
	const char *text = NULL;
	char number[32];
	if (key->type == KEY_LIST) {
		show_list(out, label, member);
	} else if (key->type == KEY_BOOL) {
		text = config_value(key, base) != 0 ? "yes" : "no";
		output_json(out, "%s:%d", label, config_value(key, base) != 0);
	} else if (key->type == KEY_NUMBER) {
		snprintf(number, sizeof(number), "%ld%s", config_value(key, base),
		    key->unit != NULL ? key->unit : " s");
		text = number;
		output_json(out, "%s:%lld", label, (long long)config_value(key, base));
	} else if (key->type != KEY_IGNORED) {
		text = key->type == KEY_WORD ? key->words[config_value(key, base)]
					     : *(char *const *)member;
		if (key->type == KEY_SECRET)
			text = text != NULL ? "confidential" : "public";
		output_json(out, "%s:%s", label, text);
	}
	if (text != NULL)
		output_line(out, "  %-19s %s", label, text);
}

/* A rule's claims, and for people behind its other keys: "department = eng or ops". */
static void show_claims(struct output *out, struct buffer *to, const struct config_rule *rule)
{
	output_json(out, "claims:{");
	for (size_t i = 0; i < rule->claims_len; i++) {
		const struct cJSON *first = rule->claims[i].accepted;
		output_json(out, "%s:[", rule->claims[i].name);
		buffer_append_format(to, "%s%s", joint(to, "; "), rule->claims[i].name);
		for (const struct cJSON *at = first; at != NULL; at = json_next(at)) {
			show_accepted(out, at);
			buffer_append_format(
			    to, " %s %s", at == first ? "=" : "or", value_text(at));
		}
		output_json(out, "]");
	}
	output_json(out, "}");
}

/* One key of a rule, behind those before it: "services sshd, login; groups linux-users". */
static void append_key(struct buffer *to, const struct key *key, const struct config_rule *rule)
{
	const char *label = key->label != NULL ? key->label : key->name;
	const struct config_list *list = (const void *)((const char *)rule + key->offset);
	buffer_append_format(to, "%s%s", joint(to, "; "), label);
	for (size_t i = 0; key->type == KEY_LIST && i < list->len; i++)
		buffer_append_format(to, "%s %s", i > 0 ? "," : "", list->items[i]);
	if (key->type == KEY_NUMBER)
		buffer_append_format(to, " %ld s", config_value(key, rule));
}

static void show_rule(struct output *out, const struct config_rule *rule)
{
	struct buffer line = BUFFER_INIT(OUTPUT_MAX);
	if (rule->services.len == 0)
		buffer_append_text(&line, "every service");
	output_json(out, "{");
	for (const struct key *key = config_rule_keys; key->name != NULL; key++) {
		bool is_lead = streq(key->label, "");
		if (!is_lead && !config_is_set(key, rule))
			continue;
		if (key->type == KEY_CLAIMS)
			show_claims(out, &line, rule);
		else if (out->is_json)
			show(out, key->name, key, rule);
		else if (!is_lead)
			append_key(&line, key, rule);
	}
	output_json(out, "}");
	output_line(out, "  %s %-14s %s", rule->is_deny ? "deny" : "rule", rule->name,
	    buffer_text(&line));
	if (line.error != 0)
		out->text.error = line.error;
	buffer_wipe(&line);
}

/* The settings in force: given, default or derived. Never the secret. */
static void report_settings(struct output *out, const struct config *config)
{
	output_line(out, "settings:");
	output_json(out, "settings:{");
	for (const struct key *key = config_keys; key->name != NULL; key++) {
		const char *label = key->label != NULL ? key->label : key->name;
		if (label[0] == '\0' || (key->is_shown != NULL && !key->is_shown(config)))
			continue;
		if (key->type == KEY_MAP) {
			output_json(out, "%s:{", label);
			for (size_t i = 0; i < config->map_len; i++)
				show_entry(out, &config->map[i]);
			output_json(out, "}");
		} else if (key->type == KEY_RULES) {
			output_json(out, "%s:[", label);
			for (size_t i = 0; i < config->rules_len; i++)
				show_rule(out, &config->rules[i]);
			output_json(out, "]");
		} else if (key->size > 0) {
			show(out, label, key, config);
		}
	}
	output_json(out, "}");
}

static void check_config(
    struct output *out, struct findings *found, const char *path, const struct buffer *text)
{
	struct config *config = NULL;
	struct config_faults faults;
	int r = config_parse(path, buffer_text(text), text->len, &config, &faults, NULL);
	for (size_t i = 0; i < faults.count && i < CONFIG_FAULTS_MAX; i++)
		findings_add(found, FINDING_FAULT, "%s", faults.texts[i]);
	if (faults.count > CONFIG_FAULTS_MAX)
		found->faults += faults.count - CONFIG_FAULTS_MAX;
	if (r == 0) {
		report_settings(out, config);
		findings_of_config(found, config);
	} else if (r != RESULT_CONFIG) {
		findings_add(found, FINDING_FAULT, "%s", result_phrase(r));
	}
	config_free(config);
}

/* How near the file is to its limit: users.map has an entry for each person of some pools. */
static void report_size(struct output *out, struct findings *found, size_t size)
{
	size_t percent = size * 100 / CONFIG_FILE_MAX;
	output_json(out, "size:%lld limit:%lld", (long long)size, (long long)CONFIG_FILE_MAX);
	output_line(out, "size: %zu of %u bytes, %zu %%", size, CONFIG_FILE_MAX, percent);
	if (percent >= SIZE_WARNED)
		findings_add(found, FINDING_WARNING,
		    "the file is at %zu %% of its limit of 1 MiB; users.from_accounts needs no "
		    "users.map",
		    percent);
}

static void report_findings(
    struct output *out, const struct findings *found, enum finding_kind kind)
{
	output_json(out, "%s:[", kind == FINDING_FAULT ? "faults" : "warnings");
	for (size_t i = 0; i < found->len; i++) {
		if (found->items[i].kind != kind)
			continue;
		output_line(out, "%s: %s", kind == FINDING_FAULT ? "fault" : "warning",
		    found->items[i].text);
		output_json(out, "%s", found->items[i].text);
	}
	output_json(out, "]");
}

int check_main(const struct arguments *arguments, struct output *out)
{
	struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	struct findings found = {.len = 0};
	struct reason fault;
	if (!input_read_config_text(arguments->config, &text, &fault)) {
		buffer_wipe(&text);
		return EXIT_TROUBLE;
	}
	if (fault.detail[0] != '\0')
		findings_add(&found, FINDING_FAULT, "%s", fault.detail);
	output_json(out, "config:%s", arguments->config);
	report_size(out, &found, text.len);
	check_config(out, &found, arguments->config, &text);
	output_line(out, "files:");
	installed_report(out, &found, arguments->config);
	report_findings(out, &found, FINDING_WARNING);
	report_findings(out, &found, FINDING_FAULT);
	output_json(out, "ok:%d", found.faults == 0);
	if (found.faults == 0)
		output_line(out, "ok");
	else
		output_line(out, "%zu fault%s", found.faults, found.faults == 1 ? "" : "s");
	buffer_wipe(&text);
	return found.faults == 0 ? EXIT_YES : EXIT_NO;
}
