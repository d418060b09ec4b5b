"""Decides which IP addresses a webhook may connect to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Source: the IANA registries of special-purpose addresses. They are listed here because `is_global` differs
# between versions of Python.
_SPECIAL_IPV4 = tuple(
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
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_AZURE_HOST = IPv4Address("168.63.129.16")
"""A public address by its number, but on Azure it is the host of the virtual machine."""
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")


class AddressNotAllowedError(OSError):
    """The address is not public, and the operator has not allowed its network: a webhook must not reach it."""


class AddressPolicy:
    """Allows public addresses, and the addresses of networks that the operator has allowed.

    An IPv6 address that contains an IPv4 address (mapped, or NAT64) is judged as that IPv4 address. Teredo and
    6to4 addresses, which also lead to IPv4 addresses, are never public.
    """

    def __init__(self, allowed_networks: Sequence[Network] = ()) -> None:
        self._allowed_networks = tuple(allowed_networks)

    def allows(self, address: str) -> bool:
        """Returns whether a webhook may connect to an address.

        An address with a zone is not allowed, and neither is a text that is not an address.
        """
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return self._allows(parsed)

    def require_allowed(self, addresses: Sequence[str]) -> None:
        """Raises unless every address is allowed.

        Raises:
            AddressNotAllowedError: It names the first address that is not allowed.
        """
        for address in addresses:
            if not self.allows(address):
                raise AddressNotAllowedError(f"has the address {address}, which is not a public address")

    def _allows(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False
        if any(address in network for network in self._allowed_networks):
            return True
        embedded = _embedded_ipv4(address)
        return self._allows(embedded) if embedded is not None else _is_public(address)


def _embedded_ipv4(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address != _AZURE_HOST and not any(address in network for network in _SPECIAL_IPV4)
    return address in _PUBLIC_IPV6 and not any(address in network for network in _SPECIAL_IPV6)
