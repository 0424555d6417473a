#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""From the last keystroke to the verdict, through ways of several lengths to the local Cognito: how many
round trips a login waits for. slope.py [RUNS]"""
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "login"), str(HERE.parent / "warm")]
import harness  # noqa: E402
from base import COGNITO, PASSWORDS  # noqa: E402
from delay import Delay  # noqa: E402
from table import row  # noqa: E402

TRIPS = (0.0, 0.025, 0.05, 0.1, 0.2)
# A request each: the token's; InitiateAuth and its answer. And the least of noise.
AIMS = {"ropc": 1.1, "srp": 2.2}


def configured(method, port):
    server = f"https://localhost:{port}"
    issuer = {"issuer": f"{COGNITO.url}/eu-west-1_Local0001"}
    keys = f"{server}/eu-west-1_Local0001/.well-known/jwks.json"
    if method == "ropc":
        return COGNITO.config({"login": {"password_method": "ropc"}, "endpoints": issuer,
                               "config": {"client_id": "localbroker", "token_url": server + "/oauth2/token", "certs_url": keys}})
    return COGNITO.config({"endpoints": {**issuer, "api_url": server + "/"}, "config": {"certs_url": keys}})


def wait(host, rtt):
    """Milliseconds that a person waits who has typed for longer than a connection takes."""
    typed = []

    def answer():
        time.sleep(0.3 + 6 * rtt)
        typed.append(time.monotonic())
        return PASSWORDS["bob"]

    outcome = host.drive("bob", ("auth",), (answer,))
    assert outcome.results == ["PAM_SUCCESS"], outcome.text
    return (time.monotonic() - typed[0]) * 1000


def slope(points):
    """Of the line through them, by least squares."""
    x, y = zip(*points)
    middle = statistics.mean(x), statistics.mean(y)
    return sum((a - middle[0]) * (b - middle[1]) for a, b in points) / sum((a - middle[0]) ** 2 for a in x)


def draw(measured, path):
    script = [f"set terminal svg size 640,360 font 'sans,12'; set output '{path}'; set key left top; set grid",
              "set xlabel 'round trip, ms'; set ylabel 'from the last keystroke to the verdict, ms'; set yrange [0:*]"]
    for method, points in measured.items():
        script += [f"${method} << end", *(f"{rtt} {ms:.1f}" for rtt, ms in points), "end"]
    script.append("plot " + ", ".join(f"${method} with linespoints title '{method}'" for method in measured))
    subprocess.run(["gnuplot"], input="\n".join(script), text=True, check=True)


def main(runs):
    good, measured = 0, {}
    for method, aim in AIMS.items():
        points = measured[method] = []
        for rtt in TRIPS:
            with Delay(COGNITO.port, rtt) as way:
                host = harness.Host()
                host.service("login", f"config={configured(method, way.port)}")
                wait(host, rtt)  # fetches the key set
                points.append((rtt * 1000, statistics.median(wait(host, rtt) for _ in range(runs))))
        shown = ", ".join(f"{ms:.0f}" for _, ms in points)
        good += row(f"round trips after the last keystroke, {method}", slope(points), aim,
                    f"{shown} ms at {', '.join(f'{rtt * 1000:.0f}' for rtt in TRIPS)} ms; median of {runs}")
    draw(measured, harness.TEST.parent / "slope.svg")
    print(f"{good} passed, {len(AIMS) - good} failed, 0 skipped")
    return 0 if good == len(AIMS) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 7))
