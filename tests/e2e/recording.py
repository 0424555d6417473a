#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What was typed into a terminal and what it answered, as an animated picture that loops.

    recording.py OUT.svg FILE...

The first line of each FILE is what was typed, behind its prompt; the others are what the terminal
showed, with its colours. A reader who wants no motion sees the last screen."""
import html
import pathlib
import sys

from terminal import BACKGROUND, FOREGROUND, cells

COLUMNS, ROWS = 100, 30
CELL = (8, 17)
MARGIN = 12
TYPING, ANSWER, END = 0.06, 1.0, 6.0  # seconds: for a letter, before the next command, for the last screen
LINE = 0.12  # and for each line, to read it
LETTERS = 4  # that appear at a time


def colour(value):
    return "#{:02x}{:02x}{:02x}".format(*value)


def wrapped(line):
    row = list(cells(line))
    return [row[at:at + COLUMNS] for at in range(0, max(len(row), 1), COLUMNS)]


class Screen:
    """The rows that were shown, and each state of the last ROWS of them with its seconds."""

    def __init__(self):
        self.rows, self.frames = [], []

    def hold(self, seconds):
        self.frames.append((tuple(tuple(row) for row in self.rows[-ROWS:]), seconds))

    def play(self, typed, shown):
        prompt, _, command = typed.partition(" ")
        for end in range(0, len(command) + LETTERS, LETTERS):
            before = len(self.rows)
            self.rows += wrapped(f"\x1b[1m{prompt}\x1b[0m {command[:end]}")
            self.hold(TYPING * LETTERS)
            if end < len(command):
                del self.rows[before:]
        for line in shown:
            self.rows += wrapped(line)
        self.hold(ANSWER + LINE * len(shown))


def runs(row):
    """Neighbours of one colour as one text, with the column of the first."""
    at = 0
    while at < len(row):
        end = at
        while end < len(row) and row[end][1:] == row[at][1:]:
            end += 1
        text = "".join(cell[0] for cell in row[at:end])
        if text.strip():
            yield at, text.rstrip(), row[at][1], row[at][3]
        at = end


def draw_row(row):
    texts = []
    for at, text, fore, bold in runs(row):
        style = (f' fill="{colour(fore)}"' if fore != FOREGROUND else "") + (' font-weight="bold"' if bold else "")
        texts.append(f'<text x="{at * CELL[0]}" textLength="{len(text) * CELL[0]}"{style}>{html.escape(text, quote=False)}</text>')
    return "".join(texts)


def draw(frames):
    """Each row is drawn once. The frames lie below each other, and a window moves from one to the next."""
    width, height = COLUMNS * CELL[0] + 2 * MARGIN, ROWS * CELL[1] + 2 * MARGIN
    rows, whole, seconds = {}, sum(seconds for _, seconds in frames), 0.0
    steps, uses = [], []
    for number, (frame, held) in enumerate(frames):
        steps.append(f"{100 * seconds / whole:.3f}%{{transform:translateY({-number * height}px)}}")
        seconds += held
        for y, row in enumerate(frame):
            name = rows.setdefault(row, f"r{len(rows)}")
            uses.append(f'<use href="#{name}" x="{MARGIN}" y="{number * height + MARGIN + y * CELL[1]}"/>')
    last = -(len(frames) - 1) * height
    definitions = "".join(f'<g id="{name}" transform="translate(0 {CELL[1] - 4})">{draw_row(row)}</g>' for row, name in rows.items())
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
            f"<style>text{{font:14px 'DejaVu Sans Mono',Menlo,Consolas,monospace;white-space:pre}}"
            f"#film{{animation:film {whole:.2f}s steps(1,end) infinite}}@keyframes film{{{''.join(steps)}to{{transform:translateY({last}px)}}}}"
            f"@media (prefers-reduced-motion){{#film{{animation:none;transform:translateY({last}px)}}}}</style>"
            f'<defs>{definitions}</defs><rect width="{width}" height="{height}" rx="6" fill="{colour(BACKGROUND)}"/>'
            f'<g id="film" fill="{colour(FOREGROUND)}">{"".join(uses)}</g></svg>\n')


def main(arguments):
    screen = Screen()
    for path in arguments[1:]:
        typed, *shown = pathlib.Path(path).read_text(encoding="utf-8").replace("\r", "").rstrip("\n").split("\n")
        screen.play(typed, shown)
    picture, seconds = screen.frames[-1]
    screen.frames[-1] = (picture, seconds + END)
    pathlib.Path(arguments[0]).write_text(draw(screen.frames), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
