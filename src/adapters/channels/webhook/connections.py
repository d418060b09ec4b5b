"""Connections that lead nowhere but to addresses that were checked."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from .address_policy import AddressPolicy
from .dns import LookUp, SystemResolver

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from aiohappyeyeballs import AddrInfoType

KEPT_FOR_SECONDS = 4.0
"""How long an unused connection is kept: less than the 5 s after which common servers close theirs."""
BUFFER_BYTES = 4_096
"""What a connection reads ahead of us: answers are of little interest here."""


class AddressRefusedError(OSError):
    """A connection to an address that is not public and that nobody has opened."""


class CheckedResolver(AbstractResolver):
    """The only look-up of a connection: it returns the addresses that were checked, and they are connected to.

    A name with a single address that is refused is refused as a whole: who mixes in a private address wants us to
    end there.
    """

    def __init__(self, look_up: LookUp, policy: AddressPolicy) -> None:
        self._look_up = look_up
        self._policy = policy

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # both will do
    ) -> list[ResolveResult]:
        """Returns the addresses of a name.

        Raises:
            AddressRefusedError: one of them is refused.
            OSError: there are none.
        """
        addresses = await self._look_up(host)
        if not addresses:
            raise OSError(f"{host} has no address")
        require_allowed(addresses, self._policy)
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""


def require_allowed(addresses: Sequence[str], policy: AddressPolicy) -> None:
    """Refuses addresses of which one is not allowed.

    Raises:
        AddressRefusedError: names that one.
    """
    for address in addresses:
        if not policy.allows(address):
            raise AddressRefusedError(f"leads to {address}, which is not a public address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How connections are made.

    Attributes:
        policy: which addresses they may lead to.
        look_up: returns the addresses of a name.
        trust: whose certificates count; `None`: those that the system trusts.
    """

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    look_up: LookUp = field(default_factory=SystemResolver)
    trust: ssl.SSLContext | None = None

    def open_session(self) -> aiohttp.ClientSession:
        """Returns an HTTP client of the running event loop. It heeds no proxy variables and keeps no cookies."""
        connector = aiohttp.TCPConnector(
            resolver=CheckedResolver(self.look_up, self.policy),
            use_dns_cache=False,
            socket_factory=self._checked_socket,
            ssl=self.trust or True,
            # The channel's limiter bounds the number of connections, and more fairly.
            limit=0,
            keepalive_timeout=KEPT_FOR_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=BUFFER_BYTES,
        )

    def _checked_socket(self, address_info: AddrInfoType) -> socket.socket:
        """Makes a socket. An address that stands in the URL itself passes no resolver, but this."""
        family, kind, protocol, _, address = address_info
        require_allowed([str(address[0])], self.policy)
        return socket.socket(family, kind, protocol)


def _result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
