#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The oldest libraries that docs/install.md promises have all that is used here, and the headers of
newer ones do not warn of it: what was linked, by the versions of its names; what was compiled, by
the table of names in the file "symbols"."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402

ROOT = harness.ROOT
BUILD = ROOT / os.environ.get("BUILD", "build")
OBJECTS = ("pam_cognito_oidc.so", "helper", "cognito-oidc")
# Whose release that is: glibc, OpenSSL, libcurl, libseccomp and qrencode, RHEL 9's; Linux-PAM and
# cJSON, Ubuntu 22.04's.
OLDEST = {"GLIBC": "2.34", "OPENSSL": "3.0.0", "LIBPAM": "1.4", "libcurl": "7.76.0", "seccomp": "2.5.0", "cjson": "1.7.15", "qrencode": "4.0.0"}
# Releases at which another #if takes over: RHEL 9, Ubuntu 22.04, Debian 12; one after all of these.
LIBCURL = ("7.76.0", "7.79.0", "7.80.0", "7.81.0", "7.84.0", "7.85.0", "7.88.1", "8.99.0")
# What only a build with newer headers needs, and why the source compiles with the older ones.
EXPLAINED = {
    r"__isoc23_\w+@GLIBC_2\.38": "the same functions; newer headers take these, which know C23's binary digits",
}
# The headers of a library, and its names.
HEADERS = {"libcurl": ("curl/", r"\b(?:curl_|CURL[A-Z]*_)\w+"), "seccomp": ("seccomp.h", r"\b(?:seccomp_|SCMP_)\w+"),
           "cjson": ("cjson/", r"\bcJSON_\w+"), "qrencode": ("qrencode.h", r"\bQRcode_\w+")}
# Types, a variable's fields, and the macros that tell the version.
NO_SYMBOL = {"curl_slist", "curl_socket_t", "curl_waitfd"}


def number(version):
    return [int(part) for part in version.split(".")]


def table():
    """{library: {name: (since, warned of from or None)}}"""
    found = {}
    text = re.sub(r"^#.*\n", "", (ROOT / "tests/rules/symbols").read_text(), flags=re.M)
    for library, since, names in re.findall(r"^(\w+) ([\d.]+): (.*(?:\n    .*)*)", text, re.M):
        for name in names.split():
            name, _, until = name.partition("<")
            found.setdefault(library, {})[name] = (since, until or None)
    return found


def users(library):
    """The sources that include this library's headers."""
    header = HEADERS[library][0]
    return [file for file in sorted((ROOT / "src").rglob("*.[ch]")) if re.search(rf"#include <{re.escape(header)}", file.read_text())]


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", " ", text, flags=re.S)


def names(library, text):
    return set(re.findall(HEADERS[library][1], without_comments(text))) - NO_SYMBOL


def at_libcurl(version, file):
    """The lines of the file that are compiled with this version's headers; macros are as written."""
    major, minor, patch = number(version)
    with tempfile.TemporaryDirectory() as folder:
        header = pathlib.Path(folder, "curl/curl.h")
        header.parent.mkdir()
        header.write_text(f"#include_next <curl/curl.h>\n#undef LIBCURL_VERSION_NUM\n#define LIBCURL_VERSION_NUM 0x{major:02x}{minor:02x}{patch:02x}\n")
        text = subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-D_GNU_SOURCE", "-Isrc", "-include", "common/platform.h", "-I", folder, "-E",
                               "-fdirectives-only", str(file)], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    kept, here = [], False
    for line in text.splitlines():
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            here = marker.group(1) == str(file)
        elif here:
            kept.append(line)
    return "\n".join(kept)


@unittest.skipIf(os.environ.get("SAN"), "a sanitizer's build is not installed")
class Linked(unittest.TestCase):
    def undefined(self):
        for name in OBJECTS:
            listed = subprocess.run(["nm", "-D", "--undefined-only", str(BUILD / name)], check=True, capture_output=True, text=True).stdout
            symbols = re.findall(r"^ +[Uw] (\S+)$", listed, re.M)
            self.assertGreater(len(symbols), 50, name)
            for symbol in symbols:
                yield name, symbol

    def test_no_name_is_newer_than_the_oldest_library(self):
        newer, seen = [], set()
        for name, symbol in self.undefined():
            version = re.search(r"@(GLIBC|OPENSSL|LIBPAM)\w*?_(\d[\d.]*)$", symbol)
            if version is None:
                continue
            seen.add(version.group(1))
            is_newer = number(version.group(2)) > number(OLDEST[version.group(1)])
            if is_newer and not any(re.fullmatch(row, symbol) for row in EXPLAINED):
                newer.append(f"{name}: {symbol}")
        self.assertEqual(newer, [])
        self.assertEqual(seen, {"GLIBC", "OPENSSL", "LIBPAM"})

    def test_every_function_of_the_other_libraries_is_in_the_table(self):
        rows = {name for library in table().values() for name in library}
        linked = {symbol.partition("@")[0] for _, symbol in self.undefined()
                  if not re.search(r"@(GLIBC|OPENSSL|LIBPAM)", symbol)} - {"_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__gmon_start__"}
        self.assertEqual(sorted(linked - rows), [])
        self.assertEqual(sorted(name for name in rows - linked if name[0].islower() or name.startswith("QR")), [])


class Compiled(unittest.TestCase):
    def test_one_file_each_is_looked_at(self):
        for library in HEADERS:
            with self.subTest(library):
                self.assertEqual(len(users(library)), 1)

    def test_the_table_has_the_names_of_the_source_and_no_others(self):
        rows = table()
        self.assertEqual(set(rows), set(HEADERS))
        for library in HEADERS:
            with self.subTest(library):
                used = {name for file in users(library) for name in names(library, file.read_text())}
                self.assertEqual(sorted(used - set(rows[library])), [])
                self.assertEqual(sorted(set(rows[library]) - used), [])

    def test_the_oldest_releases_have_these_names(self):
        for library, rows in table().items():
            if library == "libcurl":
                continue
            with self.subTest(library):
                self.assertEqual([name for name, (since, _) in rows.items() if number(since) > number(OLDEST[library])], [])

    def test_every_release_of_libcurl_has_the_names_that_it_is_asked_for(self):
        rows = table()["libcurl"]
        self.assertEqual(LIBCURL[0], OLDEST["libcurl"])
        for version in LIBCURL:
            with self.subTest(version):
                used = {name for file in users("libcurl") for name in names("libcurl", at_libcurl(version, file))}
                self.assertGreater(len(used), 60)
                self.assertEqual(sorted(name for name in used if number(rows[name][0]) > number(version)), [])
                self.assertEqual(sorted(name for name in used if rows[name][1] and number(rows[name][1]) <= number(version)), [], "its headers warn")

    def test_the_releases_are_those_where_an_if_takes_over(self):
        """A new #if brings its release, and the one before, into LIBCURL."""
        limits = {match for file in users("libcurl") for match in re.findall(r"LIBCURL_VERSION_NUM >= 0x(\w{6})", file.read_text())}
        for limit in limits:
            version = ".".join(str(int(limit[at:at + 2], 16)) for at in (0, 2, 4))
            with self.subTest(version):
                self.assertIn(version, LIBCURL)
                before = LIBCURL[LIBCURL.index(version) - 1]
                self.assertEqual(number(before)[:2], [number(version)[0], number(version)[1] - 1])
        self.assertGreaterEqual(len(limits), 2)


if __name__ == "__main__":
    harness.main()
