"""What lives beside the objects of a container, for as long as they are used."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

from ..application.end_task import end_task
from ..domain.errors import StoreFullError, StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .container import Container


@asynccontextmanager
async def closing(container: Container) -> AsyncIterator[None]:
    """Keeps what lives beside the objects: the embedded server, the store's clock, the connections.

    Raises:
        ConfigurationError: the embedded server cannot be had like this.
        ServerDidNotStartError: it did not start.
    """
    async with AsyncExitStack() as stack:
        embedded = container.embedded()
        if embedded is not None:
            await embedded.start()
            stack.push_async_callback(embedded.stop)
            stack.push_async_callback(end_task, asyncio.create_task(embedded.keep_running()))
        stack.push_async_callback(container.redis().aclose)
        with suppress(StoreUnavailableError):
            await container.store_clock().set()
        with suppress(StoreUnavailableError, StoreFullError):
            await container.partition_registration().register()
        stack.push_async_callback(end_task, asyncio.create_task(container.store_clock().keep_set()))
        stack.push_async_callback(container.live_event_recorder().flush)
        stack.push_async_callback(end_task, asyncio.create_task(container.live_event_recorder().keep_writing()))
        stack.push_async_callback(container.channels().aclose)
        yield
