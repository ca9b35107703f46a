#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The main job on a virtual Raspberry Pi, from insmod to mutual TLS, on each kind of bus.

usage: job.py CACHE [--variant NAME]... [--transcript FILE]

FIRMWARE in the environment names the vendor's SPI image; without it the emulator is at
the far end.
--variant: edge-dma, edge-pio, level-dma, level-pio, inverted; all if none is named.
--transcript: what was said on the first variant, as a page of the documentation.
Prints TAP, and "N passed, N failed".
"""
import argparse
import base64
import hashlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent.parent
IMAGE = TOP / "build/pi"

# What the self-tests' servers want to know of their surroundings.
SCRATCH = tempfile.TemporaryDirectory(prefix="eswifi-pi.")
os.environ.update(TMPDIR=SCRATCH.name, ESWIFI_FW=SCRATCH.name)
sys.path.insert(0, str(TOP / "tools/testing/selftests"))
from far import PORT, far_end                       # noqa: E402
from peers import Server, echo, source              # noqa: E402
from pi import Pi                                   # noqa: E402

VARIANTS = {"edge-dma": "edge interrupt, DMA", "edge-pio": "edge interrupt, no DMA",
            "level-dma": "level interrupt, DMA", "level-pio": "level interrupt, no DMA",
            "inverted": "without cs-gpios"}
CUTS = 12
BURN = 0.003            # seconds; the firmware takes at least 10 ms for an item
SYS = "/sys/class/eswifi/eswifi0"
SITE = "/lib/firmware/inventek/site-a"
ITEMS = ("ca", "cert", "key")
BLOB = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(640))
COMPLAINT = re.compile(r"WARNING:|BUG:|BUG |Oops|Internal error|Unable to handle|Call trace|Kernel panic|"
                       r"UBSAN|refcount_t:|nobody cared|rcu: INFO|blocked for more than")
# Debian's firmware loader says much.
DRIVER = re.compile(r" eswifi \S+: (?!firmware: |Direct firmware)")
UP = f"i=0; until [ -e {SYS}/firmware_version ] || [ $i = 100 ]; do sleep 0.2; i=$((i+1)); done"


def until(condition, what):
    """Waits for what happens beside the Pi."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.1)


class Files:
    """Keys and certificates as OpenSSL makes them: an RSA key in PKCS#8, with d modulo
    lcm(p-1, q-1), and blank lines behind it, which make odd lengths too.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for name in ("server", "device", "other"):
            self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650", "-subj",
                         f"/CN={'server' if name == 'other' else name} CA", "-keyout", f"{name}-ca.key",
                         "-out", f"{name}-ca.pem")
        for name in ("server", "other"):
            self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                         "-out", f"{name}.key")
            self.certify(name, "serverAuth")
        self.openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "device.key")
        self.certify("device", "clientAuth")

    def openssl(self, *arguments, stdin=None):
        return subprocess.run(["openssl", *arguments], cwd=self.folder, input=stdin, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def certify(self, name, use):
        (self.folder / "extensions").write_text(f"basicConstraints=CA:FALSE\nextendedKeyUsage={use}\n")
        request = self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}.example")
        self.openssl("x509", "-req", "-CA", f"{name}-ca.pem", "-CAkey", f"{name}-ca.key", "-CAcreateserial",
                     "-sha256", "-days", "3650", "-extfile", "extensions", "-out", f"{name}.pem", stdin=request)

    def pair(self, name):
        """As the self-tests' servers want it."""
        class Pair:                             # pylint: disable=too-few-public-methods
            cert, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        return Pair

    def site(self):
        """What a user copies to the Pi. The blank lines behind make one length odd, one even."""
        def read(name):
            return (self.folder / name).read_bytes()
        ca, key = read("server-ca.pem"), read("device.key")
        return {"ca": ca + b"\n" * (1 + len(ca) % 2), "cert": read("device.pem"),
                "key": key + b"\n" * (2 - len(key) % 2)}


class Job:
    """The tests on one Pi. Each begins with test_ and has its name in its docstring."""

    def __init__(self, pi, far, files, variant):
        self.pi, self.far, self.files, self.variant = pi, far, files, variant
        self.story = []         # (title, [(command, output)])
        self.where, self.rises, self.log = {}, 0, ""

    def kernel(self):
        """What the kernel has said since the last time."""
        text = self.pi.sh("dmesg -c")[0]
        self.log += text
        return "".join(f"{line}\n" for line in text.splitlines() if DRIVER.search(line))

    def sh(self, command, fails=False, seconds=120):
        """A command of which the transcript tells."""
        text, status = self.pi.sh(command, seconds)
        text += self.kernel()
        self.story[-1][1].append((command, text))
        assert fails is None or (status != 0) == fails, f"{command}: exit status {status}: {text}"
        return text

    def quiet(self, command, seconds=120):
        """One of which it does not."""
        text, status = self.pi.sh(command, seconds)
        assert status == 0, f"{command}: exit status {status}: {text}"
        return text

    def has(self, text, *wanted):
        for word in wanted:
            assert word in text, f"{word!r} is not in: {text}"

    def attr(self, name):
        return self.quiet(f"cat {SYS}/{name}").strip()

    def load(self):
        """The driver, and what it found."""
        self.sh("insmod /lib/eswifi.ko")
        self.quiet(UP)
        self.has(self.sh("eswifictl status"), "firmware")

    def test_probe(self):
        """probe"""
        self.sh("insmod /lib/spi-bcm2835.ko")
        self.load()
        lines = self.quiet("cat /proc/interrupts; cat /sys/kernel/debug/gpio")
        kind = "Level" if self.variant.startswith("level") else "Edge"
        assert re.search(rf"pinctrl-bcm2835 +25 {kind}", lines), lines

    def test_scan(self):
        """scan"""
        self.has(self.sh("eswifictl scan"), *self.far.networks)
        for _ in range(4):
            self.has(self.quiet("eswifictl scan"), *self.far.networks)

    def test_join(self):
        """join, and the network is there"""
        self.sh(f"echo '{self.far.passphrase}' | eswifictl join {self.far.ssid}")
        self.has(self.sh("eswifictl status"), self.far.ssid)
        assert self.attr("operstate") == "up"

    def test_ping(self):
        """ping"""
        self.has(self.sh(f"eswifictl ping -c 2 {self.far.host}"), "ms")

    def test_tcp(self):
        """TCP: 20 KB from a server, 20 KB to one that says what came"""
        with Server(source(BLOB)) as server:
            self.sh(f"eswifictl connect {self.far.host} {server.port} </dev/null >/tmp/in; cmp /tmp/in /blob")

        def tell(connection, server):
            while len(server.received) < len(BLOB) and (data := connection.recv(65536)):
                server.received += data
            connection.sendall(hashlib.sha256(server.received).hexdigest().encode() + b"\n")
        with Server(tell) as server:
            text = self.sh(f"eswifictl connect {self.far.host} {server.port} </blob")
            assert bytes(server.received) == BLOB, f"{len(server.received)} bytes, not what was sent"
            self.has(text, hashlib.sha256(BLOB).hexdigest())

    def test_udp(self):
        """UDP: datagrams there and back"""
        def answer(there, got):
            while len(got) < 2:
                data, peer = there.recvfrom(2048)
                got.append(data)
                there.sendto(b"back " + data, peer)

        got = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
            there.bind(("127.0.0.1", 0))
            there.settimeout(60)
            thread = threading.Thread(target=answer, args=(there, got))
            thread.start()
            text = self.sh("(echo one; until grep -qs one /tmp/udp; do sleep 0.2; done; echo two) | "
                           f"eswifictl connect --udp {self.far.host} {there.getsockname()[1]} | tee /tmp/udp")
            thread.join()
        assert got == [b"one\n", b"two\n"], got
        assert text == "back one\nback two\n", text

    def test_server(self):
        """the module's server: two clients, one after the other"""
        self.sh(f"(eswifictl listen {PORT} --exec cat >/tmp/listen 2>&1 & echo $! >/tmp/pid)")
        self.quiet("until grep -q . /tmp/listen; do sleep 0.2; done")
        for data in (BLOB[:3000], b"again"):
            with socket.create_connection(self.far.server, 60) as client:
                client.settimeout(60)
                client.sendall(data)
                got = b""
                while len(got) < len(data) and (more := client.recv(4096)):
                    got += more
                assert got == data, f"{len(got)} bytes came back, {len(data)} were sent"
        self.sh("kill $(cat /tmp/pid); cat /tmp/listen")

    def test_refused(self):
        """ordinary files of OpenSSL: refused before anything is burnt, where they would be of no use"""
        before = self.attr("cert_slots")
        text = self.sh(f"eswifictl cert check site-a; echo site-a >{SYS}/cert_provision", fails=None)
        self.has(text, "cert convert")
        assert self.attr("cert_slots") == before, "slots are not what they were"
        assert before.startswith("0 ca=free cert=free key=free"), before

    def test_provision(self):
        """one command converts them; then they are provisioned by sysfs"""
        self.has(self.sh("eswifictl cert convert site-a", fails=None), "it is the same key")
        self.sh("eswifictl cert check site-a", fails=None)
        before = self.pi.wire.rises
        self.sh(f"echo site-a >{SYS}/cert_provision; cat {SYS}/cert_status")
        self.rises = self.pi.wire.rises - before
        status = self.attr("cert_status")
        assert status.startswith("done site-a set 0: ca=programmed cert=programmed key=programmed"), \
            status
        self.has(self.sh("eswifictl cert verify site-a"), "match")
        self.has(self.sh("eswifictl cert status"), "used")
        for item in ITEMS:
            text = self.quiet(f"base64 {SITE}/{item}.pem")
            data = base64.b64decode(re.sub(r"[^A-Za-z0-9+/=]", "", text))
            self.where[item] = self.far.locate(data[data.index(b"-----BEGIN"):])

    def tls(self, server, fails=False, mode=""):
        self.has(self.sh(f"cat {SYS}/verify_mode"), "required")
        return self.sh(f"echo hello | eswifictl connect --tls {mode}{self.far.host} {server.port}", fails=fails)

    def test_tls(self):
        """required: mutual TLS 1.2, the client certificate seen by the server"""
        def backwards(connection, server):
            data = connection.recv(4096)
            server.received += data
            connection.sendall(data.strip()[::-1] + b"\n")
            # It says good-bye and closes TCP at once, as most do: the module says none.
            connection.settimeout(0)

        with Server(backwards, self.files.pair("server"), self.files.folder / "device-ca.pem") as server:
            text = self.tls(server)
            self.has(text, "olleh\n")
            assert not re.search(r"[^\n\t -~]", text), f"more than was sent: {text!r}"
            assert server.sessions == [("TLSv1.2", "device.example")], server.sessions

    def test_fake(self):
        """required: a server of another CA with the same name is refused"""
        with Server(echo, self.files.pair("other"), self.files.folder / "device-ca.pem") as server:
            self.has(self.tls(server, fails=True), "no TLS connection")
            until(lambda: server.failures or server.sessions, "a handshake at the server")
            assert not server.received, server.received

    def test_calm(self):
        """until here: no time-out, no reset, and the bus was used as it should be"""
        text = self.sh(f"grep -H . {SYS}/statistics/*")
        for name in ("timeouts", "resets"):
            assert self.attr(f"statistics/{name}") == "0", f"{name}: {text}"
        assert self.pi.broker.starts == 1, f"the module was started {self.pi.broker.starts} times"
        count = self.quiet("cat /sys/kernel/debug/spi-bcm2835-*/count_transfer_dma").strip()
        assert (count != "0") == self.variant.endswith("dma"), f"{count} transfers by DMA"

    def test_again(self):
        """rmmod and insmod: the slots are as they were"""
        slots = self.attr("cert_slots")
        self.sh("rmmod eswifi")
        self.load()
        assert self.attr("cert_slots") == slots
        self.has(self.sh("eswifictl cert verify site-a"), "match")

    def reload(self):
        """The module is another one: what the driver has seen of the last means nothing."""
        self.quiet(f"rmmod eswifi; insmod /lib/eswifi.ko; {UP}; echo 0 >{SYS}/cert_set")

    def provision(self):
        """Its exit status, and what was said."""
        text, status = self.pi.sh(f"echo site-a >{SYS}/cert_provision", 600)
        return status, f"{text}{self.attr('cert_status')}"

    def test_cuts(self):
        """twelve power cuts while certificates are programmed: no slot is lost that need not be"""
        seen, tore = [], not hasattr(self.far, "tear")
        for number in range(CUTS):
            self.pi.broker.cut()
            self.far.renew()
            self.reload()
            after = 1 + round(number * (self.rises - 1) / (CUTS - 1))
            # At once, and while the module still writes.
            self.pi.wire.cut_after(after, number % 3 * BURN)
            self.provision()
            self.pi.wire.cut_after(None)
            self.quiet(f"echo 1 >{SYS}/reset")
            state = {item: self.far.state(*self.where[item]) for item in ITEMS}
            if not tore and "whole" in state.values():
                # As if it had been cut in the middle of that write.
                tore, last = True, [item for item in ITEMS if state[item] == "whole"][-1]
                self.pi.broker.cut()
                self.far.tear(*self.where[last])
                self.reload()
                state[last] = "torn"
            status, text = self.provision()
            # Of a torn item the module says that it holds another, or dies comparing it.
            lost = "choose another set"
            if "torn" in state.values() and status and lost not in text:
                # It may die at the comparison of anything, once; not twice.
                status, text = self.provision()
            what = f"cut behind {after} of {self.rises}, left {state}"
            if "torn" in state.values():
                assert status and lost in text, f"{what}: a torn item is not told of: {text}"
                self.quiet(f"echo 1 >{SYS}/cert_set")
                status, text = self.provision()
                assert not status and "done site-a set 1: ca=programmed cert=programmed " \
                    "key=programmed" in text, f"{what}: set 1: {text}"
            else:
                assert not status and "done site-a set 0: " in text, f"{what}: {text}"
                assert text.count("match") == list(state.values()).count("whole"), f"{what}: {text}"
            seen.append(" ".join(state.values()))
        print(f"# after the cuts: {', '.join(seen)}")
        assert len(set(seen)) > 1, "the cuts were all at the same place"

    def test_log(self):
        """no complaint of the kernel"""
        self.kernel()
        found = [line for line in self.log.splitlines() if COMPLAINT.search(line)]
        assert not found, "\n".join(found)


class Inverted(Job):
    """The kernel's own tree without cs-gpios."""

    def test_named(self):
        """driver and doctor name the inverted chip select"""
        text = self.sh("insmod /lib/spi-bcm2835.ko; insmod /lib/eswifi.ko; sleep 1",
                       fails=None, seconds=300)
        self.has(text, "what came is no prompt", "chip select is not inverted")
        self.has(self.sh("eswifictl doctor", fails=True), "no cs-gpios: Linux inverts its chip select")


class Results:
    """TAP."""

    def __init__(self):
        self.passed = self.failed = 0

    def say(self, good, name, why=""):
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok' if good else 'not ok'} {self.passed + self.failed} - {name}")
        print("".join(f"# {line}\n" for line in why.splitlines()), end="", flush=True)


def tests(job):
    return [(getattr(job, name).__doc__.strip(), name) for name in vars(job) if name.startswith("test_")]


def run(results, job, variant, start):
    """All tests of one Pi. If it does not boot, or ends, the rest has failed."""
    dead, done, begun = None, None, time.monotonic()
    try:
        done = start(job, variant)
    except Exception:                               # pylint: disable=broad-except
        dead = traceback.format_exc()
    for name, method in tests(job):
        title, why = f"{VARIANTS[variant]}: {name}", dead
        if done:
            done.story.append((name, []))
            began = time.monotonic()
            try:
                getattr(done, method)()
                why = None
            except Exception as error:              # pylint: disable=broad-except
                why = traceback.format_exc()
                if isinstance(error, EOFError):
                    dead, done = "the Pi has ended", None
            title += f" ({time.monotonic() - began:.1f} s)"
        results.say(not why, title, why or "")
        dead = dead and "as before"
    if done:
        done.pi.close()
    print(f"# {VARIANTS[variant]}: {time.monotonic() - begun:.0f} s", flush=True)
    return done


def transcript(file, job):
    """What was said, as a page."""
    version = job.pi.said
    lines = [".. SPDX-License-Identifier: GPL-2.0-only", "", "=" * 25, "A Raspberry Pi, from insmod", "=" * 25, ""]
    lines[2] = lines[4] = "=" * len(lines[3])
    lines += textwrap.wrap(
        f"This page was written by ``make pi-transcript``: a virtual Raspberry Pi 3 (QEMU) with Debian's stock "
        f"kernel for arm64, {re.search(r'Linux version ([^ ]+)', version)[1]}, this project's overlay, "
        f"driver and eswifictl, and {job.far.name} at the far end of its SPI bus. Nothing in it is real "
        f"hardware: times and signal strengths mean nothing. {job.far.host} is the machine that ran it.", 90)
    for title, said in job.story:
        if not said:
            continue
        lines += ["", title[0].upper() + title[1:], "-" * len(title), "", "::", ""]
        for command, text in said:
            text = re.sub(r"[^\n\t -~]", lambda found: f"\\x{ord(found[0]):02x}", text)
            for line in f"# {command}\n{text}".rstrip("\n").split("\n"):
                lines.append(f"\t{line}".rstrip())
    file.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    parser.add_argument("--transcript", type=pathlib.Path)
    args = parser.parse_args()
    folder = TOP / "build/run/pi"
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(SCRATCH.name)
    site = {f"{SITE}/{item}.pem".lstrip("/"): data for item, data in files.site().items()}
    results = Results()

    def start(kind, variant):
        far = far_end(folder)
        pi = Pi(folder, IMAGE, args.cache / "qemu-system-aarch64", far, variant, {**site, "blob": BLOB})
        job = kind(pi, far, files, variant)
        job.quiet(f"date -s @{int(time.time())} >/dev/null")
        return job

    first = None
    print("TAP version 13")
    for variant in args.variant or VARIANTS:
        job = run(results, Inverted if variant == "inverted" else Job, variant, start)
        first = first or job
    if args.transcript and first:
        transcript(args.transcript, first)
    print(f"1..{results.passed + results.failed}")
    print(f"{results.passed} passed, {results.failed} failed")
    sys.exit(1 if results.failed else 0)


if __name__ == "__main__":
    main()
