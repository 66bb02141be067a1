#!/usr/bin/env python3
"""Asks pkigen verify and others of the same certificates, chains, keys and kubeconfigs, and says where they differ.

usage: agreement.py PKIGEN [--relations N] [--oddities N] [--seed N] [--only N] [--verbose]

Each relation is a certificate of a tree below a CA, right or wrong in ways that are drawn at random; openssl, Go, GnuTLS
and Python's cryptography are asked of it. Each oddity is a tree in which one thing is odd; Go is asked of it, which reads
the files and makes TLS handshakes. Both are put in their place in a good tree, and pkigen verify accepts them when it
finds no error in them or in their CA. Another verifier accepts them when it accepts them for every usage that the
certificate has to have, as a server by every name. A difference that `reasons.py` does not explain is a failure.
"""

import argparse
import collections
import datetime
import os
import random
import subprocess
import sys
import tempfile

from verifiers import CLUSTER, GO, PYTHON, asked, each, gnutls, has_pair, openssl
from odd import Odd, OddMaker
from relations import Maker, Relation


def asked_one_by_one(subject, tree, files):
    """pkigen's findings, and openssl's and GnuTLS's verdicts of a relation."""
    pair = has_pair(files)
    return tree.findings(subject, files), *(
        pair and all(verifier(files, *use) for use in subject.uses()) for verifier in (openssl, gnutls))


def compare_relations(pkigen, relations, directory, instant):
    """All verdicts: by relation, pkigen's findings and what each verifier has against it."""
    single = each(relations, pkigen, directory, asked_one_by_one)
    go, python = (asked(verifier, relations, directory, instant) for verifier in (GO, PYTHON))
    for relation, (findings, openssl_says, gnutls_says), go_says, python_says in zip(relations, single, go, python):
        yield relation, findings, {
            "openssl": "" if openssl_says else "no", "go": go_says, "gnutls": "" if gnutls_says else "no", "python": python_says}


def compare_oddities(pkigen, oddities, directory, instant):
    """All verdicts: by oddity, pkigen's findings and what Go has against it."""
    found = each(oddities, pkigen, directory, lambda odd, tree, files: tree.findings(odd, files))
    for odd, findings, go_says in zip(oddities, found, asked(GO, oddities, directory, instant)):
        yield odd, findings, {"go": go_says}


class Report:
    """Counts agreement and differences, and prints those that have no reason."""

    def __init__(self, is_verbose):
        self.is_verbose, self.unexplained = is_verbose, 0
        self.differences, self.agreed, self.accepted = collections.Counter(), 0, 0

    def add(self, subject, findings, answers):
        codes = [code for code, _ in findings]
        self.accepted += not codes
        others = [verifier for verifier, answer in answers.items() if bool(answer) != bool(codes)]
        self.agreed += not others
        for verifier in others:
            verdict = "refuses" if answers[verifier] else "accepts"
            why = subject.reason(verifier, findings, answers)
            self.differences[verifier, verdict, why or "?"] += 1
            self.unexplained += not why
            if not why or self.is_verbose:
                says = "; ".join(f"{code}: {message}" for code, message in findings) or "accepts"
                print(f"{subject.number}: {verifier} {verdict} {subject.profile}, {subject.wrong()}: "
                      f"{answers[verifier]}\n    pkigen: {says}")

    def end(self):
        for (verifier, verdict, why), count in sorted(self.differences.items()):
            print(f"  {count:5}  {verifier} {verdict}: {why}")


def run(name, subjects, make, compare, options):
    """Makes and compares subjects; whether every difference has a reason."""
    report = Report(options.verbose)
    subjects = [subject for subject in subjects if options.only in (None, subject.number)]
    with tempfile.TemporaryDirectory(prefix="pkigen-agreement-") as directory:
        good, pkigen = f"{directory}/good", os.path.abspath(options.pkigen)
        subprocess.run([pkigen, "init", *CLUSTER, "--key-algorithm", "ecdsa-p256", "-q", "-d", good], check=True)
        instant = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        maker = make(good, instant)
        for subject in subjects:
            os.mkdir(f"{directory}/{subject.number}")
            maker.make(subject, f"{directory}/{subject.number}")
        for verdicts in compare(pkigen, subjects, directory, instant):
            report.add(*verdicts)
        questions = sum(len(list(one.questions(f"{directory}/{one.number}", good, instant))) for one in subjects)
    print(f"{len(subjects)} {name}, {questions} questions, seed {options.seed}: pkigen accepts {report.accepted}; "
          f"all agree on {report.agreed}")
    report.end()
    print(f"{report.unexplained} differences without a reason")
    return not report.unexplained and (report.accepted or not subjects)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("pkigen")
    parser.add_argument("--relations", type=int, default=2500)
    parser.add_argument("--oddities", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only", type=int, help="the number of the one to ask about")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    relations = [Relation(rng, number) for number in range(options.relations)]
    # Each draws for itself, so that one alone is the same as among others.
    oddities = [Odd(random.Random(f"{options.seed} {number}"), number) for number in range(options.oddities)]
    good = run("relations", relations, Maker, compare_relations, options)
    good &= run("oddities", oddities, OddMaker, compare_oddities, options)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
