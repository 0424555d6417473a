#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Every sentence that a person can meet stands in one of three tables; docs/messages.md is
made of them:

    test_messages.py --write
"""
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # pylint: disable=wrong-import-position

COMMON = harness.ROOT / "src/common"
DOCS = harness.ROOT / "docs/messages.md"
# Sentences that are followed by the question they are about, or say all there is to say.
COMPLETE = {"", "Cancelled.", "That code is wrong."}
NEXT = re.compile(r"[Pp]lease|use keyboard-interactive|Sign in again: |set\. ")
HEAD = """# Messages

This page lists every question, notice, log phrase and advice. `tests/rules/test_messages.py --write`
generates it from `src/common/sentence.h`, `result.h` and `finding.h`; a test compares them.

"""


def literals(text):
    """C string literals, joined, as text."""
    joined = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text))
    return joined.replace("\\n", "\n").replace('\\"', '"')


def cell(text):
    """For a table of Markdown."""
    return text.strip().replace("\n", " / ").replace("|", "\\|").replace("*", "\\*")


def asked():
    """[(heading or None, when, sentence)] of sentence.h."""
    text = (COMMON / "sentence.h").read_text()
    rows = re.findall(r"/\* -+ ([^\n]*?) -* ?\*/|/\* ((?:(?!\*/).)*) \*/\n#define SENTENCE_\w+((?:[^\n]*\\\n)*[^\n]*)\n", text, re.S)
    return [(heading, re.sub(r"\s*\n \*\s*", " ", when), literals(value)) for heading, when, value in rows]


def preprocessed(header, lines):
    """What the compiler makes of these lines after a header."""
    done = subprocess.run(["cc", "-E", "-P", "-x", "c", "-I", str(harness.ROOT / "src"), "-"], text=True, capture_output=True,
                          check=True, input=f'#include "common/{header}"\n{lines}\n')
    return done.stdout


def table_of(header, macro, names, fields):
    """The rows of an X table, whose columns have these names: lists of the fields' texts."""
    marks = " ".join(f"BEGIN {field} END" for field in fields)
    text = preprocessed(header, f"#define X({', '.join(names)}) ROW {marks}\n{macro}(X)")
    rows = text.split("ROW")[1:]
    return [[literals(part) or part.strip() for part in re.findall(r"BEGIN (.*?) END", row, re.S)] for row in rows]


def endings():
    """[(PAM result, phrase, sentence)] of result.h."""
    return [(pam, phrase, "" if sentence == '""' else sentence)
            for pam, phrase, sentence in table_of("result.h", "RESULTS", "abcde", "cde")]


def document():
    out = [HEAD, "## Questions and notices\n"]
    for heading, when, sentence in asked():
        if heading:
            out.append(f"\n### {heading.strip()}\n\n| when | sentence |\n|---|---|\n")
        else:
            out.append(f"| {cell(when)} | {cell(sentence)} |\n")
    out.append("\n## Results of a sign-in\n\n| PAM result | in syslog | shown to the user |\n|---|---|---|\n")
    out += [f"| {pam} | {cell(phrase)} | {cell(sentence)} |\n" for pam, phrase, sentence in endings()]
    out.append("\n## Advice from doctor\n\n| finding | what to do | manual |\n|---|---|---|\n")
    out += [f"| `{name}` | {cell(advice)} | {page} |\n" for name, advice, page in table_of("finding.h", "FINDINGS", "abcd", "bcd")]
    return "".join(out)


class Messages(unittest.TestCase):
    def test_the_document_is_what_the_code_says(self):
        self.assertEqual(DOCS.read_text(), document())

    def test_the_tables_were_read(self):
        self.assertGreater(len([row for row in asked() if not row[0]]), 40)
        self.assertEqual(len([row for row in asked() if not row[0]]),
                         (COMMON / "sentence.h").read_text().count("#define SENTENCE_"))
        self.assertGreater(len(endings()), 70)
        for _, when, sentence in asked():
            self.assertNotIn("#define", when + sentence)

    def test_every_ending_says_what_to_do_next(self):
        for pam, phrase, sentence in endings():
            if sentence not in COMPLETE:
                self.assertRegex(sentence, NEXT, f"{pam}: {phrase}")

    def test_no_sentence_stands_anywhere_else(self):
        sources = [*(harness.ROOT / "src/module").glob("*.c"), *(harness.ROOT / "src/helper/flow").glob("*.[ch]"),
                   harness.ROOT / "src/helper/signin.c", harness.ROOT / "pam_cognito_oidc.c"]
        self.assertGreater(len(sources), 30)
        for path in sources:
            code = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
            for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', code):
                plain = text.replace("\\n", "").strip()
                self.assertFalse(re.match(r"[A-Z][a-z']* .*[.:?!]$", plain), f"{path}: {text}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        DOCS.write_text(document())
    else:
        harness.main()
