"""Delivery loops in this process. Each has its own container, and therefore its own connections."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from dependency_injector import providers

from postdate.domain.lease import Partition
from postdate.entrypoints.container import Container
from postdate.entrypoints.lifespan import lifespan
from postdate.entrypoints.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .world import World


class LatenessLog:
    """A delivery log that measures how late each message is. The text of a message is its due time in ms."""

    def __init__(self) -> None:
        """Starts without measurements."""
        self.late_ms: list[float] = []

    def log(self, message: str) -> None:
        """Measures the lateness of a message."""
        self.late_ms.append(time.time() * 1000 - int(message))

    def error(self, message: str) -> None:
        """Fails the benchmark."""
        raise AssertionError(message)


@asynccontextmanager
async def running_instances(world: World, count: int) -> AsyncIterator[LatenessLog]:
    """Runs `count` delivery loops in the world's namespace. Stops them with the context."""
    log = LatenessLog()
    async with AsyncExitStack() as stack:
        containers = [_container(world, log) for _ in range(count)]
        for container in containers:
            await stack.enter_async_context(lifespan(container))
        loops = [container.delivery_loop(Partition(0)) for container in containers]
        async with asyncio.TaskGroup() as tasks:
            for loop in loops:
                tasks.create_task(loop.run())
            try:
                yield log
            finally:
                for loop in loops:
                    loop.stop()


def _container(world: World, log: LatenessLog) -> Container:
    container = Container(settings=Settings(redis_url=world.url, namespace=world.namespace))
    container.delivery_log.override(providers.Object(log))
    return container
