#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""InitiateAuth: the first step of each flow. What comes after it is in challenge.py."""
import challenge
import proof
from errors import invalid_parameter, user_not_found
from login import Login
from proof import parameter


def find_user(state, client, parameters):
    """The person, or a stranger who stands in for nobody if the pool hides who exists."""
    username = parameter(parameters, "USERNAME")
    proof.check_secret_hash(client, parameters.get("SECRET_HASH"), username)
    if len(username) > 128:
        raise invalid_parameter("Username should be less than 128 characters")
    user = state.pool.find_or_stranger(username)
    if not user.exists and not state.pool.prevent_user_existence_errors:
        raise user_not_found()
    if state.pool.status_errors_at == "first":
        proof.check_reset(user)
        proof.check_status(user)
    return user


def user_srp_auth(state, client, parameters):
    user = find_user(state, client, parameters)
    text_a = parameter(parameters, "SRP_A")
    login = Login(user, client, state.clock.now())
    return proof.begin_srp(state, login, parameters["USERNAME"], text_a,
                           state.pool.srp_session, challenge.after_password)


def user_password_auth(state, client, parameters):
    user = find_user(state, client, parameters)
    password = parameter(parameters, "PASSWORD")
    if len(password) > 256:
        raise invalid_parameter("Password too long")
    proof.check_password(state, user, lambda: state.pool.password_is(user, password))
    login = Login(user, client, state.clock.now())
    return challenge.after_password(state, login)


def refresh_token_auth(state, client, parameters):
    if client.rotation:
        raise invalid_parameter("REFRESH_TOKEN_AUTH flow not enabled for this client")
    token = parameter(parameters, "REFRESH_TOKEN")
    grant = state.refresh_tokens.find_for_device(token, client, parameters.get("DEVICE_KEY"))
    # The hash is over the user name as stored; an alias does not do here.
    proof.check_secret_hash(client, parameters.get("SECRET_HASH"), grant.login.user.username)
    return challenge.token_result(state, grant.login)


def offered_factors(state, user):
    """What USER_AUTH offers. One-time codes are no first factor for who has, or needs, MFA."""
    offers = ["PASSWORD_SRP", "PASSWORD"]
    if not state.pool.mfa_after_code and (user.factors() or state.pool.mfa == "required") or user.status != "CONFIRMED":
        return offers
    reach = {"EMAIL_OTP": "email", "SMS_OTP": "phone_number"}
    extra = [name for name, attribute in reach.items()
             if name in state.pool.first_factors and user.attributes.get(attribute)]
    return (offers if user.password or not extra else []) + extra


def user_auth(state, client, parameters):
    user = find_user(state, client, parameters)
    login = Login(user, client, state.clock.now())
    offers = offered_factors(state, user)
    preferred = parameters.get("PREFERRED_CHALLENGE")
    if preferred is None and len(offers) == 1:
        preferred = offers[0]
    if preferred in offers:
        return challenge.choose_factor(state, login, preferred, parameters, offers)
    return {"ChallengeName": "SELECT_CHALLENGE", "ChallengeParameters": {},
            "Session": state.sessions.start(login, "SELECT_CHALLENGE", offers=offers),
            "AvailableChallenges": offers}


def custom_auth(state, client, parameters):
    user = find_user(state, client, parameters)
    login = Login(user, client, state.clock.now())
    if parameters.get("CHALLENGE_NAME") == "SRP_A":
        text_a = parameter(parameters, "SRP_A")
        return proof.begin_srp(state, login, parameters["USERNAME"], text_a, True,
                               challenge.begin_custom)
    return challenge.begin_custom(state, login)


FLOWS = {
    "USER_SRP_AUTH": (user_srp_auth, "ALLOW_USER_SRP_AUTH"),
    "USER_PASSWORD_AUTH": (user_password_auth, "ALLOW_USER_PASSWORD_AUTH"),
    "USER_AUTH": (user_auth, "ALLOW_USER_AUTH"),
    "CUSTOM_AUTH": (custom_auth, "ALLOW_CUSTOM_AUTH"),
    "REFRESH_TOKEN_AUTH": (refresh_token_auth, "ALLOW_REFRESH_TOKEN_AUTH"),
    "REFRESH_TOKEN": (refresh_token_auth, "ALLOW_REFRESH_TOKEN_AUTH"),
}


def initiate_auth(state, request):
    client = proof.find_client(state, request)
    flow = request.get("AuthFlow")
    parameters = request.get("AuthParameters") or {}
    if flow not in FLOWS or not isinstance(parameters, dict):
        raise invalid_parameter("Initiate Auth method not supported.")
    step, needed = FLOWS[flow]
    if needed not in client.flows and not (step is refresh_token_auth and client.rotation):
        name = needed.removeprefix("ALLOW_")
        raise invalid_parameter(f"{name} flow not enabled for this client")
    return step(state, client, parameters)
