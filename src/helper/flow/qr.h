/* SPDX-License-Identifier: MIT
 *
 * QR codes as text. The only file that knows libqrencode.
 */
#ifndef HELPER_FLOW_QR_H
#define HELPER_FLOW_QR_H

struct buffer;

#define QR_ROWS 24 /* what a terminal shows without scrolling */

enum qr_style {
	QR_OFF, /* draw nothing */
	QR_AUTO, /* UTF-8 half blocks, if they take at most QR_ROWS rows */
	QR_UTF8, /* UTF-8 half blocks, whatever the size */
	QR_ASCII, /* two ASCII characters for each module */
};

/* The style of a word: "off", "auto", "utf8", "ascii"; QR_OFF for any other. */
enum qr_style qr_style(const char *word);

/* Appends the drawing of text, each row with a newline, and the words below it. The drawing is
 * left out if the style says so, if the text is too long for a QR code, or if there is no room
 * for both: the words hold all that the code says. Error correction L, which a clean screen
 * needs no better, and a margin of two modules. Light modules are drawn, dark ones are
 * background: right for light text on dark. Returns the error of either buffer: 0,
 * RESULT_TOO_LARGE or RESULT_MEMORY. */
int qr_draw(const char *text, enum qr_style, const struct buffer *words, struct buffer *out);

#endif
