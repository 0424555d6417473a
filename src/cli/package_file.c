/* SPDX-License-Identifier: MIT */
#include "cli/package_file.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"
#include "common/text.h"

#define DPKG_QUERY "/usr/bin/dpkg-query"
#define RPM "/usr/bin/rpm"

/* The word behind "path " at the beginning of a line, as dpkg's conffiles and our question to
 * rpm have it. */
static bool find_digest(const char *text, const char *path, char *out, size_t size)
{
	size_t len = strlen(path);
	while (*text != '\0') {
		text += strspn(text, " \n");
		if (text_starts(text, path) && text[len] == ' ') {
			size_t word = strcspn(text + len + 1, " \n");
			return text_copy(text + len + 1, word, out, size);
		}
		text += strcspn(text, "\n");
	}
	return false;
}

/* "openssh-server: /etc/pam.d/sshd", and " PATH MD5" a line for each file that an administrator
 * may change. */
static bool ask_dpkg(const char *path, struct package_file *out)
{
	char program[] = DPKG_QUERY, search[] = "-S", show[] = "-W",
	     format[] = "-f=${Conffiles}";
	char file[512];
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	snprintf(file, sizeof(file), "%s", path);
	char *const whose[] = {program, search, file, NULL};
	bool found = program_run(whose, &text, &reason) == 0 &&
		     text_copy(buffer_text(&text), strcspn(buffer_text(&text), ":,\n"),
			 out->package, sizeof(out->package));
	buffer_cut(&text, 0);
	char *const of_all[] = {program, show, format, out->package, NULL};
	found = found && program_run(of_all, &text, &reason) == 0 &&
		find_digest(buffer_text(&text), path, out->digest, sizeof(out->digest));
	buffer_wipe(&text);
	return found;
}

static bool ask_rpm(const char *path, struct package_file *out)
{
	char program[] = RPM, query[] = "-qf", option[] = "--qf";
	char format[] = "%{NAME}\n[%{FILENAMES} %{FILEDIGESTS}\n]", file[512];
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	snprintf(file, sizeof(file), "%s", path);
	char *const argv[] = {program, query, option, format, file, NULL};
	bool found = program_run(argv, &text, &reason) == 0 &&
		     text_copy(buffer_text(&text), strcspn(buffer_text(&text), "\n"),
			 out->package, sizeof(out->package)) &&
		     find_digest(buffer_text(&text), path, out->digest, sizeof(out->digest));
	buffer_wipe(&text);
	return found;
}

bool package_file_find(const char *path, struct package_file *out)
{
	*out = (struct package_file){.package = ""};
	return access(DPKG_QUERY, X_OK) == 0 ? ask_dpkg(path, out) : ask_rpm(path, out);
}

bool package_file_is(const struct package_file *package, const struct buffer *content)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	char shown[2 * EVP_MAX_MD_SIZE + 1] = "";
	unsigned len = 0;
	const EVP_MD *kind = strlen(package->digest) == 32 ? EVP_md5() : EVP_sha256();
	if (EVP_Digest(content->bytes, content->len, digest, &len, kind, NULL) != 1)
		return false;
	for (unsigned i = 0; i < len; i++)
		snprintf(shown + (size_t)2 * i, 3, "%02x", digest[i]);
	return streq(shown, package->digest);
}
