#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a caller must prove before anything is told: the app client's secret, the password,
by itself or by SRP, and a user status that permits a sign-in.
"""
import base64
import binascii

import srp
from errors import ApiError, invalid_parameter, missing_parameter, not_authorized
from login import new_secret_block


def find_client(state, request):
    name = request.get("ClientId")
    if not isinstance(name, str) or not name:
        raise invalid_parameter("1 validation error detected: Value null at 'clientId' failed "
                                "to satisfy constraint: Member must not be null")
    if name not in state.pool.clients:
        raise ApiError("ResourceNotFoundException", f"User pool client {name} does not exist.")
    return state.pool.clients[name]


def check_secret_hash(client, given, username):
    if client.secret is None:
        if given is not None:
            raise not_authorized(f"Client {client.id} is not configured for secret but secret "
                                 "was received")
        return
    if given is None:
        raise not_authorized(f"Client {client.id} is configured for secret but secret was not "
                             "received")
    if given != client.secret_hash(username):
        raise not_authorized(f"Unable to verify secret hash for client {client.id}")


def parameter(parameters, name):
    value = parameters.get(name)
    if not isinstance(value, str) or value == "":
        raise missing_parameter(name)
    return value


def check_reset(user):
    # Needs no password: whoever must reset it has none that counts.
    if user.status == "RESET_REQUIRED" and user.enabled:
        raise ApiError("PasswordResetRequiredException", "Password reset required for the user")


def check_status(user):
    if not user.enabled:
        raise not_authorized("User is disabled.")
    if user.status == "UNCONFIRMED":
        raise ApiError("UserNotConfirmedException", "User is not confirmed.")
    if user.temporary_password_expired():
        raise not_authorized(
            "Temporary password has expired and must be reset by an administrator.")


def check_password(state, user, is_right):
    """Refuses, or returns. `is_right` is a function: a locked user's password is not even
    looked at."""
    key = (state.pool.key(user.username), "password")
    if state.pool.lockout.locked(key):
        raise not_authorized("Password attempts exceeded")
    check_reset(user)
    if not is_right():
        state.pool.lockout.failed(key)
        raise not_authorized()
    state.pool.lockout.succeeded(key)
    check_status(user)


class Exchange:
    """One SRP exchange, found again by its secret block. `next` continues the sign-in."""

    def __init__(self, login, public_a, expires, then):
        self.login = login
        self.public_a = public_a
        self.expires = expires
        self.next = then
        self.session = None

    def choose_public_b(self, pool, srp_name):
        self.srp_name = srp_name
        self.verifier = pool.verifier(self.login.user, srp_name)
        self.b = srp.new_ephemeral()
        self.public_b = srp.server_public(self.b, self.verifier)

    def signature(self, pool, block, timestamp):
        key = srp.session_key(self.public_a, self.public_b, self.b, self.verifier)
        return srp.signature(key, pool.short_name, self.srp_name, block, timestamp)


def begin_srp(state, login, typed, text_a, with_session, then):
    """The PASSWORD_VERIFIER challenge; `then` is what follows a right proof."""
    public_a = srp.parse_public_a(text_a)
    if public_a is None:
        raise invalid_parameter("SRP_A must be a hexadecimal number that is not 0 modulo N")
    srp_name = state.pool.srp_name(login.user, typed)
    exchange = Exchange(login, public_a, state.clock.now() + state.pool.srp_validity, then)
    exchange.choose_public_b(state.pool, srp_name)
    block = new_secret_block()
    state.exchanges[block] = exchange
    answer = {"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {
        "SALT": f"{login.user.salt():x}", "SECRET_BLOCK": block,
        "SRP_B": f"{exchange.public_b:x}", "USERNAME": srp_name, "USER_ID_FOR_SRP": srp_name}}
    if with_session:
        exchange.session = state.sessions.start(login, "PASSWORD_VERIFIER")
        answer["Session"] = exchange.session
    return answer


def decode_block(text):
    """Clients may turn the block into base64url; the bytes decide."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None


def take_exchange(state, client, responses, session):
    """The SRP exchange a proof belongs to; it can be tried once."""
    block = decode_block(parameter(responses, "PASSWORD_CLAIM_SECRET_BLOCK"))
    text = base64.b64encode(block).decode() if block else ""
    exchange = state.exchanges.pop(text, None)
    if exchange is None or exchange.login.client is not client:
        raise not_authorized()
    if not exchange.login.is_for(state.pool, responses["USERNAME"]):
        raise not_authorized()
    if session is not None and session != exchange.session:
        raise not_authorized("Invalid session for the user.")
    if session is not None:
        state.sessions.find(session, client, "PASSWORD_VERIFIER").used = True
    if state.clock.now() > exchange.expires:
        raise not_authorized("Invalid session for the user, session is expired.")
    return exchange, block


def check_timestamp(state, text):
    when = srp.parse_timestamp(text)
    if when is None:
        raise invalid_parameter(
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
    tolerance = state.pool.timestamp_tolerance
    if tolerance is not None and abs(when - state.clock.now()) > tolerance:
        raise not_authorized()


def answer_password_verifier(state, client, responses, session):
    given = parameter(responses, "PASSWORD_CLAIM_SIGNATURE")
    timestamp = parameter(responses, "TIMESTAMP")
    check_timestamp(state, timestamp)
    exchange, block = take_exchange(state, client, responses, session)

    def is_right():
        right = exchange.signature(state.pool, block, timestamp)
        user = exchange.login.user
        return user.exists and user.password is not None and given == right

    check_password(state, exchange.login.user, is_right)
    return exchange.next(state, exchange.login)
