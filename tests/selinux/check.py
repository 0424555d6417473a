#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the SELinux module allows and what not, by the policy as a host compiles it: Debian's base
modules and ours, in a store of its own. Arguments: the module package, a folder for the store, and
where the base modules are. --table prints the tables of docs/testing.md.

A rule counts if it holds with every boolean as it is delivered. Constraints are not looked at: they
only take away."""
import collections
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import setools

import tried

ROOT = pathlib.Path(__file__).resolve().parents[2]
HELPER = "pam_cognito_oidc_helper_t"
EXPIRE = "pam_cognito_oidc_expire_t"
OURS = "pam_cognito_oidc_"

# Domain, type, class, permissions (each must be allowed), what for. "~" is pam_cognito_oidc_.
NEEDED = (
    ("sshd_t", "~helper_t", "process", "transition sigkill", "sshd starts a helper, and ends it at the deadline"),
    ("local_login_t", "~helper_t", "process", "transition sigkill", "login does"),
    ("user_sudo_t", "~helper_t", "process", "transition sigkill", "sudo does"),
    ("staff_su_t", "~helper_t", "process", "transition sigkill", "su does"),
    ("staff_su_t", "staff_su_t", "capability", "kill", "su's helper is another user's process"),
    ("unconfined_t", "~helper_t", "process", "transition", "so does sudo of an unconfined user"),
    ("~helper_t", "sshd_t", "unix_stream_socket", "read write getopt", "the helper speaks to sshd"),
    ("~helper_t", "sshd_t", "fd", "use", "by the descriptor that it inherits"),
    ("init_t", "~helper_t", "process", "transition", "systemd starts the warm helper"),
    ("init_t", "~helper_t", "process2", "nnp_transition", "with NoNewPrivileges="),
    ("init_t", "~socket_t", "sock_file", "create unlink", "systemd makes its socket"),
    ("init_t", "~helper_t", "unix_stream_socket", "create listen", "and listens"),
    ("~helper_t", "~helper_t", "unix_stream_socket", "accept", "the warm helper accepts"),
    ("~helper_t", "bin_t", "dir", "search", "looks whether its program, in /usr/libexec, was replaced"),
    ("sshd_t", "~socket_t", "sock_file", "write", "sshd finds the socket"),
    ("sshd_t", "~helper_t", "unix_stream_socket", "connectto", "and connects"),
    ("local_login_t", "~helper_t", "unix_stream_socket", "connectto", "so does login"),
    ("staff_sudo_t", "~helper_t", "unix_stream_socket", "connectto", "so does sudo"),
    ("user_su_t", "~helper_t", "unix_stream_socket", "connectto", "so does su"),
    ("~helper_t", "~helper_t", "capability", "setuid setgid sys_resource sys_nice", "the helper gives up root, and what its caller chose"),
    ("~helper_t", "~helper_t", "process", "setrlimit setsched", "limits and priority"),
    ("~helper_t", "http_port_t", "tcp_socket", "name_connect", "Cognito"),
    ("~helper_t", "http_cache_port_t", "tcp_socket", "name_connect", "a proxy"),
    ("~helper_t", "dns_port_t", "tcp_socket", "name_connect", "a long answer of a name server"),
    ("~helper_t", "~helper_t", "udp_socket", "create connect read write", "name servers"),
    ("~helper_t", "net_conf_t", "file", "read open", "resolv.conf"),
    ("~helper_t", "systemd_resolved_t", "unix_stream_socket", "connectto", "nss-resolve"),
    ("~helper_t", "sssd_t", "unix_stream_socket", "connectto", "the helper's user, where sssd is asked first"),
    ("~helper_t", "cert_t", "file", "read open", "authorities"),
    ("~helper_t", "usr_t", "file", "read open", "authorities that /etc/ssl/certs links to"),
    ("~helper_t", "~conf_t", "dir", "search", "authorities beside the configuration"),
    ("~helper_t", "tmpfs_t", "file", "read map", "the export of the pool, in memory that a unit's command passes"),
    ("~helper_t", "user_tmpfs_t", "file", "read map", "and that an administrator's does"),
    ("sshd_t", "~conf_t", "file", "read open", "the module reads its configuration"),
    ("sshd_t", "~ticket_t", "file", "create write rename unlink lock", "keeps tickets"),
    ("sshd_t", "~cache_t", "file", "create write rename unlink lock", "keeps keys"),
    ("user_sudo_t", "~ticket_t", "file", "create write rename unlink lock", "also in sudo"),
    ("sshd_t", "sysctl_kernel_t", "file", "read", "and knows which boot this is"),
    ("init_t", "~expire_t", "process", "transition", "the hourly unit has a domain"),
    ("init_t", "~expire_t", "process2", "nnp_transition", "with NoNewPrivileges="),
    ("~expire_t", "bin_t", "file", "entrypoint", "which the command enters"),
    ("~expire_t", "~ticket_t", "file", "read unlink lock", "it removes tickets"),
    ("~expire_t", "etc_t", "file", "read open", "reads service files"),
    ("~expire_t", "~state_t", "file", "read open", "and what enable put aside"),
    ("~expire_t", "devlog_t", "sock_file", "write", "warns in the system log"),
    ("~expire_t", "~helper_t", "process", "transition sigkill", "and starts a helper that revokes"),
    ("~expire_t", "~helper_t", "process2", "nnp_transition", "with NoNewPrivileges="),
    ("initrc_t", "~helper_t", "process2", "nnp_transition", "so do the units without a domain"),
    ("systemd_tmpfiles_t", "~ticket_t", "dir", "create setattr relabelto", "systemd-tmpfiles makes the folders"),
)

# The same, but none of the permissions may be allowed.
REFUSED = (
    ("~helper_t", "shadow_t", "file", "read open", "passwords of local users"),
    ("~helper_t", "sshd_key_t", "file", "read open", "the host's keys"),
    ("~helper_t", "~conf_t", "file", "read open", "the client secret"),
    ("~helper_t", "~ticket_t", "file", "read open write", "tickets"),
    ("~helper_t", "~cache_t", "file", "read open write", "the cache of keys"),
    ("~helper_t", "~state_t", "file", "read open write", "what enable put aside"),
    ("~helper_t", "tmpfs_t", "file", "open write", "such memory that nobody passed"),
    ("~helper_t", "etc_t", "file", "write append create unlink", "any file in /etc"),
    ("~helper_t", "etc_t", "dir", "write add_name", "a new file in /etc"),
    ("~helper_t", "usr_t", "file", "write append", "a program's files"),
    ("~helper_t", "cert_t", "file", "write append", "an authority of its own"),
    ("~helper_t", "~helper_exec_t", "file", "write execute_no_trans", "its own program"),
    ("~helper_t", "tmp_t", "dir", "write add_name", "/tmp"),
    ("~helper_t", "user_home_t", "file", "read open", "files of users"),
    ("~helper_t", "user_home_dir_t", "dir", "search", "homes"),
    ("~helper_t", "var_log_t", "file", "read append", "logs"),
    ("~helper_t", "devlog_t", "sock_file", "write", "syslog"),
    ("~helper_t", "shell_exec_t", "file", "execute execute_no_trans", "a shell"),
    ("~helper_t", "bin_t", "file", "execute execute_no_trans", "any program"),
    ("~helper_t", "~helper_t", "process", "ptrace execmem execstack execheap setexec setcurrent", "its own confinement"),
    ("~helper_t", "sshd_t", "process", "ptrace sigkill sigstop signal", "its host"),
    ("~helper_t", "init_t", "process", "ptrace sigkill sigstop", "init"),
    ("~helper_t", "sshd_t", "unix_stream_socket", "connectto", "sshd's own sockets"),
    ("~helper_t", "system_dbusd_t", "unix_stream_socket", "connectto", "D-Bus"),
    ("~helper_t", "ssh_port_t", "tcp_socket", "name_connect name_bind", "another host's sshd"),
    ("~helper_t", "smtp_port_t", "tcp_socket", "name_connect", "mail"),
    ("~helper_t", "ldap_port_t", "tcp_socket", "name_connect", "a directory"),
    ("~helper_t", "postgresql_port_t", "tcp_socket", "name_connect", "a database"),
    ("~helper_t", "unreserved_port_t", "tcp_socket", "name_connect name_bind", "any other port, without the boolean"),
    ("~helper_t", "~helper_t", "tcp_socket", "listen accept", "a server"),
    ("~helper_t", "~helper_t", "rawip_socket", "create", "raw packets"),
    ("~helper_t", "~helper_t", "packet_socket", "create", "the wire"),
    ("~helper_t", "~helper_t", "capability", "dac_override dac_read_search sys_ptrace net_admin net_raw chown kill", "root's rights"),
    ("~helper_t", "~helper_t", "capability", "sys_admin sys_module sys_rawio sys_boot sys_chroot mknod setpcap", "and the rest of them"),
    ("~helper_t", "kernel_t", "system", "module_request module_load", "kernel modules"),
    ("~helper_t", "memory_device_t", "chr_file", "read write", "memory"),
    ("~helper_t", "sysctl_kernel_t", "file", "write", "the kernel's settings"),
    ("user_t", "~helper_t", "unix_stream_socket", "connectto", "a user connects to the warm helper"),
    ("user_t", "~socket_t", "sock_file", "write", "or reaches its socket"),
    ("user_t", "~helper_t", "process", "transition ptrace signal sigkill sigstop", "or starts, traces or stops a helper"),
    ("user_t", "~ticket_t", "file", "read open write", "or reads a ticket"),
    ("user_t", "~conf_t", "file", "read open", "or the client secret"),
    ("user_t", "~cache_t", "file", "write", "or gives the module keys"),
    ("staff_t", "~helper_t", "unix_stream_socket", "connectto", "so does staff without sudo"),
    ("httpd_t", "~helper_t", "unix_stream_socket", "connectto", "another service connects"),
    ("httpd_t", "~ticket_t", "file", "read open", "or reads tickets"),
    ("crond_t", "~helper_t", "unix_stream_socket", "connectto", "cron connects"),
    ("sshd_t", "~conf_t", "file", "write create unlink", "sshd changes the configuration"),
    ("sshd_t", "~helper_exec_t", "file", "execute_no_trans write", "or runs the helper as itself"),
    ("sshd_t", "~helper_t", "process", "ptrace", "or traces it"),
    ("sshd_t", "~expire_t", "process", "transition", "or enters the unit's domain"),
    ("~expire_t", "http_port_t", "tcp_socket", "name_connect", "the unit talks to Cognito without the helper"),
    ("~expire_t", "shadow_t", "file", "read open", "or reads passwords"),
    ("~expire_t", "etc_t", "file", "write create", "or writes to /etc"),
    ("~expire_t", "~conf_t", "file", "write create", "or to the configuration"),
    ("~expire_t", "shell_exec_t", "file", "execute_no_trans", "or runs a shell"),
    ("~expire_t", "unconfined_t", "process", "transition", "or leaves its domain"),
)

# Everybody for whom one question is answered yes. Unconfined domains may do everything: they are
# not listed.
CONNECT_TO_HELPER = {
    "sshd_t", "local_login_t", "sysadm_t", EXPIRE, "user_su_t", "staff_su_t", "sysadm_su_t", "secadm_su_t", "auditadm_su_t",
    "user_sudo_t", "staff_sudo_t", "sysadm_sudo_t", "secadm_sudo_t", "auditadm_sudo_t"}
PORTS = {"http_port_t", "http_cache_port_t", "dns_port_t"}
# The types of files that the helper may change: itself in /proc, what init hands it, devices.
WRITTEN = {HELPER, "init_tmpfs_t"}
CHANGES = ("write", "append", "create", "unlink", "rename", "setattr", "link", "relabelto", "add_name", "remove_name", "rmdir")
WRITTEN_DEVICES = {"null_device_t", "zero_device_t", "devtty_t"}

LABELS = {
    "/usr/libexec/pam_cognito_oidc/helper": "helper_exec_t",
    "/usr/libexec/pam_cognito_oidc/export-accounts": None,
    "/usr/sbin/cognito-oidc": None,
    "/etc/pam_cognito_oidc": "conf_t",
    "/etc/pam_cognito_oidc/config.json": "conf_t",
    "/etc/pam_cognito_oidc/ca.pem": None,
    "/var/cache/pam_cognito_oidc/jwks-0": "cache_t",
    "/run/pam_cognito_oidc": "ticket_t",
    "/run/pam_cognito_oidc/ticket-1000-0": "ticket_t",
    "/run/pam_cognito_oidc-helper": "socket_t",
    "/run/pam_cognito_oidc-helper/socket": "socket_t",
    "/var/lib/pam_cognito_oidc/try": "state_t",
    "/var/lib/pam_cognito_oidc/export/groups/a.json": "state_t",
}
# The paths without a type of ours.
OTHER_LABELS = {"/usr/libexec/pam_cognito_oidc/export-accounts": "bin_t", "/usr/sbin/cognito-oidc": "bin_t",
                "/etc/pam_cognito_oidc/ca.pem": "cert_t"}


def full(name):
    return name.replace("~", OURS)


def run(*words):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, errors="replace").stdout


def holds(rule):
    try:
        condition = rule.conditional
    except setools.exception.RuleNotConditional:
        return True
    return condition.evaluate(**{str(b): b.state for b in condition.booleans}) == rule.conditional_block


class Host:
    """A policy store with the base modules and ours."""

    def __init__(self, package, folder, base):
        self.root = pathlib.Path(folder).resolve() / "root"
        if self.root.exists():
            shutil.rmtree(self.root)
        (self.root / "var/lib/selinux").mkdir(parents=True)
        contexts = pathlib.Path(base).parents[3] / "etc/selinux/default"
        shutil.copytree(contexts, self.root / "etc/selinux/default")
        (self.root / "etc/selinux/config").write_text("SELINUX=permissive\nSELINUXTYPE=default\n")
        modules = sorted(pathlib.Path(base).glob("*.pp.bz2"))
        if not modules:
            sys.exit(f"{base}: no base modules")
        run("semodule", "-p", self.root, "-s", "default", "-n", "-N", "-i", *modules, package)
        self.policy = setools.SELinuxPolicy(str(next((self.root / "etc/selinux/default/policy").glob("policy.*"))))
        self.expanded = {}
        self.by_class = self.read_rules()

    def read_rules(self):
        """{class: [(sources, targets, permissions)]} of the rules that hold while no boolean has been
        changed. setools reads the whole policy for a query; this is read once."""
        found = collections.defaultdict(list)
        for rule in self.policy.terules():
            if rule.ruletype == setools.TERuletype.allow and holds(rule):
                found[str(rule.tclass)].append((self.types(rule.source), self.types(rule.target, rule.source), frozenset(rule.perms)))
        return found

    def types(self, side, source=None):
        name = str(side)
        if name == "self":
            return self.types(source)
        if name not in self.expanded:
            self.expanded[name] = frozenset(map(str, side.expand()))
        return self.expanded[name]

    def allowed(self, source, target, tclass):
        return {p for sources, targets, perms in self.by_class[tclass] if source in sources and target in targets for p in perms}

    def sources(self, target, tclass, perm):
        """Who may, but for those who may do everything."""
        found = {s for sources, targets, perms in self.by_class[tclass] if target in targets and perm in perms for s in sources}
        return found - self.types(self.policy.lookup_typeattr("unconfined_domain_type")) - {"unconfined_t"}

    def targets(self, source, tclass, *wanted):
        return {t for sources, targets, perms in self.by_class[tclass] if source in sources and perms & set(wanted) for t in targets}

    def label(self, path):
        contexts = self.root / "etc/selinux/default/contexts/files/file_contexts"
        kind = "file" if path.rpartition("/")[2] != "socket" else "sock_file"
        if path in ("/etc/pam_cognito_oidc", "/run/pam_cognito_oidc", "/run/pam_cognito_oidc-helper"):
            kind = "dir"
        return run("matchpathcon", "-n", "-f", contexts, "-m", kind, path).strip().split(":")[2]


class Policy(unittest.TestCase):
    host = None

    def test_what_is_needed_is_allowed(self):
        for source, target, tclass, perms, why in NEEDED:
            with self.subTest(why, source=source, target=target):
                self.assertLessEqual(set(perms.split()), self.host.allowed(full(source), full(target), tclass))

    def test_what_is_not_is_refused(self):
        for source, target, tclass, perms, why in REFUSED:
            with self.subTest(why, source=source, target=target):
                self.assertEqual(set(perms.split()) & self.host.allowed(full(source), full(target), tclass), set())

    def test_what_a_host_refuses_is_refused_here(self):
        for attempt, target, tclass, perm in tried.REFUSED:
            with self.subTest(attempt):
                self.assertNotIn(perm, self.host.allowed(HELPER, full(target), tclass))

    def test_and_what_it_allows_is_allowed(self):
        for attempt, target, tclass, perm in tried.ALLOWED:
            with self.subTest(attempt):
                self.assertIn(perm, self.host.allowed(HELPER, full(target), tclass))

    def test_nobody_else_connects_to_the_warm_helper(self):
        self.assertEqual(self.host.sources(HELPER, "unix_stream_socket", "connectto"), CONNECT_TO_HELPER)

    def test_the_helper_connects_to_no_other_port(self):
        self.assertEqual(self.host.targets(HELPER, "tcp_socket", "name_connect"), PORTS)

    def test_the_boolean_opens_every_port(self):
        rules = setools.TERuleQuery(self.host.policy, ruletype=["allow"], source=HELPER, target="port_type", tclass=["tcp_socket"],
                                    boolean=["pam_cognito_oidc_connect_any"]).results()
        self.assertEqual([set(r.perms) for r in rules], [{"name_connect"}])

    def test_the_helper_changes_no_other_file(self):
        for tclass, expected in (("file", WRITTEN), ("dir", set()), ("lnk_file", set()), ("chr_file", WRITTEN_DEVICES), ("blk_file", set())):
            with self.subTest(tclass):
                self.assertEqual(self.host.targets(HELPER, tclass, *CHANGES), expected)

    def test_the_helper_starts_no_program_and_enters_no_domain(self):
        self.assertEqual(self.host.targets(HELPER, "file", "execute_no_trans"), set())
        self.assertEqual(self.host.targets(HELPER, "process", "transition", "dyntransition", "ptrace"), set())

    def test_no_domain_of_ours_is_permissive_or_unconfined(self):
        ours = {HELPER, EXPIRE}
        self.assertEqual([str(t) for t in self.host.policy.types() if t.ispermissive and str(t) in ours], [])
        for attribute in ("unconfined_domain_type", "files_unconfined_type", "can_load_policy", "can_setenforce", "can_relabelto_binary_policy"):
            with self.subTest(attribute):
                self.assertEqual(self.host.types(self.host.policy.lookup_typeattr(attribute)) & ours, set())

    def test_who_starts_the_helper_gets_its_domain(self):
        for source in ("init_t", "initrc_t", "sshd_t", "local_login_t", "user_su_t", "user_sudo_t", "unconfined_t", "sysadm_t", EXPIRE):
            with self.subTest(source):
                found = setools.TERuleQuery(self.host.policy, ruletype=["type_transition"], source=source, source_indirect=True,
                                            target=OURS + "helper_exec_t", tclass=["process"]).results()
                self.assertEqual([str(r.default) for r in found], [HELPER])

    def test_the_helper_may_run_in_the_roles_of_users(self):
        roles = {str(r) for r in self.host.policy.roles() if HELPER in {str(t) for t in r.types()}}
        self.assertLessEqual({"system_r", "user_r", "staff_r", "sysadm_r", "unconfined_r"}, roles)

    def test_files_have_their_labels(self):
        for path, ours in LABELS.items():
            with self.subTest(path):
                self.assertEqual(self.host.label(path), OURS + ours if ours else OTHER_LABELS[path])

    def test_the_tables_are_in_the_manual(self):
        page = (ROOT / "docs/testing.md").read_text()
        self.assertEqual([line for line in tables() if line + "\n" not in page], [], "copy the output of --table to docs/testing.md")


def tables():
    for title, rows in (("needed, allowed", NEEDED), ("refused", REFUSED)):
        yield f"| domain | {title} | what for |"
        yield "|---|---|---|"
        for source, target, tclass, perms, why in rows:
            yield f"| `{full(source).replace(OURS, '…')}` | `{full(target).replace(OURS, '…')}` {tclass}: {perms} | {why} |"


def main():
    if sys.argv[1:] == ["--table"]:
        print("\n".join(tables()))
        return 0
    Policy.host = Host(*sys.argv[1:4])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(unittest.defaultTestLoader.loadTestsFromTestCase(Policy))
    failed = len({re.sub(r" \[.*| \(.*\(.*", "", str(t)) for t, _ in result.failures + result.errors})
    print(f"{len(NEEDED)} needed, {len(REFUSED)} refused")
    print(f"{result.testsRun - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
