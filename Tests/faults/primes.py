#!/usr/bin/env python3
"""Looks at the primes that the search for RSA keys has found.

usage: primes.py FILE

FILE has a prime a line, in hexadecimal. Judges: OpenSSL's BN_check_prime (64 rounds), and gmpy2's tests of Miller-Rabin
and Baillie-PSW. None is there twice. The bits below the two highest, and the rests after division by small primes, are
distributed as those of random primes, by the chi-square test: what is as unlikely as one in ten million is a fault.
"""

import collections
import ctypes
import ctypes.util
import sys

import gmpy2

# The chi-square value that one in ten million exceeds, by degrees of freedom.
BOUNDS = {1: 28.37, 3: 35.41, 5: 40.86, 9: 50.17, 15: 62.33}


def chi_square(counts, values):
    """How far the counts of the values are from equal ones."""
    expected = sum(counts.values()) / len(values)
    return sum((counts[value] - expected) ** 2 / expected for value in values)


def composites(primes):
    """Those that one of the judges calls composite."""
    library = ctypes.CDLL(ctypes.util.find_library("crypto"))
    for function in (library.BN_bin2bn, library.BN_new):
        function.restype = ctypes.c_void_p
    number = ctypes.c_void_p(library.BN_new())
    for prime in primes:
        octets = prime.to_bytes((prime.bit_length() + 7) // 8, "big")
        library.BN_bin2bn(octets, len(octets), number)
        if library.BN_check_prime(number, None, None) != 1:
            yield f"OpenSSL: {prime:x}"
        if not gmpy2.is_prime(prime, 32) or not gmpy2.is_strong_bpsw_prp(prime):
            yield f"gmpy2: {prime:x}"


def uneven(primes, bits):
    """The distributions that are not those of random primes."""
    # 16 values of the four bits below the two highest.
    tops = collections.Counter(prime >> (bits - 6) & 15 for prime in primes)
    distributions = {"bits below the highest": (tops, range(16))}
    for small in (3, 5, 7, 11):
        rests = collections.Counter(prime % small for prime in primes)
        distributions[f"rests modulo {small}"] = (rests, range(1, small))
    for name, (counts, values) in distributions.items():
        value = chi_square(counts, values)
        if value > BOUNDS[len(values) - 1]:
            yield f"{name} of {bits} bits: {value:.1f}, {dict(sorted(counts.items()))}"


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        primes = [int(line, 16) for line in file]
    faults = [f"composite by {text}" for text in composites(primes)]
    if len(set(primes)) != len(primes):
        faults.append("a prime is there twice")
    by_size = collections.defaultdict(list)
    for prime in primes:
        by_size[prime.bit_length()].append(prime)
    for bits, some in sorted(by_size.items()):
        if any(prime >> (bits - 2) != 3 for prime in some):
            faults.append(f"a prime of {bits} bits has not both highest bits")
        faults += uneven(some, bits)
    sizes = ", ".join(f"{len(some)} of {bits} bits" for bits, some in sorted(by_size.items()))
    print(f"{len(primes)} primes, {sizes}: {len(faults)} faults")
    for fault in faults:
        print(f"  {fault}")
    # Judges that find nothing in what is wrong prove nothing.
    assert len(list(composites([3825123056546413051]))) == 2
    assert list(uneven([0b110001] * 10_000, 6))
    sys.exit(1 if faults or not primes else 0)


if __name__ == "__main__":
    main()
