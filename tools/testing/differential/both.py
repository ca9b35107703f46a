# SPDX-License-Identifier: GPL-2.0-only
"""What the two programs here share: the emulator as a module, and what may differ."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
sys.path.insert(0, os.environ.get("LAB") or str(HERE.parent / "firmware"))

from spi import SpiFirmware     # noqa: E402 # pylint: disable=wrong-import-position


class Emulator(SpiFirmware):
    """The emulator, spoken to as the firmware in QEMU. config: the text of its configuration."""

    # pylint: disable=super-init-not-called
    def __init__(self, path, firmware, config=""):
        self.config = tempfile.NamedTemporaryFile("w", suffix=".conf")  # pylint: disable=consider-using-with
        self.config.write(config)
        self.config.flush()
        self.line, there = socket.socketpair()
        self.process = subprocess.Popen(
            [path, "--fast", "--firmware", firmware, "--config", self.config.name,
             "--socket", f"fd:{there.fileno()}"],
            pass_fds=(there.fileno(),), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        there.close()
        self.line.setblocking(False)
        self.events, self.ready, self.start = [], 0, time.monotonic()
        self._pending, self._answers, self._times, self._edges = b"", [], [], 0
        self.banner = self.read(10)

    def close(self):
        self.line.close()
        self.process.wait(20)
        self.config.close()


def escape(data):
    return data.decode("latin1").encode("unicode_escape").decode("ascii")


def unescape(text):
    return text.encode("ascii").decode("unicode_escape").encode("latin1")


def differences(firmware):
    """(command, reason): where that firmware and the emulator may differ."""
    rows = []
    for line in (HERE / "differences").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            version, pattern, reason = line.split("\t", 2)
            if version in ("*", firmware):
                rows.append((re.compile(pattern.encode("latin1"), re.S), reason.strip()))
    return rows


class Report:
    """What was said to the two, and where they differed."""

    def __init__(self, firmware):
        self.table = differences(firmware)
        self.commands, self.explained, self.failures = 0, {}, 0

    def answered(self, data, firmware, emulator, where=b""):
        """Whether that is fine. where: stands in front of the command in the table, a blank behind it."""
        self.commands += 1
        if firmware == emulator:
            return True
        reason = next((why for pattern, why in self.table if pattern.fullmatch(where + data)), None)
        if reason:
            self.explained[reason] = self.explained.get(reason, 0) + 1
            return True
        self.failures += 1
        print(f"# {escape(where + data)}\n#   firmware {firmware}\n#   emulator {emulator}")
        return False

    def end(self, what):
        for reason, number in sorted(self.explained.items()):
            print(f"# {number} times: {reason}")
        print(f"# {self.commands} commands, {self.failures + sum(self.explained.values())} differences, "
              f"{sum(self.explained.values())} of them explained")
        print(f"{'not ' if self.failures else ''}ok 1 - {what}, {self.commands} times\n1..1")
        return 1 if self.failures else 0
