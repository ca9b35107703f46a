# SPDX-License-Identifier: GPL-2.0-only
"""The far end of the virtual Pi's SPI header: who plays the module.

Firmware runs the vendor's SPI image in the firmware lab's QEMU, Emulator is this
project's. Each is a process for each time that the module has power and is out of
reset, on the same flash; both speak the same messages (qemu/eswifi_module.c). Broker
starts and ends them as the Pi lifts and lowers the reset line.
"""
import contextlib
import os
import pathlib
import select
import socket
import subprocess
import sys
import threading

TOP = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.insert(0, str(TOP / "tools/testing/firmware"))
import firmware                                     # noqa: E402

PORT = 5024             # of the module's server


class Firmware:
    """The vendor's image. Every network can be joined; TestNet is as good as any.

    host: the address that this machine has for the module; server: where this machine
    finds the module's server; networks: what a scan shall find; ssid, passphrase: the
    one to join.
    """
    host = "10.0.2.2"
    networks = ("qemu-net", 'a,b"c')
    ssid, passphrase = "TestNet", "password1"

    def __init__(self, folder):
        if not firmware.is_spi_image():
            raise SystemExit(f"{firmware.image()} is not an SPI image of the firmware")
        self.name = f"the vendor's firmware {firmware.version()}"
        self.flash = folder / "flash"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.server = free.getsockname()
        self.renew()

    def renew(self):
        """A flash as the factory leaves it."""
        firmware.fresh(self.flash)

    def start(self, line, log):
        """The module gets power: a process that speaks on this socket."""
        network = f"{firmware.NETWORK},hostfwd=tcp:127.0.0.1:{self.server[1]}-10.0.2.15:{PORT}"
        return firmware.start(self.flash, firmware.SPI_LINE, log, network=network, options=firmware.PACE,
                              there=line)[0]

    def locate(self, data):
        """Where an item is, for state()."""
        data = data.rstrip(b"\n\0")
        place = self.flash.read_bytes().find(data)
        assert place > 0, "the item is not in the flash as it was given"
        return place, data

    def state(self, place, data):
        """What has become of an item: "free", "torn" or "whole"."""
        there = self.flash.read_bytes()[place:place + len(data)]
        if there == data:
            return "whole"
        # Below ten bytes the firmware takes it for free, and completes it.
        return "torn" if there[:10] == data[:10] else "free"

    def tear(self, place, data):
        """As if the power had failed in the middle of writing an item."""
        with open(self.flash, "r+b") as flash:
            flash.seek(place + len(data) // 2)
            flash.write(b"\xff" * (len(data) - len(data) // 2 + 4))


class Emulator:
    """This project's module, with the same attributes."""
    name = "the emulator"
    host = "127.0.0.1"
    server = ("127.0.77.10", PORT)
    networks = ("Workshop", 'a,b"c')
    ssid, passphrase = "Workshop", "correct horse battery"
    config = f"""
[ap]
ssid = {ssid}
passphrase = {passphrase}
security = wpa2
address = {server[0]}
[ap]
ssid = a,b"c
security = open
address = 127.0.77.11
rssi = -77
"""

    def __init__(self, folder):
        self.flash = folder / "flash"
        self.neighbourhood = folder / "neighbourhood"
        self.neighbourhood.write_text(self.config)
        self.renew()

    def renew(self):
        """Nothing in the flash."""
        self.flash.unlink(missing_ok=True)

    def start(self, line, log):
        """The module gets power."""
        return subprocess.Popen(
            [TOP / "build/tools/eswifi-emulator", "--socket", f"fd:{line.fileno()}", "--flash", self.flash,
             "--config", self.neighbourhood], pass_fds=(line.fileno(),), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, preexec_fn=firmware.die_with_parent)

    def locate(self, data):
        """For state()."""
        return 0, data.rstrip(b"\n\0")

    def state(self, _, data):
        """What has become of an item: "free" or "whole". The flash is a text, replaced as a whole."""
        there = self.flash.read_text("ascii") if self.flash.exists() else ""
        return "whole" if data.hex() in there else "free"


class Broker(threading.Thread):
    """A module at a socket, at which the Pi says when it leaves reset, by a connection.

    starts: how often it did; power: what a cut takes away.
    """

    def __init__(self, path, far, log):
        super().__init__(daemon=True)
        self.far, self.log, self.starts, self.process, self.closing = far, log, 0, None, False
        self.lock = threading.Lock()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()
        self.start()

    def cut(self):
        """The power fails. It is back with the next reset."""
        with self.lock:
            if self.process:
                self.process.kill()
                self.process.wait()
                self.process = None

    def close(self):
        self.closing = True
        self.socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self.cut()

    def run(self):
        line = died = None
        while not self.closing:
            watch = select.poll()
            watch.register(self.socket, select.POLLIN)
            if line:
                watch.register(line, select.POLLRDHUP)
                watch.register(died, select.POLLIN)
            happened = dict(watch.poll())
            if line and (line.fileno() in happened or died in happened):    # reset, or no power
                self.cut()
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()
                os.close(died)
                line = None
            if self.socket.fileno() in happened and not self.closing:
                new, _ = self.socket.accept()
                self.cut()
                if line:
                    line.close()
                    os.close(died)
                line = new
                with self.lock:
                    self.starts += 1
                    self.process = self.far.start(line, self.log)
                    died = os.pidfd_open(self.process.pid)
        self.socket.close()


def far_end(folder):
    """The vendor's image if FIRMWARE names one, else the emulator."""
    return (Firmware if os.environ.get("FIRMWARE") else Emulator)(folder)
