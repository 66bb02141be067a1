"""What can be odd about a certificate, of a leaf or a CA: by the name of the oddity, how a good one gets it."""

import datetime

from der import attribute, der, ext, integer, nodes, oid, read, seq, text, write

HOUR = datetime.timedelta(hours=1)
NULL = b"\x05\x00"
SERVER, CLIENT, ANY, CODE = (oid(f"1.3.6.1.5.5.7.3.{n}" if n else "2.5.29.37.0") for n in (1, 2, 0, 3))


def fields(**values):
    """An oddity in the fields themselves."""
    return lambda certificate, _: vars(certificate).update(values)


def extension(identifier, value, critical=False):
    return lambda certificate, _: certificate.set(identifier, bytes.fromhex(value) if isinstance(value, str) else value, critical)


def added(*extensions):
    return lambda certificate, _: certificate.extensions.extend(extensions)


def without(identifier):
    return lambda certificate, _: certificate.drop(identifier)


def time(field, tag, offset, written):
    """An end of the validity at an offset from now."""
    return lambda certificate, instant: setattr(certificate, field, text(tag, (instant + offset).strftime(written)))


def named(*names):
    """Further subject alternative names."""
    def change(certificate, _):
        value = certificate.get("2.5.29.17")
        own = write(read(value)[0][1]) if value else b""
        certificate.set("2.5.29.17", seq(own, *names))
    return change


def critical(identifier):
    """The certificate's own extension, critical."""
    def change(certificate, _):
        value = certificate.get(identifier)
        certificate.set(identifier, value or NULL, True)
    return change


def subject(value, kind="2.5.4.11"):
    """A further attribute of the subject, in front."""
    def change(certificate, _):
        is_self_issued = certificate.issuer == certificate.subject
        certificate.subject = seq(attribute(kind, value), certificate.subject[2:])
        if is_self_issued:
            certificate.issuer = certificate.subject
    return change


def encoded(change):
    """A change of the certificate's encoding."""
    return lambda certificate, _: setattr(certificate, "finish", change)


UTC, GENERAL = "%y%m%d%H%M%SZ", "%Y%m%d%H%M%SZ"

FIELDS = {
    "version 1": fields(version=b""), "version 2": fields(version=der(0xA0, integer(1))),
    "version 4": fields(version=der(0xA0, integer(3))), "version 1 written": fields(version=der(0xA0, integer(0))),
    "serial negative": fields(serial=integer(-5)), "serial zero": fields(serial=integer(0)),
    "serial padded": fields(serial=der(2, b"\0\1")), "serial of 41 octets": fields(serial=integer(1 << 320)),
    "two algorithms": fields(outer=seq(oid("1.2.840.10045.4.3.3"))),
    "NULL after ECDSA": fields(algorithm=seq(oid("1.2.840.10045.4.3.2"), NULL)),
    "an unknown algorithm": fields(algorithm=seq(oid("1.2.3.4"))),
    "SHA-1": fields(hash="sha1"), "SHA-224": fields(hash="sha224"), "SHA-384": fields(hash="sha384"),
    "SHA-512": fields(hash="sha512"), "SHA3-256": fields(hash="sha3-256"),
    "unique identifiers": fields(unique=der(0x81, b"\0\1")), "no extensions": fields(extensions=None),
    "empty extensions": fields(extensions=[]),
    "an octet too many": encoded(lambda whole: whole + b"\0"), "an octet too few": encoded(lambda whole: whole[:-1]),
    "a signature of zeros": encoded(lambda whole: whole[:-60] + bytes(60)),
    "a length in three octets": encoded(lambda whole: b"\x30\x83\0" + whole[2:]),
    "an indefinite length": encoded(lambda whole: b"\x30\x80" + whole[4:] + b"\0\0"),
}
TIMES = {
    "expired by an hour": time("not_after", 0x17, -HOUR, UTC), "valid in an hour": time("not_before", 0x17, HOUR, UTC),
    "GeneralizedTime before 2050": time("not_before", 0x18, -HOUR, GENERAL),
    "GeneralizedTime with a fraction": time("not_before", 0x18, -HOUR, "%Y%m%d%H%M%S.5Z"),
    "UTCTime without seconds": time("not_before", 0x17, -HOUR, "%y%m%d%H%MZ"),
    "UTCTime with an offset": time("not_before", 0x17, -30 * HOUR, "%y%m%d%H%M%S+0100"),
    "UTCTime without a zone": time("not_before", 0x17, -30 * HOUR, "%y%m%d%H%M%S"),
    "UTCTime of no day": time("not_before", 0x17, -HOUR, "260230000000Z"),
    "GeneralizedTime with an offset": time("not_before", 0x18, -30 * HOUR, "%Y%m%d%H%M%S-0130"),
    "until 9999": time("not_after", 0x18, HOUR, "99991231235959Z"), "UTCTime of 1950": time("not_before", 0x17, -HOUR, "500101000000Z"),
    "time as text": time("not_before", 0x13, -HOUR, UTC), "an hour 24": time("not_before", 0x17, -HOUR, "260101240000Z"),
}
SUBJECTS = {
    f"an attribute of tag {tag:#x}: {value!r}": subject(text(tag, value)) for tag, value in [
        (0x13, "a@b"), (0x13, "a*b"), (0x13, "a_b"), (0x16, "a@b"), (0x16, "\xe4"), (0x12, "1 2"), (0x12, "1a"), (0x14, "\xe4"),
        (0x1E, "\0a\0b"), (0x1E, "abc"), (0x1C, "\0\0\0a"), (4, "abc"), (2, "\1"), (0x0C, "\xff"), (0x0C, ""), (0x0C, "a\0b")]
} | {
    "two common names": subject(text(0x0C, "another"), "2.5.4.3"), "an empty common name": subject(text(0x0C, ""), "2.5.4.3"),
    "an organization": subject(text(0x0C, "another"), "2.5.4.10"), "a country of three letters": subject(text(0x13, "CHE"), "2.5.4.6"),
    "an e-mail address": subject(text(0x16, "a@b.c"), "1.2.840.113549.1.9.1"),
    "a SET in the name": subject(der(0x31, text(0x0C, "a"))),
}
NAMES = {
    f"a name {value.hex()}": named(value) for value in [
        text(0x82, "*"), text(0x82, "*.default.svc"), text(0x82, "a.*.b"), text(0x82, "x*.y"), text(0x82, "CP1"),
        text(0x82, "cp1."), text(0x82, "_x.y"), text(0x82, "-x.y"), text(0x82, "x..y"), text(0x82, ""), text(0x82, "x y"),
        text(0x82, "10.0.0.10"), text(0x82, "\xe4.x"), text(0x82, "x\0y"), text(0x81, "a@b"), text(0x81, "a"), text(0x81, "\xe4@b"),
        text(0x86, "https://a/x"), text(0x86, "https://a b/"), text(0x86, "urn:x"), text(0x86, "//["), text(0x86, "%"),
        text(0x86, "https://[::1]:x/"), text(0x86, "\xe4"), text(0x86, ""), text(0x86, "https://a:65536/"),
        der(0x87, bytes(4)), der(0x87, bytes(5)), der(0x87, b""), der(0x87, bytes(8)), der(0x87, bytes(16)),
        der(0x87, bytes(10) + b"\xff\xff\x0a\0\0\1"), der(0xA4, seq()), der(0xA4, b"\1"), der(0x88, b"\x2a\3"), der(0x88, b""),
        der(0xA0, oid("1.2.3"), der(0xA0, text(0x0C, "a"))), der(0xA0), der(0xA3), der(0xA5), der(0x89, b"a"), NULL]
} | {
    "further names, many": named(*(text(0x82, f"n{i}.x") for i in range(300))), "no names": without("2.5.29.17"),
    "names critical": critical("2.5.29.17"), "an empty list of names": extension("2.5.29.17", seq()),
    "names that are none": extension("2.5.29.17", NULL),
}
USAGES = {
    "no usages": without("2.5.29.37"), "the usage any": extension("2.5.29.37", seq(ANY)), "the usage code": extension("2.5.29.37", seq(CODE)),
    "the usage server": extension("2.5.29.37", seq(SERVER)), "the usage client": extension("2.5.29.37", seq(CLIENT)),
    "both usages": extension("2.5.29.37", seq(CLIENT, SERVER)), "usages critical": extension("2.5.29.37", seq(SERVER, CLIENT), True),
    "a usage unknown besides": extension("2.5.29.37", seq(SERVER, CLIENT, oid("1.2.3"))), "empty usages": extension("2.5.29.37", seq()),
    "no key usage": without("2.5.29.15"), "key usage keyEncipherment": extension("2.5.29.15", "03020520", True),
    "key usage keyCertSign": extension("2.5.29.15", "03020204", True), "key usage of nothing": extension("2.5.29.15", "030100", True),
    "key usage not critical": extension("2.5.29.15", "03020284"), "key usage of nine bits": extension("2.5.29.15", "03030780ff80"),
    "no constraints": without("2.5.29.19"), "CA:FALSE": extension("2.5.29.19", seq(), True), "CA:FALSE, written": extension("2.5.29.19", "3003010100", True),
    "CA:TRUE": extension("2.5.29.19", "30030101ff", True), "CA:TRUE, path length 0": extension("2.5.29.19", "30060101ff020100", True),
    "CA:TRUE, path length -1": extension("2.5.29.19", "30060101ff0201ff", True), "path length without CA": extension("2.5.29.19", "3003020103", True),
    "constraints not critical": extension("2.5.29.19", "30030101ff"), "CA as 1": extension("2.5.29.19", "3003010101", True),
}
UNKNOWN = [  # Extensions that software knows or does not, critical and not.
    ("1.2.3.4", NULL), ("1.3.6.1.5.5.7.1.24", bytes.fromhex("3003020105")), ("1.3.6.1.5.5.7.48.1.5", NULL), ("2.16.840.1.113730.1.1", bytes.fromhex("03020640")),
    ("2.5.29.16", seq(text(0x80, "20200101000000Z"))), ("2.5.29.18", seq(text(0x82, "x"))), ("2.5.29.9", seq()), ("1.3.6.1.5.5.7.1.3", seq()),
    ("2.5.29.46", seq()), ("1.3.6.1.4.1.11129.2.4.2", der(4, bytes(2))), ("1.3.6.1.4.1.11129.2.4.3", NULL), ("2.5.29.20", integer(1)),
    ("1.3.6.1.5.5.7.1.11", seq()), ("2.5.29.54", integer(0)), ("2.5.29.54", integer(-1)), ("2.5.29.36", bytes.fromhex("3003800100")), ("2.5.29.36", seq()),
    ("2.5.29.33", seq(seq(oid("1.2.3"), oid("1.2.4")))), ("2.5.29.32", seq(seq(oid("2.5.29.32.0")))), ("2.5.29.32", seq(seq(oid("1.2.3")), seq(oid("1.2.3")))),
    ("2.5.29.32", seq()), ("2.5.29.14", der(4, b"\1")), ("2.5.29.14", NULL), ("2.5.29.35", seq()), ("2.5.29.35", seq(der(0x80, b"\1"))), ("2.5.29.35", NULL),
    ("2.5.29.35", seq(der(0xA1, der(0xA4, seq())), der(0x82, b"\1"))), ("2.5.29.31", seq(seq(der(0xA0, der(0xA0, text(0x86, "http://x")))))),
    ("2.5.29.31", seq(seq(NULL))), ("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.3.6.1.5.5.7.48.1"), text(0x86, "http://x")))), ("1.3.6.1.5.5.7.1.1", seq(seq(oid("1.2.3")))),
    ("1.3.6.1.5.5.7.1.1", seq()), ("2.5.29.37", NULL), ("2.5.29.15", NULL),
]
EXTENSIONS = {
    f"extension {identifier} {value.hex()}{' critical' * is_critical}": extension(identifier, value, is_critical)
    for identifier, value in UNKNOWN for is_critical in (False, True)
} | {
    "an extension twice": added(ext("1.2.3.4", NULL), ext("1.2.3.4", NULL)),
    "critical FALSE, written": added(seq(oid("1.2.3.4"), der(1, b"\0"), der(4, NULL))),
    "critical as 1": added(seq(oid("1.2.3.4"), der(1, b"\1"), der(4, NULL))),
    "an extension without a value": added(seq(oid("1.2.3.4"))), "an extension that is none": added(NULL),
}
SUBTREES = [
    text(0x82, ""), text(0x82, "svc"), text(0x82, ".svc"), text(0x82, "cp1"), text(0x82, "example.com"), text(0x82, "*.svc"), text(0x82, "x."),
    text(0x82, "SVC"), text(0x82, "default.svc"), der(0x87, bytes.fromhex("0a000000ff000000")), der(0x87, bytes.fromhex("0a000000ffff0000")), der(0x87, bytes(8)),
    der(0x87, bytes(32)), der(0x87, bytes(4)), der(0x87, bytes.fromhex("0a000000ff00ff00")), text(0x81, "x"), text(0x81, "a@b"), text(0x81, "@"),
    text(0x86, "x"), text(0x86, ".x"), text(0x86, "10.0.0.1"), der(0xA4, seq()), der(0xA0, oid("1.2.3"), der(0xA0, NULL)), der(0x88, b"\x2a\3"), NULL,
]
CONSTRAINTS = {
    f"{kind} names {tree.hex()}{'' if is_critical else ' not critical'}": extension("2.5.29.30", seq(der(tag, seq(tree))), is_critical)
    for kind, tag in (("permitted", 0xA0), ("excluded", 0xA1)) for tree in SUBTREES for is_critical in (True, False)
} | {
    "constraints of nothing": extension("2.5.29.30", seq(), True), "permitted names of nothing": extension("2.5.29.30", seq(der(0xA0)), True),
    "permitted and excluded": extension("2.5.29.30", seq(der(0xA0, seq(text(0x82, "svc"))), der(0xA1, seq(text(0x82, "default.svc")))), True),
    "a minimum": extension("2.5.29.30", seq(der(0xA0, seq(text(0x82, "svc"), der(0x80, b"\1")))), True),
}
GROUPS = [FIELDS, TIMES, SUBJECTS, NAMES, USAGES, EXTENSIONS, CONSTRAINTS]


def damaged(body, rng):
    """A body in DER that is whole, but in which one value is another, missing, repeated or at another place; and what it is."""
    values = read(body)
    inner = [place for place in nodes(values)][1:]
    siblings, index = rng.choice(inner)
    tag, content = siblings[index]
    what = rng.choice(["removed", "repeated", "swapped", "tag", "octet", "longer", "shorter", "emptied"])
    match what:
        case "removed": del siblings[index]
        case "repeated": siblings.insert(index, siblings[index])
        case "swapped": siblings[index], siblings[-1] = siblings[-1], siblings[index]
        case "tag": siblings[index] = [rng.choice([1, 2, 3, 4, 5, 6, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0xA0]), content]
        case "emptied": siblings[index] = [tag, b""]
        case "longer": siblings[index] = [tag, (write(content) if isinstance(content, list) else content) + bytes([rng.randrange(256)])]
        case "shorter": siblings[index] = [tag, (write(content) if isinstance(content, list) else content)[:-1]]
        case "octet" if isinstance(content, bytes) and content:
            place = rng.randrange(len(content))
            siblings[index] = [tag, content[:place] + bytes([rng.randrange(256)]) + content[place + 1:]]
    return write(values), f"{what} {tag:#x}"
