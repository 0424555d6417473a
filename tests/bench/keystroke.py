#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""From the last keystroke to the verdict, through the warm helper and ways of several lengths to a server
that costs next to nothing: how many round trips a login waits for, and what comes on top."""
import contextlib
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import picture  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402
from delay import Delay  # noqa: E402

TRIPS = (0.0, 0.025, 0.05, 0.1, 0.2)
ROUNDS = 9
# A request each: the token's; InitiateAuth and its answer. And how many ms may come on top at TOLD.
REQUESTS, SPARE, TOLD = {"ropc": 1, "srp": 2}, {"ropc": 10, "srp": 15}, 0.05
NOISE = 0.1  # of a round trip, for each request


class Way:
    """To the server, so many seconds long, for one method."""

    def __init__(self, method, rtt, stack):
        self.rtt = rtt
        way = stack.enter_context(Delay(stage.PORT, rtt))
        config = stage.AT / f"{method}-{rtt * 1000:.0f}.json"
        config.write_text((stage.AT / f"{method}.json").read_text().replace(f":{stage.PORT}/", f":{way.port}/"))
        config.chmod(0o600)
        self.host = harness.Host(stage.MODULE)
        stack.callback(self.host.close)
        self.host.service("login", f"config={config}")
        self.wait()  # fetches the key set

    def wait(self):
        """Milliseconds that a person waits who has typed for longer than a connection takes."""
        typed = []

        def answer():
            time.sleep(0.3 + 6 * self.rtt)
            typed.append(time.monotonic())
            return "Battery-Staple-8!"

        outcome = self.host.drive("bob", ("auth",), (answer,))
        assert outcome.results == ["PAM_SUCCESS"], outcome.text
        return (time.monotonic() - typed[0]) * 1000


def slope(points):
    """Of the line through them, by least squares."""
    x, y = zip(*points)
    middle = statistics.mean(x), statistics.mean(y)
    return sum((a - middle[0]) * (b - middle[1]) for a, b in points) / sum((a - middle[0]) ** 2 for a in x)


def main():
    if stage.AT is None:
        table.skip("round trips after the last keystroke", stage.WHY_NOT)
        return table.end()
    times = table.rounds(ROUNDS)
    with contextlib.ExitStack() as stack:
        ways = {(method, rtt): Way(method, rtt, stack) for method in REQUESTS for rtt in TRIPS}
        ms = table.medians(times, {name: way.wait for name, way in ways.items()})
    for method, requests in REQUESTS.items():
        points = [(rtt * 1000, ms[method, rtt]) for rtt in TRIPS]
        how = f"{', '.join(f'{value:.0f}' for _, value in points)} ms at {', '.join(f'{rtt:.0f}' for rtt, _ in points)} ms; median of {times}"
        table.row(f"round trips after the last keystroke, {method}", slope(points), requests * (1 + NOISE), how)
        table.row(f"after the last keystroke at RTT {TOLD * 1000:.0f} ms, {method}, minus {requests} RTT, ms",
                  ms[method, TOLD] - requests * TOLD * 1000, SPARE[method], f"{ms[method, TOLD]:.1f} ms", digits=1)
    picture.draw(harness.BUILD / "slope.svg", {method: [(rtt * 1000, ms[method, rtt]) for rtt in TRIPS] for method in REQUESTS},
                 "round trip, ms", "from the last keystroke to the verdict, ms", "set yrange [0:*]")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
