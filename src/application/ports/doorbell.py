"""The port that wakes a sleeping deliverer when an earlier message is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from contextlib import AbstractAsyncContextManager

    from ...domain.lease import Partition


class Doorbell(Protocol):
    """Tells the listeners of a partition that its next due time became earlier.

    A ring is a hint: if one is lost, a message is delivered later, but it is never lost.
    """

    def ring(self, partitions: Collection[Partition]) -> None:
        """Rings in each partition. Returns at once and never raises. Rings in quick succession may become one."""
        ...

    def listen(self, partition: Partition, on_ring: Callable[[], None]) -> AbstractAsyncContextManager[None]:
        """Calls `on_ring` after each ring while the context is open, in the event loop that entered the context.

        `on_ring` is also called when rings may have been missed, for example after a lost connection. Entering the
        context does not wait for a store that is unavailable.
        """
        ...
