/* SPDX-License-Identifier: MIT
 *
 * RFC 4648: base64url without padding (section 5), as JOSE wants it, and plain base64 with
 * padding (section 4), as Cognito's SRP wants it. Strict, so that one run of bytes has one
 * text: no spaces, no line breaks, no characters of the other alphabet, no stray bits after
 * the last byte. A lax decoder would accept many texts for one token.
 */
#ifndef HELPER_TOKEN_BASE64URL_H
#define HELPER_TOKEN_BASE64URL_H

#include <stddef.h>

struct buffer;

/* The bytes that decoding len characters may need, and that encoding len bytes needs with its
 * NUL. */
#define BASE64_DECODED(len) ((len) / 4 * 3 + 3)
#define BASE64_ENCODED(len) (((len) + 2) / 3 * 4 + 1)

/* Decodes into out (size bytes); *out_len is the number written. Returns 0, or
 * RESULT_TOKEN_FORM for any other form or too little room. */
int base64url_decode(
    const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len);
int base64_decode(const char *in, size_t len, unsigned char *out, size_t size, size_t *out_len);

/* Decodes and appends. Returns 0, RESULT_TOKEN_FORM or the buffer's error. */
int base64url_append(struct buffer *, const char *in, size_t len);

/* out has BASE64_ENCODED(len) bytes, of which base64url needs (4 * len + 2) / 3 and one for
 * NUL, and ends up NUL-terminated. */
void base64url_encode(const unsigned char *in, size_t len, char *out);
void base64_encode(const unsigned char *in, size_t len, char *out);

#endif
