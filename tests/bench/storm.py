#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many logins at once, beside as many curl processes that send the same requests: processor time, of
everything but the server; who was refused; how often the key set was fetched."""
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import harness  # noqa: E402
import picture  # noqa: E402
import stage  # noqa: E402
import table  # noqa: E402

CROWDS = {1: 40, 8: 12, 64: 5, 200: 3}  # how many at once: rounds
AIM, AIMED = 0.8, (64, 200)
WITH_OWN = (1, 8, 64)  # these are also measured with helpers of their own
CACHE = pathlib.Path("/var/cache/pam_cognito_oidc")



def fetches():
    return len((stage.AT / "fetches").read_text().splitlines())


def cold(crowd, command):
    """Fetches of the key set, and how many are refused, when nobody has it."""
    for file in CACHE.iterdir():
        (shutil.rmtree if file.is_dir() else pathlib.Path.unlink)(file)
    before = fetches()
    failed = stage.together(crowd, *command)[2]
    return fetches() - before, failed


def measure(crowd, rounds):
    sides = {f"{method} {kind}": stage.Side(command, crowd) for method in ("ropc", "srp") for kind, command in (
        ("warm", stage.login(method)), ("own", stage.login(f"{method}-own")), ("curl", stage.curl(method)))
        if kind != "own" or crowd in WITH_OWN}
    fetched, refused = cold(crowd, stage.login("ropc"))
    cold(1, stage.login("srp"))
    table.interleave(table.rounds(rounds), {name: side.run for name, side in sides.items()})
    report = table.row if crowd in AIMED else lambda name, value, _, how: table.told(name, value, how)
    for method in ("ropc", "srp"):
        warm, curl, own = (sides.get(f"{method} {kind}") for kind in ("warm", "curl", "own"))
        shown = f"{warm.ms:.1f} ms / {curl.ms:.1f} ms; {warm.a_second:.0f} and {curl.a_second:.0f} a second"
        if own:
            shown += f"; helpers of their own: {own.ms:.1f} ms, {own.a_second:.0f} a second"
        if warm.fallen_back:
            shown += f"; {warm.fallen_back} of {crowd * len(warm.walls)} did not wait for the warm helper"
        report(f"{crowd} at once, {method}: processor time of a login / of a curl process", warm.ms / curl.ms, AIM, shown)
    logins = [side for name, side in sides.items() if not name.endswith("curl")]
    curls = [side for name, side in sides.items() if name.endswith("curl")]
    table.row(f"{crowd} at once: refused", refused + sum(side.failed for side in logins), 0,
              f"of {crowd + sum(crowd * len(side.walls) for side in logins)}; of curl's: {sum(side.failed for side in curls)}", digits=0)
    table.row(f"{crowd} at once with a cold cache: fetches of the key set", fetched, 1, "counted by the server", digits=0)
    return {name: side.ms for name, side in sides.items()}


def main():
    if stage.AT is None:
        table.skip("many at once", stage.WHY_NOT)
        return table.end()
    (stage.AT / "fetches").touch()
    ms = {crowd: measure(crowd, rounds) for crowd, rounds in CROWDS.items()}
    lines = {name: [(crowd, each[name]) for crowd, each in ms.items()] for name in ms[1] if not name.endswith("own")}
    picture.draw(harness.BUILD / "storm.svg", lines, "at once", "processor time of one, ms", "set logscale x", "set yrange [0:*]")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
