/* SPDX-License-Identifier: MIT */
#include "differential/mutate.h"

#include <string.h>

void text_empty(struct text *t)
{
	t->len = 0;
	t->bytes[0] = '\0';
}

void text_add(struct text *t, const char *bytes, size_t len)
{
	if (len > MUTATE_MAX - t->len)
		return;
	memcpy(t->bytes + t->len, bytes, len);
	t->len += len;
	t->bytes[t->len] = '\0';
}

void text_put(struct text *t, const char *text)
{
	text_add(t, text, strlen(text));
}

/* Puts the bytes in the place of so many others. */
static void replace(struct text *t, size_t at, size_t gone, const char *bytes, size_t len)
{
	if (len > gone && len - gone > MUTATE_MAX - t->len)
		return;
	memmove(t->bytes + at + len, t->bytes + at + gone, t->len - at - gone);
	memcpy(t->bytes + at, bytes, len);
	t->len = t->len - gone + len;
	t->bytes[t->len] = '\0';
}

void mutate(struct random *r, struct text *t, const char *const *pieces, size_t count)
{
	size_t at = random_below(r, t->len + 1), left = t->len - at;
	size_t some = left > 0 ? random_below(r, left < 24 ? left : 24) + 1 : 0;
	char slice[24], byte = (char)random_next(r);
	const char *piece = pieces[random_below(r, count)];
	memcpy(slice, t->bytes + at, some);
	switch (random_below(r, 7)) {
	case 0:
		if (left > 0)
			t->bytes[at] = (char)(t->bytes[at] ^ 1 << random_below(r, 8));
		break;
	case 1:
		replace(t, at, 0, &byte, 1);
		break;
	case 2:
		replace(t, at, some, "", 0);
		break;
	case 3: /* a slice once more, elsewhere */
		replace(t, random_below(r, t->len + 1), 0, slice, some);
		break;
	case 4:
		replace(t, at, left > 0 && random_below(r, 2), piece, strlen(piece));
		break;
	case 5:
		replace(t, random_below(r, 2) ? t->len : 0, 0, piece, strlen(piece));
		break;
	default: /* the end is missing */
		if (random_below(r, 4) == 0)
			replace(t, at, left, "", 0);
		break;
	}
}
