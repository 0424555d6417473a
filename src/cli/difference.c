/* SPDX-License-Identifier: MIT */
#include "cli/difference.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/original.h"
#include "cli/output.h"
#include "cli/program.h"
#include "common/buffer.h"
#include "common/reason.h"

#define DIFF "/usr/bin/diff"

static void show_lines(struct output *out, const char *before, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		output_line(out, "%s%.*s", before, (int)len, text);
		text += len + (text[len] == '\n' ? 1 : 0);
	}
}

/* The bytes as a file that another program of root's can open by our process's name for it. */
static int lend(const struct original *o, char path[64])
{
	int fd = memfd_create("pam_cognito_oidc", MFD_CLOEXEC);
	snprintf(path, 64, "/proc/%ld/fd/%d", (long)getpid(), fd);
	if (fd < 0 ||
	    write(fd, buffer_text(&o->content), o->content.len) == (ssize_t)o->content.len)
		return fd;
	close(fd);
	return -1;
}

void difference_show(struct output *out, const char *path, const struct original *from,
    const struct original *to)
{
	char program[] = DIFF, unified[] = "-u", label[] = "--label", old[64], new[64];
	char old_name[512], new_name[512];
	struct buffer text = BUFFER_INIT(PROGRAM_OUTPUT_MAX);
	struct reason reason;
	int old_fd = lend(from, old), new_fd = lend(to, new);
	snprintf(old_name, sizeof(old_name), "%s%s", path, from->exists ? "" : " (missing)");
	snprintf(new_name, sizeof(new_name), "%s%s", path, to->exists ? "" : " (removed)");
	char *const argv[] = {
	    program, unified, label, old_name, label, new_name, old, new, NULL};
	int status = old_fd >= 0 && new_fd >= 0 ? program_run(argv, &text, &reason) : -1;
	if (status == 1) {
		show_lines(out, "", buffer_text(&text));
	} else if (status != 0) {
		output_line(out, "%s: without " DIFF ", all of the new file:", path);
		show_lines(out, "+", buffer_text(&to->content));
	}
	buffer_wipe(&text);
	if (old_fd >= 0)
		close(old_fd);
	if (new_fd >= 0)
		close(new_fd);
}
