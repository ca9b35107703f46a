#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Bring certificates into the first certificate set that is free or holds them already.

usage: provision.py NAME [MAC]

The files ca.pem, cert.pem and key.pem lie in /lib/firmware/inventek/NAME/. Sets 0
to 2 can be written once: a set that holds something else is left as it is.
"""
import errno
import sys
from typing import Optional

import eswifi


def provision(device: eswifi.Device, name: str) -> Optional[str]:
    """What was done, or None if no set could take them"""
    for slot in device.cert_slots():
        device.cert_set = slot.number
        try:
            return device.provision(name)
        except eswifi.ProvisionError as failure:
            if failure.errno != errno.EEXIST:
                raise
            print(f"set {slot.number}: {failure.text}", file=sys.stderr)
    return None


def main() -> int:
    """Exit status"""
    if len(sys.argv) not in (2, 3):
        print(__doc__.strip().splitlines()[2], file=sys.stderr)
        return 2
    try:
        device = eswifi.Device(mac=sys.argv[2] if len(sys.argv) == 3 else None)
        done = provision(device, sys.argv[1])
    except eswifi.Error as failure:
        print(failure, file=sys.stderr)
        return 1
    print(done or "every set holds something else", file=sys.stdout if done else sys.stderr)
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
