# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of this lane share: selftests/kit.py with another module at the wire.

The module is the vendor's firmware in QEMU, or the emulator, on the host; bridge.py passes
the wire between it and the driver. FIRMWARE tells them apart where a test has to. Peers
run on the host too, and see the module's connections come from there.

Module takes what it names as keywords, and at its end every test holds the driver to the
rules of the wire: no forbidden frame.
"""
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import termios
import threading
import time
import tty

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "selftests"))
# What tests import from here; peers makes its files in kit.TMP.
# pylint: disable=wrong-import-position,unused-import
import abi                              # noqa: E402,F401
import kit                              # noqa: E402
from kit import (KernelLog, equal, install, refuses, run, test, within)     # noqa: E402,F401

# The host sees what is here.
RUN = pathlib.Path(os.environ["ESWIFI_RUN"])
kit.TMP = TMP = RUN / pathlib.Path(sys.argv[0]).stem
TMP.mkdir()
import peers                            # noqa: E402

FIRMWARE = os.environ.get("LAB_PEER") == "firmware"     # else the emulator
VERSION = os.environ.get("LAB_VERSION", "")
SPI = os.environ.get("LAB_WIRE") != "played"            # a UART image: its SPI is played
# Of one write. Over its UART C6.2.1.11 loses bytes of a longer command while the network talks.
PIECE = 4096 if SPI else 200
C62 = VERSION.startswith("C6.2")                       # takes EC keys and longer items
SHORT = bool(os.environ.get("LAB_SHORT"))
# How the module reaches peers on the host.
HOST = "10.0.2.2" if FIRMWARE else "127.0.0.1"
# Of the module's servers. The emulator's are the host's, which may have others.
PORT = 5024 if FIRMWARE else random.randrange(20000, 30000)
SSID, PASSPHRASE = "qemu-net", "correct horse battery"
# The WLAN chip that QEMU pretends shows C6.2 none: that firmware takes its answers otherwise.
NETWORKS = [] if C62 else [b"qemu-net", b'a,b"c', b""]
CONFIG = """
[ap]
ssid = qemu-net
passphrase = correct horse battery
security = wpa2
address = @ADDRESS@
[ap]
ssid = a,b"c
security = wpa2
passphrase = correct horse battery
channel = 11
rssi = -77
[ap]
ssid = unseen
hidden = yes
security = open
channel = 1
rssi = -80
"""


class Host:
    """The broker's control line."""

    def __init__(self):
        self.line = os.open("/dev/tty4", os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line)
        termios.tcflush(self.line, termios.TCIOFLUSH)
        self.lock = threading.Lock()

    def ask(self, what, **request):
        with self.lock:
            data = json.dumps({"do": what, **request}).encode() + b"\n"
            while data:
                data = data[os.write(self.line, data[:512]):]
            number = b""
            while not number.endswith(b"\n"):
                number += os.read(self.line, 100)
            path = RUN / f"answer.{int(number)}"
            answer = json.loads(path.read_text())
            path.unlink()
        assert "error" not in answer, f"the broker on {what}: {answer['error']}"
        return answer


def only(condition, why):
    """In place of test for what only some firmware has; why: the others, and the reason."""
    def leave(name):
        kit.untried.append(f"{name}: {why}")
        return lambda function: function
    return test if condition else leave


HOST_SIDE = Host()
ask = HOST_SIDE.ask


class Peer:
    """A program on the host. lines() is what it has said so far, of peer.py's lines of JSON."""
    number = 0

    def __init__(self, *argv):
        Peer.number += 1
        self.output = TMP / f"peer{Peer.number}"
        self.pid = ask("spawn", argv=[str(word) for word in argv], output=str(self.output))["pid"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        ask("end", pid=self.pid)

    def said(self):
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def lines(self, key=None):
        """Entries, or all values of one key."""
        entries = [json.loads(line) for line in self.said().splitlines(True)
                   if line.startswith("{") and line.endswith("\n")]
        return [entry[key] for entry in entries if key in entry] if key else entries

    def ended(self):
        return ask("end", pid=self.pid, kill=False)["status"] is not None


class Server(Peer):
    """A server on the host: port, sessions and more in lines()."""

    def __init__(self, *options, pair=None, client_ca=None, talk="echo"):
        options = [*options, "--talk", talk]
        if pair:
            options += ["--tls", pair.cert, pair.key]
        if client_ca:
            options += ["--ca", client_ca]
        super().__init__(HERE / "peer.py", "server", *options)
        self.port = within(60, lambda: self.lines("port"), "the server did not start")[0]


class Module(kit.Module):
    """A module of this lane, plugged in; used as a context manager.

    network: "station", or "ap" for a host that is a client of the module's access point;
    forward: ports of the module's servers that the host reaches, "tcp:5024": see reach;
    options: of the emulator.
    """

    # pylint: disable=super-init-not-called
    def __init__(self, *options, flash=None, network="station", forward=(), driver=True,
                 trace=0, config=CONFIG):
        Module.number += 1
        self.stem = TMP / f"module{Module.number}"
        self.flash = pathlib.Path(flash or f"{self.stem}.flash")
        self.dialogue = pathlib.Path(f"{self.stem}.dialogue")
        self.errors = open(f"{self.stem}.errors", "w+")
        self.name = None
        self.summary = None
        self.excused = []
        self.reach = ask("start", flash=str(self.flash), stem=str(self.stem), network=network,
                         forward=list(forward), options=list(options), trace=trace,
                         config=config)["reach"]
        self.process = subprocess.Popen([HERE / "bridge.py", "/dev/tty3"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        line = self.process.stdout.readline().split()
        assert line[:1] == ["ready:"], f"the bridge did not start: {self.said()}"
        self.spi = line[1]
        self.spi_folder = pathlib.Path("/sys/bus/spi/devices") / self.spi
        if driver:
            try:
                self.bound()
            except AssertionError:
                self.stop()
                raise

    def bound(self, seconds=120):
        super().bound(seconds)

    def stop(self, signum=signal.SIGTERM, seconds=60):
        if self.summary is None:
            super().stop(signum, seconds)
            self.summary = ask("stop")

    def __exit__(self, kind, *_):
        self.stop()
        if kind is None:
            self.clean()

    def clean(self):
        """Nothing was written or read that the module must not get."""
        forbidden = [what for what in (self.summary or ask("wire"))["forbidden"]
                     if not any(excuse in what for excuse in self.excused)]
        assert not forbidden, "forbidden frames:\n" + "\n".join(forbidden[:10])

    def commands(self):
        return [line.split(" > ", 1)[1] for line in self.dialogue.read_text().splitlines()
                if " > " in line]

    def count(self, what):
        return ask("wire")["count"].get(what, 0)

    def doom(self, at, when):
        """Power fails for good at this command from now on: "before" it is taken, "after" it,
        as its reply is ready, or so many microseconds after it was written."""
        ask("doom", at=at, when=when)

    def died(self):
        return ask("wire")["died"]

    def slots(self, number=0):
        return self.attr("cert_slots").splitlines()[number]

    def join(self):
        status, _, errors = self.ctl("join", SSID, stdin=PASSPHRASE.encode(), timeout=300)
        equal(status, 0, errors)


def in_thread(function, *args):
    """Runs beside us; what came of it is in the list that is returned: result or exception."""
    results = []

    def body():
        try:
            results.append(function(*args))
        except Exception as error:  # pylint: disable=broad-except
            results.append(error)
    threading.Thread(target=body, daemon=True).start()
    return results


def read_exactly(fd, count):
    data = b""
    while len(data) < count:
        part = os.read(fd, min(65536, count - len(data)))
        assert part, f"ended after {len(data)} of {count} bytes: {data[-40:]!r}"
        data += part
    return data


def read_all(fd):
    """Until the end of the stream."""
    data = b""
    while True:
        part = os.read(fd, 65536)
        if not part:
            return data
        data += part


def pause(seconds):
    """For what has no event: the fewer the better."""
    time.sleep(seconds)


class Set:
    """Certificates of one site: RSA authority, EC server below it, RSA client, as the
    module's TLS can use them and as OpenSSL writes them."""
    clients = 0

    def __init__(self, name, authority=None):
        self.ca = authority or peers.Authority(name)
        self.server = self.ca.issue("server.example", key="ec")
        self.client = ordinary(self.ca, "device 1")

    def install(self, name, ca=None, cert=None, key=None, behind=b""):
        """Files below the firmware folder; behind: what stands behind each file's last line."""
        install(name, **{item: pathlib.Path(path).read_bytes() + behind for item, path in
                         (("ca", ca or self.ca.cert), ("cert", cert or self.client.cert),
                          ("key", key or self.client.key))})

    def converted(self, m, name):
        """The same by the one command that makes of it what the module reads."""
        self.install(name)
        status, _, errors = m.ctl("cert", "convert", name)
        assert status in (0, 4), errors     # 4: something had to be changed


def ordinary(authority, subject):
    """An RSA key and certificate of a client, as OpenSSL makes them when nobody asks for more."""
    Set.clients += 1
    pair = peers.Pair(TMP / f"client{Set.clients}")
    request = peers.openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={subject}",
                            "-keyout", pair.key)
    pair.cert.write_bytes(peers.openssl("x509", "-req", "-CA", authority.cert, "-CAkey",
                                        authority.key, "-set_serial", 1000 + Set.clients,
                                        "-days", 2, stdin=request))
    return pair


class NamedAuthority(peers.Authority):
    """An authority with any name, and its key of any kind: arguments of openssl req -newkey."""

    # pylint: disable=super-init-not-called
    def __init__(self, subject, *kind):
        Set.clients += 1
        peers.Pair.__init__(self, TMP / f"named{Set.clients}")
        peers.openssl("req", "-x509", "-newkey", *(kind or ("rsa:2048",)), "-nodes", "-days", "2",
                      "-subj", f"/CN={subject}", "-keyout", self.key, "-out", self.cert)


EC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def sent(m, name, since=0):
    """Commands of this name that reached the module."""
    return [c for c in m.commands()[since:] if c.lstrip("'").startswith(name)]
