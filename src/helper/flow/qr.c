/* SPDX-License-Identifier: MIT */
#include "helper/flow/qr.h"

#include <qrencode.h>
#include <stdbool.h>

#include "common/buffer.h"
#include "common/result.h"
#include "common/text.h"

#define QUIET 2 /* the standard asks for four modules; on a screen two are enough */

enum qr_style qr_style(const char *word)
{
	if (streq(word, "auto"))
		return QR_AUTO;
	if (streq(word, "utf8"))
		return QR_UTF8;
	return streq(word, "ascii") ? QR_ASCII : QR_OFF;
}

/* Is the module light? The margin around the code is. */
static bool is_light(const QRcode *code, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	if (x < 0 || y < 0 || x >= code->width || y >= code->width)
		return true;
	return (code->data[y * code->width + x] & 1) == 0;
}

static void draw_half_blocks(const QRcode *code, struct buffer *out)
{
	/* Indexed by: upper module is light, lower module is light. */
	static const char *const blocks[2][2] = {{" ", "▄"}, {"▀", "█"}};
	int side = code->width + 2 * QUIET;
	for (int y = 0; y < side; y += 2) {
		for (int x = 0; x < side; x++) {
			bool lower = y + 1 < side && is_light(code, x, y + 1);
			buffer_append_text(out, blocks[is_light(code, x, y)][lower]);
		}
		buffer_append_byte(out, '\n');
	}
}

static void draw_ascii(const QRcode *code, struct buffer *out)
{
	int side = code->width + 2 * QUIET;
	for (int y = 0; y < side; y++) {
		for (int x = 0; x < side; x++)
			buffer_append_text(out, is_light(code, x, y) ? "##" : "  ");
		buffer_append_byte(out, '\n');
	}
}

static void draw(const char *text, enum qr_style style, struct buffer *out)
{
	if (style == QR_OFF)
		return;
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	if (code == NULL)
		return;
	int rows = (code->width + 2 * QUIET + 1) / 2;
	if (style == QR_ASCII)
		draw_ascii(code, out);
	else if (style == QR_UTF8 || rows <= QR_ROWS)
		draw_half_blocks(code, out);
	QRcode_free(code);
}

int qr_draw(
    const char *text, enum qr_style style, const struct buffer *words, struct buffer *out)
{
	size_t start = out->len;
	draw(text, style, out);
	buffer_append(out, words->bytes, words->len);
	if (out->error == RESULT_TOO_LARGE) {
		buffer_cut(out, start);
		buffer_append(out, words->bytes, words->len);
	}
	return words->error != 0 ? words->error : out->error;
}
