# SPDX-License-Identifier: GPL-2.0-only
"""The structures and numbers of <linux/eswifi.h>, and how they are called."""
from __future__ import annotations

import ctypes
import os
import socket
from ctypes import c_char, c_int16, c_int32, c_uint8, c_uint16, c_uint32, c_uint64
from typing import Optional, Type, Union

SSID_MAX = 32
PASSPHRASE_MAX = 64
HOST_MAX = 63
TEXT_SIZE = 160
SCAN_MAX = 64

JOIN_STATIC = 1 << 0
CONNECT_UNVERIFIED_OK = 1 << 0
VERIFY_DEFAULT = 255
CERT_SET_DEFAULT = 255

IPv4 = c_uint8 * 4      # in network byte order, as inet_ntoa() takes it


class Join(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("security", c_uint32),
                ("ssid_len", c_uint16), ("passphrase_len", c_uint16),
                ("ssid", c_uint8 * SSID_MAX), ("passphrase", c_uint8 * PASSPHRASE_MAX),
                ("ip", IPv4), ("mask", IPv4), ("gateway", IPv4), ("dns", IPv4 * 2),
                ("reserved", c_uint8 * 12)]


class LinkInfo(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("state", c_uint32), ("security", c_uint32),
                ("rssi", c_int32), ("ip", IPv4), ("mask", IPv4), ("gateway", IPv4),
                ("dns", IPv4 * 2), ("ssid_len", c_uint16), ("mac", c_uint8 * 6),
                ("ssid", c_uint8 * SSID_MAX), ("reserved", c_uint8 * 20)]


class Connect(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("protocol", c_uint32),
                ("port", c_uint16), ("verify", c_uint8), ("cert_set", c_uint8),
                ("fd_flags", c_uint32), ("fd", c_int32), ("host", c_char * (HOST_MAX + 1)),
                ("reserved", c_uint8 * 24)]


class ConnInfo(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("state", c_uint32), ("protocol", c_uint32),
                ("error", c_uint32), ("remote_ip", IPv4), ("remote_port", c_uint16),
                ("verify", c_uint8), ("cert_set", c_uint8), ("peer_verified", c_uint8),
                ("socket", c_uint8), ("local_port", c_uint16), ("reserved", c_uint8 * 4),
                ("rx_bytes", c_uint64), ("tx_bytes", c_uint64), ("text", c_char * TEXT_SIZE)]


class LastError(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("error", c_uint32), ("text", c_char * TEXT_SIZE)]


class Listen(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("protocol", c_uint32),
                ("port", c_uint16), ("backlog", c_uint16), ("fd_flags", c_uint32),
                ("fd", c_int32), ("reserved", c_uint8 * 16)]


class Accept(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("fd_flags", c_uint32), ("fd", c_int32),
                ("peer_ip", IPv4), ("peer_port", c_uint16), ("reserved", c_uint8 * 14)]


class Bss(ctypes.Structure):
    _fields_ = [("bssid", c_uint8 * 6), ("channel", c_uint8), ("band", c_uint8),
                ("rssi", c_int16), ("rate", c_uint16), ("security", c_uint8),
                ("adhoc", c_uint8), ("ssid_len", c_uint8), ("reserved", c_uint8),
                ("ssid", c_uint8 * SSID_MAX)]


class Scan(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("count", c_uint32),
                ("reserved", c_uint32), ("bss", c_uint64)]


class Resolve(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("ip", IPv4), ("host", c_char * (HOST_MAX + 1))]


class Ping(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("ip", IPv4), ("rtt_ms", c_uint32), ("reserved", c_uint32)]


def _number(number: int, argument: Optional[Type[ctypes.Structure]] = None,
            out: bool = False) -> int:
    """What _IO, _IOW and _IOWR make on every architecture that Linux calls generic."""
    size = ctypes.sizeof(argument) if argument else 0
    direction = (1 if argument else 0) | (2 if out else 0)
    return direction << 30 | size << 16 | ord("w") << 8 | number


IOC_JOIN = _number(0x80, Join)
IOC_LEAVE = _number(0x81)
IOC_LINK_INFO = _number(0x82, LinkInfo, out=True)
IOC_CONNECT = _number(0x83, Connect, out=True)
IOC_LAST_ERROR = _number(0x84, LastError, out=True)
IOC_LISTEN = _number(0x85, Listen, out=True)
IOC_SCAN = _number(0x89, Scan, out=True)
IOC_RESOLVE = _number(0x8a, Resolve, out=True)
IOC_PING = _number(0x8b, Ping, out=True)
IOC_CONN_INFO = _number(0x90, ConnInfo, out=True)
IOC_ACCEPT = _number(0x91, Accept, out=True)

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)


def ioctl(fd: int, request: int, argument: Optional[ctypes.Structure] = None) -> None:
    """The C call: fcntl.ioctl() would leave a copy of a passphrase on its stack."""
    if argument is not None:
        setattr(argument, "size", ctypes.sizeof(argument))
    if _libc.ioctl(fd, request, None if argument is None else ctypes.byref(argument)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def wipe(argument: ctypes.Structure) -> None:
    """Overwrite a structure that held a secret."""
    ctypes.memset(ctypes.byref(argument), 0, ctypes.sizeof(argument))


def put(field: ctypes.Array[c_uint8], data: Union[bytes, bytearray]) -> None:
    """Copy bytes to the start of a field, which must have room for them."""
    field[:len(data)] = list(data)


def address(field: ctypes.Array[c_uint8]) -> str:
    """An IPv4 address in words, such as 192.0.2.1."""
    return socket.inet_ntoa(bytes(field))
