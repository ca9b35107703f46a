# SPDX-License-Identifier: GPL-2.0-only
"""Modules: finding them, their network, their certificates, AT commands."""
from __future__ import annotations

import ctypes
import enum
import errno
import ipaddress
import os
import re
from dataclasses import dataclass
from typing import Callable, Dict, FrozenSet, Iterable, List, Optional, Tuple, TypeVar, Union

from . import _abi, listener, stream
from .errors import CommandError, DeviceError, ProvisionError, error
from .listener import Listener
from .stream import Connection, Protocol, Verify

_CLASS = "/sys/class/eswifi"
_END, _PROMPT = "\r\nOK", "\r\n> "
_REPLY_SIZE = 65536     # more than the driver ever gives
_SLOTS = re.compile(r"(\d) ca=(\w+) cert=(\w+) key=(\w+)( rewritable)?")

T = TypeVar("T")


class Security(enum.IntEnum):
    """Security of an access point."""
    OPEN = 0
    WEP = 1
    WPA = 2
    WPA2 = 3
    WPA_WPA2 = 4
    OTHER = 255         #: of a network found: none of the above


class LinkState(enum.IntEnum):
    """How the link stands."""
    DOWN = 0
    JOINING = 1
    UP = 2


@dataclass(frozen=True)
class LinkInfo:
    """State of the Wi-Fi link. Addresses are IPv4 in words, 0.0.0.0 for none."""
    state: LinkState
    security: Security          #: as the last join asked for
    rssi: int                   #: signal strength in dBm, 0 if not joined
    address: str
    mask: str
    gateway: str
    dns: Tuple[str, ...]        #: those that are known
    mac: str                    #: of the module, such as c4:7f:51:01:02:03
    ssid: bytes                 #: name of the network: any bytes


@dataclass(frozen=True)
class Network:
    """A network that a scan found."""
    ssid: bytes                 #: its name, any bytes; empty if it is hidden
    bssid: str                  #: address of the access point
    channel: int                #: 0 if the module did not say
    band: int                   #: 2 for 2.4 GHz, 5 for 5 GHz, 0 if it did not say
    rssi: int                   #: signal strength in dBm
    rate: int                   #: highest rate in kbit/s
    security: Security
    adhoc: bool                 #: no access point, but an ad-hoc network


@dataclass(frozen=True)
class CertSet:
    """What a certificate set holds: True used, False free, None if the firmware won't tell.

    Items that are lost were torn by a loss of power while they were written, or are
    damaged: they can be neither used nor written again.
    """
    number: int
    ca: Optional[bool]
    cert: Optional[bool]
    key: Optional[bool]
    rewritable: bool = False
    lost: FrozenSet[str] = frozenset()      #: of "ca", "cert", "key"


@dataclass(frozen=True)
class Features:
    """What the firmware can do, and what the driver guards against.

    The words are those of firmware_features; `eswifictl status -v` explains them.
    """
    known: bool                 #: this version was seen; else the worst that was is assumed
    sets: int                   #: certificate sets
    words: FrozenSet[str]       #: what it can do
    guards: FrozenSet[str]      #: what is guarded against


class Device:
    """A module, found by its name, by its MAC address, or the first one.

    Device("eswifi0"), Device(mac="c4:7f:51:01:02:03"), Device(). Raises DeviceError
    if there is none. Every request opens the device file for itself: objects need
    no closing, and threads may share one.

    What changes the module (join, leave, at, provision, reset and the settings)
    needs CAP_NET_ADMIN: NotAllowedError without it.
    """

    def __init__(self, name: Optional[str] = None, *, mac: Optional[str] = None) -> None:
        if name is not None and mac is not None:
            raise ValueError("a name or a MAC address, not both")
        names = [name] if name is not None else _names()
        for candidate in names:
            if mac is None or _same_address(candidate, mac):
                self._name = candidate
                break
        else:
            raise DeviceError(errno.ENODEV, "there is no eS-WiFi module" +
                              (f" with the address {mac}" if mac else ""))
        if not re.fullmatch(r"eswifi\d+", self._name) or \
                not os.path.isdir(f"{_CLASS}/{self._name}"):
            raise DeviceError(errno.ENODEV, f"there is no eS-WiFi module {self._name}")

    def __repr__(self) -> str:
        return f"eswifi.Device({self._name!r})"

    # ---------------------------------------------------------------- identity

    @property
    def name(self) -> str:
        """Such as eswifi0."""
        return self._name

    @property
    def path(self) -> str:
        """Of the device file, such as /dev/eswifi0."""
        return f"/dev/{self._name}"

    @property
    def mac(self) -> str:
        """Such as c4:7f:51:01:02:03."""
        return self.attribute("address")

    @property
    def model(self) -> str:
        """Product, such as ISM43362-M3G-L44-SPI."""
        return self.attribute("model")

    @property
    def firmware(self) -> str:
        """Version of the firmware, such as C3.5.2.5.STM."""
        return self.attribute("firmware_version")

    @property
    def features(self) -> Features:
        """What this firmware can do: whether it is known, and what must be avoided."""
        can, _, guarded = self.attribute("firmware_features").partition(" guarded:")
        words = can.split()
        sets = [int(word[5:]) for word in words if word.startswith("sets=")]
        return Features("known" in words, sets[0] if sets else 0,
                        frozenset(word for word in words if not word.startswith("sets=")),
                        frozenset(guarded.split()))

    @property
    def serial(self) -> str:
        """Serial number, "" if the firmware tells none."""
        return self.attribute("serial")

    def statistics(self) -> Dict[str, int]:
        """Counters by name: rx_bytes, tx_bytes, resets, timeouts and more."""
        names = os.listdir(f"{_CLASS}/{self._name}/statistics")
        return {name: int(self.attribute(f"statistics/{name}")) for name in sorted(names)}

    def attribute(self, name: str) -> str:
        """Value of a sysfs attribute, see Documentation/ABI/testing/sysfs-class-eswifi."""
        try:
            with open(f"{_CLASS}/{self._name}/{name}", encoding="ascii") as file:
                return file.read().rstrip("\n")
        except OSError as failure:
            raise self._failed(failure, f"read {name}") from None

    def set_attribute(self, name: str, value: str) -> None:
        """Write a sysfs attribute."""
        try:
            fd = os.open(f"{_CLASS}/{self._name}/{name}", os.O_WRONLY | os.O_CLOEXEC)
        except OSError as failure:
            raise self._failed(failure, f"write {name}") from None
        try:
            os.write(fd, value.encode() + b"\n")
        except OSError as failure:
            raise error(failure.errno or 0, f"{self._name}: write {name}") from None
        finally:
            os.close(fd)

    # ----------------------------------------------------------------- network

    def join(self, ssid: Union[str, bytes],
             passphrase: Union[str, bytes, bytearray, None] = None,
             security: Optional[Security] = None, *, address: Optional[str] = None,
             gateway: Optional[str] = None, dns: Iterable[str] = ()) -> LinkInfo:
        """Join a network; takes seconds.

        security: WPA2 if there is a passphrase, else OPEN;
        address: the module's own, such as "192.168.1.5/24", with the gateway and up
        to two name servers, if there are some; without it DHCP gives them.

        A passphrase in a
        bytearray can be wiped by the caller when this has returned; no other copy
        stays behind. Raises RefusedError if the module could not join: it does
        not say whether the network is missing or the passphrase wrong.
        """
        own = _addresses(address, gateway, dns)
        name = ssid.encode() if isinstance(ssid, str) else ssid
        secret = bytearray(passphrase.encode() if isinstance(passphrase, str) else
                           passphrase or b"")
        raw = _abi.Join(ssid_len=len(name), passphrase_len=len(secret))
        raw.security = (Security.WPA2 if secret else Security.OPEN) if security is None else \
            security
        try:
            if not 1 <= len(name) <= _abi.SSID_MAX:
                raise ValueError(f"an SSID has 1 to {_abi.SSID_MAX} bytes")
            if len(secret) > _abi.PASSPHRASE_MAX:
                raise ValueError(f"a passphrase has at most {_abi.PASSPHRASE_MAX} bytes")
            if own:
                raw.flags = _abi.JOIN_STATIC
                for field, value in zip((raw.ip, raw.mask, raw.gateway, *raw.dns), own):
                    _abi.put(field, value)
            _abi.put(raw.ssid, name)
            _abi.put(raw.passphrase, secret)
            self._request("join", lambda fd: _abi.ioctl(fd, _abi.IOC_JOIN, raw))
        finally:
            _abi.wipe(raw)
            secret[:] = bytes(len(secret))
        return self.link()

    def leave(self) -> None:
        """Leave the network. No error if there is none."""
        self._request("leave", lambda fd: _abi.ioctl(fd, _abi.IOC_LEAVE))

    def link(self) -> LinkInfo:
        """State of the link. Measures the signal if it is up, about 300 ms."""
        raw = _abi.LinkInfo()
        self._request("link info", lambda fd: _abi.ioctl(fd, _abi.IOC_LINK_INFO, raw))
        servers = tuple(_abi.address(server) for server in raw.dns)
        return LinkInfo(
            state=LinkState(raw.state), security=Security(raw.security), rssi=raw.rssi,
            address=_abi.address(raw.ip), mask=_abi.address(raw.mask),
            gateway=_abi.address(raw.gateway),
            dns=tuple(server for server in servers if server != "0.0.0.0"),
            mac=bytes(raw.mac).hex(":"), ssid=bytes(raw.ssid)[:raw.ssid_len])

    def connect(self, host: str, port: int, *, tls: bool = False, udp: bool = False,
                verify: Union[Verify, str, None] = None, cert_set: Optional[int] = None,
                unverified_ok: bool = False, timeout: Optional[float] = None) -> Connection:
        """Open a connection, and wait until it stands.

        host: a name, resolved by the module, or an IPv4 address;
        tls, udp: instead of plain TCP;
        verify: for TLS, "none", "optional", "required" or a Verify; None takes
        verify_mode of the device;
        cert_set: for TLS, 0 to 3; None takes cert_set of the device;
        unverified_ok: for TLS, let "optional" connect unverified if the set has
        no CA;
        timeout: seconds for the connect and for each call after it; None for ever.

        Raises RefusedError, HostNotFoundError, MissingCertificateError, BusyError,
        NotJoinedError or TimedOutError.
        """
        stream.check_timeout(timeout)
        connection = Connection(
            self.request(host, port, tls=tls, udp=udp, verify=verify, cert_set=cert_set,
                         unverified_ok=unverified_ok), timeout)
        connection.wait_opened(f"connect to {host} port {port}")
        return connection

    def request(self, host: str, port: int, *, tls: bool = False, udp: bool = False,
                verify: Union[Verify, str, None] = None, cert_set: Optional[int] = None,
                unverified_ok: bool = False) -> int:
        """Begin a connection; returns its descriptor at once, for event loops.

        It is O_NONBLOCK. When it can be written, the connection stands or has
        failed: stream.result() tells. Arguments are those of connect().
        """
        return self._request(f"connect to {host} port {port}", lambda fd: stream.request(
            fd, host, port, tls=tls, udp=udp, verify=verify, cert_set=cert_set,
            unverified_ok=unverified_ok))

    def listen(self, port: int, *, backlog: int = 4,
               timeout: Optional[float] = None) -> Listener:
        """Start a TCP server on a port of the module; needs one of its sockets.

        backlog: clients that may wait, 1 to 6; timeout: seconds that accept() may
        take. Raises CommandError if the module could not listen.
        """
        stream.check_timeout(timeout)
        if not 1 <= backlog <= 6:
            raise ValueError(f"a backlog is 1 to 6, not {backlog}")
        return Listener(self._request(f"listen on port {port}", lambda fd: listener.request(
            fd, port, Protocol.TCP, backlog)), timeout)

    def listen_udp(self, port: int, *, timeout: Optional[float] = None) -> Connection:
        """Take datagrams on a port of the module.

        recv() gives one, send() sends one to where the last came from; before the
        first that is ENOTCONN. info() names the peer.
        """
        stream.check_timeout(timeout)
        what = f"listen on port {port}"
        connection = Connection(self._request(what, lambda fd: listener.request(
            fd, port, Protocol.UDP, 0)), timeout)
        connection.wait_opened(what)
        return connection

    def scan(self) -> List[Network]:
        """Networks in reach, at most 64; takes seconds. Needs CAP_NET_ADMIN."""
        array = (_abi.Bss * _abi.SCAN_MAX)()
        raw = _abi.Scan(count=len(array), bss=ctypes.addressof(array))
        self._request("scan", lambda fd: _abi.ioctl(fd, _abi.IOC_SCAN, raw))
        return [Network(ssid=bytes(bss.ssid)[:bss.ssid_len], bssid=bytes(bss.bssid).hex(":"),
                        channel=bss.channel, band=bss.band, rssi=bss.rssi, rate=bss.rate * 100,
                        security=Security(bss.security), adhoc=bool(bss.adhoc))
                for bss in array[:min(raw.count, len(array))]]

    def resolve(self, host: str) -> str:
        """IPv4 address of a host name, by the module's name server.

        Raises HostNotFoundError.
        """
        raw = _abi.Resolve(host=stream.host_name(host))
        self._request(f"resolve {host}", lambda fd: _abi.ioctl(fd, _abi.IOC_RESOLVE, raw))
        return _abi.address(raw.ip)

    def ping(self, address: str) -> int:
        """Milliseconds until the reply to one echo request to an IPv4 address.

        Raises TimedOutError if none came.
        """
        raw = _abi.Ping()
        _abi.put(raw.ip, ipaddress.IPv4Address(address).packed)
        self._request(f"ping {address}", lambda fd: _abi.ioctl(fd, _abi.IOC_PING, raw))
        return int(raw.rtt_ms)

    # ------------------------------------------------------------ certificates

    @property
    def verify_mode(self) -> Verify:
        """What TLS connections verify that do not say it themselves; can be set."""
        return stream.verify_mode(self.attribute("verify_mode"))

    @verify_mode.setter
    def verify_mode(self, mode: Union[Verify, str]) -> None:
        self.set_attribute("verify_mode", stream.verify_mode(mode).name.lower())

    @property
    def cert_set(self) -> int:
        """Set that provision() writes and TLS connections use; can be set: 0 to 3."""
        return int(self.attribute("cert_set"))

    @cert_set.setter
    def cert_set(self, number: int) -> None:
        self.set_attribute("cert_set", str(number))

    def cert_slots(self) -> List[CertSet]:
        """What the certificate sets hold, asked of the module."""
        found = []
        for line in self.attribute("cert_slots").splitlines():
            match = _SLOTS.fullmatch(line)
            if not match:
                continue
            words = dict(zip(("ca", "cert", "key"), match.groups()[1:4]))
            used = {item: {"used": True, "free": False}.get(word)
                    for item, word in words.items()}
            lost = frozenset(item for item, word in words.items()
                             if word in ("torn", "damaged"))
            found.append(CertSet(int(match[1]), used["ca"], used["cert"], used["key"],
                                 bool(match[5]), lost))
        return found

    def provision(self, name: str) -> str:
        """Bring the files of the firmware folder inventek/NAME into the active set.

        ca.pem, or ca.pem, cert.pem and key.pem. Sets 0 to 2 can be written once;
        doing the same again changes nothing. Returns cert_status, such as
        "done site-a set 0: ca=programmed cert=match key=match". Raises
        ProvisionError, whose text is cert_status, too; errno tells what kind.
        """
        try:
            self.set_attribute("cert_provision", name)
        except OSError as failure:
            if failure.errno in (errno.EACCES, errno.EPERM, errno.ENODEV, errno.ESHUTDOWN):
                raise
            raise error(failure.errno or 0, f"provision {name}", self.attribute("cert_status"),
                        ProvisionError) from None
        return self.attribute("cert_status")

    # ------------------------------------------------------------ the module itself

    def at(self, command: Union[str, bytes], payload: bytes = b"") -> str:
        """Send an AT command; returns the module's answer without its OK.

        payload: bytes that belong to the command, such as S3. The answer has \\n
        for line ends. Raises CommandError if the module answers ERROR, its text
        the answer; Error if the driver does not let the command through.
        """
        head = command.encode("ascii") if isinstance(command, str) else command

        def exchange(fd: int) -> bytes:
            os.write(fd, head + b"\r" + payload if payload else head)
            return os.read(fd, _REPLY_SIZE)

        words = head.split(b"=")[0].decode("ascii", "replace")  # arguments may be secret
        reply = self._request(f"AT command {words}", exchange).decode("latin-1")
        good = reply.endswith(_END + _PROMPT)
        body = reply[:-len(_END + _PROMPT)] if good else reply.replace(_PROMPT, "")
        body = "\n".join(line for line in re.split("[\r\n]+", body) if line)
        if not good:
            raise CommandError(errno.EREMOTEIO, f"AT command {words}: {body}", body)
        return body

    def reset(self) -> None:
        """Reset the module; returns when it answers again. Its connections die."""
        self.set_attribute("reset", "1")

    # ----------------------------------------------------------------- requests

    def _request(self, what: str, function: Callable[[int], T]) -> T:
        """Run a request on a file of its own; its failure takes the file's last error."""
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError as failure:
            raise self._failed(failure, f"open {self.path}") from None
        try:
            return function(fd)
        except OSError as failure:
            raise error(failure.errno or 0, what, stream.last_error(fd)) from None
        finally:
            os.close(fd)

    def _failed(self, failure: OSError, what: str) -> OSError:
        # A file that is not there is a module that is not there.
        number = errno.ENODEV if failure.errno == errno.ENOENT else failure.errno or 0
        return error(number, f"{self._name}: {what}")


def devices() -> List[Device]:
    """All modules of this machine."""
    return [Device(name) for name in _names()]


def connect(host: str, port: int, *, tls: bool = False, udp: bool = False,
            verify: Union[Verify, str, None] = None, cert_set: Optional[int] = None,
            unverified_ok: bool = False, timeout: Optional[float] = None,
            device: Optional[Device] = None) -> Connection:
    """Open a connection through a device, the first if none is given: see Device.connect."""
    return (device or Device()).connect(host, port, tls=tls, udp=udp, verify=verify,
                                        cert_set=cert_set, unverified_ok=unverified_ok,
                                        timeout=timeout)


def _names() -> List[str]:
    try:
        names = os.listdir(_CLASS)
    except FileNotFoundError:           # the driver is not loaded
        return []
    return sorted(names, key=lambda name: (len(name), name))


def _addresses(address: Optional[str], gateway: Optional[str],
               dns: Iterable[str]) -> List[bytes]:
    """What a join with addresses of its own takes: address, mask, gateway, name servers."""
    servers = [ipaddress.IPv4Address(server).packed for server in dns]
    if address is None:
        if gateway is not None or servers:
            raise ValueError("gateway and dns belong to an address")
        return []
    own = ipaddress.IPv4Interface(address)
    if "/" not in address or len(servers) > 2:
        raise ValueError("an address has its prefix, such as /24, and at most two name servers")
    return [own.packed, own.netmask.packed,
            ipaddress.IPv4Address(gateway or "0.0.0.0").packed, *servers]


def _same_address(name: str, mac: str) -> bool:
    try:
        with open(f"{_CLASS}/{name}/address", encoding="ascii") as file:
            return file.read().strip() == mac.lower().replace("-", ":")
    except OSError:                     # it has just gone
        return False
