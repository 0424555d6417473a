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
#include "helper/policy/config.h"
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
	if (errno == EACCES && geteuid() != TRUSTED_UID)
		return complain(path, "root is needed to read it");
	return complain(path, strerror(errno));
}

bool input_read_config(const char *path, struct config **out)
{
	struct buffer text = BUFFER_INIT(STORE_CONFIG_MAX);
	struct config_fault fault = {.text = ""};
	const char *why = NULL;
	bool good;
	*out = NULL;
	if (!input_is_readable(path))
		return false;
	int r = store_read_config(path, &text, &why);
	if (r == RESULT_CONFIG_FILE) {
		good = complain(path, why);
	} else {
		if (r == 0)
			r = config_parse(path, buffer_text(&text), text.len, out, &fault);
		good = r == 0;
		if (!good)
			fprintf(stderr, "cognito-oidc: %s\n",
			    fault.text[0] != '\0' ? fault.text : result_phrase(r));
	}
	buffer_wipe(&text);
	return good;
}
