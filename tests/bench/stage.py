# SPDX-License-Identifier: MIT
"""What bench.sh has prepared: commands that log in, and peers that ask the same server the same."""
import os
import pathlib
import statistics
import subprocess

import harness

AT = pathlib.Path(os.environ["STAGE"]) if os.environ.get("STAGE") else None
WHY_NOT = "needs root, for a copy of the machine"
PORT = 8443  # nginx
CA = "/srv/cognito/ca.pem"
DOMAIN, API = "acme.auth.eu-west-1.amazoncognito.com", "cognito-idp.eu-west-1.amazonaws.com"
TARGET = "X-Amz-Target: AWSCognitoIdentityProviderService."
EMPTY = "/dev/null"
LOG = pathlib.Path("/run/syslog.txt")
MODULE = next(pathlib.Path("/usr/lib").glob("*/security/pam_cognito_oidc.so"), None)  # as installed


def login(service):
    """A command, and the file that is its standard input."""
    return ["pamtester", service, "bob", "authenticate"], AT / "password"


def curl(method):
    """One process with the login's requests. Bodies go by files, as our password does: argv is for
    everybody's eyes."""
    always = ["-sf", "-o", EMPTY, "--cacert", CA]
    if method == "ropc":
        return ["curl", *always, "--data-binary", "@-", f"https://{DOMAIN}:{PORT}/oauth2/token"], AT / "form"
    one, two = ([*always, "-H", "Content-Type: application/x-amz-json-1.1", "-H", TARGET + operation, "--data-binary", f"@{AT / body}",
                 f"https://{API}:{PORT}/"] for operation, body in (("InitiateAuth", "first"), ("RespondToAuthChallenge", "second")))
    return ["curl", *one, "--next", *two], EMPTY


def tls(method):
    host, requests = (DOMAIN, ["form.raw"]) if method == "ropc" else (API, ["first.raw", "second.raw"])
    return [str(harness.TEST / "bench/tls_client"), CA, host, str(PORT), *(str(AT / request) for request in requests)], EMPTY


def together(count, command, source):
    """(ms until the last has ended, ms of processor time, how many failed) of so many at once."""
    done = subprocess.run([str(harness.TEST / "bench/together"), str(count), str(source), *command], stdout=subprocess.PIPE, check=True,
                          env={"PATH": "/usr/bin:/bin"})
    wall, used, failed = done.stdout.split()
    return float(wall), float(used), int(failed)


def ticks(*processes):
    """User and system time, in ms, of processes and of their children that have ended."""
    total = 0
    for process in processes:
        try:
            fields = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended, and its parent counts it
        total += sum(int(field) for field in fields[11:15])
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def children(process):
    try:
        return pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []


def starter():
    """Stands for systemd; the warm helper is its only child."""
    return (AT / "service.pid").read_text().strip()


def children_of_service():
    return [child for service in children(starter()) for child in children(service)]


def of_service():
    """What the warm helper and its children have used, whichever process it is now."""
    return ticks(starter(), *children(starter()))


def fallen_back():
    """How many the warm helper did not answer in time: these started one of their own."""
    return LOG.read_text(encoding="utf-8", errors="replace").count("the warm helper is not used")


class Side:
    """One command that is run again and again, so many at once."""

    def __init__(self, command, crowd=1):
        self.crowd, self.command = crowd, command
        self.walls, self.used, self.failed, self.fallen_back = [], [], 0, 0

    def run(self):
        before, fallen = of_service(), fallen_back()
        wall, used, failed = together(self.crowd, *self.command)
        # The service has reaped its children when nobody is left.
        harness.wait_for(lambda: not children_of_service())
        self.walls.append(wall)
        self.used.append(used + of_service() - before)
        self.failed += failed
        self.fallen_back += fallen_back() - fallen

    @property
    def ms(self):
        """Of processor time, of one: the kernel counts the service in ticks of 10 ms, so a mean is finer."""
        return statistics.mean(self.used) / self.crowd

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def a_second(self):
        return self.crowd / self.wall * 1000
