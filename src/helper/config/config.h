/* SPDX-License-Identifier: MIT
 *
 * The configuration file: Cloudflare Access's OIDC provider object for Cognito, unchanged,
 * with our own settings beside it. pam_cognito_oidc.json(5) is its contract. Strict: an
 * unknown key, a duplicate key, a wrong type or trailing text is refused with
 * path:line:column.
 */
#ifndef HELPER_CONFIG_CONFIG_H
#define HELPER_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "common/reason.h"
#include "helper/config/provider.h"

struct cJSON;
struct json;

#define CONFIG_TEXT_MAX (64u * 1024) /* 1,000 rules of 60 bytes; more belongs into groups */
#define CONFIG_URL_MAX 1024 /* Cognito's own limit of a callback URL */

enum flow_kind { FLOW_PASSWORD, FLOW_DEVICE, FLOW_BROWSER, FLOW_KINDS };
enum device_dialect { DIALECT_RFC8628, DIALECT_AWS_SAMPLE };
enum client_auth { CLIENT_AUTH_BASIC, CLIENT_AUTH_BODY };
enum password_method { PASSWORD_SRP, PASSWORD_PLAIN, PASSWORD_CHOICE, PASSWORD_ROPC };

/* A list of strings: owned, items NULL-terminated. */
struct config_list {
	char **items;
	size_t len;
};

/* users.map: this local name matches only through this entry. */
struct config_map_entry {
	char *local_name;
	char *login; /* what is sent to Cognito; NULL: derived */
	const struct cJSON *conditions; /* borrowed from the document: claim -> accepted value;
					 holds "login" too, which is no condition */
};

/* One member of a rule's claims: a claim and the values that are accepted. */
struct config_claim {
	char *name;
	struct config_list steps; /* of a name with '/': the way to it; empty otherwise */
	const struct cJSON *accepted; /* borrowed from the document: the first of at least one
					 string or boolean */
};

/* A list that the file does not have is empty; one that it has is not. */
struct config_rule {
	char *name; /* "rule N" (from 1) when the file names none */
	bool is_deny;
	struct config_list services, hosts, users; /* shell patterns; any of these */
	struct config_list groups, all_groups; /* exact bytes; any, every one of these */
	struct config_claim *claims; /* every one of these */
	size_t claims_len;
	long max_auth_age; /* seconds; negative: none */
	bool require_mfa;
	bool anyone;
	struct config_list grant; /* local groups for whom it allows */
};

struct config {
	struct json *document; /* keeps what is borrowed above alive */
	/* Cloudflare's object */
	char *name; /* shown to people; "Amazon Cognito" when absent */
	char *client_id;
	char *client_secret; /* NULL: a public client */
	char *auth_url, *token_url, *certs_url;
	struct config_list scopes, claims;
	bool pkce_enabled; /* as in the file */
	bool uses_pkce; /* always without a secret */
	char *email_claim_name; /* "email" when absent */
	char *prompt; /* NULL when absent */
	/* endpoints, given or derived */
	char *issuer;
	struct config_list alternate_issuers;
	char *api_url; /* ends with "/"; NULL for another provider that names none */
	char *pool_name; /* what follows the first '_' of the pool id; NULL when underivable */
	char *provider_name;
	const struct provider *provider; /* what follows from its name; never NULL */
	char *device_authorization_url; /* NULL: no device flow */
	enum device_dialect device_dialect;
	char *revocation_url; /* of tokens from token_url; NULL: they cannot be revoked */
	char *redirect_uri; /* of the browser flow; "http://localhost:8400/callback" when absent
			     */
	enum client_auth client_auth; /* how a client with a secret shows it */
	/* login */
	struct config_list flow_names; /* at least 1, in the file's order */
	enum flow_kind flows[FLOW_KINDS]; /* the same */
	size_t flows_len;
	enum password_method password_method;
	bool otp_append; /* a code of six digits may stand behind the password */
	long leeway; /* seconds, 0-300 */
	/* tickets; seconds */
	long recheck; /* so long claims are believed without asking again */
	long stale_ok; /* and so much longer while the provider cannot be reached */
	long ticket_lifetime; /* from the sign-in, at least 1 */
	bool keep_refresh_token; /* false: claims are believed for ticket_lifetime */
	/* users */
	char *users_claim, *strip_suffix;
	bool lowercase, mutable_ok;
	struct config_map_entry *map;
	size_t map_len;
	/* rules */
	struct config_rule *rules;
	size_t rules_len;
	/* network */
	char *ca_path, *ca_file; /* ca_file NULL when absent or "" */
	char *proxy; /* NULL: none */
	long connect_timeout, request_timeout; /* seconds, 1-60 */
	/* top-level keys that Cloudflare's GET adds: accepted, ignored, named by check */
	struct config_list ignored;
};

#define CONFIG_FAULTS_MAX 48 /* more than anybody fixes in one go */

/* What is wrong with a file, for check: in the order of reading. Each text is
 * "path:line:column: what", printable, and never holds a secret's value. */
struct config_faults {
	size_t count; /* of all faults; only the first CONFIG_FAULTS_MAX have a text */
	char texts[CONFIG_FAULTS_MAX][REASON_MAX];
};

/* Reads the whole file, whatever it finds. What one key demands of another is judged once
 * every key by itself is good. path is used in messages only. *out is NULL unless 0 is
 * returned; the caller frees it. Returns 0, RESULT_MEMORY, or RESULT_CONFIG: then the first
 * fault is the reason's detail, and faults, which may be NULL, has all. */
int config_parse(const char *path, const char *text, size_t len, struct config **out,
    struct config_faults *faults, struct reason *reason);
void config_free(struct config *); /* wipes; NULL is accepted */

bool config_list_has(const struct config_list *, const char *text);

/* Is this flow one of the configuration's? */
bool config_has_flow(const struct config *, enum flow_kind);

/* Is everything there that this flow needs, whether or not "flows" names it? */
bool config_can_flow(const struct config *, enum flow_kind);

/* The map entry of a local name (exact bytes), or NULL. */
const struct config_map_entry *config_map_find(const struct config *, const char *local_name);

#endif
