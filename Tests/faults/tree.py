"""What a tree of files must be after a run of pkigen, however the run ended."""

import base64
import json
import os
import re
import stat

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

JOURNAL = ".pkigen.journal"
BACKUP = ".backup"
STAGED = ".pkigen-new"
WATCHED = ("pki/apiserver.crt", "pki/front-proxy-client.crt", "pki/kubelet-server.crt")
CAS = ("pki/ca.crt", "pki/front-proxy-ca.crt", "pki/etcd/ca.crt")
BLOCK = re.compile(rb"-----BEGIN ([A-Z ]+)-----\n.*?\n-----END \1-----\n", re.S)


def is_leftover(name):
    """A name that only a run at work has, or a dead one."""
    return name.startswith(".pkigen") or name.startswith(".") and name.endswith(STAGED)


def files(root):
    """All files below a directory: path within it, and bytes."""
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, root)] = file.read()
    return found


def targets(root):
    """The files that a tree is made of."""
    return {
        path: content
        for path, content in files(root).items()
        if not is_leftover(os.path.basename(path)) and BACKUP not in path.split("/")
    }


def view(root):
    """The tree as pkigen's readers see it: what is committed and not yet moved counts as moved."""
    found = files(root)
    seen = targets(root)
    if any(os.path.basename(path) == JOURNAL for path in found):
        for path, content in found.items():
            directory, name = os.path.split(path)
            if name.startswith(".") and name.endswith(STAGED) and BACKUP not in path:
                place = os.path.join(directory, name[1 : -len(STAGED)])
                # A twin reads as the file in whose place it is going to be, so it says nothing new.
                if not place.endswith(".twin") and os.path.basename(place) != JOURNAL:
                    seen[place] = content
            elif name == JOURNAL:
                for entry in json.loads(content)["entries"]:
                    if entry.get("removes"):
                        place = os.path.join(directory if entry["directory"] == "certificates" else "", entry["path"])
                        seen.pop(place, None)
    return seen


def first(content, wanted):
    """The first PEM block whose label ends so; every reader takes this one."""
    for match in BLOCK.finditer(content):
        if match.group(1).endswith(wanted):
            return match.group(0)
    return None


def public_bytes(key):
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def certificate(path, content):
    block = first(content, b"CERTIFICATE")
    if block is None:
        raise ValueError(f"{path} holds no whole certificate")
    return x509.load_pem_x509_certificate(block)


def private_key(path, content):
    block = first(content, b"PRIVATE KEY")
    if block is None:
        raise ValueError(f"{path} holds no whole key")
    return load_pem_private_key(block, None)


def embedded(content, field):
    match = re.search(rb"\b" + field + rb"-data: \"?([A-Za-z0-9+/=]+)", content)
    return base64.b64decode(match.group(1), validate=True) if match else b""


def is_waiting(content):
    """Whether a kubeconfig waits for its certificate from an external CA."""
    return b"client-certificate" not in content and content.endswith(b"\n")


def is_secret(content):
    return b"PRIVATE KEY-----" in content or b"client-key-data:" in content


def is_promised(root):
    """Whether a run has committed files and not yet moved all."""
    return any(os.path.basename(path) == JOURNAL for path in files(root))


def pairs(seen, mixed=()):
    """Says of which files a certificate and a key, both there, do not belong together, or are not whole.

    Those of `mixed` may be a new key beside its old certificate.
    """
    wrong = []
    for path, content in sorted(seen.items()):
        try:
            if path.endswith(".conf"):
                key = private_key(path, embedded(content, b"client-key"))
                if is_waiting(content):
                    continue
                leaf = certificate(path, embedded(content, b"client-certificate"))
            elif path.endswith(".crt"):
                leaf = certificate(path, content)
                if path[:-4] + ".key" not in seen:
                    continue
                key = private_key(path, seen[path[:-4] + ".key"])
            elif path.endswith(".key"):
                private_key(path, content)
                continue
            else:
                if not content.endswith(b"\n"):
                    wrong.append(f"{path} is torn")
                continue
            if path not in mixed and public_bytes(leaf.public_key()) != public_bytes(key.public_key()):
                wrong.append(f"{path} does not belong to its key")
        except ValueError as error:
            wrong.append(f"{path}: {error}")
    return wrong


def exposed(root):
    """The files with keys that others than the owner may read."""
    return [
        f"{path} is readable by others"
        for path, content in files(root).items()
        if is_secret(content) and stat.S_IMODE(os.stat(os.path.join(root, path)).st_mode) & 0o077
    ]


def unsigned(seen):
    """The leaves whose CA of the same tree has not signed them."""
    cas = {}
    for path, content in seen.items():
        if os.path.basename(path) in ("ca.crt", "front-proxy-ca.crt"):
            for ca in x509.load_pem_x509_certificates(content):
                cas[ca.subject.rfc4514_string()] = ca
    wrong = []
    for path, content in seen.items():
        text = embedded(content, b"client-certificate") if path.endswith(".conf") else content
        if not path.endswith((".crt", ".conf")) or path.endswith(".conf") and is_waiting(content):
            continue
        leaf = certificate(path, text)
        ca = cas.get(leaf.issuer.rfc4514_string())
        try:
            leaf.verify_directly_issued_by(ca)
        except Exception as error:  # whatever it is, the leaf is not its CA's
            wrong.append(f"{path}: {type(error).__name__}: not signed by {leaf.issuer.rfc4514_string()}")
    return wrong


def broken_backups(root, old):
    """The backups that are not what was there before, byte by byte."""
    wrong = []
    for directory, names, _ in os.walk(root):
        if os.path.basename(directory) != BACKUP:
            continue
        for name in sorted(names):
            if name.startswith("."):
                continue
            found = files(os.path.join(directory, name))
            # The list of what is in it.
            index = json.loads(found.pop("backup.json", b'{"files": []}'))
            names_in_index = {entry["name"] for entry in index["files"]}
            if names_in_index != set(found):
                wrong.append(f"{BACKUP}/{name} does not hold what it lists")
            for path, content in found.items():
                part, rest = path.split("/", 1)
                outside = os.path.relpath("/" + rest, os.path.realpath(root))
                place = {"pki": os.path.join("pki", rest), "elsewhere": outside}.get(part, rest)
                if old.get(place) != content:
                    wrong.append(f"{BACKUP}/{name}/{path} is not what was there")
    return wrong


def backups(root):
    """The directories of backups."""
    return [
        os.path.join(directory, name)
        for directory, names, _ in os.walk(root)
        if os.path.basename(directory) == BACKUP
        for name in sorted(names)
    ]


def leftovers(root):
    """What a run that has ended well must not leave."""
    found = []
    for directory, names, here in os.walk(root):
        found += [os.path.join(directory, name) for name in names + here if is_leftover(name)]
    return [f"{os.path.relpath(path, root)} is left over" for path in sorted(found)]
