#!/usr/bin/env python3
"""Prints the functions that pkigen's daily commands run, in the order in which they run first.

usage: order.py PKIGEN

The linker lays them side by side in this order (--symbol-ordering-file), so that a start reads few pages of a large file.
PKIGEN must have its symbols. Needs valgrind.
"""

import os
import re
import subprocess
import sys
import tempfile

CLUSTER = ["--node-name", "cp1", "--advertise-ip", "10.0.0.10", "--key-algorithm", "ecdsa-p256", "-d", "tree"]
RUNS = [
    ["init", *CLUSTER], ["check-expiration", "-d", "tree"], ["verify", "-d", "tree"], ["renew", "all", "-d", "tree"],
    ["phase", "cert", "all", *CLUSTER],
]


def functions(profile, program):
    """The names of the functions of `program` in a profile; each is numbered, and named where it is mentioned first."""
    names, objects, current = {}, {}, None
    for line in profile:
        match = re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line)
        if not match:
            continue
        is_call, kind, number, name = match.groups()
        table = objects if kind == "ob" else names
        if name:
            table[number] = name
        if kind == "ob" and not is_call:
            current = objects[number]
        elif kind == "fn" and not is_call and current == program:
            yield names[number].split("'")[0]


def main():
    pkigen = os.path.abspath(sys.argv[1])
    found = {}
    with tempfile.TemporaryDirectory(prefix="pkigen-order-") as directory:
        # Valgrind need not read what debuggers are told, and takes minutes over it.
        program = os.path.join(directory, "pkigen")
        subprocess.run(["strip", "-g", "-o", program, pkigen], check=True)
        for run in RUNS:
            subprocess.run(
                ["valgrind", "--tool=callgrind", "--demangle=no", "--callgrind-out-file=profile", program, *run],
                cwd=directory, check=True, capture_output=True)
            with open(os.path.join(directory, "profile"), encoding="utf-8") as profile:
                found.update(dict.fromkeys(functions(profile, program)))
    for name in found:
        # Valgrind makes up names of what has none.
        if re.fullmatch(r"(?!0x)[\w$.]+", name):
            print(name)


if __name__ == "__main__":
    main()
