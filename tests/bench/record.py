#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""record.py STATE FOLDER: has the local Cognito answer one login of each kind, and leaves in FOLDER what
nginx repeats (web/), what peers send, and the module's configurations."""
import json
import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import harness  # noqa: E402
from control import Cognito  # noqa: E402

PORT = 8443
DOMAIN, API = "acme.auth.eu-west-1.amazoncognito.com", "cognito-idp.eu-west-1.amazonaws.com"
PASSWORD = "Battery-Staple-8!"
SERVICE = "AWSCognitoIdentityProviderService."
LASTS = 86400  # longer than any run


def ask(cognito, path, body, **headers):
    connection = cognito.connect()
    connection.request("POST" if body else "GET", path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    return text


def ask_api(cognito, operation, fields):
    return ask(cognito, "/", json.dumps(fields), Content_Type="application/x-amz-json-1.1", X_Amz_Target=SERVICE + operation)


def initiate(client, flow, **parameters):
    return {"AuthFlow": flow, "ClientId": client, "AuthParameters": {"USERNAME": "bob", **parameters}}


def respond(client, challenge):
    """As long as a real proof, which nobody checks here."""
    return {"ChallengeName": "PASSWORD_VERIFIER", "ClientId": client,
            "ChallengeResponses": {"USERNAME": "bob", "PASSWORD_CLAIM_SECRET_BLOCK": challenge["ChallengeParameters"]["SECRET_BLOCK"],
                                   "TIMESTAMP": "Thu Jan 1 00:00:00 UTC 2026", "PASSWORD_CLAIM_SIGNATURE": "c2lnbmF0dXJl" * 4}}


def raw(host, path, content_type, body, operation=None):
    """A whole request, for the client that knows no HTTP."""
    target = f"X-Amz-Target: {SERVICE}{operation}\r\n" if operation else ""
    return (f"POST {path} HTTP/1.1\r\nHost: {host}:{PORT}\r\nAccept: */*\r\nContent-Type: {content_type}\r\n{target}"
            f"Content-Length: {len(body)}\r\n\r\n{body}")


def main(state, folder):
    folder, cognito = pathlib.Path(folder), Cognito(state, start=False)
    cognito.pool(id_validity=LASTS, access_validity=LASTS)
    base = json.loads((pathlib.Path(state) / "config.json").read_text())
    plain = base["config"]["client_id"]
    cognito.client(plain, flows=["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    pool = json.loads((pathlib.Path(__file__).resolve().parent.parent / "cognito/pool.json").read_text())
    broker = next(client for client in pool["clients"] if client.get("ropc"))
    secret = {"client_secret": broker["secret"]} if broker.get("secret") else {}
    form = urllib.parse.urlencode({"grant_type": "password", "username": "bob", "password": PASSWORD, "client_id": broker["id"], **secret})
    keys = urllib.parse.urlsplit(base["config"]["certs_url"]).path
    first = initiate(plain, "USER_SRP_AUTH", SRP_A="5" + "a5" * 383)
    challenge = ask_api(cognito, "InitiateAuth", first)
    second = respond(plain, json.loads(challenge))
    tokens = ask_api(cognito, "InitiateAuth", initiate(plain, "USER_PASSWORD_AUTH", PASSWORD=PASSWORD))
    refresh = {"ClientId": plain, "RefreshToken": json.loads(tokens)["AuthenticationResult"]["RefreshToken"]}
    web = {"oauth2/token": ask(cognito, "/oauth2/token", form, Content_Type="application/x-www-form-urlencoded"),
           "InitiateAuth": challenge, "RespondToAuthChallenge": tokens,
           "GetTokensFromRefreshToken": ask_api(cognito, "GetTokensFromRefreshToken", refresh),
           keys[1:]: ask(cognito, keys, None)}
    for name, text in web.items():
        file = folder / "web" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text)
    sent = {"password": PASSWORD + "\n", "form": form, "first": json.dumps(first), "second": json.dumps(second),
            "form.raw": raw(DOMAIN, "/oauth2/token", "application/x-www-form-urlencoded", form),
            "first.raw": raw(API, "/", "application/x-amz-json-1.1", json.dumps(first), "InitiateAuth"),
            "second.raw": raw(API, "/", "application/x-amz-json-1.1", json.dumps(second), "RespondToAuthChallenge")}
    server = {"type": base["type"], "name": base["name"], "rules": [{"name": "all", "anyone": True}],
              "network": {"ca_file": str(pathlib.Path(state) / "ca.pem")}}
    endpoints = {"issuer": base["config"]["certs_url"].removesuffix("/.well-known/jwks.json")}
    config = {**base["config"], "certs_url": f"https://{API}:{PORT}{keys}"}
    sent["ropc.json"] = json.dumps({**server, "endpoints": endpoints, "login": {"password_method": "ropc"},
                                    "config": {**config, "client_id": broker["id"], "token_url": f"https://{DOMAIN}:{PORT}/oauth2/token", **secret}})
    sent["srp.json"] = json.dumps({**server, "endpoints": {**endpoints, "api_url": f"https://{API}:{PORT}/"}, "config": config})
    for name, text in sent.items():
        file = folder / name
        file.write_text(text)
        file.chmod(0o600)
        for kept in (harness.TEST / "cache").glob(harness.kept_name(str(file)) + "*"):
            kept.unlink()  # an earlier stage had other keys


if __name__ == "__main__":
    main(*sys.argv[1:])
