#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Refusals, in the words Cognito uses. Anything may raise them; serve.py answers with them."""


class ApiError(Exception):
    """An error of the cognito-idp API."""

    def __init__(self, kind, message, status=400):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.status = status


class OAuthError(Exception):
    """An error of the /oauth2 endpoints."""

    def __init__(self, error, description=None, status=400):
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


def not_authorized(message="Incorrect username or password."):
    return ApiError("NotAuthorizedException", message)


def invalid_parameter(message):
    return ApiError("InvalidParameterException", message)


def missing_parameter(name):
    return invalid_parameter(f"Missing required parameter {name}")


def code_mismatch(message="Invalid code or auth state for the user."):
    return ApiError("CodeMismatchException", message)


def user_not_found():
    return ApiError("UserNotFoundException", "User does not exist.")
