#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""RespondToAuthChallenge: every step after the first, up to the tokens.

ANSWERS has one function per challenge. A wrong code leaves its session usable; whatever
moves the sign-in on uses the session up and starts another.
"""
import json
import re
import secrets
import uuid

import proof
import totp
from errors import ApiError, code_mismatch, invalid_parameter, missing_parameter, not_authorized

CUSTOM_TRIES = 3
# The name the token's amr gives to each second factor.
FACTOR_NAMES = {"SOFTWARE_TOKEN_MFA": "otp", "SMS_MFA": "sms", "SMS_OTP": "sms",
                "EMAIL_OTP": "email_otp", "EMAIL_MFA": "email_otp"}

# What the service says to a required attribute of another form.
ATTRIBUTE_FORMS = {"phone_number": (r"\+[0-9]{1,15}", "Invalid phone number format."),
                   "email": (r"[^@\s]+@[^@\s]+", "Invalid email address format.")}


def token_result(state, login, refresh_token=None):
    id_token, access_token = state.minter.pair(state.pool, login, state.clock.now())
    result = {"AccessToken": access_token, "ExpiresIn": state.pool.access_validity,
              "IdToken": id_token, "TokenType": "Bearer"}
    if refresh_token:
        result["RefreshToken"] = refresh_token
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def finish(state, login):
    login.auth_time = int(state.clock.now())
    if login.source == "oauth":
        # A page asked. Tokens come later, for a code.
        return {}
    answer = token_result(state, login, state.refresh_tokens.issue(login))
    if state.pool.device_tracking:
        login.device_key = f"{state.pool.id.split('_')[0]}_{uuid.uuid4()}"
        answer["AuthenticationResult"]["NewDeviceMetadata"] = {
            "DeviceKey": login.device_key, "DeviceGroupKey": "-" + secrets.token_hex(4)}
    return answer


def ask(state, login, name, parameters, **facts):
    return {"ChallengeName": name, "ChallengeParameters": parameters,
            "Session": state.sessions.start(login, name, **facts)}


def after_password(state, login):
    login.factors.append("pwd")
    if login.user.status == "FORCE_CHANGE_PASSWORD":
        return begin_new_password(state, login)
    if state.pool.custom_after_password:
        return begin_custom(state, login)
    return second_factor(state, login)


def begin_new_password(state, login):
    missing = [f"userAttributes.{name}" for name in state.pool.required_attributes
               if name not in login.user.attributes]
    return ask(state, login, "NEW_PASSWORD_REQUIRED", {
        "USER_ID_FOR_SRP": login.user.username,
        "requiredAttributes": json.dumps(missing),
        "userAttributes": json.dumps(attribute_strings(login.user), ensure_ascii=False)},
        missing=missing)


def attribute_strings(user):
    """Attributes as the API shows them: every value is a string."""
    return {name: value if isinstance(value, str) else json.dumps(value)
            for name, value in user.attributes.items()}


def second_factor(state, login):
    user, rule = login.user, state.pool.mfa
    methods = user.factors() if rule != "off" else []
    if not methods:
        return begin_mfa_setup(state, login) if rule == "required" else finish(state, login)
    if user.preferred_mfa in methods:
        return begin_factor(state, login, user.preferred_mfa)
    if len(methods) == 1:
        return begin_factor(state, login, methods[0])
    return ask(state, login, "SELECT_MFA_TYPE",
               {"MFAS_CAN_CHOOSE": json.dumps(methods, separators=(",", ":"))}, methods=methods)


def begin_factor(state, login, method):
    if method == "SOFTWARE_TOKEN_MFA":
        return ask(state, login, method, {"USER_ID_FOR_SRP": login.user.username})
    return begin_code(state, login, method, first_factor=False)


def begin_code(state, login, method, first_factor):
    """Sends a code. The one that stands for a whole sign-in by e-mail has eight digits."""
    code = state.new_code(8 if first_factor and method == "EMAIL_OTP" else 6)
    medium, destination = delivery(login.user, method)
    if login.user.exists:
        state.outbox.send(medium, login.user, destination, method, code)
    parameters = {"CODE_DELIVERY_DELIVERY_MEDIUM": medium,
                  "CODE_DELIVERY_DESTINATION": mask(destination)}
    if not first_factor:
        parameters["USER_ID_FOR_SRP"] = login.user.username
    return ask(state, login, method, parameters, code=code, first_factor=first_factor)


def delivery(user, method):
    if method.startswith("EMAIL"):
        return "EMAIL", user.attributes.get("email", "")
    return "SMS", user.attributes.get("phone_number", "")


def mask(destination):
    if "@" not in destination:
        return "*" * 7 + destination[-4:]
    name, _, host = destination.partition("@")
    return f"{name[:1]}***@{host[:1]}***"


def begin_mfa_setup(state, login):
    return ask(state, login, "MFA_SETUP",
               {"MFAS_CAN_SETUP": '["SOFTWARE_TOKEN_MFA"]'}, secret=None, verified=False)


def begin_custom(state, login, tries=1):
    question = state.pool.custom_challenge["question"]
    return ask(state, login, "CUSTOM_CHALLENGE",
               {"USERNAME": login.user.username, "question": question}, tries=tries)


def guard_codes(state, user):
    """Wrong codes lock like wrong passwords, and are counted apart from them."""
    key = (state.pool.key(user.username), "code")
    if state.pool.lockout.locked(key):
        raise not_authorized("Password attempts exceeded")
    return key


def count_code(state, key, right, error=None):
    if not right:
        state.pool.lockout.failed(key)
        raise error or code_mismatch()
    state.pool.lockout.succeeded(key)


def answer_totp(state, session, responses):
    user = session.login.user
    code = proof.parameter(responses, "SOFTWARE_TOKEN_MFA_CODE")
    key = guard_codes(state, user)
    step = totp.matching_step(user.totp, code, state.clock.now()) if user.totp else None
    if (user.totp, step) in user.used_codes:
        raise ApiError("ExpiredCodeException", "Your software token has already been used once.")
    count_code(state, key, step is not None)
    user.used_codes.add((user.totp, step))
    return advance(state, session, "otp")


def answer_code(state, session, responses):
    """SMS_MFA, SMS_OTP, EMAIL_OTP, EMAIL_MFA: the member is the challenge's name and _CODE."""
    code = proof.parameter(responses, session.challenge + "_CODE")
    user = session.login.user
    if session.facts["first_factor"]:
        # Seen on the real service: six wrong codes of a passwordless sign-in, and no lock.
        if code != session.facts["code"] or not user.exists:
            raise code_mismatch()
        proof.check_status(user)
    else:
        count_code(state, guard_codes(state, user), code == session.facts["code"])
    return advance(state, session, FACTOR_NAMES[session.challenge])


def advance(state, session, factor):
    session.used = True
    session.login.factors.append(factor)
    if session.facts.get("first_factor") and state.pool.mfa_after_code:
        return second_factor(state, session.login)
    return finish(state, session.login)


def answer_select_mfa(state, session, responses):
    choice = proof.parameter(responses, "ANSWER")
    if choice not in session.facts["methods"]:
        raise invalid_parameter("Invalid MFA type selected")
    session.used = True
    return begin_factor(state, session.login, choice)


def check_attributes(state, user, attributes):
    for name, value in attributes.items():
        if name in ATTRIBUTE_FORMS and not re.fullmatch(ATTRIBUTE_FORMS[name][0], value):
            raise invalid_parameter(ATTRIBUTE_FORMS[name][1])
        if len(value) > state.pool.attribute_most.get(name, 2048):
            raise invalid_parameter(f"Attributes did not conform to the schema: {name}: String must "
                                    f"be no longer than {state.pool.attribute_most[name]} characters")
    taken = state.pool.find(attributes.get("email", "")) if state.pool.alias_email else None
    if taken not in (None, user):
        raise ApiError("AliasExistsException", "An account with the email already exists.")


def answer_new_password(state, session, responses):
    user = session.login.user
    password = proof.parameter(responses, "NEW_PASSWORD")
    for name in session.facts["missing"]:
        if not responses.get(name):
            raise missing_parameter(name)
    prefix = "userAttributes."
    attributes = {name[len(prefix):]: value for name, value in responses.items() if name.startswith(prefix)}
    check_attributes(state, user, attributes)
    state.pool.check_new_password(user, password)
    user.attributes = {**user.attributes, **attributes}
    user.set({"password": password, "status": "CONFIRMED"})
    session.used = True
    return second_factor(state, session.login)


def answer_mfa_setup(state, session, _responses):
    if not session.facts["verified"]:
        raise ApiError("InvalidParameterException", "MFA setup is not complete")
    session.used = True
    session.login.user.totp = session.facts["secret"]
    session.login.factors.append("otp")
    return finish(state, session.login)


def choose_factor(state, login, factor, parameters, offers):
    """The chosen first factor: done at once if its proof came along, else its challenge."""
    if factor == "PASSWORD" and "PASSWORD" in parameters:
        given = proof.parameter(parameters, "PASSWORD")
        proof.check_password(state, login.user, lambda: state.pool.password_is(login.user, given))
        return after_password(state, login)
    if factor == "PASSWORD_SRP" and "SRP_A" in parameters:
        return proof.begin_srp(state, login, parameters["USERNAME"], parameters["SRP_A"],
                               True, after_password)
    if factor in ("EMAIL_OTP", "SMS_OTP"):
        answer = begin_code(state, login, factor, first_factor=True)
    else:
        answer = {"ChallengeName": factor, "ChallengeParameters": {},
                  "Session": state.sessions.start(login, factor)}
    answer["AvailableChallenges"] = offers
    return answer


def answer_select_challenge(state, session, responses):
    choice = proof.parameter(responses, "ANSWER")
    if choice not in session.facts["offers"]:
        raise invalid_parameter("Selected challenge is not available")
    session.used = True
    return choose_factor(state, session.login, choice, responses,
                                 session.facts["offers"])


def answer_first_factor(state, session, responses):
    """PASSWORD and PASSWORD_SRP: the proof that did not come with the choice."""
    needed = {"PASSWORD": "PASSWORD", "PASSWORD_SRP": "SRP_A"}[session.challenge]
    proof.parameter(responses, needed)
    session.used = True
    return choose_factor(state, session.login, session.challenge, responses, [])


def answer_custom(state, session, responses):
    given = proof.parameter(responses, "ANSWER")
    session.used = True
    if given == state.pool.custom_challenge["answer"] and session.login.user.exists:
        proof.check_status(session.login.user)
        return finish(state, session.login)
    if session.facts["tries"] >= CUSTOM_TRIES:
        raise not_authorized()
    return begin_custom(state, session.login, session.facts["tries"] + 1)


ANSWERS = {
    "SOFTWARE_TOKEN_MFA": answer_totp,
    "SMS_MFA": answer_code,
    "SMS_OTP": answer_code,
    "EMAIL_OTP": answer_code,
    # The API page's word for the second factor that the service calls EMAIL_OTP.
    "EMAIL_MFA": answer_code,
    "SELECT_MFA_TYPE": answer_select_mfa,
    "NEW_PASSWORD_REQUIRED": answer_new_password,
    "MFA_SETUP": answer_mfa_setup,
    "SELECT_CHALLENGE": answer_select_challenge,
    "PASSWORD": answer_first_factor,
    "PASSWORD_SRP": answer_first_factor,
    "CUSTOM_CHALLENGE": answer_custom,
}


def respond_to_auth_challenge(state, request):
    client = proof.find_client(state, request)
    name = request.get("ChallengeName")
    responses = request.get("ChallengeResponses") or {}
    if not isinstance(responses, dict):
        raise invalid_parameter("ChallengeResponses must be a map")
    if name != "PASSWORD_VERIFIER" and name not in ANSWERS:
        raise invalid_parameter(f"Challenge {name} is not supported")
    username = proof.parameter(responses, "USERNAME")
    proof.check_secret_hash(client, responses.get("SECRET_HASH"), username)
    if name == "PASSWORD_VERIFIER":
        return proof.answer_password_verifier(state, client, responses, request.get("Session"))
    session = state.sessions.find(request.get("Session"), client, name)
    if not session.login.is_for(state.pool, username):
        raise not_authorized("Invalid session for the user.")
    return ANSWERS[name](state, session, responses)
