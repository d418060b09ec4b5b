"""The port that wakes a sleeper whose next message has become an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractAsyncContextManager

    from ...domain.lease import Partition


class Doorbell(Protocol):
    """Says "something earlier than you expect was added". A hint: a lost ring costs time, never a message."""

    def ring(self, partitions: Collection[Partition]) -> None:
        """Rings in each partition. Returns at once, never raises; rings in quick succession may become one."""
        ...

    def listen(self, partition: Partition, on_ring: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Calls `on_ring` after each ring within the context, in the event loop that entered it.

        It is also called when rings may have been missed, as after a broken connection. Entering does not wait
        for a store that is away.
        """
        ...
