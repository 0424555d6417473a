#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""One size of tests/bench/accounts.sh, inside its copy of the machine: an export of so many people,
the command, and looks at them by files and by records. Seconds for the command, milliseconds for the
looks, medians."""
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

CONFIG = "/etc/pam_cognito_oidc/config.json"
ROUNDS = 7
LOOKS = """
import grp, os, pwd, statistics, sys, time
def ms(look):
    look(); times = []
    for _ in range(%d):
        begin = time.perf_counter(); look(); times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000
name, uid = sys.argv[1], int(sys.argv[2])
for look in (lambda: pwd.getpwnam(name), lambda: pwd.getpwuid(uid), lambda: os.getgrouplist("daemon", 1), lambda: grp.getgrnam("linux-users")):
    print("%%.2f" %% ms(look))
""" % ROUNDS


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout


def command(word):
    begin = time.perf_counter()
    answer = json.loads(run("cognito-oidc", "accounts", word, "--json", "--from", "/srv/export"))
    return time.perf_counter() - begin, answer


def export(people):
    config = json.loads(re.sub(r"^\s*//.*", "", pathlib.Path(CONFIG).read_text(encoding="utf-8"), flags=re.M))["config"]
    issuer = config["certs_url"].removesuffix("/.well-known/jwks.json")
    folder = pathlib.Path("/srv/export")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "groups").mkdir(parents=True)
    pool = issuer.rsplit("/", 1)[1]
    (folder / "groups/linux-users.json").write_text(json.dumps({"Users": [
        {"Username": f"person{i}", "Attributes": [{"Name": "sub", "Value": f"00000000-0000-4000-8000-{i:012x}"},
                                                  {"Name": "email", "Value": f"person{i}@example.com"}, {"Name": "name", "Value": f"Person {i}"}],
         "UserCreateDate": 1714564800 + i, "UserLastModifiedDate": 1714564800, "Enabled": True, "UserStatus": "CONFIRMED"}
        for i in range(people)]}, indent=4), encoding="utf-8")
    (folder / "client.json").write_text(json.dumps({"UserPoolClient": {"UserPoolId": pool, "ClientId": config["client_id"]}}), encoding="utf-8")
    (folder / "export.json").write_text(json.dumps({"issuer": issuer, "pool_id": pool, "time": int(time.time()), "groups": {"linux-users": people}}),
                                        encoding="utf-8")
    subprocess.run(["chmod", "-R", "go-rwx", folder], check=True)


def nsswitch(source):
    path = pathlib.Path("/etc/nsswitch.conf")
    path.write_text(re.sub(r"^(passwd|group):.*", rf"\1: files{source}", path.read_text(encoding="utf-8"), flags=re.M), encoding="utf-8")


def ms_of(*words):
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        run(*words)
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1000


def looks(uid, ssh):
    found = run(sys.executable, "-c", LOOKS, "person7", str(uid)).split()
    return [*found, *(f"{ms_of(*words):.0f}" for words in (("id", "person7"), ("sudo", "-l", "-U", "person7"), (*ssh, "person7@127.0.0.1", "true")))]


def main():
    people, ssh = int(sys.argv[1]), sys.argv[2:]
    for folder in ("/etc/userdb", "/var/lib/pam_cognito_oidc/accounts"):
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("passwd", "group"):
        shutil.copy(f"/srv/{name}", f"/etc/{name}")
    export(people)
    nsswitch(" systemd")
    planned, _ = command("plan")
    applied, _ = command("apply")
    again, answer = command("apply")
    entries = [line.split(":") for line in (run("getent", "passwd", f"person{i}").strip() for i in range(people))]
    row = looks(entries[7][2], ssh)
    print(f"| {people} | nss-systemd | {planned:.2f} s | {applied:.2f} s | {again:.2f} s ({answer['writes']}) | "
          + " | ".join(each + " ms" for each in row) + " |", flush=True)
    members = run("getent", "group", "linux-users").strip()
    shutil.rmtree("/etc/userdb")
    nsswitch("")
    with open("/etc/passwd", "a", encoding="utf-8") as passwd, open("/etc/group", "a", encoding="utf-8") as group:
        passwd.writelines(":".join(entry) + "\n" for entry in entries)
        group.write(members + "\n")
    row = looks(entries[7][2], ssh)
    print(f"| {people} | /etc/passwd | | | | " + " | ".join(each + " ms" for each in row) + " |", flush=True)


if __name__ == "__main__":
    main()
