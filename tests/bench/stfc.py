#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A login through stfc's pam_oauth2_device, built in the folder that STFC names, with answers that let in at
once. It is a device login and sleeps three seconds: compared is processor time."""
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import stage  # noqa: E402
import table  # noqa: E402

ROUNDS = 8
CONFIG = pathlib.Path("/etc/pam_oauth2_device/config.json")  # compiled into it
ANSWERS = {
    "device": {"device_code": "d" * 40, "user_code": "ABCD-EFGH", "verification_uri": "https://example.com/device", "expires_in": 300, "interval": 5},
    "token": {"access_token": "t" * 900, "token_type": "Bearer"},
    "userinfo": {"sub": "bob", "name": "Bob Example", "preferred_username": "bob"}}


def prepare(module):
    server = f"https://{stage.DOMAIN}:{stage.PORT}/stfc"
    web = stage.AT / "web/stfc"
    web.mkdir(exist_ok=True)
    for name, answer in ANSWERS.items():
        (web / name).write_text(json.dumps(answer))
    CONFIG.parent.mkdir(exist_ok=True)
    CONFIG.write_text(json.dumps({
        "oauth": {"client": {"id": "c", "secret": "s"}, "scope": "openid profile", "username_attribute": "preferred_username",
                  **{f"{name}_endpoint": f"{server}/{name}" for name in ANSWERS}},
        "tls": {"ca_bundle": stage.CA}, "qr": {"error_correction_level": 0}, "users": {"bob": ["bob"]}}))
    pathlib.Path("/etc/pam.d/stfc").write_text(f"auth required {module}\n")


def main():
    name = "stfc's pam_oauth2_device, processor time / of an SRP login through the warm helper"
    module = pathlib.Path(os.environ.get("STFC") or "/nonexistent", "pam_oauth2_device.so")
    if stage.AT is None or not module.exists():
        table.skip(name, "STFC=folder names no folder with pam_oauth2_device.so" if stage.AT else stage.WHY_NOT)
        return table.end()
    prepare(module)
    sides = {"stfc": stage.Side(stage.login("stfc")), "srp": stage.Side(stage.login("srp")), "own": stage.Side(stage.login("srp-own"))}
    table.interleave(table.rounds(ROUNDS), {kind: side.run for kind, side in sides.items()})
    assert not any(side.failed for side in sides.values()), {kind: side.failed for kind, side in sides.items()}
    theirs, warm, own = (sides[kind].ms for kind in ("stfc", "srp", "own"))
    table.told(name, theirs / warm, f"{theirs:.1f} ms / {warm:.1f} ms (own start: {own:.1f} ms); it takes {sides['stfc'].wall / 1000:.1f} s, 3 of them asleep")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
