# SPDX-License-Identifier: GPL-2.0-only
"""The ioctls of <linux/eswifi.h> for the self-tests."""
import ctypes
import fcntl
import os
import socket
import struct

TCP, UDP, TLS = 0, 1, 3
NONE, OPTIONAL, REQUIRED, DEFAULT = 0, 1, 2, 255
OPEN, WEP, WPA, WPA2, WPA_WPA2 = range(5)
UNVERIFIED_OK = 1
LINK_DOWN, LINK_JOINING, LINK_UP = range(3)
CONN_CONNECTING, CONN_OPEN, CONN_EOF, CONN_FAILED = range(4)

JOIN_FORMAT = "=IIIHH32s64s20s12s"
LINK_FORMAT = "=IIIi4s4s4s8sH6s32s20s"
CONNECT_FORMAT = "=IIIHBBIi64s24s"
CONN_FORMAT = "=IIII4sHBBBBH4sQQ160s"
ERROR_FORMAT = "=II160s"
LISTEN_FORMAT = "=IIIHHIi16s"
ACCEPT_FORMAT = "=IIi4sH14s"
MESSAGE_FORMAT = "=II160s"
ALLOW_PG = 1


def iow(number, form, read=False):
    return (3 if read else 1) << 30 | struct.calcsize(form) << 16 | ord("w") << 8 | number


IOC_JOIN = iow(0x80, JOIN_FORMAT)
IOC_LEAVE = ord("w") << 8 | 0x81
IOC_LINK_INFO = iow(0x82, LINK_FORMAT, True)
IOC_CONNECT = iow(0x83, CONNECT_FORMAT, True)
IOC_LAST_ERROR = iow(0x84, ERROR_FORMAT, True)
IOC_LISTEN = iow(0x85, LISTEN_FORMAT, True)
IOC_EXCLUSIVE = iow(0x86, "=I")
IOC_MESSAGE = iow(0x87, MESSAGE_FORMAT, True)
IOC_ALLOW = iow(0x88, "=I")
IOC_ACCEPT = iow(0x91, ACCEPT_FORMAT, True)
IOC_CONN_INFO = iow(0x90, CONN_FORMAT, True)


def text(data):
    return data.split(b"\0", 1)[0].decode()


def join_argument(ssid, passphrase, security=WPA2, size=None, flags=0, ssid_len=None,
                  passphrase_len=None, reserved=b"", addresses=b""):
    ssid = ssid.encode() if isinstance(ssid, str) else ssid
    passphrase = passphrase.encode() if isinstance(passphrase, str) else passphrase
    return bytearray(struct.pack(
        JOIN_FORMAT, struct.calcsize(JOIN_FORMAT) if size is None else size, flags, security,
        len(ssid) if ssid_len is None else ssid_len,
        len(passphrase) if passphrase_len is None else passphrase_len,
        ssid, passphrase, addresses, reserved))


def join(fd, *args, **named):
    fcntl.ioctl(fd, IOC_JOIN, join_argument(*args, **named))


def leave(fd):
    fcntl.ioctl(fd, IOC_LEAVE)


def link_info(fd):
    data = bytearray(struct.calcsize(LINK_FORMAT))
    struct.pack_into("=I", data, 0, len(data))
    fcntl.ioctl(fd, IOC_LINK_INFO, data)
    _, state, security, rssi, ip, mask, gateway, _, ssid_len, mac, ssid, _ = \
        struct.unpack(LINK_FORMAT, data)
    return {"state": state, "security": security, "rssi": rssi, "ip": socket.inet_ntoa(ip),
            "mask": socket.inet_ntoa(mask), "gateway": socket.inet_ntoa(gateway),
            "mac": mac, "ssid": ssid[:ssid_len]}


def connect_argument(host, port, protocol=TCP, verify=DEFAULT, cert_set=DEFAULT, flags=0,
                     fd_flags=os.O_CLOEXEC, size=None, reserved=b""):
    return bytearray(struct.pack(
        CONNECT_FORMAT, struct.calcsize(CONNECT_FORMAT) if size is None else size, flags,
        protocol, port, verify, cert_set, fd_flags, -1,
        host.encode() if isinstance(host, str) else host, reserved))


def connect(fd, *args, **named):
    """Descriptor of the new connection."""
    data = connect_argument(*args, **named)
    fcntl.ioctl(fd, IOC_CONNECT, data)
    return struct.unpack(CONNECT_FORMAT, data)[7]


def listen_argument(port, protocol=TCP, backlog=None, flags=0, fd_flags=os.O_CLOEXEC, size=None,
                    reserved=b""):
    if backlog is None:
        backlog = 3 if protocol == TCP else 0
    return bytearray(struct.pack(
        LISTEN_FORMAT, struct.calcsize(LISTEN_FORMAT) if size is None else size, flags, protocol,
        port, backlog, fd_flags, -1, reserved))


def listen(fd, *args, **named):
    """Descriptor of the new server."""
    data = listen_argument(*args, **named)
    fcntl.ioctl(fd, IOC_LISTEN, data)
    return struct.unpack(LISTEN_FORMAT, data)[6]


def accept(fd, fd_flags=os.O_CLOEXEC, size=None, reserved=b""):
    """Descriptor, address and port of a server's next client."""
    data = bytearray(struct.pack(
        ACCEPT_FORMAT, struct.calcsize(ACCEPT_FORMAT) if size is None else size, fd_flags, -1,
        b"", 0, reserved))
    fcntl.ioctl(fd, IOC_ACCEPT, data)
    _, _, conn, ip, port, _ = struct.unpack(ACCEPT_FORMAT, data)
    return conn, socket.inet_ntoa(ip), port


def exclusive(fd, on):
    fcntl.ioctl(fd, IOC_EXCLUSIVE, struct.pack("=I", on))


def allow(fd, what):
    fcntl.ioctl(fd, IOC_ALLOW, struct.pack("=I", what))


def message(fd):
    """How many messages were lost, and the next one."""
    data = bytearray(struct.calcsize(MESSAGE_FORMAT))
    struct.pack_into("=I", data, 0, len(data))
    fcntl.ioctl(fd, IOC_MESSAGE, data)
    _, lost, said = struct.unpack(MESSAGE_FORMAT, data)
    return lost, text(said)


def last_error(fd):
    data = bytearray(struct.calcsize(ERROR_FORMAT))
    struct.pack_into("=I", data, 0, len(data))
    fcntl.ioctl(fd, IOC_LAST_ERROR, data)
    _, error, said = struct.unpack(ERROR_FORMAT, data)
    return error, text(said)


def conn_info(fd):
    data = bytearray(struct.calcsize(CONN_FORMAT))
    struct.pack_into("=I", data, 0, len(data))
    fcntl.ioctl(fd, IOC_CONN_INFO, data)
    _, state, protocol, error, ip, port, verify, cert_set, verified, number, local, _, \
        rx, tx, said = \
        struct.unpack(CONN_FORMAT, data)
    return {"state": state, "protocol": protocol, "error": error, "ip": socket.inet_ntoa(ip),
            "port": port, "verify": verify, "set": cert_set, "verified": verified,
            "socket": number, "local_port": local, "rx": rx, "tx": tx, "text": text(said)}


# Scan, access point, questions
JOIN_STATIC = 1
SECURITY_OTHER = 255
SCAN_FORMAT = "=IIIIQ"
BSS_FORMAT = "=6sBBhHBBBB32s"
RESOLVE_FORMAT = "=I4s64s"
PING_FORMAT = "=I4sII"
AP_FORMAT = "=IIIHHBB32s32s2s4s12s"
AP_CLIENT_FORMAT = "=6sh4s"
AP_CLIENTS = 4
AP_INFO_FORMAT = "=II" + f"{AP_CLIENTS * struct.calcsize(AP_CLIENT_FORMAT)}s"

IOC_SCAN = iow(0x89, SCAN_FORMAT, True)
IOC_RESOLVE = iow(0x8a, RESOLVE_FORMAT, True)
IOC_PING = iow(0x8b, PING_FORMAT, True)
IOC_AP_START = iow(0x8c, AP_FORMAT, True)
IOC_AP_STOP = ord("w") << 8 | 0x8d
IOC_AP_INFO = iow(0x8e, AP_INFO_FORMAT, True)


def static_addresses(ip, mask, gateway="0.0.0.0", dns=()):
    """For the argument addresses of join()."""
    every = [ip, mask, gateway, *dns] + ["0.0.0.0"] * (2 - len(dns))
    return b"".join(socket.inet_aton(address) for address in every)


def scan_argument(address, room, size=None, flags=0, reserved=0):
    return bytearray(struct.pack(SCAN_FORMAT, struct.calcsize(SCAN_FORMAT) if size is None
                                 else size, flags, room, reserved, address))


def scan(fd, room=64):
    """How many networks were found, and those that there was room for."""
    one = struct.calcsize(BSS_FORMAT)
    array = ctypes.create_string_buffer(max(room, 1) * one)
    data = scan_argument(ctypes.addressof(array), room)
    fcntl.ioctl(fd, IOC_SCAN, data)
    count = struct.unpack(SCAN_FORMAT, data)[2]
    found = []
    for index in range(min(count, room)):
        bssid, channel, band, rssi, rate, security, adhoc, ssid_len, _, ssid = \
            struct.unpack_from(BSS_FORMAT, array.raw, index * one)
        found.append({"bssid": bssid.hex(":"), "channel": channel, "band": band, "rssi": rssi,
                      "rate": rate, "security": security, "adhoc": adhoc,
                      "ssid": ssid[:ssid_len]})
    return count, found


def resolve_argument(host, size=None):
    return bytearray(struct.pack(RESOLVE_FORMAT, struct.calcsize(RESOLVE_FORMAT)
                                 if size is None else size, b"",
                                 host.encode() if isinstance(host, str) else host))


def resolve(fd, host):
    data = resolve_argument(host)
    fcntl.ioctl(fd, IOC_RESOLVE, data)
    return socket.inet_ntoa(struct.unpack(RESOLVE_FORMAT, data)[1])


def ping_argument(ip, size=None, reserved=0):
    return bytearray(struct.pack(PING_FORMAT, struct.calcsize(PING_FORMAT) if size is None
                                 else size, socket.inet_aton(ip), 0, reserved))


def ping(fd, ip):
    """Milliseconds until the reply."""
    data = ping_argument(ip)
    fcntl.ioctl(fd, IOC_PING, data)
    return struct.unpack(PING_FORMAT, data)[2]


def ap_argument(ssid, passphrase="", security=WPA2, channel=0, max_clients=AP_CLIENTS, size=None,
                flags=0, pad=b"", reserved=b"", ssid_len=None, passphrase_len=None):
    ssid = ssid.encode() if isinstance(ssid, str) else ssid
    passphrase = passphrase.encode() if isinstance(passphrase, str) else passphrase
    return bytearray(struct.pack(
        AP_FORMAT, struct.calcsize(AP_FORMAT) if size is None else size, flags, security,
        len(ssid) if ssid_len is None else ssid_len,
        len(passphrase) if passphrase_len is None else passphrase_len,
        channel, max_clients, ssid, passphrase, pad, b"", reserved))


def ap_start(fd, *args, **named):
    """The module's address in its network."""
    data = ap_argument(*args, **named)
    fcntl.ioctl(fd, IOC_AP_START, data)
    return socket.inet_ntoa(struct.unpack(AP_FORMAT, data)[10])


def ap_stop(fd):
    fcntl.ioctl(fd, IOC_AP_STOP)


def ap_info(fd, size=None):
    """Clients: MAC address, IP address, signal."""
    data = bytearray(struct.calcsize(AP_INFO_FORMAT))
    struct.pack_into("=I", data, 0, len(data) if size is None else size)
    fcntl.ioctl(fd, IOC_AP_INFO, data)
    _, count, raw = struct.unpack(AP_INFO_FORMAT, data)
    return [(mac.hex(":"), socket.inet_ntoa(ip), rssi)
            for mac, rssi, ip in list(struct.iter_unpack(AP_CLIENT_FORMAT, raw))[:count]]


DRY_RUN, VERIFY, BLIND = 1, 2, 4
PROVISION_FORMAT = "=IIII65sB3s3s3I32s32s32s256s"
ITEM_STATES = ("unknown", "free", "kept", "match", "differs", "programmed", "program", "replace",
               "failed", "torn", "damaged")
FROM_FILE, FROM_KEYRING, FROM_OWN = 1, 2, 0x80

IOC_PROVISION = iow(0x8f, PROVISION_FORMAT, True)


def provision_argument(name, flags=0, cert_set=DEFAULT, size=None, reserved=0, pad=0):
    return bytearray(struct.pack(
        PROVISION_FORMAT, struct.calcsize(PROVISION_FORMAT) if size is None else size, flags,
        cert_set, reserved, name.encode() if isinstance(name, str) else name, pad, b"", b"",
        0, 0, 0, b"", b"", b"", b""))


def provision(fd, *args, **named):
    """What came of it, also of a failure: "error" is its errno or 0."""
    data = provision_argument(*args, **named)
    error = 0
    try:
        fcntl.ioctl(fd, IOC_PROVISION, data)
    except OSError as failure:
        error = failure.errno
    _, _, number, _, _, _, source, state, *rest = struct.unpack(PROVISION_FORMAT, data)
    return {"error": error, "set": number, "from": tuple(source),
            "state": tuple(ITEM_STATES[code] for code in state), "len": tuple(rest[:3]),
            "sha256": tuple(digest.hex() for digest in rest[3:6]), "text": text(rest[6])}
