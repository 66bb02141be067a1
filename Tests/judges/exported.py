#!/usr/bin/env python3
"""Reads what pkigen exports, as JSON on standard output.

exported.py kubeadm-certs SECRET.json KEYFILE   the decrypted files by their names, as kubeadm reads them
exported.py pkcs12 FILE PASSWORDFILE            the certificates, and whether the key is that of the first
exported.py tar FILE                            the members: name, mode, owner, group, kind, text
"""
import base64
import json
import pathlib
import sys
import tarfile

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import pkcs12


def kubeadm_certs(secret, key_file):
    """Decrypts the values: a nonce of 12 bytes, then the text with its tag. Empty ones stay empty."""
    objects = json.loads(pathlib.Path(secret).read_text())["items"]
    data = next(o for o in objects if o["kind"] == "Secret")["data"]
    cipher = AESGCM(bytes.fromhex(pathlib.Path(key_file).read_text().strip()))
    raw = {name: base64.b64decode(value) for name, value in data.items()}
    assert len({value[:12] for value in raw.values() if value}) == sum(1 for value in raw.values() if value)
    return {n: cipher.decrypt(v[:12], v[12:], None).decode() if v else "" for n, v in raw.items()}


def key_store(path, password_file):
    """What Python's cryptography reads in a PKCS#12 file."""
    password = pathlib.Path(password_file).read_bytes().splitlines()[0]
    store = pkcs12.load_pkcs12(pathlib.Path(path).read_bytes(), password)
    leaf = store.cert.certificate
    return {
        "name": store.cert.friendly_name.decode(),
        "subject": leaf.subject.rfc4514_string(),
        "chain": [c.certificate.subject.rfc4514_string() for c in store.additional_certs],
        "isPair": store.key.public_key() == leaf.public_key(),
    }


def tar(path):
    """The members of an archive, in their order."""
    with tarfile.open(path) as archive:
        return [
            {
                "name": m.name,
                "mode": m.mode,
                "owner": f"{m.uid}:{m.gid}",
                "isFile": m.isfile(),
                "text": archive.extractfile(m).read().decode() if m.isfile() else "",
            }
            for m in archive.getmembers()
        ]


print(json.dumps({"kubeadm-certs": kubeadm_certs, "pkcs12": key_store, "tar": tar}[sys.argv[1]](*sys.argv[2:])))
