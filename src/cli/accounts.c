/* SPDX-License-Identifier: MIT
 *
 * accounts: local accounts from an export of the pool. Runs as root, and reads nothing that
 * people wrote: the confined helper does, and says which account each person should have.
 */
#include "cli/accounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/verbs.h"
#include "common/clock.h"
#include "common/paths.h"
#include "common/request.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/helper_client.h"

#define PATH_SIZE 4096

/* Asks the confined helper. Returns as helper_client_run(). */
static int ask_helper(struct accounts *run, struct reason *reason)
{
	bool cold = true; /* the warm helper's memory is for logins */
	struct helper_client client = {.account = accounts_take,
	    .arg = run,
	    .cold = &cold,
	    .enclosure = accounts_enclose(run)};
	struct request q = {.purpose = PURPOSE_ACCOUNTS,
	    .config_path = run->arguments->config,
	    .ticket_age = -1};
	struct verdict v = {.sub = ""};
	if (client.enclosure < 0)
		return RESULT_MEMORY;
	int r = helper_client_run(&client, &q, clock_ms() + HELPER_CLIENT_COMMAND_MS, &v);
	*reason = v.reason;
	verdict_free(&v);
	close(client.enclosure);
	return r;
}

/* A refusal of the whole is a report, too: with --json its reader gets it. */
static int refuse(struct accounts *run, int r, const struct reason *reason)
{
	const char *why = reason->detail[0] != '\0' ? reason->detail : result_phrase(r);
	output_marked(run->out, "FAIL", "nothing changes: %s", why);
	output_json(run->out, "changes:[] why:%s ok:%d", why, false);
	return EXIT_NO;
}

static int work(struct accounts *run, const char *folder, bool is_apply)
{
	struct reason reason = {.detail = ""};
	if (!accounts_read_export(run, folder) || !accounts_read_records(run))
		return EXIT_TROUBLE;
	int r = ask_helper(run, &reason);
	if (r != 0)
		return refuse(run, r, &reason);
	if (!accounts_check_host(run))
		return EXIT_NO;
	output_json(run->out, "changes:[");
	accounts_change(run, is_apply);
	output_json(run->out, "] left_out:%lld changed:%lld writes:%lld ok:%d",
	    (long long)run->left_out, (long long)run->changes, (long long)run->writes,
	    !run->failed);
	const char *s = run->changes == 1 ? "" : "s";
	output_line(run->out, "%zu account%s or group%s %s, %zu left out", run->changes, s, s,
	    is_apply ? "changed" : "would change", run->left_out);
	return run->failed ? EXIT_NO : EXIT_YES;
}

/* For export-accounts, a shell script: the configuration is read in one place. */
static int show_pool(struct accounts *run)
{
	const struct config *config = run->config;
	const char *pool = strrchr(config->issuer, '/');
	const struct config_list *groups = run->settings.groups;
	/* REGION_ID */
	int len = pool != NULL ? (int)strcspn(pool + 1, "_") : 0;
	if (len == 0 || pool[1 + len] == '\0') {
		complain("the issuer %s is no user pool", config->issuer);
		return EXIT_TROUBLE;
	}
	char name[64];
	snprintf(name, sizeof(name), "%.*s", len, pool + 1);
	output_line(run->out, "issuer %s", config->issuer);
	output_line(run->out, "pool %s", pool + 1);
	output_line(run->out, "region %s", name);
	output_line(run->out, "client %s", config->client_id);
	output_json(run->out, "issuer:%s pool:%s region:%s client:%s groups:[", config->issuer,
	    pool + 1, name, config->client_id);
	for (size_t i = 0; i < groups->len; i++) {
		output_line(run->out, "group %s", groups->items[i]);
		output_json(run->out, "%s", groups->items[i]);
	}
	output_json(run->out, "] ok:%d", true);
	return EXIT_YES;
}

/* Has AWS's command line write the export. */
static bool export_first(const struct accounts *run, const char *folder)
{
	char script[PATH_SIZE], into[PATH_SIZE], config[PATH_SIZE];
	struct buffer said = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	const char *slash = strrchr(paths.helper, '/');
	snprintf(script, sizeof(script), "%.*s/export-accounts", (int)(slash - paths.helper),
	    paths.helper);
	snprintf(into, sizeof(into), "%s", folder);
	char *const argv[] = {script, into, NULL};
	snprintf(config, sizeof(config), "CONFIG=%s", run->arguments->config);
	int status = program_run_long(argv, config, &said, &reason);
	buffer_wipe(&said);
	return status == 0 || complain("%s: %s", script, reason.detail);
}

static int plan_or_apply(struct accounts *run, bool is_apply)
{
	const char *from = run->arguments->from;
	char folder[PATH_SIZE];
	int lock = -1, code = EXIT_TROUBLE;
	snprintf(folder, sizeof(folder), "%s%s", from != NULL ? from : paths.state,
	    from != NULL ? "" : "/export");
	/* The lock first: what is read below is what is replaced. */
	if ((!is_apply || accounts_open(run, &lock)) &&
	    (!is_apply || from != NULL || export_first(run, folder)))
		code = work(run, folder, is_apply);
	if (run->folder >= 0)
		close(run->folder);
	if (lock >= 0)
		close(lock);
	return code;
}

int accounts_main(const struct arguments *a, struct output *out)
{
	struct accounts run = {.arguments = a,
	    .out = out,
	    .bytes = BUFFER_INIT(BUNDLE_MAX),
	    .plan = calloc(1, sizeof(struct plan)),
	    .prune_days = -1,
	    .folder = -1};
	struct reason reason = {.detail = ""};
	unsigned long days = 0;
	int code = EXIT_TROUBLE;
	bool is_list = streq(a->words[0], "list"), is_pool = streq(a->words[0], "pool");
	if (run.plan == NULL)
		complain("%s", result_phrase(RESULT_MEMORY));
	else if (a->prune != NULL && !text_number(a->prune, 36500, &days))
		complain("--prune: needs a number of days");
	else if ((is_list || is_pool) && (a->from != NULL || a->force || a->prune != NULL))
		complain("accounts %s: takes neither --from, --force nor --prune", a->words[0]);
	else if (!input_read_config(a->config, false, &run.config))
		code = EXIT_TROUBLE;
	else if (settings_of(run.config, &run.settings, &reason) != 0)
		complain("%s: %s", a->config, reason.detail);
	else {
		run.prune_days = a->prune != NULL ? (long)days : -1;
		code = is_list   ? accounts_list(&run)
		       : is_pool ? show_pool(&run)
				 : plan_or_apply(&run, streq(a->words[0], "apply"));
	}
	for (size_t i = 0; i < run.local_len; i++)
		free(run.local[i].name);
	free(run.local);
	plan_free(run.plan);
	bundle_free(&run.files);
	buffer_wipe(&run.bytes);
	config_free(run.config);
	return code;
}
