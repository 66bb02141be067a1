#!/usr/bin/env python3
"""Gives pkigen command lines that are put together at random, and says which it did not survive.

usage: options.py PKIGEN SECONDS [SEED]

Commands and options come from pkigen's own help pages; values are good ones, hostile ones, and ones that a user has
damaged. A command line is survived when it ends with a status that is documented, without a trap, and when no key is
printed.
"""

import os
import random
import re
import subprocess
import sys
import tempfile
import time

STATUSES = (0, 1, 64, 65, 73, 74, 75, 77, 78)
VALUES = [
    "cp1", "10.0.0.10", "2001:db8::1", "k8s.example.com:6443", "[::1]:6443", "10.96.0.0/12,fd00::/108", "cluster.local", "90d",
    "1h30m", "ecdsa-p256", "rsa-2048", "kubeadm", "documented", "v1.36.1", "json", "yaml", "text", "k8s", "all", "apiserver",
    "admin.conf", "sa", "https://10.0.0.10:6443", "kubernetes.io/kubelet-serving", "server", "", " ", "-", "--", "-1", "0",
    "99999999999999999999d", "0d", "1e9d", "a,IP:10.0.0.1", "../x", "/", "/dev/null", "/dev/full", "\n", "a\nb", "\x1b[2J",
    "🦊", "e\u0301", "x" * 10000, "*", "*.*", "a.b.c.", ".a", "xn--", "localhost", "256.0.0.1", "0.0.0.0", "::", "0x0a.1.1.1",
    "10.0.0.0/33", "10.0.0.0/-1", "fd00::/200", "%s%n", "$(id)", "';--", "\u202e", "v1.99", "v9999999999.1.1", "system:masters",
]


def help_of(pkigen, command):
    return subprocess.run([pkigen, *command, "--help"], capture_output=True, text=True, check=True).stdout


def commands(pkigen, command=()):
    """Every command with its options."""
    text = help_of(pkigen, command)
    _, _, part = text.partition("SUBCOMMANDS:")
    names = re.findall(r"^  ([a-z-]+)(?:,.*?)?(?:  |$)", part, re.M)
    options = re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text.partition("USAGE:")[2])
    found = [(list(command), sorted(set(options)))]
    for name in names:
        found += commands(pkigen, (*command, name))
    return found


def value(rng):
    text = rng.choice(VALUES)
    if text and rng.random() < 0.2:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice(["", "\x01", ",", ":", "/", "é", text]) + text[at + 1 :]
    return text


def command_line(rng, table):
    command, options = rng.choice(table)
    line = list(command)
    for _ in range(rng.randrange(8)):
        line.append(rng.choice(options) if options and rng.random() < 0.6 else value(rng))
        if line[-1].startswith("--") and rng.random() < 0.1:
            line[-1] += "=" + value(rng)
    return line


def main():
    pkigen, seconds = os.path.abspath(sys.argv[1]), float(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    rng = random.Random(seed)
    table = commands(pkigen)
    count, failures, end = 0, 0, time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="pkigen-options-") as directory:
        # Nothing that a random path names is worth anything: the run is as another user.
        os.chmod(directory, 0o777)
        identity = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        while time.monotonic() < end:
            line = command_line(rng, table)
            # It is parsing that is tried; making large keys would take all of the time.
            making = line[:1] in (["init"], ["phase"], ["renew"], ["fixtures"])
            line += ["--dry-run"] if making and "--" not in line else []
            ended = subprocess.run(
                [pkigen, *line], cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                env={"HOME": directory, "PATH": os.environ["PATH"]}, **identity)
            count += 1
            if ended.returncode not in STATUSES or b"PRIVATE KEY-----" in ended.stderr:
                failures += 1
                print(f"{ended.returncode}: {line!r}\n  {ended.stderr[-400:]!r}")
    print(f"options: {count} command lines of {len(table)} commands, seed {seed}: {failures} not survived")
    sys.exit(1 if failures or not count else 0)


if __name__ == "__main__":
    main()
