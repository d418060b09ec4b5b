"""Starts and stops what runs in the background for the objects of a container."""

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
async def lifespan(container: Container) -> AsyncIterator[None]:
    """Runs the embedded server, the store's clock and the live event recorder during a block.

    The connections are closed after the block. A store that is unavailable does not prevent the start.

    Raises:
        ConfigurationError: The embedded server cannot run with this configuration.
        ServerDidNotStartError: The embedded server did not start.
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
