#!/usr/bin/env python3
"""Asks pkigen verify, openssl, Go, GnuTLS and Python's cryptography of the same certificates, and says where they differ.

usage: agreement.py PKIGEN [--relations N] [--seed N] [--verbose]

Each relation is a certificate of a tree below a CA, right or wrong in ways that are drawn at random. It is put in
its place in a good tree, and pkigen verify accepts it when it finds no error in it or in its CA. Another verifier
accepts it when it accepts it for every usage that the certificate has to have, as a server by every name. A difference
that `reasons.py` does not explain is a failure.
"""

import argparse
import collections
import concurrent.futures
import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from reasons import reason
from relations import Maker, Relation, is_address

HERE = os.path.dirname(os.path.abspath(__file__))
JUDGES = os.path.join(HERE, "..", "..", ".build", "judges", "bin")
CLUSTER = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10"]


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


class Tree:
    """A copy of the good tree, in which one certificate and its CA are exchanged."""

    def __init__(self, pkigen, good, directory):
        self.pkigen, self.good, self.directory = pkigen, good, directory
        shutil.copytree(good, directory)

    def findings(self, relation, files):
        places = {
            relation.leaf + ".crt": "leaf.crt", relation.leaf + ".key": "leaf.key", relation.ca + ".crt": "ca.crt"}
        for place, file in places.items():
            shutil.copyfile(os.path.join(files, file), os.path.join(self.directory, place))
        ended = subprocess.run(
            [self.pkigen, "verify", "-o", "json", *CLUSTER, "-d", self.directory], capture_output=True, text=True)
        for place in places:
            shutil.copyfile(os.path.join(self.good, place), os.path.join(self.directory, place))
        if ended.returncode not in (0, 1):
            raise RuntimeError(f"pkigen verify ended with {ended.returncode}: {ended.stderr}")
        leaf = os.path.join(self.directory, relation.leaf + ".crt")
        concerned = {os.path.join(self.directory, place) for place in places}
        return [
            finding["code"] for finding in json.loads(ended.stdout)["findings"]
            # What others of the tree have against the CA is no matter of the relation.
            if finding["severity"] == "error"
            and (leaf in finding["files"] or set(finding["files"]) <= concerned)]


def asked(verifier, relations, directory, instant):
    """The verdicts of a verifier that takes all questions at once."""
    questions = [
        {"leaf": f"{directory}/{r.number}/leaf.crt", "key": f"{directory}/{r.number}/leaf.key",
         "root": f"{directory}/{r.number}/ca.crt", "name": name, "usage": usage, "time": instant.isoformat()}
        for r in relations for usage, name in r.questions()]
    ended = subprocess.run(verifier, input=json.dumps(questions), capture_output=True, text=True, check=True)
    answers = iter(json.loads(ended.stdout))
    # All of a relation's answers have to be taken, so no `all` of a generator, which stops early.
    return [not any([next(answers) for _ in r.questions()]) for r in relations]


def asked_one_by_one(relations, trees, directory):
    """The verdicts of the verifiers that are asked one by one: pkigen's codes, openssl's and GnuTLS's verdicts."""
    def one(relation):
        files = f"{directory}/{relation.number}"
        tree = trees.pop()
        try:
            codes = tree.findings(relation, files)
        finally:
            trees.append(tree)
        pair = has_pair(files)
        return codes, *(pair and all(verifier(files, *q) for q in relation.questions()) for verifier in (openssl, gnutls))

    with concurrent.futures.ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(one, relations))


def compare(pkigen, relations, directory):
    """All verdicts: by relation, pkigen's codes and what each verifier says."""
    good = f"{directory}/good"
    subprocess.run([pkigen, "init", *CLUSTER, "--key-algorithm", "ecdsa-p256", "-q", "-d", good], check=True)
    instant = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    maker = Maker(good, instant)
    for relation in relations:
        os.mkdir(f"{directory}/{relation.number}")
        maker.make(relation, f"{directory}/{relation.number}")
    trees = [Tree(pkigen, good, f"{directory}/tree{number}") for number in range(os.cpu_count())]
    single = asked_one_by_one(relations, trees, directory)
    go = asked([f"{JUDGES}/goverify"], relations, directory, instant)
    python = asked([f"{JUDGES}/python", f"{HERE}/../judges/pyverify.py"], relations, directory, instant)
    for relation, (codes, openssl_says, gnutls_says), go_says, python_says in zip(relations, single, go, python):
        yield relation, codes, {"openssl": openssl_says, "go": go_says, "gnutls": gnutls_says, "python": python_says}


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("pkigen")
    parser.add_argument("--relations", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    relations = [Relation(rng, number) for number in range(options.relations)]
    differences, unexplained, agreed, accepted = collections.Counter(), 0, 0, 0
    with tempfile.TemporaryDirectory(prefix="pkigen-agreement-") as directory:
        for relation, codes, verdicts in compare(os.path.abspath(options.pkigen), relations, directory):
            accepted += not codes
            others = [verifier for verifier, is_accepted in verdicts.items() if is_accepted != (not codes)]
            agreed += not others
            for verifier in others:
                why = reason(verifier, relation, codes)
                differences[verifier, "accepts" if verdicts[verifier] else "refuses", why or "?"] += 1
                if not why or options.verbose:
                    unexplained += not why
                    print(f"{verifier} {'accepts' if verdicts[verifier] else 'refuses'} {relation.profile}: "
                          f"{relation.wrong()}; pkigen: {', '.join(codes) or 'accepts'}")
    questions = sum(len(list(relation.questions())) for relation in relations)
    print(f"{len(relations)} certificates, {questions} questions, seed {options.seed}: pkigen accepts {accepted}; "
          f"all five agree on {agreed}")
    for (verifier, verdict, why), count in sorted(differences.items()):
        print(f"  {count:5}  {verifier} {verdict}: {why}")
    print(f"{unexplained} differences without a reason")
    sys.exit(1 if unexplained or not accepted else 0)


if __name__ == "__main__":
    main()
