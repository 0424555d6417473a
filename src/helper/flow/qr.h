/* SPDX-License-Identifier: MIT
 *
 * QR codes as text. The only file that knows libqrencode.
 */
#ifndef HELPER_FLOW_QR_H
#define HELPER_FLOW_QR_H

struct buffer;

/* How to draw: not at all; UTF-8 half blocks if that takes at most QR_ROWS rows; half
 * blocks whatever the size; two ASCII characters a module. */
enum qr_style { QR_OFF, QR_AUTO, QR_UTF8, QR_ASCII };

#define QR_ROWS 24 /* what a terminal shows without scrolling */

/* The style of a word: "off", "auto", "utf8", "ascii"; QR_OFF for any other. */
enum qr_style qr_style(const char *word);

/* Appends the drawing, each row with a newline, or nothing if the style says so or the text
 * is too long for a code. Error correction L: the screen is not dirty. A quiet zone of two
 * modules; light modules are drawn, dark ones are left to the background. Returns 0,
 * RESULT_TOO_LARGE or RESULT_MEMORY. */
int qr_draw(const char *text, enum qr_style, struct buffer *out);

#endif
