/* SPDX-License-Identifier: MIT */
#include "helper/accounts/bundle.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/result.h"

/* A field as field_take() reads it, but longer than any of a frame. */
static void put(struct buffer *out, const void *bytes, size_t len)
{
	uint32_t word = htonl((uint32_t)len);
	buffer_reserve(out, len > BUNDLE_MAX ? SIZE_MAX : sizeof(word) + len);
	buffer_append(out, &word, sizeof(word));
	buffer_append(out, bytes, len);
}

void bundle_put(
    struct buffer *out, const char *folder, const char *name, const void *bytes, size_t len)
{
	char whole[BUNDLE_NAME_MAX];
	int n = snprintf(whole, sizeof(whole), "%s%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(whole))
		out->error = RESULT_TOO_LARGE;
	put(out, whole, strlen(whole));
	put(out, bytes, len);
}

static int compare(const struct field *a, const char *bytes, size_t len)
{
	size_t both = a->len < len ? a->len : len;
	int order = memcmp(a->bytes, bytes, both);
	return order != 0 ? order : (a->len > len) - (a->len < len);
}

static int order_entries(const void *left, const void *right)
{
	const struct bundle_entry *a = left, *b = right;
	return compare(&a->name, b->name.bytes, b->name.len);
}

int bundle_read(const char *bytes, size_t len, struct bundle *b)
{
	struct field rest = {bytes, len}, skipped;
	size_t count = 0;
	*b = (struct bundle){NULL, 0};
	for (; rest.len > 0; count++)
		if (!field_take(&rest, &skipped) || !field_take(&rest, &skipped))
			return RESULT_HELPER_FRAME;
	b->entries = calloc(count > 0 ? count : 1, sizeof(*b->entries));
	if (b->entries == NULL)
		return RESULT_MEMORY;
	rest = (struct field){bytes, len};
	for (; b->len < count; b->len++) {
		field_take(&rest, &b->entries[b->len].name);
		field_take(&rest, &b->entries[b->len].content);
	}
	qsort(b->entries, b->len, sizeof(*b->entries), order_entries);
	for (size_t i = 1; i < b->len; i++)
		if (order_entries(&b->entries[i - 1], &b->entries[i]) == 0)
			return RESULT_HELPER_FRAME;
	return 0;
}

void bundle_free(struct bundle *b)
{
	free(b->entries);
	*b = (struct bundle){NULL, 0};
}

/* The first entry that is not before this name. */
static size_t lower_bound(const struct bundle *b, const char *name, size_t len)
{
	size_t low = 0, high = b->len;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(&b->entries[middle].name, name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct bundle_entry *bundle_find(
    const struct bundle *b, const char *folder, const char *name)
{
	char whole[BUNDLE_NAME_MAX];
	int n = snprintf(whole, sizeof(whole), "%s%s", folder, name);
	if (n < 0 || (size_t)n >= sizeof(whole))
		return NULL;
	size_t at = lower_bound(b, whole, (size_t)n);
	bool is_found = at < b->len && compare(&b->entries[at].name, whole, (size_t)n) == 0;
	return is_found ? &b->entries[at] : NULL;
}

const struct bundle_entry *bundle_first(const struct bundle *b, const char *prefix)
{
	return b->entries + lower_bound(b, prefix, strlen(prefix));
}

bool bundle_is_below(
    const struct bundle *b, const struct bundle_entry *entry, const char *prefix)
{
	size_t len = strlen(prefix);
	return entry < b->entries + b->len && entry->name.len >= len &&
	       memcmp(entry->name.bytes, prefix, len) == 0;
}
