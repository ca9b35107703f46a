# SPDX-License-Identifier: GPL-2.0-only
"""TCP servers of the module."""
from __future__ import annotations

import os
import select
from types import TracebackType
from typing import Optional, Tuple, Type

from . import _abi, stream
from .stream import Connection


def request(device: int, port: int, protocol: stream.Protocol, backlog: int) -> int:
    """Ask a device's file for a server; returns its descriptor, which does not block."""
    stream.check_port(port)
    raw = _abi.Listen(protocol=protocol, port=port, backlog=backlog,
                      fd_flags=os.O_CLOEXEC | os.O_NONBLOCK)
    _abi.ioctl(device, _abi.IOC_LISTEN, raw)
    return int(raw.fd)


class Listener:
    """A TCP server, from Device.listen(). A context manager.

    The module serves one client at a time: the next is accepted when the
    connection of the one before is closed. Closing the server does not end a
    client that was accepted. timeout: seconds that accept() may take, None for
    ever.
    """

    def __init__(self, fd: int, timeout: Optional[float] = None) -> None:
        self._fd = fd
        self._timeout = timeout

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 where: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Listen no more."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def fileno(self) -> int:
        """The descriptor: it can be read when a client is there. It is O_NONBLOCK."""
        if self._fd < 0:
            raise ValueError("the server is closed")
        return self._fd

    def info(self) -> stream.ConnectionInfo:
        """What the server is: local_port, state, why it failed."""
        return stream.info(self.fileno())

    def accept(self) -> Tuple[Connection, Tuple[str, int]]:
        """Wait for a client; returns its connection, and its address and port.

        Raises TimedOutError after the timeout; what ended the server if it failed.
        """
        deadline = stream.end_of(self._timeout)
        while True:
            try:
                fd, peer = self.accept_now()
            except BlockingIOError:
                stream.wait(self.fileno(), select.POLLIN, deadline, "accept")
            else:
                return Connection(fd), peer

    def accept_now(self) -> Tuple[int, Tuple[str, int]]:
        """Descriptor of a client that is there; BlockingIOError if none is."""
        raw = _abi.Accept(fd_flags=os.O_CLOEXEC | os.O_NONBLOCK)
        fd = self.fileno()
        try:
            _abi.ioctl(fd, _abi.IOC_ACCEPT, raw)
        except BlockingIOError:
            raise
        except OSError as failure:
            raise stream.describe(fd, failure, "accept") from None
        return int(raw.fd), (_abi.address(raw.peer_ip), raw.peer_port)
