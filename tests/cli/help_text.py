# SPDX-License-Identifier: MIT
"""The verbs and options of the command as its own --help tells them."""
import re
import subprocess


class Verb:
    """One verb: .name, .purpose, .usage (one line), .options {name: its value's form or ""}, .words
    (the form of the words without a dash, or "") and .example."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.purpose = re.match(rf"cognito-oidc {name}: (.*)\n", text).group(1)
        usage = re.search(r"^usage: (.*(?:\n {8,}.*)*)\n\n", text, re.M).group(1)
        self.usage = " ".join(usage.split())
        self.options = {}
        for head in re.findall(r"^  (--\S+(?: \S+)?)(?:  +\S.*|\n {24}.*)$", text, re.M):
            option = re.match(r"(--[a-z-]+)(?: (.*)|(\[=.*))?$", head)
            self.options[option.group(1)] = option.group(2) or option.group(3) or ""
        words = re.search(r"^  ([\[A-Za-z]\S*)(?:  +\S.*|\n {24}.*)$", text, re.M)
        self.words = words.group(1) if words else ""
        example = re.search(r"^Example.*:\n  [#$] ((?:.*\\\n)*.*)$", text, re.M).group(1)
        self.example = " ".join(example.replace("\\\n", " ").split())


def ask(command, *words):
    return subprocess.run([command, *words, "--help"], capture_output=True, text=True, timeout=60, check=True, env={}).stdout


def verbs(command):
    """{name: Verb}, in the order of --help."""
    names = re.findall(r"^  ([a-z][a-z-]+)  +\S", ask(command), re.M)
    return {name: Verb(name, ask(command, name)) for name in names}
