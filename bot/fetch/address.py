"""Which addresses may be connected to when the address came from outside."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp import AddrInfoType, SocketFactoryType

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 address stands in the last 32 bits
_REFUSED = tuple(
    ip_network(block)
    for block in (
        "168.63.129.16/32",  # a cloud's metadata service on a public-looking address
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "::/96",  # IPv4-compatible, RFC 4291 2.5.5.1
        "64:ff9b:1::/48",  # local-use NAT64, RFC 8215
        "2001::/32",  # Teredo: hides an IPv4 address
        "fec0::/10",  # site-local, RFC 3879
    )
)


class PrivateAddressError(OSError):
    """An address that came from outside leads into a network that is not public."""


def is_public(address: str) -> bool:
    """Whether an IP address lies in the public internet, also behind its mapped, NAT64 and 6to4 forms; False for no address."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(ip)
    if inner is not None:
        return is_public(str(inner))
    if ip.is_multicast or ip.is_reserved or ip.is_unspecified or not ip.is_global:
        return False
    return not any(ip in block for block in _REFUSED if block.version == ip.version)


def _inside(ip: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def guarded_socket(public: Callable[[str], bool]) -> SocketFactoryType:
    """A maker of sockets that refuses every address for which ``public`` is false.

    It sees the address that is about to be connected, after all name look-ups: a name that answers differently the second time
    (DNS rebinding) and odd spellings such as ``2130706433`` gain nothing.
    """

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, proto, _, address = info
        if not public(str(address[0])):
            raise PrivateAddressError("不是公网地址")
        return socket.socket(family, kind, proto)

    return make
