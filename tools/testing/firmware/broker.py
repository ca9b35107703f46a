#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""On the host: owns the module, passes the wire between it and bridge.py in the test kernel.

usage: broker.py --wire FD --control FD --folder FOLDER --peer firmware|emulator [--number N]

--wire leads to the bridge, --control to the test, which asks by lines of JSON. Each is
answered in a file FOLDER/answer.NUMBER, and its number on the line. What can be asked is
what Control has functions for.

FOLDER is shared with the test kernel. It gets the dialogues, decoded: commands and replies
in text order, frames that break the rules of the wire (!!), times in seconds.
"""
import argparse
import collections
import json
import os
import pathlib
import select
import signal
import socket
import struct
import subprocess
import sys
import time

import firmware
import modules
from firmware import NETWORK, die_with_parent
from wire import FRAME, Wire

TOP = pathlib.Path(__file__).resolve().parents[3]
WINDOW = 1024           # bytes under way to the bridge: a console loses its way when more is
CREDIT = 512
ADDRESSES = {"station": "10.0.2.15", "ap": "192.168.10.1"}
NETWORKS = {"station": NETWORK, "ap": "net=192.168.10.0/24,host=192.168.10.2"}


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Supply:
    """One module and its power."""

    def __init__(self, request, peer, folder, number):
        self.flash = request["flash"]
        self.peer, self.request = peer, request
        self.stem = request["stem"]
        # Where SPI is played nobody has seen how long a frame may be.
        frame = FRAME if peer == "emulator" or firmware.is_spi_image() else 1 << 16
        self.wire = Wire(open(f"{self.stem}.dialogue", "a", buffering=1), frame)
        self.log = open(f"{self.stem}.said", "ab")
        self.module = None
        self.transfers = collections.deque()    # without an answer: what was sent
        self.doom = None
        self.died = False
        self.reach = {}
        network = request.get("network", "station")
        options = [NETWORKS[network]]
        for name in request.get("forward", ()):
            protocol, port = name.split(":")
            here = free_port(socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
            options.append(f"hostfwd={protocol}:127.0.0.1:{here}-{ADDRESSES[network]}:{port}")
            self.reach[name] = ["127.0.0.1", here]
        self.network = ",".join(options)
        if peer == "emulator":
            self.address = f"127.0.78.{number + 1}"
            self.reach = {name: [self.address, int(name.split(":")[1])]
                          for name in request.get("forward", ())}
            self.config = pathlib.Path(f"{self.stem}.conf")
            self.config.write_text(request["config"].replace("@ADDRESS@", self.address))

    def power(self, on, why):
        """The events that it brings."""
        done = []
        if self.module:
            self.module.close()
            self.module = None
            self.wire.note(f"-- off: {why}")
            done = [("R", 0)] + [("X", b"\xff" * len(data)) for data in self.transfers]
            self.transfers.clear()
        self.wire.power(on)
        if on:
            self.wire.note(f"-- on: {why}")
            if self.peer == "emulator":
                self.module = modules.start_emulator(
                    TOP / "build/tools/eswifi-emulator", self.flash, self.log,
                    ["--config", str(self.config), *self.request.get("options", ())])
            else:
                self.module = modules.start_firmware(self.flash, self.log, self.network,
                                                     self.request.get("trace", 0))
        return done

    def dies(self, why):
        self.died = True
        return self.power(False, why)

    def select(self, level):
        """The driver moves chip select."""
        done = []
        whole = self.wire.select(level)
        if whole and self.doom and self.doom["at"]:
            self.doom["at"] -= 1
            if not self.doom["at"] and self.doom["when"] == "before":
                return self.dies("before the command is taken")
        if self.module:
            self.module.select(level)
            if whole and self.doom and not self.doom["at"] and isinstance(self.doom["when"], int):
                self.module.pass_time(self.doom["when"])
        return done

    def transfer(self, data):
        if not self.module or not data:
            return [("X", b"\xff" * len(data))]
        self.transfers.append(data)
        self.module.transfer(data)
        return []

    def taken(self, kind, value):
        """What the module did; what of it the driver is told."""
        if kind == "X":
            if not self.transfers:      # of a driver that has gone
                return []
            self.wire.transfer(self.transfers.popleft(), value)
            return [(kind, value)]
        if kind == "W":
            return self.dies(f"{self.doom['when']} us after the command")
        if self.doom and not self.doom["at"] and value and self.wire.following == "data" and \
                self.wire.phase == "busy" and self.doom["when"] == "after":
            return self.dies("as the reply is ready")
        return [(kind, value)] if self.wire.data_ready(value) else []

    def events(self):
        try:
            return [more for event in list(self.module.events()) if self.module
                    for more in self.taken(*event)]
        except (EOFError, OSError) as error:
            self.wire.broken(f"the module's processor stopped: {error}")
            return self.power(False, "stopped")

    def summary(self):
        return {"forbidden": self.wire.forbidden, "beyond": self.wire.beyond,
                "count": dict(self.wire.count), "died": self.died}


class Control:
    """What a test can ask; each function is one request."""

    def __init__(self, broker, peer, folder, number):
        self.broker, self.peer, self.folder, self.number = broker, peer, folder, number
        self.children = {}

    def start(self, **request):
        """A module with power. flash, stem: paths; network: station or ap; forward: ports
        of its servers, "tcp:5024"; config, options: of the emulator."""
        supply = Supply(request, self.peer, self.folder, self.number)
        self.broker.supply = supply
        supply.power(True, "begin")
        return {"reach": supply.reach}

    def stop(self):
        """Power off; what the wire saw."""
        supply, self.broker.supply = self.broker.supply, None
        supply.power(False, "end")
        supply.wire.note(f"-- {dict(supply.wire.count)}")
        return supply.summary()

    def wire(self):
        return self.broker.supply.summary()

    def note(self, text):
        self.broker.supply.wire.note(f"## {text}")
        return {}

    def doom(self, at, when):
        """Power fails for good at this command from now on: when it was written (before),
        when its reply is ready (after), so many microseconds after it (a number)."""
        self.broker.supply.doom = {"at": at, "when": when}
        return {}

    def spawn(self, argv, output):
        """A program on the host, what it says in a file."""
        with open(output, "wb") as file:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=file,
                                     stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        self.children[child.pid] = child
        return {"pid": child.pid}

    def end(self, pid, kill=True):
        """Its exit status, None while it runs."""
        child = self.children[pid]
        if kill:
            child.send_signal(signal.SIGTERM)
            child.wait()
        return {"status": child.poll()}


class Broker:
    """The loop."""

    def __init__(self, args):
        self.bridge = socket.socket(fileno=args.wire)
        self.asker = socket.socket(fileno=args.control)
        self.folder = pathlib.Path(args.folder)
        self.control = Control(self, args.peer, self.folder, args.number)
        self.supply = None
        self.pending, self.asked, self.answers = b"", b"", 0
        self.out, self.credit = b"", WINDOW

    def flush(self):
        n = min(self.credit, len(self.out))
        if n:
            self.bridge.sendall(self.out[:n])
            self.out = self.out[n:]
            self.credit -= n

    def tell(self, events):
        """Events of the module, to the bridge."""
        for kind, value in events:
            if kind == "R":
                self.out += b"R" + bytes([value])
            elif kind == "X":
                self.out += b"X" + struct.pack("<H", len(value)) + value
        self.flush()

    def from_bridge(self):
        data = self.bridge.recv(65536)
        if not data:
            raise EOFError
        self.pending += data
        while self.message():
            pass

    def message(self):
        """One message of the bridge; False if it is not there as a whole."""
        p = self.pending
        size = {b"A": 1, b"S": 2, b"Z": 2, b"B": 9, b"X": 3}[p[:1]] if p else 0
        if p[:1] == b"X" and len(p) >= 3:
            size += int.from_bytes(p[1:3], "little")
        if not p or len(p) < size:
            return False
        message, self.pending = p[:size], p[size:]
        kind, supply = message[:1], self.supply
        if kind == b"A":
            self.credit += CREDIT
            self.flush()
        elif kind == b"B":
            self.out, self.credit = message, WINDOW
            if supply:
                supply.transfers.clear()
                self.out += b"R" + bytes([supply.wire.ready])
            self.flush()
        elif kind == b"X":
            self.tell(supply.transfer(message[3:]) if supply else [("X", message[3:])])
        elif supply and kind == b"S":
            self.tell(supply.select(message[1]))
        elif supply and kind == b"Z" and not supply.died:
            self.tell(supply.power(bool(message[1]), "reset line"))
        return True

    def from_test(self):
        data = self.asker.recv(65536)
        if not data:
            raise EOFError
        *lines, self.asked = (self.asked + data).split(b"\n")
        for line in lines:
            request = json.loads(line)
            try:
                answer = getattr(self.control, request.pop("do"))(**request)
            except Exception as error:  # pylint: disable=broad-except
                answer = {"error": repr(error)}
            self.answers += 1
            (self.folder / f"answer.{self.answers}").write_text(json.dumps(answer))
            self.asker.sendall(b"%d\n" % self.answers)

    def run(self):
        while True:
            sources = [self.bridge, self.asker]
            wait, module = None, self.supply and self.supply.module
            if module:
                sources.append(module.line)
                if module.deadline:
                    wait = max(0, module.deadline - time.monotonic())
                if getattr(module, "done", None):
                    wait = 0
            readable = select.select(sources, [], [], wait)[0]
            if self.bridge in readable:
                self.from_bridge()
            if self.asker in readable:
                self.from_test()
            # The module may be another one by now, or none.
            module = self.supply and self.supply.module
            if module and (module.line in readable or not isinstance(module, modules.SpiModule)):
                self.tell(self.supply.events())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wire", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--peer", choices=("firmware", "emulator"), required=True)
    parser.add_argument("--number", type=int, default=0)
    broker = Broker(parser.parse_args())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        broker.run()
    except (EOFError, ConnectionError):
        pass
    finally:
        if broker.supply:
            broker.supply.power(False, "the test kernel ended")
        for child in broker.control.children.values():
            child.kill()


if __name__ == "__main__":
    main()
