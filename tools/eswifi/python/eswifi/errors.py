# SPDX-License-Identifier: GPL-2.0-only
"""What can go wrong, as exceptions.

All are `Error`, which is an OSError: `errno` tells which, and `text` is what the
module or the driver said about it. Where Python has a class of its own for the
case, such as ConnectionRefusedError, the exception is one of those too.
"""
from __future__ import annotations

import errno
import os
from typing import Dict, Optional, Type


class Error(OSError):
    """A request failed.

    errno: the number, as Documentation/ABI/testing/chrdev-eswifi explains it;
    text: what the module or the driver said, "" if there is nothing to add.
    """

    def __init__(self, number: int, message: str, text: str = "") -> None:
        super().__init__(number, message)
        self.text = text


class DeviceError(Error):
    """There is no such module, it has gone, or it does not come back from a reset."""


class NotAllowedError(Error, PermissionError):
    """No permission for the device, or CAP_NET_ADMIN is lacking."""


class NotJoinedError(Error):
    """The module is in no network: join one first."""


class HostNotFoundError(Error):
    """The module's name server does not know the name."""


class BusyError(Error):
    """No socket of the module is free, or no further one for TLS."""


class MissingCertificateError(Error):
    """The certificate set lacks what the verify mode needs; `text` names it."""


class NotSupportedError(Error):
    """This firmware cannot do it; `text` names what it can."""


class RefusedError(Error, ConnectionRefusedError):
    """The module could not connect, or could not join; it does not tell why.

    For TLS not even whether the connection, the handshake or the verification
    of the server failed.
    """


class ResetError(Error, ConnectionResetError):
    """The connection died, by its peer or by a reset of the module."""


class EndedError(Error, BrokenPipeError):
    """The peer has ended the stream that is written to."""


class TimedOutError(Error, TimeoutError):
    """No answer in time: of the module, of the peer, or within a timeout given here."""


class CommandError(Error):
    """The module answered ERROR to a command; `text` is its answer."""


class ProvisionError(Error):
    """Certificates were not brought in; `text` is cert_status, which tells why."""


_CLASSES: Dict[int, Type[Error]] = {
    errno.EACCES: NotAllowedError,
    errno.EBUSY: BusyError,
    errno.ECONNREFUSED: RefusedError,
    errno.ECONNRESET: ResetError,
    errno.ENETDOWN: NotJoinedError,
    errno.ENODEV: DeviceError,
    errno.ENOENT: HostNotFoundError,
    errno.ENOKEY: MissingCertificateError,
    errno.ENXIO: DeviceError,
    errno.EOPNOTSUPP: NotSupportedError,
    errno.EPERM: NotAllowedError,
    errno.EPIPE: EndedError,
    errno.EREMOTEIO: CommandError,
    errno.ESHUTDOWN: DeviceError,
    errno.ETIMEDOUT: TimedOutError,
}


def error(number: int, what: str, text: str = "", kind: Optional[Type[Error]] = None) -> OSError:
    """The exception for an errno. An interrupted call stays Python's own InterruptedError."""
    if kind is None:
        kind = _CLASSES.get(number, Error)
    reason = os.strerror(number) + (f" ({text})" if text else "")
    if number == errno.EINTR:
        return InterruptedError(number, f"{what}: {reason}")
    return kind(number, f"{what}: {reason}", text)
