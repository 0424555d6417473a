#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A terminal's screen as a picture.   picture.py CAPTURE OUT.png [--qr QR.png | --light]

CAPTURE is what `tmux capture-pane -e -p` prints. Text is drawn in DejaVu Sans Mono; block
elements fill their cells, as terminals draw them. QR.png gets the code alone: the half-block
rows, one pixel a module, enlarged without smoothing. --light: a terminal with dark letters."""
import sys

from PIL import Image, ImageDraw, ImageFont, ImageOps

from terminal import BACKGROUND, cells

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
CELL = (9, 18)
MARGIN = 12
# Which parts of a cell a block element fills: (left, top, right, bottom) in halves.
BLOCKS = {"█": (0, 0, 2, 2), "▀": (0, 0, 2, 1), "▄": (0, 1, 2, 2), "▌": (0, 0, 1, 2), "▐": (1, 0, 2, 2)}


def draw(lines):
    width = max(len(row) for row in lines)
    size = (width * CELL[0] + 2 * MARGIN, len(lines) * CELL[1] + 2 * MARGIN)
    image = Image.new("RGB", size, BACKGROUND)
    pen = ImageDraw.Draw(image)
    fonts = [ImageFont.truetype(FONT.format(style), 15) for style in ("", "-Bold")]
    for y, row in enumerate(lines):
        for x, (character, fore, back, bold) in enumerate(row):
            left, top = MARGIN + x * CELL[0], MARGIN + y * CELL[1]
            if back != BACKGROUND:
                pen.rectangle((left, top, left + CELL[0] - 1, top + CELL[1] - 1), fill=back)
            if character in BLOCKS:
                box = BLOCKS[character]
                pen.rectangle((left + box[0] * CELL[0] // 2, top + box[1] * CELL[1] // 2,
                               left + box[2] * CELL[0] // 2 - 1, top + box[3] * CELL[1] // 2 - 1), fill=fore)
            elif character != " ":
                pen.text((left, top), character, font=fonts[bold], fill=fore)
    return image


def draw_qr(lines):
    """Every row of half blocks is two rows of modules."""
    rows = [row for row in lines if sum(cell[0] in "█▀▄" for cell in row) > 20]
    width = max(len(row) for row in rows)
    image = Image.new("RGB", (width, 2 * len(rows)), BACKGROUND)
    for y, row in enumerate(rows):
        for x, (character, fore, back, _bold) in enumerate(row):
            image.putpixel((x, 2 * y), fore if character in "█▀" else back)
            image.putpixel((x, 2 * y + 1), fore if character in "█▄" else back)
    return image.resize((image.width * 8, image.height * 8), Image.NEAREST)


def main(arguments):
    with open(arguments[0], encoding="utf-8") as file:
        lines = [list(cells(line.rstrip("\n"))) for line in file]
    while lines and not lines[-1]:
        lines.pop()
    picture = draw(lines)
    if arguments[2:3] == ["--light"]:
        picture = ImageOps.invert(picture)
    picture.save(arguments[1], optimize=True)
    if arguments[2:3] == ["--qr"]:
        draw_qr(lines).save(arguments[3])


if __name__ == "__main__":
    main(sys.argv[1:])
