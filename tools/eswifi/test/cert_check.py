#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""eswifictl cert check on files that have one fault each.

usage: cert_check.py PROGRAM
"""
import atexit
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from tap import run, test

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
TMP = pathlib.Path(tempfile.mkdtemp(prefix="cert-check."))
atexit.register(shutil.rmtree, TMP)
SOUND, REFUSED, WARNED = 0, 1, 4


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


CA_EXTENSIONS = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"


RSA = ("rsa", "rsa_keygen_bits:2048")
EC = ("ec", "ec_paramgen_curve:prime256v1")
# Firmware of which all is known: it reads RSA only, or EC too.
RSA_ONLY, EC_TOO = ("--firmware", "C3.5.2.5.STM"), ("--firmware", "C6.2.1.11")


class Pair:
    """A certificate and its key, in files; signed by another pair or by itself."""

    def __init__(self, name, issuer=None, *, key=RSA, days=3650,
                 extensions="basicConstraints=CA:FALSE\n", digest="sha256"):
        self.cert, self.key = TMP / f"{name}.pem", TMP / f"{name}.key"
        algorithm, option = key
        openssl("genpkey", "-algorithm", algorithm.upper(), *(("-pkeyopt", option) if option
                                                              else ()), "-out", self.key)
        if algorithm == "rsa":
            subprocess.run([PROGRAM, "cert", "convert", "--key", self.key], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        request = openssl("req", "-new", "-key", self.key, "-subj", f"/CN={name}")
        file = TMP / f"{name}.ext"
        file.write_text(extensions)
        signer = ["-CA", issuer.cert, "-CAkey", issuer.key] if issuer else ["-signkey", self.key]
        openssl("x509", "-req", *signer, "-set_serial", len(name) + 1, f"-{digest}", "-days", days,
                "-extfile", file, "-out", self.cert, stdin=request)


CA = Pair("ca", extensions=CA_EXTENSIONS)
DEVICE = Pair("device", CA)
MIDDLE = Pair("middle", CA, extensions=CA_EXTENSIONS)


def check(ca=None, cert=None, key=None, *words):
    """Exit code, and the findings as (item, level, text)."""
    arguments = []
    for option, content in (("--ca", ca), ("--cert", cert), ("--key", key)):
        if content is None:
            continue
        if isinstance(content, bytes):
            path = TMP / f"given{option}"
            path.write_bytes(content)
            content = path
        arguments += [option, str(content)]
    done = subprocess.run([PROGRAM, "cert", "check", "--json", *arguments, *words],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    answer = json.loads(done.stdout)
    found = [(f["item"], f["level"], f["text"]) for f in answer["findings"]]
    levels = [level for _, level, _ in found]
    assert answer["errors"] == levels.count("error"), answer
    assert answer["warnings"] == levels.count("warning"), answer
    assert done.returncode == (REFUSED if answer["errors"] else WARNED if answer["warnings"]
                               else SOUND), done
    return done.returncode, found


def finds(code, item, words, *arguments):
    got, found = check(*arguments)
    assert any(f[0] == item and words in f[2] for f in found), found
    assert got == code, (got, found)


@test("a sound CA, certificate and key: nothing against them, whatever the firmware")
def sound():
    for words in ((), RSA_ONLY, EC_TOO):
        got = check(CA.cert, DEVICE.cert, DEVICE.key, *words)
        assert got == (SOUND, []), got
        assert check(CA.cert, None, None, *words) == (SOUND, [])
    for key in (EC, ("ec", "ec_paramgen_curve:secp384r1"),
                ("ec", "ec_paramgen_curve:brainpoolP256r1")):
        pair = Pair("other", CA, key=key)
        code, found = check(CA.cert, pair.cert, pair.key, *EC_TOO)
        assert code == SOUND, found


@test("what the firmware can't use: an EC CA, an EC client, SHA-384, too many bytes")
def firmware():
    ca = Pair("ec-ca", key=EC, extensions=CA_EXTENSIONS)
    client = Pair("ec-client", CA, key=EC)
    far = Pair("far", extensions=CA_EXTENSIONS, digest="sha384")
    two = CA.cert.read_bytes() + Pair("second-ca", extensions=CA_EXTENSIONS).cert.read_bytes()
    big = Pair("big", CA, key=("rsa", "rsa_keygen_bits:3072"))
    for words in ((), RSA_ONLY):
        finds(REFUSED, "ca", "compares only the name", ca.cert, None, None, *words)
        finds(REFUSED, "cert", "only RSA certificates", CA.cert, client.cert, client.key, *words)
        finds(WARNED, "ca", "SHA384", far.cert, None, None, *words)
        finds(REFUSED, "ca", "takes 2036 into this item of set 0", two, None, None, *words)
        finds(REFUSED, "key", "takes 2036", CA.cert, big.cert, big.key, *words)
    for files in ((ca.cert,), (CA.cert, client.cert, client.key), (far.cert,), (two,)):
        code, found = check(*files, *(3 - len(files)) * (None,), *EC_TOO)
        assert code == SOUND, found
    finds(REFUSED, "key", "takes 2046", CA.cert, big.cert, big.key, *EC_TOO)


@test("what can be converted is a note, and the rest is judged as it will be")
def convertible():
    key = openssl("pkcs8", "-topk8", "-nocrypt", "-in", DEVICE.key)
    code, found = check(CA.cert, DEVICE.cert, key, *RSA_ONLY)
    assert code == SOUND and found[0][:2] == ("key", "note") and "PKCS#1" in found[0][2], found
    assert check(CA.cert, DEVICE.cert, key, *EC_TOO) == (SOUND, [])
    finds(SOUND, "cert", "DER is written as PEM", CA.cert,
          openssl("x509", "-in", DEVICE.cert, "-outform", "DER"), key)
    finds(REFUSED, "key", "does not belong", CA.cert, DEVICE.cert,
          openssl("pkcs8", "-topk8", "-nocrypt", "-in", MIDDLE.key))


@test("a chain in cert.pem, in its order; one out of order")
def chain():
    leaf = Pair("leaf", MIDDLE)
    good = leaf.cert.read_bytes() + MIDDLE.cert.read_bytes()
    code, found = check(CA.cert, good, leaf.key, *EC_TOO)
    assert code == SOUND, found
    finds(WARNED, "cert", "does not lead to ca.pem", CA.cert, leaf.cert, leaf.key)
    finds(REFUSED, "cert", "did not sign the one before", CA.cert,
          leaf.cert.read_bytes() + DEVICE.cert.read_bytes(), leaf.key, *EC_TOO)


@test("key and certificate that do not belong together; half a pair")
def pairs():
    finds(REFUSED, "key", "does not belong", CA.cert, DEVICE.cert, MIDDLE.key)
    finds(REFUSED, "cert", "missing", CA.cert, None, DEVICE.key)
    finds(REFUSED, "ca", "missing", None, DEVICE.cert, DEVICE.key)
    code, found = check(CA.cert, DEVICE.cert)
    assert code == SOUND and found[0][:2] == ("key", "note"), found


@test("dates: expired, soon to expire")
def dates():
    old = Pair("old", CA, days=-1)
    finds(REFUSED, "cert", "has expired", CA.cert, old.cert, old.key)
    finds(REFUSED, "ca", "has expired", Pair("old-ca", days=-1, extensions=CA_EXTENSIONS).cert)
    soon = Pair("soon", CA, days=10)
    finds(WARNED, "cert", "expires within 30 days", CA.cert, soon.cert, soon.key)


@test("keys: too short, on a curve or of a kind that the module does not know")
def keys():
    weak = Pair("weak", CA, key=("rsa", "rsa_keygen_bits:1024"))
    finds(WARNED, "cert", "1024 bits", CA.cert, weak.cert, weak.key)
    curve = Pair("curve", CA, key=("ec", "ec_paramgen_curve:secp521r1"))
    finds(REFUSED, "cert", "secp521r1", CA.cert, curve.cert, curve.key, *EC_TOO)
    edwards = Pair("edwards", CA, key=("ed25519", None))
    for words in (RSA_ONLY, EC_TOO):
        finds(REFUSED, "cert", "neither RSA nor EC", CA.cert, edwards.cert, edwards.key, *words)
        finds(REFUSED, "key", "neither RSA nor EC", CA.cert, edwards.cert, edwards.key, *words)


@test("signatures: SHA-1 is a warning, MD5 is refused")
def signatures():
    sha1 = Pair("sha1", CA, digest="sha1")
    finds(WARNED, "cert", "SHA-1", CA.cert, sha1.cert, sha1.key)
    md5 = Pair("md5", CA, digest="md5")
    finds(REFUSED, "cert", "does not name", CA.cert, md5.cert, md5.key)


@test("a CA that is none, may not sign, or is not a root")
def authorities():
    finds(REFUSED, "ca", "is no CA", Pair("leaf2", extensions="basicConstraints=CA:FALSE\n").cert)
    finds(REFUSED, "ca", "may not sign", Pair("mute", extensions="basicConstraints=CA:TRUE\n"
                                              "keyUsage=digitalSignature\n").cert)
    finds(WARNED, "ca", "not signed by itself", MIDDLE.cert)
    code, found = check(CA.cert.read_bytes() + Pair("ca2", extensions=CA_EXTENSIONS)
                        .cert.read_bytes(), None, None, *EC_TOO)
    assert code == SOUND and "2 CAs" in found[-1][2] or "2 CAs" in found[0][2], found


@test("a certificate that may not prove a client, is a CA, or is signed by itself")
def purposes():
    server = Pair("server", CA, extensions="extendedKeyUsage=serverAuth\n")
    finds(REFUSED, "cert", "may not prove a client", CA.cert, server.cert, server.key)
    both = Pair("both", CA, extensions="basicConstraints=CA:TRUE\n")
    finds(WARNED, "cert", "is a CA", CA.cert, both.cert, both.key)
    alone = Pair("alone")
    finds(WARNED, "cert", "signed by itself", CA.cert, alone.cert, alone.key)


@test("PEM is judged as the driver judges it, by line")
def pem():
    key = openssl("pkey", "-in", DEVICE.key, "-aes256", "-passout", "pass:secret")
    finds(REFUSED, "key", "encrypted", CA.cert, DEVICE.cert, key)
    finds(REFUSED, "cert", "line 1: a private key where", CA.cert, DEVICE.key, DEVICE.key)
    finds(REFUSED, "ca", "cut off", CA.cert.read_bytes()[:-60])
    finds(REFUSED, "ca", "empty", b"")
    finds(REFUSED, "ca", "longer than 8192", CA.cert.read_bytes() * 20)


@test("what is stored otherwise than one might think is a note")
def notes():
    def note(words, data):
        code, found = check(data)
        assert code == SOUND, found
        assert [entry[1] for entry in found] == ["note"] and words in found[0][2], found
    good = CA.cert.read_bytes()
    note("Windows line ends", good.replace(b"\n", b"\r\n"))
    stored = f"{len(good)} of {len(good) + 23} bytes are stored"
    note(stored, b"The CA of the workshop\n" + good)
    note(stored, good + 23 * b"\n")
    note("behind the last is left out", good + b"\0")


@test("a file that is there and cannot be read is an error, not a missing one")
def unreadable():
    folder = TMP / "folder.pem"
    folder.mkdir(exist_ok=True)
    done = subprocess.run([PROGRAM, "cert", "check", "--ca", CA.cert, "--cert", DEVICE.cert,
                           "--key", folder], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          check=False)
    assert done.returncode == 2 and b"Is a directory" in done.stderr, done


run()
