#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""RSA keys for the self-tests: PKCS#1, in which d is the inverse of e modulo (p-1)(q-1).

That is what every firmware can use; OpenSSL 3 takes d modulo lcm(p-1, q-1), which
makes the same key but is of no use to some.

usage: rsa.py FOLDER COUNT    make a stock of keys; to make one takes long in the test kernel
"""
import base64
import math
import os
import pathlib
import subprocess
import sys
import textwrap

LABEL = "RSA PRIVATE KEY"
# Places in what numbers() gives
N, E, D, P, Q = range(1, 6)


def value_at(der, at):
    """Where the value of the element at this place begins and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7f
        length = int.from_bytes(der[at + 2:start], "big")
    return start, start + length


def numbers(pem):
    """All numbers of a key in PKCS#1: version, n, e, d, p, q and what follows."""
    head, tail = (f"-----{verb} {LABEL}-----".encode() for verb in ("BEGIN", "END"))
    der = base64.b64decode(pem.partition(head)[2].partition(tail)[0])
    at, end = value_at(der, 0)
    found = []
    while at < end:
        start, at = value_at(der, at)
        found.append(int.from_bytes(der[start:at], "big"))
    return found


def element(tag, value):
    length = len(value)
    size = (length.bit_length() + 7) // 8
    return bytes([tag]) + (bytes([length]) if length < 0x80 else
                           bytes([0x80 | size]) + length.to_bytes(size, "big")) + value


def pem_of(found):
    """The key that has these numbers."""
    der = element(0x30, b"".join(element(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))
                                 for n in found))
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {LABEL}-----", *lines, f"-----END {LABEL}-----", ""]).encode()


def fit(pem):
    """The same key, with d modulo (p-1)(q-1)."""
    found = numbers(pem)
    found[D] = pow(found[E], -1, (found[P] - 1) * (found[Q] - 1))
    return pem_of(found)


def unfit(pem):
    """The same key, with a d that is right modulo lcm(p-1, q-1) only."""
    found = numbers(pem)
    whole = (found[P] - 1) * (found[Q] - 1)
    least = math.lcm(found[P] - 1, found[Q] - 1)
    found[D] = pow(found[E], -1, least)
    if found[D] * found[E] % whole == 1:
        found[D] += least
    return pem_of(found)


def new():
    made = subprocess.run(["openssl", "genrsa", "-traditional", "2048"], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return fit(made.stdout)


def take(number):
    """A key: the same number is the same key where there is a stock of them."""
    try:
        stock = pathlib.Path(os.environ["ESWIFI_BUILD"]) / "keys"
        return (stock / f"{number}.key").read_bytes()
    except (KeyError, FileNotFoundError):
        return new()


def main(folder, count):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(int(count)):
        key = folder / f"{number}.key"
        if not key.exists():
            part = key.with_suffix(".new")
            part.write_bytes(new())
            part.rename(key)


if __name__ == "__main__":
    main(*sys.argv[1:])
