"""Judges whether one certificate is the successor of another: the same but for its key, its lifetime and its serial number.

Reads questions as JSON: the files of the old certificate, of the new one and of its issuer. Prints as JSON what is wrong
with each: "" where nothing is.
"""

import datetime
import functools
import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

IDENTIFIERS = {x509.SubjectKeyIdentifier.oid, x509.AuthorityKeyIdentifier.oid}
SPAN = datetime.timedelta(days=365, minutes=5)


@functools.cache
def certificates(path):
    return x509.load_pem_x509_certificates(pathlib.Path(path).read_bytes())


def extensions(certificate):
    return [
        (each.oid.dotted_string, each.critical, each.value.public_bytes())
        for each in certificate.extensions if each.oid not in IDENTIFIERS
    ]


def kind(key):
    return type(key).__name__, key.key_size, getattr(getattr(key, "curve", None), "name", None)


def spki(certificate):
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key_identifier(certificate, extension, field):
    try:
        return getattr(certificate.extensions.get_extension_for_class(extension).value, field)
    except x509.ExtensionNotFound:
        return None


def faults(question):
    old, *old_chain = certificates(question["old"])
    new, *new_chain = certificates(question["new"])
    issuer = certificates(question["issuer"])[0]
    new.verify_directly_issued_by(issuer)
    checks = {
        "subject": new.subject.public_bytes() == old.subject.public_bytes(),
        "issuer": new.issuer.public_bytes() == issuer.subject.public_bytes(),
        "extensions": extensions(new) == extensions(old),
        "chain": new_chain == old_chain,
        "kind of key": kind(new.public_key()) == kind(old.public_key()),
        "key": (spki(new) == spki(old)) == question["keepsKey"],
        "version": new.version == x509.Version.v3,
        "signature algorithm": new.signature_algorithm_oid == old.signature_algorithm_oid,
        "serial number": new.serial_number != old.serial_number and 0 < new.serial_number < 2**159,
        "lifetime": new.not_valid_after_utc - new.not_valid_before_utc == SPAN
        and new.not_valid_after_utc >= old.not_valid_after_utc,
        "authority key identifier": key_identifier(new, x509.AuthorityKeyIdentifier, "key_identifier")
        == key_identifier(issuer, x509.SubjectKeyIdentifier, "digest"),
    }
    return ", ".join(name for name, is_right in checks.items() if not is_right)


def answer(question):
    try:
        return faults(question)
    except Exception as error:  # Whatever it is, it is the answer.
        return str(error) or type(error).__name__


print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
