#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the tests of the local Cognito share: one running server, and HTTP as it is on the wire."""
import base64
import http.client
import json
import unittest
import urllib.parse

from control import Cognito

POOL_ID = "eu-west-1_Local0001"
JWKS_PATH = f"/{POOL_ID}/.well-known/jwks.json"
TARGET = "AWSCognitoIdentityProviderService."
SECRET = "local0secret0of0the0confidential0client0000000000001"


def claims_of(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def basic(name, secret):
    word = base64.b64encode(f"{name}:{secret}".encode()).decode()
    return {"Authorization": "Basic " + word}


class Wire(unittest.TestCase):
    """Over TLS, by a client that knows nothing but HTTP."""

    @classmethod
    def setUpClass(cls):
        cls.cognito = Cognito(arguments=["--name", "extra.example"])
        cls.addClassCleanup(cls.cognito.stop)

    def setUp(self):
        self.cognito.reset()

    def http(self, method, path, body=None, headers=None, timeout=60):
        link = http.client.HTTPSConnection("127.0.0.1", self.cognito.port, timeout=timeout,
                                           context=self.cognito.context())
        try:
            link.request(method, path, body, headers or {})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            link.close()

    def api(self, operation, body):
        status, headers, body = self.http("POST", "/", json.dumps(body), {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET + operation})
        return status, headers, json.loads(body)

    def form(self, path, headers=None, **fields):
        status, headers, body = self.http("POST", path, urllib.parse.urlencode(fields), {
            "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
        return status, headers, json.loads(body) if body else None

    def sign_in(self, username="bob", password="Battery-Staple-8!", client="localpassword"):
        return self.api("InitiateAuth", {
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client,
            "AuthParameters": {"USERNAME": username, "PASSWORD": password}})

    def tokens(self, **arguments):
        return self.sign_in(**arguments)[2]["AuthenticationResult"]

    def respond(self, name, session, **responses):
        return self.api("RespondToAuthChallenge", {
            "ChallengeName": name, "ClientId": "localpassword", "Session": session,
            "ChallengeResponses": {"USERNAME": "alice", **responses}})
