# SPDX-License-Identifier: GPL-2.0-only
"""Inventek eS-WiFi modules from Python: their network, connections and certificates.

    import eswifi

    eswifi.Device().join("Workshop", "correct horse battery")
    with eswifi.connect("server.example", 443, tls=True, verify="required") as conn:
        conn.sendall(b"hello")
        print(conn.recv(100), conn.info().verified)

    reader, writer = await eswifi.open_connection("server.example", 80)

Verification of a TLS server is done by the module, which never checks its host
name: what it is worth depends on a CA that signs your servers only.

Failures are exceptions of the class Error, an OSError, with the module's words in
`text`. Needs Linux with the eswifi driver, and nothing but Python's own library.
"""
from .aio import Transport, accept, connection_info, open_connection
from .device import CertSet, Device, Features, LinkInfo, LinkState, Network, Security, connect, devices
from .errors import (BusyError, CommandError, DeviceError, EndedError, Error, HostNotFoundError,
                     MissingCertificateError, NotAllowedError, NotJoinedError,
                     NotSupportedError, ProvisionError, RefusedError, ResetError, TimedOutError)
from .listener import Listener
from .stream import Connection, ConnectionInfo, Protocol, State, Verify

__all__ = [
    "BusyError", "CertSet", "CommandError", "Connection", "ConnectionInfo", "Device",
    "DeviceError", "EndedError", "Error", "Features", "HostNotFoundError", "LinkInfo", "LinkState",
    "Listener", "MissingCertificateError", "Network", "NotAllowedError", "NotJoinedError",
    "NotSupportedError", "Protocol", "ProvisionError", "RefusedError", "ResetError", "Security", "State", "TimedOutError",
    "Transport", "Verify", "accept", "connect", "connection_info", "devices", "open_connection",
]
