"""Certificates that are right or wrong in ways drawn at random: what a relation is, and the files that show it."""

import datetime
import ipaddress
import os
import random

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import ObjectIdentifier

from reasons import reason

DAY = datetime.timedelta(days=1)

# By profile: certificate, CA, usages, names that a client may ask for.
API_NAMES = ["kubernetes.default.svc", "cp1", "10.96.0.1", "10.0.0.10"]
ETCD_NAMES = ["localhost", "cp1", "127.0.0.1", "10.0.0.10"]
PROFILES = {
    "apiserver": ("pki/apiserver", "pki/ca", ["server"], API_NAMES),
    "apiserver-kubelet-client": ("pki/apiserver-kubelet-client", "pki/ca", ["client"], []),
    "apiserver-etcd-client": ("pki/apiserver-etcd-client", "pki/etcd/ca", ["client"], []),
    "front-proxy-client": ("pki/front-proxy-client", "pki/front-proxy-ca", ["client"], []),
    "etcd-server": ("pki/etcd/server", "pki/etcd/ca", ["server", "client"], ETCD_NAMES),
    "etcd-peer": ("pki/etcd/peer", "pki/etcd/ca", ["server", "client"], ETCD_NAMES),
    "etcd-healthcheck-client": ("pki/etcd/healthcheck-client", "pki/etcd/ca", ["client"], []),
}

# By dimension: what is right first, then what is drawn instead of it.
DIMENSIONS = {
    "time": ["in force", "expired", "not yet valid", "one year older"],
    "signer": ["its CA", "another CA", "a CA of the same name", "itself"],
    "usages": ["its own", "none", "the other one", "both", "any", "code signing"],
    "names": ["its own", "one missing", "none", "addresses as DNS", "a wildcard"],
    "constraints": ["CA:FALSE", "absent", "CA:TRUE"],
    "key usage": ["digitalSignature", "absent", "keyCertSign alone", "keyEncipherment alone"],
    "authority key identifier": ["the CA's", "absent", "another"],
    "extra extension": ["none", "unknown", "unknown and critical"],
    "key": ["its own", "another"],
    "signature": ["whole", "changed"],
    "CA": ["good", "CA:FALSE", "no constraints", "path length 0", "no keyCertSign", "no key usage", "expired",
                  "not yet valid", "names of example.com only", "server usage only", "client usage only"],
}


class Relation:
    """One certificate below one CA."""

    # Further files of the tree of which something is asked.
    also = ()

    def __init__(self, rng, number):
        self.number = number
        self.profile = rng.choice(sorted(PROFILES))
        self.leaf, self.ca, self.usages, self.names = PROFILES[self.profile]
        self.choice = {name: values[0] for name, values in DIMENSIONS.items()}
        # None, one, two or three things are wrong; mostly one, as in life.
        for name in rng.sample(sorted(DIMENSIONS), rng.choice([0, 1, 1, 1, 1, 2, 2, 3])):
            self.choice[name] = rng.choice(DIMENSIONS[name][1:])
        if not self.names:
            self.choice["names"] = "its own"
        self.dropped = rng.choice(self.names) if self.names else None
        self.salt = rng.randrange(1 << 30)

    def uses(self):
        """What it is for: usage, and the name of the server."""
        for usage in self.usages:
            yield from ((usage, name) for name in (self.names if usage == "server" else [""]))

    def questions(self, directory, _, instant):
        """What a judge that takes all questions at once is asked."""
        for usage, name in self.uses():
            yield {"leaf": f"{directory}/leaf.crt", "key": f"{directory}/leaf.key", "root": f"{directory}/ca.crt",
                   "name": name, "usage": usage, "time": instant.isoformat()}

    def reason(self, verifier, findings, answers):
        """Why a verifier differs from verify's findings; `None` where it should not."""
        return reason(verifier, self, findings, answers)

    def places(self, _, directory):
        """The files of the tree that are others, by their places."""
        names = {f"{self.leaf}.crt": "leaf.crt", f"{self.leaf}.key": "leaf.key", f"{self.ca}.crt": "ca.crt"}
        places = {}
        for place, name in names.items():
            with open(os.path.join(directory, name), "rb") as file:
                places[place] = file.read()
        return places

    def wrong(self):
        """What is not right with it, for a report."""
        return {name: value for name, value in self.choice.items() if value != DIMENSIONS[name][0]}


class Maker:
    """Makes the files of relations from a good tree."""

    def __init__(self, tree, instant):
        self.tree, self.instant = tree, instant
        self.keys = {}
        self.other_key = ec.generate_private_key(ec.SECP256R1())

    def key(self, path):
        if path not in self.keys:
            with open(os.path.join(self.tree, path + ".key"), "rb") as file:
                self.keys[path] = load_pem_private_key(file.read(), None)
        return self.keys[path]

    def certificate(self, path):
        with open(os.path.join(self.tree, path + ".crt"), "rb") as file:
            return x509.load_pem_x509_certificate(file.read())

    def make(self, relation, directory):
        """Writes leaf.crt, leaf.key and ca.crt."""
        ca = self.make_ca(relation)
        leaf = self.make_leaf(relation, ca).public_bytes(Encoding.DER)
        if relation.choice["signature"] == "changed":
            leaf = leaf[:-1] + bytes([leaf[-1] ^ 1])
        pem = x509.load_der_x509_certificate(leaf).public_bytes(Encoding.PEM)
        key = self.other_key if relation.choice["key"] == "another" else self.key(relation.leaf)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        for name, content in (("leaf.crt", pem), ("leaf.key", secret), ("ca.crt", ca.public_bytes(Encoding.PEM))):
            with open(os.path.join(directory, name), "wb") as file:
                file.write(content)

    def make_ca(self, relation):
        choice = relation.choice["CA"]
        good = self.certificate(relation.ca)
        if choice == "good":
            return good
        times = {"expired": (-800, -1), "not yet valid": (1, 800)}.get(choice, (-400, 3000))
        builder = (
            x509.CertificateBuilder().subject_name(good.subject).issuer_name(good.subject).serial_number(good.serial_number)
            .public_key(good.public_key()).not_valid_before(self.instant + times[0] * DAY)
            .not_valid_after(self.instant + times[1] * DAY))
        if choice != "no constraints":
            is_authority, length = choice != "CA:FALSE", 0 if choice == "path length 0" else None
            builder = builder.add_extension(x509.BasicConstraints(is_authority, length), True)
        if choice != "no key usage":
            builder = builder.add_extension(key_usage(digital_signature=True, key_cert_sign=choice != "no keyCertSign"), True)
        identifier = good.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = builder.add_extension(identifier, False)
        if choice == "names of example.com only":
            builder = builder.add_extension(x509.NameConstraints([x509.DNSName("example.com")], None), True)
        if choice.endswith("usage only"):
            usage = EKU.SERVER_AUTH if choice.startswith("server") else EKU.CLIENT_AUTH
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), False)
        return builder.sign(self.key(relation.ca), hashes.SHA256())

    def make_leaf(self, relation, ca):
        choice, good = relation.choice, self.certificate(relation.leaf)
        signer, issuer = self.key(relation.ca), ca.subject
        if choice["signer"] == "another CA":
            other = "pki/ca" if relation.ca != "pki/ca" else "pki/front-proxy-ca"
            signer, issuer = self.key(other), self.certificate(other).subject
        elif choice["signer"] == "a CA of the same name":
            signer = self.other_key
        elif choice["signer"] == "itself":
            signer, issuer = self.key(relation.leaf), good.subject
        begin, end = {
            "in force": (-1, 300), "expired": (-300, -1), "not yet valid": (1, 300), "one year older": (-366, 60),
        }[choice["time"]]
        builder = (
            x509.CertificateBuilder().subject_name(good.subject).issuer_name(issuer)
            .serial_number(random.Random(relation.salt).getrandbits(126) | 1 << 125).public_key(good.public_key())
            .not_valid_before(self.instant + begin * DAY).not_valid_after(self.instant + end * DAY))
        for extension, is_critical in extensions(relation, good, ca, self.other_key):
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(signer, hashes.SHA256())


def extensions(relation, good, ca, other_key):
    """The extensions of a leaf, each with whether it is critical."""
    choice = relation.choice
    if choice["constraints"] != "absent":
        yield x509.BasicConstraints(choice["constraints"] == "CA:TRUE", None), True
    if choice["key usage"] != "absent":
        bits = {"digitalSignature": {"digital_signature": True}, "keyCertSign alone": {"key_cert_sign": True},
                "keyEncipherment alone": {"key_encipherment": True}}[choice["key usage"]]
        yield key_usage(**bits), True
    own = [{"server": EKU.SERVER_AUTH, "client": EKU.CLIENT_AUTH}[usage] for usage in relation.usages]
    usages = {
        "its own": own, "none": [], "the other one": [EKU.CLIENT_AUTH if own[0] == EKU.SERVER_AUTH else EKU.SERVER_AUTH],
        "both": [EKU.SERVER_AUTH, EKU.CLIENT_AUTH], "any": [EKU.ANY_EXTENDED_KEY_USAGE], "code signing": [EKU.CODE_SIGNING],
    }[choice["usages"]]
    if usages:
        yield x509.ExtendedKeyUsage(usages), False
    yield x509.SubjectKeyIdentifier.from_public_key(good.public_key()), False
    identifier = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    if choice["signer"] == "another CA" and choice["authority key identifier"] == "the CA's":
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(other_key.public_key()), False
    elif choice["authority key identifier"] == "the CA's":
        yield x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False
    elif choice["authority key identifier"] == "another":
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(other_key.public_key()), False
    names = alternative_names(relation, good)
    if names:
        yield x509.SubjectAlternativeName(names), False
    if choice["extra extension"] != "none":
        unknown = x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.55555.1"), b"\x05\x00")
        yield unknown, choice["extra extension"].endswith("critical")


def alternative_names(relation, good):
    if not relation.names:
        return []
    names = list(good.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    match relation.choice["names"]:
        case "none":
            return []
        case "one missing":
            return [name for name in names if str(name.value) != relation.dropped]
        case "addresses as DNS":
            return [x509.DNSName(str(name.value)) for name in names]
        case "a wildcard":
            return [x509.DNSName("*.default.svc"), *(n for n in names if isinstance(n, x509.IPAddress))]
    return names


def key_usage(**bits):
    kinds = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**{kind: bits.get(kind, False) for kind in kinds})


def is_address(name):
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
