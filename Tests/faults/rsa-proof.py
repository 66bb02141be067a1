#!/usr/bin/env python3
"""Makes RSA keys with pkigen, and has each of them checked.

usage: rsa-proof.py PKIGEN [--keys N] [--algorithm rsa-2048]

Judges: `openssl pkey -check`, Python's cryptography, Go's Validate (goprivate, which Tests/judges/setup.sh puts beside
this Python), and arithmetic here: FIPS 186-5, A.1.1 and A.1.3, criterion by criterion. No two of all keys share a prime
(batch gcd over all moduli).
"""

import argparse
import base64
import glob
import math
import os
import re
import subprocess
import sys
import tempfile
import time

from cryptography.hazmat.primitives.serialization import load_pem_private_key

E = 65537


def make(pkigen, directory, count, algorithm):
    """Makes trees until there are so many keys, and returns the paths of these."""
    paths = []
    while len(paths) < count:
        out = os.path.join(directory, str(len(paths)))
        subprocess.run(
            [pkigen, "init", "-q", "--node-name", "cp1", "--advertise-ip", "10.0.0.10", "-d", out,
             "--key-algorithm", algorithm], check=True)
        for conf in glob.glob(f"{out}/*.conf"):
            with open(conf, encoding="utf-8") as file:
                data = re.search(r"client-key-data: (\S+)", file.read()).group(1)
            with open(f"{conf}.key", "wb") as file:
                file.write(base64.b64decode(data))
        paths += sorted(glob.glob(f"{out}/**/*.key", recursive=True))
    return paths[:count]


def faults(key, bits):
    """What the standard wants and the key is not."""
    numbers = key.private_numbers()
    n, e, d = numbers.public_numbers.n, numbers.public_numbers.e, numbers.d
    p, q, half = numbers.p, numbers.q, bits // 2
    lcm = math.lcm(p - 1, q - 1)
    criteria = {
        "n = p q": n == p * q,
        "n has all its bits": n.bit_length() == bits,
        "A.1.1 (1): e is odd, 2^16 < e < 2^256": e == E,
        "A.1.1 (2): gcd(p-1, e) = gcd(q-1, e) = 1": math.gcd(p - 1, e) == math.gcd(q - 1, e) == 1,
        # p >= sqrt(2) 2^(bits/2-1), squared, so that no root has to be taken.
        "A.1.3, 4.4: p is large enough": p * p >= 1 << (bits - 1) and p.bit_length() == half,
        "A.1.3, 5.4: q is large enough": q * q >= 1 << (bits - 1) and q.bit_length() == half,
        "A.1.3, 5.5: |p - q| > 2^(bits/2-100)": abs(p - q) > 1 << (half - 100),
        "A.1.1 (3): 2^(bits/2) < d < lcm": 1 << half < d < lcm,
        "A.1.1 (3): e d = 1 mod lcm": e * d % lcm == 1,
        "both top bits of p and q": p >> (half - 2) == q >> (half - 2) == 3,
        "RFC 8017 3.2: exponents": numbers.dmp1 == d % (p - 1) and numbers.dmq1 == d % (q - 1),
        "RFC 8017 3.2: coefficient": numbers.iqmp * q % p == 1,
    }
    return [criterion for criterion, holds in criteria.items() if not holds]


def shared(moduli):
    """The moduli that have a factor in common with another (Bernstein's batch gcd)."""
    levels = [moduli]
    while len(levels[-1]) > 1:
        level = levels[-1]
        levels.append([math.prod(level[at : at + 2]) for at in range(0, len(level), 2)])
    rests = levels.pop()
    while levels:
        level = levels.pop()
        rests = [rests[at // 2] % (number * number) for at, number in enumerate(level)]
    return [n for n, rest in zip(moduli, rests) if math.gcd(rest // n, n) != 1]


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("pkigen")
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--algorithm", default="rsa-2048")
    options = parser.parse_args()
    bits = int(options.algorithm.removeprefix("rsa-"))
    wrong, moduli = [], []
    with tempfile.TemporaryDirectory(prefix="pkigen-rsa-") as directory:
        begun = time.monotonic()
        paths = make(os.path.abspath(options.pkigen), directory, options.keys, options.algorithm)
        seconds = time.monotonic() - begun
        for path in paths:
            check = subprocess.run(
                ["openssl", "pkey", "-check", "-noout", "-in", path], capture_output=True, text=True)
            if check.returncode or "Key is valid" not in check.stdout:
                wrong.append(f"openssl: {check.stdout}{check.stderr}")
            with open(path, "rb") as file:
                # It checks the key itself, primes included.
                key = load_pem_private_key(file.read(), None)
            wrong += faults(key, bits)
            moduli.append(key.public_key().public_numbers().n)
        go = subprocess.run(
            [os.path.join(os.path.dirname(sys.executable), "goprivate")], input="\n".join(paths), capture_output=True, text=True,
            check=True)
        wrong += [f"Go: {line}" for line in go.stdout.splitlines()]
        wrong += [f"a modulus shares a prime: {n:x}" for n in shared(moduli)]
        wrong += ["two moduli are equal"] if len(set(moduli)) != len(moduli) else []
    print(f"{len(paths)} keys of {options.algorithm}, made in {seconds:.0f} s: {len(wrong)} faults")
    for fault in wrong:
        print(f"  {fault}")
    # A verifier that finds nothing in what is broken proves nothing.
    assert shared([3 * 5, 7 * 11, 5 * 13]) == [15, 65]
    sys.exit(1 if wrong or not paths else 0)


if __name__ == "__main__":
    main()
