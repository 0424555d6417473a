#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""POST / with X-Amz-Target: which function answers which operation."""
import json

import account_api
import challenge
import create_api
import list_api
import response
import sign_in
from errors import ApiError

PREFIX = "AWSCognitoIdentityProviderService."
OPERATIONS = {
    "InitiateAuth": sign_in.initiate_auth,
    "RespondToAuthChallenge": challenge.respond_to_auth_challenge,
    "GetTokensFromRefreshToken": account_api.get_tokens_from_refresh_token,
    "RevokeToken": account_api.revoke_token,
    "GetUser": account_api.get_user,
    "GlobalSignOut": account_api.global_sign_out,
    "ChangePassword": account_api.change_password,
    "ForgotPassword": account_api.forgot_password,
    "ConfirmForgotPassword": account_api.confirm_forgot_password,
    "AssociateSoftwareToken": account_api.associate_software_token,
    "ConfirmDevice": account_api.confirm_device,
    "ForgetDevice": account_api.forget_device,
    "VerifySoftwareToken": account_api.verify_software_token,
}
# Those of administrators, which AWS signs for. Whose key it is does not matter here.
SIGNED = {
    "CreateUserPool": create_api.create_user_pool,
    "SetUserPoolMfaConfig": create_api.set_user_pool_mfa_config,
    "CreateUserPoolClient": create_api.create_user_pool_client,
    "CreateGroup": create_api.create_group,
    "AdminCreateUser": create_api.admin_create_user,
    "AdminAddUserToGroup": create_api.admin_add_user_to_group,
    "AdminRemoveUserFromGroup": create_api.admin_remove_user_from_group,
    "AdminDisableUser": create_api.admin_disable_user,
    "AdminEnableUser": create_api.admin_enable_user,
    "ListUsersInGroup": list_api.list_users_in_group,
    "ListUsers": list_api.list_users,
    "AdminGetUser": list_api.admin_get_user,
    "DescribeUserPoolClient": list_api.describe_user_pool_client,
}


def operation(request):
    target = request.headers.get("X-Amz-Target", "")
    return target.removeprefix(PREFIX) if target.startswith(PREFIX) else ""


def parse(request):
    if request.content_type() != response.API_TYPE:
        raise ApiError("UnknownOperationException", "", 404)
    try:
        value = json.loads(request.body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "Start of structure or map found where not "
                       "expected.")
    return value


def answer(state, request):
    name = operation(request)
    try:
        if name in SIGNED and not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            raise ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        function = OPERATIONS.get(name) or SIGNED.get(name)
        if function is None:
            raise ApiError("UnknownOperationException", "", 400)
        return response.api(function(state, parse(request)))
    except ApiError as error:
        return response.api_error(error)
