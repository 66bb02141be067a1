"""What can be odd about the key of a leaf or a CA, and about the text that it is written in: by the name of the oddity."""

import functools

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat)

from der import der, integer, oid, pem, read, seq, text, write

P256 = oid("1.2.840.10045.3.1.7")
EC = oid("1.2.840.10045.2.1")


@functools.cache
def made(kind, *arguments):
    """A key, which is the same in one run, as some take their time."""
    return kind(*arguments)


def curve(kind):
    return lambda: made(ec.generate_private_key, kind())


def rsa_key(bits, exponent=65537):
    return lambda: made(rsa.generate_private_key, exponent, bits)


KINDS = {
    "P-224": curve(ec.SECP224R1), "P-256": curve(ec.SECP256R1), "P-384": curve(ec.SECP384R1), "P-521": curve(ec.SECP521R1), "P-192": curve(ec.SECP192R1),
    "secp256k1": curve(ec.SECP256K1), "brainpool": curve(ec.BrainpoolP256R1), "RSA 1024": rsa_key(1024), "RSA 1536": rsa_key(1536), "RSA 2048": rsa_key(2048),
    "RSA 2049": rsa_key(2049), "RSA 3072": rsa_key(3072), "RSA 2048, exponent 3": rsa_key(2048, 3), "Ed25519": lambda: made(ed25519.Ed25519PrivateKey.generate),
}
# Keys that can be in a certificate, and sign none.
ODD_KINDS = {"Ed448": lambda: made(ed448.Ed448PrivateKey.generate), "X25519": lambda: made(x25519.X25519PrivateKey.generate),
             "DSA": lambda: made(dsa.generate_private_key, 1024)}


def kind(make):
    def change(scene):
        scene.leaf_key = make()
        scene.leaf.public(scene.leaf_key)
    return change


def ca_kind(make):
    def change(scene):
        scene.ca_key = scene.ca.signer = scene.leaf.signer = make()
        scene.ca.public(scene.ca_key)
        scene.is_rekeyed = True
        for certificate in (scene.ca, scene.leaf):
            certificate.drop("2.5.29.14" if certificate is scene.ca else "2.5.29.35")
    return change


def public(change):
    """Another writing of the leaf's public key."""
    def make(scene):
        scene.leaf.key = change(read(scene.leaf.key)[0][1])
    return make


def point(change):
    return public(lambda info: seq(write(info[:1]), der(3, b"\0", change(info[1][1][1:]))))


def of_rsa(change):
    """Another writing of an RSA key in the certificate: of its parameters and its numbers."""
    def make(scene):
        kind(rsa_key(2048))(scene)
        numbers = scene.leaf_key.public_key().public_numbers()
        parameters, modulus, exponent = change(b"\x05\x00", numbers.n, numbers.e)
        scene.leaf.key = seq(seq(oid("1.2.840.113549.1.1.1"), parameters), der(3, b"\0", seq(integer(modulus), integer(exponent))))
    return make


def compressed(octets):
    return bytes([2 + octets[-1] % 2]) + octets[1:1 + len(octets) // 2]


KEYS = {f"a key of {name}": kind(make) for name, make in (KINDS | ODD_KINDS).items()} | {
    "a point in short form": point(compressed), "a point that is on no curve": point(lambda octets: octets[:-1] + bytes([octets[-1] ^ 1])),
    "a point of zeros": point(lambda octets: b"\4" + bytes(64)), "a point at infinity": point(lambda octets: b"\0"), "a point in hybrid form": point(
        lambda octets: bytes([6 + octets[-1] % 2]) + octets[1:]), "no curve": public(lambda info: seq(seq(EC), write(info[1:]))),
    "NULL as curve": public(lambda info: seq(seq(EC, b"\5\0"), write(info[1:]))), "an unknown kind": public(lambda info: seq(seq(oid("1.2.3")), write(info[1:]))),
    "ECDH as kind": public(lambda info: seq(seq(oid("1.3.132.1.12"), P256), write(info[1:]))), "an octet after the key": public(lambda info: seq(write(info), b"\5\0")),
    "RSA without NULL": of_rsa(lambda null, n, e: (b"", n, e)), "RSA with parameters": of_rsa(lambda null, n, e: (seq(), n, e)),
    "RSA with exponent 1": of_rsa(lambda null, n, e: (null, n, 1)), "RSA with an even exponent": of_rsa(lambda null, n, e: (null, n, 65536)),
    "RSA with exponent 0": of_rsa(lambda null, n, e: (null, n, 0)), "RSA with a negative exponent": of_rsa(lambda null, n, e: (null, n, -e)),
    "RSA with an exponent of 40 bits": of_rsa(lambda null, n, e: (null, n, (1 << 40) + 1)), "RSA with an exponent of 80 bits": of_rsa(
        lambda null, n, e: (null, n, (1 << 80) + 1)), "RSA with a negative modulus": of_rsa(lambda null, n, e: (null, -n, e)),
    "RSA with an even modulus": of_rsa(lambda null, n, e: (null, n + 1, e)), "RSA with another modulus": of_rsa(lambda null, n, e: (null, n + 2, e)),
}


def form(write_key, make=None):
    """Another text for the leaf's key."""
    def change(scene):
        if make:
            kind(make)(scene)
        scene.key_text = write_key(scene.leaf_key)
    return change


def standard(encoding, form_, encryption=None):
    return lambda key: key.private_bytes(encoding, form_, encryption or NoEncryption())


SEC1, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


def sec1(change, label="EC PRIVATE KEY"):
    """SEC 1's ECPrivateKey, of which the fields are changed: version, scalar, curve, point."""
    def write_key(key):
        scalar = key.private_numbers().private_value.to_bytes(32, "big")
        octets = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        fields = [integer(1), der(4, scalar), der(0xA0, P256), der(0xA1, der(3, b"\0", octets))]
        return pem(label, seq(*change(fields, scalar)))
    return write_key


def pkcs8(change, inner=False):
    def write_key(key):
        fields = read(standard(Encoding.DER, PKCS8)(key))[0][1]
        return pem("PRIVATE KEY", change(fields))
    return write_key


def rsa_numbers(change, label="RSA PRIVATE KEY"):
    """RFC 8017's RSAPrivateKey, of which the numbers are changed: n, e, d, p, q, dp, dq, qInv."""
    def write_key(key):
        private = key.private_numbers()
        numbers = [private.public_numbers.n, private.public_numbers.e, private.d, private.p, private.q, private.dmp1, private.dmq1, private.iqmp]
        return pem(label, seq(integer(0), *map(integer, change(numbers))))
    return form(write_key, rsa_key(2048))


def at(index, change):
    return lambda numbers: [*numbers[:index], change(numbers[index]), *numbers[index + 1:]]


ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
FORMS = {
    "SEC 1": form(standard(Encoding.PEM, SEC1)), "PKCS #1": form(standard(Encoding.PEM, SEC1), rsa_key(2048)), "PKCS #8, RSA": form(standard(Encoding.PEM, PKCS8), rsa_key(2048)),
    "PKCS #8, Ed25519": form(standard(Encoding.PEM, PKCS8), KINDS["Ed25519"]), "in DER": form(standard(Encoding.DER, PKCS8)),
    "encrypted": form(standard(Encoding.PEM, PKCS8, BestAvailableEncryption(b"x"))), "encrypted as of old": form(standard(Encoding.PEM, SEC1, BestAvailableEncryption(b"x"))),
    "of OpenSSH": form(standard(Encoding.PEM, PrivateFormat.OpenSSH)), "another key": form(lambda key: standard(Encoding.PEM, SEC1)(made(ec.generate_private_key, ec.SECP256R1()))),
    "another kind of key": form(lambda key: standard(Encoding.PEM, SEC1)(rsa_key(2048)())), "the public key": form(
        lambda key: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "no point": form(sec1(lambda fields, _: fields[:3])), "no curve in the key": form(sec1(lambda fields, _: [fields[0], fields[1], fields[3]])),
    "a version 2": form(sec1(lambda fields, _: [integer(2), *fields[1:]])), "a scalar of zero": form(sec1(lambda fields, _: [fields[0], der(4, bytes(32)), fields[2]])),
    "a scalar over the order": form(sec1(lambda fields, scalar: [fields[0], der(4, (ORDER + 5).to_bytes(32, "big")), fields[2]])),
    "a scalar of 33 octets": form(sec1(lambda fields, scalar: [fields[0], der(4, b"\0", scalar), *fields[2:]])),
    "a scalar of 33 octets, not zero": form(sec1(lambda fields, scalar: [fields[0], der(4, b"\1", scalar), *fields[2:]])),
    "a scalar of 31 octets": form(sec1(lambda fields, scalar: [fields[0], der(4, scalar[1:]), *fields[2:]])),
    "another's point": form(sec1(lambda fields, _: [*fields[:3], der(0xA1, der(3, b"\0\4", bytes(64)))])), "the curve P-384": form(
        sec1(lambda fields, _: [*fields[:2], der(0xA0, oid("1.3.132.0.34")), fields[3]])), "explicit parameters": form(
        sec1(lambda fields, _: [*fields[:2], der(0xA0, seq(integer(1))), fields[3]])), "the label PRIVATE KEY": form(sec1(lambda fields, _: fields, "PRIVATE KEY")),
    "the label RSA PRIVATE KEY": form(sec1(lambda fields, _: fields, "RSA PRIVATE KEY")), "PKCS #8 labelled RSA": form(
        lambda key: standard(Encoding.PEM, PKCS8)(key).replace(b" PRIVATE", b" RSA PRIVATE")), "PKCS #8 labelled X": form(
        lambda key: standard(Encoding.PEM, PKCS8)(key).replace(b" PRIVATE", b" X PRIVATE")), "the label ANY PRIVATE KEY": form(
        lambda key: standard(Encoding.PEM, SEC1)(key).replace(b"EC PRIVATE", b"ANY PRIVATE")),
    "PKCS #8, version 1": form(pkcs8(lambda fields: seq(integer(1), write(fields[1:])))), "PKCS #8, version 7": form(pkcs8(lambda fields: seq(integer(7), write(fields[1:])))),
    "PKCS #8 with attributes": form(pkcs8(lambda fields: seq(write(fields), der(0xA0, seq(oid("1.2.3"), der(0x31, text(0x0C, "a"))))))),
    "PKCS #8 without a curve": form(pkcs8(lambda fields: seq(write(fields[:1]), seq(EC), write(fields[2:])))), "PKCS #8 of another kind": form(
        pkcs8(lambda fields: seq(write(fields[:1]), seq(oid("1.2.3")), write(fields[2:])))), "PKCS #8 with an octet after": form(pkcs8(lambda fields: seq(write(fields)) + b"\0")),
    "RSA, an octet after": rsa_numbers(lambda numbers: numbers + [1]), "RSA as PRIVATE KEY": rsa_numbers(lambda numbers: numbers, "PRIVATE KEY"),
    "RSA, another d": rsa_numbers(at(2, lambda d: d + 2)), "RSA, another p": rsa_numbers(at(3, lambda p: p + 2)), "RSA, another dp": rsa_numbers(at(5, lambda d: d + 2)),
    "RSA, another dq": rsa_numbers(at(6, lambda d: d + 2)), "RSA, another qInv": rsa_numbers(at(7, lambda q: q + 1)), "RSA, another e": rsa_numbers(at(1, lambda e: 3)),
    "RSA, primes swapped": rsa_numbers(lambda numbers: [*numbers[:3], numbers[4], numbers[3], *numbers[5:]]), "RSA, all swapped": rsa_numbers(
        lambda numbers: [*numbers[:3], numbers[4], numbers[3], numbers[6], numbers[5], pow(numbers[3], -1, numbers[4])]),
    "RSA, d negative": rsa_numbers(at(2, lambda d: -d)), "RSA, p and q of 1": rsa_numbers(lambda numbers: [*numbers[:3], 1, numbers[0], *numbers[5:]]),
    "RSA, d and more": rsa_numbers(lambda numbers: at(2, lambda d: d + (numbers[3] - 1) * (numbers[4] - 1))(numbers)), "RSA, dp of zero": rsa_numbers(at(5, lambda d: 0)),
    "RSA, no primes": rsa_numbers(lambda numbers: [*numbers[:3], 0, 0, 0, 0, 0]),
}
CA_KEYS = {f"a CA of {name}": ca_kind(make) for name, make in KINDS.items() if name not in ("P-192",)}
