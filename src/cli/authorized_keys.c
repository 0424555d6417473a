/* SPDX-License-Identifier: MIT
 *
 * authorized-keys: a person's public keys, from the record of the local account, for the
 * AuthorizedKeysCommand of sshd_config(5). Nothing of a locked account, and no key with
 * options: whoever may write a command= into a key chooses what sshd runs.
 */
#include <pwd.h>
#include <string.h>

#include "cli/output.h"
#include "cli/verbs.h"
#include "common/buffer.h"
#include "helper/accounts/ssh_key.h"
#include "helper/json/json.h"
#include "module/account_record.h"

/* Returns the exit code. */
static int print_keys(struct output *out, const char *user, const struct buffer *private)
{
	struct json *document = NULL;
	int code = EXIT_YES;
	if (json_parse(private->bytes, private->len, ACCOUNT_RECORD_MAX, &document, NULL) !=
	    0) {
		complain("%s: the account's record is not whole", user);
		return EXIT_NO;
	}
	const struct cJSON *parts = json_member(json_root(document), "privileged");
	const struct cJSON *keys = json_member(parts, "sshAuthorizedKeys");
	const struct cJSON *at = json_type(keys) == JSON_ARRAY ? json_first(keys) : NULL;
	for (size_t number = 1; at != NULL; at = json_next(at), number++) {
		const char *key = json_string(at);
		if (key != NULL && ssh_key_is_plain(key, strlen(key))) {
			output_line(out, "%s", key);
			output_json(out, "%s", key);
		} else {
			complain(
			    "%s: key %zu is not a public key without options", user, number);
			code = EXIT_NO;
		}
	}
	json_free(document);
	return code;
}

int authorized_keys_main(const struct arguments *a, struct output *out)
{
	struct buffer private = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct account_record record = {.counts = false};
	const struct passwd *entry = getpwnam(a->words[0]);
	int code = EXIT_YES;
	/* sshd asks about root and local users as well: they have no record, and no keys here.
	 */
	if (entry != NULL)
		account_record_read(a->words[0], entry->pw_uid, &record, &private);
	output_json(out, "user:%s locked:%d keys:[", a->words[0], record.is_locked);
	if (record.is_locked) {
		complain("%s: the account is locked", a->words[0]);
		code = EXIT_NO;
	} else if (record.counts) {
		code = print_keys(out, a->words[0], &private);
	}
	output_json(out, "]");
	buffer_wipe(&private);
	return code;
}
