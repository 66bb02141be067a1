"""Judges certificates with the verifier of Python's cryptography (its own, written in Rust; not OpenSSL's).

Reads the questions of goverify as JSON and prints its answers: "" where the certificate is right for its purpose,
else what is wrong with it.
"""

import datetime
import functools
import ipaddress
import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import verification


# The rules of the web, but for one: the clients of Kubernetes are known by their subject and have no other names.
CLIENT_POLICY = verification.ExtensionPolicy.webpki_defaults_ee().may_be_present(
    x509.SubjectAlternativeName, verification.Criticality.AGNOSTIC, None
)
AUTHORITY_POLICY = verification.ExtensionPolicy.webpki_defaults_ca()


@functools.cache
def certificates(path):
    return x509.load_pem_x509_certificates(pathlib.Path(path).read_bytes())


@functools.cache
def key(path):
    return load_pem_private_key(pathlib.Path(path).read_bytes(), password=None)


def name(text):
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def judge(question):
    leaf, *intermediates = certificates(question["leaf"])
    if key(question["key"]).public_key() != leaf.public_key():
        raise ValueError("the key is another certificate's")
    builder = verification.PolicyBuilder().store(verification.Store(certificates(question["root"])))
    builder = builder.time(datetime.datetime.fromisoformat(question["time"]))
    if question["usage"] == "server":
        builder.build_server_verifier(name(question["name"])).verify(leaf, intermediates)
    else:
        builder = builder.extension_policies(ee_policy=CLIENT_POLICY, ca_policy=AUTHORITY_POLICY)
        builder.build_client_verifier().verify(leaf, intermediates)


def answer(question):
    try:
        judge(question)
    except (ValueError, verification.VerificationError) as error:
        return str(error) or type(error).__name__
    return ""


print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
