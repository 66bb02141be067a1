"""Reads requests for certificates with Python's cryptography, and prints what they say as a JSON list.

Usage: pyrequest.py FILE... A request of which something cannot be read ends the program.
"""

import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa


def key_name(key):
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}"
    return {"secp256r1": "ecdsa-p256", "secp384r1": "ecdsa-p384"}[key.curve.name] if isinstance(
        key, ec.EllipticCurvePublicKey) else type(key).__name__


def usages(extension):
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign"]
    return [name for name in names if getattr(extension, name)]


def value(extension):
    content = extension.value
    if isinstance(content, x509.KeyUsage):
        return usages(content)
    if isinstance(content, x509.ExtendedKeyUsage):
        return [purpose._name for purpose in content]
    if isinstance(content, x509.BasicConstraints):
        return ["CA:TRUE" if content.ca else "CA:FALSE"]
    return [f"{type(name).__name__}:{name.value}" for name in content]


def description(path):
    request = x509.load_pem_x509_csr(pathlib.Path(path).read_bytes())
    return {
        "subject": [[attribute.rfc4514_attribute_name, attribute.value] for attribute in request.subject],
        "key": key_name(request.public_key()),
        "hash": request.signature_hash_algorithm.name,
        "valid": request.is_signature_valid,
        "extensions": {
            extension.oid._name: [*(["critical"] if extension.critical else []), *value(extension)]
            for extension in request.extensions
        },
    }


print(json.dumps([description(path) for path in sys.argv[1:]]))
