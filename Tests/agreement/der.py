"""DER (ITU-T X.690) as far as certificates need it, and certificates of which everything can be said wrongly."""

import base64
import textwrap

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# Constructed values, besides SEQUENCE and SET: the explicit tags of a certificate.
CONSTRUCTED = 0x20


def der(tag, *parts):
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def seq(*parts):
    return der(0x30, *parts)


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    octets = b""
    for arc in [first * 40 + second, *rest]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        octets += bytes(groups)
    return der(6, octets)


def text(tag, value):
    return der(tag, value.encode("latin-1"))


def ext(identifier, value, critical=False):
    return seq(oid(identifier), der(1, b"\xff") if critical else b"", der(4, value))


def attribute(identifier, value):
    return der(0x31, seq(oid(identifier), value))


def common_name(value, tag=0x0C):
    return seq(attribute("2.5.4.3", text(tag, value)))


def read(data):
    """The values that data consists of: pairs of a tag and a content, which is a list where the tag is of a constructed value."""
    values = []
    while data:
        tag, length, start = data[0], data[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(data[2:start], "big")
        content = data[start:start + length]
        values.append([tag, read(content) if tag & CONSTRUCTED else content])
        data = data[start + length:]
    return values


def write(values):
    return b"".join(der(tag, write(content) if isinstance(content, list) else content) for tag, content in values)


def nodes(values):
    """Every value, with the list that it is in and its place there."""
    for index, (_, content) in enumerate(values):
        yield values, index
        if isinstance(content, list):
            yield from nodes(content)


def pem(label, data):
    lines = textwrap.wrap(base64.b64encode(data).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


ECDSA = {"sha1": "1.2.840.10045.4.1", "sha224": "1.2.840.10045.4.3.1", "sha256": "1.2.840.10045.4.3.2",
         "sha384": "1.2.840.10045.4.3.3", "sha512": "1.2.840.10045.4.3.4", "sha3-256": "2.16.840.1.101.3.4.3.10"}
RSA = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5", "sha224": "1.2.840.113549.1.1.14",
       "sha256": "1.2.840.113549.1.1.11", "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}
HASHES = {"md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256,
          "sha384": hashes.SHA384, "sha512": hashes.SHA512, "sha3-256": hashes.SHA3_256}


class Certificate:
    """The fields of a certificate in DER, RFC 5280 section 4.1, and who signs it."""

    def __init__(self, good, signer):
        """The fields of a good certificate in DER."""
        [[_, [[_, body], _, _]]] = read(good)
        fields = [write([value]) for value in body]
        self.version, self.serial, _, self.issuer = fields[:4]
        self.not_before, self.not_after = (write([value]) for value in body[4][1])
        self.subject, self.key = fields[5:7]
        self.unique = b""
        self.extensions = [write([value]) for value in body[7][1][0][1]]
        self.signer, self.hash, self.algorithm, self.outer = signer, "sha256", None, None
        self.finish = lambda encoded: encoded

    def set(self, identifier, value, critical=False):
        """Replaces an extension or adds it."""
        self.drop(identifier)
        self.extensions.append(ext(identifier, value, critical))

    def drop(self, identifier):
        self.extensions = [one for one in self.extensions if oid(identifier) not in one[:16]]

    def get(self, identifier):
        """The value of an extension, or None."""
        return next((read(one)[0][1][-1][1] for one in self.extensions if oid(identifier) in one[:16]), None)

    def public(self, key):
        self.key = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def own_algorithm(self):
        if self.algorithm:
            return self.algorithm
        match self.signer:
            case rsa.RSAPrivateKey():
                return seq(oid(RSA[self.hash]), b"\x05\x00")
            case ec.EllipticCurvePrivateKey():
                return seq(oid(ECDSA[self.hash]))
        return seq(oid("1.3.101.112"))

    def body(self):
        extensions = b"" if self.extensions is None else der(0xA3, seq(*self.extensions))
        return seq(self.version, self.serial, self.own_algorithm(), self.issuer, seq(self.not_before, self.not_after),
                   self.subject, self.key, self.unique, extensions)

    def signed(self, body=None):
        """The certificate in DER, of another body where one is given."""
        body = body or self.body()
        algorithm = HASHES[self.hash]()
        match self.signer:
            case rsa.RSAPrivateKey():
                signature = self.signer.sign(body, padding.PKCS1v15(), algorithm)
            case ec.EllipticCurvePrivateKey():
                signature = self.signer.sign(body, ec.ECDSA(algorithm))
            case _:
                signature = self.signer.sign(body)
        return self.finish(seq(body, self.outer or self.own_algorithm(), der(3, b"\0", signature)))
