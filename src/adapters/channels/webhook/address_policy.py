"""Which IP addresses a webhook may reach."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Source: the IANA registries of special-purpose addresses. Spelt out, since `is_global` differs between Pythons.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_HOST_ONLY = IPv4Address("168.63.129.16")
"""Public by its number, but on Azure the machine's own host."""
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressPolicy:
    """Lets webhooks reach public addresses, and those of networks that the operator has opened.

    An IPv6 address that stands for an IPv4 one (mapped, or behind NAT64) is judged as that one. Teredo and 6to4
    addresses, which lead to IPv4 ones as well, are never public.
    """

    def __init__(self, opened: Sequence[Network] = ()) -> None:
        self._opened = tuple(opened)

    def allows(self, address: str) -> bool:
        """Whether a webhook may connect to it; false as well for what is no address, or has a zone."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return self.allows_parsed(parsed)

    def allows_parsed(self, address: Address) -> bool:
        """Whether a webhook may connect to it."""
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False
        if any(address in network for network in self._opened):
            return True
        embedded = _embedded(address)
        return self.allows_parsed(embedded) if embedded is not None else _is_public(address)


def _embedded(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address != _HOST_ONLY and not any(address in network for network in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)
