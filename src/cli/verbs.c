/* SPDX-License-Identifier: MIT
 *
 * One row a verb: what it is called, what runs, and all that the help says of it. The manual
 * page and the completions are compared with these rows.
 */
#include "cli/verbs.h"

#include <stddef.h>

#include "cli/place.h"

const struct verb_option verb_options_always[] = {
    {"--config", "PATH", "another configuration"},
    {"--json", NULL, "one JSON object instead of text"},
    {"--help", NULL, "explain the verb, and do nothing"},
    {NULL, NULL, NULL},
};

const struct verb verbs[] = {
    {
	.name = "init",
	.run = init_main,
	.needs_root = true,
	.usage = "--pool REGION_ID --client-id ID --groups A,B [--admin-groups C] "
		 "[--domain PREFIX|HOST] [--secret-file FILE]",
	.purpose = "write a first configuration, never over an existing one",
	.example = "cognito-oidc init --pool eu-west-1_AbCdEf123 \\\n"
		   "      --client-id 6o7h8i9jexampleclientid \\\n"
		   "      --groups linux-users --admin-groups linux-admins",
	.options = {{"--pool", "REGION_ID", "the user pool's id"},
	    {"--client-id", "ID", "the app client's id"},
	    {"--groups", "A,B", "the groups of the pool that may log in"},
	    {"--admin-groups", "C", "the groups that may also use sudo"},
	    {"--domain", "PREFIX|HOST", "of the sign-in pages, for the browser flow"},
	    {"--secret-file", "FILE", "a file that holds the app client's secret"}},
    },
    {
	.name = "accounts",
	.run = accounts_main,
	.needs_root = true,
	.words = "plan|apply|list|pool",
	.words_text = "show what would change; change it; show what is;\n"
		      "                        or what export-accounts asks for",
	.usage = "plan|apply|list|pool [--from DIR] [--force] [--prune=DAYS]",
	.purpose = "give the people of the pool's groups local accounts",
	.example = "cognito-oidc accounts plan",
	.options = {{"--from", "DIR", "the export; default: the one that apply makes first"},
	    {"--force", NULL, "go beyond max_removals and the limits of size"},
	    {"--prune", "DAYS", "remove records locked for so long, without a home"}},
    },
    {
	.name = "authorized-keys",
	.run = authorized_keys_main,
	.needs_root = true,
	.words = "USER",
	.words_text = "the local user",
	.usage = "USER",
	.purpose = "print a user's public keys for sshd",
	.example = "cognito-oidc authorized-keys alice",
    },
    {
	.name = "enable",
	.run = enable_main,
	.needs_root = true,
	.words = "[" PLACE_WORDS "...]",
	.words_text = "the services; su brings su-l, and sudo sudo-i",
	.usage = "[" PLACE_WORDS "...] [--try[=SECONDS]] [--dry-run] "
		 "[--no-break-glass] [--sudo silent|ask|gate] [--keep] [--check]",
	.purpose = "let services ask Cognito, with a way back",
	.example = "cognito-oidc enable --try sshd sudo",
	.options = {{"--try", "[=SECONDS]", "take it back, unless --keep confirms it"},
	    {"--keep", NULL, "confirm a try, after somebody has logged in with it"},
	    {"--dry-run", NULL, "show what would change, and change nothing"},
	    {"--no-break-glass", NULL, "do without a way in for when Cognito is away"},
	    {"--sudo", "silent|ask|gate", "nothing with a ticket; a sign-in; as before"},
	    {"--check", NULL, "say whether what was enabled is still in place"}},
    },
    {
	.name = "disable",
	.run = disable_main,
	.needs_root = true,
	.words = "[" PLACE_WORDS "...]",
	.words_text = "the services, as enable names them",
	.usage = "[" PLACE_WORDS "...] [--force] [--all] [--try[=wait]]",
	.purpose = "bring back the service files of before",
	.example = "cognito-oidc disable sshd",
	.options = {{"--force", NULL, "also where somebody has changed the file since"},
	    {"--all", NULL, "every service that is enabled"},
	    {"--try", "[=wait]", "take a try back: now, or when it ends"}},
    },
    {
	.name = "check",
	.run = check_main,
	.usage = "",
	.purpose = "check the configuration and the installation, offline",
	.example = "cognito-oidc check --config ./config.json",
    },
    {
	.name = "doctor",
	.run = doctor_main,
	.needs_root = true,
	.usage = "",
	.purpose = "find out why nobody can log in: pool, PAM, sshd, sudo",
	.example = "cognito-oidc doctor",
    },
    {
	.name = "login",
	.run = login_main,
	.needs_root = true,
	.words = "USER",
	.words_text = "the local user",
	.usage = "USER [--service SERVICE] [--flow FLOW]",
	.purpose = "sign a user in on this terminal, and show each step",
	.example = "cognito-oidc login alice --service sudo",
	.options = {{"--service", "SERVICE", "sign in for this PAM service; default: sshd"},
	    {"--flow", "password|device|browser", "use this flow"}},
    },
    {
	.name = "whoami",
	.run = whoami_main,
	.words = "[USER]",
	.words_text = "the local user; default: who called sudo, or root",
	.usage = "[USER]",
	.purpose = "show whom the ticket names, and what the rules allow",
	.example = "sudo cognito-oidc whoami",
    },
    {
	.name = "explain",
	.run = explain_main,
	.usage = "--claims FILE|--token FILE --user USER --service SERVICE [--host HOST] "
		 "[--now EPOCH] [--jwks FILE]",
	.purpose = "show how mapping and rules would decide, without a login",
	.example = "cognito-oidc explain --config ./config.json --claims claims.json \\\n"
		   "      --user alice --service sudo",
	.options = {{"--claims", "FILE", "a JSON object of claims, not signed"},
	    {"--token", "FILE", "a token, which is verified first"},
	    {"--user", "USER", "the local user"}, {"--service", "SERVICE", "the PAM service"},
	    {"--host", "HOST", "decide for this host; default: this one"},
	    {"--now", "EPOCH", "the time, in seconds since 1970; default: now"},
	    {"--jwks", "FILE", "the pool's key set; default: the cached one"}},
    },
    {
	.name = "verify",
	.run = verify_main,
	.usage = "[--jwks FILE] [--now EPOCH] [--jws-only] [--access] < TOKEN",
	.purpose = "verify a token, offline, and show each check",
	.example = "cognito-oidc verify --config ./config.json --jwks jwks.json < token",
	.options = {{"--jwks", "FILE", "the pool's key set; default: the cached one"},
	    {"--now", "EPOCH", "the time, in seconds since 1970; default: now"},
	    {"--jws-only", NULL, "stop after the signature"},
	    {"--access", NULL, "expect an access token"}},
    },
    {
	.name = "tickets",
	.run = tickets_main,
	.needs_root = true,
	.usage = "[--clear [USER] | --expire]",
	.purpose = "list the tickets on this host, or remove and revoke them",
	.example = "cognito-oidc tickets --clear alice",
	.options = {{"--clear", "[USER]", "remove and revoke all tickets, or the user's"},
	    {"--expire", NULL, "remove and revoke the tickets that have expired"}},
    },
    {
	.name = "jwks",
	.run = jwks_main,
	.usage = "[--refresh]",
	.purpose = "show the cached key set of the pool",
	.example = "sudo cognito-oidc jwks --refresh",
	.options = {{"--refresh", NULL, "fetch the key set first"}},
    },
    {.name = NULL},
};
