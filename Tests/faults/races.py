#!/usr/bin/env python3
"""Runs pkigen many times at once on one tree.

usage: races.py PKIGEN [--rounds N]

Writers: one waits or is refused with status 75 and the name of who is at work; what comes of it is never a mix.
Readers: while renew after renew replaces every leaf, check-expiration, verify and inspect find nothing wrong.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading

import tree
from sweep import CLUSTER

INIT = ["init", *CLUSTER, "--jobs", "1", "-q", "-d", "k8s"]
RENEW = ["renew", "all", "--jobs", "1", "-q", "--no-backup", "-d", "k8s"]
READERS = [
    ["check-expiration", "-o", "json", "-d", "k8s"],
    ["verify", "-q", "--strict", "-d", "k8s"],
    ["inspect", "k8s/pki/apiserver.crt", "k8s/pki/apiserver.key", "k8s/admin.conf", "-o", "json"],
]


class Race:
    def __init__(self, pkigen, directory):
        self.pkigen, self.directory = pkigen, directory
        self.root = os.path.join(directory, "k8s")
        self.failures = []

    def run(self, arguments):
        return subprocess.run(
            [self.pkigen, *arguments], cwd=self.directory, text=True, capture_output=True, timeout=120)

    def at_once(self, arguments, count):
        """Starts a command so many times at once; all must succeed or be refused, and one must succeed."""
        ended = [None] * count

        def one(number):
            ended[number] = self.run(arguments)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = 0
        for result in ended:
            if result.returncode == 75:
                refused += 1
                # A run that has the right only since this moment may not have written its name yet.
                if not re.search(r"in use by (pkigen, process \d+|another run of pkigen)", result.stderr):
                    self.failures.append(f"refused without a name: {result.stderr}")
            elif result.returncode:
                self.failures.append(f"{arguments[0]} ended with {result.returncode}: {result.stderr}")
        if refused == count:
            self.failures.append("all were refused")
        self.check()
        return refused

    def check(self):
        seen = tree.targets(self.root)
        wrong = tree.pairs(seen) + tree.unsigned(seen) + tree.exposed(self.root) + tree.leftovers(self.root)
        self.failures += wrong if len(seen) == 26 else wrong + [f"there are {len(seen)} files"]

    def read_while_renewing(self, rounds):
        """Reads in loops while renewals run in a loop."""
        is_over = threading.Event()
        counts = [0] * len(READERS)

        def read(number):
            while not is_over.is_set():
                result = self.run(READERS[number])
                counts[number] += 1
                if result.returncode:
                    self.failures.append(f"{READERS[number][0]}: {result.returncode}: {result.stdout}{result.stderr}")

        threads = [threading.Thread(target=read, args=(number,)) for number in range(len(READERS))]
        for thread in threads:
            thread.start()
        for _ in range(rounds):
            result = self.run(RENEW)
            if result.returncode:
                self.failures.append(f"renew ended with {result.returncode}: {result.stderr}")
        is_over.set()
        for thread in threads:
            thread.join()
        self.check()
        return sum(counts)


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("pkigen")
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    failures = []
    refused = [0, 0]
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="pkigen-races-") as directory:
            race = Race(os.path.abspath(options.pkigen), directory)
            refused[0] += race.at_once(INIT, 6)
            refused[1] += race.at_once(RENEW, 4)
            failures += race.failures
    print(f"{options.rounds} times 6 inits at once: {refused[0]} refused; 4 renewals at once: {refused[1]} refused")
    with tempfile.TemporaryDirectory(prefix="pkigen-races-") as directory:
        race = Race(os.path.abspath(options.pkigen), directory)
        race.run(INIT)
        reads = race.read_while_renewing(options.rounds * 5)
        failures += race.failures
    print(f"{reads} readings during {options.rounds * 5} renewals of everything")
    for failure in failures:
        print(f"  {failure}")
    print(f"{len(failures)} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
