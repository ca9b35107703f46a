# SPDX-License-Identifier: GPL-2.0-only
"""What the broker can have at the far end of the wire: firmware on SPI or on a UART, the emulator.

All are alike to the broker: select() and transfer() are what the driver does, events()
what the module did meanwhile: ("R", level) for data-ready, ("X", bytes) for the answer to
the oldest transfer, ("W", None) when a time has passed that pass_time() asked for.
"""
import collections
import re
import select
import socket
import struct
import subprocess
import time

import firmware
from wire import PAD, STUFFING, announced, swap

# Data-ready falls when the last word of a reply begins: before the answer to a transfer is
# given to the driver, the module gets this time to do so.
SETTLE_NS = 20000
# A UART image is silent for this long behind its prompt: the reply has ended.
QUIET = 0.08
# What it says unasked, over its UART at once: in front of a reply with a prompt behind it,
# or behind the reply.
UNASKED = rb"(?:\r\n)?\[(?:TCP|UDP|WEB) SVR\] [^\r\n]*(?:\r\n)+"
BEFORE = rb"\A(?:" + UNASKED + rb"> )+"
BEHIND = rb"(?<=\r\nOK\r\n> )(?:" + UNASKED + rb"(?:> )?)+\Z"


class SpiModule:
    """A process that speaks the messages of qemu/ism-spi.c.inc on a socket."""
    deadline = None

    def __init__(self, process, line):
        self.process, self.line = process, line
        self.pending = b""
        self.answer = None
        self.times = collections.deque()

    def select(self, level):
        self.line.sendall(b"S" + bytes([level]))

    def transfer(self, data):
        self.times.append("settle")
        self.line.sendall(b"X" + struct.pack("<H", len(data)) + data +
                          b"W" + struct.pack("<I", SETTLE_NS))

    def pass_time(self, microseconds):
        self.times.append("passed")
        self.line.sendall(b"W" + struct.pack("<I", microseconds * 1000))

    def events(self):
        data = self.line.recv(65536)
        if not data:
            raise EOFError(f"the module's process ended with {self.process.wait()}")
        self.pending += data
        while len(self.pending) >= 2:
            kind = self.pending[:1]
            if kind == b"R":
                yield "R", self.pending[1]
                self.pending = self.pending[2:]
            elif kind == b"W":
                if len(self.pending) < 10:
                    return
                self.pending = self.pending[10:]
                if self.times.popleft() == "settle":
                    answer, self.answer = self.answer, None
                    yield "X", answer
                else:
                    yield "W", None
            elif kind == b"X":
                n = int.from_bytes(self.pending[1:3], "little")
                if len(self.pending) < 3 + n:
                    return
                self.answer, self.pending = self.pending[3:3 + n], self.pending[3 + n:]
            else:
                raise ValueError(f"a message {self.pending[:20]!r} on the module's line")

    def close(self):
        self.process.kill()
        self.process.wait()
        self.line.close()


class UartModule:
    """A UART image. The SPI host interface is played here: phases, pads, the command MR.

    What the firmware says unasked is kept for MR, as SPI firmware does.
    """

    def __init__(self, process, line):
        self.process, self.line = process, line
        self.phase, self.selected, self.frame = "boot", False, b""
        self.said, self.reply, self.messages = b"", b"", []
        self.deadline = None
        self.done = []

    def raise_line(self, reply):
        """A data phase with this reply begins."""
        odd = STUFFING * (len(reply) % 2)
        self.phase, self.reply = "data", swap(reply + odd + STUFFING * 2)
        self.done.append(("R", 1))

    def command_phase(self):
        self.phase, self.frame = "command", b""
        self.done.append(("R", 1))

    def select(self, level):
        self.selected = level == 0
        if self.selected:
            self.frame = b""
        elif self.phase == "command" and self.frame:
            self.done.append(("R", 0))
            self.phase = "busy"
            self.command(swap(self.frame))
        elif self.phase == "taken":
            self.command_phase()

    def transfer(self, data):
        back = STUFFING * len(data)
        if self.phase == "data" and self.selected:
            back, self.reply = self.reply[:len(data)], self.reply[len(data):]
            back += STUFFING * (len(data) - len(back))
            if not self.reply:
                self.phase = "taken"
                self.done.append(("R", 0))
        elif self.phase == "command":
            self.frame += data
        self.done.append(("X", back))

    def pass_time(self, microseconds):
        time.sleep(microseconds / 1e6)
        self.done.append(("W", None))

    def command(self, text):
        """One command, without what stands behind it in its frame."""
        head = text.partition(b"\r")[0]
        if head.strip(PAD).upper() == b"MR":
            kept = b"".join(b"\r\n[SOMA]" + message + b"[EOMA]" for message in self.messages)
            self.messages = []
            self.raise_line((kept or b"\r\n[SOMA][EOMA]") + b"\r\nOK\r\n> ")
            return
        self.said = b""
        self.line.sendall(text[:len(head) + 1 + (announced(text) or 0)])

    def events(self):
        if select.select([self.line], [], [], 0)[0]:
            data = self.line.recv(65536)
            if not data:
                raise EOFError(f"QEMU ended with {self.process.wait()}")
            self.said += data
            self.deadline = time.monotonic() + QUIET
        elif self.deadline and time.monotonic() >= self.deadline:
            self.deadline = None
            self.quiet()
        done, self.done = self.done, []
        return done

    def keep(self, messages):
        self.messages += re.findall(rb"\[[^\r\n]*", messages[0])
        return b""

    def quiet(self):
        if self.phase == "busy":
            self.said = re.sub(BEFORE + b"|" + BEHIND, self.keep, self.said)
        if self.phase == "boot" and self.said.endswith(b"\r\n> "):
            self.raise_line(b"\r\n> ")
        elif self.phase == "busy" and self.said.endswith(b"\r\n> "):
            self.raise_line(self.said)
        elif self.phase in ("command", "data", "taken"):
            self.messages.append(self.said.strip(b"\r\n> "))
        else:
            return
        self.said = b""

    def close(self):
        self.process.kill()
        self.process.wait()
        self.line.close()


def start_firmware(flash, log, network, trace):
    """The image that FIRMWARE names, with power."""
    spi = firmware.is_spi_image()
    module, line = (SpiModule, firmware.SPI_LINE) if spi else (UartModule, firmware.UART_LINE)
    # Without the pace a busy host is late for the UART, and the firmware loses bytes.
    return module(*firmware.start(flash, line, log, network, trace, options=firmware.PACE))


def start_emulator(program, flash, log, options):
    """The emulator, on a socket in place of /dev/uspi."""
    line, there = socket.socketpair()
    process = subprocess.Popen(
        [program, "--socket", f"fd:{there.fileno()}", "--flash", flash, *options], stdout=log,
        stderr=log, stdin=subprocess.DEVNULL, pass_fds=(there.fileno(),),
        preexec_fn=firmware.die_with_parent)
    there.close()
    return SpiModule(process, line)
