#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the AppArmor profile of the helper allows and what not, by what apparmor_parser makes of it for
the kernel: its automata are asked here as the kernel asks them (security/apparmor/match.c,
policy_unpack.c and apparmorfs.c of Linux 6.1). Argument: the profile. --table prints the table of
docs/testing.md."""
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FEATURES = "/usr/share/apparmor-features/features" # of Debian's kernel
EXECUTE, WRITE, READ, APPEND, LINK, LOCK, MAP = (1 << i for i in range(7))
LETTERS = {"x": EXECUTE, "w": WRITE | APPEND, "r": READ, "m": MAP, "k": LOCK, "l": LINK}
CLASS_NET = 14
CAPABILITIES = {"chown": 0, "dac_override": 1, "dac_read_search": 2, "fowner": 3, "kill": 5, "setgid": 6, "setuid": 7, "setpcap": 8,
                "net_bind_service": 10, "net_admin": 12, "net_raw": 13, "sys_module": 16, "sys_rawio": 17, "sys_chroot": 18,
                "sys_ptrace": 19, "sys_admin": 21, "sys_boot": 22, "sys_nice": 23, "sys_resource": 24, "mknod": 27}

# What, the permissions that it has, what for.
NEEDED = (
    ("/usr/libexec/pam_cognito_oidc/helper", "rm", "its own program"),
    ("/usr/lib/x86_64-linux-gnu/libcurl.so.4.8.0", "rm", "libraries"),
    ("/lib/aarch64-linux-gnu/libc.so.6", "rm", "on each architecture"),
    ("/usr/lib64/libcjson.so.1", "rm", "and on Red Hat's systems"),
    ("/usr/lib/x86_64-linux-gnu/libnss_resolve.so.2", "rm", "modules of nsswitch.conf"),
    ("/etc/ld.so.cache", "r", "the loader"),
    ("/dev/null", "rw", "where standard output goes"),
    ("/dev/urandom", "r", "randomness"),
    ("/etc/localtime", "r", "the time zone"),
    ("/usr/share/zoneinfo/Europe/Berlin", "r", "which a link leads to"),
    ("/etc/passwd", "r", "its own user"),
    ("/etc/nsswitch.conf", "r", "who knows names"),
    ("/etc/hosts", "r", "names"),
    ("/run/systemd/resolve/stub-resolv.conf", "r", "name servers"),
    ("/run/systemd/resolve/io.systemd.Resolve", "rw", "nss-resolve"),
    ("/run/systemd/userdb/io.systemd.DynamicUser", "rw", "nss-systemd"),
    ("/run/nscd/socket", "rw", "nscd"),
    ("/var/lib/sss/pipes/nss", "rw", "sssd"),
    ("/etc/ssl/certs/ca-certificates.crt", "r", "authorities"),
    ("/etc/ssl/certs/5ad8a5d6.0", "r", "by hash"),
    ("/usr/share/ca-certificates/mozilla/Amazon_Root_CA_1.crt", "r", "which links lead to"),
    ("/usr/local/share/ca-certificates/acme.crt", "r", "also a site's own"),
    ("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "r", "on Red Hat's systems"),
    ("/etc/pam_cognito_oidc/ca.pem", "r", "network.ca_file beside the configuration"),
    ("/etc/pam_cognito_oidc/certs/5ad8a5d6.0", "r", "network.ca_path there"),
    ("/etc/ssl/openssl.cnf", "r", "OpenSSL"),
    ("/proc/sys/crypto/fips_enabled", "r", "OpenSSL"),
    ("network inet stream", "", "Cognito"),
    ("network inet6 stream", "", "Cognito"),
    ("network inet dgram", "", "name servers"),
    ("network netlink raw", "", "which addresses this host has"),
    ("capability setuid", "", "it gives up root"),
    ("capability setgid", "", "it gives up root"),
    ("capability sys_resource", "", "and limits that its caller chose"),
    ("capability sys_nice", "", "and the priority"),
)
# The same, but it has none of these.
REFUSED = (
    ("/etc/shadow", "rw", "passwords of local users"),
    ("/etc/gshadow", "rw", "of groups"),
    ("/etc/ssh/ssh_host_ed25519_key", "r", "the host's keys"),
    ("/etc/pam_cognito_oidc/config.json", "rw", "the client secret"),
    ("/run/pam_cognito_oidc/ticket-1000-0123456789abcdef", "rw", "tickets"),
    ("/var/cache/pam_cognito_oidc/jwks-0123456789abcdef", "rw", "the cache of keys"),
    ("/var/lib/pam_cognito_oidc/sshd", "rw", "what enable put aside"),
    ("/run/pam_cognito_oidc-helper/socket", "rw", "the socket of the warm helper"),
    ("/etc/passwd", "w", "users"),
    ("/etc/hosts", "w", "names"),
    ("/etc/pam.d/sshd", "rw", "service files"),
    ("/etc/sudoers", "rw", "sudo's rules"),
    ("/etc/userdb/alice.user-privileged", "rw", "accounts"),
    ("/etc/ssl/certs/new.pem", "w", "an authority of its own"),
    ("/etc/ssl/private/ssl-cert-snakeoil.key", "r", "keys"),
    ("/etc/pki/tls/private/localhost.key", "r", "keys"),
    ("/etc/ld.so.preload", "w", "what every program loads"),
    ("/usr/libexec/pam_cognito_oidc/helper", "wx", "its own program"),
    ("/usr/sbin/cognito-oidc", "rwx", "the command"),
    ("/usr/lib/x86_64-linux-gnu/security/pam_cognito_oidc.so", "w", "the module"),
    ("/bin/sh", "rwmx", "a shell"),
    ("/usr/bin/python3.11", "rwmx", "any program"),
    ("/root/.ssh/id_ed25519", "rw", "root's files"),
    ("/home/alice/.bashrc", "rw", "users' files"),
    ("/tmp/x", "rwmx", "/tmp"),
    ("/var/tmp/x", "rwmx", "/var/tmp"),
    ("/dev/shm/x", "rwm", "shared memory"),
    ("/var/log/auth.log", "rw", "logs"),
    ("/dev/log", "rw", "syslog"),
    ("/run/systemd/journal/socket", "rw", "the journal"),
    ("/run/systemd/private", "rw", "systemd"),
    ("/run/docker.sock", "rw", "Docker"),
    ("/dev/mem", "rw", "memory"),
    ("/dev/sda", "rw", "disks"),
    ("/proc/1/mem", "rw", "memory of others"),
    ("/proc/1/environ", "r", "environments"),
    ("/proc/sys/kernel/core_pattern", "w", "the kernel's settings"),
    ("/sys/kernel/security/apparmor/.remove", "w", "this profile"),
    ("network inet raw", "", "raw packets"),
    ("network packet raw", "", "the wire"),
    ("network bluetooth stream", "", "other families"),
    ("network vsock stream", "", "other families"),
    ("capability dac_override", "", "root's rights"),
    ("capability dac_read_search", "", "root's rights"),
    ("capability sys_admin", "", "root's rights"),
    ("capability sys_ptrace", "", "root's rights"),
    ("capability sys_module", "", "root's rights"),
    ("capability net_admin", "", "root's rights"),
    ("capability net_raw", "", "root's rights"),
    ("capability chown", "", "root's rights"),
    ("capability fowner", "", "root's rights"),
    ("capability kill", "", "root's rights"),
    ("capability sys_chroot", "", "root's rights"),
    ("capability mknod", "", "root's rights"),
    ("capability setpcap", "", "root's rights"),
)


class Automaton:
    """A DFA as the kernel has it: tables by id, big-endian."""

    def __init__(self, blob):
        magic, header = struct.unpack_from(">II", blob)
        assert magic == 0x1B5E783D, hex(magic)
        self.tables, at = {}, header
        while at + 12 <= len(blob):
            kind, width, high, length = struct.unpack_from(">HHII", blob, at)
            assert high == 0 and width in (1, 2, 4)
            self.tables[kind] = struct.unpack_from(f">{length}{' BH I'[width]}", blob, at + 12)
            at = (at + 12 + length * width + 7) & ~7
        self.accept, self.base, self.check, self.default, self.next = (self.tables[i] for i in (1, 2, 3, 4, 8))
        self.classes = self.tables.get(5)

    def step(self, state, byte):
        symbol = self.classes[byte] if self.classes else byte
        while True:
            base = self.base[state]
            at = (base & 0xFFFFFF) + symbol
            if self.check[at] == state:
                return self.next[at]
            state = self.default[state]
            if not base & 0x80000000: # differentially encoded
                return state

    def match(self, state, text):
        for byte in text:
            state = self.step(state, byte)
        return state


def tokens(blob):
    """What the profile is made of: (kind, value)."""
    numbers = {0: "<B", 1: "<H", 2: "<I", 3: "<Q", 11: "<H"}
    at = 0
    while at < len(blob):
        kind, at = blob[at], at + 1
        if kind in numbers:
            value, = struct.unpack_from(numbers[kind], blob, at)
            at += struct.calcsize(numbers[kind])
        elif kind in (4, 5):
            length, = struct.unpack_from("<H", blob, at)
            value, at = blob[at + 2:at + 2 + length].rstrip(b"\0").decode(), at + 2 + length
        elif kind == 6:
            length, = struct.unpack_from("<I", blob, at)
            value, at = blob[at + 4:at + 4 + length], at + 4 + length
        else:
            assert kind in (7, 8, 9, 10, 12), kind
            value = None
        yield kind, value


class Profile:
    def __init__(self, path):
        with tempfile.NamedTemporaryFile() as out:
            subprocess.run(["apparmor_parser", "--skip-kernel-load", "--skip-cache", "--skip-read-cache", "--policy-features", FEATURES,
                            "--kernel-features", FEATURES, "--ofile", out.name, path], check=True)
            found = list(tokens(pathlib.Path(out.name).read_bytes()))
        automata, starts, self.flags, self.capabilities = [], [], [], 0
        for i, (kind, value) in enumerate(found):
            if kind == 4 and value == "flags":
                end = next(j for j in range(i, len(found)) if found[j][0] == 8)
                self.flags = [v for k, v in found[i:end] if k == 2]
                words = [v for k, v in found[end:end + 12] if k == 2]
                # Flags for paths come first, if there are any: they have a name.
                self.capabilities = words[1 if found[end + 1] == (4, "path_flags") else 0]
            elif kind == 4 and value == "aadfa":
                # Padded, so that the tables are aligned.
                blob = found[i + 1][1]
                automata.append(Automaton(blob[blob.index(b"\x1b\x5e\x78\x3d"):]))
                starts.append(1)
            elif kind == 4 and value == "dfa_start":
                starts[-1] = found[i + 1][1]
        # The first one that the profile has matches where it is attached, if at all.
        self.policy, self.files = automata[-2:]
        self.start = starts[-1]

    def file(self, path):
        accept = self.files.accept[self.files.match(self.start, path.encode())]
        # Of its own files and of others'.
        return (accept & 0x7F) | (accept >> 14 & 0x7F)

    def has(self, what):
        """The letters, or "yes"."""
        kind, _, rest = what.partition(" ")
        if kind == "capability":
            return {"yes"} if self.capabilities >> CAPABILITIES[rest] & 1 else set()
        if kind == "network":
            family, form = rest.split()
            number = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "netlink": socket.AF_NETLINK, "packet": socket.AF_PACKET,
                      "bluetooth": 31, "vsock": 40}[family]
            state = self.policy.step(1, CLASS_NET)
            state = self.policy.match(state, struct.pack(">HH", number, {"stream": 1, "dgram": 2, "raw": 3}[form]))
            return {"yes"} if self.policy.accept[state] else set()
        bits = self.file(what)
        return {letter for letter, mask in LETTERS.items() if bits & mask}


def wanted(perms):
    return set(perms) or {"yes"}


class AppArmor(unittest.TestCase):
    profile = None

    def test_what_is_needed_is_allowed(self):
        for what, perms, why in NEEDED:
            with self.subTest(what, why=why):
                self.assertLessEqual(wanted(perms), self.profile.has(what))

    def test_what_is_not_is_refused(self):
        for what, perms, why in REFUSED:
            with self.subTest(what, why=why):
                self.assertEqual(wanted(perms) & self.profile.has(what), set())

    def test_nothing_is_executed(self):
        executable = [i for i, accept in enumerate(self.profile.files.accept) if (accept | accept >> 14) & EXECUTE]
        self.assertEqual(executable, [])

    def test_it_complains_until_somebody_enforces_it(self):
        # Hat, complain, audit.
        self.assertEqual(self.profile.flags[:3], [0, 1, 0])

    def test_the_table_is_in_the_manual(self):
        page = (ROOT / "docs/testing.md").read_text()
        self.assertEqual([line for line in table() if line + "\n" not in page], [], "copy the output of --table to docs/testing.md")


def table():
    for title, rows in (("needed, allowed", NEEDED), ("refused", REFUSED)):
        yield f"| {title} | how | what for |"
        yield "|---|---|---|"
        for what, perms, why in rows:
            yield f"| `{what}` | {perms} | {why} |"


def main():
    if sys.argv[1:] == ["--table"]:
        print("\n".join(table()))
        return 0
    AppArmor.profile = Profile(sys.argv[1])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(AppArmor))
    failed = len({t.id().split(" ")[0] for t, _ in result.failures + result.errors})
    print(f"{len(NEEDED)} needed, {len(REFUSED)} refused")
    print(f"{result.testsRun - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
