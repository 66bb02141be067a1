"""Who else refuses an odd tree that Go's handshake accepts: the component or program of a reason is asked, too."""

import json
import subprocess

from der import read
from verifiers import GO, is_address

COMMON_NAME, ORGANIZATION = bytes.fromhex("550403"), bytes.fromhex("55040a")
STRINGS = (0x0C, 0x12, 0x13, 0x14, 0x16, 0x1E)


class Witnesses:
    """The others, of one odd tree: each says whether it refuses the tree too."""

    def __init__(self, odd, directory, good_leaf, questions):
        self.odd, self.directory, self.good_leaf, self.questions = odd, directory, good_leaf, questions

    def refuse(self, name):
        return getattr(self, f"{name}_refuses")()

    def openssl_refuses(self):
        """OpenSSL cannot read or use the key, or verify the certificate for one of its usages or names."""
        uses = [(usage, name) for usage in self.odd.usages for name in (self.odd.names if usage == "server" else [""])]
        key = ["pkey", "-in", f"{self.directory}/leaf.key", "-noout", "-check", "-passin", "pass:"]
        return any(not is_content(command) for command in [key, *(self.verification(*use) for use in uses)])

    def verification(self, usage, name):
        leaf = f"{self.directory}/leaf.crt"
        host = [] if not name else ["-verify_ip" if is_address(name) else "-verify_hostname", name]
        return ["verify", "-purpose", f"ssl{usage}", *host, "-CAfile", f"{self.directory}/ca.crt", "-untrusted", leaf, leaf]

    def client_go_refuses(self):
        """Components that read the CA with client-go."""
        return self.reader_refuses("client-go")

    def kubeadm_refuses(self):
        """kubeadm wants the first certificate of the file to be a CA's."""
        return self.reader_refuses("kubeadm")

    def signer_refuses(self):
        """kube-controller-manager signs with a file of exactly one certificate."""
        return self.reader_refuses("signer")

    def reader_refuses(self, reader):
        questions = [question | {"reader": reader} for question in self.questions if question["root"].startswith(self.directory)]
        ended = subprocess.run(GO, input=json.dumps(questions), capture_output=True, text=True, check=True)
        return all(json.loads(ended.stdout))

    def authorizer_refuses(self):
        """The API server and etcd take the user and the groups from the subject, and these are others."""
        with open(f"{self.directory}/leaf.crt", "rb") as file:
            ended = subprocess.run(["openssl", "x509", "-outform", "DER"], input=file.read(), capture_output=True)
        return not ended.returncode and identity(ended.stdout) != identity(self.good_leaf)


def is_content(arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True).returncode == 0


def identity(certificate):
    """The common names and organizations of a certificate in DER, as far as they are text."""
    [[_, [[_, body], *_]]] = read(certificate)
    # The subject is the sixth field where the first one is the version.
    names = body[5 if body[0][0] == 0xA0 else 4][1]
    attributes = [attribute for _, name in names for _, attribute in name]
    return [(kind, value) for (_, kind), (tag, value), *_ in attributes
            if kind in (COMMON_NAME, ORGANIZATION) and tag in STRINGS]
