#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""In the test kernel: passes chip select, transfers and lines between /dev/uspi and the broker.

usage: bridge.py TTY

It interprets nothing. When the module is plugged in it prints "ready: spiN.0 LABEL", as
the emulator does; SIGTERM unplugs it. Messages on the terminal line, which leads to the
broker on the host:

to the broker    'B' nonce(8)      begins: what came before is of somebody else
                 'S' level         chip select, 0 selects
                 'X' n(2) bytes    a transfer
                 'Z' level         the reset line
                 'A'               512 more bytes were received
from the broker  'B' nonce(8)      what follows is for this bridge
                 'R' level         data-ready
                 'X' n(2) bytes    the answer to the oldest transfer
"""
import ctypes
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import tty

CREATE = "<II32sIIIIIIIiQQQ32s"
CREATE_SIZE = 128
IOC_CREATE = 3 << 30 | CREATE_SIZE << 16 | ord("u") << 8 | 0xa0
IOC_SET_LINE = 1 << 30 | 8 << 16 | ord("u") << 8 | 0xa1
NAME_SIZE = 32
IOC_GET_DEVICE = 2 << 30 | NAME_SIZE << 16 | ord("u") << 8 | 0xa2
OUTPUT, ACTIVE_LOW = 1, 2
DATA_READY, RESET = 0, 1
EVENT_CS, EVENT_TRANSFER, EVENT_LINE = 0, 1, 2
EVENT_SIZE = 24
MAX_TRANSFER = 65536
WINDOW = 512            # bytes a credit stands for; a console loses its way when much is under way
TIMEOUT_MS = 60000


class Bridge:
    """Between one peripheral of uspi and the line to the broker."""

    def __init__(self, path):
        self.line = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line)
        self.uspi = os.open("/dev/uspi", os.O_RDWR | os.O_NONBLOCK)
        self.pending = b""
        self.received = 0
        self.waiting = []       # transfers without an answer, the oldest first

    def send(self, data):
        while data:
            data = data[os.write(self.line, data[:1024]):]

    def receive(self):
        data = os.read(self.line, 4096)
        if not data:
            raise EOFError("the broker is gone")
        self.pending += data
        before, self.received = self.received // WINDOW, self.received + len(data)
        self.send(b"A" * (self.received // WINDOW - before))

    def greet(self):
        """What a bridge before us left on the line ends at our own nonce."""
        nonce = os.urandom(8)
        self.send(b"B" + nonce)
        while b"B" + nonce not in self.pending:
            self.pending += os.read(self.line, 4096)
        self.pending = self.pending.partition(b"B" + nonce)[2]
        self.received = len(self.pending)

    def create(self):
        """Plug the peripheral in; what uspi calls it."""
        lines = ctypes.create_string_buffer(
            b"".join(struct.pack("<32sII", *line)
                     for line in ((b"data-ready", 0, 0), (b"reset", OUTPUT | ACTIVE_LOW, 1),
                                  (b"wakeup", OUTPUT, 0))), 3 * 40)
        data = bytearray(struct.pack(CREATE, CREATE_SIZE, 0, b"eswifi", 20000000, 0,
                                     1 << 7 | 1 << 15, MAX_TRANSFER, TIMEOUT_MS, 3, 0, 0,
                                     ctypes.addressof(lines), 0, 0, b""))
        fcntl.ioctl(self.uspi, IOC_CREATE, data)
        label = struct.unpack(CREATE, bytes(data))[-1]
        device = fcntl.ioctl(self.uspi, IOC_GET_DEVICE, bytes(NAME_SIZE))
        return " ".join(name.rstrip(bytes(1)).decode() for name in (device, label))

    def from_broker(self):
        while len(self.pending) >= 2:
            if self.pending[:1] == b"R":
                fcntl.ioctl(self.uspi, IOC_SET_LINE,
                            struct.pack("<II", DATA_READY, self.pending[1]))
                self.pending = self.pending[2:]
                continue
            n = int.from_bytes(self.pending[1:3], "little")
            if len(self.pending) < 3 + n:
                return
            answer, self.pending = self.pending[3:3 + n], self.pending[3 + n:]
            try:
                os.write(self.uspi, struct.pack("<4I", self.waiting.pop(0), n, 0, 0) + answer)
            except OSError as error:    # the driver did not wait
                print(f"reply refused: {error}", file=sys.stderr, flush=True)

    def from_host(self):
        """What the driver does; chip select has moved once the next event is read."""
        while True:
            try:
                event = os.read(self.uspi, EVENT_SIZE + MAX_TRANSFER)
            except BlockingIOError:
                return
            kind, number, line, value, _, n = struct.unpack("<6I", event[:EVENT_SIZE])
            if kind == EVENT_CS:
                self.send(b"S" + bytes([0 if value else 1]))
            elif kind == EVENT_TRANSFER:
                self.waiting.append(number)
                self.send(b"X" + struct.pack("<H", n) + event[EVENT_SIZE:])
            elif kind == EVENT_LINE and line == RESET:
                self.send(b"Z" + bytes([value]))

    def run(self):
        # Messages are never cut in two: the signal is looked at between them.
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        signal.set_wakeup_fd(woken.fileno())
        signal.signal(signal.SIGTERM, lambda *_: None)
        self.greet()
        print(f"ready: {self.create()}", flush=True)
        while True:
            self.from_broker()
            readable = select.select([self.uspi, self.line, wake], [], [])[0]
            if wake in readable:
                return
            if self.line in readable:
                self.receive()
            if self.uspi in readable:
                self.from_host()


Bridge(sys.argv[1]).run()
