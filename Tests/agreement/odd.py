"""Trees in which one thing is odd: what is drawn, and the files that show it."""

import base64
import os
import re

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

import keys
import oddities
from chains import BUNDLES, CHAINS
from der import Certificate, pem
from reasons import reason_of_findings
from relations import PROFILES
from texts import TEXTS, changed_byte
from witnesses import Witnesses

# Names and addresses that verify wants to find, by profile; the others' are in PROFILES.
API_NAMES = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "cp1",
             "10.96.0.1", "10.0.0.10"]
KUBECONFIGS = ["admin.conf", "scheduler.conf", "controller-manager.conf"]
PLACES = {name: PROFILES[name] for name in sorted(PROFILES)} | {
    "apiserver": ("pki/apiserver", "pki/ca", ["server"], API_NAMES)} | {
    name: (name, "pki/ca", ["client"], []) for name in KUBECONFIGS}

KINDS = ["leaf", "CA", "damaged leaf", "damaged CA", "chain", "damaged chain", "bundle", "text", "byte", "key", "CA key"]
# Who reads the file of a CA: kube-apiserver with client-go, or etcd.
READERS = {"pki/ca": "client-go", "pki/front-proxy-ca": "client-go", "pki/etcd/ca": "etcd"}


class Odd:
    """A tree in which one thing is odd."""

    def __init__(self, rng, number):
        self.number, self.rng = number, rng
        self.kind = rng.choice(KINDS)
        self.profile = rng.choice(sorted(PLACES))
        self.leaf, self.ca_path, self.usages, self.names = PLACES[self.profile]
        self.label, self.witnesses = "", None
        # Further files of the tree of which something is asked: who has a kubeconfig wants to reach the server.
        self.also = ["pki/apiserver.crt"] if self.asks_server else []

    @property
    def is_kubeconfig(self):
        return self.leaf.endswith(".conf")

    @property
    def asks_server(self):
        """Whether the kubeconfig's user asks the server; below another CA this would need another certificate."""
        return self.is_kubeconfig and self.kind != "CA key"

    def wrong(self):
        return {self.kind: self.label}

    def questions(self, directory, good, instant):
        """What a verifier that takes all questions at once is asked."""
        def question(leaf, usage, name, reader):
            return {"leaf": f"{leaf}.crt", "key": f"{leaf}.key", "root": f"{directory}/ca.crt", "name": name, "usage": usage,
                    "time": instant.isoformat(), "reader": reader}
        for usage in self.usages:
            for name in self.names if usage == "server" else [""]:
                yield question(f"{directory}/leaf", usage, name, READERS[self.ca_path])
        if self.asks_server:
            yield question(f"{good}/pki/apiserver", "server", "kubernetes", "tls")

    def reason(self, verifier, findings, answers):
        """Why Go differs from verify's findings; `None` where it should not."""
        return reason_of_findings(self, findings, answers[verifier])

    def places(self, good, directory):
        """The files of the tree that are others, by their places."""
        def content(name):
            with open(f"{directory}/{name}", "rb") as file:
                return file.read()
        places = {f"{self.ca_path}.crt": content("ca.crt")}
        if os.path.exists(f"{directory}/ca.key"):
            places[f"{self.ca_path}.key"] = content("ca.key") or None
        if not self.is_kubeconfig:
            return places | {f"{self.leaf}.crt": content("leaf.crt"), f"{self.leaf}.key": content("leaf.key")}
        with open(f"{good}/{self.leaf}") as file:
            text = file.read()
        for field, name in (("certificate-authority", "ca.crt"), ("client-certificate", "leaf.crt"), ("client-key", "leaf.key")):
            text = re.sub(f"{field}-data: .*", f"{field}-data: {base64.b64encode(content(name)).decode()}", text)
        return places | {self.leaf: text.encode()}


class Scene:
    """What a leaf and its CA are while they become odd; files in the end."""

    def __init__(self, odd, good, instant, key_of):
        self.rng, self.instant = odd.rng, instant
        self.ca_key, self.leaf_key = key_of(odd.ca_path), key_of(odd.leaf)
        self.leaf = Certificate(certificate_of(good, odd.leaf), self.ca_key)
        self.ca = Certificate(certificate_of(good, odd.ca_path), self.ca_key)
        self.other = certificate_of(good, "pki/front-proxy-ca" if odd.ca_path != "pki/front-proxy-ca" else "pki/ca")
        # In DER: what follows the leaf in its file, and what the CA's file holds, if not the CA alone.
        self.following, self.anchors = [], None
        # The CA's key in the tree: the same, another one, or none.
        self.is_rekeyed, self.is_external = False, False
        self.leaf_der = self.ca_der = self.key_text = None

    def files(self):
        leaf, ca = self.leaf_der or self.leaf.signed(), self.ca_der or self.ca.signed()
        files = {
            "leaf.crt": b"".join(pem("CERTIFICATE", one) for one in [leaf, *self.following]),
            "leaf.key": self.key_text or written(self.leaf_key),
            "ca.crt": b"".join(pem("CERTIFICATE", one) for one in (self.anchors if self.anchors is not None else [ca])),
        }
        return files | ({"ca.key": b"" if self.is_external else written(self.ca_key)} if self.is_external or self.is_rekeyed else {})


def written(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_of(tree, path):
    with open(f"{tree}/{path}" if path.endswith(".conf") else f"{tree}/{path}.crt") as file:
        text = file.read()
    if path.endswith(".conf"):
        text = base64.b64decode(re.search("client-certificate-data: (.*)", text)[1]).decode()
    return x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER)


class OddMaker:
    """Makes the files of odd trees from a good one."""

    def __init__(self, good, instant):
        self.good, self.instant, self.keys = good, instant, {}

    def key(self, path):
        if path not in self.keys:
            with open(f"{self.good}/{path}" if path.endswith(".conf") else f"{self.good}/{path}.key") as file:
                text = file.read()
            if path.endswith(".conf"):
                text = base64.b64decode(re.search("client-key-data: (.*)", text)[1]).decode()
            self.keys[path] = load_pem_private_key(text.encode(), None)
        return self.keys[path]

    def make(self, odd, directory):
        """Writes leaf.crt, leaf.key and ca.crt, and ca.key where it is another one or, empty, where there is none."""
        scene = Scene(odd, self.good, self.instant, self.key)
        odd.label = draw(odd, scene)
        files = scene.files()
        if odd.kind in ("text", "byte"):
            name = odd.rng.choice(["leaf.crt", "leaf.key", "ca.crt"])
            what, change = odd.rng.choice(sorted(TEXTS.items())) if odd.kind == "text" else ("a byte", changed_byte)
            odd.label = f"{what} in {name}"
            files[name] = change(files[name], odd.rng, pem("CERTIFICATE", scene.other))
        questions = list(odd.questions(directory, self.good, self.instant))
        odd.witnesses = Witnesses(odd, directory, certificate_of(self.good, odd.leaf), questions)
        for name, content in files.items():
            with open(os.path.join(directory, name), "wb") as file:
                file.write(content)


def draw(odd, scene):
    """Makes a scene odd, and says in what way."""
    rng = odd.rng
    certificate = scene.ca if "CA" in odd.kind else scene.leaf
    match odd.kind:
        case "leaf" | "CA":
            label, change = rng.choice(sorted(rng.choice(oddities.GROUPS).items()))
            change(certificate, scene.instant)
        case "damaged leaf":
            body, label = oddities.damaged(scene.leaf.body(), rng)
            scene.leaf_der = scene.leaf.signed(body)
        case "damaged CA":
            body, label = oddities.damaged(scene.ca.body(), rng)
            scene.ca_der = scene.ca.signed(body)
        case "chain" | "bundle":
            label, change = rng.choice(sorted((CHAINS if odd.kind == "chain" else BUNDLES).items()))
            change(scene)
        case "damaged chain":
            CHAINS["one intermediate"](scene)
            body, label = oddities.damaged(scene.middle.body(), rng)
            scene.following = [scene.middle.signed(body)]
        case "key":
            label, change = rng.choice(sorted((keys.KEYS | keys.FORMS).items()))
            change(scene)
        case "CA key":
            label, change = rng.choice(sorted(keys.CA_KEYS.items()))
            change(scene)
        case _:
            label = ""
    return label
