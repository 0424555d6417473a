/* SPDX-License-Identifier: MIT
 *
 * Configuration and key set are read by the same functions as in a login, so that the command
 * cannot judge something else than the module would.
 */
#include "cli/input.h"

#include <errno.h>
#include <pwd.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/output.h"
#include "common/buffer.h"
#include "common/message.h"
#include "common/paths.h"
#include "common/reason.h"
#include "common/result.h"
#include "helper/accounts/record.h"
#include "helper/config/config.h"
#include "helper/token/jwks.h"
#include "module/account_record.h"
#include "module/config_file.h"
#include "module/file.h"
#include "module/jwks_cache.h"

bool input_read_file(const char *path, struct buffer *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *fault = fd < 0 ? strerror(errno) : NULL;
	if (fd >= 0 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)))
		fault = "not a regular file";
	int r = fault == NULL ? file_read_all(fd, out) : 0;
	if (r != 0)
		fault = r == RESULT_TOO_LARGE ? "too large" : "cannot be read";
	if (fd >= 0)
		close(fd);
	return fault == NULL || complain("%s: %s", path, fault);
}

bool input_is_readable(const char *path)
{
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
		return true;
	bool is_for_root = errno == EACCES && geteuid() != paths.trusted_uid;
	return complain(
	    "%s: %s", path, is_for_root ? "only root can read it" : strerror(errno));
}

bool input_read_config_text(const char *path, struct buffer *text, struct reason *fault)
{
	reason_clear(fault);
	if (!input_is_readable(path))
		return false;
	int r = config_file_read(path, text, fault);
	if (r == 0)
		return true;
	if (fault->detail[0] == '\0')
		reason_at(fault, r, result_phrase(r));
	buffer_wipe(text);
	return input_read_file(path, text);
}

bool input_read_config(const char *path, bool is_dry_run, struct config **out)
{
	struct buffer text = BUFFER_INIT(CONFIG_FILE_MAX + 1);
	struct reason reason = {.detail = ""};
	*out = NULL;
	bool good = input_read_config_text(path, &text, &reason);
	if (good && reason.detail[0] != '\0') {
		complain("%s%s", reason.detail,
		    is_dry_run ? "; a login would refuse this file, it is judged all the same"
			       : "");
		reason_clear(&reason);
		good = is_dry_run;
	}
	if (good) {
		int r = config_parse(path, buffer_text(&text), text.len, out, NULL, &reason);
		good = r == 0 || complain("%s", reason.detail[0] != '\0' ? reason.detail
									 : result_phrase(r));
	}
	buffer_wipe(&text);
	return good;
}

long long input_cached_keys(
    const char *config_path, const struct config *config, struct jwks **out)
{
	struct buffer cached = BUFFER_INIT(MESSAGE_STORE_MAX);
	long long fetched = 0;
	jwks_cache_read(config_path, &cached);
	jwks_cached_decode(buffer_text(&cached), cached.len, config->certs_url,
	    (long long)time(NULL), out, &fetched);
	buffer_wipe(&cached);
	return fetched;
}

bool input_read_keys(const char *jwks_path, const char *config_path,
    const struct config *config, struct jwks **out)
{
	struct buffer text = BUFFER_INIT(JWKS_TEXT_MAX);
	*out = NULL;
	if (jwks_path == NULL) {
		long long fetched = input_cached_keys(config_path, config, out);
		/* The set's age is measured by the clock, whatever --now says. */
		long long age = (long long)time(NULL) - fetched;
		return (*out != NULL && age <= JWKS_BELIEVED_SECONDS) ||
		       complain("no key set is cached: use --jwks FILE");
	}
	bool good = input_read_file(jwks_path, &text);
	if (good && jwks_parse(buffer_text(&text), text.len, out) == RESULT_MEMORY)
		good = complain("%s", result_phrase(RESULT_MEMORY));
	buffer_wipe(&text);
	return good;
}

bool input_read_token(const char *path, struct buffer *out)
{
	int r = path != NULL ? 0 : file_read_all(STDIN_FILENO, out);
	if (path != NULL && !input_read_file(path, out))
		return false;
	if (r != 0 && r != RESULT_TOO_LARGE)
		return complain("standard input: cannot be read");
	if (out->len > 0 && out->bytes[out->len - 1] == '\n')
		out->len--;
	return true;
}

bool input_read_account(const char *user, struct record_identity *out)
{
	struct buffer identity = BUFFER_INIT(ACCOUNT_RECORD_MAX + 1);
	struct account_record record = {.counts = false};
	const struct passwd *entry = getpwnam(user);
	if (entry != NULL)
		account_record_read(user, entry->pw_uid, &record, &identity);
	bool found =
	    record.counts && record_read_identity(identity.bytes, identity.len, user, out);
	buffer_wipe(&identity);
	return found;
}
