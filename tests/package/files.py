#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The files of the Debian package and of the packages for Red Hat's family, side by side: the same
files with the same modes and owners, but for what EXPLAINED explains; none that others may write,
none set-uid, set-gid or with capabilities. Arguments: where the table is written, the .deb, and the
.rpm files. Ends with a count."""
import re
import subprocess
import sys

# Where Debian has a file elsewhere: its path, where the others have it, why.
MOVED = (
    (r"^/lib/systemd/", "/usr/lib/systemd/", "Debian 12 names units by /lib, which is a link there"),
    (r"/zsh/vendor-completions/", "/zsh/site-functions/", "zsh of Debian keeps the other folder for administrators"),
    (r"^/usr/lib/[a-z0-9_]+-linux-gnu/security/", "/usr/lib64/security/", "libraries of several architectures"),
)
# What differs. Which package has it alone, or "both" for a link that leads elsewhere; its path; why.
EXPLAINED = (
    ("deb", r"/etc/apparmor\.d(/.*)?", "Red Hat's family has SELinux"),
    ("deb", r"/usr/share/doc/libpam-cognito-oidc(/.*)?", "Debian's copyright file and changelog, by the package's name"),
    ("deb", r"/usr/share/lintian/overrides/.*", "for Debian's lintian"),
    ("rpm", r"/usr/share/licenses/pam_cognito_oidc(-[0-9.]+)?(/LICENSE)?", "Debian has its copyright file for it"),
    ("rpm", r"/usr/lib/systemd/system-preset/.*", "Debian enables units by the package's scripts"),
    ("rpm", r"/usr/lib/\.build-id(/.*)?", "Debian has these links in packages of debug symbols"),
    ("rpm", r"/usr/share/doc/pam_cognito_oidc/pam\.d/(su-l|sudo-i)", "services of Red Hat's family"),
    ("both", r"/usr/share/doc/pam_cognito_oidc/pam\.d/[a-z-]+", "links lead to the service files of the family"),
    ("rpm", r"/usr/share/selinux/.*/pam_cognito_oidc\.(pp\.bz2|if)", "the SELinux policy module, a package of its own"),
    ("rpm", r"/var/lib/selinux/targeted/active/modules/200/pam_cognito_oidc", "its place in the store, which semodule fills"),
)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def common(path):
    """(the path that both have, why Debian's is another)"""
    for pattern, other, why in MOVED:
        if re.search(pattern, path):
            return re.sub(pattern, other, path), why
    return path, ""


def of_deb(package):
    """{path: (mode, owner, link, why it is elsewhere)}; such a package has no capabilities."""
    files = {}
    for line in output("dpkg-deb", "-c", package).splitlines():
        mode, owner, _, _, _, name = line.split(None, 5)
        name, _, link = name.partition(" -> ")
        path, why = common(re.sub(r"\.gz$", "", name.lstrip(".").rstrip("/")))
        files[path] = (mode, owner, link, why)
    return files


def of_rpm(package):
    """{path: (mode, owner, link, capabilities)}"""
    files = {}
    query = "[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES} -> %{FILELINKTOS} -> %{FILECAPS}\n]"
    for line in output("rpm", "-qp", "--qf", query, package).splitlines():
        attributes, link, capabilities = line.split(" -> ")
        mode, owner, name = attributes.split(None, 2)
        path, _ = common(re.sub(r"\.gz$", "", name))
        # What the store holds is semodule's.
        ghost = name.startswith("/var/lib/selinux/")
        files[path] = ("-rw-------" if ghost else mode, owner, link, capabilities.strip().replace("(none)", ""))
    return files


def is_wide(mode):
    return "s" in mode[1:].lower() or "t" in mode[1:].lower() or (mode[0] != "l" and mode[8] == "w")


def judge(path, deb, rpm):
    """(why the two differ or None, the row of EXPLAINED that says so or None)"""
    if deb is not None and rpm is not None and deb[:3] == rpm[:3]:
        return deb[3], None
    if deb is not None and rpm is not None and (deb[:2] != rpm[:2] or deb[2].rpartition("/")[2] != rpm[2].rpartition("/")[2]):
        return None, None
    where = "both" if deb is not None and rpm is not None else "deb" if rpm is None else "rpm"
    for row in EXPLAINED:
        if row[0] == where and re.fullmatch(row[1], path):
            return row[2], row
    return None, None


def compare(deb, rpm):
    """(lines of the table, what is wrong)"""
    lines, wrong, used, moved = [], [], set(), set()
    for path in sorted(set(deb) | set(rpm)):
        one, other = deb.get(path), rpm.get(path)
        if one is not None and other is None and one[0][0] == "d" and "cognito" not in path and not path.startswith("/etc/apparmor.d"):
            continue  # a folder of the distribution, which only Debian's packages list
        why, row = judge(path, one, other)
        used.add(row)
        moved.add(why)
        lines.append(f"{one[0] if one else '-':<11} {other[0] if other else '-':<11} {path}{'   # ' + why if why else ''}".rstrip())
        if why is None:
            wrong.append(f"{path}: {one and one[:3]} in the .deb, {other and other[:3]} in the .rpm")
        for entry in (one, other):
            if entry is not None and (is_wide(entry[0]) or entry[1] != "root/root"):
                wrong.append(f"{path}: {entry[0]} {entry[1]}")
        if other is not None and other[3]:
            wrong.append(f"{path}: capabilities {other[3]}")
    wrong += [f"explained, but not so: {row[1]}" for row in EXPLAINED if row not in used]
    return lines, wrong


def main():
    table, package, *others = sys.argv[1:]
    rpm = {}
    for other in others:
        rpm.update(of_rpm(other))
    lines, wrong = compare(of_deb(package), rpm)
    text = f"{'.deb':<11} {'.rpm':<11}\n" + "\n".join(lines) + "\n"
    with open(table, "w") as file:
        file.write(text)
    print(text + "".join(f"not ok - {line}\n" for line in wrong))
    print(f"{len(lines) - len(wrong)} passed, {len(wrong)} failed, 0 skipped")
    return 1 if wrong or len(lines) < 40 else 0


if __name__ == "__main__":
    sys.exit(main())
