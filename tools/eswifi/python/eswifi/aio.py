# SPDX-License-Identifier: GPL-2.0-only
"""Connections in asyncio: a transport on the descriptor, and streams on that."""
from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple, Union

from . import stream
from .device import Device
from .listener import Listener
from .stream import ConnectionInfo, Verify

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_CHUNK = 65536


class Transport(asyncio.Transport):
    """A connection of the module for an asyncio protocol.

    get_extra_info() knows "peername", a pair of address and port; "info", a
    ConnectionInfo of that moment; and "fd". The module cannot end a stream in one
    direction only: can_write_eof() is False.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, fd: int,
                 protocol: asyncio.Protocol) -> None:
        got = stream.info(fd)
        super().__init__({"peername": (got.address, got.port), "fd": fd})
        self._loop = loop
        self._fd = fd
        self._protocol = protocol
        self._buffer = bytearray()
        self._low, self._high = 16384, 65536
        self._full = False              # the protocol was told to stop writing
        self._reading = False           # it wants to be given data
        self._ended = False             # the peer has ended the stream
        self._closing = False
        self._lost = False
        protocol.connection_made(self)
        self.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As all transports, and "info"."""
        if name == "info" and not self._lost:
            return stream.info(self._fd)
        return super().get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol from now on."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.Protocol:
        """The protocol that is given what comes."""
        return self._protocol

    # ----------------------------------------------------------------- reading

    def is_reading(self) -> bool:
        """Whether the protocol is given data when it comes."""
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        """Give the protocol no more data."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        """Give the protocol data again."""
        if not self._reading and not self._closing and not self._ended:
            self._reading = True
            self._loop.add_reader(self._fd, self._read_ready)

    def _read_ready(self) -> None:
        try:
            data = os.read(self._fd, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as failure:
            self._fail(stream.describe(self._fd, failure, "read"))
            return
        if data:
            self._protocol.data_received(data)
            return
        self.pause_reading()
        self._ended = True
        if not self._protocol.eof_received():
            self.close()

    # ----------------------------------------------------------------- writing

    def can_write_eof(self) -> bool:
        """False"""
        return False

    def get_write_buffer_size(self) -> int:
        """Bytes that wait for room in the driver."""
        return len(self._buffer)

    def get_write_buffer_limits(self) -> Tuple[int, int]:
        """Low and high mark, in bytes."""
        return self._low, self._high

    def set_write_buffer_limits(self, high: Optional[int] = None,
                                low: Optional[int] = None) -> None:
        """Set the marks at which the protocol is told to pause, and to go on, in bytes."""
        if high is None:
            high = 65536 if low is None else 4 * low
        if low is None:
            low = high // 4
        if not 0 <= low <= high:
            raise ValueError(f"not 0 <= low ({low}) <= high ({high})")
        self._low, self._high = low, high

    def write(self, data: ReadableBuffer) -> None:
        """Send bytes; what the driver has no room for is kept."""
        if self._closing or not data:
            return
        data = bytes(data)
        if not self._buffer:
            try:
                data = data[os.write(self._fd, data):]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError as failure:
                self._fail(stream.describe(self._fd, failure, "write"))
                return
            if not data:
                return
            self._loop.add_writer(self._fd, self._write_ready)
        self._buffer += data
        if len(self._buffer) > self._high and not self._full:
            self._full = True
            self._protocol.pause_writing()

    def writelines(self, list_of_data: Any) -> None:
        """Send all of these."""
        self.write(b"".join(list_of_data))

    def _write_ready(self) -> None:
        try:
            del self._buffer[:os.write(self._fd, self._buffer)]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as failure:
            self._fail(stream.describe(self._fd, failure, "write"))
            return
        if self._full and len(self._buffer) <= self._low:
            self._full = False
            self._protocol.resume_writing()
        if not self._buffer:
            self._loop.remove_writer(self._fd)
            if self._closing:
                self._end(None)

    # ------------------------------------------------------------------ ending

    def is_closing(self) -> bool:
        """Whether it is closed, or will be when all is written."""
        return self._closing

    def close(self) -> None:
        """Close when all is written."""
        if self._closing:
            return
        self.pause_reading()
        self._closing = True
        if not self._buffer:
            self._loop.call_soon(self._end, None)

    def abort(self) -> None:
        """Close at once; what waits in the transport is not sent."""
        self._fail(None)

    def _fail(self, failure: Optional[OSError]) -> None:
        if self._lost:
            return
        self.pause_reading()
        self._closing = True
        if self._buffer:
            self._buffer.clear()
            self._loop.remove_writer(self._fd)
        self._loop.call_soon(self._end, failure)

    def _end(self, failure: Optional[OSError]) -> None:
        if self._lost:
            return
        self._lost = True
        try:
            self._protocol.connection_lost(failure)
        finally:
            os.close(self._fd)


async def open_connection(
        host: str, port: int, *, tls: bool = False, verify: Union[Verify, str, None] = None,
        cert_set: Optional[int] = None, unverified_ok: bool = False,
        device: Optional[Device] = None, limit: int = 65536
) -> Tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection of the module; what asyncio.open_connection() is for sockets.

    Arguments and exceptions are those of Device.connect(). limit: bytes that the
    reader keeps before it stops reading. For a timeout: asyncio.wait_for().
    """
    loop = asyncio.get_running_loop()
    fd = (device or Device()).request(host, port, tls=tls, verify=verify, cert_set=cert_set,
                                      unverified_ok=unverified_ok)
    try:
        await _ready(fd, loop.add_writer, loop.remove_writer)
        stream.result(fd, f"connect to {host} port {port}")
        return _streams(fd, limit)
    except BaseException:
        os.close(fd)
        raise


async def accept(server: Listener, *, limit: int = 65536
                 ) -> Tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The next client of a server, from Device.listen(), as streams.

    Its address and port: writer.get_extra_info("peername"). The server's own
    timeout does not hold here: asyncio.wait_for().
    """
    loop = asyncio.get_running_loop()
    while True:
        try:
            fd, _ = server.accept_now()
            break
        except BlockingIOError:
            await _ready(server.fileno(), loop.add_reader, loop.remove_reader)
    try:
        return _streams(fd, limit)
    except BaseException:
        os.close(fd)
        raise


def _streams(fd: int, limit: int) -> Tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=limit, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    return reader, asyncio.StreamWriter(Transport(loop, fd, protocol), protocol, reader, loop)


def connection_info(writer: asyncio.StreamWriter) -> ConnectionInfo:
    """What the connection of a writer from open_connection() is and how it fares."""
    found = writer.get_extra_info("info")
    if not isinstance(found, ConnectionInfo):
        raise ValueError("the connection is closed, or not one of a module")
    return found


async def _ready(fd: int, add: Callable[..., Any], remove: Callable[[int], Any]) -> None:
    """Wait until a descriptor can be read or written, as add and remove say."""
    ready = asyncio.get_running_loop().create_future()

    def wake() -> None:
        if not ready.done():
            ready.set_result(None)

    add(fd, wake)
    try:
        await ready
    finally:
        remove(fd)
