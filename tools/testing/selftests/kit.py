# SPDX-License-Identifier: GPL-2.0-only
"""What self-tests in Python share: TAP, the emulated module, its sysfs folder.

A test is a function with the decorator @test("what it proves"); run() runs them
in order and prints TAP. A test fails by an exception: assert, equal(), refuses().
"""
import errno
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import traceback

TMP = pathlib.Path(os.environ["TMPDIR"])
FIRMWARE = pathlib.Path(os.environ["ESWIFI_FW"]) / "inventek"
CLASS = pathlib.Path("/sys/class/eswifi")
SLOW = float(os.environ.get("ESWIFI_SLOW", "1"))
DRIVER = pathlib.Path("/sys/bus/spi/drivers/eswifi")

SSID = "Workshop"
PASSPHRASE = "correct horse battery"
CONFIG = f"""
[ap]
ssid = {SSID}
passphrase = {PASSPHRASE}
security = wpa2
[ap]
ssid = Open House
security = open
address = 192.168.78.20
rssi = -77
[hosts]
server.example = 127.0.0.1
nobody.example = 192.0.2.1
"""

tests = []
untried = []            # "NAME: why" of those that this module cannot be asked


def test(name):
    def add(function):
        tests.append((name, function))
        return function
    return add


def run():
    print("TAP version 13")
    print(f"1..{len(tests)}", flush=True)
    for name in untried:
        print(f"# not tried: {name}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()),
                  end="", flush=True)
    sys.exit(1 if failed else 0)


def equal(got, wanted, what=""):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def refuses(wanted, function, *args):
    """The call must fail with one of these errnos (a number or several)."""
    wanted = (wanted,) if isinstance(wanted, int) else wanted
    try:
        result = function(*args)
    except OSError as error:
        names = "/".join(errno.errorcode[number] for number in wanted)
        assert error.errno in wanted, f"failed with {error}, wanted {names}"
        return error
    raise AssertionError(f"was accepted: {result!r}, should fail with "
                         f"{errno.errorcode[wanted[0]]}")


def within(seconds, condition, what=""):
    """Wait until the condition holds; returns its value. The seconds are an idle machine's."""
    seconds *= SLOW
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what or condition}"
        time.sleep(0.02)


class KernelLog:
    """What the kernel says from now on."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.fd, 0, os.SEEK_END)
        self.lines = []

    def text(self):
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return "\n".join(self.lines)
            except BrokenPipeError:     # records were overwritten
                continue
            self.lines.append(record.split(";", 1)[1].split("\n", 1)[0])


class Uevents:
    """Events of the kernel from now on, as dictionaries."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
        self.socket.bind((0, 1))

    def wait(self, seconds, **wanted):
        """The first event in which all these variables have these values."""
        seconds *= SLOW
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            assert left > 0 and select.select([self.socket], [], [], left)[0], \
                f"no event {wanted} within {seconds} s"
            parts = self.socket.recv(65536).decode(errors="replace").split("\0")
            event = dict(part.split("=", 1) for part in parts if "=" in part)
            if all(event.get(name) == value for name, value in wanted.items()):
                return event


# For what only the documents promise: Module(*DOCUMENTED). Without it a module is as the
# firmware that was seen.
DOCUMENTED = ("--firmware", "documented")


class Module:
    """An emulated module, plugged in: Module("--fault", "no-boot").

    Used as a context manager; at its end the module is unplugged. Its flash is
    gone with it unless the caller names a file.
    """
    number = 0

    def __init__(self, *options, flash=None, config=CONFIG, fast=True, driver=True):
        Module.number += 1
        stem = TMP / f"module{Module.number}"
        self.flash = pathlib.Path(flash or f"{stem}.flash")
        self.dialogue = pathlib.Path(f"{stem}.dialogue")
        self.errors = open(f"{stem}.errors", "w+")
        self.config = pathlib.Path(f"{stem}.conf")
        self.config.write_text(config)
        self.process = subprocess.Popen(
            ["eswifi-emulator", "--flash", self.flash, "--config", self.config,
             "--log", self.dialogue] + (["--fast"] if fast else []) + list(options),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        line = self.process.stdout.readline().split()
        assert line[:1] == ["ready:"], f"the emulator did not start: {self.said()}"
        self.spi = line[1]
        self.spi_folder = pathlib.Path("/sys/bus/spi/devices") / self.spi
        self.name = None
        if driver:
            try:
                self.bound()
            except AssertionError:
                self.stop()
                raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def spi_there(self):
        """What tells this SPI device from a later one of the same name; None if there is none."""
        try:
            return self.spi_folder.stat().st_ino
        except FileNotFoundError:
            return None

    def device(self):
        """Name of the driver's device on this module, None if there is none."""
        try:
            names = os.listdir(self.spi_folder / "eswifi")
        except FileNotFoundError:
            return None
        return names[0] if names and os.path.exists(f"/dev/{names[0]}") else None

    def bound(self, seconds=30):
        """Wait for the driver."""
        self.name = within(seconds, self.device, "the driver did not come up")
        self.path = f"/dev/{self.name}"
        self.sys = CLASS / self.name

    def stop(self, signum=signal.SIGTERM, seconds=20):
        """Unplug; wait until its device is gone."""
        ours = self.spi_there()
        self.process.send_signal(signum)
        self.process.wait(seconds * SLOW)
        self.process.stdout.close()
        within(seconds, lambda: ours is None or self.spi_there() != ours, f"{self.spi} did not go")

    def attr(self, name):
        return (self.sys / name).read_text().rstrip("\n")

    def stat(self, name):
        return int(self.attr(f"statistics/{name}"))

    def put(self, name, value):
        """One write() to an attribute, as echo does it."""
        data = value if isinstance(value, bytes) else (value + "\n").encode()
        fd = os.open(self.sys / name, os.O_WRONLY)
        try:
            os.write(fd, data)
        finally:
            os.close(fd)

    def open(self, flags=0):
        return os.open(self.path, os.O_RDWR | flags)

    def at(self, command):
        """The whole reply to one command, on a file of its own."""
        fd = self.open()
        try:
            os.write(fd, command if isinstance(command, bytes) else command.encode())
            return os.read(fd, 65536)
        finally:
            os.close(fd)

    def commands(self):
        """Commands that reached the module."""
        return [line.split(" > ", 1)[1] for line in self.dialogue.read_text().splitlines()
                if " > " in line]

    def shown_flash(self):
        return subprocess.run(["eswifi-emulator", "--flash", self.flash, "--show"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def burns(self):
        return int(re.search(r"^burns: (\d+)", self.shown_flash(), re.M).group(1))

    def driver(self, what):
        """bind or unbind the driver."""
        (DRIVER / what).write_text(self.spi)

    def ctl(self, *arguments, stdin=b"", timeout=60):
        """eswifictl on this module: exit status, standard output, standard error."""
        done = subprocess.run(["eswifictl", "--device", self.name, *map(str, arguments)],
                              input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=timeout, check=False)
        return (done.returncode, done.stdout.decode(errors="replace"),
                done.stderr.decode(errors="replace"))

    def join(self):
        status, _, errors = self.ctl("join", SSID, stdin=PASSPHRASE.encode())
        equal(status, 0, errors)


def install(name, **files):
    """Files below the firmware folder: install("site-a", ca=path or bytes)."""
    folder = FIRMWARE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for item, content in files.items():
        if not isinstance(content, bytes):
            content = pathlib.Path(content).read_bytes()
        (folder / f"{item}.pem").write_bytes(content)
