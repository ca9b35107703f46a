# SPDX-License-Identifier: GPL-2.0-only
"""The other side of connections for the self-tests: certificates and servers."""
import pathlib
import socket
import ssl
import subprocess
import threading

import kit
import rsa


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout


class Pair:
    """A certificate and its key, in files."""

    def __init__(self, stem):
        self.cert = pathlib.Path(f"{stem}.pem")
        self.key = pathlib.Path(f"{stem}.key")


class Authority(Pair):
    """A certificate authority. issue() makes certificates of servers, client() those
    of modules; all are of a kind that every firmware can use.
    """
    keys = 0
    number = 0

    def __init__(self, name, key="rsa"):
        super().__init__(kit.TMP / f"authority-{name}")
        self.make_key(self.key, key)
        openssl("req", "-x509", "-key", self.key, "-days", "2", "-subj", f"/CN=Authority {name}",
                "-out", self.cert)

    @staticmethod
    def make_key(file, kind):
        """An RSA key of 2048 bits, or one on P-256: "rsa" or "ec"."""
        if kind == "rsa":
            file.write_bytes(rsa.take(Authority.keys))
            Authority.keys += 1
        else:
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-out", file)

    def issue(self, subject, key="ec", days=2):
        """A certificate and its key."""
        Authority.number += 1
        pair = Pair(kit.TMP / f"certificate{Authority.number}")
        self.make_key(pair.key, key)
        request = openssl("req", "-new", "-key", pair.key, "-subj", f"/CN={subject}")
        pair.cert.write_bytes(openssl("x509", "-req", "-CA", self.cert, "-CAkey", self.key,
                                      "-set_serial", Authority.number + 1, "-days", days,
                                      stdin=request))
        return pair

    def client(self, subject, key="rsa", days=2):
        """The same for a module, whose key is RSA in PKCS#1."""
        return self.issue(subject, key, days)


def echo(connection, server):
    """Send back what comes, until the peer ends."""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        server.received += data
        connection.sendall(data)


def sink(connection, server):
    """Only take what comes."""
    while True:
        data = connection.recv(65536)
        if not data:
            return
        server.received += data


def source(data):
    """Send this, and end."""
    def send(connection, _):
        connection.sendall(data)
    return send


class Server:
    """A server on 127.0.0.1 in threads: one for each connection.

    received: everything that came; sessions: one entry for each connection that
    stood, TLS version and subject of the client's certificate (None without);
    failures: what TLS said of the others.
    """

    def __init__(self, talk=echo, pair=None, client_ca=None):
        self.talk = talk
        self.received = bytearray()
        self.sessions = []
        self.failures = []
        self.context = None
        if pair:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pair.cert, pair.key)
            if client_ca:
                self.context.verify_mode = ssl.CERT_REQUIRED
                self.context.load_verify_locations(client_ca)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes accept(), which close() alone would not.
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.settimeout(60)
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                subject = connection.getpeercert().get("subject") if \
                    connection.getpeercert() else None
                self.sessions.append((connection.version(),
                                      dict(part[0] for part in subject or ()).get("commonName")))
            else:
                self.sessions.append((None, None))
            self.talk(connection, self)
            if self.context:
                connection = connection.unwrap()
        except OSError as error:        # ssl.SSLError is one
            self.failures.append(str(error))
        finally:
            connection.close()
