# SPDX-License-Identifier: GPL-2.0-only
"""The vendor's SPI image in QEMU: a module that is spoken to as a driver speaks to it.

The messages on the line are those of qemu/ism-spi.c.inc.
"""
import select
import struct
import time

from firmware import PACE, SPI_LINE, Machine
from wire import PAD, STUFFING, swap


class SpiFirmware(Machine):
    """A running module on SPI. events: (seconds, 'ready' | 'select' | 'transfer', level | bytes)."""

    def __init__(self, flash=None, network=False, boot=True, options=(), **more):
        super().__init__(flash, network, SPI_LINE, options=[*PACE, *options], **more)
        self.ready, self.start = 0, time.monotonic()
        self._pending, self._answers, self._times, self._edges = b"", [], [], 0
        self.banner = self.read(10) if boot else None

    def _note(self, what, value):
        self.events.append((time.monotonic() - self.start, what, value))

    def _pump(self, seconds):
        if not select.select([self.line], [], [], seconds)[0]:
            return
        data = self.line.recv(65536)
        if not data:
            raise EOFError("QEMU ended")
        self._pending += data
        while len(self._pending) >= 2:
            if self._pending[:1] == b"W":
                if len(self._pending) < 10:
                    break
                self._times.append((self._pending[1], struct.unpack("<Q", self._pending[2:10])[0]))
                self._pending = self._pending[10:]
                continue
            if self._pending[:1] == b"R":
                self.ready = self._pending[1]
                self._edges += 1
                self._note("ready", self.ready)
                self._pending = self._pending[2:]
                continue
            if len(self._pending) < 3:
                break
            size = struct.unpack("<H", self._pending[1:3])[0]
            if len(self._pending) < 3 + size:
                break
            self._answers.append(self._pending[3:3 + size])
            self._pending = self._pending[3 + size:]

    def _send(self, data):
        while data:
            try:
                data = data[self.line.send(data):]
            except BlockingIOError:
                self._pump(0.01)

    def select(self, on):
        self._note("select", 0 if on else 1)
        self._send(b"S" + bytes([0 if on else 1]))

    def transfer(self, data):
        """Clock data (even length, order of the wire); what came back."""
        self._send(b"X" + struct.pack("<H", len(data)) + data)
        end = time.monotonic() + 5
        while not self._answers:
            if time.monotonic() > end:
                raise TimeoutError("no answer to a transfer")
            self._pump(0.1)
        self._note("transfer", len(data))
        return self._answers.pop(0)

    def sleep(self, seconds):
        """Let the module's own time pass; the level of data-ready after it, and the module's time in seconds."""
        self._send(b"W" + struct.pack("<I", int(seconds * 1e9)))
        while not self._times:
            self._pump(0.1)
        level, now = self._times.pop(0)
        return level, now / 1e9

    def wait(self, level, seconds):
        """True once data-ready has the level."""
        end = time.monotonic() + seconds
        while self.ready != level:
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._pump(left)
        return True

    def read(self, seconds=40, chunk=32, limit=8192):
        """One data phase in text order, stuffing at the end cut off; None if data-ready never rose."""
        if not self.wait(1, seconds):
            return None
        self.select(True)
        out = b""
        while self.ready and len(out) < limit:
            out += self.transfer(PAD * chunk)
            self._pump(0.0005)
        self.select(False)
        return swap(out).rstrip(STUFFING)

    def write(self, data, seconds=10):
        """One command phase; True if data-ready fell after it (it may have risen again when we look)."""
        if not self.wait(1, seconds):
            return False
        edges, end = self._edges, time.monotonic() + seconds
        self.select(True)
        self.transfer(swap(data + PAD * (len(data) % 2)))
        self.select(False)
        while self._edges == edges and time.monotonic() < end:
            self._pump(0.1)
        return self._edges != edges

    def command(self, text, seconds=40, chunk=32):
        """The reply to one command; CR is added to text, bytes go as they are."""
        if not self.write(text if isinstance(text, bytes) else text.encode() + b"\r"):
            return None
        return self.read(seconds, chunk)
