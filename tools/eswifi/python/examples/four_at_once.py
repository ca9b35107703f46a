#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Up to four connections at once, in asyncio: each fetches a page, all at the same time.

usage: four_at_once.py HOST PORT PATH...

Four, because the module has four sockets.
"""
import asyncio
import hashlib
import sys
from typing import Tuple

import eswifi


async def fetch(host: str, port: int, path: str) -> Tuple[int, str]:
    """Bytes of the page, and their checksum"""
    reader, writer = await asyncio.wait_for(eswifi.open_connection(host, port), 60)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        page = await reader.read()
    finally:
        writer.close()
    return len(page), hashlib.sha256(page).hexdigest()


async def fetch_all(host: str, port: int, *paths: str) -> None:
    """Print what each page was"""
    pages = await asyncio.gather(*(fetch(host, port, path) for path in paths))
    for path, (size, checksum) in zip(paths, pages):
        print(f"{checksum}  {path}  {size} bytes")


def main() -> int:
    """Exit status"""
    if not 4 <= len(sys.argv) <= 7:
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 2
    try:
        asyncio.run(fetch_all(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]))
    except eswifi.Error as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
