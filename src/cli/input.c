/* SPDX-License-Identifier: MIT */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/paths.h"
#include "common/result.h"
#include "common/text.h"
#include "helper/config/config.h"
#include "module/file.h"
#include "module/store.h"

static bool complain(const char *path, const char *why)
{
	char shown[512];
	text_printable(path, strlen(path), shown, sizeof(shown));
	fprintf(stderr, "cognito-oidc: %s: %s\n", shown, why);
	return false;
}

bool input_read_file(const char *path, struct buffer *out)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;
	if (fd < 0)
		return complain(path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return complain(path, "not a regular file");
	}
	r = file_read_all(fd, out);
	close(fd);
	if (r == RESULT_TOO_LARGE)
		return complain(path, "too large");
	return r == 0 || complain(path, "cannot be read");
}

bool input_is_readable(const char *path)
{
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
		return true;
	if (errno == EACCES && geteuid() != paths.trusted_uid)
		return complain(path, "root is needed to read it");
	return complain(path, strerror(errno));
}

static bool parse_config(const char *path, const struct buffer *text, struct config **out)
{
	struct reason reason = {.detail = ""};
	int r = config_parse(path, buffer_text(text), text->len, out, NULL, &reason);
	if (r != 0)
		fprintf(stderr, "cognito-oidc: %s\n",
		    reason.detail[0] != '\0' ? reason.detail : result_phrase(r));
	return r == 0;
}

bool input_read_config(const char *path, struct config **out)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX);
	const char *why = NULL;
	*out = NULL;
	if (!input_is_readable(path))
		return false;
	int r = store_read_config(path, &text, &why);
	bool good = r == 0 ? parse_config(path, &text, out)
			   : complain(path, why != NULL ? why : result_phrase(r));
	buffer_wipe(&text);
	return good;
}

bool input_judge_config(const char *path, struct config **out)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX);
	const char *why = NULL;
	*out = NULL;
	if (!input_is_readable(path))
		return false;
	int r = store_read_config(path, &text, &why);
	if (r != 0) {
		buffer_wipe(&text);
		if (!input_read_file(path, &text)) {
			buffer_wipe(&text);
			return false;
		}
		complain(path, why != NULL ? why : result_phrase(r));
		fprintf(stderr,
		    "cognito-oidc: a login would refuse this file; judged all the same\n");
	}
	bool good = parse_config(path, &text, out);
	buffer_wipe(&text);
	return good;
}
