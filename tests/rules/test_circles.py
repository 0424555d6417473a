#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The structure of src/: no file calls itself through others, no two files export one name,
and every header is included by another file than its own."""
import collections
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

SOURCES = [harness.ROOT / "pam_cognito_oidc.c", *sorted((harness.ROOT / "src").rglob("*.[ch]"))]


def stem(path):
    """A header and its .c have one name here."""
    return str(path.relative_to(harness.ROOT).with_suffix("")).removeprefix("src/")


def symbols():
    """({file: the names it exports}, {file: the names it takes from others}), by its object."""
    made = {}
    for path in SOURCES:
        name = harness.BUILD / "obj" / path.relative_to(harness.ROOT).with_suffix(".o")
        if path.suffix == ".c" and name.exists():
            made[str(name)] = stem(path)
    done = subprocess.run(["nm", "-A", "-g", "-P", *made], capture_output=True, text=True, check=True)
    exports, imports = ({file: set() for file in made.values()} for _ in range(2))
    for line in done.stdout.splitlines():
        name, symbol, kind, *_ = line.split()
        file = made[name.rstrip(":")]
        if kind == "U":
            imports[file].add(symbol)
        elif kind != "w" and not symbol.startswith("_") and symbol != "main":
            exports[file].add(symbol)
    return exports, imports


def uses(exports, imports):
    """{file: the files that it calls}."""
    owner = {name: file for file, names in exports.items() for name in names}
    return {file: {owner[name] for name in names if name in owner} for file, names in imports.items()}


def reached(graph, start):
    """Every file that start calls, directly or through others."""
    seen, rest = set(), [start]
    while rest:
        for name in graph.get(rest.pop(), ()):
            if name not in seen:
                seen.add(name)
                rest.append(name)
    return seen


def circles(graph):
    """The files that call themselves through others."""
    return {name for name in graph if name in reached(graph, name)}


class Structure(unittest.TestCase):
    def test_a_circle_would_be_found(self):
        self.assertEqual(circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}), {"a", "b", "c"})
        self.assertEqual(circles({"a": {"b", "c"}, "b": {"c"}}), set())

    def test_no_circle_of_files(self):
        graph = uses(*symbols())
        self.assertGreater(sum(len(files) for files in graph.values()), 200)
        self.assertEqual(set(circles(graph)), set())

    def test_every_header_is_included_by_another_file(self):
        texts = {stem(path): "" for path in SOURCES}
        for path in [*SOURCES, *(harness.ROOT / "tests").rglob("*.[ch]")]:
            name = stem(path) if path in SOURCES else "tests"
            texts[name] = texts.get(name, "") + path.read_text(encoding="utf-8")
        idle = [stem(path) for path in SOURCES if path.suffix == ".h" and not any(
            f'"{stem(path)}.h"' in text for name, text in texts.items() if name != stem(path))]
        # The Makefile includes this one.
        idle.remove("common/platform")
        self.assertEqual(idle, [])

    def test_no_two_files_export_one_name(self):
        owners = collections.defaultdict(set)
        for file, names in symbols()[0].items():
            for name in names:
                owners[name].add(file)
        self.assertGreater(len(owners), 200)
        self.assertEqual({name: files for name, files in owners.items() if len(files) > 1}, {})


if __name__ == "__main__":
    harness.main()
