/* SPDX-License-Identifier: MIT
 *
 * init: a first configuration, from what an administrator knows of the pool. The file appears
 * whole or not at all, and never in place of another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/first_config.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/file.h"

#define CLIENT_ID_MAX 128 /* Cognito's API: ClientIdType */
#define SECRET_MAX                                                                             \
	512 /* Cognito's secrets have at most 64 characters; other providers' more             \
	     */
#define PATH_BYTES 4096 /* PATH_MAX, with its NUL */

/* The file is one line, which only root may read: a secret is never an argument. */
static bool read_secret(const char *path, struct buffer *secret)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return complain("--secret-file: %s: %s", path, strerror(errno));
	const char *fault = fstat(fd, &st) != 0 ? "cannot be examined" : file_fault(&st);
	if (fault == NULL && file_read_all(fd, secret) != 0)
		fault = "cannot be read, or is longer than 512 bytes";
	close(fd);
	if (fault != NULL)
		return complain("--secret-file: %s: %s", path, fault);
	if (secret->len > 0 && secret->bytes[secret->len - 1] == '\n')
		buffer_cut(secret, secret->len - 1);
	if (strlen(buffer_text(secret)) != secret->len || !text_is_visible(buffer_text(secret)))
		return complain(
		    "--secret-file: %s: must hold the secret alone, on one line", path);
	return true;
}

static bool read_client_id(const char *text)
{
	size_t len =
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+");
	if (len <= CLIENT_ID_MAX && text[len] == '\0')
		return true;
	return complain("--client-id: \"%s\" is no app client id, such as "
			"6o7h8i9jexampleclientid",
	    text);
}

/* Everything is read and judged before anything is written. */
static bool read_first(const struct arguments *a, struct first_config *first)
{
	if (a->pool == NULL || a->client_id == NULL || a->groups == NULL)
		return complain("init: --pool, --client-id and --groups are needed");
	first->pool = a->pool;
	first->client_id = a->client_id;
	return first_config_check_pool(a->pool) && read_client_id(a->client_id) &&
	       first_config_read_groups("--groups", a->groups, false, &first->groups) &&
	       (a->admin_groups == NULL || first_config_read_groups("--admin-groups",
					       a->admin_groups, true, &first->admin_groups)) &&
	       (a->domain == NULL || first_config_read_domain(a->domain, first)) &&
	       (a->secret_file == NULL || read_secret(a->secret_file, &first->secret));
}

/* The folder of a file: opened, and root's alone to write to. *name is the file's own name.
 * -1 after saying why. */
static int open_folder(const char *path, const char **name)
{
	char folder[PATH_BYTES];
	struct stat st;
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : slash == path ? 1 : (size_t)(slash - path);
	*name = slash == NULL ? path : slash + 1;
	snprintf(
	    folder, sizeof(folder), "%.*s", len == 0 ? 1 : (int)len, len == 0 ? "." : path);
	int fd = len < sizeof(folder) && **name != '\0'
		     ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		     : -1;
	if (fd < 0) {
		complain("%s: the directory does not exist or cannot be opened", path);
		return -1;
	}
	if (fstat(fd, &st) == 0 && st.st_uid == paths.trusted_uid &&
	    (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return fd;
	complain(
	    "%s: the directory must belong to root, and nobody else may write to it", folder);
	close(fd);
	return -1;
}

/* Beside it under a fixed name, which a run that was killed leaves to the next one; the lock
 * keeps two runs apart. The rename fails if the configuration exists by now. */
static bool write_file(const char *path, const struct buffer *text)
{
	char beside[PATH_BYTES];
	const char *name = NULL;
	struct stat st, there;
	bool good = false;
	int folder = open_folder(path, &name), fd = -1;
	if (folder < 0)
		return false;
	snprintf(beside, sizeof(beside), "%s.init", name);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		complain("%s: exists; init never replaces a configuration", path);
		goto out;
	}
	fd = openat(folder, beside, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, &st) != 0 ||
	    fstatat(folder, beside, &there, AT_SYMLINK_NOFOLLOW) != 0 ||
	    st.st_ino != there.st_ino || file_fault(&there) != NULL) {
		complain("%s.init: cannot be written, or another init is running", path);
		goto out;
	}
	good = ftruncate(fd, 0) == 0 && file_write(fd, text->bytes, text->len) &&
	       fchmod(fd, 0600) == 0 && fsync(fd) == 0 &&
	       renameat2(folder, beside, folder, name, RENAME_NOREPLACE) == 0;
	if (!good) {
		complain("%s: %s", path, strerror(errno));
		unlinkat(folder, beside, 0);
	}
	fsync(folder);
out:
	if (fd >= 0)
		close(fd);
	close(folder);
	return good;
}

static void report(
    struct output *out, const struct arguments *a, const struct first_config *first)
{
	char next[PATH_BYTES + 32];
	snprintf(next, sizeof(next), "cognito-oidc doctor%s%s",
	    a->is_config_given ? " --config " : "", a->is_config_given ? a->config : "");
	output_json(
	    out, "config:%s pool:%s client_id:%s", a->config, first->pool, first->client_id);
	output_marked(out, "ok", "%s  (mode 0600)", a->config);
	output_line(out, "     pool %s, app client %s%s", first->pool, first->client_id,
	    first->secret.len > 0 ? ", with its secret" : "");
	output_line(out, "     groups %s: ssh and the console", a->groups);
	if (a->admin_groups != NULL)
		output_line(out, "     groups %s: also sudo", a->admin_groups);
	output_line(out, "next: %s", next);
	output_json(out, "next:%s", next);
}

int init_main(const struct arguments *a, struct output *out)
{
	struct first_config first = {.secret = BUFFER_INIT(SECRET_MAX)};
	struct buffer text = BUFFER_INIT(CONFIG_TEXT_MAX);
	struct config *config = NULL;
	struct reason reason = {.detail = ""};
	int code = EXIT_TROUBLE, r;
	if (!read_first(a, &first))
		goto out;
	first_config_write(&first, &text);
	r = text.error != 0
		? text.error
		: config_parse(a->config, buffer_text(&text), text.len, &config, NULL, &reason);
	if (r != 0) {
		complain("nothing is written, for it would not be valid: %s",
		    r == RESULT_CONFIG ? reason.detail : result_phrase(r));
		goto out;
	}
	if (!write_file(a->config, &text))
		goto out;
	report(out, a, &first);
	code = EXIT_YES;
out:
	config_free(config);
	buffer_wipe(&text);
	buffer_wipe(&first.secret);
	return code;
}
