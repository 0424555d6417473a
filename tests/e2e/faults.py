#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Seeds the mistakes that administrators make, each alone, and asks `cognito-oidc doctor` what
is wrong. Run by doctor.sh in the throw-away copy of the machine.

    faults.py STATE         TAP
    faults.py --table       the table of docs/testing.md, from the same rows
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cognito"))
from control import Cognito, merge  # pylint: disable=wrong-import-position

COMMAND = "/usr/sbin/cognito-oidc"
CONFIG = pathlib.Path("/etc/pam_cognito_oidc/config.json")
HELPER = pathlib.Path("/usr/libexec/pam_cognito_oidc/helper")
CACHE, RUN = pathlib.Path("/var/cache/pam_cognito_oidc"), pathlib.Path("/run/pam_cognito_oidc")
WARM = pathlib.Path("/run/pam_cognito_oidc-helper/socket")
SSHD, SUDOERS, HOSTS = pathlib.Path("/etc/ssh/sshd_config"), pathlib.Path("/etc/sudoers"), pathlib.Path("/etc/hosts")
SSHD_PROGRAM = pathlib.Path("/usr/sbin/sshd")
POOL, DOMAIN = "cognito-idp.eu-west-1.amazonaws.com", "acme.auth.eu-west-1.amazoncognito.com"
SECRET = "local0secret0of0the0confidential0client0000000000001"

# The right set-up: who is in the group is let in by the local password, whatever Cognito does.
STACK = """auth [success=1 default=ignore] pam_succeed_if.so quiet user notingroup breakglass
auth [success=done default=die] pam_unix.so
auth required pam_cognito_oidc.so
account required pam_unix.so
account required pam_cognito_oidc.so
session required pam_permit.so
"""
SSHD_RIGHT = """Include /etc/ssh/sshd_config.d/*.conf
UsePAM yes
KbdInteractiveAuthentication yes
"""
SUDOERS_RIGHT = """Defaults env_reset
Defaults timestamp_timeout=5
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
"""


class Host:
    """The machine and the pool, as they are when everything is right, and back to it."""

    def __init__(self, state):
        self.cognito = Cognito(state, start=False)
        self.kept = {}
        self.covered = []
        self.made = []
        self.environment = {"LANG": "C.UTF-8"}
        subprocess.run(["groupadd", "-f", "breakglass"], check=True)
        for service in ("sshd", "sudo", "login"):
            pathlib.Path("/etc/pam.d", service).write_text(STACK)
        SSHD.write_text(SSHD_RIGHT)
        SUDOERS.write_text(SUDOERS_RIGHT)
        self.configure({})

    def keep(self, path):
        """Remembers a file as it is; it is put back after this fault."""
        path = pathlib.Path(path)
        if path not in self.kept:
            there = os.path.lexists(path)
            self.kept[path] = (path.lstat(), None if path.is_dir() else path.read_bytes()) if there else None
        return path

    def write(self, path, text, mode=None):
        self.keep(path).write_text(text)
        if mode is not None:
            os.chmod(path, mode)

    def make(self, folder, mode=0o755):
        """A folder, unless it is there; it goes with this fault."""
        folder = pathlib.Path(folder)
        if not folder.exists():
            self.make(folder.parent)
            folder.mkdir(mode)
            self.made.append(folder)

    def append(self, path, text):
        self.write(path, path.read_text() + text)

    def configure(self, overrides, client=None):
        """Another configuration, laid over the right one."""
        changes = merge({"config": {"client_id": client}}, overrides) if client else overrides
        text = pathlib.Path(self.cognito.config(changes)).read_text()
        self.write(CONFIG, text, 0o600)

    def mode(self, path, bits):
        os.chmod(self.keep(path), bits)

    def owner(self, path):
        os.chown(self.keep(path), 65534, 65534)

    def cover(self, folder):
        """Lays an empty folder over one of the kernel's."""
        subprocess.run(["mount", "-t", "tmpfs", "cover", folder], check=True)
        self.covered.append(folder)

    def move(self, path, to):
        shutil.move(self.keep(path), self.keep(to))

    def restore(self):
        for path, was in self.kept.items():
            if os.path.lexists(path) and not path.is_dir():
                path.unlink()
            if was is None:
                continue
            state, content = was
            if content is not None:
                path.write_bytes(content)
            os.chown(path, state.st_uid, state.st_gid)
            os.chmod(path, state.st_mode & 0o7777)
        self.kept = {}
        for folder in reversed(self.made):
            folder.rmdir()
        self.made = []
        for folder in self.covered:
            subprocess.run(["umount", folder], check=True)
        self.covered = []
        self.environment = {"LANG": "C.UTF-8"}
        self.cognito.reset()

    def ask(self, *arguments):
        done = subprocess.run([COMMAND, *arguments, "--json"], capture_output=True, text=True, check=False,
                              timeout=120, env=self.environment, stdin=subprocess.DEVNULL)
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def hosts(host, pool="127.0.0.1", domain="127.0.0.1"):
    """Where the pool's two names lead; None: nowhere."""
    lines = [f"{address} {name}\n" for address, name in ((pool, POOL), (domain, DOMAIN)) if address]
    host.write(HOSTS, "127.0.0.1 localhost pamhost\n" + "".join(lines))


def symlink(host):
    real = host.keep(CONFIG.with_name("real.json"))
    host.keep(CONFIG)
    CONFIG.rename(real)
    CONFIG.symlink_to(real)


def text_of(change):
    """Changes the configuration as text."""
    return lambda host: host.write(CONFIG, change(CONFIG.read_text()))


def configured(overrides, client=None):
    return lambda host: host.configure(overrides, client)


def needs_proxy(host):
    hosts(host, pool="203.0.113.9", domain="203.0.113.9")
    host.write("/etc/environment", 'https_proxy="http://me:secret@proxy.example:3128"\n')


def rotated(host):
    host.ask("jwks", "--refresh")
    host.cognito.rotate()


def other_name(host):
    host.append(HOSTS, "127.0.0.1 cognito-idp.eu-west-l.amazonaws.com\n")
    host.configure({"endpoints": {"api_url": "https://cognito-idp.eu-west-l.amazonaws.com/"}})


def without_user(host):
    path = host.keep("/etc/passwd")
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("_cognito-oidc:")))


def module_folder():
    return next(pathlib.Path("/usr/lib").glob("**/security/pam_cognito_oidc.so"))


def stack(change):
    return lambda host: host.write(pathlib.Path("/etc/pam.d/sshd"), change(STACK))


def common_account(host):
    host.append(pathlib.Path("/etc/pam.d/common-account"), "account required pam_cognito_oidc.so\n")


def sshd(line):
    return lambda host: host.write(SSHD, line + "\n" + SSHD_RIGHT)


# As OpenSSH 9.8 and 10.0 print them.
PENALTIES = ("crash:90 authfail:%d noauth:1 grace-exceeded:20 max:600 min:15 max-sources4:65536 max-sources6:65536 "
             "overflow:permissive overflow6:permissive")
LATER_PENALTIES = ("crash:90.000000 authfail:%d.000000 noauth:1.000000 grace-exceeded:10.000000 refuseconnection:10.000000 "
                   "max:600.000000 min:15.000000 max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive")


def newer_sshd(penalties, exempt="none"):
    """What a newer sshd -T prints, by a program in front of the one that is here."""
    def seed(host):
        program = host.keep(SSHD_PROGRAM)
        real = host.keep(SSHD_PROGRAM.with_suffix(".real"))
        shutil.copy2(program, real)
        program.unlink()
        program.write_text(f"#!/bin/sh\nprintf '%s\\n' 'persourcepenalties {penalties}' 'persourcepenaltyexemptlist {exempt}'\n"
                           f"exec {real} \"$@\"\n")
        program.chmod(0o755)
    return seed


def sshd_match(condition, line):
    def seed(host):
        host.append(pathlib.Path("/etc/group"), "linux-people:x:1500:bob\n")
        host.append(SSHD, f"Match {condition}\n    {line}\n")
    return seed


def sudoers(line):
    return lambda host: host.append(SUDOERS, line + "\n")


def ssm_user(host):
    host.append(pathlib.Path("/etc/passwd"), "ssm-user:x:1001:1001::/home/ssm-user:/bin/bash\n")


def tracks_devices(host):
    """Only a sign-in meets them."""
    host.cognito.pool(device_tracking=True)
    password = host.cognito.control("user", username="bob")["password"]
    subprocess.run(["pamtester", "sshd", "bob", "authenticate", "acct_mgmt"], input=password + "\n", text=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    host.kept.update({path: None for path in pathlib.Path(RUN).glob("ticket-*")})


def folder_mode(path):
    def seed(host):
        path.mkdir(mode=0o700, exist_ok=True)
        host.mode(path, 0o755)
    return seed


def warm_socket(mode):
    """One that nobody has any more."""
    def seed(host):
        WARM.parent.mkdir(mode=0o700, exist_ok=True)
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(host.keep(WARM)))
        os.chmod(WARM, mode)
    return seed


def selinux(knows_us):
    """A kernel that enforces; to one with our policy module, the helper's context is known."""
    def seed(host):
        host.cover("/sys/fs")
        os.mkdir("/sys/fs/selinux")
        pathlib.Path("/sys/fs/selinux/enforce").write_text("1")
        if knows_us:
            pathlib.Path("/sys/fs/selinux/context").touch()
    return seed


def locale(host):
    host.environment = {"LANG": "C"}


BROWSER = {"login": {"flows": ["browser"]}}
JWKS = "/.well-known/jwks.json"
BREAK_GLASS = STACK.splitlines(True)[:2]
# (the mistake, how it is made, the finding that names it, words of what was seen)
def record(host, issuer="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_LocalPool1"):
    """An account of ours."""
    host.make("/etc/userdb")
    host.write("/etc/userdb/zoe.user", '{"userName": "zoe", "uid": 1879050000, "disposition": "regular", "locked": false}\n', 0o644)
    host.write("/etc/userdb/zoe.user-privileged", json.dumps({"privileged": {}, "pam_cognito_oidc": {
        "format": 1, "issuer": issuer, "sub": "s", "login": "zoe", "userName": "zoe", "uid": 1879050000}}), 0o600)


def accounts(section=None, nsswitch="passwd: files systemd\ngroup: files systemd\n", subuid="", issuer=None, systemd=None, credentials=True):
    """Accounts as they are when everything is right, but for one thing."""
    def seed(host):
        host.configure({"accounts": {"groups": ["linux-users"], **(section or {})}})
        record(host, issuer or json.loads(CONFIG.read_text())["config"]["certs_url"].removesuffix("/.well-known/jwks.json"))
        host.write("/etc/nsswitch.conf", nsswitch)
        host.write("/etc/subuid", subuid)
        if systemd is not None:
            host.make("/run/systemd/system")
            # It is enabled, and what is named has failed.
            host.write("/usr/bin/systemctl", f'#!/bin/sh\ncase "$1 $2" in "is-enabled "*) ;; "is-failed {systemd}") ;; *) exit 1 ;; esac\n', 0o755)
        if credentials:
            host.make("/root/.aws")
            host.write("/root/.aws/credentials", "", 0o600)
    return seed


def keys_command(user):
    def seed(host):
        accounts({"ssh_keys_attribute": "custom:ssh_keys"})(host)
        host.append(SSHD, f"AuthorizedKeysCommand {COMMAND} authorized-keys %u\nAuthorizedKeysCommandUser {user}\n")
    return seed


def state_file(host, name, text):
    host.make("/var/lib/pam_cognito_oidc/enable", 0o700)
    host.write("/var/lib/pam_cognito_oidc/" + name, text, 0o600)


def replaced(host):
    state_file(host, "enable/su.placed", "auth required pam_cognito_oidc.so\n")
    state_file(host, "enable/su.original", pathlib.Path("/etc/pam.d/su").read_text())


FAULTS = (
    ("config absent", lambda host: host.keep(CONFIG).unlink(), "config.file", "missing"),
    ("config 0644", lambda host: host.mode(CONFIG, 0o644), "config.file", "chmod 600"),
    ("config of a foreign owner", lambda host: host.owner(CONFIG), "config.file", "not owned by root"),
    ("config is a symbolic link", symlink, "config.file", "a symbolic link"),
    ("config is not JSON", text_of(lambda text: text.replace(",", ",,", 1)), "config", "config.json:2:"),
    ("unknown key", configured({"login": {"flow": "password"}}), "config", '"login.flow" is an unknown key'),
    ("wrong type", configured({"config": {"client_id": 6}}), "config", '"config.client_id"'),
    ("http instead of https", text_of(lambda text: text.replace(f"https://{POOL}", f"http://{POOL}")), "config", "certs_url"),
    ("region and pool do not match", text_of(lambda text: text.replace(f"https://{POOL}", f"https://{POOL}".replace("eu-west-1", "us-east-1"))),
     "config", "another region than its host"),
    ("issuer wrong", configured({"endpoints": {"issuer": f"https://{POOL}/eu-west-1_Other0002"}}), "issuer", "eu-west-1_Other0002"),
    ("client id wrong", configured({}, "6o7h8i9jtyping"), "client.id", "does not exist"),
    ("client secret missing", configured({}, "localsecret"), "client.secret", "secret was not received"),
    ("client secret superfluous", configured({"config": {"client_secret": SECRET}}), "client.secret", "not configured for secret"),
    ("flow not enabled on the app client", configured({"login": {"password_method": "password"}}), "client.flow", "not enabled"),
    ("redirect not registered", configured({**BROWSER, "endpoints": {"redirect_uri": "http://localhost:8400/"}}),
     "client.redirect", "http://localhost:8400/"),
    ("scope unknown", configured({**BROWSER, "config": {"scopes": ["openid", "groups"]}}), "client.scope", "config.scopes"),
    ("name resolution fails", lambda host: hosts(host, pool=None), "dns", POOL),
    ("port closed", lambda host: hosts(host, pool="127.0.0.9"), "connect", POOL),
    ("proxy needed", needs_proxy, "proxy", "the proxy proxy.example:3128"),
    ("certificate authority missing", configured({"network": {"ca_path": "/etc/ssl/certs"}}), "tls.ca", "/etc/ssl/certs"),
    ("certificate for another name", other_name, "tls.name", "eu-west-l"),
    ("clock 5 minutes behind", lambda host: host.cognito.clock(300), "clock", "behind"),
    ("clock 5 minutes ahead", lambda host: host.cognito.clock(-300), "clock", "ahead"),
    ("key set empty", lambda host: host.cognito.set_behaviour("jwks", "empty-keys"), "jwks", "not one key"),
    ("keys rotated", rotated, "jwks.kept", "changed its keys"),
    ("the pool tracks devices", tracks_devices, "devices", "each sign-in with a password adds one"),
    ("helper missing", lambda host: host.keep(HELPER).unlink(), "helper", "missing"),
    ("helper not executable", lambda host: host.mode(HELPER, 0o644), "helper", "not executable"),
    ("helper of a foreign owner", lambda host: host.owner(HELPER), "helper", "not owned by root"),
    ("system user missing", without_user, "user", "no such system user"),
    ("cache folder open to others", folder_mode(CACHE), "cache", "accessible by group or others"),
    ("run folder open to others", folder_mode(RUN), "run", "accessible by group or others"),
    ("nobody serves the socket of the warm helper", warm_socket(0o600), "warm", "nobody listens"),
    ("SELinux enforces without our policy module", selinux(False), "mac", "without the helper's policy module"),
    ("SELinux enforces, and the helper has no label", selinux(True), "mac", "lacks its label"),
    ("socket of the warm helper open to others", warm_socket(0o666), "warm", "others than root could reach"),
    ("module not where PAM looks", lambda host: host.move(module_folder(), "/usr/local/lib/pam_cognito_oidc.so"), "module", "missing from the directory where libpam looks"),
    ("PAM stack without an account line", stack(lambda text: text.replace("account required pam_cognito_oidc.so\n", "")),
     "pam.account", "sshd"),
    ('"sufficient" before us', stack(lambda text: "auth sufficient pam_unix.so\n" + text), "pam.bypass", "pam_unix.so"),
    ("no break-glass path", stack(lambda text: text.replace("".join(BREAK_GLASS), "")), "pam.break-glass", "sshd"),
    ("common-account names us", common_account, "pam.common", "/etc/pam.d/common-account names us for every service"),
    ("/etc/pam.conf names us", lambda host: host.write("/etc/pam.conf", "login auth required pam_cognito_oidc.so\n"), "pam.conf", "/etc/pam.conf"),
    ("UsePAM no", sshd("UsePAM no"), "sshd.use-pam", "UsePAM no"),
    ("KbdInteractiveAuthentication no", sshd("KbdInteractiveAuthentication no"), "sshd.kbd-interactive", "no"),
    ("AuthenticationMethods excludes us", sshd("AuthenticationMethods publickey"), "sshd.methods", "publickey"),
    ("a Match block for a user excludes us", sshd_match("User bob", "KbdInteractiveAuthentication no"), "sshd.kbd-interactive", "no for bob"),
    ("a Match block for a group excludes us", sshd_match("Group staff,linux-people", "AuthenticationMethods publickey"),
     "sshd.methods", "publickey for bob"),
    ("a Match block for everybody from elsewhere excludes us", sshd_match("Address *,!10.0.0.0/8", "KbdInteractiveAuthentication no"),
     "sshd.kbd-interactive", "no for "),
    ("LoginGraceTime shorter than timeout", sshd("LoginGraceTime 60"), "sshd.grace", "timeout=100"),
    ("MaxStartups small", sshd("MaxStartups 3"), "sshd.startups", "MaxStartups 3"),
    ("one failed login refuses an address", newer_sshd(PENALTIES % 15), "sshd.penalties", "authfail:15"),
    ("the same, of a later sshd", newer_sshd(LATER_PENALTIES % 120), "sshd.penalties", "authfail:120"),
    ("local user missing", configured({"users": {"map": {"alcie": {"sub": "x"}}}}), "local-user", '"alcie"'),
    ("accounts, and nsswitch.conf without systemd", accounts(nsswitch="passwd: files\ngroup: files systemd\n"), "accounts.nss", "passwd does not name systemd"),
    ("the same of group", accounts(nsswitch="passwd: files systemd\ngroup: files # systemd\n"), "accounts.nss", "group does not name systemd"),
    ("a uid range over subordinate uids", accounts(subuid="bob:1879050000:65536\n"), "accounts.range", "subuid"),
    ("from_accounts without accounts", configured({"users": {"from_accounts": True}}), "accounts", "nobody can log in"),
    ("accounts of an earlier run", record, "accounts.old", "nothing locks them"),
    ("accounts of another pool", accounts(issuer="https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"), "accounts.old", "belong to another pool"),
    ("keys in the pool, and sshd does not ask for them", accounts({"ssh_keys_attribute": "custom:ssh_keys"}), "accounts.keys", "AuthorizedKeysCommand of sshd is none"),
    ("sshd asks as somebody who cannot read them", keys_command("nobody"), "accounts.keys", "is nobody"),
    ("the timer fails", accounts(systemd="cognito-oidc-accounts.service"), "accounts.timer", "has failed"),
    ("the timer lists the pool by the instance's role", accounts(systemd="", credentials=False), "accounts.role", "every user of this host"),
    ("an enabled service was replaced", replaced, "enabled", "no longer names"),
    ("a try that nobody has confirmed", lambda host: state_file(host, "try", ""), "enabled.try", "a try is pending"),
    ("locale cannot show a QR code", locale, "locale", "(C)"),
    ("sudo's timestamp longer than recheck", sudoers("Defaults timestamp_timeout=60"), "sudo.timestamp", "60 minutes"),
    ("sudo's built-in 15 minutes longer than recheck", lambda host: host.write(SUDOERS, SUDOERS_RIGHT.replace("Defaults timestamp_timeout=5\n", "")),
     "sudo.timestamp", "is not set, so it is 15 minutes"),
    ("a fraction of a minute longer than recheck", sudoers("Defaults timestamp_timeout=5.1"), "sudo.timestamp", "5.1 minutes"),
    ("one user's timestamp longer than recheck", sudoers("Defaults:bob timestamp_timeout=-1"), "sudo.timestamp", "never ends"),
    ("NOPASSWD", sudoers("%sudo ALL=(ALL:ALL) NOPASSWD: ALL"), "sudo.nopasswd", "%sudo"),
    ("sudo would deny ssm-user", ssm_user, "sudo.ssm-user", "Session Manager"),
)
# What follows from a fault, and is told beside it.
FOLLOWS = {
    "client secret superfluous": {"config.advice"},
    "system user missing": {"helper"},
    "proxy needed": {"connect"},
    "name resolution fails": set(),
    "the timer fails": {"warm"},
    "the timer lists the pool by the instance's role": {"warm"},
}


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, what, good, *remarks):
        self.count += 1
        self.failed += 0 if good else 1
        print(f"{'ok' if good else 'not ok'} {self.count} - {what}")
        if not good:
            for remark in remarks:
                print("#", remark)


def not_ok(answer):
    return [finding for finding in answer.get("findings", ()) if finding["status"] != "ok"]


def try_right(tap, host, what, overrides):
    host.configure(overrides)
    code, answer, err = host.ask("doctor")
    tap.ok(f"right: {what}: nothing is found", code == 0 and answer.get("findings") and not not_ok(answer), not_ok(answer), err)
    code, answer, err = host.ask("check")
    tap.ok(f"right: {what}: nor by check", code == 0 and not answer["faults"] and not answer["warnings"], answer, err)
    host.restore()


SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "conf/pam.d/debian"


def other_stacks():
    """(what, {service: text}) of other forms that are right: the samples."""
    samples = {path.name: path.read_text() for path in SAMPLES.iterdir()}
    yield "the samples", {name: text for name, text in samples.items() if not name.startswith("sudo-")}
    for name in samples:
        if name.startswith("sudo-"):
            yield "the sample " + name, {"sudo": samples[name]}


def try_other_stacks(tap, host):
    """Service files of other forms that are right."""
    for what, files in other_stacks():
        for name, text in files.items():
            host.write(pathlib.Path("/etc/pam.d", name), text)
        code, answer, err = host.ask("doctor")
        tap.ok(f"right: {what}: nothing is found", code == 0 and answer["findings"] and not not_ok(answer), *not_ok(answer), err)
        host.restore()


def try_penalties(tap, host):
    """sshd's own penalties, none, and strict ones from which somebody is exempt."""
    for penalties, exempt in ((PENALTIES % 5, "none"), (LATER_PENALTIES % 5, "none"), (PENALTIES % 0, "none"), ("no", "none"),
                              (PENALTIES % 60, "192.0.2.0/24")):
        newer_sshd(penalties, exempt)(host)
        code, answer, err = host.ask("doctor")
        tap.ok(f"right: {penalties[:40]}, exempt {exempt}: nothing is found", code == 0 and not not_ok(answer), *not_ok(answer), err)
        host.restore()


def try_fault(tap, host, what, seed, name, words):
    seed(host)
    code, answer, err = host.ask("doctor")
    found = not_ok(answer)
    named = [finding for finding in found if finding["name"] == name and words in finding["seen"]]
    others = {finding["name"] for finding in found} - {name} - FOLLOWS.get(what, set())
    good = named and not others and code == (1 if answer["faults"] else 0)
    tap.ok(f"{what}: {name}", good, *found, err)
    if named:
        print(f"# {named[0]['status'].upper():4} {name}  {named[0]['seen']}")
    host.restore()
    return bool(named)


def table():
    print("| the mistake | named by `cognito-oidc doctor` as |\n|---|---|")
    for what, _, name, _ in FAULTS:
        print(f"| {what} | `{name}` |")


def main(state):
    tap = Tap()
    host = Host(state)
    host.kept = {}
    try_right(tap, host, "password", {})
    try_right(tap, host, "password and browser", {"login": {"flows": ["password", "browser"]}})
    try_other_stacks(tap, host)
    try_penalties(tap, host)
    try_right(tap, host, "device", merge(host.cognito.device_endpoints(), {"login": {"flows": ["device"]}}))
    named = sum(try_fault(tap, host, *fault) for fault in FAULTS)
    try_right(tap, host, "at last", {})
    print(f"# {named} of {len(FAULTS)} faults were named")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--table"]:
        table()
    else:
        sys.exit(main(sys.argv[1]))
