/* SPDX-License-Identifier: MIT
 *
 * Runs a fuzz target over files, and over the files of folders, with any compiler.
 */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"

/* libFuzzer's own limit unless told otherwise is 4 KiB; seeds may be longer. */
#define INPUT_MAX (1024u * 1024)

static unsigned long replayed;

static int replay_file(const char *path)
{
	uint8_t *bytes = NULL, *exact = NULL;
	FILE *file = fopen(path, "rb");
	size_t len;
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	bytes = malloc(INPUT_MAX);
	len = bytes != NULL ? fread(bytes, 1, INPUT_MAX, file) : 0;
	fclose(file);
	/* An allocation of the exact size lets a sanitizer see a byte too far. */
	exact = malloc(len > 0 ? len : 1);
	if (bytes != NULL && exact != NULL) {
		memcpy(exact, bytes, len);
		LLVMFuzzerTestOneInput(exact, len);
		replayed++;
	}
	free(bytes);
	free(exact);
	return 0;
}

static int replay(const char *path)
{
	struct dirent **names = NULL;
	int count = scandir(path, &names, NULL, alphasort), failed = 0;
	if (count < 0)
		return replay_file(path);
	for (int i = 0; i < count; i++) {
		char *child = NULL;
		if (names[i]->d_name[0] != '.') {
			if (asprintf(&child, "%s/%s", path, names[i]->d_name) < 0)
				failed = 1;
			else
				failed |= replay_file(child);
		}
		free(child);
		free(names[i]);
	}
	free(names);
	return failed;
}

int main(int argc, char **argv)
{
	int failed = 0;
	for (int i = 1; i < argc; i++)
		failed |= replay(argv[i]);
	printf("%lu seeds replayed\n", replayed);
	return failed;
}
