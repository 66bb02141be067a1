"""Judges service-account tokens as kube-apiserver does: signs one with a private key, verifies it with a file of keys.

Reads questions as JSON: the file of the key that signs, and that of the keys that verify. Prints as JSON what is wrong with
each token: "" where it is accepted. The key that verifies is known by its name, the base64url of the SHA-256 of its
SubjectPublicKeyInfo: pkg/serviceaccount/jwt.go in Kubernetes 1.36.
"""

import base64
import hashlib
import json
import pathlib
import re
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat, load_pem_private_key, load_pem_public_key)

# RFC 7518, 3.4: the hash and the octets of each number, by the size of the curve.
CURVES = {256: (hashes.SHA256(), 32, "ES256"), 384: (hashes.SHA384(), 48, "ES384")}


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def decoded(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def name(key):
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded(hashlib.sha256(spki).digest()).decode()


def signed(key):
    is_elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
    header = {"alg": CURVES[key.key_size][2] if is_elliptic else "RS256", "kid": name(key.public_key())}
    claims = {"sub": "system:serviceaccount:default:default"}
    text = b".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    if not is_elliptic:
        return text + b"." + encoded(key.sign(text, padding.PKCS1v15(), hashes.SHA256()))
    digest, length, _ = CURVES[key.key_size]
    numbers = utils.decode_dss_signature(key.sign(text, ec.ECDSA(digest)))
    return text + b"." + encoded(b"".join(number.to_bytes(length, "big") for number in numbers))


def verify(token, keys):
    text, signature = token.rsplit(b".", 1)
    header, signature = json.loads(decoded(text.split(b".")[0])), decoded(signature)
    known = [key for key in keys if name(key) == header["kid"]]
    if not known:
        raise ValueError("no key of that name")
    if isinstance(known[0], ec.EllipticCurvePublicKey):
        digest, length, _ = CURVES[known[0].key_size]
        numbers = [int.from_bytes(part, "big") for part in (signature[:length], signature[length:])]
        known[0].verify(utils.encode_dss_signature(*numbers), text, ec.ECDSA(digest))
    else:
        known[0].verify(signature, text, padding.PKCS1v15(), hashes.SHA256())


def answer(question):
    key = load_pem_private_key(pathlib.Path(question["key"]).read_bytes(), None)
    blocks = re.findall(
        rb"-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", pathlib.Path(question["keys"]).read_bytes(), re.S)
    try:
        verify(signed(key), [load_pem_public_key(block) for block in blocks])
    except (ValueError, InvalidSignature) as error:
        return str(error) or type(error).__name__
    return ""


print(json.dumps([answer(question) for question in json.load(sys.stdin)]))
