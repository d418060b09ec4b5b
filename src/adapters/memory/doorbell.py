"""A doorbell in this process."""

from __future__ import annotations

from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from ...domain.lease import Partition


class MemoryDoorbell:
    """Calls its listeners directly."""

    def __init__(self) -> None:
        self._listeners: dict[Partition, list[Callable[[], None]]] = defaultdict(list)

    def ring(self, partitions: Collection[Partition]) -> None:
        """Calls the listeners of each partition."""
        for partition in partitions:
            for on_ring in list(self._listeners[partition]):
                on_ring()

    @asynccontextmanager
    async def listen(self, partition: Partition, on_ring: Callable[[], None]) -> AsyncIterator[None]:
        """Adds a listener while the context is open."""
        self._listeners[partition].append(on_ring)
        try:
            yield
        finally:
            self._listeners[partition].remove(on_ring)
