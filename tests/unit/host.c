/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>

static struct passwd *people;
static size_t count, next;

FILE *host_file(const char *text)
{
	FILE *file = text != NULL ? tmpfile() : NULL;
	if (file == NULL) {
		errno = ENOENT;
		return NULL;
	}
	fputs(text, file);
	rewind(file);
	return file;
}

void host_people(struct passwd *of, size_t so_many)
{
	people = of;
	count = so_many;
}

void __wrap_setpwent(void);
void __wrap_setpwent(void)
{
	next = 0;
}

struct passwd *__wrap_getpwent(void);
struct passwd *__wrap_getpwent(void)
{
	return next < count ? &people[next++] : NULL;
}
