"""HTTP connections that lead only to addresses which the policy allows."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from .address_policy import AddressPolicy
from .dns import ResolveName, SystemResolver
from .response_handler import OneResponseHandler

if TYPE_CHECKING:
    import ssl

    from aiohappyeyeballs import AddrInfoType

KEEPALIVE_SECONDS = 4.0
"""How long an unused connection stays open: less than the 5 s after which common servers close theirs."""
READ_BUFFER_BYTES = 4_096
"""How much a connection reads in advance. It is small because response bodies hardly matter here."""


class CheckedResolver(AbstractResolver):
    """The only DNS lookup of a connection: aiohttp connects to exactly the addresses that were checked.

    If one address of a name is not allowed, the whole name is refused: a private address among public ones is most
    likely an attack.
    """

    def __init__(self, resolve_name: ResolveName, policy: AddressPolicy) -> None:
        self._resolve_name = resolve_name
        self._policy = policy

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002  # both families are welcome
    ) -> list[ResolveResult]:
        """Returns the addresses of a name.

        Raises:
            AddressNotAllowedError: One of the addresses is not allowed.
            OSError: The name has no address.
        """
        addresses = await self._resolve_name(host)
        if not addresses:
            raise OSError(f"{host} has no address")
        self._policy.require_allowed(addresses)
        return [_resolve_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Does nothing: there is nothing to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections:
    """How connections are opened.

    Attributes:
        policy: Which addresses connections may lead to.
        resolve_name: Returns the addresses of a host name.
        trust: The trusted certificate authorities; `None`: those of the system.
    """

    policy: AddressPolicy = field(default_factory=AddressPolicy)
    resolve_name: ResolveName = field(default_factory=SystemResolver)
    trust: ssl.SSLContext | None = None

    def open_session(self) -> aiohttp.ClientSession:
        """Returns an HTTP client for the running event loop. It ignores proxy variables and stores no cookies."""
        connector = _Connector(
            resolver=CheckedResolver(self.resolve_name, self.policy),
            use_dns_cache=False,
            socket_factory=self._checked_socket,
            ssl=self.trust or True,
            # The channel's fair limiter bounds the number of connections, so aiohttp need not.
            limit=0,
            keepalive_timeout=KEEPALIVE_SECONDS,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=READ_BUFFER_BYTES,
        )

    def _checked_socket(self, address_info: AddrInfoType) -> socket.socket:
        """Creates a socket for an allowed address.

        aiohttp resolves no address that the URL itself contains, so such an address is checked only here.
        """
        family, kind, protocol, _, address = address_info
        self.policy.require_allowed([str(address[0])])
        return socket.socket(family, kind, protocol)


class _Connector(aiohttp.TCPConnector):
    """Opens connections that accept one response to each request."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  # they are aiohttp's
        super().__init__(**options)
        # aiohttp has no public parameter for this. Its type of the attribute allows no subclass.
        self._factory = partial(OneResponseHandler, loop=self._loop)  # type: ignore[assignment]


def _resolve_result(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
