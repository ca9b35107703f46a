# SPDX-License-Identifier: GPL-2.0-only
"""What the self-tests of eswifi-proxy share: the proxy on a module, and its clients."""
import hashlib
import os
import pathlib
import signal
import socket
import struct
import subprocess

from kit import CONFIG, TMP, Module, equal, within
from peers import Authority

HOSTS = CONFIG + "wrong.example = 127.0.0.1\n"
OURS = Authority("ours")
LARGE = os.urandom(2 << 20)

GRANTED, FAILURE, NET, HOST, REFUSED, COMMAND, ADDRESS = 0, 1, 3, 4, 5, 7, 8


def joined(*options, **named):
    m = Module(*options, config=HOSTS, **named)
    m.join()
    return m


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Proxy:
    """The proxy on a module; at the end it must obey SIGTERM."""
    number = 0

    def __init__(self, device, *options, prefix=(), listen=True):
        Proxy.number += 1
        self.port = free_port()
        self.file = open(TMP / f"proxy{Proxy.number}.log", "w+")
        if not isinstance(device, str):
            device = device.name
        where = ["--listen", f"127.0.0.1:{self.port}"] if listen else []
        prefix = [part.format(port=self.port) for part in prefix]
        self.process = subprocess.Popen(
            [*prefix, "eswifi-proxy", "--device", device, *where, *options],
            stdin=subprocess.DEVNULL, stdout=self.file, stderr=self.file)
        within(10, lambda: "istening on" in self.said(), "the proxy does not listen")

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        if kind:
            print("".join(f"# {line}\n" for line in self.said().splitlines()), end="")
        else:
            equal(status, 0, "exit status of the proxy")

    def said(self):
        return pathlib.Path(self.file.name).read_text()

    def says(self, text, seconds=10):
        within(seconds, lambda: text in self.said(), f"'{text}' in the proxy's log")

    def open(self):
        connection = socket.create_connection(("127.0.0.1", self.port), 60)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def socks(self, host, port):
        """SOCKS5 by name: the connection, and the proxy's reply code."""
        connection = self.open()
        connection.sendall(b"\5\1\0")
        equal(take(connection, 2), b"\5\0")
        connection.sendall(b"\5\1\0\3" + bytes([len(host)]) + host.encode() +
                           struct.pack(">H", port))
        reply = take(connection, 10)
        equal((reply[0], reply[2:]), (5, b"\0\1" + bytes(6)))
        return connection, reply[1]

    def granted(self, server):
        connection, code = self.socks("server.example", server.port)
        equal(code, GRANTED)
        return connection

    def http(self, head):
        """What the proxy answers to this, to its end."""
        with self.open() as connection:
            connection.sendall(head)
            return read_all(connection).decode()

    def curl(self, url, *options, socks=True):
        """Exit code and output of curl through the proxy."""
        way = ["--socks5-hostname", f"127.0.0.1:{self.port}"] if socks else \
            ["--proxytunnel", "--proxy", f"http://127.0.0.1:{self.port}"]
        done = subprocess.run(["curl", "-sS", "--max-time", "100", "--cacert", OURS.cert, *way,
                               *options, url], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False)
        print(f"# {done.stderr.decode().strip()}") if done.stderr else None
        return done.returncode, done.stdout


def take(connection, count):
    got = b""
    while len(got) < count:
        part = connection.recv(count - len(got))
        assert part, f"the end after {got!r}"
        got += part
    return got


def read_all(connection):
    got = bytearray()
    while True:
        part = connection.recv(65536)
        if not part:
            return bytes(got)
        got += part


def digest(data):
    return hashlib.sha256(data).hexdigest()
