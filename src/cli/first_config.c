/* SPDX-License-Identifier: MIT */
#include "cli/first_config.h"

#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "cli/output.h"
#include "common/text.h"
#include "helper/config/config_read.h"
#include "helper/json/json.h"

#define POOL_ID_MAX 55 /* Cognito's API: UserPoolIdType */

/* The beginning decides the partition. NULL: another rule, or no address is known. */
static const struct partition {
	const char *region; /* how its regions begin */
	const char *suffix; /* of the API's host: cognito-idp.REGION.SUFFIX */
	const char *auth; /* of a prefix domain: PREFIX.AUTH.REGION.amazoncognito.com */
} partitions[] = {
    {"us-iso", NULL, NULL},
    {"eu-iso", NULL, NULL},
    {"us-gov-", "amazonaws.com", "auth-fips"},
    {"cn-", "amazonaws.com.cn", NULL},
    {"eusc-", "amazonaws.eu", NULL},
    {"", "amazonaws.com", "auth"},
};

static const struct partition *find_partition(const char *pool)
{
	const struct partition *partition = partitions;
	while (!text_starts(pool, partition->region))
		partition++;
	return partition;
}

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	bool does = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return does;
}

bool first_config_check_pool(const char *id)
{
	if (strlen(id) > POOL_ID_MAX ||
	    !matches(
		id, "^([a-z]{2}|eusc-[a-z]{2})(-gov|-iso[a-z]?)?-[a-z]+-[0-9]_[0-9A-Za-z]+$"))
		return complain("--pool: \"%s\" is no user pool id, such as "
				"eu-west-1_AbCdEf123",
		    id);
	if (find_partition(id)->suffix == NULL)
		return complain(
		    "--pool: the addresses of region %.*s are not known here: write "
		    "the configuration by hand",
		    (int)strcspn(id, "_"), id);
	return true;
}

bool first_config_read_domain(const char *text, struct first_config *first)
{
	const struct partition *partition = find_partition(first->pool);
	int region = (int)strcspn(first->pool, "_");
	if (strchr(text, '/') != NULL)
		return complain("--domain: \"%s\": name the host alone, without https:// and "
				"without a path",
		    text);
	if (strlen(text) < sizeof(first->domain) &&
	    matches(text,
		"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")) {
		snprintf(first->domain, sizeof(first->domain), "%s", text);
		return true;
	}
	if (!matches(text, "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))
		return complain(
		    "--domain: \"%s\" is neither a prefix, such as acme, nor a host "
		    "name, such as login.example.com, in lower case",
		    text);
	if (partition->auth == NULL)
		return complain("--domain: where region %.*s has prefix domains is not known "
				"here: name the whole host",
		    region, first->pool);
	snprintf(first->domain, sizeof(first->domain), "%s.%s.%.*s.amazoncognito.com", text,
	    partition->auth, region, first->pool);
	return true;
}

/* What is wrong with the name of a group, or NULL. Cognito takes letters, digits, marks,
 * punctuation and symbols; what would end the name in a list or in JSON is a typing error. */
static const char *group_fault(const char *name)
{
	if (name[0] == '\0')
		return "is empty";
	if (text_has_controls(name))
		return "holds a control character, or is not UTF-8";
	if (strpbrk(name, " \"'\\") != NULL)
		return "holds a space, a quote or a backslash";
	return config_check_pool_group(name);
}

bool first_config_read_groups(
    const char *option, const char *text, bool become_local, struct group_names *groups)
{
	groups->len = 0;
	if (strlen(text) >= sizeof(groups->text))
		return complain("%s: too long", option);
	snprintf(groups->text, sizeof(groups->text), "%s", text);
	for (char *at = groups->text, *next; at != NULL; at = next) {
		next = strchr(at, ',');
		if (next != NULL)
			*next++ = '\0';
		const char *fault = group_fault(at);
		if (fault == NULL && become_local)
			fault = config_check_unix_group(at);
		if (fault != NULL)
			return complain("%s: the group \"%s\" %s", option, at, fault);
		for (size_t i = 0; i < groups->len; i++)
			if (streq(groups->items[i], at))
				return complain(
				    "%s: the group \"%s\" is named twice", option, at);
		if (groups->len == GROUPS_MOST)
			return complain(
			    "%s: more than %d groups: write them into the file later", option,
			    GROUPS_MOST);
		groups->items[groups->len++] = at;
	}
	return true;
}

/* A JSON array of the first list, and of what the second, which may be the same, has beside it.
 */
static void write_groups(
    struct buffer *out, const struct group_names *groups, const struct group_names *more)
{
	buffer_append_byte(out, '[');
	for (size_t i = 0; i < groups->len + more->len; i++) {
		const char *name =
		    i < groups->len ? groups->items[i] : more->items[i - groups->len];
		bool is_known = false;
		for (size_t k = 0; i >= groups->len && k < groups->len; k++)
			is_known = is_known || streq(groups->items[k], name);
		if (is_known)
			continue;
		if (i > 0)
			buffer_append_text(out, ", ");
		json_write_string(out, name);
	}
	buffer_append_byte(out, ']');
}

static void write_client(struct buffer *out, const struct first_config *first)
{
	int region = (int)strcspn(first->pool, "_");
	buffer_append_text(out,
	    "  // The user pool and its app client: the OIDC provider object of Cloudflare "
	    "Access.\n"
	    "  \"config\": {\n"
	    "    \"client_id\": ");
	json_write_string(out, first->client_id);
	buffer_append_text(out, ",\n");
	if (first->secret.len > 0) {
		buffer_append_text(out, "    \"client_secret\": ");
		json_write_string(out, buffer_text(&first->secret));
		buffer_append_text(out, ",\n");
	}
	if (first->domain[0] != '\0')
		buffer_append_format(out,
		    "    \"auth_url\": \"https://%s/oauth2/authorize\",\n"
		    "    \"token_url\": \"https://%s/oauth2/token\",\n",
		    first->domain, first->domain);
	else
		buffer_append_text(out, "    // The browser flow needs \"auth_url\" and "
					"\"token_url\", at the domain "
					"of the pool.\n");
	buffer_append_format(out,
	    "    \"certs_url\": "
	    "\"https://cognito-idp.%.*s.%s/%s/.well-known/jwks.json\",\n"
	    "    \"scopes\": [\"openid\", \"email\", \"profile\"],\n"
	    "    // What sessions get as OIDC_CLAIM_...\n"
	    "    \"claims\": [\"sub\", \"cognito:username\", \"name\", \"cognito:groups\"]\n"
	    "  },\n\n",
	    region, first->pool, find_partition(first->pool)->suffix, first->pool);
}

static void write_accounts(struct buffer *out, const struct first_config *first)
{
	buffer_append_text(out,
	    "  // Members of these groups get local accounts, with \"cognito-oidc accounts "
	    "apply\".\n"
	    "  \"accounts\": {\n"
	    "    \"groups\": ");
	write_groups(out, &first->groups, &first->admin_groups);
	if (first->admin_groups.len > 0) {
		buffer_append_text(out,
		    ",\n"
		    "    // These become local groups of the same name: sudoers may name "
		    "them.\n"
		    "    \"unix_groups\": ");
		write_groups(out, &first->admin_groups, &first->admin_groups);
	}
	buffer_append_text(out,
	    ",\n"
	    "    \"home\": \"/home/%u\", // %u is the user name\n"
	    "    \"shell\": \"/bin/bash\"\n"
	    "  },\n\n"
	    "  // The account's own record says which person of the pool a local user is.\n"
	    "  \"users\": {\n"
	    "    \"from_accounts\": true\n"
	    "  },\n\n");
}

static void write_rules(struct buffer *out, const struct first_config *first)
{
	buffer_append_text(out,
	    "  // Without a rule that allows it, nobody may log in. A rule counts if all its "
	    "keys "
	    "match.\n"
	    "  \"rules\": [\n"
	    "    { \"name\": \"shell\", \"services\": [\"sshd\", \"login\"],\n"
	    "      \"groups\": ");
	write_groups(out, &first->groups, &first->admin_groups);
	if (first->admin_groups.len > 0) {
		buffer_append_text(out,
		    " },\n"
		    "    { \"name\": \"admins\", \"services\": [\"sudo\", \"sudo-i\"],\n"
		    "      // Also possible: \"require_mfa\": true, \"max_auth_age\": 28800 "
		    "(seconds since the sign-in).\n"
		    "      \"groups\": ");
		write_groups(out, &first->admin_groups, &first->admin_groups);
	}
	buffer_append_text(out, " }\n  ]\n}\n");
}

void first_config_write(const struct first_config *first, struct buffer *out)
{
	buffer_append_text(out,
	    "// Who may log in to this host, and how. cognito-oidc init wrote this file; it is "
	    "yours to change.\n"
	    "// pam_cognito_oidc.json(5) explains every key. After a change, run "
	    "\"cognito-oidc check\".\n"
	    "// It must belong to root and have mode 0600.\n"
	    "{\n"
	    "  \"type\": \"oidc\",\n"
	    "  \"name\": \"Amazon Cognito\", // people see it in questions: put your company's "
	    "name here\n\n");
	write_client(out, first);
	buffer_append_format(out,
	    "  \"login\": {\n"
	    "    \"flows\": [\"password\"],%s\n"
	    "    \"stale_ok\": 0 // seconds that a ticket still counts while Cognito is "
	    "unreachable, e.g. 3600\n"
	    "  },\n\n",
	    first->domain[0] != '\0' ? " // also \"browser\", if the app client allows it"
				     : "");
	write_accounts(out, first);
	write_rules(out, first);
}
