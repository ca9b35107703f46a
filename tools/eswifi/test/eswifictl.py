#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""eswifictl without a module: its words agree everywhere, its exit codes, and
doctor on trees made up to have one fault each.

usage: eswifictl.py PROGRAM
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from tap import run, test

HERE = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(sys.argv[1]).resolve()
RELEASE = "6.1.0-test"
BOOTED = "6,1,1,-;eswifi eswifi0: ISM43362-M3G-L44-SPI, firmware C3.5.2.5.STM, c4:7f:51\n"


def ctl(*arguments, prefix=()):
    done = subprocess.run([*prefix, PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def equal(got, wanted, what=""):
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


# ------------------------------------------------------------------- words

def help_of(*command):
    status, text, errors = ctl(*command, "--help")
    equal((status, errors), (0, ""), command)
    return text


def commands():
    listed = help_of().partition("Commands")[2].partition("\n\n")[0]
    return re.findall(r"^  ([a-z]+(?: [a-z]+)?)(?= )", listed, re.M)


def options(text):
    """Names of options at the beginnings of lines; help itself is everybody's."""
    return set(re.findall(r"^ +(?:-.,)? *--([a-z-]+)", text, re.M)) - {"help", "usage"}


def manual():
    """The options of each section of the manual page; "" is the program."""
    text = (HERE / "man/eswifictl.1").read_text().replace("\\", "")
    sections = {"": set()}
    name = ""
    for line in text.splitlines():
        if line.startswith(".SS "):
            name = " ".join(word for word in line.split()[1:] if word.islower())
            sections[name] = set()
        elif line.startswith(".SH "):
            name = "" if line == ".SH OPTIONS" else None
        elif name is not None and re.match(r"\.BR? -", line):
            sections[name] |= set(re.findall(r"--([a-z-]+)", line))
    sections[""] -= {"help", "usage"}
    return sections


@test("the commands are those that were promised")
def promised():
    equal(commands(), "status scan join leave ap".split() +
          [f"cert {name}" for name in "status check convert plan program verify batch select mode".split()] +
          "connect listen ping resolve at monitor doctor".split())


@test("the manual page has every command and option of --help, and no others")
def manual_agrees():
    sections = manual()
    equal(set(sections) - {""}, set(commands()))
    equal(sections[""], options(help_of().partition("Commands")[0]), "program")
    for command in commands():
        equal(sections[command], options(help_of(*command.split())), command)


@test("the manual page and --help name the same arguments")
def arguments_agree():
    text = (HERE / "man/eswifictl.1").read_text()
    for name, words in re.findall(r"^  ([a-z]+(?: [a-z]+)?) ((?:\[?[A-Z]+\]? )*)", help_of(), re.M):
        assert f".SS {(name + ' ' + words).strip()}\n" in text, (name, words)


@test("the manual page and --help tell the same exit codes")
def exit_codes():
    text = (HERE / "man/eswifictl.1").read_text()
    section = text.partition(".SH EXIT STATUS")[2].partition(".SH")[0]
    said = help_of().partition("Exit codes:")[2]
    equal(sorted(set(re.findall(r"^\.B (\d)", section, re.M))),
          sorted(set(re.findall(r"\b(\d) [a-z]", said))))


@test("the manual page has no fault that groff knows")
def manual_is_sound():
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", HERE / "man/eswifictl.1"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""))


def complete(*words):
    script = f"""
        eswifictl() {{ {PROGRAM} "$@"; }}
        . {HERE}/completion/eswifictl
        COMP_WORDS=(eswifictl "$@"); COMP_CWORD=$#
        _eswifictl; printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script, "bash", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=True)
    equal(done.stderr, "")
    return [word for word in done.stdout.split("\n") if word]


@test("completion knows the commands, and the options of each")
def completion():
    equal(complete(""), list(dict.fromkeys(name.split()[0] for name in commands())))
    equal(complete("cert", ""), [name.split()[1] for name in commands() if " " in name])
    equal(complete("cert", "ver"), ["verify"])
    equal(complete("cert", "mode", ""), ["none", "optional", "required"])
    equal(complete("-d", "eswifi0", "mon"), ["monitor"])
    equal(complete("--de"), ["--device"])
    for command in commands():
        equal(set(complete(*command.split(), "--")) - {"--help", "--usage"},
              {f"--{name}" for name in options(help_of(*command.split()))}, command)
    equal(complete("join", "--security", "wpa2"), ["wpa2"])
    equal(complete("connect", "--verify", "o"), ["optional"])


@test("wrong usage is exit code 2, and says so on standard error only")
def usage():
    for words in ([], ["nothing"], ["-d", "../x", "status"], ["connect"], ["connect", "a"],
                  ["connect", "a", "0"], ["connect", "a", "65536"], ["connect", "a", "1", "2"],
                  ["connect", "--tls", "--udp", "a", "1"], ["connect", "--set", "1", "a", "1"],
                  ["connect", "--tls", "--verify", "all", "a", "1"],
                  ["connect", "--json", "a", "1"],
                  ["listen"], ["listen", "0"], ["listen", "1", "2"],
                  ["listen", "--udp", "--exec", "cat", "1"], ["join"], ["join", "a", "b"],
                  ["join", "x" * 33], ["join", "--security", "wpa3", "a"],
                  ["join", "--gateway", "10.0.0.1", "a"], ["join", "--static", "10.0.0.2", "a"],
                  ["join", "--static", "10.0.0.2/255.0.255.0", "a"],
                  ["join", "--static", "10.0.0.2/33", "a"], ["join", "--static", "0.0.0.0/8", "a"],
                  ["join", "--static", "10.0.0.2/8", "--dns", "x", "a"],
                  ["join", "--static", "10.0.0.2/8", "--gateway", "10.0.0.256", "a"],
                  ["ap"], ["ap", "--stop", "--clients"], ["ap", "--stop", "a"],
                  ["ap", "x" * 32], ["ap", "--security", "wep", "a"],
                  ["ap", "--channel", "14", "a"],
                  ["ap", "--max-clients", "5", "a"], ["ping"], ["ping", "-c", "0", "a"],
                  ["resolve"], ["resolve", "x" * 64], ["at"], ["at", "I?", "I?"],
                  ["cert"], ["cert", "burn"], ["cert", "check"], ["cert", "check", "a/b"],
                  ["cert", "check", "a", "--ca", "b"], ["cert", "check", "--ca", "/nonexistent"],
                  ["cert", "plan"], ["cert", "plan", ".."], ["cert", "plan", "a", "b"],
                  ["cert", "program", "a", "--set", "4"], ["cert", "verify"],
                  ["cert", "verify", "x" * 65], ["cert", "select"], ["cert", "select", "4"],
                  ["cert", "select", "-1"], ["cert", "mode"], ["cert", "mode", "all"],
                  ["cert", "batch"], ["cert", "batch", "/nonexistent"],
                  ["status", "--nothing"], ["doctor", "--root", "/nonexistent"]):
        status, out, errors = ctl(*words)
        equal(status, 2, words)
        equal(out, "", words)
        assert "eswifictl" in errors.lower(), (words, errors)


@test("without a device it is exit code 3, with --json an object with error and code")
def no_device():
    for words in (["status"], ["scan"], ["join", "a"], ["leave"], ["ap", "--stop"],
                  ["ping", "a"], ["resolve", "a"], ["at", "I?"], ["cert", "status"],
                  ["cert", "plan", "a"], ["cert", "program", "a"], ["cert", "verify", "a"],
                  ["cert", "select", "1"], ["cert", "mode", "none"]):
        status, out, errors = ctl("-d", "eswifi99", *words)
        equal((status, out), (3, ""), words)
        assert "eswifi99" in errors, errors
        status, out, errors = ctl("-d", "eswifi99", *words, "--json")
        answer = json.loads(out)
        equal((status, answer["code"], set(answer)), (3, 3, {"code", "error"}), words)
    for words in (["connect", "a", "1"], ["listen", "1"]):
        equal(ctl("-d", "eswifi99", *words)[:2], (3, ""), words)


# ------------------------------------------------------------------ doctor

class Tree:
    """A machine in a folder: sound, with a Raspberry Pi's device tree, until changed."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp())
        self.write("proc/sys/kernel/osrelease", RELEASE + "\n")
        # A link, as on every machine that has one.
        self.write("sys/firmware/devicetree/base/model", "Raspberry Pi 4 Model B\0")
        self.link("proc/device-tree", "../sys/firmware/devicetree/base")
        self.node = "proc/device-tree/soc/spi@7e204000"
        self.write(f"{self.node}/status", "okay\0")
        self.write(f"{self.node}/wifi@0/compatible", "inventek,eswifi\0")
        self.write(f"{self.node}/spidev@0/compatible", "spidev\0")
        self.write(f"{self.node}/spidev@0/status", "disabled\0")
        self.write("boot/firmware/config.txt", "dtparam=audio=on\ndtoverlay=eswifi,drdy=25\n")
        self.write("boot/firmware/overlays/eswifi.dtbo", "")
        self.write(f"lib/modules/{RELEASE}/build/Makefile", "")
        self.write(f"lib/modules/{RELEASE}/updates/eswifi.ko", "")
        self.write(f"lib/modules/{RELEASE}/modules.dep", "updates/eswifi.ko:\n")
        self.write("sys/module/eswifi/refcnt", "0")
        self.write("sys/bus/spi/devices/spi0.0/modalias", "spi:eswifi\n")
        self.link("sys/bus/spi/devices/spi0.0/driver", "../../drivers/eswifi")
        self.write("dev/eswifi0", "")
        self.write("dev/kmsg", BOOTED)
        for name, value in {"operstate": "up", "ssid": "Workshop", "ip_address": "10.0.0.2",
                            "rssi": "-51", "verify_mode": "required", "cert_set": "0",
                            "firmware_version": "C3.5.2.5.STM",
                            "firmware_features": "known sets=4 guarded: key-form",
                            "statistics/resets": "0",
                            "cert_slots": "0 ca=used cert=used key=used\n"
                                          "1 ca=used cert=free key=free"}.items():
            self.write(f"sys/class/eswifi/eswifi0/{name}", value + "\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def link(self, name, target):
        path = self.root / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def remove(self, *names):
        for name in names:
            path = self.root / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def unplug(self):
        """The driver has no device."""
        self.remove("sys/class/eswifi/eswifi0", "dev/eswifi0",
                    "sys/bus/spi/devices/spi0.0/driver")
        self.write("dev/kmsg", "")

    def doctor(self, *arguments, prefix=()):
        """Exit code, and the findings as {check: (verdict, text, advice)}."""
        status, out, errors = ctl("doctor", "--json", "--root", self.root, *arguments,
                                  prefix=prefix)
        equal(errors, "")
        answer = json.loads(out)
        found = {}
        for finding in answer["findings"]:
            assert finding["check"] not in found, finding
            found[finding["check"]] = (finding["verdict"], finding["text"], finding["advice"])
            equal(finding["advice"] is None, finding["verdict"] == "ok", finding)
        for verdict in ("ok", "warn", "fail"):
            equal(answer[verdict], sum(f[0] == verdict for f in found.values()), verdict)
        equal(status, 1 if answer["fail"] else 0)
        return found


def finds(tree, check, verdict, text, advice="", prefix=()):
    found = tree.doctor(prefix=prefix)
    got = found[check]
    equal(got[0], verdict, got)
    assert text in got[1], (text, got)
    assert advice in (got[2] or ""), (advice, got)


@test("doctor: all is well in a sound tree, and every check was made")
def sound():
    with Tree() as tree:
        found = tree.doctor()
        equal(set(found), {"module", "headers", "kernel log", "device tree", "SPI", "node",
                           "answer", "firmware", "key-form", "link", "clock", "certificates"})
        equal({f[0] for f in found.values()}, {"ok"}, found)
        status, out, errors = ctl("doctor", "--root", tree.root)
        equal((status, errors), (0, ""))
        assert out.endswith("12 ok, 0 to look at, 0 failed\n"), out


@test("doctor: the module is not built, built for another kernel, or not known to depmod")
def module():
    with Tree() as tree:
        tree.unplug()
        tree.remove("sys/module/eswifi")
        finds(tree, "module", "warn", "not loaded", "modprobe")
        tree.write(f"lib/modules/{RELEASE}/modules.dep", "updates/noteswifi.ko:\n")
        finds(tree, "module", "fail", "depmod has not seen it", "sudo depmod")
        tree.remove(f"lib/modules/{RELEASE}/updates")
        finds(tree, "module", "fail", "not installed", "make")
        tree.write("lib/modules/6.1.0-old/updates/eswifi.ko.xz", "")
        finds(tree, "module", "fail", "another kernel", "running kernel")
        tree.write("dev/kmsg", "3,1,1,-;eswifi: version magic '6.1.0-old' should be '6.1.0-test'\n")
        finds(tree, "kernel log", "fail", "version magic", "build it for the running kernel")


@test("doctor: no headers: what to install, a warning while the module works")
def headers():
    with Tree() as tree:
        tree.remove(f"lib/modules/{RELEASE}/build")
        finds(tree, "headers", "warn", RELEASE, "linux-headers-rpi-v8")
        tree.unplug()
        tree.remove("sys/module/eswifi", f"lib/modules/{RELEASE}/modules.dep")
        finds(tree, "headers", "fail", RELEASE, "linux-headers-rpi-v8")
        tree.write("proc/device-tree/model", "Another board\0")
        finds(tree, "headers", "fail", RELEASE, f"linux-headers-{RELEASE}")


@test("doctor: the driver's reasons for a failed start, until it came up after all")
def kernel_log():
    for line, advice in (
            ("data-ready never rose after reset: check the module's power (-110)", "power (3.3 V)"),
            ("data-ready rose, but what came is no prompt: check MISO (-71)", "MISO"),
            ("the prompt came, but I? is not answered: not the SPI firmware (-110)", "-SPI"),
            ("error -ENOENT: no data-ready line", "data-ready-gpios"),
            ("no interrupt for the data-ready line", "interrupts")):
        with Tree() as tree:
            tree.unplug()
            tree.write("dev/kmsg", "6,1,1,-;usb 1-1: new device\n"
                       f"3,2,2,-;eswifi spi0.0: {line}\n SUBSYSTEM=spi\n6,3,3,-;random: done\n")
            finds(tree, "kernel log", "fail", line, advice)
            tree.write("dev/kmsg", f"3,2,2,-;eswifi spi0.0: {line}\n{BOOTED}")
            finds(tree, "kernel log", "ok", "")
            tree.write("dev/kmsg", f"3,2,2,-;somebody else: {line}\n")
            finds(tree, "kernel log", "ok", "")
            tree.write("dev/kmsg", f"3,1,1,-;eswifi eswifi0: {line}\n"
                       "3,2,2,-;eswifi eswifi0: the module does not come back (-110)\n")
            finds(tree, "kernel log", "fail", line, advice)
    with Tree() as tree:
        tree.remove("dev/kmsg")
        finds(tree, "kernel log", "warn", "can't be read", "root")


@test("doctor: no overlay: not named, not there, not loaded")
def overlay():
    with Tree() as tree:
        tree.unplug()
        tree.remove(f"{tree.node}/wifi@0")
        finds(tree, "device tree", "fail", "not in the device tree", "reboot")
        tree.remove("boot/firmware/overlays/eswifi.dtbo")
        finds(tree, "device tree", "fail", "eswifi.dtbo is missing", "make dtbs")
        tree.write("boot/firmware/config.txt", "#dtoverlay=eswifi\ndtoverlay=eswifi2\n")
        finds(tree, "device tree", "fail", "/boot/firmware/config.txt does not", "dtoverlay=eswifi")
        tree.remove("boot/firmware")
        tree.write("boot/config.txt", "dtoverlay=eswifi\n")
        finds(tree, "device tree", "fail", "/boot/overlays/eswifi.dtbo is missing")
        tree.write("proc/device-tree/model", "Another board\0")
        finds(tree, "device tree", "fail", "no node", "inventek,eswifi")
        tree.remove("proc/device-tree")
        finds(tree, "device tree", "fail", "has none", "emulator")


@test("doctor: nodes that are disabled, and spidev on the same chip select")
def device_tree():
    with Tree() as tree:
        tree.write(f"{tree.node}/spidev@0/status", "okay\0")
        finds(tree, "device tree", "fail", "spidev@0 claims the chip select", "dtoverlay=eswifi")
        tree.remove(f"{tree.node}/spidev@0/status")
        finds(tree, "device tree", "fail", "spidev@0 claims the chip select")
        tree.remove(f"{tree.node}/spidev@0")
        tree.write(f"{tree.node}/spidev@1/status", "okay\0")
        finds(tree, "device tree", "ok", "wifi@0")
        # Of a Pi's controller chip selects that are no GPIOs are inverted.
        tree.write(f"{tree.node}/compatible", "brcm,bcm2835-spi\0")
        finds(tree, "device tree", "ok", "wifi@0")
        tree.unplug()
        finds(tree, "device tree", "fail", "no cs-gpios", "dtoverlay=eswifi")
        tree.write(f"{tree.node}/compatible", "another,spi\0")
        finds(tree, "device tree", "ok", "wifi@0")
        tree.write(f"{tree.node}/compatible", "brcm,bcm2835-spi\0")
        tree.write(f"{tree.node}/cs-gpios", "\0\0\0\7\0\0\0\10\0\0\0\1")
        finds(tree, "device tree", "ok", "wifi@0")
        tree.write(f"{tree.node}/status", "disabled\0")
        finds(tree, "device tree", "fail", "SPI controller", "dtparam=spi=on")
        tree.write(f"{tree.node}/wifi@0/status", "disabled\0")
        finds(tree, "device tree", "fail", "wifi@0 is disabled", "okay")


@test("doctor: an SPI device with another driver, with none, not there")
def spi():
    with Tree() as tree:
        tree.link("sys/bus/spi/devices/spi0.0/driver", "../../drivers/spidev")
        finds(tree, "SPI", "fail", "spi0.0 is driven by spidev instead", "unbind")
        tree.remove("sys/bus/spi/devices/spi0.0/driver")
        finds(tree, "SPI", "fail", "could not start", "dmesg")
        tree.remove("sys/module/eswifi")
        finds(tree, "SPI", "fail", "nobody drives spi0.0", "modprobe")
        tree.write("sys/bus/spi/devices/spi0.0/modalias", "spi:spidev\n")
        finds(tree, "SPI", "fail", "no eS-WiFi module")
        tree.remove("sys/bus")
        finds(tree, "SPI", "fail", "no SPI bus", "CONFIG_SPI")


@test("doctor: the node is missing, or not for this user; what group to join")
def node():
    with Tree() as tree:
        tree.remove("dev/eswifi0")
        finds(tree, "node", "fail", "no /dev/eswifi0", "udev")
    with Tree() as tree:
        os.chmod(tree.root, 0o755)
        path = tree.root / "dev/eswifi0"
        if os.geteuid() == 0:
            prefix = ("setpriv", "--reuid", "65534", "--clear-groups")
            os.chown(path, 0, 4)        # adm, which every Debian has
            path.chmod(0o660)
            finds(tree, "permission", "fail", "group adm, mode 660", "usermod -aG adm nobody",
                  prefix=prefix)
            os.chown(path, 0, 0)
            path.chmod(0o600)
            finds(tree, "permission", "fail", "mode 600", "udev rules", prefix=prefix)
            path.chmod(0o666)
            finds(tree, "node", "ok", "can be opened", prefix=prefix)
        else:
            path.chmod(0)
            finds(tree, "permission", "fail", "mode 0", "udev rules")


@test("doctor: resets, no network, a weak signal")
def link():
    with Tree() as tree:
        folder = "sys/class/eswifi/eswifi0"
        tree.write(f"{folder}/statistics/resets", "3\n")
        finds(tree, "answer", "warn", "reset 3 times", "speed")
        tree.write(f"{folder}/rssi", "-84\n")
        finds(tree, "link", "warn", "-84 dBm", "antenna")
        tree.write(f"{folder}/operstate", "down\n")
        finds(tree, "link", "warn", "in no network", "eswifictl join")
        tree.write(f"{folder}/operstate", "dormant\n")
        finds(tree, "link", "warn", "joining", "wait")


@test("doctor: a clock that is before what lies on the disk")
def clock():
    with Tree() as tree:
        future = time.time() + 40 * 86400
        os.utime(tree.root / "lib/modules", (future, future))
        finds(tree, "clock", "fail", "in the past", "timedatectl")


@test("doctor: what the verify mode needs and the active set lacks")
def certificates():
    with Tree() as tree:
        folder = "sys/class/eswifi/eswifi0"
        tree.write(f"{folder}/cert_set", "1\n")
        finds(tree, "certificates", "warn", "lacks certificate and key", "cert program")
        tree.write(f"{folder}/verify_mode", "optional\n")
        finds(tree, "certificates", "ok", "set 1")
        tree.write(f"{folder}/cert_slots", "1 ca=free cert=free key=free\n")
        finds(tree, "certificates", "warn", "lacks the CA", "cert program")
        tree.write(f"{folder}/cert_slots", "1 ca=unknown cert=unknown key=unknown\n")
        finds(tree, "certificates", "warn", "does not tell", "--blind")
        tree.write(f"{folder}/verify_mode", "none\n")
        finds(tree, "certificates", "warn", "anybody", "cert mode required")
        for word, text in (("torn", "loss of power"), ("damaged", "reported free")):
            tree.write(f"{folder}/verify_mode", "required\n")
            tree.write(f"{folder}/cert_slots", f"1 ca=used cert={word} key=used\n"
                                               "2 ca=free cert=free key=free\n")
            finds(tree, "certificates", "fail", text, "another set")


@test("doctor: what is known of the firmware, and what each guard means")
def firmware():
    with Tree() as tree:
        file = "sys/class/eswifi/eswifi0/firmware_features"
        tree.write(file, "unknown sets=3 guarded: key-form tls-request new-word\n")
        found = tree.doctor()
        equal(found["firmware"][0], "warn")
        assert "cert convert" in found["key-form"][1], found
        assert "crashes the module" in found["tls-request"][1], found
        assert "does not know it" in found["new-word"][1], found
        tree.write(file, "known sets=4 slots guarded: optional-builtin\n")
        finds(tree, "firmware", "ok", "vendor")
        tree.write("sys/class/eswifi/eswifi0/verify_mode", "optional\n")
        finds(tree, "certificates", "fail", "optional", "cert mode required")
        tree.remove(file)
        assert "firmware" not in tree.doctor()


@test("what every guard of the driver means is known")
def guards():
    top = pathlib.Path(__file__).resolve().parents[3]
    kinds = (top / "drivers/net/wireless/inventek/eswifi/firmware_kinds.c").read_text()
    words = re.findall(r'^\t\[ESWIFI_GUARD_\w+\] = "([\w-]+)"', kinds, re.M)
    assert len(words) > 5, words
    with Tree() as tree:
        tree.write("sys/class/eswifi/eswifi0/firmware_features",
                   f"known sets=3 guarded: {' '.join(words)}\n")
        found = tree.doctor()
        for word in words:
            assert "does not know it" not in found[word][1], word


run()
