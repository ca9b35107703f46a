#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The other side of the module's connections, on the host, for the tests of this lane.

usage: peer.py server [--udp] [--tls CERT KEY] [--ca FILE] [--record N] [--talk HOW]
       peer.py client HOST PORT [--udp] [--count N] [--burst N] [--size N]

It says what it sees in lines of JSON. A server says its "port" first, then of each
connection its "session": TLS version and name in the client's certificate, and "bytes" and
"sha256" of all that came, "how" it ended; of TLS that fails the "failure".

--record: give sends TLS records of so many bytes, and at the end one that is shorter.
HOW: echo sends back what comes; take only takes; give:FILE sends the file's content and
ends; hold reads nothing; reset answers what comes first by RST; silent accepts, no more.

A client connects N times, BURST at once, sends SIZE bytes of its own each and wants them
back; it says "client", "right", and in "error" what went wrong.
"""
import argparse
import hashlib
import json
import pathlib
import socket
import ssl
import struct
import sys
import threading
import time

LOCK = threading.Lock()


def say(**what):
    with LOCK:
        print(json.dumps(what), flush=True)


class Server:
    """A server on 127.0.0.1, a thread for each connection."""

    def __init__(self, args):
        self.talk, _, self.file = args.talk.partition(":")
        self.record = args.record
        self.context = None
        if args.tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # What the module can: TLS 1.2, CBC suites.
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.load_cert_chain(*args.tls)
            if args.ca:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(args.ca)

    def run(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            say(port=server.getsockname()[1])
            while True:
                threading.Thread(target=self.serve, args=(server.accept()[0],),
                                 daemon=True).start()

    def serve(self, connection):
        connection.settimeout(300)
        got, digest, how = 0, hashlib.sha256(), "end"
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                names = dict(part[0] for part in (connection.getpeercert() or {})
                             .get("subject", ()))
                say(session=[connection.version(), names.get("commonName")])
            else:
                say(session=[None, None])
            if self.talk == "give":
                data = pathlib.Path(self.file).read_bytes()
                for at in range(0, len(data), self.record):
                    connection.sendall(data[at:at + self.record])
            elif self.talk in ("hold", "silent"):
                time.sleep(300)
            while self.talk != "give":
                data = connection.recv(65536)
                if not data:
                    break
                got += len(data)
                digest.update(data)
                if self.talk == "echo":
                    connection.sendall(data)
                elif self.talk == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack("ii", 1, 0))
                    break
            if self.context:
                connection = connection.unwrap()
        except OSError as error:        # ssl.SSLError is one
            how = str(error)
            say(failure=how)
        finally:
            connection.close()
            say(bytes=got, sha256=digest.hexdigest(), how=how)


def serve_udp():
    """Each datagram is answered with itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        say(port=server.getsockname()[1])
        while True:
            data, peer = server.recvfrom(65536)
            say(bytes=len(data), sha256=hashlib.sha256(data).hexdigest(), peer=peer[1])
            server.sendto(data, peer)


def client(args, number):
    data = hashlib.sha256(b"%d" % number).digest() * (args.size // 32 + 1)
    data = data[:args.size]
    got, error = b"", ""
    kind = socket.SOCK_DGRAM if args.udp else socket.SOCK_STREAM
    try:
        with socket.socket(socket.AF_INET, kind) as peer:
            peer.settimeout(300)
            peer.connect((args.host, args.port))
            peer.sendall(data)
            while len(got) < len(data):
                part = peer.recv(65536)
                if not part:
                    break
                got += part
            if not args.udp:
                peer.shutdown(socket.SHUT_WR)
                got += peer.recv(65536)     # nothing may follow
    except OSError as problem:
        error = str(problem)
    say(client=number, right=got == data, got=len(got), error=error)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("server")
    server.add_argument("--udp", action="store_true")
    server.add_argument("--tls", nargs=2)
    server.add_argument("--ca")
    server.add_argument("--record", type=int, default=16384)
    server.add_argument("--talk", default="echo")
    burst = commands.add_parser("client")
    burst.add_argument("host")
    burst.add_argument("port", type=int)
    burst.add_argument("--udp", action="store_true")
    burst.add_argument("--count", type=int, default=1)
    burst.add_argument("--burst", type=int, default=1)
    burst.add_argument("--size", type=int, default=100)
    args = parser.parse_args()
    if args.command == "server":
        if args.udp:
            serve_udp()
        Server(args).run()
    for first in range(0, args.count, args.burst):
        threads = [threading.Thread(target=client, args=(args, number))
                   for number in range(first, min(first + args.burst, args.count))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    say(done=True)


if __name__ == "__main__":
    sys.exit(main())
