/* SPDX-License-Identifier: MIT
 *
 * Bytes that are wiped. realloc() is not used: it would leave the old copy behind.
 */
#include "common/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/result.h"

/* Small answers fit at once; larger ones double, so that appending stays linear. */
#define BUFFER_FIRST 512

int buffer_reserve(struct buffer *b, size_t more)
{
	if (b->error == 0 && (more > b->max || b->len > b->max - more))
		b->error = RESULT_TOO_LARGE;
	if (b->error != 0)
		return b->error;
	size_t need = b->len + more + 1;
	if (need <= b->size)
		return 0;
	size_t size = b->size > 0 ? b->size : BUFFER_FIRST;
	while (size < need)
		size = size > SIZE_MAX / 2 ? need : size * 2;
	char *bytes = malloc(size);
	if (bytes == NULL)
		return b->error = RESULT_MEMORY;
	if (b->len > 0)
		memcpy(bytes, b->bytes, b->len);
	bytes[b->len] = '\0';
	if (b->bytes != NULL)
		explicit_bzero(b->bytes, b->size);
	free(b->bytes);
	b->bytes = bytes;
	b->size = size;
	return 0;
}

int buffer_append(struct buffer *b, const void *bytes, size_t len)
{
	int r = buffer_reserve(b, len);
	if (r != 0)
		return r;
	if (len > 0)
		memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	b->bytes[b->len] = '\0';
	return 0;
}

int buffer_append_text(struct buffer *b, const char *text)
{
	return buffer_append(b, text, strlen(text));
}

int buffer_append_byte(struct buffer *b, unsigned char byte)
{
	return buffer_append(b, &byte, 1);
}

int buffer_append_format(struct buffer *b, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	int r = buffer_reserve(b, len < 0 ? SIZE_MAX : (size_t)len);
	if (r == 0) {
		vsnprintf(b->bytes + b->len, (size_t)len + 1, format, again);
		b->len += (size_t)len;
	}
	va_end(again);
	return r;
}

void buffer_cut(struct buffer *b, size_t len)
{
	b->error = 0;
	if (len >= b->len)
		return;
	explicit_bzero(b->bytes + len, b->len - len);
	b->len = len;
}

void buffer_trim(struct buffer *b)
{
	static const char spaces[] = " \t\r\n\v\f";
	size_t len = b->len, first = strspn(buffer_text(b), spaces);
	while (len > first && strchr(spaces, b->bytes[len - 1]) != NULL)
		len--;
	if (first > 0)
		memmove(b->bytes, b->bytes + first, len - first);
	if (b->len > 0)
		buffer_cut(b, len - first);
}

const char *buffer_text(const struct buffer *b)
{
	return b->bytes != NULL ? b->bytes : "";
}

void buffer_wipe(struct buffer *b)
{
	if (b == NULL)
		return;
	if (b->bytes != NULL)
		explicit_bzero(b->bytes, b->size);
	free(b->bytes);
	b->bytes = NULL;
	b->len = b->size = 0;
	b->error = 0;
}

void secret_free(char *text)
{
	if (text == NULL)
		return;
	explicit_bzero(text, strlen(text));
	free(text);
}
