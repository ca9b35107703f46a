#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Fetch a page over TLS that the module does and verifies.

usage: tls_client.py HOST PORT [PATH]

The module must be in a network. The certificate set must hold the CA of the
server, and for the device's verify mode "required" a certificate and its key.
"""
import sys

import eswifi


def main() -> int:
    """Exit status"""
    if len(sys.argv) not in (3, 4):
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 2
    host, port, path = sys.argv[1], int(sys.argv[2]), (sys.argv + ["/"])[3]
    try:
        with eswifi.connect(host, port, tls=True, timeout=60) as connection:
            got = connection.info()
            print(f"{got.address} port {got.port}, verify mode {got.verify.name.lower()}, "
                  f"{'verified' if got.verified else 'NOT verified'}", file=sys.stderr)
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            while data := connection.recv(65536):
                sys.stdout.buffer.write(data)
    except eswifi.Error as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
