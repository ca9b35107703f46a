# SPDX-License-Identifier: GPL-2.0-only
"""What the tests share in which memory runs out: the n-th allocation from now on fails."""
import contextlib
import os
import pathlib
import re
import time

from kit import SLOW, KernelLog, equal

FAILSLAB = pathlib.Path("/sys/kernel/debug/failslab")
NTH = os.open("/proc/thread-self/fail-nth", os.O_RDWR)
STEPS_MAX = 2000        # more allocations than any of these calls makes
SECONDS_MAX = 20 * SLOW     # longer than any of these calls takes
OK = b"\r\nOK\r\n> "
LOG = KernelLog()

for name, value in (("ignore-gfp-wait", "N"), ("probability", "0"), ("task-filter", "Y"),
                    ("verbose", "0")):
    (FAILSLAB / name).write_text(value)


def injected(n, action, nth=NTH):
    """One call whose n-th allocation fails: did it come so far, and the call's error."""
    error = None
    started = time.monotonic()
    arm = str(n).encode()
    left = b"0"
    try:
        os.pwrite(nth, arm, 0)
        action()
    except OSError as failure:
        error = failure.errno
    finally:
        # The driver's thread may have ended meanwhile, with its module.
        with contextlib.suppress(ProcessLookupError):
            left = os.pread(nth, 16, 0)
            os.pwrite(nth, b"0", 0)
    seconds = time.monotonic() - started
    assert seconds < SECONDS_MAX, f"took {seconds:.0f} s"
    return int(left.rstrip(b"\0\n")) == 0, error


def unharmed(m):
    """No trace of it in the module."""
    equal(m.stat("resets"), 0)
    equal(m.stat("timeouts"), 0)
    assert m.at("I?").endswith(OK)


def workers(name):
    """Folders in /proc of the kernel threads of this name."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if (folder / "comm").read_text().strip() == name and \
                    not (folder / "cmdline").read_bytes():
                found.append(folder)
    return found


def watched():
    """The kernel's detectors of faults never gave up."""
    said = LOG.text()
    assert not re.search(r"leak detector disabled|ODEBUG: Out of memory", said)
