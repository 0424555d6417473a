# SPDX-License-Identifier: MIT
"""Mutants of one C file: every comparison, every logical operator, every plain condition
and every return of every function, turned round one by one. Works on tokens and on the
layout that clang-format keeps here: a function's braces stand alone at the line's begin."""
import re
from dataclasses import dataclass

TOKEN = re.compile(r"""
    (?P<comment>/\*.*?\*/|//[^\n]*) | (?P<directive>^\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*') | (?P<word>[A-Za-z_0-9.]+)
  | (?P<operator><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|[^\sA-Za-z_0-9])
""", re.X | re.S | re.M)
OTHERS = {"==": ("!=",), "!=": ("==",), "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
          "&&": ("||",), "||": ("&&",)}
# What compares and says yes or no.
PREDICATES = {"streq", "text_starts", "text_ends"}
TRUTHS = ("TRUTH_YES", "TRUTH_NO", "TRUTH_UNREADABLE")
YES = "RESULT_ALLOWED"


@dataclass(frozen=True)
class Mutant:
    file: str
    function: str
    number: int  # of the line
    line: str  # the changed lines as they were, blanks made one
    becomes: str
    text: str  # the whole file


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Function:
    name: str
    type: str  # as it is written, with the star of a pointer
    start: int
    end: int
    says_yes: bool


def functions(source):
    begin = 0
    for found in re.finditer(r"^\{$(.*?)^\}$", source, re.M | re.S):
        head = re.split(r"[;}]\n|\*/\n|^#[^\n]*\n|\n\n", source[begin:found.start()], flags=re.M)[-1]
        named = re.match(r"\s*(.*?)(\w+)\s*\(", head, re.S)
        yield Function(named.group(2), " ".join(named.group(1).split()), found.start(1), found.end(1), YES in found.group(1))
        begin = found.end()


def tokens(source, start, end):
    return [Token(found.group(), *found.span()) for found in TOKEN.finditer(source, start, end)
            if found.lastgroup not in ("comment", "directive")]


def closing(row, at):
    """The index of the parenthesis that closes the one at `at`."""
    depth = 0
    for index in range(at, len(row)):
        depth += {"(": 1, ")": -1}.get(row[index].text, 0)
        if depth == 0:
            return index
    raise ValueError("a parenthesis stays open")


def other_returns(function, value):
    if value == "":
        return [""]
    if value in TRUTHS:
        return [other for other in TRUTHS if other != value]
    if value in ("true", "false"):
        return ["false" if value == "true" else "true"]
    if re.search(r"\bstruct \w+$", function.type):
        return []
    if function.type.endswith("*"):
        return ["(void *)1" if value == "NULL" else "NULL"]
    # A result: 0 is done, 1 would be "allowed", 2 is a refusal.
    others = [f"(({value}) == 0 ? 2 : 0)" if function.type.endswith("int") else f"!({value})"]
    if function.says_yes and re.fullmatch(r"RESULT_\w+", value) and value != YES:
        others.append(YES)
    return others


def changes(source, function):
    """(start, end, replacement) of every change in one function."""
    row = tokens(source, function.start, function.end)
    for at, token in enumerate(row):
        for other in OTHERS.get(token.text, ()):
            yield token.start, token.end, other
        if token.text == "!":
            yield token.start, token.end, ""
        if token.text in PREDICATES and row[at - 1].text != "!":
            yield token.start, token.start, "!"
        if token.text == "return":
            end = next(index for index in range(at, len(row)) if row[index].text == ";")
            value = source[row[at + 1].start:row[end].start].strip() if end > at + 1 else ""
            for other in other_returns(function, " ".join(value.split())):
                yield token.start, row[end].start, f"return {other}" if value else ""
        if token.text in ("if", "while"):
            last = closing(row, at + 1)
            inside = row[at + 2:last]
            if not any(t.text in OTHERS or t.text == "!" or t.text in PREDICATES for t in inside):
                yield inside[0].start, inside[-1].end, f"!({source[inside[0].start:inside[-1].end]})"


def mutants(name, source):
    for function in functions(source):
        for start, end, other in changes(source, function):
            first, last = source.rfind("\n", 0, start) + 1, source.find("\n", end)
            line, becomes = source[first:last], source[first:start] + other + source[end:last]
            yield Mutant(name, function.name, source.count("\n", 0, start) + 1, " ".join(line.split()),
                         " ".join(becomes.split()), source[:start] + other + source[end:])
