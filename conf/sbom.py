#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes what a build consists of as SPDX 2.3 (JSON): the source, the programs made of it, and the
packages of this host whose libraries they load. What those libraries load in turn is for the
distribution to say. The same build gives the same file.

sbom.py VERSION SECONDS TARBALL PROGRAM..."""
import datetime
import hashlib
import json
import pathlib
import platform
import re
import subprocess
import sys

NAME = "pam_cognito_oidc"


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"sbom: {' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def libraries(program):
    """Where the loader finds each library that the program itself names."""
    needed = set(re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", str(program))))
    found = dict(re.findall(r"(\S+) => (/\S+)", output("ldd", str(program))))
    missing = needed - set(found)
    if missing:
        sys.exit(f"sbom: {program}: not found: {' '.join(sorted(missing))}")
    return [pathlib.Path(found[name]) for name in sorted(needed)]


def owner(library, release):
    """(name, version, purl) of the package that a library belongs to."""
    if pathlib.Path("/var/lib/dpkg/status").exists():
        # dpkg knows a file by the path that its package names, with or without the link /lib.
        paths = [str(library), str(library.resolve()), str(library.resolve()).removeprefix("/usr")]
        done = subprocess.run(["dpkg-query", "-S", *paths], capture_output=True, text=True, check=False)
        owners = [line.rsplit(": ", 1)[0] for line in done.stdout.splitlines() if not line.startswith("diversion ")]
        if not owners:
            sys.exit(f"sbom: no package owns {library}")
        form = "${Package} ${Version} ${Architecture}"
        name, version, machine = output("dpkg-query", "-W", "-f", form, owners[0]).split()
        kind = "deb"
    else:
        form = "%{NAME} %{VERSION}-%{RELEASE} %{ARCH}"
        name, version, machine = output("rpm", "-qf", "--qf", form, str(library.resolve())).split()
        kind = "rpm"
    return name, version, f"pkg:{kind}/{release['ID']}/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={machine}"


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


def document(version, seconds, tarball, programs):
    release = platform.freedesktop_os_release()
    own = identifier("Package", NAME)
    packages = [{"SPDXID": own, "name": NAME, "versionInfo": version, "downloadLocation": "NOASSERTION",
                 "filesAnalyzed": False, "packageFileName": tarball.name, "licenseConcluded": "MIT", "licenseDeclared": "MIT",
                 "copyrightText": "NOASSERTION", "checksums": [{"algorithm": "SHA256", "checksumValue": digest(tarball)}]}]
    files, relations, seen = [], [("SPDXRef-DOCUMENT", "DESCRIBES", own)], set()
    for program in programs:
        file = identifier("File", program.name)
        sha1 = hashlib.sha1(program.read_bytes()).hexdigest()  # SPDX asks for it
        files.append({"SPDXID": file, "fileName": "./" + program.name, "licenseConcluded": "MIT", "copyrightText": "NOASSERTION",
                      "checksums": [{"algorithm": "SHA1", "checksumValue": sha1},
                                    {"algorithm": "SHA256", "checksumValue": digest(program)}]})
        relations.append((file, "GENERATED_FROM", own))
        for name, its_version, purl in sorted({owner(library, release) for library in libraries(program)}):
            other = identifier("Package", name)
            relations.append((file, "DYNAMIC_LINK", other))
            if other in seen:
                continue
            seen.add(other)
            packages.append({"SPDXID": other, "name": name, "versionInfo": its_version, "downloadLocation": "NOASSERTION",
                             "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
                             "copyrightText": "NOASSERTION",
                             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                               "referenceLocator": purl}]})
    content = {"packages": packages, "files": files,
               "relationships": [{"spdxElementId": a, "relationshipType": kind, "relatedSpdxElement": b} for a, kind, b in relations]}
    unique = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
    created = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"{NAME}-{version}",
            "documentNamespace": f"https://spdx.org/spdxdocs/{NAME}-{version}-{unique}",
            "creationInfo": {"created": created, "creators": [f"Tool: {pathlib.Path(__file__).name}"]}, **content}


def main():
    version, seconds, tarball, *programs = sys.argv[1:]
    json.dump(document(version, int(seconds), pathlib.Path(tarball), [pathlib.Path(p) for p in programs]), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
