#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A certificate authority for one test run, and the server certificate it signs.

Elliptic keys because they cost nothing to make; the signing keys of the tokens are RSA and
live in tokens.py.
"""
import datetime
import ipaddress
import pathlib
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "cognito-idp.eu-west-1.amazonaws.com",
         "issuer-cognito-idp.eu-west-1.amazonaws.com",
         "acme.auth.eu-west-1.amazoncognito.com")


def pem_key(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def write_private(path, data):
    path.touch(mode=0o600)
    path.write_bytes(data)


def builder(subject, issuer, public_key, days, begins=-1):
    # Back-dated by a day, so that tests may set clocks back a little.
    start = datetime.datetime.utcnow() + datetime.timedelta(days=begins)
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(public_key).serial_number(x509.random_serial_number())
            .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False))


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def key_usage(**allowed):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
             "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: allowed.get(name, False) for name in names})


def make_authority(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = common_name("Local Cognito test authority")
    certificate = (builder(name, name, key.public_key(), 3650)
                   .add_extension(x509.BasicConstraints(True, 0), True)
                   .add_extension(key_usage(key_cert_sign=True, crl_sign=True), True)
                   .sign(key, hashes.SHA256()))
    write_private(folder / "ca.key", pem_key(key))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    subject_hash = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", str(folder / "ca.pem")],
        check=True, capture_output=True, text=True).stdout.strip()
    (folder / "ca.hash").write_text(subject_hash)


def alternative_names(names):
    result = []
    for name in dict.fromkeys((*NAMES, "127.0.0.1", *names)):
        try:
            result.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            result.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(result)


def make_server(authority, state, names, days=800, begins=-1):
    """Writes state/server.pem: certificate and key in one file, as ssl.load_cert_chain likes it."""
    issuer_key = serialization.load_pem_private_key((authority / "ca.key").read_bytes(), None)
    issuer = x509.load_pem_x509_certificate((authority / "ca.pem").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (builder(common_name("localhost"), issuer.subject, key.public_key(), days, begins)
                   .add_extension(x509.BasicConstraints(False, None), True)
                   .add_extension(key_usage(digital_signature=True), True)
                   .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                       issuer.public_key()), False)
                   .add_extension(alternative_names(names), False)
                   .sign(issuer_key, hashes.SHA256()))
    write_private(state / "server.pem",
                  certificate.public_bytes(serialization.Encoding.PEM) + pem_key(key))


def prepare(state, keys, names):
    """The authority comes from `keys` (made there at need); `state` gets what clients trust."""
    state, keys = pathlib.Path(state), pathlib.Path(keys)
    if not (keys / "ca.hash").exists():
        make_authority(keys)
    pem = (keys / "ca.pem").read_bytes()
    (state / "ca.pem").write_bytes(pem)
    trusted = state / "ca" / ((keys / "ca.hash").read_text() + ".0")
    trusted.parent.mkdir(exist_ok=True)
    trusted.write_bytes(pem)
    # Whatever the umask: these are for everybody.
    trusted.parent.chmod(0o755)
    trusted.chmod(0o644)
    make_server(keys, state, names)
    return state / "server.pem"
