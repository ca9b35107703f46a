# SPDX-License-Identifier: GPL-2.0-only
"""Connections: how one is asked for, and the blocking stream."""
from __future__ import annotations

import enum
import errno
import io
import os
import select
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Optional, Union, cast

from . import _abi
from .errors import TimedOutError, error

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class Protocol(enum.IntEnum):
    """What a connection speaks."""
    TCP = 0
    UDP = 1
    TLS = 3


class Verify(enum.IntEnum):
    """What the module verifies of a TLS server; never its host name."""
    NONE = 0            #: nothing
    OPTIONAL = 1        #: the server's chain, against the CA of the set
    REQUIRED = 2        #: the chain; the set's certificate and key are shown, too


class State(enum.IntEnum):
    """How a connection stands."""
    CONNECTING = 0
    OPEN = 1
    EOF = 2             #: the peer ended it; data may be left to read
    FAILED = 3          #: see ConnectionInfo.error


@dataclass(frozen=True)
class ConnectionInfo:
    """What a connection is and how it fares."""
    state: State
    protocol: Protocol
    error: int                  #: errno that ended it, else 0
    text: str                   #: what the module said when it failed
    address: str                #: IPv4 address of the peer
    port: int                   #: port of the peer
    verify: Verify              #: in force; NONE without TLS
    cert_set: int               #: certificate set in use; 0 without TLS
    verified: bool              #: the peer's chain was verified against a CA
    socket: int                 #: of the module, 0 to 3
    local_port: int             #: of a server or its client; else 0
    received: int               #: bytes
    sent: int                   #: bytes that the module took


def info(fd: int) -> ConnectionInfo:
    """What the connection behind this descriptor is. Raises OSError if it is none."""
    raw = _abi.ConnInfo()
    _abi.ioctl(fd, _abi.IOC_CONN_INFO, raw)
    return ConnectionInfo(
        state=State(raw.state), protocol=Protocol(raw.protocol), error=raw.error,
        text=raw.text.decode("ascii", "replace"), address=_abi.address(raw.remote_ip),
        port=raw.remote_port, verify=Verify(raw.verify), cert_set=raw.cert_set,
        verified=bool(raw.peer_verified), socket=raw.socket,
        local_port=raw.local_port, received=raw.rx_bytes, sent=raw.tx_bytes)


def last_error(fd: int) -> str:
    """Why the last request of a device's file failed, "" if there is nothing to say."""
    raw = _abi.LastError()
    try:
        _abi.ioctl(fd, _abi.IOC_LAST_ERROR, raw)
    except OSError:             # the device has gone meanwhile
        return ""
    return str(raw.text.decode("ascii", "replace"))


def describe(fd: int, failure: OSError, what: str) -> OSError:
    """The exception for a read or write of a connection that failed."""
    try:
        text = info(fd).text
    except OSError:
        text = ""
    return error(failure.errno or 0, what, text)


def host_name(host: str) -> bytes:
    """A host name as the module takes it; ValueError for what cannot be one."""
    name = host.encode("idna")
    if not 1 <= len(name) <= _abi.HOST_MAX or b"\0" in name:
        raise ValueError(f"a host name has 1 to {_abi.HOST_MAX} characters: {host!r}")
    return name


def check_port(port: int) -> None:
    """Raise ValueError for what is no port."""
    if not 1 <= port <= 65535:
        raise ValueError(f"{port} is no port: 1 to 65535")


def request(device: int, host: str, port: int, *, tls: bool, udp: bool,
            verify: Union[Verify, str, None], cert_set: Optional[int],
            unverified_ok: bool) -> int:
    """Ask a device's file for a connection; returns its descriptor, not yet connected.

    The descriptor does not block. When it can be written, result() has the outcome.
    """
    if tls and udp:
        raise ValueError("a connection is TLS or UDP, not both")
    if not tls and (verify is not None or cert_set is not None or unverified_ok):
        raise ValueError("verify, cert_set and unverified_ok belong to tls")
    check_port(port)
    if cert_set is not None and not 0 <= cert_set <= 3:
        raise ValueError(f"{cert_set} is no certificate set: 0 to 3")
    raw = _abi.Connect(
        flags=_abi.CONNECT_UNVERIFIED_OK if unverified_ok else 0,
        protocol=Protocol.TLS if tls else Protocol.UDP if udp else Protocol.TCP,
        port=port, verify=_abi.VERIFY_DEFAULT if verify is None else verify_mode(verify),
        cert_set=_abi.CERT_SET_DEFAULT if cert_set is None else cert_set,
        fd_flags=os.O_CLOEXEC | os.O_NONBLOCK, host=host_name(host))
    _abi.ioctl(device, _abi.IOC_CONNECT, raw)
    return int(raw.fd)


def result(fd: int, what: str) -> None:
    """Raise why the connection could not be opened, if so."""
    got = info(fd)
    if got.state is State.FAILED:
        raise error(got.error, what, got.text)


def verify_mode(mode: Union[Verify, str]) -> Verify:
    """A mode by its value or its word, such as "required"."""
    if isinstance(mode, Verify):
        return mode
    try:
        return Verify[mode.upper()]
    except KeyError:
        words = ", ".join(known.name.lower() for known in Verify)
        raise ValueError(f"{mode!r} is no verify mode: {words}") from None


def check_timeout(timeout: Optional[float]) -> None:
    """Raise ValueError for a timeout that makes no sense."""
    if timeout is not None and timeout <= 0:
        raise ValueError("a timeout is more than 0 seconds, or None")


def end_of(timeout: Optional[float]) -> Optional[float]:
    """When a timeout that begins now is over, for wait()."""
    return None if timeout is None else time.monotonic() + timeout


def wait(fd: int, event: int, deadline: Optional[float], what: str) -> None:
    """Wait for an event of poll(2); raises TimedOutError when the deadline has passed."""
    poll = select.poll()
    poll.register(fd, event)
    left = None if deadline is None else max(0, deadline - time.monotonic()) * 1000
    if not poll.poll(left):
        raise TimedOutError(errno.ETIMEDOUT, f"{what}: nothing within its timeout")


class Connection(io.RawIOBase):
    """A blocking connection through the module: an unbuffered binary file.

    Has the methods of raw files and, by the names of the socket module, those of
    sockets: recv, recv_into, send, sendall, makefile, settimeout. One thread may
    read while another writes. A timeout, in seconds, holds for each call; without
    one (None) calls wait as long as it takes.

    On UDP one read takes one datagram, the rest of which is lost if the buffer is
    shorter, and one write sends one, of 1 to 1460 bytes.

    close() returns at once; what was written is still sent, for which the driver
    allows 10 seconds. The module cannot end a stream in one direction only.
    """

    def __init__(self, fd: int, timeout: Optional[float] = None) -> None:
        super().__init__()
        self._fd = fd
        self._timeout: Optional[float] = None
        self.settimeout(timeout)

    def __repr__(self) -> str:
        if self.closed:
            return "<eswifi.Connection, closed>"
        got = self.info()
        return (f"<eswifi.Connection {got.protocol.name} {got.address}:{got.port} "
                f"{got.state.name}>")

    def close(self) -> None:
        """Close; what was written is still sent."""
        if not self.closed:
            super().close()
            os.close(self._fd)

    def fileno(self) -> int:
        """The descriptor, for poll(2) and epoll(7). It is O_NONBLOCK."""
        self._check()
        return self._fd

    def readable(self) -> bool:
        """True"""
        return True

    def writable(self) -> bool:
        """True"""
        return True

    def info(self) -> ConnectionInfo:
        """What the connection is and how it fares."""
        return info(self.fileno())

    def gettimeout(self) -> Optional[float]:
        """Seconds that a call may take; None for ever."""
        return self._timeout

    def settimeout(self, timeout: Optional[float]) -> None:
        """Let calls take so many seconds, more than 0; None for ever."""
        check_timeout(timeout)
        self._timeout = timeout

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read what is there, waiting for the first byte; 0 is the end of the stream.

        Raises ResetError if the connection died, TimedOutError after the timeout.
        """
        fd = self.fileno()
        deadline = self._deadline()
        while True:
            try:
                return os.readv(fd, [buffer])
            except BlockingIOError:
                self._wait(select.POLLIN, deadline, "read")
            except OSError as failure:
                raise describe(fd, failure, "read") from None

    def write(self, data: ReadableBuffer) -> int:
        """Queue bytes to be sent; returns how many were taken, at least one.

        Raises EndedError if the peer has ended the stream, ResetError if the
        connection died, TimedOutError if there was no room within the timeout.
        """
        fd = self.fileno()
        deadline = self._deadline()
        while True:
            try:
                return os.write(fd, data)
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline, "write")
            except OSError as failure:
                raise describe(fd, failure, "write") from None

    def recv(self, size: int) -> bytes:
        """Up to so many bytes, or one datagram; b"" is the end of the stream."""
        buffer = bytearray(size)
        return bytes(memoryview(buffer)[:self.readinto(buffer)])

    def recv_into(self, buffer: WriteableBuffer) -> int:
        """As readinto()."""
        return self.readinto(buffer)

    def send(self, data: ReadableBuffer) -> int:
        """As write()."""
        return self.write(data)

    def sendall(self, data: ReadableBuffer) -> None:
        """Write all of it. The timeout holds for each part that the driver takes."""
        with memoryview(data) as view, view.cast("B") as rest:
            at = 0
            while at < len(rest):
                at += self.write(rest[at:])

    def makefile(self, mode: str = "r", buffering: int = -1, *, encoding: Optional[str] = None,
                 errors: Optional[str] = None, newline: Optional[str] = None) -> IO[Any]:
        """A buffered file on this connection; mode is made of r, w and b.

        It has a descriptor of its own: the connection ends when both are closed.
        """
        if buffering == 0 and "b" not in mode:
            raise ValueError("text needs a buffer")
        raw = Connection(os.dup(self.fileno()), self._timeout)
        if buffering == 0:
            return cast(IO[Any], raw)
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        file: Any
        if "r" in mode and "w" in mode:
            file = io.BufferedRWPair(raw, raw, size)
        elif "w" in mode:
            file = io.BufferedWriter(raw, size)
        else:
            file = io.BufferedReader(raw, size)
        if "b" not in mode:
            file = io.TextIOWrapper(file, encoding, errors, newline,
                                    line_buffering=buffering == 1)
        return cast(IO[Any], file)

    def wait_opened(self, what: str) -> None:
        """Wait until the connection stands, or close it and raise why it does not."""
        try:
            self._wait(select.POLLOUT, self._deadline(), what)
            result(self._fd, what)
        except BaseException:
            self.close()
            raise

    def _check(self) -> None:
        if self.closed:
            raise ValueError("the connection is closed")

    def _deadline(self) -> Optional[float]:
        return end_of(self._timeout)

    def _wait(self, event: int, deadline: Optional[float], what: str) -> None:
        wait(self._fd, event, deadline, what)
