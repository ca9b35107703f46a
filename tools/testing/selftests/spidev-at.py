#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The emulated module without the eswifi driver: its wire, through spidev and GPIO.

A small AT client that shares nothing with the driver talks to eswifi-emulator:
the bus by /dev/spidevB.0, data-ready and reset by the GPIO character device.
Prints TAP. Other programs that bring their own user-space driver can be tried
in the same way.
"""
import ctypes
import fcntl
import glob
import os
import select
import struct
import subprocess
import sys
import tempfile
import time

SPEED_HZ = 10_000_000
CHUNK = 64
LONGEST = 16384
BOUND = 10

SPIDEV = "/sys/bus/spi/drivers/spidev"
LINE_DATA_READY, LINE_RESET = 0, 1

GPIO_GET_CHIPINFO = 0x8044b401
GPIO_V2_GET_LINE = 0xc250b407
GPIO_V2_GET_VALUES = 0xc010b40e
GPIO_V2_SET_VALUES = 0xc010b40f
GPIO_INPUT_RISING = 1 << 2 | 1 << 4
GPIO_OUTPUT = 1 << 3
GPIO_EVENT_SIZE = 48

SPI_IOC_MESSAGE_1 = 0x40206b00
SPI_IOC_WR_MODE = 0x40016b01


class Line:
    """One line of a GPIO chip; values are physical levels."""

    def __init__(self, chip, offset, flags, value=0):
        request = bytearray(592)
        struct.pack_into("I", request, 0, offset)
        request[256:265] = b"spidev-at"
        struct.pack_into("QI", request, 288, flags, 0)
        if flags & GPIO_OUTPUT:
            # One attribute: the value that it starts with.
            struct.pack_into("I", request, 296, 1)
            struct.pack_into("IIQQ", request, 320, 2, 0, value, 1)
        struct.pack_into("I", request, 560, 1)
        fcntl.ioctl(chip, GPIO_V2_GET_LINE, request)
        self.fd = struct.unpack_from("i", request, 588)[0]

    def get(self):
        values = bytearray(struct.pack("QQ", 0, 1))
        fcntl.ioctl(self.fd, GPIO_V2_GET_VALUES, values)
        return struct.unpack("QQ", values)[0] & 1

    def set(self, value):
        fcntl.ioctl(self.fd, GPIO_V2_SET_VALUES, struct.pack("QQ", value, 1))

    def forget_edges(self):
        while select.select([self.fd], [], [], 0)[0]:
            os.read(self.fd, GPIO_EVENT_SIZE)

    def wait_edge(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        os.read(self.fd, GPIO_EVENT_SIZE)
        return True


def find_chip(label):
    for path in glob.glob("/dev/gpiochip*"):
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        info = bytearray(68)
        fcntl.ioctl(fd, GPIO_GET_CHIPINFO, info)
        if info[32:64].rstrip(b"\0").decode() == label:
            return fd
        os.close(fd)
    raise FileNotFoundError(f"no GPIO chip is called {label}")


def swap(data):
    swapped = bytearray(data)
    swapped[0::2], swapped[1::2] = swapped[1::2], swapped[0::2]
    return bytes(swapped)


class Module:
    def __init__(self, spidev, chip):
        self.spi = os.open(spidev, os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self.spi, SPI_IOC_WR_MODE, b"\0")
        self.ready = Line(chip, LINE_DATA_READY, GPIO_INPUT_RISING)
        self.reset_line = Line(chip, LINE_RESET, GPIO_OUTPUT, 0)

    def close(self):
        for fd in self.spi, self.ready.fd, self.reset_line.fd:
            os.close(fd)

    def transfer(self, data, keep_selected):
        out = ctypes.create_string_buffer(bytes(data), len(data))
        back = ctypes.create_string_buffer(len(data))
        message = struct.pack("QQIIHBBBBBB", ctypes.addressof(out), ctypes.addressof(back),
                              len(data), SPEED_HZ, 0, 8, keep_selected, 0, 0, 0, 0)
        fcntl.ioctl(self.spi, SPI_IOC_MESSAGE_1, message)
        return back.raw

    def reset(self):
        self.reset_line.set(0)
        time.sleep(0.01)
        low = self.ready.get() == 0
        self.ready.forget_edges()
        self.reset_line.set(1)
        if not self.ready.wait_edge(BOUND):
            raise TimeoutError("no prompt after reset")
        return low, self.read()

    def read(self):
        """A reply: until data-ready falls, which is looked at after each chunk."""
        got = b""
        while self.ready.get() and len(got) < LONGEST:
            got += swap(self.transfer(b"\n" * CHUNK, True))
        # Chip select rises with a message that keeps it no longer; it has no words.
        self.ready.forget_edges()
        self.transfer(b"", False)
        return got.rstrip(b"\x15")

    def wait_command_phase(self):
        if not self.ready.get():
            self.ready.wait_edge(BOUND)
        if not self.ready.get():
            raise TimeoutError("the module wants no command")

    def exchange(self, command):
        self.wait_command_phase()
        self.ready.forget_edges()
        stuffing = self.transfer(swap(command + b"\n" * (len(command) % 2)), False)
        if stuffing.strip(b"\x15"):
            raise ValueError(f"no stuffing during a command: {stuffing}")
        if not self.ready.wait_edge(BOUND):
            raise TimeoutError(f"no reply to {command}")
        return self.read()


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def check(self, ok, description, detail=""):
        self.number += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.number} - {description}")
        if not ok:
            print(f"# {detail!r}")
        return ok

    def is_(self, got, wanted, description):
        return self.check(got == wanted, description, got)

    def end(self):
        print(f"1..{self.number}")
        return 1 if self.failed else 0


def bind_spidev(device):
    base = f"/sys/bus/spi/devices/{device}"
    with open(f"{base}/driver_override", "w") as override:
        override.write("spidev")
    with open(f"{SPIDEV}/bind", "w") as bind:
        bind.write(device)
    path = f"/dev/spidev{device[3:]}"
    for _ in range(100):
        if os.path.exists(path):
            return path
        time.sleep(0.02)
    raise FileNotFoundError(path)


def talk(tap, module):
    ok = b"\r\n\r\nOK\r\n> "
    low, prompt = module.reset()
    tap.check(low, "data-ready is low in reset")
    tap.is_(prompt.lstrip(b"\x15"), b"\r\n> ", "prompt after reset")
    tap.is_(module.exchange(b"I?\r"),
            b"\r\nISM43362-M3G-L44-SPI,C3.5.2.5.STM,v3.5.2,v1.4.0.rc1,v8.2.1,120000000,"
            b"Inventek eS-WiFi\r\nOK\r\n> ", "I?")
    tap.is_(module.exchange(b"P4=8883\r"), ok, "a command of even length")
    tap.is_(module.exchange(b"P0=1\r"), ok, "a command of odd length")
    tap.is_(module.exchange(b"P0\r"), b"\r\n1\r\nOK\r\n> ", "a value")
    tap.is_(module.exchange(b"QQ\r"), b"\r\n\r\nERROR: Unknown Command\r\n> ", "an error")
    pem = b"-----BEGIN CERTIFICATE-----\n" + b"QUFB\n" * 200 + b"-----END CERTIFICATE-----\n"
    program = b"PG=0,0,%04d\r" % len(pem) + pem
    tap.is_(module.exchange(program), ok, "PG writes a certificate")
    tap.is_(module.exchange(program), b"\r\n[CERTS   ] Match\r\nOK\r\n> ", "PG again compares it")
    tap.is_(module.exchange(b"PE=0\r"), b"\r\n0,1,1\r\nOK\r\n> ", "PE")
    low, prompt = module.reset()
    tap.is_(prompt.lstrip(b"\x15"), b"\r\n> ", "prompt after another reset")
    tap.is_(module.exchange(b"P0\r"), b"\r\n0\r\nOK\r\n> ", "what was volatile is gone")
    tap.is_(module.exchange(b"PE=0\r"), b"\r\n0,1,1\r\nOK\r\n> ", "what was burnt is not")


def main():
    tap = Tap()
    if not os.path.exists(SPIDEV):
        print("Bail out! this kernel has no spidev")
        return 1
    scratch = tempfile.TemporaryDirectory()
    flash = os.path.join(scratch.name, "flash")
    # No driver knows that name: nobody but us touches the bus.
    emulator = subprocess.Popen(["eswifi-emulator", "--modalias", "at-client",
                                 "--flash", flash, *sys.argv[1:]],
                                stdout=subprocess.PIPE, text=True)
    try:
        word, device, label = emulator.stdout.readline().split()
        tap.check(word == "ready:", "the emulator is there")
        module = Module(bind_spidev(device), find_chip(label))
        talk(tap, module)
        module.close()
        emulator.terminate()
        tap.is_(emulator.wait(BOUND), 0, "it ends when asked to")
    finally:
        emulator.kill()
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
