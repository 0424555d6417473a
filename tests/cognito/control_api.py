#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST /_test/...: how tests set the clock, the people, the faults. JSON in, JSON out."""
import json

import device_codes
import response
import totp
from errors import OAuthError


def clock(state, request):
    state.clock.offset = request["offset"]
    return {"now": state.clock.now()}


def behaviour(state, request):
    state.behaviours.set(request["endpoint"], request.get("behaviour"), request.get("times"),
                         request.get("after") or 0, request.get("rate", 1.0))
    return {}


def rotate(state, _request):
    state.keys.rotate()
    return state.keys.jwks()


def user(state, request):
    changed = state.pool.set_user(request)
    return changed.as_json() if changed else {}


def client(state, request):
    return state.pool.set_client(request).fields


def pool(state, request):
    state.pool.set(request)
    return {}


def unlock(state, _request):
    """Forgets wrong passwords, wrong codes and used codes."""
    state.pool.lockout.entries.clear()
    for person in state.pool.users.values():
        person.used_codes.clear()
    return {}


def lock(state, request):
    """As after many wrong passwords: for minutes nobody gets in by the right one either."""
    for _ in range(12):
        state.pool.lockout.failed((state.pool.key(request["username"]), "password"))
    return {}


def one_time_code(state, request):
    """The code of a moment, or the next one that was not used yet. Where all that count now
    were used, they are forgotten, as though half a minute had passed."""
    person, now = state.pool.find(request["username"]), state.clock.now()
    skews = [request["skew"]] if request.get("skew") else [0, totp.STEP, -totp.STEP]
    for skew in skews:
        if (person.totp, (int(now) + skew) // totp.STEP) not in person.used_codes:
            return {"code": totp.code(person.totp, now + skew)}
    person.used_codes.clear()
    return {"code": totp.code(person.totp, now + skews[0])}


def device(state, request):
    """Answers a user code as "approve" says: a user name, or null to deny it. With "begin",
    that person has only pressed the button and is yet to sign in."""
    entry = state.device_codes.waiting_for(request["user_code"])
    if entry is None:
        raise ValueError(f"no device waits with the code {request['user_code']!r}")
    if request.get("begin"):
        entry.begin(state)
        return {}
    if request["approve"] is None:
        entry.deny()
        return {}
    user = state.pool.find(request["approve"])
    if user is None:
        raise ValueError(f"no user {request['approve']!r}")
    entry.approve(state, device_codes.sign_in_fully(state, user, entry.client, entry.scope))
    return {}


def devices(state, _request):
    now = state.clock.now()
    return {"codes": [entry.as_json(now) for entry in state.device_codes.waiting()]}


def remembered(state, _request):
    """The devices that were confirmed and not forgotten."""
    logins = {id(grant.login): grant.login for grant in state.refresh_tokens.grants.values()}
    return {"devices": [login.device for login in logins.values() if login.device is not None]}


def reset(state, _request):
    state.reset()
    state.log.reset()
    return {}


def log(state, _request):
    return {"lines": state.log.lines()}


def outbox(state, _request):
    return {"lines": state.outbox.lines()}


COMMANDS = {"clock": clock, "behaviour": behaviour, "rotate": rotate, "user": user,
            "client": client, "pool": pool, "lock": lock, "unlock": unlock,
            "totp": one_time_code, "device": device, "devices": devices, "remembered": remembered,
            "reset": reset, "log": log, "outbox": outbox}


def answer(state, request):
    name = request.path.removeprefix("/_test/")
    if name not in COMMANDS:
        return response.api({"error": f"no such command {name!r}"}, 404)
    try:
        return response.api(COMMANDS[name](state, json.loads(request.body or b"{}")))
    except (ValueError, KeyError, AttributeError, TypeError, OAuthError) as error:
        return response.api({"error": f"{type(error).__name__}: {error}"}, 400)
