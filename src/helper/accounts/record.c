/* SPDX-License-Identifier: MIT */
#include "helper/accounts/record.h"

#include <stdio.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/json/json.h"

#define FORMAT "1"
/* The member that makes a record ours. */
#define OURS "pam_cognito_oidc"

bool record_is_name(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz_0123456789.-";
	size_t len = strlen(name);
	return len > 0 && len <= RECORD_NAME_MAX && strchr(first, name[0]) != NULL &&
	       name[strspn(name, rest)] == '\0' && name[len - 1] != '.' &&
	       strstr(name, "..") == NULL;
}

/* ---- writing ---------------------------------------------------------------------------- */

static void put_text(struct buffer *out, const char *before, const char *text)
{
	buffer_append_text(out, before);
	if (json_write_string(out, text) == RESULT_JSON)
		out->error = RESULT_JSON;
}

int record_write_user(struct buffer *out, const struct record_user *u)
{
	put_text(out, "{\n\t\"userName\": ", u->name);
	if (u->real_name[0] != '\0')
		put_text(out, ",\n\t\"realName\": ", u->real_name);
	buffer_append_format(out, ",\n\t\"uid\": %u,\n\t\"gid\": %u", u->uid, u->gid);
	put_text(out, ",\n\t\"homeDirectory\": ", u->home);
	put_text(out, ",\n\t\"shell\": ", u->shell);
	return buffer_append_format(out,
	    ",\n\t\"disposition\": \"regular\",\n\t\"locked\": %s\n}\n",
	    u->locked ? "true" : "false");
}

int record_write_privileged(struct buffer *out, const struct record_user *u)
{
	const char *at = u->keys;
	buffer_append_text(out, "{\n\t\"privileged\": {");
	if (*at != '\0')
		buffer_append_text(out, "\n\t\t\"sshAuthorizedKeys\": [");
	while (*at != '\0') {
		char key[RECORD_KEYS_MAX + 1];
		size_t len = strcspn(at, "\n");
		snprintf(key, sizeof(key), "%.*s", (int)len, at);
		put_text(out, at == u->keys ? "\n\t\t\t" : ",\n\t\t\t", key);
		at += len + (at[len] == '\n');
	}
	if (u->keys[0] != '\0')
		buffer_append_text(out, "\n\t\t]\n\t");
	put_text(out,
	    "},\n\t\"" OURS "\": {\n\t\t\"format\": " FORMAT ",\n\t\t\"issuer\": ", u->issuer);
	put_text(out, ",\n\t\t\"sub\": ", u->sub);
	put_text(out, ",\n\t\t\"login\": ", u->login);
	put_text(out, ",\n\t\t\"userName\": ", u->name);
	return buffer_append_format(out, ",\n\t\t\"uid\": %u\n\t}\n}\n", u->uid);
}

int record_write_group(struct buffer *out, const char *name, uint32_t gid)
{
	put_text(out, "{\n\t\"groupName\": ", name);
	return buffer_append_format(out,
	    ",\n\t\"gid\": %u,\n\t\"disposition\": \"regular\",\n\t\"" OURS
	    "\": {\n\t\t\"format\": " FORMAT "\n\t}\n}\n",
	    gid);
}

static const char membership[] = "{ \"" OURS "\": { \"format\": " FORMAT " } }\n";

int record_write_membership(struct buffer *out)
{
	return buffer_append_text(out, membership);
}

bool record_is_membership(const char *text, size_t len)
{
	return len == sizeof(membership) - 1 && memcmp(text, membership, len) == 0;
}

/* ---- reading ---------------------------------------------------------------------------- */

static bool copy_text(const struct cJSON *value, const char *name, char *out, size_t size)
{
	const char *text = json_member_string(value, name);
	return text != NULL && text_copy(text, strlen(text), out, size);
}

/* Numbers of accounts; (uid_t)-1 is none. */
static bool read_id(
    const struct json *document, const struct cJSON *value, const char *name, uint32_t *id)
{
	long long number = 0;
	if (!json_integer(document, json_member(value, name), &number) || number >= UINT32_MAX)
		return false;
	*id = (uint32_t)number;
	return true;
}

/* The member that makes it ours, in the one format that there is; or NULL. */
static const struct cJSON *find_ours(const struct json *document)
{
	const struct cJSON *ours = json_member(json_root(document), OURS);
	long long format = 0;
	bool is_known = json_integer(document, json_member(ours, "format"), &format);
	return is_known && format == 1 ? ours : NULL;
}

bool record_read_identity(
    const char *text, size_t len, const char *name, struct record_identity *out)
{
	struct json *document = NULL;
	memset(out, 0, sizeof(*out));
	if (json_parse(text, len, RECORD_FILE_MAX, &document, NULL) != 0)
		return false;
	const struct cJSON *ours = find_ours(document);
	bool is_good = copy_text(ours, "userName", out->name, sizeof(out->name)) &&
		       copy_text(ours, "issuer", out->issuer, sizeof(out->issuer)) &&
		       copy_text(ours, "sub", out->sub, sizeof(out->sub)) &&
		       copy_text(ours, "login", out->login, sizeof(out->login)) &&
		       read_id(document, ours, "uid", &out->uid) && out->uid != 0 &&
		       out->sub[0] != '\0' && (name == NULL || streq(out->name, name));
	json_free(document);
	return is_good;
}

bool record_read_user(const char *text, size_t len, struct record_public *out)
{
	struct json *document = NULL;
	memset(out, 0, sizeof(*out));
	if (json_parse(text, len, RECORD_FILE_MAX, &document, NULL) != 0)
		return false;
	const struct cJSON *root = json_root(document);
	bool is_good = copy_text(root, "userName", out->name, sizeof(out->name)) &&
		       read_id(document, root, "uid", &out->uid);
	read_id(document, root, "gid", &out->gid);
	out->locked = json_is_true(json_member(root, "locked"));
	copy_text(root, "realName", out->real_name, sizeof(out->real_name));
	json_free(document);
	return is_good;
}

bool record_read_group(const char *text, size_t len, char name[256], uint32_t *gid, bool *ours)
{
	struct json *document = NULL;
	*ours = false;
	if (json_parse(text, len, RECORD_FILE_MAX, &document, NULL) != 0)
		return false;
	const struct cJSON *root = json_root(document);
	bool is_good =
	    copy_text(root, "groupName", name, 256) && read_id(document, root, "gid", gid);
	*ours = is_good && find_ours(document) != NULL;
	json_free(document);
	return is_good;
}
