#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Signing keys, their JWKS, and tokens as Cognito writes them.

Two RSA keys: one signs ID tokens, the other access tokens. JSON escapes slashes, headers
carry no "typ", groups are absent rather than empty.
"""
import base64
import hashlib
import json
import secrets
import uuid

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

API_SCOPE = "aws.cognito.signin.user.admin"
REFRESH_HEADER = b'{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}'


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(value):
    # A slash occurs only inside strings, so the escape can be put in afterwards.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("/", "\\/")
    return base64url(text.encode())


class SigningKey:
    def __init__(self, private):
        self.private = private
        self.numbers = private.public_key().public_numbers()
        der = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.kid = base64.b64encode(hashlib.sha256(der).digest()).decode()

    def jwk(self):
        modulus = self.numbers.n.to_bytes(self.numbers.n.bit_length() // 8, "big")
        exponent = self.numbers.e.to_bytes(3, "big")
        return {"alg": "RS256", "e": base64url(exponent), "kid": self.kid, "kty": "RSA",
                "n": base64url(modulus), "use": "sig"}

    def header(self):
        return {"kid": self.kid, "alg": "RS256"}

    def sign(self, header, claims):
        return self.sign_text(encode(header), encode(claims))

    def sign_text(self, header, claims):
        """Signs two parts that are encoded already."""
        text = header + "." + claims
        mark = self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return text + "." + base64url(mark)

    def claims(self, token):
        """The claims of a token that this key signed, or None."""
        try:
            text, mark = token.rsplit(".", 1)
            self.private.public_key().verify(unbase64url(mark), text.encode(),
                                             padding.PKCS1v15(), hashes.SHA256())
            return json.loads(unbase64url(text.split(".")[1]))
        except (ValueError, InvalidSignature):
            return None


def load_or_make_key(path):
    if path is not None and path.exists():
        return SigningKey(serialization.load_pem_private_key(path.read_bytes(), None))
    private = rsa.generate_private_key(65537, 2048)
    if path is not None:
        path.touch(mode=0o600)
        path.write_bytes(private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
    return SigningKey(private)


class Keys:
    """The pool's two keys. rotate() replaces both; the old ones leave the JWKS at once."""

    def __init__(self, folder):
        self.first = {use: load_or_make_key(folder / f"{use}-token.pem")
                      for use in ("id", "access")}
        self.current = dict(self.first)

    def rotate(self):
        self.current = {use: load_or_make_key(None) for use in self.current}

    def reset(self):
        self.current = dict(self.first)

    def jwks(self):
        return {"keys": [self.current["id"].jwk(), self.current["access"].jwk()]}


class Minter:
    """Makes the tokens of one pool. `twist`, if set, is a fault of behaviour.py: it gets
    (use, header, claims, key) and returns the token."""

    def __init__(self, keys):
        self.keys = keys
        self.twist = None

    def token(self, use, claims):
        key = self.keys.current[use]
        if self.twist:
            return self.twist(use, key.header(), claims, key)  # pylint: disable=not-callable
        return key.sign(key.header(), claims)

    def pair(self, pool, login, now):
        """(ID token, access token) for a login; its source decides what Cognito puts in."""
        access = self.token("access", access_claims(pool, login, now))
        claims = id_claims(pool, login, now)
        if login.source == "oauth":
            claims["at_hash"] = base64url(hashlib.sha256(access.encode()).digest()[:16])
        return self.token("id", claims), access

    def read_access(self, token):
        return self.keys.current["access"].claims(token)


def common_claims(pool, login, use, now, validity):
    claims = {"sub": login.user.sub, "iss": pool.issuer, "origin_jti": login.origin_jti,
              "event_id": login.event_id, "token_use": use, "auth_time": login.auth_time,
              "exp": int(now) + validity, "iat": int(now), "jti": str(uuid.uuid4())}
    if login.user.groups:
        claims["cognito:groups"] = list(login.user.groups)
    if pool.acr:
        level, claims["amr"] = assurance(login.factors)
        claims["acr"] = pool.acr_names.get(level, level)
        if not pool.acr_tells_amr:
            del claims["amr"]
    return claims


def assurance(factors):
    """acr and amr as the step-up page tabulates them."""
    names = [factor for factor in ("pwd", "otp", "sms", "email_otp") if factor in factors]
    if len(names) < 2:
        return "urn:cognito:loa:" + ("1" if names == ["pwd"] else "2"), names
    return "urn:cognito:loa:" + ("4" if "otp" in names else "3"), names + ["mfa"]


def id_claims(pool, login, now):
    claims = common_claims(pool, login, "id", now, pool.id_validity)
    claims["aud"] = login.client.id
    claims["cognito:username"] = login.user.username
    if login.nonce is not None:
        claims["nonce"] = login.nonce
    for name, value in login.user.attributes.items():
        claims[name] = value
    return claims


def access_claims(pool, login, now):
    claims = common_claims(pool, login, "access", now, pool.access_validity)
    claims["client_id"] = login.client.id
    claims["username"] = login.user.username
    claims["scope"] = login.scope
    if login.source == "oauth":
        claims["version"] = 2
    return claims


def new_refresh_token():
    """Opaque, shaped like the JWE it is on the real service, about 1.8 kB."""
    parts = [base64url(REFRESH_HEADER)]
    parts += [base64url(secrets.token_bytes(size)) for size in (256, 12, 1024, 16)]
    return ".".join(parts)
