# SPDX-License-Identifier: GPL-2.0-only
"""The vendor's firmware images in QEMU: a module on its UART or on SPI.

An image is a plain flash image for 0x08000000; FIRMWARE names it where a caller does not.
The flash is a file of 1 MiB, kept between runs if the caller names it: certificate slots
in it are as one-time as on a module. UartFirmware speaks to a UART image; spi.SpiFirmware
speaks to an SPI image.
"""
import ctypes
import functools
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
FLASH_SIZE = 0x100000
NETWORK = "net=10.0.2.0/24"     # 10.0.2.2 is this machine's 127.0.0.1
UART_LINE, SPI_LINE = 0, 6      # serial lines of QEMU's board
# 125 million instructions a second, about as the chip: the trace's times are near the
# firmware's own processing times.
PACE = ["-icount", "shift=3,align=on"]
PUBLIC = """\
The vendor's images are not part of this project. These two are public on GitHub:
  C3.5.2.5.STM (SPI)  ISM43362_M3G_L44_SPI_C3.5.2.5.STM.bin, in the repository
                      Firefighter-Mesh-Network-UNM-UTD/DISCO-L475VG-IOT01A--WIFI-firmware-update
                      below "B-L475E-IOT01A Wi-Fi Upgrade/en.inventek_fw_updater/bin/"
  C6.2.1.11 (UART)    ISM43362_M3G_L44_C6.2.1.11[1].bin, in the repository
                      Firefighter-Mesh-Network-UNM-UTD/ISM-Inventek-IWIN-AT-Commands
Keep them outside of the checkout."""


def image():
    """Path of the image that FIRMWARE names."""
    path = os.environ.get("FIRMWARE")
    if not path:
        raise SystemExit(f"FIRMWARE must name the vendor's image.\n{PUBLIC}")
    if not os.path.isfile(path):
        raise SystemExit(f"FIRMWARE: there is no file {path}.\n{PUBLIC}")
    return pathlib.Path(path).resolve()


@functools.lru_cache(None)
def content():
    data = image().read_bytes()
    # The first two words are the stack's top and where the processor starts.
    if not 0x100 < len(data) <= FLASH_SIZE or data[3] != 0x20 or data[7] != 0x08:
        raise SystemExit(f"{image()} is no flash image of a module (for 0x08000000, up to 1 MiB).")
    return data


def is_spi_image():
    return b"-SPI," in content()


def version():
    """The firmware's version as the image has it, for titles."""
    found = re.search(rb"\bC\d+\.\d+\.\d+\.\d+(?:\.[A-Z]+)?", content())
    return found.group().decode() if found else "unknown version"


@functools.lru_cache(None)
def qemu():
    done = subprocess.run([HERE / "build"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout.strip()


def fresh(path):
    """Write a flash as the factory leaves it."""
    data = content()
    pathlib.Path(path).write_bytes(data + b"\xff" * (FLASH_SIZE - len(data)))


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(flash, serial, log, network=None, trace=0, options=(), environment=None, there=None):
    """QEMU with the module's processor: its process, and our end of its serial line.

    network: options of QEMU's user network, None for no network; log: a file for what
    QEMU and the board's trace say; there: its end of the line, of a caller that has both.
    """
    if not os.path.exists(flash):
        fresh(flash)
    line, there = (None, there.dup()) if there else socket.socketpair()
    process = subprocess.Popen(
        [qemu(), "-M", "ism43362", "-display", "none", "-monitor", "none",
         "-chardev", f"socket,id=line,fd={there.fileno()}", *["-serial", "null"] * serial,
         "-serial", "chardev:line", *options,
         *(["-netdev", f"user,id=n0,{network}"] if network else [])],
        env=dict(os.environ, ISM_FLASH=str(flash), ISM_TRACE=str(trace), **(environment or {})),
        stdout=log, stderr=log, stdin=subprocess.DEVNULL, pass_fds=(there.fileno(),),
        preexec_fn=die_with_parent)
    there.close()
    return process, line


class Machine:
    """A running module with a folder of its own, to be closed."""

    def __init__(self, flash, network, serial, **more):
        self.folder = tempfile.mkdtemp(prefix="firmware.")
        self.flash = flash or self.folder + "/flash"
        self.log = self.folder + "/log"
        self.events = []
        with open(self.log, "wb") as log:
            self.process, self.line = start(self.flash, serial, log,
                                            NETWORK if network is True else network, **more)
        self.line.setblocking(False)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.line.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class UartFirmware(Machine):
    """A running module that is spoken to over its UART."""

    def __init__(self, flash=None, network=False, **more):
        super().__init__(flash, network, UART_LINE, **more)
        self.banner = self.read(8)

    def read(self, seconds=2.0, quiet=0.12, tail=b"> "):
        """What comes until it ends in the prompt and has been quiet, or the time is over."""
        out, last, end = b"", 0, time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.line], [], [], 0.03)[0]:
                data = self.line.recv(65536)
                if not data:
                    break
                out, last = out + data, time.monotonic()
            elif out and time.monotonic() - last > quiet and (tail is None or out.endswith(tail)):
                break
        return out

    def command(self, text, seconds=40):
        """The reply to one command; CR is added to text, bytes go as they are."""
        self.line.sendall(text if isinstance(text, bytes) else text.encode() + b"\r")
        return self.read(seconds)
