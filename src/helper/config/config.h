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

#define CONFIG_TEXT_MAX                                                                        \
	(1024u * 1024) /* 4,000 entries of users.map; more people belong into accounts */
#define CONFIG_NAME "Amazon Cognito"
#define CONFIG_URL_MAX 1024 /* Cognito's own limit of a callback URL */

enum flow_kind { FLOW_PASSWORD, FLOW_DEVICE, FLOW_BROWSER, FLOW_KINDS };
enum device_dialect { DIALECT_RFC8628, DIALECT_AWS_SAMPLE };
enum client_auth { CLIENT_AUTH_BASIC, CLIENT_AUTH_BODY };
enum password_method { PASSWORD_SRP, PASSWORD_PLAIN, PASSWORD_CHOICE, PASSWORD_ROPC };

/* Owned strings; items, unless NULL, ends with NULL. */
struct config_list {
	char **items;
	size_t len;
};

/* users.map: this local name matches only through this entry. */
struct config_map_entry {
	char *local_name;
	char *login; /* what is sent to Cognito; NULL: derived */
	/* Borrowed from the document: claim -> accepted value. Its member "login" is not a
	 * condition. */
	const struct cJSON *conditions;
};

/* One member of a rule's claims: a claim and the values that are accepted. */
struct config_claim {
	char *name; /* as in the file */
	char *claim; /* the same without the "[]" of a list */
	bool is_list; /* a string is Cognito's form of a list, "[a, b]" */
	struct config_list steps; /* of a claim with '/': the way to it; empty otherwise */
	/* Borrowed from the document: the first of at least one string or boolean. */
	const struct cJSON *accepted;
};

/* A list that is absent from the file is empty; one that is present never is. */
struct config_rule {
	char *name; /* "rule N", counted from 1, without a name in the file */
	bool is_deny;
	struct config_list services, hosts, users; /* shell patterns; any of these */
	struct config_list groups, all_groups; /* exact bytes; any, every one of these */
	struct config_claim *claims; /* every one of these */
	size_t claims_len;
	long max_auth_age; /* seconds; negative: none */
	bool require_mfa;
	bool anyone;
	struct config_list grant; /* local groups for the user that it allows */
};

/* Which people of the pool get local accounts, and of what form. */
struct config_accounts {
	struct config_list groups; /* the pool's; empty: the file has no such object */
	char *primary_group;
	struct config_list unix_groups; /* of groups, those that become local groups */
	char *uid_attribute, *ssh_keys_attribute; /* NULL: none */
	long uid_first, uid_last; /* both included; uid_first is the gid of primary_group */
	char *home; /* with %u for the name */
	char *shell;
	long max_removals; /* percent */
	bool mutable_ok; /* uid and keys may come from what people write themselves */
};

/* config_keys.c has the defaults and limits. */
struct config {
	struct json *document; /* owns what is borrowed above */
	/* Cloudflare's object */
	char *name; /* shown to people; CONFIG_NAME if the file has none */
	char *client_id;
	char *client_secret; /* NULL: a public client */
	char *auth_url, *token_url, *certs_url;
	struct config_list scopes, claims;
	bool pkce_enabled; /* as in the file */
	bool uses_pkce; /* always without a secret */
	char *email_claim_name;
	char *prompt; /* NULL when absent */
	/* endpoints, given or derived */
	char *issuer;
	struct config_list alternate_issuers;
	char *api_url; /* ends with "/"; NULL: another provider, and none given */
	char *pool_name; /* behind the first '_' of the pool id; NULL: cannot be derived */
	char *provider_name;
	const struct provider *provider; /* what follows from its name; never NULL */
	char *device_authorization_url; /* NULL: no device flow */
	enum device_dialect device_dialect;
	char *revocation_url; /* of tokens from token_url; NULL: they cannot be revoked */
	char *redirect_uri; /* of the browser flow */
	enum client_auth client_auth; /* how a client with a secret sends it */
	/* login */
	struct config_list flows; /* their names: at least 1, in the file's order */
	enum password_method password_method;
	struct config_list mfa_acr; /* acr values that tell of a second factor */
	bool otp_append; /* a code of six digits may follow the password */
	long leeway; /* seconds, 0-300 */
	/* tickets; seconds */
	long recheck; /* claims are believed this long without a refresh */
	long stale_ok; /* and this much longer while the provider cannot be reached */
	long ticket_lifetime; /* from the sign-in, at least 1 */
	bool keep_refresh_token; /* false: claims are believed for ticket_lifetime */
	/* users */
	char *users_claim, *strip_prefix, *strip_suffix;
	bool lowercase, mutable_ok;
	struct config_map_entry *map;
	size_t map_len;
	bool from_accounts; /* a local account's own record says which sub it is */
	struct config_accounts accounts;
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

#define CONFIG_FAULTS_MAX 48 /* more than people fix at once */

/* What is wrong with a file, for check: in the order of reading. Each text is
 * "path:line:column: what", printable, and never holds a secret's value. */
struct config_faults {
	size_t count; /* of all faults; only the first CONFIG_FAULTS_MAX have a text */
	char texts[CONFIG_FAULTS_MAX][REASON_MAX];
};

/* Reads the whole file and collects every fault. What one key demands of another is judged
 * only if every key by itself is good. path is used in messages. *out is NULL unless 0 is
 * returned; the caller frees it. Returns 0, RESULT_MEMORY or RESULT_CONFIG: then reason's
 * detail is the first fault and faults has all. Both may be NULL. */
int config_parse(const char *path, const char *text, size_t len, struct config **out,
    struct config_faults *faults, struct reason *reason);
void config_free(struct config *); /* wipes; NULL is accepted */

bool config_list_has(const struct config_list *, const char *text);

/* The i-th of the flows. */
enum flow_kind config_flow(const struct config *, size_t i);

/* Is this flow one of the configuration's? */
bool config_has_flow(const struct config *, enum flow_kind);

/* Does the configuration have all that this flow needs, whether or not "flows" names it? */
bool config_can_flow(const struct config *, enum flow_kind);

/* The map entry of a local name (exact bytes), or NULL. */
const struct config_map_entry *config_map_find(const struct config *, const char *local_name);

#endif
