"""The port that knows the keys of store targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ...domain.lease import Partition
    from ...domain.messages.store_target import StoreTarget


class StoreTargets(Protocol):
    """Streams, lists and channels of the store that holds the messages, so that one atomic step can write both."""

    def key_of(self, target: StoreTarget, partition: Partition) -> str:
        """Returns the key or the channel to which messages of a partition are published."""
        ...

    async def error_of(self, target: StoreTarget, partition: Partition) -> str | None:
        """Returns the reason, as text, why a message cannot be published now; `None` if it can be.

        Raises:
            StoreUnavailableError: The store did not answer.
        """
        ...
