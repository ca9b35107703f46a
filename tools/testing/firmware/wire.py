# SPDX-License-Identifier: GPL-2.0-only
"""What passes on the wire between driver and module: written down, and held to the rules.

In a command phase the module takes one whole command, and nothing else: whatever breaks
that rule kills C3.5.2.5.STM until it is reset. Wire follows the phases as the module has
them and lists every frame that breaks a rule (forbidden), and apart from those every read
far beyond the end of a reply (beyond), which has done no harm that was seen.
"""
import collections
import re
import time

STUFFING = b"\x15"
FRAME = 2048            # bytes of a command frame that the module keeps
BEYOND = 32             # bytes that may be read behind the end of a reply
PAD = b"\n"


def swap(data):
    """From the order of the wire (16-bit words, high byte first) to that of the text, and back."""
    data = bytearray(data)
    data[0::2], data[1::2] = data[1::2], data[0::2]
    return bytes(data)


def show(data):
    """Bytes for people, long ones with their middle left out."""
    if len(data) <= 1600:
        return repr(bytes(data))[1:]
    return f"{repr(bytes(data[:700]))[1:]}..({len(data)})..{repr(bytes(data[-300:]))[1:]}"


def announced(text):
    """Bytes that follow the CR of this command; None for a command without."""
    match = re.match(rb"(?:S[03]=|PG=\d+,\d+,)(\d+)\r", text, re.I)
    return int(match.group(1)) if match else None


def broken_rule(text, frame=FRAME):
    """Why this frame, in text order, must not be written in a command phase; None if it may."""
    if not text:
        return "an empty select pulse"
    if not text.strip(PAD) or not text.strip(STUFFING):
        return "a read"
    if text[:1] in (b"\n", b"\r", b"\0"):
        return f"a first byte of {text[:1]!r}"
    if b"\r" not in text:
        return "no CR: half a command"
    if len(text) > frame:
        return f"{len(text)} bytes, more than a frame of {frame}"
    n = announced(text)
    if n is not None:
        payload = len(text) - text.index(b"\r") - 1
        if payload < n:
            return f"{payload} of {n} bytes of payload: half a command"
        if payload > n + 1:
            return f"{payload} bytes of payload where {n} were announced"
    return None


class Wire:
    """Follows chip select, transfers and data-ready. log: a file for the dialogue; frame:
    bytes that a command frame may have."""

    def __init__(self, log, frame=FRAME):
        self.log, self.frame = log, frame
        self.begun = time.monotonic()
        self.count = collections.Counter()
        self.forbidden = []
        self.beyond = []
        self.phase, self.selected, self.back = "off", False, b""
        self.power(False)

    def note(self, text):
        self.log.write(f"{time.monotonic() - self.begun:9.4f} {text}\n")

    def power(self, on):
        """After power the module shows its prompt: a data phase."""
        if self.reading():
            self.note(f"< {show(swap(self.back))}  (still selected)")
        self.ready = 0
        self.phase, self.following = "off" if not on else "boot", "data"
        self.sent, self.back, self.runs, self.selected, self.reads = b"", b"", [], False, 0

    def reading(self):
        """The driver has read of a reply, and has not let go of it yet."""
        return self.phase == "data" and self.selected and self.back

    def broken(self, what, text=b""):
        said = f"in the {self.phase} phase: {what}" + (f": {show(text[:80])}" if text else "")
        self.forbidden.append(said)
        self.note(f"!! {said}")

    def data_ready(self, level):
        """The module moved its line; True if it was a change."""
        if level == self.ready:
            return False
        self.ready = level
        if level and self.phase in ("boot", "busy"):
            self.phase, self.reads = self.following, 0
        return True

    def transfer(self, sent, back):
        self.sent += sent
        self.back += back
        self.runs.append(len(sent))
        self.count["transfers"] += 1

    def select(self, level):
        """The driver moved chip select; True if a whole command was written by it."""
        if level == (0 if self.selected else 1):
            return False
        self.selected = level == 0
        if self.selected:
            self.sent, self.back, self.runs = b"", b"", []
            return False
        if self.phase == "command":
            return self.command(swap(self.sent))
        if self.phase == "data":
            self.read(swap(self.back))
        elif self.runs or self.phase != "off":
            self.count[f"selects while {self.phase}"] += 1
            self.note(f"   selected while {self.phase}: {show(swap(self.sent))}")
        return False

    def command(self, text):
        why = broken_rule(text, self.frame)
        if why:
            self.broken(why, text)
        else:
            self.count["commands"] += 1
            self.note(f"> {show(text)}  ({len(text)} in {self.runs})")
        self.phase, self.following = "busy", "data"
        return not why

    def read(self, text):
        reply = text.rstrip(STUFFING)
        self.reads += 1
        if not text:
            self.broken("an empty select pulse")
            return
        if self.reads > 1:
            self.broken("a second select", text)
        # Up to three bytes of stuffing are the module's own: the reply's odd end, and a word.
        beyond = len(text) - len(reply) - 3
        if not self.ready and beyond > BEYOND:
            self.beyond.append(f"{beyond} bytes were read beyond the end of {len(reply)}: "
                               f"{show(reply[:80])}")
        written = swap(self.sent).strip(PAD + STUFFING + b"\0")
        if written:     # the module does not listen now: harmless, as the way to read a prompt
            self.note(f"   written meanwhile: {show(written)}")
        self.count["replies"] += 1
        self.note(f"< {show(reply)}  ({len(text)} in {self.runs})")
        if not self.ready:
            self.phase, self.following = "busy", "command"
