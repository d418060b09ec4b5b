"""Delivery loops in this process, each with a container, and so with connections, of its own."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from dependency_injector import providers

from postdate.domain.lease import Partition
from postdate.entrypoints.closing import closing
from postdate.entrypoints.container import Container
from postdate.entrypoints.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .world import World


class NotingLog:
    """A delivery log that takes down how late each message was, whose text is when it was due in ms."""

    def __init__(self) -> None:
        """Begins with nothing noted."""
        self.late_ms: list[float] = []

    def log(self, message: str) -> None:
        """Takes one down."""
        self.late_ms.append(time.time() * 1000 - int(message))

    def error(self, message: str) -> None:
        """Fails the benchmark."""
        raise AssertionError(message)


@asynccontextmanager
async def running_instances(world: World, count: int) -> AsyncIterator[NotingLog]:
    """Runs so many delivery loops in the world's namespace, and stops them."""
    log = NotingLog()
    async with AsyncExitStack() as stack:
        containers = [_container(world, log) for _ in range(count)]
        for container in containers:
            await stack.enter_async_context(closing(container))
        loops = [container.delivery_loop(Partition(0)) for container in containers]
        async with asyncio.TaskGroup() as tasks:
            for loop in loops:
                tasks.create_task(loop.run())
            try:
                yield log
            finally:
                for loop in loops:
                    loop.stop()


def _container(world: World, log: NotingLog) -> Container:
    container = Container(settings=Settings(redis_url=world.url, namespace=world.namespace))
    container.delivery_log.override(providers.Object(log))
    return container
