/* SPDX-License-Identifier: MIT
 *
 * login: one real sign-in on this terminal, and everything that follows from it.
 */
#include <security/_pam_types.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/identity.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/pam_login.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/text.h"
#include "helper/config/config.h"

#define SERVICE_DEFAULT "sshd"

static bool read_arguments(int argc, char **argv, struct pam_login *t, bool *is_json)
{
	const struct argument arguments[] = {
	    {"--service", &t->service, NULL},
	    {"--flow", &t->flow, NULL},
	    {"--config", &t->config, NULL},
	    {"--json", NULL, is_json},
	};
	if (argc < 2 || argv[1][0] == '-' || argv[1][0] == '\0') {
		fprintf(stderr, "cognito-oidc: login: whom?\nusage: cognito-oidc %s\n",
		    LOGIN_USAGE);
		return false;
	}
	t->user = argv[1];
	if (!arguments_read(argc - 1, argv + 1, arguments, 4, LOGIN_USAGE))
		return false;
	if (t->flow != NULL && !streq(t->flow, "password") && !streq(t->flow, "device") &&
	    !streq(t->flow, "browser")) {
		fprintf(stderr, "cognito-oidc: login: --flow: password, device or browser\n");
		return false;
	}
	if (t->service == NULL)
		t->service = SERVICE_DEFAULT;
	return true;
}

static void report_phase(struct output *out, const char *name, int result, const char *text)
{
	output_object(out, name);
	output_number(out, "result", result);
	output_string(out, "text", result < 0 ? "not asked" : text);
	output_end_object(out);
	output_line(out, "%-4s %-10s %s",
	    result == PAM_SUCCESS ? "ok"
	    : result < 0          ? "-"
				  : "FAIL",
	    name, result < 0 ? "not asked" : text);
}

/* True: let in, and what the sign-in left could be read. */
static bool report(struct output *out, const struct pam_login *t, const struct config *config)
{
	bool is_in = t->auth == PAM_SUCCESS && t->account == PAM_SUCCESS;
	output_line(out, "user \"%s\", service \"%s\", %s", t->user, t->service, t->config);
	output_string(out, "user", t->user);
	output_string(out, "service", t->service);
	output_string(out, "config", t->config);
	report_phase(out, "auth", t->auth, t->auth_text);
	report_phase(out, "account", t->account, t->account_text);
	if (t->auth == PAM_SUCCESS)
		identity_report(out, t->user, t->service, t->config, config);
	output_bool(out, "allowed", is_in);
	output_line(out, "%s", is_in ? "allowed" : "denied; syslog (authpriv) has the reason");
	return is_in;
}

int login_main(int argc, char **argv)
{
	struct pam_login t = {.user = NULL};
	struct config *config = NULL;
	struct output out;
	bool is_json = false;
	if (!read_arguments(argc, argv, &t, &is_json))
		return EXIT_TROUBLE;
	if (geteuid() != paths.trusted_uid) {
		fprintf(stderr, "cognito-oidc: login: root is needed\n");
		return EXIT_TROUBLE;
	}
	if (!pam_login_prepare(&t) || !input_read_config(t.config, &config))
		return EXIT_TROUBLE;
	if (!pam_login_run(&t)) {
		config_free(config);
		return EXIT_TROUBLE;
	}
	output_open(&out, is_json);
	bool is_in = report(&out, &t, config);
	config_free(config);
	if (!output_print(&out))
		return EXIT_TROUBLE;
	return is_in ? EXIT_YES : EXIT_NO;
}
