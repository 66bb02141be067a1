"""Writes requests that nobody should sign, each put together byte by byte and signed with its own key.

Usage: hostile.py DIRECTORY. Writes NAME.csr for each, and prints a JSON object: the code of the denial by NAME; "" where
the request is sound, which shows that it is the edit that is refused; "unreadable" where it is no request any more.
"""

import base64
import json
import pathlib
import subprocess
import sys

DIRECTORY = pathlib.Path(sys.argv[1])


# DER, ITU-T X.690.

def tlv(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts):
    return tlv(0x30, *parts)


def set_of(*parts):
    return tlv(0x31, *parts)


def octets(content):
    return tlv(0x04, content)


def bits(content, unused=0):
    return tlv(0x03, bytes([unused]), content)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def boolean(value):
    return tlv(0x01, b"\xff" if value else b"\x00")


def oid(dotted):
    arcs = [int(arc) for arc in dotted.split(".")]
    content = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        groups = [arc & 0x7f]
        while arc := arc >> 7:
            groups.append(arc & 0x7f | 0x80)
        content += bytes(reversed(groups))
    return tlv(0x06, content)


def utf8(text):
    return tlv(0x0C, text.encode())


# Names, RFC 5280 4.1.2.4; extensions, 4.2.

def attribute(type_, value):
    return sequence(oid(type_), value if isinstance(value, bytes) else utf8(value))


def name(*attributes):
    return sequence(*[set_of(attribute(*item)) for item in attributes])


CN, O, C, OU, UID = "2.5.4.3", "2.5.4.10", "2.5.4.6", "2.5.4.11", "1.3.6.1.4.1.57683.2"
JANE = name((CN, "jane"))


def extension(type_, value, critical=False):
    return sequence(oid(type_), *([boolean(True)] if critical else []), octets(value))


def names(*general_names):
    return extension("2.5.29.17", sequence(*general_names))


def dns(text):
    return tlv(0x82, text if isinstance(text, bytes) else text.encode())


def address(*content):
    return tlv(0x87, bytes(content))


CLIENT = extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.2")))
SOUND = [CLIENT, names(dns("a.example.com"))]


def extension_request(*extensions, type_="1.2.840.113549.1.9.14"):
    return sequence(oid(type_), set_of(sequence(*extensions)))


# Keys and signatures, by openssl.

def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


KEYS = {}


def key(kind):
    if kind not in KEYS:
        path = DIRECTORY / f"{kind.replace(':', '-')}.key"
        algorithm, _, size = kind.partition(":")
        options = {
            "rsa": ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{size}"],
            "ec": ["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{size}"],
            "explicit": ["-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{size}",
                         "-pkeyopt", "ec_param_enc:explicit"],
            "ed25519": ["-algorithm", "ED25519"],
        }[algorithm]
        openssl("genpkey", *options, "-out", str(path))
        KEYS[kind] = path
    return KEYS[kind]


def public_key(path):
    return openssl("pkey", "-in", str(path), "-pubout", "-outform", "DER")


SIGNATURES = {
    "ecdsa-sha256": ("sha256", sequence(oid("1.2.840.10045.4.3.2"))),
    "ecdsa-sha1": ("sha1", sequence(oid("1.2.840.10045.4.1"))),
    "rsa-sha256": ("sha256", sequence(oid("1.2.840.113549.1.1.11"), tlv(0x05))),
    "rsa-sha1": ("sha1", sequence(oid("1.2.840.113549.1.1.5"), tlv(0x05))),
    "rsa-md5": ("md5", sequence(oid("1.2.840.113549.1.1.4"), tlv(0x05))),
}


def request(subject=JANE, extensions=SOUND, attributes=None, kind="ec:P-256", spki=None, version=0,
            signature="ecdsa-sha256", signing_kind=None, edit=None):
    if attributes is None:
        attributes = [extension_request(*extensions)]
    info = sequence(integer(version), subject, spki or public_key(key(kind)), tlv(0xA0, *attributes))
    signing_key = str(key(signing_kind or kind))
    if signature == "ed25519":
        file = DIRECTORY / "info"
        file.write_bytes(info)
        signed = openssl("pkeyutl", "-sign", "-rawin", "-inkey", signing_key, "-in", str(file))
        algorithm = sequence(oid("1.3.101.112"))
    else:
        digest, algorithm = SIGNATURES[signature]
        signed = openssl("dgst", f"-{digest}", "-sign", signing_key, data=info)
    if edit:
        info = edit(info)
    return sequence(info, algorithm, bits(signed))


def rsa_spki(modulus, exponent):
    return sequence(sequence(oid("1.2.840.113549.1.1.1"), tlv(0x05)), bits(sequence(integer(modulus), integer(exponent))))


# With an exponent of 1 a signature is the padded hash itself, so that everybody "has" the key.
def request_of_nobody():
    modulus = int.from_bytes(b"\xc3" * 256, "big") | 1
    spki = rsa_spki(modulus, 1)
    info = sequence(integer(0), JANE, spki, tlv(0xA0, extension_request(*SOUND)))
    digest = openssl("dgst", "-sha256", "-binary", data=info)
    value = sequence(sequence(oid("2.16.840.1.101.3.4.2.1"), tlv(0x05)), octets(digest))
    padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(value)) + b"\x00" + value
    return sequence(info, SIGNATURES["rsa-sha256"][1], bits(padded))


def compressed_key():
    return openssl("ec", "-in", str(key("ec:P-256")), "-pubout", "-conv_form", "compressed", "-outform", "DER")


def with_bad_point():
    spki = bytearray(public_key(key("ec:P-256")))
    spki[-1] ^= 1
    return bytes(spki)


BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE = "2.5.29.19", "2.5.29.15", "2.5.29.37"
CA_TRUE = sequence(boolean(True))
OTHER_NAME = tlv(0xA0, oid("1.3.6.1.4.1.311.20.2.3"), tlv(0xA0, utf8("root@example.com")))
DIRECTORY_NAME = tlv(0xA4, name((CN, "root")))

CASES = {
    "sound": ("", lambda: request()),
    "sound-without-extensions": ("", lambda: request(attributes=[])),
    "sound-rsa": ("", lambda: request(kind="rsa:2048", signature="rsa-sha256")),
    "sound-not-an-authority": ("", lambda: request(
        extensions=SOUND + [extension(BASIC_CONSTRAINTS, sequence(), True)])),

    "ca-true": ("authority-requested", lambda: request(
        extensions=SOUND + [extension(BASIC_CONSTRAINTS, CA_TRUE, True)])),
    "ca-true-with-path-length": ("authority-requested", lambda: request(
        extensions=SOUND + [extension(BASIC_CONSTRAINTS, sequence(boolean(True), integer(0)))])),
    "key-cert-sign": ("usage-not-allowed", lambda: request(
        extensions=SOUND + [extension(KEY_USAGE, bits(b"\x04", 2), True)])),
    "crl-sign": ("usage-not-allowed", lambda: request(
        extensions=SOUND + [extension(KEY_USAGE, bits(b"\x82", 1), True)])),
    "any-purpose": ("usage-not-allowed", lambda: request(
        extensions=[extension(EXTENDED_KEY_USAGE, sequence(oid("2.5.29.37.0")))])),
    "ocsp-signing": ("usage-not-allowed", lambda: request(
        extensions=[extension(EXTENDED_KEY_USAGE, sequence(oid("1.3.6.1.5.5.7.3.9")))])),

    "name-constraints": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("2.5.29.30", sequence(), True)])),
    "subject-key-identifier": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("2.5.29.14", octets(b"\x00" * 20))])),
    "policies": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("2.5.29.32", sequence(sequence(oid("2.5.29.32.0"))))])),
    "unknown-critical": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("1.3.6.1.4.1.99999.1", tlv(0x05), True)])),
    "netscape-authority": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("2.16.840.1.113730.1.1", bits(b"\x07"))])),

    "two-lists-of-names": ("duplicate-extension", lambda: request(
        extensions=SOUND + [names(dns("kubernetes"))])),
    "two-basic-constraints": ("duplicate-extension", lambda: request(
        extensions=SOUND + [extension(BASIC_CONSTRAINTS, sequence()), extension(BASIC_CONSTRAINTS, CA_TRUE)])),
    "two-extension-requests": ("duplicate-extension", lambda: request(
        attributes=[extension_request(*SOUND), extension_request(names(dns("kubernetes")))])),
    "two-values-of-extension-request": ("duplicate-extension", lambda: request(attributes=[
        sequence(oid("1.2.840.113549.1.9.14"), set_of(sequence(CLIENT), sequence(names(dns("kubernetes")))))])),
    "challenge-password": ("attribute-not-allowed", lambda: request(
        attributes=[extension_request(*SOUND), sequence(oid("1.2.840.113549.1.9.7"), set_of(utf8("secret")))])),
    "microsoft-extension-request": ("attribute-not-allowed", lambda: request(
        attributes=[extension_request(*SOUND),
                    extension_request(names(dns("kubernetes")), type_="1.3.6.1.4.1.311.2.1.14")])),
    "version-2": ("malformed-request", lambda: request(version=1)),

    "huge-name": ("request-too-large", lambda: request(subject=name((CN, "j" * 70000)))),
    "thousands-of-names": ("request-too-large", lambda: request(
        extensions=[names(*[dns(f"n{number}.example.org") for number in range(5000)])])),
    "identifier-without-end": ("extension-not-allowed", lambda: request(
        extensions=SOUND + [extension("1.3.6.1.4.1." + ".".join(["99999"] * 2000), tlv(0x05))])),

    "names-of-no-form": ("malformed-extension", lambda: request(extensions=[extension("2.5.29.17", b"\x04\x01a")])),
    "names-with-a-tail": ("malformed-extension", lambda: request(
        extensions=[extension("2.5.29.17", sequence(dns("a.example.com")) + b"\x00")])),
    "usage-of-no-form": ("malformed-extension", lambda: request(
        extensions=SOUND + [extension(KEY_USAGE, integer(5))])),
    "constraints-of-no-form": ("malformed-extension", lambda: request(
        extensions=SOUND + [extension(BASIC_CONSTRAINTS, b"\x30\x03\x01\x01")])),
    "extensions-of-no-form": ("unreadable", lambda: request(
        attributes=[sequence(oid("1.2.840.113549.1.9.14"), set_of(octets(b"x")))])),

    "masters": ("privileged-organization", lambda: request(subject=name((O, "system:masters"), (CN, "jane")))),
    "masters-in-one-set-with-cn": ("privileged-organization", lambda: request(
        subject=sequence(set_of(attribute(CN, "jane"), attribute(O, "system:masters"))))),
    "masters-in-bmp-string": ("privileged-organization", lambda: request(
        subject=name((O, tlv(0x1E, "system:masters".encode("utf-16-be"))), (CN, "jane")))),
    "masters-after-another": ("privileged-organization", lambda: request(
        subject=name((O, "dev"), (O, "system:masters"), (CN, "jane")))),
    "another-user": ("common-name-not-allowed", lambda: request(subject=name((CN, "kubernetes-admin")))),
    "another-group": ("organization-not-allowed", lambda: request(subject=name((O, "ops"), (CN, "jane")))),
    "kubeadm-admins": ("organization-not-allowed", lambda: request(
        subject=name((O, "kubeadm:cluster-admins"), (CN, "jane")))),
    "two-common-names": ("malformed-subject", lambda: request(subject=name((CN, "jane"), (CN, "kubernetes-admin")))),
    "no-common-name": ("malformed-subject", lambda: request(subject=name((O, "dev")))),
    "empty-common-name": ("malformed-subject", lambda: request(subject=name((CN, "")))),
    "empty-subject": ("malformed-subject", lambda: request(subject=sequence())),
    "nul-in-common-name": ("malformed-subject", lambda: request(subject=name((CN, "jane\0.evil")))),
    "line-in-common-name": ("malformed-subject", lambda: request(subject=name((CN, "jane\nKind: approved")))),
    "escape-in-common-name": ("malformed-subject", lambda: request(subject=name((CN, "jane\x1b[2J")))),
    "direction-in-common-name": ("malformed-subject", lambda: request(subject=name((CN, "jane\u202e")))),
    "invisible-in-group": ("malformed-subject", lambda: request(subject=name((O, "dev\u200b"), (CN, "jane")))),
    "broken-utf8": ("unreadable", lambda: request(subject=name((CN, tlv(0x0C, b"jane\xff"))))),
    "look-alike": ("common-name-not-allowed", lambda: request(subject=name((CN, "j\u0430ne")))),
    "country": ("subject-attribute-not-allowed", lambda: request(
        subject=name((C, tlv(0x13, b"AU")), (CN, "jane")))),
    "unit": ("subject-attribute-not-allowed", lambda: request(subject=name((OU, "system:masters"), (CN, "jane")))),
    "user-id": ("subject-attribute-not-allowed", lambda: request(subject=name((UID, "0"), (CN, "jane")))),

    "name-outside": ("name-not-allowed", lambda: request(extensions=[names(dns("kubernetes.default.svc"))])),
    "wildcard-outside": ("name-not-allowed", lambda: request(extensions=[names(dns("*.com"))])),
    "address-outside": ("name-not-allowed", lambda: request(extensions=[names(address(10, 96, 0, 1))])),
    "mapped-address": ("name-kind-not-allowed", lambda: request(
        extensions=[names(address(*([0] * 10 + [255, 255, 10, 0, 0, 1])))])),
    "address-of-5-bytes": ("name-kind-not-allowed", lambda: request(extensions=[names(address(10, 0, 0, 1, 0))])),
    "other-name": ("name-kind-not-allowed", lambda: request(extensions=[names(OTHER_NAME)])),
    "directory-name": ("name-kind-not-allowed", lambda: request(extensions=[names(DIRECTORY_NAME)])),
    "registered-id": ("name-kind-not-allowed", lambda: request(extensions=[names(tlv(0x88, b"\x2a\x03"))])),
    "nul-in-name": ("malformed-name", lambda: request(extensions=[names(dns("a.example.com\0.evil.org"))])),
    "latin-1-in-name": ("malformed-name", lambda: request(extensions=[names(dns(b"a\xe9.example.com"))])),
    "inner-wildcard": ("malformed-name", lambda: request(extensions=[names(dns("a.*.example.com"))])),
    "unspecified-address": ("malformed-name", lambda: request(extensions=[names(address(0, 0, 0, 0))])),
    "commas-in-name": ("malformed-name", lambda: request(extensions=[names(dns("a.example.com,IP:10.0.0.1"))])),

    "another-key": ("signature-invalid", lambda: request(signing_kind="ec:P-384")),
    "subject-changed-after": ("signature-invalid", lambda: request(
        edit=lambda info: info.replace(b"jane", b"joan", 1))),
    "md5": ("weak-signature", lambda: request(kind="rsa:2048", signature="rsa-md5")),
    "sha-1": ("weak-signature", lambda: request(kind="rsa:2048", signature="rsa-sha1")),
    "ecdsa-sha-1": ("weak-signature", lambda: request(signature="ecdsa-sha1")),
    "rsa-1024": ("weak-key", lambda: request(kind="rsa:1024", signature="rsa-sha256")),
    "rsa-2047": ("weak-key", lambda: request(kind="rsa:2047", signature="rsa-sha256")),
    "exponent-1": ("weak-key", request_of_nobody),
    "even-modulus": ("weak-key", lambda: request(spki=rsa_spki(1 << 2047, 65537))),
    "p-224": ("unsupported-key", lambda: request(kind="ec:P-224")),
    "secp256k1": ("unsupported-key", lambda: request(kind="ec:secp256k1")),
    "explicit-curve": ("unsupported-key", lambda: request(kind="explicit:P-256")),
    "compressed-point": ("unsupported-key", lambda: request(spki=compressed_key())),
    "rsa-10000": ("unsupported-key", lambda: request(spki=rsa_spki((1 << 9999) | 1, 65537))),
    "ed25519": ("unsupported-key", lambda: request(kind="ed25519:", signature="ed25519")),
    "point-off-the-curve": ("unreadable", lambda: request(spki=with_bad_point())),
    "tail": ("unreadable", lambda: request() + b"\x00"),
    "torn": ("unreadable", lambda: request()[:-7]),
}

for case, (code, make) in CASES.items():
    text = base64.encodebytes(make()).decode()
    (DIRECTORY / f"{case}.csr").write_text(
        f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n", encoding="ascii")
print(json.dumps({case: code for case, (code, _) in CASES.items()}))
