"""A client of the primary that sentinels monitor."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from redis import exceptions
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import SSLConnection
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool

from ....application.end_task import end_task
from .bounded_redis import BoundedRedis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .url import Address

CHECK_SECONDS = 1.0
"""The interval between two checks which server is the primary."""


def primary_client(
    sentinels: Sequence[Address], service: str, options: Mapping[str, Any], sentinel_options: Mapping[str, Any]
) -> Redis:
    """Returns a client that connects to the server that is the primary at that time.

    If a server reports that it is a replica now, its connection is closed. The next connection asks the sentinels
    again.
    """
    pool_options = {name: value for name, value in options.items() if name != "connection_class"}
    pool = _PrimaryPool(  # type: ignore[no-untyped-call]  # untyped in redis
        service,
        _Sentinels(sentinels, sentinel_options),
        ssl=issubclass(options["connection_class"], SSLConnection),
        **pool_options,
    )
    return _Primary.from_pool(pool)


class _Sentinels(Sentinel):
    """Asks the next sentinel if one hangs. redis-py's own class would wait for the hanging one, in every call.

    It asks one question at a time: redis-py's own class moves the sentinel that answered to the front of its list,
    and two questions at the same time may remove a sentinel from the list.
    """

    def __init__(self, addresses: Sequence[Address], options: Mapping[str, Any]) -> None:
        super().__init__(())  # type: ignore[no-untyped-call]  # untyped in redis
        self.sentinels = [
            BoundedRedis.from_pool(ConnectionPool(**{**options, "host": host, "port": port}))
            for host, port in addresses
        ]
        # This does not connect yet, but raises for unknown options.
        self.sentinels[0].connection_pool.make_connection()  # type: ignore[no-untyped-call]  # untyped in redis
        self._asking = asyncio.Lock()

    async def discover_master(self, service_name: str) -> Address:
        """Returns the address of the primary according to the first sentinel that answers."""
        async with self._asking:
            address: Address = await super().discover_master(service_name)
            return address


class _PrimaryPool(SentinelConnectionPool):
    """Closes all connections when the primary changes. redis-py's own class keeps those in use."""

    async def get_master_address(self) -> Address:
        """Returns the address of the primary according to the sentinels."""
        before = self.master_address
        address: Address = await super().get_master_address()  # type: ignore[no-untyped-call]  # untyped in redis
        if before not in {None, address}:
            await self.update_active_connections_for_reconnect()  # type: ignore[no-untyped-call]  # untyped in redis
        return address


class _Primary(Redis):
    """A client that asks the sentinels every `CHECK_SECONDS` which server is the primary, while it is in use.

    A primary that was replaced learns of it late: ten seconds late after a failover by an operator. Until then it
    accepts messages, which are lost when it becomes a replica.
    """

    def __init__(self, *, connection_pool: _PrimaryPool) -> None:
        super().__init__(connection_pool=connection_pool)
        self._pool = connection_pool
        self._checked_at = 0.0
        self._check: asyncio.Task[None] | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # the driver's signature
        """Sends a command to the primary and returns the answer."""
        is_checking = self._check is not None and not self._check.done()
        if not is_checking and time.monotonic() >= self._checked_at + CHECK_SECONDS:
            self._checked_at = time.monotonic()
            # Not awaited: unavailable sentinels must not delay a command to an available primary.
            self._check = asyncio.create_task(self._check_primary())
        return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # untyped in redis

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # the driver's signature
        """Closes all connections, including those to the sentinels."""
        if self._check is not None:
            await end_task(self._check)
        await super().aclose(close_connection_pool)
        await self._pool.sentinel_manager.aclose()

    async def _check_primary(self) -> None:
        with suppress(exceptions.RedisError, OSError):
            # If the primary has changed, the pool closes its connections.
            await self._pool.get_master_address()
