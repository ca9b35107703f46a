# SPDX-License-Identifier: GPL-2.0-only
"""A virtual Raspberry Pi 3 with a module on its SPI header, and a shell in it.

Its QEMU runs Debian's stock kernel for arm64 with what build-image made of this
checkout. The module is another process: see far.py.
"""
import os
import pathlib
import re
import select
import socket
import subprocess
import threading
import time

import cpio
from far import Broker, firmware

BOOT = 600              # seconds, on a machine that has much else to do


def _initramfs(root, files):
    """A folder, in which all may be run, and more files by their path."""
    all_files, folders = {}, []
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_dir():
            folders.append(name)
        else:
            all_files[name] = path.read_bytes()
    return cpio.archive({**all_files, **files}, folders, all_files)


class Wire(threading.Thread):
    """Counts on the Pi's trace how often chip select rose; cuts the power when it is told."""

    def __init__(self, trace, broker, log):
        super().__init__(daemon=True)
        self.trace, self.broker, self.log = trace, broker, log
        self.rises, self.left, self.delay = 0, None, 0
        self.lock = threading.Lock()
        self.start()

    def cut_after(self, rises, delay=0):
        """The power fails so many seconds after so many rises; None: it does not, any more."""
        with self.lock:
            self.left, self.delay = rises, delay

    def cut_now(self):
        """Unless nobody wants it any more: it would hit what comes behind the test."""
        with self.lock:
            if self.left == 0:
                self.left = None
                self.broker.cut()

    def run(self):
        for line in self.trace:
            words = line.split()
            if words[1:2] != [b"select"]:
                # What is clocked may be secret.
                if words[1:2] not in ([b"mosi"], [b"miso"]):
                    self.log.write(line)
                continue
            if words[2] == b"1":
                self.rises += 1
                if self.left is not None:
                    self.left -= 1
                    if self.left == 0:
                        time.sleep(self.delay)
                        self.cut_now()


class Pi:
    """A booted Pi. tree: one of build-image's; files: more in its initramfs.

    said: everything that came on its line; sh() runs a command.
    """

    def __init__(self, folder, image, qemu, far, tree, files):
        self.module_log = open(folder / "module.log", "ab")
        self.pi_log = open(folder / f"{tree}.log", "wb", buffering=0)
        where = folder / "module.socket"
        where.unlink(missing_ok=True)
        self.broker = Broker(where, far, self.module_log)
        (folder / "initrd").write_bytes(_initramfs(image / "root", files))
        self.line, there = socket.socketpair()
        self.said, self.at = "", 0
        self.process = subprocess.Popen(
            [qemu, "-M", "raspi3b", "-global", "bcm283x-base.enabled-cpus=1", "-display", "none",
             "-monitor", "none", "-serial", "null", "-chardev", f"socket,id=c,fd={there.fileno()}",
             "-serial", "chardev:c", "-kernel", image / "vmlinuz", "-dtb", image / f"{tree}.dtb",
             "-initrd", folder / "initrd",
             # Its time is that of its own work: it does not pass while the module is waited for.
             "-icount", "shift=1", "-append", "console=ttyS1,115200 maxcpus=1 panic=-1"],
            env=dict(os.environ, ESWIFI_MODULE=str(where), ESWIFI_TRACE="1"), pass_fds=(there.fileno(),),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=firmware.die_with_parent)
        there.close()
        self.wire = Wire(self.process.stdout, self.broker, self.pi_log)
        self.expect("PI-READY", BOOT)
        self.sh("true")

    def expect(self, pattern, seconds):
        """What comes before the pattern."""
        end = time.monotonic() + seconds
        while not (match := re.search(pattern, self.said[self.at:])):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.line], [], [], left)[0]:
                raise TimeoutError(f"the Pi does not say {pattern!r}, but: {self.said[self.at:][-2000:]}")
            data = self.line.recv(65536)
            if not data:
                raise EOFError(f"the Pi ended: {self.said[-2000:]}")
            self.said += data.decode(errors="replace").replace("\r", "")
            if "Reboot failed" in self.said[self.at:]:
                raise EOFError(f"the Pi's kernel has died: {self.said[self.at:]}")
        start = self.at
        self.at = start + match.end()
        return self.said[start:start + match.start()]

    def sh(self, command, seconds=120):
        """Runs a command line; gives its output and exit status. What shall run on is put
        into the background by a shell of its own: "(command &)".
        """
        self.line.sendall(f"{command}; echo END''-OF $?\n".encode())
        text = self.expect(r"END-OF (?=\d+\n)", seconds)
        status = int(self.expect(r"\n", seconds))
        # Of a line that was written over the last word counts.
        text = "\n".join(line.rsplit("\x1b[K", 1)[-1] for line in text.split("\n"))
        return re.sub(r"^(\$ )+", "", text), status

    def close(self):
        self.process.kill()
        self.process.wait()
        self.broker.close()
        self.line.close()
