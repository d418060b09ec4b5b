"""The primary that sentinels watch over."""

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
from .bounded import BoundedRedis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .url import Address

LOOK_EVERY_SECONDS = 1.0


def primary_behind(
    sentinels: Sequence[Address], service: str, options: Mapping[str, Any], sentinel_options: Mapping[str, Any]
) -> Redis:
    """Returns a client of whichever server is the primary when it connects.

    A connection whose server says that it is a replica now is closed, and the next asks the sentinels again.
    """
    pool_options = {name: value for name, value in options.items() if name != "connection_class"}
    pool = _PoolOfPrimary(  # type: ignore[no-untyped-call]  # as redis has it
        service,
        _Sentinels(sentinels, sentinel_options),
        ssl=issubclass(options["connection_class"], SSLConnection),
        **pool_options,
    )
    return _Primary.from_pool(pool)


class _Sentinels(Sentinel):
    """Passes on to the next sentinel when one hangs: redis-py's own would wait for it, each time anew.

    One question at a time: redis-py's own moves who answered to the front, and two at once may lose a sentinel.
    """

    def __init__(self, addresses: Sequence[Address], options: Mapping[str, Any]) -> None:
        super().__init__(())  # type: ignore[no-untyped-call]  # likewise
        self.sentinels = [
            BoundedRedis.from_pool(ConnectionPool(**{**options, "host": host, "port": port}))
            for host, port in addresses
        ]
        # It connects nowhere yet, but finds options that there are not.
        self.sentinels[0].connection_pool.make_connection()  # type: ignore[no-untyped-call]  # likewise
        self._asking = asyncio.Lock()

    async def discover_master(self, service_name: str) -> Address:
        """Returns the address of the primary, as the first sentinel has it that answers."""
        async with self._asking:
            address: Address = await super().discover_master(service_name)
            return address


class _PoolOfPrimary(SentinelConnectionPool):
    """Lets go of all connections once another is the primary: redis-py's own keeps those that are in use."""

    async def get_master_address(self) -> Address:
        """Returns the address of the primary, as the sentinels have it."""
        before = self.master_address
        address: Address = await super().get_master_address()  # type: ignore[no-untyped-call]  # as redis has it
        if before not in {None, address}:
            await self.update_active_connections_for_reconnect()  # type: ignore[no-untyped-call]  # likewise
        return address


class _Primary(Redis):
    """Asks the sentinels now and then who is the primary, while it is connected to one.

    A primary that was replaced learns of that late: after a failover that an operator asked for, ten seconds late.
    Until then it takes messages, and they are lost once it becomes a replica.
    """

    def __init__(self, *, connection_pool: _PoolOfPrimary) -> None:
        super().__init__(connection_pool=connection_pool)
        self._pool = connection_pool
        self._looked_at = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401  # as the driver has it
        """Sends a command to the primary and returns the answer."""
        looks = self._looking is not None and not self._looking.done()
        if not looks and time.monotonic() >= self._looked_at + LOOK_EVERY_SECONDS:
            self._looked_at = time.monotonic()
            # Not awaited: sentinels that are away are no reason to keep a primary waiting that is not.
            self._looking = asyncio.create_task(self._look())
        return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # as redis has it

    async def aclose(self, close_connection_pool: bool | None = None) -> None:  # noqa: FBT001  # as the driver has it
        """Closes all connections, those to the sentinels as well."""
        if self._looking is not None:
            await end_task(self._looking)
        await super().aclose(close_connection_pool)
        await self._pool.sentinel_manager.aclose()

    async def _look(self) -> None:
        with suppress(exceptions.RedisError, OSError):
            # When it is another, the pool lets go of its connections.
            await self._pool.get_master_address()
