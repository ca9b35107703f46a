#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""eswifictl cert convert: ordinary files become what the firmware reads; nothing else changes.

usage: cert_convert.py PROGRAM
"""
import atexit
import json
import os
import pathlib
import re
import signal
import struct
import shutil
import subprocess
import sys
import tempfile

from tap import run, test

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
TMP = pathlib.Path(tempfile.mkdtemp(prefix="cert-convert."))
atexit.register(shutil.rmtree, TMP)
DONE, REFUSED, USAGE, CONVERTED = 0, 1, 2, 4
STRICT, EC_TOO = ("--firmware", "C3.5.2.5.STM"), ("--firmware", "C6.2.1.11")


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


def numbers(pem):
    """Numbers of an RSA key."""
    text = openssl("rsa", "-in", "/dev/stdin", "-noout", "-text", stdin=pem).decode()
    found = {}
    for name, value in re.findall(r"^(\w+): *\n?((?:\s+[0-9a-f:]+\n)+|\d+ .*\n)", text, re.M):
        found[name] = int(value.split()[0]) if "(" in value else \
            int(re.sub(r"[\s:]", "", value), 16)
    return found


def is_strict(pem):
    n = numbers(pem)
    return n["privateExponent"] * n["publicExponent"] % \
        ((n["prime1"] - 1) * (n["prime2"] - 1)) == 1


def new_key(strict):
    """A key as OpenSSL makes it, in PKCS#8, with a d of one kind or the other."""
    while True:
        pem = openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        if is_strict(pem) == strict:
            return pem


LOOSE, TIGHT = new_key(False), new_key(True)
PKCS1 = openssl("rsa", "-in", "/dev/stdin", "-traditional", stdin=TIGHT)
EC = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def certificate(name):
    key = TMP / "signer.key"
    key.write_bytes(TIGHT)
    return openssl("req", "-x509", "-new", "-key", key, "-days", "9", "-subj", f"/CN={name}")


CERT, SECOND = certificate("first"), certificate("second")


class Folder:
    """Files, and what a conversion makes of them."""

    def __init__(self, **files):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=TMP))
        for item, content in files.items():
            (self.path / item).write_bytes(content)
        self.before = self.look()

    def look(self):
        return {file.name: (file.read_bytes(), file.stat().st_mode, file.stat().st_uid,
                            file.stat().st_gid) for file in self.path.iterdir()
                if not file.is_symlink()}

    def command(self, *words):
        options = []
        for item in ("ca", "cert", "key"):
            if (self.path / item).is_symlink() or (self.path / item).exists():
                options += [f"--{item}", self.path / item]
        return [PROGRAM, "cert", "convert", "--json", *options, *words]

    def convert(self, code, *words):
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=30, check=False)
        assert done.returncode == code, done
        answer = json.loads(done.stdout)
        answer["said"] = done.stderr
        # Nothing beside the files, ever.
        assert set(self.look()) == set(self.before), self.look().keys()
        if code != CONVERTED:
            assert self.look() == self.before, "something has changed"
        return answer

    def changes(self, *words):
        return [(entry["item"], change) for entry in self.convert(CONVERTED, *words)["converted"]
                for change in entry["changes"]]

    def text(self, item):
        return (self.path / item).read_bytes()


def becomes(item, content, wanted, *words):
    """The file is changed, in what these words say; again: nothing."""
    folder = Folder(**{item: content})
    said = folder.changes(*STRICT)
    assert len(said) == len(words) and all(word in text for word, (_, text)
                                           in zip(words, said)), said
    if wanted:
        assert folder.text(item) == wanted, folder.text(item)
    folder.before = folder.look()
    assert folder.convert(DONE, *STRICT)["converted"] == []
    return folder.text(item)


def fails(item, content, words, *options):
    answer = Folder(**{item: content}).convert(REFUSED, *(options or STRICT))
    assert any(words in f["text"] for f in answer["findings"]), answer
    assert "nothing was changed" in answer["said"], answer


@test("a key: PKCS#8 and d modulo lcm become PKCS#1 and d modulo (p-1)(q-1), the same key")
def keys():
    made = becomes("key", TIGHT, PKCS1, "PKCS#1")
    loose = openssl("rsa", "-in", "/dev/stdin", "-traditional", stdin=LOOSE)
    for content, words in ((LOOSE, ("PKCS#1", "modulo")), (loose, ("modulo",)),
                           (openssl("pkey", "-in", "/dev/stdin", "-outform", "DER", stdin=LOOSE),
                            ("DER", "modulo"))):
        made = becomes("key", content, None, *words)
        assert made.startswith(b"-----BEGIN RSA PRIVATE KEY-----\n") and is_strict(made)
        before, after = numbers(LOOSE), numbers(made)
        for name in ("modulus", "publicExponent", "prime1", "prime2", "exponent1", "exponent2",
                     "coefficient"):
            assert before[name] == after[name], name
        assert b"RSA key ok" in openssl("rsa", "-in", "/dev/stdin", "-check", "-noout",
                                        stdin=made)


@test("a key that the firmware reads stays; firmware that reads more gets no more than that")
def kept():
    assert Folder(key=PKCS1).convert(DONE, *STRICT)["converted"] == []
    for key in (LOOSE, EC, PKCS1):
        assert Folder(key=key).convert(DONE, *EC_TOO)["converted"] == []
    folder = Folder(key=openssl("pkey", "-in", "/dev/stdin", "-outform", "DER", stdin=EC))
    assert [words for _, words in folder.changes(*EC_TOO)] == ["DER is written as PEM"]
    # Not known, or not there: as the strictest.
    for words in ((), ("--firmware", "C9.9.9.9")):
        answer = Folder(key=LOOSE).convert(CONVERTED, *words)
        assert answer["converted"][0]["same_key"] and not answer["firmware_known"], answer


@test("certificates: DER, what stands behind, a byte order mark; in their order")
def certificates():
    der = openssl("x509", "-in", "/dev/stdin", "-outform", "DER", stdin=CERT)
    becomes("ca", der, CERT, "DER")
    becomes("cert", CERT + b"bye\n", CERT, "behind")
    becomes("cert", CERT.replace(b"\n", b"\r\n") + b"bye\n", CERT, "behind", "line ends")
    becomes("ca", b"\xef\xbb\xbf" + CERT, CERT, "before")
    becomes("ca", b"# ours\n" + CERT + b"bye\n", CERT, "before", "behind")
    for first, second in ((CERT, SECOND), (SECOND, CERT)):
        folder = Folder(ca=first + b"\n# another\n" + second + b"\nbye\n")
        folder.changes(*EC_TOO)
        assert folder.text("ca") == first + second


@test("what the firmware reads stays, byte for byte: a set may hold it already")
def untouched():
    text = openssl("x509", "-in", "/dev/stdin", "-text", stdin=CERT)
    for cert in (CERT, CERT[:-1], CERT + b"\n\n", CERT + b"\0", CERT.replace(b"\n", b"\r\n"),
                 b"# ours\n\n" + CERT, text):
        for words in (STRICT, EC_TOO):
            assert Folder(ca=cert, cert=cert).convert(DONE, *words)["converted"] == []
        # Nor is it because another file must be converted.
        folder = Folder(ca=cert, key=LOOSE)
        assert {item for item, _ in folder.changes(*STRICT)} == {"key"}
        assert folder.text("ca") == cert
    two = CERT + b"\n# another\n" + SECOND
    assert Folder(ca=two).convert(DONE, *EC_TOO)["converted"] == []


@test("what can't be made is said, with what to do: EC, encrypted, damaged, mixed up, too long")
def refused():
    fails("key", EC, "make an RSA key of 2048 bits")
    fails("key", openssl("pkey", "-in", "/dev/stdin", "-aes256", "-passout", "pass:x",
                         stdin=LOOSE), "openssl pkey")
    fails("key", openssl("rsa", "-in", "/dev/stdin", "-aes256", "-passout", "pass:x",
                         "-traditional", stdin=LOOSE), "openssl pkey")
    fails("key", CERT, "a certificate where a private key")
    fails("key", LOOSE + CERT, "a certificate where a private key")
    fails("key", LOOSE + TIGHT, "second private key")
    fails("cert", CERT + LOOSE, "a private key where a certificate")
    fails("cert", CERT[:400], "cut off")
    fails("cert", b"nothing\n", "neither PEM nor DER")
    fails("cert", b"", "neither PEM nor DER")
    fails("ca", CERT + SECOND + CERT, "takes 2036")
    fails("ca", CERT * 80, "longer than any", *EC_TOO)
    fails("key", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
          "takes 2036")
    fails("key", openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                         "-pkeyopt", "rsa_keygen_primes:3"), "two primes")
    # A PKCS#1 block of damaged numbers: it is no key any more.
    lines = PKCS1.splitlines(True)
    lines[5] = b"A" * 64 + b"\n"
    fails("key", b"".join(lines), "")


@test("one that fails keeps all as they are; a dry run only tells")
def all_or_none():
    folder = Folder(ca=CERT + b"bye\n", cert=CERT + b"bye\n", key=EC)
    assert folder.convert(REFUSED, *STRICT)["converted"] == []
    folder = Folder(ca=CERT + b"bye\n", key=LOOSE)
    before = folder.before
    answer = folder.convert(CONVERTED, "--dry-run", *STRICT)
    assert answer["dry_run"] and len(answer["converted"]) == 2, answer
    assert folder.look() == before
    folder.convert(CONVERTED, *STRICT)
    assert folder.text("ca") == CERT and is_strict(folder.text("key"))


def access_list(user):
    """A POSIX access list by which one more user may read."""
    nobody = 0xffffffff
    entries = ((1, 6, nobody), (2, 4, user), (4, 4, nobody), (0x10, 4, nobody), (0x20, 0, nobody))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


@test("mode, owner and access list stay; no folder's default lets others in")
def access():
    for mode in (0o600, 0o640, 0o400, 0o604):
        folder = Folder(key=LOOSE)
        file = folder.path / "key"
        file.chmod(mode)
        if os.geteuid() == 0:
            os.chown(file, 12345, 23456)
        folder.before = folder.look()
        was = file.stat()
        folder.convert(CONVERTED, *STRICT)
        now = file.stat()
        assert (was.st_mode, was.st_uid, was.st_gid) == (now.st_mode, now.st_uid, now.st_gid)
    folder = Folder(key=LOOSE)
    file = folder.path / "key"
    file.chmod(0o640)
    try:
        os.setxattr(folder.path, "system.posix_acl_default", access_list(4711))
    except OSError:     # a file system without them
        return
    folder.convert(CONVERTED, *STRICT)
    assert "system.posix_acl_access" not in os.listxattr(file), os.listxattr(file)
    file.write_bytes(LOOSE)
    os.setxattr(file, "system.posix_acl_access", access_list(4712))
    folder.convert(CONVERTED, *STRICT)
    assert os.getxattr(file, "system.posix_acl_access") == access_list(4712)


@test("links: a symbolic one is refused, the other name of a file keeps what it has")
def links():
    folder = Folder(ca=CERT)
    master = TMP / "master.key"
    master.write_bytes(LOOSE)
    (folder.path / "key").symlink_to(master)
    assert "symbolic link" in folder.convert(REFUSED, *STRICT)["said"]
    assert master.read_bytes() == LOOSE
    folder = Folder()
    os.link(master, folder.path / "key")
    folder.before = folder.look()
    folder.convert(CONVERTED, *STRICT)
    assert master.read_bytes() == LOOSE and is_strict(folder.text("key"))


@test("what a loss of power left behind is removed by the next run")
def left():
    folder = Folder(key=LOOSE)
    (folder.path / ".key.converting").write_bytes(LOOSE)
    folder.convert(CONVERTED, *STRICT)
    assert [file.name for file in folder.path.iterdir()] == ["key"]


@test("killed at any moment: the file is the old one or the new one, whole")
def killed():
    made = becomes("key", LOOSE, None, "PKCS#1", "modulo")
    for delay in range(0, 60, 3):
        folder = Folder(key=LOOSE)
        process = subprocess.Popen(folder.command(*STRICT), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(delay / 1000)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert folder.text("key") in (LOOSE, made)
        if folder.text("key") == LOOSE:
            folder.convert(CONVERTED, *STRICT)
        assert folder.text("key") == made


@test("somebody else who can't write there is told; the command line makes sense or is refused")
def others():
    for words in ([], ["name", "--key", "x"], ["../name"], ["--key", "/nowhere"]):
        done = subprocess.run([PROGRAM, "cert", "convert", *words], stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, check=False)
        assert done.returncode == USAGE, done
    done = subprocess.run([PROGRAM, "cert", "convert", "not-there"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == REFUSED and b"no files" in done.stderr, done
    if os.geteuid():
        return
    folder = Folder(key=LOOSE)
    for path in (TMP, folder.path):
        path.chmod(0o755)
    (folder.path / "key").chmod(0o644)
    folder.before = folder.look()
    done = subprocess.run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                           *folder.command(*STRICT)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    assert done.returncode == REFUSED and b"cannot write" in done.stderr, done
    assert folder.look() == folder.before


run()
