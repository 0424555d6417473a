#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The cells of a line that a terminal shows: its letters and their colours."""
import re

BACKGROUND, FOREGROUND = (16, 18, 24), (222, 224, 228)
COLOURS = ((0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16), (36, 114, 200), (188, 63, 188), (17, 168, 205),
           (229, 229, 229))
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m|\x1b.|(.)", re.S)


def cells(line):
    """(character, foreground, background, bold) of each cell of a line."""
    fore, back, bold = FOREGROUND, BACKGROUND, False
    for match in ESCAPE.finditer(line):
        if match.group(2):
            yield match.group(2), fore, back, bold
            continue
        for number in (int(n or 0) for n in (match.group(1) or "0").split(";")):
            if number == 0:
                fore, back, bold = FOREGROUND, BACKGROUND, False
            elif number == 1:
                bold = True
            elif number == 7:
                fore, back = back, fore
            elif 30 <= number < 38:
                fore = COLOURS[number - 30]
            elif 40 <= number < 48:
                back = COLOURS[number - 40]
