"""Who is asked of certificates: pkigen verify, in trees of its own, and the programs that it is compared with."""

import concurrent.futures
import json
import os
import shutil
import subprocess

from relations import is_address

HERE = os.path.dirname(os.path.abspath(__file__))
JUDGES = os.path.join(HERE, "..", "..", ".build", "judges", "bin")
GO = [f"{JUDGES}/goverify"]
PYTHON = [f"{JUDGES}/python", f"{HERE}/../judges/pyverify.py"]
CLUSTER = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--service-cidr", "10.96.0.0/12"]


def is_content(command):
    return subprocess.run(command, capture_output=True).returncode == 0


def openssl(directory, usage, name):
    command = ["openssl", "verify", "-x509_strict", "-purpose", f"ssl{usage}", "-CAfile", f"{directory}/ca.crt"]
    if name:
        command += ["-verify_ip" if is_address(name) else "-verify_hostname", name]
    return is_content([*command, f"{directory}/leaf.crt"])


def gnutls(directory, usage, name):
    purpose = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2"}[usage]
    command = ["certtool", "--verify", "--load-ca-certificate", f"{directory}/ca.crt", "--verify-purpose", purpose]
    if name:
        command += ["--verify-hostname", name]
    return is_content([*command, "--infile", f"{directory}/leaf.crt"])


def has_pair(directory):
    """openssl and certtool look at certificates alone."""
    def public(*arguments):
        return subprocess.run(["openssl", *arguments], capture_output=True).stdout
    return public("pkey", "-in", f"{directory}/leaf.key", "-pubout") == public(
        "x509", "-in", f"{directory}/leaf.crt", "-noout", "-pubkey")


def asked(verifier, subjects, directory, instant):
    """What a verifier that takes all questions at once has against each subject; "" for nothing."""
    questions = [
        list(subject.questions(f"{directory}/{subject.number}", f"{directory}/good", instant)) for subject in subjects]
    ended = subprocess.run(verifier, input=json.dumps(sum(questions, [])), capture_output=True, text=True, check=True)
    answers = iter(json.loads(ended.stdout))
    # All of a subject's answers have to be taken, so no generator, which stops early.
    return [next(filter(None, [next(answers) for _ in own]), "") for own in questions]


class Tree:
    """A copy of the good tree, in which some files are exchanged."""

    def __init__(self, pkigen, good, directory):
        self.pkigen, self.good, self.directory = pkigen, good, directory
        shutil.copytree(good, directory)

    def findings(self, subject, files):
        """The codes and messages of verify's errors about the files of a subject."""
        places = subject.places(self.good, files)
        for place, content in places.items():
            self.put(place, content)
        ended = subprocess.run(
            [self.pkigen, "verify", "-o", "json", *CLUSTER, "-d", self.directory], capture_output=True, text=True)
        for place in places:
            with open(os.path.join(self.good, place), "rb") as file:
                self.put(place, file.read())
        if ended.returncode not in (0, 1):
            raise RuntimeError(f"pkigen verify ended with {ended.returncode}: {ended.stderr}")
        asked_of = {os.path.join(self.directory, place) for place in [subject.leaf, f"{subject.leaf}.crt", *subject.also]}
        concerned = {os.path.join(self.directory, place) for place in places} | asked_of
        return [
            (finding["code"], finding["message"].replace(self.directory + "/", ""))
            for finding in json.loads(ended.stdout)["findings"]
            # What others of the tree have against the CA is no matter of the subject.
            if finding["severity"] == "error"
            and (not asked_of.isdisjoint(finding["files"]) or set(finding["files"]) <= concerned)]

    def put(self, place, content):
        """Writes a file of the tree; one without content, for a key that is kept off the machine, goes."""
        path = os.path.join(self.directory, place)
        if content is None:
            os.remove(path)
            return
        with open(path, "wb") as file:
            file.write(content)
        if not place.endswith(".crt"):
            os.chmod(path, 0o600)


def each(subjects, pkigen, directory, ask):
    """What `ask` says of each subject, with a tree that no other subject has at the moment."""
    trees = [Tree(pkigen, f"{directory}/good", f"{directory}/tree{number}") for number in range(os.cpu_count())]

    def one(subject):
        tree = trees.pop()
        try:
            return ask(subject, tree, f"{directory}/{subject.number}")
        finally:
            trees.append(tree)

    with concurrent.futures.ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(one, subjects))
