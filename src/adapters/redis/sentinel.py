"""The primary that sentinels watch over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

from .bounded import BoundedRedis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .url import Address


def primary_behind(
    sentinels: Sequence[Address], service: str, options: Mapping[str, Any], sentinel_options: Mapping[str, Any]
) -> Redis:
    """Returns a client of whichever server is the primary when it connects.

    A connection whose server says that it is a replica now is closed, and the next asks the sentinels again.
    """
    pool_options = {name: value for name, value in options.items() if name != "connection_class"}
    pool = SentinelConnectionPool(  # type: ignore[no-untyped-call]  # as redis has it
        service,
        _Sentinels(sentinels, sentinel_options),
        ssl=issubclass(options["connection_class"], SSLConnection),
        **pool_options,
    )
    return _Primary.from_pool(pool)


class _Sentinels(Sentinel):
    """Passes on to the next sentinel when one hangs: redis-py's own would wait for it, each time anew."""

    def __init__(self, addresses: Sequence[Address], options: Mapping[str, Any]) -> None:
        super().__init__(())  # type: ignore[no-untyped-call]  # likewise
        self.sentinels = [
            BoundedRedis.from_pool(ConnectionPool(**{**options, "host": host, "port": port}))
            for host, port in addresses
        ]
        # It connects nowhere yet, but finds options that there are not.
        self.sentinels[0].connection_pool.make_connection()  # type: ignore[no-untyped-call]  # likewise


class _Primary(Redis):
    """Closes its connections to the sentinels with those to the primary."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # as the driver has it
        """Closes all connections."""
        await super().aclose(close_connection_pool)
        await self.connection_pool.sentinel_manager.aclose()  # type: ignore[attr-defined]  # it is a sentinel's pool
