"""Which addresses on the network we call: how they must be written, and where they may lie."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urlsplit

from overdeliver.vocabulary.errors import InputError

_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")
#: Networks that carry an IPv4 address of elsewhere in their last 32 bits.
_CARRY_LAST = (
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated
    IPv6Network("64:ff9b::/96"),  # NAT64
)
#: Networks older Pythons take for global.
_INSIDE_4 = tuple(
    IPv4Network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "198.18.0.0/15")
)
_INSIDE = tuple(
    IPv6Network(one)
    for one in ("64:ff9b:1::/48", "2001::/23", "2001:db8::/32", "100::/64", "fec0::/10", "fc00::/7")
)
_ISATAP = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True)
class Place:
    """An address taken apart: where to connect, and what to ask for there."""

    secure: bool
    host: str  # ASCII, no final dot
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        """The ``Host`` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def place_of(url: str, *, http: bool = False) -> Place:
    """An address taken apart. InputError: not https (or http where that is allowed), a name and a
    password in it, an odd port, a number that is no plain IPv4 address, or no address at all.

    >>> place_of("https://shop.example/hooks?a=1")
    Place(secure=True, host='shop.example', port=443, target='/hooks?a=1')
    """
    if _ODD.search(url) or len(url) > 500:
        raise InputError("url: it holds a blank or a sign that no address has")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InputError("url: this is no address such as https://shop.example/hooks") from None
    if parts.scheme != "https" and not (http and parts.scheme == "http"):
        raise InputError("url: it must begin with https://")
    if "@" in parts.netloc:
        raise InputError("url: no name and password in an address; webhooks are signed")
    secure = parts.scheme == "https"
    usual = 443 if secure else 80
    if port not in (None, usual) and not http:
        raise InputError(f"url: port {port} is not called; only {usual}")
    target = quote(parts.path or "/", safe="/%:=&;,+$!*'()~@-._") + (
        f"?{quote(parts.query, safe='/%:=&;,+$!*()~@-._?')}" if parts.query else ""
    )
    return Place(secure, _host(parts.hostname or ""), usual if port is None else port, target)


def is_open(address: str, *, private: bool = False) -> bool:
    """Whether an IP address lies in the open internet; with ``private`` this network counts too.

    An address that carries another in it counts only if that one does as well. Link-local ones
    (where clouds keep their secrets) never do.

    >>> is_open("93.184.215.14"), is_open("169.254.169.254", private=True)
    (True, False)
    >>> is_open("::ffff:10.0.0.1"), is_open("::ffff:10.0.0.1", private=True)
    (False, True)
    """
    if "%" in address:
        return False
    found = ip_address(address)
    carried = _carried(found) if isinstance(found, IPv6Address) else None
    if carried is not None and not is_open(str(carried), private=private):
        return False
    if found.is_multicast or found.is_link_local or found.is_unspecified:
        return False
    if private:
        return True
    if isinstance(found, IPv6Address):
        if any(found in network for network in _INSIDE):
            return False
        return found.is_global and (carried is not None or not found.is_reserved)
    if any(found in network for network in _INSIDE_4):
        return False
    return found.is_global and not found.is_reserved


def _carried(found: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, or None."""
    if found == IPv6Address("::1"):
        return None
    if any(found in network for network in _CARRY_LAST):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    if found.sixtofour is not None:
        return found.sixtofour
    if found.teredo is not None:
        return found.teredo[1]
    if (int(found) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    return None


def _host(host: str) -> str:
    wrong = InputError("url: this host is none we call")
    if not host:
        raise wrong
    if ":" in host:
        if "%" in host:  # a zone of this machine
            raise wrong
        try:
            return str(IPv6Address(host))
        except ValueError:
            raise wrong from None
    try:
        plain = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise wrong from None
    plain = plain.removesuffix(".")
    labels = plain.split(".")
    if len(plain) > 253 or not all(_NAME.fullmatch(label) for label in labels):
        raise wrong
    if _NUMBER.fullmatch(labels[-1]):  # some resolvers read 0x7f.1, 017700000001, 2130706433
        if not host.isascii():
            raise wrong
        try:
            return str(IPv4Address(plain))
        except ValueError:
            raise wrong from None
    return plain
