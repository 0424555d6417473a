#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The operations that make a pool: what an administrator's `aws cognito-idp` calls first. There is
one pool in a local Cognito: from a file that has neither people nor app clients (empty.json),
CreateUserPool fills it with its settings, once. What this file does not know, it refuses."""
import re
import secrets
import string

from errors import ApiError, invalid_parameter, missing_parameter

UNITS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
FLOWS = {"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH",
         "ALLOW_ADMIN_USER_PASSWORD_AUTH"}
GROUP_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")
USER_NAME = re.compile(r"[^\s\x00-\x1f\x7f]{1,128}")


def known(request, *names):
    for name in request:
        if name not in names:
            raise invalid_parameter(f"The local Cognito does not know {name}")


def needed(request, name):
    if not isinstance(request.get(name), str) or request[name] == "":
        raise missing_parameter(name)
    return request[name]


def find_pool(state, request):
    pool_id = needed(request, "UserPoolId")
    if pool_id != state.pool.id:
        raise ApiError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    return state.pool


def find_user(state, request):
    user = find_pool(state, request).find(needed(request, "Username"))
    if user is None:
        raise ApiError("UserNotFoundException", "User does not exist.")
    return user


def create_user_pool(state, request):
    known(request, "PoolName", "AdminCreateUserConfig", "AutoVerifiedAttributes", "MfaConfiguration", "Policies", "UsernameConfiguration",
          "DeletionProtection", "UserPoolTier", "AccountRecoverySetting")
    needed(request, "PoolName")
    if state.pool.clients or state.pool.users or state.pool_created:
        raise ApiError("LimitExceededException", "This account has reached the maximum number of user pools: 1")
    state.pool_created = True
    state.pool.set({"case_sensitive": request.get("UsernameConfiguration", {}).get("CaseSensitive", False),
                    "mfa": {"ON": "required", "OPTIONAL": "optional"}.get(request.get("MfaConfiguration"), "off")})
    return {"UserPool": {"Id": state.pool.id, "Name": request["PoolName"], "CreationDate": state.clock.now(), "EstimatedNumberOfUsers": 0,
                         "Arn": f"arn:aws:cognito-idp:{state.pool.region}:123456789012:userpool/{state.pool.id}"}}


def set_user_pool_mfa_config(state, request):
    known(request, "UserPoolId", "MfaConfiguration", "SoftwareTokenMfaConfiguration")
    pool, wanted = find_pool(state, request), request.get("MfaConfiguration", "OFF")
    if wanted != "OFF" and not request.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
        raise invalid_parameter("SMS configuration and SoftwareToken MFA configuration are not enabled")
    pool.set({"mfa": {"ON": "required", "OPTIONAL": "optional", "OFF": "off"}[wanted]})
    return {"MfaConfiguration": wanted, "SoftwareTokenMfaConfiguration": {"Enabled": wanted != "OFF"}}


def seconds(request, name, unit):
    units = request.get("TokenValidityUnits", {})
    return request[name + "Validity"] * UNITS[units.get(name, unit)] if name + "Validity" in request else None


def create_user_pool_client(state, request):
    known(request, "UserPoolId", "ClientName", "GenerateSecret", "ExplicitAuthFlows", "PreventUserExistenceErrors", "EnableTokenRevocation",
          "ReadAttributes", "WriteAttributes", "IdTokenValidity", "AccessTokenValidity", "RefreshTokenValidity", "TokenValidityUnits")
    pool, name, flows = find_pool(state, request), needed(request, "ClientName"), request.get("ExplicitAuthFlows", [])
    for flow in flows:
        if flow not in FLOWS:
            raise invalid_parameter(f"1 validation error detected: Value '[{flow}]' at 'explicitAuthFlows' failed to satisfy constraint")
    letters = string.ascii_lowercase + string.digits
    client = pool.set_client({"id": "".join(secrets.choice(letters) for _ in range(26)), "name": name, "flows": flows,
                              "secret": "".join(secrets.choice(letters) for _ in range(51)) if request.get("GenerateSecret") else None})
    validities = {"access_validity": seconds(request, "AccessToken", "hours"), "id_validity": seconds(request, "IdToken", "hours"),
                  "refresh_validity": seconds(request, "RefreshToken", "days")}
    pool.set({setting: value for setting, value in validities.items() if value is not None})
    pool.set({"prevent_user_existence_errors": request.get("PreventUserExistenceErrors") == "ENABLED"})
    return {"UserPoolClient": {**request, "ClientId": client.id, "CreationDate": state.clock.now(),
                               **({"ClientSecret": client.secret} if client.secret else {})}}


def create_group(state, request):
    known(request, "UserPoolId", "GroupName", "Description", "Precedence")
    pool, name = find_pool(state, request), needed(request, "GroupName")
    if not GROUP_NAME.fullmatch(name):
        raise invalid_parameter("1 validation error detected: Value at 'groupName' failed to satisfy constraint")
    if name in pool.group_names():
        raise ApiError("GroupExistsException", "A group with the name already exists.")
    pool.groups.add(name)
    return {"Group": {"GroupName": name, "UserPoolId": pool.id, "CreationDate": state.clock.now(), "LastModifiedDate": state.clock.now()}}


def temporary_password():
    """One of each kind that the policy wants, and more."""
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, "^$*.[]{}()?!@#%&/,><':;|_~")
    letters = [secrets.choice(kind) for kind in kinds] + [secrets.choice(string.ascii_letters) for _ in range(6)]
    secrets.SystemRandom().shuffle(letters)
    return "".join(letters)


def admin_create_user(state, request):
    known(request, "UserPoolId", "Username", "UserAttributes", "TemporaryPassword", "MessageAction", "DesiredDeliveryMediums")
    pool, name = find_pool(state, request), needed(request, "Username")
    if not USER_NAME.fullmatch(name):
        raise invalid_parameter("1 validation error detected: Value at 'username' failed to satisfy constraint")
    if pool.find(name) is not None:
        raise ApiError("UsernameExistsException", "User account already exists")
    attributes = {each["Name"]: each["Value"] for each in request.get("UserAttributes", [])}
    for mark in ("email_verified", "phone_number_verified"):
        if mark in attributes:
            attributes[mark] = attributes[mark].lower() == "true"
    password = request.get("TemporaryPassword") or temporary_password()
    user = pool.set_user({"username": name, "attributes": attributes, "status": "FORCE_CHANGE_PASSWORD"})
    try:
        pool.check_new_password(user, password)
    except ApiError:
        pool.set_user({"username": name, "deleted": True})
        raise
    user.set_password(password)
    if request.get("MessageAction") != "SUPPRESS" and "email" in attributes:
        state.outbox.send("EMAIL", user, attributes["email"], "INVITATION", password)
    return {"User": {"Username": user.username, "Enabled": True, "UserStatus": user.status, "UserCreateDate": state.clock.now(),
                     "UserLastModifiedDate": state.clock.now(),
                     "Attributes": [{"Name": "sub", "Value": user.sub},
                                    *({"Name": each, "Value": str(value).lower() if isinstance(value, bool) else value}
                                      for each, value in attributes.items())]}}


def admin_add_user_to_group(state, request):
    known(request, "UserPoolId", "Username", "GroupName")
    user, group = find_user(state, request), needed(request, "GroupName")
    if group not in state.pool.group_names():
        raise ApiError("ResourceNotFoundException", "Group not found.")
    if group not in user.groups:
        user.groups = [*user.groups, group]


def admin_remove_user_from_group(state, request):
    known(request, "UserPoolId", "Username", "GroupName")
    user, group = find_user(state, request), needed(request, "GroupName")
    user.groups = [each for each in user.groups if each != group]


def admin_disable_user(state, request):
    find_user(state, request).enabled = False
    return {}


def admin_enable_user(state, request):
    find_user(state, request).enabled = True
    return {}
