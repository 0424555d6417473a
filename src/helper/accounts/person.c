/* SPDX-License-Identifier: MIT
 *
 * One user of a pool, as AWS's command line prints it.
 */
#include "helper/accounts/person.h"

#include <stdlib.h>
#include <string.h>

#include "common/result.h"
#include "common/text.h"
#include "helper/accounts/date.h"
#include "helper/accounts/export.h"
#include "helper/accounts/settings.h"
#include "helper/config/config.h"
#include "helper/json/json.h"
#include "helper/policy/users.h"

void person_free(struct export_person *p)
{
	free(p->sub);
	free(p->login);
	free(p->name);
	free(p->real_name);
	free(p->uid_text);
	free(p->keys_text);
}

/* The user's attributes are [{"Name", "Value"}]; NULL when there is none of this name. */
static const char *attribute(const struct cJSON *user, const char *name)
{
	const struct cJSON *at = json_first(json_member(user, "Attributes"));
	if (streq(name, "cognito:username"))
		return json_member_string(user, "Username");
	for (; at != NULL; at = json_next(at))
		if (streq(json_member_string(at, "Name"), name))
			return json_member_string(at, "Value");
	return NULL;
}

/* An e-mail address that is not verified may be anybody's. */
static const char *believed(
    const struct config *config, const struct cJSON *user, const char *name)
{
	bool is_email = streq(name, config->email_claim_name) || streq(name, "email");
	if (is_email && !streq(attribute(user, "email_verified"), "true"))
		return NULL;
	return attribute(user, name);
}

static bool entry_holds(
    const struct config *config, const struct cJSON *user, const struct config_map_entry *entry)
{
	const struct cJSON *at = json_first(entry->conditions);
	size_t held = 0;
	for (; at != NULL; at = json_next(at)) {
		const char *wanted = json_string(at);
		if (streq(json_name(at), "login"))
			continue;
		if (wanted == NULL)
			wanted = json_is_true(at) ? "true" : "false";
		if (!streq(believed(config, user, json_name(at)), wanted))
			return false;
		held++;
	}
	return held > 0;
}

/* The local name that a sign-in of this person has: users.map, else users.claim. */
static int name_person(
    const struct config *config, const struct cJSON *user, struct export_person *p)
{
	char name[USERS_NAME_MAX + 1];
	for (size_t i = 0; i < config->map_len; i++)
		if (entry_holds(config, user, &config->map[i])) {
			p->name = strdup(config->map[i].local_name);
			return p->name != NULL ? 0 : RESULT_MEMORY;
		}
	const char *text = believed(config, user, config->users_claim);
	if (text == NULL) {
		p->nameless = "has no value for users.claim, or none that is verified";
	} else if (users_name_from(config, text, name, sizeof(name)) != 0) {
		p->nameless = "lacks users.strip_prefix or users.strip_suffix";
	} else if (config_map_find(config, name) != NULL) {
		p->nameless = "has a name that users.map gives to somebody else";
	} else {
		p->name = strdup(name);
		return p->name != NULL ? 0 : RESULT_MEMORY;
	}
	return 0;
}

/* The gecos field of passwd ends at ':'; what is shown to others holds no control character. */
static char *real_name(const char *text)
{
	char shown[EXPORT_REAL_NAME_MAX + 1] = "";
	if (text != NULL)
		text_printable(text, strlen(text), shown, sizeof(shown));
	for (char *at = shown; *at != '\0'; at++)
		if (*at == ':')
			*at = ' ';
	return strdup(shown);
}

static char *copy(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

/* Are they what the API documents? Returns what is wrong, or NULL. */
static const char *judge_attributes(const struct cJSON *user)
{
	const struct cJSON *list = json_member(user, "Attributes");
	if (json_type(list) != JSON_ARRAY)
		return "Attributes is missing, or no array";
	for (const struct cJSON *at = json_first(list); at != NULL; at = json_next(at)) {
		const char *name = json_member_string(at, "Name");
		if (name == NULL || json_member_string(at, "Value") == NULL)
			return "an attribute lacks Name or Value, or they are no strings";
		for (const struct cJSON *next = json_next(at); next != NULL;
		     next = json_next(next))
			if (streq(json_member_string(next, "Name"), name))
				return "an attribute stands there twice";
	}
	return NULL;
}

const char *person_read(const struct config *config, const struct accounts_settings *settings,
    const struct json *document, struct export_person *p, int *r)
{
	const struct cJSON *user = json_root(document);
	const char *username = json_member_string(user, "Username");
	const struct cJSON *enabled = json_member(user, "Enabled");
	if (username == NULL || username[0] == '\0' || strlen(username) > EXPORT_LOGIN_MAX ||
	    text_has_controls(username))
		return "Username is missing, too long, or not a text";
	const char *wrong = judge_attributes(user);
	if (wrong != NULL)
		return wrong;
	const char *sub = attribute(user, "sub");
	if (!text_is_visible(sub != NULL ? sub : "") || strlen(sub) > EXPORT_SUB_MAX)
		return "the attribute sub is missing or malformed";
	if (!date_read_value(document, json_member(user, "UserCreateDate"), &p->created))
		return "UserCreateDate is missing, or no date";
	p->enabled = json_is_true(enabled);
	if (!p->enabled && !json_is_false(enabled))
		return "Enabled is missing, or neither true nor false";
	if (streq(json_member_string(user, "UserStatus"), "ARCHIVED"))
		p->enabled = false;
	/* Of a pool that signs in by e-mail, the user name is made up. */
	const char *email = streq(username, sub) ? believed(config, user, "email") : NULL;
	bool is_good = email != NULL && email[0] != '\0' && strlen(email) <= EXPORT_LOGIN_MAX &&
		       !text_has_controls(email);
	p->login = strdup(is_good ? email : username);
	p->sub = strdup(sub);
	p->real_name = real_name(attribute(user, "name"));
	if (settings->uid_attribute != NULL)
		p->uid_text = copy(attribute(user, settings->uid_attribute));
	if (settings->ssh_keys_attribute != NULL)
		p->keys_text = copy(attribute(user, settings->ssh_keys_attribute));
	if (p->login == NULL || p->sub == NULL || p->real_name == NULL)
		*r = RESULT_MEMORY;
	else
		*r = name_person(config, user, p);
	return NULL;
}
